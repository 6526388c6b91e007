/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "cli-util.h"
#include "io/cyt-image.h"

#define D_SAE 3072

/* preprocess, embed, latents, map and patch against PIL and PyTorch (tests/ref/vit.py). */

static void
assert_same_file (const char *a, const char *b)
{
  g_autofree char *content_a = NULL, *content_b = NULL;
  gsize n_a = 0, n_b = 0;

  g_assert_true (g_file_get_contents (a, &content_a, &n_a, NULL));
  g_assert_true (g_file_get_contents (b, &content_b, &n_b, NULL));
  g_assert_cmpmem (content_a, n_a, content_b, n_b);
}

static void
check_maps (const char *dir, const char *first_image)
{
  CytTensorInfo maps_info, map_info;
  g_autofree float *maps = cyt_test_load_npy (cli_path (dir, "maps.npy"), &maps_info);
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae ();
  const char *out = cli_path (dir, "m.npy"), *png = cli_path (dir, "m.png");
  guint n_checked = 0;

  /* The first latents with something on the map, and one without. */
  for (guint k = 0; k < D_SAE && n_checked < 3; k++)
    {
      g_autofree float *map = NULL;
      g_autofree char *latent = g_strdup_printf ("%u", k), *text = NULL;
      float expected[256];
      double sum = 0;

      for (guint i = 0; i < 256; i++)
        {
          expected[i] = maps[(gsize) i * D_SAE + k];
          sum += expected[i];
        }
      if (sum == 0 && n_checked != 1)
        continue;
      n_checked++;
      text = cli_run_ok ("map", "--encoder", encoder, "--sae", sae, "--latent", latent, first_image, "--out", out,
                         NULL);
      g_assert_nonnull (strstr (text, "fires on"));
      map = cyt_test_load_npy (out, &map_info);
      g_assert_cmpuint (map_info.n_dims, ==, 2);
      g_assert_cmpint (map_info.shape[0], ==, 16);
      g_assert_cmpint (map_info.shape[1], ==, 16);
      for (guint i = 0; i < 256; i++)
        g_assert_true (fabsf (map[i] - expected[i]) <= 1e-3f * fmaxf (1, expected[i]));
    }
  g_assert_cmpuint (n_checked, ==, 3);

  {
    g_autofree char *text
        = cli_run_ok ("map", "--encoder", encoder, "--sae", sae, "-k", "7", first_image, "-o", png, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (CytImage) overlay = cyt_image_load (png, &error);
    g_autoptr (CytImage) cell = cyt_image_load (first_image, NULL);

    g_assert_no_error (error);
    g_assert_cmpuint (overlay->width, ==, cell->width);
    g_assert_cmpuint (overlay->height, ==, cell->height);
  }
}

static void
check_counts (const char *dir, const char *path)
{
  CytTensorInfo info, low_info, high_info;
  g_autofree float *counts = cyt_test_load_npy (path, &info);
  g_autofree float *low = cyt_test_load_npy (cli_path (dir, "counts_low.npy"), &low_info);
  g_autofree float *high = cyt_test_load_npy (cli_path (dir, "counts_high.npy"), &high_info);
  double sum = 0;

  g_assert_cmpstr (cyt_dtype_get_name (info.dtype), ==, "uint16");
  g_assert_cmpuint (info.n_elements, ==, low_info.n_elements);
  for (gsize i = 0; i < info.n_elements; i++)
    {
      g_assert_true (counts[i] >= low[i] && counts[i] <= high[i]);
      sum += counts[i];
    }
  g_assert_cmpfloat (sum, >, 0);
}

/* @images: what the command gets; @list: the same images in the same order, a path a line, for Python. */
static void
check_images (const char *dir, const char *images, const char *list, const char *first_image, gsize n)
{
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae ();
  const char *x = cli_path (dir, "x.npy"), *t = cli_path (dir, "t.npy"), *t2 = cli_path (dir, "t2.npy");
  const char *s = cli_path (dir, "s.npy"), *c = cli_path (dir, "c.npy"), *s2 = cli_path (dir, "s2.npy");
  CytTensorInfo info, ref_info;

  cyt_test_run_reference ("vit.py", list, dir, encoder, "-2", sae, "0.2", NULL);

  g_free (cli_run_ok ("preprocess", images, "--out", x, NULL));
  assert_same_file (x, cli_path (dir, "pixels.npy"));
  g_free (cli_run_ok ("preprocess", images, "--out", x, "--threads", "1", NULL));
  assert_same_file (x, cli_path (dir, "pixels.npy"));

  g_free (cli_run_ok ("embed", "--encoder", encoder, images, "--out", t, "--block", "-2", "--threads", "2", NULL));
  g_free (cli_run_ok ("embed", "--block=-2", images, "--encoder", encoder, "--threads=1", "--out", t2, NULL));
  assert_same_file (t, t2);
  {
    g_autofree float *tokens = cyt_test_load_npy (t, &info),
                     *ref = cyt_test_load_npy (cli_path (dir, "tokens.npy"), &ref_info);

    g_assert_cmpuint (info.n_dims, ==, 3);
    g_assert_cmpint (info.shape[0], ==, (gint64) n);
    g_assert_cmpint (info.shape[1], ==, 257);
    g_assert_cmpint (info.shape[2], ==, 192);
    g_assert_cmpuint (info.n_elements, ==, ref_info.n_elements);
    g_assert_true (cyt_test_nmse (tokens, ref, info.n_elements) <= 1e-9);
  }

  g_free (
      cli_run_ok ("latents", "--encoder", encoder, "--sae", sae, images, "--out-scores", s, "--out-counts", c, NULL));
  g_free (cli_run_ok ("latents", images, "-e", encoder, "-s", sae, "--threads", "1", "--threshold", "0.5",
                      "--out-scores", s2, NULL));
  assert_same_file (s, s2);
  {
    g_autofree float *scores = cyt_test_load_npy (s, &info),
                     *ref = cyt_test_load_npy (cli_path (dir, "scores.npy"), &ref_info);

    g_assert_cmpint (info.shape[0], ==, (gint64) n);
    g_assert_cmpint (info.shape[1], ==, D_SAE);
    g_assert_cmpuint (info.n_elements, ==, ref_info.n_elements);
    g_assert_true (cyt_test_nmse (scores, ref, info.n_elements) <= 1e-8);
  }
  check_counts (dir, c);
  check_maps (dir, first_image);
}

static void
test_made (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  const char *cells = cli_path (dir, "cells"), *list = cli_path (dir, "list.txt");
  g_autoptr (GString) lines = g_string_new (NULL);

  cli_make_cells (cells, 3);
  for (guint i = 0; i < 6; i++)
    g_string_append_printf (lines, "%s/%s/%02u.bmp\n", cells, i < 3 ? "long" : "round", i % 3);
  cli_write_text (list, lines->str);
  check_images (dir, cells, list, cli_path (dir, "cells/long/00.bmp"), 6);
  cyt_test_remove_tree (dir);
}

static void
test_real (void)
{
  g_autofree char *shared = cyt_test_shared ("cells/pbc/cohort.csv");
  g_autofree char *dir = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL, first = NULL;
  const char *csv;

  if (shared == NULL)
    return;
  dir = cyt_test_make_tmpdir ();
  csv = cli_path (dir, "some.csv");
  g_assert_true (cli_make_cohort (csv, 140, 12));
  g_assert_true (g_file_get_contents (csv, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  first = g_strsplit (lines[1], ",", 2);
  check_images (dir, csv, csv, first[0], 12);
  cyt_test_remove_tree (dir);
}

/* The first latent of a patch has there, on its own map, the activation that it is ranked by. */
static void
check_first_of_patch (const char *dir, const char *image, guint row, guint column)
{
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae ();
  g_autofree char *patch = g_strdup_printf ("%u,%u", row, column), *latent = NULL;
  g_autofree float *map = NULL;
  g_autoptr (JsonNode) root
      = cli_run_json ("patch", "-e", encoder, "-s", sae, "--patch", patch, "--limit", "1", "--json", image, NULL);
  JsonObject *object = json_node_get_object (root), *first;
  CytTensorInfo info;

  g_assert_cmpstr (json_object_get_string_member (object, "place"), ==, "patch");
  g_assert_cmpint (json_object_get_int_member (object, "row"), ==, row);
  g_assert_cmpint (json_object_get_int_member (object, "column"), ==, column);
  g_assert_cmpint (json_object_get_int_member (object, "n_active"), >, 1);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "latents")), ==, 1);
  first = json_array_get_object_element (json_object_get_array_member (object, "latents"), 0);
  latent = g_strdup_printf ("%" G_GINT64_FORMAT, json_object_get_int_member (first, "latent"));
  g_free (cli_run_ok ("map", "-e", encoder, "-s", sae, "-k", latent, image, "-o", cli_path (dir, "m.npy"), NULL));
  map = cyt_test_load_npy (cli_path (dir, "m.npy"), &info);
  g_assert_true (map[16 * row + column] == (float) json_object_get_double_member (first, "activation"));
}

