/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-figure.h"
#include "cli-options.h"
#include "cli-progress.h"
#include "figures/cyt-transfer-figure.h"

static CytFigure *
make (const CliFigureKind *self, char **argv, CliFigureOptions *options, GError **error)
{
  g_autofree char *test_path = NULL, *train_set = NULL, *test_set = NULL, *latents = NULL, *cells = NULL, *path = NULL;
  g_autofree char *classes = NULL, *min_cells = NULL, *max_images = NULL;
  const GOptionEntry entries[] = {
    { "test", 0, 0, G_OPTION_ARG_FILENAME, &test_path, "The project of the other domain (the same one)", "B.cytosae" },
    { "train-dataset", 0, 0, G_OPTION_ARG_FILENAME, &train_set, "Data set of P.cytosae (the first)", "NAME" },
    { "test-dataset", 0, 0, G_OPTION_ARG_FILENAME, &test_set, "Data set of the other (the first; of the same project the second)",
      "NAME" },
    { "classes", 0, 0, G_OPTION_ARG_FILENAME, &classes, "Which classes are the same: columns train and test", "CSV" },
    { "min-cells", 0, 0, G_OPTION_ARG_FILENAME, &min_cells,
      "Rank latents that fire on so many cells of either (a fifth of the smaller, 3 to 10)", "N" },
    { "max-images", 0, 0, G_OPTION_ARG_FILENAME, &max_images,
      "Compute explained variance on so many images where it is not stored (1000), 0 for none", "N" },
    { "latents", 'n', 0, G_OPTION_ARG_FILENAME, &latents, "So many of the best and of the worst (6)", "N" },
    { "cells", 0, 0, G_OPTION_ARG_FILENAME, &cells, "Of each, on either side (5)", "N" },
    CLI_FIGURE_ENTRIES (options),
    { NULL },
  };
  CytTransferFigureRequest request = CYT_TRANSFER_FIGURE_REQUEST_INIT;
  CytTransferOptions transfer_options = CYT_TRANSFER_OPTIONS_INIT;
  gint64 n_latents = request.n_latents, n_cells = request.n_cells, n_min = 0, n_max = CYT_TRANSFER_MAX_IMAGES;
  g_autoptr (CytProject) train = NULL, test = NULL;
  g_autoptr (CliProgress) progress = NULL;
  g_autoptr (CytTransfer) transfer = NULL;

  path = cli_figure_parse (self, entries, argv, options, error);
  if (path == NULL || !cli_parse_int ("--latents", latents, 1, CYT_TRANSFER_FIGURE_MAX_LATENTS, &n_latents, error)
      || !cli_parse_int ("--min-cells", min_cells, 1, G_MAXINT32, &n_min, error)
      || !cli_parse_int ("--max-images", max_images, 0, G_MAXINT32, &n_max, error)
      || !cli_parse_int ("--cells", cells, 1, 10, &n_cells, error) || !cli_require_utf8 ("--train-dataset", train_set, error)
      || !cli_require_utf8 ("--test-dataset", test_set, error)
      || (train = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error)) == NULL
      || (test = cyt_project_open (test_path != NULL ? test_path : path, CYT_PROJECT_READ_ONLY, error)) == NULL)
    return NULL;
  transfer_options.train_set = train_set;
  transfer_options.test_set = test_set;
  transfer_options.classes = classes;
  transfer_options.min_cells = (gsize) n_min;
  transfer_options.max_images = (gsize) n_max;
  request.options = &transfer_options;
  request.n_latents = (guint) n_latents;
  request.n_cells = (guint) n_cells;
  progress = cli_progress_new ("cells");
  transfer = cyt_transfer_compute (train, test, &transfer_options, cli_progress_get_progress (progress),
                                   cli_progress_get_cancellable (progress), error);
  g_clear_pointer (&progress, cli_progress_free);
  return transfer != NULL ? cyt_transfer_figure_new (train, test, transfer, &request, error) : NULL;
}

const CliFigureKind figure_transfer = {
  .name = "transfer",
  .summary = "How latents carry over to another domain, with their cells",
  .description = "A report: see 'cytosae transfer --help' for its numbers.\n\n"
                 "Example:\n  cytosae figure blood.cytosae transfer --test marrow.cytosae --out transfer.pdf\n",
  .make = make,
};
