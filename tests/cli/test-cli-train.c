/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "cli-util.h"

/* Small enough for seconds, in several epochs and checkpoints. */
#define SIZES "--latents", "96", "--images-total", "96", "--batch", "4", "--lr", "2e-3", "--checkpoints", "6"
#define SETTINGS SIZES, "--l1", "3e-4", "--ghost-grads"

#define MORE_SETTINGS SETTINGS, "--images-total", "100000", "--checkpoints", "10000"

static char *
make_images (const char *dir)
{
  const char *csv = cli_path (dir, "cells.csv");

  if (!cli_make_cohort (csv, 120, 12))
    cli_make_cells (cli_path (dir, "cells"), 6);
  return g_strdup (g_file_test (csv, G_FILE_TEST_EXISTS) ? csv : cli_path (dir, "cells"));
}

static void
test_options (void)
{
  g_autofree char *encoder = cli_dup_encoder ();

  cli_run_fails (2, "--encoder is needed", "train", "--images", "x", "--out", "x.pt", NULL);
  cli_run_fails (2, ".safetensors or .pt", "train", "--encoder", encoder, "--images", ".", "--out", "x", NULL);
  cli_run_fails (2, "--expansion and --latents", "train", "--encoder", encoder, "--images", ".", "--out", "x.pt",
                 "--expansion", "2", "--latents", "9", NULL);
  cli_run_fails (2, "--recipe", "train", "--encoder", encoder, "--images", ".", "--out", "x.pt", "--recipe", "mine", NULL);
  cli_run_fails (2, "--cache", "train", "--encoder", encoder, "--images", ".", "--out", "x.pt", "--cache", "fp8", NULL);
  cli_run_fails (2, "--variant", "train", "--encoder", encoder, "--images", ".", "--out", "x.pt", "--variant", "gated", NULL);
  cli_run_fails (2, "--l1 does not go with --variant topk", "train", "--encoder", encoder, "--images", ".", "--out", "x.pt",
                 "--variant", "topk", "--l1", "1e-3", NULL);
  cli_run_fails (2, "--k does not go with --variant relu", "train", "--encoder", encoder, "--images", ".", "--out", "x.pt",
                 "--k", "9", NULL);
  cli_run_fails (2, "--recipe paper", "train", "--encoder", encoder, "--images", ".", "--out", "x.pt", "--variant",
                 "jumprelu", "--recipe", "paper", NULL);
  cli_run_fails (2, "--prefixes", "train", "--encoder", encoder, "--images", ".", "--out", "x.pt", "--variant",
                 "matryoshka", "--prefixes", "8,,9", NULL);
  cli_run_fails (1, "nowhere", "train", "--encoder", encoder, "--images", "nowhere", "--out", "x.pt", NULL);
}

/* Both layouts hold the same autoencoder; our own reader takes them; nothing is overwritten; nothing is left behind. */
static void
test_files (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir (), *images = make_images (dir), *encoder = cli_dup_encoder ();
  const char *pt = cli_path (dir, "sae.pt"), *safetensors = cli_path (dir, "sae.safetensors");
  const char *project = cli_path (dir, "p.cytosae");
  g_autofree char *a = cli_run_ok ("train", "--encoder", encoder, "--images", images, "--out", pt, SETTINGS, NULL);
  g_autofree char *b = cli_run_ok ("train", "--encoder", encoder, "--images", images, "--out", safetensors, SETTINGS,
                                   "--threads", "1", NULL);
  g_autofree char *c = NULL, *curve = NULL;

  g_assert_nonnull (strstr (a, "96 latents of 192 dimensions, trained on 96 images"));
  cyt_test_run_reference ("train_files.py", pt, safetensors, NULL);
  c = cli_run_ok ("index", project, "--encoder", encoder, "--sae", pt, "--images", images, NULL);
  g_assert_true (g_file_get_contents (cli_path (dir, "sae.pt.csv"), &curve, NULL, NULL));
  g_assert_nonnull (strstr (curve, "\n24,"));
  cli_assert_missing (cli_path (dir, "sae.pt.training"));
  cli_assert_missing (cli_path (dir, "sae.pt.tokens"));
  cli_run_fails (1, "already exists", "train", "--encoder", encoder, "--images", images, "--out", pt, SETTINGS, NULL);
  cyt_test_remove_tree (dir);
}

