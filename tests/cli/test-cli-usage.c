/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "cli-util.h"

static const char *const commands[] = {
  "info", "preprocess", "embed", "latents", "map", "patch", "index", "latents-table", "latent", "label", "labels", "figure", "barcodes", "patients", "compare", "confounds", "classify",
  "phantom", "demo", "stability", "measure",
};

static void
test_help (void)
{
  g_autofree char *general = cli_run_ok ("--help", NULL), *help = cli_run_ok ("help", NULL);
  g_autofree char *version = cli_run_ok ("--version", NULL);

  g_assert_cmpstr (general, ==, help);
  g_assert_cmpstr (version, ==, "cytosae " CYT_VERSION "\n");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *own = cli_run_ok (commands[i], "--help", NULL), *same = cli_run_ok ("help", commands[i], NULL);
      g_autofree char *usage = g_strdup_printf ("cytosae %s [OPTION", commands[i]);

      g_assert_nonnull (strstr (general, commands[i]));
      g_assert_nonnull (strstr (own, usage));
      g_assert_nonnull (strstr (own, "Example"));
      g_assert_cmpstr (own, ==, same);
    }
}

static void
test_commands (void)
{
  g_autofree char *out = NULL, *err = NULL;

  g_assert_cmpint (cli_run (&out, &err, NULL), ==, 2);
  g_assert_cmpstr (out, ==, "");
  g_assert_nonnull (strstr (err, "Usage: cytosae"));
  cli_run_fails (2, "no such command: indx", "indx", "x", NULL);
  cli_run_fails (2, "no such command: indx", "help", "indx", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      cli_run_fails (2, "--bogus", commands[i], "--bogus", NULL);
      cli_run_fails (2, g_str_equal (commands[i], "phantom") ? "--out is needed" : "arguments are missing", commands[i],
                     NULL);
    }
}

