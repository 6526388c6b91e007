/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <glib/gstdio.h>

#include "cli-util.h"
#include "io/cyt-image.h"

/* A small project of invented cells, made once. */
static char *dir;
static const char *project;

static void
make_project (void)
{
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae ();
  const char *cells = cli_path (dir, "cells");

  project = cli_path (dir, "p.cytosae");
  cli_make_cells (cells, 6);
  g_free (cli_run_ok ("index", project, "-e", encoder, "-s", sae, "-i", cells, "-d", "cells", "--pixel-size", "0.1", NULL));
  g_free (cli_run_ok ("label", project, "407", "--name", "Auer-Stäbchen", "--rater", "R", NULL));
}

static char *
read_file (const char *path, gsize *n)
{
  char *data;

  g_assert_true (g_file_get_contents (path, &data, n, NULL));
  return data;
}

static void
assert_same (const char *a, const char *b)
{
  gsize n, m;
  g_autofree char *first = read_file (a, &n), *second = read_file (b, &m);

  g_assert_cmpmem (first, n, second, m);
}

/* The same command twice, and the command in the file: the same bytes in each format, in any folder. */
static void
test_again (void)
{
  static const char *const endings[] = { "png", "pdf", "svg" };
  const char *paper = cli_path (dir, "paper");

  g_mkdir (paper, 0755);
  g_setenv ("SOURCE_DATE_EPOCH", "1700000000", TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *first = g_strdup_printf ("%s/f.%s", paper, endings[i]), *second = g_strdup_printf ("%s/g.%s", paper, endings[i]);
      g_autofree char *third = g_strdup_printf ("%s/h.%s", dir, endings[i]), *said = NULL, *again = NULL, *moved = NULL;
      const char *elsewhere = cli_path (dir, "moved.cytosae");

      said = cli_run_ok ("figure", project, "concepts", "--latents", "407,12", "--cells", "3", "--scale-bar", "--width",
                         "nature-1", "--panel", "b", "--out", first, NULL);
      g_assert_nonnull (strstr (said, "89 × "));
      g_assert_nonnull (strstr (said, "407, Auer-Stäbchen: "));
      g_assert_nonnull (strstr (said, "Scale bars, "));
      g_free (cli_run_ok ("figure", project, "concepts", "--latents", "407,12", "--cells", "3", "--scale-bar", "--width",
                          "nature-1", "--panel", "b", "--out", second, NULL));
      assert_same (first, second);
      again = cli_run_ok ("figure", "--again", first, "--out", third, NULL);
      g_assert_nonnull (strstr (again, "The same as before."));
      assert_same (first, third);
      g_assert_cmpint (g_rename (project, elsewhere), ==, 0);
      cli_run_fails (1, "p.cytosae is not there", "figure", "--again", first, NULL);
      moved = cli_run_ok ("figure", "--again", first, elsewhere, NULL);
      g_assert_nonnull (strstr (moved, "The same as before."));
      g_assert_cmpint (g_rename (elsewhere, project), ==, 0);
      assert_same (first, second);
    }
  g_unsetenv ("SOURCE_DATE_EPOCH");
}

/* From one format into another. */
static void
test_other_format (void)
{
  const char *png = cli_path (dir, "o.png"), *svg = cli_path (dir, "o.svg"), *direct = cli_path (dir, "d.svg");

  g_free (cli_run_ok ("figure", project, "concepts", "--latents", "407", "--overlay", "outline", "--out", png, NULL));
  g_free (cli_run_ok ("figure", project, "concepts", "--latents", "407", "--overlay", "outline", "--out", direct, NULL));
  g_free (cli_run_ok ("figure", "--again", png, "--out", svg, NULL));
  assert_same (svg, direct);
}

