/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "tensor/cyt-blas.h"
#include "tensor/cyt-kernels.h"
#include "train/cyt-train-dead.h"
#include "train/cyt-train-kernels.h"
#include "train/cyt-train-select.h"
#include "train/cyt-train-step.h"

/* A block: CHUNK tokens by TILE latents, 2 MB of pre-activations. */
#define CHUNK 1024
#define TILE 512

/* A block in which a larger share is active is multiplied as a matrix: from about here on that is faster than one row
 * after the other, and what is remembered of a block stays small. */
#define DENSE_SHARE 0.04

/* By how much BatchTopK's threshold follows a batch. */
#define THRESHOLD_RATE 0.01f

/* What a chunk of tokens has active. Entries lie tile after tile, in a tile token after token, latents ascending. */
typedef struct
{
  gsize n_entries;
  gsize n_alloc;
  guint16 *latent;      /* (n_entries) within its tile */
  float *f;             /* (n_entries) > 0, or −1: JumpReLU's, not active but inside the estimator's kernel */
  float *dh;            /* (n_entries) ∂loss / ∂pre-activation */
  guint8 *dense;        /* (n_tiles) the block has no entries and is computed again where it is needed */
  gsize *row_start;     /* (n_tiles, CHUNK + 1) first entry of each token */
  gsize n_active;
  double mse;           /* sums over the chunk's tokens */
  double nested;
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
  float g_theta[TILE];  /* by ln θ */
} Scratch;

struct _CytTrainStep
{
  CytTrainRecipe recipe;
  CytParallel *parallel;
  gsize d_in;
  gsize d_sae;
  gsize n_tiles;
  gsize *tile_first;    /* (n_tiles + 1) the first latent of each */
  guint8 *tile_group;   /* (n_tiles) the first of the prefixes that it belongs to; no tile crosses the end of one */
  gsize max_tokens;
  float *xc;            /* (max_tokens, d_in) x − b_dec */
  float *x_hat;         /* (max_tokens, d_in) */
  float *g_hat;         /* (n_prefixes, max_tokens, d_in) ∂loss / ∂(what a latent of the group adds to x̂) */
  float *norm;          /* (max_tokens) ‖x‖₂ */
  float *g_b_dec;       /* (n_tiles, d_in) what each tile of latents adds to ∂loss / ∂b_dec */
  Chunk *chunks;
  gsize n_chunks;       /* of the batch under way */
  Scratch *scratch;     /* (n_threads) */
  CytTrainSelect *select;  /* NULL: what is active follows from each pre-activation alone */
  CytTrainDead *dead;      /* NULL: no term for dead latents */

  /* The batch under way. */
  CytTrainState *state;
  const float *x;
  gsize n_tokens;
  float half;           /* ε / 2 of JumpReLU's estimator; 0: no thresholds are learned */
  float rate;           /* Adam, see cyt_train_adam() */
  float root;
};

/* Tiles of at most TILE latents, each within one group of the prefixes. */
static void
lay_out_tiles (CytTrainStep *self)
{
  const CytTrainRecipe *recipe = &self->recipe;
  gsize max_tiles = self->d_sae / TILE + recipe->n_prefixes;
  gsize first = 0;

  self->tile_first = g_new (gsize, max_tiles + 1);
  self->tile_group = g_new (guint8, max_tiles);
  for (guint group = 0; group < recipe->n_prefixes; group++)
    for (; first < recipe->prefixes[group]; first = MIN (first + TILE, recipe->prefixes[group]))
      {
        self->tile_first[self->n_tiles] = first;
        self->tile_group[self->n_tiles++] = group;
      }
  self->tile_first[self->n_tiles] = first;
}

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
  lay_out_tiles (self);
  self->max_tokens = n_tokens;
  self->xc = g_new (float, n_tokens * d_in);
  self->x_hat = g_new (float, n_tokens * d_in);
  self->g_hat = g_new (float, recipe->n_prefixes * n_tokens * d_in);
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
  if (recipe->k > 0)
    self->select = cyt_train_select_new (recipe->k, recipe->variant != CYT_TRAIN_TOPK, n_tokens);
  self->dead = cyt_train_dead_new (recipe, d_in, parallel);
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
  g_clear_pointer (&self->select, cyt_train_select_free);
  g_clear_pointer (&self->dead, cyt_train_dead_free);
  g_free (self->tile_first);
  g_free (self->tile_group);
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
  return self->tile_first[tile + 1] - self->tile_first[tile];
}

