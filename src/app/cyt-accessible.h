/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What GTK 4.8 leaves undone below @root. Names for screen readers of what takes the focus and has none: the buttons
 * inside drop-downs and the rows' view inside tables (named as the whole), expanders (by their label) and dividers.
 * And Tab leads out of lists, grids and tables, not through their rows; tables are sorted by a key (cyt-table-sort). Once, after the template is there. */
void cyt_accessible_complete (GtkWidget *root);

/* The focus() of a widget that takes no focus itself and has a grab_focus() of its own: GTK's would grab at every Tab,
 * and pass over what comes before the place where the page begins. */
gboolean cyt_accessible_focus_children (GtkWidget *widget, GtkDirectionType direction);

G_END_DECLS
