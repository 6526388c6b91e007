/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-numpy-random.h"
#include "train/cyt-train-init.h"
#include "train/cyt-train-kernels.h"

#define MAX_ITERATIONS 100
#define TOLERANCE 1e-6
/* Points that one thread takes: their sums are added in order, whoever made them. */
#define SLICE 512

static void
fill_w_enc (CytTrainState *state, guint64 seed, float *uniform)
{
  gsize d = state->d_in, n = state->d_sae;
  float bound = (float) sqrt (6.0 / n);

  cyt_numpy_random (seed, d * n, uniform);
  for (gsize k = 0; k < n; k++)
    for (gsize c = 0; c < d; c++)
      state->w.w_enc[k * d + c] = bound * (2 * uniform[c * n + k] - 1);
}

/* Of unit length anyhow: the bound does not matter. */
static void
fill_w_dec (CytTrainState *state, guint64 seed, float *uniform)
{
  gsize d = state->d_in;

  cyt_numpy_random (seed, d * state->d_sae, uniform);
  for (gsize k = 0; k < state->d_sae; k++)
    {
      float *row = state->w.w_dec + k * d;
      double square = 0;

      for (gsize c = 0; c < d; c++)
        {
          row[c] = 2 * uniform[k * d + c] - 1;
          square += (double) row[c] * row[c];
        }
      if (square > 0)
        cyt_train_scale (row, (float) (1 / sqrt (square)), d);
    }
}

void
cyt_train_init_weights (CytTrainState *state, const CytTrainRecipe *recipe, guint64 seed)
{
  g_autofree float *uniform = g_new (float, state->d_in * state->d_sae);

  fill_w_dec (state, seed + 1, uniform);
  if (recipe->variant == CYT_TRAIN_RELU)
    fill_w_enc (state, seed, uniform);
  else
    memcpy (state->w.w_enc, state->w.w_dec, state->d_in * state->d_sae * sizeof (float));
}

void
cyt_train_init_scale (CytTrainState *state, const CytTrainRecipe *recipe, const float *x, gsize n)
{
  double square = 0;

  for (gsize t = 0; t < n; t++)
    for (gsize c = 0; c < state->d_in; c++)
      {
        double centred = (double) x[t * state->d_in + c] - state->w.b_dec[c];

        square += centred * centred;
      }
  state->scale = (float) sqrt (square / ((double) n * state->d_in));
  for (gsize k = 0; recipe->variant == CYT_TRAIN_JUMPRELU && k < state->d_sae; k++)
    state->w.theta[k] = (float) (recipe->threshold * state->scale);
}

typedef struct
{
  const float *x;
  gsize n;
  gsize d;
  const double *centre;
  double *sums;     /* (slices, d) Σ x / distance */
  double *weights;  /* (slices) Σ 1 / distance */
} Median;

static void
run_slice (gsize slice, guint thread, gpointer data)
{
  Median *m = data;
  double *sum = m->sums + slice * m->d;

  m->weights[slice] = 0;
  for (gsize c = 0; c < m->d; c++)
    sum[c] = 0;
  for (gsize i = slice * SLICE; i < MIN (m->n, (slice + 1) * SLICE); i++)
    {
      const float *x = m->x + i * m->d;
      double square = 0, weight;

      for (gsize c = 0; c < m->d; c++)
        square += (x[c] - m->centre[c]) * (x[c] - m->centre[c]);
      /* A point on which the centre lies does not pull at it. */
      if (!(square > 0))
        continue;
      weight = 1 / sqrt (square);
      m->weights[slice] += weight;
      for (gsize c = 0; c < m->d; c++)
        sum[c] += weight * x[c];
    }
}

void
cyt_train_geometric_median (float *out, const float *x, gsize n, gsize d, CytParallel *parallel)
{
  gsize n_slices = (n + SLICE - 1) / SLICE;
  g_autofree double *centre = g_new0 (double, d), *sums = g_new (double, n_slices * d), *weights = g_new (double, n_slices);
  Median m = { x, n, d, centre, sums, weights };

  for (gsize i = 0; i < n; i++)
    for (gsize c = 0; c < d; c++)
      centre[c] += x[i * d + c] / (double) n;
  for (guint iteration = 0; iteration < MAX_ITERATIONS; iteration++)
    {
      double weight = 0, moved = 0, norm = 0;

      cyt_parallel_run (parallel, n_slices, run_slice, &m);
      for (gsize slice = 0; slice < n_slices; slice++)
        weight += weights[slice];
      if (!(weight > 0))
        break;
      for (gsize c = 0; c < d; c++)
        {
          double next = 0;

          for (gsize slice = 0; slice < n_slices; slice++)
            next += sums[slice * d + c];
          next /= weight;
          moved += (next - centre[c]) * (next - centre[c]);
          norm += next * next;
          centre[c] = next;
        }
      if (moved <= TOLERANCE * TOLERANCE * norm)
        break;
    }
  for (gsize c = 0; c < d; c++)
    out[c] = (float) centre[c];
}
