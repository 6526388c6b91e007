/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-labels-merge.h"
#include "project/cyt-locate.h"
#include "project/cyt-pack.h"

#include "cyt-session.h"

G_BEGIN_DECLS

/* What the session does with files that go to or come from other people (cyt-session-share.c). */

/* Reads a file of labels and makes its labels one edit, which is told by an "undo-toast"; failure by "failed". */
void cyt_session_import_labels (CytSession *self, const char *path);
/* Writes all labels; told by "toast" or "failed". */
void cyt_session_export_labels (CytSession *self, const char *path);

/* Lays files of labels (NULL-terminated) beside the project's, for the user to choose in. (transfer full) */
void cyt_session_load_merge_async (CytSession *self, const char *const *paths, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
CytLabelsMerge *cyt_session_load_merge_finish (CytSession *self, GAsyncResult *result, GError **error);
/* Makes what was chosen one edit, told by an "undo-toast". */
void cyt_session_apply_merge (CytSession *self, const CytLabelsMerge *merge);

/* cyt_pack_write() of the project with all edits that were made; @progress stays the caller's, and has to stay until
 * @callback. @n_missing may be NULL. */
void cyt_session_pack_async (CytSession *self, const char *out, guint thumbnail_size, CytProgress *progress,
                             GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean cyt_session_pack_finish (CytSession *self, GAsyncResult *result, gsize *n_missing, GError **error);
void cyt_session_estimate_pack_async (CytSession *self, guint thumbnail_size, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
gboolean cyt_session_estimate_pack_finish (CytSession *self, GAsyncResult *result, CytPackEstimate *estimate,
                                           GError **error);

/* Whether the images of the data set that shows are nowhere to be found: not one of some of them is. */
void cyt_session_find_images_async (CytSession *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean cyt_session_find_images_finish (CytSession *self, GAsyncResult *result, gboolean *missing, GError **error);
/* cyt_locate_images() for the data set that shows; @progress as above. (transfer full) */
void cyt_session_locate_async (CytSession *self, const char *folder, CytProgress *progress, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
CytLocateResult *cyt_session_locate_finish (CytSession *self, GAsyncResult *result, GError **error);
/* Takes the data set's images from @root from now on, and shows them. */
void cyt_session_set_root (CytSession *self, gint64 dataset, const char *root);
/* Says how wide a pixel of its images is (µm; NAN: unknown), an edit told by an "undo-toast", or "failed". */
void cyt_session_set_pixel_size (CytSession *self, gint64 dataset, double pixel_size);

G_END_DECLS
