/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-barcodes.h"

G_BEGIN_DECLS

/* What the commands on barcodes share: which cells, at which threshold, with which models where a threshold has to be
 * counted first. */
typedef struct
{
  char *dataset;        /* as given on the command line, NULL where not; likewise: */
  char *threshold;
  char *encoder;
  char *sae;
  char *threads;
  gboolean skip_marked;
} CliAnalysis;
void cli_analysis_clear (CliAnalysis *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliAnalysis, cli_analysis_clear)

/* Entries of these options, for a command's own array. */
#define CLI_ANALYSIS_ENTRIES(a)                                                                                      \
  { "dataset", 'd', 0, G_OPTION_ARG_FILENAME, &(a).dataset, "Cells of this data set only (all)", "NAME" },           \
  { "threshold", 't', 0, G_OPTION_ARG_FILENAME, &(a).threshold,                                                      \
    "Count tokens above it (the index's); another one is counted first, and kept", "T" },                            \
  { "skip-marked", 0, 0, G_OPTION_ARG_NONE, &(a).skip_marked,                                                        \
    "Leave out latents marked as artefact or rejected", NULL },                                                      \
  { "encoder", 'e', 0, G_OPTION_ARG_FILENAME, &(a).encoder, "Its checkpoint, where a count needs it (as indexed)",   \
    "FILE" },                                                                                                        \
  { "sae", 's', 0, G_OPTION_ARG_FILENAME, &(a).sae, "The autoencoder, likewise", "PATH" },                           \
  { "threads", 0, 0, G_OPTION_ARG_FILENAME, &(a).threads, "Images in parallel (one per core)", "N" }

/* Fills dataset, threshold and skip_marked of @options. A threshold that is not in the file is counted now, with a
 * progress bar, and kept in the project. */
gboolean cli_analysis_prepare (const CliAnalysis *self, CytProject *project, CytBarcodesOptions *options, GError **error);

G_END_DECLS
