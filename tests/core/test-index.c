/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "index/cyt-latent-stats.h"
#include "index/cyt-top-lists.h"
#include "test-util.h"

static void
test_sparse_map (void)
{
  CytSparseMap map = { .latent = 7, .n = 3, .patch = { 0, 17, 255 }, .value = { 0.5f, 1e-30f, 3e5f } };
  CytSparseMap back = { 0 };
  g_autoptr (GBytes) bytes = cyt_sparse_map_to_bytes (&map);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint8 bad[15];
  float dense[CYT_N_PATCHES];
  const float values[] = { 0, -1, NAN, INFINITY };

  g_assert_cmpuint (size, ==, 15);
  g_assert_cmpmem (data, 3, ((guint8[]) { 0, 17, 255 }), 3);
  g_assert_cmpmem (data + 3, 4, ((guint8[]) { 0, 0, 0, 0x3f }), 4);
  g_assert_true (cyt_sparse_map_from_bytes (&back, data, size));
  g_assert_cmpuint (back.n, ==, 3);
  g_assert_cmpmem (back.patch, 3, map.patch, 3);
  g_assert_cmpmem (back.value, 3 * sizeof (float), map.value, 3 * sizeof (float));

  cyt_sparse_map_to_dense (&back, dense);
  for (guint p = 0; p < CYT_N_PATCHES; p++)
    g_assert_true (dense[p] == (p == 0 ? 0.5f : p == 17 ? 1e-30f : p == 255 ? 3e5f : 0));

  g_assert_true (cyt_sparse_map_from_bytes (&back, NULL, 0));
  g_assert_cmpuint (back.n, ==, 0);
  for (gsize s = 1; s < 15; s++)
    if (s % 5 != 0)
      g_assert_false (cyt_sparse_map_from_bytes (&back, data, s));
  memcpy (bad, data, 15);
  bad[1] = 0; /* a patch twice */
  g_assert_false (cyt_sparse_map_from_bytes (&back, bad, 15));
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      memcpy (bad, data, 15);
      memcpy (bad + 7, &values[i], sizeof (float));
      g_assert_false (cyt_sparse_map_from_bytes (&back, bad, 15));
    }
}

static void
test_full_map (void)
{
  CytSparseMap map = { .n = CYT_N_PATCHES }, back;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree guint8 *long_one = g_malloc0 (5 * (CYT_N_PATCHES + 1));

  for (guint p = 0; p < CYT_N_PATCHES; p++)
    {
      map.patch[p] = p;
      map.value[p] = p + 0.25f;
    }
  bytes = cyt_sparse_map_to_bytes (&map);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 5 * CYT_N_PATCHES);
  g_assert_true (cyt_sparse_map_from_bytes (&back, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)));
  g_assert_cmpmem (back.value, sizeof back.value, map.value, sizeof map.value);
  g_assert_false (cyt_sparse_map_from_bytes (&back, long_one, 5 * (CYT_N_PATCHES + 1)));
}

static void
test_cell_latents (void)
{
  CytCellLatents latents;

  cyt_cell_latents_init (&latents);
  for (guint i = 0; i < 5000; i++)
    cyt_cell_latents_append (&latents, 3 * i, 0.5f + i, i % 258, i * 0.25f, i * 2.f);
  g_assert_cmpuint (latents.n, ==, 5000);
  g_assert_cmpuint (latents.n_allocated, >=, 5000);
  for (guint i = 0; i < 5000; i++)
    {
      g_assert_cmpuint (latents.latent[i], ==, 3 * i);
      g_assert_true (latents.score[i] == 0.5f + i && latents.cls[i] == i * 0.25f && latents.max[i] == i * 2.f);
      g_assert_cmpuint (latents.count[i], ==, i % 258);
    }
  cyt_cell_latents_clear (&latents);
  g_assert_null (latents.latent);
  g_assert_cmpuint (latents.n, ==, 0);
}

