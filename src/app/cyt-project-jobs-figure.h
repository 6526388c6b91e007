/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gdk/gdk.h>

#include "cyt-figure-choice.h"

G_BEGIN_DECLS

/* The thread that makes figures: it has a connection of its own, and keeps the figure that it made last, since most of
 * what is changed in the dialog is only how it is drawn. */
typedef struct
{
  char *path;                /* of the project */
  CytModelStore *store;
  CytProject *project;       /* NULL until the first job */
  CytFigure *figure;         /* NULL: none yet */
  CytFigureChoice *choice;   /* what it is */
} CytFigureState;
CytFigureState *cyt_figure_state_new (const char *path, CytModelStore *store);
void cyt_figure_state_free (CytFigureState *self);

typedef struct
{
  CytFigureChoice *choice;
  CytFigureLayout layout;
  double scale;              /* pixels to a point, to draw it; */
  char *path;                /* or NULL; where to write it */
} CytFigureRequest;
void cyt_figure_request_free (CytFigureRequest *self);

/* A figure as it will be. */
typedef struct
{
  GdkTexture *texture;
  char *caption;
  double height;             /* mm */
} CytFigureView;
void cyt_figure_view_free (CytFigureView *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytFigureView, cyt_figure_view_free)

gpointer cyt_project_job_draw_figure (gpointer state, gpointer data, GCancellable *cancellable, GError **error); /* → CytFigureView */
gpointer cyt_project_job_write_figure (gpointer state, gpointer data, GCancellable *cancellable,
                                       GError **error); /* → GINT_TO_POINTER (TRUE) */

G_END_DECLS
