/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project/cyt-recount.h"

#include "cyt-session-private.h"

/* A thread beside the project's, with a connection of its own: what is asked here reads every cell. */
static CytWorker *
get_analyst (CytSession *self)
{
  if (self->analyst == NULL)
    self->analyst = cyt_worker_new ("analyst", cyt_project_state_new (), (GDestroyNotify) cyt_project_state_free);
  return self->analyst;
}

void
cyt_session_load_patients_async (CytSession *self, double threshold, gboolean skip_marked, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  const CytDataset *dataset = cyt_session_get_dataset (self);

  g_return_if_fail (CYT_IS_SESSION (self) && dataset != NULL);

  cyt_worker_run_async (get_analyst (self), cyt_project_job_load_patients,
                        cyt_patients_request_new (self->path, dataset->id, threshold, skip_marked),
                        (GDestroyNotify) cyt_patients_request_free, (GDestroyNotify) cyt_patients_view_unref,
                        G_PRIORITY_DEFAULT, cyt_session_load_patients_async, cancellable, callback, user_data);
}

CytPatientsView *
cyt_session_load_patients_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), NULL);
  return cyt_worker_run_finish (self->analyst, result, error);
}

void
cyt_session_load_patient_cells_async (CytSession *self, const char *patient, guint latent, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data)
{
  const CytDataset *dataset = cyt_session_get_dataset (self);

  g_return_if_fail (CYT_IS_SESSION (self) && dataset != NULL && patient != NULL);

  cyt_worker_run_async (get_analyst (self), cyt_project_job_load_patient_cells,
                        cyt_patient_cells_request_new (self->path, dataset->id, patient, latent),
                        (GDestroyNotify) cyt_patient_cells_request_free, (GDestroyNotify) g_ptr_array_unref,
                        G_PRIORITY_HIGH, cyt_session_load_patient_cells_async, cancellable, callback, user_data);
}

GPtrArray *
cyt_session_load_patient_cells_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), NULL);
  return cyt_worker_run_finish (self->analyst, result, error);
}

/* ---- Every threshold ---- */

typedef struct
{
  char *path;
  char *dataset;
  CytModelFiles *files;
  CytProgress *progress;
} CountRequest;

static void
count_request_free (CountRequest *self)
{
  g_free (self->path);
  g_free (self->dataset);
  cyt_model_files_unref (self->files);
  cyt_progress_free (self->progress);
  g_free (self);
}

static gpointer
count_job (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  const CountRequest *request = data;
  g_autoptr (CytSharedModels) models = NULL;

  cyt_session_engine_give_way ();
  models = cyt_model_store_get (state, request->files, cancellable, error);
  return GINT_TO_POINTER (models != NULL
                          && cyt_recount_run_levels (request->path, models->models, request->dataset, 0, request->progress,
                                                     cancellable, error));
}

void
cyt_session_count_levels_async (CytSession *self, CytProgress *progress, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  const CytDataset *dataset = cyt_session_get_dataset (self);
  CountRequest *request;

  g_return_if_fail (CYT_IS_SESSION (self) && dataset != NULL && self->model_files != NULL && progress != NULL);

  request = g_new0 (CountRequest, 1);
  request->path = g_strdup (self->path);
  request->dataset = g_strdup (dataset->name);
  request->files = cyt_model_files_ref (self->model_files);
  request->progress = progress;
  cyt_worker_run_async (cyt_session_get_engine (self), count_job, request, (GDestroyNotify) count_request_free, NULL,
                        G_PRIORITY_DEFAULT, cyt_session_count_levels_async, cancellable, callback, user_data);
}

gboolean
cyt_session_count_levels_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GObject) engine = g_async_result_get_source_object (result);

  return cyt_worker_run_finish (CYT_WORKER (engine), result, error) != NULL;
}

/* ---- Classification ---- */

static gpointer
classify_job (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  cyt_session_engine_give_way ();
  return cyt_project_job_classify (state, data, cancellable, error);
}

void
cyt_session_classify_async (CytSession *self, CytPatientsView *view, gboolean with_encoder, CytProgress *progress,
                            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && self->model_files != NULL && view != NULL && progress != NULL);

  cyt_worker_run_async (cyt_session_get_engine (self), classify_job,
                        cyt_class_request_new (self->path, view, self->model_files, with_encoder, progress),
                        (GDestroyNotify) cyt_class_request_free, (GDestroyNotify) cyt_class_result_unref, G_PRIORITY_DEFAULT,
                        cyt_session_classify_async, cancellable, callback, user_data);
}

CytClassResult *
cyt_session_classify_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GObject) engine = g_async_result_get_source_object (result);

  return cyt_worker_run_finish (CYT_WORKER (engine), result, error);
}

void
cyt_session_load_evidence_async (CytSession *self, CytClassResult *result, guint row, int explained,
                                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && result != NULL);

  cyt_worker_run_async (get_analyst (self), cyt_project_job_load_evidence,
                        cyt_evidence_request_new (self->path, result, row, explained),
                        (GDestroyNotify) cyt_evidence_request_free, (GDestroyNotify) cyt_evidence_free, G_PRIORITY_DEFAULT,
                        cyt_session_load_evidence_async, cancellable, callback, user_data);
}

CytEvidence *
cyt_session_load_evidence_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), NULL);
  return cyt_worker_run_finish (self->analyst, result, error);
}

/* ---- Stability, confounds ---- */

void
cyt_session_load_stability_async (CytSession *self, CytPatientsView *view, const char *patient, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && view != NULL && patient != NULL);

  cyt_worker_run_async (get_analyst (self), cyt_project_job_load_stability,
                        cyt_stability_request_new (self->path, &view->options, patient),
                        (GDestroyNotify) cyt_stability_request_free, (GDestroyNotify) cyt_stability_free, G_PRIORITY_LOW,
                        cyt_session_load_stability_async, cancellable, callback, user_data);
}

CytStability *
cyt_session_load_stability_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), NULL);
  return cyt_worker_run_finish (self->analyst, result, error);
}

void
cyt_session_load_confounds_async (CytSession *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && self->path != NULL);

  cyt_worker_run_async (get_analyst (self), cyt_project_job_load_confounds, g_strdup (self->path), g_free,
                        (GDestroyNotify) g_array_unref, G_PRIORITY_LOW, cyt_session_load_confounds_async, cancellable,
                        callback, user_data);
}

GArray *
cyt_session_load_confounds_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), NULL);
  return cyt_worker_run_finish (self->analyst, result, error);
}

void
cyt_session_patients_dispose (CytSession *self)
{
  g_clear_object (&self->analyst);
}
