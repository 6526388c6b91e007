/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "tensor/cyt-blas.h"
#include "train/cyt-train-kernels.h"
#include "train/cyt-train-ghost.h"
#include "train/cyt-train-step.h"

/* A block: CHUNK tokens by TILE latents, 2 MB of pre-activations. */
#define CHUNK 1024
#define TILE 512

/* A block in which a larger share is active is multiplied as a matrix: from about here on that is faster than one row
 * after the other, and what is remembered of a block stays small. */
#define DENSE_SHARE 0.04

/* What a chunk of tokens has active. Entries lie tile after tile, in a tile token after token, latents ascending. */
typedef struct
{
  gsize n_entries;
  gsize n_alloc;
  guint16 *latent;      /* (n_entries) within its tile */
  float *f;             /* (n_entries) */
  float *dh;            /* (n_entries) ∂loss / ∂pre-activation */
  guint8 *dense;        /* (n_tiles) the block has no entries and is computed again where it is needed */
  gsize *row_start;     /* (n_tiles, CHUNK + 1) first entry of each token */
  gsize n_active;
  double mse;           /* sums over the chunk's tokens */
  double l1;
  double error;         /* Σ ‖x − x̂‖² */
  double square;        /* Σ ‖x‖² */
} Chunk;

typedef struct
{
  float *h;             /* (CHUNK, TILE) */
  float *df;            /* (CHUNK, TILE) */
  float *g_enc;         /* (TILE, d_in) */
  float *g_dec;         /* (TILE, d_in) */
  float g_b[TILE];
} Scratch;

struct _CytTrainStep
{
  CytTrainRecipe recipe;
  CytParallel *parallel;
  gsize d_in;
  gsize d_sae;
  gsize n_tiles;
  gsize max_tokens;
  float *xc;            /* (max_tokens, d_in) x − b_dec */
  float *x_hat;         /* (max_tokens, d_in) */
  float *g_hat;         /* (max_tokens, d_in) ∂loss / ∂x̂ */
  float *norm;          /* (max_tokens) ‖x‖₂ */
  float *g_b_dec;       /* (n_tiles, d_in) what each tile of latents adds to ∂loss / ∂b_dec */
  Chunk *chunks;
  gsize n_chunks;       /* of the batch under way */
  Scratch *scratch;     /* (n_threads) */
  CytTrainGhost *ghost;

  /* The batch under way. */
  CytTrainState *state;
  const float *x;
  gsize n_tokens;
  float rate;           /* Adam, see cyt_train_adam() */
  float root;
};

CytTrainStep *
cyt_train_step_new (const CytTrainRecipe *recipe, gsize d_in, gsize d_sae, gsize n_tokens, CytParallel *parallel)
{
  CytTrainStep *self = g_new0 (CytTrainStep, 1);
  gsize n_chunks = (n_tokens + CHUNK - 1) / CHUNK;

  cyt_blas_init ();
  self->recipe = *recipe;
  self->parallel = parallel;
  self->d_in = d_in;
  self->d_sae = d_sae;
  self->n_tiles = (d_sae + TILE - 1) / TILE;
  self->max_tokens = n_tokens;
  self->xc = g_new (float, n_tokens * d_in);
  self->x_hat = g_new (float, n_tokens * d_in);
  self->g_hat = g_new (float, n_tokens * d_in);
  self->norm = g_new (float, n_tokens);
  self->g_b_dec = g_new (float, self->n_tiles * d_in);
  self->chunks = g_new0 (Chunk, n_chunks);
  for (gsize i = 0; i < n_chunks; i++)
    {
      self->chunks[i].dense = g_new (guint8, self->n_tiles);
      self->chunks[i].row_start = g_new (gsize, self->n_tiles * (CHUNK + 1));
    }
  self->scratch = g_new0 (Scratch, cyt_parallel_get_n_threads (parallel));
  for (guint i = 0; i < cyt_parallel_get_n_threads (parallel); i++)
    {
      self->scratch[i].h = g_new (float, CHUNK * TILE);
      self->scratch[i].df = g_new (float, CHUNK * TILE);
      self->scratch[i].g_enc = g_new (float, TILE * d_in);
      self->scratch[i].g_dec = g_new (float, TILE * d_in);
    }
  if (recipe->ghost)
    self->ghost = cyt_train_ghost_new (d_in, parallel);
  return self;
}

