/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "cli-util.h"

typedef struct
{
  char *dir;
  const char *a, *b;                 /* SAEs */
  const char *project_a, *project_b;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *encoder = cli_dup_encoder ();
  const char *cells;

  f->dir = cyt_test_make_tmpdir ();
  f->a = cli_path (f->dir, "a");
  f->b = cli_path (f->dir, "b");
  f->project_a = cli_path (f->dir, "a.cytosae");
  f->project_b = cli_path (f->dir, "b.cytosae");
  cells = cli_path (f->dir, "cells");
  cyt_test_run_reference ("stability.py", "saes", f->dir, NULL);
  cli_make_cells (cells, 2);
  g_free (cli_run_ok ("index", f->project_a, "-e", encoder, "-s", f->a, "-i", cells, NULL));
  g_free (cli_run_ok ("index", f->project_b, "-e", encoder, "-s", f->b, "-i", cells, NULL));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_test_remove_tree (f->dir);
  g_free (f->dir);
}

static JsonObject *
get_concept (JsonNode **node, const char *project, guint latent)
{
  g_autofree char *number = g_strdup_printf ("%u", latent);

  g_clear_pointer (node, json_node_unref);
  *node = cli_run_json ("latent", project, number, "--json", NULL);
  return json_node_get_object (*node);
}

/* Files alone, folders or weights, know nothing of dead latents; projects do. */
static void
test_figures (Fixture *f, gconstpointer data)
{
  const char *weights = cli_path (f->b, "sae_weights.safetensors"), *csv = cli_path (f->dir, "pairs.csv");
  g_autoptr (JsonNode) files = cli_run_json ("stability", f->a, weights, "--json", NULL);
  g_autoptr (JsonNode) projects = cli_run_json ("stability", f->a, weights, "--project-a", f->project_a, "--project-b",
                                                f->project_b, "--csv", csv, "--json", NULL);
  g_autofree char *text = cli_run_ok ("stability", f->a, f->b, NULL), *table = NULL;
  g_auto (GStrv) lines = NULL;
  CytTensorInfo info;
  g_autofree float *answer = cyt_test_load_npy (cli_path (f->dir, "answer.npy"), &info);
  JsonObject *object = json_node_get_object (files);

  g_assert_cmpint (json_object_get_int_member (object, "n_alive_a"), ==, 118);
  g_assert_cmpint (json_object_get_int_member (object, "n_alive_b"), ==, 148);
  g_assert_false (json_object_get_boolean_member (object, "alive_known_a"));
  g_assert_nonnull (strstr (text, "118 pairs"));
  g_assert_nonnull (strstr (text, "no project"));

  object = json_node_get_object (projects);
  g_assert_true (json_object_get_boolean_member (object, "alive_known_b"));
  g_assert_cmpint (json_object_get_int_member (object, "n_alive_a"), ==, 115);
  g_assert_cmpint (json_object_get_int_member (object, "n_alive_b"), ==, 146);
  g_assert_true (fabs (json_object_get_double_member (object, "pw_mcc") - answer[0]) <= 1e-6);
  g_assert_true (fabs (json_object_get_double_member (object, "mmcs_a") - answer[1]) <= 1e-6);
  g_assert_true (fabs (json_object_get_double_member (object, "mmcs_b") - answer[2]) <= 1e-6);
  g_assert_cmpint (json_object_get_int_member (object, "n_same"), ==, (gint64) answer[3]);
  g_assert_false (json_object_has_member (object, "n_carried"));
  g_assert_true (g_file_get_contents (csv, &table, NULL, NULL));
  lines = g_strsplit (table, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 1 + 146 + 1);
  g_assert_true (g_str_has_prefix (lines[0], "latent_a,latent_b,cosine,"));
  g_assert_true (g_str_has_prefix (lines[146], "\"\",")); /* one of B without partner */
}

