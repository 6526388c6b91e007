/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "analysis/cyt-patients.h"

#include "cli-analysis.h"
#include "cli-commands.h"
#include "cli-project.h"

#define DEFAULT_LIMIT 10

/* Largest first: by value or by z; equal ones by latent. */
static int
compare_latents (gconstpointer a, gconstpointer b, gpointer by_value)
{
  const CytPatientLatent *x = a, *y = b;
  double p = by_value ? x->value : x->z, q = by_value ? y->value : y->z;

  return p != q ? (p > q ? -1 : 1) : (x->latent > y->latent) - (x->latent < y->latent);
}

/* ---- All patients ---- */

static void
add_row_json (JsonBuilder *builder, const CytBarcode *row, double outlier)
{
  cli_json_add_string (builder, "patient", row->name);
  cli_json_add_string (builder, "disease", row->disease);
  cli_json_add_string (builder, "other_disease", row->other_disease);
  cli_json_add_int (builder, "n_cells", (gint64) row->n_cells);
  cli_json_add_double (builder, "outlier", outlier);
}

static void
print_all_json (const CytBarcodes *barcodes, const double *outliers, const double *r)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  gsize n = barcodes->rows->len;

  json_builder_begin_object (builder);
  cli_json_add_double (builder, "threshold", barcodes->threshold);
  json_builder_set_member_name (builder, "patients");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < n; i++)
    {
      json_builder_begin_object (builder);
      add_row_json (builder, cyt_barcodes_get_row (barcodes, i), outliers[i]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "correlation");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < n; i++)
    {
      json_builder_begin_array (builder);
      for (gsize j = 0; j < n; j++)
        if (isnan (r[i * n + j]))
          json_builder_add_null_value (builder);
        else
          json_builder_add_double_value (builder, r[i * n + j]);
      json_builder_end_array (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static void
print_all_text (const CytBarcodes *barcodes, const double *outliers)
{
  static const char *const headers[] = { "patient", "disease", ">cells", ">outlier", NULL };
  g_autoptr (CliTable) table = cli_table_new (headers);

  for (guint i = 0; i < barcodes->rows->len; i++)
    {
      const CytBarcode *row = cyt_barcodes_get_row (barcodes, i);
      g_autofree char *both = row->other_disease ? g_strdup_printf ("%s + %s", row->disease, row->other_disease) : NULL;

      cli_table_add (table, row->name);
      cli_table_add (table, both ? both : row->disease ? row->disease : "");
      cli_table_add_int (table, (gint64) row->n_cells);
      cli_table_add_double (table, outliers[i]);
    }
  cli_table_print (table, "");
}

static gboolean
print_all (const CytBarcodes *barcodes, gboolean json)
{
  gsize n = barcodes->rows->len;
  g_autofree double *outliers = g_new (double, n);

  cyt_patients_score_outliers (barcodes, outliers);
  if (json)
    {
      g_autofree double *r = g_new (double, n * n);

      cyt_patients_correlate (barcodes, r);
      print_all_json (barcodes, outliers, r);
    }
  else
    print_all_text (barcodes, outliers);
  return TRUE;
}

/* ---- One patient ---- */

static void
add_latents_json (JsonBuilder *builder, const char *name, GArray *latents, gsize n)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (gsize i = 0; i < n; i++)
    {
      const CytPatientLatent *entry = &g_array_index (latents, CytPatientLatent, i);

      json_builder_begin_object (builder);
      cli_json_add_int (builder, "latent", entry->latent);
      cli_json_add_double (builder, "value", entry->value);
      cli_json_add_double (builder, "mean", entry->mean);
      cli_json_add_double (builder, "deviation", entry->deviation);
      cli_json_add_double (builder, "z", entry->z);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
print_latents_text (const char *heading, GArray *latents, gsize n)
{
  static const char *const headers[] = { ">latent", ">patient", ">controls", ">deviation", ">z", NULL };
  g_autoptr (CliTable) table = cli_table_new (headers);

  puts (heading);
  for (gsize i = 0; i < n; i++)
    {
      const CytPatientLatent *entry = &g_array_index (latents, CytPatientLatent, i);

      cli_table_add_int (table, entry->latent);
      cli_table_add_double (table, entry->value);
      cli_table_add_double (table, entry->mean);
      cli_table_add_double (table, entry->deviation);
      cli_table_add_double (table, entry->z);
    }
  cli_table_print (table, "  ");
}

static void
print_one_json (const CytBarcode *row, const char *controls, double outlier, GArray *strongest, GArray *unusual, gsize n,
                const CytStability *stability)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_row_json (builder, row, outlier);
  cli_json_add_string (builder, "controls", controls);
  add_latents_json (builder, "strongest", strongest, n);
  add_latents_json (builder, "unusual", unusual, n);
  json_builder_set_member_name (builder, "stability");
  json_builder_begin_array (builder);
  for (guint i = 0; i < stability->points->len; i++)
    {
      const CytStabilityPoint *point = &g_array_index (stability->points, CytStabilityPoint, i);

      json_builder_begin_object (builder);
      cli_json_add_int (builder, "n_cells", (gint64) point->n_cells);
      cli_json_add_double (builder, "mean", point->mean);
      cli_json_add_double (builder, "low", point->low);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  cli_json_add_int (builder, "n_enough", (gint64) stability->n_enough);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static void
print_stability (const CytStability *stability)
{
  static const char *const headers[] = { ">cells", ">mean r", ">5th percentile", NULL };
  g_autoptr (CliTable) table = cli_table_new (headers);

  puts ("Correlation of the barcode of so many cells, drawn with replacement, with that of all:");
  for (guint i = 0; i < stability->points->len; i++)
    {
      const CytStabilityPoint *point = &g_array_index (stability->points, CytStabilityPoint, i);

      cli_table_add_int (table, (gint64) point->n_cells);
      cli_table_add_double (table, point->mean);
      cli_table_add_double (table, point->low);
    }
  cli_table_print (table, "  ");
  if (stability->n_enough > 0)
    printf ("%" G_GSIZE_FORMAT " cells suffice for %g in 95 %% of draws\n", stability->n_enough, CYT_STABILITY_ENOUGH);
  else
    printf ("%" G_GSIZE_FORMAT " cells do not suffice for %g in 95 %% of draws\n", stability->n_cells, CYT_STABILITY_ENOUGH);
}

static gboolean
print_one (CytProject *project, const CytBarcodesOptions *options, const CytBarcodes *barcodes, const char *patient,
           const char *controls, gsize limit, guint32 seed, gboolean json, GError **error)
{
  gssize index = cyt_barcodes_find_row (barcodes, patient);
  g_autofree double *outliers = g_new (double, barcodes->rows->len);
  g_autoptr (GArray) strongest = NULL, unusual = NULL;
  g_autoptr (CytStability) stability = NULL;
  const CytBarcode *row;
  gsize n;

  if (index < 0)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: has no patient \"%s\"", cyt_project_get_path (project), patient);
      return FALSE;
    }
  row = cyt_barcodes_get_row (barcodes, index);
  if (controls == NULL)
    controls = cyt_patients_guess_controls (barcodes);
  if ((strongest = cyt_patients_compare_to_controls (barcodes, index, controls, error)) == NULL
      || (stability = cyt_patients_bootstrap (project, options, patient, seed, NULL, error)) == NULL)
    return FALSE;
  cyt_patients_score_outliers (barcodes, outliers);
  unusual = g_array_copy (strongest);
  g_array_sort_with_data (strongest, compare_latents, GINT_TO_POINTER (TRUE));
  g_array_sort_with_data (unusual, compare_latents, GINT_TO_POINTER (FALSE));
  n = MIN (limit, strongest->len);
  cli_note_simulated (project, json);
  if (json)
    {
      print_one_json (row, controls, outliers[index], strongest, unusual, n, stability);
      return TRUE;
    }
  {
    g_autofree char *name = cli_escape (row->name), *disease = cli_escape (row->disease), *beside = cli_escape (controls);
    g_autofree char *outlier = cli_format_double (outliers[index]);

    printf ("%s: %s, %" G_GSIZE_FORMAT " cells, outlier score %s, beside %s\n", name,
            row->disease ? disease : "no disease given", row->n_cells, outlier, controls ? beside : "all other patients");
  }
  print_latents_text ("Strongest:", strongest, n);
  print_latents_text ("Most unusual:", unusual, n);
  print_stability (stability);
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *patient = NULL, *controls = NULL, *limit_text = NULL, *seed_text = NULL;
  g_auto (CliAnalysis) analysis = { NULL };
  CytBarcodesOptions options = CYT_BARCODES_OPTIONS_INIT;
  g_autoptr (CytBarcodes) barcodes = NULL;
  gboolean json = FALSE;
  gint64 limit = DEFAULT_LIMIT, seed = 1;
  const GOptionEntry entries[] = {
    { "patient", 'p', 0, G_OPTION_ARG_FILENAME, &patient, "This one in detail", "NAME" },
    { "controls", 0, 0, G_OPTION_ARG_FILENAME, &controls,
      "Disease of the controls (one called control, healthy, normal or reactive; else all others)", "DISEASE" },
    { "limit", 'n', 0, G_OPTION_ARG_FILENAME, &limit_text, "No more latents than this (10)", "N" },
    { "seed", 0, 0, G_OPTION_ARG_FILENAME, &seed_text, "Of the bootstrap (1)", "S" },
    CLI_ANALYSIS_ENTRIES (analysis),
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  g_autoptr (CytProject) project = NULL;

  if (args == NULL || !cli_require_utf8 ("--patient", patient, error) || !cli_require_utf8 ("--controls", controls, error)
      || !cli_parse_int ("--limit", limit_text, 0, G_MAXUINT32, &limit, error)
      || !cli_parse_int ("--seed", seed_text, 0, G_MAXUINT32, &seed, error)
      || (project = cyt_project_open (args[0], CYT_PROJECT_READ_ONLY, error)) == NULL
      || !cli_analysis_prepare (&analysis, project, &options, error)
      || (barcodes = cyt_barcodes_compute (project, &options, NULL, error)) == NULL)
    return FALSE;
  if (patient == NULL)
    {
      cli_note_simulated (project, json);
      return print_all (barcodes, json);
    }
  return print_one (project, &options, barcodes, patient, controls, (gsize) limit, (guint32) seed, json, error);
}

const CliCommand cmd_patients = {
  .name = "patients",
  .arguments = "P.cytosae",
  .summary = "List patients with how unusual they are, or show one of them",
  .description
  = "Outlier score: distance of a barcode from the other patients of the same disease (latents scaled to deviation 1),\n"
    "divided by the disease's median: 1 is usual. With --patient: the strongest latents, the most unusual ones beside\n"
    "controls by z = (patient - mean) / (deviation + median deviation of all latents), and how many cells suffice: a\n"
    "bootstrap over the patient's cells. JSON: threshold, patients [patient, disease, other_disease, n_cells, outlier],\n"
    "correlation [rows of Pearson r]; or of one patient also controls, strongest and unusual [latent, value, mean,\n"
    "deviation, z], stability [n_cells, mean, low], n_enough (0: not enough).\n\n"
    "Example:\n  cytosae patients cohort.cytosae --patient P017 --controls healthy\n",
  .run = run,
};
