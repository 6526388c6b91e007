/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-progress.h"
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* How an SAE's latents carry over from the cells of one domain to those of another: two data sets that were indexed with the
 * same SAE, of one project or of two. */

/* A class profile: the mean scores (METHODS §3) of a latent on the classes that both data sets have (cyt-class-map.h).
 * So many there have to be for a correlation. */
#define CYT_TRANSFER_MIN_CLASSES 3

/* What latents are ranked by. x is the correlation of a latent's two class profiles, or without enough classes the similarity of
 * its frequencies; x̄ the mean of x over the latents that are ranked; n the number of cells on which it fires, on that of the
 * two data sets where these are fewer:
 *
 *   transferability = x̄ + (x − x̄) · n / (n + n₀),  n₀ = CYT_TRANSFER_SHRINKAGE
 *
 * With few cells a correlation of 1 or −1 is easily had by chance: a latent of n₀ cells counts half of what sets it apart from
 * the mean, as if n₀ cells more had been seen on which it is like all others (shrinkage to the mean, as James and Stein's; n₀ is
 * chosen, not estimated). Both ends of the ranking are then latents of which much was seen. */
#define CYT_TRANSFER_SHRINKAGE 10
/* Ranked at all is a latent that fires on so many cells of either data set; where nothing else is asked for, on a fifth of the
 * smaller one's cells, but between these two. */
#define CYT_TRANSFER_MIN_CELLS 3
#define CYT_TRANSFER_MAX_MIN_CELLS 10
/* Where no measurement is stored, explained variance is computed on at most so many cells, evenly chosen. */
#define CYT_TRANSFER_MAX_IMAGES 1000

typedef struct
{
  const char *train_set, *test_set; /* names; NULL: the first data set, or where both projects are one file, the second for
                                       the test */
  const char *classes;            /* a CSV with the columns "train" and "test", see cyt_class_map_new(); NULL: names alone */
  gsize min_cells;                /* that a latent needs on either to be ranked; 0: see above */
  gsize max_images;               /* that explained variance is computed on, where it is not stored; 0: it is not computed */
  guint n_threads;                /* 0: one per core */
} CytTransferOptions;
#define CYT_TRANSFER_OPTIONS_INIT { .max_images = CYT_TRANSFER_MAX_IMAGES }

typedef struct
{
  guint32 latent;
  gsize n_train, n_test;          /* cells on which it fires */
  double frequency_train, frequency_test; /* of the cells, 0…1 */
  double correlation;             /* Pearson's, of its two class profiles; NAN: too few classes, or one is constant */
  double similarity;              /* of its frequencies: the smaller over the larger, 0…1; NAN: it never fires */
  double transferability;         /* what it is ranked by; NAN: it is not */
} CytTransferRow;

/* A class that both have. */
typedef struct
{
  gsize n_train, n_test;          /* cells */
} CytTransferClass;

typedef struct
{
  gatomicrefcount ref_count;
  char *train, *test;             /* names of the data sets */
  gsize n_train, n_test;          /* cells that were read */
  gsize n_alive_train, n_alive_test, n_alive_both;
  GStrv classes;                  /* that both have, see CytClassMap; with cells on both sides */
  CytTransferClass *n_cells;      /* (classes) */
  gsize n_correlated;             /* latents alive in both with a correlation */
  double mean_correlation;        /* over them; NAN for none; likewise: */
  double median_correlation;
  double explained_train, explained_test; /* explained variance, as stored by a measurement, else computed; NAN: unknown */
  gsize n_explained_train, n_explained_test; /* images it is of */
  char *why_not_explained;        /* a line: why it is unknown on one of them; NULL */
  gsize min_cells;                /* as used */
  gsize d_sae;
  CytTransferRow *rows;           /* (d_sae) by latent */
  GArray *ranked;                 /* of guint32: latents that are ranked, the most transferable first; among equals the more frequent */
} CytTransfer;
CytTransfer *cyt_transfer_ref (CytTransfer *self);
void cyt_transfer_unref (CytTransfer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTransfer, cyt_transfer_unref)

/* "basophil (140, 1), …": the shared classes, with their cells on either side (transfer full). */
char *cyt_transfer_describe_classes (const CytTransfer *self);

/* @progress: phases "reading", of cells, and "explaining", of the images that explained variance is computed on. Models or images
 * that are not there leave explained variance unknown.
 * Errors: CYT_PROJECT_ERROR_MISMATCH (another SAE), …_NOT_FOUND (data set, or the two are one), CYT_TABLE_ERROR_EMPTY
 * (nothing is indexed), those of cyt_class_scores_compute() but for its EMPTY: classes may be missing;
 * cyt_class_map_new(). */
CytTransfer *cyt_transfer_compute (CytProject *train, CytProject *test, const CytTransferOptions *options,
                                   CytProgress *progress, GCancellable *cancellable, GError **error);

G_END_DECLS
