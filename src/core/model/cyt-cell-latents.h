/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "model/cyt-encoder.h"

G_BEGIN_DECLS

/* One latent's activations over the patches of one cell, most of them zero: pairs of patch number
 * (0…255, row-major, ascending) and activation (> 0). */
typedef struct
{
  guint latent;
  guint n;                       /* active patches, 0…256; 0 when it fires on CLS alone */
  guint8 patch[CYT_N_PATCHES];
  float value[CYT_N_PATCHES];
} CytSparseMap;

/* The stored form: n patch bytes, then n little-endian f32. 5 n bytes, n = size / 5. */
GBytes *cyt_sparse_map_to_bytes (const CytSparseMap *self);
/* FALSE when the bytes are not such a map (size, order, values not finite or <= 0). */
gboolean cyt_sparse_map_from_bytes (CytSparseMap *self, gconstpointer data, gsize size);
/* out: dense (16, 16) f32. */
void cyt_sparse_map_to_dense (const CytSparseMap *self, float *out);

/* What the SAE says of one cell, all latents with score > 0, ascending by latent (METHODS §3, §5).
 * The score over patches only is (257 · score − cls) / 256. */
typedef struct
{
  guint n;
  guint n_allocated;
  guint32 *latent;   /* (n) */
  float *score;      /* (n) mean of f over all 257 tokens */
  guint16 *count;    /* (n) tokens (CLS included) with f > τ, 0…257 */
  float *cls;        /* (n) f of the CLS token, 0 where it does not fire */
  float *max;        /* (n) largest f over all 257 tokens */
} CytCellLatents;

void cyt_cell_latents_init (CytCellLatents *self);
void cyt_cell_latents_clear (CytCellLatents *self); /* frees the arrays */
void cyt_cell_latents_append (CytCellLatents *self, guint32 latent, float score, guint16 count, float cls,
                              float max);

G_END_DECLS
