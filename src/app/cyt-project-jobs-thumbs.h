/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-project-jobs.h"

G_BEGIN_DECLS

/* The best cells of the latents whose rows show in the list: one job for all of them. */
typedef struct
{
  gint64 dataset;
  GArray *latents;         /* of guint32 */
  guint n_best;            /* of each */
} CytThumbsRequest;
CytThumbsRequest *cyt_thumbs_request_new (gint64 dataset, GArray *latents, guint n_best);
void cyt_thumbs_request_free (CytThumbsRequest *self);

gpointer cyt_project_job_load_thumbs (gpointer state, gpointer data, GCancellable *cancellable,
                                      GError **error); /* → GPtrArray of CytBestCell */

G_END_DECLS
