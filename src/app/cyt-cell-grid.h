/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The selected latent: its heading, the grid of its cells, and the controls of the overlay. */
#define CYT_TYPE_CELL_GRID (cyt_cell_grid_get_type ())
G_DECLARE_FINAL_TYPE (CytCellGrid, cyt_cell_grid, CYT, CELL_GRID, GtkWidget)

void cyt_cell_grid_set_session (CytCellGrid *self, CytSession *session);
/* Keys of how cells are shown, wherever on the page the focus is: Space, H, brackets, Ctrl with + − 0.
 * Whether it was one of them. */
gboolean cyt_cell_grid_press_key (CytCellGrid *self, guint key, GdkModifierType state);
void cyt_cell_grid_release_key (CytCellGrid *self, guint key);
/* Gives the focus to the cells. */
void cyt_cell_grid_focus_cells (CytCellGrid *self);

G_END_DECLS
