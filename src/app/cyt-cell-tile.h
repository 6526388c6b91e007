/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-cell-item.h"
#include "cyt-session.h"

G_BEGIN_DECLS

/* An item of the grid: the cell with its overlay, and under it rank, class, patient and score. */
#define CYT_TYPE_CELL_TILE (cyt_cell_tile_get_type ())
G_DECLARE_FINAL_TYPE (CytCellTile, cyt_cell_tile, CYT, CELL_TILE, GtkWidget)

CytCellTile *cyt_cell_tile_new (CytSession *session);
void cyt_cell_tile_set_item (CytCellTile *self, CytCellItem *item);

G_END_DECLS
