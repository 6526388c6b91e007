/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/cyt-sweep.h"
#include "cli-commands.h"
#include "cli-output.h"
#include "cli-progress.h"
#include "io/cyt-error.h"
#include "io/cyt-hash.h"

#define HOLD_OUT_EVERY 10
#define MAX_VALUES 100
#define MAX_LATENTS (1 << 22)

/* "3e-5,1e-4": each once, in the order given. */
static GArray *
parse_doubles (const char *option, const char *text, double min, double max, GError **error)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      double value = 0;

      if (!cli_parse_double (option, g_strstrip (parts[i]), min, max, &value, error))
        return NULL;
      for (guint j = 0; j < values->len; j++)
        if (g_array_index (values, double, j) == value)
          {
            g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "%s: %s is there twice", option, parts[i]);
            return NULL;
          }
      g_array_append_val (values, value);
    }
  if (values->len > 0 && values->len <= MAX_VALUES)
    return g_steal_pointer (&values);
  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "%s: 1 to %d numbers with commas between", option, MAX_VALUES);
  return NULL;
}

/* Numbers without a fraction. */
static GArray *
parse_whole (const char *option, const char *text, double min, double max, GError **error)
{
  g_autoptr (GArray) numbers = parse_doubles (option, text, min, max, error);

  for (guint i = 0; numbers != NULL && i < numbers->len; i++)
    if (floor (g_array_index (numbers, double, i)) != g_array_index (numbers, double, i))
      {
        g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "%s: whole numbers are expected", option);
        return NULL;
      }
  return g_steal_pointer (&numbers);
}

static GArray *
parse_seeds (const char *text, GError **error)
{
  g_autoptr (GArray) numbers = parse_whole ("--seeds", text, 0, 1e15, error);
  g_autoptr (GArray) seeds = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint i = 0; numbers != NULL && i < numbers->len; i++)
    {
      guint64 seed = (guint64) g_array_index (numbers, double, i);

      g_array_append_val (seeds, seed);
    }
  return numbers != NULL ? g_steal_pointer (&seeds) : NULL;
}

/* What is swept: the one of --l1, --k and --l0 that belongs to the variant. */
static GArray *
parse_sparsities (CytTrainVariant variant, const char *l1, const char *k, const char *l0, GError **error)
{
  gboolean has_k = cyt_train_variant_has_k (variant), jumps = variant == CYT_TRAIN_JUMPRELU;
  const char *wrong = l1 != NULL && (has_k || jumps) ? "--l1" : k != NULL && !has_k ? "--k" : l0 != NULL && !jumps ? "--l0" : NULL;

  if (wrong != NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "%s does not go with --variant %s", wrong,
                   cyt_train_variant_get_name (variant));
      return NULL;
    }
  if (has_k)
    return parse_whole ("--k", k != NULL ? k : "16,32,64", 1, CYT_TRAIN_MAX_K, error);
  if (jumps)
    return parse_doubles ("--l0", l0 != NULL ? l0 : "1e-5,2e-5,5e-5", 0, 1e6, error);
  return parse_doubles ("--l1", l1 != NULL ? l1 : "3e-5,8e-5,2e-4", 0, 1e6, error);
}

static gboolean
has_diseases (const CytImageList *list)
{
  for (gsize i = 0; i < cyt_image_list_get_n_items (list); i++)
    if (cyt_image_list_get_item (list, i)->patient != NULL && cyt_image_list_get_item (list, i)->disease != NULL)
      return TRUE;
  return FALSE;
}

/* ---- What is printed ---- */

