/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

CytCell *
cyt_cell_copy (const CytCell *self)
{
  CytCell *copy = g_memdup2 (self, sizeof *self);

  copy->path = g_strdup (self->path);
  copy->label = g_strdup (self->label);
  copy->patient = g_strdup (self->patient);
  copy->disease = g_strdup (self->disease);
  copy->sha256 = g_strdup (self->sha256);
  copy->failure = g_strdup (self->failure);
  return copy;
}

void
cyt_cell_free (CytCell *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self->label);
  g_free (self->patient);
  g_free (self->disease);
  g_free (self->sha256);
  g_free (self->failure);
  g_free (self);
}

#define SELECT_CELL_COLUMNS                                                                                        \
  "SELECT c.id, c.dataset, c.position, c.path, l.name, c.patient, c.disease, c.sha256, c.width, c.height, c.failure, " \
  "c.red, c.green, c.blue "
#define SELECT_CELL_FROM "FROM cell c LEFT JOIN label l ON l.dataset = c.dataset AND l.number = c.label "
#define SELECT_CELL SELECT_CELL_COLUMNS SELECT_CELL_FROM

static CytCell *
read_cell (CytStatement *s, GError **error)
{
  g_autoptr (CytCell) cell = g_new0 (CytCell, 1);

  cell->id = cyt_statement_get_int (s, 0, 1, G_MAXINT64);
  cell->dataset = cyt_statement_get_int (s, 1, 1, G_MAXINT64);
  cell->position = cyt_statement_get_int (s, 2, 0, G_MAXINT32);
  cell->path = g_strdup (cyt_statement_get_path (s, 3));
  cell->label = cyt_statement_dup_text_or_null (s, 4);
  cell->patient = cyt_statement_dup_text_or_null (s, 5);
  cell->disease = cyt_statement_dup_text_or_null (s, 6);
  cell->sha256 = cyt_statement_dup_text_or_null (s, 7);
  if (!cyt_statement_is_null (s, 8))
    cell->width = cyt_statement_get_int (s, 8, 0, G_MAXINT32);
  if (!cyt_statement_is_null (s, 9))
    cell->height = cyt_statement_get_int (s, 9, 0, G_MAXINT32);
  cell->failure = cyt_statement_dup_text_or_null (s, 10);
  for (int i = 0; i < 3; i++)
    cell->color[i] = cyt_statement_is_null (s, 11 + i) ? NAN : cyt_statement_get_double (s, 11 + i, 0, 255);
  if (!cyt_statement_check_row (s, error, "cell", "id %" G_GINT64_FORMAT, cell->id))
    return NULL;
  return g_steal_pointer (&cell);
}

static void
set_no_cell (CytProject *self, gint64 cell, GError **error)
{
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: there is no cell %" G_GINT64_FORMAT,
               self->display, cell);
}

CytCell *
cyt_project_get_cell (CytProject *self, gint64 cell, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&s, self, SELECT_CELL "WHERE c.id = ?", error))
    return NULL;
  cyt_statement_bind_int (&s, 1, cell);
  if (!cyt_statement_step (&s, &row, error))
    return NULL;
  if (!row)
    {
      set_no_cell (self, cell, error);
      return NULL;
    }
  return read_cell (&s, error);
}

gint64
cyt_project_find_cell (CytProject *self, const char *sha256, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT id FROM cell WHERE sha256 = ? ORDER BY id LIMIT 1", error))
    return -1;
  cyt_statement_bind_text (&s, 1, sha256);
  if (!cyt_statement_step (&s, &row, error))
    return -1;
  return row ? cyt_statement_get_int (&s, 0, 1, G_MAXINT64) : 0;
}

static GPtrArray *
load_failures (CytProject *self, gint64 dataset, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_cell_free);
  g_autoptr (CytDataset) facts = NULL;
  gint64 first_cell;
  gboolean row;

  facts = cyt_project_load_dataset (self, dataset, &first_cell, error);
  if (facts == NULL)
    return NULL;
  if (facts->n_failed == 0) /* the common case, without a walk over all cells */
    return g_steal_pointer (&list);
  if (!cyt_statement_init (&s, self,
                           SELECT_CELL "WHERE c.id >= ?1 AND c.id < ?1 + ?2 AND c.dataset = ?3 "
                                       "AND c.failure IS NOT NULL ORDER BY c.id", error))
    return NULL;
  cyt_statement_bind_int (&s, 1, first_cell);
  cyt_statement_bind_int (&s, 2, facts->n_cells);
  cyt_statement_bind_int (&s, 3, dataset);
  while (TRUE)
    {
      CytCell *cell;

      if (!cyt_statement_step (&s, &row, error))
        return NULL;
      if (!row)
        return g_steal_pointer (&list);
      if ((cell = read_cell (&s, error)) == NULL)
        return NULL;
      g_ptr_array_add (list, cell);
    }
}

