/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* Latents that are like another one, with two of their cells and the cosine; a row leads to its latent. */
#define CYT_TYPE_NEIGHBOUR_LIST (cyt_neighbour_list_get_type ())
G_DECLARE_FINAL_TYPE (CytNeighbourList, cyt_neighbour_list, CYT, NEIGHBOUR_LIST, GtkWidget)

/* Once. */
void cyt_neighbour_list_set_session (CytNeighbourList *self, CytSession *session);
/* Of CytRankedLatent, value the cosine; nothing of it is kept. */
void cyt_neighbour_list_set_latents (CytNeighbourList *self, GArray *latents);
/* Others are being looked for: what is shown goes pale, so that the card does not jump at every step through the
 * list. */
void cyt_neighbour_list_set_busy (CytNeighbourList *self);
/* Words instead of latents. */
void cyt_neighbour_list_set_message (CytNeighbourList *self, const char *message);
/* Reads the names of the latents again. */
void cyt_neighbour_list_update_names (CytNeighbourList *self);

G_END_DECLS
