/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The view of all concepts at once: by frequency and activation, by the directions that they have in the decoder, and
 * by the classes on which they fire. Points that the list's filter hides step back; what is selected here becomes
 * a filter of the list. */
#define CYT_TYPE_MAP_PAGE (cyt_map_page_get_type ())
G_DECLARE_FINAL_TYPE (CytMapPage, cyt_map_page, CYT, MAP_PAGE, GtkWidget)

void cyt_map_page_set_session (CytMapPage *self, CytSession *session);

G_END_DECLS