/* One cell with maps, by its path in the data set or as a file, again from another folder. */
static void
test_cell (void)
{
  const char *paper = cli_path (dir, "cells-paper"), *first = cli_path (dir, "cells-paper/a.svg"), *second = cli_path (dir, "b.svg");
  const char *file = cli_path (dir, "cells/round/03.bmp"), *third = cli_path (dir, "cells-paper/c.png"), *fourth = cli_path (dir, "d.png");
  g_autofree char *said = NULL, *again = NULL, *chosen = NULL;

  g_mkdir (paper, 0755);
  said = cli_run_ok ("figure", project, "cell", "--cell", "round/03.bmp", "--latents", "407,12,3000", "--scale-bar", "--out",
                     first, NULL);
  g_assert_nonnull (strstr (said, "class round"));
  again = cli_run_ok ("figure", "--again", first, "--out", second, NULL);
  g_assert_nonnull (strstr (again, "The same as before."));
  assert_same (first, second);
  chosen = cli_run_ok ("figure", project, "cell", "--image", file, "--maps", "2", "--out", third, NULL);
  g_assert_nonnull (strstr (chosen, "2 latents, its strongest"));
  g_free (cli_run_ok ("figure", "--again", third, "--out", fourth, NULL));
  assert_same (third, fourth);
  cli_run_fails (2, "either --cell or --image", "figure", project, "cell", "--out", first, NULL);
  cli_run_fails (1, "no cell \"square/03.bmp\"", "figure", project, "cell", "--cell", "square/03.bmp", "--out", first, NULL);
  cli_run_fails (1, "pixel is, is not known", "figure", project, "cell", "--image", file, "--scale-bar", "--out", first, NULL);
  cli_run_fails (1, "none.jpg", "figure", project, "cell", "--image", "none.jpg", "--out", first, NULL);
}

/* What has changed since is said, and a file is not replaced by another figure unasked. */
static void
test_changed (void)
{
  const char *png = cli_path (dir, "c.png"), *copy = cli_path (dir, "c2.png"), *svg = cli_path (dir, "c.svg");
  g_autofree char *said = NULL, *before = NULL, *after = NULL, *text = NULL, *edited = NULL;
  g_auto (GStrv) parts = NULL;
  gsize n, m;

  g_free (cli_run_ok ("figure", project, "concepts", "--latents", "407", "--out", png, NULL));
  before = read_file (png, &n);
  g_free (cli_run_ok ("label", project, "407", "--name", "faggots", "--rater", "R", NULL));
  cli_run_fails (1, "labels have been edited since", "figure", "--again", png, NULL);
  after = read_file (png, &m);
  g_assert_cmpmem (before, n, after, m);
  said = cli_run_ok ("figure", "--again", png, "--out", copy, NULL);
  g_assert_nonnull (strstr (said, "Not the same as before: labels have been edited since"));
  g_assert_nonnull (strstr (said, "faggots"));
  g_free (cli_run_ok ("label", project, "407", "--name", "Auer-Stäbchen", "--rater", "R", NULL));

  /* made with other models */
  g_free (cli_run_ok ("figure", project, "concepts", "--latents", "407", "--out", svg, NULL));
  text = read_file (svg, &n);
  parts = g_strsplit (text, "&quot;sae&quot;:&quot;", 2);
  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  parts[1][0] ^= 1;
  edited = g_strjoinv ("&quot;sae&quot;:&quot;", parts);
  g_assert_true (g_file_set_contents (svg, edited, (gssize) n, NULL));
  cli_run_fails (1, "another SAE", "figure", "--again", svg, "--out", copy, NULL);
}

static void
write_bytes (const char *path, const char *bytes, gsize n)
{
  g_assert_true (g_file_set_contents (path, bytes, (gssize) n, NULL));
}

