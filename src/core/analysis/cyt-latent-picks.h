/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* Which of the cells of a latent to look at. Ranks count from 0, the highest score; of equal scores the
 * cell that comes first in the data set is the better one, as in the top lists. */

/* (n) indices into @cells, best first. (transfer full) */
guint32 *cyt_latent_picks_order (const CytLatentCells *cells);

/* First of @n_picks neighbouring ranks among @n that lie about the @p-quantile of the scores (0 the weakest,
 * 1 the best; the quantile of rank (1 − p)(n − 1)). @n_picks <= @n. */
gsize cyt_latent_picks_window (gsize n, gsize n_picks, double p);

/* The first of every group in @order: (at most n_max) ranks into @picks, ascending; how many. @group: by
 * position, equal ones the same pointer; a cell whose group is "" stands for itself. */
gsize cyt_latent_picks_one_per_group (const CytLatentCells *cells, const guint32 *order, const char *const *group,
                                      gsize n_max, guint32 *picks);

G_END_DECLS
