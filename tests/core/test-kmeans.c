/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-kmeans.h"
#include "analysis/cyt-label-batch.h"
#include "test-util.h"

static double *
load_doubles (const char *dir, const char *name, gsize n)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  CytTensorInfo info;
  g_autofree float *values = cyt_test_load_npy (path, &info);
  double *result = g_new (double, n);

  g_assert_cmpuint (info.n_elements, ==, n);
  for (gsize i = 0; i < n; i++)
    result[i] = values[i];
  return result;
}

/* From the same start the same labels as scikit-learn; from its own an inertia no worse than the best of ten of
 * scikit-learn's, up to @slack where there are too many clusters for either to find the best. */
static void
compare_with_sklearn (const char *seed, gsize n, guint k, const char *spread, double slack)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *n_text = g_strdup_printf ("%zu", n), *k_text = g_strdup_printf ("%u", k);
  g_autofree double *points = NULL, *centres = NULL, *answer = NULL;
  g_autofree guint32 *labels = g_new (guint32, n);
  g_autoptr (GError) error = NULL;
  double inertia;

  cyt_test_run_reference ("kmeans.py", dir, seed, n_text, k_text, spread, NULL);
  points = load_doubles (dir, "points.npy", 2 * n);
  centres = load_doubles (dir, "start.npy", 2 * (gsize) k);
  answer = load_doubles (dir, "answer.npy", n + 2);

  g_assert_true (cyt_kmeans_lloyd (points, n, 2, k, 0, 10000, centres, labels, &inertia, NULL, NULL, &error));
  g_assert_no_error (error);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpuint (labels[i], ==, (guint32) answer[i]);
  g_assert_true (fabs (inertia - answer[n]) <= 1e-6 * answer[n]); /* the reference is written as f32 */

  g_assert_true (cyt_kmeans_run (points, n, 2, k, 42, centres, labels, &inertia, NULL, &error));
  g_test_message ("n %zu, k %u: inertia %g, scikit-learn %g", n, k, inertia, answer[n + 1]);
  g_assert_true (inertia <= slack * answer[n + 1]);
  cyt_test_remove_tree (dir);
}

static void
test_reference (void)
{
  compare_with_sklearn ("1", 500, 5, "0.05", 1 + 1e-4);
  compare_with_sklearn ("2", 37, 1, "1", 1 + 1e-6);
  compare_with_sklearn ("3", 3000, 50, "0.3", 1.03);
}

static void
test_seed (void)
{
  const gsize n = 400;
  g_autofree double *points = g_new (double, 2 * n), *a = g_new (double, 20), *b = g_new (double, 20);
  g_autofree guint32 *labels = g_new (guint32, n), *again = g_new (guint32, n);
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  double inertia, inertia_again;

  for (gsize i = 0; i < 2 * n; i++)
    points[i] = g_rand_double (rand);
  g_assert_true (cyt_kmeans_run (points, n, 2, 10, 7, a, labels, &inertia, NULL, NULL));
  g_assert_true (cyt_kmeans_run (points, n, 2, 10, 7, b, again, &inertia_again, NULL, NULL));
  g_assert_cmpmem (a, 20 * sizeof *a, b, 20 * sizeof *b);
  g_assert_cmpmem (labels, n * sizeof *labels, again, n * sizeof *again);
}

/* Fewer different points than clusters: every cluster still has one. */
static void
test_duplicates (void)
{
  const double points[] = { 1, 1, 1, 1, 1, 1, 2, 2 };
  double centres[6], inertia;
  guint32 labels[4];
  guint n[3] = { 0 };

  g_assert_true (cyt_kmeans_run (points, 4, 2, 3, 1, centres, labels, &inertia, NULL, NULL));
  for (guint i = 0; i < 4; i++)
    n[labels[i]]++;
  g_assert_true (n[0] > 0 && n[1] > 0 && n[2] > 0);
  g_assert_true (inertia <= 1e-30);
}

static void
test_cancel (void)
{
  const double points[] = { 1, 2, 3, 4 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  double centres[4], inertia;
  guint32 labels[2];

  g_cancellable_cancel (cancellable);
  g_assert_false (cyt_kmeans_run (points, 2, 2, 2, 1, centres, labels, &inertia, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Four groups in the plane of the logarithms, and one latent that never fires: a batch of four has one of each. */
static void
test_batch (void)
{
  const double frequency[] = { 1e-4, 1e-1 }, mean[] = { 1e-5, 1e-2 };
  CytLatentRow rows[41] = { { 0 } };
  guint32 latents[41];
  g_autoptr (GArray) batch = NULL, again = NULL, all = NULL, none = NULL;
  guint seen = 0;

  for (guint i = 0; i < 41; i++)
    {
      rows[i].latent = i;
      latents[40 - i] = i;
      if (i == 40)
        continue;
      rows[i].n_active = 1;
      rows[i].frequency = frequency[i % 2] * (1 + 0.01 * (i / 4));
      rows[i].mean_act = mean[i / 2 % 2] * (1 + 0.01 * (i / 4));
    }
  batch = cyt_label_batch_sample (rows, latents, 41, 4, 3, NULL, NULL);
  g_assert_cmpuint (batch->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      guint32 latent = g_array_index (batch, guint32, i);

      seen |= 1u << latent % 4;
      /* The one nearest to the mean of ten is one of the middle ones. */
      g_assert_cmpuint (latent / 4, >=, 4);
      g_assert_cmpuint (latent / 4, <=, 5);
    }
  g_assert_cmpuint (seen, ==, 15);
  again = cyt_label_batch_sample (rows, latents, 41, 4, 3, NULL, NULL);
  g_assert_cmpmem (batch->data, 16, again->data, 16);
  all = cyt_label_batch_sample (rows, latents, 41, 50, 3, NULL, NULL);
  g_assert_cmpuint (all->len, ==, 40);
  g_assert_cmpuint (g_array_index (all, guint32, 0), ==, 0);
  none = cyt_label_batch_sample (rows, latents, 41, 0, 3, NULL, NULL);
  g_assert_cmpuint (none->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kmeans/reference", test_reference);
  g_test_add_func ("/kmeans/seed", test_seed);
  g_test_add_func ("/kmeans/duplicates", test_duplicates);
  g_test_add_func ("/kmeans/cancel", test_cancel);
  g_test_add_func ("/kmeans/batch", test_batch);
  return g_test_run ();
}
