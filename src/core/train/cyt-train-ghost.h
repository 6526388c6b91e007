/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tensor/cyt-parallel.h"
#include "train/cyt-train-state.h"

G_BEGIN_DECLS

/* The ghost term of a step (METHODS §6), which pulls latents that fire no more towards what the others leave over. Dense
 * in the dead latents, piece by piece of the tokens. */
typedef struct _CytTrainGhost CytTrainGhost;

/* exp () of a pre-activation above this is held to it; the published code lets it overflow. */
#define CYT_TRAIN_GHOST_MAX 20.0f

CytTrainGhost *cyt_train_ghost_new (gsize d_in, CytParallel *parallel);
void cyt_train_ghost_free (CytTrainGhost *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTrainGhost, cyt_train_ghost_free)

/* The term's value, and inside the gradients of the dead latents: those whose since_fired is above @dead_after.
 * in: x, xc = x − b_dec, x_hat (n_tokens, d_in); norm (n_tokens) = ‖x‖₂ */
double cyt_train_ghost_run (CytTrainGhost *self, const CytTrainState *state, guint dead_after, const float *x,
                            const float *xc, const float *x_hat, const float *norm, gsize n_tokens, gsize *n_dead);

/* Adds the gradients of one latent: g_enc, g_dec (d_in). FALSE when it was not dead. Threads may ask at once. */
gboolean cyt_train_ghost_add (const CytTrainGhost *self, gsize latent, float *g_enc, float *g_b, float *g_dec);

G_END_DECLS
