/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-barcodes.h"

G_BEGIN_DECLS

/* Groups of patients against each other, latent by latent. */

/* Mann-Whitney U test of two samples without NAN, two-sided; n_a, n_b >= 1.
 * u: U of @a, the number of pairs in which a is larger, ties counting half.
 * p: exact where min (n_a, n_b) <= 8 and nothing is tied, else by the normal approximation with corrections for ties
 * and continuity, at most 1: as scipy.stats.mannwhitneyu (…, method="auto") chooses. */
void cyt_mann_whitney (const double *a, gsize n_a, const double *b, gsize n_b, double *u, double *p);

/* Benjamini and Hochberg (1995): q[i] = min over p[j] >= p[i] of p[j] · n / rank[j], at most 1. @q may be @p. */
void cyt_benjamini_hochberg (const double *p, double *q, gsize n);

typedef struct
{
  guint32 latent;
  double mean_a, mean_b;  /* barcodes of the groups: means over patients */
  double difference;      /* mean_a − mean_b */
  double effect;          /* rank-biserial correlation 2 U / (n_a n_b) − 1: 1 where every patient of a lies above
                             every one of b, −1 the other way round */
  double p;               /* cyt_mann_whitney() over patients */
  double q;               /* p corrected (Benjamini, Hochberg) for all latents that are listed */
} CytDifference;

typedef struct
{
  gsize n_a, n_b;         /* patients */
  GArray *differences;    /* of CytDifference, by latent; those that fire in none of the patients are not tested */
} CytComparison;
void cyt_comparison_free (CytComparison *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytComparison, cyt_comparison_free)

/* Patients of disease @a against those of @b (NULL: all others that have a disease). CYT_TABLE_ERROR_VALUE where a
 * disease has no patient. */
CytComparison *cyt_comparison_new (const CytBarcodes *patients, const char *a, const char *b, GError **error);

/* Orders to sort differences by (GCompareFunc on CytDifference): largest effect size either way, ties by the larger
 * difference, then by latent; or largest difference first (most above in a first). */
int cyt_difference_compare_effect (gconstpointer a, gconstpointer b);
int cyt_difference_compare_difference (gconstpointer a, gconstpointer b);

G_END_DECLS
