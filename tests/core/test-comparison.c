/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "analysis/cyt-comparison.h"
#include "analysis/cyt-patients.h"
#include "test-util.h"

/* Our numbers of many samples, to be computed again with SciPy: small and large, without ties, with few and with many,
 * all equal. */
static void
test_mann_whitney (void)
{
  static const gsize sizes[][2] = { { 1, 1 }, { 1, 5 }, { 5, 1 }, { 2, 3 }, { 8, 8 }, { 3, 40 }, { 40, 8 }, { 9, 9 }, { 30, 20 }, { 8, 120 } };
  static const guint n_values[] = { 0, 1000, 5, 2, 1 }; /* distinct ones; 0: no ties */
  g_autofree char *dir = cyt_test_make_tmpdir (), *path = g_build_filename (dir, "samples", NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (5);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (guint v = 0; v < G_N_ELEMENTS (n_values); v++)
      for (guint repeat = 0; repeat < 3; repeat++)
        {
          double values[256], u, p;
          gsize n_a = sizes[s][0], n_b = sizes[s][1];
          char number[G_ASCII_DTOSTR_BUF_SIZE];

          for (gsize i = 0; i < n_a + n_b; i++)
            values[i] = n_values[v] == 0 ? g_rand_double (random) + (i < n_a && repeat == 2 ? 2 : 0)
                                         : (double) g_rand_int_range (random, 0, n_values[v]);
          cyt_mann_whitney (values, n_a, values + n_a, n_b, &u, &p);
          g_assert_true (p >= 0 && p <= 1);
          g_string_append_printf (text, "%" G_GSIZE_FORMAT " %" G_GSIZE_FORMAT " ", n_a, n_b);
          g_string_append_printf (text, "%s ", g_ascii_dtostr (number, sizeof number, u));
          g_string_append (text, g_ascii_dtostr (number, sizeof number, p));
          for (gsize i = 0; i < n_a + n_b; i++)
            g_string_append_printf (text, " %s", g_ascii_dtostr (number, sizeof number, values[i]));
          g_string_append_c (text, '\n');
        }
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  cyt_test_run_reference ("cohort.py", "mann-whitney", path, NULL);
  cyt_test_remove_tree (dir);
}

static void
test_benjamini_hochberg (void)
{
  const double p[] = { 0.04, 0.01, 0.03, 0.9, 0.005 }, expected[] = { 0.05, 0.025, 0.05, 0.9, 0.025 };
  double q[5], one = 0.3;

  cyt_benjamini_hochberg (p, q, 5);
  for (guint i = 0; i < 5; i++)
    g_assert_true (fabs (q[i] - expected[i]) < 1e-15);
  cyt_benjamini_hochberg (&one, &one, 1);
  g_assert_cmpfloat (one, ==, 0.3);
  cyt_benjamini_hochberg (NULL, NULL, 0);
}

static void
test_pearson (void)
{
  const double a[] = { 1, 2, 3 }, b[] = { -1, -2, -3 }, c[] = { 4, 4, 4 };

  g_assert_true (fabs (cyt_pearson (a, b, 3) + 1) < 1e-15);
  g_assert_true (isnan (cyt_pearson (a, c, 3)));
  g_assert_true (isnan (cyt_pearson (a, b, 0)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/comparison/mann-whitney", test_mann_whitney);
  g_test_add_func ("/comparison/benjamini-hochberg", test_benjamini_hochberg);
  g_test_add_func ("/comparison/pearson", test_pearson);
  return g_test_run ();
}
