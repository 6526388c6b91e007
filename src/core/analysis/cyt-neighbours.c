/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "analysis/cyt-neighbours.h"
#include "project/cyt-project-private.h"

#define CELLS_AT_ONCE 512               /* in one read of the project */
#define DIRECTION_BYTES ((gsize) 4 << 20) /* of the decoder, at once */

/* ---- The n best ---- */

typedef struct
{
  double cosine;
  gint64 number;
} Best;

static int
compare_best (gconstpointer a, gconstpointer b)
{
  const Best *x = a, *y = b;

  if (x->cosine != y->cosine)
    return x->cosine > y->cosine ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

/* Keeps @list sorted and at most @n long; n is small. */
static void
offer (GArray *list, guint n, double cosine, gint64 number)
{
  Best best = { cosine, number };
  guint i = list->len;

  if (n == 0 || !(cosine > 0))
    return;
  while (i > 0 && compare_best (&best, &g_array_index (list, Best, i - 1)) < 0)
    i--;
  if (i == n)
    return;
  g_array_insert_val (list, i, best);
  if (list->len > n)
    g_array_set_size (list, n);
}

static GArray *
to_latents (GArray *list)
{
  GArray *ranked = g_array_new (FALSE, FALSE, sizeof (CytRankedLatent));

  for (guint i = 0; i < list->len; i++)
    {
      CytRankedLatent entry = { g_array_index (list, Best, i).number, g_array_index (list, Best, i).cosine };

      g_array_append_val (ranked, entry);
    }
  return ranked;
}

/* ---- Latents that fire together ---- */

/* out: (d_sae) Σ score². */
static gboolean
load_squares (CytProject *project, gint64 dataset, double *out, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&s, project, "SELECT latent, sum_square FROM latent_stats WHERE dataset = ?", error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, dataset);
  while (TRUE)
    {
      guint32 latent;
      double square;

      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      latent = cyt_statement_get_int (&s, 0, 0, project->d_sae - 1);
      square = cyt_statement_get_double (&s, 1, 0, G_MAXDOUBLE);
      if (!cyt_statement_check_row (&s, error, "latent_stats", "latent %u", latent))
        return FALSE;
      out[latent] = square;
    }
}

/* out: (d_sae) += Σ over @n of the @cells from @first on, of their score times that of each latent. */
static gboolean
add_products (CytProject *project, const CytLatentCells *cells, gsize first, gsize n, double *out,
              GCancellable *cancellable, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  CytCellLatents latents;
  gboolean ok = TRUE, row;

  if (!cyt_statement_init (&s, project,
                           "SELECT latents, scores, counts, cls_latents, cls_values FROM cell_latents WHERE cell = ?",
                           error))
    return FALSE;
  cyt_cell_latents_init (&latents);
  for (gsize i = first; ok && i < first + n; i++)
    {
      gint64 cell = cells->first_cell + cells->position[i];

      cyt_statement_bind_int (&s, 1, cell);
      ok = !g_cancellable_set_error_if_cancelled (cancellable, error) && cyt_statement_step (&s, &row, error);
      if (!ok)
        break;
      if (!row)
        ok = cyt_project_set_corrupt (project, error, "table cell_latents has no cell %" G_GINT64_FORMAT, cell);
      ok = ok && cyt_project_read_cell_latents (&s, 0, cell, &latents, error);
      for (guint j = 0; ok && j < latents.n; j++)
        out[latents.latent[j]] += (double) cells->score[i] * latents.score[j];
      cyt_statement_reset (&s);
    }
  cyt_cell_latents_clear (&latents);
  return ok;
}

