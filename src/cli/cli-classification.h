/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-classification.h"

G_BEGIN_DECLS

/* What the commands that classify patients share: how it is cross-validated. Values as given on the command line. */
typedef struct
{
  char *folds;
  char *repeats;
  char *permutations;
  char *seed;
} CliClassification;
void cli_classification_clear (CliClassification *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliClassification, cli_classification_clear)

/* Entries of these options, for a command's own array. */
#define CLI_CLASSIFICATION_ENTRIES(c)                                                                                \
  { "folds", 0, 0, G_OPTION_ARG_FILENAME, &(c).folds, "Parts of the cross-validation (5)", "N" },                    \
  { "repeats", 0, 0, G_OPTION_ARG_FILENAME, &(c).repeats, "Times it is done, with other folds (10)", "N" },          \
  { "seed", 0, 0, G_OPTION_ARG_FILENAME, &(c).seed, "Of folds, shufflings and bootstrap (1)", "S" }
#define CLI_PERMUTATIONS_ENTRY(c)                                                                                    \
  { "permutations", 0, 0, G_OPTION_ARG_FILENAME, &(c).permutations, "Shufflings of the diseases (100)", "N" }

/* Those that are not given stay as they are in @options. */
gboolean cli_classification_parse (const CliClassification *self, CytClassificationOptions *options, GError **error);

G_END_DECLS
