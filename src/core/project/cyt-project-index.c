/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-error.h"
#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

void
cyt_indexed_cell_free (CytIndexedCell *self)
{
  if (self == NULL)
    return;
  g_free (self->failure);
  g_clear_pointer (&self->thumbnail, g_bytes_unref);
  cyt_cell_latents_clear (&self->latents);
  g_clear_pointer (&self->maps, g_ptr_array_unref);
  g_free (self);
}

/* ---- Reading back ---- */

static gboolean
load_stats (CytProject *self, const CytDataset *dataset, CytLatentStats *stats, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  stats->n_images = dataset->n_indexed - dataset->n_failed;
  if (!cyt_statement_init (&s, self,
                           "SELECT latent, n_active, sum_score, sum_cls, sum_count, max_act, sum_square FROM latent_stats "
                           "WHERE dataset = ?", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset->id);
  while (TRUE)
    {
      gsize k;

      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      k = cyt_statement_get_int (&s, 0, 0, self->d_sae - 1);
      stats->n_active[k] = cyt_statement_get_int (&s, 1, 1, stats->n_images);
      stats->sum_score[k] = cyt_statement_get_double (&s, 2, 0, G_MAXDOUBLE);
      stats->sum_cls[k] = cyt_statement_get_double (&s, 3, 0, G_MAXDOUBLE);
      stats->sum_count[k] = cyt_statement_get_double (&s, 4, 0, G_MAXDOUBLE);
      stats->max_act[k] = cyt_statement_get_double (&s, 5, 0, G_MAXFLOAT);
      stats->sum_square[k] = cyt_statement_get_double (&s, 6, 0, G_MAXDOUBLE);
      if (!cyt_statement_check_row (&s, error, "latent_stats", "latent %" G_GSIZE_FORMAT, k))
        return FALSE;
    }
}

static gboolean
load_lists (CytProject *self, const CytDataset *dataset, gint64 first_cell, CytTopLists *lists, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT latent, cell, score FROM top_cell WHERE dataset = ?", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset->id);
  while (TRUE)
    {
      gsize latent;
      gint64 cell, evicted;
      double score;

      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      latent = cyt_statement_get_int (&s, 0, 0, self->d_sae - 1);
      cell = cyt_statement_get_int (&s, 1, first_cell, first_cell + (gint64) dataset->n_indexed - 1);
      score = cyt_statement_get_double (&s, 2, 0, G_MAXFLOAT);
      if (!cyt_statement_check_row (&s, error, "top_cell", "latent %" G_GSIZE_FORMAT, latent))
        return FALSE;
      if (!((float) score > 0)
          || !cyt_top_lists_offer (lists, latent, score, cell - first_cell, &evicted) || evicted >= 0)
        return cyt_project_set_corrupt (self, error, "table top_cell, latent %" G_GSIZE_FORMAT
                                        ": a score of 0, or more than %u cells", latent, dataset->n_top);
    }
}

static gboolean
load_state (CytProject *self, gint64 dataset, CytLatentStats *stats, CytTopLists *lists, GError **error)
{
  g_autoptr (CytDataset) facts = NULL;
  gint64 first_cell;

  facts = cyt_project_load_dataset (self, dataset, &first_cell, error);
  return facts != NULL && load_stats (self, facts, stats, error)
         && load_lists (self, facts, first_cell, lists, error);
}

gboolean
cyt_project_load_index_state (CytProject *self, gint64 dataset, CytLatentStats *stats, CytTopLists *lists,
                              GError **error)
{
  gboolean ok;

  g_assert (stats->d_sae == self->d_sae);
  if (!cyt_project_begin_read (self, error))
    return FALSE;
  ok = load_state (self, dataset, stats, lists, error);
  return cyt_project_end (self, ok, error);
}

/* Class numbers of all cells, for the entropies. */
static gboolean
load_labels (CytProject *self, const CytDataset *dataset, gint64 first_cell, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GArray) labels = NULL;
  gboolean row;

  if (self->labels_dataset == dataset->id)
    return TRUE;
  if (!cyt_statement_init (&s, self,
                           "SELECT id, label FROM cell WHERE id >= ?1 AND id < ?1 + ?2 AND dataset = ?3 ORDER BY id",
                           error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, first_cell);
  cyt_statement_bind_int (&s, 2, dataset->n_cells);
  cyt_statement_bind_int (&s, 3, dataset->id);
  labels = g_array_new (FALSE, FALSE, sizeof (gint32));
  while (TRUE)
    {
      gint64 id = first_cell + labels->len;
      gint32 label = -1;

      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        break;
      cyt_statement_get_int (&s, 0, id, id);
      if (!cyt_statement_is_null (&s, 1))
        label = cyt_statement_get_int (&s, 1, 0, G_MAXINT32);
      if (!cyt_statement_check_row (&s, error, "cell", "id %" G_GINT64_FORMAT, id))
        return FALSE;
      g_array_append_val (labels, label);
    }
  if (labels->len != dataset->n_cells)
    return cyt_project_set_corrupt (self, error, "table cell has %u cells of data set %" G_GINT64_FORMAT
                                    ", expected %" G_GSIZE_FORMAT, labels->len, dataset->id, dataset->n_cells);
  g_clear_pointer (&self->labels, g_array_unref);
  self->labels = g_steal_pointer (&labels);
  self->labels_dataset = dataset->id;
  return TRUE;
}

/* ---- Committing ---- */

typedef struct
{
  CytProject *project;
  const CytDataset *dataset;
  gint64 first_cell;      /* of the data set */
  gsize first_position;   /* of the cells committed now */
  GPtrArray *cells;
  const CytLatentStats *stats;
  const CytTopLists *lists;
} Commit;

static void
put_u32 (GByteArray *out, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof value);
}

