/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-commands.h"
#include "cli-images.h"

typedef struct
{
  CytNpyWriter *writer;
  gsize n_elements; /* of one image: 257 d */
} Sink;

static gboolean
write_tokens (CytPipelineResult *result, gpointer user_data, GError **error)
{
  Sink *sink = user_data;

  return cyt_npy_writer_append (sink->writer, result->tokens, sink->n_elements, error);
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *encoder_path = NULL, *out = NULL, *block_text = NULL, *threads = NULL;
  const GOptionEntry entries[] = {
    { "encoder", 'e', 0, G_OPTION_ARG_FILENAME, &encoder_path, "The encoder's checkpoint", "FILE" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "The array to write", "FILE.npy" },
    { "block", 'b', 0, G_OPTION_ARG_FILENAME, &block_text, "After which block; negative from the end (-2)", "N" },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Images in parallel (one per core)", "N" },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, G_MAXUINT, error);
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (CytEncoder) encoder = NULL;
  g_autoptr (CytNpyWriter) writer = NULL;
  g_autoptr (CliProgress) progress = NULL;
  CytPipelineOptions options = { .want_tokens = TRUE };
  gint64 block = CYT_SAE_DEFAULT_BLOCK;
  gsize d, n_blocks_to_run;
  Sink sink;

  if (args == NULL || !cli_require ("--encoder", encoder_path, error) || !cli_require ("--out", out, error)
      || !cli_parse_int ("--block", block_text, -1000, 1000, &block, error)
      || !cli_parse_threads (threads, &options.n_threads, error)
      || !cli_check_output (out, (const char *const[]) { encoder_path, NULL }, error))
    return FALSE;
  list = cli_images_open (args, (const char *const[]) { out, NULL }, error);
  if (list == NULL)
    return FALSE;

  progress = cli_progress_new ("images");
  encoder = cyt_encoder_load (encoder_path, error);
  if (encoder == NULL || !cyt_encoder_resolve_block (encoder, (int) block, &n_blocks_to_run, error))
    return FALSE;
  options.encoder = encoder;
  options.block = (int) block;

  d = cyt_encoder_get_config (encoder)->d;
  writer = cyt_npy_writer_new (out, CYT_DTYPE_F32, 3,
                               (gint64[]) { (gint64) cyt_image_list_get_n_items (list), CYT_N_TOKENS, (gint64) d },
                               error);
  if (writer == NULL)
    return FALSE;
  sink = (Sink) { writer, CYT_N_TOKENS * d };
  return cli_images_run (list, &options, write_tokens, &sink, progress, error)
         && cyt_npy_writer_close (writer, error);
}

const CliCommand cmd_embed = {
  .name = "embed",
  .arguments = "IMAGE…",
  .summary = "Write the encoder's tokens: float32 (n, 257, d)",
  .description
  = "IMAGE is a file, a folder or a CSV. Token 0 is CLS, token 1 + 16 row + column a patch; the residual\n"
    "stream before any final norm.\n\n"
    "Example:\n  cytosae embed --encoder dinobloom-b.pth cells.csv --out t.npy --block -2\n",
  .run = run,
};
