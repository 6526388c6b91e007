/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-commands.h"
#include "cli-output.h"
#include "cli-progress.h"
#include "project/cyt-indexer.h"

#define MAX_FAILURES_SHOWN 5

static void
print_json (CytProject *project, const CytDataset *dataset, GPtrArray *failures)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  cli_json_add_string (builder, "project", cyt_project_get_path (project));
  cli_json_add_string (builder, "dataset", dataset->name);
  cli_json_add_int (builder, "n_cells", (gint64) dataset->n_cells);
  cli_json_add_int (builder, "n_indexed", (gint64) dataset->n_indexed);
  cli_json_add_int (builder, "n_failed", (gint64) dataset->n_failed);
  json_builder_set_member_name (builder, "failures");
  json_builder_begin_array (builder);
  for (guint i = 0; i < failures->len; i++)
    {
      const CytCell *cell = g_ptr_array_index (failures, i);

      json_builder_begin_object (builder);
      cli_json_add_int (builder, "position", (gint64) cell->position);
      cli_json_add_string (builder, "path", cell->path);
      cli_json_add_string (builder, "reason", cell->failure);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static void
print_text (const char *project_path, const CytDataset *dataset, GPtrArray *failures)
{
  g_autofree char *path = cli_escape (project_path), *name = cli_escape (dataset->name);

  printf ("%s: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " images indexed as data set \"%s\"", path,
          dataset->n_indexed - dataset->n_failed, dataset->n_cells, name);
  if (failures->len > 0)
    printf (", %u skipped:", failures->len);
  putchar ('\n');
  for (guint i = 0; i < MIN (failures->len, MAX_FAILURES_SHOWN); i++)
    {
      const CytCell *cell = g_ptr_array_index (failures, i);
      g_autofree char *reason = cli_escape (cell->failure), *file = cli_escape (cell->path);

      /* Most reasons name the file already. */
      if (g_strstr_len (reason, -1, file) != NULL)
        printf ("  %s\n", reason);
      else
        printf ("  %s: %s\n", file, reason);
    }
  if (failures->len > MAX_FAILURES_SHOWN)
    printf ("  and %u more; --json lists all\n", failures->len - MAX_FAILURES_SHOWN);
}

/* What the file now says of the data set: that is what was done. */
static gboolean
print_result (const char *path, const char *name, gboolean json, GError **error)
{
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error);
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (GPtrArray) failures = NULL;

  if (project == NULL || (dataset = cyt_project_find_dataset (project, name, error)) == NULL
      || (failures = cyt_project_list_failures (project, dataset->id, error)) == NULL)
    return FALSE;
  if (json)
    print_json (project, dataset, failures);
  else
    print_text (path, dataset, failures);
  if (dataset->n_failed < dataset->n_indexed)
    return TRUE;
  g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s: none of the %" G_GSIZE_FORMAT " images could be read",
               dataset->root, dataset->n_cells);
  return FALSE;
}

static gboolean
run_index (const char *path, const char *encoder, const char *sae, const CytImageList *list,
           const CytIndexOptions *options, GError **error)
{
  g_autoptr (CliProgress) progress = cli_progress_new ("images");
  GCancellable *cancellable = cli_progress_get_cancellable (progress);
  g_autoptr (CytModels) models = cyt_models_load (encoder, sae, cancellable, error);
  CytProgressState state;

  if (models != NULL
      && cyt_indexer_run (path, models, list, options, cli_progress_get_progress (progress), NULL, NULL, cancellable,
                          error))
    return TRUE;
  cyt_progress_get (cli_progress_get_progress (progress), &state);
  cli_progress_explain_cancel (error,
                               "interrupted after %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                               " images: the same command again continues there",
                               state.n_done, cyt_image_list_get_n_items (list));
  return FALSE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *encoder = NULL, *sae = NULL, *images = NULL, *dataset = NULL, *domain = NULL;
  g_autofree char *top_text = NULL, *threshold_text = NULL, *pixel_size_text = NULL, *threads = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "encoder", 'e', 0, G_OPTION_ARG_FILENAME, &encoder, "The encoder's checkpoint", "FILE" },
    { "sae", 's', 0, G_OPTION_ARG_FILENAME, &sae, "The autoencoder: CytoSAE .pt or SAELens folder", "PATH" },
    { "images", 'i', 0, G_OPTION_ARG_FILENAME, &images,
      "The images: a folder (class-wise folders give labels) or a CSV", "DIR|CSV" },
    { "dataset", 'd', 0, G_OPTION_ARG_FILENAME, &dataset, "Name of the data set (cells)", "NAME" },
    { "domain", 0, 0, G_OPTION_ARG_FILENAME, &domain, "Such as \"peripheral blood\" or \"bone marrow\"", "D" },
    { "top", 0, 0, G_OPTION_ARG_FILENAME, &top_text, "Cells kept for each latent (25)", "M" },
    { "threshold", 't', 0, G_OPTION_ARG_FILENAME, &threshold_text, "Tokens above it are counted (0.2)", "T" },
    { "pixel-size", 0, 0, G_OPTION_ARG_FILENAME, &pixel_size_text, "How wide a pixel of the images is, for scale bars",
      "MICROMETRES" },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Images in parallel (one per core)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the result as JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  g_autoptr (CytImageList) list = NULL;
  CytIndexOptions options = CYT_INDEX_OPTIONS_INIT;
  gint64 top = options.n_top;

  if (args == NULL || !cli_require ("--encoder", encoder, error) || !cli_require ("--sae", sae, error)
      || !cli_require ("--images", images, error) || !cli_require_utf8 ("--dataset", dataset, error)
      || !cli_require_utf8 ("--domain", domain, error) || !cli_parse_int ("--top", top_text, 1, 1000, &top, error)
      || !cli_parse_double ("--threshold", threshold_text, 0, 1e30, &options.threshold, error)
      || !cli_parse_double ("--pixel-size", pixel_size_text, CYT_PIXEL_SIZE_MIN, CYT_PIXEL_SIZE_MAX,
                            &options.pixel_size, error)
      || !cli_parse_threads (threads, &options.n_threads, error)
      || (dataset != NULL && !cli_require ("a name after --dataset", dataset, error)))
    return FALSE;
  options.n_top = (guint) top;
  if (dataset != NULL)
    options.dataset = dataset;
  if (domain != NULL)
    options.domain = domain;

  list = cyt_image_list_new ((const char *const[]) { images, NULL }, error);
  return list != NULL && run_index (args[0], encoder, sae, list, &options, error)
         && print_result (args[0], options.dataset, json, error);
}

const CliCommand cmd_index = {
  .name = "index",
  .arguments = "P.cytosae",
  .summary = "Index a folder or CSV of cell images into a project file",
  .description
  = "Makes the project when there is none, adds a data set to it, or continues one that was interrupted.\n"
    "Images that cannot be read are skipped and listed. JSON: project, dataset, n_cells, n_indexed, n_failed,\n"
    "failures [position, path, reason].\n\n"
    "Example:\n"
    "  cytosae index blood.cytosae --encoder dinobloom-b.pth --sae cytosae.pt --images cells.csv \\\n"
    "      --dataset pbc --domain \"peripheral blood\"\n",
  .run = run,
};