/* Nothing here exists: what is wrong with the command line is said before any file is opened. */
static void
test_options (void)
{
  const char *const threads[] = { "0", "1025", "x", "", "1.5", " 1", "0x2", "99999999999999999999" };
  const char *const thresholds[] = { "-0.1", "nan", "inf", "0,2", "", "0.2x" };
  const char *const tops[] = { "0", "1001", "-3", "ten" };

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    cli_run_fails (2, "--threads", "preprocess", "a.jpg", "--out", "x.npy", "--threads", threads[i], NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (thresholds); i++)
    {
      cli_run_fails (2, "--threshold", "latents", "--encoder", "e", "--sae", "s", "a.jpg", "--out-counts", "c.npy",
                     "--threshold", thresholds[i], NULL);
      cli_run_fails (2, "--threshold", "index", "p.cytosae", "--encoder", "e", "--sae", "s", "--images", "d",
                     "--threshold", thresholds[i], NULL);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tops); i++)
    cli_run_fails (2, "--top", "index", "p.cytosae", "--encoder", "e", "--sae", "s", "--images", "d", "--top",
                   tops[i], NULL);

  cli_run_fails (2, "--out", "preprocess", "a.jpg", NULL);
  cli_run_fails (2, "--encoder", "embed", "a.jpg", "--out", "x.npy", NULL);
  cli_run_fails (2, "--block", "embed", "a.jpg", "--encoder", "e", "--out", "x.npy", "--block", "last", NULL);
  cli_run_fails (2, "--sae", "latents", "a.jpg", "--encoder", "e", "--out-scores", "x.npy", NULL);
  cli_run_fails (2, "--out-scores or --out-counts", "latents", "a.jpg", "--encoder", "e", "--sae", "s", NULL);
  cli_run_fails (2, "same file", "latents", "a.jpg", "--encoder", "e", "--sae", "s", "--out-scores", "x.npy",
                 "--out-counts", "./x.npy", NULL);
  cli_run_fails (2, "--latent", "map", "a.jpg", "--encoder", "e", "--sae", "s", "--latent", "-1", "--out", "m.npy",
                 NULL);
  cli_run_fails (2, ".npy or .png", "map", "a.jpg", "--encoder", "e", "--sae", "s", "--latent", "1", "--out", "m.jpg",
                 NULL);
  cli_run_fails (2, "one argument too many: b.jpg", "map", "a.jpg", "b.jpg", "--encoder", "e", NULL);
  cli_run_fails (2, "--images", "index", "p.cytosae", "--encoder", "e", "--sae", "s", NULL);
  cli_run_fails (2, "--dataset", "index", "p.cytosae", "--encoder", "e", "--sae", "s", "--images", "d", "--dataset",
                 "", NULL);
  cli_run_fails (2, "--sort", "latents-table", "p.cytosae", "--sort", "colour", NULL);
  cli_run_fails (2, "--limit", "latents-table", "p.cytosae", "--limit", "-1", NULL);
  cli_run_fails (2, "--csv and --json", "latents-table", "p.cytosae", "--csv", "--json", NULL);
  cli_run_fails (2, "K:", "latent", "p.cytosae", "seven", NULL);
  cli_run_fails (2, "--name, --category", "label", "p.cytosae", "7", NULL);
  cli_run_fails (2, "--status", "label", "p.cytosae", "7", "--status", "sure", NULL);
  cli_run_fails (2, "valid UTF-8", "label", "p.cytosae", "7", "--name", "\xff", NULL);
  cli_run_fails (2, "export, import or merge", "labels", "copy", "p.cytosae", "l.csv", NULL);
  cli_run_fails (2, ".csv or .json", "labels", "export", "p.cytosae", "l.txt", NULL);
  cli_run_fails (2, "are missing", "figure", "p.cytosae", NULL);
  cli_run_fails (2, "too many: b", "figure", "--again", "f.png", "a", "b", NULL);
  cli_run_fails (2, "no such kind of figure: pie", "figure", "p.cytosae", "pie", NULL);
  cli_run_fails (2, "--out", "figure", "p.cytosae", "concepts", NULL);
  cli_run_fails (2, "--width", "figure", "p.cytosae", "concepts", "--out", "f.png", "--width", "narrow", NULL);
  cli_run_fails (1, "no family", "figure", "p.cytosae", "concepts", "--out", "f.png", "--font", "No Such Font", NULL);
  cli_run_fails (1, ".svg", "figure", "p.cytosae", "concepts", "--out", "f.gif", NULL);
  cli_run_fails (2, "--cells", "figure", "p.cytosae", "concepts", "--out", "f.png", "--cells", "0", NULL);
}

/* "--" ends the options; a name may hold anything and stays on its line. */
static void
test_names (void)
{
  cli_run_fails (1, "--odd.npy", "info", "--", "--odd.npy", NULL);
  cli_run_fails (1, "lines", "info", "two\nlines\x1b[31m", NULL);
  cli_run_fails (1, ".npy", "info", "\xff\xe2\x80\xae.npy", NULL);
  cli_run_fails (2, "indx\\n\\x1b\\xff\\u202e", "indx\n\x1b\xff\xe2\x80\xae", NULL);
}

static void
test_full_disk (void)
{
  g_autofree char *line = g_strdup_printf ("'%s' --help >/dev/full", cli_get_program ());
  g_autofree char *err = NULL;

  g_assert_cmpint (cyt_test_run (NULL, &err, "/bin/sh", "-c", line, NULL), ==, 1);
  g_assert_true (g_str_has_prefix (err, "cytosae: standard output: "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/usage/help", test_help);
  g_test_add_func ("/cli/usage/commands", test_commands);
  g_test_add_func ("/cli/usage/options", test_options);
  g_test_add_func ("/cli/usage/names", test_names);
  g_test_add_func ("/cli/usage/full-disk", test_full_disk);
  return g_test_run ();
}
