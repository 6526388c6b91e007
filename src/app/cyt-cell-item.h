/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* Whether the cell's map of the latent is known. */
typedef enum
{
  CYT_CELL_MAP_KNOWN,
  CYT_CELL_MAP_UNPUBLISHED,  /* and never will be: only statistics were published */
  CYT_CELL_MAP_WANTED,       /* not stored: the models can tell */
  CYT_CELL_MAP_FAILED,       /* they could not */
} CytCellMapState;

/* One cell of a latent as the grid shows it. It may be made on the project worker's thread; then only its
 * map may still come, on the main thread.
 *
 * Signal "map-changed". */
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
/* Largest activation of any patch; 0 when it fires on CLS alone, or its map is not known. */
float cyt_cell_item_get_max (CytCellItem *self);

CytCellMapState cyt_cell_item_get_map_state (CytCellItem *self);
/* For one made without a map: it can be computed. */
void cyt_cell_item_want_map (CytCellItem *self);
void cyt_cell_item_set_map (CytCellItem *self, const CytSparseMap *map);
/* @why: a line for the user. */
void cyt_cell_item_set_map_failed (CytCellItem *self, const char *why);
const char *cyt_cell_item_get_map_failure (CytCellItem *self); /* NULL unless it failed */

G_END_DECLS