static void
put_f32 (GByteArray *out, float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  put_u32 (out, bits);
}

static void
put_u16 (GByteArray *out, guint16 value)
{
  value = GUINT16_TO_LE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof value);
}

enum { LATENTS, SCORES, COUNTS, CLS_LATENTS, CLS_VALUES, N_BLOBS };

static gboolean
write_cell_latents (CytStatement *s, gint64 id, const CytCellLatents *latents, GByteArray **blobs, GError **error)
{
  for (guint b = 0; b < N_BLOBS; b++)
    g_byte_array_set_size (blobs[b], 0);
  for (guint i = 0; i < latents->n; i++)
    {
      put_u32 (blobs[LATENTS], latents->latent[i]);
      put_f32 (blobs[SCORES], latents->score[i]);
      put_u16 (blobs[COUNTS], latents->count[i]);
      if (latents->cls[i] > 0)
        {
          put_u32 (blobs[CLS_LATENTS], latents->latent[i]);
          put_f32 (blobs[CLS_VALUES], latents->cls[i]);
        }
    }
  cyt_statement_bind_int (s, 1, id);
  for (guint b = 0; b < N_BLOBS; b++)
    cyt_statement_bind_blob (s, 2 + b, blobs[b]->data, blobs[b]->len);
  return cyt_statement_run (s, error);
}

