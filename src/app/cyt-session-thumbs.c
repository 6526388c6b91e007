/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-project-jobs-thumbs.h"
#include "cyt-session-private.h"

void
cyt_session_load_thumbs_async (CytSession *self, gint64 dataset, GArray *latents, guint n_best,
                               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL);

  /* After the cells of the selected latent, for which somebody waits. */
  cyt_worker_run_async (self->project, cyt_project_job_load_thumbs, cyt_thumbs_request_new (dataset, latents, n_best),
                        (GDestroyNotify) cyt_thumbs_request_free, (GDestroyNotify) g_ptr_array_unref,
                        G_PRIORITY_DEFAULT, cyt_session_load_thumbs_async, cancellable, callback, user_data);
}

GPtrArray *
cyt_session_load_thumbs_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), NULL);
  return cyt_worker_run_finish (self->project, result, error);
}
