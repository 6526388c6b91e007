/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "model/cyt-cell-latents.h"

G_BEGIN_DECLS

/* A sparse autoencoder's encoder half (METHODS §2), fp32, immutable once loaded:
 * f = act ((x − b_dec) W_enc + b_enc). */
typedef struct _CytSae CytSae;
typedef struct _CytSaeWorkspace CytSaeWorkspace;

#define CYT_SAE_DEFAULT_BLOCK (-2) /* CytoSAE's hook: after the last block but one (METHODS §1) */

typedef enum
{
  CYT_SAE_RELU,
  CYT_SAE_TOPK,       /* the k largest positive pre-activations of a token; of equal ones those of lower latents */
  CYT_SAE_BATCH_TOPK, /* its inference form: pre-activations above one threshold */
  CYT_SAE_JUMPRELU,   /* pre-activations above the latent's own threshold */
} CytSaeKind;

typedef struct
{
  const char *layout;    /* "CytoSAE", "SAELens" */
  CytSaeKind kind;
  gsize d_in;
  gsize d_sae;
  gsize k;               /* TOPK only */
  /* What the file says of itself; NULL or 0 where it does not. */
  char *model_name;
  char *module_name;
  int block_layer;       /* the encoder's block after which the SAE reads: CytoSAE's block_layer, or
                            CYT_SAE_DEFAULT_BLOCK where the file does not say */
  double l1_coefficient;
  double expansion_factor;
} CytSaeConfig;

/* "ReLU", "TopK", "BatchTopK", "JumpReLU" (static). */
const char *cyt_sae_kind_get_name (CytSaeKind kind);

/* What SAE lies at @path, without reading its weights. The strings of @config must be cleared with
 * cyt_sae_config_clear(). Errors as cyt_sae_load(). */
gboolean cyt_sae_probe (const char *path, CytSaeConfig *config, GError **error);
void cyt_sae_config_clear (CytSaeConfig *config);

/* Reads a CytoSAE .pt, a SAELens folder, or its sae_weights.safetensors with cfg.json beside it. */
CytSae *cyt_sae_load (const char *path, GError **error);
void cyt_sae_free (CytSae *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytSae, cyt_sae_free)

/* An SAE of numbers that are in no file, such as a baseline to compare with; @name stands for its path in messages.
 * in: config: kind CYT_SAE_RELU or CYT_SAE_TOPK with k, d_in, d_sae; its strings are not taken
 *     directions (d_sae, d_in): the columns of W_enc;  b_enc (d_sae), b_dec (d_in): NULL for zeros */
CytSae *cyt_sae_new (const char *name, const CytSaeConfig *config, const float *directions, const float *b_enc,
                     const float *b_dec);

const CytSaeConfig *cyt_sae_get_config (const CytSae *self);
/* The configuration as compact JSON (transfer full). */
char *cyt_sae_config_to_json (const CytSaeConfig *config);
char *cyt_sae_describe (const CytSae *self);

/* The decoder's rows W_dec (d_sae, d_in), the directions of the latents in the encoder's space, read in pieces:
 * at 150 MB, nobody needs the whole of it at once. */
typedef struct _CytSaeDecoder CytSaeDecoder;
/* Opens the SAE that cyt_sae_load() would load; errors as there. */
CytSaeDecoder *cyt_sae_decoder_open (const char *path, GError **error);
void cyt_sae_decoder_close (CytSaeDecoder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytSaeDecoder, cyt_sae_decoder_close)
const CytSaeConfig *cyt_sae_decoder_get_config (CytSaeDecoder *self);
/* out: rows first … first + n − 1, (n, d_in) f32, each of unit length; a row of zeros stays one. */
gboolean cyt_sae_decoder_read (CytSaeDecoder *self, gsize first, gsize n, float *out, GError **error);
/* All of the decoder, so that x̂ = b_dec + f · w_dec for the f of cyt_sae_run() (METHODS §2).
 * out: w_dec (d_sae, d_in), b_dec (d_in) f32. */
gboolean cyt_sae_decoder_read_all (CytSaeDecoder *self, float *w_dec, float *b_dec, GError **error);

/* FALSE with CYT_CHECKPOINT_ERROR_MISMATCH when the SAE's d_in is not the encoder's d. */
gboolean cyt_sae_check_encoder (const CytSae *self, const CytEncoder *encoder, GError **error);

CytSaeWorkspace *cyt_sae_workspace_new (const CytSae *self);
void cyt_sae_workspace_free (CytSaeWorkspace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytSaeWorkspace, cyt_sae_workspace_free)

/* Called for each latent whose map is wanted; @map is valid during the call. */
typedef void (*CytSaeMapFunc) (const CytSparseMap *map, gpointer user_data);

/* All latents of one cell, tile by tile; never more than 257 × one tile of f exists.
 * out: latents, emptied first, then every latent with score > 0
 * in:  tokens (257, d_in) f32
 *      tau: threshold of the counts, > = 0
 *      map_above: (d_sae) f32 or NULL; a latent's map is handed to @map_func when
 *                 score > 0 and score >= map_above[latent] */
void cyt_sae_run (const CytSae *self, CytSaeWorkspace *ws, CytCellLatents *latents, const float *tokens,
                  float tau, const float *map_above, CytSaeMapFunc map_func, gpointer user_data);

/* f of one latent over all tokens. out: (257) f32. */
void cyt_sae_run_latent (const CytSae *self, CytSaeWorkspace *ws, float *out, const float *tokens, gsize latent);

G_END_DECLS