static gboolean
write_cells_with (const Commit *c, GByteArray **blobs, GError **error)
{
  g_auto (CytStatement) update = CYT_STATEMENT_INIT;
  g_auto (CytStatement) insert = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&update, c->project,
                           "UPDATE cell SET sha256 = ?2, width = ?3, height = ?4, failure = ?5, red = ?6, green = ?7, "
                           "blue = ?8 WHERE id = ?1", error)
      || !cyt_statement_init (&insert, c->project,
                              "INSERT INTO cell_latents (cell, latents, scores, counts, cls_latents, cls_values) "
                              "VALUES (?, ?, ?, ?, ?, ?)", error))
    return FALSE;
  for (guint i = 0; i < c->cells->len; i++)
    {
      const CytIndexedCell *cell = c->cells->pdata[i];
      gint64 id = c->first_cell + (gint64) cell->position;

      g_assert (cell->position == c->first_position + i);
      cyt_statement_bind_int (&update, 1, id);
      for (int p = 2; p <= 8; p++)
        cyt_statement_bind_null (&update, p);
      if (cell->failure)
        cyt_statement_bind_text (&update, 5, cell->failure);
      else
        {
          cyt_statement_bind_text (&update, 2, cell->sha256);
          cyt_statement_bind_int (&update, 3, cell->width);
          cyt_statement_bind_int (&update, 4, cell->height);
          for (int p = 0; p < 3; p++)
            cyt_statement_bind_double (&update, 6 + p, cell->color[p]);
        }
      if (!cyt_statement_run (&update, error)
          || (!cell->failure && !write_cell_latents (&insert, id, &cell->latents, blobs, error)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_cells (const Commit *c, GError **error)
{
  GByteArray *blobs[N_BLOBS];
  gboolean ok;

  for (guint b = 0; b < N_BLOBS; b++)
    blobs[b] = g_byte_array_new ();
  ok = write_cells_with (c, blobs, error);
  for (guint b = 0; b < N_BLOBS; b++)
    g_byte_array_unref (blobs[b]);
  return ok;
}

static const CytSparseMap *
find_map (const CytIndexedCell *cell, guint latent)
{
  guint low = 0, high = cell->maps ? cell->maps->len : 0;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const CytSparseMap *map = cell->maps->pdata[middle];

      if (map->latent == latent)
        return map;
      if (map->latent < latent)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

/* The cells that the file has in a latent's list. */
static gboolean
load_stored (CytStatement *select, gint64 dataset, guint latent, GArray *stored, GError **error)
{
  gboolean row;

  g_array_set_size (stored, 0);
  cyt_statement_bind_int (select, 1, dataset);
  cyt_statement_bind_int (select, 2, latent);
  while (TRUE)
    {
      gint64 cell;

      if (!cyt_statement_step (select, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      cell = cyt_statement_get_int (select, 0, 1, G_MAXINT64);
      if (!cyt_statement_check_row (select, error, "top_cell", "latent %u", latent))
        return FALSE;
      g_array_append_val (stored, cell);
    }
}

typedef struct
{
  CytStatement select;
  CytStatement insert;
  CytStatement remove;
  CytStatement thumbnail;
  GArray *stored;         /* of gint64 */
  guint8 *shown;          /* (cells->len): whether the cell has its thumbnail in the file */
} ListWriter;

static void
list_writer_clear (ListWriter *w)
{
  cyt_statement_clear (&w->select);
  cyt_statement_clear (&w->insert);
  cyt_statement_clear (&w->remove);
  cyt_statement_clear (&w->thumbnail);
  g_array_unref (w->stored);
  g_free (w->shown);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ListWriter, list_writer_clear)

static gboolean
insert_entry (const Commit *c, ListWriter *w, guint latent, const CytTopEntry *entry, GError **error)
{
  gsize i = entry->cell - c->first_position;
  const CytIndexedCell *cell = c->cells->pdata[i];
  gint64 id = c->first_cell + entry->cell;
  const CytSparseMap *map = find_map (cell, latent);
  g_autoptr (GBytes) bytes = NULL;
  gsize size;
  gconstpointer data;

  g_assert (map != NULL);
  bytes = cyt_sparse_map_to_bytes (map);
  data = g_bytes_get_data (bytes, &size);
  cyt_statement_bind_int (&w->insert, 1, c->dataset->id);
  cyt_statement_bind_int (&w->insert, 2, latent);
  cyt_statement_bind_int (&w->insert, 3, id);
  cyt_statement_bind_double (&w->insert, 4, entry->score);
  cyt_statement_bind_blob (&w->insert, 5, data, size);
  if (!cyt_statement_run (&w->insert, error))
    return FALSE;
  if (w->shown[i] || cell->thumbnail == NULL)
    return TRUE;
  w->shown[i] = TRUE;
  data = g_bytes_get_data (cell->thumbnail, &size);
  cyt_statement_bind_int (&w->thumbnail, 1, id);
  cyt_statement_bind_blob (&w->thumbnail, 2, data, size);
  return cyt_statement_run (&w->thumbnail, error);
}

/* Makes the file's list of one latent the one in memory: only what differs is written. */
static gboolean
write_list (const Commit *c, ListWriter *w, guint latent, GError **error)
{
  guint n;
  const CytTopEntry *entries = cyt_top_lists_get (c->lists, latent, &n);

  if (!load_stored (&w->select, c->dataset->id, latent, w->stored, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      gint64 id = c->first_cell + entries[i].cell;
      guint at;

      if (entries[i].cell >= c->first_position)
        {
          if (!insert_entry (c, w, latent, &entries[i], error))
            return FALSE;
          continue;
        }
      for (at = 0; at < w->stored->len && g_array_index (w->stored, gint64, at) != id; at++)
        ;
      if (at == w->stored->len)
        return cyt_project_set_corrupt (c->project, error, "table top_cell, latent %u: cell %" G_GINT64_FORMAT
                                        " is missing", latent, id);
      g_array_remove_index_fast (w->stored, at);
    }
  for (guint i = 0; i < w->stored->len; i++)
    {
      cyt_statement_bind_int (&w->remove, 1, c->dataset->id);
      cyt_statement_bind_int (&w->remove, 2, latent);
      cyt_statement_bind_int (&w->remove, 3, g_array_index (w->stored, gint64, i));
      if (!cyt_statement_run (&w->remove, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_lists (const Commit *c, GArray *changed, GError **error)
{
  g_auto (ListWriter) w = { CYT_STATEMENT_INIT, CYT_STATEMENT_INIT, CYT_STATEMENT_INIT, CYT_STATEMENT_INIT,
                            g_array_new (FALSE, FALSE, sizeof (gint64)), g_new0 (guint8, c->cells->len) };

  if (!cyt_statement_init (&w.select, c->project, "SELECT cell FROM top_cell WHERE dataset = ? AND latent = ?", error)
      || !cyt_statement_init (&w.insert, c->project,
                              "INSERT INTO top_cell (dataset, latent, cell, score, map) VALUES (?, ?, ?, ?, ?)", error)
      || !cyt_statement_init (&w.remove, c->project,
                              "DELETE FROM top_cell WHERE dataset = ? AND latent = ? AND cell = ?", error)
      || !cyt_statement_init (&w.thumbnail, c->project, "INSERT INTO thumbnail (cell, jpeg) VALUES (?, ?)", error))
    return FALSE;
  for (guint i = 0; i < changed->len; i++)
    if (!write_list (c, &w, g_array_index (changed, guint32, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
write_stats (const Commit *c, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autofree guint8 *touched = g_new0 (guint8, c->stats->d_sae);
  const CytLatentStats *stats = c->stats;
  const gint32 *labels = (const gint32 *) c->project->labels->data;

  if (!cyt_statement_init (&s, c->project,
                           "INSERT INTO latent_stats (dataset, latent, n_active, sum_score, sum_cls, sum_count, max_act, "
                           "entropy, purity, majority, sum_square) "
                           "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
                           "ON CONFLICT (dataset, latent) DO UPDATE SET n_active = ?3, sum_score = ?4, sum_cls = ?5, "
                           "sum_count = ?6, max_act = ?7, entropy = ?8, purity = ?9, majority = ?10, sum_square = ?11", error))
    return FALSE;
  for (guint i = 0; i < c->cells->len; i++)
    {
      const CytCellLatents *latents = &((const CytIndexedCell *) c->cells->pdata[i])->latents;

      for (guint j = 0; j < latents->n; j++)
        touched[latents->latent[j]] = TRUE;
    }
  for (gsize k = 0; k < stats->d_sae; k++)
    {
      double entropy, purity;
      gint32 majority;

      if (!touched[k])
        continue;
      cyt_statement_bind_int (&s, 1, c->dataset->id);
      cyt_statement_bind_int (&s, 2, k);
      cyt_statement_bind_int (&s, 3, stats->n_active[k]);
      cyt_statement_bind_double (&s, 4, stats->sum_score[k]);
      cyt_statement_bind_double (&s, 5, stats->sum_cls[k]);
      cyt_statement_bind_double (&s, 6, stats->sum_count[k]);
      cyt_statement_bind_double (&s, 7, stats->max_act[k]);
      cyt_statement_bind_double (&s, 11, stats->sum_square[k]);
      if (cyt_top_lists_get_entropy (c->lists, k, labels, &entropy, &purity, &majority))
        {
          cyt_statement_bind_double (&s, 8, entropy);
          cyt_statement_bind_double (&s, 9, purity);
          cyt_statement_bind_int (&s, 10, majority);
        }
      else
        for (int p = 8; p <= 10; p++)
          cyt_statement_bind_null (&s, p);
      if (!cyt_statement_run (&s, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_progress (const Commit *c, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gsize n_failed = 0;

  for (guint i = 0; i < c->cells->len; i++)
    n_failed += ((const CytIndexedCell *) c->cells->pdata[i])->failure != NULL;
  if (!cyt_statement_init (&s, c->project, "UPDATE dataset SET n_indexed = ?2, n_failed = n_failed + ?3 WHERE id = ?1",
                           error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, c->dataset->id);
  cyt_statement_bind_int (&s, 2, c->first_position + c->cells->len);
  cyt_statement_bind_int (&s, 3, n_failed);
  return cyt_statement_run (&s, error);
}

static gboolean
commit_cells (CytProject *self, gint64 dataset, gsize first_position, GPtrArray *cells, const CytLatentStats *stats,
              const CytTopLists *lists, GArray *changed, GError **error)
{
  Commit c = { .project = self, .first_position = first_position, .cells = cells, .stats = stats, .lists = lists };
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, &c.first_cell, error);

  if (facts == NULL)
    return FALSE;
  c.dataset = facts;
  if (facts->n_indexed != first_position)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_BUSY,
                   "%s: data set \"%s\" is being indexed by another program", self->display, facts->name);
      return FALSE;
    }
  g_assert (cells->len <= facts->n_cells - first_position);
  return load_labels (self, facts, c.first_cell, error) && write_cells (&c, error) && write_lists (&c, changed, error)
         && write_stats (&c, error) && write_progress (&c, error);
}

gboolean
cyt_project_commit_cells (CytProject *self, gint64 dataset, gsize first_position, GPtrArray *cells,
                          const CytLatentStats *stats, const CytTopLists *lists, GArray *changed, GError **error)
{
  gboolean ok;

  g_assert (stats->d_sae == self->d_sae);
  if (!cyt_project_begin_write (self, error))
    return FALSE;
  ok = commit_cells (self, dataset, first_position, cells, stats, lists, changed, error);
  return cyt_project_end (self, ok, error);
}

/* ---- Finishing ---- */

/* Thumbnails of the data set whose cell is in no list: keys of @unused. */
static gboolean
find_unused (CytProject *self, gint64 dataset, GHashTable *unused, GError **error)
{
  g_auto (CytStatement) thumbnails = CYT_STATEMENT_INIT;
  g_auto (CytStatement) used = CYT_STATEMENT_INIT;
  g_autoptr (CytDataset) facts = NULL;
  gint64 first_cell;
  gboolean row;

  facts = cyt_project_load_dataset (self, dataset, &first_cell, error);
  if (facts == NULL
      || !cyt_statement_init (&thumbnails, self, "SELECT cell FROM thumbnail WHERE cell >= ?1 AND cell < ?1 + ?2", error)
      || !cyt_statement_init (&used, self, "SELECT cell FROM top_cell WHERE dataset = ?", error))
    return FALSE;
  cyt_statement_bind_int (&thumbnails, 1, first_cell);
  cyt_statement_bind_int (&thumbnails, 2, facts->n_cells);
  while (TRUE)
    {
      if (!cyt_statement_step (&thumbnails, &row, error))
        return FALSE;
      if (!row)
        break;
      /* numbered from 1 within the data set, so that they fit a pointer */
      g_hash_table_add (unused, GSIZE_TO_POINTER (sqlite3_column_int64 (thumbnails.stmt, 0) - first_cell + 1));
    }
  cyt_statement_bind_int (&used, 1, dataset);
  while (TRUE)
    {
      if (!cyt_statement_step (&used, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      g_hash_table_remove (unused, GSIZE_TO_POINTER (sqlite3_column_int64 (used.stmt, 0) - first_cell + 1));
    }
}

static gboolean
remove_unused (CytProject *self, gint64 dataset, gboolean *any, gboolean remove, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GHashTable) unused = g_hash_table_new (NULL, NULL);
  g_autoptr (CytDataset) facts = NULL;
  gint64 first_cell;
  GHashTableIter iter;
  gpointer key;

  facts = cyt_project_load_dataset (self, dataset, &first_cell, error);
  if (facts == NULL || !find_unused (self, dataset, unused, error))
    return FALSE;
  *any = g_hash_table_size (unused) > 0;
  if (!remove)
    return TRUE;
  if (!cyt_statement_init (&s, self, "DELETE FROM thumbnail WHERE cell = ?", error))
    return FALSE;
  g_hash_table_iter_init (&iter, unused);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      cyt_statement_bind_int (&s, 1, first_cell + (gint64) GPOINTER_TO_SIZE (key) - 1);
      if (!cyt_statement_run (&s, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
drop_unused_thumbnails (CytProject *self, gint64 dataset, GError **error)
{
  gboolean any, ok;

  /* look first: a complete data set that is asked for again is not written to */
  if (!cyt_project_begin_read (self, error))
    return FALSE;
  ok = remove_unused (self, dataset, &any, FALSE, error);
  if (!cyt_project_end (self, ok, error))
    return FALSE;
  if (!any)
    return TRUE;
  if (!cyt_project_begin_write (self, error))
    return FALSE;
  ok = remove_unused (self, dataset, &any, TRUE, error);
  return cyt_project_end (self, ok, error);
}

gboolean
cyt_project_finish_index (CytProject *self, gint64 dataset, GCancellable *cancellable, GError **error)
{
  return drop_unused_thumbnails (self, dataset, error)
         && cyt_project_transpose_latents (self, dataset, cancellable, error);
}
