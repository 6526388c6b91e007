/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-sae.h"
#include "tensor/cyt-kernels.h"

G_BEGIN_DECLS

/* The columns of W_enc lie in tiles of T = CYT_SAE_TILE latents, the last one filled up with zeros, so that
 * the weights of a tile are one piece of memory. */
struct _CytSae
{
  char *path; /* for messages */
  CytSaeConfig config;
  gsize n_tiles;
  float *w_enc;     /* (n_tiles, d_in, T) */
  float *b_enc;     /* (n_tiles, T) */
  float *threshold; /* (n_tiles, T), >= 0: f is zero at or below it; 0 for ReLU and TopK */
  float *b_dec;     /* (d_in), zero when the input is not centred */
};

G_END_DECLS