/* Labels of good matches come over as proposed with the cosine; B's own labels stay; once is enough. */
static void
test_labels (Fixture *f, gconstpointer data)
{
  CytTensorInfo info;
  g_autofree float *pairs = cyt_test_load_npy (cli_path (f->dir, "pairs.npy"), &info);
  guint good[4], n_good = 0, bad = 0;
  g_autofree char *own = NULL;
  g_autoptr (JsonNode) result = NULL, again = NULL, node = NULL;
  JsonObject *concept;

  for (guint i = 0; i < info.shape[0]; i++)
    if (pairs[3 * i + 2] < 0.5)
      bad = i;
    else if (pairs[3 * i + 2] > 0.99 && n_good < G_N_ELEMENTS (good))
      good[n_good++] = i;
  g_assert_cmpuint (n_good, ==, G_N_ELEMENTS (good));
  for (guint i = 0; i < n_good; i++)
    {
      g_autofree char *latent = g_strdup_printf ("%u", (guint) pairs[3 * good[i]]);

      g_free (cli_run_ok ("label", f->project_a, latent, "--name", "granules", "--category", "cytoplasm", "--tags", "b;a",
                          "--note", "seen twice", "--rater", "Anna", "--status", i == 3 ? "rejected" : "confirmed", NULL));
    }
  {
    g_autofree char *latent = g_strdup_printf ("%u", (guint) pairs[3 * bad]);

    g_free (cli_run_ok ("label", f->project_a, latent, "--name", "nothing", NULL));
  }
  g_free (cli_run_ok ("label", f->project_a, "3", "--name", "dead", NULL));
  own = g_strdup_printf ("%u", (guint) pairs[3 * good[2] + 1]);
  g_free (cli_run_ok ("label", f->project_b, own, "--name", "vacuoles", NULL));

  result = cli_run_json ("stability", f->a, f->b, "--project-a", f->project_a, "--project-b", f->project_b,
                         "--carry-labels", "--rater", "Bert", "--json", NULL);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (result), "n_carried"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (result), "n_weak"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (result), "n_kept"), ==, 1);

  concept = get_concept (&node, f->project_b, (guint) pairs[3 * good[0] + 1]);
  g_assert_cmpstr (json_object_get_string_member (concept, "name"), ==, "granules");
  g_assert_cmpstr (json_object_get_string_member (concept, "category"), ==, "cytoplasm");
  g_assert_cmpstr (json_object_get_string_member (concept, "status"), ==, "proposed");
  g_assert_cmpstr (json_object_get_string_member (concept, "confidence"), ==, "high");
  g_assert_cmpstr (json_object_get_string_member (concept, "rater"), ==, "Bert");
  g_assert_nonnull (strstr (json_object_get_string_member (concept, "note"), "cosine 1.0000 (there: confirmed, Anna)"));
  g_assert_nonnull (strstr (json_object_get_string_member (concept, "note"), "seen twice"));
  concept = get_concept (&node, f->project_b, (guint) pairs[3 * good[2] + 1]);
  g_assert_cmpstr (json_object_get_string_member (concept, "name"), ==, "vacuoles");
  concept = get_concept (&node, f->project_b, (guint) pairs[3 * good[3] + 1]);
  g_assert_cmpstr (json_object_get_string_member (concept, "name"), ==, "");

  again = cli_run_json ("stability", f->a, f->b, "--project-a", f->project_a, "--project-b", f->project_b,
                        "--carry-labels", "--min-cosine", "0", "--json", NULL);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (again), "n_carried"), ==, 1); /* the bad match */
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (again), "n_kept"), ==, 3);
  concept = get_concept (&node, f->project_b, (guint) pairs[3 * bad + 1]);
  g_assert_cmpstr (json_object_get_string_member (concept, "confidence"), ==, "low");
}

static void
test_bad_input (Fixture *f, gconstpointer data)
{
  const char *csv = cli_path (f->dir, "pairs.csv"), *models = cli_path (f->dir, "models");
  g_autofree char *err = NULL;

  g_assert_cmpint (g_mkdir_with_parents (models, 0755), ==, 0);
  cyt_test_run_reference ("make_models.py", models, "tiny", NULL);
  cli_run_fails (2, "arguments are missing", "stability", f->a, NULL);
  cli_run_fails (2, "--project-a and --project-b", "stability", f->a, f->b, "--carry-labels", NULL);
  cli_run_fails (2, "--carry-labels", "stability", f->a, f->b, "--min-cosine", "0.5", NULL);
  cli_run_fails (2, "--min-cosine", "stability", f->a, f->b, "--min-cosine", "2", NULL);
  cli_run_fails (1, "nowhere", "stability", f->a, cli_path (f->dir, "nowhere"), NULL);
  cli_run_fails (1, "d_in", "stability", f->a, cli_path (models, "relu.pt"), "--csv", csv, NULL);
  cli_run_fails (1, "b.cytosae", "stability", f->a, f->b, "--project-a", f->project_b, "--csv", csv, NULL);
  cli_run_fails (1, "none.cytosae", "stability", f->a, f->b, "--project-a", cli_path (f->dir, "none.cytosae"), NULL);
  cli_run_fails (1, "a.cytosae", "stability", f->a, f->b, "--project-a", f->project_a, "--csv", f->project_a, NULL);
  cli_assert_missing (csv);
  g_assert_cmpint (cli_run (NULL, &err, "stability", f->a, f->b, "--csv", cli_path (f->dir, "folder/x.csv"), NULL), ==, 1);
  g_assert_nonnull (strstr (err, "folder/x.csv"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/cli/stability/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("figures", test_figures);
  ADD ("labels", test_labels);
  ADD ("bad-input", test_bad_input);
  return g_test_run ();
}
