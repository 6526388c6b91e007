/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "analysis/cyt-neighbours.h"
#include "io/cyt-error.h"

#include "cyt-cell-item.h"
#include "cyt-project-jobs-inspect.h"

struct _CytProjectReader
{
  char *path;
  CytProject *project;
};

CytCellRequest *
cyt_cell_request_new (gint64 dataset, gint64 cell, guint latent, CytCellTable *table)
{
  CytCellRequest *self = g_new0 (CytCellRequest, 1);

  self->dataset = dataset;
  self->cell = cell;
  self->latent = latent;
  self->table = table != NULL ? cyt_cell_table_ref (table) : NULL;
  return self;
}

void
cyt_cell_request_free (CytCellRequest *self)
{
  g_clear_pointer (&self->table, cyt_cell_table_unref);
  g_free (self);
}

/* ---- One cell ---- */

static CytDataset *
find_dataset (CytProject *project, gint64 id, GError **error)
{
  g_autoptr (GPtrArray) datasets = cyt_project_list_datasets (project, error);

  for (guint i = 0; datasets != NULL && i < datasets->len; i++)
    if (((CytDataset *) datasets->pdata[i])->id == id)
      return g_ptr_array_steal_index (datasets, i);
  if (datasets != NULL)
    g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: there is no data set %" G_GINT64_FORMAT,
                 cyt_project_get_path (project), id);
  return NULL;
}

