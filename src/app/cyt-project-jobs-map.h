/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-class-scores.h"
#include "analysis/cyt-decoder-map.h"

#include "cyt-project-jobs.h"

G_BEGIN_DECLS

/* What the map asks for. These take seconds, so they have a worker with a connection of its own (CytProjectState,
 * opened by the first job), and nobody who selects a latent waits for them. */

typedef struct
{
  char *path;            /* of the project */
  char *method;          /* of the projection, see cyt-decoder-map.h */
  CytModelFiles *files;  /* NULL: published */
  gint64 dataset;
} CytMapRequest;
CytMapRequest *cyt_map_request_new (const char *path, const char *method, CytModelFiles *files, gint64 dataset);
void cyt_map_request_free (CytMapRequest *self);

/* Reads the projection from the project, or computes it and keeps it there. */
gpointer cyt_project_job_load_projection (gpointer state, gpointer data, GCancellable *cancellable,
                                          GError **error); /* → CytProjection */
gpointer cyt_project_job_load_class_scores (gpointer state, gpointer data, GCancellable *cancellable,
                                            GError **error); /* → CytClassScores */

G_END_DECLS
