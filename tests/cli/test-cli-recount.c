/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include "cli-util.h"
#include "project/cyt-demo.h"
#include "project/cyt-recount.h"
#include "test-project-util.h"

/* What is not in the index and has to come from the images again: counts at other thresholds, and embeddings. */

#define N_CELLS 48
#define N_PATIENTS 16

static void
make_demo (const char *dir)
{
  const CytDemoOptions small = { .n_cells = N_CELLS, .n_patients = N_PATIENTS };
  g_autoptr (GError) error = NULL;

  cyt_demo_run (dir, &small, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* Every 20th cell of the shared cohort, indexed; FALSE without shared data. */
static gboolean
make_real (const char *dir, const char *project)
{
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae (), *said = NULL;

  if (!cli_make_cohort (cli_path (dir, "real.csv"), 20, 84))
    return FALSE;
  said = cli_run_ok ("index", project, "--encoder", encoder, "--sae", sae, "--images", cli_path (dir, "real.csv"), NULL);
  return TRUE;
}

/* At two thresholds. */
static void
check_counts (const char *project, const char *dir, const char *low, const char *high)
{
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae (), *first = NULL, *second = NULL;

  first = cli_run_ok ("barcodes", project, "--threshold", low, "--out", cli_path (dir, "b.npy"), NULL);
  second = cli_run_ok ("barcodes", project, "--threshold", high, "--out", cli_path (dir, "b.npy"), NULL);
  cyt_test_run_reference ("recount.py", project, encoder, sae, low, high, NULL);
}

static void
check_embeddings (const char *project, const char *dir, const char *folds)
{
  g_autofree char *encoder = cli_dup_encoder ();
  g_autofree char *answer = cli_run_ok ("classify", project, "--features", "barcodes,mean-embedding,cls", "--folds", folds,
                                        "--repeats", "1", "--permutations", "0", "--json", NULL);

  cli_write_text (cli_path (dir, "answer.json"), answer);
  cyt_test_run_reference ("embeddings.py", project, cli_path (dir, "answer.json"), encoder, NULL);
}

static void
test_references (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  const char *demo = cli_path (dir, "demonstration.cytosae"), *real = cli_path (dir, "real.cytosae");

  make_demo (dir);
  check_counts (demo, dir, "0.02", "0.75");
  check_embeddings (demo, dir, "2");
  if (make_real (dir, real))
    {
      check_counts (real, dir, "0.05", "3");
      check_embeddings (real, dir, "4");
    }
  cyt_test_remove_tree (dir);
}

/* ---- Cut off ---- */

typedef struct
{
  CytProgress *progress;
  GCancellable *cancellable;
} Watch;

static gpointer
cancel_early (gpointer data)
{
  Watch *watch = data;
  CytProgressState state = { 0 };

  while (state.n_done < 3)
    {
      g_usleep (500);
      cyt_progress_get (watch->progress, &state);
    }
  g_cancellable_cancel (watch->cancellable);
  return NULL;
}

/* Cut off and continued, the counts are those of one run. */
static void
test_resume (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir (), *whole = NULL, *halves = NULL;
  const char *once = cli_path (dir, "demonstration.cytosae"), *twice = cli_path (dir, "twice.cytosae");
  g_autoptr (GFile) from = g_file_new_for_path (once), to = g_file_new_for_path (twice);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytModels) models = cyt_models_load_builtin (NULL, &error);
  g_autoptr (CytProgress) progress = cyt_progress_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (CytProject) project = NULL;
  Watch watch = { progress, cancellable };
  GThread *thread;
  gsize n_done;

  g_assert_no_error (error);
  make_demo (dir);
  g_assert_true (g_file_copy (from, to, 0, NULL, NULL, NULL, NULL));
  g_assert_true (cyt_recount_run (once, models, CYT_DEMO_DATASET, 0.5, 1, NULL, NULL, &error));

  thread = g_thread_new ("cancel", cancel_early, &watch);
  g_assert_false (cyt_recount_run (twice, models, CYT_DEMO_DATASET, 0.5, 1, progress, cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  project = cyt_project_open (twice, CYT_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  g_assert_true (cyt_project_count_threshold_cells (project, 1, 0.5, &n_done, &error));
  g_assert_cmpuint (n_done, >=, 3);
  g_assert_cmpuint (n_done, <, N_CELLS);
  g_assert_true (cyt_recount_run (twice, models, CYT_DEMO_DATASET, 0.5, 2, NULL, NULL, &error));
  g_assert_no_error (error);
  whole = cyt_test_dump_project (once);
  halves = cyt_test_dump_project (twice);
  g_assert_cmpstr (whole, ==, halves);
  cyt_test_remove_tree (dir);
}

/* ---- Images that are not what they were ---- */

static char *
find_image (const char *project)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) opened = cyt_project_open (project, CYT_PROJECT_READ_ONLY, &error);
  char *path = opened != NULL ? cyt_project_dup_cell_path (opened, 5, &error) : NULL;

  g_assert_no_error (error);
  return path;
}

static void
test_changed (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir (), *image = NULL, *other = NULL;
  const char *demo = cli_path (dir, "demonstration.cytosae"), *out = cli_path (dir, "never.npy"), *kept = cli_path (dir, "kept");

  make_demo (dir);
  image = find_image (demo);
  cli_make_cells (cli_path (dir, "x"), 1);
  other = g_build_filename (dir, "x", "round", "00.bmp", NULL);

  g_assert_cmpint (g_rename (image, kept), ==, 0);
  cli_run_fails (1, image, "barcodes", demo, "--threshold", "0.5", "--out", out, NULL);
  cli_run_fails (1, image, "classify", demo, "--folds", "2", "--features", "mean-embedding", NULL);
  g_assert_cmpint (g_rename (other, image), ==, 0);
  cli_run_fails (1, "is not the one that was indexed", "barcodes", demo, "--threshold", "0.5", "--out", out, NULL);
  cli_run_fails (1, "is not the one that was indexed", "classify", demo, "--folds", "2", "--features", "cls", NULL);
  cli_assert_missing (out);

  /* with the image as it was, counting goes on where it stopped */
  g_assert_cmpint (g_rename (kept, image), ==, 0);
  check_counts (demo, dir, "0.5", "2");
  cyt_test_remove_tree (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/recount/references", test_references);
  g_test_add_func ("/cli/recount/resume", test_resume);
  g_test_add_func ("/cli/recount/changed", test_changed);
  return g_test_run ();
}
