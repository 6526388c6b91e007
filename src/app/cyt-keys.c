/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-keys.h"

static GtkWidget *
get_focus (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);

  return root != NULL ? gtk_root_get_focus (root) : NULL;
}

gboolean
cyt_keys_is_typing (GtkWidget *widget)
{
  GtkWidget *focus = get_focus (widget);

  return focus != NULL && (GTK_IS_EDITABLE (focus) || GTK_IS_TEXT_VIEW (focus));
}

gboolean
cyt_keys_is_on_control (GtkWidget *widget)
{
  GtkWidget *focus = get_focus (widget);

  return focus != NULL
         && (GTK_IS_BUTTON (focus) || GTK_IS_DROP_DOWN (focus) || GTK_IS_CHECK_BUTTON (focus) || GTK_IS_SWITCH (focus)
             || GTK_IS_EXPANDER (focus) || GTK_IS_MENU_BUTTON (focus));
}

gboolean
cyt_keys_has_modifier (GdkModifierType state)
{
  return (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) != 0;
}
