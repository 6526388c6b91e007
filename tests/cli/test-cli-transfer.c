/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domain transfer between two drawn cohorts, against NumPy on the projects' own numbers. */
#include "config.h"

#include <string.h>

#include "cli-util.h"

typedef struct
{
  char *dir, *encoder, *sae;
  const char *blood, *marrow;
} Fixture;

static const char *
make_project (Fixture *f, const char *domain)
{
  g_autofree char *name = g_strconcat (domain, ".cytosae", NULL), *drawn = NULL, *indexed = NULL;
  const char *folder = cli_path (f->dir, domain), *project = cli_path (f->dir, name);

  drawn = cli_run_ok ("phantom", "--out", folder, "--cells", "50", "--patients", "10", "--domain", domain, "--seed",
                      g_str_equal (domain, "blood") ? "1" : "2", NULL);
  indexed = cli_run_ok ("index", project, "--encoder", f->encoder, "--sae", f->sae, "--images",
                        cli_path (folder, "manifest.csv"), "--dataset", domain, NULL);
  return project;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->dir = cyt_test_make_tmpdir ();
  f->encoder = cli_dup_encoder ();
  f->sae = cli_dup_sae ();
  f->blood = make_project (f, "blood");
  f->marrow = make_project (f, "marrow");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_test_remove_tree (f->dir);
  g_free (f->dir);
  g_free (f->encoder);
  g_free (f->sae);
}

static void
test_transfer (Fixture *f, gconstpointer data)
{
  const char *csv = cli_path (f->dir, "transfer.csv"), *json = cli_path (f->dir, "transfer.json");
  const char *pdf = cli_path (f->dir, "transfer.pdf"), *again = cli_path (f->dir, "again.pdf"), *text = cli_path (f->dir, "text");
  g_autofree char *said = cli_run_ok ("transfer", "--train", f->blood, "--test", f->marrow, "--csv", csv, "--json", NULL);
  g_autofree char *words = NULL, *figure = NULL, *same = NULL, *bytes = NULL, *copy = NULL;
  gsize n;

  cli_write_text (json, said);
  cyt_test_run_reference ("transfer.py", f->blood, f->marrow, json, csv, NULL);

  words = cli_run_ok ("transfer", "--train", f->blood, "--test", f->marrow, "--report", pdf, "-n", "2", NULL);
  g_assert_nonnull (strstr (words, "SIMULATED"));
  g_assert_nonnull (strstr (words, "most transferable"));
  g_assert_true (g_file_get_contents (pdf, &bytes, &n, NULL));
  g_assert_true (g_str_has_prefix (bytes, "%PDF-"));
  figure = cli_run_ok ("figure", f->blood, "transfer", "--test", f->marrow, "-n", "2", "--out", again, NULL);
  g_assert_nonnull (strstr (figure, "Transfer of a sparse autoencoder"));

  /* With itself all carries over. */
  same = cli_run_ok ("index", f->blood, "--encoder", f->encoder, "--sae", f->sae, "--images", cli_path (f->dir, "blood/manifest.csv"),
                     "--dataset", "copy", NULL);
  {
    g_autoptr (JsonNode) node = cli_run_json ("transfer", "--train", f->blood, "--json", NULL);
    JsonObject *object = json_node_get_object (node);

    g_assert_cmpstr (json_object_get_string_member (object, "test"), ==, "copy");
    g_assert_cmpfloat (json_object_get_double_member (object, "share_alive_both"), ==, 1);
    g_assert_cmpfloat_with_epsilon (json_object_get_double_member (object, "mean_correlation"), 1, 1e-9);
  }

  cli_run_fails (2, "--train is needed", "transfer", NULL);
  cli_run_fails (1, "no data set", "transfer", "--train", f->blood, "--test-dataset", "nobody", NULL);
  cli_run_fails (1, "both sides", "transfer", "--train", f->blood, "--test-dataset", "blood", NULL);
  cli_run_fails (1, "1 data sets", "transfer", "--train", f->marrow, NULL);
  cli_write_text (text, "no project");
  cli_run_fails (1, "text", "transfer", "--train", f->blood, "--test", text, NULL);
  cli_run_fails (1, "nowhere", "transfer", "--train", f->blood, "--test", f->marrow, "--report",
                 cli_path (f->dir, "nowhere/report.pdf"), NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cli/transfer/transfer", Fixture, NULL, set_up, test_transfer, tear_down);
  return g_test_run ();
}
