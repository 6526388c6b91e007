/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-cell-scroll.h"
#include "cyt-gallery-model.h"
#include "cyt-session.h"

G_BEGIN_DECLS

/* Any number of cells in a scrollable grid. It draws them itself: what is out of sight costs nothing, and pictures
 * that scroll away before they are read are not read. */
#define CYT_TYPE_GALLERY (cyt_gallery_get_type ())
G_DECLARE_FINAL_TYPE (CytGallery, cyt_gallery, CYT, GALLERY, CytCellScroll)

/* Takes the size of the cells from @session. */
void cyt_gallery_set_model (CytGallery *self, CytSession *session, CytGalleryModel *model);

G_END_DECLS