GPtrArray *
cyt_project_list_failures (CytProject *self, gint64 dataset, GError **error)
{
  g_autoptr (GPtrArray) list = NULL;

  if (!cyt_project_begin_read (self, error))
    return NULL;
  list = load_failures (self, dataset, error);
  return cyt_project_end (self, list != NULL, error) ? g_steal_pointer (&list) : NULL;
}

char *
cyt_project_dup_cell_path (CytProject *self, gint64 cell, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  const char *root, *path;
  gboolean row;

  if (!cyt_statement_init (&s, self,
                           "SELECT d.root, c.path FROM cell c JOIN dataset d ON d.id = c.dataset WHERE c.id = ?", error))
    return NULL;
  cyt_statement_bind_int (&s, 1, cell);
  if (!cyt_statement_step (&s, &row, error))
    return NULL;
  if (!row)
    {
      set_no_cell (self, cell, error);
      return NULL;
    }
  root = cyt_statement_get_path (&s, 0);
  path = cyt_statement_get_path (&s, 1);
  if (!cyt_statement_check_row (&s, error, "cell", "id %" G_GINT64_FORMAT, cell))
    return NULL;
  return g_path_is_absolute (path) ? g_strdup (path)
                                   : g_build_filename (*root != '\0' ? root : CYT_PROJECT_NOWHERE, path, NULL);
}

GBytes *
cyt_project_get_thumbnail (CytProject *self, gint64 cell, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gconstpointer data;
  gsize size;
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT jpeg FROM thumbnail WHERE cell = ?", error))
    return NULL;
  cyt_statement_bind_int (&s, 1, cell);
  if (!cyt_statement_step (&s, &row, error) || !row)
    return NULL;
  data = cyt_statement_get_blob (&s, 0, &size);
  if (!cyt_statement_check_row (&s, error, "thumbnail", "cell %" G_GINT64_FORMAT, cell))
    return NULL;
  return g_bytes_new (data, size);
}

static guint32
get_u32 (gconstpointer data, gsize i)
{
  guint32 value;

  memcpy (&value, (const guint8 *) data + i * sizeof value, sizeof value);
  return GUINT32_FROM_LE (value);
}

