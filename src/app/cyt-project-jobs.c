/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-project-jobs.h"

CytProjectState *
cyt_project_state_new (void)
{
  return g_new0 (CytProjectState, 1);
}

void
cyt_project_state_free (CytProjectState *self)
{
  g_clear_pointer (&self->project, cyt_project_close);
  g_free (self);
}

/* ---- The view ---- */

void
cyt_project_view_free (CytProjectView *self)
{
  g_free (self->path);
  g_clear_pointer (&self->model_files, cyt_model_files_unref);
  g_clear_pointer (&self->datasets, g_ptr_array_unref);
  g_free (self->rows);
  g_strfreev (self->labels);
  g_clear_pointer (&self->concepts, g_ptr_array_unref);
  g_free (self);
}

CytViewRequest *
cyt_view_request_new (const char *path, gint64 dataset, gboolean only_if_changed)
{
  CytViewRequest *self = g_new0 (CytViewRequest, 1);

  self->path = g_strdup (path);
  self->dataset = dataset;
  self->only_if_changed = only_if_changed;
  return self;
}

void
cyt_view_request_free (CytViewRequest *self)
{
  g_free (self->path);
  g_free (self);
}

gpointer
cyt_project_job_load_view (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectState *self = state;
  CytViewRequest *request = data;
  g_autoptr (CytProjectView) view = g_new0 (CytProjectView, 1);
  gint64 version;

  if (request->path != NULL)
    {
      g_clear_pointer (&self->project, cyt_project_close);
      self->project = cyt_project_open (request->path, CYT_PROJECT_READ_WRITE, error);
      if (self->project == NULL)
        return NULL;
    }
  view->path = g_strdup (cyt_project_get_path (self->project));
  view->read_only = cyt_project_is_read_only (self->project);
  if (!cyt_project_is_simulated (self->project, &view->simulated, error))
    return NULL;
  view->model_files = cyt_model_files_new_for_project (self->project);

  version = cyt_project_get_data_version (self->project);
  if (request->only_if_changed && version == self->data_version)
    return g_steal_pointer (&view);
  self->data_version = version;

  view->datasets = cyt_project_list_datasets (self->project, error);
  if (view->datasets == NULL)
    return NULL;
  view->dataset = -1;
  for (guint i = 0; i < view->datasets->len; i++)
    {
      const CytDataset *dataset = view->datasets->pdata[i];

      if (i == 0 || dataset->id == request->dataset)
        view->dataset = dataset->id;
    }
  view->d_sae = cyt_project_get_d_sae (self->project);
  view->rows = g_new0 (CytLatentRow, MAX (1, view->d_sae));
  if (view->dataset >= 0)
    {
      if (!cyt_project_load_latent_rows (self->project, view->dataset, view->rows, error))
        return NULL;
      view->labels = cyt_project_list_labels (self->project, view->dataset, error);
      if (view->labels == NULL)
        return NULL;
    }
  view->concepts = cyt_project_list_concepts (self->project, error);
  if (view->concepts == NULL)
    return NULL;
  return g_steal_pointer (&view);
}

/* ---- One latent ---- */

CytLatentRequest *
cyt_latent_request_new (gint64 dataset, guint latent)
{
  CytLatentRequest *self = g_new0 (CytLatentRequest, 1);

  self->dataset = dataset;
  self->latent = latent;
  return self;
}

gpointer
cyt_project_job_load_changes (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectState *self = state;
  CytLatentRequest *request = data;

  return cyt_project_list_changes (self->project, request->latent, error);
}

gpointer
cyt_project_job_load_failures (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectState *self = state;
  CytLatentRequest *request = data;

  return cyt_project_list_failures (self->project, request->dataset, error);
}

/* ---- Saving ---- */

CytSaveRequest *
cyt_save_request_new (const char *what)
{
  CytSaveRequest *self = g_new0 (CytSaveRequest, 1);

  self->labels = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_label_free);
  self->what = g_strdup (what);
  return self;
}

void
cyt_save_request_free (CytSaveRequest *self)
{
  g_ptr_array_unref (self->labels);
  g_free (self->rater);
  g_free (self->what);
  g_free (self);
}

gpointer
cyt_project_job_save (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectState *self = state;
  CytSaveRequest *request = data;
  GPtrArray *stored = NULL;

  cyt_project_set_labels (self->project, request->labels, request->rater, request->what, NULL, &stored, error);
  return stored;
}
