/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-error.h"
#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

/* ---- What is there ---- */

/* Cells are written in order, so that the last one tells how many there are. */
static gboolean
count_cells (CytProject *self, gint64 first_cell, const CytDataset *facts, gsize *n_done, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  *n_done = 0;
  if (!cyt_project_schema_has_levels (self, &row, error))
    return FALSE;
  if (!row)
    return TRUE;
  if (!cyt_statement_init (&s, self, "SELECT ifnull (max (cell), ?1 - 1) FROM activation_levels WHERE cell >= ?1 AND cell < ?1 + ?2",
                           error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, first_cell);
  cyt_statement_bind_int (&s, 2, (gint64) facts->n_cells);
  if (!cyt_statement_step (&s, &row, error))
    return FALSE;
  *n_done = (gsize) (cyt_statement_get_int (&s, 0, first_cell - 1, first_cell + (gint64) facts->n_cells - 1) + 1 - first_cell);
  return cyt_statement_check_row (&s, error, "activation_levels", "data set \"%s\"", facts->name);
}

gboolean
cyt_project_count_level_cells (CytProject *self, gint64 dataset, gsize *n_done, GError **error)
{
  gint64 first_cell;
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, &first_cell, error);

  return facts != NULL && count_cells (self, first_cell, facts, n_done, error);
}

gboolean
cyt_project_has_levels (CytProject *self, gint64 dataset, gboolean *has, GError **error)
{
  gint64 first_cell;
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, &first_cell, error);
  gsize n_done;

  if (facts == NULL || !count_cells (self, first_cell, facts, &n_done, error))
    return FALSE;
  *has = n_done > 0 && n_done >= facts->n_indexed;
  return TRUE;
}

/* ---- Reading ---- */

static gboolean
decode_levels (gconstpointer const *data, const gsize *size, gsize d_sae, CytCellLevels *levels)
{
  gsize n = size[0] / 4, n_left = size[2];
  const guint8 *next = data[2];

  if (size[0] % 4 != 0 || size[1] != n * 2 || n > d_sae)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    {
      guint32 latent;
      guint16 count;

      memcpy (&latent, (const guint8 *) data[0] + 4 * i, sizeof latent);
      memcpy (&count, (const guint8 *) data[1] + 2 * i, sizeof count);
      latent = GUINT32_FROM_LE (latent);
      count = GUINT16_FROM_LE (count);
      if (latent >= d_sae || (i > 0 && latent <= levels->latent[i - 1]) || count == 0 || count > CYT_N_TOKENS || count > n_left)
        return FALSE;
      for (guint t = 1; t < count; t++)
        if (next[t] < next[t - 1])
          return FALSE;
      cyt_cell_levels_append (levels, latent, next, count);
      next += count;
      n_left -= count;
    }
  return n_left == 0;
}

gboolean
cyt_project_read_cell_levels (CytStatement *s, int column, gint64 cell, CytCellLevels *levels, GError **error)
{
  gconstpointer data[3];
  gsize size[3];

  cyt_cell_levels_reset (levels);
  for (int i = 0; i < 3; i++)
    data[i] = cyt_statement_get_blob (s, column + i, &size[i]);
  if (!cyt_statement_check_row (s, error, "activation_levels", "cell %" G_GINT64_FORMAT, cell))
    return FALSE;
  if (decode_levels (data, size, s->project->d_sae, levels))
    return TRUE;
  cyt_cell_levels_reset (levels);
  return cyt_project_set_corrupt (s->project, error, "table activation_levels, cell %" G_GINT64_FORMAT
                                  ": the lists have wrong sizes, or values that cannot be right", cell);
}

