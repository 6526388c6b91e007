/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-project-jobs-figure.h"
#include "cyt-session.h"

G_BEGIN_DECLS

/* Figures are made, drawn and written on a thread of their own. */

/* A choice of @kind with what shows: data set, overlay, the selected and marked latents, the cell that is looked at.
 * (transfer full) */
CytFigureChoice *cyt_session_create_figure_choice (CytSession *self, CytFigureKind kind);
/* What can be drawn of the project without more: of CytFigureChoice; the one that belongs to the page that shows is first.
 * Figures of patients are theirs to offer. (transfer full) */
GPtrArray *cyt_session_list_figure_choices (CytSession *self);

/* The figure as it will be, @scale pixels to a point. */
void cyt_session_draw_figure_async (CytSession *self, const CytFigureChoice *choice, const CytFigureLayout *layout,
                                    double scale, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* Needs no session, which may be gone by then, as the other. (transfer full) */
CytFigureView *cyt_session_draw_figure_finish (GAsyncResult *result, GError **error);
/* Writes it; the file appears complete or not at all. */
void cyt_session_write_figure_async (CytSession *self, const CytFigureChoice *choice, const CytFigureLayout *layout,
                                     const char *path, GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean cyt_session_write_figure_finish (GAsyncResult *result, GError **error);

G_END_DECLS
