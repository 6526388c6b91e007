/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <stdio.h>

#include "cli-commands.h"
#include "cli-output.h"
#include "cli-progress.h"
#include "project/cyt-pack.h"

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *out = NULL, *size_text = NULL, *threads = NULL, *shown = NULL, *size = NULL;
  const GOptionEntry entries[] = {
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "The file to make", "F.cytosae" },
    { "thumbnail-size", 's', 0, G_OPTION_ARG_FILENAME, &size_text, "Longer side of a thumbnail, px (160)", "N" },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Images in parallel (one per core)", "N" },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, 1, error);
  g_autoptr (CliProgress) progress = NULL;
  CytProgressState state;
  gint64 thumbnail_size = CYT_PACK_DEFAULT_THUMBNAIL;
  gsize n_missing = 0;
  guint n_threads = 0;
  GStatBuf st;
  gboolean ok;

  if (args == NULL || !cli_require ("--out", out, error)
      || !cli_parse_int ("--thumbnail-size", size_text, CYT_PACK_MIN_THUMBNAIL, CYT_PACK_MAX_THUMBNAIL, &thumbnail_size,
                         error)
      || !cli_parse_threads (threads, &n_threads, error))
    return FALSE;
  progress = cli_progress_new ("images");
  ok = cyt_pack_write (args[0], out, (guint) thumbnail_size, n_threads, &n_missing, cli_progress_get_progress (progress),
                       cli_progress_get_cancellable (progress), error);
  if (!ok)
    cli_progress_explain_cancel (error, "interrupted: nothing was written");
  cyt_progress_get (cli_progress_get_progress (progress), &state);
  g_clear_pointer (&progress, cli_progress_free);
  if (!ok)
    return FALSE;
  shown = cli_escape (out);
  size = g_format_size (g_stat (out, &st) == 0 ? (guint64) st.st_size : 0);
  printf ("%s: %s with %" G_GSIZE_FORMAT " thumbnails", shown, size, state.n_done);
  if (n_missing > 0)
    printf (", %" G_GSIZE_FORMAT " of them from the project's own, for their images are not there", n_missing);
  putchar ('\n');
  return TRUE;
}

const CliCommand cmd_pack = {
  .name = "pack",
  .arguments = "P.cytosae",
  .summary = "Copy a project for others, with thumbnails and without paths",
  .description
  = "The copy holds all statistics, labels and their history, and a thumbnail of every cell in a top list, but no path\n"
    "of this machine except those of the images below the data set's folder. It can be browsed and labelled where the\n"
    "images are not; 'cytosae locate' puts them back. What raters wrote is copied as it is.\n\n"
    "Example:\n"
    "  cytosae pack blood.cytosae --out blood-for-anna.cytosae --thumbnail-size 224\n",
  .run = run,
};
