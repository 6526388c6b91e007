/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "analysis/cyt-sweep-table.h"
#include "cli-util.h"
#include "project/cyt-demo.h"

/* The figures about cohorts and latents, each made from the command line, and again from its file. */

static char *dir;
static const char *project;

static void
make_demo (void)
{
  const CytDemoOptions small = { .n_cells = 60, .n_patients = 20 };
  g_autoptr (GError) error = NULL;

  dir = cyt_test_make_tmpdir ();
  project = cli_path (dir, "demonstration.cytosae");
  cyt_demo_run (dir, &small, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_free (cli_run_ok ("label", project, "501", "--name", "Körnchen, fein", "--rater", "R", NULL));
}

static void
make_table (const char *path)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_sweep_row_free);

  for (guint i = 0; i < 4; i++)
    {
      CytSweepRow *row = cyt_sweep_row_new ();

      row->sparsity = 1e-5 * (1 + i);
      row->expansion = 8;
      row->l0 = 100.0 / (1 + i);
      row->explained = 0.9 - 0.1 * i;
      g_ptr_array_add (rows, row);
    }
  g_assert_true (cyt_sweep_table_write_csv (rows, path, NULL));
}

/* A log of 20 steps in @folder, which a cfg.json describes when @described. */
static void
make_training (const char *folder, gboolean described)
{
  g_autoptr (GString) log = g_string_new ("step,mse,l1,ghost,l0,explained_variance,n_dead\n");

  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  for (guint step = 1; step <= 20; step++)
    g_string_append_printf (log, "%u,%.9g,0.5,0,%u,%.9g,%u\n", step, 1.0 / step, 100 - step, step < 3 ? -1.0 : 0.04 * step, step);
  cli_write_text (cli_path (folder, described ? "sae.safetensors.csv" : "sae.pt.csv"), log->str);
  if (described)
    cli_write_text (cli_path (folder, "cfg.json"),
                    "{\"d_sae\": 100, \"training\": {\"batch\": 8, \"seed\": 42, \"variant\": \"relu\"}}");
}

/* Makes it, makes it again from its file, and looks for @says in the caption. */
#define CHECK(ending, says, ...)                                                                           \
  G_STMT_START                                                                                             \
  {                                                                                                        \
    const char *out_ = cli_path (dir, "figure." ending);                                                   \
    g_autofree char *said_ = cli_run_ok ("figure", project, __VA_ARGS__, "--out", out_, NULL), *again_ = NULL; \
                                                                                                           \
    g_test_message ("%s", said_);                                                                          \
    g_assert_nonnull (strstr (said_, says));                                                               \
    g_assert_nonnull (strstr (said_, "SIMULATED"));                                                        \
    again_ = cli_run_ok ("figure", "--again", out_, NULL);                                                 \
    g_assert_nonnull (strstr (again_, "The same as before."));                                             \
  }                                                                                                        \
  G_STMT_END

static void
test_kinds (void)
{
  make_table (cli_path (dir, "sweep.csv"));
  CHECK ("pdf", "Barcodes by disease", "barcodes");
  CHECK ("svg", "S02 (", "barcodes", "--by", "patient", "--row", "S02", "--row", "S01", "--labels", "0");
  CHECK ("pdf", "Most above in control", "compare", "--a", "NPM1-like", "--b", "control", "--width", "nature-1");
  CHECK ("png", "all others", "compare", "--a", "NPM1-like", "--highlights", "3", "--dpi", "100");
  CHECK ("pdf", "of 20 patients", "correlation", "--style", "plain", "--width", "60");
  CHECK ("svg", "weighted F1", "confusion", "--folds", "2", "--repeats", "1", "--permutations", "2", "--seed", "3");
  CHECK ("pdf", "of 3072 latents", "map", "--latents", "501,2340");
  CHECK ("pdf", "principal components", "map", "--projection", "pca", "--labels", "0");
  CHECK ("svg", "L0 25", "sweep", "--table", cli_path (dir, "sweep.csv"));
  make_training (cli_path (dir, "known"), TRUE);
  make_training (cli_path (dir, "bare"), FALSE);
  CHECK ("pdf",
         "known, seed 42 (relu, 100 latents, 20 steps of 8 images): reconstruction error 0.05132, l1 penalty 0.5, active latents of "
         "a token (L0) 80.5, explained variance 0.78, dead latents 19.5 %.", "training", "--training", cli_path (dir, "known"));
  CHECK ("svg", "sae.pt.csv (20 steps): reconstruction error 0.05132, l1 penalty 0.5, active latents of a token (L0) 80.5, explained "
         "variance 0.78.", "training", "-t", cli_path (dir, "known"), "-t", cli_path (dir, "bare/sae.pt.csv"));
}

/* Drawn is what the barcodes say. */
static void
test_places (void)
{
  const char *out = cli_path (dir, "places.svg");

  g_free (cli_run_ok ("figure", project, "compare", "--a", "NPM1-like", "--b", "control", "--highlights", "0", "--labels", "0",
                      "--width", "nature-1", "--out", out, NULL));
  cyt_test_run_reference ("compare_figure.py", project, "NPM1-like", "control", out, NULL);
}

