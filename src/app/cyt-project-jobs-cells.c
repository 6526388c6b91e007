/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "analysis/cyt-latent-picks.h"
#include "io/cyt-error.h"
#include "project/cyt-cell-table.h"

#include "cyt-project-jobs-cells.h"

#define N_STRIP 4

CytCellsRequest *
cyt_cells_request_new (guint latent, gboolean one_per_patient)
{
  CytCellsRequest *self = g_new0 (CytCellsRequest, 1);

  self->latent = latent;
  self->one_per_patient = one_per_patient;
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
  CytCellItem *item;

  if (cell == NULL)
    return NULL;
  path = cyt_project_dup_cell_path (project, entry->cell, error);
  if (path == NULL)
    return NULL;
  /* A thumbnail only stands in for a missing image. */
  thumbnail = cyt_project_get_thumbnail (project, entry->cell, NULL);
  item = cyt_cell_item_new (g_steal_pointer (&cell), g_steal_pointer (&path), g_steal_pointer (&thumbnail), entry);
  if (!entry->has_map && !cyt_project_is_published (project))
    cyt_cell_item_want_map (item);
  return item;
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

/* ---- Cells beyond the top list ---- */

/* All cells of a latent; TRUE with NULL where they are not known. */
static gboolean
load_all (CytProject *project, gint64 dataset, guint latent, CytLatentCells **cells, GError **error)
{
  g_autoptr (GError) local = NULL;

  *cells = cyt_project_get_latent_cells (project, dataset, latent, &local);
  if (*cells != NULL || g_error_matches (local, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* The cell of a rank; with the map that the top list has of it. */
static CytTopCell *
make_entry (const CytLatentCells *cells, const guint32 *order, guint32 rank, guint latent, GPtrArray *top)
{
  CytTopCell *entry;

  if (rank < top->len)
    return g_memdup2 (top->pdata[rank], sizeof (CytTopCell));
  entry = g_new0 (CytTopCell, 1);
  entry->cell = cells->first_cell + cells->position[order[rank]];
  entry->rank = rank;
  entry->score = cells->score[order[rank]];
  entry->map.latent = latent;
  return entry;
}

/* The best cell of each patient, as many as are in the top list. */
static GPtrArray *
pick_one_per_patient (CytProject *project, gint64 dataset, guint latent, const CytLatentCells *cells,
                      const guint32 *order, GPtrArray *top, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytCellTable) table = cyt_cell_table_load (project, dataset, cancellable, error);
  g_autofree guint32 *picks = g_new (guint32, MAX (1, top->len));
  GPtrArray *entries;
  gsize n;

  if (table == NULL)
    return NULL;
  entries = g_ptr_array_new_with_free_func (g_free);
  n = cyt_latent_picks_one_per_group (cells, order, table->patient, top->len, picks);
  for (gsize i = 0; i < n; i++)
    g_ptr_array_add (entries, make_entry (cells, order, picks[i], latent, top));
  return entries;
}

static gboolean
load_strips (CytProject *project, CytCellsAnswer *answer, guint latent, const CytLatentCells *cells,
             const guint32 *order, GPtrArray *top, GCancellable *cancellable, GError **error)
{
  static const double quantiles[CYT_CELL_SECTION_N_KINDS]
    = { [CYT_CELL_SECTION_UPPER] = 0.75, [CYT_CELL_SECTION_MEDIAN] = 0.5, [CYT_CELL_SECTION_WEAKEST] = 0 };

  if (cells->n <= top->len || cells->n < 4 * N_STRIP)
    return TRUE;
  for (guint kind = CYT_CELL_SECTION_UPPER; kind < CYT_CELL_SECTION_N_KINDS; kind++)
    {
      g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_free);
      gsize first = cyt_latent_picks_window (cells->n, N_STRIP, quantiles[kind]);

      for (gsize rank = first; rank < first + N_STRIP; rank++)
        g_ptr_array_add (entries, make_entry (cells, order, (guint32) rank, latent, top));
      answer->cells[kind] = load_items (project, entries, cancellable, error);
      if (answer->cells[kind] == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
load_answer (CytProject *project, const CytCellsRequest *request, CytCellsAnswer *answer, GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GPtrArray) top = NULL, shown = NULL;
  g_autoptr (CytLatentCells) cells = NULL;
  g_autofree guint32 *order = NULL;

  if (!cyt_project_load_latent_row (project, answer->dataset, request->latent, &answer->row, error)
      || !load_all (project, answer->dataset, request->latent, &cells, error))
    return FALSE;
  top = cyt_project_get_top_cells (project, answer->dataset, request->latent, error);
  if (top == NULL)
    return FALSE;
  if (cells != NULL)
    {
      order = cyt_latent_picks_order (cells);
      if (!load_strips (project, answer, request->latent, cells, order, top, cancellable, error))
        return FALSE;
    }
  if (cells != NULL && request->one_per_patient)
    shown = pick_one_per_patient (project, answer->dataset, request->latent, cells, order, top, cancellable, error);
  else
    shown = g_ptr_array_ref (top);
  if (shown == NULL)
    return FALSE;
  answer->cells[CYT_CELL_SECTION_TOP] = load_items (project, shown, cancellable, error);
  return answer->cells[CYT_CELL_SECTION_TOP] != NULL;
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

      g_ptr_array_add (answers, answer);
      answer->dataset = g_array_index (request->datasets, gint64, i);
      if (!load_answer (project, request, answer, cancellable, error))
        return NULL;
    }
  return g_steal_pointer (&answers);
}
