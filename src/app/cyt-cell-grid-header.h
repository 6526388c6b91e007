/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "cyt-cell-section.h"

G_BEGIN_DECLS

/* The heading of a section of the grid: of top cells the data set with its domain, how often the latent
 * fires there, and what is to be known of it; of a strip what its cells are. */
#define CYT_TYPE_CELL_GRID_HEADER (cyt_cell_grid_header_get_type ())
G_DECLARE_FINAL_TYPE (CytCellGridHeader, cyt_cell_grid_header, CYT, CELL_GRID_HEADER, GtkWidget)

CytCellGridHeader *cyt_cell_grid_header_new (CytCellSection *section);

G_END_DECLS
