/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "cli-util.h"

static void
test_options (void)
{
  cli_run_fails (2, "--cells", "phantom", "--out", "x", "--cells", "0", NULL);
  cli_run_fails (2, "--patients", "phantom", "--out", "x", "--patients", "10000", NULL);
  cli_run_fails (2, "--size", "phantom", "--out", "x", "--size", "223", NULL);
  cli_run_fails (2, "--size", "phantom", "--out", "x", "--size", "401", NULL);
  cli_run_fails (2, "--seed", "phantom", "--out", "x", "--seed", "-1", NULL);
  cli_run_fails (2, "blood, marrow", "phantom", "--out", "x", "--domain", "liver", NULL);
  cli_run_fails (2, "jpg, png, tiff", "phantom", "--out", "x", "--format", "gif", NULL);
  cli_run_fails (2, "none, stain", "phantom", "--out", "x", "--confound", "age", NULL);
  cli_run_fails (2, "one argument too many", "phantom", "--out", "x", "y", NULL);
  cli_assert_missing ("x");
}

/* What it writes is what the other commands read; an index of it stays marked. */
static void
test_write (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir (), *said = NULL, *pixels = NULL, *readme = NULL;
  g_autofree char *encoder = cyt_test_source ("data/models/pbc-tiny/encoder.safetensors");
  g_autofree char *sae = cyt_test_source ("data/models/pbc-tiny/sae"), *indexed = NULL, *info = NULL, *table = NULL;
  const char *project = cli_path (dir, "p.cytosae");
  const char *out = cli_path (dir, "cells"), *array = cli_path (dir, "x.npy");

  said = cli_run_ok ("phantom", "--out", out, "--cells", "12", "--patients", "5", "--size", "224", "--format", "png",
                     "--domain", "marrow", "--confound", "stain", "--masks", NULL);
  g_assert_nonnull (strstr (said, "12 cells of 5 patients, SIMULATED"));
  pixels = cli_run_ok ("preprocess", cli_path (out, "manifest.csv"), "--out", array, NULL);
  g_assert_true (g_file_test (array, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (cli_path (out, "README.txt"), &readme, NULL, NULL));
  g_assert_true (g_str_has_prefix (readme, "SIMULATED, not for clinical use"));
  g_assert_true (g_file_test (cli_path (out, "masks/S01/S01-000001-cell.png"), G_FILE_TEST_EXISTS));
  indexed = cli_run_ok ("index", project, "--encoder", encoder, "--sae", sae, "--images", cli_path (out, "manifest.csv"),
                        NULL);
  info = cli_run_ok ("info", "--json", project, NULL);
  g_assert_true (g_regex_match_simple ("\"simulated\"\\s*:\\s*true", info, 0, 0));
  table = cli_run_ok ("latents-table", project, "--limit", "1", NULL);
  g_assert_true (g_str_has_prefix (table, "SIMULATED"));
  cli_run_fails (1, "other settings", "phantom", "--out", out, "--cells", "12", NULL);
  cyt_test_remove_tree (dir);
}

/* Ctrl-C says how to go on, and the same command does. */
static void
test_interrupt (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir (), *said = NULL;
  const char *out = cli_path (dir, "cells"), *manifest = cli_path (out, "manifest.csv");
  GPid pid = cli_start ("phantom", "--out", out, "--cells", "1000000", "--patients", "2", "--size", "224", NULL);

  /* Once a cell is there, the work has begun. */
  for (guint i = 0; i < 3000 && !g_file_test (cli_path (out, "images/S01/S01-000001.jpg"), G_FILE_TEST_EXISTS); i++)
    g_usleep (10000);
  kill (pid, SIGINT);
  g_assert_cmpint (cli_wait (pid), ==, 130);
  cli_assert_missing (manifest);
  said = cli_run_ok ("phantom", "--out", out, "--cells", "6", "--patients", "2", "--size", "224", NULL);
  g_assert_true (g_file_test (manifest, G_FILE_TEST_EXISTS));
  cyt_test_remove_tree (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/phantom/options", test_options);
  g_test_add_func ("/cli/phantom/write", test_write);
  g_test_add_func ("/cli/phantom/interrupt", test_interrupt);
  return g_test_run ();
}
