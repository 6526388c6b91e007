/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measuring by command: what it says and writes is what the project keeps; interrupted, it goes on; what it refuses. */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/cyt-measuring.h"
#include "cli-util.h"
#include "io/cyt-csv.h"
#include "project/cyt-project-measures.h"

typedef struct
{
  char *dir, *encoder, *sae;
  const char *drawn;   /* with masks, classes and patients */
  const char *project;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *drawn = NULL, *indexed = NULL;

  f->dir = cyt_test_make_tmpdir ();
  f->encoder = cli_dup_encoder ();
  f->sae = cli_dup_sae ();
  f->drawn = cli_path (f->dir, "drawn");
  f->project = cli_path (f->dir, "drawn.cytosae");
  drawn = cli_run_ok ("phantom", "--out", f->drawn, "--cells", "40", "--patients", "10", "--masks", NULL);
  indexed = cli_run_ok ("index", f->project, "--encoder", f->encoder, "--sae", f->sae, "--images",
                        cli_path (f->drawn, "manifest.csv"), NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_test_remove_tree (f->dir);
  g_free (f->dir);
  g_free (f->encoder);
  g_free (f->sae);
}

/* A number of the JSON, NAN for null. */
static double
get_number (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  g_assert_nonnull (node);
  return JSON_NODE_HOLDS_NULL (node) ? NAN : json_node_get_double (node);
}

static void
assert_same (double a, double b)
{
  g_assert_true (a == b || (isnan (a) && isnan (b)));
}

/* Nine digits. */
static void
assert_written (const char *text, double value)
{
  if (*text == '\0')
    g_assert_true (isnan (value));
  else
    g_assert_true (fabs (g_ascii_strtod (text, NULL) - value) <= 1e-8 * fabs (value));
}

static void
assert_best (JsonArray *array, GStrv names, const CytMeasuresBest *best)
{
  g_assert_cmpuint (json_array_get_length (array), ==, g_strv_length (names));
  for (guint i = 0; names[i] != NULL; i++)
    {
      JsonObject *object = json_array_get_object_element (array, i);

      g_assert_cmpstr (json_object_get_string_member (object, "name"), ==, names[i]);
      assert_same (get_number (object, "chosen"), best[i].chosen);
      assert_same (get_number (object, "scored"), best[i].scored);
      assert_same (get_number (object, "chance"), best[i].chance);
    }
}

/* JSON against what is kept. */
static void
check_json (JsonNode *json, GPtrArray *measures)
{
  JsonArray *all = json_object_get_array_member (json_node_get_object (json), "dictionaries");

  g_assert_cmpuint (json_array_get_length (all), ==, measures->len);
  for (guint i = 0; i < measures->len; i++)
    {
      const CytMeasures *m = measures->pdata[i];
      JsonObject *object = json_array_get_object_element (all, i);

      g_assert_cmpstr (json_object_get_string_member (object, "name"), ==, m->name);
      g_assert_cmpint (json_object_get_int_member (object, "n_latents"), ==, (gint64) m->n_latents);
      g_assert_cmpint (json_object_get_int_member (object, "n_alive"), ==, (gint64) m->n_alive);
      assert_same (get_number (object, "l0"), m->l0);
      assert_same (get_number (object, "explained_variance"), m->explained);
      assert_same (get_number (object, "monosemanticity"), m->monosemanticity);
      assert_same (get_number (object, "monosemanticity_chance"), m->monosemanticity_chance);
      assert_same (get_number (object, "entropy"), m->entropy);
      assert_same (get_number (object, "purity"), m->purity);
      assert_same (get_number (object, "cosine"), m->cosine);
      assert_same (get_number (object, "jaccard"), m->jaccard);
      assert_same (get_number (object, "selectivity"), cyt_measures_get_selectivity (m));
      assert_best (json_object_get_array_member (object, "classes"), m->classes, m->best_of_class);
      assert_best (json_object_get_array_member (object, "structures"), m->structures, m->best_of_structure);
    }
}

/* CSV against what is kept: fields without quotes, as the names of these classes need none. */
static void
check_csv (const char *csv, CytProject *project, gint64 dataset, GPtrArray *measures)
{
  const CytMeasures *sae = measures->pdata[0];
  gsize n = sae->n_latents, n_all = 0;
  g_autofree CytMeasuresRow *rows = g_new (CytMeasuresRow, n);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean measured;
  g_autoptr (GError) error = NULL;

  g_assert_true (cyt_project_load_measures_rows (project, dataset, rows, &measured, &error) && measured);
  g_assert_true (g_file_get_contents (csv, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  g_assert_true (g_str_has_prefix (lines[0], "dictionary,latent,n_active,frequency,token_frequency,explained_variance,"));
  for (guint i = 0; i < measures->len; i++)
    n_all += ((CytMeasures *) measures->pdata[i])->n_latents;
  g_assert_cmpuint (g_strv_length (lines), ==, n_all + 2); /* the header, and nothing after the last line's end */
  for (gsize k = 0; k < n; k++)
    {
      g_auto (GStrv) field = g_strsplit (lines[k + 1], ",", -1);
      const CytMeasuresRow *r = &rows[k];

      g_assert_cmpuint (g_strv_length (field), ==, 21);
      g_assert_cmpstr (field[0], ==, "sae");
      g_assert_cmpint (atoi (field[1]), ==, (int) k);
      g_assert_cmpint (atoi (field[2]), ==, (int) r->n_active);
      assert_written (field[3], r->frequency);
      assert_written (field[5], r->explained);
      g_assert_cmpstr (field[9], ==, r->best_class >= 0 ? sae->classes[r->best_class] : "");
      assert_written (field[10], r->auprc);
      assert_written (field[12], r->monosemanticity);
      assert_written (field[14], r->cosine);
      g_assert_cmpstr (field[17], ==, r->structure >= 0 ? sae->structures[r->structure] : "");
      assert_written (field[18], r->map_precision);
    }
}

/* The measures kept of the first data set (transfer full). */
static GPtrArray *
load (const char *path, CytProject **project, gint64 *dataset)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) datasets = NULL;
  GPtrArray *measures;

  *project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  datasets = cyt_project_list_datasets (*project, &error);
  *dataset = ((CytDataset *) datasets->pdata[0])->id;
  measures = cyt_project_list_measures (*project, *dataset, NULL, NULL, &error);
  g_assert_no_error (error);
  return measures;
}

static void
test_measure (Fixture *f, gconstpointer data)
{
  const char *csv = cli_path (f->dir, "m.csv"), *masks = cli_path (f->drawn, "masks");
  g_autoptr (JsonNode) json = cli_run_json ("measure", f->project, "--baselines", "--centroids", "8", "--masks", masks, "--csv",
                                            csv, "--json", NULL);
  g_autoptr (CytProject) project = NULL;
  gint64 dataset;
  g_autoptr (GPtrArray) measures = load (f->project, &project, &dataset);

  g_assert_cmpuint (measures->len, ==, 5);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (json), "n_images"), ==, 40);
  g_assert_cmpuint (g_strv_length (((CytMeasures *) measures->pdata[0])->structures), >, 0);
  check_json (json, measures);
  check_csv (csv, project, dataset, measures);
  cli_assert_missing (cli_path (f->dir, "drawn.cytosae.measuring"));
}