static void
print_rows (GPtrArray *rows)
{
  const char *const headers[] = { "variant", ">sparsity", ">expansion", ">seed", ">latents", ">L0", ">explained", ">dead", ">monosem.",
                                  ">stability", ">F1", ">±", ">seconds", NULL };
  g_autoptr (CliTable) table = cli_table_new (headers);

  for (guint i = 0; i < rows->len; i++)
    {
      const CytSweepRow *row = rows->pdata[i];

      cli_table_add (table, cyt_train_variant_get_name (row->variant));
      cli_table_add_double (table, row->sparsity);
      cli_table_add_double (table, row->expansion);
      cli_table_add_int (table, (gint64) row->seed);
      cli_table_add_int (table, (gint64) row->d_sae);
      cli_table_add_double (table, row->l0);
      cli_table_add_double (table, row->explained);
      cli_table_add_double (table, row->dead_share);
      cli_table_add_double (table, row->monosemanticity);
      cli_table_add_double (table, row->stability);
      cli_table_add_double (table, row->f1);
      cli_table_add_double (table, row->f1_deviation);
      cli_table_add_double (table, row->seconds);
    }
  cli_table_print (table, "");
}

/* What the numbers are of. */
static void
print_images (const CytSweepOptions *options, gboolean every_tenth)
{
  printf ("trained on %" G_GSIZE_FORMAT " images; L0, explained, dead, monosem. and stability's latents on %" G_GSIZE_FORMAT
          " held-out images%s",
          cyt_image_list_get_n_items (options->train.list), cyt_image_list_get_n_items (options->held_out),
          every_tenth ? " (every tenth)" : "");
  if (options->patients == options->held_out)
    printf ("; F1 on these, too\n");
  else if (options->patients != NULL)
    printf ("; F1 on all %" G_GSIZE_FORMAT " images\n", cyt_image_list_get_n_items (options->patients));
  else
    printf ("\n");
}

static gboolean
print_result (const char *out, GPtrArray *rows, const CytSweepOptions *options, gboolean every_tenth, const char *why_no_f1,
              gboolean json, GError **error)
{
  g_autofree char *path = g_build_filename (out, "sweep.json", NULL), *text = NULL;
  g_autofree char *shown = cli_escape (out);

  if (why_no_f1 != NULL)
    {
      g_autofree char *note = cli_escape (why_no_f1);

      fprintf (stderr, "patients are not classified: %s\n", note);
    }
  if (json)
    {
      if (!g_file_get_contents (path, &text, NULL, error))
        return FALSE;
      puts (text);
      return TRUE;
    }
  if (options->train.list->simulated || options->held_out->simulated)
    puts ("SIMULATED cells");
  print_rows (rows);
  print_images (options, every_tenth);
  printf ("%s: sweep.csv, sweep.json and a folder for each autoencoder\n", shown);
  if (rows->len > 0 && !isnan (((const CytSweepRow *) rows->pdata[0])->f1))
    puts ("F1 of patients' diseases: for research use only");
  return TRUE;
}

/* ---- The command ---- */

