/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tensor/cyt-parallel.h"
#include "train/cyt-train-recipe.h"
#include "train/cyt-train-state.h"

G_BEGIN_DECLS

/* The start of training (METHODS §6): both matrices uniform after Kaiming with the fan of their second axis,
 * ± √(6 / d_sae) for W_enc and ± √(6 / d_in) for W_dec, whose rows then get unit length; biases 0. The numbers are
 * NumPy's of default_rng (seed) and default_rng (seed + 1), in the order of W_enc (d_in, d_sae) and W_dec. Other variants
 * than relu begin with W_enc = W_decᵀ, as their papers do, which leaves fewer latents dead. */
void cyt_train_init_weights (CytTrainState *state, const CytTrainRecipe *recipe, guint64 seed);

/* The state's scale, and with it JumpReLU's thresholds, from tokens x (n, d_in). b_dec is known. */
void cyt_train_init_scale (CytTrainState *state, const CytTrainRecipe *recipe, const float *x, gsize n);

/* The point with the least sum of distances to the points x (n, d), by Weiszfeld's iteration from the mean (E. Weiszfeld
 * 1937), until it moves by less than a millionth of its norm, at most 100 times. out: (d). */
void cyt_train_geometric_median (float *out, const float *x, gsize n, gsize d, CytParallel *parallel);

G_END_DECLS
