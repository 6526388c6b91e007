/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-figure.h"

G_BEGIN_DECLS

/* All latents of a data set at once, a point each, coloured by the entropy of their best cells' classes: how often they fire
 * against how strongly, with histograms at the sides, or a projection of their decoder directions. Latents that never fire
 * have no point, those without an entropy are grey. */
typedef struct
{
  gint64 dataset;
  const CytProjection *projection;   /* of the project's SAE; NULL: frequency against mean activation */
  const guint32 *labelled;           /* (n_labelled) named; NULL: the concepts with a name, the most frequent first */
  gsize n_labelled;
  guint n_labels;                    /* where labelled is NULL: at most so many */
} CytMapFigureRequest;
#define CYT_MAP_FIGURE_REQUEST_INIT { -1, NULL, NULL, 0, 10 }
#define CYT_MAP_FIGURE_MAX_LABELS 100

/* CYT_TABLE_ERROR_EMPTY when nothing fires. */
CytFigure *cyt_map_figure_new (CytProject *project, const CytMapFigureRequest *request, GError **error);

G_END_DECLS
