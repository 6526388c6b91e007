/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "model/cyt-encoder-private.h"
#include "tensor/cyt-blas.h"
#include "tensor/cyt-kernels.h"

#define LAYER_NORM_EPS 1e-6f

/* n: tokens including registers. */
struct _CytEncoderWorkspace
{
  float *patches; /* (256, 588) */
  float *x;       /* (n, d) residual stream: CLS, registers, patches */
  float *y;       /* (n, d) normalised, or a branch's result */
  float *qkv;     /* (n, 3 d) */
  float *scores;  /* (n, n) one head's attention */
  float *heads;   /* (n, d) the heads' results side by side */
  float *hidden;  /* (n, e) MLP */
  float *gated;   /* (n, h) SwiGLU only */
};

const char *
cyt_encoder_get_path (const CytEncoder *self)
{
  return self->path;
}

const CytEncoderConfig *
cyt_encoder_get_config (const CytEncoder *self)
{
  return &self->config;
}

char *
cyt_encoder_config_to_json (const CytEncoderConfig *c)
{
  return g_strdup_printf ("{\"layout\":\"%s\",\"d\":%" G_GSIZE_FORMAT ",\"n_blocks\":%" G_GSIZE_FORMAT
                          ",\"n_heads\":%" G_GSIZE_FORMAT ",\"d_mlp\":%" G_GSIZE_FORMAT ",\"swiglu\":%s"
                          ",\"n_registers\":%" G_GSIZE_FORMAT ",\"n_grid\":%" G_GSIZE_FORMAT "}",
                          c->layout, c->d, c->n_blocks, c->n_heads, c->d_mlp, c->swiglu ? "true" : "false",
                          c->n_registers, c->n_grid);
}

char *
cyt_encoder_describe (const CytEncoder *self)
{
  return cyt_encoder_config_to_json (&self->config);
}

gboolean
cyt_encoder_resolve_block (const CytEncoder *self, int block, gsize *n_blocks_to_run, GError **error)
{
  gint64 n = self->config.n_blocks;
  gint64 index = block < 0 ? n + block : block;

  if (index < 0 || index >= n)
    {
      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH,
                   "%s: the encoder has no block %d: it has %" G_GINT64_FORMAT " blocks, 0…%" G_GINT64_FORMAT
                   " or -%" G_GINT64_FORMAT "…-1",
                   self->path, block, n, n - 1, n);
      return FALSE;
    }
  *n_blocks_to_run = index + 1;
  return TRUE;
}

const char *
cyt_encoder_config_get_size_name (const CytEncoderConfig *config)
{
  switch (config->d)
    {
    case 384:
      return "ViT-S";
    case 768:
      return "ViT-B";
    case 1024:
      return "ViT-L";
    case 1536:
      return "ViT-G";
    default:
      return "ViT";
    }
}

CytEncoderWorkspace *
cyt_encoder_workspace_new (const CytEncoder *self)
{
  const CytEncoderConfig *c = &self->config;
  gsize n = CYT_N_TOKENS + c->n_registers;
  CytEncoderWorkspace *ws = g_new0 (CytEncoderWorkspace, 1);

  ws->patches = g_new (float, CYT_N_PATCHES * CYT_PATCH_PIXELS);
  ws->x = g_new (float, n * c->d);
  ws->y = g_new (float, n * c->d);
  ws->qkv = g_new (float, n * 3 * c->d);
  ws->scores = g_new (float, n * n);
  ws->heads = g_new (float, n * c->d);
  ws->hidden = g_new (float, n * c->d_mlp * (c->swiglu ? 2 : 1));
  ws->gated = c->swiglu ? g_new (float, n * c->d_mlp) : NULL;
  return ws;
}

void
cyt_encoder_workspace_free (CytEncoderWorkspace *ws)
{
  if (ws == NULL)
    return;
  g_free (ws->patches);
  g_free (ws->x);
  g_free (ws->y);
  g_free (ws->qkv);
  g_free (ws->scores);
  g_free (ws->heads);
  g_free (ws->hidden);
  g_free (ws->gated);
  g_free (ws);
}

/* out (n, d_out) = in (n, d_in) · weightᵀ, without bias. */
static void
linear (float *out, const float *in, const float *weight, gsize n, gsize d_out, gsize d_in)
{
  cyt_blas_gemm_nt (out, d_out, in, d_in, weight, d_in, n, d_out, d_in, 1, 0);
}

