/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "index/cyt-latent-stats.h"

CytLatentStats *
cyt_latent_stats_new (gsize d_sae)
{
  CytLatentStats *self = g_new0 (CytLatentStats, 1);

  self->d_sae = d_sae;
  self->n_active = g_new0 (guint32, d_sae);
  self->sum_score = g_new0 (double, d_sae);
  self->sum_square = g_new0 (double, d_sae);
  self->sum_cls = g_new0 (double, d_sae);
  self->sum_count = g_new0 (double, d_sae);
  self->max_act = g_new0 (float, d_sae);
  return self;
}

void
cyt_latent_stats_free (CytLatentStats *self)
{
  if (self == NULL)
    return;
  g_free (self->n_active);
  g_free (self->sum_score);
  g_free (self->sum_square);
  g_free (self->sum_cls);
  g_free (self->sum_count);
  g_free (self->max_act);
  g_free (self);
}

void
cyt_latent_stats_add (CytLatentStats *self, const CytCellLatents *cell)
{
  self->n_images++;
  for (guint i = 0; i < cell->n; i++)
    {
      gsize k = cell->latent[i];

      g_assert (k < self->d_sae);
      self->n_active[k]++;
      self->sum_score[k] += cell->score[i];
      self->sum_square[k] += (double) cell->score[i] * cell->score[i];
      self->sum_cls[k] += cell->cls[i];
      self->sum_count[k] += cell->count[i];
      self->max_act[k] = MAX (self->max_act[k], cell->max[i]);
    }
}

double
cyt_latent_stats_get_frequency (const CytLatentStats *self, gsize latent)
{
  return self->n_images > 0 ? (double) self->n_active[latent] / (double) self->n_images : 0;
}

double
cyt_latent_stats_get_mean_act (const CytLatentStats *self, gsize latent)
{
  return self->n_active[latent] > 0 ? self->sum_score[latent] / self->n_active[latent] : 0;
}

double
cyt_latent_stats_get_cls_share (const CytLatentStats *self, gsize latent)
{
  double share;

  if (!(self->sum_score[latent] > 0))
    return 0;
  share = self->sum_cls[latent] / (CYT_N_TOKENS * self->sum_score[latent]);
  /* scores are rounded to f32: a latent that fires on CLS alone may come out a hair above 1 */
  return MIN (share, 1);
}
