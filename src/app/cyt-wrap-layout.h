/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Children at their natural width, one after the other, in as many lines as it takes. */
#define CYT_TYPE_WRAP_LAYOUT (cyt_wrap_layout_get_type ())
G_DECLARE_FINAL_TYPE (CytWrapLayout, cyt_wrap_layout, CYT, WRAP_LAYOUT, GtkLayoutManager)

G_END_DECLS
