/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#include "cli-util.h"
#include "io/cyt-csv.h"
#include "io/cyt-image.h"

#define D_SAE 3072
#define N_TOP 25

static void
run_index (const char *project, const char *images, const char *dataset)
{
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae ();

  g_free (cli_run_ok ("index", project, "--encoder", encoder, "--sae", sae, "--images", images, "--dataset", dataset,
                      NULL));
}

static JsonObject *
get_dataset (JsonNode *latent)
{
  JsonArray *datasets = json_object_get_array_member (json_node_get_object (latent), "datasets");

  g_assert_cmpuint (json_array_get_length (datasets), ==, 1);
  return json_array_get_object_element (datasets, 0);
}

static double
get_number (const CytCsv *csv, gsize row, const char *column)
{
  const char *text = cyt_csv_get (csv, row, cyt_csv_find_column (csv, column));

  return *text != '\0' ? g_ascii_strtod (text, NULL) : NAN;
}

/* ---- The index against the arrays that `cytosae latents` writes (those are compared with PyTorch) ---- */

static void
check_row (const CytCsv *table, gsize row, const float *scores, const float *counts, gsize n_images)
{
  gsize k = (gsize) get_number (table, row, "latent"), n_active = 0;
  double sum = 0, count = 0;

  for (gsize i = 0; i < n_images; i++)
    {
      n_active += scores[i * D_SAE + k] > 0;
      sum += scores[i * D_SAE + k];
      count += counts[i * D_SAE + k];
    }
  g_assert_cmpfloat (get_number (table, row, "n_active"), ==, n_active);
  g_assert_true (fabs (get_number (table, row, "frequency") - n_active / (double) n_images) <= 1e-9);
  g_assert_true (fabs (get_number (table, row, "mean_act") - (n_active ? sum / n_active : 0)) <= 1e-6 * (1 + sum));
  g_assert_true (fabs (get_number (table, row, "mean_count") - count / n_images) <= 1e-6);
}

/* Best first, ties to the earlier image, as long as there are images with a score. */
static void
check_top (const char *project, guint k, const float *scores, gsize n_images)
{
  g_autofree char *text = g_strdup_printf ("%u", k);
  g_autoptr (JsonNode) node = cli_run_json ("latent", project, text, "--json", NULL);
  JsonArray *top = json_object_get_array_member (get_dataset (node), "top_cells");
  g_autofree gboolean *used = g_new0 (gboolean, n_images);
  gsize n = 0;

  for (;; n++)
    {
      gsize best = n_images;
      JsonObject *cell;

      for (gsize i = 0; i < n_images; i++)
        if (!used[i] && scores[i * D_SAE + k] > 0
            && (best == n_images || scores[i * D_SAE + k] > scores[best * D_SAE + k]))
          best = i;
      if (best == n_images || n == N_TOP)
        break;
      used[best] = TRUE;
      g_assert_cmpuint (json_array_get_length (top), >, n);
      cell = json_array_get_object_element (top, n);
      g_assert_cmpint (json_object_get_int_member (cell, "rank"), ==, (gint64) n + 1);
      g_assert_cmpint (json_object_get_int_member (cell, "position"), ==, (gint64) best);
      g_assert_true ((float) json_object_get_double_member (cell, "score") == scores[best * D_SAE + k]);
    }
  g_assert_cmpuint (json_array_get_length (top), ==, n);
}

