/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "model/cyt-progress.h"

G_BEGIN_DECLS

/* Lloyd's k-means from given centres.
 * points: (n, dim) f64, row-major, finite. centres: (k, dim) f64, in: where to begin, out: the means of the
 * clusters. labels: (n) out, the nearest centre of each point, ties to the lower one; no cluster is empty: one that
 * ran empty takes the point farthest from its centre. 1 ≤ k ≤ n. Stops when no label changes, when the centres
 * together move by no more than @tolerance (squared), or after @max_iterations. @inertia: Σ over points of the
 * squared distance to their centre. @progress, or NULL, counts iterations, max_iterations + 1 in all. FALSE only when cancelled (G_IO_ERROR_CANCELLED).
 * Sums are doubles in list order. Source: S. Lloyd, Least squares quantization in PCM (1982); scikit-learn's
 * KMeans (algorithm="lloyd") gives the same from the same start. */
gboolean cyt_kmeans_lloyd (const double *points, gsize n, guint dim, guint k, double tolerance, guint max_iterations,
                           double *centres, guint32 *labels, double *inertia, CytProgress *progress,
                           GCancellable *cancellable, GError **error);

/* The best of several runs of the above, each from centres chosen one after the other with probability growing with
 * the squared distance to those before, of a few candidates the one that leaves the least (greedy k-means++,
 * D. Arthur and S. Vassilvitskii 2007). The same @seed gives the same result on every machine. */
gboolean cyt_kmeans_run (const double *points, gsize n, guint dim, guint k, guint64 seed, double *centres,
                         guint32 *labels, double *inertia, GCancellable *cancellable, GError **error);

G_END_DECLS
