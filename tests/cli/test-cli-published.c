/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>

#include "cli-util.h"

/* import-published as a user would run it; what it writes is compared with PyTorch in tests/core. */

static char *made;

static JsonObject *
get_member (JsonNode *node, const char *name)
{
  return json_object_get_object_member (json_node_get_object (node), name);
}

static guint
count_files (const char *dir)
{
  g_autoptr (GDir) folder = g_dir_open (dir, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

static void
test_project (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir (), *text = NULL;
  const char *project = cli_path (dir, "p.cytosae"), *figure = cli_path (dir, "f.png");
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae ();
  g_autoptr (JsonNode) result = cli_run_json ("import-published", cli_path (made, "stats"), "--images",
                                              cli_path (made, "some"), "--into", project, "--dataset", "pbc",
                                              "--domain", "peripheral blood", "--json", NULL);
  g_autoptr (JsonNode) info = NULL, latent = NULL, table = NULL;
  JsonObject *o = json_node_get_object (result);
  JsonArray *cells, *rows;

  g_assert_cmpstr (json_object_get_string_member (o, "dataset"), ==, "pbc");
  g_assert_cmpint (json_object_get_int_member (o, "n_latents"), ==, 40);
  g_assert_cmpint (json_object_get_int_member (o, "n_silent"), >=, 1);
  g_assert_cmpint (json_object_get_int_member (o, "n_cells"), ==, 60);
  g_assert_cmpint (json_object_get_int_member (o, "n_missing"), ==, 20);

  info = cli_run_json ("info", project, "--json", NULL);
  o = json_node_get_object (info);
  g_assert_true (json_object_get_boolean_member (o, "published"));
  g_assert_true (json_object_get_null_member (o, "encoder"));
  g_assert_cmpuint (strlen (json_object_get_string_member (get_member (info, "sae"), "sha256")), ==, 64);

  latent = cli_run_json ("latent", project, "9", "--json", NULL);
  o = json_array_get_object_element (json_object_get_array_member (json_node_get_object (latent), "datasets"), 0);
  g_assert_true (json_object_get_null_member (o, "max_act"));
  g_assert_true (json_object_get_null_member (o, "cls_share"));
  g_assert_true (json_object_get_null_member (o, "mean_count"));
  g_assert_cmpfloat (json_object_get_double_member (o, "frequency"), ==, 1);
  cells = json_object_get_array_member (o, "top_cells");
  g_assert_cmpuint (json_array_get_length (cells), ==, 10);
  for (guint i = 0; i < 10; i++)
    {
      gint64 position = 59 - i;

      o = json_array_get_object_element (cells, i);
      g_assert_cmpint (json_object_get_int_member (o, "position"), ==, position);
      g_assert_true (json_object_get_null_member (o, "map"));
      g_assert_true (json_object_get_null_member (o, "failure") == (position % 3 != 0));
    }

  table = cli_run_json ("latents-table", project, "--sort", "max_act", "--json", NULL);
  rows = json_object_get_array_member (json_node_get_object (table), "latents");
  g_assert_cmpuint (json_array_get_length (rows), ==, 40);
  for (guint i = 0; i < 40; i++)
    {
      o = json_array_get_object_element (rows, i);
      g_assert_true (json_object_get_null_member (o, "max_act"));
      g_assert_true (json_object_get_int_member (o, "latent") != 7 || json_object_get_int_member (o, "n_active") == 0);
    }
  text = cli_run_ok ("latent", project, "9", NULL);
  g_assert_nonnull (strstr (text, "max_act     –\n"));
  g_assert_nonnull (strstr (text, "cytosae_index 57 (missing)"));
  g_clear_pointer (&text, g_free);

  g_free (cli_run_ok ("label", project, "9", "--name", "everything", "--rater", "A. B.", NULL));
  g_free (cli_run_ok ("figure", project, "concepts", "--out", figure, NULL));
  cli_run_fails (1, "published statistics, without the models", "figure", project, "cell", "--image", figure, "--out",
                 cli_path (dir, "cell.png"), NULL);
  g_assert_true (g_file_test (figure, G_FILE_TEST_EXISTS));
  cli_run_fails (1, "published statistics", "patients", project, NULL);
  cli_run_fails (1, "published statistics", "barcodes", project, "--out", cli_path (made, "never.csv"), NULL);
  cli_run_fails (1, "holds published statistics", "index", project, "-e", encoder, "-s", sae, "-i",
                 cli_path (made, "all"), NULL);
  cli_run_fails (1, "exists", "import-published", cli_path (made, "stats"), "--images", cli_path (made, "all"), "--into",
                 project, NULL);
  text = cli_run_ok ("latent", project, "9", NULL);
  g_assert_nonnull (strstr (text, "everything"));
  cyt_test_remove_tree (dir);
}

static void
test_bad_input (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  const char *project = cli_path (dir, "p.cytosae"), *stats = cli_path (made, "stats");

  cli_run_fails (2, "--images", "import-published", stats, "--into", project, NULL);
  cli_run_fails (2, "--into", "import-published", stats, "--images", cli_path (made, "all"), NULL);
  cli_run_fails (2, "arguments are missing", "import-published", "--images", "a", "--into", project, NULL);
  cli_run_fails (1, "top_entropy.pt", "import-published", cli_path (made, "bad-lacking"), "--images",
                 cli_path (made, "all"), "--into", project, NULL);
  cli_run_fails (1, "sae_sparsity.pt", "import-published", cli_path (made, "bad-text"), "--images",
                 cli_path (made, "all"), "--into", project, NULL);
  cli_run_fails (1, "not the images of the statistics", "import-published", stats, "--images", cli_path (made, "mixed"),
                 "--into", project, NULL);
  cli_run_fails (1, "without a manifest.csv", "import-published", stats, "--images", cli_path (made, "all/a"), "--into",
                 project, NULL);
  cli_run_fails (1, "nowhere/p.cytosae", "import-published", stats, "--images", cli_path (made, "all"), "--into",
                 cli_path (dir, "nowhere/p.cytosae"), NULL);
  cli_assert_missing (project);
  g_assert_cmpuint (count_files (dir), ==, 0);
  cyt_test_remove_tree (dir);
}

static void
test_interrupt (void)
{
  g_autofree char *stats = cyt_test_shared ("cytosae-published/acevedo");
  g_autofree char *images = stats ? cyt_test_shared ("cells/pbc-full-224") : NULL;
  g_autofree char *dir = NULL;
  GPid pid;

  if (images == NULL)
    return;
  dir = cyt_test_make_tmpdir ();
  pid = cli_start ("import-published", stats, "--images", images, "--into", cli_path (dir, "p.cytosae"), NULL);
  for (guint wait = 0; wait < 3000 && count_files (dir) == 0; wait++)
    g_usleep (10000);
  g_usleep (500000);
  g_assert_cmpint (kill (pid, SIGINT), ==, 0);
  g_assert_cmpint (cli_wait (pid), ==, 130);
  g_assert_cmpuint (count_files (dir), ==, 0);
  cyt_test_remove_tree (dir);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  made = cyt_test_make_tmpdir ();
  cyt_test_run_reference ("published.py", "make", made, NULL);
  g_test_add_func ("/cli/published/project", test_project);
  g_test_add_func ("/cli/published/bad-input", test_bad_input);
  g_test_add_func ("/cli/published/interrupt", test_interrupt);
  status = g_test_run ();
  cyt_test_remove_tree (made);
  g_free (made);
  return status;
}
