/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>

#include "io/cyt-error.h"
#include "model/cyt-sae-private.h"
#include "tensor/cyt-blas.h"
#include "tensor/cyt-top-k.h"

#define T CYT_SAE_TILE

/* One active latent of one token: what TopK keeps. */
typedef struct
{
  float value;
  guint32 latent;
  guint32 token;
} Active;

struct _CytSaeWorkspace
{
  float *centred; /* (257, d_in) x − b_dec */
  float *h;       /* (257, T) one tile */
  double sum[T];
  guint32 count[T];
  float max[T];
  CytTopEntry *top; /* TopK: (257, k), a heap per token */
  Active *active;   /* TopK: (257 k) */
  CytSparseMap map;
};

const char *
cyt_sae_kind_get_name (CytSaeKind kind)
{
  static const char *const names[] = { "ReLU", "TopK", "BatchTopK", "JumpReLU" };

  g_assert (kind < G_N_ELEMENTS (names));
  return names[kind];
}

const CytSaeConfig *
cyt_sae_get_config (const CytSae *self)
{
  return &self->config;
}

char *
cyt_sae_describe (const CytSae *self)
{
  return cyt_sae_config_to_json (&self->config);
}

gboolean
cyt_sae_check_encoder (const CytSae *self, const CytEncoder *encoder, GError **error)
{
  gsize d = cyt_encoder_get_config (encoder)->d;

  if (self->config.d_in == d)
    return TRUE;
  g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH,
               "%s: the SAE does not fit the encoder: its d_in is %" G_GSIZE_FORMAT ", the tokens of %s have %" G_GSIZE_FORMAT
               " dimensions",
               self->path, self->config.d_in, cyt_encoder_get_path (encoder), d);
  return FALSE;
}

CytSaeWorkspace *
cyt_sae_workspace_new (const CytSae *self)
{
  CytSaeWorkspace *ws = g_new0 (CytSaeWorkspace, 1);

  ws->centred = g_new (float, CYT_N_TOKENS * self->config.d_in);
  ws->h = g_new (float, CYT_N_TOKENS * T);
  if (self->config.kind == CYT_SAE_TOPK)
    {
      ws->top = g_new (CytTopEntry, CYT_N_TOKENS * self->config.k);
      ws->active = g_new (Active, CYT_N_TOKENS * self->config.k);
    }
  return ws;
}

void
cyt_sae_workspace_free (CytSaeWorkspace *ws)
{
  if (ws == NULL)
    return;
  g_free (ws->centred);
  g_free (ws->h);
  g_free (ws->top);
  g_free (ws->active);
  g_free (ws);
}

/* h (257, T) = centred · W_enc[:, tile], without bias. */
static void
multiply_tile (const CytSae *self, CytSaeWorkspace *ws, gsize tile)
{
  gsize d_in = self->config.d_in;

  cyt_blas_gemm_nn (ws->h, T, ws->centred, d_in, self->w_enc + tile * d_in * T, T, CYT_N_TOKENS, T, d_in, 1, 0);
}

static void
run_tiles (const CytSae *self, CytSaeWorkspace *ws, CytCellLatents *latents, float tau, const float *map_above,
           CytSaeMapFunc map_func, gpointer user_data)
{
  for (gsize tile = 0; tile < self->n_tiles; tile++)
    {
      multiply_tile (self, ws, tile);
      cyt_sae_reduce_tile (ws->sum, ws->count, ws->max, ws->h, self->b_enc + tile * T, self->threshold + tile * T,
                           tau, CYT_N_TOKENS);
      for (gsize k = 0; k < T; k++)
        {
          guint32 latent = tile * T + k;
          float score = (float) (ws->sum[k] / CYT_N_TOKENS);

          if (!(score > 0))
            continue;
          cyt_cell_latents_append (latents, latent, score, ws->count[k], ws->h[k], ws->max[k]);
          if (map_above == NULL || score < map_above[latent])
            continue;
          ws->map.latent = latent;
          ws->map.n = 0;
          for (gsize p = 0; p < CYT_N_PATCHES; p++)
            {
              float f = ws->h[(1 + p) * T + k];

              if (f > 0)
                {
                  ws->map.patch[ws->map.n] = p;
                  ws->map.value[ws->map.n++] = f;
                }
            }
          map_func (&ws->map, user_data);
        }
    }
}

