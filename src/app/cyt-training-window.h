/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "cyt-session.h"

G_BEGIN_DECLS

/* The window in which an autoencoder is trained: the form, then the curves. Closing it leaves a training running; it shows
 * there again when the window is opened again. Signal "index" (encoder, images, sae): what was trained is to be used. */
#define CYT_TYPE_TRAINING_WINDOW (cyt_training_window_get_type ())
G_DECLARE_FINAL_TYPE (CytTrainingWindow, cyt_training_window, CYT, TRAINING_WINDOW, AdwWindow)

CytTrainingWindow *cyt_training_window_new (GtkWindow *parent, CytSession *session);

G_END_DECLS
