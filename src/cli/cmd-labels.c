/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "cli-commands.h"
#include "cli-labels-merge.h"
#include "cli-output.h"
#include "cli-project.h"
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
check_suffixes (char **paths, GError **error)
{
  for (guint i = 0; paths[i] != NULL; i++)
    if (!g_str_has_suffix (paths[i], ".csv") && !g_str_has_suffix (paths[i], ".json"))
      {
        g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "expected a name that ends in .csv or .json, found %s", paths[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *rater = NULL, *prefer = NULL;
  CliMergeOptions merge = { NULL, FALSE, FALSE, FALSE, NULL };
  const GOptionEntry entries[] = {
    { "rater", 'r', 0, G_OPTION_ARG_FILENAME, &rater, "import: who says so (as in the file); merge: who merges (the user)",
      "NAME" },
    { "prefer", 'p', 0, G_OPTION_ARG_FILENAME, &prefer, "merge: the file that is right in conflicts (none is)", "FILE" },
    { "only-agreements", 0, 0, G_OPTION_ARG_NONE, &merge.only_agreements, "merge: take what several files say, nothing else",
      NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &merge.dry_run, "merge: tell, and change nothing", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &merge.json, "merge: print the result as JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 3, G_MAXUINT, error);
  gboolean merging;

  if (args == NULL || !cli_require_utf8 ("--rater", rater, error) || !check_suffixes (args + 2, error))
    return FALSE;
  merging = g_str_equal (args[0], "merge");
  if (!merging && args[3] != NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "expected one file, found also %s", args[3]);
      return FALSE;
    }
  if (!merging && (prefer != NULL || merge.only_agreements || merge.dry_run || merge.json))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--prefer, --only-agreements, --dry-run and --json are for merge");
      return FALSE;
    }
  if (merging)
    {
      if (rater == NULL)
        rater = cli_dup_user_name ();
      merge.rater = rater;
      merge.prefer = prefer;
      return cli_labels_merge (args[1], (const char *const *) args + 2, &merge, error);
    }
  if (g_str_equal (args[0], "export"))
    return export_labels (args[1], args[2], error);
  if (g_str_equal (args[0], "import"))
    return import_labels (args[1], args[2], rater, error);
  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "expected export, import or merge, found %s", args[0]);
  return FALSE;
}

const CliCommand cmd_labels = {
  .name = "labels",
  .arguments = "export|import|merge P.cytosae FILE.csv|FILE.json…",
  .summary = "Exchange labels with other projects of the same autoencoder",
  .description
  = "CSV has the columns latent,name,category,status,confidence,tags,note,rater,edited_at (confidence low, medium,\n"
    "high or empty; tags joined by \";\"); JSON holds the history too. Import checks\n"
    "the whole file before it changes anything; columns that are not there are left as they are.\n\n"
    "Merge lays the files of several experts beside the project's labels, field by field. It takes what several of\n"
    "them say alike (agreements) and what only one says (additions) where the project says nothing. Values that\n"
    "contradict each other or the project (conflicts) are listed and left, unless --prefer names the file that is\n"
    "right. Tags are put together. With two files or more, Cohen's kappa tells how far status and name agree.\n"
    "JSON: n_agreements, n_additions, n_conflicts, n_same, n_changed (latents), items [latent, field, kind, project,\n"
    "files [a value each], result], agreement [a, b, field, n, n_equal, observed, expected, kappa].\n\n"
    "Examples:\n"
    "  cytosae labels export blood.cytosae labels.csv\n"
    "  cytosae labels import marrow.cytosae labels.csv\n"
    "  cytosae labels merge blood.cytosae anna.json bert.csv --dry-run\n",
  .run = run,
};
