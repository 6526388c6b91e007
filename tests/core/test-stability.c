/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-assignment.h"
#include "analysis/cyt-sae-stability.h"
#include "io/cyt-error.h"
#include "test-util.h"

static float *
load (const char *dir, const char *name, CytTensorInfo *info)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  return cyt_test_load_npy (path, info);
}

/* ---- The assignment ---- */

static double
sum_values (const float *values, gsize n_rows, gsize n_columns, const guint32 *columns)
{
  double sum = 0;

  for (gsize i = 0; i < n_rows; i++)
    sum += values[i * n_columns + columns[i]];
  return sum;
}

typedef struct
{
  const float *values;
  gsize n_columns;
  guint n_read;
} Matrix;

static void
read_matrix (gsize row, float *out, gpointer data)
{
  Matrix *matrix = data;

  memcpy (out, matrix->values + row * matrix->n_columns, matrix->n_columns * sizeof *out);
  matrix->n_read++;
}

/* With so many values of each row listed; returns how many rows were read. */
static guint
solve (const float *values, gsize n_rows, gsize n_columns, gsize n_listed, guint32 *columns)
{
  g_autofree CytAssignmentEntry *listed = g_new (CytAssignmentEntry, n_rows * n_listed);
  g_autofree CytAssignmentEntry *scratch = g_new (CytAssignmentEntry, n_columns);
  Matrix matrix = { values, n_columns, 0 };
  CytAssignmentProblem problem = { n_rows, n_columns, n_listed, listed, read_matrix, &matrix };
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < n_rows; i++)
    {
      const CytAssignmentEntry *row = listed + i * n_listed;
      gsize n_above = 0;

      cyt_assignment_list_row (listed + i * n_listed, values + i * n_columns, n_columns, n_listed, scratch);
      for (gsize k = 0; k < n_listed; k++)
        {
          g_assert_true (row[k].value == values[i * n_columns + row[k].column]);
          g_assert_true (k == 0 || row[k - 1].value > row[k].value
                         || (row[k - 1].value == row[k].value && row[k - 1].column < row[k].column));
        }
      for (gsize j = 0; j < n_columns; j++)
        n_above += values[i * n_columns + j] > row[n_listed - 1].value;
      g_assert_cmpuint (n_above, <, n_listed);
    }
  g_assert_true (cyt_assignment_solve (&problem, columns, NULL, NULL, &error));
  g_assert_no_error (error);
  return matrix.n_read;
}

/* @unique: whether there is but one best assignment. However few values are listed, it is the same. */
static void
compare_with_scipy (const char *dir, const char *name, gboolean unique)
{
  g_autofree char *file = g_strconcat (name, ".npy", NULL), *answer_file = g_strconcat (name, ".columns.npy", NULL);
  CytTensorInfo info, answer_info;
  g_autofree float *values = load (dir, file, &info), *answer = load (dir, answer_file, &answer_info);
  gsize n_rows = info.shape[0], n_columns = info.shape[1];
  g_autofree guint32 *columns = g_new (guint32, n_rows), *expected = g_new (guint32, n_rows);
  g_autofree gboolean *taken = g_new0 (gboolean, n_columns);
  double best;

  for (gsize i = 0; i < n_rows; i++)
    expected[i] = (guint32) answer[i];
  best = sum_values (values, n_rows, n_columns, expected);
  for (gsize n_listed = n_columns; n_listed > 0; n_listed = n_listed == 1 ? 0 : MAX (1, n_listed / 5))
    {
      guint n_read = solve (values, n_rows, n_columns, n_listed, columns);
      double sum = sum_values (values, n_rows, n_columns, columns);

      memset (taken, 0, n_columns * sizeof *taken);
      for (gsize i = 0; i < n_rows; i++)
        {
          g_assert_cmpuint (columns[i], <, n_columns);
          g_assert_false (taken[columns[i]]);
          taken[columns[i]] = TRUE;
          if (unique)
            g_assert_cmpuint (columns[i], ==, expected[i]);
        }
      g_test_message ("%s, %zu listed: %g, SciPy %g, %u rows read", name, n_listed, sum, best, n_read);
      g_assert_true (fabs (sum - best) <= 1e-10 * (1 + fabs (best)));
      g_assert_true (n_listed < n_columns || n_read == 0);
      g_assert_true (n_listed > 1 || n_rows == 1 || n_read > 0 || g_str_equal (name, "itself"));
    }
}

