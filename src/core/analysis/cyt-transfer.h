/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* How an SAE's latents carry over from the cells of one domain to those of another: two data sets that were indexed with the
 * same SAE, of one project or of two. */

/* A class profile: the mean scores (METHODS §3) of a latent on the classes that both data sets have, by their names.
 * So many there have to be for a correlation. */
#define CYT_TRANSFER_MIN_CLASSES 3
/* A latent is ranked when it fires on so many cells of either data set. */
#define CYT_TRANSFER_MIN_CELLS 3

typedef struct
{
  guint32 latent;
  gsize n_train, n_test;          /* cells on which it fires */
  double frequency_train, frequency_test; /* of the cells, 0…1 */
  double correlation;             /* Pearson's, of its two class profiles; NAN: too few classes, or one is constant */
  double similarity;              /* of its frequencies: the smaller over the larger, 0…1; NAN: it never fires */
} CytTransferRow;

typedef struct
{
  char *train, *test;             /* names of the data sets */
  gsize n_train, n_test;          /* cells that were read */
  gsize n_alive_train, n_alive_test, n_alive_both;
  GStrv classes;                  /* that both have, sorted */
  gsize n_correlated;             /* latents alive in both with a correlation */
  double mean_correlation;        /* over them; NAN for none; likewise: */
  double median_correlation;
  double explained_train, explained_test; /* explained variance as `measure` stored it; NAN where it did not */
  gsize d_sae;
  CytTransferRow *rows;           /* (d_sae) by latent */
  GArray *ranked;                 /* of guint32: latents that are ranked, the most transferable first: by correlation where
                                     the data sets share enough classes, else by similarity; then by the smaller frequency */
} CytTransfer;
void cyt_transfer_free (CytTransfer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTransfer, cyt_transfer_free)

/* @train_set, @test_set: names; NULL: the first data set, or where both projects are one file, the second for the test.
 * Errors: CYT_PROJECT_ERROR_MISMATCH (another SAE), …_NOT_FOUND (data set, or the two are one), CYT_TABLE_ERROR_EMPTY
 * (nothing is indexed), those of cyt_class_scores_compute() but for its EMPTY: classes may be missing. */
CytTransfer *cyt_transfer_compute (CytProject *train, const char *train_set, CytProject *test, const char *test_set,
                                   GCancellable *cancellable, GError **error);

G_END_DECLS
