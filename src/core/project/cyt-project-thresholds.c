/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "io/cyt-error.h"
#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

gboolean
cyt_project_count_threshold_cells (CytProject *self, gint64 dataset, double threshold, gsize *n_done, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  *n_done = 0;
  if (!cyt_statement_init (&s, self, "SELECT n_indexed FROM threshold WHERE dataset = ? AND value = ?", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_double (&s, 2, threshold);
  if (!cyt_statement_step (&s, &row, error))
    return FALSE;
  if (!row)
    return TRUE;
  *n_done = cyt_statement_get_int (&s, 0, 0, G_MAXINT32);
  return cyt_statement_check_row (&s, error, "threshold", "value %g", threshold);
}

gboolean
cyt_project_check_threshold (CytProject *self, const CytDataset *dataset, double threshold, CytCountsSource *source,
                             GError **error)
{
  gsize n_done;

  *source = CYT_COUNTS_OWN;
  if (self->published)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
                   "%s: comes from published statistics, which say nothing of single cells", self->display);
      return FALSE;
    }
  if (isnan (threshold) || threshold == dataset->threshold)
    return TRUE;
  *source = CYT_COUNTS_STORED;
  if (!cyt_project_count_threshold_cells (self, dataset->id, threshold, &n_done, error))
    return FALSE;
  if (n_done >= dataset->n_indexed)
    return TRUE;
  *source = CYT_COUNTS_LEVELS;
  if (cyt_level_find (threshold) >= 0)
    {
      gboolean has;

      if (!cyt_project_has_levels (self, dataset->id, &has, error))
        return FALSE;
      if (has)
        return TRUE;
    }
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
               "%s: data set \"%s\" is counted at threshold %g, not at %g", self->display, dataset->name,
               dataset->threshold, threshold);
  return FALSE;
}

gboolean
cyt_project_has_threshold (CytProject *self, gint64 dataset, double threshold, gboolean *has, GError **error)
{
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, NULL, error);
  g_autoptr (GError) local = NULL;
  CytCountsSource source;

  if (facts == NULL)
    return FALSE;
  *has = cyt_project_check_threshold (self, facts, threshold, &source, &local);
  if (*has || g_error_matches (local, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static GArray *
list_thresholds (CytProject *self, gint64 dataset, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, NULL, error);
  gboolean row;

  if (facts == NULL)
    return NULL;
  if (self->published)
    return g_steal_pointer (&list);
  g_array_append_val (list, facts->threshold);
  if (!cyt_statement_init (&s, self, "SELECT value FROM threshold WHERE dataset = ? AND n_indexed >= ?", error))
    return NULL;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_int (&s, 2, facts->n_indexed);
  while (TRUE)
    {
      double value;

      if (!cyt_statement_step (&s, &row, error))
        return NULL;
      if (!row)
        break;
      value = cyt_statement_get_double (&s, 0, 0, G_MAXDOUBLE);
      if (!cyt_statement_check_row (&s, error, "threshold", "data set %" G_GINT64_FORMAT, dataset))
        return NULL;
      if (value != facts->threshold)
        g_array_append_val (list, value);
    }
  g_array_sort (list, compare_doubles);
  return g_steal_pointer (&list);
}

GArray *
cyt_project_list_thresholds (CytProject *self, gint64 dataset, GError **error)
{
  g_autoptr (GArray) list = NULL;

  if (!cyt_project_begin_read (self, error))
    return NULL;
  list = list_thresholds (self, dataset, error);
  return cyt_project_end (self, list != NULL, error) ? g_steal_pointer (&list) : NULL;
}

/* ---- Writing ---- */

static gboolean
write_counts (CytStatement *s, gint64 first_cell, const CytIndexedCell *cell, GByteArray *latents, GByteArray *counts,
              GError **error)
{
  g_byte_array_set_size (latents, 0);
  g_byte_array_set_size (counts, 0);
  for (guint i = 0; i < cell->latents.n; i++)
    {
      guint32 latent = GUINT32_TO_LE (cell->latents.latent[i]);
      guint16 count = GUINT16_TO_LE (cell->latents.count[i]);

      if (count == 0)
        continue;
      g_byte_array_append (latents, (const guint8 *) &latent, sizeof latent);
      g_byte_array_append (counts, (const guint8 *) &count, sizeof count);
    }
  cyt_statement_bind_int (s, 3, first_cell + (gint64) cell->position);
  cyt_statement_bind_blob (s, 4, latents->data, latents->len);
  cyt_statement_bind_blob (s, 5, counts->data, counts->len);
  return cyt_statement_run (s, error);
}

static gboolean
write_all_counts (CytProject *self, gint64 dataset, double threshold, gint64 first_cell, GPtrArray *cells, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GByteArray) latents = g_byte_array_new ();
  g_autoptr (GByteArray) counts = g_byte_array_new ();

  if (!cyt_statement_init (&s, self,
                           "INSERT INTO threshold_counts (dataset, value, cell, latents, counts) VALUES (?, ?, ?, ?, ?)",
                           error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_double (&s, 2, threshold);
  for (guint i = 0; i < cells->len; i++)
    {
      const CytIndexedCell *cell = cells->pdata[i];

      if (cell->failure == NULL && !write_counts (&s, first_cell, cell, latents, counts, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_progress (CytProject *self, gint64 dataset, double threshold, gsize n_done, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&s, self,
                           "INSERT INTO threshold (dataset, value, n_indexed) VALUES (?1, ?2, ?3) "
                           "ON CONFLICT (dataset, value) DO UPDATE SET n_indexed = ?3", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_double (&s, 2, threshold);
  cyt_statement_bind_int (&s, 3, n_done);
  return cyt_statement_run (&s, error);
}

static gboolean
commit_counts (CytProject *self, gint64 dataset, double threshold, gsize first_position, GPtrArray *cells, GError **error)
{
  gint64 first_cell;
  gsize n_done;
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, &first_cell, error);

  if (facts == NULL || !cyt_project_count_threshold_cells (self, dataset, threshold, &n_done, error))
    return FALSE;
  if (n_done != first_position)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_BUSY,
                   "%s: data set \"%s\" is being counted at this threshold by another program", self->display, facts->name);
      return FALSE;
    }
  g_assert (cells->len <= facts->n_indexed - first_position);
  /* the row of the threshold first: the counts refer to it */
  return write_progress (self, dataset, threshold, first_position + cells->len, error)
         && write_all_counts (self, dataset, threshold, first_cell, cells, error);
}

gboolean
cyt_project_commit_counts (CytProject *self, gint64 dataset, double threshold, gsize first_position, GPtrArray *cells,
                           GError **error)
{
  gboolean ok;

  if (!cyt_project_begin_write (self, error))
    return FALSE;
  ok = commit_counts (self, dataset, threshold, first_position, cells, error);
  return cyt_project_end (self, ok, error);
}
