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

/* "100,300,1000": at most CYT_TRAIN_MAX_PREFIXES numbers. */
static gboolean
parse_prefixes (const char *text, CytTrainRecipe *recipe, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ",", -1);

  if (g_strv_length (parts) > CYT_TRAIN_MAX_PREFIXES)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--prefixes are at most %d", CYT_TRAIN_MAX_PREFIXES);
      return FALSE;
    }
  for (guint i = 0; parts[i] != NULL; i++)
    {
      gint64 prefix = 0;

      if (!cli_parse_int ("--prefixes", parts[i], 1, MAX_LATENTS, &prefix, error))
        return FALSE;
      recipe->prefixes[recipe->n_prefixes++] = (gsize) prefix;
    }
  return TRUE;
}

#define RELU (1 << CYT_TRAIN_RELU)
#define JUMPRELU (1 << CYT_TRAIN_JUMPRELU)
#define MATRYOSHKA (1 << CYT_TRAIN_MATRYOSHKA)
#define WITH_K (1 << CYT_TRAIN_TOPK | 1 << CYT_TRAIN_BATCH_TOPK | MATRYOSHKA)

/* An option that only some variants have. */
typedef struct
{
  const char *name;
  gboolean given;
  guint variants;
} OfVariant;

static gboolean
check_variant (CytTrainVariant variant, const OfVariant *options, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (options[i].given && !(options[i].variants & 1 << variant))
      {
        g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "%s does not go with --variant %s", options[i].name,
                     cyt_train_variant_get_name (variant));
        return FALSE;
      }
  return TRUE;
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
print_loss (const CytTrainLoss *loss, const CytTrainRecipe *recipe)
{
  printf ("last batch: mse %.4g", loss->mse);
  if (recipe->variant == CYT_TRAIN_MATRYOSHKA)
    printf (", nested %.4g", loss->nested);
  if (recipe->variant == CYT_TRAIN_RELU)
    printf (", l1 %.4g, ghost %.4g", loss->l1, loss->ghost);
  if (recipe->variant == CYT_TRAIN_JUMPRELU)
    printf (", l0 penalty %.4g", loss->l0_penalty);
  if (cyt_train_variant_has_k (recipe->variant))
    printf (", aux %.4g", loss->aux);
  printf (", L0 %.4g, explained variance %.4g, %" G_GSIZE_FORMAT " dead\n", loss->l0, loss->explained, loss->n_dead);
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
  CytTrainLoss loss = { .mse = NAN }, held_out;
  CytProgressState state;

  if (sha256 == NULL)
    return FALSE;
  options->list = list;
  options->encoder = encoder;
  options->encoder_sha256 = sha256;
  options->control = control;
  options->held_out = &held_out;
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
    print_loss (&loss, &options->recipe);
  if (!isnan (held_out.mse))
    printf ("held-out images: mse %.4g, L0 %.4g, explained variance %.4g\n", held_out.mse, held_out.l0, held_out.explained);
  if (state.n_failed > 0)
    printf ("%" G_GSIZE_FORMAT " images could not be read\n", state.n_failed);
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *encoder = NULL, *images = NULL, *out = NULL, *block_text = NULL, *expansion_text = NULL;
  g_autofree char *latents_text = NULL, *l1 = NULL, *lr = NULL, *total_text = NULL, *batch_text = NULL, *recipe = NULL;
  g_autofree char *variant = NULL, *k_text = NULL, *aux_k_text = NULL, *aux_weight = NULL, *dead_text = NULL, *l0 = NULL;
  g_autofree char *bandwidth = NULL, *threshold = NULL, *prefixes = NULL, *hold_out_text = NULL, *seed_text = NULL, *checkpoints_text = NULL, *cache = NULL, *cache_size = NULL, *threads = NULL;
  gboolean ghost = FALSE, resume = FALSE, stop = FALSE;
  const GOptionEntry entries[] = {
    { "encoder", 'e', 0, G_OPTION_ARG_FILENAME, &encoder, "The encoder's checkpoint", "FILE" },
    { "images", 'i', 0, G_OPTION_ARG_FILENAME, &images, "The images: a folder or a CSV", "DIR|CSV" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "SAELens weights to write, with cfg.json beside them, or a CytoSAE .pt",
      "FILE.safetensors|FILE.pt" },
    { "block", 'b', 0, G_OPTION_ARG_FILENAME, &block_text, "After which block the tokens are taken (-2)", "N" },
    { "expansion", 0, 0, G_OPTION_ARG_FILENAME, &expansion_text, "Latents for each dimension of a token (64)", "R" },
    { "latents", 0, 0, G_OPTION_ARG_FILENAME, &latents_text, "Latents in all, instead of --expansion", "N" },
    { "variant", 0, 0, G_OPTION_ARG_FILENAME, &variant, "relu (default), topk, batchtopk, jumprelu or matryoshka", "NAME" },
    { "l1", 0, 0, G_OPTION_ARG_FILENAME, &l1, "relu: weight of the activations' sum in the loss (8e-5)", "L" },
    { "lr", 0, 0, G_OPTION_ARG_FILENAME, &lr, "Adam's rate (4e-4)", "R" },
    { "images-total", 0, 0, G_OPTION_ARG_FILENAME, &total_text, "Images to see, repeats counted (1000000)", "N" },
    { "batch", 0, 0, G_OPTION_ARG_FILENAME, &batch_text, "Images in a step, with all their tokens (64)", "N" },
    { "ghost-grads", 0, 0, G_OPTION_ARG_NONE, &ghost, "relu: pull dead latents towards what the others leave over", NULL },
    { "k", 0, 0, G_OPTION_ARG_FILENAME, &k_text, "topk, batchtopk, matryoshka: active latents a token (64)", "K" },
    { "aux-k", 0, 0, G_OPTION_ARG_FILENAME, &aux_k_text, "with K: dead latents a token that AuxK pulls (about d/2)", "K" },
    { "aux-weight", 0, 0, G_OPTION_ARG_FILENAME, &aux_weight, "with K: weight of AuxK (0.03125), 0 for none", "A" },
    { "prefixes", 0, 0, G_OPTION_ARG_FILENAME, &prefixes, "matryoshka: latents of each (1/32, 3/32, 7/32, 15/32, all)", "N,N…" },
    { "l0", 0, 0, G_OPTION_ARG_FILENAME, &l0, "jumprelu: weight of the number of active latents (2e-5)", "L" },
    { "bandwidth", 0, 0, G_OPTION_ARG_FILENAME, &bandwidth, "jumprelu: of its estimator, in standard deviations of h at the start (0.05)", "E" },
    { "threshold", 0, 0, G_OPTION_ARG_FILENAME, &threshold, "jumprelu: at the start, in the same unit (1)", "T" },
    { "dead-after", 0, 0, G_OPTION_ARG_FILENAME, &dead_text, "Dead: not fired for more than so many steps (64)", "N" },
    { "recipe", 0, 0, G_OPTION_ARG_FILENAME, &recipe,
      "corrected (default), or paper: relu with --ghost-grads, b_dec starts as published", "NAME" },
    { "seed", 0, 0, G_OPTION_ARG_FILENAME, &seed_text, "Of start and order (42)", "S" },
    { "hold-out", 0, 0, G_OPTION_ARG_FILENAME, &hold_out_text, "Each N-th image is not trained on, but measured at the end", "N" },
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
  gint64 block = -2, latents = 0, total = 1000000, batch = 64, seed = 42, checkpoints = 20, k = 64, aux_k = 0, dead = 64;
  gint64 hold_out = 0;
  double expansion = 64, gigabytes = 20;

  if (args == NULL || !cli_require ("--encoder", encoder, error) || !cli_require ("--images", images, error)
      || !cli_require ("--out", out, error) || !cli_parse_int ("--block", block_text, -1000, 1000, &block, error)
      || !cli_parse_double ("--expansion", expansion_text, 0.001, 10000, &expansion, error)
      || !cli_parse_int ("--latents", latents_text, 1, MAX_LATENTS, &latents, error)
      || !cli_parse_variant (variant, &options.recipe.variant, error)
      || !cli_parse_double ("--l1", l1, 0, 1e6, &options.recipe.l1, error)
      || !cli_parse_int ("--k", k_text, 1, CYT_TRAIN_MAX_K, &k, error)
      || !cli_parse_int ("--aux-k", aux_k_text, 1, CYT_TRAIN_MAX_K, &aux_k, error)
      || !cli_parse_double ("--aux-weight", aux_weight, 0, 1e6, &options.recipe.aux_weight, error)
      || !parse_prefixes (prefixes, &options.recipe, error) || !cli_parse_double ("--l0", l0, 0, 1e6, &options.recipe.l0, error)
      || !cli_parse_double ("--bandwidth", bandwidth, 1e-6, 1e3, &options.recipe.bandwidth, error)
      || !cli_parse_double ("--threshold", threshold, 1e-6, 1e3, &options.recipe.threshold, error)
      || !cli_parse_int ("--dead-after", dead_text, 1, G_MAXINT32, &dead, error)
      || !cli_parse_double ("--lr", lr, 1e-12, 1e3, &options.recipe.lr, error)
      || !cli_parse_int ("--images-total", total_text, 1, G_MAXINT64 / 2, &total, error)
      || !cli_parse_int ("--batch", batch_text, 1, 4096, &batch, error) || !parse_recipe (recipe, &options.paper, error)
      || !cli_parse_int ("--seed", seed_text, 0, G_MAXINT64 / 2, &seed, error)
      || !cli_parse_int ("--hold-out", hold_out_text, 2, G_MAXINT32, &hold_out, error)
      || !cli_parse_int ("--checkpoints", checkpoints_text, 1, 100000, &checkpoints, error)
      || !parse_cache (cache, &options.cache, error)
      || !cli_parse_double ("--cache-size", cache_size, 0, 1e6, &gigabytes, error)
      || !cli_parse_threads (threads, &options.n_threads, error))
    return FALSE;
  if (!check_variant (options.recipe.variant,
                      (const OfVariant[]){ { "--l1", l1 != NULL, RELU },
                                           { "--ghost-grads", ghost, RELU },
                                           { "--recipe paper", options.paper, RELU },
                                           { "--k", k_text != NULL, WITH_K },
                                           { "--aux-k", aux_k_text != NULL, WITH_K },
                                           { "--aux-weight", aux_weight != NULL, WITH_K },
                                           { "--prefixes", prefixes != NULL, MATRYOSHKA },
                                           { "--l0", l0 != NULL, JUMPRELU },
                                           { "--bandwidth", bandwidth != NULL, JUMPRELU },
                                           { "--threshold", threshold != NULL, JUMPRELU } },
                      10, error))
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
  options.recipe.ghost = ghost || options.paper;
  options.recipe.k = (gsize) k;
  options.recipe.aux_k = (gsize) aux_k;
  options.recipe.dead_after = (guint) dead;
  options.seed = seed;
  options.hold_out = (guint) hold_out;
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
  = "Variants:\n"
    "  relu        CytoSAE's recipe: L1 penalty, with --ghost-grads ghost gradients\n"
    "  topk        the K largest activations of each token (Gao et al. 2024)\n"
    "  batchtopk   K a token on average, the largest of each batch; used with a threshold (Bussmann et al. 2024)\n"
    "  jumprelu    each latent learns a threshold, L0 penalty (Rajamanoharan et al. 2024)\n"
    "  matryoshka  batchtopk, whose first latents alone reconstruct as well as they can (Bussmann et al. 2025)\n\n"
    "Beside FILE appear FILE.csv, a row of the loss for each step (step, mse, l1, ghost, l0, explained_variance, n_dead,\n"
    "nested, l0_penalty, aux: 0 where the variant has no such term), and, as long as it runs, FILE.training (the\n"
    "state) and FILE.tokens (the encoder's tokens, computed once). Interrupted at any moment it ends with the same\n"
    "autoencoder when the command is given again with --resume; with --stop too, it is written as it was then.\n\n"
    "Example:\n"
    "  cytosae train --encoder dinobloom-b.pth --images cells/ --out sae/sae_weights.safetensors\n",
  .run = run,
};
