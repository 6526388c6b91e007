/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-dictionary.h"
#include "io/cyt-image-list.h"
#include "model/cyt-progress.h"

G_BEGIN_DECLS

/* What an SAE has to be better than (METHODS §7), written as dictionaries and fitted to a sample of the very tokens:
 *
 * "dimensions": each dimension of the encoder's tokens with either sign, 2 d.
 * "pca": each principal component of the tokens with either sign, about their mean, 2 d.
 * "kmeans": the nearest of @n_centroids means; f = (‖x − x̄‖² − ‖x − c‖²) / 2 where that is > 0, and x̂ the mean itself.
 * "random": as many random directions as the SAE has latents, each with the bias that makes it fire on as many tokens of
 *   the sample as that latent does; decoded by the same directions, times the one number that serves the sample best. */
typedef struct
{
  const CytEncoder *encoder;
  int block;
  const CytImageList *list;
  guint n_threads;       /* 0: one per core */
  gsize n_centroids;     /* CYT_BASELINES_DEFAULT_CENTROIDS */
  guint64 seed;          /* the same gives the same on every machine */
} CytBaselinesOptions;
#define CYT_BASELINES_DEFAULT_CENTROIDS 256
#define CYT_BASELINES_MAX_CENTROIDS 4096

/* How many images are sampled of a list of @n. */
gsize cyt_baselines_get_n_images (gsize n);

/* Of CytDictionary, in the above order. @progress: four phases, see cyt-measures-phase.h. Errors: of the pipeline; CYT_TABLE_ERROR_EMPTY (too few images can be read),
 * CYT_TABLE_ERROR_VALUE (tokens of more than CYT_PCA_MAX_COLUMNS dimensions), G_IO_ERROR_CANCELLED. */
GPtrArray *cyt_baselines_fit (const CytBaselinesOptions *options, const CytDictionary *sae, CytProgress *progress,
                              GCancellable *cancellable, GError **error);

G_END_DECLS
