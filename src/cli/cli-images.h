/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "io/cyt-image-list.h"
#include "io/cyt-npy.h"
#include "model/cyt-pipeline.h"

#include "cli-progress.h"

G_BEGIN_DECLS

/* The list that the arguments IMAGE… name. An error when one of the @outputs (NULL-terminated) is
 * among the files that would be read. (transfer full) */
CytImageList *cli_images_open (char **args, const char *const *outputs, GError **error);

/* Walks the list with a progress bar and hands each image to @sink in list order. These commands
 * write arrays with a row per image, so here an unreadable image ends the run. */
gboolean cli_images_run (const CytImageList *list, const CytPipelineOptions *options, CytPipelineSink sink,
                         gpointer user_data, CliProgress *progress, GError **error);

G_END_DECLS
