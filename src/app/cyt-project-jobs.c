/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cyt-project-jobs-filters.h"
#include "cyt-project-jobs.h"
#include "project/cyt-project-measures.h"

CytProjectState *
cyt_project_state_new (void)
{
  return g_new0 (CytProjectState, 1);
}

void
cyt_project_state_free (CytProjectState *self)
{
  g_clear_pointer (&self->levels, cyt_level_barcodes_free);
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
  g_clear_pointer (&self->tables, g_ptr_array_unref);
  g_clear_pointer (&self->concepts, g_ptr_array_unref);
  g_clear_pointer (&self->filters, g_hash_table_unref);
  g_free (self);
}

CytViewRequest *
cyt_view_request_new (const char *path, gboolean only_if_changed)
{
  CytViewRequest *self = g_new0 (CytViewRequest, 1);

  self->path = g_strdup (path);
  self->only_if_changed = only_if_changed;
  return self;
}

void
cyt_view_request_free (CytViewRequest *self)
{
  g_free (self->path);
  g_free (self);
}

/* NULL without error when nothing was measured and nothing is suggested. */
static CytLatentMeasured *
load_measured (CytProject *project, gint64 dataset, GError **error)
{
  g_autoptr (CytLatentMeasured) measured = g_new0 (CytLatentMeasured, 1);
  g_autoptr (GPtrArray) measures = cyt_project_list_measures (project, dataset, NULL, NULL, error);
  gboolean found = FALSE;

  measured->n_latents = cyt_project_get_d_sae (project);
  measured->rows = g_new (CytMeasuresRow, MAX (1, measured->n_latents));
  if (measures == NULL || (measured->attributes = cyt_project_list_attributes (project, dataset, error)) == NULL
      || (measured->suggestions = cyt_project_list_suggestions (project, dataset, -1, error)) == NULL
      || !cyt_project_load_measures_rows (project, dataset, measured->rows, &found, error))
    return NULL;
  if (found && measures->len > 0)
    {
      CytMeasures *sae = measures->pdata[0];

      measured->n_images = sae->n_images;
      measured->monosemanticity_chance = sae->monosemanticity_chance;
      measured->classes = g_steal_pointer (&sae->classes);
      measured->structures = g_steal_pointer (&sae->structures);
      return g_steal_pointer (&measured);
    }
  g_clear_pointer (&measured->rows, g_free);
  return measured->suggestions->len > 0 ? g_steal_pointer (&measured) : NULL;
}

static gboolean
load_table (CytProject *project, const CytDataset *dataset, GPtrArray *tables, GError **error)
{
  gsize n = cyt_project_get_d_sae (project);
  g_autofree CytLatentRow *rows = g_new0 (CytLatentRow, MAX (1, n));
  g_auto (GStrv) labels = NULL;
  g_autoptr (CytLatentMeasured) measured = NULL;
  g_autoptr (GError) local = NULL;
  CytLatentTable *table;

  if (!cyt_project_load_latent_rows (project, dataset->id, rows, error))
    return FALSE;
  labels = cyt_project_list_labels (project, dataset->id, error);
  if (labels == NULL)
    return FALSE;
  measured = load_measured (project, dataset->id, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  table = cyt_latent_table_new (dataset->id, dataset->name, g_steal_pointer (&rows), n, g_steal_pointer (&labels));
  cyt_latent_table_set_measured (table, g_steal_pointer (&measured));
  g_ptr_array_add (tables, table);
  return TRUE;
}

static CytLatentTable *
make_silent_table (gsize n)
{
  CytLatentRow *rows = g_new0 (CytLatentRow, MAX (1, n));

  for (gsize i = 0; i < n; i++)
    rows[i] = (CytLatentRow) { .latent = i, .entropy = NAN, .purity = NAN, .majority = -1 };
  return cyt_latent_table_new (-1, "", rows, n, NULL);
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
  view->tables = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_latent_table_free);
  for (guint i = 0; i < view->datasets->len; i++)
    if (!load_table (self->project, view->datasets->pdata[i], view->tables, error))
      return NULL;
  if (view->tables->len == 0)
    g_ptr_array_add (view->tables, make_silent_table (cyt_project_get_d_sae (self->project)));
  view->concepts = cyt_project_list_concepts (self->project, error);
  if (view->concepts == NULL)
    return NULL;
  view->filters = cyt_project_list_settings (self->project, CYT_SAVED_FILTER_PREFIX, error);
  if (view->filters == NULL)
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

  cyt_project_set_labels (self->project, request->labels, request->rater != NULL ? request->rater : "", request->what,
                          NULL, &stored, error);
  return stored;
}

void
cyt_sign_request_free (CytSignRequest *self)
{
  g_free (self->rater);
  g_free (self);
}

gpointer
cyt_project_job_sign (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectState *self = state;
  const CytSignRequest *request = data;

  return GINT_TO_POINTER (cyt_project_sign_labels (self->project, request->rater, request->since, error));
}
