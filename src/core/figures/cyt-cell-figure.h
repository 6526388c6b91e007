/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-figure.h"
#include "figures/cyt-overlay.h"
#include "project/cyt-model-store.h"

G_BEGIN_DECLS

/* One cell, and beside it the same cell under the maps of some latents, computed with the project's models. */
#define CYT_CELL_FIGURE_MAX_MAPS 50
#define CYT_CELL_FIGURE_MAPS 5

typedef struct
{
  const char *dataset;        /* name: of the cell; for a file, whose τ and ubiquitous latents are meant */
  const char *cell;           /* its path in the data set, or NULL: */
  const char *image;          /* any picture */
  const guint32 *latents;     /* (n_latents), at most MAX_MAPS; n_latents 0: */
  gsize n_latents;
  guint n_maps;               /* the strongest of the cell, ubiquitous ones left out */
  CytOverlayStyle overlay;    /* scale_max <= 0: each map's own largest activation */
  gboolean scale_bar;         /* of a cell of a data set whose pixel size is known; else CYT_TABLE_ERROR_VALUE */
} CytCellFigureRequest;
#define CYT_CELL_FIGURE_REQUEST_INIT { .n_maps = CYT_CELL_FIGURE_MAPS, .overlay = CYT_OVERLAY_STYLE_INIT }

/* A published project has no models: CYT_MODELS_ERROR_PUBLISHED. */
CytFigure *cyt_cell_figure_new (CytProject *project, CytModelStore *store, const CytCellFigureRequest *request,
                                GCancellable *cancellable, GError **error);

G_END_DECLS