void
cyt_train_step_free (CytTrainStep *self)
{
  if (self == NULL)
    return;
  for (gsize i = 0; i < (self->max_tokens + CHUNK - 1) / CHUNK; i++)
    {
      g_free (self->chunks[i].latent);
      g_free (self->chunks[i].f);
      g_free (self->chunks[i].dh);
      g_free (self->chunks[i].dense);
      g_free (self->chunks[i].row_start);
    }
  for (guint i = 0; i < cyt_parallel_get_n_threads (self->parallel); i++)
    {
      g_free (self->scratch[i].h);
      g_free (self->scratch[i].df);
      g_free (self->scratch[i].g_enc);
      g_free (self->scratch[i].g_dec);
    }
  g_clear_pointer (&self->ghost, cyt_train_ghost_free);
  g_free (self->xc);
  g_free (self->x_hat);
  g_free (self->g_hat);
  g_free (self->norm);
  g_free (self->g_b_dec);
  g_free (self->chunks);
  g_free (self->scratch);
  g_free (self);
}

static gsize
chunk_size (const CytTrainStep *self, gsize i)
{
  return MIN (CHUNK, self->n_tokens - i * CHUNK);
}

static gsize
tile_size (const CytTrainStep *self, gsize tile)
{
  return MIN (TILE, self->d_sae - tile * TILE);
}

/* f (n, tile) = max ((x − b_dec) W_enc + b_enc, 0) of one block; returns how much of it is active. */
static gsize
run_block (const CytTrainStep *self, float *f, gsize chunk, gsize tile)
{
  const CytTrainWeights *w = &self->state->w;
  gsize n = chunk_size (self, chunk), d = self->d_in, width = tile_size (self, tile);

  cyt_blas_gemm_nt (f, width, self->xc + chunk * CHUNK * d, d, w->w_enc + tile * TILE * d, d, n, width, d, 1, 0);
  return cyt_train_relu (f, w->b_enc + tile * TILE, n, width);
}

/* ---- Forward, and back to the pre-activations: a chunk of tokens on its own ---- */

static void
reserve (Chunk *chunk, gsize n)
{
  if (chunk->n_alloc >= n)
    return;
  chunk->n_alloc = MAX (n, chunk->n_alloc + chunk->n_alloc / 2);
  chunk->latent = g_renew (guint16, chunk->latent, chunk->n_alloc);
  chunk->f = g_renew (float, chunk->f, chunk->n_alloc);
  chunk->dh = g_renew (float, chunk->dh, chunk->n_alloc);
}

/* Lists what of f (n, width) is active. */
static void
list_active (Chunk *chunk, const float *f, gsize n, gsize width, gsize n_active, gsize *row_start)
{
  gsize i = chunk->n_entries;

  reserve (chunk, i + n_active);
  for (gsize t = 0; t < n; t++)
    {
      const float *row = f + t * width;

      row_start[t] = i;
      for (gsize k = 0; k < width; k++)
        if (row[k] > 0)
          {
            chunk->latent[i] = k;
            chunk->f[i++] = row[k];
          }
    }
  row_start[n] = i;
  chunk->n_entries = i;
}

static double
sum_block (const float *f, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += f[i];
  return sum;
}

