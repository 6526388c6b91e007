/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-classification.h"
#include "cli-options.h"

void
cli_classification_clear (CliClassification *self)
{
  g_free (self->folds);
  g_free (self->repeats);
  g_free (self->permutations);
  g_free (self->seed);
}

gboolean
cli_classification_parse (const CliClassification *self, CytClassificationOptions *options, GError **error)
{
  gint64 n_folds = options->n_folds, n_repeats = options->n_repeats, n_permutations = options->n_permutations;
  gint64 seed = options->seed;

  if (!cli_parse_int ("--folds", self->folds, 2, 1000, &n_folds, error)
      || !cli_parse_int ("--repeats", self->repeats, 1, 1000, &n_repeats, error)
      || !cli_parse_int ("--permutations", self->permutations, 0, 100000, &n_permutations, error)
      || !cli_parse_int ("--seed", self->seed, 0, G_MAXUINT32, &seed, error))
    return FALSE;
  *options = (CytClassificationOptions) { (guint) n_folds, (guint) n_repeats, (guint) n_permutations, (guint32) seed };
  return TRUE;
}
