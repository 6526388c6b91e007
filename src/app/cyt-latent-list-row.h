/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-latent-thumbs.h"

G_BEGIN_DECLS

/* A row of the list of latents: the best cells, then number and name with the status, class with purity and entropy,
 * frequency with mean and maximum activation. It draws all that itself: a list view keeps some 200 rows, and with
 * widgets in each of them every new order costs more than a frame, of which only the rows on screen are seen.
 *
 * Property "header": draws the titles of the columns instead. */
#define CYT_TYPE_LATENT_LIST_ROW (cyt_latent_list_row_get_type ())
G_DECLARE_FINAL_TYPE (CytLatentListRow, cyt_latent_list_row, CYT, LATENT_LIST_ROW, GtkWidget)

CytLatentListRow *cyt_latent_list_row_new (CytLatentModel *model, CytLatentThumbs *thumbs);
/* -1 for nothing. */
void cyt_latent_list_row_set_latent (CytLatentListRow *self, gint64 latent);
gint64 cyt_latent_list_row_get_latent (CytLatentListRow *self);
/* Of the header: what is sorted by, which a place may be for. */
void cyt_latent_list_row_set_header_sort (CytLatentListRow *self, CytLatentSort sort);
/* Of the header: the CytLatentSort whose title is at a point of it. */
int cyt_latent_list_row_get_sort_at (CytLatentListRow *self, double x, double y);

G_END_DECLS
