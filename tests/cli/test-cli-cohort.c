/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <sqlite3.h>
#include <string.h>

#include "cli-util.h"
#include "project/cyt-demo.h"

/* Commands on patients, each beside its twin in tests/ref. One small cohort of drawn cells serves all tests. */

static char *dir;
static const char *project;

#define N_CELLS 60
#define N_PATIENTS 20

static void
make_cohort (void)
{
  const CytDemoOptions small = { .n_cells = N_CELLS, .n_patients = N_PATIENTS };
  g_autoptr (GError) error = NULL;

  dir = cyt_test_make_tmpdir ();
  project = cli_path (dir, "demonstration.cytosae");
  cyt_demo_run (dir, &small, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* Fails unless both files hold the very same numbers. */
static void
assert_same_arrays (const char *ours, const char *reference)
{
  CytTensorInfo a_info, b_info;
  g_autofree float *a = cyt_test_load_npy (ours, &a_info), *b = cyt_test_load_npy (reference, &b_info);

  g_assert_cmpint (a_info.shape[0], ==, b_info.shape[0]);
  g_assert_cmpint (a_info.shape[1], ==, b_info.shape[1]);
  for (gint64 i = 0; i < a_info.shape[0] * a_info.shape[1]; i++)
    g_assert_true (a[i] == b[i]);
}

static void
check_barcodes (const char *by, const char *norm, const char *threshold)
{
  const char *ours = cli_path (dir, "ours.npy"), *reference = cli_path (dir, "reference");
  const char *stored = threshold ? threshold : "index";
  g_autofree char *said = NULL, *rows = NULL, *names = NULL;
  g_auto (GStrv) lines = NULL, expected = NULL;

  said = threshold ? cli_run_ok ("barcodes", project, "--by", by, "--normalise", norm, "--out", ours, "--threshold",
                                 threshold, NULL)
                   : cli_run_ok ("barcodes", project, "--by", by, "--normalise", norm, "--out", ours, NULL);
  cyt_test_run_reference ("barcodes.py", project, by, norm, stored, reference, NULL);
  assert_same_arrays (ours, cli_path (dir, "reference.npy"));

  g_assert_true (g_file_get_contents (cli_path (dir, "ours.rows.csv"), &rows, NULL, NULL));
  g_assert_true (g_file_get_contents (cli_path (dir, "reference.txt"), &names, NULL, NULL));
  lines = g_strsplit (rows, "\n", -1);
  expected = g_strsplit (names, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, g_strv_length (expected) + 1);
  for (guint i = 0; *expected[i]; i++)
    g_assert_true (g_str_has_prefix (lines[i + 1], expected[i]));
}

static void
test_barcodes (void)
{
  check_barcodes ("patient", "per-image", NULL);
  check_barcodes ("patient", "none", NULL);
  check_barcodes ("disease", "per-image", NULL);
  check_barcodes ("disease", "paper", NULL);
  check_barcodes ("label", "per-image", NULL);
  check_barcodes ("dataset", "none", NULL);
}

/* Counted anew, then kept: the second time the models are not needed. */
static void
test_threshold (void)
{
  g_autofree char *said = NULL;
  g_autoptr (JsonNode) low = NULL, again = NULL;

  check_barcodes ("patient", "per-image", "0.75");
  again = cli_run_json ("barcodes", project, "--threshold", "0.75", "--encoder", cli_path (dir, "none"), "--out",
                        cli_path (dir, "again.npy"), "--json", NULL);
  g_assert_cmpfloat (json_object_get_double_member (json_node_get_object (again), "threshold"), ==, 0.75);
  assert_same_arrays (cli_path (dir, "again.npy"), cli_path (dir, "ours.npy"));
  cli_run_fails (1, "--encoder", "barcodes", project, "--threshold", "0.8", "--encoder", cli_path (dir, "none"), "--out",
                 cli_path (dir, "never.npy"), NULL);
  cli_assert_missing (cli_path (dir, "never.npy"));
  /* the index's own threshold, spelled out */
  low = cli_run_json ("barcodes", project, "--threshold", "0.2", "--encoder", cli_path (dir, "none"), "--out",
                      cli_path (dir, "low.npy"), "--json", NULL);
}

static void
test_h5ad (void)
{
  g_autofree char *said = NULL, *label = NULL, *text = NULL, *cells = NULL;

  label = cli_run_ok ("label", project, "7", "--name", "Körnchen, fein", "--rater", "R", NULL);
  said = cli_run_ok ("barcodes", project, "--out", cli_path (dir, "b.h5ad"), NULL);
  said = (g_free (said), cli_run_ok ("barcodes", project, "--out", cli_path (dir, "b.npy"), NULL));
  cyt_test_run_reference ("barcodes.py", "h5ad", cli_path (dir, "b.h5ad"), cli_path (dir, "h"), NULL);
  assert_same_arrays (cli_path (dir, "h.npy"), cli_path (dir, "b.npy"));
  g_assert_true (g_file_get_contents (cli_path (dir, "h.txt"), &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\n7|Körnchen, fein\nthreshold|0.2\n"));
  g_assert_nonnull (strstr (text, "|control|3\n"));

  said = (g_free (said), cli_run_ok ("barcodes", project, "--out", cli_path (dir, "b.csv"), NULL));
  g_assert_true (g_file_get_contents (cli_path (dir, "b.csv"), &cells, NULL, NULL));
  g_assert_true (g_str_has_prefix (cells, "name,disease,n_cells,n_patients,0,1,2,"));
}

static void
test_marked (void)
{
  g_autofree char *said = NULL;
  g_autoptr (JsonNode) all = NULL, some = NULL;

  said = cli_run_ok ("label", project, "9", "--status", "artefact", "--rater", "R", NULL);
  all = cli_run_json ("barcodes", project, "--out", cli_path (dir, "a.npy"), "--json", NULL);
  some = cli_run_json ("barcodes", project, "--out", cli_path (dir, "s.npy"), "--skip-marked", "--json", NULL);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (some), "n_latents"), ==,
                   json_object_get_int_member (json_node_get_object (all), "n_latents") - 1);
}

/* ---- Patients and diseases ---- */

/* Runs the command with --json, and tests/ref/cohort.py on what it says. */
#define CHECK(reference, ...)                                                                              \
  G_STMT_START                                                                                             \
  {                                                                                                        \
    g_autofree char *answer = cli_run_ok (__VA_ARGS__, "--json", NULL);                                    \
                                                                                                           \
    cli_write_text (cli_path (dir, "answer.json"), answer);                                                \
    cyt_test_run_reference ("cohort.py", REFERENCE_##reference, cli_path (dir, "answer.json"), NULL);      \
  }                                                                                                        \
  G_STMT_END
#define REFERENCE_PAIR "compare", project, "NPM1-like", "control"
#define REFERENCE_OTHERS "compare", project, "NPM1-like", ""
#define REFERENCE_PATIENTS "patients", project
#define REFERENCE_PATIENT "patient", project, "S01", "NPM1-like"
#define REFERENCE_CONFOUNDS "confounds", project

static void
test_patients (void)
{
  CHECK (PAIR, "compare", project, "--a", "NPM1-like", "--b", "control", "--limit", "100000");
  CHECK (OTHERS, "compare", project, "--a", "NPM1-like", "--limit", "100000");
  CHECK (PATIENTS, "patients", project);
  CHECK (PATIENT, "patients", project, "--patient", "S01", "--controls", "NPM1-like");
  CHECK (CONFOUNDS, "confounds", project, "--limit", "100000");
}

static void
test_bad_patients (void)
{
  cli_run_fails (2, "--a", "compare", project, NULL);
  cli_run_fails (1, "disease \"ward\"", "compare", project, "--a", "ward", NULL);
  cli_run_fails (1, "disease \"ward\"", "compare", project, "--a", "control", "--b", "ward", NULL);
  cli_run_fails (1, "patient \"ward\"", "patients", project, "--patient", "ward", NULL);
  cli_run_fails (1, "two controls", "patients", project, "--patient", "S01", "--controls", "ward", NULL);
}

/* ---- Classification ---- */

static void
check_classify (const char *repeats)
{
  g_autofree char *answer = cli_run_ok ("classify", project, "--folds", "3", "--repeats", repeats, "--permutations", "3",
                                        "--seed", "7", "--json", NULL);

  cli_write_text (cli_path (dir, "answer.json"), answer);
  cyt_test_run_reference ("classify.py", project, cli_path (dir, "answer.json"), NULL);
}

static void
test_classify (void)
{
  g_autofree char *once = NULL, *again = NULL, *text = NULL;
  g_autoptr (JsonNode) baselines = NULL;
  JsonArray *results;

  check_classify ("2");
  once = cli_run_ok ("classify", project, "--folds", "2", "--repeats", "1", "--permutations", "2", "--json", NULL);
  again = cli_run_ok ("classify", project, "--folds", "2", "--repeats", "1", "--permutations", "2", "--json", NULL);
  g_assert_cmpstr (once, ==, again);

  /* the baselines have the same folds */
  baselines = cli_run_json ("classify", project, "--features", "barcodes,mean-embedding,cls", "--folds", "2", "--repeats", "1",
                            "--permutations", "0", "--json", NULL);
  results = json_object_get_array_member (json_node_get_object (baselines), "results");
  g_assert_cmpuint (json_array_get_length (results), ==, 3);
  for (guint i = 1; i < 3; i++)
    {
      JsonArray *first = json_object_get_array_member (json_array_get_object_element (results, 0), "patients");
      JsonArray *other = json_object_get_array_member (json_array_get_object_element (results, i), "patients");

      for (guint p = 0; p < json_array_get_length (first); p++)
        g_assert_true (json_array_equal (json_object_get_array_member (json_array_get_object_element (first, p), "folds"),
                                         json_object_get_array_member (json_array_get_object_element (other, p), "folds")));
    }
  text = cli_run_ok ("classify", project, "--folds", "2", "--repeats", "1", "--permutations", "0", NULL);
  g_assert_nonnull (strstr (text, "research use only"));
}

static void
test_bad_classify (void)
{
  const char *cells = cli_path (dir, "two"), *csv = cli_path (dir, "two.csv"), *two = cli_path (dir, "two.cytosae");
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae (), *said = NULL;

  cli_run_fails (1, "fewer patients (4) than there are folds (5)", "classify", project, NULL);
  cli_run_fails (2, "--target", "classify", project, "--target", "ward", NULL);
  cli_run_fails (2, "--features", "classify", project, "--features", "barcodes,ward", NULL);
  cli_run_fails (2, "--folds", "classify", project, "--folds", "1", NULL);
  cli_run_fails (1, "--encoder", "classify", project, "--folds", "2", "--features", "cls", "--encoder", cli_path (dir, "none"),
                 NULL);

  cli_make_cells (cells, 2);
  cli_write_text (csv, "image,patient,disease\ntwo/long/00.bmp,A,x\ntwo/long/01.bmp,A,y\ntwo/round/00.bmp,B,x\n");
  said = cli_run_ok ("index", two, "--encoder", encoder, "--sae", sae, "--images", csv, NULL);
  cli_run_fails (1, "patient \"A\" has two diseases: \"x\" and \"y\"", "classify", two, "--folds", "2", NULL);
  cli_run_fails (1, "patient \"A\" has two diseases", "barcodes", two, "--by", "disease", "--out", cli_path (dir, "n.csv"), NULL);
  cli_run_fails (1, "patient \"A\" has two diseases", "compare", two, "--a", "x", NULL);
}

/* ---- Evidence ---- */

static JsonObject *
check_evidence (const char *file, const char *patient, const char *class, JsonNode **node)
{
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae ();
  g_autofree char *answer
    = cli_run_ok ("classify", file, "--folds", "3", "--repeats", "2", "--permutations", "0", "--evidence", patient,
                  "--concepts", "40", "--cells", "2", "--json", class != NULL ? "--class" : NULL, class, NULL);

  cli_write_text (cli_path (dir, "answer.json"), answer);
  cyt_test_run_reference ("evidence.py", file, cli_path (dir, "answer.json"), encoder, sae, NULL);
  *node = json_from_string (answer, NULL);
  return json_object_get_object_member (json_node_get_object (*node), "evidence");
}

static void
change_project (const char *file, const char *sql)
{
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (file, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
copy_project (const char *file)
{
  g_autoptr (GFile) from = g_file_new_for_path (project), to = g_file_new_for_path (file);

  g_assert_true (g_file_copy (from, to, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, NULL));
}

static void
test_evidence (void)
{
  g_autoptr (JsonNode) predicted = NULL, other = NULL, unknown = NULL;
  const char *file = cli_path (dir, "unknown.cytosae");
  JsonObject *evidence = check_evidence (project, "S02", NULL, &predicted);

  g_assert_cmpstr (json_object_get_string_member (evidence, "class"), ==,
                   json_object_get_string_member (evidence, "predicted"));
  evidence = check_evidence (project, "S03", "control", &other);
  g_assert_cmpstr (json_object_get_string_member (evidence, "class"), ==, "control");

  /* a patient without a disease is judged by all that have one */
  copy_project (file);
  change_project (file, "UPDATE cell SET disease = NULL WHERE patient = 'S04'");
  evidence = check_evidence (file, "S04", NULL, &unknown);
  g_assert_true (json_object_get_null_member (evidence, "disease"));
}

/* How many cells of the evidence have no map, and how many a reason for it. */
static void
count_unknown (JsonNode *node, guint *n_unknown, guint *n_failed)
{
  JsonArray *concepts
    = json_object_get_array_member (json_object_get_object_member (json_node_get_object (node), "evidence"), "concepts");

  *n_unknown = *n_failed = 0;
  for (guint i = 0; i < json_array_get_length (concepts); i++)
    {
      JsonArray *cells = json_object_get_array_member (json_array_get_object_element (concepts, i), "cells");

      for (guint j = 0; j < json_array_get_length (cells); j++)
        {
          JsonObject *cell = json_array_get_object_element (cells, j);

          *n_unknown += json_object_get_null_member (cell, "patches");
          *n_failed += !json_object_get_null_member (cell, "failure");
        }
    }
}

/* What cannot be traced to its patches is said, and the rest is there. */
static void
test_evidence_without_images (void)
{
  const char *file = cli_path (dir, "moved.cytosae");
  g_autoptr (JsonNode) missing = NULL;
  g_autofree char *out = NULL, *err = NULL;
  guint n_unknown, n_failed;

  copy_project (file);
  change_project (file, "UPDATE dataset SET root = '/nowhere'");
  missing = cli_run_json ("classify", file, "--folds", "2", "--repeats", "1", "--permutations", "0", "--evidence", "S02",
                          "--concepts", "40", "--json", NULL);
  count_unknown (missing, &n_unknown, &n_failed);
  g_assert_cmpuint (n_unknown, >, 0);
  g_assert_cmpuint (n_failed, ==, n_unknown);

  g_assert_cmpint (cli_run (&out, &err, "classify", file, "--folds", "2", "--repeats", "1", "--permutations", "0",
                            "--evidence", "S02", "--concepts", "40", "--encoder", cli_path (dir, "demonstration.cytosae"),
                            NULL), ==, 0);
  g_assert_nonnull (strstr (err, "needs the models (--encoder, --sae)"));
  g_assert_nonnull (strstr (out, "Evidence (research use only): patient S02"));
  g_assert_nonnull (strstr (out, "not stored"));
}

static void
test_bad_evidence (void)
{
  cli_run_fails (1, "patient \"ward\"", "classify", project, "--folds", "2", "--repeats", "1", "--permutations", "0",
                 "--evidence", "ward", NULL);
  cli_run_fails (1, "disease \"ward\"", "classify", project, "--folds", "2", "--repeats", "1", "--permutations", "0",
                 "--evidence", "S02", "--class", "ward", NULL);
  cli_run_fails (2, "--class is for --evidence", "classify", project, "--class", "control", NULL);
  cli_run_fails (2, "--evidence", "classify", project, "--features", "cls", "--evidence", "S02", NULL);
  cli_run_fails (2, "--concepts", "classify", project, "--evidence", "S02", "--concepts", "0", NULL);
}

static void
test_bad_barcodes (void)
{
  const char *out = cli_path (dir, "never.csv"), *bare = cli_path (dir, "bare.cytosae"), *cells = cli_path (dir, "bare");
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae (), *said = NULL;

  cli_run_fails (2, "--by", "barcodes", project, "--by", "ward", "--out", out, NULL);
  cli_run_fails (2, "--normalise", "barcodes", project, "--normalise", "ward", "--out", out, NULL);
  cli_run_fails (2, "--out", "barcodes", project, NULL);
  cli_run_fails (2, ".h5ad", "barcodes", project, "--out", cli_path (dir, "never.txt"), NULL);
  cli_run_fails (1, "ward", "barcodes", project, "--dataset", "ward", "--out", out, NULL);
  cli_run_fails (1, "written", "barcodes", project, "--out", cli_path (dir, "no/folder.h5ad"), NULL);
  cli_write_text (cli_path (dir, "x.rows.csv"), "the project");
  cli_run_fails (1, "is read by this command", "barcodes", cli_path (dir, "x.rows.csv"), "--out", cli_path (dir, "x.npy"), NULL);
  cli_make_cells (cells, 1);
  said = cli_run_ok ("index", bare, "--encoder", encoder, "--sae", sae, "--images", cells, NULL);
  cli_run_fails (1, "has a patient", "barcodes", bare, "--out", out, NULL);
  cli_run_fails (1, "has a patient", "barcodes", bare, "--by", "disease", "--out", out, NULL);
  cli_assert_missing (out);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  make_cohort ();
  g_test_add_func ("/cli/cohort/barcodes", test_barcodes);
  g_test_add_func ("/cli/cohort/threshold", test_threshold);
  g_test_add_func ("/cli/cohort/h5ad", test_h5ad);
  g_test_add_func ("/cli/cohort/marked", test_marked);
  g_test_add_func ("/cli/cohort/patients", test_patients);
  g_test_add_func ("/cli/cohort/bad-patients", test_bad_patients);
  g_test_add_func ("/cli/cohort/classify", test_classify);
  g_test_add_func ("/cli/cohort/bad-classify", test_bad_classify);
  g_test_add_func ("/cli/cohort/evidence", test_evidence);
  g_test_add_func ("/cli/cohort/evidence-without-images", test_evidence_without_images);
  g_test_add_func ("/cli/cohort/bad-evidence", test_bad_evidence);
  g_test_add_func ("/cli/cohort/bad-barcodes", test_bad_barcodes);
  status = g_test_run ();
  cyt_test_remove_tree (dir);
  return status;
}
