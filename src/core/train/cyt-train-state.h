/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A set of an autoencoder's parameters. Both matrices have a row for each latent, so that what a latent needs lies
 * together: w_enc is the transpose of W_enc in METHODS §2. */
typedef struct
{
  float *w_enc;  /* (d_sae, d_in) */
  float *b_enc;  /* (d_sae) */
  float *w_dec;  /* (d_sae, d_in) */
  float *b_dec;  /* (d_in) */
  float *theta;  /* (d_sae) at or below which a latent does not fire: JumpReLU's, learned; BatchTopK's, the same for all;
                    else 0. Its moments are those of the gradient by ln θ */
} CytTrainWeights;

/* All that goes from one step of training to the next: with the same batches, the same state gives the same states
 * ever after, on any number of threads. */
typedef struct
{
  gsize d_in;
  gsize d_sae;
  guint64 n_steps;       /* taken so far */
  CytTrainWeights w;
  CytTrainWeights m;     /* Adam's first moments */
  CytTrainWeights v;     /* Adam's second moments */
  float scale;           /* JumpReLU's unit: root mean square of x − b_dec over the first batch, times what
                            cyt_train_step_fit_start() makes of W_enc; 0 before it is known */
  guint32 *since_fired;  /* (d_sae) steps since the latent fired on any token */
} CytTrainState;

/* All zero. NULL where the memory is not to be had. */
CytTrainState *cyt_train_state_new (gsize d_in, gsize d_sae);
void cyt_train_state_free (CytTrainState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTrainState, cyt_train_state_free)

G_END_DECLS
