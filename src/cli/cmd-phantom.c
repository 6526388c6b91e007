/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli-commands.h"
#include "cli-output.h"
#include "cli-progress.h"
#include "phantom/cyt-phantom.h"

/* One of @words (NULL-terminated) for an option; its place is returned through @value. NULL @text leaves it. */
static gboolean
parse_word (const char *option, const char *text, const char *const *words, guint *value, GError **error)
{
  g_autofree char *all = g_strjoinv (", ", (char **) words);

  if (text == NULL)
    return TRUE;
  for (guint i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], text) == 0)
      {
        *value = i;
        return TRUE;
      }
  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "%s: one of %s is expected", option, all);
  return FALSE;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  static const char *const domains[] = { "blood", "marrow", NULL };
  static const char *const formats[] = { "jpg", "png", "tiff", NULL }; /* as CytPhantomFormat */
  static const char *const confounds[] = { "none", "stain", NULL };
  g_autofree char *cells = NULL, *patients = NULL, *seed = NULL, *out = NULL, *domain = NULL, *size = NULL;
  g_autofree char *format = NULL, *confound = NULL, *threads = NULL, *shown = NULL;
  gboolean masks = FALSE;
  const GOptionEntry entries[] = {
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "The folder to write", "DIR" },
    { "cells", 0, 0, G_OPTION_ARG_FILENAME, &cells, "Cells in all (2000)", "N" },
    { "patients", 0, 0, G_OPTION_ARG_FILENAME, &patients, "Simulated patients, in five groups in turn (40)", "P" },
    { "seed", 0, 0, G_OPTION_ARG_FILENAME, &seed, "The same seed draws the same cells (1)", "S" },
    { "domain", 0, 0, G_OPTION_ARG_FILENAME, &domain, "blood (default) or marrow", "NAME" },
    { "size", 0, 0, G_OPTION_ARG_FILENAME, &size, "Pixels on a side, 224 to 400 (360)", "PX" },
    { "format", 0, 0, G_OPTION_ARG_FILENAME, &format, "jpg (default), png or tiff", "NAME" },
    { "masks", 0, 0, G_OPTION_ARG_NONE, &masks, "Write a mask of each structure too", NULL },
    { "confound", 0, 0, G_OPTION_ARG_FILENAME, &confound, "none (default), or stain: the diseases' slides are stained "
      "otherwise", "NAME" },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Cells in parallel (one per core)", "N" },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 0, 0, error);
  CytPhantomCohort cohort = CYT_PHANTOM_COHORT_INIT;
  gint64 n_cells = (gint64) cohort.n_cells, n_patients = cohort.n_patients, pixels = cohort.size, number = 1;
  guint domain_index = cohort.domain, format_index = cohort.format, confound_index = 0;
  g_autoptr (CliProgress) progress = NULL;

  if (args == NULL || !cli_require ("--out", out, error)
      || !cli_parse_int ("--cells", cells, 1, CYT_PHANTOM_MAX_CELLS, &n_cells, error)
      || !cli_parse_int ("--patients", patients, 1, CYT_PHANTOM_MAX_PATIENTS, &n_patients, error)
      || !cli_parse_int ("--seed", seed, 0, G_MAXINT64, &number, error)
      || !cli_parse_int ("--size", size, CYT_PHANTOM_MIN_SIZE, CYT_PHANTOM_MAX_SIZE, &pixels, error)
      || !parse_word ("--domain", domain, domains, &domain_index, error)
      || !parse_word ("--format", format, formats, &format_index, error)
      || !parse_word ("--confound", confound, confounds, &confound_index, error)
      || !cli_parse_threads (threads, &cohort.n_threads, error))
    return FALSE;
  cohort.n_cells = (guint64) n_cells;
  cohort.n_patients = (guint) n_patients;
  cohort.seed = (guint64) number;
  cohort.size = (guint) pixels;
  cohort.domain = domain_index;
  cohort.format = format_index;
  cohort.masks = masks;
  cohort.confound_stain = confound_index == 1;

  progress = cli_progress_new ("cells");
  if (!cyt_phantom_cohort_write (&cohort, out, cli_progress_get_progress (progress),
                                 cli_progress_get_cancellable (progress), error))
    {
      cli_progress_explain_cancel (error, "interrupted: the same command again goes on from here");
      return FALSE;
    }
  g_clear_pointer (&progress, cli_progress_free);
  shown = cli_escape (out);
  printf ("%s: %" G_GINT64_FORMAT " cells of %" G_GINT64_FORMAT " patients, " CYT_PHANTOM_NOTICE "\n", shown, n_cells,
          n_patients);
  return TRUE;
}

const CliCommand cmd_phantom = {
  .name = "phantom",
  .arguments = "",
  .summary = "Draw simulated blood cells with their masks: a cohort whose truth is known",
  .description
  = "Writes images/, manifest.csv (image, label, patient, disease, the eleven attributes of WBCAtt) and README.txt\n"
    "into DIR; with --masks also masks/. Everything is drawn, and marked: " CYT_PHANTOM_NOTICE ".\n"
    "The same command again goes on where it was interrupted; a larger --cells adds cells to those there are.\n\n"
    "Example:\n  cytosae phantom --cells 4000 --patients 40 --seed 1 --masks --out phantom/\n",
  .run = run,
};
