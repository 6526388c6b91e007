/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Sorting a table by the keyboard, which does not reach the titles of columns in GTK 4.8: S in the table opens a menu of
 * them. A column is sorted as a click on its title would; chosen again, the other way round. */
void cyt_table_sort_install (GtkColumnView *table);

G_END_DECLS