static void
check_index (const char *dir, const char *images, gsize n_images)
{
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae (), *text = NULL, *figure_text = NULL;
  const char *project = cli_path (dir, "p.cytosae"), *s = cli_path (dir, "s.npy"), *c = cli_path (dir, "c.npy");
  const char *csv = cli_path (dir, "table.csv"), *figure = cli_path (dir, "f.png");
  g_autoptr (JsonNode) result = NULL, again = NULL;
  g_autofree float *scores = NULL, *counts = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCsv) table = NULL;
  g_autoptr (CytImage) picture = NULL;
  double last = INFINITY;
  CytTensorInfo info;

  result = cli_run_json ("index", project, "--encoder", encoder, "--sae", sae, "--images", images, "--domain",
                         "peripheral blood", "--json", NULL);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (result), "n_indexed"), ==, (gint64) n_images);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (result), "n_failed"), ==, 0);
  /* Once more changes nothing. */
  again = cli_run_json ("index", project, "--encoder", encoder, "--sae", sae, "--images", images, "--domain",
                        "peripheral blood", "--json", NULL);
  g_assert_true (json_node_equal (result, again));

  g_free (cli_run_ok ("latents", "-e", encoder, "-s", sae, images, "--out-scores", s, "--out-counts", c, NULL));
  scores = cyt_test_load_npy (s, &info);
  counts = cyt_test_load_npy (c, &info);
  g_assert_cmpint (info.shape[0], ==, (gint64) n_images);

  text = cli_run_ok ("latents-table", project, "--csv", NULL);
  cli_write_text (csv, text);
  table = cyt_csv_read (csv, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cyt_csv_get_n_rows (table), ==, D_SAE);
  for (gsize row = 0; row < D_SAE; row++)
    {
      check_row (table, row, scores, counts, n_images);
      g_assert_cmpfloat (get_number (table, row, "frequency"), <=, last);
      last = get_number (table, row, "frequency");
    }
  for (gsize row = 0; row < D_SAE; row += 400)
    check_top (project, (guint) get_number (table, row, "latent"), scores, n_images);

  figure_text = cli_run_ok ("figure", project, "concepts", "--out", figure, NULL);
  g_assert_nonnull (strstr (figure_text, "183 × "));
  picture = cyt_image_load (figure, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (picture->width, >, 400);
  g_assert_cmpuint (picture->height, >, 400);
}

static void
test_made (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  const char *cells = cli_path (dir, "cells");

  cli_make_cells (cells, 16);
  check_index (dir, cells, 32);
  cyt_test_remove_tree (dir);
}

static void
test_real (void)
{
  g_autofree char *shared = cyt_test_shared ("cells/pbc/cohort.csv");
  g_autofree char *dir = NULL;

  if (shared == NULL)
    return;
  dir = cyt_test_make_tmpdir ();
  g_assert_true (cli_make_cohort (cli_path (dir, "some.csv"), 16, 100));
  check_index (dir, cli_path (dir, "some.csv"), 100);
  cyt_test_remove_tree (dir);
}

/* ---- Lists ---- */

static void
check_sorted (const char *project, const char *dir, const char *column, gboolean reverse)
{
  g_autofree char *text = reverse
                              ? cli_run_ok ("latents-table", project, "--csv", "--sort", column, "--reverse", NULL)
                              : cli_run_ok ("latents-table", "--sort", column, "--csv", project, NULL);
  const char *path = cli_path (dir, "sorted.csv");
  g_autoptr (CytCsv) table = NULL;
  g_autoptr (GError) error = NULL;
  gboolean undefined = FALSE;
  double last = reverse ? -INFINITY : INFINITY;

  cli_write_text (path, text);
  table = cyt_csv_read (path, &error);
  g_assert_no_error (error);
  for (gsize row = 0; row < cyt_csv_get_n_rows (table); row++)
    {
      double value = get_number (table, row, column);

      if (isnan (value))
        {
          undefined = TRUE;
          continue;
        }
      g_assert_false (undefined); /* what is not defined comes last */
      g_assert_true (reverse ? value >= last : value <= last);
      last = value;
    }
}

