/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "project/cyt-cell-table.h"
#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

/* Rows between two looks at whether somebody still waits. */
#define ROWS_PER_LOOK 256

CytCellTable *
cyt_cell_table_ref (CytCellTable *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
table_clear (gpointer data)
{
  CytCellTable *self = data;

  g_free (self->root);
  g_strfreev (self->labels);
  g_free (self->path);
  g_free (self->label);
  g_free (self->patient);
  g_free (self->disease);
  g_free (self->failed);
  g_clear_pointer (&self->strings, g_string_chunk_free);
}

void
cyt_cell_table_unref (CytCellTable *self)
{
  g_atomic_rc_box_release_full (self, table_clear);
}

char *
cyt_cell_table_dup_path (const CytCellTable *self, gsize i)
{
  g_return_val_if_fail (i < self->n, NULL);

  return g_path_is_absolute (self->path[i]) ? g_strdup (self->path[i])
                                            : g_build_filename (self->root, self->path[i], NULL);
}

static const char *
keep (CytCellTable *self, CytStatement *s, int column)
{
  const char *text = cyt_statement_is_null (s, column) ? "" : cyt_statement_get_text (s, column);

  return g_string_chunk_insert_const (self->strings, text);
}

static gboolean
load_cells (CytProject *project, CytCellTable *self, GCancellable *cancellable, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  guint n_labels = g_strv_length (self->labels);
  gboolean row;

  if (!cyt_statement_init (&s, project,
                           "SELECT id, path, label, patient, disease, failure IS NOT NULL FROM cell "
                           "WHERE id >= ?1 AND id < ?1 + ?2 AND dataset = ?3 ORDER BY id", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, self->first_cell);
  cyt_statement_bind_int (&s, 2, self->n);
  cyt_statement_bind_int (&s, 3, self->dataset);
  for (gsize i = 0;; i++)
    {
      if (!cyt_statement_step (&s, &row, error)
          || (i % ROWS_PER_LOOK == 0 && g_cancellable_set_error_if_cancelled (cancellable, error)))
        return FALSE;
      if (!row)
        return i == self->n
               || cyt_project_set_corrupt (project, error, "data set %" G_GINT64_FORMAT ": there are %" G_GSIZE_FORMAT
                                           " cells, not %" G_GSIZE_FORMAT, self->dataset, i, self->n);
      if (cyt_statement_get_int (&s, 0, 1, G_MAXINT64) != self->first_cell + (gint64) i)
        return cyt_project_set_corrupt (project, error, "data set %" G_GINT64_FORMAT ": cell %" G_GINT64_FORMAT
                                        " is missing", self->dataset, self->first_cell + (gint64) i);
      self->path[i] = g_string_chunk_insert (self->strings, cyt_statement_get_path (&s, 1));
      self->label[i] = cyt_statement_is_null (&s, 2) ? -1 : cyt_statement_get_int (&s, 2, 0, (gint64) n_labels - 1);
      self->patient[i] = keep (self, &s, 3);
      self->disease[i] = keep (self, &s, 4);
      self->failed[i] = cyt_statement_get_int (&s, 5, 0, 1);
      if (!cyt_statement_check_row (&s, error, "cell", "id %" G_GINT64_FORMAT, self->first_cell + (gint64) i))
        return FALSE;
    }
}

static gboolean
load_table (CytProject *project, CytCellTable *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytDataset) dataset = cyt_project_load_dataset (project, self->dataset, &self->first_cell, error);

  if (dataset == NULL || (self->labels = cyt_project_list_labels (project, self->dataset, error)) == NULL)
    return FALSE;
  self->n = dataset->n_cells;
  self->root = g_steal_pointer (&dataset->root);
  self->strings = g_string_chunk_new (1 << 16);
  self->path = g_new (const char *, self->n);
  self->label = g_new (gint32, self->n);
  self->patient = g_new (const char *, self->n);
  self->disease = g_new (const char *, self->n);
  self->failed = g_new (guint8, self->n);
  return load_cells (project, self, cancellable, error);
}

CytCellTable *
cyt_cell_table_load (CytProject *project, gint64 dataset, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytCellTable) self = g_atomic_rc_box_new0 (CytCellTable);
  gboolean ok;

  self->dataset = dataset;
  if (!cyt_project_begin_read (project, error))
    return NULL;
  ok = load_table (project, self, cancellable, error);
  return cyt_project_end (project, ok, error) ? g_steal_pointer (&self) : NULL;
}

/* ---- Scores ---- */

static guint32
get_u32 (gconstpointer data, gsize i)
{
  guint32 value;

  memcpy (&value, (const guint8 *) data + i * sizeof value, sizeof value);
  return GUINT32_FROM_LE (value);
}

/* The score of @latent in ascending u32 latents and f32 scores; -1 when they cannot be right. */
static float
find_score (gconstpointer latents, gconstpointer scores, gsize n, guint32 latent)
{
  gsize low = 0, high = n;

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;
      guint32 found = get_u32 (latents, middle);

      if (found == latent)
        {
          guint32 bits = get_u32 (scores, middle);
          float score;

          memcpy (&score, &bits, sizeof score);
          return isfinite (score) && score > 0 ? score : -1;
        }
      if (found < latent)
        low = middle + 1;
      else
        high = middle;
    }
  return 0;
}

