/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-evidence.h"
#include "figures/cyt-evidence-figure.h"
#include "project/cyt-model-store.h"

#include "cli-analysis.h"
#include "cli-output.h"

G_BEGIN_DECLS

/* Evidence of one patient, for the commands that tell it. */

/* What is asked for. */
typedef struct
{
  char *patient;           /* NULL: nothing */
  char *class;             /* the disease that it is about; NULL: the predicted one */
  gint64 n_concepts;
  gint64 n_cells;          /* of each */
} CliAsked;
#define CLI_ASKED_INIT { .n_concepts = 10, .n_cells = 5 }
void cli_asked_clear (CliAsked *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliAsked, cli_asked_clear)

/* Whether there are such a patient and such a disease: to be asked before long work. */
gboolean cli_asked_check (const CliAsked *self, CytProject *project, const CytBarcodes *patients, GError **error);

/* What evidence is taken from; all borrowed. */
typedef struct
{
  CytProject *project;
  const CliAnalysis *analysis;
  CytBarcodesOptions barcodes;               /* what the patients' barcodes are of */
  const CytBarcodes *patients;
  const CytFeatures *features;
  gboolean concepts_only;                    /* features are those of named concepts */
  const CytClassification *classification;   /* of features, with */
  const CytClassificationOptions *options;
  CytModelStore *store;                      /* loads the models when maps have to be computed, once */
} CliEvidenceSource;

/* cyt_evidence_new() of what is asked for, with a progress bar where maps have to be computed. Without the models for that,
 * a line on standard error says what is left out. */
CytEvidence *cli_evidence_new (const CliEvidenceSource *source, const CliAsked *asked, GError **error);
/* The same as a page. @controls: disease of the controls, or NULL. */
CytFigure *cli_evidence_make_page (const CliEvidenceSource *source, const CliAsked *asked, const char *controls,
                                   GError **error);
/* The folder for pages, unless there is one: to be asked for before long work. */
gboolean cli_evidence_make_folder (const char *folder, GError **error);
/* Pages of all patients as @folder/patient-NAME.pdf. @n: how many were written. */
gboolean cli_evidence_write_pages (const CliEvidenceSource *source, const CliAsked *asked, const char *folder, gsize *n,
                                   GError **error);
/* A member "evidence" of the object being built. */
void cli_evidence_add_json (const CytEvidence *evidence, JsonBuilder *builder);
void cli_evidence_print (const CytEvidence *evidence);

G_END_DECLS
