/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The cell that is looked at, large: as large as there is room, with the map of the selected latent over it. The
 * pointer or the arrow keys choose a patch; what is chosen becomes the inspection's place.
 *
 * Property "hovered" (token under the pointer, -1: none; notifies). */
#define CYT_TYPE_CELL_VIEW (cyt_cell_view_get_type ())
G_DECLARE_FINAL_TYPE (CytCellView, cyt_cell_view, CYT, CELL_VIEW, GtkWidget)

void cyt_cell_view_set_session (CytCellView *self, CytSession *session);
int cyt_cell_view_get_hovered (CytCellView *self);
/* Whether a thumbnail, or nothing, stands in for the image. */
gboolean cyt_cell_view_is_missing (CytCellView *self);

G_END_DECLS