static int
compare_active (gconstpointer a, gconstpointer b)
{
  const Active *x = a, *y = b;

  if (x->latent != y->latent)
    return x->latent < y->latent ? -1 : 1;
  return x->token < y->token ? -1 : x->token > y->token;
}

/* Keeps the k largest positive pre-activations of every token; returns how many there are, sorted by
 * latent, then token, in ws->active. */
static gsize
select_top (const CytSae *self, CytSaeWorkspace *ws)
{
  gsize k = self->config.k, n_top[CYT_N_TOKENS] = { 0 }, n = 0;
  guint32 scratch[T];

  for (gsize tile = 0; tile < self->n_tiles; tile++)
    {
      gsize width = MIN (T, self->config.d_sae - tile * T);

      multiply_tile (self, ws, tile);
      cyt_add_bias (ws->h, self->b_enc + tile * T, CYT_N_TOKENS, T);
      for (gsize t = 0; t < CYT_N_TOKENS; t++)
        n_top[t] = cyt_top_k_add (ws->top + t * k, n_top[t], k, ws->h + t * T, width, tile * T, scratch);
    }
  for (gsize t = 0; t < CYT_N_TOKENS; t++)
    for (gsize i = 0; i < n_top[t]; i++)
      ws->active[n++] = (Active){ ws->top[t * k + i].value, ws->top[t * k + i].latent, t };
  qsort (ws->active, n, sizeof (Active), compare_active);
  return n;
}

static void
run_top (const CytSae *self, CytSaeWorkspace *ws, CytCellLatents *latents, float tau, const float *map_above,
         CytSaeMapFunc map_func, gpointer user_data)
{
  gsize n = select_top (self, ws);

  for (gsize i = 0; i < n;)
    {
      guint32 latent = ws->active[i].latent;
      double sum = 0;
      guint16 count = 0;
      float cls = 0, max = 0, score;

      ws->map.latent = latent;
      ws->map.n = 0;
      for (; i < n && ws->active[i].latent == latent; i++)
        {
          float f = ws->active[i].value;

          sum += f;
          count += f > tau;
          max = MAX (max, f);
          if (ws->active[i].token == 0)
            {
              cls = f;
              continue;
            }
          ws->map.patch[ws->map.n] = ws->active[i].token - 1;
          ws->map.value[ws->map.n++] = f;
        }
      score = (float) (sum / CYT_N_TOKENS);
      if (!(score > 0))
        continue;
      cyt_cell_latents_append (latents, latent, score, count, cls, max);
      if (map_above != NULL && score >= map_above[latent])
        map_func (&ws->map, user_data);
    }
}

void
cyt_sae_run (const CytSae *self, CytSaeWorkspace *ws, CytCellLatents *latents, const float *tokens, float tau,
             const float *map_above, CytSaeMapFunc map_func, gpointer user_data)
{
  latents->n = 0;
  cyt_subtract_row (ws->centred, tokens, self->b_dec, CYT_N_TOKENS, self->config.d_in);
  if (self->config.kind == CYT_SAE_TOPK)
    run_top (self, ws, latents, tau, map_above, map_func, user_data);
  else
    run_tiles (self, ws, latents, tau, map_above, map_func, user_data);
}

void
cyt_sae_run_latent (const CytSae *self, CytSaeWorkspace *ws, float *out, const float *tokens, gsize latent)
{
  gsize tile = latent / T, k = latent % T;

  g_assert (latent < self->config.d_sae);
  cyt_subtract_row (ws->centred, tokens, self->b_dec, CYT_N_TOKENS, self->config.d_in);
  if (self->config.kind == CYT_SAE_TOPK)
    {
      gsize n = select_top (self, ws);

      for (gsize t = 0; t < CYT_N_TOKENS; t++)
        out[t] = 0;
      for (gsize i = 0; i < n; i++)
        if (ws->active[i].latent == latent)
          out[ws->active[i].token] = ws->active[i].value;
      return;
    }
  multiply_tile (self, ws, tile);
  cyt_sae_reduce_tile (ws->sum, ws->count, ws->max, ws->h, self->b_enc + tile * T, self->threshold + tile * T, 0,
                       CYT_N_TOKENS);
  for (gsize t = 0; t < CYT_N_TOKENS; t++)
    out[t] = ws->h[t * T + k];
}
