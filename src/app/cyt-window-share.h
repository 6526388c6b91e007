/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-window.h"

G_BEGIN_DECLS

/* The window's actions that exchange files with other people: win.import-labels, win.export-labels, win.merge-labels,
 * win.pack, win.locate-images. */
void cyt_window_share_install (GtkWidgetClass *klass);
/* Enables those that the session allows now. */
void cyt_window_share_update (CytWindow *self);

G_END_DECLS
