/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "analysis/cyt-transfer.h"
#include "cli-commands.h"
#include "cli-output.h"
#include "cli-progress.h"
#include "cli-project.h"
#include "figures/cyt-transfer-figure.h"
#include "io/cyt-csv.h"

static void
append_number (GString *out, double value)
{
  g_autofree char *text = cli_format_exact (value);

  cyt_csv_append_field (out, FALSE, text);
}

/* A row for each latent, ranked ones first. */
static gboolean
write_csv (const CytTransfer *self, const char *path, GError **error)
{
  g_autoptr (GString) out = g_string_new ("latent,rank,n_train,n_test,frequency_train,frequency_test,correlation,similarity,"
                                          "transferability\n");
  g_autofree guint *rank = g_new0 (guint, MAX (1, self->d_sae));

  for (guint i = 0; i < self->ranked->len; i++)
    rank[g_array_index (self->ranked, guint32, i)] = i + 1;
  for (gsize k = 0; k < self->d_sae; k++)
    {
      const CytTransferRow *row = &self->rows[k];
      g_autofree char *place = rank[k] > 0 ? g_strdup_printf ("%u", rank[k]) : g_strdup ("");

      g_string_append_printf (out, "%u,%s,%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT, row->latent, place, row->n_train, row->n_test);
      append_number (out, row->frequency_train);
      append_number (out, row->frequency_test);
      append_number (out, row->correlation);
      append_number (out, row->similarity);
      append_number (out, row->transferability);
      g_string_append_c (out, '\n');
    }
  return g_file_set_contents_full (path, out->str, out->len, G_FILE_SET_CONTENTS_CONSISTENT, 0644, error);
}

static double
get_share (const CytTransfer *self)
{
  return self->n_alive_train > 0 ? (double) self->n_alive_both / (double) self->n_alive_train : NAN;
}

static void
add_latents (JsonBuilder *builder, const char *name, const CytTransfer *self, guint n, gboolean best)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < MIN (n, self->ranked->len); i++)
    {
      guint32 latent = g_array_index (self->ranked, guint32, best ? i : self->ranked->len - 1 - i);
      const CytTransferRow *row = &self->rows[latent];

      json_builder_begin_object (builder);
      cli_json_add_int (builder, "latent", latent);
      cli_json_add_double (builder, "correlation", row->correlation);
      cli_json_add_double (builder, "similarity", row->similarity);
      cli_json_add_double (builder, "transferability", row->transferability);
      cli_json_add_int (builder, "n_train", (gint64) row->n_train);
      cli_json_add_int (builder, "n_test", (gint64) row->n_test);
      cli_json_add_double (builder, "frequency_train", row->frequency_train);
      cli_json_add_double (builder, "frequency_test", row->frequency_test);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
print_json (const CytTransfer *self, guint n)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_string (builder, "train", self->train);
  cli_json_add_string (builder, "test", self->test);
  cli_json_add_int (builder, "n_train", (gint64) self->n_train);
  cli_json_add_int (builder, "n_test", (gint64) self->n_test);
  cli_json_add_int (builder, "d_sae", (gint64) self->d_sae);
  cli_json_add_int (builder, "n_alive_train", (gint64) self->n_alive_train);
  cli_json_add_int (builder, "n_alive_test", (gint64) self->n_alive_test);
  cli_json_add_int (builder, "n_alive_both", (gint64) self->n_alive_both);
  cli_json_add_double (builder, "share_alive_both", get_share (self));
  json_builder_set_member_name (builder, "classes");
  json_builder_begin_array (builder);
  for (guint i = 0; self->classes[i] != NULL; i++)
    {
      json_builder_begin_object (builder);
      cli_json_add_string (builder, "name", self->classes[i]);
      cli_json_add_int (builder, "n_train", (gint64) self->n_cells[i].n_train);
      cli_json_add_int (builder, "n_test", (gint64) self->n_cells[i].n_test);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  cli_json_add_int (builder, "n_correlated", (gint64) self->n_correlated);
  cli_json_add_double (builder, "mean_correlation", self->mean_correlation);
  cli_json_add_double (builder, "median_correlation", self->median_correlation);
  cli_json_add_double (builder, "explained_variance_train", self->explained_train);
  cli_json_add_double (builder, "explained_variance_test", self->explained_test);
  cli_json_add_int (builder, "n_explained_train", (gint64) self->n_explained_train);
  cli_json_add_int (builder, "n_explained_test", (gint64) self->n_explained_test);
  cli_json_add_int (builder, "min_cells", (gint64) self->min_cells);
  cli_json_add_int (builder, "n_ranked", self->ranked->len);
  add_latents (builder, "most", self, n, TRUE);
  add_latents (builder, "least", self, n, FALSE);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static void
print_latents (const char *title, const CytTransfer *self, guint n, gboolean best)
{
  const char *const headers[] = { ">latent", ">r", ">similarity", ">shrunk", ">train", ">%", ">test", ">%", NULL };
  g_autoptr (CliTable) table = cli_table_new (headers);

  puts (title);
  for (guint i = 0; i < MIN (n, self->ranked->len); i++)
    {
      guint32 latent = g_array_index (self->ranked, guint32, best ? i : self->ranked->len - 1 - i);
      const CytTransferRow *row = &self->rows[latent];

      cli_table_add_int (table, latent);
      cli_table_add_double (table, row->correlation);
      cli_table_add_double (table, row->similarity);
      cli_table_add_double (table, row->transferability);
      cli_table_add_int (table, (gint64) row->n_train);
      cli_table_add_double (table, 100 * row->frequency_train);
      cli_table_add_int (table, (gint64) row->n_test);
      cli_table_add_double (table, 100 * row->frequency_test);
    }
  cli_table_print (table, "  ");
}

static void
print_text (const CytTransfer *self, guint n)
{
  g_autofree char *train = cli_escape (self->train), *test = cli_escape (self->test);
  g_autofree char *joined = cyt_transfer_describe_classes (self), *classes = cli_escape (joined);
  g_autofree char *mean = cli_format_double (self->mean_correlation), *median = cli_format_double (self->median_correlation);
  g_autofree char *a = cli_format_double (self->explained_train), *b = cli_format_double (self->explained_test);

  printf ("from %s (%" G_GSIZE_FORMAT " cells) to %s (%" G_GSIZE_FORMAT " cells)\n", train, self->n_train, test, self->n_test);
  printf ("alive: %" G_GSIZE_FORMAT " and %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " latents, %" G_GSIZE_FORMAT
          " on both (%.1f %% of those alive on the first)\n",
          self->n_alive_train, self->n_alive_test, self->d_sae, self->n_alive_both, 100 * get_share (self));
  if (self->n_correlated > 0)
    printf ("class profiles over %s cells: correlation mean %s, median %s, of %" G_GSIZE_FORMAT " latents\n", classes, mean, median,
            self->n_correlated);
  else
    printf ("class profiles: the two share %u classes, fewer than %d (--classes tells which are the same)\n",
            g_strv_length (self->classes), CYT_TRANSFER_MIN_CLASSES);
  printf ("explained variance: %s and %s, on %" G_GSIZE_FORMAT " and %" G_GSIZE_FORMAT " images\n", a, b,
          self->n_explained_train, self->n_explained_test);
  printf ("ranked: %u latents that fire on %" G_GSIZE_FORMAT " cells of either at least\n", self->ranked->len, self->min_cells);
  print_latents ("most transferable:", self, n, TRUE);
  print_latents ("least transferable:", self, n, FALSE);
}

static gboolean
write_report (CytProject *train, CytProject *test, const CytTransfer *transfer, const CytTransferFigureRequest *request,
              const char *path, GError **error)
{
  g_autoptr (CytFigure) figure = cyt_transfer_figure_new (train, test, transfer, request, error);
  CytFigureLayout layout = { .width = CYT_FIGURE_LAYOUT_WIDTH, .dpi = CYT_FIGURE_LAYOUT_DPI };

  return figure != NULL && cyt_figure_style_init (&layout.style, NULL, NULL, error)
         && cyt_figure_write (figure, &layout, path, error);
}

static CytTransfer *
compute (CytProject *train, CytProject *test, const CytTransferOptions *options, GError **error)
{
  g_autoptr (CliProgress) progress = cli_progress_new ("cells");
  g_autoptr (GError) local = NULL;
  CytTransfer *transfer = cyt_transfer_compute (train, test, options, cli_progress_get_progress (progress),
                                                cli_progress_get_cancellable (progress), &local);

  if (transfer != NULL)
    return transfer;
  cli_progress_explain_cancel (&local, "interrupted: nothing was written");
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *train_path = NULL, *test_path = NULL, *train_set = NULL, *test_set = NULL, *report = NULL, *csv = NULL;
  g_autofree char *classes = NULL, *min_cells = NULL, *max_images = NULL, *threads = NULL, *latents = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "train", 0, 0, G_OPTION_ARG_FILENAME, &train_path, "Project of the domain to carry over from", "A.cytosae" },
    { "test", 0, 0, G_OPTION_ARG_FILENAME, &test_path, "Project of the other domain, with the same SAE (A.cytosae)",
      "B.cytosae" },
    { "train-dataset", 0, 0, G_OPTION_ARG_FILENAME, &train_set, "Data set of A (the first)", "NAME" },
    { "test-dataset", 0, 0, G_OPTION_ARG_FILENAME, &test_set, "Data set of B (the first; of A.cytosae the second)", "NAME" },
    { "classes", 0, 0, G_OPTION_ARG_FILENAME, &classes, "Which classes are the same: columns train and test", "CSV" },
    { "min-cells", 0, 0, G_OPTION_ARG_FILENAME, &min_cells,
      "Rank latents that fire on so many cells of either (a fifth of the smaller, 3 to 10)", "N" },
    { "max-images", 0, 0, G_OPTION_ARG_FILENAME, &max_images,
      "Compute explained variance on so many images where it is not stored (1000), 0 for none", "N" },
    { "latents", 'n', 0, G_OPTION_ARG_FILENAME, &latents, "So many of the best and of the worst (6)", "N" },
    { "report", 'o', 0, G_OPTION_ARG_FILENAME, &report, "Write a report with their cells, side by side", "FILE.pdf" },
    { "csv", 0, 0, G_OPTION_ARG_FILENAME, &csv, "Write a row for each latent", "FILE" },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Images in parallel (one per core)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 0, 0, error);
  CytTransferOptions options = CYT_TRANSFER_OPTIONS_INIT;
  CytTransferFigureRequest request = CYT_TRANSFER_FIGURE_REQUEST_INIT;
  const char *inputs[4] = { NULL };
  g_autoptr (CytProject) train = NULL, test = NULL;
  g_autoptr (CytTransfer) transfer = NULL;
  CytFigureFormat format;
  gint64 n_latents = request.n_latents, n_min = 0, n_max = CYT_TRANSFER_MAX_IMAGES;

  if (args == NULL || !cli_require ("--train", train_path, error)
      || !cli_parse_int ("--latents", latents, 1, CYT_TRANSFER_FIGURE_MAX_LATENTS, &n_latents, error)
      || !cli_parse_int ("--min-cells", min_cells, 1, G_MAXINT32, &n_min, error)
      || !cli_parse_int ("--max-images", max_images, 0, G_MAXINT32, &n_max, error)
      || !cli_parse_threads (threads, &options.n_threads, error)
      || !cli_require_utf8 ("--train-dataset", train_set, error) || !cli_require_utf8 ("--test-dataset", test_set, error))
    return FALSE;
  inputs[0] = train_path;
  inputs[1] = test_path != NULL ? test_path : train_path;
  inputs[2] = classes;
  if ((report != NULL && (!cyt_figure_format_from_path (report, &format, error) || !cli_check_output (report, inputs, error)))
      || (csv != NULL && !cli_check_output (csv, inputs, error))
      || (train = cyt_project_open (inputs[0], CYT_PROJECT_READ_ONLY, error)) == NULL
      || (test = cyt_project_open (inputs[1], CYT_PROJECT_READ_ONLY, error)) == NULL)
    return FALSE;
  options.train_set = train_set;
  options.test_set = test_set;
  options.classes = classes;
  options.min_cells = (gsize) n_min;
  options.max_images = (gsize) n_max;
  request.options = &options;
  request.n_latents = (guint) n_latents;
  transfer = compute (train, test, &options, error);
  if (transfer == NULL || (csv != NULL && !write_csv (transfer, csv, error))
      || (report != NULL && !write_report (train, test, transfer, &request, report, error)))
    return FALSE;
  if (transfer->why_not_explained != NULL)
    {
      g_autofree char *why = cli_escape (transfer->why_not_explained);

      fprintf (stderr, "explained variance is not known: %s\n", why);
    }
  cli_note_simulated (test, json);
  if (json)
    print_json (transfer, (guint) n_latents);
  else
    print_text (transfer, (guint) n_latents);
  return TRUE;
}

