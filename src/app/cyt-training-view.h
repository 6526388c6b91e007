/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "cyt-session.h"

G_BEGIN_DECLS

/* A training under way, paused, done or failed: curves, progress, and what can be done about it.
 * Signals: "index" (encoder, images, sae): what was trained is to be used; "back": back to the choice. */
#define CYT_TYPE_TRAINING_VIEW (cyt_training_view_get_type ())
G_DECLARE_FINAL_TYPE (CytTrainingView, cyt_training_view, CYT, TRAINING_VIEW, GtkWidget)

/* Once. */
void cyt_training_view_set_session (CytTrainingView *self, CytSession *session);

G_END_DECLS
