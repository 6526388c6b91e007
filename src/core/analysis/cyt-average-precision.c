/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-average-precision.h"

CytPrecisionClasses *
cyt_precision_classes_new (const gint32 *classes, gsize n_cells, gsize n_classes)
{
  CytPrecisionClasses *self = g_new0 (CytPrecisionClasses, 1);

  self->n_classes = n_classes;
  self->classes = classes;
  self->n_of_class = g_new0 (gsize, n_classes);
  for (gsize i = 0; i < n_cells; i++)
    if (classes[i] >= 0)
      {
        g_assert ((gsize) classes[i] < n_classes);
        self->n_of_class[classes[i]]++;
        self->n_cells++;
      }
  return self;
}

void
cyt_precision_classes_free (CytPrecisionClasses *self)
{
  if (self == NULL)
    return;
  g_free (self->n_of_class);
  g_free (self);
}

double
cyt_precision_classes_get_prevalence (const CytPrecisionClasses *self, gsize c)
{
  return self->n_cells > 0 ? (double) self->n_of_class[c] / (double) self->n_cells : NAN;
}

void
cyt_average_precision_compute (const CytPrecisionClasses *self, const guint32 *cell, const float *score, gsize n,
                               double *precision, gsize *hits)
{
  gsize *fresh = hits + self->n_classes; /* of the scores that are equal */
  gsize rank = 0;

  memset (hits, 0, 2 * self->n_classes * sizeof *hits);
  for (gsize c = 0; c < self->n_classes; c++)
    precision[c] = 0;
  for (gsize i = 0, end; i < n; i = end)
    {
      for (end = i; end < n && score[end] == score[i]; end++)
        if (self->classes[cell[end]] >= 0)
          {
            rank++;
            fresh[self->classes[cell[end]]]++;
          }
      for (gsize j = i; j < end; j++)
        {
          gint32 c = self->classes[cell[j]];

          if (c < 0 || fresh[c] == 0)
            continue;
          hits[c] += fresh[c];
          precision[c] += (double) fresh[c] * (double) hits[c] / (double) rank;
          fresh[c] = 0;
        }
    }
  for (gsize c = 0; c < self->n_classes; c++)
    {
      double of_class = (double) self->n_of_class[c];

      if (self->n_of_class[c] == 0)
        precision[c] = NAN;
      else /* the rest of the class, at the end of the list */
        precision[c] = (precision[c] + (of_class - (double) hits[c]) * of_class / (double) self->n_cells) / of_class;
    }
}
