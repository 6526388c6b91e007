/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The question who is labelling, asked once in a life, after the first edit. It takes no focus and holds nothing up:
 * edits are saved meanwhile and signed by the answer. Who closes it is asked again at the next edit of the next session.
 *
 * Signal "done": it was answered or closed while it had the focus. */
#define CYT_TYPE_RATER_BAR (cyt_rater_bar_get_type ())
G_DECLARE_FINAL_TYPE (CytRaterBar, cyt_rater_bar, CYT, RATER_BAR, GtkWidget)

void cyt_rater_bar_set_session (CytRaterBar *self, CytSession *session);

G_END_DECLS
