/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domain transfer between two drawn cohorts, against NumPy on the projects' own numbers. */
#include "config.h"

#include <string.h>

#include "cli-util.h"

typedef struct
{
  char *dir, *encoder, *sae;
  const char *blood, *marrow;
} Fixture;

static const char *
make_project (Fixture *f, const char *domain)
{
  g_autofree char *name = g_strconcat (domain, ".cytosae", NULL), *drawn = NULL, *indexed = NULL;
  const char *folder = cli_path (f->dir, domain), *project = cli_path (f->dir, name);

  drawn = cli_run_ok ("phantom", "--out", folder, "--cells", "50", "--patients", "10", "--domain", domain, "--seed",
                      g_str_equal (domain, "blood") ? "1" : "2", NULL);
  indexed = cli_run_ok ("index", project, "--encoder", f->encoder, "--sae", f->sae, "--images",
                        cli_path (folder, "manifest.csv"), "--dataset", domain, NULL);
  return project;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->dir = cyt_test_make_tmpdir ();
  f->encoder = cli_dup_encoder ();
  f->sae = cli_dup_sae ();
  f->blood = make_project (f, "blood");
  f->marrow = make_project (f, "marrow");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_test_remove_tree (f->dir);
  g_free (f->dir);
  g_free (f->encoder);
  g_free (f->sae);
}

static double
get_double (JsonNode *node, const char *name)
{
  return json_object_get_double_member (json_node_get_object (node), name);
}

/* Says so and fails, after the lines of its progress. */
#define FAILS(says, ...)                                                          \
  G_STMT_START                                                                    \
  {                                                                               \
    g_autofree char *out_ = NULL, *err_ = NULL;                                   \
                                                                                  \
    g_assert_cmpint (cli_run (&out_, &err_, __VA_ARGS__, NULL), ==, 1);           \
    g_assert_nonnull (strstr (err_, says));                                       \
  }                                                                               \
  G_STMT_END

/* The other domain calls its classes otherwise: names that differ in case and spaces are the same, the rest a file says. */
static void
test_classes (Fixture *f)
{
  const char *folder = cli_path (f->dir, "marrow"), *list = cli_path (folder, "renamed.csv"), *map = cli_path (f->dir, "map.csv");
  const char *other = cli_path (f->dir, "renamed.cytosae");
  g_autofree char *text = NULL, *indexed = NULL, *all = NULL;
  g_autoptr (GString) renamed = NULL;
  g_autoptr (JsonNode) plain = NULL, same = NULL, few = NULL, mapped = NULL;
  JsonArray *classes;

  g_assert_true (g_file_get_contents (cli_path (folder, "manifest.csv"), &text, NULL, NULL));
  renamed = g_string_new (text);
  g_string_replace (renamed, ",lymphocyte", ", Lymphocyte", 0);
  g_string_replace (renamed, ",erythroblast", ",EBO", 0);
  cli_write_text (list, renamed->str);
  indexed = cli_run_ok ("index", other, "--encoder", f->encoder, "--sae", f->sae, "--images", list, "--dataset", "marrow", NULL);
  plain = cli_run_json ("transfer", "--train", f->blood, "--test", f->marrow, "--max-images", "0", "--json", NULL);
  few = cli_run_json ("transfer", "--train", f->blood, "--test", other, "--max-images", "0", "--json", NULL);
  g_assert_cmpfloat (get_double (few, "n_explained_test"), ==, 0);
  classes = json_object_get_array_member (json_node_get_object (few), "classes");
  g_assert_cmpuint (json_array_get_length (classes), ==,
                    json_array_get_length (json_object_get_array_member (json_node_get_object (plain), "classes")) - 1);

  cli_write_text (map, "train,test\nerythroblast,EBO\n");
  same = cli_run_json ("transfer", "--train", f->blood, "--test", other, "--classes", map, "--max-images", "0", "--json", NULL);
  g_assert_cmpfloat (get_double (same, "mean_correlation"), ==, get_double (plain, "mean_correlation"));
  all = json_to_string (same, FALSE);
  g_assert_nonnull (strstr (all, "\"erythroblast = EBO\""));

  /* Several of one side are one class; what has nothing beside it is left out. */
  cli_write_text (map, "train,test\nerythroblast,EBO\nmonocyte,EBO\nlymphocyte,\n");
  mapped = cli_run_json ("transfer", "--train", f->blood, "--test", other, "--classes", map, "--max-images", "0", "--json", NULL);
  classes = json_object_get_array_member (json_node_get_object (mapped), "classes");
  for (guint i = 0; i < json_array_get_length (classes); i++)
    g_assert_null (strstr (json_object_get_string_member (json_array_get_object_element (classes, i), "name"), "ymphocyte"));

  cli_write_text (map, "train,test\nerythroblast,Erythro\n");
  FAILS ("map.csv: line 2: data set \"marrow\" has no class \"Erythro\"", "transfer", "--train", f->blood, "--test", other,
                 "--classes", map);
  cli_write_text (map, "from,to\nerythroblast,EBO\n");
  FAILS ("no column \"train\"", "transfer", "--train", f->blood, "--test", other, "--classes", map);
  FAILS ("nothing.csv", "transfer", "--train", f->blood, "--test", other, "--classes", cli_path (f->dir, "nothing.csv"));
}

