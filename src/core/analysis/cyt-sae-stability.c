/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-assignment.h"
#include "analysis/cyt-sae-stability.h"
#include "io/cyt-error.h"
#include "tensor/cyt-blas.h"

#define ROWS_AT_ONCE 256

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

/* (rows->n, columns->n) f32; those of a row with itself can round to a little more than 1. */
static float *
compute_cosines (const Side *rows, const Side *columns, gsize d, GCancellable *cancellable, GError **error)
{
  g_autofree float *cosines = g_try_malloc_n (rows->n * columns->n, sizeof *cosines);

  if (cosines == NULL)
    {
      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                   "%" G_GSIZE_FORMAT " × %" G_GSIZE_FORMAT " cosines: not enough memory", rows->n, columns->n);
      return NULL;
    }
  cyt_blas_init ();
  for (gsize first = 0; first < rows->n; first += ROWS_AT_ONCE)
    {
      gsize n = MIN (ROWS_AT_ONCE, rows->n - first);
      float *out = cosines + first * columns->n;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      cyt_blas_gemm_nt (out, columns->n, rows->rows + first * d, d, columns->rows, d, n, columns->n, d, 1, 0);
      for (gsize i = 0; i < n * columns->n; i++)
        out[i] = CLAMP (out[i], -1, 1);
    }
  return g_steal_pointer (&cosines);
}

/* ---- The result ---- */

/* Of every row the largest value and where it stands, and of every column. The first of equal ones. */
typedef struct
{
  guint32 *row_best;     /* (n_rows) a column */
  guint32 *column_best;  /* (n_columns) a row */
} Nearest;

static void
nearest_clear (Nearest *self)
{
  g_free (self->row_best);
  g_free (self->column_best);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Nearest, nearest_clear)

static void
nearest_init (Nearest *self, const float *values, gsize n_rows, gsize n_columns)
{
  self->row_best = g_new0 (guint32, n_rows);
  self->column_best = g_new0 (guint32, n_columns);
  for (gsize i = 0; i < n_rows; i++)
    {
      const float *row = values + i * n_columns;

      for (gsize j = 0; j < n_columns; j++)
        {
          if (row[j] > row[self->row_best[i]])
            self->row_best[i] = j;
          if (row[j] > values[self->column_best[j] * n_columns + j])
            self->column_best[j] = i;
        }
    }
}

static int
compare_rows (gconstpointer pa, gconstpointer pb)
{
  const CytSaeStabilityRow *x = pa, *y = pb;

  if (x->a != y->a)
    return x->a < y->a ? -1 : 1; /* CYT_SAE_STABILITY_NONE is the largest */
  return x->b < y->b ? -1 : x->b > y->b;
}