static char *
measure_to_csv (const Fixture *f)
{
  const char *csv = cli_path (f->dir, "m.csv");
  g_autofree char *said = cli_run_ok ("measure", f->project, "--csv", csv, NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (csv, &text, NULL, NULL));
  return text;
}

/* Killed while it walks the images, and while it is asked to stop. */
static void
test_resume (Fixture *f, gconstpointer data)
{
  static const int signals[] = { SIGKILL, SIGINT };
  const char *kept = cli_path (f->dir, "drawn.cytosae.measuring");
  g_autofree char *whole = measure_to_csv (f), *after = NULL, *said = NULL;

  cli_assert_missing (kept);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      GPid pid = cli_start ("measure", f->project, "--threads", "1", NULL);
      GStatBuf info = { 0 };
      goffset least = i == 0 ? 50000 : 150000;

      while (g_stat (kept, &info) != 0 || info.st_size < least)
        g_usleep (2000);
      kill (pid, signals[i]);
      g_assert_cmpint (cli_wait (pid), ==, signals[i] == SIGKILL ? 128 + SIGKILL : 130);
      g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
    }
  said = cli_run_ok ("measure", f->project, "--csv", cli_path (f->dir, "m.csv"), NULL);
  g_assert_true (g_file_get_contents (cli_path (f->dir, "m.csv"), &after, NULL, NULL));
  g_assert_cmpstr (whole, ==, after);
  cli_assert_missing (kept);
}

