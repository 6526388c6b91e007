/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "io/cyt-dtype.h"

G_BEGIN_DECLS

/* Writes a C-order .npy (format 1.0) row by row. The file appears under its name only in
 * cyt_npy_writer_close(); until then it is NAME.part beside it, which free() removes.
 * A failed write (disk full, read-only folder) is an error that names the file. */
typedef struct _CytNpyWriter CytNpyWriter;

/* @shape: (n_dims), the first dimension known beforehand. dtype: f32, u8, u16, i32, i64 or f64. */
CytNpyWriter *cyt_npy_writer_new (const char *path, CytDtype dtype, guint n_dims, const gint64 *shape,
                                  GError **error);
/* Appends @n_elements elements of the writer's dtype. */
gboolean cyt_npy_writer_append (CytNpyWriter *self, gconstpointer data, gsize n_elements, GError **error);
/* Checks that every element was written, syncs, and gives the file its name. */
gboolean cyt_npy_writer_close (CytNpyWriter *self, GError **error);
void cyt_npy_writer_free (CytNpyWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytNpyWriter, cyt_npy_writer_free)

/* Reading is cyt_checkpoint_open(): an .npy is a checkpoint of one tensor named "". */

G_END_DECLS
