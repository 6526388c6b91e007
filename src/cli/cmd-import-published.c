/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-commands.h"
#include "cli-output.h"
#include "cli-progress.h"
#include "cli-project.h"
#include "project/cyt-published.h"

static void
print_json (CytProject *project, const CytDataset *dataset, gsize n_latents, gsize n_silent)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_string (builder, "project", cyt_project_get_path (project));
  cli_json_add_string (builder, "dataset", dataset->name);
  cli_json_add_int (builder, "n_latents", (gint64) n_latents);
  cli_json_add_int (builder, "n_silent", (gint64) n_silent);
  cli_json_add_int (builder, "n_cells", (gint64) dataset->n_cells);
  cli_json_add_int (builder, "n_missing", (gint64) dataset->n_failed);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

/* What the file now says. */
static gboolean
print_result (const char *path, const char *name, gboolean json, GError **error)
{
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error);
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (CliStatistics) statistics = NULL;
  g_autofree char *shown = cli_escape (path);
  gsize n_silent = 0;

  if (project == NULL || (dataset = cyt_project_find_dataset (project, name, error)) == NULL
      || (statistics = cli_statistics_load (project, dataset->id, error)) == NULL)
    return FALSE;
  for (gsize k = 0; k < statistics->n_rows; k++)
    n_silent += statistics->rows[k].n_active == 0;
  if (json)
    print_json (project, dataset, statistics->n_rows, n_silent);
  else
    {
      printf ("%s: %" G_GSIZE_FORMAT " latents, %" G_GSIZE_FORMAT " of them never fire, on %" G_GSIZE_FORMAT " images",
              shown, statistics->n_rows, n_silent, dataset->n_cells);
      if (dataset->n_failed > 0)
        printf (", of which %" G_GSIZE_FORMAT " are missing", dataset->n_failed);
      putchar ('\n');
    }
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *images = NULL, *into = NULL, *dataset = NULL, *domain = NULL, *threads = NULL;
  gboolean json = FALSE, ok;
  const GOptionEntry entries[] = {
    { "images", 'i', 0, G_OPTION_ARG_FILENAME, &images, "The folder of the images", "DIR" },
    { "into", 0, 0, G_OPTION_ARG_FILENAME, &into, "The project to make", "P.cytosae" },
    { "dataset", 'd', 0, G_OPTION_ARG_FILENAME, &dataset, "Name of the data set (cells)", "NAME" },
    { "domain", 0, 0, G_OPTION_ARG_FILENAME, &domain, "Such as \"peripheral blood\" or \"bone marrow\"", "D" },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Images in parallel (one per core)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the result as JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  CytPublishedOptions options = CYT_PUBLISHED_OPTIONS_INIT;
  g_autoptr (CliProgress) progress = NULL;

  if (args == NULL || !cli_require ("--images", images, error) || !cli_require ("--into", into, error)
      || !cli_require_utf8 ("--dataset", dataset, error) || !cli_require_utf8 ("--domain", domain, error)
      || !cli_parse_threads (threads, &options.n_threads, error)
      || (dataset != NULL && !cli_require ("a name after --dataset", dataset, error)))
    return FALSE;
  if (dataset != NULL)
    options.dataset = dataset;
  if (domain != NULL)
    options.domain = domain;

  progress = cli_progress_new ("images");
  ok = cyt_published_import (args[0], images, into, &options, cli_progress_get_progress (progress),
                             cli_progress_get_cancellable (progress), error);
  if (!ok)
    cli_progress_explain_cancel (error, "interrupted: nothing was written");
  g_clear_pointer (&progress, cli_progress_free);
  return ok && print_result (into, options.dataset, json, error);
}

const CliCommand cmd_import_published = {
  .name = "import-published",
  .arguments = "DIR",
  .summary = "Make a project of the statistics that CytoSAE's authors publish",
  .description
  = "DIR holds max_activating_image_indices.pt, max_activating_image_values.pt, sae_mean_acts.pt, sae_sparsity.pt,\n"
    "max_activating_image_label_indices.pt and top_entropy.pt. A manifest.csv among the images, with the columns\n"
    "path and cytosae_index, tells which image is which of theirs; some may be missing. Without one all images\n"
    "are needed, in class-wise folders: they are sorted and shuffled as the authors did. Patch maps are not\n"
    "published, nor are maxima. The project appears complete or not at all.\n"
    "JSON: project, dataset, n_latents, n_silent, n_cells, n_missing.\n\n"
    "Example:\n"
    "  cytosae import-published acevedo/ --images PBC_dataset_normal_DIB/ --into pbc.cytosae --dataset pbc\n",
  .run = run,
};
