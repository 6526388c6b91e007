/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-progress.h"
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* The statistics that CytoSAE's authors publish for a data set (arXiv 2507.12464 and its repository), made
 * into a project to browse and to name concepts in. */
typedef struct
{
  const char *dataset;  /* name */
  const char *domain;
  guint n_threads;      /* 0: one per core */
} CytPublishedOptions;
#define CYT_PUBLISHED_OPTIONS_INIT { "cells", "", 0 }

/* Makes the project @path, which must not exist, of the statistics in the folder @statistics:
 *   max_activating_image_indices.pt         (d_sae, m) numbers of the images, float or integer
 *   max_activating_image_values.pt          (d_sae, m) their scores, best first; 0: no further image
 *   max_activating_image_label_indices.pt   (d_sae, m) numbers of their classes
 *   sae_mean_acts.pt                        (d_sae) mean score of the images in which it fires, NaN: none
 *   sae_sparsity.pt                         (d_sae) share of those images
 *   top_entropy.pt                          (d_sae) entropy of the classes of the m images, nats
 * and of the N images they were computed from, in the folder @images. Where this has a manifest.csv with
 * the columns path and cytosae_index, that tells which image is which number; images may be lacking.
 * Else all N images must be there, in class-wise folders, and number i is place p[i] among them, sorted by
 * class and name, with p = numpy.random.default_rng(1).permutation (N).
 *
 * The data set has N cells at their published numbers. Those that are lacking or cannot be read have a
 * failure, and a label where the classes of the others tell it. Entropy, purity and majority are given for
 * latents with ten images (METHODS §3). Thumbnails of all top cells are stored.
 *
 * @progress counts images. The file appears complete or not at all, also when cancelled.
 * Errors: CYT_CHECKPOINT_ERROR (statistics), CYT_TABLE_ERROR (manifest, images), CYT_PROJECT_ERROR. */
gboolean cyt_published_import (const char *statistics, const char *images, const char *path,
                               const CytPublishedOptions *options, CytProgress *progress, GCancellable *cancellable,
                               GError **error);

G_END_DECLS
