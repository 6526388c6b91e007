/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-commands.h"
#include "cli-output.h"
#include "cli-progress.h"
#include "cli-project.h"
#include "project/cyt-locate.h"

static void
print_result (const CytLocateResult *result, gboolean json)
{
  g_autofree char *root = cli_escape (result->root), *example = cli_escape (result->example);

  if (json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      cli_json_add_string (builder, "root", result->root);
      cli_json_add_int (builder, "n_found", (gint64) result->n_found);
      cli_json_add_int (builder, "n_missing", (gint64) result->n_missing);
      cli_json_add_int (builder, "n_different", (gint64) result->n_different);
      cli_json_add_int (builder, "n_unverified", (gint64) result->n_unverified);
      cli_json_add_string (builder, "example", result->example);
      json_builder_end_object (builder);
      cli_print_json (builder);
      return;
    }
  printf ("%s: %" G_GSIZE_FORMAT " found, %" G_GSIZE_FORMAT " missing, %" G_GSIZE_FORMAT " different", root,
          result->n_found, result->n_missing, result->n_different);
  if (result->n_unverified > 0)
    printf (", %" G_GSIZE_FORMAT " not indexed yet", result->n_unverified);
  if (result->example != NULL)
    printf (" (%s: %s)", result->n_different > 0 ? "different" : "missing", example);
  putchar ('\n');
}

/* Whether to link; else says why not. */
static gboolean
decide (const CytLocateResult *result, gboolean force, GError **error)
{
  if (result->n_found + result->n_unverified == 0 && !(force && result->n_different > 0))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                   "%s: holds no image of the data set as it was indexed (%" G_GSIZE_FORMAT " missing, %" G_GSIZE_FORMAT
                   " different)", result->root, result->n_missing, result->n_different);
      return FALSE;
    }
  if (result->n_different > 0 && !force)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                   "%s: %" G_GSIZE_FORMAT " images are not the ones that were indexed, such as %s; --force takes the folder "
                   "nevertheless", result->root, result->n_different, result->example);
      return FALSE;
    }
  return TRUE;
}

static gboolean
link_root (const char *path, const char *name, const char *root, GError **error)
{
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_WRITE, error);
  g_autoptr (CytDataset) dataset = project ? cli_pick_dataset (project, name, error) : NULL;

  return dataset != NULL && cyt_project_set_dataset_root (project, dataset->id, root, error);
}

/* The data set's name, the first one's for NULL. */
static char *
dup_dataset_name (const char *path, const char *name, GError **error)
{
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error);
  g_autoptr (CytDataset) dataset = project ? cli_pick_dataset (project, name, error) : NULL;

  return dataset ? g_strdup (dataset->name) : NULL;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *dataset = NULL, *threads = NULL, *name = NULL;
  gboolean force = FALSE, json = FALSE;
  const GOptionEntry entries[] = {
    { "dataset", 'd', 0, G_OPTION_ARG_FILENAME, &dataset, "Name of the data set (the first one)", "NAME" },
    { "force", 0, 0, G_OPTION_ARG_NONE, &force, "Take the folder although some images are different", NULL },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Images in parallel (one per core)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the result as JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 2, 2, error);
  g_autoptr (CliProgress) progress = NULL;
  g_autoptr (CytLocateResult) result = NULL;
  guint n_threads = 0;

  if (args == NULL || !cli_require_utf8 ("--dataset", dataset, error)
      || !cli_parse_threads (threads, &n_threads, error)
      || (name = dup_dataset_name (args[0], dataset, error)) == NULL)
    return FALSE;
  progress = cli_progress_new ("images");
  result = cyt_locate_images (args[0], name, args[1], n_threads, cli_progress_get_progress (progress),
                              cli_progress_get_cancellable (progress), error);
  if (result == NULL)
    cli_progress_explain_cancel (error, "interrupted: the project is as it was");
  g_clear_pointer (&progress, cli_progress_free);
  if (result == NULL || !decide (result, force, error) || !link_root (args[0], name, result->root, error))
    return FALSE;
  print_result (result, json);
  return TRUE;
}

const CliCommand cmd_locate = {
  .name = "locate",
  .arguments = "P.cytosae DIR",
  .summary = "Tell a project where its images lie now",
  .description
  = "For a data set that was moved, and for a project that was packed. DIR is its folder; the one above and those below are\n"
    "tried too. Every image is compared with the one that was indexed (SHA-256). The folder is taken when at least one\n"
    "was found and none is different; missing ones show as thumbnails.\n"
    "JSON: root, n_found, n_missing, n_different, n_unverified (there, but not indexed yet), example.\n\n"
    "Example:\n"
    "  cytosae locate blood.cytosae --dataset pbc /media/disk/PBC_dataset_normal_DIB\n",
  .run = run,
};
