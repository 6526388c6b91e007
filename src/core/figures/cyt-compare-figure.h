/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-barcodes.h"
#include "figures/cyt-figure.h"

G_BEGIN_DECLS

/* The barcodes of two diseases against each other, a point for each latent, with the line y = x; the largest differences
 * each way have the diseases' colours, the strongest their names. Where the figure is wide, a list of these beside it. */
#define CYT_COMPARE_FIGURE_MAX_HIGHLIGHTS 1000
#define CYT_COMPARE_FIGURE_MAX_LABELS 50

typedef struct
{
  CytBarcodesOptions barcodes;   /* by is ignored */
  const char *a;                 /* disease, below */
  const char *b;                 /* disease, at the left; NULL: all others */
  guint n_highlights;            /* coloured, each way */
  guint n_labels;                /* named, each way */
} CytCompareFigureRequest;
#define CYT_COMPARE_FIGURE_REQUEST_INIT { CYT_BARCODES_OPTIONS_INIT, NULL, NULL, 50, 5 }

CytFigure *cyt_compare_figure_new (CytProject *project, const CytCompareFigureRequest *request, GCancellable *cancellable,
                                   GError **error);

G_END_DECLS
