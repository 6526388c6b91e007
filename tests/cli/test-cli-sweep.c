/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep against the commands that do the same step by step: train, index, stability, classify. */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#include "analysis/cyt-sweep-table.h"
#include "cli-util.h"

#define TRAIN "--images-total", "60", "--batch", "2", "--lr", "3e-3"
#define GRID "--l1", "1e-4,5e-3", "--expansion", "0.25", "--seeds", "1,2"

typedef struct
{
  char *dir, *encoder;
  const char *images, *out;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *said = NULL;
  const char *cells;

  f->dir = cyt_test_make_tmpdir ();
  f->encoder = cli_dup_encoder ();
  f->out = cli_path (f->dir, "sweep");
  cells = cli_path (f->dir, "phantom");
  said = cli_run_ok ("phantom", "--out", cells, "--cells", "60", "--patients", "30", NULL);
  f->images = cli_path (cells, "manifest.csv");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_test_remove_tree (f->dir);
  g_free (f->dir);
  g_free (f->encoder);
}

static GPtrArray *
read_table (const char *out)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *rows = cyt_sweep_table_read_csv (cli_path (out, "sweep.csv"), &error);

  g_assert_no_error (error);
  return rows;
}

static double
get_member (JsonNode *node, const char *name)
{
  return json_object_get_double_member (json_node_get_object (node), name);
}

/* Table and commands agree: the same autoencoders, stability and F1. */
static void
test_commands (Fixture *f, gconstpointer data)
{
  g_autofree char *said = cli_run_ok ("sweep", "--encoder", f->encoder, "--images", f->images, "--held-out", f->images, "--out",
                                      f->out, GRID, TRAIN, NULL);
  g_autoptr (GPtrArray) rows = read_table (f->out);
  const char *projects[2], *saes[2];
  g_autofree char *alone = NULL;
  const CytSweepRow *sparse = rows->pdata[2], *first = rows->pdata[0];

  g_assert_nonnull (strstr (said, "SIMULATED"));
  g_assert_nonnull (strstr (said, "research use only"));
  g_assert_cmpuint (rows->len, ==, 4);
  g_assert_true (first->sparsity == 1e-4 && sparse->sparsity == 5e-3 && first->d_sae == 48 && first->seed == 1);
  for (guint i = 0; i < rows->len; i++)
    {
      const CytSweepRow *row = rows->pdata[i];

      g_assert_true (row->l0 > 0 && row->l0 <= 48 && row->explained <= 1 && row->dead_share >= 0 && row->seconds > 0);
    }
  cli_assert_missing (cli_path (f->out, "images.tokens"));
  cli_assert_missing (cli_path (f->out, "patients.tokens"));

  alone = cli_run_ok ("train", "--encoder", f->encoder, "--images", f->images, "--out", cli_path (f->dir, "alone.pt"),
                      "--l1", "1e-4", "--expansion", "0.25", "--seed", "1", TRAIN, NULL);
  for (guint s = 0; s < 2; s++)
    {
      const CytSweepRow *row = rows->pdata[s];
      g_autofree char *name = g_strdup_printf ("p%u.cytosae", s), *indexed = NULL;
      g_autoptr (JsonNode) classified = NULL;
      JsonArray *results;
      JsonObject *f1;

      saes[s] = cli_path (f->out, row->sae);
      projects[s] = cli_path (f->dir, name);
      indexed = cli_run_ok ("index", projects[s], "--encoder", f->encoder, "--sae", saes[s], "--images", f->images, NULL);
      classified = cli_run_json ("classify", projects[s], "--repeats", "3", "--permutations", "0", "--json", NULL);
      results = json_object_get_array_member (json_node_get_object (classified), "results");
      f1 = json_object_get_object_member (json_array_get_object_element (results, 0), "weighted_f1");
      g_assert_cmpfloat_with_epsilon (row->f1, json_object_get_double_member (f1, "mean"), 1e-7);
      g_assert_cmpfloat_with_epsilon (row->f1_deviation, json_object_get_double_member (f1, "deviation"), 1e-7);
    }
  {
    g_autoptr (JsonNode) stability = cli_run_json ("stability", saes[0], saes[1], "--project-a", projects[0], "--project-b",
                                                   projects[1], "--json", NULL);
    g_autoptr (JsonNode) same = cli_run_json ("stability", saes[0], cli_path (f->dir, "alone.pt"), "--json", NULL);

    g_assert_cmpfloat_with_epsilon (first->stability, get_member (stability, "pw_mcc"), 1e-7);
    g_assert_cmpfloat_with_epsilon (get_member (same, "pw_mcc"), 1, 1e-6);
  }
}

static gboolean
is_same (double a, double b)
{
  return a == b || (isnan (a) && isnan (b));
}

