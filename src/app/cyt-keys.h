/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Whether a view may take a key for itself. Keys without modifiers mean something in every view ("n", "1", Space), but
 * not while somebody is typing, and not where a focused control has a use of its own for them. */

/* The window of @widget has its focus in a text. */
gboolean cyt_keys_is_typing (GtkWidget *widget);
/* Space and Enter belong to the focused control: a button, a menu, a check box. */
gboolean cyt_keys_is_on_control (GtkWidget *widget);
/* @state holds Control, Alt or Super: a shortcut of the application. */
gboolean cyt_keys_has_modifier (GdkModifierType state);

/* Lets cyt_keys_is_pointing() know what happens in a window. */
void cyt_keys_watch (GtkWindow *window);
/* The pointer was moved since a key was last pressed in the window of @widget, and since that opened: tooltips of what
 * happens to come to lie under a resting pointer would only be in the way. TRUE in a window that is not watched. */
gboolean cyt_keys_is_pointing (GtkWidget *widget);

G_END_DECLS
