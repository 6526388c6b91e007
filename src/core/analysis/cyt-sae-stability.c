/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-assignment.h"
#include "analysis/cyt-sae-stability.h"
#include "io/cyt-error.h"
#include "tensor/cyt-blas.h"
#include "tensor/cyt-parallel.h"

#define ROWS_AT_ONCE 256
#define TILE 64            /* rows whose cosines exist at once, in each thread */

void
cyt_sae_stability_free (CytSaeStability *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->rows, g_array_unref);
  g_free (self);
}

/* ---- The alive rows of a decoder ---- */

typedef struct
{
  gsize n;
  guint32 *latents;  /* (n) ascending */
  float *rows;       /* (n, d_in) of unit length */
} Side;

static void
side_clear (Side *self)
{
  g_free (self->latents);
  g_free (self->rows);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Side, side_clear)

/* Whether @row has a direction; *finite gets FALSE where it holds a NaN or an infinity. */
static gboolean
has_direction (const float *row, gsize d, gboolean *finite)
{
  double sum = 0;

  for (gsize i = 0; i < d; i++)
    sum += (double) row[i] * row[i];
  *finite = isfinite (sum);
  return sum > 0;
}

static gsize
count_alive (const guint8 *alive, gsize n)
{
  gsize count = 0;

  if (alive == NULL)
    return n;
  for (gsize i = 0; i < n; i++)
    count += alive[i] != 0;
  return count;
}

static gboolean
side_read (Side *self, const char *name, CytSaeDecoder *decoder, const guint8 *alive, GCancellable *cancellable,
           GError **error)
{
  const CytSaeConfig *config = cyt_sae_decoder_get_config (decoder);
  gsize d = config->d_in, n_alive = count_alive (alive, config->d_sae);
  g_autofree float *piece = g_new (float, ROWS_AT_ONCE * d);

  self->latents = g_new (guint32, n_alive);
  self->rows = g_new (float, n_alive * d);
  for (gsize first = 0; first < config->d_sae; first += ROWS_AT_ONCE)
    {
      gsize n = MIN (ROWS_AT_ONCE, config->d_sae - first);

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !cyt_sae_decoder_read (decoder, first, n, piece, error))
        return FALSE;
      for (gsize i = 0; i < n; i++)
        {
          const float *row = piece + i * d;
          gboolean finite;

          if ((alive != NULL && alive[first + i] == 0) || (!has_direction (row, d, &finite) && finite))
            continue;
          if (!finite)
            {
              g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_CORRUPT,
                           "%s: row %" G_GSIZE_FORMAT " of W_dec is not finite", name, first + i);
              return FALSE;
            }
          self->latents[self->n] = first + i;
          memcpy (self->rows + self->n++ * d, row, d * sizeof *row);
        }
    }
  if (self->n == 0)
    {
      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH,
                   "%s: none of the %" G_GSIZE_FORMAT " latents is alive: there is nothing to match", name, config->d_sae);
      return FALSE;
    }
  return TRUE;
}

/* ---- Cosines ---- */

/* Of every row the largest cosine and where it stands, and of every column: the first of equal ones. Of every row the
 * largest ones, too. */
typedef struct
{
  const Side *rows, *columns;
  gsize d;
  gsize n_listed;
  CytAssignmentEntry *listed;        /* (rows, n_listed) */
  CytAssignmentEntry *column_best;   /* (columns) .column is a row */
  /* In each thread: */
  guint n_threads;
  float **tiles;                     /* (TILE, columns) */
  CytAssignmentEntry **scratch;      /* (columns) */
  CytAssignmentEntry **best;         /* (columns) of the tiles that it did */
  CytProgress *progress;
  GCancellable *cancellable;
} Cosines;

static void
cosines_clear (Cosines *self)
{
  for (guint t = 0; t < self->n_threads; t++)
    {
      g_free (self->tiles[t]);
      g_free (self->scratch[t]);
      g_free (self->best[t]);
    }
  g_free (self->tiles);
  g_free (self->scratch);
  g_free (self->best);
  g_free (self->listed);
  g_free (self->column_best);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Cosines, cosines_clear)

/* out: (n, columns) f32; those of a row with itself can round to a little more than 1. */
static void
compute_tile (const Cosines *self, gsize first, gsize n, float *out)
{
  cyt_blas_gemm_nt (out, self->columns->n, self->rows->rows + first * self->d, self->d, self->columns->rows, self->d, n,
                    self->columns->n, self->d, 1, 0);
  for (gsize i = 0; i < n * self->columns->n; i++)
    out[i] = CLAMP (out[i], -1, 1);
}