static void
run_chunk (gsize i, guint thread, gpointer data)
{
  CytTrainStep *self = data;
  Chunk *chunk = &self->chunks[i];
  Scratch *scratch = &self->scratch[thread];
  const CytTrainWeights *w = &self->state->w;
  gsize d = self->d_in, n = chunk_size (self, i), first = i * CHUNK;
  double n_all = (double) self->n_tokens * d;
  float l1_grad = (float) (self->recipe.l1 / self->n_tokens);

  chunk->n_entries = chunk->n_active = 0;
  chunk->mse = chunk->l1 = chunk->error = chunk->square = 0;
  for (gsize t = first; t < first + n; t++)
    {
      const float *x = self->x + t * d;
      double square = 0;

      for (gsize c = 0; c < d; c++)
        {
          self->xc[t * d + c] = x[c] - w->b_dec[c];
          square += (double) x[c] * x[c];
        }
      self->norm[t] = (float) sqrt (square);
      chunk->square += square;
      memcpy (self->x_hat + t * d, w->b_dec, d * sizeof (float));
    }

  for (gsize tile = 0; tile < self->n_tiles; tile++)
    {
      gsize width = tile_size (self, tile);
      gsize *row_start = chunk->row_start + tile * (CHUNK + 1);
      const float *w_dec = w->w_dec + tile * TILE * d;
      gsize n_active = run_block (self, scratch->h, i, tile);

      chunk->n_active += n_active;
      chunk->dense[tile] = n_active > DENSE_SHARE * n * width;
      if (chunk->dense[tile])
        {
          chunk->l1 += sum_block (scratch->h, n * width);
          cyt_blas_gemm_nn (self->x_hat + first * d, d, scratch->h, width, w_dec, d, n, d, width, 1, 1);
          continue;
        }
      list_active (chunk, scratch->h, n, width, n_active, row_start);
      for (gsize t = 0; t < n; t++)
        for (gsize e = row_start[t]; e < row_start[t + 1]; e++)
          cyt_train_axpy (self->x_hat + (first + t) * d, chunk->f[e], w_dec + chunk->latent[e] * d, d);
    }
  chunk->l1 += sum_block (chunk->f, chunk->n_entries);

  for (gsize t = first; t < first + n; t++)
    {
      double mse = cyt_train_residual (self->g_hat + t * d, self->x + t * d, self->x_hat + t * d, self->norm[t], n_all, d);

      chunk->mse += mse;
      chunk->error += mse * self->norm[t];
    }
  for (gsize tile = 0; tile < self->n_tiles; tile++)
    {
      gsize *row_start = chunk->row_start + tile * (CHUNK + 1);
      const float *w_dec = w->w_dec + tile * TILE * d;

      if (chunk->dense[tile])
        continue;
      for (gsize t = 0; t < n; t++)
        for (gsize e = row_start[t]; e < row_start[t + 1]; e++)
          chunk->dh[e] = cyt_train_dot (self->g_hat + (first + t) * d, w_dec + chunk->latent[e] * d, d) + l1_grad;
    }
}

/* ---- The gradients of a tile of latents, and their step ---- */

/* Adds one block's part to the tile's gradients. */
static void
add_dense (CytTrainStep *self, Scratch *scratch, gsize i, gsize tile, guint8 *fired)
{
  const CytTrainWeights *w = &self->state->w;
  gsize d = self->d_in, n = chunk_size (self, i), width = tile_size (self, tile);
  const float *g_hat = self->g_hat + i * CHUNK * d, *xc = self->xc + i * CHUNK * d;
  float l1_grad = (float) (self->recipe.l1 / self->n_tokens);

  run_block (self, scratch->h, i, tile);
  cyt_blas_gemm_nt (scratch->df, width, g_hat, d, w->w_dec + tile * TILE * d, d, n, width, d, 1, 0);
  for (gsize t = 0; t < n; t++)
    for (gsize k = 0; k < width; k++)
      {
        gboolean active = scratch->h[t * width + k] > 0;
        float dh = active ? scratch->df[t * width + k] + l1_grad : 0;

        scratch->df[t * width + k] = dh;
        scratch->g_b[k] += dh;
        fired[k] |= active;
      }
  cyt_blas_gemm_tn (scratch->g_dec, d, scratch->h, width, g_hat, d, width, d, n, 1, 1);
  cyt_blas_gemm_tn (scratch->g_enc, d, scratch->df, width, xc, d, width, d, n, 1, 1);
}

