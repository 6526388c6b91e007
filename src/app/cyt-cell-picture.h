/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-cell-item.h"
#include "cyt-session.h"

G_BEGIN_DECLS

/* Draws one cell with the overlay of its latent, as the session's overlay settings say: the picture
 * fitted into a square at the resolution of the device, the 16×16 map stretched over the picture. Where
 * there is neither image nor thumbnail it says so.
 *
 * Properties: "missing". */
#define CYT_TYPE_CELL_PICTURE (cyt_cell_picture_get_type ())
G_DECLARE_FINAL_TYPE (CytCellPicture, cyt_cell_picture, CYT, CELL_PICTURE, GtkWidget)

/* Side of the square that it asks for, in application pixels, until it is set. */
#define CYT_CELL_PICTURE_SIZE 160

/* @session may be NULL to let go of it. */
void cyt_cell_picture_set_session (CytCellPicture *self, CytSession *session);
void cyt_cell_picture_set_size (CytCellPicture *self, int size);
/* NULL for nothing; what was asked for before is cancelled. */
void cyt_cell_picture_set_item (CytCellPicture *self, CytCellItem *item);
/* Its picture is there, or it is known that there is none. */
gboolean cyt_cell_picture_is_loaded (CytCellPicture *self);
/* The image itself could not be read: what shows is the stored thumbnail, or nothing. */
gboolean cyt_cell_picture_is_missing (CytCellPicture *self);

G_END_DECLS
