/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "tensor/cyt-blas.h"
#include "tensor/cyt-top-k.h"
#include "train/cyt-train-dead.h"
#include "train/cyt-train-kernels.h"

/* Pre-activations of the dead at a time: 32 MB, and so many tokens. */
#define MAX_PIECE ((gsize) 8 << 20)
#define MAX_PIECE_TOKENS 4096
/* Rows, of tokens or of dead latents, that one thread takes. */
#define SLICE 128

struct _CytTrainDead
{
  guint dead_after;
  gsize aux_k;          /* AuxK's; 0: the ghost term */
  float aux_weight;
  CytParallel *parallel;
  gsize d_in;
  gsize n_dead;
  gsize n_alloc;        /* room for so many dead latents */
  gint32 *place;        /* (d_sae) place among the dead, or -1 */
  float *w_enc;         /* (n_dead, d_in), and so on: of the dead alone */
  float *b_enc;
  float *w_dec;
  float *g_enc;
  float *g_b;
  float *g_dec;
  float *e;             /* (n, n_dead) activations of a piece of n tokens: exp (h) or AuxK's z */
  float *dh;            /* (n, n_dead) */
  float *g;             /* (n, d_in) */
  double *sum;          /* of each slice of the piece */
  CytTopEntry *top;     /* (n_threads, aux_k) */
  guint32 *found;       /* (n_threads, n_dead) */

  /* The piece under way. */
  const float *x;
  const float *xc;
  const float *x_hat;
  const float *norm;
  double n_all;         /* tokens × d_in of the batch */
  gsize n;
};

CytTrainDead *
cyt_train_dead_new (const CytTrainRecipe *recipe, gsize d_in, CytParallel *parallel)
{
  CytTrainDead *self;

  if (!recipe->ghost && recipe->aux_k == 0)
    return NULL;
  self = g_new0 (CytTrainDead, 1);
  self->dead_after = recipe->dead_after;
  self->aux_k = recipe->aux_k;
  self->aux_weight = (float) recipe->aux_weight;
  self->top = g_new (CytTopEntry, cyt_parallel_get_n_threads (parallel) * self->aux_k);
  self->d_in = d_in;
  self->parallel = parallel;
  return self;
}

static void
free_arrays (CytTrainDead *self)
{
  g_clear_pointer (&self->w_enc, g_free);
  g_clear_pointer (&self->b_enc, g_free);
  g_clear_pointer (&self->w_dec, g_free);
  g_clear_pointer (&self->g_enc, g_free);
  g_clear_pointer (&self->g_b, g_free);
  g_clear_pointer (&self->g_dec, g_free);
  g_clear_pointer (&self->e, g_free);
  g_clear_pointer (&self->dh, g_free);
  g_clear_pointer (&self->g, g_free);
  g_clear_pointer (&self->sum, g_free);
  g_clear_pointer (&self->found, g_free);
}

void
cyt_train_dead_free (CytTrainDead *self)
{
  if (self == NULL)
    return;
  free_arrays (self);
  g_free (self->place);
  g_free (self->top);
  g_free (self);
}

/* Tokens of a piece: by what is dead now and nothing else, so that a run that was resumed adds in the same order. */
static gsize
get_piece (const CytTrainDead *self)
{
  return CLAMP (MAX_PIECE / self->n_dead, SLICE, MAX_PIECE_TOKENS);
}

static void
gather (CytTrainDead *self, const CytTrainState *state)
{
  gsize d = self->d_in, n = 0;

  if (self->place == NULL)
    self->place = g_new (gint32, state->d_sae);
  for (gsize k = 0; k < state->d_sae; k++)
    self->place[k] = state->since_fired[k] > self->dead_after ? (gint32) n++ : -1;
  self->n_dead = n;
  if (n > self->n_alloc)
    {
      free_arrays (self);
      self->n_alloc = MIN (n + n / 4, state->d_sae);
      self->w_enc = g_new (float, self->n_alloc * d);
      self->b_enc = g_new (float, self->n_alloc);
      self->w_dec = g_new (float, self->n_alloc * d);
      self->g_enc = g_new (float, self->n_alloc * d);
      self->g_b = g_new (float, self->n_alloc);
      self->g_dec = g_new (float, self->n_alloc * d);
      self->e = g_new (float, MAX (MAX_PIECE, SLICE * self->n_alloc));
      self->dh = g_new (float, MAX (MAX_PIECE, SLICE * self->n_alloc));
      self->g = g_new (float, MAX_PIECE_TOKENS * d);
      self->sum = g_new (double, MAX_PIECE_TOKENS / SLICE);
      self->found = g_new (guint32, cyt_parallel_get_n_threads (self->parallel) * self->n_alloc);
    }
  for (gsize k = 0; k < state->d_sae; k++)
    if (self->place[k] >= 0)
      {
        gsize i = self->place[k];

        memcpy (self->w_enc + i * d, state->w.w_enc + k * d, d * sizeof (float));
        memcpy (self->w_dec + i * d, state->w.w_dec + k * d, d * sizeof (float));
        self->b_enc[i] = state->w.b_enc[k];
      }
  if (n > 0)
    {
      memset (self->g_enc, 0, n * d * sizeof (float));
      memset (self->g_dec, 0, n * d * sizeof (float));
      memset (self->g_b, 0, n * sizeof (float));
    }
}

