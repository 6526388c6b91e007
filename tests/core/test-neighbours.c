/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-activation.h"
#include "analysis/cyt-neighbours.h"
#include "io/cyt-error.h"
#include "test-project-util.h"
#include "test-util.h"

/* Against tests/ref/neighbours.py, which reads what is stored by cell. */

#define D_SAE 200
#define N_ACTIVE 30
#define N_CELLS 300
#define N_PICKS 6
#define N_BINS 12

static const guint latents[] = { 17, 100, 3 };

typedef struct
{
  char *folder;
  char *path;
  CytProject *project;
  gint64 dataset;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (CytImageList) list = cyt_test_make_image_list ("/data", N_CELLS);
  g_autoptr (CytImageList) small = cyt_test_make_image_list ("/small", 3);
  g_autoptr (CytTestIndexer) indexer = NULL;
  g_autoptr (GError) error = NULL;

  f->folder = cyt_test_make_tmpdir ();
  f->path = g_build_filename (f->folder, "p.cytosae", NULL);
  f->project = cyt_test_create_project (f->path, D_SAE);
  cyt_dataset_free (cyt_project_add_dataset (f->project, "small", "", 0.2, 5, small, &error));
  cyt_dataset_free (cyt_project_add_dataset (f->project, "cells", "", 0.2, 5, list, &error));
  g_assert_no_error (error);
  indexer = cyt_test_indexer_new (f->project, "cells", N_ACTIVE);
  g_assert_true (cyt_test_indexer_commit (indexer, N_CELLS, &error));
  f->dataset = indexer->dataset->id;
  g_assert_true (cyt_project_finish_index (f->project, f->dataset, NULL, &error));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_project_close (f->project);
  cyt_test_remove_tree (f->folder);
  g_free (f->folder);
  g_free (f->path);
}

static float *
run_reference (Fixture *f, guint latent, const char *what, CytTensorInfo *info)
{
  g_autofree char *number = g_strdup_printf ("%u", latent);
  g_autofree char *prefix = g_build_filename (f->folder, number, NULL);
  g_autofree char *path = g_strdup_printf ("%s.%s.npy", prefix, what);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    cyt_test_run_reference ("neighbours.py", f->path, "cells", number, prefix, NULL);
  return cyt_test_load_npy (path, info);
}

static void
check_cells (Fixture *f, guint latent)
{
  static const double percentiles[] = { 100, 75, 50, 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CytLatentCells) cells = cyt_project_get_latent_cells (f->project, f->dataset, latent, &error);
  g_autoptr (CytHistogram) histogram = cyt_histogram_new (cells, N_BINS);
  g_autoptr (GArray) classes = cyt_project_load_classes (f->project, f->dataset, &error);
  CytTensorInfo info;
  g_autofree float *picks = run_reference (f, latent, "picks", &info);
  g_autofree float *counts = run_reference (f, latent, "counts", &info);
  g_autofree float *edges = run_reference (f, latent, "edges", &info);
  g_autofree float *profile = run_reference (f, latent, "profile", &info);
  CytClassActivation got[3];

  g_assert_no_error (error);
  g_assert_cmpuint (cells->n, >, N_PICKS);
  for (guint p = 0; p < G_N_ELEMENTS (percentiles); p++)
    {
      gsize indices[N_PICKS];

      g_assert_cmpuint (cyt_activation_pick (cells, percentiles[p], N_PICKS, indices), ==, N_PICKS);
      for (guint i = 0; i < N_PICKS; i++)
        g_assert_cmpuint (cells->position[indices[i]], ==, (guint) picks[p * N_PICKS + i]);
    }
  g_assert_cmpuint (histogram->n_bins, ==, N_BINS);
  for (guint b = 0; b < N_BINS; b++)
    {
      g_assert_cmpuint (histogram->counts[b], ==, (guint) counts[b]);
      g_assert_true (fabs (cyt_histogram_get_edge (histogram, b) / edges[b] - 1) <= 1e-6);
    }
  g_assert_cmpuint (classes->len, ==, N_CELLS);
  g_assert_cmpuint (info.shape[0], ==, 3);
  cyt_activation_profile (cells, (const gint32 *) (gpointer) classes->data, classes->len, 3, got);
  for (guint c = 0; c < 3; c++)
    {
      g_assert_cmpuint (got[c].n_cells, ==, (guint) profile[3 * c]);
      g_assert_cmpuint (got[c].n_active, ==, (guint) profile[3 * c + 1]);
      g_assert_true (fabs (got[c].mean - profile[3 * c + 2]) <= 1e-6 * profile[3 * c + 2]);
    }
}