static void
test_transfer (Fixture *f, gconstpointer data)
{
  const char *csv = cli_path (f->dir, "transfer.csv"), *json = cli_path (f->dir, "transfer.json");
  const char *pdf = cli_path (f->dir, "transfer.pdf"), *again = cli_path (f->dir, "again.pdf"), *text = cli_path (f->dir, "text");
  g_autofree char *said = cli_run_ok ("transfer", "--train", f->blood, "--test", f->marrow, "--csv", csv, "--json", NULL);
  g_autofree char *out = NULL, *err = NULL, *words = NULL, *figure = NULL, *same = NULL, *bytes = NULL, *copy = NULL;
  gsize n;

  cli_write_text (json, said);
  cyt_test_run_reference ("transfer.py", f->blood, f->marrow, json, csv, NULL);

  words = cli_run_ok ("transfer", "--train", f->blood, "--test", f->marrow, "--report", pdf, "-n", "2", "--max-images", "0",
                      NULL);
  g_assert_nonnull (strstr (words, "SIMULATED"));
  g_assert_nonnull (strstr (words, "most transferable"));
  g_assert_true (g_file_get_contents (pdf, &bytes, &n, NULL));
  g_assert_true (g_str_has_prefix (bytes, "%PDF-"));
  figure = cli_run_ok ("figure", f->blood, "transfer", "--test", f->marrow, "-n", "2", "--max-images", "0", "--out", again, NULL);
  g_assert_nonnull (strstr (figure, "Transfer of a sparse autoencoder"));

  /* With itself all carries over. */
  same = cli_run_ok ("index", f->blood, "--encoder", f->encoder, "--sae", f->sae, "--images", cli_path (f->dir, "blood/manifest.csv"),
                     "--dataset", "copy", NULL);
  {
    g_autoptr (JsonNode) node = cli_run_json ("transfer", "--train", f->blood, "--max-images", "0", "--json", NULL);
    JsonObject *object = json_node_get_object (node);

    g_assert_cmpstr (json_object_get_string_member (object, "test"), ==, "copy");
    g_assert_cmpfloat (json_object_get_double_member (object, "share_alive_both"), ==, 1);
    g_assert_cmpfloat_with_epsilon (json_object_get_double_member (object, "mean_correlation"), 1, 1e-9);
  }

  /* Explained variance that nobody measured is what `measure` finds. */
  {
    g_autoptr (JsonNode) node = json_from_string (said, NULL);
    g_autoptr (JsonNode) measured = cli_run_json ("measure", f->marrow, "--json", NULL);
    JsonArray *dictionaries = json_object_get_array_member (json_node_get_object (measured), "dictionaries");
    double expected = json_object_get_double_member (json_array_get_object_element (dictionaries, 0), "explained_variance");

    g_assert_cmpfloat_with_epsilon (get_double (node, "explained_variance_test"), expected, 1e-7);
    g_assert_cmpfloat (get_double (node, "n_explained_test"), ==, 50);
  }
  test_classes (f);

  cli_run_fails (2, "--train is needed", "transfer", NULL);
  cli_run_fails (1, "no data set", "transfer", "--train", f->blood, "--test-dataset", "nobody", NULL);
  cli_run_fails (1, "both sides", "transfer", "--train", f->blood, "--test-dataset", "blood", NULL);
  cli_run_fails (1, "1 data sets", "transfer", "--train", f->marrow, NULL);
  cli_write_text (text, "no project");
  cli_run_fails (1, "text", "transfer", "--train", f->blood, "--test", text, NULL);
  /* after the lines of its progress */
  g_assert_cmpint (cli_run (&out, &err, "transfer", "--train", f->blood, "--test", f->marrow, "--max-images", "0", "--report",
                            cli_path (f->dir, "nowhere/report.pdf"), NULL), ==, 1);
  g_assert_nonnull (strstr (err, "nowhere"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cli/transfer/transfer", Fixture, NULL, set_up, test_transfer, tear_down);
  return g_test_run ();
}