static void
test_tables (void)
{
  const char *const columns[]
      = { "n_active", "frequency", "mean_act", "max_act", "cls_share", "mean_count", "entropy", "purity" };
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *limited = NULL, *text = NULL, *named = NULL;
  const char *cells = cli_path (dir, "cells"), *other = cli_path (dir, "other"),
             *project = cli_path (dir, "p.cytosae");
  g_auto (GStrv) lines = NULL;
  g_autoptr (JsonNode) json = NULL, info = NULL, both = NULL;
  JsonObject *facts;

  cli_make_cells (cells, 12);
  cli_make_cells (other, 2);
  run_index (project, cells, "first");
  run_index (project, other, "second");
  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      check_sorted (project, dir, columns[i], FALSE);
      check_sorted (project, dir, columns[i], TRUE);
    }

  limited = cli_run_ok ("latents-table", project, "--limit", "7", NULL);
  lines = g_strsplit (limited, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 1 + 7 + 1);
  g_assert_true (g_str_has_prefix (g_strchug (lines[0]), "latent  name  status"));
  json = cli_run_json ("latents-table", project, "--json", "--limit", "3", "--dataset", "second", NULL);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (json), "n_cells"), ==, 4);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (json_node_get_object (json), "latents")), ==,
                    3);
  cli_run_fails (1, "third", "latents-table", project, "--dataset", "third", NULL);
  cli_run_fails (1, "3071", "latent", project, "3072", NULL);

  both = cli_run_json ("latent", project, "5", "--json", NULL);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (json_node_get_object (both), "datasets")),
                    ==, 2);

  info = cli_run_json ("info", project, "--json", NULL);
  facts = json_node_get_object (info);
  g_assert_cmpstr (json_object_get_string_member (facts, "kind"), ==, "project");
  g_assert_cmpint (json_object_get_int_member (facts, "d_sae"), ==, D_SAE);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (facts, "datasets")), ==, 2);
  g_assert_cmpuint (
      strlen (json_object_get_string_member (json_object_get_object_member (facts, "encoder"), "sha256")), ==, 64);
  cyt_test_remove_tree (dir);
}

/* ---- Labels ---- */

static void
assert_label (const char *project, const char *name, const char *category, const char *status, const char *note)
{
  g_autoptr (JsonNode) node = cli_run_json ("latent", project, "17", "--json", NULL);
  JsonObject *label = json_node_get_object (node);

  g_assert_cmpstr (json_object_get_string_member (label, "name"), ==, name);
  g_assert_cmpstr (json_object_get_string_member (label, "category"), ==, category);
  g_assert_cmpstr (json_object_get_string_member (label, "status"), ==, status);
  g_assert_cmpstr (json_object_get_string_member (label, "confidence"), ==, "high");
  g_assert_cmpstr (json_object_get_string_member (label, "tags"), ==, "a;b");
  g_assert_cmpstr (json_object_get_string_member (label, "note"), ==, note);
}

static void
test_labels (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  const char *cells = cli_path (dir, "cells"), *project = cli_path (dir, "p.cytosae"),
             *copy = cli_path (dir, "q.cytosae");
  const char *files[] = { cli_path (dir, "l.csv"), cli_path (dir, "l.json") };
  const char *name = "granules, \"eosinophil\"\nРост\x1b[31m";
  g_autofree char *text = NULL, *nothing = NULL, *shown = NULL, *untouched = NULL, *content = NULL;
  gsize size, size_after;

  cli_make_cells (cells, 2);
  run_index (project, cells, "cells");
  run_index (copy, cells, "cells");
  text = cli_run_ok ("label", project, "17", "--name", name, "--category", "granules", "--status", "confirmed",
                     "--note", "", "--confidence", "high", "--tags", "b; a;b", "--rater", "A. Expert", NULL);
  g_assert_nonnull (strstr (text, "unreviewed\" → \"confirmed"));
  g_assert_null (strchr (text, '\x1b'));
  nothing = cli_run_ok ("label", project, "17", "--status", "confirmed", NULL);
  g_assert_nonnull (strstr (nothing, "nothing to change"));
  g_free (cli_run_ok ("label", project, "17", "--note", "2 of 3", NULL));
  assert_label (project, name, "granules", "confirmed", "2 of 3");
  shown = cli_run_ok ("latent", project, "17", NULL);
  g_assert_nonnull (strstr (shown, "granules, \"eosinophil\"\\nРост\\x1b[31m"));
  g_assert_null (strchr (shown, '\x1b'));

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *imported = NULL;

      g_free (cli_run_ok ("label", copy, "17", "--name", "", "--category", "", "--status", "unreviewed", "--note", "",
                          "--confidence", "", "--tags", "", NULL));
      g_free (cli_run_ok ("labels", "export", project, files[i], NULL));
      imported = cli_run_ok ("labels", "import", copy, files[i], NULL);
      g_assert_nonnull (strstr (imported, "1 labels read, 1 of them"));
      assert_label (copy, name, "granules", "confirmed", "2 of 3");
    }

  /* A file with one bad row changes nothing. */
  cli_write_text (files[0], "latent,name\n17,other\n99999,x\n");
  cli_run_fails (1, "99999", "labels", "import", copy, files[0], NULL);
  assert_label (copy, name, "granules", "confirmed", "2 of 3");
  /* An export never takes the project's place. */
  g_assert_cmpint (g_rename (copy, cli_path (dir, "q.csv")), ==, 0);
  g_assert_true (g_file_get_contents (cli_path (dir, "q.csv"), &untouched, &size, NULL));
  cli_run_fails (1, "q.csv", "labels", "export", cli_path (dir, "q.csv"), cli_path (dir, "q.csv"), NULL);
  g_assert_true (g_file_get_contents (cli_path (dir, "q.csv"), &content, &size_after, NULL));
  g_assert_cmpmem (untouched, size, content, size_after);
  cyt_test_remove_tree (dir);
}