static void
test_evidence (void)
{
  const char *folder = cli_path (dir, "pages");
  g_autofree char *said = NULL, *page = g_build_filename (folder, "patient-S02.pdf", NULL), *again = NULL;
  g_autoptr (GDir) listing = NULL;
  guint n = 0;

  CHECK ("pdf", "Predicted: ", "evidence", "--patient", "S02", "--folds", "2", "--repeats", "2");
  CHECK ("png", "weighted F1", "evidence", "--patient", "S03", "--class", "control", "--folds", "2", "--repeats", "1", "--dpi", "72");

  said = cli_run_ok ("classify", project, "--folds", "2", "--repeats", "1", "--permutations", "0", "--report", folder, NULL);
  g_assert_nonnull (strstr (said, "pages about 20 patients"));
  listing = g_dir_open (folder, 0, NULL);
  while (g_dir_read_name (listing) != NULL)
    n++;
  g_assert_cmpuint (n, ==, 20);
  again = cli_run_ok ("figure", "--again", page, NULL);
  g_assert_nonnull (strstr (again, "The same as before."));
}

/* A patient whose disease is not known, under a name that is none for a file. */
static void
test_unknown (void)
{
  const char *file = cli_path (dir, "unknown.cytosae"), *folder = cli_path (dir, "more"), *out = cli_path (dir, "u.svg");
  g_autoptr (GFile) from = g_file_new_for_path (project), to = g_file_new_for_path (file);
  g_autofree char *said = NULL, *name = g_strdup_printf ("../%0300d", 7), *sql = NULL, *page = NULL, *pages = NULL;
  sqlite3 *db;

  g_assert_true (g_file_copy (from, to, 0, NULL, NULL, NULL, NULL));
  g_assert_cmpint (sqlite3_open (file, &db), ==, SQLITE_OK);
  sql = g_strdup_printf ("UPDATE cell SET disease = NULL, patient = '%s' WHERE patient = 'S04'", name);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  said = cli_run_ok ("figure", file, "evidence", "--patient", name, "--folds", "2", "--repeats", "1", "--out", out, NULL);
  g_assert_nonnull (strstr (said, "Disease: not known"));
  g_assert_nonnull (strstr (said, "by the model of all patients with a disease"));
  pages = cli_run_ok ("classify", file, "--folds", "2", "--repeats", "1", "--permutations", "0", "--report", folder, NULL);
  g_assert_nonnull (strstr (pages, "pages about 20 patients"));
  page = g_strdup_printf ("%s/patient-.._%047d.pdf", folder, 0);
  g_assert_true (g_file_test (page, G_FILE_TEST_IS_REGULAR));
}

static void
test_bad (void)
{
  const char *out = cli_path (dir, "never.pdf"), *file = cli_path (dir, "file");

  cli_write_text (file, "x");
  cli_run_fails (1, "disease \"ward\"", "figure", project, "barcodes", "--row", "ward", "--out", out, NULL);
  cli_run_fails (2, "--by", "figure", project, "barcodes", "--by", "ward", "--out", out, NULL);
  cli_run_fails (2, "--a", "figure", project, "compare", "--out", out, NULL);
  cli_run_fails (1, "disease \"ward\"", "figure", project, "compare", "--a", "ward", "--out", out, NULL);
  cli_run_fails (1, "patient \"ward\"", "figure", project, "evidence", "--patient", "ward", "--out", out, NULL);
  cli_run_fails (2, "--patient", "figure", project, "evidence", "--out", out, NULL);
  cli_run_fails (2, "--projection", "figure", project, "map", "--projection", "ward", "--out", out, NULL);
  cli_run_fails (1, "file", "figure", project, "sweep", "--table", file, "--out", out, NULL);
  cli_run_fails (2, "--training", "figure", project, "training", "--out", out, NULL);
  cli_run_fails (1, "there is no column \"step\"", "figure", project, "training", "-t", file, "--out", out, NULL);
  cli_run_fails (1, "no log of a training", "figure", project, "training", "-t", dir, "--out", out, NULL);
  cli_write_text (file, "step,mse,l1,ghost,l0,explained_variance,n_dead\n1,2,3,4,5,0.5,6\n2,nan,3,4,5,0.5,6\n");
  cli_run_fails (1, "line 3: mse is a number, not \"nan\"", "figure", project, "training", "-t", file, "--out", out, NULL);
  cli_run_fails (1, "fewer patients (4) than there are folds (5)", "figure", project, "confusion", "--out", out, NULL);
  cli_run_fails (1, "the folder cannot be made", "classify", project, "--folds", "2", "--repeats", "1", "--permutations", "0",
                 "--report", file, NULL);
  cli_assert_missing (out);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  make_demo ();
  g_test_add_func ("/cli/plots/kinds", test_kinds);
  g_test_add_func ("/cli/plots/places", test_places);
  g_test_add_func ("/cli/plots/evidence", test_evidence);
  g_test_add_func ("/cli/plots/unknown", test_unknown);
  g_test_add_func ("/cli/plots/bad", test_bad);
  status = g_test_run ();
  cyt_test_remove_tree (dir);
  return status;
}
