/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "cli-commands.h"
#include "cli-images.h"

typedef struct
{
  gsize d_sae;
  CytNpyWriter *scores, *counts; /* NULL: not wanted */
  float *score_row;              /* (d_sae) */
  guint16 *count_row;            /* (d_sae) */
} Sink;

static gboolean
write_latents (CytPipelineResult *result, gpointer user_data, GError **error)
{
  Sink *sink = user_data;
  const CytCellLatents *latents = &result->latents;

  memset (sink->score_row, 0, sink->d_sae * sizeof (float));
  memset (sink->count_row, 0, sink->d_sae * sizeof (guint16));
  for (guint i = 0; i < latents->n; i++)
    {
      sink->score_row[latents->latent[i]] = latents->score[i];
      sink->count_row[latents->latent[i]] = latents->count[i];
    }
  return (sink->scores == NULL || cyt_npy_writer_append (sink->scores, sink->score_row, sink->d_sae, error))
         && (sink->counts == NULL || cyt_npy_writer_append (sink->counts, sink->count_row, sink->d_sae, error));
}

static gboolean
check_outputs (const char *out_scores, const char *out_counts, GError **error)
{
  g_autoptr (GFile) scores = out_scores ? g_file_new_for_path (out_scores) : NULL;
  g_autoptr (GFile) counts = out_counts ? g_file_new_for_path (out_counts) : NULL;

  if (scores == NULL && counts == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--out-scores or --out-counts is needed");
      return FALSE;
    }
  if (scores != NULL && counts != NULL && g_file_equal (scores, counts))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--out-scores and --out-counts are the same file: %s",
                   out_scores);
      return FALSE;
    }
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *encoder_path = NULL, *sae_path = NULL, *out_scores = NULL, *out_counts = NULL;
  g_autofree char *threshold_text = NULL, *threads = NULL;
  const GOptionEntry entries[] = {
    { "encoder", 'e', 0, G_OPTION_ARG_FILENAME, &encoder_path, "The encoder's checkpoint", "FILE" },
    { "sae", 's', 0, G_OPTION_ARG_FILENAME, &sae_path, "The autoencoder: CytoSAE .pt or SAELens folder", "PATH" },
    { "out-scores", 0, 0, G_OPTION_ARG_FILENAME, &out_scores, "Scores to write: float32 (n, d_sae)", "FILE.npy" },
    { "out-counts", 0, 0, G_OPTION_ARG_FILENAME, &out_counts, "Counts to write: uint16 (n, d_sae)", "FILE.npy" },
    { "threshold", 't', 0, G_OPTION_ARG_FILENAME, &threshold_text, "Tokens above it are counted (0.2)", "T" },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Images in parallel (one per core)", "N" },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, G_MAXUINT, error);
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (CytEncoder) encoder = NULL;
  g_autoptr (CytSae) sae = NULL;
  g_autoptr (CytNpyWriter) scores = NULL, counts = NULL;
  g_autoptr (CliProgress) progress = NULL;
  g_autofree float *score_row = NULL;
  g_autofree guint16 *count_row = NULL;
  CytPipelineOptions options = { 0 };
  const char *outputs[] = { NULL, NULL, NULL };
  double threshold = 0.2;
  gint64 shape[2];
  Sink sink;

  if (args == NULL || !cli_require ("--encoder", encoder_path, error) || !cli_require ("--sae", sae_path, error)
      || !check_outputs (out_scores, out_counts, error)
      || !cli_parse_double ("--threshold", threshold_text, 0, 1e30, &threshold, error)
      || !cli_parse_threads (threads, &options.n_threads, error))
    return FALSE;
  outputs[0] = out_scores ? out_scores : out_counts;
  outputs[1] = out_scores ? out_counts : NULL;
  list = cli_images_open (args, outputs, error);
  if (list == NULL)
    return FALSE;
  for (guint i = 0; outputs[i] != NULL; i++)
    if (!cli_check_output (outputs[i], (const char *const[]) { encoder_path, sae_path, NULL }, error))
      return FALSE;

  progress = cli_progress_new ("images");
  encoder = cyt_encoder_load (encoder_path, error);
  if (encoder == NULL)
    return FALSE;
  sae = cyt_sae_load (sae_path, error);
  if (sae == NULL || !cyt_sae_check_encoder (sae, encoder, error))
    return FALSE;
  options.encoder = encoder;
  options.sae = sae;
  options.block = cyt_sae_get_config (sae)->block_layer;
  options.tau = (float) threshold;

  shape[0] = (gint64) cyt_image_list_get_n_items (list);
  shape[1] = (gint64) cyt_sae_get_config (sae)->d_sae;
  if (out_scores != NULL && (scores = cyt_npy_writer_new (out_scores, CYT_DTYPE_F32, 2, shape, error)) == NULL)
    return FALSE;
  if (out_counts != NULL && (counts = cyt_npy_writer_new (out_counts, CYT_DTYPE_U16, 2, shape, error)) == NULL)
    return FALSE;
  score_row = g_new (float, shape[1]);
  count_row = g_new (guint16, shape[1]);
  sink = (Sink) { (gsize) shape[1], scores, counts, score_row, count_row };

  return cli_images_run (list, &options, write_latents, &sink, progress, error)
         && (scores == NULL || cyt_npy_writer_close (scores, error))
         && (counts == NULL || cyt_npy_writer_close (counts, error));
}

const CliCommand cmd_latents = {
  .name = "latents",
  .arguments = "IMAGE…",
  .summary = "Write each image's latents: scores and counts, (n, d_sae)",
  .description
  = "IMAGE is a file, a folder or a CSV. A score is the mean activation over all 257 tokens, a count the\n"
    "number of tokens whose activation is above the threshold.\n\n"
    "Example:\n"
    "  cytosae latents --encoder dinobloom-b.pth --sae cytosae.pt cells/ --out-scores s.npy --out-counts c.npy\n",
  .run = run,
};
