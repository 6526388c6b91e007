/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

/* A latent that never fired, as far as the project knows. */
static void
clear_row (CytProject *self, guint32 latent, CytLatentRow *row)
{
  double unknown = self->published ? NAN : 0;

  *row = (CytLatentRow) { .latent = latent, .max_act = unknown, .cls_share = unknown, .mean_count = unknown,
                          .entropy = NAN, .purity = NAN, .majority = -1 };
}

/* @first: the latent of rows[0]. */
static gboolean
read_latent_row (CytStatement *s, gsize n_images, gint64 n_labels, guint32 first, CytLatentRow *rows, GError **error)
{
  gboolean published = s->project->published;
  guint32 latent = cyt_statement_get_int (s, 0, 0, s->project->d_sae - 1);
  CytLatentRow *r = &rows[latent - first];
  double sum_score, sum_cls = 0, sum_count = 0;

  r->n_active = cyt_statement_get_int (s, 1, 1, n_images);
  sum_score = cyt_statement_get_double (s, 2, 0, G_MAXDOUBLE);
  if (published)
    r->frequency = cyt_statement_get_double (s, 9, 0, 1);
  else
    {
      sum_cls = cyt_statement_get_double (s, 3, 0, G_MAXDOUBLE);
      sum_count = cyt_statement_get_double (s, 4, 0, G_MAXDOUBLE);
      r->max_act = cyt_statement_get_double (s, 5, 0, G_MAXFLOAT);
    }
  if (!cyt_statement_is_null (s, 6))
    {
      r->entropy = cyt_statement_get_double (s, 6, 0, G_MAXDOUBLE);
      r->purity = cyt_statement_get_double (s, 7, 0, 1 + 1e-12);
      r->majority = cyt_statement_get_int (s, 8, 0, n_labels - 1);
    }
  if (!cyt_statement_check_row (s, error, "latent_stats", "latent %u", latent))
    return FALSE;
  r->mean_act = sum_score / r->n_active;
  if (published)
    return TRUE;
  r->frequency = (double) r->n_active / (double) n_images;
  r->cls_share = sum_score > 0 ? MIN (sum_cls / (CYT_N_TOKENS * sum_score), 1) : 0;
  r->mean_count = sum_count / (double) n_images;
  return TRUE;
}

static gboolean
count_labels (CytProject *self, gint64 dataset, gint64 *n, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT count (*) FROM label WHERE dataset = ?", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  if (!cyt_statement_step (&s, &row, error))
    return FALSE;
  *n = cyt_statement_get_int (&s, 0, 0, G_MAXINT32);
  return TRUE;
}

/* The rows of latents @first to @last into rows[0]…. */
static gboolean
load_rows (CytProject *self, gint64 dataset, guint32 first, gint64 last, CytLatentRow *rows, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, NULL, error);
  gint64 n_labels;
  gboolean row;

  if (facts == NULL || !count_labels (self, dataset, &n_labels, error)
      || !cyt_statement_init (&s, self,
                              "SELECT latent, n_active, sum_score, sum_cls, sum_count, max_act, entropy, purity, majority, "
                              "frequency FROM latent_stats WHERE dataset = ? AND latent BETWEEN ? AND ?", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_int (&s, 2, first);
  cyt_statement_bind_int (&s, 3, last);
  while (TRUE)
    {
      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      if (!read_latent_row (&s, facts->n_images, n_labels, first, rows, error))
        return FALSE;
    }
}

gboolean
cyt_project_load_latent_rows (CytProject *self, gint64 dataset, CytLatentRow *rows, GError **error)
{
  gboolean ok;

  for (gsize k = 0; k < self->d_sae; k++)
    clear_row (self, k, &rows[k]);
  if (!cyt_project_begin_read (self, error))
    return FALSE;
  /* without an upper end, so that a row that does not belong there is met */
  ok = load_rows (self, dataset, 0, G_MAXINT64, rows, error);
  return cyt_project_end (self, ok, error);
}

static gboolean
check_latent (CytProject *self, guint latent, GError **error)
{
  if (latent < self->d_sae)
    return TRUE;
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
               "%s: there is no latent %u, they go from 0 to %" G_GSIZE_FORMAT, self->display, latent,
               self->d_sae - 1);
  return FALSE;
}

gboolean
cyt_project_load_latent_row (CytProject *self, gint64 dataset, guint latent, CytLatentRow *row, GError **error)
{
  gboolean ok;

  if (!check_latent (self, latent, error) || !cyt_project_begin_read (self, error))
    return FALSE;
  clear_row (self, latent, row);
  ok = load_rows (self, dataset, latent, latent, row, error);
  return cyt_project_end (self, ok, error);
}

static int
compare_top_cells (gconstpointer a, gconstpointer b)
{
  const CytTopCell *x = *(const CytTopCell *const *) a, *y = *(const CytTopCell *const *) b;

  if (x->rank != y->rank) /* as published; else all 0 until they are sorted */
    return x->rank < y->rank ? -1 : 1;
  if (x->score != y->score)
    return x->score > y->score ? -1 : 1;
  return x->cell < y->cell ? -1 : x->cell > y->cell; /* cells of a data set are numbered by position */
}