/* For cyt_assignment_solve(), where more of a row is needed than is listed. */
static void
read_row (gsize row, float *out, gpointer data)
{
  compute_tile (data, row, 1, out);
}

static void
keep_best (CytAssignmentEntry *best, CytAssignmentEntry entry)
{
  if (entry.value > best->value || (entry.value == best->value && entry.column < best->column))
    *best = entry;
}

static void
run_tile (gsize item, guint thread, gpointer data)
{
  Cosines *self = data;
  gsize first = item * TILE, n = MIN (TILE, self->rows->n - first), n_columns = self->columns->n;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  compute_tile (self, first, n, self->tiles[thread]);
  for (gsize i = 0; i < n; i++)
    {
      const float *row = self->tiles[thread] + i * n_columns;

      cyt_assignment_list_row (self->listed + (first + i) * self->n_listed, row, n_columns, self->n_listed,
                               self->scratch[thread]);
      for (gsize j = 0; j < n_columns; j++)
        keep_best (&self->best[thread][j], (CytAssignmentEntry){ first + i, row[j] });
    }
  if (self->progress != NULL)
    cyt_progress_advance (self->progress, n, 0);
}

static gboolean
cosines_compute (Cosines *self, const Side *rows, const Side *columns, gsize d, CytProgress *progress,
                 GCancellable *cancellable, GError **error)
{
  g_autoptr (CytParallel) parallel = cyt_parallel_new (0);

  self->rows = rows;
  self->columns = columns;
  self->d = d;
  self->progress = progress;
  self->cancellable = cancellable;
  self->n_listed = MIN (CYT_SAE_STABILITY_N_LISTED, columns->n);
  self->n_threads = cyt_parallel_get_n_threads (parallel);
  self->listed = g_new (CytAssignmentEntry, rows->n * self->n_listed);
  self->column_best = g_new (CytAssignmentEntry, columns->n);
  self->tiles = g_new (float *, self->n_threads);
  self->scratch = g_new (CytAssignmentEntry *, self->n_threads);
  self->best = g_new (CytAssignmentEntry *, self->n_threads);
  for (guint t = 0; t < self->n_threads; t++)
    {
      self->tiles[t] = g_new (float, TILE * columns->n);
      self->scratch[t] = g_new (CytAssignmentEntry, columns->n);
      self->best[t] = g_new (CytAssignmentEntry, columns->n);
      for (gsize j = 0; j < columns->n; j++)
        self->best[t][j] = (CytAssignmentEntry){ CYT_SAE_STABILITY_NONE, -INFINITY };
    }
  cyt_blas_init ();
  if (progress != NULL)
    {
      cyt_progress_set_stage (progress, 0, 2 * rows->n);
      cyt_progress_start (progress, 0, rows->n);
    }
  cyt_parallel_run (parallel, (rows->n + TILE - 1) / TILE, run_tile, self);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  for (gsize j = 0; j < columns->n; j++)
    {
      self->column_best[j] = self->best[0][j];
      for (guint t = 1; t < self->n_threads; t++)
        keep_best (&self->column_best[j], self->best[t][j]);
    }
  return TRUE;
}

/* ---- The result ---- */

/* Of a pair. One that is not listed is computed by itself, and may round otherwise than in its tile. */
static double
get_cosine (const Cosines *self, gsize i, gsize j)
{
  const CytAssignmentEntry *listed = self->listed + i * self->n_listed;
  double sum = 0;

  for (gsize k = 0; k < self->n_listed; k++)
    if (listed[k].column == j)
      return listed[k].value;
  for (gsize c = 0; c < self->d; c++)
    sum += (double) self->rows->rows[i * self->d + c] * self->columns->rows[j * self->d + c];
  return CLAMP (sum, -1, MIN (listed[0].value, self->column_best[j].value));
}

static int
compare_rows (gconstpointer pa, gconstpointer pb)
{
  const CytSaeStabilityRow *x = pa, *y = pb;

  if (x->a != y->a)
    return x->a < y->a ? -1 : 1; /* CYT_SAE_STABILITY_NONE is the largest */
  return x->b < y->b ? -1 : x->b > y->b;
}

