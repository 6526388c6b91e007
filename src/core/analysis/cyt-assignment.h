/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "model/cyt-progress.h"

G_BEGIN_DECLS

/* The one-to-one assignment of the rows of a matrix to columns whose sum of values is largest: Jonker and Volgenant's
 * shortest augmenting paths for rectangular matrices (Crouse, IEEE Trans. Aerosp. Electron. Syst. 52, 2016), the algorithm of
 * scipy.optimize.linear_sum_assignment. Exact up to the rounding of doubles; of several best ones always the same.
 * in:  values (n_rows, n_columns) f32, finite; n_rows <= n_columns
 * out: columns (n_rows): each row's column, no column twice
 * Time: at most n_rows² · n_columns steps, in practice far fewer; memory beside the matrix: 32 bytes a column and 12 a row.
 * @progress: advanced by rows; NULL allowed. Errors: G_IO_ERROR_CANCELLED. */
gboolean cyt_assignment_solve (const float *values, gsize n_rows, gsize n_columns, guint32 *columns,
                               CytProgress *progress, GCancellable *cancellable, GError **error);

G_END_DECLS
