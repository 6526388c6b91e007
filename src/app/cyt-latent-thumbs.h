/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The small pictures of the best cells of latents, for the rows that show: asked for by the screenful, so that a
 * list of 49,152 latents reads only what is looked at, and kept for those seen last. Of the data set that shows.
 *
 * Signal "changed" (latent): its pictures came. */
#define CYT_TYPE_LATENT_THUMBS (cyt_latent_thumbs_get_type ())
G_DECLARE_FINAL_TYPE (CytLatentThumbs, cyt_latent_thumbs, CYT, LATENT_THUMBS, GObject)

#define CYT_LATENT_N_THUMBS 3
#define CYT_LATENT_THUMB_SIZE 44  /* logical pixels */

CytLatentThumbs *cyt_latent_thumbs_new (CytSession *session);
/* What shows now, of guint32, in pictures of @scale device pixels per logical one; what shows no longer and was not
 * begun is forgotten. */
void cyt_latent_thumbs_want (CytLatentThumbs *self, GArray *latents, int scale);
/* (transfer none); NULL where there is no such cell or it has not come yet. */
GdkTexture *cyt_latent_thumbs_get (CytLatentThumbs *self, guint32 latent, guint i);

G_END_DECLS