static GPtrArray *
load_top_cells (CytProject *self, gint64 dataset, guint latent, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (CytDataset) facts = NULL;
  gint64 first_cell;
  gboolean row;

  facts = cyt_project_load_dataset (self, dataset, &first_cell, error);
  if (facts == NULL
      || !cyt_statement_init (&s, self, "SELECT cell, score, map, rank FROM top_cell WHERE dataset = ? AND latent = ?",
                              error))
    return NULL;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_int (&s, 2, latent);
  while (TRUE)
    {
      CytTopCell *cell;
      gconstpointer data;
      gsize size;

      if (!cyt_statement_step (&s, &row, error))
        return NULL;
      if (!row)
        break;
      cell = g_new0 (CytTopCell, 1);
      g_ptr_array_add (list, cell);
      cell->cell = cyt_statement_get_int (&s, 0, first_cell, first_cell + (gint64) facts->n_indexed - 1);
      cell->score = cyt_statement_get_double (&s, 1, G_MINDOUBLE, G_MAXFLOAT);
      cell->has_map = !self->published;
      if (cell->has_map)
        data = cyt_statement_get_blob (&s, 2, &size);
      else
        {
          data = "";
          size = 0;
          cell->rank = cyt_statement_get_int (&s, 3, 0, facts->n_top - 1);
        }
      if (!cyt_statement_check_row (&s, error, "top_cell", "latent %u", latent))
        return NULL;
      cell->map.latent = latent;
      if (!cyt_sparse_map_from_bytes (&cell->map, data, size) || list->len > facts->n_top)
        {
          cyt_project_set_corrupt (self, error, "table top_cell, latent %u, cell %" G_GINT64_FORMAT
                                   ": the map has a wrong size or values that cannot be right, or the list is too long",
                                   latent, cell->cell);
          return NULL;
        }
    }
  g_ptr_array_sort (list, compare_top_cells);
  for (guint i = 0; i < list->len; i++)
    ((CytTopCell *) list->pdata[i])->rank = i;
  return g_steal_pointer (&list);
}

GPtrArray *
cyt_project_get_top_cells (CytProject *self, gint64 dataset, guint latent, GError **error)
{
  g_autoptr (GPtrArray) list = NULL;

  if (!check_latent (self, latent, error))
    return NULL;
  if (!cyt_project_begin_read (self, error))
    return NULL;
  list = load_top_cells (self, dataset, latent, error);
  return cyt_project_end (self, list != NULL, error) ? g_steal_pointer (&list) : NULL;
}

void
cyt_best_cell_free (CytBestCell *self)
{
  g_free (self->path);
  g_clear_pointer (&self->thumbnail, g_bytes_unref);
  g_free (self);
}

static gboolean
add_best_cells (CytStatement *s, const char *root, guint32 latent, GPtrArray *cells, GError **error)
{
  gboolean row;

  cyt_statement_bind_int (s, 2, latent);
  while (TRUE)
    {
      CytBestCell *cell;
      const char *path;

      if (!cyt_statement_step (s, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      cell = g_new0 (CytBestCell, 1);
      g_ptr_array_add (cells, cell);
      cell->latent = latent;
      cell->cell = cyt_statement_get_int (s, 0, 0, G_MAXINT64);
      path = cyt_statement_get_path (s, 1);
      if (!cyt_statement_is_null (s, 2))
        {
          gsize size;
          gconstpointer data = cyt_statement_get_blob (s, 2, &size);

          cell->thumbnail = g_bytes_new (data, size);
        }
      if (!cyt_statement_check_row (s, error, "top_cell", "latent %u", latent))
        return FALSE;
      cell->path = g_path_is_absolute (path) ? g_strdup (path) : g_build_filename (root, path, NULL);
    }
}

/* The inner query picks by score alone, so that no picture of the other cells is read. */
#define BEST_CELLS                                                                                                     \
  "SELECT t.cell, c.path, p.jpeg FROM "                                                                                \
  "(SELECT cell, rank, score FROM top_cell WHERE dataset = ?1 AND latent = ?2 "                                        \
  "ORDER BY rank, score DESC, cell LIMIT ?3) t "                                                                       \
  "JOIN cell c ON c.id = t.cell LEFT JOIN thumbnail p ON p.cell = t.cell ORDER BY t.rank, t.score DESC, t.cell"

static GPtrArray *
load_best_cells (CytProject *self, gint64 dataset, const guint32 *latents, gsize n_latents, guint n_best,
                 GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_best_cell_free);
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, NULL, error);

  if (facts == NULL || !cyt_statement_init (&s, self, BEST_CELLS, error))
    return NULL;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_int (&s, 3, n_best);
  for (gsize i = 0; i < n_latents; i++)
    if (!add_best_cells (&s, facts->root, latents[i], cells, error))
      return NULL;
  return g_steal_pointer (&cells);
}

GPtrArray *
cyt_project_list_best_cells (CytProject *self, gint64 dataset, const guint32 *latents, gsize n_latents, guint n_best,
                             GError **error)
{
  g_autoptr (GPtrArray) cells = NULL;

  if (!cyt_project_begin_read (self, error))
    return NULL;
  cells = load_best_cells (self, dataset, latents, n_latents, n_best, error);
  return cyt_project_end (self, cells != NULL, error) ? g_steal_pointer (&cells) : NULL;
}
