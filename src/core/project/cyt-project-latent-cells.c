/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "project/cyt-project-private.h"

/* Cells and (cell, latent) pairs of a chunk: offsets are u16, and a chunk is sorted in memory, in 20 bytes a
 * pair, and written in one transaction, for which others wait. A single cell always fits. */
#define CHUNK_MAX_CELLS 65536
#define CHUNK_MAX_PAIRS CYT_PROJECT_MAX_LATENTS

void
cyt_latent_cells_free (CytLatentCells *self)
{
  if (self == NULL)
    return;
  g_free (self->position);
  g_free (self->score);
  g_free (self->count);
  g_free (self);
}

/* ---- Transposing ---- */

typedef struct
{
  guint32 latent;
  guint16 offset;
  guint16 count;
  float score;
} Pair;

typedef struct
{
  gsize first;            /* position */
  gsize n_cells;
  GArray *pairs;          /* of Pair, by cell */
  gsize *start;           /* (d_sae + 1): where each latent begins below */
  guint16 *offsets;       /* (pairs) by latent, then by cell; as stored: little-endian */
  guint32 *scores;        /* (pairs) bits of f32 */
  guint16 *counts;        /* (pairs) */
} Chunk;

static void
chunk_clear (Chunk *chunk)
{
  g_clear_pointer (&chunk->pairs, g_array_unref);
  g_clear_pointer (&chunk->start, g_free);
  g_clear_pointer (&chunk->offsets, g_free);
  g_clear_pointer (&chunk->scores, g_free);
  g_clear_pointer (&chunk->counts, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Chunk, chunk_clear)

static void
add_cell (Chunk *chunk, gsize position, const CytCellLatents *latents)
{
  for (guint i = 0; i < latents->n; i++)
    {
      Pair pair = { latents->latent[i], (guint16) (position - chunk->first), latents->count[i], latents->score[i] };

      g_array_append_val (chunk->pairs, pair);
    }
}

/* Reads cells from chunk->first on until the chunk is full. */
static gboolean
read_chunk (CytProject *self, const CytDataset *dataset, gint64 first_cell, CytCellLatents *latents, Chunk *chunk,
            GCancellable *cancellable, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gsize end = MIN (chunk->first + CHUNK_MAX_CELLS, dataset->n_cells);
  gboolean row;

  if (!cyt_statement_init (&s, self,
                           "SELECT cell, latents, scores, counts, cls_latents, cls_values FROM cell_latents "
                           "WHERE cell >= ? AND cell < ? ORDER BY cell", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, first_cell + (gint64) chunk->first);
  cyt_statement_bind_int (&s, 2, first_cell + (gint64) end);
  while (TRUE)
    {
      gint64 cell;

      if (g_cancellable_set_error_if_cancelled (cancellable, error) || !cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        break;
      cell = cyt_statement_get_int (&s, 0, 1, G_MAXINT64);
      if (!cyt_project_read_cell_latents (&s, 1, cell, latents, error))
        return FALSE;
      if (chunk->pairs->len + latents->n > CHUNK_MAX_PAIRS)
        {
          end = cell - first_cell;
          break;
        }
      add_cell (chunk, cell - first_cell, latents);
    }
  chunk->n_cells = end - chunk->first;
  return TRUE;
}

/* Sorts the pairs by latent and leaves the cells of each in order (counting sort). */
static void
sort_chunk (Chunk *chunk, gsize d_sae)
{
  gsize n = chunk->pairs->len;
  const Pair *pairs = (const Pair *) (gpointer) chunk->pairs->data;
  g_autofree gsize *next = NULL;

  chunk->start = g_new0 (gsize, d_sae + 1);
  chunk->offsets = g_new (guint16, n);
  chunk->scores = g_new (guint32, n);
  chunk->counts = g_new (guint16, n);
  for (gsize i = 0; i < n; i++)
    chunk->start[pairs[i].latent + 1]++;
  for (gsize k = 0; k < d_sae; k++)
    chunk->start[k + 1] += chunk->start[k];
  next = g_memdup2 (chunk->start, d_sae * sizeof *next);
  for (gsize i = 0; i < n; i++)
    {
      gsize at = next[pairs[i].latent]++;
      guint32 bits;

      memcpy (&bits, &pairs[i].score, sizeof bits);
      chunk->offsets[at] = GUINT16_TO_LE (pairs[i].offset);
      chunk->scores[at] = GUINT32_TO_LE (bits);
      chunk->counts[at] = GUINT16_TO_LE (pairs[i].count);
    }
}

static gboolean
insert_chunk (CytProject *self, gint64 dataset, const Chunk *chunk, gint64 *id, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&s, self, "INSERT INTO latent_chunk (dataset, first, n_cells) VALUES (?, ?, ?)", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_int (&s, 2, chunk->first);
  cyt_statement_bind_int (&s, 3, chunk->n_cells);
  if (!cyt_statement_run (&s, error))
    return FALSE;
  *id = sqlite3_last_insert_rowid (self->db);
  return TRUE;
}

static gboolean
write_chunk (CytProject *self, gint64 dataset, const Chunk *chunk, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, NULL, error);
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gint64 id;

  if (facts == NULL)
    return FALSE;
  if (facts->n_transposed != chunk->first) /* another program was quicker */
    return TRUE;
  if (!insert_chunk (self, dataset, chunk, &id, error)
      || !cyt_statement_init (&s, self, "INSERT INTO latent_cells (id, offsets, scores, counts) VALUES (?, ?, ?, ?)",
                              error))
    return FALSE;
  for (gsize k = 0; k < self->d_sae; k++)
    {
      gsize at = chunk->start[k], n = chunk->start[k + 1] - at;

      if (n == 0)
        continue;
      cyt_statement_bind_int (&s, 1, id * (gint64) self->d_sae + (gint64) k);
      cyt_statement_bind_blob (&s, 2, chunk->offsets + at, n * sizeof *chunk->offsets);
      cyt_statement_bind_blob (&s, 3, chunk->scores + at, n * sizeof *chunk->scores);
      cyt_statement_bind_blob (&s, 4, chunk->counts + at, n * sizeof *chunk->counts);
      if (g_cancellable_set_error_if_cancelled (cancellable, error) || !cyt_statement_run (&s, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
transpose_chunk (CytProject *self, const CytDataset *dataset, gint64 first_cell, CytCellLatents *latents,
                 GCancellable *cancellable, GError **error)
{
  g_auto (Chunk) chunk = { .first = dataset->n_transposed, .pairs = g_array_new (FALSE, FALSE, sizeof (Pair)) };
  gboolean ok;

  if (!read_chunk (self, dataset, first_cell, latents, &chunk, cancellable, error))
    return FALSE;
  sort_chunk (&chunk, self->d_sae);
  if (!cyt_project_begin_write (self, error))
    return FALSE;
  ok = write_chunk (self, dataset->id, &chunk, cancellable, error);
  return cyt_project_end (self, ok, error);
}

gboolean
cyt_project_transpose_latents (CytProject *self, gint64 dataset, GCancellable *cancellable, GError **error)
{
  CytCellLatents latents;
  gboolean ok = TRUE, more = TRUE;

  cyt_cell_latents_init (&latents);
  while (ok && more)
    {
      gint64 first_cell;
      g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, &first_cell, error);

      ok = facts != NULL;
      more = ok && facts->n_indexed == facts->n_cells && facts->n_transposed < facts->n_cells;
      if (more)
        ok = transpose_chunk (self, facts, first_cell, &latents, cancellable, error);
    }
  cyt_cell_latents_clear (&latents);
  return ok;
}

/* ---- Reading ---- */

static guint16
get_u16 (gconstpointer data, gsize i)
{
  guint16 value;

  memcpy (&value, (const guint8 *) data + i * sizeof value, sizeof value);
  return GUINT16_FROM_LE (value);
}

static float
get_f32 (gconstpointer data, gsize i)
{
  guint32 bits;
  float value;

  memcpy (&bits, (const guint8 *) data + i * sizeof bits, sizeof bits);
  bits = GUINT32_FROM_LE (bits);
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* Appends a chunk's cells: @blobs are its offsets, scores and counts. */
static gboolean
append_chunk (CytLatentCells *cells, gsize first, gsize n_cells, const gconstpointer *blobs, const gsize *sizes)
{
  gsize n = sizes[0] / 2, old = cells->n;

  if (sizes[0] % 2 != 0 || n < 1 || n > n_cells || sizes[1] != n * 4 || sizes[2] != n * 2)
    return FALSE;
  cells->position = g_renew (guint32, cells->position, old + n);
  cells->score = g_renew (float, cells->score, old + n);
  cells->count = g_renew (guint16, cells->count, old + n);
  for (gsize i = 0; i < n; i++)
    {
      guint16 offset = get_u16 (blobs[0], i);
      float score = get_f32 (blobs[1], i);
      guint16 count = get_u16 (blobs[2], i);

      if (offset >= n_cells || (i > 0 && first + offset <= cells->position[old + i - 1]) || !isfinite (score)
          || !(score > 0) || count > CYT_N_TOKENS)
        return FALSE;
      cells->position[old + i] = first + offset;
      cells->score[old + i] = score;
      cells->count[old + i] = count;
    }
  cells->n += n;
  return TRUE;
}

static CytLatentCells *
load_latent_cells (CytProject *self, gint64 dataset, guint latent, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (CytLatentCells) cells = g_new0 (CytLatentCells, 1);
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (self, dataset, &cells->first_cell, error);
  gsize next = 0;
  gboolean row;

  if (facts == NULL)
    return NULL;
  if (facts->n_transposed < facts->n_cells)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
                   self->published ? "%s: data set \"%s\" holds published statistics: the cells of a latent beyond its "
                                     "best are not known"
                                   : "%s: data set \"%s\" is not indexed completely: the cells of a latent are not known yet",
                   self->display, facts->name);
      return NULL;
    }
  if (!cyt_statement_init (&s, self,
                           "SELECT c.first, c.n_cells, l.offsets, l.scores, l.counts FROM latent_chunk c "
                           "LEFT JOIN latent_cells l ON l.id = c.id * ?2 + ?3 WHERE c.dataset = ?1 ORDER BY c.first", error))
    return NULL;
  cyt_statement_bind_int (&s, 1, dataset);
  cyt_statement_bind_int (&s, 2, self->d_sae);
  cyt_statement_bind_int (&s, 3, latent);
  while (TRUE)
    {
      gconstpointer blobs[3];
      gsize sizes[3], first, n_cells;
      gboolean fires;

      if (!cyt_statement_step (&s, &row, error))
        return NULL;
      if (!row)
        return g_steal_pointer (&cells);
      first = cyt_statement_get_int (&s, 0, next, next);
      n_cells = cyt_statement_get_int (&s, 1, 1, MIN (facts->n_cells - next, CHUNK_MAX_CELLS));
      next = first + n_cells;
      fires = !cyt_statement_is_null (&s, 2);
      for (int i = 0; fires && i < 3; i++)
        blobs[i] = cyt_statement_get_blob (&s, 2 + i, &sizes[i]);
      if (!cyt_statement_check_row (&s, error, "latent_cells", "latent %u from position %" G_GSIZE_FORMAT, latent, first))
        return NULL;
      if (fires && !append_chunk (cells, first, n_cells, blobs, sizes))
        {
          cyt_project_set_corrupt (self, error, "table latent_cells, latent %u from position %" G_GSIZE_FORMAT
                                   ": the lists have wrong sizes, or values that cannot be right", latent, first);
          return NULL;
        }
    }
}

CytLatentCells *
cyt_project_get_latent_cells (CytProject *self, gint64 dataset, guint latent, GError **error)
{
  g_autoptr (CytLatentCells) cells = NULL;

  if (latent >= self->d_sae)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
                   "%s: there is no latent %u, they go from 0 to %" G_GSIZE_FORMAT, self->display, latent,
                   self->d_sae - 1);
      return NULL;
    }
  if (!cyt_project_begin_read (self, error))
    return NULL;
  cells = load_latent_cells (self, dataset, latent, error);
  return cyt_project_end (self, cells != NULL, error) ? g_steal_pointer (&cells) : NULL;
}
