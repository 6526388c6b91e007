/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "cli-util.h"
#include "io/cyt-image.h"
#include "project/cyt-project.h"

#define N 4 /* cells of each class */

typedef struct
{
  char *dir;
  const char *cells;    /* a folder with a name of its own, */
  const char *project;
  const char *pack;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae ();
  g_autofree char *folder = NULL;

  f->dir = cyt_test_make_tmpdir ();
  folder = g_build_filename (f->dir, "Annas Geheimnis", NULL);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  f->cells = cli_path (folder, "größe");
  f->project = cli_path (f->dir, "p.cytosae");
  f->pack = cli_path (f->dir, "pack.cytosae");
  cli_make_cells (f->cells, N);
  cli_write_text (cli_path (f->cells, "round/99.png"), "no picture");
  g_free (cli_run_ok ("index", f->project, "--encoder", encoder, "--sae", sae, "--images", f->cells, "--dataset", "cells",
                      NULL));
  g_free (cli_run_ok ("label", f->project, "17", "--name", "granules", "--rater", "A. Expert", NULL));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_test_remove_tree (f->dir);
  g_free (f->dir);
}

/* The offset of @text in the file, -1 when it is not in it. */
static gssize
find_bytes (const char *path, const char *text)
{
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize size, n = strlen (text);

  g_file_get_contents (path, &content, &size, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i + n <= size; i++)
    if (memcmp (content + i, text, n) == 0)
      return (gssize) i;
  return -1;
}

static void
assert_no_path (const char *pack, const char *text)
{
  g_autofree char *swapped = g_utf8_strreverse (text, -1);

  g_assert_cmpint (find_bytes (pack, text), ==, -1);
  g_assert_cmpint (find_bytes (pack, swapped), ==, -1);
}

/* A top cell of some latent with a map, as JSON. */
static char *
dup_latents (const char *project)
{
  g_autoptr (GString) all = g_string_new (NULL);
  static const char *const latents[] = { "17", "407", "1883" };

  for (guint i = 0; i < G_N_ELEMENTS (latents); i++)
    {
      g_autoptr (JsonNode) node = cli_run_json ("latent", project, latents[i], "--json", NULL);
      JsonArray *datasets = json_object_get_array_member (json_node_get_object (node), "datasets");
      g_autofree char *text = NULL;

      for (guint d = 0; d < json_array_get_length (datasets); d++)
        json_object_remove_member (json_array_get_object_element (datasets, d), "root");
      text = json_to_string (node, TRUE);
      g_string_append (all, text);
    }
  return g_string_free (g_steal_pointer (&all), FALSE);
}

static guint
count_thumbnails (const char *path, guint max)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, &error);
  guint n = 0;

  g_assert_no_error (error);
  for (guint i = 1; i <= 2 * N + 1; i++)
    {
      g_autoptr (GBytes) jpeg = cyt_project_get_thumbnail (project, i, &error);
      g_autoptr (CytImage) image = jpeg ? cyt_image_load_bytes (jpeg, "thumbnail", &error) : NULL;

      g_assert_no_error (error);
      if (image == NULL)
        continue;
      g_assert_cmpuint (MAX (image->width, image->height), <=, max);
      n++;
    }
  return n;
}

/* Why the one image of the data set could not be read. */
static char *
read_failure (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, &error);
  g_autoptr (CytDataset) dataset = cyt_project_find_dataset (project, "cells", &error);
  g_autoptr (GPtrArray) failures = cyt_project_list_failures (project, dataset->id, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (failures->len, ==, 1);
  return g_strdup (((CytCell *) failures->pdata[0])->failure);
}

/* Nothing of this machine is in the file, all that matters is. */
static void
test_pack (Fixture *f, gconstpointer data)
{
  g_autofree char *encoder = cli_dup_encoder (), *before = NULL, *after = NULL, *failed = NULL, *said = NULL;
  g_autoptr (JsonNode) info = NULL;
  JsonObject *dataset;

  said = cli_run_ok ("pack", f->project, "--out", f->pack, "--thumbnail-size", "20", NULL);
  g_assert_nonnull (strstr (said, "with 8 thumbnails"));
  g_assert_cmpint (find_bytes (f->project, f->cells), >=, 0);
  assert_no_path (f->pack, f->dir);
  assert_no_path (f->pack, f->cells);
  assert_no_path (f->pack, "Geheimnis");
  assert_no_path (f->pack, encoder);
  assert_no_path (f->pack, g_get_home_dir ());
  assert_no_path (f->pack, g_get_tmp_dir ());

  g_assert_cmpuint (count_thumbnails (f->pack, 20), ==, 2 * N);
  before = dup_latents (f->project);
  after = dup_latents (f->pack);
  g_assert_cmpstr (before, ==, after);
  info = cli_run_json ("info", f->pack, "--json", NULL);
  dataset = json_array_get_object_element (json_object_get_array_member (json_node_get_object (info), "datasets"), 0);
  g_assert_cmpstr (json_object_get_string_member (dataset, "root"), ==, "");
  failed = read_failure (f->pack);
  g_assert_true (g_str_has_prefix (failed, "round/99.png: "));

  /* a pack there already is not overwritten */
  cli_run_fails (1, "pack.cytosae", "pack", f->project, "--out", f->pack, NULL);
  cli_run_fails (2, "--thumbnail-size", "pack", f->project, "--out", f->pack, "--thumbnail-size", "0", NULL);
}

