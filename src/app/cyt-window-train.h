/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-window.h"

G_BEGIN_DECLS

/* The window's way to training an autoencoder: win.train. */
void cyt_window_train_install (GtkWidgetClass *klass);
/* Says that trainings were interrupted, if some were, once in the life of the program. */
void cyt_window_train_offer (CytWindow *self);

G_END_DECLS
