/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-kmeans.h"
#include "io/cyt-numpy-random.h"

#define N_STARTS 4
#define MAX_ITERATIONS 300
#define TOLERANCE 1e-4   /* of the variance of a coordinate */

static double
get_distance (const double *a, const double *b, guint dim)
{
  double sum = 0;

  for (guint d = 0; d < dim; d++)
    sum += (a[d] - b[d]) * (a[d] - b[d]);
  return sum;
}

/* Labels by the nearest centre; returns whether any changed. */
static gboolean
assign (const double *points, gsize n, guint dim, guint k, const double *centres, guint32 *labels, double *distances)
{
  gboolean changed = FALSE;

  for (gsize i = 0; i < n; i++)
    {
      double best = INFINITY;
      guint32 label = 0;

      for (guint c = 0; c < k; c++)
        {
          double distance = get_distance (points + i * dim, centres + (gsize) c * dim, dim);

          if (distance < best)
            {
              best = distance;
              label = c;
            }
        }
      changed |= labels[i] != label;
      labels[i] = label;
      distances[i] = best;
    }
  return changed;
}

/* Gives every empty cluster the point farthest from its centre, of a cluster that has more than one. */
static gboolean
fill_empty (gsize n, guint k, guint32 *labels, double *distances, gsize *counts)
{
  gboolean changed = FALSE;

  memset (counts, 0, k * sizeof *counts);
  for (gsize i = 0; i < n; i++)
    counts[labels[i]]++;
  for (guint c = 0; c < k; c++)
    {
      gsize farthest = n;

      if (counts[c] > 0)
        continue;
      for (gsize i = 0; i < n; i++)
        if (counts[labels[i]] > 1 && (farthest == n || distances[i] > distances[farthest]))
          farthest = i;
      counts[labels[farthest]]--;
      counts[c] = 1;
      labels[farthest] = c;
      distances[farthest] = 0;
      changed = TRUE;
    }
  return changed;
}

/* Means of the clusters; returns how far the centres moved together, squared. */
static double
move_centres (const double *points, gsize n, guint dim, guint k, const guint32 *labels, const gsize *counts,
              double *sums, double *centres)
{
  double moved = 0;

  memset (sums, 0, (gsize) k * dim * sizeof *sums);
  for (gsize i = 0; i < n; i++)
    for (guint d = 0; d < dim; d++)
      sums[(gsize) labels[i] * dim + d] += points[i * dim + d];
  for (guint c = 0; c < k; c++)
    for (guint d = 0; d < dim; d++)
      {
        gsize at = (gsize) c * dim + d;
        double mean = sums[at] / (double) counts[c];

        moved += (mean - centres[at]) * (mean - centres[at]);
        centres[at] = mean;
      }
  return moved;
}

gboolean
cyt_kmeans_lloyd (const double *points, gsize n, guint dim, guint k, double tolerance, guint max_iterations,
                  double *centres, guint32 *labels, double *inertia, CytProgress *progress, GCancellable *cancellable,
                  GError **error)
{
  g_autofree double *distances = g_new (double, n);
  g_autofree double *sums = g_new (double, (gsize) k * dim);
  g_autofree gsize *counts = g_new (gsize, k);

  g_return_val_if_fail (k >= 1 && k <= n && dim >= 1, FALSE);

  memset (labels, 0xff, n * sizeof *labels);
  if (progress != NULL)
    cyt_progress_start (progress, 0, (gsize) max_iterations + 1);
  for (guint i = 0; i < max_iterations; i++)
    {
      gboolean changed;
      double moved;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      changed = assign (points, n, dim, k, centres, labels, distances);
      changed |= fill_empty (n, k, labels, distances, counts);
      moved = move_centres (points, n, dim, k, labels, counts, sums, centres);
      if (progress != NULL)
        cyt_progress_advance (progress, 1, 0);
      if (!changed || moved <= tolerance)
        break;
    }
  /* The labels of the centres as they stand now. */
  assign (points, n, dim, k, centres, labels, distances);
  fill_empty (n, k, labels, distances, counts);
  *inertia = 0;
  for (gsize i = 0; i < n; i++)
    *inertia += get_distance (points + i * dim, centres + (gsize) labels[i] * dim, dim);
  return TRUE;
}

