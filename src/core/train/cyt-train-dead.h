/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tensor/cyt-parallel.h"
#include "train/cyt-train-recipe.h"
#include "train/cyt-train-state.h"

G_BEGIN_DECLS

/* The term of a step's loss for dead latents, which pulls those that fire no more towards what the others leave over:
 * the ghost term (METHODS §6) or AuxK (cyt-train-recipe.h). Dense in the dead latents, piece by piece of the tokens. */
typedef struct _CytTrainDead CytTrainDead;

/* exp () of a pre-activation above this is held to it; the published code lets it overflow. */
#define CYT_TRAIN_GHOST_MAX 20.0f

/* NULL when the recipe, a complete one, has no such term. */
CytTrainDead *cyt_train_dead_new (const CytTrainRecipe *recipe, gsize d_in, CytParallel *parallel);
void cyt_train_dead_free (CytTrainDead *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTrainDead, cyt_train_dead_free)

/* The term's value, and inside the gradients of the dead latents: those whose since_fired is above dead_after.
 * in: x, xc = x − b_dec, x_hat (n_tokens, d_in); norm (n_tokens) = ‖x‖₂ */
double cyt_train_dead_run (CytTrainDead *self, const CytTrainState *state, const float *x, const float *xc,
                           const float *x_hat, const float *norm, gsize n_tokens);

/* Adds the gradients of one latent: g_enc, g_dec (d_in). FALSE when it was not dead. Threads may ask at once. */
gboolean cyt_train_dead_add (const CytTrainDead *self, gsize latent, float *g_enc, float *g_b, float *g_dec);

G_END_DECLS