/* @swapped: the matrix has B's latents for rows. */
static CytSaeStability *
collect (const Side *a, const Side *b, const float *cosines, const guint32 *columns, gboolean swapped)
{
  const Side *rows = swapped ? b : a, *others = swapped ? a : b;
  CytSaeStability *self = g_new0 (CytSaeStability, 1);
  g_autofree guint8 *taken = g_new0 (guint8, others->n);
  g_auto (Nearest) nearest = { NULL };

  nearest_init (&nearest, cosines, rows->n, others->n);
  self->rows = g_array_sized_new (FALSE, FALSE, sizeof (CytSaeStabilityRow), others->n);
  self->n_alive_a = a->n;
  self->n_alive_b = b->n;
  self->n_pairs = rows->n;
  for (gsize k = 0; k < rows->n + others->n; k++)
    {
      gsize i = k < rows->n ? k : G_MAXSIZE, j = k < rows->n ? columns[k] : k - rows->n;
      CytSaeStabilityRow row = { CYT_SAE_STABILITY_NONE, CYT_SAE_STABILITY_NONE, NAN, CYT_SAE_STABILITY_NONE, NAN,
                                 CYT_SAE_STABILITY_NONE, NAN };
      gsize best = nearest.column_best[j];
      double best_cosine = cosines[best * others->n + j];

      if (i == G_MAXSIZE && taken[j])
        continue;
      taken[j] = TRUE;
      *(swapped ? &row.a : &row.b) = others->latents[j];
      *(swapped ? &row.nearest_b : &row.nearest_a) = rows->latents[best];
      *(swapped ? &row.nearest_b_cosine : &row.nearest_a_cosine) = best_cosine;
      *(swapped ? &self->mmcs_a : &self->mmcs_b) += best_cosine / others->n;
      if (i != G_MAXSIZE)
        {
          best = nearest.row_best[i];
          best_cosine = cosines[i * others->n + best];
          *(swapped ? &row.b : &row.a) = rows->latents[i];
          *(swapped ? &row.nearest_a : &row.nearest_b) = others->latents[best];
          *(swapped ? &row.nearest_a_cosine : &row.nearest_b_cosine) = best_cosine;
          *(swapped ? &self->mmcs_b : &self->mmcs_a) += best_cosine / rows->n;
          row.cosine = cosines[i * others->n + j];
          self->mean_cosine += row.cosine / rows->n;
          self->n_same += row.cosine >= CYT_SAE_STABILITY_SAME;
        }
      g_array_append_val (self->rows, row);
    }
  g_array_sort (self->rows, compare_rows);
  return self;
}

static gboolean
check_sizes (const CytSaeConfig *a, const guint8 *alive_a, const CytSaeConfig *b, const guint8 *alive_b, GError **error)
{
  gsize n_a = count_alive (alive_a, a->d_sae), n_b = count_alive (alive_b, b->d_sae);

  if (a->d_in != b->d_in)
    {
      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH,
                   "SAEs of different encoders: A reads tokens of %" G_GSIZE_FORMAT " numbers (d_in), B of %" G_GSIZE_FORMAT,
                   a->d_in, b->d_in);
      return FALSE;
    }
  if (n_b > 0 && n_a > CYT_SAE_STABILITY_MAX_COSINES / n_b)
    {
      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                   "%" G_GSIZE_FORMAT " × %" G_GSIZE_FORMAT " latents to match: more than %" G_GSIZE_FORMAT
                   " cosines (1 GiB) are refused; projects tell which latents are alive, and fewer may be",
                   n_a, n_b, CYT_SAE_STABILITY_MAX_COSINES);
      return FALSE;
    }
  return TRUE;
}

CytSaeStability *
cyt_sae_stability_compute (CytSaeDecoder *a, const guint8 *alive_a, CytSaeDecoder *b, const guint8 *alive_b,
                       CytProgress *progress, GCancellable *cancellable, GError **error)
{
  const CytSaeConfig *config_a = cyt_sae_decoder_get_config (a), *config_b = cyt_sae_decoder_get_config (b);
  g_auto (Side) side_a = { 0 }, side_b = { 0 };
  g_autofree float *cosines = NULL;
  g_autofree guint32 *columns = NULL;
  const Side *rows, *others;
  CytSaeStability *self;

  if (!check_sizes (config_a, alive_a, config_b, alive_b, error)
      || !side_read (&side_a, "A", a, alive_a, cancellable, error)
      || !side_read (&side_b, "B", b, alive_b, cancellable, error))
    return NULL;
  rows = side_a.n <= side_b.n ? &side_a : &side_b;
  others = rows == &side_a ? &side_b : &side_a;
  cosines = compute_cosines (rows, others, config_a->d_in, cancellable, error);
  if (cosines == NULL)
    return NULL;
  columns = g_new (guint32, rows->n);
  if (!cyt_assignment_solve (cosines, rows->n, others->n, columns, progress, cancellable, error))
    return NULL;
  self = collect (&side_a, &side_b, cosines, columns, rows == &side_b);
  self->d_in = config_a->d_in;
  self->d_sae_a = config_a->d_sae;
  self->d_sae_b = config_b->d_sae;
  return self;
}