static void
test_cells_of_latent (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (latents); i++)
    check_cells (f, latents[i]);
}

static CytLatentCells *
make_cells (gsize n, const float *scores)
{
  CytLatentCells *cells = g_new0 (CytLatentCells, 1);

  cells->n = n;
  cells->position = g_new (guint32, n);
  cells->score = g_memdup2 (scores, n * sizeof *scores);
  cells->count = g_new0 (guint16, n);
  for (gsize i = 0; i < n; i++)
    cells->position[i] = 10 * i;
  return cells;
}

/* None, one, all alike, fewer than asked for. */
static void
test_few (Fixture *f, gconstpointer data)
{
  const float alike[] = { 2, 2, 2, 2, 2 };
  const float some[] = { 1, 3, 2 };
  g_autoptr (CytLatentCells) none = make_cells (0, alike);
  g_autoptr (CytLatentCells) equal = make_cells (5, alike);
  g_autoptr (CytLatentCells) three = make_cells (3, some);
  g_autoptr (CytHistogram) empty = cyt_histogram_new (none, 4);
  g_autoptr (CytHistogram) single = cyt_histogram_new (equal, 4);
  CytClassActivation profile[2];
  const gint32 classes[] = { 0, -1, 0 };
  gsize indices[8];

  g_assert_cmpuint (cyt_activation_pick (none, 50, 4, indices), ==, 0);
  g_assert_cmpuint (cyt_activation_pick (three, 50, 0, indices), ==, 0);
  g_assert_cmpuint (cyt_activation_pick (three, 0, 8, indices), ==, 3);
  g_assert_true (indices[0] == 1 && indices[1] == 2 && indices[2] == 0);
  g_assert_cmpuint (cyt_activation_pick (three, 50, 1, indices), ==, 1);
  g_assert_cmpuint (indices[0], ==, 2);
  g_assert_cmpuint (cyt_activation_pick (equal, 0, 2, indices), ==, 2);
  g_assert_true (indices[0] == 3 && indices[1] == 4);
  g_assert_cmpuint (empty->counts[0], ==, 0);
  g_assert_cmpuint (single->n_bins, ==, 1);
  g_assert_cmpuint (single->counts[0], ==, 5);
  g_assert_true (cyt_histogram_get_edge (single, 0) == 2 && cyt_histogram_get_edge (single, 1) == 2);
  cyt_activation_profile (none, classes, 3, 2, profile);
  g_assert_cmpuint (profile[0].n_cells, ==, 2);
  g_assert_true (profile[0].mean == 0);
  g_assert_true (isnan (profile[1].mean));
}

static void
test_coactive (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (latents); i++)
    {
      g_autoptr (GError) error = NULL;
      CytTensorInfo info;
      g_autofree float *expected = run_reference (f, latents[i], "latents", &info);
      g_autoptr (GArray) got = cyt_neighbours_find_coactive (f->project, f->dataset, latents[i], 12, NULL, &error);
      guint n_better = 0;
      float last;

      g_assert_no_error (error);
      g_assert_cmpuint (got->len, ==, 12);
      last = g_array_index (got, CytRankedLatent, 11).value;
      for (guint j = 0; j < got->len; j++)
        {
          CytRankedLatent entry = g_array_index (got, CytRankedLatent, j);

          g_assert_cmpuint (entry.latent, !=, latents[i]);
          g_assert_true (fabs (entry.value - expected[entry.latent]) <= 1e-6);
          g_assert_true (j == 0 || entry.value <= g_array_index (got, CytRankedLatent, j - 1).value);
        }
      for (guint k = 0; k < D_SAE; k++)
        n_better += k != latents[i] && expected[k] > last + 1e-6;
      g_assert_cmpuint (n_better, <, 12);
    }
}

