/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "cli-util.h"

/* Bad input gets a clear error and loses nothing: one line that names the file and the cause, exit status 1,
 * nothing half-written. */

static const char *const checkpoints[] = {
  "os-system.pt",
  "os-system-legacy.pt",
  "overflow.pt",
  "bomb.pt",
  "overflow.safetensors",
  "overlap.safetensors",
  "duplicate.safetensors",
  "header.safetensors",
  "length.safetensors",
  "half.safetensors",
  "head.safetensors",
  "empty.safetensors",
  "text.pt",
  "short.npy",
};

static void
assert_nothing_in (const char *dir)
{
  g_autoptr (GDir) listing = g_dir_open (dir, 0, NULL);
  const char *name = g_dir_read_name (listing);

  if (name != NULL)
    g_test_message ("%s was left behind", name);
  g_assert_null (name);
}

static void
test_checkpoints (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae ();
  const char *cells = cli_path (dir, "cells"), *out = cli_path (dir, "out"), *t = cli_path (dir, "out/t.npy");
  const char *project = cli_path (dir, "out/p.cytosae");

  cli_make_cells (cells, 1);
  g_assert_cmpint (g_mkdir (out, 0755), ==, 0);
  cyt_test_run_reference ("make_bad_inputs.py", dir, encoder, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (checkpoints); i++)
    {
      const char *path = cli_path (dir, checkpoints[i]);

      cli_run_fails (1, checkpoints[i], "info", path, NULL);
      cli_run_fails (1, checkpoints[i], "embed", "-e", path, cells, "--out", t, NULL);
      cli_run_fails (1, checkpoints[i], "latents", "-e", encoder, "-s", path, cells, "--out-scores", t, NULL);
      cli_run_fails (1, checkpoints[i], "index", project, "-e", path, "-s", sae, "-i", cells, NULL);
      cli_run_fails (1, checkpoints[i], "index", project, "-e", encoder, "-s", path, "-i", cells, NULL);
    }
  cli_assert_missing (cli_path (dir, "ran"));
  assert_nothing_in (out);

  /* One bad file among several: the others are still told. */
  {
    g_autofree char *text = NULL, *err = NULL;

    g_assert_cmpint (cli_run (&text, &err, "info", encoder, cli_path (dir, "text.pt"), sae, "--json", NULL), ==, 1);
    g_assert_nonnull (strstr (err, "text.pt"));
    g_assert_nonnull (strstr (text, "\"encoder\""));
    g_assert_nonnull (strstr (text, "\"sae\""));
  }
  cyt_test_remove_tree (dir);
}

/* An SAE of another width, an SAE as encoder, an encoder as SAE, none at all. */
static void
test_models (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae ();
  const char *cells = cli_path (dir, "cells"), *out = cli_path (dir, "out"), *t = cli_path (dir, "out/t.npy");
  const char *project = cli_path (dir, "out/p.cytosae"), *other = cli_path (dir, "relu.pt");
  const char *image = cli_path (dir, "cells/long/00.bmp");

  cli_make_cells (cells, 1);
  g_assert_cmpint (g_mkdir (out, 0755), ==, 0);
  cyt_test_run_reference ("make_models.py", dir, "tiny", NULL);
  cli_run_fails (1, "192", "latents", "-e", encoder, "-s", other, cells, "--out-counts", t, NULL);
  cli_run_fails (1, "192", "map", "-e", encoder, "-s", other, "-k", "1", image, "--out", t, NULL);
  cli_run_fails (1, "192", "index", project, "-e", encoder, "-s", other, "-i", cells, NULL);
  cli_run_fails (1, "relu.pt", "index", project, "-e", other, "-s", sae, "-i", cells, NULL);
  cli_run_fails (1, "encoder.safetensors", "index", project, "-e", encoder, "-s", encoder, "-i", cells, NULL);
  cli_run_fails (1, "none.pt", "index", project, "-e", encoder, "-s", cli_path (dir, "none.pt"), "-i", cells, NULL);
  cli_run_fails (1, "cells", "index", project, "-e", encoder, "-s", cells, "-i", cells, NULL);
  assert_nothing_in (out);
  cyt_test_remove_tree (dir);
}

