/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-project-jobs-thumbs.h"

CytThumbsRequest *
cyt_thumbs_request_new (gint64 dataset, GArray *latents, guint n_best)
{
  CytThumbsRequest *self = g_new0 (CytThumbsRequest, 1);

  self->dataset = dataset;
  self->latents = g_array_copy (latents);
  self->n_best = n_best;
  return self;
}

void
cyt_thumbs_request_free (CytThumbsRequest *self)
{
  g_array_unref (self->latents);
  g_free (self);
}

gpointer
cyt_project_job_load_thumbs (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectState *self = state;
  CytThumbsRequest *request = data;

  return cyt_project_list_best_cells (self->project, request->dataset, (const guint32 *) request->latents->data,
                                      request->latents->len, request->n_best, error);
}