/* Nothing but a figure is ever made of what a file says. */
static void
test_hostile (void)
{
  static const struct
  {
    const char *command;
    const char *says;
  } commands[] = {
    { "\"cytosae\",\"figure\",\"p.cytosae\",\"concepts\",\"--out\",\"stolen.png\"", "would write stolen.png" },
    { "\"cytosae\",\"figure\",\"p.cytosae\",\"concepts\",\"-o\",\"stolen.png\"", "would write stolen.png" },
    { "\"cytosae\",\"figure\",\"p.cytosae\",\"pie\"", "no figure of the kind" },
    { "\"cytosae\",\"label\",\"p.cytosae\",\"7\",\"--name\",\"x\"", "does not make a figure" },
    { "\"sh\",\"-c\",\"touch stolen.png\",\"x\"", "not one of this program" },
    { "\"cytosae\",\"figure\",\"--again\",\"h.svg\"", "does not make a figure" },
    { "\"cytosae\",\"figure\",\"p.cytosae\",\"concepts\",\"--shell\",\"x\"", "--shell" },
    { "\"cytosae\",\"figure\",\"/dev/zero\",\"concepts\"", "/dev/zero" },
  };
  const char *svg = cli_path (dir, "h.svg"), *out = cli_path (dir, "again.svg"), *stolen = cli_path (dir, "stolen.png");
  const char *png = cli_path (dir, "t.png"), *none = cli_path (dir, "none.png");
  g_autofree char *good = NULL;
  gsize n;

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"program\":\"CytoSAE Explorer\",\"version\":\"0\",\"sae\":\"0\",\"encoder\":"
                                               "\"0\",\"datasets\":[],\"command\":[%s]}", commands[i].command);
      g_autofree char *text = g_markup_printf_escaped ("<?xml version=\"1.0\"?><svg><metadata id=\"cytosae-figure\">%s</metadata>"
                                                       "</svg>", json);
      g_autofree char *said = NULL;
      int status;

      write_bytes (svg, text, strlen (text));
      status = cli_run (NULL, &said, "figure", "--again", svg, "--out", out, NULL);
      g_assert_true (status == 1 || status == 2);
      g_test_message ("%s: %s", commands[i].command, said);
      g_assert_nonnull (strstr (said, commands[i].says));
      cli_assert_missing (out);
      cli_assert_missing (stolen);
    }
  g_free (cli_run_ok ("figure", project, "concepts", "--latents", "407", "--out", png, NULL));
  good = read_file (png, &n);
  write_bytes (none, good, 40);
  cli_run_fails (1, "none.png", "figure", "--again", none, NULL);
  write_bytes (none, "", 0);
  cli_run_fails (1, "none.png", "figure", "--again", none, NULL);
  cli_run_fails (1, "p.cytosae", "figure", "--again", project, NULL);
  cli_run_fails (1, "is a folder", "figure", "--again", dir, NULL);
  cli_run_fails (1, "missing.png", "figure", "--again", cli_path (dir, "missing.png"), NULL);
}

/* A folder that cannot be written, or is not there, or is the project: an error, and nothing beside it. */
static void
test_nowhere (void)
{
  const char *out = cli_path (dir, "no/f.pdf"), *into = cli_path (dir, "f.png");

  cli_run_fails (1, "no/f.pdf", "figure", project, "concepts", "--latents", "1", "--out", out, NULL);
  g_mkdir (into, 0755);
  cli_run_fails (1, "f.png", "figure", project, "concepts", "--latents", "1", "--out", into, NULL);
  cli_assert_missing (cli_path (dir, "f.png.part"));
  cli_run_fails (1, "too large", "figure", project, "concepts", "--latents", "1", "--width", "1000", "--dpi", "2400", "--out",
                 cli_path (dir, "big.png"), NULL);
  cli_assert_missing (cli_path (dir, "big.png"));
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  dir = cyt_test_make_tmpdir ();
  make_project ();
  g_test_add_func ("/cli/figure/again", test_again);
  g_test_add_func ("/cli/figure/other-format", test_other_format);
  g_test_add_func ("/cli/figure/cell", test_cell);
  g_test_add_func ("/cli/figure/changed", test_changed);
  g_test_add_func ("/cli/figure/hostile", test_hostile);
  g_test_add_func ("/cli/figure/nowhere", test_nowhere);
  result = g_test_run ();
  cyt_test_remove_tree (dir);
  g_free (dir);
  return result;
}
