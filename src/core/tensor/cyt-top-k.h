/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The k largest of many numbers that come in pieces, with what they belong to. Of equal numbers those of the lower
 * latent are kept. */
typedef struct
{
  float value;
  guint32 latent;
} CytTopEntry;

/* Where x (n) is above @bar: out: where (n) ascending. Returns how many. A NaN is not above anything. */
gsize cyt_find_above (guint32 *where, const float *x, gsize n, float bar);
/* The same where it is not 0. */
gsize cyt_find_nonzero (guint32 *where, const float *x, gsize n);

/* Adds x (n), the numbers of latents first … first + n − 1, as far as they are above 0 and among the k largest so far.
 * in/out: heap (k), @n_heap of them filled, the smallest first;  scratch (n). Returns how many are filled then. */
gsize cyt_top_k_add (CytTopEntry *heap, gsize n_heap, gsize k, const float *x, gsize n, guint32 first, guint32 *scratch);

/* Orders entries (n) by ascending latent. */
void cyt_top_k_sort (CytTopEntry *entries, gsize n);

G_END_DECLS
