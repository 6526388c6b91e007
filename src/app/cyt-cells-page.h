/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The page of all cells of the current data set: filtered, ordered, scrolled through. */
#define CYT_TYPE_CELLS_PAGE (cyt_cells_page_get_type ())
G_DECLARE_FINAL_TYPE (CytCellsPage, cyt_cells_page, CYT, CELLS_PAGE, GtkWidget)

void cyt_cells_page_set_session (CytCellsPage *self, CytSession *session);

G_END_DECLS