static gboolean
scan_levels (CytProject *self, gint64 dataset, CytLevelScanFunc func, gpointer user_data, GCancellable *cancellable,
             GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gint64 first_cell;
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, &first_cell, error);
  CytCellLevels levels;
  gsize n_done;
  gboolean row, ok = TRUE;

  if (facts == NULL || !count_cells (self, first_cell, facts, &n_done, error))
    return FALSE;
  if (n_done == 0 || n_done < facts->n_indexed)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
                   "%s: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " cells of data set \"%s\" are known by level",
                   self->display, n_done, facts->n_indexed, facts->name);
      return FALSE;
    }
  if (!cyt_statement_init (&s, self,
                           "SELECT c.id, c.patient, x.latents, x.counts, x.levels FROM cell c LEFT JOIN activation_levels x "
                           "ON x.cell = c.id WHERE c.id >= ?1 AND c.id < ?1 + ?2 AND c.dataset = ?3 AND c.failure IS NULL ORDER BY c.id", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, first_cell);
  cyt_statement_bind_int (&s, 2, (gint64) facts->n_indexed);
  cyt_statement_bind_int (&s, 3, dataset);
  cyt_cell_levels_init (&levels);
  while (ok)
    {
      g_autofree char *patient = NULL;

      ok = !g_cancellable_set_error_if_cancelled (cancellable, error) && cyt_statement_step (&s, &row, error);
      if (!ok || !row)
        break;
      patient = cyt_statement_dup_text_or_null (&s, 1);
      ok = cyt_project_read_cell_levels (&s, 2, cyt_statement_get_int (&s, 0, 1, G_MAXINT64), &levels, error)
           && func (patient, &levels, user_data, error);
    }
  cyt_cell_levels_clear (&levels);
  return ok;
}

gboolean
cyt_project_scan_levels (CytProject *self, gint64 dataset, CytLevelScanFunc func, gpointer user_data,
                         GCancellable *cancellable, GError **error)
{
  gboolean ok;

  if (!cyt_project_begin_read (self, error))
    return FALSE;
  ok = scan_levels (self, dataset, func, user_data, cancellable, error);
  return cyt_project_end (self, ok, error);
}

/* ---- Writing ---- */

static gboolean
write_levels (CytProject *self, gint64 first_cell, GPtrArray *cells, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GByteArray) latents = g_byte_array_new (), counts = g_byte_array_new ();

  if (!cyt_statement_init (&s, self, "INSERT INTO activation_levels (cell, latents, counts, levels) VALUES (?, ?, ?, ?)", error))
    return FALSE;
  for (guint i = 0; i < cells->len; i++)
    {
      const CytCellLevels *cell = cells->pdata[i];

      g_byte_array_set_size (latents, 0);
      g_byte_array_set_size (counts, 0);
      for (guint k = 0; k < cell->n; k++)
        {
          guint32 latent = GUINT32_TO_LE (cell->latent[k]);
          guint16 count = GUINT16_TO_LE (cell->count[k]);

          g_byte_array_append (latents, (const guint8 *) &latent, sizeof latent);
          g_byte_array_append (counts, (const guint8 *) &count, sizeof count);
        }
      cyt_statement_bind_int (&s, 1, first_cell + i);
      cyt_statement_bind_blob (&s, 2, latents->data, latents->len);
      cyt_statement_bind_blob (&s, 3, counts->data, counts->len);
      cyt_statement_bind_blob (&s, 4, cell->levels->data, cell->levels->len);
      if (!cyt_statement_run (&s, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
commit_levels (CytProject *self, gint64 dataset, gsize first_position, GPtrArray *cells, GError **error)
{
  gint64 first_cell;
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, &first_cell, error);
  gsize n_done;

  if (facts == NULL || !cyt_project_schema_add_levels (self, error)
      || !count_cells (self, first_cell, facts, &n_done, error))
    return FALSE;
  if (n_done != first_position)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_BUSY,
                   "%s: the thresholds of data set \"%s\" are being counted by another program", self->display, facts->name);
      return FALSE;
    }
  g_assert (cells->len <= facts->n_indexed - first_position);
  return write_levels (self, first_cell + (gint64) first_position, cells, error);
}

gboolean
cyt_project_commit_levels (CytProject *self, gint64 dataset, gsize first_position, GPtrArray *cells, GError **error)
{
  gboolean ok;

  if (!cyt_project_begin_write (self, error))
    return FALSE;
  ok = commit_levels (self, dataset, first_position, cells, error);
  return cyt_project_end (self, ok, error);
}
