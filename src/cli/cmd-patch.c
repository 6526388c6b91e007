/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-commands.h"
#include "cli-output.h"
#include "model/cyt-token-latents.h"

/* What is ranked: one token, or the whole cell. */
typedef struct
{
  gboolean cell;
  guint token;  /* 0 CLS, 1 + 16 · row + column */
} Place;

static gboolean
parse_place (const char *text, Place *place, GError **error)
{
  g_auto (GStrv) parts = NULL;
  gint64 row = 0, column = 0;

  *place = (Place) { .cell = text == NULL };
  if (text == NULL || g_str_equal (text, "cls"))
    return TRUE;
  parts = g_strsplit (text, ",", -1);
  if (g_strv_length (parts) != 2)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--patch: expected ROW,COLUMN or cls, found %s", text);
      return FALSE;
    }
  if (!cli_parse_int ("--patch, row", parts[0], 0, CYT_N_PATCH_SIDE - 1, &row, error)
      || !cli_parse_int ("--patch, column", parts[1], 0, CYT_N_PATCH_SIDE - 1, &column, error))
    return FALSE;
  place->token = 1 + CYT_N_PATCH_SIDE * row + column;
  return TRUE;
}

static void
print_text (const Place *place, GArray *ranked, guint n)
{
  const char *const headers[] = { ">rank", ">latent", place->cell ? ">score" : ">activation", NULL };
  g_autoptr (CliTable) table = cli_table_new (headers);

  if (place->cell)
    printf ("%u latents fire in the cell\n", ranked->len);
  else if (place->token == 0)
    printf ("%u latents fire on CLS\n", ranked->len);
  else
    printf ("%u latents fire on the patch in row %u, column %u\n", ranked->len,
            (place->token - 1) / CYT_N_PATCH_SIDE, (place->token - 1) % CYT_N_PATCH_SIDE);
  for (guint i = 0; i < n; i++)
    {
      const CytRankedLatent *r = &g_array_index (ranked, CytRankedLatent, i);

      cli_table_add_int (table, i + 1);
      cli_table_add_int (table, r->latent);
      cli_table_add_double (table, r->value);
    }
  if (n > 0)
    cli_table_print (table, "");
}

static void
print_json (const char *image, const Place *place, GArray *ranked, guint n)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_string (builder, "image", image);
  cli_json_add_string (builder, "place", place->cell ? "cell" : place->token == 0 ? "cls" : "patch");
  if (!place->cell && place->token > 0)
    {
      cli_json_add_int (builder, "row", (place->token - 1) / CYT_N_PATCH_SIDE);
      cli_json_add_int (builder, "column", (place->token - 1) % CYT_N_PATCH_SIDE);
    }
  cli_json_add_int (builder, "n_active", ranked->len);
  json_builder_set_member_name (builder, "latents");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    {
      const CytRankedLatent *r = &g_array_index (ranked, CytRankedLatent, i);

      json_builder_begin_object (builder);
      cli_json_add_int (builder, "latent", r->latent);
      cli_json_add_double (builder, place->cell ? "score" : "activation", r->value);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *encoder_path = NULL, *sae_path = NULL, *patch = NULL, *limit_text = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "encoder", 'e', 0, G_OPTION_ARG_FILENAME, &encoder_path, "The encoder's checkpoint", "FILE" },
    { "sae", 's', 0, G_OPTION_ARG_FILENAME, &sae_path, "The autoencoder: CytoSAE .pt or SAELens folder", "PATH" },
    { "patch", 'p', 0, G_OPTION_ARG_FILENAME, &patch,
      "Row and column, 0 to 15 from the top left (the window counts from 1), or cls (the whole cell)", "ROW,COLUMN|cls" },
    { "limit", 'n', 0, G_OPTION_ARG_FILENAME, &limit_text, "How many latents (20; 0: all)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  g_autoptr (CytImage) image = NULL;
  g_autoptr (CytEncoder) encoder = NULL;
  g_autoptr (CytSae) sae = NULL;
  g_autoptr (CytTokenLatents) latents = NULL;
  g_autoptr (GArray) ranked = NULL;
  gint64 limit = 20;
  Place place;
  guint n;

  if (args == NULL || !cli_require ("--encoder", encoder_path, error) || !cli_require ("--sae", sae_path, error)
      || !cli_parse_int ("--limit", limit_text, 0, G_MAXINT32, &limit, error)
      || !parse_place (patch, &place, error)
      || (image = cyt_image_load (args[0], error)) == NULL
      || (encoder = cyt_encoder_load (encoder_path, error)) == NULL
      || (sae = cyt_sae_load (sae_path, error)) == NULL)
    return FALSE;
  latents = cyt_token_latents_compute (encoder, sae, cyt_sae_get_config (sae)->block_layer, 0, image, error);
  if (latents == NULL)
    return FALSE;
  ranked = place.cell ? cyt_token_latents_rank_cell (latents) : cyt_token_latents_rank_token (latents, place.token);
  n = limit == 0 ? ranked->len : MIN (ranked->len, limit);
  if (json)
    print_json (args[0], &place, ranked, n);
  else
    print_text (&place, ranked, n);
  return TRUE;
}

const CliCommand cmd_patch = {
  .name = "patch",
  .arguments = "IMAGE",
  .summary = "Rank the latents that fire on one patch of a cell, or in the whole cell",
  .description
  = "A patch is ranked by activation, the whole cell by score: the mean activation over CLS and all 256 patches.\n"
    "JSON: image, place (patch, cls or cell), row and column of a patch, n_active, latents [latent, activation or\n"
    "score].\n\n"
    "Example:\n"
    "  cytosae patch --encoder dinobloom-b.pth --sae cytosae.pt --patch 7,8 EO_240232.jpg\n",
  .run = run,
};
