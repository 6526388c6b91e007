/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/cyt-measures-private.h"

/* One patch of one masked cell, on which a map says something. */
typedef struct
{
  float value;
  guint32 place;       /* number of the cell × 256 + patch */
} Entry;

/* What maps are compared with: the pixels of all masked cells that could be read, or of one half of them. A patch is one
 * unit of area. */
typedef struct
{
  double area;         /* patches */
  double structure[CYT_MASKS_MAX_STRUCTURES]; /* area of each structure */
} Extent;

typedef struct
{
  const CytMasks *masks;
  double tau;
  const guint8 *half;  /* (masked cells) 0, 1; 2: could not be read */
  Extent extents[3];   /* of the halves, and of all */
} Truth;

/* A map against the structures. The pixels of a patch share its value; those on which a latent does not fire come last
 * together. */
typedef struct
{
  double precision;
  double overlap;      /* with the threshold asked for */
  double best_overlap; /* with the best threshold there is: */
  double best_threshold;
} Fit;

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  if (x->value != y->value)
    return x->value < y->value ? 1 : -1;
  return x->place < y->place ? -1 : x->place > y->place;
}

static gboolean
is_part (const Truth *truth, const Entry *entry, guint part)
{
  return part == 2 || truth->half[entry->place / CYT_N_PATCHES] == part;
}

static double
get_share (const Truth *truth, const Entry *entry, gsize s)
{
  return cyt_masks_get_share (truth->masks, entry->place / CYT_N_PATCHES, s)[entry->place % CYT_N_PATCHES];
}

/* @entries (n) by falling value. @part: 0, 1 a half, 2 all. @threshold: an entry counts as found from there on, @above:
 * only above it. */
static Fit
fit_map (const Truth *truth, const Entry *entries, gsize n, gsize s, guint part, double threshold, gboolean above)
{
  const Extent *extent = &truth->extents[part];
  double positives = extent->structure[s], hit = 0, taken = 0, overlap_hit = 0, overlap_taken = 0;
  Fit fit = { NAN, NAN, NAN, NAN };

  if (!(positives > 0))
    return fit;
  fit.precision = 0;
  for (gsize i = 0, end; i < n; i = end)
    {
      double fresh = 0, found;

      for (end = i; end < n && entries[end].value == entries[i].value; end++)
        if (is_part (truth, &entries[end], part))
          {
            fresh += get_share (truth, &entries[end], s);
            taken++;
          }
      hit += fresh;
      if (taken > 0)
        fit.precision += fresh / positives * hit / taken;
      found = hit / (taken + positives - hit);
      if (!(fit.best_overlap >= found))
        {
          fit.best_overlap = found;
          fit.best_threshold = entries[i].value;
        }
      if (above ? entries[i].value > threshold : entries[i].value >= threshold)
        {
          overlap_hit = hit;
          overlap_taken = taken;
        }
    }
  fit.precision += (positives - hit) / positives * positives / extent->area;
  fit.overlap = overlap_hit / (overlap_taken + positives - overlap_hit);
  if (!(fit.best_overlap >= positives / extent->area)) /* to call everything the structure is better */
    {
      fit.best_overlap = positives / extent->area;
      fit.best_threshold = -INFINITY;
    }
  if (threshold == -INFINITY)
    fit.overlap = positives / extent->area;
  return fit;
}

/* ---- Entries by latent ---- */

typedef struct
{
  CytMeasures *self;
  const Truth *truth;
  gsize *start;      /* (n_latents + 1) */
  Entry *entries;
  float *precision;  /* (n_latents, n_structures) on the half to choose on */
  CytProgress *progress;
  GCancellable *cancellable;
} Maps;

static void
collect_entries (Maps *maps, const GPtrArray *masked)
{
  gsize n_latents = maps->self->n_latents;
  g_autofree gsize *next = g_new (gsize, n_latents + 1);

  maps->start = g_new0 (gsize, n_latents + 1);
  for (guint pass = 0; pass < 2; pass++)
    {
      for (guint i = 0; i < masked->len; i++)
        {
          const CytTokenLatents *cell = masked->pdata[i];

          if (cell == NULL)
            continue;
          for (gsize t = 1; t < CYT_N_TOKENS; t++)
            for (gsize j = cell->start[t]; j < cell->start[t + 1]; j++)
              if (pass == 0)
                maps->start[cell->latent[j] + 1]++;
              else
                maps->entries[next[cell->latent[j]]++] = (Entry){ cell->value[j], i * CYT_N_PATCHES + t - 1 };
        }
      if (pass == 1)
        continue;
      for (gsize k = 0; k < n_latents; k++)
        maps->start[k + 1] += maps->start[k];
      memcpy (next, maps->start, (n_latents + 1) * sizeof *next);
      maps->entries = g_new (Entry, maps->start[n_latents] + 1);
    }
}

