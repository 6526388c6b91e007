/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-commands.h"
#include "cli-output.h"
#include "project/cyt-labels-file.h"

static gboolean
export_labels (const char *project_path, const char *path, GError **error)
{
  g_autoptr (CytProject) project = NULL;
  g_autofree char *name = cli_escape (path);
  gsize n = 0;

  if (!cli_check_output (path, (const char *const[]) { project_path, NULL }, error))
    return FALSE;
  project = cyt_project_open (project_path, CYT_PROJECT_READ_ONLY, error);
  if (project == NULL || !cyt_labels_file_export (project, path, &n, error))
    return FALSE;
  printf ("%s: %" G_GSIZE_FORMAT " labels written\n", name, n);
  return TRUE;
}

static gboolean
import_labels (const char *project_path, const char *path, const char *rater, GError **error)
{
  g_autoptr (CytProject) project = cyt_project_open (project_path, CYT_PROJECT_READ_WRITE, error);
  g_autofree char *name = cli_escape (path);
  gsize n_read = 0, n_changed = 0;

  if (project == NULL || !cyt_labels_file_import (project, path, rater, &n_read, &n_changed, error))
    return FALSE;
  printf ("%s: %" G_GSIZE_FORMAT " labels read, %" G_GSIZE_FORMAT " of them changed the project\n", name, n_read,
          n_changed);
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *rater = NULL;
  const GOptionEntry entries[] = {
    { "rater", 'r', 0, G_OPTION_ARG_FILENAME, &rater, "import: who says so (as in the file)", "NAME" },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 3, 3, error);

  if (args == NULL || !cli_require_utf8 ("--rater", rater, error))
    return FALSE;
  if (!g_str_has_suffix (args[2], ".csv") && !g_str_has_suffix (args[2], ".json"))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "expected a name that ends in .csv or .json, found %s",
                   args[2]);
      return FALSE;
    }
  if (g_str_equal (args[0], "export"))
    return export_labels (args[1], args[2], error);
  if (g_str_equal (args[0], "import"))
    return import_labels (args[1], args[2], rater, error);
  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "expected export or import, found %s", args[0]);
  return FALSE;
}

const CliCommand cmd_labels = {
  .name = "labels",
  .arguments = "export|import P.cytosae FILE.csv|FILE.json",
  .summary = "Exchange labels with other projects of the same autoencoder",
  .description
  = "CSV has the columns latent,name,category,status,confidence,tags,note,rater,edited_at (confidence low, medium,\n"
    "high or empty; tags joined by \";\"); JSON holds the history too. Import checks the\n"
    "whole file before it changes anything; columns that are not there are left as they are.\n\n"
    "Examples:\n"
    "  cytosae labels export blood.cytosae labels.csv\n"
    "  cytosae labels import marrow.cytosae labels.csv\n",
  .run = run,
};
