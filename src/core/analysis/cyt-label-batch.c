/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "analysis/cyt-kmeans.h"
#include "analysis/cyt-label-batch.h"

static int
compare_latents (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;

  return x < y ? -1 : x > y;
}

/* The latents that fire, ascending: the batch must not hang on the order of a list. */
static GArray *
list_alive (const CytLatentRow *rows, const guint32 *latents, gsize n)
{
  GArray *alive = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (gsize i = 0; i < n; i++)
    if (rows[latents[i]].n_active > 0 && rows[latents[i]].frequency > 0 && rows[latents[i]].mean_act > 0)
      g_array_append_val (alive, latents[i]);
  g_array_sort (alive, compare_latents);
  return alive;
}

GArray *
cyt_label_batch_sample (const CytLatentRow *rows, const guint32 *latents, gsize n, guint k, guint64 seed,
                        GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) alive = list_alive (rows, latents, n);
  g_autoptr (GArray) batch = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autofree double *points = NULL, *centres = NULL, *best = NULL;
  g_autofree guint32 *labels = NULL;
  double inertia;

  if (alive->len <= k)
    return g_steal_pointer (&alive);
  if (k == 0)
    return g_steal_pointer (&batch);
  points = g_new (double, 2 * (gsize) alive->len);
  for (guint i = 0; i < alive->len; i++)
    {
      const CytLatentRow *row = &rows[g_array_index (alive, guint32, i)];

      points[2 * i] = log10 (row->frequency);
      points[2 * i + 1] = log10 (row->mean_act);
    }
  centres = g_new (double, 2 * (gsize) k);
  labels = g_new (guint32, alive->len);
  if (!cyt_kmeans_run (points, alive->len, 2, k, seed, centres, labels, &inertia, cancellable, error))
    return NULL;

  g_array_set_size (batch, k);
  best = g_new (double, k);
  for (guint c = 0; c < k; c++)
    best[c] = INFINITY;
  for (guint i = 0; i < alive->len; i++)
    {
      guint32 c = labels[i];
      double x = points[2 * i] - centres[2 * c], y = points[2 * i + 1] - centres[2 * c + 1];

      if (x * x + y * y >= best[c])
        continue;
      best[c] = x * x + y * y;
      g_array_index (batch, guint32, c) = g_array_index (alive, guint32, i);
    }
  g_array_sort (batch, compare_latents);
  return g_steal_pointer (&batch);
}
