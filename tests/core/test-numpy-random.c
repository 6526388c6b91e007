/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "io/cyt-numpy-random.h"
#include "test-util.h"

static const struct
{
  const char *seed_text;
  guint64 seed;
  const char *n_text;
  guint32 n;
} cases[] = {
  { "1", 1, "17092", 17092 },       { "1", 1, "1", 1 },
  { "1", 1, "2", 2 },               { "0", 0, "10", 10 },
  { "42", 42, "1000", 1000 },       { "42", 42, "1001", 1001 },
  { "4294967295", 4294967295, "300", 300 },
  { "4294967296", 4294967296, "300", 300 },
  { "18446744073709551615", G_MAXUINT64, "777", 777 },
  { "7", 7, "300000", 300000 },     { "2024", 2024, "65536", 65536 },
};

static void
test_reference (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *npy = g_build_filename (dir, "p.npy", NULL);
  g_autofree float *expected = NULL;
  CytTensorInfo info;
  gsize at = 0;

  cyt_test_run_reference (
    "permutations.py", npy, cases[0].seed_text, cases[0].n_text, cases[1].seed_text, cases[1].n_text,
    cases[2].seed_text, cases[2].n_text, cases[3].seed_text, cases[3].n_text, cases[4].seed_text, cases[4].n_text,
    cases[5].seed_text, cases[5].n_text, cases[6].seed_text, cases[6].n_text, cases[7].seed_text, cases[7].n_text,
    cases[8].seed_text, cases[8].n_text, cases[9].seed_text, cases[9].n_text, cases[10].seed_text,
    cases[10].n_text, NULL);
  expected = cyt_test_load_npy (npy, &info);
  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      g_autofree guint32 *found = g_new (guint32, cases[c].n);

      g_assert_cmpuint (at + cases[c].n, <=, info.n_elements);
      cyt_numpy_permutation (cases[c].seed, cases[c].n, found);
      for (guint32 i = 0; i < cases[c].n; i++)
        if ((float) found[i] != expected[at + i])
          g_error ("seed %s, n %u: place %u is %u, NumPy has %g", cases[c].seed_text, cases[c].n, i, found[i],
                   expected[at + i]);
      at += cases[c].n;
    }
  g_assert_cmpuint (at, ==, info.n_elements);
  cyt_test_remove_tree (dir);
}

/* What NumPy's documentation of its own stream would have to change for: seeds without NumPy at hand. */
static void
test_known (void)
{
  const guint32 expected[] = { 1700, 9835, 6592, 7390, 11364 };
  g_autofree guint32 *found = g_new (guint32, 17092);

  cyt_numpy_permutation (1, 17092, found);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (found[i], ==, expected[i]);
  cyt_numpy_permutation (1, 0, found);
}

/* numpy.random.default_rng (42).random (5, dtype=numpy.float32) */
static void
test_uniform (void)
{
  const float expected[] = { 0x1.6d926p-4f, 0x1.8c43f6p-1f, 0x1.4f23fep-1f, 0x1.c16958p-2f, 0x1.bb6858p-2f };
  float found[5];

  cyt_numpy_random (42, G_N_ELEMENTS (found), found);
  g_assert_cmpmem (found, sizeof found, expected, sizeof expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/numpy-random/known", test_known);
  g_test_add_func ("/numpy-random/uniform", test_uniform);
  g_test_add_func ("/numpy-random/reference", test_reference);
  return g_test_run ();
}
