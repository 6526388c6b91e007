/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "figures/cyt-concepts-figure.h"

#include "cyt-project-jobs-figure.h"

void
cyt_figure_request_free (CytFigureRequest *self)
{
  g_free (self->path);
  g_free (self->dataset);
  g_free (self);
}

gpointer
cyt_project_job_write_figure (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytProjectState *self = state;
  CytFigureRequest *request = data;

  CytConceptsFigureRequest concepts = CYT_CONCEPTS_FIGURE_REQUEST_INIT;
  CytFigureLayout layout = { .width = CYT_FIGURE_LAYOUT_WIDTH, .dpi = CYT_FIGURE_LAYOUT_DPI };
  g_autoptr (CytFigure) figure = NULL;

  concepts.dataset = request->dataset;
  concepts.latents = &request->latent;
  concepts.n_latents = 1;
  concepts.overlay = request->style;
  figure = cyt_concepts_figure_new (self->project, &concepts, cancellable, error);
  return GINT_TO_POINTER (figure != NULL && cyt_figure_style_init (&layout.style, NULL, NULL, error)
                          && cyt_figure_write (figure, &layout, request->path, error));
}
