/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli-commands.h"
#include "cli-output.h"
#include "cli-progress.h"
#include "io/cyt-hash.h"
#include "train/cyt-trainer.h"

#define MAX_LATENTS (1 << 22)

static gboolean
parse_cache (const char *text, CytTokenCacheFormat *format, GError **error)
{
  static const char *const names[] = { "none", "fp16", "fp32" };

  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (text, names[i]))
      {
        *format = (CytTokenCacheFormat) i;
        return TRUE;
      }
  if (text != NULL)
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--cache is none, fp16 or fp32, not \"%s\"", text);
  return text == NULL;
}

static gboolean
parse_recipe (const char *text, gboolean *paper, GError **error)
{
  if (text != NULL && !g_str_equal (text, "paper") && !g_str_equal (text, "corrected"))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--recipe is corrected or paper, not \"%s\"", text);
      return FALSE;
    }
  *paper = g_strcmp0 (text, "paper") == 0;
  return TRUE;
}

/* What --stop writes is an interrupted training's. */
static gboolean
check_state (const char *out, gboolean resume, GError **error)
{
  g_autofree char *path = g_strconcat (out, ".training", NULL);

  if (!resume)
    g_set_error_literal (error, CLI_ERROR, CLI_ERROR_USAGE, "--stop goes with --resume");
  else if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: there is no interrupted training to write", path);
  else
    return TRUE;
  return FALSE;
}

static void
keep_loss (guint64 n_steps, const CytTrainLoss *loss, gpointer user_data)
{
  *(CytTrainLoss *) user_data = *loss;
}