static void
test_patch (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae (), *cell = NULL, *cls = NULL, *all = NULL;
  const char *cells = cli_path (dir, "cells"), *image = cli_path (dir, "cells/round/00.bmp");

  cli_make_cells (cells, 1);
  check_first_of_patch (dir, image, 0, 0);
  check_first_of_patch (dir, image, 7, 8);
  check_first_of_patch (dir, image, 15, 3);

  cell = cli_run_ok ("patch", "-e", encoder, "-s", sae, image, NULL);
  g_assert_nonnull (strstr (cell, "latents fire in the cell\nrank  latent "));
  g_assert_nonnull (strstr (cell, "\n  20"));
  g_assert_null (strstr (cell, "\n  21"));
  all = cli_run_ok ("patch", "-e", encoder, "-s", sae, "-n", "0", image, NULL);
  g_assert_nonnull (strstr (all, "\n  21"));
  cls = cli_run_ok ("patch", "-e", encoder, "-s", sae, "-p", "cls", image, NULL);
  g_assert_nonnull (strstr (cls, "latents fire on CLS\n"));

  cli_run_fails (2, "ROW,COLUMN or cls, found 3", "patch", "-e", encoder, "-s", sae, "-p", "3", image, NULL);
  cli_run_fails (2, "16", "patch", "-e", encoder, "-s", sae, "-p", "16,0", image, NULL);
  cli_run_fails (2, "-1", "patch", "-e", encoder, "-s", sae, "-p", "0,-1", image, NULL);
  cli_run_fails (1, "missing.bmp", "patch", "-e", encoder, "-s", sae, cli_path (dir, "missing.bmp"), NULL);
  cyt_test_remove_tree (dir);
}