static float
get_f32 (gconstpointer data, gsize i)
{
  guint32 bits = get_u32 (data, i);
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static guint16
get_u16 (gconstpointer data, gsize i)
{
  guint16 value;

  memcpy (&value, (const guint8 *) data + i * sizeof value, sizeof value);
  return GUINT16_FROM_LE (value);
}

/* The columns of cell_latents: latents u32, scores f32, counts u16 of equal length, ascending by latent;
 * then those that fire on CLS: latents u32, values f32. Little-endian. */
typedef struct
{
  gconstpointer data[5];
  gsize size[5];
} LatentBlobs;

static gboolean
decode_latents (const LatentBlobs *blobs, gsize d_sae, CytCellLatents *latents)
{
  gsize n = blobs->size[0] / 4, n_cls = blobs->size[3] / 4, c = 0;

  if (blobs->size[0] % 4 != 0 || blobs->size[1] != n * 4 || blobs->size[2] != n * 2 || blobs->size[3] % 4 != 0
      || blobs->size[4] != n_cls * 4 || n > d_sae)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    {
      guint32 latent = get_u32 (blobs->data[0], i);
      float score = get_f32 (blobs->data[1], i);
      guint16 count = get_u16 (blobs->data[2], i);
      float cls = 0;

      if (latent >= d_sae || (i > 0 && latent <= latents->latent[i - 1]) || !isfinite (score) || !(score > 0)
          || count > CYT_N_TOKENS)
        return FALSE;
      if (c < n_cls && get_u32 (blobs->data[3], c) == latent)
        {
          cls = get_f32 (blobs->data[4], c++);
          if (!isfinite (cls) || !(cls > 0))
            return FALSE;
        }
      cyt_cell_latents_append (latents, latent, score, count, cls, 0);
    }
  return c == n_cls;
}

gboolean
cyt_project_read_cell_latents (CytStatement *s, int column, gint64 cell, CytCellLatents *latents, GError **error)
{
  LatentBlobs blobs;

  latents->n = 0;
  for (int i = 0; i < 5; i++)
    blobs.data[i] = cyt_statement_get_blob (s, column + i, &blobs.size[i]);
  if (!cyt_statement_check_row (s, error, "cell_latents", "cell %" G_GINT64_FORMAT, cell))
    return FALSE;
  if (!decode_latents (&blobs, s->project->d_sae, latents))
    {
      latents->n = 0;
      return cyt_project_set_corrupt (s->project, error, "table cell_latents, cell %" G_GINT64_FORMAT
                                      ": the lists have wrong sizes, or values that cannot be right", cell);
    }
  return TRUE;
}

gboolean
cyt_project_get_cell_latents (CytProject *self, gint64 cell, CytCellLatents *latents, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  latents->n = 0;
  if (!cyt_statement_init (&s, self,
                           "SELECT latents, scores, counts, cls_latents, cls_values FROM cell_latents WHERE cell = ?",
                           error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, cell);
  if (!cyt_statement_step (&s, &row, error))
    return FALSE;
  if (!row)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
                   "%s: cell %" G_GINT64_FORMAT " has no latents: it is not indexed yet, could not be read, or comes from "
                   "published statistics",
                   self->display, cell);
      return FALSE;
    }
  return cyt_project_read_cell_latents (&s, 0, cell, latents, error);
}

/* ---- All cells of a data set ---- */

/* Tokens above a threshold: latents u32 ascending, counts u16, all > 0. */
static gboolean
decode_counts (const LatentBlobs *blobs, gsize d_sae, CytCellLatents *latents)
{
  gsize n = blobs->size[0] / 4;

  if (blobs->size[0] % 4 != 0 || blobs->size[1] != n * 2 || n > d_sae)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    {
      guint32 latent = get_u32 (blobs->data[0], i);
      guint16 count = get_u16 (blobs->data[1], i);

      if (latent >= d_sae || (i > 0 && latent <= latents->latent[i - 1]) || count == 0 || count > CYT_N_TOKENS)
        return FALSE;
      cyt_cell_latents_append (latents, latent, 0, count, 0, 0);
    }
  return TRUE;
}

/* Columns of SELECT_CELL. */
#define N_CELL_COLUMNS 14
#define OF_PATIENT "AND (?5 IS NULL OR c.patient = ?5) "

/* How a scan reads the counts of each source, behind the columns of SELECT_CELL. */
static const struct
{
  const char *table;
  int n_columns;
  const char *sql;
} sources[] = {
  [CYT_COUNTS_OWN] = { "cell_latents", 5,
                       SELECT_CELL_COLUMNS ", x.latents, x.scores, x.counts, x.cls_latents, x.cls_values " SELECT_CELL_FROM
                                           "JOIN cell_latents x ON x.cell = c.id "
                                           "WHERE c.id >= ?1 AND c.id < ?1 + ?2 AND c.dataset = ?3 " OF_PATIENT
                                           "ORDER BY c.id" },
  [CYT_COUNTS_STORED] = { "threshold_counts", 2,
                          SELECT_CELL_COLUMNS ", x.latents, x.counts " SELECT_CELL_FROM
                                              "JOIN threshold_counts x ON x.dataset = ?3 AND x.value = ?4 AND x.cell = c.id "
                                              "WHERE c.id >= ?1 AND c.id < ?1 + ?2 AND c.dataset = ?3 " OF_PATIENT
                                              "ORDER BY c.id" },
  [CYT_COUNTS_LEVELS] = { "activation_levels", 3,
                          SELECT_CELL_COLUMNS ", x.latents, x.counts, x.levels " SELECT_CELL_FROM
                                              "LEFT JOIN activation_levels x ON x.cell = c.id WHERE c.id >= ?1 "
                                              "AND c.id < ?1 + ?2 AND c.dataset = ?3 AND c.sha256 IS NOT NULL "
                                              "AND c.failure IS NULL " OF_PATIENT "ORDER BY c.id" },
};

