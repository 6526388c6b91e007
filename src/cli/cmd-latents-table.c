/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli-commands.h"
#include "cli-project.h"
#include "io/cyt-csv.h"

typedef enum
{
  COLUMN_LATENT,
  COLUMN_NAME,
  COLUMN_STATUS,
  COLUMN_N_ACTIVE,
  COLUMN_FREQUENCY,
  COLUMN_MEAN_ACT,
  COLUMN_MAX_ACT,
  COLUMN_CLS_SHARE,
  COLUMN_MEAN_COUNT,
  COLUMN_ENTROPY,
  COLUMN_PURITY,
  COLUMN_MAJORITY,
  N_COLUMNS,
} Column;

static const char *const column_names[N_COLUMNS + 1] = {
  "latent",  "name",      "status",     "n_active", "frequency", "mean_act",
  "max_act", "cls_share", "mean_count", "entropy",  "purity",    "majority",
};

typedef struct
{
  CliStatistics *statistics;
  const CytConcept **concept; /* (n_rows), NULL: never edited */
  Column sort;
  gboolean reverse;
} Table;

static gboolean
is_text (Column column)
{
  return column == COLUMN_NAME || column == COLUMN_STATUS || column == COLUMN_MAJORITY;
}

static const char *
get_text (const Table *self, gsize i, Column column)
{
  const CytConcept *concept = self->concept[i];
  const char *majority;

  switch (column)
    {
    case COLUMN_NAME:
      return concept ? concept->name : "";
    case COLUMN_STATUS:
      return cyt_concept_status_get_nick (concept ? concept->status : CYT_CONCEPT_UNREVIEWED);
    case COLUMN_MAJORITY:
      majority = cli_statistics_get_majority (self->statistics, &self->statistics->rows[i]);
      return majority ? majority : "";
    default:
      g_assert_not_reached ();
    }
}

static double
get_number (const Table *self, gsize i, Column column)
{
  const CytLatentRow *row = &self->statistics->rows[i];

  switch (column)
    {
    case COLUMN_LATENT:
      return row->latent;
    case COLUMN_N_ACTIVE:
      return row->n_active;
    case COLUMN_FREQUENCY:
      return row->frequency;
    case COLUMN_MEAN_ACT:
      return row->mean_act;
    case COLUMN_MAX_ACT:
      return row->max_act;
    case COLUMN_CLS_SHARE:
      return row->cls_share;
    case COLUMN_MEAN_COUNT:
      return row->mean_count;
    case COLUMN_ENTROPY:
      return row->entropy;
    case COLUMN_PURITY:
      return row->purity;
    default:
      g_assert_not_reached ();
    }
}

/* Numbers fall, words and the latent's own number rise; what is undefined or empty comes last either
 * way, and equals are in the order of latents. */
static int
compare_rows (gconstpointer pa, gconstpointer pb, gpointer user_data)
{
  const Table *self = user_data;
  guint32 a = *(const guint32 *) pa, b = *(const guint32 *) pb;
  int order = 0;

  if (is_text (self->sort))
    {
      const char *x = get_text (self, a, self->sort), *y = get_text (self, b, self->sort);

      if ((*x == '\0') != (*y == '\0'))
        return *x == '\0' ? 1 : -1;
      order = strcmp (x, y);
    }
  else
    {
      double x = get_number (self, a, self->sort), y = get_number (self, b, self->sort);

      if (isnan (x) != isnan (y))
        return isnan (x) ? 1 : -1;
      order = (x < y) - (x > y);
      if (self->sort == COLUMN_LATENT)
        order = -order;
    }
  if (self->reverse)
    order = -order;
  return order != 0 ? order : (a > b) - (a < b);
}

static void
print_csv (const Table *self, const guint32 *order, gsize n)
{
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint c = 0; c < N_COLUMNS; c++)
    cyt_csv_append_field (line, c == 0, column_names[c]);
  puts (line->str);
  for (gsize i = 0; i < n; i++)
    {
      g_string_truncate (line, 0);
      for (guint c = 0; c < N_COLUMNS; c++)
        {
          g_autofree char *number = is_text (c) ? NULL : cli_format_exact (get_number (self, order[i], c));

          cyt_csv_append_field (line, c == 0, number ? number : get_text (self, order[i], c));
        }
      puts (line->str);
    }
}

static void
print_text (const Table *self, const guint32 *order, gsize n)
{
  const char *headers[N_COLUMNS + 1] = { NULL };
  g_autoptr (CliTable) table = NULL;
  g_autoptr (GPtrArray) marked = g_ptr_array_new_with_free_func (g_free);

  for (guint c = 0; c < N_COLUMNS; c++)
    {
      g_ptr_array_add (marked, g_strconcat (is_text (c) ? "" : ">", column_names[c], NULL));
      headers[c] = g_ptr_array_index (marked, c);
    }
  table = cli_table_new (headers);
  for (gsize i = 0; i < n; i++)
    for (guint c = 0; c < N_COLUMNS; c++)
      {
        if (is_text (c))
          cli_table_add (table, get_text (self, order[i], c));
        else if (c == COLUMN_LATENT || c == COLUMN_N_ACTIVE)
          cli_table_add_int (table, (gint64) get_number (self, order[i], c));
        else
          cli_table_add_double (table, get_number (self, order[i], c));
      }
  cli_table_print (table, "");
}