static gboolean
sweep (const char *encoder_path, const char *images, const char *held_out_path, const char *out, CytSweepOptions *options,
       gboolean json, GError **error)
{
  g_autoptr (CliProgress) progress = cli_progress_new ("images");
  GCancellable *cancellable = cli_progress_get_cancellable (progress);
  g_autoptr (CytImageList) all = cyt_image_list_new ((const char *const[]) { images, NULL }, error);
  g_autoptr (CytImageList) held_out = NULL, rest = NULL;
  g_autoptr (CytEncoder) encoder = NULL;
  g_autofree char *sha256 = NULL, *why_no_f1 = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  if (all == NULL)
    return FALSE;
  if (held_out_path != NULL)
    {
      if ((held_out = cyt_image_list_new ((const char *const[]) { held_out_path, NULL }, error)) == NULL)
        return FALSE;
    }
  else
    {
      held_out = cyt_image_list_split (all, HOLD_OUT_EVERY, FALSE);
      rest = cyt_image_list_split (all, HOLD_OUT_EVERY, TRUE);
      if (cyt_image_list_get_n_items (held_out) == 0)
        {
          g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY,
                       "%s: of fewer than %d images none can be held out: --held-out names others", images, HOLD_OUT_EVERY);
          return FALSE;
        }
    }
  if ((encoder = cyt_encoder_load (encoder_path, error)) == NULL
      || (sha256 = cyt_hash_path (encoder_path, cancellable, error)) == NULL)
    return FALSE;
  for (gsize i = 0; i < options->n_expansions; i++)
    if (options->expansions[i] * (double) cyt_encoder_get_config (encoder)->d > MAX_LATENTS)
      {
        g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--expansion: at most %d latents can be trained", MAX_LATENTS);
        return FALSE;
      }
  options->train.encoder = encoder;
  options->train.encoder_sha256 = sha256;
  options->train.list = rest != NULL ? rest : all;
  options->held_out = held_out;
  options->patients = held_out_path != NULL && has_diseases (held_out) ? held_out : has_diseases (all) ? all : NULL;
  rows = cyt_sweep_run (out, options, &why_no_f1, cli_progress_get_progress (progress), cancellable, error);
  if (rows == NULL)
    {
      cli_progress_explain_cancel (error, "interrupted: the same command goes on there");
      return FALSE;
    }
  g_clear_pointer (&progress, cli_progress_free);
  return print_result (out, rows, options, held_out_path == NULL, why_no_f1, json, error);
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *encoder = NULL, *images = NULL, *held_out = NULL, *out = NULL, *l1_text = NULL, *expansion_text = NULL;
  g_autofree char *variant = NULL, *k_text = NULL, *l0_text = NULL, *seeds_text = NULL, *total_text = NULL, *batch_text = NULL, *lr = NULL, *block_text = NULL;
  g_autofree char *cache_size = NULL, *threads = NULL;
  gboolean ghost = FALSE, json = FALSE;
  const GOptionEntry entries[] = {
    { "encoder", 'e', 0, G_OPTION_ARG_FILENAME, &encoder, "The encoder's checkpoint", "FILE" },
    { "images", 'i', 0, G_OPTION_ARG_FILENAME, &images, "The images: a folder or a CSV", "DIR|CSV" },
    { "held-out", 0, 0, G_OPTION_ARG_FILENAME, &held_out, "Images to measure on (every tenth of --images, not trained on)",
      "DIR|CSV" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "Where the autoencoders and the table go", "DIR" },
    { "variant", 0, 0, G_OPTION_ARG_FILENAME, &variant, "relu (default), topk, batchtopk, jumprelu or matryoshka", "NAME" },
    { "l1", 0, 0, G_OPTION_ARG_FILENAME, &l1_text, "relu: weights of the activations' sum in the loss (3e-5,8e-5,2e-4)", "L,L…" },
    { "k", 0, 0, G_OPTION_ARG_FILENAME, &k_text, "topk, batchtopk, matryoshka: active latents a token (16,32,64)", "K,K…" },
    { "l0", 0, 0, G_OPTION_ARG_FILENAME, &l0_text, "jumprelu: weights of the number of active latents (1e-5,2e-5,5e-5)", "L,L…" },
    { "expansion", 0, 0, G_OPTION_ARG_FILENAME, &expansion_text, "Latents for each dimension of a token (16)", "R,R…" },
    { "seeds", 0, 0, G_OPTION_ARG_FILENAME, &seeds_text, "Of start and order (42,43)", "S,S…" },
    { "images-total", 0, 0, G_OPTION_ARG_FILENAME, &total_text, "Images that each sees, repeats counted (1000000)", "N" },
    { "batch", 0, 0, G_OPTION_ARG_FILENAME, &batch_text, "Images in a step, with all their tokens (64)", "N" },
    { "lr", 0, 0, G_OPTION_ARG_FILENAME, &lr, "Adam's rate (4e-4)", "R" },
    { "ghost-grads", 0, 0, G_OPTION_ARG_NONE, &ghost, "relu: pull dead latents towards what the others leave over", NULL },
    { "block", 'b', 0, G_OPTION_ARG_FILENAME, &block_text, "After which block the tokens are taken (-2)", "N" },
    { "cache-size", 0, 0, G_OPTION_ARG_FILENAME, &cache_size, "Keep at most so many GB of tokens in DIR while it runs (20)",
      "GB" },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Cores to use (all)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the table as JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 0, 0, error);
  CytSweepOptions options = { .train = { .block = -2, .batch = 64, .recipe = CYT_TRAIN_RECIPE_INIT, .n_checkpoints = 20,
                                         .cache = CYT_TOKEN_CACHE_F16 } };
  g_autoptr (GArray) sparsities = NULL, expansions = NULL, seeds = NULL;
  gint64 block = -2, total = 1000000, batch = 64;
  double gigabytes = 20;

  if (args == NULL || !cli_require ("--encoder", encoder, error) || !cli_require ("--images", images, error)
      || !cli_require ("--out", out, error) || !cli_parse_int ("--block", block_text, -1000, 1000, &block, error)
      || !cli_parse_int ("--images-total", total_text, 1, G_MAXINT64 / 2, &total, error)
      || !cli_parse_int ("--batch", batch_text, 1, 4096, &batch, error)
      || !cli_parse_double ("--lr", lr, 1e-12, 1e3, &options.train.recipe.lr, error)
      || !cli_parse_double ("--cache-size", cache_size, 0, 1e6, &gigabytes, error)
      || !cli_parse_threads (threads, &options.train.n_threads, error)
      || !cli_parse_variant (variant, &options.train.recipe.variant, error)
      || (sparsities = parse_sparsities (options.train.recipe.variant, l1_text, k_text, l0_text, error)) == NULL
      || (expansions = parse_doubles ("--expansion", expansion_text != NULL ? expansion_text : "16", 0.001, 10000, error)) == NULL
      || (seeds = parse_seeds (seeds_text != NULL ? seeds_text : "42,43", error)) == NULL)
    return FALSE;
  if (ghost && options.train.recipe.variant != CYT_TRAIN_RELU)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--ghost-grads does not go with --variant %s", variant);
      return FALSE;
    }
  options.train.block = (int) block;
  options.train.n_images = (guint64) total;
  options.train.batch = (guint) batch;
  options.train.recipe.ghost = ghost;
  options.train.max_cache_bytes = (guint64) (gigabytes * 1e9);
  options.sparsities = (const double *) (gpointer) sparsities->data;
  options.n_sparsities = sparsities->len;
  options.expansions = (const double *) (gpointer) expansions->data;
  options.n_expansions = expansions->len;
  options.seeds = (const guint64 *) (gpointer) seeds->data;
  options.n_seeds = seeds->len;
  return sweep (encoder, images, held_out, out, &options, json, error);
}

