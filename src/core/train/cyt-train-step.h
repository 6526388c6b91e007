/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tensor/cyt-parallel.h"
#include "train/cyt-train-recipe.h"
#include "train/cyt-train-state.h"

G_BEGIN_DECLS

/* One step of training an autoencoder of any variant (cyt-train-recipe.h).
 *
 * Dense only where it has to be: the pre-activations of all latents on all tokens. Of what is active little is left,
 * some 100 of 49,152 latents on a token, so decoder and gradients go over active pairs of token and latent alone;
 * blocks in which much is active, as in a ReLU's first steps, are multiplied as matrices. Never more than a block of
 * pre-activations per thread exists. */

/* Terms of the loss of one batch before the step, and what goes with them. */
typedef struct
{
  double mse;            /* mean over tokens and dimensions of (x̂ − x)² / ‖x‖₂ */
  double nested;         /* matryoshka: the same of the shorter prefixes, summed */
  double l1;             /* relu: λ₁ · mean over tokens of ‖f‖₁ */
  double l0_penalty;     /* jumprelu: λ₀ · mean over tokens of ‖f‖₀ */
  double ghost;          /* relu */
  double aux;            /* topk, batchtopk, matryoshka: α · AuxK */
  double l0;             /* mean active latents of a token */
  double explained;      /* 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖² */
  gsize n_dead;          /* latents that were dead before the step */
} CytTrainLoss;

typedef struct _CytTrainStep CytTrainStep;

/* Memory for batches of at most @n_tokens. @recipe is a complete one. */
CytTrainStep *cyt_train_step_new (const CytTrainRecipe *recipe, gsize d_in, gsize d_sae, gsize n_tokens,
                                  CytParallel *parallel);
void cyt_train_step_free (CytTrainStep *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTrainStep, cyt_train_step_free)

/* Rescales W_dec's rows to unit length, computes the loss of the batch x (n_tokens, d_in), and takes a step: the part
 * of ∂W_dec along its row removed, Adam with the rate lr · min (1, (step + 1) / warm_up). */
void cyt_train_step_run (CytTrainStep *self, CytTrainState *state, const float *x, gsize n_tokens, CytTrainLoss *loss);
/* The loss of a batch without a step, and without the terms for dead latents. W_dec's rows are taken as they are. */
void cyt_train_step_evaluate (CytTrainStep *self, CytTrainState *state, const float *x, gsize n_tokens, CytTrainLoss *loss);
/* Before the first step, for the variants that begin with W_enc = W_decᵀ: scales W_enc, and thresholds and their unit with
 * it, so that x̂ − b_dec is as long as x − b_dec over tokens x (n_tokens, d_in) (Gao et al. 2024, appendix A.1,
 * of TopK models). */
void cyt_train_step_fit_start (CytTrainStep *self, CytTrainState *state, const float *x, gsize n_tokens);
/* The rescaling alone, with which training ends. */
void cyt_train_step_normalise (CytTrainStep *self, CytTrainState *state);

G_END_DECLS