static void
print_json (const Table *self, const guint32 *order, gsize n, CytProject *project, const CytDataset *dataset)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_string (builder, "project", cyt_project_get_path (project));
  cli_json_add_string (builder, "dataset", dataset->name);
  cli_json_add_int (builder, "n_cells", (gint64) dataset->n_cells);
  cli_json_add_int (builder, "n_indexed", (gint64) dataset->n_indexed);
  json_builder_set_member_name (builder, "latents");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < n; i++)
    {
      json_builder_begin_object (builder);
      cli_json_add_int (builder, "latent", order[i]);
      cli_json_add_string (builder, "name", get_text (self, order[i], COLUMN_NAME));
      cli_json_add_string (builder, "status", get_text (self, order[i], COLUMN_STATUS));
      cli_statistics_add_json (self->statistics, &self->statistics->rows[order[i]], builder);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static gboolean
parse_column (const char *text, Column *column, GError **error)
{
  g_autofree char *known = NULL;

  for (guint c = 0; c < N_COLUMNS; c++)
    if (g_str_equal (text, column_names[c]))
      {
        *column = c;
        return TRUE;
      }
  known = g_strjoinv (", ", (char **) column_names);
  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--sort: expected one of %s, found \"%s\"", known, text);
  return FALSE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *sort = NULL, *limit_text = NULL, *name = NULL;
  gboolean csv = FALSE, json = FALSE, reverse = FALSE;
  const GOptionEntry entries[] = {
    { "sort", 's', 0, G_OPTION_ARG_FILENAME, &sort, "Column to sort by (frequency): numbers fall, words rise",
      "COLUMN" },
    { "reverse", 'r', 0, G_OPTION_ARG_NONE, &reverse, "The other way round", NULL },
    { "limit", 'n', 0, G_OPTION_ARG_FILENAME, &limit_text, "No more rows than this", "N" },
    { "dataset", 'd', 0, G_OPTION_ARG_FILENAME, &name, "Which data set (the first)", "NAME" },
    { "csv", 0, 0, G_OPTION_ARG_NONE, &csv, "Print CSV with all digits", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (CliStatistics) statistics = NULL;
  g_autoptr (GPtrArray) concepts = NULL;
  g_autofree const CytConcept **concept = NULL;
  g_autofree guint32 *order = NULL;
  gint64 limit = G_MAXUINT32;
  Table table = { .sort = COLUMN_FREQUENCY };
  gsize n;

  if (args == NULL || !cli_parse_int ("--limit", limit_text, 0, G_MAXUINT32, &limit, error)
      || (sort != NULL && !parse_column (sort, &table.sort, error)) || !cli_require_utf8 ("--dataset", name, error))
    return FALSE;
  if (csv && json)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--csv and --json cannot be had together");
      return FALSE;
    }

  project = cyt_project_open (args[0], CYT_PROJECT_READ_ONLY, error);
  if (project == NULL || (dataset = cli_pick_dataset (project, name, error)) == NULL
      || (statistics = cli_statistics_load (project, dataset->id, error)) == NULL
      || (concepts = cyt_project_list_concepts (project, error)) == NULL)
    return FALSE;

  concept = g_new0 (const CytConcept *, statistics->n_rows);
  for (guint i = 0; i < concepts->len; i++)
    {
      const CytConcept *edited = g_ptr_array_index (concepts, i);
      concept[edited->latent] = edited;
    }
  order = g_new (guint32, statistics->n_rows);
  for (gsize i = 0; i < statistics->n_rows; i++)
    order[i] = (guint32) i;
  table.statistics = statistics;
  table.concept = concept;
  table.reverse = reverse;
  g_qsort_with_data (order, (int) statistics->n_rows, sizeof *order, compare_rows, &table);

  n = MIN ((gsize) limit, statistics->n_rows);
  cli_note_simulated (project, csv || json);
  if (csv)
    print_csv (&table, order, n);
  else if (json)
    print_json (&table, order, n, project, dataset);
  else
    print_text (&table, order, n);
  return TRUE;
}

const CliCommand cmd_latents_table = {
  .name = "latents-table",
  .arguments = "P.cytosae",
  .summary = "List the latents of a project with their statistics",
  .description
  = "Columns: latent, name, status, n_active (cells with a score above 0), frequency (their share), mean_act\n"
    "(mean score over them), max_act (largest activation of a token), cls_share (share of the activation on\n"
    "CLS), mean_count (tokens above the threshold per cell), entropy and purity of the classes of the ten best\n"
    "cells, majority (their most frequent class). JSON: project, dataset, n_cells, n_indexed, latents [the\n"
    "columns; null where undefined].\n\n"
    "Example:\n  cytosae latents-table blood.cytosae --sort purity --limit 20\n",
  .run = run,
};
