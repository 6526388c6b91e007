/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The arithmetic of training on rows of d values: f32 without padding, no allocation, no aliasing. Compiled for x86-64
 * v2, v3 and v4 and chosen at run time, as tensor/cyt-kernels. Naive twins: tests/core/test-train.c. */

/* y (d) += a · x (d). */
void cyt_train_axpy (float *restrict y, float a, const float *restrict x, gsize d);
/* Σ x y over (d); 16 partial sums in f32. */
float cyt_train_dot (const float *restrict x, const float *restrict y, gsize d);
/* x (d) = x · a. */
void cyt_train_scale (float *x, float a, gsize d);

/* What of the loss one token gives, and its derivative by the reconstruction (METHODS §6).
 * out: grad (d) = 2 (x̂ − x) / (‖x‖₂ · n), n = tokens × d of the batch
 * in:  x, x_hat (d); norm = ‖x‖₂
 * Returns Σ (x̂ − x)² / ‖x‖₂ over d, summed in f64; 0 with a zero grad where the norm is 0. */
double cyt_train_residual (float *restrict grad, const float *restrict x, const float *restrict x_hat, float norm,
                           double n, gsize d);

/* The ghost term of one token (METHODS §6) and its derivative by the reconstruction of the dead latents.
 * in/out: g (d): exp (h_dead) W_dec[dead] on entry; ∂(Σ c m) / ∂g / n on return, n = tokens × d of the batch
 * in: x, x_hat (d); norm = ‖x‖₂
 * With r = x − x̂, s = ‖r‖ / (1e-6 + 2 ‖g‖) held fixed, m = (s g − r)² / ‖r‖ and c = mse / (m + 1e-6) held fixed,
 * mse = (x̂ − x)² / ‖x‖. Returns Σ c m over d; 0 with a zero g where a norm is 0. */
double cyt_train_ghost (float *restrict g, const float *restrict x, const float *restrict x_hat, float norm, double n,
                        gsize d);

/* AuxK of one token (cyt-train-recipe.h) and its derivative by the reconstruction of the dead latents.
 * in/out: g (d): ê on entry; weight · ∂(Σ (ê − e)² / ‖x‖₂) / ∂ê / n on return, e = x − x̂, n = tokens × d of the batch
 * in: x, x_hat (d); norm = ‖x‖₂
 * Returns weight · Σ (ê − e)² / ‖x‖₂; 0 with a zero g where the norm is 0. */
double cyt_train_aux (float *restrict g, const float *restrict x, const float *restrict x_hat, float norm, float weight,
                      double n, gsize d);

/* x (n) = exp (min (x, max)), in place; max as exp() can still hold. */
void cyt_train_clamped_exp (float *x, float max, gsize n);

/* One step of Adam (Kingma and Ba 2015) without decay, on d parameters.
 * in/out: w, m, v (d);  in: g (d); rate = lr / (1 − β₁ᵗ), root = 1 / √(1 − β₂ᵗ)
 *   m = β₁ m + (1 − β₁) g;  v = β₂ v + (1 − β₂) g²;  w −= rate · m / (√v · root + ε) */
void cyt_train_adam (float *restrict w, float *restrict m, float *restrict v, const float *restrict g, float rate,
                     float root, gsize d);

/* h (n_rows, n) = max (h + bias, 0), bias (n). Returns how many are > 0. NaN counts as not firing. */
gsize cyt_train_relu (float *restrict h, const float *restrict bias, gsize n_rows, gsize n);

/* JumpReLU (cyt-train-recipe.h) of h (n_rows, n), in place; bias, theta (n), half = ε / 2. f = h + bias where that is
 * above theta; −1 where it is not but lies inside the estimator's kernel; else 0. Returns how many are > 0. @n_near: how
 * many are −1. */
gsize cyt_train_jumprelu (float *restrict h, const float *restrict bias, const float *restrict theta, float half,
                          gsize n_rows, gsize n, gsize *n_near);

G_END_DECLS