/* Complete data sets know their cells by latent. */
static gboolean
fill_by_latent (CytProject *project, gint64 dataset, guint latent, float *scores, gsize n, GError **error)
{
  g_autoptr (CytLatentCells) cells = cyt_project_get_latent_cells (project, dataset, latent, error);
  g_autoptr (GPtrArray) failures = NULL;

  if (cells == NULL)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    scores[i] = 0;
  for (gsize i = 0; i < cells->n; i++)
    scores[cells->position[i]] = cells->score[i];
  failures = cyt_project_list_failures (project, dataset, error);
  for (guint i = 0; failures != NULL && i < failures->len; i++)
    scores[((CytCell *) failures->pdata[i])->position] = NAN;
  return failures != NULL;
}

/* While it is being indexed every cell's list is gone through. */
static gboolean
fill_by_cell (CytProject *project, gint64 first_cell, guint latent, float *scores, gsize n, GCancellable *cancellable,
              GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&s, project, "SELECT cell, latents, scores FROM cell_latents "
                                        "WHERE cell >= ?1 AND cell < ?1 + ?2", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, first_cell);
  cyt_statement_bind_int (&s, 2, n);
  for (gsize i = 0;; i++)
    {
      gconstpointer latents, values;
      gsize n_latents, n_values;
      gint64 cell;
      float score;

      if (!cyt_statement_step (&s, &row, error)
          || (i % ROWS_PER_LOOK == 0 && g_cancellable_set_error_if_cancelled (cancellable, error)))
        return FALSE;
      if (!row)
        return TRUE;
      cell = cyt_statement_get_int (&s, 0, first_cell, first_cell + (gint64) n - 1);
      latents = cyt_statement_get_blob (&s, 1, &n_latents);
      values = cyt_statement_get_blob (&s, 2, &n_values);
      if (!cyt_statement_check_row (&s, error, "cell_latents", "cell %" G_GINT64_FORMAT, cell))
        return FALSE;
      if (n_latents % 4 != 0 || n_values != n_latents
          || (score = find_score (latents, values, n_latents / 4, latent)) < 0)
        return cyt_project_set_corrupt (project, error, "table cell_latents, cell %" G_GINT64_FORMAT
                                        ": the lists have wrong sizes, or values that cannot be right", cell);
      scores[cell - first_cell] = score;
    }
}

float *
cyt_project_load_scores (CytProject *project, gint64 dataset, guint latent, gsize *n, GCancellable *cancellable,
                         GError **error)
{
  gint64 first_cell;
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (project, dataset, &first_cell, error);
  g_autofree float *scores = NULL;
  gboolean ok = TRUE;

  if (facts == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  *n = facts->n_cells;
  scores = g_new (float, facts->n_cells);
  for (gsize i = 0; i < facts->n_cells; i++)
    scores[i] = NAN;
  if (facts->n_transposed == facts->n_cells)
    ok = fill_by_latent (project, dataset, latent, scores, facts->n_cells, error);
  else if (!cyt_project_is_published (project))
    ok = fill_by_cell (project, first_cell, latent, scores, facts->n_cells, cancellable, error);
  return ok ? g_steal_pointer (&scores) : NULL;
}

gboolean
cyt_project_get_top_latents (CytProject *project, gint64 dataset, gint64 cell, CytCellLatents *latents, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  latents->n = 0;
  if (!cyt_statement_init (&s, project, "SELECT latent, score FROM top_cell WHERE dataset = ? AND cell = ? ORDER BY latent",
                           error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_int (&s, 2, cell);
  while (TRUE)
    {
      guint32 latent;
      float score;

      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      latent = cyt_statement_get_int (&s, 0, 0, (gint64) cyt_project_get_d_sae (project) - 1);
      score = cyt_statement_get_double (&s, 1, 0, G_MAXFLOAT);
      if (!cyt_statement_check_row (&s, error, "top_cell", "cell %" G_GINT64_FORMAT, cell))
        return FALSE;
      cyt_cell_latents_append (latents, latent, score, 0, 0, 0);
    }
}

CytStanding
cyt_standing_compute (const float *scores, gsize n, gsize i, gboolean (*member) (gsize j, gpointer user_data),
                      gpointer user_data)
{
  CytStanding standing = { 0 };
  gsize n_below = 0, n_equal = 0;

  g_return_val_if_fail (i < n && !isnan (scores[i]), standing);

  for (gsize j = 0; j < n; j++)
    {
      if (isnan (scores[j]) || (j != i && member != NULL && !member (j, user_data)))
        continue;
      standing.n++;
      standing.n_above += scores[j] > scores[i];
      n_below += scores[j] < scores[i];
      n_equal += scores[j] == scores[i];
    }
  standing.share_below = standing.n > 1 ? (n_below + 0.5 * (n_equal - 1)) / (standing.n - 1) : NAN;
  return standing;
}
