/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-sweep-table.h"
#include "train/cyt-trainer.h"

G_BEGIN_DECLS

/* A sparsity sweep: autoencoders of one variant for each pair of sparsity and expansion, with several seeds, measured on
 * cells that none of them was trained on. */
typedef struct
{
  CytTrainOptions train;           /* recipe.variant is that of all; l1, k and l0 of the recipe, d_sae, seed, tokens, resume
                                      and control are the sweep's */
  const CytImageList *held_out;    /* what l0, explained_variance, dead_share and monosemanticity are measured on */
  const CytImageList *patients;    /* whose patients' diseases are told apart; NULL: nobody's */
  const double *sparsities;        /* (n_sparsities) λ₁ ≥ 0, k or λ₀, see CytSweepRow */
  gsize n_sparsities;
  const double *expansions;        /* (n_expansions) > 0 */
  gsize n_expansions;
  const guint64 *seeds;            /* (n_seeds) */
  gsize n_seeds;
} CytSweepOptions;

/* τ of the barcodes (METHODS §5), and the folds of their classification: five, repeated three times. */
#define CYT_SWEEP_TAU 0.2
#define CYT_SWEEP_N_REPEATS 3

/* Trains and measures what is not there yet. In @folder (made where it is not): a folder "VARIANT-SPARSITY_xE_sS" for each autoencoder
 * with sae_weights.safetensors, cfg.json and its curve; sweep.csv and sweep.json, written after each pair of sparsity
 * and expansion; settings.json, what all have in common; while it runs, tokens. Interrupted at any moment, also killed, the
 * same call goes on; a call with another variant, other sparsities, expansions or seeds adds to what is there. Seeds of a pair are measured
 * in one walk through the encoder. Returns the rows of this grid (of CytSweepRow) in the order of sparsity, expansion, seed.
 * @why_no_f1: why patients could not be classified, or NULL (transfer full).
 * @progress has phases: "training" k of n autoencoders and "measuring" k of n pairs, which count images, "classifying" k of n
 * autoencoders, likewise, and "matching" k of n pairs, which counts latents.
 * Errors: G_IO_ERROR_INVALID_ARGUMENT, before any work, where a k does not fit the number of latents; CYT_TABLE_ERROR_VALUE where the folder holds a sweep of other images or settings; those of cyt_trainer_run(),
 * cyt_measures_run(), cyt_sae_stability_compute(). */
GPtrArray *cyt_sweep_run (const char *folder, const CytSweepOptions *options, char **why_no_f1, CytProgress *progress,
                          GCancellable *cancellable, GError **error);

G_END_DECLS
