/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-figure.h"
#include "cli-options.h"
#include "figures/cyt-sweep-figure.h"

static CytFigure *
make (const CliFigureKind *self, char **argv, CliFigureOptions *options, GError **error)
{
  g_autofree char *table = NULL;
  const GOptionEntry entries[] = {
    { "table", 't', 0, G_OPTION_ARG_FILENAME, &table, "The sweep's table", "FILE.csv" },
    CLI_FIGURE_ENTRIES (options),
    { NULL },
  };
  g_autofree char *path = cli_figure_parse (self, entries, argv, options, error);
  g_autoptr (CytProject) project = NULL;

  if (path == NULL || !cli_require ("--table", table, error)
      || !cli_check_output (options->out != NULL ? options->out : "", (const char *const[]) { table, NULL }, error)
      || (project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error)) == NULL)
    return NULL;
  return cyt_sweep_figure_new (project, table, error);
}

const CliFigureKind figure_sweep = {
  .name = "sweep",
  .summary = "Curves of a sparsity sweep: what autoencoders gain and lose by being sparse",
  .description = "Over the mean number of active latents of a token: explained variance, dead latents, monosemanticity, stability of\n"
                 "seeds and F1 of diseases, as far as the table knows them. The project is one of the same encoder.\n\n"
                 "Example:\n  cytosae figure blood.cytosae sweep --table sweep/sweep.csv --out sweep.pdf\n",
  .make = make,
};
