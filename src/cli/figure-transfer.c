/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-figure.h"
#include "cli-options.h"
#include "figures/cyt-transfer-figure.h"

static CytFigure *
make (const CliFigureKind *self, char **argv, CliFigureOptions *options, GError **error)
{
  g_autofree char *test_path = NULL, *train_set = NULL, *test_set = NULL, *latents = NULL, *cells = NULL, *path = NULL;
  const GOptionEntry entries[] = {
    { "test", 0, 0, G_OPTION_ARG_FILENAME, &test_path, "The project of the other domain (the same one)", "B.cytosae" },
    { "train-dataset", 0, 0, G_OPTION_ARG_FILENAME, &train_set, "Data set of P.cytosae (the first)", "NAME" },
    { "test-dataset", 0, 0, G_OPTION_ARG_FILENAME, &test_set, "Data set of the other (the first; of the same project the second)",
      "NAME" },
    { "latents", 'n', 0, G_OPTION_ARG_FILENAME, &latents, "So many of the best and of the worst (6)", "N" },
    { "cells", 0, 0, G_OPTION_ARG_FILENAME, &cells, "Of each, on either side (5)", "N" },
    CLI_FIGURE_ENTRIES (options),
    { NULL },
  };
  CytTransferFigureRequest request = CYT_TRANSFER_FIGURE_REQUEST_INIT;
  gint64 n_latents = request.n_latents, n_cells = request.n_cells;
  g_autoptr (CytProject) train = NULL, test = NULL;

  path = cli_figure_parse (self, entries, argv, options, error);
  if (path == NULL || !cli_parse_int ("--latents", latents, 1, CYT_TRANSFER_FIGURE_MAX_LATENTS, &n_latents, error)
      || !cli_parse_int ("--cells", cells, 1, 10, &n_cells, error) || !cli_require_utf8 ("--train-dataset", train_set, error)
      || !cli_require_utf8 ("--test-dataset", test_set, error)
      || (train = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error)) == NULL
      || (test = cyt_project_open (test_path != NULL ? test_path : path, CYT_PROJECT_READ_ONLY, error)) == NULL)
    return NULL;
  request.train_set = train_set;
  request.test_set = test_set;
  request.n_latents = (guint) n_latents;
  request.n_cells = (guint) n_cells;
  return cyt_transfer_figure_new (train, test, &request, NULL, error);
}

const CliFigureKind figure_transfer = {
  .name = "transfer",
  .summary = "How latents carry over to another domain, with their cells",
  .description = "A report: see 'cytosae transfer --help' for its numbers.\n\n"
                 "Example:\n  cytosae figure blood.cytosae transfer --test marrow.cytosae --out transfer.pdf\n",
  .make = make,
};
