/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Columns of text for tables (GtkColumnView). */

/* Text of an item in a column (transfer full). */
typedef char *(*CytColumnTextFunc) (gpointer item, gpointer user_data);

/* @numeric: figures of one width, at the end. @compare: of two items, for sorting; NULL: not sortable. */
GtkColumnViewColumn *cyt_column_new (const char *title, gboolean numeric, CytColumnTextFunc text, GCompareDataFunc compare,
                                     gpointer user_data);
/* The same, with a dot of the palette's colour number @color_func before the text (-1: none). */
typedef int (*CytColumnColorFunc) (gpointer item, gpointer user_data);
GtkColumnViewColumn *cyt_column_new_colored (const char *title, CytColumnTextFunc text, CytColumnColorFunc color,
                                             GCompareDataFunc compare, gpointer user_data);

/* A row takes the focus and has no name in GTK 4.8: it gets @text, if @child is what its first cell holds. */
void cyt_column_name_row (GtkWidget *child, const char *text);

/* Order of two doubles, largest first, NAN last. */
int cyt_column_compare_doubles (double a, double b);

G_END_DECLS
