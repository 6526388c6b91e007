/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-commands.h"
#include "cli-output.h"
#include "cli-progress.h"
#include "phantom/cyt-phantom.h"
#include "project/cyt-demo.h"

static gboolean
make (const char *folder, const CytDemoOptions *options, GError **error)
{
  g_autoptr (CliProgress) progress = cli_progress_new ("steps");

  if (cyt_demo_run (folder, options, cli_progress_get_progress (progress), NULL, NULL,
                    cli_progress_get_cancellable (progress), error))
    return TRUE;
  cli_progress_explain_cancel (error, "interrupted: the same command again goes on from here");
  return FALSE;
}

static gboolean
print_result (const char *folder, gboolean json, GError **error)
{
  g_autofree char *path = cyt_demo_dup_project_path (folder);
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error);
  g_autoptr (CytDataset) dataset
    = project != NULL ? cyt_project_find_dataset (project, CYT_DEMO_DATASET, error) : NULL;
  gboolean simulated;

  if (dataset == NULL || !cyt_project_is_simulated (project, &simulated, error))
    return FALSE;
  if (json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      cli_json_add_string (builder, "project", cyt_project_get_path (project));
      cli_json_add_string (builder, "dataset", dataset->name);
      cli_json_add_boolean (builder, "simulated", simulated);
      cli_json_add_int (builder, "n_cells", (gint64) dataset->n_cells);
      cli_json_add_int (builder, "n_indexed", (gint64) dataset->n_indexed);
      cli_json_add_int (builder, "n_failed", (gint64) dataset->n_failed);
      json_builder_end_object (builder);
      cli_print_json (builder);
    }
  else
    {
      g_autofree char *shown = cli_escape (path);

      printf ("%" G_GSIZE_FORMAT " drawn cells indexed as data set \"%s\": " CYT_PHANTOM_NOTICE "\n%s\n",
              dataset->n_indexed - dataset->n_failed, dataset->name, shown);
    }
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *threads = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Cells in parallel (one per core)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the result as JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  CytDemoOptions options = CYT_DEMO_OPTIONS_INIT;

  return args != NULL && cli_parse_threads (threads, &options.n_threads, error) && make (args[0], &options, error)
         && print_result (args[0], json, error);
}

const CliCommand cmd_demo = {
  .name = "demo",
  .arguments = "DIR",
  .summary = "Make the demonstration: draw a simulated cohort and index it",
  .description
  = "Draws cells of 40 simulated patients into DIR/cells and indexes them with the built-in models into\n"
    "DIR/demonstration.cytosae; the last line is that path. Each cell is two steps, drawn and indexed. The same\n"
    "command again goes on where it was interrupted. Everything is drawn: " CYT_PHANTOM_NOTICE ".\n"
    "JSON: project, dataset, simulated, n_cells, n_indexed, n_failed.\n\n"
    "Example:\n  cytosae demo demonstration/\n",
  .run = run,
};
