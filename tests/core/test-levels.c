/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every threshold at once: the levels of activation, beside counting at one threshold and beside NumPy. */
#include "config.h"

#include <float.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>

#include "analysis/cyt-level-barcodes.h"
#include "analysis/cyt-patients.h"
#include "io/cyt-error.h"
#include "project/cyt-demo.h"
#include "project/cyt-recount.h"
#include "test-util.h"

#define N_CELLS 40
#define N_PATIENTS 10

static char *dir, *by_level, *counted; /* two copies of a small cohort */
static CytModels *models;

static const double thresholds[] = { 0, 0.01, 0.2, 0.55, 1, 1.1, 10, 75 };

static void
make_cohort (void)
{
  const CytDemoOptions small = { .n_cells = N_CELLS, .n_patients = N_PATIENTS };
  g_autofree char *encoder = cyt_test_source ("data/models/pbc-tiny/encoder.safetensors");
  g_autofree char *sae = cyt_test_source ("data/models/pbc-tiny/sae");
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  dir = cyt_test_make_tmpdir ();
  by_level = cyt_demo_dup_project_path (dir);
  counted = g_build_filename (dir, "counted.cytosae", NULL);
  cyt_demo_run (dir, &small, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (by_level, &content, &size, &error));
  g_assert_true (g_file_set_contents (counted, content, size, &error));
  models = cyt_models_load (encoder, sae, NULL, &error);
  g_assert_no_error (error);
}

static CytDataset *
open_dataset (const char *path, CytProject **project)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) datasets = NULL;

  *project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  datasets = cyt_project_list_datasets (*project, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (datasets->len, ==, 1);
  return g_ptr_array_steal_index (datasets, 0);
}

/* ---- The scale ---- */

static void
test_scale (void)
{
  for (guint l = 0; l < CYT_N_LEVELS; l++)
    {
      double t = cyt_level_get_threshold (l);
      float f = (float) t;
      char digits[G_ASCII_DTOSTR_BUF_SIZE];

      /* what is typed with two digits is the very same number */
      g_ascii_formatd (digits, sizeof digits, l <= 100 ? "%.2f" : "%.1f", t);
      g_assert_true (g_ascii_strtod (digits, NULL) == t);
      g_assert_cmpint (cyt_level_find (t), ==, l);
      g_assert_cmpuint (cyt_level_find_nearest (t), ==, l);
      g_assert_true (l == 0 || t > cyt_level_get_threshold (l - 1));
      /* just above it, and not above it */
      g_assert_cmpuint (cyt_level_of (nextafterf (f, INFINITY)), ==, l);
      if (l > 0)
        g_assert_cmpuint (cyt_level_of (f), ==, l - 1);
    }
  g_assert_cmpuint (cyt_level_of (FLT_MAX), ==, CYT_N_LEVELS - 1);
  g_assert_cmpint (cyt_level_find (0.205), ==, -1);
  g_assert_cmpint (cyt_level_find (-1), ==, -1);
  g_assert_cmpint (cyt_level_find (76), ==, -1);
  g_assert_cmpint (cyt_level_find (NAN), ==, -1);
  g_assert_cmpint (cyt_level_find (INFINITY), ==, -1);
  g_assert_cmpuint (cyt_level_find_nearest (1000), ==, CYT_N_LEVELS - 1);
}

/* ---- The pass ---- */

/* Cancels after some cells. */
static gpointer
cancel_thread (gpointer data)
{
  gpointer *both = data;
  CytProgressState state = { 0 };

  for (guint i = 0; i < 100000 && state.n_done < 5; i++)
    {
      cyt_progress_get (both[0], &state);
      g_usleep (100);
    }
  g_cancellable_cancel (both[1]);
  return NULL;
}

