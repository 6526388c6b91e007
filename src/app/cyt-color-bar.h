/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "figures/cyt-colormap.h"

G_BEGIN_DECLS

/* A strip of the colours of a map, from zero (left) to its top. */
#define CYT_TYPE_COLOR_BAR (cyt_color_bar_get_type ())
G_DECLARE_FINAL_TYPE (CytColorBar, cyt_color_bar, CYT, COLOR_BAR, GtkWidget)

void cyt_color_bar_set_colormap (CytColorBar *self, CytColormap colormap);

G_END_DECLS
