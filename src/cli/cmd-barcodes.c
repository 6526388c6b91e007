/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli-analysis.h"
#include "cli-commands.h"
#include "cli-project.h"

static void
print_json (const CytBarcodes *barcodes, const char *out, const GStrv sidecars)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_string (builder, "out", out);
  json_builder_set_member_name (builder, "sidecars");
  json_builder_begin_array (builder);
  for (guint i = 0; sidecars[i]; i++)
    {
      g_autofree char *valid = g_utf8_make_valid (sidecars[i], -1);

      json_builder_add_string_value (builder, valid);
    }
  json_builder_end_array (builder);
  cli_json_add_string (builder, "by", cyt_barcodes_by_get_nick (barcodes->by));
  cli_json_add_string (builder, "normalise", cyt_barcodes_norm_get_nick (barcodes->norm));
  cli_json_add_double (builder, "threshold", barcodes->threshold);
  cli_json_add_int (builder, "n_latents", (gint64) barcodes->n_latents);
  cli_json_add_int (builder, "n_left_out", (gint64) barcodes->n_left_out);
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < barcodes->rows->len; i++)
    {
      const CytBarcode *row = cyt_barcodes_get_row (barcodes, i);

      json_builder_begin_object (builder);
      cli_json_add_string (builder, "name", row->name);
      cli_json_add_string (builder, "disease", row->disease);
      cli_json_add_int (builder, "n_cells", (gint64) row->n_cells);
      cli_json_add_int (builder, "n_patients", (gint64) row->n_patients);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static void
print_text (const CytBarcodes *barcodes, const char *out)
{
  g_autofree char *shown = cli_escape (out);

  printf ("%s: %u barcodes by %s of %" G_GSIZE_FORMAT " latents, tokens above %g", shown, barcodes->rows->len,
          cyt_barcodes_by_get_nick (barcodes->by), barcodes->n_latents, barcodes->threshold);
  if (barcodes->n_left_out > 0)
    printf ("; %" G_GSIZE_FORMAT " cells without a %s are left out", barcodes->n_left_out,
            cyt_barcodes_by_get_nick (barcodes->by));
  putchar ('\n');
}

static gboolean
write_barcodes (CytProject *project, const CytBarcodesOptions *options, const char *out, gboolean json, GError **error)
{
  g_autoptr (CytBarcodes) barcodes = cyt_barcodes_compute (project, options, NULL, error);
  g_autoptr (GPtrArray) concepts = barcodes != NULL ? cyt_project_list_concepts (project, error) : NULL;
  g_auto (GStrv) sidecars = NULL;
  gboolean simulated;

  if (concepts == NULL || !cyt_project_is_simulated (project, &simulated, error)
      || !cyt_barcodes_write (barcodes, concepts, simulated, out, &sidecars, error))
    return FALSE;
  if (json)
    print_json (barcodes, out, sidecars);
  else
    print_text (barcodes, out);
  return TRUE;
}

/* Neither the file nor those that come beside a .npy are the project itself. */
static gboolean
check_outputs (const char *out, const char *project, GError **error)
{
  const char *const inputs[] = { project, NULL }, *const ends[] = { "rows.csv", "latents.csv" };

  if (!cli_check_output (out, inputs, error))
    return FALSE;
  for (guint i = 0; g_str_has_suffix (out, ".npy") && i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *sidecar = g_strdup_printf ("%.*s.%s", (int) (strlen (out) - strlen (".npy")), out, ends[i]);

      if (!cli_check_output (sidecar, inputs, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *by = NULL, *norm = NULL, *out = NULL;
  g_auto (CliAnalysis) analysis = { NULL };
  CytBarcodesOptions options = CYT_BARCODES_OPTIONS_INIT;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "by", 'b', 0, G_OPTION_ARG_FILENAME, &by, "patient, disease, label or dataset (patient)", "WHAT" },
    { "normalise", 'n', 0, G_OPTION_ARG_FILENAME, &norm, "per-image, none or paper (per-image)", "HOW" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "File to write: .npy, .csv or .h5ad", "FILE" },
    CLI_ANALYSIS_ENTRIES (analysis),
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the result as JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  g_autoptr (CytProject) project = NULL;

  if (args == NULL || !cli_require ("--out", out, error))
    return FALSE;
  if (by != NULL && !cyt_barcodes_by_from_nick (by, &options.by))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--by: expected patient, disease, label or dataset, found \"%s\"", by);
      return FALSE;
    }
  if (norm != NULL && !cyt_barcodes_norm_from_nick (norm, &options.norm))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--normalise: expected per-image, none or paper, found \"%s\"", norm);
      return FALSE;
    }
  if (!g_str_has_suffix (out, ".npy") && !g_str_has_suffix (out, ".csv") && !g_str_has_suffix (out, ".h5ad"))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--out: expected a name that ends in .npy, .csv or .h5ad, found \"%s\"",
                   out);
      return FALSE;
    }
  return check_outputs (out, args[0], error)
         && (project = cyt_project_open (args[0], CYT_PROJECT_READ_ONLY, error)) != NULL
         && cli_analysis_prepare (&analysis, project, &options, error)
         && write_barcodes (project, &options, out, json, error);
}

const CliCommand cmd_barcodes = {
  .name = "barcodes",
  .arguments = "P.cytosae",
  .summary = "Write how much each latent fires in a patient, disease, class or data set",
  .description
  = "A barcode is the mean number of tokens above the threshold per image (per-image), their number (none), or that\n"
    "number divided by the number of latents (paper); the one of a disease is the mean over its patients.\n"
    "FILE.npy is a row for each, FILE.rows.csv and FILE.latents.csv beside it name rows and columns; .csv holds all in\n"
    "one table; .h5ad is AnnData, which scanpy opens. JSON: out, sidecars, by, normalise, threshold, n_latents,\n"
    "n_left_out, rows [name, disease, n_cells, n_patients].\n\n"
    "Example:\n  cytosae barcodes cohort.cytosae --by patient --out patients.h5ad\n",
  .run = run,
};
