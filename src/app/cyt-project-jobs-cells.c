/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-project-jobs-cells.h"

CytCellsRequest *
cyt_cells_request_new (guint latent)
{
  CytCellsRequest *self = g_new0 (CytCellsRequest, 1);

  self->latent = latent;
  self->datasets = g_array_new (FALSE, FALSE, sizeof (gint64));
  return self;
}

void
cyt_cells_request_free (CytCellsRequest *self)
{
  g_array_unref (self->datasets);
  g_free (self);
}

static void
answer_free (CytCellsAnswer *self)
{
  for (guint i = 0; i < CYT_CELL_SECTION_N_KINDS; i++)
    g_clear_pointer (&self->cells[i], g_ptr_array_unref);
  g_free (self);
}

static CytCellItem *
load_item (CytProject *project, const CytTopCell *entry, GError **error)
{
  g_autoptr (CytCell) cell = cyt_project_get_cell (project, entry->cell, error);
  g_autoptr (GBytes) thumbnail = NULL;
  g_autofree char *path = NULL;

  if (cell == NULL)
    return NULL;
  path = cyt_project_dup_cell_path (project, entry->cell, error);
  if (path == NULL)
    return NULL;
  /* A thumbnail only stands in for a missing image. */
  thumbnail = cyt_project_get_thumbnail (project, entry->cell, NULL);
  return cyt_cell_item_new (g_steal_pointer (&cell), g_steal_pointer (&path), g_steal_pointer (&thumbnail), entry);
}

/* @entries: of CytTopCell. → of CytCellItem */
static GPtrArray *
load_items (CytProject *project, GPtrArray *entries, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < entries->len; i++)
    {
      CytCellItem *item;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      item = load_item (project, entries->pdata[i], error);
      if (item == NULL)
        return NULL;
      g_ptr_array_add (items, item);
    }
  return g_steal_pointer (&items);
}

gpointer
cyt_project_job_load_cells (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProject *project = ((CytProjectState *) state)->project;
  CytCellsRequest *request = data;
  g_autoptr (GPtrArray) answers = g_ptr_array_new_with_free_func ((GDestroyNotify) answer_free);

  for (guint i = 0; i < request->datasets->len; i++)
    {
      CytCellsAnswer *answer = g_new0 (CytCellsAnswer, 1);
      g_autoptr (GPtrArray) top = NULL;

      g_ptr_array_add (answers, answer);
      answer->dataset = g_array_index (request->datasets, gint64, i);
      if (!cyt_project_load_latent_row (project, answer->dataset, request->latent, &answer->row, error))
        return NULL;
      top = cyt_project_get_top_cells (project, answer->dataset, request->latent, error);
      if (top == NULL)
        return NULL;
      answer->cells[CYT_CELL_SECTION_TOP] = load_items (project, top, cancellable, error);
      if (answer->cells[CYT_CELL_SECTION_TOP] == NULL)
        return NULL;
    }
  return g_steal_pointer (&answers);
}
