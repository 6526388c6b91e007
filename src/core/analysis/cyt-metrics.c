/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "analysis/cyt-metrics.h"

/* Share of pairs (of the class, not of it) that the score orders rightly; ties count half. */
static double
get_area (gsize n, guint n_classes, const guint *truth, const double *scores, guint class)
{
  double right = 0, pairs = 0;

  for (gsize i = 0; i < n; i++)
    for (gsize j = 0; truth[i] == class && j < n; j++)
      if (truth[j] != class)
        {
          double x = scores[i * n_classes + class], y = scores[j * n_classes + class];

          pairs++;
          right += x > y ? 1 : x == y ? 0.5 : 0;
        }
  return pairs > 0 ? right / pairs : NAN;
}

void
cyt_metrics_compute (CytMetrics *self, gsize n, guint n_classes, const guint *truth, const guint *predicted,
                     const double *scores)
{
  guint n_met = 0, n_true = 0;

  *self = (CytMetrics) { 0 };
  for (guint c = 0; c < n_classes; c++)
    {
      gsize n_c = 0, n_predicted = 0, n_right = 0;
      double f1;

      for (gsize i = 0; i < n; i++)
        {
          n_c += truth[i] == c;
          n_predicted += predicted[i] == c;
          n_right += truth[i] == c && predicted[i] == c;
        }
      f1 = n_c + n_predicted > 0 ? 2 * (double) n_right / (double) (n_c + n_predicted) : 0;
      self->weighted_f1 += f1 * (double) n_c / (double) n;
      self->macro_f1 += f1;
      n_met += n_c + n_predicted > 0;
      self->balanced_accuracy += n_c > 0 ? (double) n_right / (double) n_c : 0;
      n_true += n_c > 0;
      if (n_classes > 2)
        self->auroc += get_area (n, n_classes, truth, scores, c) / n_classes;
    }
  if (n_classes == 2)
    self->auroc = get_area (n, n_classes, truth, scores, 1);
  self->macro_f1 /= MAX (1, n_met);
  self->balanced_accuracy /= MAX (1, n_true);
}