static void
test_images (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae (), *shared = NULL, *text = NULL;
  const char *empty = cli_path (dir, "empty"), *out = cli_path (dir, "out"),
             *project = cli_path (dir, "out/p.cytosae");
  const char *cells = cli_path (dir, "cells"), *csv = cli_path (dir, "odd.csv"), *only_bad = cli_path (dir, "bad");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *result;

  g_assert_cmpint (g_mkdir (empty, 0755), ==, 0);
  g_assert_cmpint (g_mkdir (out, 0755), ==, 0);
  g_assert_cmpint (g_mkdir (only_bad, 0755), ==, 0);
  cli_run_fails (1, "empty", "index", project, "-e", encoder, "-s", sae, "-i", empty, NULL);
  cli_run_fails (1, "nowhere", "index", project, "-e", encoder, "-s", sae, "-i", cli_path (dir, "nowhere"), NULL);
  cli_write_text (csv, "file,label\na.jpg,x\n");
  cli_run_fails (1, "odd.csv", "index", project, "-e", encoder, "-s", sae, "-i", csv, NULL);
  cli_write_text (csv, "image,label\n");
  cli_run_fails (1, "odd.csv", "index", project, "-e", encoder, "-s", sae, "-i", csv, NULL);
  assert_nothing_in (out);

  /* A .DS_Store named .jpg, a truncated file and one that is not there are skipped and listed. */
  cli_make_cells (cells, 2);
  cli_write_text (cli_path (dir, "cells/round/07.jpg"), "\1\1Bud1");
  cli_write_text (cli_path (dir, "cells/round/08.bmp"), "BM");
  cli_write_text (csv,
                  "image,label\ncells/long/00.bmp,l\ncells/round/07.jpg,r\ncells/gone.png,r\ncells/round/01.bmp,r\n"
                  "cells/round/08.bmp,r\n");
  node = cli_run_json ("index", project, "-e", encoder, "-s", sae, "-i", csv, "--json", NULL);
  result = json_node_get_object (node);
  g_assert_cmpint (json_object_get_int_member (result, "n_indexed"), ==, 5);
  g_assert_cmpint (json_object_get_int_member (result, "n_failed"), ==, 3);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (result, "failures")), ==, 3);
  text = cli_run_ok ("index", project, "-e", encoder, "-s", sae, "-i", csv, NULL);
  g_assert_nonnull (strstr (text, "2 of 5 images"));
  g_assert_nonnull (strstr (text, "3 skipped"));
  g_assert_nonnull (strstr (text, "07.jpg"));
  g_assert_nonnull (strstr (text, "gone.png"));
  g_assert_nonnull (strstr (text, "08.bmp"));

  /* Nothing else: that is a failure. */
  cli_write_text (cli_path (dir, "bad/07.jpg"), "\1\1Bud1");
  {
    g_autofree char *said = NULL, *err = NULL;

    g_assert_cmpint (
        cli_run (&said, &err, "index", cli_path (dir, "q.cytosae"), "-e", encoder, "-s", sae, "-i", only_bad, NULL),
        ==, 1);
    g_assert_nonnull (strstr (err, "none of the 1 images could be read"));
    g_assert_nonnull (strstr (said, "07.jpg"));
  }
  shared = cyt_test_shared_or_null ("cells/odd/DS_169665_not_a_jpeg.jpg");
  if (shared != NULL)
    cli_run_fails (1, "DS_169665_not_a_jpeg.jpg", "preprocess", shared, "--out", cli_path (dir, "out/x.npy"), NULL);
  cyt_test_remove_tree (dir);
}