static gboolean
train (const char *out, const char *encoder_path, const char *images, double expansion, CytTrainOptions *options,
       gboolean stop, GError **error)
{
  g_autoptr (CliProgress) progress = cli_progress_new ("images");
  GCancellable *cancellable = cli_progress_get_cancellable (progress);
  g_autoptr (CytImageList) list = cyt_image_list_new ((const char *const[]) { images, NULL }, error);
  g_autoptr (CytEncoder) encoder = list != NULL ? cyt_encoder_load (encoder_path, error) : NULL;
  g_autofree char *sha256 = encoder != NULL ? cyt_hash_path (encoder_path, cancellable, error) : NULL;
  g_autofree char *shown = cli_escape (out);
  g_autoptr (CytTrainControl) control = cyt_train_control_new ();
  CytTrainLoss loss = { .mse = NAN };
  CytProgressState state;

  if (sha256 == NULL)
    return FALSE;
  options->list = list;
  options->encoder = encoder;
  options->encoder_sha256 = sha256;
  options->control = control;
  if (stop)
    cyt_train_control_stop (control);
  if (options->d_sae == 0)
    options->d_sae = (gsize) (expansion * cyt_encoder_get_config (encoder)->d);
  if (options->d_sae < 1 || options->d_sae > MAX_LATENTS)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "%" G_GSIZE_FORMAT " latents cannot be trained: 1 to %d can",
                   options->d_sae, MAX_LATENTS);
      return FALSE;
    }
  if (!cyt_trainer_run (out, options, cli_progress_get_progress (progress), keep_loss, &loss, cancellable, error))
    {
      cyt_progress_get (cli_progress_get_progress (progress), &state);
      cli_progress_explain_cancel (error,
                                   "interrupted after %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                                   " images: the same command with --resume continues there",
                                   state.n_done, state.n_total);
      return FALSE;
    }
  cyt_progress_get (cli_progress_get_progress (progress), &state);
  g_clear_pointer (&progress, cli_progress_free);
  printf ("%s: %" G_GSIZE_FORMAT " latents of %" G_GSIZE_FORMAT " dimensions, trained on %" G_GSIZE_FORMAT
          " images (%" G_GSIZE_FORMAT " in the list%s)\n",
          shown, options->d_sae, cyt_encoder_get_config (encoder)->d, state.n_done, cyt_image_list_get_n_items (list),
          list->simulated ? ", SIMULATED" : "");
  if (!isnan (loss.mse))
    printf ("last batch: mse %.4g, l1 %.4g, ghost %.4g, L0 %.4g, explained variance %.4g, %" G_GSIZE_FORMAT " dead\n",
            loss.mse, loss.l1, loss.ghost, loss.l0, loss.explained, loss.n_dead);
  if (state.n_failed > 0)
    printf ("%" G_GSIZE_FORMAT " images could not be read\n", state.n_failed);
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *encoder = NULL, *images = NULL, *out = NULL, *block_text = NULL, *expansion_text = NULL;
  g_autofree char *latents_text = NULL, *l1 = NULL, *lr = NULL, *total_text = NULL, *batch_text = NULL, *recipe = NULL;
  g_autofree char *seed_text = NULL, *checkpoints_text = NULL, *cache = NULL, *cache_size = NULL, *threads = NULL;
  gboolean ghost = FALSE, resume = FALSE, stop = FALSE;
  const GOptionEntry entries[] = {
    { "encoder", 'e', 0, G_OPTION_ARG_FILENAME, &encoder, "The encoder's checkpoint", "FILE" },
    { "images", 'i', 0, G_OPTION_ARG_FILENAME, &images, "The images: a folder or a CSV", "DIR|CSV" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "SAELens weights to write, with cfg.json beside them, or a CytoSAE .pt",
      "FILE.safetensors|FILE.pt" },
    { "block", 'b', 0, G_OPTION_ARG_FILENAME, &block_text, "After which block the tokens are taken (-2)", "N" },
    { "expansion", 0, 0, G_OPTION_ARG_FILENAME, &expansion_text, "Latents for each dimension of a token (64)", "R" },
    { "latents", 0, 0, G_OPTION_ARG_FILENAME, &latents_text, "Latents in all, instead of --expansion", "N" },
    { "l1", 0, 0, G_OPTION_ARG_FILENAME, &l1, "Weight of the activations' sum in the loss (8e-5)", "L" },
    { "lr", 0, 0, G_OPTION_ARG_FILENAME, &lr, "Adam's rate (4e-4)", "R" },
    { "images-total", 0, 0, G_OPTION_ARG_FILENAME, &total_text, "Images to see, repeats counted (1000000)", "N" },
    { "batch", 0, 0, G_OPTION_ARG_FILENAME, &batch_text, "Images in a step, with all their tokens (64)", "N" },
    { "ghost-grads", 0, 0, G_OPTION_ARG_NONE, &ghost, "Pull dead latents towards what the others leave over", NULL },
    { "recipe", 0, 0, G_OPTION_ARG_FILENAME, &recipe, "corrected (default), or paper: its start of b_dec", "NAME" },
    { "seed", 0, 0, G_OPTION_ARG_FILENAME, &seed_text, "Of start and order (42)", "S" },
    { "checkpoints", 0, 0, G_OPTION_ARG_FILENAME, &checkpoints_text, "How often the state is saved (20)", "N" },
    { "cache", 0, 0, G_OPTION_ARG_FILENAME, &cache, "Keep tokens on disk as fp16 (default) or fp32, or none", "NAME" },
    { "cache-size", 0, 0, G_OPTION_ARG_FILENAME, &cache_size, "At most so many GB of them (20)", "GB" },
    { "resume", 0, 0, G_OPTION_ARG_NONE, &resume, "Go on with an interrupted training", NULL },
    { "stop", 0, 0, G_OPTION_ARG_NONE, &stop, "With --resume: no more steps, write the autoencoder as it is", NULL },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Cores to use (all)", "N" },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 0, 0, error);
  CytTrainOptions options = { .block = -2, .batch = 64, .seed = 42, .recipe = CYT_TRAIN_RECIPE_INIT,
                              .cache = CYT_TOKEN_CACHE_F16 };
  gint64 block = -2, latents = 0, total = 1000000, batch = 64, seed = 42, checkpoints = 20;
  double expansion = 64, gigabytes = 20;

  if (args == NULL || !cli_require ("--encoder", encoder, error) || !cli_require ("--images", images, error)
      || !cli_require ("--out", out, error) || !cli_parse_int ("--block", block_text, -1000, 1000, &block, error)
      || !cli_parse_double ("--expansion", expansion_text, 0.001, 10000, &expansion, error)
      || !cli_parse_int ("--latents", latents_text, 1, MAX_LATENTS, &latents, error)
      || !cli_parse_double ("--l1", l1, 0, 1e6, &options.recipe.l1, error)
      || !cli_parse_double ("--lr", lr, 1e-12, 1e3, &options.recipe.lr, error)
      || !cli_parse_int ("--images-total", total_text, 1, G_MAXINT64 / 2, &total, error)
      || !cli_parse_int ("--batch", batch_text, 1, 4096, &batch, error) || !parse_recipe (recipe, &options.paper, error)
      || !cli_parse_int ("--seed", seed_text, 0, G_MAXINT64 / 2, &seed, error)
      || !cli_parse_int ("--checkpoints", checkpoints_text, 1, 100000, &checkpoints, error)
      || !parse_cache (cache, &options.cache, error)
      || !cli_parse_double ("--cache-size", cache_size, 0, 1e6, &gigabytes, error)
      || !cli_parse_threads (threads, &options.n_threads, error))
    return FALSE;
  if (latents_text != NULL && expansion_text != NULL)
    {
      g_set_error_literal (error, CLI_ERROR, CLI_ERROR_USAGE, "--expansion and --latents say the same: give one of them");
      return FALSE;
    }
  if (!g_str_has_suffix (out, ".pt") && !g_str_has_suffix (out, ".safetensors"))
    {
      g_set_error_literal (error, CLI_ERROR, CLI_ERROR_USAGE, "--out ends in .safetensors or .pt");
      return FALSE;
    }
  if (stop && !check_state (out, resume, error))
    return FALSE;
  options.block = (int) block;
  options.d_sae = (gsize) latents;
  options.n_images = total;
  options.batch = (guint) batch;
  options.recipe.ghost = ghost;
  options.seed = seed;
  options.n_checkpoints = (guint) checkpoints;
  options.max_cache_bytes = (guint64) (gigabytes * 1e9);
  options.resume = resume;
  return train (out, encoder, images, expansion, &options, stop, error);
}

const CliCommand cmd_train = {
  .name = "train",
  .arguments = "",
  .summary = "Train a sparse autoencoder on the tokens of cell images",
  .description
  = "CytoSAE's recipe: ReLU, L1 penalty, ghost gradients with --ghost-grads, Adam. Beside FILE appear FILE.csv, a row of the loss for\n"
    "each step (step, mse, l1, ghost, l0, explained_variance, n_dead), and, as long as it runs, FILE.training (the\n"
    "state) and FILE.tokens (the encoder's tokens, computed once). Interrupted at any moment it ends with the same\n"
    "autoencoder when the command is given again with --resume; with --stop too, it is written as it was then.\n\n"
    "Example:\n"
    "  cytosae train --encoder dinobloom-b.pth --images cells/ --out sae/sae_weights.safetensors\n",
  .run = run,
};