/* The first point whose share of the potential reaches @at, 0…1 of it. */
static gsize
pick (const double *potential, gsize n, double total, double at)
{
  double sum = 0, wanted = at * total;

  for (gsize i = 0; i < n; i++)
    {
      sum += potential[i];
      if (sum > wanted)
        return i;
    }
  return n - 1;
}

static double
lower_potential (const double *points, gsize n, guint dim, const double *centre, const double *potential, double *lower)
{
  double total = 0;

  for (gsize i = 0; i < n; i++)
    {
      lower[i] = MIN (potential[i], get_distance (points + i * dim, centre, dim));
      total += lower[i];
    }
  return total;
}

/* @random: (1 + (k − 1) · n_trials) uniform in [0, 1). */
static void
choose_centres (const double *points, gsize n, guint dim, guint k, guint n_trials, const float *random,
                double *centres)
{
  g_autofree double *potential = g_new (double, n);
  g_autofree double *trial = g_new (double, n);
  g_autofree double *best = g_new (double, n);
  gsize first = MIN ((gsize) (random[0] * (double) n), n - 1);
  double total;

  for (gsize i = 0; i < n; i++)
    potential[i] = INFINITY;
  memcpy (centres, points + first * dim, dim * sizeof *centres);
  total = lower_potential (points, n, dim, centres, potential, best);
  for (guint c = 1; c < k; c++)
    {
      double best_total = INFINITY;

      memcpy (potential, best, n * sizeof *potential);
      for (guint t = 0; t < n_trials; t++)
        {
          gsize candidate = pick (potential, n, total, random[1 + (gsize) (c - 1) * n_trials + t]);
          double left = lower_potential (points, n, dim, points + candidate * dim, potential, trial);

          if (left >= best_total)
            continue;
          best_total = left;
          memcpy (best, trial, n * sizeof *best);
          memcpy (centres + (gsize) c * dim, points + candidate * dim, dim * sizeof *centres);
        }
      total = best_total;
    }
}

static double
get_mean_variance (const double *points, gsize n, guint dim)
{
  double variance = 0;

  for (guint d = 0; d < dim; d++)
    {
      double mean = 0;

      for (gsize i = 0; i < n; i++)
        mean += points[i * dim + d] / (double) n;
      for (gsize i = 0; i < n; i++)
        variance += (points[i * dim + d] - mean) * (points[i * dim + d] - mean) / (double) n;
    }
  return variance / dim;
}

gboolean
cyt_kmeans_run (const double *points, gsize n, guint dim, guint k, guint64 seed, double *centres, guint32 *labels,
                double *inertia, GCancellable *cancellable, GError **error)
{
  guint n_trials = 2 + (guint) log (k);
  gsize n_random = 1 + (gsize) (k - 1) * n_trials;
  g_autofree float *random = g_new (float, N_STARTS * n_random);
  g_autofree double *start = g_new (double, (gsize) k * dim);
  g_autofree guint32 *start_labels = g_new (guint32, n);
  double tolerance;

  g_return_val_if_fail (k >= 1 && k <= n && dim >= 1, FALSE);

  tolerance = TOLERANCE * get_mean_variance (points, n, dim);
  cyt_numpy_random (seed, N_STARTS * n_random, random);
  *inertia = INFINITY;
  for (guint i = 0; i < N_STARTS; i++)
    {
      double here;

      choose_centres (points, n, dim, k, n_trials, random + i * n_random, start);
      if (!cyt_kmeans_lloyd (points, n, dim, k, tolerance, MAX_ITERATIONS, start, start_labels, &here, NULL,
                             cancellable, error))
        return FALSE;
      if (!(here < *inertia))
        continue;
      *inertia = here;
      memcpy (centres, start, (gsize) k * dim * sizeof *centres);
      memcpy (labels, start_labels, n * sizeof *labels);
    }
  return TRUE;
}
