/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-latent-model.h"

G_BEGIN_DECLS

/* A row of the list of latents: number, name over class and purity, frequency, mean activation, status.
 * It draws its text itself: a list view keeps some 200 rows, and with labels in each of them every new
 * order costs more than a frame, of which only the rows on screen are seen.
 *
 * Property "header": draws the columns' titles instead. */
#define CYT_TYPE_LATENT_LIST_ROW (cyt_latent_list_row_get_type ())
G_DECLARE_FINAL_TYPE (CytLatentListRow, cyt_latent_list_row, CYT, LATENT_LIST_ROW, GtkWidget)

CytLatentListRow *cyt_latent_list_row_new (CytLatentModel *model);
/* -1 for nothing. */
void cyt_latent_list_row_set_latent (CytLatentListRow *self, gint64 latent);
gint64 cyt_latent_list_row_get_latent (CytLatentListRow *self);

G_END_DECLS
