/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-evidence.h"
#include "figures/cyt-figure.h"

G_BEGIN_DECLS

/* A page (A4) about one patient: what was predicted and how it was cross-validated, the contributions of concepts, the
 * barcode beside the controls', the cells that say most with their maps, and what all this does not say. */
typedef struct
{
  CytBarcodesOptions barcodes;                /* as the patients' barcodes were computed */
  const CytBarcodes *patients;
  const CytClassification *classification;
  const CytClassificationOptions *options;    /* of the classification */
  const CytEvidence *evidence;                /* of the patient; its maps complete if they can be */
  gboolean concepts_only;                     /* the features were named concepts */
  const char *controls;                       /* a disease; NULL: as cyt_patients_guess_controls(), or all others */
} CytEvidenceFigureRequest;
#define CYT_EVIDENCE_FIGURE_WIDTH 210.0       /* mm */
#define CYT_EVIDENCE_FIGURE_STYLE "plain"     /* to be read on paper */
#define CYT_EVIDENCE_FIGURE_N_CONCEPTS 12     /* no more concepts of the evidence are listed, */
#define CYT_EVIDENCE_FIGURE_N_CELLS 6         /* and no more cells of each are drawn */

/* Nothing of the request is needed afterwards. CYT_TABLE_ERROR_EMPTY with fewer than two controls. */
CytFigure *cyt_evidence_figure_new (CytProject *project, const CytEvidenceFigureRequest *request, GError **error);

G_END_DECLS