static void
test_fill (void)
{
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = open_dataset (by_level, &project);
  g_autoptr (CytProgress) progress = cyt_progress_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (CytLevelBarcodes) early = NULL;
  g_autoptr (GError) error = NULL;
  gpointer both[] = { progress, cancellable };
  GThread *thread;
  gboolean has = TRUE;
  gsize n_done;

  g_assert_true (cyt_project_has_levels (project, dataset->id, &has, &error) && !has);
  early = cyt_level_barcodes_new (project, dataset->id, NULL, &error);
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "0 of 40 cells"));
  g_clear_error (&error);
  g_assert_true (cyt_project_has_threshold (project, dataset->id, 0.55, &has, &error) && !has);

  thread = g_thread_new ("cancel", cancel_thread, both);
  g_assert_false (cyt_recount_run_levels (by_level, models, dataset->name, 1, progress, cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_true (cyt_project_count_level_cells (project, dataset->id, &n_done, &error));
  g_assert_cmpuint (n_done, >=, 5);
  g_assert_cmpuint (n_done, <, N_CELLS);
  g_assert_true (cyt_project_has_levels (project, dataset->id, &has, &error) && !has);
  early = cyt_level_barcodes_new (project, dataset->id, NULL, &error);
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);

  /* it goes on there */
  g_assert_true (cyt_recount_run_levels (by_level, models, dataset->name, 2, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (cyt_project_has_levels (project, dataset->id, &has, &error) && has);
  g_assert_true (cyt_project_has_threshold (project, dataset->id, 0.55, &has, &error) && has);
  g_assert_true (cyt_project_has_threshold (project, dataset->id, 0.555, &has, &error) && !has);
  g_assert_true (cyt_recount_run_levels (by_level, models, dataset->name, 2, NULL, NULL, &error));
}

/* ---- The numbers ---- */

static void
assert_same (const CytBarcodes *a, const CytBarcodes *b)
{
  g_assert_cmpuint (a->rows->len, ==, b->rows->len);
  g_assert_cmpuint (a->n_latents, ==, b->n_latents);
  g_assert_true (memcmp (a->latents, b->latents, a->n_latents * sizeof *a->latents) == 0);
  g_assert_true (a->threshold == b->threshold && a->by == b->by && a->norm == b->norm && a->d_sae == b->d_sae);
  g_assert_cmpuint (a->n_left_out, ==, b->n_left_out);
  for (guint i = 0; i < a->rows->len; i++)
    {
      const CytBarcode *x = cyt_barcodes_get_row (a, i), *y = cyt_barcodes_get_row (b, i);

      g_assert_cmpstr (x->name, ==, y->name);
      g_assert_cmpstr (x->disease, ==, y->disease);
      g_assert_cmpstr (x->other_disease, ==, y->other_disease);
      g_assert_cmpuint (x->n_cells, ==, y->n_cells);
      g_assert_cmpuint (x->n_patients, ==, y->n_patients);
      for (gsize k = 0; k < a->n_latents; k++)
        g_assert_true (x->values[k] == y->values[k]);
    }
}

static CytBarcodes *
compute (CytProject *project, const CytBarcodesOptions *options)
{
  g_autoptr (GError) error = NULL;
  CytBarcodes *barcodes = cyt_barcodes_compute (project, options, NULL, &error);

  g_assert_no_error (error);
  return barcodes;
}

/* In memory, from the table, counted by the encoder at just this threshold, and by NumPy from those counts. */
static void
test_barcodes (void)
{
  g_autoptr (CytProject) project = NULL, other = NULL;
  g_autoptr (CytDataset) dataset = open_dataset (by_level, &project), other_dataset = open_dataset (counted, &other);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytLevelBarcodes) levels = cyt_level_barcodes_new (project, dataset->id, NULL, &error);
  double last = INFINITY;

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (thresholds); i++)
    {
      CytBarcodesOptions options = CYT_BARCODES_OPTIONS_INIT;
      g_autoptr (CytBarcodes) live = NULL, scanned = NULL, expected = NULL;
      g_autofree char *text = g_strdup_printf ("%g", thresholds[i]), *prefix = g_build_filename (dir, "reference", NULL);
      g_autofree char *file = g_strconcat (prefix, ".npy", NULL);
      double sum = 0;

      options.dataset = dataset->id;
      options.threshold = thresholds[i];
      live = cyt_level_barcodes_get (levels, project, (guint) cyt_level_find (thresholds[i]), FALSE, &error);
      g_assert_no_error (error);
      scanned = compute (project, &options);
      g_assert_true (cyt_recount_run (counted, models, other_dataset->name, thresholds[i], 2, NULL, NULL, &error));
      expected = compute (other, &options);
      assert_same (live, expected);
      assert_same (scanned, expected);
      cyt_test_run_reference ("barcodes.py", counted, "patient", "per-image", thresholds[i] == 0.2 ? "index" : text, prefix, NULL);
      {
        CytTensorInfo info;
        g_autofree float *values = cyt_test_load_npy (file, &info);

        g_assert_cmpint (info.shape[0], ==, live->rows->len);
        for (guint r = 0; r < live->rows->len; r++)
          for (gsize k = 0; k < live->n_latents; k++)
            {
              g_assert_true ((float) cyt_barcodes_get_row (live, r)->values[k] == values[r * live->n_latents + k]);
              sum += cyt_barcodes_get_row (live, r)->values[k];
            }
      }
      g_assert_true (sum <= last && (sum > 0 || thresholds[i] > 10));
      last = sum;
    }
}

