/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

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

void
cyt_session_patients_dispose (CytSession *self)
{
  g_clear_object (&self->analyst);
}
