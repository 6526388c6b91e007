/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-project-jobs.h"

G_BEGIN_DECLS

/* Jobs of the project worker about what goes to and comes from other people. */

gpointer cyt_project_job_read_labels (gpointer state, gpointer path, GCancellable *cancellable,
                                      GError **error); /* → GPtrArray of CytLabel */
gpointer cyt_project_job_export_labels (gpointer state, gpointer path, GCancellable *cancellable,
                                        GError **error); /* → number of labels + 1 (GSIZE_TO_POINTER) */
/* @paths: NULL-terminated. */
gpointer cyt_project_job_read_merge (gpointer state, gpointer paths, GCancellable *cancellable,
                                     GError **error); /* → CytLabelsMerge */

typedef struct
{
  gint64 dataset;
  char *root;
} CytRootRequest;
void cyt_root_request_free (CytRootRequest *self);
gpointer cyt_project_job_set_root (gpointer state, gpointer request, GCancellable *cancellable,
                                   GError **error); /* → TRUE */

typedef struct
{
  gint64 dataset;
  double pixel_size;   /* µm; NAN: unknown */
} CytPixelSizeRequest;
gpointer cyt_project_job_set_pixel_size (gpointer state, gpointer request, GCancellable *cancellable,
                                         GError **error); /* → TRUE */

/* Whether any of some images spread over the data set (a gint64) is where it was. */
gpointer cyt_project_job_find_images (gpointer state, gpointer dataset, GCancellable *cancellable,
                                      GError **error); /* → 1 none is, 2 some are (GINT_TO_POINTER) */

/* Does nothing: what was asked of the worker before is done when it returns. */
gpointer cyt_project_job_wait (gpointer state, gpointer data, GCancellable *cancellable, GError **error);

G_END_DECLS