const CliCommand cmd_transfer = {
  .name = "transfer",
  .arguments = "",
  .summary = "Tell how latents carry over from one domain to another",
  .description
  = "Two data sets that were indexed with one SAE, of two projects or of one. Alive: fires on a cell. Class profile of a\n"
    "latent: its mean scores on the classes that both data sets have; r, Pearson's correlation of its two profiles (from three\n"
    "shared classes on). Similarity: the smaller of its two frequencies over the larger.\n\n"
    "Classes are the same where their names are, whatever their case and the spaces, \"_\" and \"-\" between words. A CSV with the\n"
    "columns train and test says it of others, a pair a line; classes of one side that share a partner count as one class. A\n"
    "class with nothing beside it is left out.\n\n"
    "Latents are ranked by r, or without enough classes by similarity, shrunk to the mean of all that are ranked:\n"
    "mean + (r - mean) n / (n + 10), n the cells on which the latent fires, on that side where they are fewer. So a chance\n"
    "correlation over three cells is neither the best nor the worst. --min-cells says what is ranked at all.\n\n"
    "Explained variance is that of 'cytosae measure' where it is stored, else it is computed on --max-images images, evenly\n"
    "chosen, and not stored.\n\n"
    "CSV: latent, rank (1 the most transferable; empty: not ranked), n_train, n_test (cells it fires on), frequency_train,\n"
    "frequency_test, correlation, similarity, transferability (the shrunk number). JSON: train, test, n_train, n_test, d_sae,\n"
    "n_alive_train, n_alive_test, n_alive_both, share_alive_both (of those alive on train), classes [name, n_train, n_test\n"
    "(cells)], n_correlated, mean_correlation, median_correlation, explained_variance_train, explained_variance_test,\n"
    "n_explained_train, n_explained_test (images), min_cells, n_ranked, most and least [latent, correlation, similarity,\n"
    "transferability, n_train, n_test, frequency_train, frequency_test].\n\n"
    "Example:\n"
    "  cytosae transfer --train blood.cytosae --test marrow.cytosae --classes same.csv --report transfer.pdf\n",
  .run = run,
};
