/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* What the cells of one latent say: its quantiles, its histogram, its classes. Scores are those of
 * cyt_project_get_latent_cells(): means over all 257 tokens, of the cells on which it fires. */

/* Cells about a percentile of the score over the active cells. The n_active cells stand in a row, highest score first,
 * ties by position; percentile p (0…100) is at place (1 − p / 100) (n_active − 1) of it, counted from 0. Picked are the
 * @n neighbouring cells whose middle is nearest to that place, best first: p = 100 gives the best n, p = 0 the weakest
 * active n. @indices: (at least n) indices into the arrays of @cells; returns how many there are, min (n, n_active). */
gsize cyt_activation_pick (const CytLatentCells *cells, double percentile, gsize n, gsize *indices);

/* How many cells have a score in each of @n_bins equally wide steps of log10 from the lowest to the highest; the upper
 * end belongs to the last bin. One score alone gives one bin in which all are. */
typedef struct
{
  guint n_bins;
  double low, high;     /* scores at the ends; 0 without a cell */
  guint *counts;        /* (n_bins) */
} CytHistogram;
CytHistogram *cyt_histogram_new (const CytLatentCells *cells, guint n_bins);
void cyt_histogram_free (CytHistogram *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytHistogram, cyt_histogram_free)
/* Score at the lower end of a bin; @bin n_bins: the upper end of the last. */
double cyt_histogram_get_edge (const CytHistogram *self, guint bin);

/* A latent in one class of cells. */
typedef struct
{
  guint n_cells;        /* of the class that were read */
  guint n_active;       /* of those, with score > 0 */
  double mean;          /* score, mean over all n_cells: 0 for the others; NAN without a cell */
} CytClassActivation;
/* @classes: (n_positions) class of each cell, -1: none or not read. out: (n_classes). */
void cyt_activation_profile (const CytLatentCells *cells, const gint32 *classes, gsize n_positions, guint n_classes,
                             CytClassActivation *out);

/* Class of each cell of a data set, an index into cyt_project_list_labels(); -1: it has none, or was not read. Of
 * gint32, by position. */
GArray *cyt_project_load_classes (CytProject *project, gint64 dataset, GError **error);

G_END_DECLS
