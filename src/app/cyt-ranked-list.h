/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The latents of the inspection's place, strongest first, with names and bars. Selecting one shows its map;
 * activating one opens its concept. */
#define CYT_TYPE_RANKED_LIST (cyt_ranked_list_get_type ())
G_DECLARE_FINAL_TYPE (CytRankedList, cyt_ranked_list, CYT, RANKED_LIST, GtkWidget)

void cyt_ranked_list_set_session (CytRankedList *self, CytSession *session);

G_END_DECLS
