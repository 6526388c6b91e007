/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "io/cyt-checkpoint.h"

G_BEGIN_DECLS

/* What the loaders of encoder and SAE share: finding tensors by name and shape, and reading them. Private
 * to core/model. Every error is a CYT_CHECKPOINT_ERROR that begins with the file's name. */

gboolean cyt_weights_fail (CytCheckpoint *checkpoint, GError **error, int code, const char *format, ...)
    G_GNUC_PRINTF (4, 5); /* always FALSE */

/* "(768, 49152)" (transfer full). */
char *cyt_weights_format_shape (const CytTensorInfo *info);

/* Tensor @prefix@name, or NULL. */
const CytTensorInfo *cyt_weights_find (CytCheckpoint *checkpoint, const char *prefix, const char *name);

/* The tensor with @n_dims sizes as given (gint64 each; -1: any but 0) and real numbers; NULL with
 * CYT_CHECKPOINT_ERROR_MISMATCH that says what was expected and what was found. */
const CytTensorInfo *cyt_weights_require (CytCheckpoint *checkpoint, GError **error, const char *prefix,
                                          const char *name, guint n_dims, ...);

/* Repeated storage (stride 0) and compression let a small file announce any size: refuses a checkpoint
 * whose tensors below @prefix take far more memory than the file (CYT_CHECKPOINT_ERROR_TOO_LARGE). */
gboolean cyt_weights_check_size (CytCheckpoint *checkpoint, const char *prefix, GError **error);

/* Reads a whole tensor, out (n_elements), or some of its rows; NaN and infinities are refused. */
gboolean cyt_weights_read (CytCheckpoint *checkpoint, const CytTensorInfo *info, float *out, GError **error);
gboolean cyt_weights_read_rows (CytCheckpoint *checkpoint, const CytTensorInfo *info, gsize first_row,
                                gsize n_rows, float *out, GError **error);

G_END_DECLS