static void
test_merge (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  const char *cells = cli_path (dir, "cells"), *project = cli_path (dir, "p.cytosae"),
             *anna = cli_path (dir, "anna.csv"), *bert = cli_path (dir, "bert.csv");
  g_autofree char *told = NULL, *done = NULL;
  g_autoptr (JsonNode) node = NULL, before = NULL, after = NULL;
  JsonObject *facts, *kappa;

  cli_make_cells (cells, 1);
  run_index (project, cells, "cells");
  cli_write_text (anna, "latent,name,status,rater\n1,granules,confirmed,Anna\n2,nucleus,proposed,Anna\n3,rim,,Anna\n");
  cli_write_text (bert, "latent,name,status,rater\n1,granules,rejected,Bert\n2,nucleus,proposed,Bert\n");
  told = cli_run_ok ("labels", "merge", project, anna, bert, "--dry-run", NULL);
  g_assert_nonnull (strstr (told, "3 agreements taken, 1 additions taken, 1 conflicts left as they are"));
  g_assert_nonnull (strstr (told, "name of anna.csv and bert.csv: equal for 2 of 2, Cohen's kappa 1"));
  before = cli_run_json ("latent", project, "1", "--json", NULL);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (before), "name"), ==, "");

  node = cli_run_json ("labels", "merge", project, anna, bert, "--only-agreements", "--dry-run", "--json", NULL);
  facts = json_node_get_object (node);
  g_assert_cmpint (json_object_get_int_member (facts, "n_changed"), ==, 2);
  kappa = json_array_get_object_element (json_object_get_array_member (facts, "agreement"), 0);
  g_assert_cmpstr (json_object_get_string_member (kappa, "field"), ==, "status");
  g_assert_cmpint (json_object_get_int_member (kappa, "n_equal"), ==, 1);

  done = cli_run_ok ("labels", "merge", project, anna, bert, "--prefer", bert, NULL);
  g_assert_nonnull (strstr (done, "3 latents changed"));
  after = cli_run_json ("latent", project, "1", "--json", NULL);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (after), "name"), ==, "granules");
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (after), "status"), ==, "rejected");
  cli_run_fails (2, "--prefer", "labels", "merge", project, anna, "--prefer", bert, NULL);
  cli_run_fails (2, "one file", "labels", "import", project, anna, bert, NULL);
  cli_run_fails (2, "are for merge", "labels", "import", project, anna, "--dry-run", NULL);
  cyt_test_remove_tree (dir);
}

/* ---- Interruption ---- */

/* Everything that a project says, in one string. */
static char *
dump (const char *project)
{
  g_autofree char *table = cli_run_ok ("latents-table", project, "--csv", NULL);
  g_autoptr (GString) all = g_string_new (table);
  static const char *const latents[] = { "0", "17", "500", "1234", "2000", "3071" };

  for (gsize i = 0; i < G_N_ELEMENTS (latents); i++)
    {
      g_autofree char *latent = cli_run_ok ("latent", project, latents[i], "--json", NULL);
      g_string_append (all, latent);
    }
  return g_string_free (g_steal_pointer (&all), FALSE);
}

