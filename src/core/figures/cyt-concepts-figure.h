/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-figure.h"
#include "figures/cyt-overlay.h"

G_BEGIN_DECLS

/* The concept grid: several latents, each with its name, its statistics and its best cells under their maps. */
#define CYT_CONCEPTS_FIGURE_MAX_LATENTS 200
#define CYT_CONCEPTS_FIGURE_MAX_CELLS 100
#define CYT_CONCEPTS_FIGURE_CELLS 8

typedef struct
{
  const char *dataset;        /* name */
  const guint32 *latents;     /* (n_latents), 1 … MAX_LATENTS, from top to bottom */
  gsize n_latents;
  guint n_cells;              /* of each, 1 … MAX_CELLS */
  CytOverlayStyle overlay;    /* scale_max <= 0: the largest activation among a latent's cells, common to them */
  gboolean scale_bar;         /* CYT_TABLE_ERROR_VALUE where the data set's pixel size is not known */
} CytConceptsFigureRequest;
#define CYT_CONCEPTS_FIGURE_REQUEST_INIT { .n_cells = CYT_CONCEPTS_FIGURE_CELLS, .overlay = CYT_OVERLAY_STYLE_INIT }

/* Images come from the data set's folder, else from the stored thumbnails, and the caption says so. */
CytFigure *cyt_concepts_figure_new (CytProject *project, const CytConceptsFigureRequest *request, GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
