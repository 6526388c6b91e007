/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* numpy.random.default_rng(seed).permutation(n), the very numbers: published data sets were shuffled with
 * it, and their image indices count in that order.
 * out: (n) the permutation of 0 … n − 1.
 *
 * Sources: M. O'Neill, PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for
 * Random Number Generation (2014), PCG XSL RR 128/64; M. O'Neill, Developing a seed_seq Alternative
 * (2015); NumPy's documentation of SeedSequence and of Generator.permutation: Fisher and Yates' shuffle
 * from the end, with random places by masking and rejection. */
void cyt_numpy_permutation (guint64 seed, guint32 n, guint32 *out);
/* numpy.random.default_rng(seed).random(n, dtype=numpy.float32), the very numbers: uniform in [0, 1).
 * out: (n). Source: NumPy's documentation of Generator.random; 24 bits of each 32. */
void cyt_numpy_random (guint64 seed, gsize n, float *out);

G_END_DECLS