#define D_SAE 40
#define N_CELLS 300

/* Scores of few different values, so that ties are common; latent 0 never fires. */
static float
make_score (GRand *rand, guint latent)
{
  if (latent == 0 || g_rand_int_range (rand, 0, 40) >= (int) latent)
    return 0;
  return g_rand_int_range (rand, 1, 30) / 8.f;
}

static void
test_stats (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (CytLatentStats) stats = cyt_latent_stats_new (D_SAE);
  double score[D_SAE] = { 0 }, cls[D_SAE] = { 0 }, count[D_SAE] = { 0 };
  guint active[D_SAE] = { 0 };
  float max[D_SAE] = { 0 };

  g_assert_true (cyt_latent_stats_get_frequency (stats, 1) == 0);
  for (guint i = 0; i < N_CELLS; i++)
    {
      CytCellLatents cell;

      cyt_cell_latents_init (&cell);
      for (guint k = 0; k < D_SAE; k++)
        {
          float s = make_score (rand, k);

          if (s == 0)
            continue;
          cyt_cell_latents_append (&cell, k, s, (i + k) % 258, k % 3 == 0 ? 257 * s : s / 2, s * 10);
          active[k]++;
          score[k] += s;
          count[k] += (i + k) % 258;
          cls[k] += k % 3 == 0 ? 257 * s : s / 2;
          max[k] = MAX (max[k], s * 10);
        }
      cyt_latent_stats_add (stats, &cell);
      cyt_cell_latents_clear (&cell);
    }
  g_assert_cmpuint (stats->n_images, ==, N_CELLS);
  for (guint k = 0; k < D_SAE; k++)
    {
      double share = score[k] > 0 ? cls[k] / (257 * score[k]) : 0;

      g_assert_cmpuint (stats->n_active[k], ==, active[k]);
      g_assert_true (stats->sum_score[k] == score[k]);
      g_assert_true (stats->sum_cls[k] == cls[k]);
      g_assert_true (stats->sum_count[k] == count[k]);
      g_assert_true (stats->max_act[k] == max[k]);
      g_assert_true (cyt_latent_stats_get_frequency (stats, k) == active[k] / (double) N_CELLS);
      g_assert_true (cyt_latent_stats_get_mean_act (stats, k) == (active[k] ? score[k] / active[k] : 0));
      g_assert_true (fabs (cyt_latent_stats_get_cls_share (stats, k) - share) <= 1e-12);
      g_assert_true (cyt_latent_stats_get_cls_share (stats, k) <= 1);
    }
  g_assert_true (cyt_latent_stats_get_cls_share (stats, 3) == 1);
}

static int
compare_entries (const void *a, const void *b)
{
  const CytTopEntry *x = a, *y = b;

  if (x->score != y->score)
    return x->score > y->score ? -1 : 1;
  return x->cell < y->cell ? -1 : 1;
}

/* Every list against a full sort, with the cells offered in a random order. */
static void
test_top_lists (void)
{
  for (guint m = 1; m <= 25; m += 6)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (m);
      g_autoptr (CytTopLists) lists = cyt_top_lists_new (D_SAE, m);
      static CytTopEntry all[D_SAE][N_CELLS];
      guint n_all[D_SAE] = { 0 };
      guint order[N_CELLS];
      static float scores[N_CELLS][D_SAE];

      for (guint i = 0; i < N_CELLS; i++)
        {
          guint j = g_rand_int_range (rand, 0, i + 1);

          order[i] = order[j];
          order[j] = i;
          for (guint k = 0; k < D_SAE; k++)
            scores[i][k] = make_score (rand, k);
        }
      for (guint i = 0; i < N_CELLS; i++)
        for (guint k = 0; k < D_SAE; k++)
          {
            float s = scores[order[i]][k];
            float bar = cyt_top_lists_get_bar (lists)[k];
            gint64 evicted = -2;
            gboolean entered;

            if (s == 0)
              continue;
            entered = cyt_top_lists_offer (lists, k, s, order[i], &evicted);
            if (s < bar)
              g_assert_false (entered);
            g_assert_true (entered ? (evicted >= 0) == (n_all[k] >= m) : evicted == -1);
            all[k][n_all[k]++] = (CytTopEntry) { s, order[i] };
          }
      for (guint k = 0; k < D_SAE; k++)
        {
          guint n;
          const CytTopEntry *entries = cyt_top_lists_get (lists, k, &n);

          qsort (all[k], n_all[k], sizeof (CytTopEntry), compare_entries);
          g_assert_cmpuint (n, ==, MIN (m, n_all[k]));
          g_assert_cmpmem (entries, n * sizeof *entries, all[k], n * sizeof *entries);
          g_assert_true (cyt_top_lists_get_bar (lists)[k] == (n == m ? entries[n - 1].score : 0));
        }
    }
}