/* An array has a row for each image, so one unreadable image fails the command and leaves nothing. */
static void
test_unreadable (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae ();
  const char *cells = cli_path (dir, "cells"), *bad = cli_path (dir, "cells/round/bad.jpg");
  const char *out = cli_path (dir, "o.npy"), *out2 = cli_path (dir, "o2.npy");

  cli_make_cells (cells, 3);
  cli_write_text (bad, "Bud1");
  cli_run_fails (1, "bad.jpg", "preprocess", cells, "--out", out, NULL);
  cli_run_fails (1, "bad.jpg", "embed", "-e", encoder, cells, "--out", out, NULL);
  cli_run_fails (1, "bad.jpg", "latents", "-e", encoder, "-s", sae, cells, "--out-scores", out, "--out-counts", out2,
                 NULL);
  cli_run_fails (1, "bad.jpg", "map", "-e", encoder, "-s", sae, "-k", "1", bad, "--out", out, NULL);
  cli_run_fails (1, "missing.jpg", "preprocess", cli_path (dir, "missing.jpg"), "--out", out, NULL);
  cli_assert_missing (out);
  cli_assert_missing (out2);
  cli_assert_missing (cli_path (dir, "o.npy.part"));
  cli_assert_missing (cli_path (dir, "o2.npy.part"));
  cyt_test_remove_tree (dir);
}

static void
test_outputs (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae (), *before = NULL, *after = NULL;
  g_autofree char *line = NULL, *err = NULL;
  const char *cells = cli_path (dir, "cells"), *image = cli_path (dir, "cells/round/00.bmp");
  const char *csv = cli_path (dir, "list.csv"), *big = cli_path (dir, "big.npy");
  gsize n_before, n_after;

  cli_make_cells (cells, 2);
  cli_write_text (csv, "image\ncells/round/00.bmp\n");
  g_assert_true (g_file_get_contents (image, &before, &n_before, NULL));

  /* Never over what is read. */
  cli_run_fails (1, "00.bmp", "preprocess", image, "--out", image, NULL);
  cli_run_fails (1, "00.bmp", "preprocess", csv, "--out", image, NULL);
  cli_run_fails (1, "list.csv", "preprocess", csv, "--out", csv, NULL);
  cli_run_fails (1, "encoder.safetensors", "embed", "-e", encoder, cells, "--out", encoder, NULL);
  g_assert_true (g_file_get_contents (image, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);

  /* No such folder, a folder that nobody can write to, no space. */
  cli_run_fails (1, "/nowhere/x.npy", "preprocess", cells, "--out", cli_path (dir, "nowhere/x.npy"), NULL);
  cli_run_fails (1, "/proc/x.npy", "preprocess", cells, "--out", "/proc/x.npy", NULL);
  cli_run_fails (1, "/proc/m.png", "map", "-e", encoder, "-s", sae, "-k", "1", image, "--out", "/proc/m.png", NULL);
  line = g_strdup_printf ("trap '' XFSZ; ulimit -f 100; '%s' preprocess '%s' --out '%s'", cli_get_program (), cells,
                          big);
  g_assert_cmpint (cyt_test_run (NULL, &err, "/bin/sh", "-c", line, NULL), ==, 1);
  g_assert_nonnull (strstr (err, "big.npy"));
  cli_assert_missing (big);
  cli_assert_missing (cli_path (dir, "big.npy.part"));

  /* What the files do not have. */
  cli_run_fails (1, "3071", "map", "-e", encoder, "-s", sae, "-k", "3072", image, "--out", big, NULL);
  cli_run_fails (1, "block", "embed", "-e", encoder, image, "--out", big, "--block", "6", NULL);
  cli_run_fails (1, "block", "embed", "-e", encoder, image, "--out", big, "--block", "-7", NULL);
  cli_assert_missing (big);
  cyt_test_remove_tree (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/arrays/made", test_made);
  g_test_add_func ("/cli/arrays/real", test_real);
  g_test_add_func ("/cli/arrays/patch", test_patch);
  g_test_add_func ("/cli/arrays/unreadable", test_unreadable);
  g_test_add_func ("/cli/arrays/outputs", test_outputs);
  return g_test_run ();
}
