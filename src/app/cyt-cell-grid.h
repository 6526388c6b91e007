/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The selected latent: its heading, the grid of its top cells, and the overlay's controls. */
#define CYT_TYPE_CELL_GRID (cyt_cell_grid_get_type ())
G_DECLARE_FINAL_TYPE (CytCellGrid, cyt_cell_grid, CYT, CELL_GRID, GtkWidget)

void cyt_cell_grid_set_session (CytCellGrid *self, CytSession *session);

G_END_DECLS