static void
set_user_version (const char *project, int version)
{
  g_autofree char *sql = g_strdup_printf ("PRAGMA user_version = %d", version);
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (project, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static void
assert_refused (const char *project, const char *says, const char *cells, const char *out)
{
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae (), *before = NULL, *after = NULL;
  g_autofree char *picture = g_strconcat (out, ".png", NULL);
  gsize n_before = 0, n_after = 0;

  g_assert_true (g_file_get_contents (project, &before, &n_before, NULL));
  cli_run_fails (1, says, "info", project, NULL);
  cli_run_fails (1, says, "latents-table", project, NULL);
  cli_run_fails (1, says, "latent", project, "1", NULL);
  cli_run_fails (1, says, "label", project, "1", "--name", "x", NULL);
  cli_run_fails (1, says, "labels", "export", project, out, NULL);
  cli_run_fails (1, says, "figure", project, "concepts", "--out", picture, NULL);
  cli_run_fails (1, says, "index", project, "-e", encoder, "-s", sae, "-i", cells, NULL);
  g_assert_true (g_file_get_contents (project, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
  cli_assert_missing (out);
  cli_assert_missing (picture);
}

static void
test_projects (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae (), *content = NULL;
  const char *cells = cli_path (dir, "cells"), *project = cli_path (dir, "p.cytosae"), *out = cli_path (dir, "o.csv");
  const char *other = cli_path (dir, "other"), *damaged = cli_path (dir, "damaged.cytosae");
  g_autoptr (GError) error = NULL;
  gsize size;

  cyt_test_run_reference ("make_bad_inputs.py", dir, encoder, NULL);
  cli_make_cells (cells, 2);
  cli_make_cells (other, 3);
  g_free (cli_run_ok ("index", project, "-e", encoder, "-s", sae, "-i", cells, NULL));

  assert_refused (cli_path (dir, "text.cytosae"), "text.cytosae", cells, out);
  assert_refused (cli_path (dir, "foreign.cytosae"), "foreign.cytosae", cells, out);
  cli_run_fails (1, "none.cytosae", "latents-table", cli_path (dir, "none.cytosae"), NULL);
  cli_assert_missing (cli_path (dir, "none.cytosae"));

  /* Half of a project. */
  g_assert_true (g_file_get_contents (project, &content, &size, NULL));
  g_assert_true (g_file_set_contents (damaged, content, (gssize) size / 2, &error));
  cli_run_fails (1, "damaged.cytosae", "latents-table", damaged, NULL);

  /* Other images, another threshold or other models under the same name. */
  cli_run_fails (1, "p.cytosae", "index", project, "-e", encoder, "-s", sae, "-i", other, NULL);
  cli_run_fails (1, "p.cytosae", "index", project, "-e", encoder, "-s", sae, "-i", cells, "--threshold", "0.3", NULL);
  cli_run_fails (1, "p.cytosae", "index", project, "-e", encoder, "-s", sae, "-i", cells, "--top", "10", NULL);

  set_user_version (project, 1000);
  assert_refused (project, "p.cytosae", cells, out);
  cyt_test_remove_tree (dir);
}

static void
test_locked (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae ();
  const char *cells = cli_path (dir, "cells"), *project = cli_path (dir, "p.cytosae");
  sqlite3 *db = NULL;

  cli_make_cells (cells, 1);
  g_free (cli_run_ok ("index", project, "-e", encoder, "-s", sae, "-i", cells, NULL));
  g_assert_cmpint (sqlite3_open (project, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), ==, SQLITE_OK);
  cli_run_fails (1, "p.cytosae", "label", project, "1", "--name", "x", NULL);
  g_assert_cmpint (sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
  g_free (cli_run_ok ("label", project, "1", "--name", "x", NULL));
  cyt_test_remove_tree (dir);
}

/* Runs a line of shell, as a user without rights where the tests run as root. "$0" is the program. */
static int
run_shell (char **err, const char *line)
{
  if (geteuid () == 0)
    return cyt_test_run (NULL, err, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
                         "/bin/sh", "-c", line, cli_get_program (), NULL);
  return cyt_test_run (NULL, err, "/bin/sh", "-c", line, cli_get_program (), NULL);
}

static void
test_read_only (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae (), *line = NULL, *err = NULL, *can = NULL,
                  *index = NULL;
  const char *cells = cli_path (dir, "cells"), *project = cli_path (dir, "p.cytosae");

  can = g_strdup_printf ("test -x \"$0\" -a -r '%s'", encoder);
  if (run_shell (NULL, can) != 0)
    {
      g_test_skip ("a user without rights cannot reach the program");
      cyt_test_remove_tree (dir);
      return;
    }
  cli_make_cells (cells, 1);
  g_free (cli_run_ok ("index", project, "-e", encoder, "-s", sae, "-i", cells, NULL));
  g_chmod (project, 0444);
  g_chmod (dir, 0555);

  line = g_strdup_printf ("\"$0\" latents-table '%s' >/dev/null && \"$0\" label '%s' 1 --name x", project, project);
  g_assert_cmpint (run_shell (&err, line), ==, 1);
  g_assert_nonnull (strstr (err, "p.cytosae"));
  g_clear_pointer (&err, g_free);
  index = g_strdup_printf ("\"$0\" index '%s/q.cytosae' -e '%s' -s '%s' -i '%s'", dir, encoder, sae, cells);
  g_assert_cmpint (run_shell (&err, index), ==, 1);
  g_assert_nonnull (strstr (err, "q.cytosae"));
  cli_assert_missing (cli_path (dir, "q.cytosae"));
  g_chmod (dir, 0755);
  cyt_test_remove_tree (dir);
}

/* A limit on the size of files stands for a full disk. */
static void
test_full_disk (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae (), *line = NULL, *err = NULL, *label = NULL,
                  *err2 = NULL;
  g_autofree char *before = NULL, *after = NULL;
  const char *cells = cli_path (dir, "cells"), *project = cli_path (dir, "p.cytosae"), *note = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  cli_make_cells (cells, 4);
  line = g_strdup_printf ("trap '' XFSZ; ulimit -f 100; '%s' index '%s' -e '%s' -s '%s' -i '%s'", cli_get_program (),
                          project, encoder, sae, cells);
  g_assert_cmpint (cyt_test_run (NULL, &err, "/bin/sh", "-c", line, NULL), ==, 1);
  g_assert_nonnull (strstr (err, "cytosae: "));
  g_assert_nonnull (strstr (err, "p.cytosae"));

  /* With room again the same command completes it. */
  g_free (cli_run_ok ("index", project, "-e", encoder, "-s", sae, "-i", cells, NULL));
  before = cli_run_ok ("latents-table", project, "--csv", NULL);
  for (guint i = 0; i < 90000; i++)
    g_string_append_c (text, 'n');
  note = text->str;
  label
      = g_strdup_printf ("trap '' XFSZ; ulimit -f 1; '%s' label '%s' 1 --note %s", cli_get_program (), project, note);
  g_assert_cmpint (cyt_test_run (NULL, &err2, "/bin/sh", "-c", label, NULL), ==, 1);
  g_assert_nonnull (strstr (err2, "p.cytosae"));
  after = cli_run_ok ("latents-table", project, "--csv", NULL);
  g_assert_cmpstr (before, ==, after);
  cyt_test_remove_tree (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/bad-input/checkpoints", test_checkpoints);
  g_test_add_func ("/cli/bad-input/models", test_models);
  g_test_add_func ("/cli/bad-input/images", test_images);
  g_test_add_func ("/cli/bad-input/projects", test_projects);
  g_test_add_func ("/cli/bad-input/locked", test_locked);
  g_test_add_func ("/cli/bad-input/read-only", test_read_only);
  g_test_add_func ("/cli/bad-input/full-disk", test_full_disk);
  return g_test_run ();
}
