/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-labels-merge.h"

G_BEGIN_DECLS

typedef struct
{
  const char *prefer;        /* file of @paths whose side conflicts go to; NULL: conflicts stay as they are */
  gboolean only_agreements;  /* additions are not taken */
  gboolean dry_run;          /* the project stays as it is */
  gboolean json;
  const char *rater;         /* who merges */
} CliMergeOptions;

/* `cytosae labels merge`: lays the files @paths (NULL-terminated) beside the project, writes what is taken and prints
 * what was found. */
gboolean cli_labels_merge (const char *project, const char *const *paths, const CliMergeOptions *options,
                           GError **error);

G_END_DECLS
