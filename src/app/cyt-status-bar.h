/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The bar at the window's foot: what is indexed, how long it takes, cancel or continue, and the images
 * that could not be read. */
#define CYT_TYPE_STATUS_BAR (cyt_status_bar_get_type ())
G_DECLARE_FINAL_TYPE (CytStatusBar, cyt_status_bar, CYT, STATUS_BAR, GtkWidget)

void cyt_status_bar_set_session (CytStatusBar *self, CytSession *session);

G_END_DECLS
