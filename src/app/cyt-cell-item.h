/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* One top cell of a latent as the grid shows it. Immutable once made, so it may be made on the project
 * worker's thread. */
#define CYT_TYPE_CELL_ITEM (cyt_cell_item_get_type ())
G_DECLARE_FINAL_TYPE (CytCellItem, cyt_cell_item, CYT, CELL_ITEM, GObject)

/* @path: absolute path of the image; @thumbnail: JPEG or NULL. (transfer full) cell, path, thumbnail;
 * @top is copied. */
CytCellItem *cyt_cell_item_new (CytCell *cell, char *path, GBytes *thumbnail, const CytTopCell *top);

/* The same cell with another map, as @top says, which is copied. */
CytCellItem *cyt_cell_item_new_with_map (CytCellItem *self, const CytTopCell *top);

const CytCell *cyt_cell_item_get_cell (CytCellItem *self);
const char *cyt_cell_item_get_path (CytCellItem *self);
GBytes *cyt_cell_item_get_thumbnail (CytCellItem *self);
const CytTopCell *cyt_cell_item_get_top (CytCellItem *self);
/* Largest activation of any patch; 0 when it fires on CLS alone. */
float cyt_cell_item_get_max (CytCellItem *self);

G_END_DECLS
