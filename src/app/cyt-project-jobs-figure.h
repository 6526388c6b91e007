/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-overlay.h"

#include "cyt-project-jobs.h"

G_BEGIN_DECLS

/* A figure of one latent: its best cells in a data set, as `cytosae figure` draws them. */
typedef struct
{
  char *path;               /* of the PNG to be written */
  char *dataset;            /* name */
  guint latent;
  CytOverlayStyle style;
} CytFigureRequest;
void cyt_figure_request_free (CytFigureRequest *self);

gpointer cyt_project_job_write_figure (gpointer state, gpointer data, GCancellable *cancellable,
                                       GError **error); /* → GINT_TO_POINTER (TRUE) */

G_END_DECLS