/* x = tokens: patch embedding plus position, with CLS and registers in front. */
static void
embed_patches (const CytEncoder *self, CytEncoderWorkspace *ws, const guint8 *pixels)
{
  gsize d = self->config.d, n_front = 1 + self->config.n_registers;
  float *patch_tokens = ws->x + n_front * d;

  cyt_patchify (ws->patches, pixels);
  memcpy (ws->x, self->cls, d * sizeof (float));
  if (self->config.n_registers > 0)
    memcpy (ws->x + d, self->registers, self->config.n_registers * d * sizeof (float));
  memcpy (patch_tokens, self->positions, CYT_N_PATCHES * d * sizeof (float));
  cyt_blas_gemm_nt (patch_tokens, d, ws->patches, CYT_PATCH_PIXELS, self->patch_weight, CYT_PATCH_PIXELS,
                    CYT_N_PATCHES, d, CYT_PATCH_PIXELS, 1, 1);
  cyt_add_bias (patch_tokens, self->patch_bias, CYT_N_PATCHES, d);
}

/* heads = softmax (q kᵀ / √64) v, head by head. */
static void
attend (const CytEncoder *self, CytEncoderWorkspace *ws, gsize n)
{
  gsize d = self->config.d;
  float scale = 1.0f / sqrtf (CYT_HEAD_SIZE);

  for (gsize head = 0; head < self->config.n_heads; head++)
    {
      const float *q = ws->qkv + head * CYT_HEAD_SIZE, *k = q + d, *v = k + d;

      cyt_blas_gemm_nt (ws->scores, n, q, 3 * d, k, 3 * d, n, n, CYT_HEAD_SIZE, scale, 0);
      cyt_softmax (ws->scores, n, n);
      cyt_blas_gemm_nn (ws->heads + head * CYT_HEAD_SIZE, d, ws->scores, n, v, 3 * d, n, CYT_HEAD_SIZE, n, 1, 0);
    }
}

/* x += ls1 · attention (norm1 (x));  x += ls2 · mlp (norm2 (x)). */
static void
run_block (const CytEncoder *self, const CytEncoderBlock *b, CytEncoderWorkspace *ws, gsize n)
{
  gsize d = self->config.d, h = self->config.d_mlp;

  cyt_layer_norm (ws->y, ws->x, b->norm1_weight, b->norm1_bias, n, d, LAYER_NORM_EPS);
  linear (ws->qkv, ws->y, b->qkv_weight, n, 3 * d, d);
  cyt_add_bias (ws->qkv, b->qkv_bias, n, 3 * d);
  attend (self, ws, n);
  linear (ws->y, ws->heads, b->proj_weight, n, d, d);
  cyt_add_scaled (ws->x, ws->y, b->proj_bias, b->ls1, n, d);

  cyt_layer_norm (ws->y, ws->x, b->norm2_weight, b->norm2_bias, n, d, LAYER_NORM_EPS);
  if (self->config.swiglu)
    {
      linear (ws->hidden, ws->y, b->fc1_weight, n, 2 * h, d);
      cyt_bias_swiglu (ws->gated, ws->hidden, b->fc1_bias, n, h);
      linear (ws->y, ws->gated, b->fc2_weight, n, d, h);
    }
  else
    {
      linear (ws->hidden, ws->y, b->fc1_weight, n, h, d);
      cyt_bias_gelu (ws->hidden, b->fc1_bias, n, h);
      linear (ws->y, ws->hidden, b->fc2_weight, n, d, h);
    }
  cyt_add_scaled (ws->x, ws->y, b->fc2_bias, b->ls2, n, d);
}

void
cyt_encoder_run_on (const CytEncoder *self, CytEncoderWorkspace *ws, float *tokens, gsize n_blocks_run,
                    gsize n_blocks_to_run)
{
  gsize d = self->config.d, n = CYT_N_TOKENS + self->config.n_registers;

  g_assert (n_blocks_run <= n_blocks_to_run && n_blocks_to_run <= self->config.n_blocks);
  for (gsize i = n_blocks_run; i < n_blocks_to_run; i++)
    run_block (self, &self->blocks[i], ws, n);
  memcpy (tokens, ws->x, d * sizeof (float));
  memcpy (tokens + d, ws->x + (n - CYT_N_PATCHES) * d, CYT_N_PATCHES * d * sizeof (float));
}

void
cyt_encoder_run (const CytEncoder *self, CytEncoderWorkspace *ws, float *tokens, const guint8 *pixels,
                 gsize n_blocks_to_run)
{
  embed_patches (self, ws, pixels);
  cyt_encoder_run_on (self, ws, tokens, 0, n_blocks_to_run);
}