static CytCellFacts *
load_facts (CytProject *project, gint64 cell, GError **error)
{
  g_autoptr (CytCellFacts) facts = g_new0 (CytCellFacts, 1);
  g_autoptr (GError) local = NULL;

  cyt_cell_latents_init (&facts->latents);
  cyt_cell_latents_init (&facts->top);
  if ((facts->cell = cyt_project_get_cell (project, cell, error)) == NULL
      || (facts->path = cyt_project_dup_cell_path (project, cell, error)) == NULL
      || (facts->dataset = find_dataset (project, facts->cell->dataset, error)) == NULL)
    return NULL;
  /* A thumbnail only stands in for a missing image. */
  facts->thumbnail = cyt_project_get_thumbnail (project, cell, NULL);
  if (!cyt_project_get_cell_latents (project, cell, &facts->latents, &local)
      && !g_error_matches (local, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (cyt_project_is_published (project)
      && !cyt_project_get_top_latents (project, facts->dataset->id, cell, &facts->top, error))
    return NULL;
  return g_steal_pointer (&facts);
}

gpointer
cyt_project_job_load_facts (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  return load_facts (((CytProjectState *) state)->project, ((const CytCellRequest *) data)->cell, error);
}

gpointer
cyt_project_job_find_facts (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProject *project = ((CytProjectState *) state)->project;
  gint64 cell = cyt_project_find_cell (project, data, error);

  if (cell == 0)
    g_set_error_literal (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "no such cell");
  return cell > 0 ? load_facts (project, cell, error) : NULL;
}

gpointer
cyt_project_job_load_top_entry (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProject *project = ((CytProjectState *) state)->project;
  const CytCellRequest *request = data;
  g_autoptr (GPtrArray) top = cyt_project_get_top_cells (project, request->dataset, request->latent, error);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

  if (top == NULL)
    return NULL;
  for (guint i = 0; i < top->len; i++)
    if (((CytTopCell *) top->pdata[i])->cell == request->cell)
      g_ptr_array_add (found, g_memdup2 (top->pdata[i], sizeof (CytTopCell)));
  return g_steal_pointer (&found);
}

gpointer
cyt_project_job_load_cell_thumbnail (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProject *project = ((CytProjectState *) state)->project;
  const CytCellRequest *request = data;
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) local = NULL;
  GBytes *jpeg = cyt_project_get_thumbnail (project, request->cell, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (jpeg != NULL)
    g_ptr_array_add (found, jpeg);
  return g_steal_pointer (&found);
}

/* ---- Models that moved ---- */

CytModelPathRequest *
cyt_model_path_request_new (const char *role, const char *path)
{
  CytModelPathRequest *self = g_new0 (CytModelPathRequest, 1);

  self->role = g_strdup (role);
  self->path = g_strdup (path);
  return self;
}

void
cyt_model_path_request_free (CytModelPathRequest *self)
{
  g_free (self->role);
  g_free (self->path);
  g_free (self);
}

gpointer
cyt_project_job_set_model_path (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  const CytModelPathRequest *request = data;

  return GINT_TO_POINTER (cyt_project_set_model_path (((CytProjectState *) state)->project, request->role,
                                                      request->path, error));
}

/* ---- All cells ---- */

CytProjectReader *
cyt_project_reader_new (const char *path)
{
  CytProjectReader *self = g_new0 (CytProjectReader, 1);

  self->path = g_strdup (path);
  return self;
}

void
cyt_project_reader_free (CytProjectReader *self)
{
  g_clear_pointer (&self->project, cyt_project_close);
  g_free (self->path);
  g_free (self);
}

static gboolean
open_reader (CytProjectReader *self, GError **error)
{
  if (self->project == NULL)
    self->project = cyt_project_open (self->path, CYT_PROJECT_READ_ONLY, error);
  return self->project != NULL;
}

gpointer
cyt_project_job_load_table (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectReader *self = state;
  const CytCellRequest *request = data;

  return open_reader (self, error) ? cyt_cell_table_load (self->project, request->dataset, cancellable, error) : NULL;
}

gpointer
cyt_project_job_load_scores (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectReader *self = state;
  const CytCellRequest *request = data;
  g_autoptr (CytLatentScores) scores = g_new0 (CytLatentScores, 1);
  gsize n;

  if (!open_reader (self, error))
    return NULL;
  scores->latent = request->latent;
  scores->table = request->table != NULL
                    ? cyt_cell_table_ref (request->table)
                    : cyt_cell_table_load (self->project, request->dataset, cancellable, error);
  if (scores->table == NULL)
    return NULL;
  scores->scores = cyt_project_load_scores (self->project, request->dataset, request->latent, &n, cancellable, error);
  if (scores->scores == NULL)
    return NULL;
  g_assert (n == scores->table->n); /* a data set never changes its cells */
  return g_steal_pointer (&scores);
}

/* ---- Cells like this one ---- */

CytSimilarRequest *
cyt_similar_request_new (gint64 dataset, gint64 except, guint n, const CytCellLatents *latents)
{
  CytSimilarRequest *self = g_new0 (CytSimilarRequest, 1);

  self->dataset = dataset;
  self->except = except;
  self->n = n;
  cyt_cell_latents_init (&self->latents);
  for (guint i = 0; i < latents->n; i++)
    cyt_cell_latents_append (&self->latents, latents->latent[i], latents->score[i], latents->count[i], latents->cls[i],
                             latents->max[i]);
  return self;
}

void
cyt_similar_request_free (CytSimilarRequest *self)
{
  cyt_cell_latents_clear (&self->latents);
  g_free (self);
}

gpointer
cyt_project_job_load_similar (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectReader *self = state;
  const CytSimilarRequest *request = data;
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GArray) similar = NULL;

  if (!open_reader (self, error))
    return NULL;
  similar = cyt_neighbours_find_cells (self->project, request->dataset, &request->latents, request->except, request->n,
                                       cancellable, error);
  for (guint i = 0; similar != NULL && i < similar->len; i++)
    {
      const CytSimilarCell *entry = &g_array_index (similar, CytSimilarCell, i);
      const CytTopCell top = { .cell = entry->cell, .rank = i, .score = entry->cosine };
      g_autoptr (CytCell) cell = cyt_project_get_cell (self->project, entry->cell, error);
      g_autofree char *path = cell != NULL ? cyt_project_dup_cell_path (self->project, entry->cell, error) : NULL;

      if (path == NULL)
        return NULL;
      g_ptr_array_add (items, cyt_cell_item_new (g_steal_pointer (&cell), g_steal_pointer (&path),
                                                 cyt_project_get_thumbnail (self->project, entry->cell, NULL), &top));
    }
  return similar != NULL ? g_steal_pointer (&items) : NULL;
}
