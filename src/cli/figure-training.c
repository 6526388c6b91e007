/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-figure.h"
#include "cli-options.h"
#include "figures/cyt-training-figure.h"

static CytFigure *
make (const CliFigureKind *self, char **argv, CliFigureOptions *options, GError **error)
{
  g_auto (GStrv) trainings = NULL;
  const GOptionEntry entries[] = {
    { "training", 't', 0, G_OPTION_ARG_FILENAME_ARRAY, &trainings, "A training's folder or log; may be given again", "DIR" },
    CLI_FIGURE_ENTRIES (options),
    { NULL },
  };
  g_autofree char *path = cli_figure_parse (self, entries, argv, options, error);
  g_autoptr (CytProject) project = NULL;

  if (path == NULL || !cli_require ("--training", trainings != NULL ? trainings[0] : NULL, error)
      || !cli_check_output (options->out != NULL ? options->out : "", (const char *const *) trainings, error)
      || (project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error)) == NULL)
    return NULL;
  return cyt_training_figure_new (project, (const char *const *) trainings, error);
}

const CliFigureKind figure_training = {
  .name = "training",
  .summary = "Curves of trainings: loss terms, L0, explained variance, dead latents over images",
  .description = "A training is the folder that 'cytosae train' wrote to, or the log FILE.csv beside the autoencoder; each is a line.\n"
                 "Where no cfg.json tells how many images a step has, as beside a .pt, the curves are over steps and dead latents are\n"
                 "left out. The project is one of the same encoder.\n\n"
                 "Example:\n  cytosae figure blood.cytosae training --training seed42 --training seed43 --out training.pdf\n",
  .make = make,
};
