/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-analysis.h"
#include "cli-figure.h"
#include "cli-options.h"
#include "figures/cyt-barcodes-figure.h"

static CytFigure *
make (const CliFigureKind *self, char **argv, CliFigureOptions *options, GError **error)
{
  g_autofree char *by = NULL, *normalise = NULL, *labels = NULL, *path = NULL;
  g_auto (GStrv) rows = NULL;
  g_auto (CliAnalysis) analysis = { NULL };
  const GOptionEntry entries[] = {
    { "by", 0, 0, G_OPTION_ARG_FILENAME, &by, "patient, disease, label or dataset (disease)", "WHAT" },
    { "row", 'r', 0, G_OPTION_ARG_FILENAME_ARRAY, &rows, "This patient, disease, …; may be given again (all)", "NAME" },
    { "labels", 0, 0, G_OPTION_ARG_FILENAME, &labels, "Peaks with their concept's name, of each row (5)", "N" },
    { "normalise", 0, 0, G_OPTION_ARG_FILENAME, &normalise, "per-image, none or paper (per-image)", "HOW" },
    CLI_ANALYSIS_ENTRIES (analysis),
    CLI_FIGURE_ENTRIES (options),
    { NULL },
  };
  CytBarcodesFigureRequest request = CYT_BARCODES_FIGURE_REQUEST_INIT;
  g_autoptr (CytProject) project = NULL;
  gint64 n_labels = request.n_labels;

  request.barcodes.by = CYT_BARCODES_BY_DISEASE;
  if ((path = cli_figure_parse (self, entries, argv, options, error)) == NULL
      || !cli_parse_int ("--labels", labels, 0, CYT_BARCODES_FIGURE_MAX_LABELS, &n_labels, error))
    return NULL;
  if (by != NULL && !cyt_barcodes_by_from_nick (by, &request.barcodes.by))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--by: expected patient, disease, label or dataset, found \"%s\"", by);
      return NULL;
    }
  if (normalise != NULL && !cyt_barcodes_norm_from_nick (normalise, &request.barcodes.norm))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--normalise: expected per-image, none or paper, found \"%s\"",
                   normalise);
      return NULL;
    }
  for (guint i = 0; rows != NULL && rows[i] != NULL; i++)
    if (!cli_require_utf8 ("--row", rows[i], error))
      return NULL;
  if ((project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error)) == NULL
      || !cli_analysis_prepare (&analysis, project, &request.barcodes, error))
    return NULL;
  request.rows = (const char *const *) rows;
  request.n_labels = (guint) n_labels;
  return cyt_barcodes_figure_new (project, &request, NULL, error);
}

const CliFigureKind figure_barcodes = {
  .name = "barcodes",
  .summary = "Barcodes of patients or diseases below each other, with named peaks",
  .description = "Bars over the number of the latent; where several fall into a quarter of a point, the highest. At most 24 rows.\n\n"
                 "Example:\n  cytosae figure cohort.cytosae barcodes --by patient --row P017 --row P031 --out barcodes.pdf\n",
  .make = make,
};