const CliCommand cmd_sweep = {
  .name = "sweep",
  .arguments = "",
  .summary = "Train a grid of autoencoders, and measure what sparsity costs",
  .description
  = "An autoencoder for each sparsity (--l1, --k or --l0, by --variant), --expansion and --seeds. Each is measured on cells that\n"
    "none was trained on: every tenth image of --images, or those of --held-out. Patients' diseases are told apart on the\n"
    "held-out images where --held-out names patients and diseases, else on all of --images where these do. Interrupted at\n"
    "any moment, also killed, the same command goes on; with another variant or other values it adds to the table.\n\n"
    "DIR/sweep.csv, a row for each: variant, sparsity (its l1, k or l0), expansion, seed, latents, sae (its path),\n"
    "train_seconds (empty: interrupted), l0 (mean active latents of a token), explained_variance, dead_share (of the\n"
    "latents that fire on no held-out cell),\n"
    "monosemanticity (mean over latents), stability (mean PW-MCC with the other seeds), weighted_f1 and its deviation\n"
    "over test folds (barcodes at tau 0.2; five folds, three times). What is not known is empty. sweep.json has the same,\n"
    "and n_train, n_held_out, n_patient_images: on how many images all this rests.\n"
    "F1 of patients: for research use only.\n\n"
    "Example:\n"
    "  cytosae sweep --encoder dinobloom-b.pth --images cells/ --l1 3e-5,8e-5,2e-4 --expansion 16,64 --seeds 1,2,3 --out sweep\n"
    "  cytosae sweep --encoder dinobloom-b.pth --images cells/ --variant batchtopk --k 16,32,64 --out sweep\n",
  .run = run,
};
