/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "project/cyt-levels.h"

/* The quotient of two whole numbers is the double that is nearest to the decimal number, as the one that is read from
 * its digits. */
double
cyt_level_get_threshold (guint level)
{
  g_assert (level < CYT_N_LEVELS);
  return level <= 100 ? level / 100.0 : level <= 190 ? (level - 90) / 10.0 : level - 180.0;
}

guint
cyt_level_find_nearest (double threshold)
{
  guint best = 0;

  g_assert (!isnan (threshold));
  for (guint l = 1; l < CYT_N_LEVELS; l++)
    if (fabs (cyt_level_get_threshold (l) - threshold) < fabs (cyt_level_get_threshold (best) - threshold))
      best = l;
  return best;
}

int
cyt_level_find (double threshold)
{
  guint level;

  if (!isfinite (threshold))
    return -1;
  level = cyt_level_find_nearest (threshold);
  return cyt_level_get_threshold (level) == threshold ? (int) level : -1;
}

guint8
cyt_level_of (float f)
{
  guint low = 0, high = CYT_N_LEVELS - 1;

  g_assert (f > 0);
  while (low < high)
    {
      guint middle = (low + high + 1) / 2;

      if (f > (float) cyt_level_get_threshold (middle)) /* in single precision, as the pipeline compares */
        low = middle;
      else
        high = middle - 1;
    }
  return (guint8) low;
}

void
cyt_cell_levels_init (CytCellLevels *self)
{
  *self = (CytCellLevels) { .levels = g_byte_array_new () };
}

void
cyt_cell_levels_clear (CytCellLevels *self)
{
  g_free (self->latent);
  g_free (self->count);
  g_clear_pointer (&self->levels, g_byte_array_unref);
}

void
cyt_cell_levels_reset (CytCellLevels *self)
{
  self->n = 0;
  g_byte_array_set_size (self->levels, 0);
}

static int
compare_bytes (gconstpointer a, gconstpointer b)
{
  return *(const guint8 *) a - *(const guint8 *) b;
}

void
cyt_cell_levels_append (CytCellLevels *self, guint32 latent, const guint8 *levels, guint16 count)
{
  if (self->n == self->n_allocated)
    {
      self->n_allocated = MAX (256, 2 * self->n_allocated);
      self->latent = g_renew (guint32, self->latent, self->n_allocated);
      self->count = g_renew (guint16, self->count, self->n_allocated);
    }
  self->latent[self->n] = latent;
  self->count[self->n++] = count;
  g_byte_array_append (self->levels, levels, count);
  qsort (self->levels->data + self->levels->len - count, count, 1, compare_bytes);
}