static void
add_sparse (CytTrainStep *self, Scratch *scratch, gsize i, gsize tile, guint8 *fired)
{
  const Chunk *chunk = &self->chunks[i];
  const gsize *row_start = chunk->row_start + tile * (CHUNK + 1);
  gsize d = self->d_in, n = chunk_size (self, i);

  for (gsize t = 0; t < n; t++)
    for (gsize e = row_start[t]; e < row_start[t + 1]; e++)
      {
        gsize k = chunk->latent[e];

        cyt_train_axpy (scratch->g_dec + k * d, chunk->f[e], self->g_hat + (i * CHUNK + t) * d, d);
        cyt_train_axpy (scratch->g_enc + k * d, chunk->dh[e], self->xc + (i * CHUNK + t) * d, d);
        scratch->g_b[k] += chunk->dh[e];
        fired[k] = TRUE;
      }
}

static gboolean
is_zero (const float *x, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (x[i] != 0)
      return FALSE;
  return TRUE;
}

/* A parameter without gradient and without moments stays as it is. */
static void
update (CytTrainStep *self, float *w, float *m, float *v, const float *g, gboolean has_grad, gsize n)
{
  if (has_grad || !is_zero (m, n) || !is_zero (v, n))
    cyt_train_adam (w, m, v, g, self->rate, self->root, n);
}

static void
run_tile (gsize tile, guint thread, gpointer data)
{
  CytTrainStep *self = data;
  CytTrainState *state = self->state;
  Scratch *scratch = &self->scratch[thread];
  gsize d = self->d_in, width = tile_size (self, tile);
  float *g_b_dec = self->g_b_dec + tile * d;
  guint8 fired[TILE] = { FALSE };

  memset (g_b_dec, 0, d * sizeof (float));
  memset (scratch->g_enc, 0, width * d * sizeof (float));
  memset (scratch->g_dec, 0, width * d * sizeof (float));
  memset (scratch->g_b, 0, sizeof scratch->g_b);
  for (gsize i = 0; i < self->n_chunks; i++)
    if (self->chunks[i].dense[tile])
      add_dense (self, scratch, i, tile, fired);
    else
      add_sparse (self, scratch, i, tile, fired);

  for (gsize k = 0; k < width; k++)
    {
      gsize latent = tile * TILE + k;
      float *g_dec = scratch->g_dec + k * d, *g_enc = scratch->g_enc + k * d;
      gboolean has_grad = fired[k];

      if (self->ghost != NULL && cyt_train_ghost_add (self->ghost, latent, g_enc, &scratch->g_b[k], g_dec))
        has_grad = TRUE;
      if (has_grad)
        cyt_train_axpy (g_dec, -cyt_train_dot (g_dec, state->w.w_dec + latent * d, d), state->w.w_dec + latent * d, d);
      /* The reconstruction's own offset is subtracted before the encoder, so its gradient comes from there too. */
      cyt_train_axpy (g_b_dec, -scratch->g_b[k], state->w.w_enc + latent * d, d);
      update (self, state->w.w_dec + latent * d, state->m.w_dec + latent * d, state->v.w_dec + latent * d, g_dec,
              has_grad, d);
      update (self, state->w.w_enc + latent * d, state->m.w_enc + latent * d, state->v.w_enc + latent * d, g_enc,
              has_grad, d);
      state->since_fired[latent] = fired[k] ? 0 : state->since_fired[latent] + 1;
    }
  cyt_train_adam (state->w.b_enc + tile * TILE, state->m.b_enc + tile * TILE, state->v.b_enc + tile * TILE, scratch->g_b,
                  self->rate, self->root, width);
}

/* ---- The step ---- */

static void
normalise_tile (gsize tile, guint thread, gpointer data)
{
  CytTrainStep *self = data;

  for (gsize k = 0; k < tile_size (self, tile); k++)
    {
      float *row = self->state->w.w_dec + (tile * TILE + k) * self->d_in;
      double square = 0;

      for (gsize c = 0; c < self->d_in; c++)
        square += (double) row[c] * row[c];
      if (square > 0)
        cyt_train_scale (row, (float) (1 / sqrt (square)), self->d_in);
    }
}

