/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "index/cyt-measures-data.h"

void
cyt_measures_free (CytMeasures *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_strfreev (self->classes);
  g_free (self->best_of_class);
  g_strfreev (self->structures);
  g_free (self->best_of_structure);
  g_free (self->ceiling);
  g_free (self->rows);
  g_free (self);
}

double
cyt_measures_get_selectivity (const CytMeasures *self)
{
  double sum = 0;
  gsize n = 0;

  for (gsize c = 0; self->classes[c] != NULL; c++)
    {
      const CytMeasuresBest *best = &self->best_of_class[c];

      if (best->latent < 0 || !(best->chance < 1) || isnan (best->scored))
        continue;
      sum += (best->scored - best->chance) / (1 - best->chance);
      n++;
    }
  return n > 0 ? sum / (double) n : NAN;
}

void
cyt_measures_row_clear (CytMeasuresRow *row)
{
  *row = (CytMeasuresRow){ .explained = NAN, .entropy = NAN, .purity = NAN, .majority = -1, .best_class = -1, .auprc = NAN,
                           .prevalence = NAN, .monosemanticity = NAN, .nearest = -1, .cosine = NAN, .twin = -1,
                           .jaccard = NAN, .structure = -1, .map_precision = NAN, .map_chance = NAN, .map_overlap = NAN };
}
