/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-sae.h"

G_BEGIN_DECLS

/* What describes a token by a few of many directions: an autoencoder, or a baseline written as one, so that all are
 * measured alike. f are the activations of cyt_sae_run(); the token is told again as
 *   x̂ = b_dec + Σ_k f_k w_dec[k], or where @hard, b_dec + Σ_{k: f_k > 0} w_dec[k]. */
typedef struct
{
  char *name;      /* "sae", "dimensions", "pca", "kmeans", "random" */
  CytSae *sae;
  gsize n;         /* latents */
  gsize d;         /* of a token */
  float *w_dec;    /* (n, d) */
  float *b_dec;    /* (d) */
  gboolean hard;
} CytDictionary;

/* The SAE at @path with its decoder; errors as cyt_sae_load(). */
CytDictionary *cyt_dictionary_load (const char *path, GError **error);
/* Takes @sae. in: w_dec (n, d), b_dec (d), NULL: zeros; copied. */
CytDictionary *cyt_dictionary_new (const char *name, CytSae *sae, const float *w_dec, const float *b_dec);
void cyt_dictionary_free (CytDictionary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytDictionary, cyt_dictionary_free)

G_END_DECLS