/* @swapped: B's latents are the rows. */
static CytSaeStability *
collect (const Side *a, const Side *b, const Cosines *cosines, const guint32 *columns, gboolean swapped)
{
  const Side *rows = swapped ? b : a, *others = swapped ? a : b;
  CytSaeStability *self = g_new0 (CytSaeStability, 1);
  g_autofree guint8 *taken = g_new0 (guint8, others->n);

  self->rows = g_array_sized_new (FALSE, FALSE, sizeof (CytSaeStabilityRow), others->n);
  self->n_alive_a = a->n;
  self->n_alive_b = b->n;
  self->n_pairs = rows->n;
  for (gsize k = 0; k < rows->n + others->n; k++)
    {
      gsize i = k < rows->n ? k : G_MAXSIZE, j = k < rows->n ? columns[k] : k - rows->n;
      CytSaeStabilityRow row = { CYT_SAE_STABILITY_NONE, CYT_SAE_STABILITY_NONE, NAN, CYT_SAE_STABILITY_NONE, NAN,
                                 CYT_SAE_STABILITY_NONE, NAN };
      gsize best = cosines->column_best[j].column;
      double best_cosine = cosines->column_best[j].value;

      if (i == G_MAXSIZE && taken[j])
        continue;
      taken[j] = TRUE;
      *(swapped ? &row.a : &row.b) = others->latents[j];
      *(swapped ? &row.nearest_b : &row.nearest_a) = rows->latents[best];
      *(swapped ? &row.nearest_b_cosine : &row.nearest_a_cosine) = best_cosine;
      *(swapped ? &self->mmcs_a : &self->mmcs_b) += best_cosine / others->n;
      if (i != G_MAXSIZE)
        {
          best = cosines->listed[i * cosines->n_listed].column;
          best_cosine = cosines->listed[i * cosines->n_listed].value;
          *(swapped ? &row.b : &row.a) = rows->latents[i];
          *(swapped ? &row.nearest_a : &row.nearest_b) = others->latents[best];
          *(swapped ? &row.nearest_a_cosine : &row.nearest_b_cosine) = best_cosine;
          *(swapped ? &self->mmcs_b : &self->mmcs_a) += best_cosine / rows->n;
          row.cosine = get_cosine (cosines, i, j);
          self->mean_cosine += row.cosine / rows->n;
          self->n_same += row.cosine >= CYT_SAE_STABILITY_SAME;
        }
      g_array_append_val (self->rows, row);
    }
  g_array_sort (self->rows, compare_rows);
  return self;
}

CytSaeStability *
cyt_sae_stability_compute (CytSaeDecoder *a, const guint8 *alive_a, CytSaeDecoder *b, const guint8 *alive_b,
                       CytProgress *progress, GCancellable *cancellable, GError **error)
{
  const CytSaeConfig *config_a = cyt_sae_decoder_get_config (a), *config_b = cyt_sae_decoder_get_config (b);
  g_auto (Side) side_a = { 0 }, side_b = { 0 };
  g_auto (Cosines) cosines = { NULL };
  g_autofree guint32 *columns = NULL;
  CytAssignmentProblem problem = { .read_row = read_row, .data = &cosines };
  const Side *rows, *others;
  CytSaeStability *self;

  if (config_a->d_in != config_b->d_in)
    {
      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH,
                   "SAEs of different encoders: A reads tokens of %" G_GSIZE_FORMAT " numbers (d_in), B of %" G_GSIZE_FORMAT,
                   config_a->d_in, config_b->d_in);
      return NULL;
    }
  if (!side_read (&side_a, "A", a, alive_a, cancellable, error)
      || !side_read (&side_b, "B", b, alive_b, cancellable, error))
    return NULL;
  rows = side_a.n <= side_b.n ? &side_a : &side_b;
  others = rows == &side_a ? &side_b : &side_a;
  if (!cosines_compute (&cosines, rows, others, config_a->d_in, progress, cancellable, error))
    return NULL;
  columns = g_new (guint32, rows->n);
  problem.n_rows = rows->n;
  problem.n_columns = others->n;
  problem.n_listed = cosines.n_listed;
  problem.listed = cosines.listed;
  if (progress != NULL)
    cyt_progress_set_stage (progress, rows->n, 2 * rows->n);
  if (!cyt_assignment_solve (&problem, columns, progress, cancellable, error))
    return NULL;
  self = collect (&side_a, &side_b, &cosines, columns, rows == &side_b);
  self->d_in = config_a->d_in;
  self->d_sae_a = config_a->d_sae;
  self->d_sae_b = config_b->d_sae;
  return self;
}
