/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* Where the cells and headings of the grid stand. Plain arithmetic on pixels, left to right; whoever
 * draws mirrors it where text runs from the right.
 *
 * Sections of one data set form a block: its top cells in rows, then its strips in smaller tiles, beside
 * each other or below as it takes less height, then those top cells that found no place above them. Blocks stand side by side as long as
 * each has room for CYT_CELL_GRID_MIN_COLUMNS tiles, else below each other. */

#define CYT_CELL_GRID_MIN_COLUMNS 2
/* Where there are strips, so many top cells come before them, filled up to whole rows. */
#define CYT_CELL_GRID_N_HEAD 8

typedef struct
{
  guint block;        /* sections of one block follow each other */
  gboolean strip;
  guint n_cells;
  int header_height;  /* 0: none */
} CytCellGridSection;

typedef struct
{
  int width;                            /* to fill */
  int tile_width, tile_height;
  int strip_tile_width, strip_tile_height;
  int gap;                              /* between tiles */
  int block_gap;                        /* between blocks, and above a strip or a remainder */
  int rest_height;                      /* of the heading above a remainder of top cells */
} CytCellGridMetrics;

typedef struct
{
  guint n_sections, n_cells;
  int height;
  GdkRectangle *headers;   /* (n_sections), height 0 where there is none */
  GdkRectangle *rests;     /* (n_sections) headings of the remainders, height 0 where there is none */
  guint *rest_from;        /* (n_sections) first cell of the remainder, counted within the section */
  GdkRectangle *cells;     /* (n_cells), section by section */
  guint *order;            /* (n_cells) cells as the eye meets them: by block, row, column */
  guint *place;            /* (n_cells) the inverse of order */
} CytCellGridLayout;

/* Blocks that stand side by side, and how wide each is. */
guint cyt_cell_grid_layout_get_n_across (const CytCellGridMetrics *metrics, guint n_blocks, int *block_width);
/* How wide a strip is in a block of @block_width with so many, the longest of @n_cells. */
int cyt_cell_grid_layout_get_strip_width (const CytCellGridMetrics *metrics, int block_width, guint n_strips,
                                          guint n_cells);

CytCellGridLayout *cyt_cell_grid_layout_new (const CytCellGridMetrics *metrics, const CytCellGridSection *sections,
                                             guint n_sections);
void cyt_cell_grid_layout_free (CytCellGridLayout *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytCellGridLayout, cyt_cell_grid_layout_free)

/* Cell at a point, or -1. */
int cyt_cell_grid_layout_pick (const CytCellGridLayout *self, double x, double y);
/* The nearest cell above (@direction < 0) or below; @cell itself when there is none. */
guint cyt_cell_grid_layout_step_row (const CytCellGridLayout *self, guint cell, int direction);

G_END_DECLS
