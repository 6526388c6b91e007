/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-cell-scroll.h"
#include "cyt-session.h"

G_BEGIN_DECLS

/* The session's cells, section by section, in one scrollable grid: only the tiles that can be seen are
 * widgets, and they are used again. */
#define CYT_TYPE_CELL_GRID_VIEW (cyt_cell_grid_view_get_type ())
G_DECLARE_FINAL_TYPE (CytCellGridView, cyt_cell_grid_view, CYT, CELL_GRID_VIEW, CytCellScroll)

void cyt_cell_grid_view_set_session (CytCellGridView *self, CytSession *session);
/* Takes the focus; a cursor that was nowhere goes to the best cell. */
void cyt_cell_grid_view_focus_cells (CytCellGridView *self);
/* Back to the best cells. */
void cyt_cell_grid_view_scroll_to_top (CytCellGridView *self);
/* Over the session's cells; (transfer none). */
GtkSelectionModel *cyt_cell_grid_view_get_selection (CytCellGridView *self);
/* The selected cells, of CytCellItem, in the order of the session's; (transfer full). */
GPtrArray *cyt_cell_grid_view_list_selected (CytCellGridView *self);

G_END_DECLS