/* Where training starts, as published and as corrected: one step of all images at a rate that moves nothing. */
static void
test_recipes (void)
{
  static const char *const recipes[] = { "paper", "corrected" };
  g_autofree char *dir = cyt_test_make_tmpdir (), *images = make_images (dir), *encoder = cli_dup_encoder ();
  const char *tokens = cli_path (dir, "tokens.npy");
  const char *saes[] = { cli_path (dir, "paper.pt"), cli_path (dir, "corrected.pt") };
  g_autofree char *a = cli_run_ok ("embed", "--encoder", encoder, "--out", tokens, images, NULL);

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *b = cli_run_ok ("train", "--encoder", encoder, "--images", images, "--out", saes[i], "--latents", "96",
                                       "--batch", "12", "--images-total", "12", "--lr", "1e-9", "--seed", "5", "--cache", "none",
                                       "--recipe", recipes[i], NULL);

      g_assert_nonnull (strstr (b, "trained on 12 images"));
    }
  cyt_test_run_reference ("train_start.py", tokens, "5", saes[0], saes[1], NULL);
  cyt_test_remove_tree (dir);
}

/* Killed, and killed again, it ends where it would have ended. */
static void
test_killed (gconstpointer variant)
{
  const char *more = g_str_equal (variant, "relu") ? "--ghost-grads" : g_str_equal (variant, "jumprelu") ? "--l0=1e-4" : "--aux-k=20";
  g_autofree char *dir = cyt_test_make_tmpdir (), *images = make_images (dir), *encoder = cli_dup_encoder ();
  const char *whole = cli_path (dir, "whole.pt"), *cut = cli_path (dir, "cut.pt"), *state = cli_path (dir, "cut.pt.training");
  g_autofree char *a = cli_run_ok ("train", "--encoder", encoder, "--images", images, "--out", whole, SIZES, "--variant",
                                   variant, "--dead-after", "3", more, NULL);
  g_autofree char *b = NULL, *curve = NULL, *curve_cut = NULL;

  for (guint kill_no = 0; kill_no < 2; kill_no++)
    {
      GPid pid = cli_start ("train", "--encoder", encoder, "--images", images, "--out", cut, SIZES, "--variant", variant,
                            "--dead-after", "3", more, kill_no == 0 ? NULL : "--resume", NULL);

      for (guint i = 0; i < 6000 && !g_file_test (state, G_FILE_TEST_EXISTS) && !g_file_test (cut, G_FILE_TEST_EXISTS); i++)
        g_usleep (5000);
      kill (pid, kill_no == 0 ? SIGKILL : SIGINT);
      cli_wait (pid);
    }
  if (!g_file_test (cut, G_FILE_TEST_EXISTS))
    {
      cli_run_fails (1, "resume", "train", "--encoder", encoder, "--images", images, "--out", cut, SIZES, "--variant", variant,
                     "--dead-after", "3", more, NULL);
      cli_run_fails (1, "other images, models or settings", "train", "--encoder", encoder, "--images", images, "--out", cut,
                     SIZES, "--variant", variant, "--dead-after", "3", more, "--seed", "7", "--resume", NULL);
      b = cli_run_ok ("train", "--encoder", encoder, "--images", images, "--out", cut, SIZES, "--variant", variant,
                      "--dead-after", "3", more, "--resume", NULL);
    }
  g_assert_true (g_file_get_contents (cli_path (dir, "whole.pt.csv"), &curve, NULL, NULL));
  g_assert_true (g_file_get_contents (cli_path (dir, "cut.pt.csv"), &curve_cut, NULL, NULL));
  g_assert_cmpstr (curve_cut, ==, curve);
  cyt_test_run_reference ("same_weights.py", whole, cut, NULL);
  cyt_test_remove_tree (dir);
}

/* Both layouts of each variant describe it, and our reader computes with them what PyTorch does. */
static void
test_variant (gconstpointer variant)
{
  g_autofree char *dir = cyt_test_make_tmpdir (), *images = make_images (dir), *encoder = cli_dup_encoder ();
  const char *tokens = cli_path (dir, "tokens.npy");
  const char *saes[] = { cli_path (dir, "sae.pt"), cli_path (dir, "sae.safetensors") };
  const char *scores[] = { cli_path (dir, "pt.npy"), cli_path (dir, "safetensors.npy") };
  g_autofree char *a = cli_run_ok ("embed", "--encoder", encoder, "--out", tokens, images, NULL);

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *b = cli_run_ok ("train", "--encoder", encoder, "--images", images, "--out", saes[i], SIZES,
                                       "--variant", variant, "--hold-out", "4", NULL);
      g_autofree char *c = cli_run_ok ("latents", "--encoder", encoder, "--sae", saes[i], "--out-scores", scores[i], images,
                                       NULL);

      g_assert_nonnull (strstr (b, "held-out images: mse "));
    }
  cyt_test_run_reference ("variant_latents.py", variant, saes[0], saes[1], tokens, scores[0], scores[1], NULL);
  cli_run_fails (1, "of 20 latents 1 to 20", "train", "--encoder", encoder, "--images", images, "--out",
                 cli_path (dir, "b.pt"), "--latents", "20", "--variant", "topk", "--k", "21", NULL);
  cli_assert_missing (cli_path (dir, "b.pt"));
  cyt_test_remove_tree (dir);
}