static void
test_skip_marked (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) writer = cyt_project_open (by_level, CYT_PROJECT_READ_WRITE, &error), project = NULL;
  g_autoptr (CytDataset) dataset = open_dataset (by_level, &project);
  g_autoptr (CytLevelBarcodes) levels = cyt_level_barcodes_new (project, dataset->id, NULL, &error);
  g_autoptr (CytBarcodes) all = NULL, some = NULL, expected = NULL;
  CytBarcodesOptions options = CYT_BARCODES_OPTIONS_INIT;
  CytConcept concept = { .latent = 9, .name = (char *) "", .category = (char *) "", .tags = (char *) "", .note = (char *) "",
                         .rater = (char *) "", .status = CYT_CONCEPT_ARTEFACT };
  g_autoptr (GPtrArray) concepts = g_ptr_array_new ();

  g_assert_no_error (error);
  g_ptr_array_add (concepts, &concept);
  g_assert_true (cyt_project_set_concepts (writer, concepts, "R", "test", NULL, &error));
  g_assert_no_error (error);
  options.threshold = 0.55;
  options.skip_marked = TRUE;
  all = cyt_level_barcodes_get (levels, project, 55, FALSE, &error);
  some = cyt_level_barcodes_get (levels, project, 55, TRUE, &error);
  g_assert_cmpuint (some->n_latents, ==, all->n_latents - 1);
  expected = compute (project, &options);
  assert_same (some, expected);
}

/* What else counts tokens counts them at any level's threshold, too. */
static void
test_bootstrap (void)
{
  g_autoptr (CytProject) project = NULL, other = NULL;
  g_autoptr (CytDataset) dataset = open_dataset (by_level, &project), other_dataset = open_dataset (counted, &other);
  CytBarcodesOptions options = CYT_BARCODES_OPTIONS_INIT;
  g_autoptr (CytBarcodes) barcodes = compute (project, &options);
  const char *patient = cyt_barcodes_get_row (barcodes, 0)->name;
  g_autoptr (CytStability) ours = NULL, expected = NULL;
  g_autoptr (GError) error = NULL;

  options.threshold = 0.55; /* counted above */
  ours = cyt_patients_bootstrap (project, &options, patient, 3, NULL, &error);
  expected = cyt_patients_bootstrap (other, &options, patient, 3, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ours->points->len, ==, expected->points->len);
  g_assert_true (memcmp (ours->points->data, expected->points->data, ours->points->len * sizeof (CytStabilityPoint)) == 0);
}

/* ---- Bad files ---- */

static void
damage (const char *sql)
{
  sqlite3 *db = NULL;
  char *message = NULL;

  g_assert_cmpint (sqlite3_open (by_level, &db), ==, SQLITE_OK);
  sqlite3_exec (db, sql, NULL, NULL, &message);
  g_assert_null (message);
  sqlite3_close (db);
}

static void
assert_corrupt (const char *sql)
{
  g_autofree char *content = NULL;
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytLevelBarcodes) levels = NULL;
  g_autoptr (CytBarcodes) barcodes = NULL;
  g_autoptr (GError) error = NULL;
  CytBarcodesOptions options = CYT_BARCODES_OPTIONS_INIT;
  gsize size;

  g_assert_true (g_file_get_contents (by_level, &content, &size, &error));
  damage (sql);
  project = cyt_project_open (by_level, CYT_PROJECT_READ_ONLY, &error);
  if (project != NULL)
    {
      levels = cyt_level_barcodes_new (project, 1, NULL, &error);
      g_assert_null (levels);
      g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_CORRUPT);
      g_clear_error (&error);
      options.threshold = 0.3;
      barcodes = cyt_barcodes_compute (project, &options, NULL, &error);
      g_assert_null (barcodes);
    }
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_CORRUPT);
  g_clear_error (&error);
  g_clear_pointer (&project, cyt_project_close);
  g_assert_true (g_file_set_contents (by_level, content, size, &error));
}

static void
test_corrupt (void)
{
  assert_corrupt ("UPDATE activation_levels SET levels = x'01' WHERE cell = 7");
  assert_corrupt ("UPDATE activation_levels SET latents = x'010000' WHERE cell = 7");
  assert_corrupt ("UPDATE activation_levels SET latents = x'ffffffff', counts = x'0100', levels = x'00' WHERE cell = 7");
  assert_corrupt ("UPDATE activation_levels SET latents = x'01000000', counts = x'0000', levels = x'' WHERE cell = 7");
  assert_corrupt ("UPDATE activation_levels SET latents = x'01000000', counts = x'0200', levels = x'0500' WHERE cell = 7");
  assert_corrupt ("UPDATE activation_levels SET latents = x'0100000001000000', counts = x'01000100', levels = x'0000' WHERE cell = 7");
  assert_corrupt ("UPDATE activation_levels SET counts = zeroblob (100000) WHERE cell = 7");
  assert_corrupt ("DELETE FROM activation_levels WHERE cell = 7");
  assert_corrupt ("DROP TABLE activation_levels; CREATE TABLE activation_levels (cell, latents, counts, levels)");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  make_cohort ();
  g_test_add_func ("/levels/scale", test_scale);
  g_test_add_func ("/levels/fill", test_fill);
  g_test_add_func ("/levels/barcodes", test_barcodes);
  g_test_add_func ("/levels/skip-marked", test_skip_marked);
  g_test_add_func ("/levels/bootstrap", test_bootstrap);
  g_test_add_func ("/levels/corrupt", test_corrupt);
  status = g_test_run ();
  cyt_models_free (models);
  cyt_test_remove_tree (dir);
  g_free (by_level);
  g_free (counted);
  return status;
}
