/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-analysis.h"
#include "cli-figure.h"
#include "figures/cyt-correlation-figure.h"

static CytFigure *
make (const CliFigureKind *self, char **argv, CliFigureOptions *options, GError **error)
{
  g_auto (CliAnalysis) analysis = { NULL };
  const GOptionEntry entries[] = {
    CLI_ANALYSIS_ENTRIES (analysis),
    CLI_FIGURE_ENTRIES (options),
    { NULL },
  };
  CytBarcodesOptions barcodes = CYT_BARCODES_OPTIONS_INIT;
  g_autofree char *path = cli_figure_parse (self, entries, argv, options, error);
  g_autoptr (CytProject) project = path != NULL ? cyt_project_open (path, CYT_PROJECT_READ_ONLY, error) : NULL;

  if (project == NULL || !cli_analysis_prepare (&analysis, project, &barcodes, error))
    return NULL;
  return cyt_correlation_figure_new (project, &barcodes, NULL, error);
}

const CliFigureKind figure_correlation = {
  .name = "correlation",
  .summary = "How alike patients' barcodes are: a matrix ordered by disease",
  .description = "Pearson correlation over all latents; colours from the smallest one to 1. Patients' names are written where there\n"
                 "is room for them.\n\n"
                 "Example:\n  cytosae figure cohort.cytosae correlation --skip-marked --width 120 --out correlation.pdf\n",
  .make = make,
};
