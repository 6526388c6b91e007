/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-class-scores.h"
#include "analysis/cyt-decoder-map.h"
#include "io/cyt-error.h"
#include "io/cyt-hash.h"
#include "test-project-util.h"
#include "test-util.h"

#define N_BEST 4

typedef struct
{
  char *tmp;
  char *path;
  CytProject *project;
  gint64 dataset;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytImageList) list = cyt_test_make_image_list ("/cells", 90);
  g_autoptr (CytTestIndexer) indexer = NULL;
  g_autoptr (CytDataset) dataset = NULL;

  f->tmp = cyt_test_make_tmpdir ();
  f->path = g_build_filename (f->tmp, "p.cytosae", NULL);
  f->project = cyt_test_create_project (f->path, 200);
  dataset = cyt_project_add_dataset (f->project, "d", "", 0.2, 10, list, &error);
  g_assert_no_error (error);
  f->dataset = dataset->id;
  indexer = cyt_test_indexer_new (f->project, "d", 12);
  g_assert_true (cyt_test_indexer_commit (indexer, 90, &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_project_close (f->project);
  cyt_test_remove_tree (f->tmp);
  g_free (f->path);
  g_free (f->tmp);
}

/* Means, shares and picks against NumPy, from the tables. */
static void
test_class_scores (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytClassScores) scores = cyt_class_scores_compute (f->project, f->dataset, NULL, NULL, &error);
  g_autofree char *mean_path = g_build_filename (f->tmp, "mean.npy", NULL);
  g_autofree char *share_path = g_build_filename (f->tmp, "share.npy", NULL);
  g_autofree char *picks_path = g_build_filename (f->tmp, "picks.npy", NULL);
  g_autofree float *mean = NULL, *share = NULL, *expected = NULL;
  g_autoptr (GArray) picks = NULL;
  g_autofree guint8 *allowed = g_new0 (guint8, 200);
  CytTensorInfo info;

  g_assert_no_error (error);
  g_assert_cmpuint (scores->n_classes, ==, 3);
  cyt_test_run_reference ("class_scores.py", f->path, f->tmp, G_STRINGIFY (N_BEST), NULL);
  mean = cyt_test_load_npy (mean_path, &info);
  g_assert_cmpint (info.shape[0], ==, 3);
  g_assert_cmpint (info.shape[1], ==, 200);
  share = cyt_test_load_npy (share_path, &info);
  g_assert_true (cyt_test_max_rel (scores->mean, mean, 600, 1e-12) <= 1e-6);
  g_assert_true (cyt_test_max_rel (scores->share, share, 600, 1e-12) <= 1e-6);

  picks = cyt_class_scores_pick (scores, N_BEST, NULL);
  expected = cyt_test_load_npy (picks_path, &info);
  g_assert_cmpint (info.shape[0], ==, picks->len);
  g_assert_cmpuint (picks->len, >, N_BEST);
  for (guint i = 0; i < picks->len; i++)
    {
      const CytClassPick *pick = &g_array_index (picks, CytClassPick, i);

      g_assert_cmpuint (pick->class, ==, (guint) expected[3 * i]);
      g_assert_cmpuint (pick->latent, ==, (guint) expected[3 * i + 1]);
      g_assert_true (fabs (pick->selectivity - expected[3 * i + 2]) <= 1e-6);
    }

  /* Only the second one is allowed. */
  allowed[g_array_index (picks, CytClassPick, 1).latent] = 1;
  g_array_unref (g_steal_pointer (&picks));
  picks = cyt_class_scores_pick (scores, N_BEST, allowed);
  g_assert_cmpuint (picks->len, ==, 1);
}

static void
test_selectivity (void)
{
  float mean[] = { 3, 0, 0, 1, 0, 0.5f }, share[] = { 1, 0, 0, 1, 0, 0.05f };
  gsize n_cells[] = { 4, 100 };
  CytClassScores scores = { .n_classes = 2, .n_latents = 3, .n_cells = n_cells, .mean = mean, .share = share };
  g_autoptr (GArray) picks = cyt_class_scores_pick (&scores, 5, NULL);

  g_assert_true (cyt_class_scores_get_selectivity (&scores, 0, 0) == 0.75);
  g_assert_true (cyt_class_scores_get_selectivity (&scores, 1, 0) == 0.25);
  g_assert_true (isnan (cyt_class_scores_get_selectivity (&scores, 0, 1)));
  g_assert_true (cyt_class_scores_get_selectivity (&scores, 1, 2) == 1);
  /* The silent one and the one that fires on too few cells are left out. */
  g_assert_cmpuint (picks->len, ==, 1);
  g_assert_cmpuint (g_array_index (picks, CytClassPick, 0).latent, ==, 0);
}

