/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "analysis/cyt-latent-picks.h"

static int
compare_scores (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const CytLatentCells *cells = user_data;
  guint32 i = *(const guint32 *) a, k = *(const guint32 *) b;

  if (cells->score[i] != cells->score[k])
    return cells->score[i] > cells->score[k] ? -1 : 1;
  return i < k ? -1 : i > k;
}

guint32 *
cyt_latent_picks_order (const CytLatentCells *cells)
{
  guint32 *order = g_new (guint32, MAX (1, cells->n));

  for (gsize i = 0; i < cells->n; i++)
    order[i] = (guint32) i;
  g_qsort_with_data (order, (int) cells->n, sizeof *order, compare_scores, (gpointer) cells);
  return order;
}

gsize
cyt_latent_picks_window (gsize n, gsize n_picks, double p)
{
  double first = (1 - p) * ((double) n - 1) - ((double) n_picks - 1) / 2;

  g_return_val_if_fail (n_picks >= 1 && n_picks <= n && p >= 0 && p <= 1, 0);

  return (gsize) CLAMP (round (first), 0, (double) (n - n_picks));
}

gsize
cyt_latent_picks_one_per_group (const CytLatentCells *cells, const guint32 *order, const char *const *group,
                                gsize n_max, guint32 *picks)
{
  g_autoptr (GHashTable) met = g_hash_table_new (NULL, NULL);
  gsize n = 0;

  for (gsize rank = 0; rank < cells->n && n < n_max; rank++)
    {
      const char *name = group[cells->position[order[rank]]];

      if (name[0] == '\0' || g_hash_table_add (met, (gpointer) name))
        picks[n++] = (guint32) rank;
    }
  return n;
}
