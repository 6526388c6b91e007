/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "figures/cyt-concept-figure.h"

#include "cyt-project-jobs-figure.h"

#define N_CELLS 8

void
cyt_figure_request_free (CytFigureRequest *self)
{
  g_free (self->path);
  g_free (self);
}

gpointer
cyt_project_job_write_figure (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectState *self = state;
  CytFigureRequest *request = data;

  return GINT_TO_POINTER (cyt_concept_figure_write_png (request->path, self->project, request->dataset,
                                                        &request->latent, 1, N_CELLS, &request->style, error));
}
