/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-classification.h"
#include "figures/cyt-figure.h"

G_BEGIN_DECLS

/* The confusion matrix of a classification of patients: rows are their diseases, columns what was predicted; the colour is
 * the share of the row. */
typedef struct
{
  CytBarcodesOptions barcodes;       /* by is ignored */
  CytClassificationOptions classification;
  gboolean concepts_only;            /* features: latents with a name */
} CytConfusionFigureRequest;
#define CYT_CONFUSION_FIGURE_REQUEST_INIT { CYT_BARCODES_OPTIONS_INIT, CYT_CLASSIFICATION_OPTIONS_INIT, FALSE }

/* Runs the classification: errors and @progress are those of cyt_classification_run(). */
CytFigure *cyt_confusion_figure_new (CytProject *project, const CytConfusionFigureRequest *request, CytProgress *progress,
                                     GCancellable *cancellable, GError **error);

G_END_DECLS
