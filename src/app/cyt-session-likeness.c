/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-session-private.h"

#define N_BINS 24
#define N_NEIGHBOURS 8

static CytWorker *
get_worker (CytSession *self)
{
  if (self->likeness == NULL)
    self->likeness = cyt_worker_new ("likeness", cyt_likeness_state_new (), (GDestroyNotify) cyt_likeness_state_free);
  return self->likeness;
}

static void
run (CytSession *self, CytWorkerFunc func, GDestroyNotify free_result, guint latent, CytLikeness likeness, guint n,
     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  const CytDataset *dataset = cyt_session_get_dataset (self);

  cyt_worker_run_async (get_worker (self), func,
                        cyt_likeness_request_new (self->path, self->model_files, dataset->id, latent, likeness, n),
                        (GDestroyNotify) cyt_likeness_request_free, free_result, G_PRIORITY_DEFAULT, run, cancellable,
                        callback, user_data);
}

void
cyt_session_load_profile_async (CytSession *self, guint latent, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && cyt_session_get_dataset (self) != NULL);

  run (self, cyt_project_job_load_profile, (GDestroyNotify) cyt_latent_profile_free, latent, 0, N_BINS, cancellable,
       callback, user_data);
}

CytLatentProfile *
cyt_session_load_profile_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), NULL);
  return cyt_worker_run_finish (self->likeness, result, error);
}

void
cyt_session_load_neighbours_async (CytSession *self, guint latent, CytLikeness likeness, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && cyt_session_get_dataset (self) != NULL);

  run (self, cyt_project_job_load_neighbours, (GDestroyNotify) g_array_unref, latent, likeness, N_NEIGHBOURS,
       cancellable, callback, user_data);
}

GArray *
cyt_session_load_neighbours_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), NULL);
  return cyt_worker_run_finish (self->likeness, result, error);
}
