/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The arithmetic between the matrix products. All arrays f32 row-major without padding unless an ld is
 * given; no allocation; out overlaps its inputs only where "in place" is said. Each is compiled for
 * x86-64 v2, v3 (AVX2) and v4 (AVX-512) and chosen at run time. Naive twins: tests/core/test-kernels.c. */

/* out (n_rows, d) = (x − mean) / √(variance + eps) · gamma + beta over each row; biased variance, as
 * torch.nn.LayerNorm. gamma, beta (d). */
void cyt_layer_norm (float *out, const float *x, const float *gamma, const float *beta, gsize n_rows,
                     gsize d, float eps);

/* x (n_rows, d) = gelu (x + bias), in place; exact: ½ x (1 + erf (x / √2)) (torch.nn.GELU). bias (d). */
void cyt_bias_gelu (float *x, const float *bias, gsize n_rows, gsize d);

/* out (n_rows, h) = silu (a + bias_a) · (b + bias_b) with x = [a | b] (n_rows, 2 h), bias (2 h): the gate
 * of SwiGLU (DINOv2, layers/swiglu_ffn.py). */
void cyt_bias_swiglu (float *out, const float *x, const float *bias, gsize n_rows, gsize h);

/* x (n_rows, d) += bias, in place. bias (d). */
void cyt_add_bias (float *x, const float *bias, gsize n_rows, gsize d);

/* x (n_rows, d) += gamma · (y + bias): LayerScale and the residual sum. gamma, bias (d). */
void cyt_add_scaled (float *x, const float *y, const float *bias, const float *gamma, gsize n_rows, gsize d);

/* x (n_rows, n) = softmax over each row, in place; finite input. */
void cyt_softmax (float *x, gsize n_rows, gsize n);

/* out (n_rows, d) = x − b. b (d). */
void cyt_subtract_row (float *out, const float *x, const float *b, gsize n_rows, gsize d);

/* Latents to a tile of the SAE, whose reductions are fused with its activation function. */
#define CYT_SAE_TILE 256

/* f = h + bias where h + bias > threshold, else 0, and its reductions over tokens, per latent.
 * out: sum (T) f64 Σ f · count (T) u32 #(f > tau) · max (T) f32 largest f, >= 0
 * in/out: h (n_tokens, T) pre-activations without bias; f on return
 * in:  bias, threshold (T), threshold >= 0;  T = CYT_SAE_TILE
 * METHODS §2 (activation functions), §3 and §5 (reductions). A NaN is treated as not firing. */
void cyt_sae_reduce_tile (double *sum, guint32 *count, float *max, float *h, const float *bias,
                          const float *threshold, float tau, gsize n_tokens);

/* Whether none of x (n) is NaN or infinite. */
gboolean cyt_all_finite (const float *x, gsize n);

/* out: tokens' patches (256, 588) f32 = ((pixel / 255) − mean) / std, column = channel · 196 + y · 14 + x
 * in:  pixels (224, 224, 3) u8
 * Normalisation is torchvision's (METHODS §1); the columns are in the order of a Conv2d weight. */
void cyt_patchify (float *out, const guint8 *pixels);

G_END_DECLS
