/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The list of latents: search, filters, order, and what is done with those that show. */
#define CYT_TYPE_LATENT_LIST (cyt_latent_list_get_type ())
G_DECLARE_FINAL_TYPE (CytLatentList, cyt_latent_list, CYT, LATENT_LIST, GtkWidget)

void cyt_latent_list_set_session (CytLatentList *self, CytSession *session);
void cyt_latent_list_focus_search (CytLatentList *self);
/* Opens the dialog that labels the selected latents at once. */
void cyt_latent_list_label_selected (CytLatentList *self);
/* Opens the panel of filters, or closes it. */
void cyt_latent_list_toggle_filters (CytLatentList *self);
void cyt_latent_list_focus_rows (CytLatentList *self);
/* Whether the focus is on one of the rows. */
gboolean cyt_latent_list_has_rows_focus (CytLatentList *self);

G_END_DECLS