/* A training that was interrupted is written as it is, and says so. */
static void
test_stopped (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir (), *images = make_images (dir), *encoder = cli_dup_encoder ();
  const char *out = cli_path (dir, "sae.safetensors"), *state = cli_path (dir, "sae.safetensors.training");
  g_autofree char *said = NULL, *cfg = NULL;
  GPid pid;

  cli_run_fails (2, "--resume", "train", "--encoder", encoder, "--images", images, "--out", out, SETTINGS, "--stop", NULL);
  cli_run_fails (1, "no interrupted training", "train", "--encoder", encoder, "--images", images, "--out", out, SETTINGS,
                 "--resume", "--stop", NULL);
  pid = cli_start ("train", "--encoder", encoder, "--images", images, "--out", out, MORE_SETTINGS, NULL);
  for (guint i = 0; i < 6000 && !g_file_test (state, G_FILE_TEST_EXISTS); i++)
    g_usleep (5000);
  kill (pid, SIGINT);
  cli_wait (pid);
  said = cli_run_ok ("train", "--encoder", encoder, "--images", images, "--out", out, MORE_SETTINGS, "--resume", "--stop",
                     NULL);
  g_assert_nonnull (strstr (said, "96 latents"));
  g_assert_true (g_file_get_contents (cli_path (dir, "cfg.json"), &cfg, NULL, NULL));
  g_assert_nonnull (strstr (cfg, "\"stopped early at step "));
  g_assert_nonnull (strstr (cfg, " of 25000\""));
  cli_assert_missing (state);
  g_free (said);
  said = cli_run_ok ("info", out, NULL);
  cyt_test_remove_tree (dir);
}

/* A state, tokens or images that are damaged or missing. */
static void
test_bad_input (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir (), *images = make_images (dir), *encoder = cli_dup_encoder (), *said = NULL;
  const char *out = cli_path (dir, "a.pt"), *state = cli_path (dir, "a.pt.training"), *csv = cli_path (dir, "none.csv");

  cli_write_text (state, "not a state");
  cli_run_fails (1, "a.pt.training", "train", "--encoder", encoder, "--images", images, "--out", out, SETTINGS, "--resume", NULL);
  g_unlink (state);
  cli_write_text (cli_path (dir, "a.pt.tokens"), "not tokens");
  said = cli_run_ok ("train", "--encoder", encoder, "--images", images, "--out", out, SETTINGS, NULL);
  cli_run_fails (1, "No such file or directory", "train", "--encoder", encoder, "--images", images, "--out",
                 cli_path (dir, "nowhere/b.pt"), SETTINGS, NULL);
  /* another autoencoder's description is not written over */
  cli_write_text (cli_path (dir, "cfg.json"), "{}");
  cli_run_fails (1, "cfg.json", "train", "--encoder", encoder, "--images", images, "--out", cli_path (dir, "b.safetensors"),
                 SETTINGS, NULL);
  cli_assert_missing (cli_path (dir, "b.safetensors"));
  cli_write_text (csv, "image\nmissing-1.png\nmissing-2.png\n");
  cli_run_fails (1, "can be read", "train", "--encoder", encoder, "--images", csv, "--out", cli_path (dir, "b.pt"), SETTINGS,
                 NULL);
  cli_assert_missing (cli_path (dir, "b.pt"));
  cli_assert_missing (cli_path (dir, "b.pt.tokens"));
  cyt_test_remove_tree (dir);
}

int
main (int argc, char **argv)
{
  static const char *const variants[] = { "relu", "topk", "batchtopk", "jumprelu", "matryoshka" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/train/options", test_options);
  g_test_add_func ("/cli/train/files", test_files);
  g_test_add_func ("/cli/train/recipes", test_recipes);
  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      g_autofree char *killed = g_strconcat ("/cli/train/killed/", variants[i], NULL);
      g_autofree char *variant = g_strconcat ("/cli/train/variant/", variants[i], NULL);

      g_test_add_data_func (killed, variants[i], test_killed);
      g_test_add_data_func (variant, variants[i], test_variant);
    }
  g_test_add_func ("/cli/train/stopped", test_stopped);
  g_test_add_func ("/cli/train/bad-input", test_bad_input);
  return g_test_run ();
}
