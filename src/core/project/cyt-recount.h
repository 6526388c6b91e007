/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-indexer.h"

G_BEGIN_DECLS

/* Counts of tokens above another threshold than the index's. Scores and counts of the index cannot tell them, so
 * the cells walk through the models once more; the counts are kept in the project (table threshold_counts), and
 * asking for the same threshold again costs nothing; nor does a threshold that the levels tell (below).
 *
 * Counts the indexed cells of @dataset (its name) at @threshold (>= 0). Commits every few seconds; cancelled
 * (G_IO_ERROR_CANCELLED) it goes on there the next time. Errors: other models than the project's, or an image that
 * is not the one that was indexed (CYT_PROJECT_ERROR_MISMATCH); one that cannot be read any more; a project that
 * cannot be written (CYT_PROJECT_ERROR_READ_ONLY). */
gboolean cyt_recount_run (const char *path, const CytModels *models, const char *dataset, double threshold,
                          guint n_threads, CytProgress *progress, GCancellable *cancellable, GError **error);
/* The same for all thresholds of two digits in one pass (cyt-levels.h): every active token's level is kept (table
 * activation_levels), one byte each, from where cyt_project_scan_cells() counts at any of them. */
gboolean cyt_recount_run_levels (const char *path, const CytModels *models, const char *dataset, guint n_threads,
                                 CytProgress *progress, GCancellable *cancellable, GError **error);

G_END_DECLS
