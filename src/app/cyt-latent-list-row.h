/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-latent-model.h"

G_BEGIN_DECLS

/* A row of the list of latents: number, name and class, frequency, mean activation, status. */
#define CYT_TYPE_LATENT_LIST_ROW (cyt_latent_list_row_get_type ())
G_DECLARE_FINAL_TYPE (CytLatentListRow, cyt_latent_list_row, CYT, LATENT_LIST_ROW, GtkWidget)

CytLatentListRow *cyt_latent_list_row_new (CytLatentModel *model);
/* -1 for nothing. */
void cyt_latent_list_row_set_latent (CytLatentListRow *self, gint64 latent);

G_END_DECLS