static void
test_assignment (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();

  cyt_test_run_reference ("stability.py", "assignment", dir, NULL);
  compare_with_scipy (dir, "random", TRUE);
  compare_with_scipy (dir, "square", TRUE);
  compare_with_scipy (dir, "ties", FALSE);
  compare_with_scipy (dir, "constant", FALSE);
  compare_with_scipy (dir, "one", TRUE);
  compare_with_scipy (dir, "row", TRUE);
  compare_with_scipy (dir, "product", FALSE);
  compare_with_scipy (dir, "itself", TRUE);
  cyt_test_remove_tree (dir);
}

static void
test_cancelled (void)
{
  const CytAssignmentEntry entry = { 0, 1 };
  const CytAssignmentProblem problem = { 1, 1, 1, &entry, NULL, NULL };
  guint32 column;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (cyt_assignment_solve (&problem, &column, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* ---- Two SAEs ---- */

typedef struct
{
  char *dir;
  CytSaeDecoder *a, *b;
  guint8 *alive_a, *alive_b;
} Fixture;

static CytSaeDecoder *
open_decoder (const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autoptr (GError) error = NULL;
  CytSaeDecoder *decoder = cyt_sae_decoder_open (path, &error);

  g_assert_no_error (error);
  return decoder;
}

static guint8 *
load_alive (const char *dir, const char *name)
{
  CytTensorInfo info;
  g_autofree float *values = load (dir, name, &info);
  guint8 *alive = g_new (guint8, info.n_elements);

  for (gsize i = 0; i < info.n_elements; i++)
    alive[i] = values[i] != 0;
  return alive;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->dir = cyt_test_make_tmpdir ();
  cyt_test_run_reference ("stability.py", "saes", f->dir, NULL);
  f->a = open_decoder (f->dir, "a");
  f->b = open_decoder (f->dir, "b");
  f->alive_a = load_alive (f->dir, "alive_a.npy");
  f->alive_b = load_alive (f->dir, "alive_b.npy");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_sae_decoder_close (f->a);
  cyt_sae_decoder_close (f->b);
  g_free (f->alive_a);
  g_free (f->alive_b);
  cyt_test_remove_tree (f->dir);
  g_free (f->dir);
}

/* The same from either side. */
static void
test_reference (Fixture *f, gconstpointer data)
{
  CytTensorInfo info, answer_info;
  g_autofree float *pairs = load (f->dir, "pairs.npy", &info), *answer = load (f->dir, "answer.npy", &answer_info);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytSaeStability) got = cyt_sae_stability_compute (f->a, f->alive_a, f->b, f->alive_b, NULL, NULL, &error);
  g_autoptr (CytSaeStability) other = cyt_sae_stability_compute (f->b, f->alive_b, f->a, f->alive_a, NULL, NULL, &error);
  double sum = 0;

  g_assert_no_error (error);
  g_assert_cmpuint (got->n_alive_a, ==, 115);
  g_assert_cmpuint (got->n_alive_b, ==, 146);
  g_assert_cmpuint (got->n_pairs, ==, info.shape[0]);
  g_assert_cmpuint (got->rows->len, ==, 146);
  g_assert_true (fabs (got->mean_cosine - answer[0]) <= 1e-6);
  g_assert_true (fabs (got->mmcs_a - answer[1]) <= 1e-6);
  g_assert_true (fabs (got->mmcs_b - answer[2]) <= 1e-6);
  g_assert_cmpuint (got->n_same, ==, (gsize) answer[3]);
  g_assert_true (got->n_same > 0 && got->n_same < got->n_pairs);
  for (guint i = 0; i < got->rows->len; i++)
    {
      const CytSaeStabilityRow *row = &g_array_index (got->rows, CytSaeStabilityRow, i);

      g_assert_true (row->nearest_a_cosine >= -1 && row->nearest_a_cosine <= 1);
      sum += row->nearest_a_cosine / 146;
      if (i >= got->n_pairs)
        {
          g_assert_cmpuint (row->a, ==, CYT_SAE_STABILITY_NONE);
          g_assert_cmpuint (row->nearest_b, ==, CYT_SAE_STABILITY_NONE);
          g_assert_true (isnan (row->cosine) && isnan (row->nearest_b_cosine));
          continue;
        }
      g_assert_cmpuint (row->a, ==, (guint32) pairs[3 * i]);
      g_assert_cmpuint (row->b, ==, (guint32) pairs[3 * i + 1]);
      g_assert_true (fabs (row->cosine - pairs[3 * i + 2]) <= 1e-6);
      g_assert_true (row->nearest_b_cosine >= row->cosine && row->nearest_a_cosine >= row->cosine);
    }
  g_assert_true (fabs (sum - got->mmcs_b) <= 1e-9);

  g_assert_cmpuint (other->n_pairs, ==, got->n_pairs);
  g_assert_cmpuint (other->n_same, ==, got->n_same);
  g_assert_true (fabs (other->mean_cosine - got->mean_cosine) <= 1e-6);
  g_assert_true (fabs (other->mmcs_a - got->mmcs_b) <= 1e-6 && fabs (other->mmcs_b - got->mmcs_a) <= 1e-6);
  g_assert_cmpuint (g_array_index (other->rows, CytSaeStabilityRow, 0).a, !=, CYT_SAE_STABILITY_NONE);
}

/* With itself: every latent its own partner; one alive latent; every latent, if nobody knows better. */
static void
test_extremes (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytSaeStability) itself = cyt_sae_stability_compute (f->a, NULL, f->a, NULL, NULL, NULL, &error);
  g_autofree guint8 *only = g_new0 (guint8, 120);
  g_autoptr (CytSaeStability) one = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (itself->n_pairs, ==, 118); /* two have no direction */
  g_assert_cmpuint (itself->n_same, ==, 118);
  g_assert_true (fabs (itself->mean_cosine - 1) <= 1e-6 && fabs (itself->mmcs_a - 1) <= 1e-6);
  for (guint i = 0; i < itself->rows->len; i++)
    g_assert_cmpuint (g_array_index (itself->rows, CytSaeStabilityRow, i).a, ==,
                      g_array_index (itself->rows, CytSaeStabilityRow, i).b);

  only[11] = 1;
  one = cyt_sae_stability_compute (f->a, only, f->a, only, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (one->n_pairs, ==, 1);
  g_assert_cmpuint (g_array_index (one->rows, CytSaeStabilityRow, 0).a, ==, 11);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *none = g_new0 (guint8, 150);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (cyt_sae_stability_compute (f->a, f->alive_a, f->b, none, NULL, NULL, &error));
  g_assert_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH);
  g_clear_error (&error);
  none[149] = 1; /* it has no direction */
  g_assert_null (cyt_sae_stability_compute (f->a, f->alive_a, f->b, none, NULL, NULL, &error));
  g_assert_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH);
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  g_assert_null (cyt_sae_stability_compute (f->a, f->alive_a, f->b, f->alive_b, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stability/assignment", test_assignment);
  g_test_add_func ("/stability/cancelled", test_cancelled);
#define ADD(name, func) g_test_add ("/stability/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("reference", test_reference);
  ADD ("extremes", test_extremes);
  ADD ("refused", test_refused);
  return g_test_run ();
}