static void
measure_latent (gsize k, guint thread, gpointer data)
{
  Maps *maps = data;
  const Truth *truth = maps->truth;
  CytMeasuresRow *row = &maps->self->rows[k];
  Entry *entries = maps->entries + maps->start[k];
  gsize n = maps->start[k + 1] - maps->start[k], n_structures = truth->masks->n_structures;
  double best = 0;

  if (g_cancellable_is_cancelled (maps->cancellable))
    return;
  if (maps->progress != NULL)
    cyt_progress_advance (maps->progress, 1, 0);
  qsort (entries, n, sizeof *entries, compare_entries);
  for (gsize s = 0; s < n_structures; s++)
    {
      double chance = truth->extents[2].structure[s] / truth->extents[2].area, gain;
      Fit fit;

      maps->precision[k * n_structures + s] = n > 0 ? (float) fit_map (truth, entries, n, s, 0, 0, FALSE).precision : NAN;
      if (n == 0)
        continue;
      fit = fit_map (truth, entries, n, s, 2, truth->tau, TRUE);
      gain = chance < 1 ? (fit.precision - chance) / (1 - chance) : 0;
      if (isnan (fit.precision) || (row->structure >= 0 && !(gain > best)))
        continue;
      best = gain;
      row->structure = s;
      row->map_precision = fit.precision;
      row->map_chance = chance;
      row->map_overlap = fit.overlap;
    }
}

/* ---- The best of each structure ---- */

static CytMeasuresBest
score_best (const Truth *truth, gint64 latent, const Entry *entries, gsize n, gsize s)
{
  Fit chosen = fit_map (truth, entries, n, s, 0, 0, FALSE);
  Fit scored = fit_map (truth, entries, n, s, 1, chosen.best_threshold, FALSE);
  CytMeasuresBest best = { latent, chosen.precision, scored.precision,
                           truth->extents[1].structure[s] / truth->extents[1].area, scored.overlap };

  return best;
}

static void
pick_structures (Maps *maps)
{
  CytMeasures *self = maps->self;
  gsize n_structures = maps->truth->masks->n_structures;

  self->best_of_structure = g_new (CytMeasuresBest, n_structures);
  for (gsize s = 0; s < n_structures; s++)
    {
      gint64 latent = -1;
      float precision = 0;

      for (gsize k = 0; k < self->n_latents; k++)
        {
          float here = maps->precision[k * n_structures + s];

          if (isnan (here) || (latent >= 0 && !(here > precision)))
            continue;
          latent = k;
          precision = here;
        }
      self->best_of_structure[s] = (CytMeasuresBest){ -1, NAN, NAN, NAN, NAN };
      if (latent >= 0)
        self->best_of_structure[s] = score_best (maps->truth, latent, maps->entries + maps->start[latent],
                                                 maps->start[latent + 1] - maps->start[latent], s);
    }
}

/* The true shares as a map: what no map of patches can surpass. */
static void
find_ceiling (CytMeasures *self, const Truth *truth)
{
  gsize n = truth->masks->n_cells * CYT_N_PATCHES;
  g_autofree Entry *entries = g_new (Entry, n);

  self->ceiling = g_new (CytMeasuresBest, truth->masks->n_structures);
  for (gsize s = 0; s < truth->masks->n_structures; s++)
    {
      gsize n_entries = 0;

      for (gsize i = 0; i < n; i++)
        {
          float share = cyt_masks_get_share (truth->masks, i / CYT_N_PATCHES, s)[i % CYT_N_PATCHES];

          if (share > 0 && truth->half[i / CYT_N_PATCHES] < 2)
            entries[n_entries++] = (Entry){ share, i };
        }
      qsort (entries, n_entries, sizeof *entries, compare_entries);
      self->ceiling[s] = score_best (truth, -1, entries, n_entries, s);
    }
}

static void
add_extent (Truth *truth, gsize i, guint part)
{
  truth->extents[part].area += CYT_N_PATCHES;
  for (gsize s = 0; s < truth->masks->n_structures; s++)
    for (gsize p = 0; p < CYT_N_PATCHES; p++)
      truth->extents[part].structure[s] += cyt_masks_get_share (truth->masks, i, s)[p];
}

void
cyt_measures_finish_maps (CytMeasures *self, const CytMeasuresOptions *options, const CytMeasuresImages *images,
                          const CytMeasuresTotals *totals, CytParallel *parallel, CytProgress *progress,
                          GCancellable *cancellable)
{
  const CytMasks *masks = options->masks;
  Truth truth = { .masks = masks, .tau = options->tau };
  Maps maps = { .self = self, .truth = &truth, .progress = progress, .cancellable = cancellable };
  g_autofree guint8 *half = NULL;

  if (masks == NULL)
    {
      self->structures = g_new0 (char *, 1);
      return;
    }
  self->structures = g_strdupv (masks->names);
  truth.half = half = g_new (guint8, masks->n_cells + 1);
  for (gsize i = 0; i < masks->n_cells; i++)
    {
      half[i] = images->failed[masks->position[i]] ? 2 : images->half[masks->position[i]];
      self->n_masked += half[i] < 2;
    }
  for (gsize i = 0; i < masks->n_cells; i++)
    if (half[i] < 2)
      {
        add_extent (&truth, i, half[i]);
        add_extent (&truth, i, 2);
      }
  collect_entries (&maps, totals->masked);
  maps.precision = g_new0 (float, self->n_latents * masks->n_structures + 1);
  cyt_parallel_run (parallel, self->n_latents, measure_latent, &maps);
  pick_structures (&maps);
  find_ceiling (self, &truth);
  g_free (maps.start);
  g_free (maps.entries);
  g_free (maps.precision);
}