/* Rows of a matrix (d_sae, d_in) that belong to a tile. */
static gsize
tile_rows (const CytTrainStep *self, gsize tile)
{
  return self->tile_first[tile] * self->d_in;
}

/* ∂loss / ∂x̂ of a token, for latents of a group. */
static float *
get_g_hat (const CytTrainStep *self, guint group, gsize token)
{
  return self->g_hat + (group * self->max_tokens + token) * self->d_in;
}

/* h (n, tile) = (x − b_dec) W_enc of one block, without b_enc. */
static void
multiply_block (const CytTrainStep *self, float *h, gsize chunk, gsize tile)
{
  gsize d = self->d_in, width = tile_size (self, tile);

  cyt_blas_gemm_nt (h, width, self->xc + chunk * CHUNK * d, d, self->state->w.w_enc + tile_rows (self, tile), d,
                    chunk_size (self, chunk), width, d, 1, 0);
}

/* One block of f where each pre-activation decides for itself; JumpReLU's with its −1. Returns how many are active. */
static gsize
run_block (const CytTrainStep *self, float *f, gsize chunk, gsize tile, gsize *n_near)
{
  const CytTrainWeights *w = &self->state->w;
  gsize n = chunk_size (self, chunk), first = self->tile_first[tile], width = tile_size (self, tile);

  *n_near = 0;
  multiply_block (self, f, chunk, tile);
  if (self->half > 0)
    return cyt_train_jumprelu (f, w->b_enc + first, w->theta + first, self->half, n, width, n_near);
  return cyt_train_relu (f, w->b_enc + first, n, width);
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

/* Lists what of f (n, width) is not 0. */
static void
list_block (Chunk *chunk, const float *f, gsize n, gsize width, gsize n_listed, gsize *row_start)
{
  gsize i = chunk->n_entries;
  guint32 where[TILE];

  reserve (chunk, i + n_listed);
  for (gsize t = 0; t < n; t++)
    {
      const float *row = f + t * width;
      gsize n_found = cyt_find_nonzero (where, row, width);

      row_start[t] = i;
      for (gsize j = 0; j < n_found; j++, i++)
        {
          chunk->latent[i] = where[j];
          chunk->f[i] = row[where[j]];
        }
    }
  row_start[n] = i;
  chunk->n_entries = i;
}

/* Lists what was selected of the chunk's tokens. */
static void
list_selected (CytTrainStep *self, gsize i)
{
  Chunk *chunk = &self->chunks[i];
  gsize n = chunk_size (self, i);
  g_autofree const CytTopEntry **entries = g_new (const CytTopEntry *, n);
  g_autofree gsize *n_left = g_new (gsize, n);
  gsize e = 0;

  for (gsize t = 0; t < n; t++)
    {
      entries[t] = cyt_train_select_get (self->select, i * CHUNK + t, &n_left[t]);
      chunk->n_active += n_left[t];
    }
  reserve (chunk, chunk->n_active);
  for (gsize tile = 0; tile < self->n_tiles; tile++)
    {
      gsize *row_start = chunk->row_start + tile * (CHUNK + 1);

      for (gsize t = 0; t < n; t++)
        {
          row_start[t] = e;
          for (; n_left[t] > 0 && entries[t]->latent < self->tile_first[tile + 1]; entries[t]++, n_left[t]--)
            {
              chunk->latent[e] = entries[t]->latent - self->tile_first[tile];
              chunk->f[e++] = entries[t]->value;
            }
        }
      row_start[n] = e;
    }
  chunk->n_entries = e;
}

static double
sum_block (const float *f, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += f[i];
  return sum;
}

/* What JumpReLU marked is not active. */
static void
drop_near (float *f, gsize n)
{
  for (gsize i = 0; i < n; i++)
    f[i] = MAX (f[i], 0);
}

static void
prepare_chunk (CytTrainStep *self, gsize i)
{
  Chunk *chunk = &self->chunks[i];
  const float *b_dec = self->state->w.b_dec;
  gsize d = self->d_in, first = i * CHUNK;

  chunk->n_entries = chunk->n_active = 0;
  chunk->mse = chunk->nested = chunk->l1 = chunk->error = chunk->square = 0;
  memset (chunk->dense, FALSE, self->n_tiles);
  for (gsize t = first; t < first + chunk_size (self, i); t++)
    {
      const float *x = self->x + t * d;
      double square = 0;

      for (gsize c = 0; c < d; c++)
        {
          self->xc[t * d + c] = x[c] - b_dec[c];
          square += (double) x[c] * x[c];
        }
      self->norm[t] = (float) sqrt (square);
      chunk->square += square;
      memcpy (self->x_hat + t * d, b_dec, d * sizeof (float));
    }
}

/* A block as it is: listed, or, where much of it is active, added to x̂ at once. */
static void
take_block (CytTrainStep *self, Scratch *scratch, gsize i, gsize tile)
{
  Chunk *chunk = &self->chunks[i];
  gsize d = self->d_in, n = chunk_size (self, i), width = tile_size (self, tile), n_near;
  gsize n_active = run_block (self, scratch->h, i, tile, &n_near);

  chunk->n_active += n_active;
  chunk->dense[tile] = n_active + n_near > DENSE_SHARE * n * width;
  if (!chunk->dense[tile])
    {
      list_block (chunk, scratch->h, n, width, n_active + n_near, chunk->row_start + tile * (CHUNK + 1));
      return;
    }
  if (n_near > 0)
    drop_near (scratch->h, n * width);
  chunk->l1 += sum_block (scratch->h, n * width);
  cyt_blas_gemm_nn (self->x_hat + i * CHUNK * d, d, scratch->h, width, self->state->w.w_dec + tile_rows (self, tile), d, n,
                    d, width, 1, 1);
}

/* The pre-activations of a chunk of tokens, and what of them is active as far as that can be told. */
static void
encode_chunk (gsize i, guint thread, gpointer data)
{
  CytTrainStep *self = data;
  Scratch *scratch = &self->scratch[thread];

  prepare_chunk (self, i);
  for (gsize tile = 0; tile < self->n_tiles; tile++)
    if (self->select != NULL)
      {
        gsize n = chunk_size (self, i), first = self->tile_first[tile], width = tile_size (self, tile);

        multiply_block (self, scratch->h, i, tile);
        cyt_add_bias (scratch->h, self->state->w.b_enc + first, n, width);
        cyt_train_select_add (self->select, scratch->h, i * CHUNK, n, first, width);
      }
    else
      take_block (self, scratch, i, tile);
}

/* x̂ and ∂loss / ∂x̂ of a chunk of tokens, prefix after prefix. */
static void
decode_chunk (gsize i, guint thread, gpointer data)
{
  CytTrainStep *self = data;
  Chunk *chunk = &self->chunks[i];
  gsize d = self->d_in, n = chunk_size (self, i), first = i * CHUNK;
  guint n_groups = self->recipe.n_prefixes;

  if (self->select != NULL)
    list_selected (self, i);
  for (gsize tile = 0; tile < self->n_tiles; tile++)
    {
      const gsize *row_start = chunk->row_start + tile * (CHUNK + 1);
      const float *w_dec = self->state->w.w_dec + tile_rows (self, tile);
      guint group = self->tile_group[tile];

      for (gsize t = 0; t < n && !chunk->dense[tile]; t++)
        for (gsize e = row_start[t]; e < row_start[t + 1]; e++)
          if (chunk->f[e] > 0)
            {
              cyt_train_axpy (self->x_hat + (first + t) * d, chunk->f[e], w_dec + chunk->latent[e] * d, d);
              chunk->l1 += chunk->f[e];
            }
      if (tile + 1 < self->n_tiles && self->tile_group[tile + 1] == group)
        continue;
      for (gsize t = first; t < first + n; t++)
        {
          double mse = cyt_train_residual (get_g_hat (self, group, t), self->x + t * d, self->x_hat + t * d, self->norm[t],
                                           (double) self->n_tokens * d, d);

          if (group + 1 < n_groups)
            chunk->nested += mse;
          else
            {
              chunk->mse += mse;
              chunk->error += mse * self->norm[t];
            }
        }
    }
  /* A latent is in its own prefix and in all longer ones. */
  for (guint group = n_groups - 1; group > 0; group--)
    cyt_train_axpy (get_g_hat (self, group - 1, first), 1, get_g_hat (self, group, first), n * d);
}

/* Back to the pre-activations of a chunk of tokens. */
static void
derive_chunk (gsize i, guint thread, gpointer data)
{
  CytTrainStep *self = data;
  Chunk *chunk = &self->chunks[i];
  gsize d = self->d_in, n = chunk_size (self, i);
  float l1_grad = (float) (self->recipe.l1 / self->n_tokens);

  for (gsize tile = 0; tile < self->n_tiles; tile++)
    {
      const gsize *row_start = chunk->row_start + tile * (CHUNK + 1);
      const float *w_dec = self->state->w.w_dec + tile_rows (self, tile);
      const float *g_hat = get_g_hat (self, self->tile_group[tile], i * CHUNK);

      for (gsize t = 0; t < n && !chunk->dense[tile]; t++)
        for (gsize e = row_start[t]; e < row_start[t + 1]; e++)
          chunk->dh[e] = cyt_train_dot (g_hat + t * d, w_dec + chunk->latent[e] * d, d) + l1_grad;
    }
}

/* ---- The gradients of a tile of latents, and their step ---- */

/* ∂loss / ∂ ln θ of one pair, where @df is ∂loss / ∂f: 0 outside the kernel. */
static float
get_theta_grad (const CytTrainStep *self, float theta, float f, float df)
{
  if (f == 0 || (f > 0 && !(f - theta < self->half)))
    return 0;
  return (float) (-theta / (2 * self->half) * (theta * df + self->recipe.l0 / self->n_tokens));
}

/* Adds one block's part to the tile's gradients. */
static void
add_dense (CytTrainStep *self, Scratch *scratch, gsize i, gsize tile, guint8 *fired)
{
  const CytTrainWeights *w = &self->state->w;
  gsize d = self->d_in, n = chunk_size (self, i), width = tile_size (self, tile), n_near;
  const float *g_hat = get_g_hat (self, self->tile_group[tile], i * CHUNK), *xc = self->xc + i * CHUNK * d;
  const float *theta = w->theta + self->tile_first[tile];
  float l1_grad = (float) (self->recipe.l1 / self->n_tokens);

  run_block (self, scratch->h, i, tile, &n_near);
  cyt_blas_gemm_nt (scratch->df, width, g_hat, d, w->w_dec + tile_rows (self, tile), d, n, width, d, 1, 0);
  if (self->half > 0)
    {
      for (gsize t = 0; t < n; t++)
        for (gsize k = 0; k < width; k++)
          scratch->g_theta[k] += get_theta_grad (self, theta[k], scratch->h[t * width + k], scratch->df[t * width + k]);
      drop_near (scratch->h, n * width);
    }
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
  const float *theta = self->state->w.theta + self->tile_first[tile];
  const float *g_hat = get_g_hat (self, self->tile_group[tile], i * CHUNK);
  gsize d = self->d_in, n = chunk_size (self, i);

  for (gsize t = 0; t < n; t++)
    for (gsize e = row_start[t]; e < row_start[t + 1]; e++)
      {
        gsize k = chunk->latent[e];

        if (self->half > 0)
          scratch->g_theta[k] += get_theta_grad (self, theta[k], chunk->f[e], chunk->dh[e]);
        if (!(chunk->f[e] > 0))
          continue;
        cyt_train_axpy (scratch->g_dec + k * d, chunk->f[e], g_hat + t * d, d);
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

/* Adam on ln θ. */
static void
update_theta (CytTrainStep *self, gsize first, const float *g, gsize n)
{
  CytTrainState *state = self->state;
  float change[TILE] = { 0 };

  cyt_train_adam (change, state->m.theta + first, state->v.theta + first, g, self->rate, self->root, n);
  for (gsize k = 0; k < n; k++)
    state->w.theta[first + k] = (float) (state->w.theta[first + k] * exp (change[k]));
}

static void
run_tile (gsize tile, guint thread, gpointer data)
{
  CytTrainStep *self = data;
  CytTrainState *state = self->state;
  Scratch *scratch = &self->scratch[thread];
  gsize d = self->d_in, first = self->tile_first[tile], width = tile_size (self, tile);
  float *g_b_dec = self->g_b_dec + tile * d;
  guint8 fired[TILE] = { FALSE };

  memset (g_b_dec, 0, d * sizeof (float));
  memset (scratch->g_enc, 0, width * d * sizeof (float));
  memset (scratch->g_dec, 0, width * d * sizeof (float));
  memset (scratch->g_b, 0, sizeof scratch->g_b);
  memset (scratch->g_theta, 0, sizeof scratch->g_theta);
  for (gsize i = 0; i < self->n_chunks; i++)
    if (self->chunks[i].dense[tile])
      add_dense (self, scratch, i, tile, fired);
    else
      add_sparse (self, scratch, i, tile, fired);

  for (gsize k = 0; k < width; k++)
    {
      gsize latent = first + k;
      float *g_dec = scratch->g_dec + k * d, *g_enc = scratch->g_enc + k * d;
      gboolean has_grad = fired[k];

      if (self->dead != NULL && cyt_train_dead_add (self->dead, latent, g_enc, &scratch->g_b[k], g_dec))
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
  cyt_train_adam (state->w.b_enc + first, state->m.b_enc + first, state->v.b_enc + first, scratch->g_b, self->rate,
                  self->root, width);
  if (self->half > 0)
    update_theta (self, first, scratch->g_theta, width);
}

/* ---- The step ---- */

static void
normalise_tile (gsize tile, guint thread, gpointer data)
{
  CytTrainStep *self = data;

  for (gsize k = 0; k < tile_size (self, tile); k++)
    {
      float *row = self->state->w.w_dec + (self->tile_first[tile] + k) * self->d_in;
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

  *loss = (CytTrainLoss) { 0 };
  for (gsize i = 0; i < self->n_chunks; i++)
    {
      loss->mse += self->chunks[i].mse;
      loss->nested += self->chunks[i].nested;
      loss->l1 += self->chunks[i].l1;
      n_active += self->chunks[i].n_active;
      error += self->chunks[i].error;
      square += self->chunks[i].square;
    }
  loss->mse /= (double) self->n_tokens * self->d_in;
  loss->nested /= (double) self->n_tokens * self->d_in;
  loss->l1 *= self->recipe.l1 / self->n_tokens;
  loss->l0 = n_active / self->n_tokens;
  loss->l0_penalty = self->recipe.l0 * loss->l0;
  variance = get_variance (self, square);
  loss->explained = variance > 0 ? 1 - error / variance : NAN;
  for (gsize k = 0; k < self->d_sae; k++)
    loss->n_dead += self->state->since_fired[k] > self->recipe.dead_after;
}

static void
step_b_dec (CytTrainStep *self)
{
  CytTrainState *state = self->state;
  g_autofree double *sum = g_new0 (double, self->d_in);
  g_autofree float *g = g_new (float, self->d_in);

  for (gsize t = 0; t < self->n_tokens; t++)
    for (gsize c = 0; c < self->d_in; c++)
      sum[c] += get_g_hat (self, 0, t)[c];
  for (gsize tile = 0; tile < self->n_tiles; tile++)
    for (gsize c = 0; c < self->d_in; c++)
      sum[c] += self->g_b_dec[tile * self->d_in + c];
  for (gsize c = 0; c < self->d_in; c++)
    g[c] = (float) sum[c];
  cyt_train_adam (state->w.b_dec, state->m.b_dec, state->v.b_dec, g, self->rate, self->root, self->d_in);
}

/* BatchTopK's threshold for use follows the smallest activation that was kept. */
static void
follow_threshold (CytTrainStep *self)
{
  float *theta = self->state->w.theta, smallest = cyt_train_select_get_smallest (self->select), next;

  if (!(smallest > 0))
    return;
  next = theta[0] > 0 ? theta[0] + THRESHOLD_RATE * (smallest - theta[0]) : smallest;
  for (gsize k = 0; k < self->d_sae; k++)
    theta[k] = next;
}

/* x̂, ∂loss / ∂x̂, and what is active. */
static void
run_forward (CytTrainStep *self)
{
  if (self->select != NULL)
    cyt_train_select_begin (self->select, self->n_tokens);
  cyt_parallel_run (self->parallel, self->n_chunks, encode_chunk, self);
  if (self->select != NULL)
    cyt_train_select_finish (self->select);
  cyt_parallel_run (self->parallel, self->n_chunks, decode_chunk, self);
}

void
cyt_train_step_normalise (CytTrainStep *self, CytTrainState *state)
{
  self->state = state;
  cyt_parallel_run (self->parallel, self->n_tiles, normalise_tile, self);
}

static void
begin_batch (CytTrainStep *self, CytTrainState *state, const float *x, gsize n_tokens)
{
  g_return_if_fail (n_tokens > 0 && n_tokens <= self->max_tokens);
  g_return_if_fail (state->d_in == self->d_in && state->d_sae == self->d_sae);

  self->state = state;
  self->x = x;
  self->n_tokens = n_tokens;
  self->n_chunks = (n_tokens + CHUNK - 1) / CHUNK;
  self->half = (float) (self->recipe.bandwidth * state->scale / 2);
}

void
cyt_train_step_fit_start (CytTrainStep *self, CytTrainState *state, const float *x, gsize n_tokens)
{
  gsize d = self->d_in;
  double of_x = 0, of_x_hat = 0;
  float ratio;

  begin_batch (self, state, x, n_tokens);
  run_forward (self);
  for (gsize t = 0; t < n_tokens; t++)
    for (gsize c = 0; c < d; c++)
      {
        double added = (double) self->x_hat[t * d + c] - state->w.b_dec[c];

        of_x += (double) self->xc[t * d + c] * self->xc[t * d + c];
        of_x_hat += added * added;
      }
  if (!(of_x > 0) || !(of_x_hat > 0))
    return;
  ratio = (float) sqrt (of_x / of_x_hat);
  for (gsize k = 0; k < self->d_sae; k++)
    {
      cyt_train_scale (state->w.w_enc + k * d, ratio, d);
      state->w.theta[k] *= ratio;
    }
  state->scale *= ratio;
}

void
cyt_train_step_evaluate (CytTrainStep *self, CytTrainState *state, const float *x, gsize n_tokens, CytTrainLoss *loss)
{
  begin_batch (self, state, x, n_tokens);
  run_forward (self);
  add_up_loss (self, loss);
}

void
cyt_train_step_run (CytTrainStep *self, CytTrainState *state, const float *x, gsize n_tokens, CytTrainLoss *loss)
{
  double t = state->n_steps + 1;
  double lr = self->recipe.lr * MIN (1, t / MAX (1, self->recipe.warm_up));

  begin_batch (self, state, x, n_tokens);
  self->rate = (float) (lr / (1 - pow (0.9, t)));
  self->root = (float) (1 / sqrt (1 - pow (0.999, t)));

  cyt_train_step_normalise (self, state);
  run_forward (self);
  add_up_loss (self, loss);
  if (self->dead != NULL)
    *(self->recipe.ghost ? &loss->ghost : &loss->aux)
      = cyt_train_dead_run (self->dead, state, x, self->xc, self->x_hat, self->norm, n_tokens);
  cyt_parallel_run (self->parallel, self->n_chunks, derive_chunk, self);
  cyt_parallel_run (self->parallel, self->n_tiles, run_tile, self);
  step_b_dec (self);
  if (self->select != NULL)
    follow_threshold (self);
  state->n_steps++;
}
