/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-window.h"

G_BEGIN_DECLS

/* The window's actions that exchange files with other people: win.import-labels, win.export-labels, win.merge-labels,
 * win.pack, win.locate-images. */
void cyt_window_share_install (GtkWidgetClass *klass);
/* Enables those that the session allows now. */
void cyt_window_share_update (CytWindow *self);
/* Tells that a data set has another pixel size, and how to have the one @before (µm; NAN: unknown) again. */
void cyt_window_share_tell_pixel_size (CytWindow *self, gint64 dataset, double before);

G_END_DECLS