/* Σ ‖x − x̄‖² = Σ ‖x‖² − n ‖x̄‖². */
static double
get_variance (const CytTrainStep *self, double square)
{
  g_autofree double *mean = g_new0 (double, self->d_in);

  for (gsize t = 0; t < self->n_tokens; t++)
    for (gsize c = 0; c < self->d_in; c++)
      mean[c] += self->x[t * self->d_in + c];
  for (gsize c = 0; c < self->d_in; c++)
    square -= mean[c] * mean[c] / self->n_tokens;
  return square;
}

static void
add_up_loss (const CytTrainStep *self, CytTrainLoss *loss)
{
  double error = 0, square = 0, n_active = 0, variance;

  for (gsize i = 0; i < self->n_chunks; i++)
    {
      loss->mse += self->chunks[i].mse;
      loss->l1 += self->chunks[i].l1;
      n_active += self->chunks[i].n_active;
      error += self->chunks[i].error;
      square += self->chunks[i].square;
    }
  loss->mse /= (double) self->n_tokens * self->d_in;
  loss->l1 *= self->recipe.l1 / self->n_tokens;
  loss->l0 = n_active / self->n_tokens;
  variance = get_variance (self, square);
  loss->explained = variance > 0 ? 1 - error / variance : NAN;
}

static void
step_b_dec (CytTrainStep *self)
{
  CytTrainState *state = self->state;
  g_autofree double *sum = g_new0 (double, self->d_in);
  g_autofree float *g = g_new (float, self->d_in);

  for (gsize t = 0; t < self->n_tokens; t++)
    for (gsize c = 0; c < self->d_in; c++)
      sum[c] += self->g_hat[t * self->d_in + c];
  for (gsize tile = 0; tile < self->n_tiles; tile++)
    for (gsize c = 0; c < self->d_in; c++)
      sum[c] += self->g_b_dec[tile * self->d_in + c];
  for (gsize c = 0; c < self->d_in; c++)
    g[c] = (float) sum[c];
  cyt_train_adam (state->w.b_dec, state->m.b_dec, state->v.b_dec, g, self->rate, self->root, self->d_in);
}

void
cyt_train_step_normalise (CytTrainStep *self, CytTrainState *state)
{
  self->state = state;
  cyt_parallel_run (self->parallel, self->n_tiles, normalise_tile, self);
}

void
cyt_train_step_run (CytTrainStep *self, CytTrainState *state, const float *x, gsize n_tokens, CytTrainLoss *loss)
{
  const CytTrainRecipe *recipe = &self->recipe;
  double t = state->n_steps + 1;
  double lr = recipe->lr * MIN (1, t / MAX (1, recipe->warm_up));

  g_return_if_fail (n_tokens > 0 && n_tokens <= self->max_tokens);
  g_return_if_fail (state->d_in == self->d_in && state->d_sae == self->d_sae);

  *loss = (CytTrainLoss) { 0 };
  self->x = x;
  self->n_tokens = n_tokens;
  self->n_chunks = (n_tokens + CHUNK - 1) / CHUNK;
  self->rate = (float) (lr / (1 - pow (0.9, t)));
  self->root = (float) (1 / sqrt (1 - pow (0.999, t)));

  cyt_train_step_normalise (self, state);
  cyt_parallel_run (self->parallel, self->n_chunks, run_chunk, self);
  add_up_loss (self, loss);
  if (self->ghost != NULL)
    loss->ghost = cyt_train_ghost_run (self->ghost, state, recipe->dead_after, x, self->xc, self->x_hat, self->norm,
                                       n_tokens, &loss->n_dead);
  cyt_parallel_run (self->parallel, self->n_tiles, run_tile, self);
  step_b_dec (self);
  state->n_steps++;
}
