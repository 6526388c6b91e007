/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "analysis/cyt-comparison.h"

#include "cli-analysis.h"
#include "cli-commands.h"
#include "cli-project.h"

#define DEFAULT_LIMIT 20

static const CytConcept *
find_concept (GPtrArray *concepts, guint32 latent)
{
  for (guint i = 0; i < concepts->len; i++)
    if (((const CytConcept *) concepts->pdata[i])->latent == latent)
      return concepts->pdata[i];
  return NULL;
}

static const char *
get_name (GPtrArray *concepts, guint32 latent)
{
  const CytConcept *concept = find_concept (concepts, latent);

  return concept != NULL ? concept->name : "";
}

static void
print_json (const CytComparison *comparison, GPtrArray *concepts, const char *a, const char *b, gsize n)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_string (builder, "a", a);
  cli_json_add_string (builder, "b", b);
  cli_json_add_int (builder, "n_a", (gint64) comparison->n_a);
  cli_json_add_int (builder, "n_b", (gint64) comparison->n_b);
  cli_json_add_int (builder, "n_tested", comparison->differences->len);
  json_builder_set_member_name (builder, "latents");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < n; i++)
    {
      const CytDifference *d = &g_array_index (comparison->differences, CytDifference, i);

      json_builder_begin_object (builder);
      cli_json_add_int (builder, "latent", d->latent);
      cli_json_add_string (builder, "name", get_name (concepts, d->latent));
      cli_json_add_double (builder, "mean_a", d->mean_a);
      cli_json_add_double (builder, "mean_b", d->mean_b);
      cli_json_add_double (builder, "difference", d->difference);
      cli_json_add_double (builder, "effect", d->effect);
      cli_json_add_double (builder, "p", d->p);
      cli_json_add_double (builder, "q", d->q);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static void
print_text (const CytComparison *comparison, GPtrArray *concepts, const char *a, const char *b, gsize n)
{
  static const char *const headers[] = { ">latent", "name", ">mean a", ">mean b", ">difference", ">effect", ">p", ">q", NULL };
  g_autoptr (CliTable) table = cli_table_new (headers);
  g_autofree char *shown_a = cli_escape (a), *shown_b = cli_escape (b);

  printf ("a: %s, %" G_GSIZE_FORMAT " patients; b: %s, %" G_GSIZE_FORMAT " patients; %u latents tested\n", shown_a,
          comparison->n_a, b != NULL ? shown_b : "all others", comparison->n_b, comparison->differences->len);
  for (gsize i = 0; i < n; i++)
    {
      const CytDifference *d = &g_array_index (comparison->differences, CytDifference, i);

      cli_table_add_int (table, d->latent);
      cli_table_add (table, get_name (concepts, d->latent));
      cli_table_add_double (table, d->mean_a);
      cli_table_add_double (table, d->mean_b);
      cli_table_add_double (table, d->difference);
      cli_table_add_double (table, d->effect);
      cli_table_add_double (table, d->p);
      cli_table_add_double (table, d->q);
    }
  cli_table_print (table, "");
}

static gboolean
compare (CytProject *project, const CytBarcodesOptions *options, const char *a, const char *b, gboolean by_difference,
         gint64 limit, gboolean json, GError **error)
{
  g_autoptr (CytBarcodes) barcodes = cyt_barcodes_compute (project, options, NULL, error);
  g_autoptr (CytComparison) comparison = barcodes != NULL ? cyt_comparison_new (barcodes, a, b, error) : NULL;
  g_autoptr (GPtrArray) concepts = comparison != NULL ? cyt_project_list_concepts (project, error) : NULL;
  gsize n;

  if (concepts == NULL)
    return FALSE;
  n = MIN ((gsize) limit, comparison->differences->len);
  g_array_sort (comparison->differences, by_difference ? cyt_difference_compare_difference : cyt_difference_compare_effect);
  cli_note_simulated (project, json);
  if (json)
    print_json (comparison, concepts, a, b, n);
  else
    print_text (comparison, concepts, a, b, n);
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *a = NULL, *b = NULL, *limit_text = NULL;
  g_auto (CliAnalysis) analysis = { NULL };
  CytBarcodesOptions options = CYT_BARCODES_OPTIONS_INIT;
  gboolean json = FALSE, by_difference = FALSE;
  gint64 limit = DEFAULT_LIMIT;
  const GOptionEntry entries[] = {
    { "a", 'a', 0, G_OPTION_ARG_FILENAME, &a, "A disease", "DISEASE" },
    { "b", 'b', 0, G_OPTION_ARG_FILENAME, &b, "Another one (all others)", "DISEASE" },
    { "difference", 0, 0, G_OPTION_ARG_NONE, &by_difference,
      "Sort by the difference of the means, most above in a first (by effect size, either way)", NULL },
    { "limit", 'n', 0, G_OPTION_ARG_FILENAME, &limit_text, "No more latents than this (20)", "N" },
    CLI_ANALYSIS_ENTRIES (analysis),
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  g_autoptr (CytProject) project = NULL;

  return args != NULL && cli_require ("--a", a, error) && cli_require_utf8 ("--a", a, error)
         && cli_require_utf8 ("--b", b, error) && cli_parse_int ("--limit", limit_text, 0, G_MAXUINT32, &limit, error)
         && (project = cyt_project_open (args[0], CYT_PROJECT_READ_ONLY, error)) != NULL
         && cli_analysis_prepare (&analysis, project, &options, error)
         && compare (project, &options, a, b, by_difference, limit, json, error);
}

const CliCommand cmd_compare = {
  .name = "compare",
  .arguments = "P.cytosae",
  .summary = "Compare the patients of two diseases, latent by latent",
  .description
  = "Means of the barcodes (tokens above the threshold per image), their difference, the rank-biserial effect size\n"
    "(1: every patient of a above every one of b), p of the Mann-Whitney U test over patients (exact where a group\n"
    "has up to 8 and nothing is tied), q: p after Benjamini and Hochberg over all latents that fire in a patient.\n"
    "JSON: a, b, n_a, n_b, n_tested, latents [latent, name, mean_a, mean_b, difference, effect, p, q].\n\n"
    "Example:\n  cytosae compare cohort.cytosae --a \"PML::RARA\" --b control\n",
  .run = run,
};
