/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-progress.h"
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* A copy of a project to give away: all that is known of latents, cells and concepts, and a thumbnail of every cell in a
 * top list, but no path of this machine. It opens read and write where the images are not; with them,
 * cyt_locate_images() makes it whole again. Left out: paths of data sets, models and projects, whatever looks like an
 * absolute path in the models' descriptions, settings and reasons of failure, and a folder that all cells of a data set share;
 * the cells' paths below it stay, to be found again. What raters wrote stays as it is. */

#define CYT_PACK_MIN_THUMBNAIL 16
#define CYT_PACK_MAX_THUMBNAIL 1024
#define CYT_PACK_DEFAULT_THUMBNAIL 160

/* Writes the pack @out, which must not exist, of the project at @path; it appears complete or not at all.
 * @thumbnail_size: longer side of a thumbnail, px. Thumbnails are made of the images where these are the very ones that were
 * indexed (SHA-256), else of the thumbnails that the project has, which are never enlarged; @n_missing of them (may be NULL).
 * @progress counts thumbnails. The project may be read and edited meanwhile.
 * Errors: CYT_PROJECT_ERROR, G_IO_ERROR_CANCELLED. */
gboolean cyt_pack_write (const char *path, const char *out, guint thumbnail_size, guint n_threads,
                         gsize *n_missing, CytProgress *progress, GCancellable *cancellable, GError **error);

typedef struct
{
  gsize n_thumbnails;
  guint64 size;          /* bytes of the file, about */
} CytPackEstimate;
/* How large the pack would be, from a sample of its thumbnails. */
gboolean cyt_pack_estimate (const char *path, guint thumbnail_size, CytPackEstimate *estimate,
                            GCancellable *cancellable, GError **error);

G_END_DECLS
