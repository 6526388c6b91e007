/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* A batch of latents to label that stands for all of @latents (n): k-means over (log10 frequency, log10 mean
 * activation), and of every cluster the latent nearest to its centre, as CytoSAE's authors chose the 50 that their
 * experts labelled. Neither coordinate is scaled: both are decades.
 *
 * @rows: by latent, of one data set. Latents that never fire have no logarithm and are left out. @k: how many;
 * all there are when there are no more. @seed: the same gives the same batch. Returns latents of guint32, ascending;
 * NULL only when cancelled. */
GArray *cyt_label_batch_sample (const CytLatentRow *rows, const guint32 *latents, gsize n, guint k, guint64 seed,
                                GCancellable *cancellable, GError **error);

G_END_DECLS