static void
wait_for (const char *path)
{
  for (guint i = 0; i < 12000 && !g_file_test (path, G_FILE_TEST_EXISTS); i++)
    g_usleep (2000);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* Killed in the middle of a training, then of a measurement, the same command ends with the same table; with more values and
 * another variant it adds; other settings are refused. */
static void
test_killed (Fixture *f, gconstpointer data)
{
  const char *cut = cli_path (f->dir, "cut"), *state = cli_path (cut, "relu-0.0001_x0.25_s1/sae_weights.safetensors.training");
  const char *last = cli_path (cut, "relu-0.0001_x0.25_s2/sae_weights.safetensors");
  g_autofree char *whole = cli_run_ok ("sweep", "--encoder", f->encoder, "--images", f->images, "--out", f->out, GRID, TRAIN,
                                       NULL);
  GPid pid = cli_start ("sweep", "--encoder", f->encoder, "--images", f->images, "--out", cut, GRID, TRAIN, NULL);
  g_autofree char *again = NULL, *more = NULL;
  g_autoptr (GPtrArray) a = NULL, b = NULL, c = NULL;

  g_assert_nonnull (strstr (whole, "trained on 54 images"));
  g_assert_nonnull (strstr (whole, "on 6 held-out images (every tenth); F1 on all 60 images"));
  wait_for (state);
  kill (pid, SIGKILL);
  cli_wait (pid);
  cli_assert_missing (last);

  pid = cli_start ("sweep", "--encoder", f->encoder, "--images", f->images, "--out", cut, GRID, TRAIN, NULL);
  wait_for (last); /* the first two are there: now they are measured */
  g_usleep (20000);
  kill (pid, SIGKILL);
  cli_wait (pid);
  b = read_table (cut);
  for (guint i = 0; i < b->len; i++)
    g_assert_true (isnan (((const CytSweepRow *) b->pdata[i])->l0));
  g_clear_pointer (&b, g_ptr_array_unref);

  again = cli_run_ok ("sweep", "--encoder", f->encoder, "--images", f->images, "--out", cut, GRID, TRAIN, NULL);
  a = read_table (f->out);
  b = read_table (cut);
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      const CytSweepRow *x = a->pdata[i], *y = b->pdata[i];

      g_assert_cmpstr (x->sae, ==, y->sae);
      g_assert_true (x->l0 == y->l0 && x->explained == y->explained && x->dead_share == y->dead_share);
      g_assert_true (is_same (x->monosemanticity, y->monosemanticity) && is_same (x->stability, y->stability)
                     && is_same (x->f1, y->f1));
    }

  more = cli_run_ok ("sweep", "--encoder", f->encoder, "--images", f->images, "--out", cut, "--variant", "batchtopk", "--k",
                     "4", "--expansion", "0.25", "--seeds", "1", TRAIN, NULL);
  c = read_table (cut);
  g_assert_cmpuint (c->len, ==, 5);
  g_assert_true (((const CytSweepRow *) c->pdata[0])->variant == CYT_TRAIN_BATCH_TOPK);
  g_assert_true (((const CytSweepRow *) c->pdata[0])->sparsity == 4 && ((const CytSweepRow *) c->pdata[0])->l0 > 0);
  g_assert_true (((const CytSweepRow *) c->pdata[1])->variant == CYT_TRAIN_RELU);
  cli_run_fails (1, "another folder", "sweep", "--encoder", f->encoder, "--images", f->images, "--out", cut, "--l1", "1e-3",
                 "--expansion", "0.25", "--seeds", "1", "--images-total", "30", "--batch", "2", NULL);
}

static void
test_bad_input (Fixture *f, gconstpointer data)
{
  const char *few = cli_path (f->dir, "few.csv"), *file = cli_path (f->dir, "file");

  cli_run_fails (2, "--out is needed", "sweep", "--encoder", f->encoder, "--images", f->images, NULL);
  cli_run_fails (2, "--l1", "sweep", "--encoder", f->encoder, "--images", f->images, "--out", f->out, "--l1", "1e-4,,2", NULL);
  cli_run_fails (2, "twice", "sweep", "--encoder", f->encoder, "--images", f->images, "--out", f->out, "--seeds", "1,1", NULL);
  cli_run_fails (2, "whole", "sweep", "--encoder", f->encoder, "--images", f->images, "--out", f->out, "--seeds", "1.5", NULL);
  cli_run_fails (2, "--expansion", "sweep", "--encoder", f->encoder, "--images", f->images, "--out", f->out, "--expansion",
                 "20000", NULL);
  cli_run_fails (2, "--l1 does not go with", "sweep", "--encoder", f->encoder, "--images", f->images, "--out", f->out, "--variant",
                 "topk", "--l1", "1", NULL);
  cli_run_fails (2, "--k does not go with", "sweep", "--encoder", f->encoder, "--images", f->images, "--out", f->out, "--k", "4",
                 NULL);
  cli_run_fails (2, "--ghost-grads", "sweep", "--encoder", f->encoder, "--images", f->images, "--out", f->out, "--variant",
                 "jumprelu", "--ghost-grads", NULL);
  cli_run_fails (2, "--variant is", "sweep", "--encoder", f->encoder, "--images", f->images, "--out", f->out, "--variant", "tanh",
                 NULL);
  cli_run_fails (1, "k is 100; of 48 latents", "sweep", "--encoder", f->encoder, "--images", f->images, "--out", f->out,
                 "--variant", "topk", "--k", "8,100", "--expansion", "0.25", NULL);
  cli_assert_missing (f->out);
  cli_run_fails (1, "nowhere", "sweep", "--encoder", f->encoder, "--images", "nowhere", "--out", f->out, NULL);
  cli_run_fails (1, "manifest.csv", "sweep", "--encoder", f->images, "--images", f->images, "--out", f->out, NULL);
  cli_write_text (few, "image\na.png\n");
  cli_run_fails (1, "--held-out", "sweep", "--encoder", f->encoder, "--images", few, "--out", f->out, NULL);
  cli_write_text (file, "");
  cli_run_fails (1, "file", "sweep", "--encoder", f->encoder, "--images", f->images, "--out", file, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cli/sweep/commands", Fixture, NULL, set_up, test_commands, tear_down);
  g_test_add ("/cli/sweep/killed", Fixture, NULL, set_up, test_killed, tear_down);
  g_test_add ("/cli/sweep/bad-input", Fixture, NULL, set_up, test_bad_input, tear_down);
  return g_test_run ();
}