static gint64
get_n_indexed (const char *project)
{
  g_autoptr (JsonNode) info = cli_run_json ("info", project, "--json", NULL);
  JsonArray *datasets = json_object_get_array_member (json_node_get_object (info), "datasets");

  return json_array_get_length (datasets) == 1
             ? json_object_get_int_member (json_array_get_object_element (datasets, 0), "n_indexed")
             : 0;
}

static void
test_interrupt (void)
{
  const int signals[] = { SIGINT, SIGTERM, SIGKILL };
  const int statuses[] = { 130, 130, 128 + SIGKILL };
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *encoder = cli_dup_encoder (), *sae = cli_dup_sae (), *expected = NULL;
  const char *csv = cli_path (dir, "list.csv"), *whole = cli_path (dir, "whole.cytosae");
  g_autoptr (GString) rows = g_string_new ("image,label\n");
  guint n_rows = 300;

  cli_make_cells (cli_path (dir, "cells"), 10);
  for (guint i = 0; i < n_rows; i++)
    g_string_append_printf (rows, "cells/%s/%02u.bmp,%s\n", i % 3 ? "long" : "round", i % 10,
                            i % 3 ? "long" : "round");
  cli_write_text (csv, rows->str);
  run_index (whole, csv, "cells");
  expected = dump (whole);

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autofree char *name = g_strdup_printf ("p%" G_GSIZE_FORMAT ".cytosae", i), *found = NULL;
      const char *project = cli_path (dir, name);
      GPid pid = cli_start ("index", project, "-e", encoder, "-s", sae, "-i", csv, "--threads", "1", NULL);
      gint64 n_before;

      for (guint wait = 0; wait < 1000 && !g_file_test (project, G_FILE_TEST_EXISTS); wait++)
        g_usleep (10000);
      g_usleep (500000);
      g_assert_cmpint (kill (pid, signals[i]), ==, 0);
      g_assert_cmpint (cli_wait (pid), ==, statuses[i]);

      n_before = get_n_indexed (project);
      g_test_message ("signal %d after %" G_GINT64_FORMAT " images", signals[i], n_before);
      g_assert_cmpint (n_before, <, n_rows);
      if (signals[i] != SIGKILL)
        g_assert_cmpint (n_before, >, 0); /* what was complete is in the file */
      run_index (project, csv, "cells");
      g_assert_cmpint (get_n_indexed (project), ==, n_rows);
      found = dump (project);
      g_assert_cmpstr (found, ==, expected);
    }
  cyt_test_remove_tree (dir);
}

/* The message of an interruption tells how to go on; arrays are not left behind. */
static void
test_interrupt_array (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autofree char *encoder = cli_dup_encoder (), *line = NULL, *err = NULL;
  const char *csv = cli_path (dir, "list.csv"), *out = cli_path (dir, "t.npy");
  g_autoptr (GString) rows = g_string_new ("image\n");

  cli_make_cells (cli_path (dir, "cells"), 1);
  for (guint i = 0; i < 5000; i++)
    g_string_append (rows, "cells/round/00.bmp\n");
  cli_write_text (csv, rows->str);
  line = g_strdup_printf ("timeout -s INT 1 '%s' embed -e '%s' '%s' --out '%s'; test $? -eq 124", cli_get_program (),
                          encoder, csv, out);
  g_assert_cmpint (cyt_test_run (NULL, &err, "/bin/sh", "-c", line, NULL), ==, 0);
  g_assert_nonnull (strstr (err, "cytosae: interrupted"));
  cli_assert_missing (out);
  cli_assert_missing (cli_path (dir, "t.npy.part"));
  cyt_test_remove_tree (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/project/made", test_made);
  g_test_add_func ("/cli/project/real", test_real);
  g_test_add_func ("/cli/project/tables", test_tables);
  g_test_add_func ("/cli/project/labels", test_labels);
  g_test_add_func ("/cli/project/merge", test_merge);
  g_test_add_func ("/cli/project/interrupt", test_interrupt);
  g_test_add_func ("/cli/project/interrupt-array", test_interrupt_array);
  return g_test_run ();
}