static void
test_no_classes (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytImageList) list = cyt_test_make_image_list ("/cells", 5);
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_assert_null (cyt_class_scores_compute (f->project, f->dataset, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  for (guint i = 0; i < list->items->len; i++)
    g_clear_pointer (&((CytImageItem *) list->items->pdata[i])->label, g_free);
  dataset = cyt_project_add_dataset (f->project, "plain", "", 0.2, 10, list, &error);
  g_assert_no_error (error);
  g_assert_null (cyt_class_scores_compute (f->project, dataset->id, NULL, NULL, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY);
}

/* What is stored comes back; what was damaged is told. */
static void
test_store (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProjection) projection = cyt_projection_new ("pca", 200);
  g_autoptr (CytProjection) none = NULL;
  g_autoptr (CytProjection) stored = NULL;
  g_autoptr (CytProjection) again = NULL;

  for (guint i = 0; i < 400; i++)
    projection->xy[i] = i / 7.f;
  projection->share[0] = 0.25;
  g_assert_true (cyt_project_get_projection (f->project, "pca", &none, &error));
  g_assert_null (none);
  g_assert_true (cyt_project_set_projection (f->project, projection, &error));
  g_assert_no_error (error);
  g_assert_true (cyt_project_get_projection (f->project, "pca", &stored, &error));
  g_assert_cmpmem (stored->xy, 1600, projection->xy, 1600);
  g_assert_true (stored->share[0] == 0.25 && isnan (stored->share[1]));
  projection->xy[3] = 5;
  g_assert_true (cyt_project_set_projection (f->project, projection, &error));
  g_assert_true (cyt_project_get_projection (f->project, "pca", &again, &error));
  g_assert_true (again->xy[3] == 5);
}

static void
test_decoder_map (void)
{
  g_autofree char *folder = cyt_test_source ("data/models/pbc-tiny/sae");
  g_autofree char *weights = g_build_filename (folder, "sae_weights.safetensors", NULL);
  g_autofree char *tmp = cyt_test_make_tmpdir ();
  g_autofree char *expected_path = g_build_filename (tmp, "pca-coordinates.npy", NULL);
  g_autofree char *sha256 = NULL;
  g_autofree float *expected = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProjection) map = NULL;
  CytTensorInfo info;

  sha256 = cyt_hash_path (folder, NULL, &error);
  cyt_test_run_reference ("pca.py", weights, tmp, NULL);
  expected = cyt_test_load_npy (expected_path, &info);
  map = cyt_decoder_map_compute (folder, sha256, info.shape[0], CYT_DECODER_MAP_PCA, NULL, &error);
  g_assert_no_error (error);
  for (gint64 i = 0; i < info.shape[0]; i++)
    for (guint c = 0; c < 2; c++)
      g_assert_true (fabsf (map->xy[2 * i + c] - expected[5 * i + c]) <= 1e-4f);
  g_assert_true (map->share[0] >= map->share[1] && map->share[1] > 0 && map->share[0] < 1);

  g_assert_null (cyt_decoder_map_compute (folder, sha256, 7, CYT_DECODER_MAP_PCA, NULL, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH);
  g_clear_error (&error);
  g_assert_null (cyt_decoder_map_compute (folder, "0000", info.shape[0], CYT_DECODER_MAP_PCA, NULL, &error));
  g_assert_error (error, CYT_MODELS_ERROR, CYT_MODELS_ERROR_SAE_CHANGED);
  g_clear_error (&error);
  g_assert_null (cyt_decoder_map_compute ("/nowhere", "0000", info.shape[0], CYT_DECODER_MAP_PCA, NULL, &error));
  g_assert_error (error, CYT_MODELS_ERROR, CYT_MODELS_ERROR_SAE_MISSING);
  cyt_test_remove_tree (tmp);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/maps/class-scores", Fixture, NULL, set_up, test_class_scores, tear_down);
  g_test_add_func ("/maps/selectivity", test_selectivity);
  g_test_add ("/maps/no-classes", Fixture, NULL, set_up, test_no_classes, tear_down);
  g_test_add ("/maps/store", Fixture, NULL, set_up, test_store, tear_down);
  g_test_add_func ("/maps/decoder", test_decoder_map);
  return g_test_run ();
}
