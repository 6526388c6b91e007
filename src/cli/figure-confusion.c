/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-analysis.h"
#include "cli-classification.h"
#include "cli-figure.h"
#include "cli-progress.h"
#include "figures/cyt-confusion-figure.h"

static CytFigure *
make (const CliFigureKind *self, char **argv, CliFigureOptions *options, GError **error)
{
  g_auto (CliClassification) classification = { NULL };
  g_auto (CliAnalysis) analysis = { NULL };
  CytConfusionFigureRequest request = CYT_CONFUSION_FIGURE_REQUEST_INIT;
  const GOptionEntry entries[] = {
    CLI_CLASSIFICATION_ENTRIES (classification),
    CLI_PERMUTATIONS_ENTRY (classification),
    { "concepts-only", 0, 0, G_OPTION_ARG_NONE, &request.concepts_only, "From latents with a name only", NULL },
    CLI_ANALYSIS_ENTRIES (analysis),
    CLI_FIGURE_ENTRIES (options),
    { NULL },
  };
  g_autofree char *path = cli_figure_parse (self, entries, argv, options, error);
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CliProgress) progress = NULL;
  CytFigure *figure;

  if (path == NULL || !cli_classification_parse (&classification, &request.classification, error)
      || (project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error)) == NULL
      || !cli_analysis_prepare (&analysis, project, &request.barcodes, error))
    return NULL;
  progress = cli_progress_new ("folds");
  figure = cyt_confusion_figure_new (project, &request, cli_progress_get_progress (progress),
                                     cli_progress_get_cancellable (progress), error);
  cli_progress_explain_cancel (error, "interrupted: nothing is kept");
  return figure;
}

const CliFigureKind figure_confusion = {
  .name = "confusion",
  .summary = "Which diseases are taken for which: the confusion matrix of 'cytosae classify'",
  .description = "Rows are diseases, columns predictions; mean numbers of patients over the repeats, and per cent of the row. The\n"
                 "caption has the scores with their intervals, and p of the permutation test.\n\n"
                 "Example:\n  cytosae figure cohort.cytosae confusion --permutations 1000 --width nature-1 --out confusion.pdf\n",
  .make = make,
};
