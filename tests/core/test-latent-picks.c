/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>

#include "test-util.h"

#include "analysis/cyt-latent-picks.h"

#define N 500

static float scores[N];
static guint32 positions[N];
static CytLatentCells cells = { .first_cell = 10, .n = N, .position = positions, .score = scores };

/* Few different scores, so that many are equal; every third cell of the data set. */
static void
fill (void)
{
  GRand *rand = g_rand_new_with_seed (7);

  for (guint i = 0; i < N; i++)
    {
      positions[i] = 3 * i;
      scores[i] = (float) g_rand_int_range (rand, 1, 120) / 8;
    }
  g_rand_free (rand);
}

static void
test_order (void)
{
  g_autofree guint32 *order = cyt_latent_picks_order (&cells);
  CytLatentCells none = { .n = 0 };
  g_autofree guint32 *empty = cyt_latent_picks_order (&none);

  for (guint i = 0; i < N; i++)
    {
      guint n_better = 0;

      for (guint k = 0; k < N; k++)
        n_better += scores[k] > scores[order[i]] || (scores[k] == scores[order[i]] && k < order[i]);
      g_assert_cmpuint (n_better, ==, i);
    }
}

static int
compare_floats (const void *a, const void *b)
{
  float x = *(const float *) a, y = *(const float *) b;

  return x < y ? -1 : x > y;
}

/* The window holds the quantile as NumPy defines it: linear between sorted scores. */
static void
test_window (void)
{
  static const double p[] = { 0, 0.1, 0.25, 0.5, 0.75, 0.99, 1 };
  g_autofree guint32 *order = cyt_latent_picks_order (&cells);
  float sorted[N];

  memcpy (sorted, scores, sizeof sorted);
  qsort (sorted, N, sizeof *sorted, compare_floats);
  for (guint i = 0; i < G_N_ELEMENTS (p); i++)
    for (gsize n_picks = 2; n_picks < 9; n_picks++)
      {
        gsize first = cyt_latent_picks_window (N, n_picks, p[i]);
        double at = p[i] * (N - 1), below = sorted[(gsize) at], above = sorted[MIN ((gsize) at + 1, N - 1)];
        double quantile = below + (at - (double) (gsize) at) * (above - below);

        g_assert_cmpuint (first + n_picks, <=, N);
        g_assert_cmpfloat (scores[order[first]], >=, quantile);
        g_assert_cmpfloat (scores[order[first + n_picks - 1]], <=, quantile);
      }
  g_assert_cmpuint (cyt_latent_picks_window (4, 4, 0.5), ==, 0);
  g_assert_cmpuint (cyt_latent_picks_window (1, 1, 0.75), ==, 0);
  g_assert_cmpuint (cyt_latent_picks_window (101, 1, 0.75), ==, 25);
}

static void
test_groups (void)
{
  static const char *const names[] = { "", "S1", "S2", "S3" };
  g_autofree const char **group = g_new0 (const char *, 3 * N);
  g_autofree guint32 *order = cyt_latent_picks_order (&cells);
  guint32 picks[N];
  gboolean met[G_N_ELEMENTS (names)] = { FALSE };
  gsize n, k = 0;

  for (guint i = 0; i < 3 * N; i++)
    group[i] = names[1 + i / 3 % 3];
  group[positions[order[1]]] = names[0];
  group[positions[order[4]]] = names[0];
  n = cyt_latent_picks_one_per_group (&cells, order, group, N, picks);
  for (guint rank = 0; rank < N; rank++)
    {
      const char *name = group[positions[order[rank]]];
      guint which = name[0] == '\0' ? 0 : (guint) (name[1] - '0');

      if (which != 0 && met[which])
        continue;
      met[which] = TRUE;
      g_assert_cmpuint (picks[k++], ==, rank);
    }
  g_assert_cmpuint (n, ==, k);
  g_assert_cmpuint (n, ==, 5);
  g_assert_cmpuint (cyt_latent_picks_one_per_group (&cells, order, group, 2, picks), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fill ();
  g_test_add_func ("/latent-picks/order", test_order);
  g_test_add_func ("/latent-picks/window", test_window);
  g_test_add_func ("/latent-picks/groups", test_groups);
  return g_test_run ();
}
