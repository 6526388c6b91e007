/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "io/cyt-image.h"
#include "model/cyt-sae.h"

G_BEGIN_DECLS

/* All that an SAE says of one cell, token by token: what an inspector needs. Sparse, in CSR layout: the
 * entries of token t (0 CLS, 1 + 16 · row + column a patch) are start[t] … start[t + 1] − 1, ascending by
 * latent, f > 0 only. */
typedef struct
{
  CytCellLatents cell;             /* the same summed over tokens, as cyt_sae_run() gives it */
  gsize start[CYT_N_TOKENS + 1];
  guint32 *latent;                 /* (start[257]) */
  float *value;                    /* (start[257]) f */
} CytTokenLatents;

/* A latent with what it is ranked by. */
typedef struct
{
  guint32 latent;
  float value;
} CytRankedLatent;

/* From tokens (257, d_in) f32; @tau: threshold of the counts. Tile by tile: beside the result, which is as
 * large as what fires, nothing grows with 257 · d_sae. */
CytTokenLatents *cyt_token_latents_new (const CytSae *sae, CytSaeWorkspace *ws, const float *tokens, float tau);
/* From an image, through the hook @block of the encoder. Errors: a mismatch of encoder and SAE, no such
 * block (CYT_CHECKPOINT_ERROR). */
CytTokenLatents *cyt_token_latents_compute (const CytEncoder *encoder, const CytSae *sae, int block, float tau,
                                            const CytImage *image, GError **error);
void cyt_token_latents_free (CytTokenLatents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTokenLatents, cyt_token_latents_free)
gsize cyt_token_latents_get_n_bytes (const CytTokenLatents *self);

/* f of @latent at @token, 0 where it does not fire. */
float cyt_token_latents_get (const CytTokenLatents *self, guint token, guint32 latent);
/* Where @latent fires; also right for one that does not. */
void cyt_token_latents_get_map (const CytTokenLatents *self, guint32 latent, CytSparseMap *map);

/* Latents of one token by f (METHODS §4), or of the whole cell by score, the mean of f over all 257 tokens
 * (METHODS §3): of CytRankedLatent, largest first, equal ones by number; all of them. (transfer full) */
GArray *cyt_token_latents_rank_token (const CytTokenLatents *self, guint token);
GArray *cyt_token_latents_rank_cell (const CytTokenLatents *self);

G_END_DECLS
