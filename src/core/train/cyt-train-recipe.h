/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What is trained. With h = (x − b_dec) W_enc + b_enc, f the activations, x̂ = f W_dec + b_dec, and
 * E (x̂) = mean over tokens and dimensions of (x̂ − x)² / ‖x‖₂ (METHODS §6), the loss is
 *
 *   relu        f = max (h, 0);  E (x̂) + λ₁ · mean over tokens of ‖f‖₁ + ghost term. CytoSAE's recipe (METHODS §6)
 *   topk        f: the k largest positive h of each token;  E (x̂) + α · AuxK (Gao et al. 2024, arXiv 2406.04093)
 *   batchtopk   f: the k · n largest positive h of the batch's n tokens;  E (x̂) + α · AuxK. Used with a threshold θ, the
 *               mean over batches of the smallest f kept, here a running one:
 *               θ ← θ + 0.01 (smallest − θ) (Bussmann et al. 2024, arXiv 2412.06410)
 *   jumprelu    f = h · [h > θ], θ > 0 learned for each latent;  E (x̂) + λ₀ · mean over tokens of ‖f‖₀. By straight-through
 *               estimators ∂f/∂θ = −(θ / ε) K, ∂‖f‖₀/∂θ = −(1 / ε) K, K = [|h − θ| < ε / 2]; what Adam moves is ln θ
 *               (Rajamanoharan et al. 2024, arXiv 2407.14435)
 *   matryoshka  f of batchtopk;  Σ over prefixes p of E (x̂ of the first p latents alone) + α · AuxK; the last prefix is
 *               all (Bussmann et al. 2025, arXiv 2503.17547)
 *
 * AuxK = mean over tokens and dimensions of (ê − e)² / ‖x‖₂, e = x − x̂ held fixed, ê = z W_dec with z the aux_k largest
 * positive h of the dead latents of each token. */
typedef enum
{
  CYT_TRAIN_RELU,
  CYT_TRAIN_TOPK,
  CYT_TRAIN_BATCH_TOPK,
  CYT_TRAIN_JUMPRELU,
  CYT_TRAIN_MATRYOSHKA,
  CYT_N_TRAIN_VARIANTS
} CytTrainVariant;

#define CYT_TRAIN_MAX_PREFIXES 16
#define CYT_TRAIN_MAX_K 4096

typedef struct
{
  CytTrainVariant variant;
  double lr;               /* Adam's rate after the warm-up */
  guint warm_up;           /* steps over which the rate grows to it */
  guint dead_after;        /* dead: not fired for more steps than that */
  double l1;               /* λ₁; relu */
  gboolean ghost;          /* the ghost term for dead latents; relu */
  gsize k;                 /* topk, batchtopk, matryoshka */
  gsize aux_k;             /* the same; 0: the power of two next to d_in / 2, as Gao et al. advise */
  double aux_weight;       /* α; the same; 0: no such term */
  double l0;               /* λ₀; jumprelu */
  double bandwidth;        /* ε; jumprelu; its unit is that of h at the start, see CytTrainState.scale */
  double threshold;        /* θ at the start; jumprelu; the same unit. As ln θ moves by lr a step at most, it begins not far below
                              where it ends, unlike in the paper's trainings of 10⁵ steps and more */
  guint n_prefixes;        /* matryoshka; 0: as published, 1/32, 3/32, 7/32, 15/32 and all of the latents */
  gsize prefixes[CYT_TRAIN_MAX_PREFIXES]; /* ascending, the last is d_sae */
} CytTrainRecipe;

/* CytoSAE's, and what the papers have where they agree. */
#define CYT_TRAIN_RECIPE_INIT \
  { \
    .variant = CYT_TRAIN_RELU, .lr = 4e-4, .warm_up = 500, .dead_after = 64, .l1 = 8e-5, .ghost = TRUE, .k = 64, \
    .aux_weight = 1.0 / 32, .l0 = 2e-5, .bandwidth = 0.05, .threshold = 1 \
  }

/* "relu", "topk", "batchtopk", "jumprelu", "matryoshka" (static). */
const char *cyt_train_variant_get_name (CytTrainVariant variant);

/* The variant of that name; FALSE where there is none. */
gboolean cyt_train_variant_from_name (const char *name, CytTrainVariant *variant);

/* Whether it keeps the largest activations, and has a k. */
gboolean cyt_train_variant_has_k (CytTrainVariant variant);

/* Fills in what depends on the sizes, and sets to 0 what does not belong to the variant. G_IO_ERROR_INVALID_ARGUMENT
 * when the recipe does not fit them. */
gboolean cyt_train_recipe_complete (CytTrainRecipe *recipe, gsize d_in, gsize d_sae, GError **error);

G_END_DECLS