/* Tokens at @level and above, from a row of activation_levels. */
static gboolean
read_at_level (CytStatement *s, gint64 cell, guint level, CytCellLatents *latents, GError **error)
{
  CytCellLevels levels;
  const guint8 *next;
  gboolean ok;

  cyt_cell_levels_init (&levels);
  ok = cyt_project_read_cell_levels (s, N_CELL_COLUMNS, cell, &levels, error);
  next = levels.levels->data;
  for (guint k = 0; ok && k < levels.n; k++)
    {
      guint16 count = 0;

      for (guint t = 0; t < levels.count[k]; t++)
        count += next[t] >= level;
      next += levels.count[k];
      if (count > 0)
        cyt_cell_latents_append (latents, levels.latent[k], 0, count, 0, 0);
    }
  cyt_cell_levels_clear (&levels);
  return ok;
}

static gboolean
read_scanned (CytStatement *s, CytCountsSource source, double threshold, CytCellLatents *latents, GError **error)
{
  CytProject *self = s->project;
  const char *table = sources[source].table;
  gint64 cell = cyt_statement_get_int (s, 0, 1, G_MAXINT64);
  LatentBlobs blobs;

  latents->n = 0;
  if (source == CYT_COUNTS_LEVELS)
    return read_at_level (s, cell, (guint) cyt_level_find (threshold), latents, error);
  for (int i = 0; i < sources[source].n_columns; i++)
    blobs.data[i] = cyt_statement_get_blob (s, N_CELL_COLUMNS + i, &blobs.size[i]);
  if (!cyt_statement_check_row (s, error, table, "cell %" G_GINT64_FORMAT, cell))
    return FALSE;
  if (source == CYT_COUNTS_OWN ? decode_latents (&blobs, self->d_sae, latents) : decode_counts (&blobs, self->d_sae, latents))
    return TRUE;
  return cyt_project_set_corrupt (self, error, "table %s, cell %" G_GINT64_FORMAT
                                  ": the lists have wrong sizes, or values that cannot be right", table, cell);
}

static gboolean
scan_cells (CytProject *self, gint64 dataset, const char *patient, double threshold, CytCellScanFunc func,
            gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (CytDataset) facts = NULL;
  CytCellLatents latents;
  CytCountsSource source;
  gint64 first_cell;
  gboolean row, ok = TRUE;

  facts = cyt_project_load_dataset (self, dataset, &first_cell, error);
  if (facts == NULL || !cyt_project_check_threshold (self, facts, threshold, &source, error)
      || !cyt_statement_init (&s, self, sources[source].sql, error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, first_cell);
  cyt_statement_bind_int (&s, 2, facts->n_cells);
  cyt_statement_bind_int (&s, 3, dataset);
  if (source == CYT_COUNTS_STORED)
    cyt_statement_bind_double (&s, 4, threshold);
  cyt_statement_bind_text (&s, 5, patient);
  cyt_cell_latents_init (&latents);
  while (ok)
    {
      g_autoptr (CytCell) cell = NULL;

      ok = !g_cancellable_set_error_if_cancelled (cancellable, error) && cyt_statement_step (&s, &row, error);
      if (!ok || !row)
        break;
      cell = read_cell (&s, error);
      ok = cell != NULL && read_scanned (&s, source, threshold, &latents, error) && func (cell, &latents, user_data, error);
    }
  cyt_cell_latents_clear (&latents);
  return ok;
}

gboolean
cyt_project_scan_cells (CytProject *self, gint64 dataset, double threshold, CytCellScanFunc func, gpointer user_data,
                        GCancellable *cancellable, GError **error)
{
  return cyt_project_scan_patient (self, dataset, NULL, threshold, func, user_data, cancellable, error);
}

gboolean
cyt_project_scan_patient (CytProject *self, gint64 dataset, const char *patient, double threshold, CytCellScanFunc func,
                          gpointer user_data, GCancellable *cancellable, GError **error)
{
  gboolean ok;

  if (!cyt_project_begin_read (self, error))
    return FALSE;
  ok = scan_cells (self, dataset, patient, threshold, func, user_data, cancellable, error);
  return cyt_project_end (self, ok, error);
}
