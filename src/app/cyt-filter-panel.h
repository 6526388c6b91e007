/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* Where the filter of the list is set, criterion by criterion; the list follows every change at once. */
#define CYT_TYPE_FILTER_PANEL (cyt_filter_panel_get_type ())
G_DECLARE_FINAL_TYPE (CytFilterPanel, cyt_filter_panel, CYT, FILTER_PANEL, GtkPopover)

void cyt_filter_panel_set_session (CytFilterPanel *self, CytSession *session);

G_END_DECLS
