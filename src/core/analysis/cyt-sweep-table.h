/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "train/cyt-train-recipe.h"

G_BEGIN_DECLS

/* The table of a sparsity sweep: a row for each autoencoder of the grid. */
typedef struct
{
  CytTrainVariant variant;
  double sparsity;         /* what keeps it sparse: λ₁ of relu, k of topk, batchtopk and matryoshka, λ₀ of jumprelu */
  double expansion;        /* latents for each dimension of a token */
  guint64 seed;
  gsize d_sae;             /* latents */
  char *sae;               /* the autoencoder, relative to the table's folder */
  double seconds;          /* that its training took, interruptions left out */
  /* On the held-out cells (METHODS §6, §7); NAN where unknown: */
  double l0;               /* mean active latents of a token */
  double explained;        /* explained variance, at most 1 */
  double dead_share;       /* of the latents that fire on no token, 0…1 */
  double monosemanticity;  /* mean over the latents for which it is defined */
  /* With the other seeds of the same variant, sparsity and expansion: */
  double stability;        /* mean PW-MCC, alive latents only; NAN for one seed */
  /* Weighted F1 of patients' diseases from barcodes; NAN where no patients are known: */
  double f1;               /* mean over the test folds */
  double f1_deviation;
} CytSweepRow;

/* What all rows rest on. */
typedef struct
{
  gboolean simulated;
  gsize n_train;           /* images that autoencoders are trained on; likewise: */
  gsize n_held_out;        /* that the measures are of */
  gsize n_patient_images;  /* that F1 is of; 0: nobody's */
} CytSweepImages;

/* "λ", "k" or "λ₀" (static). */
const char *cyt_sweep_get_sparsity_name (CytTrainVariant variant);

CytSweepRow *cyt_sweep_row_new (void);    /* what can be unknown is NAN */
void cyt_sweep_row_free (CytSweepRow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytSweepRow, cyt_sweep_row_free)

/* Columns of the CSV, members of the JSON's objects: variant (its name), sparsity, expansion, seed, latents, sae,
 * train_seconds, l0, explained_variance, dead_share, monosemanticity, stability, weighted_f1, weighted_f1_deviation. Unknown
 * is empty, or null. The JSON is {"simulated": bool, "n_train", "n_held_out", "n_patient_images": numbers of images that were
 * trained on, that measures are of, that F1 is of; "rows": […]}. Both appear complete or not at all. @rows: of CytSweepRow. */
gboolean cyt_sweep_table_write_csv (GPtrArray *rows, const char *path, GError **error);
gboolean cyt_sweep_table_write_json (GPtrArray *rows, const CytSweepImages *images, const char *path, GError **error);

/* Reads the CSV: of CytSweepRow. Errors: CYT_TABLE_ERROR, G_FILE_ERROR. */
GPtrArray *cyt_sweep_table_read_csv (const char *path, GError **error);

G_END_DECLS