GArray *
cyt_neighbours_find_coactive (CytProject *project, gint64 dataset, guint latent, guint n, GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (CytLatentCells) cells = cyt_project_get_latent_cells (project, dataset, latent, error);
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Best));
  g_autofree double *squares = g_new0 (double, project->d_sae);
  g_autofree double *products = g_new0 (double, project->d_sae);

  if (cells == NULL || !load_squares (project, dataset, squares, error))
    return NULL;
  /* Cells that are indexed never change: no snapshot of the whole is needed, for which writers would wait. */
  for (gsize first = 0; first < cells->n; first += CELLS_AT_ONCE)
    {
      gboolean ok;

      if (!cyt_project_begin_read (project, error))
        return NULL;
      ok = add_products (project, cells, first, MIN (CELLS_AT_ONCE, cells->n - first), products, cancellable, error);
      if (!cyt_project_end (project, ok, error))
        return NULL;
    }
  for (gsize k = 0; k < project->d_sae; k++)
    if (k != latent && products[k] > 0)
      offer (list, n, products[k] / sqrt (squares[latent] * squares[k]), k);
  return to_latents (list);
}

/* ---- Cells ---- */

typedef struct
{
  gint64 except;
  guint n;
  float *scores;          /* (d_sae) of the cell asked about */
  double square;
  GArray *list;           /* of Best */
} CellSearch;

static gboolean
compare_cell (const CytCell *cell, const CytCellLatents *latents, gpointer user_data, GError **error)
{
  CellSearch *search = user_data;
  double product = 0, square = 0;

  if (cell->id == search->except)
    return TRUE;
  for (guint i = 0; i < latents->n; i++)
    {
      product += (double) search->scores[latents->latent[i]] * latents->score[i];
      square += (double) latents->score[i] * latents->score[i];
    }
  if (product > 0)
    offer (search->list, search->n, product / sqrt (search->square * square), cell->id);
  return TRUE;
}

GArray *
cyt_neighbours_find_cells (CytProject *project, gint64 dataset, const CytCellLatents *latents, gint64 except, guint n,
                           GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Best));
  g_autofree float *scores = g_new0 (float, project->d_sae);
  CellSearch search = { .except = except, .n = n, .scores = scores, .list = list };
  GArray *cells;

  for (guint i = 0; i < latents->n; i++)
    {
      g_assert (latents->latent[i] < project->d_sae);
      scores[latents->latent[i]] = latents->score[i];
      search.square += (double) latents->score[i] * latents->score[i];
    }
  if (!cyt_project_scan_cells (project, dataset, NAN, compare_cell, &search, cancellable, error))
    return NULL;
  cells = g_array_new (FALSE, FALSE, sizeof (CytSimilarCell));
  for (guint i = 0; i < list->len; i++)
    {
      CytSimilarCell cell = { g_array_index (list, Best, i).number, g_array_index (list, Best, i).cosine };

      g_array_append_val (cells, cell);
    }
  return cells;
}

/* ---- Directions ---- */

GArray *
cyt_neighbours_find_directions (CytSaeDecoder *decoder, guint latent, guint n, GCancellable *cancellable, GError **error)
{
  const CytSaeConfig *config = cyt_sae_decoder_get_config (decoder);
  gsize n_at_once = MAX (DIRECTION_BYTES / (config->d_in * sizeof (float)), 1);
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Best));
  g_autofree float *own = g_new (float, config->d_in);
  g_autofree float *rows = g_new (float, n_at_once * config->d_in);

  g_assert (latent < config->d_sae);
  if (!cyt_sae_decoder_read (decoder, latent, 1, own, error))
    return NULL;
  for (gsize first = 0; first < config->d_sae; first += n_at_once)
    {
      gsize n_rows = MIN (n_at_once, config->d_sae - first);

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !cyt_sae_decoder_read (decoder, first, n_rows, rows, error))
        return NULL;
      for (gsize r = 0; r < n_rows; r++)
        {
          const float *row = rows + r * config->d_in;
          double cosine = 0;

          for (gsize i = 0; i < config->d_in; i++)
            cosine += (double) own[i] * row[i];
          if (first + r != latent)
            offer (list, n, cosine, first + r);
        }
    }
  return to_latents (list);
}
