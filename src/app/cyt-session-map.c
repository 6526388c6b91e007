/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-project-jobs-map.h"
#include "cyt-session-private.h"

static CytWorker *
get_worker (CytSession *self)
{
  if (self->map_worker == NULL)
    self->map_worker = cyt_worker_new ("map", cyt_project_state_new (), (GDestroyNotify) cyt_project_state_free);
  return self->map_worker;
}

void
cyt_session_load_projection_async (CytSession *self, const char *method, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && self->state == CYT_SESSION_OPEN);

  cyt_worker_run_async (get_worker (self), cyt_project_job_load_projection,
                        cyt_map_request_new (self->path, method, self->model_files, -1),
                        (GDestroyNotify) cyt_map_request_free, (GDestroyNotify) cyt_projection_free,
                        G_PRIORITY_DEFAULT, cyt_session_load_projection_async, cancellable, callback, user_data);
}

CytProjection *
cyt_session_load_projection_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  return cyt_worker_run_finish (self->map_worker, result, error);
}

void
cyt_session_load_class_scores_async (CytSession *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  const CytDataset *dataset = cyt_session_get_dataset (self);

  g_return_if_fail (CYT_IS_SESSION (self) && dataset != NULL);

  cyt_worker_run_async (get_worker (self), cyt_project_job_load_class_scores,
                        cyt_map_request_new (self->path, NULL, NULL, dataset->id),
                        (GDestroyNotify) cyt_map_request_free, (GDestroyNotify) cyt_class_scores_free,
                        G_PRIORITY_DEFAULT, cyt_session_load_class_scores_async, cancellable, callback, user_data);
}

CytClassScores *
cyt_session_load_class_scores_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  return cyt_worker_run_finish (self->map_worker, result, error);
}