static void
test_entropy (void)
{
  g_autoptr (CytTopLists) lists = cyt_top_lists_new (3, 12);
  gint32 labels[20];
  double entropy = -7, purity = -7;
  gint32 majority = -7;

  for (guint i = 0; i < 20; i++)
    labels[i] = i < 10 ? 2 : 0;
  for (guint i = 0; i < 9; i++)
    cyt_top_lists_offer (lists, 1, 1 + i, i, NULL);
  g_assert_false (cyt_top_lists_get_entropy (lists, 1, labels, &entropy, &purity, &majority));
  g_assert_true (entropy == -7 && purity == -7 && majority == -7);

  /* one class */
  cyt_top_lists_offer (lists, 1, 0.5f, 9, NULL);
  g_assert_true (cyt_top_lists_get_entropy (lists, 1, labels, &entropy, &purity, &majority));
  g_assert_true (entropy == 0 && !signbit (entropy) && purity == 1);
  g_assert_cmpint (majority, ==, 2);

  /* ten best: eight of 2.0 on class 2, then 4.0 and 4.0 on class 0; an eleventh does not count */
  for (guint i = 0; i < 8; i++)
    cyt_top_lists_offer (lists, 2, 2, i, NULL);
  cyt_top_lists_offer (lists, 2, 4, 10, NULL);
  cyt_top_lists_offer (lists, 2, 4, 11, NULL);
  cyt_top_lists_offer (lists, 2, 1, 12, NULL);
  g_assert_true (cyt_top_lists_get_entropy (lists, 2, labels, &entropy, &purity, &majority));
  g_assert_true (fabs (entropy - (-2 / 3. * log (2 / 3.) - 1 / 3. * log (1 / 3.))) <= 1e-12);
  g_assert_true (fabs (purity - 2 / 3.) <= 1e-12);
  g_assert_cmpint (majority, ==, 2);

  labels[12] = -1;
  g_assert_true (cyt_top_lists_get_entropy (lists, 2, labels, &entropy, &purity, &majority));
  labels[3] = -1;
  g_assert_false (cyt_top_lists_get_entropy (lists, 2, labels, &entropy, &purity, &majority));

  /* equal shares: the lower class number */
  for (guint i = 5; i < 15; i++)
    cyt_top_lists_offer (lists, 0, 1, i, NULL);
  labels[12] = 0;
  g_assert_true (cyt_top_lists_get_entropy (lists, 0, labels, &entropy, &purity, &majority));
  g_assert_true (fabs (entropy - log (2)) <= 1e-12 && purity == 0.5);
  g_assert_cmpint (majority, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/index/sparse-map", test_sparse_map);
  g_test_add_func ("/index/sparse-map/full", test_full_map);
  g_test_add_func ("/index/cell-latents", test_cell_latents);
  g_test_add_func ("/index/stats", test_stats);
  g_test_add_func ("/index/top-lists", test_top_lists);
  g_test_add_func ("/index/entropy", test_entropy);
  return g_test_run ();
}
