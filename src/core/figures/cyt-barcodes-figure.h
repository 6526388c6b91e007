/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-barcodes.h"
#include "figures/cyt-figure.h"

G_BEGIN_DECLS

/* Barcodes below each other over the latent index, their peaks named. Where several latents fall into a quarter of a
 * point, the highest is drawn. */
#define CYT_BARCODES_FIGURE_MAX_ROWS 24
#define CYT_BARCODES_FIGURE_MAX_LABELS 50

typedef struct
{
  CytBarcodesOptions barcodes;
  const char *const *rows;   /* names, in this order; NULL: all */
  guint n_labels;            /* peaks named of each row: its largest values */
} CytBarcodesFigureRequest;
#define CYT_BARCODES_FIGURE_REQUEST_INIT { CYT_BARCODES_OPTIONS_INIT, NULL, 5 }

/* CYT_TABLE_ERROR_VALUE for a row that there is not, or too many of them. */
CytFigure *cyt_barcodes_figure_new (CytProject *project, const CytBarcodesFigureRequest *request, GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
