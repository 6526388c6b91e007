/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-cell-item.h"
#include "cyt-session.h"

G_BEGIN_DECLS

/* An item of the grid: the cell with its overlay, and under it rank, class, patient and score. It draws
 * its captions itself: another cell in it is drawn anew and lays nothing out. */
#define CYT_TYPE_CELL_TILE (cyt_cell_tile_get_type ())
G_DECLARE_FINAL_TYPE (CytCellTile, cyt_cell_tile, CYT, CELL_TILE, GtkWidget)

CytCellTile *cyt_cell_tile_new (CytSession *session);
/* @ranked: whether its rank is worth saying. */
void cyt_cell_tile_set_item (CytCellTile *self, CytCellItem *item, gboolean ranked);
CytCellItem *cyt_cell_tile_get_item (CytCellTile *self);
/* Whether it shows its picture, or that there is none. */
gboolean cyt_cell_tile_is_loaded (CytCellTile *self);
/* Side of the picture in application pixels, lines of captions (1 or 2). */
void cyt_cell_tile_set_size (CytCellTile *self, int size, guint n_lines);

/* Lines that a cell needs under a picture of @size. */
guint cyt_cell_tile_get_n_lines (int size, gboolean has_patient);

G_END_DECLS
