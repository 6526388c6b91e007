/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* Says that the images of the data set that shows are not where they were, and offers to locate them. Shows itself. */
#define CYT_TYPE_MISSING_BANNER (cyt_missing_banner_get_type ())
G_DECLARE_FINAL_TYPE (CytMissingBanner, cyt_missing_banner, CYT, MISSING_BANNER, GtkWidget)

void cyt_missing_banner_set_session (CytMissingBanner *self, CytSession *session);

G_END_DECLS