/* It fails when it has begun: after lines that tell how far it is. */
static void
assert_fails_late (const char *says, const char *project, const char *option, const char *second, const char *value)
{
  g_autofree char *out = NULL, *err = NULL;
  const char *last;

  g_assert_cmpint (cli_run (&out, &err, "measure", project, option, second, value, NULL), ==, 1);
  g_assert_cmpstr (out, ==, "");
  last = strstr (err, "cytosae: ");
  g_assert_nonnull (last);
  g_assert_nonnull (strstr (last, says));
}

/* Without classes and masks there are fewer measures; what is no project, has no images, or no masks, is told. */
static void
test_less (Fixture *f, gconstpointer data)
{
  const char *cells = cli_path (f->dir, "cells"), *plain = cli_path (f->dir, "plain.cytosae"), *csv = cli_path (f->dir, "plain.csv");
  const char *text = cli_path (f->dir, "text.cytosae"), *empty = cli_path (f->dir, "empty");
  g_autoptr (GString) rows = g_string_new ("image\n");
  g_autofree char *indexed = NULL, *said = NULL;
  g_autoptr (CytProject) project = NULL;
  gint64 dataset;

  cli_make_cells (cells, 4);
  for (guint i = 0; i < 4; i++)
    g_string_append_printf (rows, "cells/round/%02u.bmp\n", i);
  cli_write_text (csv, rows->str);
  indexed = cli_run_ok ("index", plain, "--encoder", f->encoder, "--sae", f->sae, "--images", csv, NULL);
  said = cli_run_ok ("measure", plain, NULL);
  g_assert_null (strstr (said, "Average precision"));
  {
    g_autoptr (GPtrArray) measures = load (plain, &project, &dataset);

    g_assert_cmpuint (measures->len, ==, 1);
    g_assert_null (((CytMeasures *) measures->pdata[0])->classes[0]);
    g_assert_true (isnan (cyt_measures_get_selectivity (measures->pdata[0])));
  }
  cli_run_fails (1, "no image has a mask", "measure", plain, "--masks", cells, NULL);
  cli_run_fails (1, "none", "measure", plain, "--masks", cli_path (f->dir, "none"), NULL);
  cli_run_fails (1, "nobody", "measure", plain, "--dataset", "nobody", NULL);
  assert_fails_late ("too few", plain, "--baselines", "--centroids", "4000");
  /* what cannot be written is refused before anything is read */
  cli_run_fails (1, "m.csv", "measure", cli_path (f->dir, "none.cytosae"), "--csv", cli_path (f->dir, "none/m.csv"), NULL);
  cli_run_fails (1, "is a folder", "measure", cli_path (f->dir, "none.cytosae"), "--csv", f->dir, NULL);
  cli_run_fails (2, "--mask-names is for --masks", "measure", plain, "--mask-names", "0=background", NULL);
  cli_run_fails (2, "--centroids", "measure", plain, "--centroids", "0", NULL);
  assert_fails_late ("nowhere", plain, "--csv", cli_path (f->dir, "nowhere/m.csv"), NULL);
  cyt_test_remove_tree (cells);
  assert_fails_late ("none of the 4 images can be read", plain, NULL, NULL, NULL);
  cli_write_text (text, "no project");
  cli_run_fails (1, "text.cytosae", "measure", text, NULL);
  cli_run_fails (1, "empty", "measure", empty, NULL);
  {
    g_autoptr (CytProject) again = NULL;
    g_autoptr (GPtrArray) measures = load (plain, &again, &dataset);

    g_assert_cmpuint (measures->len, ==, 1); /* what was measured before is still there */
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cli/measure/measure", Fixture, NULL, set_up, test_measure, tear_down);
  g_test_add ("/cli/measure/resume", Fixture, NULL, set_up, test_resume, tear_down);
  g_test_add ("/cli/measure/less", Fixture, NULL, set_up, test_less, tear_down);
  return g_test_run ();
}
