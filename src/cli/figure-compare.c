/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-analysis.h"
#include "cli-figure.h"
#include "cli-options.h"
#include "figures/cyt-compare-figure.h"

static CytFigure *
make (const CliFigureKind *self, char **argv, CliFigureOptions *options, GError **error)
{
  g_autofree char *a = NULL, *b = NULL, *highlights = NULL, *labels = NULL, *path = NULL;
  g_auto (CliAnalysis) analysis = { NULL };
  const GOptionEntry entries[] = {
    { "a", 'a', 0, G_OPTION_ARG_FILENAME, &a, "A disease, on the x axis", "DISEASE" },
    { "b", 'b', 0, G_OPTION_ARG_FILENAME, &b, "Another one (all others)", "DISEASE" },
    { "highlights", 0, 0, G_OPTION_ARG_FILENAME, &highlights, "Largest differences coloured, each way (50)", "N" },
    { "labels", 0, 0, G_OPTION_ARG_FILENAME, &labels, "Of them with their concept's name, each way (5)", "N" },
    CLI_ANALYSIS_ENTRIES (analysis),
    CLI_FIGURE_ENTRIES (options),
    { NULL },
  };
  CytCompareFigureRequest request = CYT_COMPARE_FIGURE_REQUEST_INIT;
  g_autoptr (CytProject) project = NULL;
  gint64 n_highlights = request.n_highlights, n_labels = request.n_labels;

  if ((path = cli_figure_parse (self, entries, argv, options, error)) == NULL || !cli_require ("--a", a, error)
      || !cli_require_utf8 ("--a", a, error) || !cli_require_utf8 ("--b", b, error)
      || !cli_parse_int ("--highlights", highlights, 0, CYT_COMPARE_FIGURE_MAX_HIGHLIGHTS, &n_highlights, error)
      || !cli_parse_int ("--labels", labels, 0, CYT_COMPARE_FIGURE_MAX_LABELS, &n_labels, error)
      || (project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error)) == NULL
      || !cli_analysis_prepare (&analysis, project, &request.barcodes, error))
    return NULL;
  request.a = a;
  request.b = b;
  request.n_highlights = (guint) n_highlights;
  request.n_labels = (guint) n_labels;
  return cyt_compare_figure_new (project, &request, NULL, error);
}

const CliFigureKind figure_compare = {
  .name = "compare",
  .summary = "The barcodes of two diseases against each other, with the largest differences",
  .description = "A point for each latent that fires, dashed where both are equal. The caption has effect sizes and corrected p\n"
                 "(see 'cytosae compare'); from about 150 mm of width a list stands beside the plot.\n\n"
                 "Example:\n  cytosae figure cohort.cytosae compare --a \"PML::RARA\" --b control --width nature-1 --out f.pdf\n",
  .make = make,
};
