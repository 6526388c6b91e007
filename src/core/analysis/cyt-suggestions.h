/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-score-table.h"
#include "model/cyt-progress.h"
#include "project/cyt-project-attributes.h"
#include "tensor/cyt-parallel.h"

G_BEGIN_DECLS

/* Names for latents, from what a table noted about cells: for each latent and attribute the value that its score tells best
 * (largest (auprc − prevalence) / (1 − prevalence)) on one half of the cells, judged on the other half. It is proposed where
 * - at least CYT_SUGGESTIONS_MIN_POSITIVE cells of that half have the value, and as many another one,
 * - no more than half of these cells have it: what most cells have tells none of them,
 * - the gain over chance there is at least CYT_SUGGESTIONS_MIN_GAIN,
 * - auprc is above the best that any latent reaches for the value when the cells of that half are shuffled
 *   CYT_SUGGESTIONS_N_SHUFFLES times: the largest over all latents is the bound, so that among all of them together a name
 *   given by chance has a probability of at most 1 / (CYT_SUGGESTIONS_N_SHUFFLES + 1) for each value (the maximum-statistic
 *   permutation test of P. Westfall and S. Young, Resampling-Based Multiple Testing, 1993). With v values at most
 *   v / (CYT_SUGGESTIONS_N_SHUFFLES + 1) wrong values are to be expected in all.
 * It says that a latent goes with a word, not why: attributes go with classes, and with each other. */
#define CYT_SUGGESTIONS_MIN_POSITIVE 20
#define CYT_SUGGESTIONS_MIN_GAIN 0.5
#define CYT_SUGGESTIONS_N_SHUFFLES 99
#define CYT_SUGGESTIONS_MAX_CELLS 6000   /* that are looked at, evenly chosen */
#define CYT_SUGGESTIONS_MIN_ACTIVE 10    /* of these, on which a latent has to fire to be looked at */

typedef struct
{
  GArray *suggestions;   /* of CytSuggestion, by latent, best first, at most CYT_SUGGESTION_MAX of each */
  gsize n_cells;         /* that were looked at, both halves */
  gsize n_latents;       /* that were */
  gsize n_values;        /* that were tested for each of them */
} CytSuggestions;
void cyt_suggestions_free (CytSuggestions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytSuggestions, cyt_suggestions_free)

/* in: table: of all cells;  known (n_cells): 0 where a cell has no scores;  half (n_cells): cyt_image_list_halve();
 *     attributes: of CytImageAttribute, a code for each cell
 * The same @seed gives the same on every machine. @progress counts shuffles. FALSE only when cancelled. */
CytSuggestions *cyt_suggestions_compute (const CytScoreTable *table, const guint8 *known, const guint8 *half,
                                         const GPtrArray *attributes, guint64 seed, CytParallel *parallel,
                                         CytProgress *progress, GCancellable *cancellable, GError **error);

G_END_DECLS