/* e (n, n_dead) from pre-activations to exp (h). */
static void
activate_ghost (CytTrainDead *self, float *e, gsize n)
{
  cyt_train_clamped_exp (e, CYT_TRAIN_GHOST_MAX, n * self->n_dead);
}

/* e (n, n_dead) from pre-activations to the largest positive of each token, else 0. */
static void
activate_aux (CytTrainDead *self, float *e, gsize n, guint thread)
{
  CytTopEntry *top = self->top + thread * self->aux_k;
  guint32 *found = self->found + thread * self->n_alloc;
  gsize nd = self->n_dead;

  for (gsize t = 0; t < n; t++)
    {
      float *row = e + t * nd;
      gsize n_top = cyt_top_k_add (top, 0, self->aux_k, row, nd, 0, found);

      memset (row, 0, nd * sizeof (float));
      for (gsize i = 0; i < n_top; i++)
        row[top[i].latent] = top[i].value;
    }
}

/* Some tokens of the piece: e, their loss, ∂loss / ∂g and ∂loss / ∂h. */
static void
run_tokens (gsize slice, guint thread, gpointer data)
{
  CytTrainDead *self = data;
  gsize d = self->d_in, nd = self->n_dead, first = slice * SLICE, n = MIN (SLICE, self->n - first);
  float *e = self->e + first * nd, *dh = self->dh + first * nd, *g = self->g + first * d;
  const float top = expf (CYT_TRAIN_GHOST_MAX);
  double sum = 0;

  cyt_blas_gemm_nt (e, nd, self->xc + first * d, d, self->w_enc, d, n, nd, d, 1, 0);
  for (gsize t = 0; t < n; t++)
    cyt_train_axpy (e + t * nd, 1, self->b_enc, nd);
  if (self->aux_k > 0)
    activate_aux (self, e, n, thread);
  else
    activate_ghost (self, e, n);
  cyt_blas_gemm_nn (g, d, e, nd, self->w_dec, d, n, d, nd, 1, 0);
  for (gsize t = 0; t < n; t++)
    {
      const float *x = self->x + (first + t) * d, *x_hat = self->x_hat + (first + t) * d;
      float norm = self->norm[first + t];

      sum += self->aux_k > 0 ? cyt_train_aux (g + t * d, x, x_hat, norm, self->aux_weight, self->n_all, d)
                             : cyt_train_ghost (g + t * d, x, x_hat, norm, self->n_all, d);
    }
  self->sum[slice] = sum;
  cyt_blas_gemm_nt (dh, nd, g, d, self->w_dec, d, n, nd, d, 1, 0);
  /* exp () is its own derivative; that of AuxK's z is 1 where there is any. */
  for (gsize i = 0; i < n * nd; i++)
    dh[i] = self->aux_k > 0 ? (e[i] > 0 ? dh[i] : 0) : (e[i] < top ? dh[i] * e[i] : 0);
}

/* The piece's part of the gradients of some dead latents. */
static void
run_latents (gsize slice, guint thread, gpointer data)
{
  CytTrainDead *self = data;
  gsize d = self->d_in, nd = self->n_dead, first = slice * SLICE, n = MIN (SLICE, nd - first);

  cyt_blas_gemm_tn (self->g_dec + first * d, d, self->e + first, nd, self->g, d, n, d, self->n, 1, 1);
  cyt_blas_gemm_tn (self->g_enc + first * d, d, self->dh + first, nd, self->xc, d, n, d, self->n, 1, 1);
  for (gsize t = 0; t < self->n; t++)
    cyt_train_axpy (self->g_b + first, 1, self->dh + t * nd + first, n);
}

double
cyt_train_dead_run (CytTrainDead *self, const CytTrainState *state, const float *x, const float *xc, const float *x_hat,
                    const float *norm, gsize n_tokens)
{
  double sum = 0;

  gather (self, state);
  if (self->n_dead == 0)
    return 0;
  self->n_all = (double) n_tokens * self->d_in;
  for (gsize first = 0; first < n_tokens; first += self->n)
    {
      gsize n_slices;

      self->n = MIN (get_piece (self), n_tokens - first);
      self->x = x + first * self->d_in;
      self->xc = xc + first * self->d_in;
      self->x_hat = x_hat + first * self->d_in;
      self->norm = norm + first;
      n_slices = (self->n + SLICE - 1) / SLICE;
      cyt_parallel_run (self->parallel, n_slices, run_tokens, self);
      for (gsize i = 0; i < n_slices; i++)
        sum += self->sum[i];
      cyt_parallel_run (self->parallel, (self->n_dead + SLICE - 1) / SLICE, run_latents, self);
    }
  return sum / self->n_all;
}

gboolean
cyt_train_dead_add (const CytTrainDead *self, gsize latent, float *g_enc, float *g_b, float *g_dec)
{
  gint32 place = self->place[latent];

  if (place < 0)
    return FALSE;
  cyt_train_axpy (g_enc, 1, self->g_enc + place * self->d_in, self->d_in);
  cyt_train_axpy (g_dec, 1, self->g_dec + place * self->d_in, self->d_in);
  *g_b += self->g_b[place];
  return TRUE;
}
