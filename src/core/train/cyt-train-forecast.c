/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "io/cyt-error.h"
#include "train/cyt-train-forecast.h"
#include "train/cyt-train-init.h"

#define N_IMAGES 4      /* that are read */
#define N_TRIES 24      /* doublings of what b_enc is lowered by */
#define N_TIMED 2       /* steps of each size; the faster counts */

void
cyt_train_forecast_sizes (CytTrainForecast *self, const CytTrainOptions *o)
{
  const CytEncoderConfig *config = cyt_encoder_get_config (o->encoder);
  guint64 d = config->d, n_list = cyt_image_list_get_n_items (o->list), n_seen;
  guint64 weights = sizeof (float) * (2 * d * o->d_sae + o->d_sae + d);
  guint64 tokens = sizeof (float) * CYT_N_TOKENS * d;
  guint64 encoder = sizeof (float) * config->n_blocks * (4 * d * d + (config->swiglu ? 3 : 2) * d * config->d_mlp);
  guint64 kept = 0;

  self->n_steps = MAX (1, o->n_images / o->batch);
  n_seen = self->n_steps * o->batch;
  self->n_encoded = n_seen;
  if (n_seen > n_list && o->cache != CYT_TOKEN_CACHE_NONE)
    {
      guint64 each = o->cache == CYT_TOKEN_CACHE_F16 ? tokens / 2 : tokens;
      guint64 n_kept = MIN (n_list, o->max_cache_bytes / MAX (1, each));

      kept = n_kept * each;
      /* what is not kept is computed in each pass */
      self->n_encoded = n_kept + (guint64) ((double) (n_list - n_kept) / (double) n_list * (double) n_seen);
    }
  /* weights and two moments; the batch, centred, reconstructed and its gradient; what is active */
  self->memory = encoder + 3 * weights + 4 * o->batch * tokens
                 + (guint64) (o->batch * CYT_N_TOKENS * 4 * CYT_TRAIN_FORECAST_L0 * 10);
  /* the state is written beside the one before it */
  self->disk = kept + 2 * 3 * weights + weights;
}

/* Seconds of a step on @n_tokens. */
static double
time_step (CytTrainStep *step, CytTrainState *state, const float *x, gsize n_tokens, GCancellable *cancellable)
{
  double best = G_MAXDOUBLE;
  CytTrainLoss loss;

  for (guint i = 0; i < N_TIMED && !g_cancellable_is_cancelled (cancellable); i++)
    {
      gint64 start = g_get_monotonic_time ();

      cyt_train_step_run (step, state, x, n_tokens, &loss);
      best = MIN (best, (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC);
    }
  return best;
}

/* Seconds of a step on a batch of @n_batch images, from steps on one and on all @n images that are there: it goes over all
 * weights once, and over the tokens of each image. */
static double
time_batch (CytTrainStep *step, CytTrainState *state, const float *x, gsize n, guint n_batch, GCancellable *cancellable)
{
  double one = time_step (step, state, x, CYT_N_TOKENS, cancellable);
  double all = n > 1 ? time_step (step, state, x, n * CYT_N_TOKENS, cancellable) : one;

  if (n > 1 && all > one)
    return one + (all - one) / (double) (n - 1) * (n_batch - 1);
  return all / (double) n * n_batch;
}

/* Lowers b_enc until few latents are active, as they are after the first steps. */
static void
make_sparse (CytTrainStep *step, CytTrainState *state, const float *x, GCancellable *cancellable)
{
  CytTrainLoss loss;
  float lower = 0.01f;

  for (guint i = 0; i < N_TRIES && !g_cancellable_is_cancelled (cancellable); i++, lower *= 2)
    {
      cyt_train_step_run (step, state, x, CYT_N_TOKENS, &loss);
      if (loss.l0 <= CYT_TRAIN_FORECAST_L0)
        return;
      for (gsize k = 0; k < state->d_sae; k++)
        state->w.b_enc[k] -= lower;
    }
}

gboolean
cyt_train_forecast_measure (CytTrainForecast *self, const CytTrainOptions *options, GCancellable *cancellable,
                            GError **error)
{
  gsize d = cyt_encoder_get_config (options->encoder)->d, n_read = 0;
  gsize n = MIN (N_IMAGES, cyt_image_list_get_n_items (options->list));
  g_autoptr (CytParallel) parallel = cyt_parallel_new (options->n_threads);
  g_autoptr (CytTokenSource) source
    = cyt_token_source_new (options->encoder, options->encoder_sha256, options->block, options->list, NULL,
                            CYT_TOKEN_CACHE_NONE, 0, parallel, error);
  g_autofree float *x = g_new (float, MAX (1, n) * CYT_N_TOKENS * d);
  CytTrainRecipe recipe = options->recipe;
  g_autoptr (CytTrainState) state = NULL;
  g_autoptr (CytTrainStep) step = NULL;
  guint64 n_dense;
  gint64 start;

  cyt_train_forecast_sizes (self, options);
  if (source == NULL)
    return FALSE;
  start = g_get_monotonic_time ();
  if (!cyt_token_source_read (source, (const guint32[N_IMAGES]) { 0, 1, 2, 3 }, n, x, &n_read, cancellable, error))
    return FALSE;
  if (n_read == 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "%s: none of the first %" G_GSIZE_FORMAT " images can be read",
                   options->list->root, n);
      return FALSE;
    }
  self->encode_seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC / (double) n_read;

  state = cyt_train_state_new (d, options->d_sae);
  if (state == NULL)
    {
      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                   "there is not enough memory for %" G_GSIZE_FORMAT " latents of %" G_GSIZE_FORMAT " dimensions",
                   options->d_sae, d);
      return FALSE;
    }
  if (!cyt_train_recipe_complete (&recipe, d, options->d_sae, error))
    return FALSE;
  cyt_train_init_weights (state, &recipe, options->seed);
  cyt_train_init_scale (state, &recipe, x, n_read * CYT_N_TOKENS);
  recipe.lr = 0;        /* the steps are timed, not taken */
  recipe.ghost = FALSE; /* what the lowered b_enc silences is not dead */
  step = cyt_train_step_new (&recipe, d, options->d_sae, n_read * CYT_N_TOKENS, parallel);
  self->dense_seconds = time_batch (step, state, x, n_read, options->batch, cancellable);
  make_sparse (step, state, x, cancellable);
  self->sparse_seconds = time_batch (step, state, x, n_read, options->batch, cancellable);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  n_dense = MIN (self->n_steps, CYT_TRAIN_FORECAST_DENSE_STEPS);
  self->seconds = self->encode_seconds * (double) self->n_encoded + self->dense_seconds * (double) n_dense
                  + self->sparse_seconds * (double) (self->n_steps - n_dense);
  return TRUE;
}