/* On a machine without images and models it is browsed and labelled, and packed on. */
static void
test_without_images (Fixture *f, gconstpointer data)
{
  const char *again = cli_path (f->dir, "again.cytosae"), *png = cli_path (f->dir, "figure.png");
  g_autofree char *said = NULL, *first = NULL, *second = NULL;

  g_free (cli_run_ok ("pack", f->project, "--out", f->pack, "--thumbnail-size", "64", NULL));
  cyt_test_remove_tree (f->cells);
  g_free (cli_run_ok ("figure", f->pack, "concepts", "--latents", "407", "--out", png, NULL));
  g_free (cli_run_ok ("label", f->pack, "407", "--name", "rim", "--rater", "B. Expert", NULL));
  said = cli_run_ok ("latent", f->pack, "407", NULL);
  g_assert_nonnull (strstr (said, "rim"));

  g_clear_pointer (&said, g_free);
  said = cli_run_ok ("pack", f->pack, "--out", again, "--thumbnail-size", "200", NULL);
  g_assert_nonnull (strstr (said, "8 of them from the project's own"));
  g_assert_cmpuint (count_thumbnails (again, 64), ==, 2 * N);
  first = dup_latents (f->pack);
  second = dup_latents (again);
  g_assert_cmpstr (first, ==, second);
}

static void
assert_result (JsonNode *node, const char *root, gint64 n_found, gint64 n_missing, gint64 n_different)
{
  JsonObject *result = json_node_get_object (node);

  g_assert_cmpstr (json_object_get_string_member (result, "root"), ==, root);
  g_assert_cmpint (json_object_get_int_member (result, "n_found"), ==, n_found);
  g_assert_cmpint (json_object_get_int_member (result, "n_missing"), ==, n_missing);
  g_assert_cmpint (json_object_get_int_member (result, "n_different"), ==, n_different);
}

/* Fails with 1 after telling how far it came. */
static void
run_refused (const char *says, const char *project, const char *folder)
{
  g_autofree char *out = NULL, *err = NULL;

  g_assert_cmpint (cli_run (&out, &err, "locate", project, folder, NULL), ==, 1);
  g_assert_cmpstr (out, ==, "");
  g_assert_nonnull (strstr (err, says));
}

/* A folder that moved: found from it, above it and below it; what is missing or exchanged is told. */
static void
test_locate (Fixture *f, gconstpointer data)
{
  const char *moved = cli_path (f->dir, "moved"), *inner = cli_path (moved, "inner"),
             *first = cli_path (inner, "round/00.bmp"), *second = cli_path (inner, "round/01.bmp");
  g_autoptr (JsonNode) from_above = NULL, from_below = NULL, in_pack = NULL, one_missing = NULL, forced = NULL;

  g_free (cli_run_ok ("pack", f->project, "--out", f->pack, NULL));
  g_assert_cmpint (g_mkdir (moved, 0700), ==, 0);
  run_refused ("holds no image", f->project, moved);
  g_assert_cmpint (g_rename (f->cells, inner), ==, 0);
  from_above = cli_run_json ("locate", f->project, moved, "--json", NULL);
  assert_result (from_above, inner, 2 * N, 0, 0);
  from_below = cli_run_json ("locate", f->project, cli_path (inner, "round"), "--dataset", "cells", "--json", NULL);
  assert_result (from_below, inner, 2 * N, 0, 0);
  in_pack = cli_run_json ("locate", f->pack, inner, "--json", NULL);
  assert_result (in_pack, inner, 2 * N, 0, 0);
  g_assert_cmpint (find_bytes (f->pack, inner), >=, 0);

  g_assert_cmpint (g_unlink (first), ==, 0);
  one_missing = cli_run_json ("locate", f->project, inner, "--json", NULL);
  assert_result (one_missing, inner, 2 * N - 1, 1, 0);
  cli_write_text (second, "another picture");
  run_refused ("round/01.bmp", f->project, inner);
  forced = cli_run_json ("locate", f->project, inner, "--force", "--json", NULL);
  assert_result (forced, inner, 2 * N - 2, 1, 1);

  cli_run_fails (1, "no such folder", "locate", f->project, cli_path (f->dir, "nowhere"), NULL);
  cli_run_fails (1, "no data set", "locate", f->project, inner, "--dataset", "others", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/cli/share/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("pack", test_pack);
  ADD ("without-images", test_without_images);
  ADD ("locate", test_locate);
  return g_test_run ();
}
