/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-commands.h"
#include "cli-images.h"
#include "cli-output.h"
#include "cli-project.h"
#include "figures/cyt-overlay.h"

typedef struct
{
  CytSparseMap map;
  float cls;
  float max; /* over all tokens */
} Facts;

static void
take_facts (Facts *facts, guint latent, const float *f)
{
  *facts = (Facts) { .cls = f[0], .max = f[0] };
  facts->map.latent = latent;
  for (guint i = 0; i < CYT_N_PATCHES; i++)
    {
      float value = f[1 + i];

      if (!(value > 0))
        continue;
      facts->map.patch[facts->map.n] = (guint8) i;
      facts->map.value[facts->map.n++] = value;
      facts->max = MAX (facts->max, value);
    }
}

static void
print_facts (const Facts *facts, const char *out, gboolean json)
{
  if (json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      cli_json_add_string (builder, "out", out);
      cli_json_add_int (builder, "latent", facts->map.latent);
      cli_json_add_int (builder, "n_active_patches", facts->map.n);
      cli_json_add_double (builder, "cls", facts->cls);
      cli_json_add_double (builder, "max", facts->max);
      json_builder_end_object (builder);
      cli_print_json (builder);
    }
  else
    {
      g_autofree char *name = cli_escape (out), *max = cli_format_double (facts->max),
                      *cls = cli_format_double (facts->cls);

      printf ("%s: latent %u fires on %u of %d patches, largest activation %s, on CLS %s\n", name, facts->map.latent,
              facts->map.n, CYT_N_PATCHES, max, cls);
    }
}

/* f (257) of @latent for @image. */
static gboolean
run_models (const char *encoder_path, const char *sae_path, const char *latent_text, const CytImage *image,
            guint *latent, float *f, GError **error)
{
  g_autoptr (CytEncoder) encoder = cyt_encoder_load (encoder_path, error);
  g_autoptr (CytSae) sae = NULL;
  g_autofree guint8 *pixels = NULL;
  g_autofree float *tokens = NULL;
  CytEncoderWorkspace *encoder_ws;
  CytSaeWorkspace *sae_ws;
  gsize n_blocks_to_run;

  if (encoder == NULL || (sae = cyt_sae_load (sae_path, error)) == NULL
      || !cyt_sae_check_encoder (sae, encoder, error)
      || !cli_parse_latent (latent_text, cyt_sae_get_config (sae)->d_sae, latent, error)
      || !cyt_encoder_resolve_block (encoder, cyt_sae_get_config (sae)->block_layer, &n_blocks_to_run, error))
    return FALSE;

  pixels = g_malloc ((gsize) CYT_IMAGE_SIZE * CYT_IMAGE_SIZE * 3);
  tokens = g_new (float, CYT_N_TOKENS * cyt_encoder_get_config (encoder)->d);
  cyt_image_preprocess (image, pixels);
  encoder_ws = cyt_encoder_workspace_new (encoder);
  cyt_encoder_run (encoder, encoder_ws, tokens, pixels, n_blocks_to_run);
  cyt_encoder_workspace_free (encoder_ws);
  sae_ws = cyt_sae_workspace_new (sae);
  cyt_sae_run_latent (sae, sae_ws, f, tokens, *latent);
  cyt_sae_workspace_free (sae_ws);
  return TRUE;
}

static gboolean
write_map (const char *out, const CytImage *image, const CytSparseMap *map, GError **error)
{
  float dense[CYT_N_PATCHES];
  g_autoptr (CytNpyWriter) writer = NULL;

  if (g_str_has_suffix (out, ".png"))
    {
      const CytOverlayStyle style = CYT_OVERLAY_STYLE_INIT;

      return cyt_overlay_write_png (out, image, map, &style, error);
    }
  cyt_sparse_map_to_dense (map, dense);
  writer = cyt_npy_writer_new (out, CYT_DTYPE_F32, 2, (gint64[]) { CYT_N_PATCH_SIDE, CYT_N_PATCH_SIDE }, error);
  return writer != NULL && cyt_npy_writer_append (writer, dense, CYT_N_PATCHES, error)
         && cyt_npy_writer_close (writer, error);
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *encoder_path = NULL, *sae_path = NULL, *latent_text = NULL, *out = NULL, *threads = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "encoder", 'e', 0, G_OPTION_ARG_FILENAME, &encoder_path, "The encoder's checkpoint", "FILE" },
    { "sae", 's', 0, G_OPTION_ARG_FILENAME, &sae_path, "The autoencoder: CytoSAE .pt or SAELens folder", "PATH" },
    { "latent", 'k', 0, G_OPTION_ARG_FILENAME, &latent_text, "The latent, counted from 0", "K" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "float32 (16, 16), or the cell with the map over it",
      "FILE.npy|FILE.png" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print what was found as JSON", NULL },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "As elsewhere; one image takes one", "N" },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  g_autoptr (CytImage) image = NULL;
  float f[CYT_N_TOKENS];
  gint64 latent_number = 0;
  guint latent, n_threads = 0;
  Facts facts;

  if (args == NULL || !cli_require ("--encoder", encoder_path, error) || !cli_require ("--sae", sae_path, error)
      || !cli_require ("--latent", latent_text, error) || !cli_require ("--out", out, error)
      || !cli_parse_int ("--latent", latent_text, 0, G_MAXUINT32, &latent_number, error)
      || !cli_parse_threads (threads, &n_threads, error))
    return FALSE;
  if (!g_str_has_suffix (out, ".npy") && !g_str_has_suffix (out, ".png"))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--out: expected a name that ends in .npy or .png, found %s",
                   out);
      return FALSE;
    }
  if (!cli_check_output (out, (const char *const[]) { args[0], encoder_path, sae_path, NULL }, error))
    return FALSE;

  image = cyt_image_load (args[0], error);
  if (image == NULL || !run_models (encoder_path, sae_path, latent_text, image, &latent, f, error))
    return FALSE;
  take_facts (&facts, latent, f);
  if (!write_map (out, image, &facts.map, error))
    return FALSE;
  print_facts (&facts, out, json);
  return TRUE;
}

const CliCommand cmd_map = {
  .name = "map",
  .arguments = "IMAGE",
  .summary = "Write where in one cell a latent fires: 16 × 16 patches, or a picture",
  .description = "Row-major from the top left. A latent that fires on CLS alone has an empty map.\n\n"
                 "Example:\n"
                 "  cytosae map --encoder dinobloom-b.pth --sae cytosae.pt --latent 1742 EO_240232.jpg --out m.png\n",
  .run = run,
};
