/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-progress.h"
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* Where the images of a data set lie that was moved, or that came without them (cyt-pack.h), and whether they are the
 * very ones that were indexed. Every image is verified by its SHA-256: a picture that was exchanged would lend its latents to
 * another cell, and no sample shows a single one. */
typedef struct
{
  char *root;           /* absolute: the folder asked for, the one above or one of those below, whichever holds most */
  gsize n_found;        /* there and the same */
  gsize n_different;    /* there with another content */
  gsize n_missing;      /* not there, or not readable */
  gsize n_unverified;   /* there, but never indexed before: nothing to compare with */
  char *example;        /* path below root of the first that is different, else missing; NULL: none */
} CytLocateResult;
void cyt_locate_result_free (CytLocateResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytLocateResult, cyt_locate_result_free)

/* Looks for the images of @dataset (its name) of the project at @path in @folder; changes nothing: that is for
 * cyt_project_set_dataset_root() with the result's root. Images that could not be read when they were indexed do not count.
 * @progress counts images. @n_threads: 0: one per core.
 * Errors: CYT_PROJECT_ERROR, G_FILE_ERROR (there is no such folder), G_IO_ERROR_CANCELLED. */
CytLocateResult *cyt_locate_images (const char *path, const char *dataset, const char *folder, guint n_threads,
                                    CytProgress *progress, GCancellable *cancellable, GError **error);

/* Whether any of some images spread over the data set is where it was: quick, for telling a data set that moved. */
gboolean cyt_locate_probe (CytProject *project, gint64 dataset, gboolean *any, GError **error);

G_END_DECLS