static void
test_cells (Fixture *f, gconstpointer data)
{
  CytTensorInfo info;
  g_autofree float *expected = run_reference (f, latents[0], "cells", &info);
  CytCellLatents own;

  cyt_cell_latents_init (&own);
  for (guint i = 0; i < N_CELLS; i += 31)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GArray) got = NULL;
      guint n_better = 0;

      if (!cyt_project_get_cell_latents (f->project, 4 + i, &own, &error))
        continue; /* unreadable */
      got = cyt_neighbours_find_cells (f->project, f->dataset, &own, 4 + i, 9, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (got->len, ==, 9);
      for (guint j = 0; j < got->len; j++)
        {
          CytSimilarCell cell = g_array_index (got, CytSimilarCell, j);

          g_assert_cmpint (cell.cell, !=, 4 + i);
          g_assert_true (fabs (cell.cosine - expected[i * N_CELLS + (gsize) (cell.cell - 4)]) <= 1e-6);
          g_assert_true (j == 0 || cell.cosine <= g_array_index (got, CytSimilarCell, j - 1).cosine);
        }
      for (guint j = 0; j < N_CELLS; j++)
        n_better += j != i && expected[i * N_CELLS + j] > g_array_index (got, CytSimilarCell, 8).cosine + 1e-6;
      g_assert_cmpuint (n_better, <, 9);
    }
  cyt_cell_latents_clear (&own);
}

static void
test_directions (Fixture *f, gconstpointer data)
{
  g_autofree char *sae = cyt_test_source ("data/models/pbc-tiny/sae");
  g_autofree char *weights = g_build_filename (sae, "sae_weights.safetensors", NULL);
  g_autofree char *prefix = g_build_filename (f->folder, "sae", NULL);
  g_autofree char *path = g_strconcat (prefix, ".directions.npy", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytSaeDecoder) decoder = cyt_sae_decoder_open (sae, &error);
  g_autoptr (GArray) got = NULL;
  g_autofree float *expected = NULL;
  CytTensorInfo info;
  guint n_better = 0;

  g_assert_no_error (error);
  cyt_test_run_reference ("neighbours.py", weights, "1883", prefix, NULL);
  expected = cyt_test_load_npy (path, &info);
  got = cyt_neighbours_find_directions (decoder, 1883, 12, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (got->len, ==, 12);
  for (guint j = 0; j < got->len; j++)
    {
      CytRankedLatent entry = g_array_index (got, CytRankedLatent, j);

      g_assert_cmpuint (entry.latent, !=, 1883);
      g_assert_true (fabs (entry.value - expected[entry.latent]) <= 1e-5);
    }
  for (guint k = 0; k < info.shape[0]; k++)
    n_better += k != 1883 && expected[k] > g_array_index (got, CytRankedLatent, 11).value + 1e-5;
  g_assert_cmpuint (n_better, <, 12);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (cyt_neighbours_find_coactive (f->project, 1, 0, 5, NULL, &error)); /* not indexed */
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (cyt_neighbours_find_coactive (f->project, f->dataset, D_SAE, 5, NULL, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  g_assert_null (cyt_neighbours_find_coactive (f->project, f->dataset, 17, 5, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/neighbours/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("cells-of-latent", test_cells_of_latent);
  ADD ("few", test_few);
  ADD ("coactive", test_coactive);
  ADD ("cells", test_cells);
  ADD ("directions", test_directions);
  ADD ("refused", test_refused);
  return g_test_run ();
}
