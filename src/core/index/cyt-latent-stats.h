/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "model/cyt-cell-latents.h"

G_BEGIN_DECLS

/* Running statistics of every latent over one data set (METHODS §3): plain sums in double, added in
 * image order, so that an interrupted run continued later gives the same bits. */
typedef struct
{
  gsize d_sae;
  gsize n_images;      /* images that were read */
  guint32 *n_active;   /* (d_sae) images with score > 0 */
  double *sum_score;   /* (d_sae) Σ score over images */
  double *sum_square;  /* (d_sae) Σ score² over images */
  double *sum_cls;     /* (d_sae) Σ f of CLS over images */
  double *sum_count;   /* (d_sae) Σ tokens with f > τ over images */
  float *max_act;      /* (d_sae) largest f of any token */
} CytLatentStats;

CytLatentStats *cyt_latent_stats_new (gsize d_sae);
void cyt_latent_stats_free (CytLatentStats *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytLatentStats, cyt_latent_stats_free)

void cyt_latent_stats_add (CytLatentStats *self, const CytCellLatents *cell);

/* Share of images with score > 0; 0 for an empty data set. */
double cyt_latent_stats_get_frequency (const CytLatentStats *self, gsize latent);
/* Σ score / #(score > 0); 0 for a latent that never fires. */
double cyt_latent_stats_get_mean_act (const CytLatentStats *self, gsize latent);
/* Share of the summed activation that lies on CLS: Σ cls / (257 Σ score), 0…1; 0 if it never fires. */
double cyt_latent_stats_get_cls_share (const CytLatentStats *self, gsize latent);

G_END_DECLS
