/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* Latents that may respond to how an image was made: data set, stain, size. Suspects are flagged, and marked as artefact
 * in one step that can be undone.
 *
 * Signal "activated" (latent): to open it. */
#define CYT_TYPE_CONFOUND_VIEW (cyt_confound_view_get_type ())
G_DECLARE_FINAL_TYPE (CytConfoundView, cyt_confound_view, CYT, CONFOUND_VIEW, GtkWidget)

void cyt_confound_view_set_session (CytConfoundView *self, CytSession *session);
/* Reads all cells again when it is next shown. */
void cyt_confound_view_reload (CytConfoundView *self);
/* Whether latents that are marked as artefact or rejected are left out. */
void cyt_confound_view_set_skip_marked (CytConfoundView *self, gboolean skip_marked);

G_END_DECLS
