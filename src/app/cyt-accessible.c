/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-accessible.h"
#include "cyt-table-sort.h"

#include <glib/gi18n.h>

static void
name_by (GtkWidget *part, GtkWidget *label)
{
  if (part != NULL && label != NULL)
    gtk_accessible_update_relation (GTK_ACCESSIBLE (part), GTK_ACCESSIBLE_RELATION_LABELLED_BY, label, NULL, -1);
}

/* Labels of expanders count edits: they change. */
static void
name_expander (GtkExpander *expander)
{
  const char *label = gtk_expander_get_label (expander);

  if (label != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (expander), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
name_table (GtkWidget *table)
{
  for (GtkWidget *child = gtk_widget_get_first_child (table); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_LIST_VIEW (child))
      name_by (child, table);
}

/* GTK 4.8 goes through all rows with Tab, thousands of them. A view that cannot take the focus is passed over. */
static gboolean
tab_cb (GtkWidget *view, guint key, guint code, GdkModifierType state)
{
  if ((key != GDK_KEY_Tab && key != GDK_KEY_ISO_Left_Tab) || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  gtk_widget_set_can_focus (view, FALSE);
  g_signal_emit_by_name (gtk_widget_get_root (view), "move-focus",
                         key == GDK_KEY_Tab ? GTK_DIR_TAB_FORWARD : GTK_DIR_TAB_BACKWARD);
  gtk_widget_set_can_focus (view, TRUE);
  return GDK_EVENT_STOP;
}

static void
let_tab_out (GtkWidget *view)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (tab_cb), view, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (view, keys);
}

void
cyt_accessible_complete (GtkWidget *root)
{
  g_return_if_fail (GTK_IS_WIDGET (root));

  if (GTK_IS_DROP_DOWN (root))
    {
      name_by (gtk_widget_get_first_child (root), root);
      return;
    }
  if (GTK_IS_COLUMN_VIEW (root) || GTK_IS_LIST_VIEW (root) || GTK_IS_GRID_VIEW (root))
    {
      name_table (root);
      let_tab_out (root);
      if (GTK_IS_COLUMN_VIEW (root))
        cyt_table_sort_install (GTK_COLUMN_VIEW (root));
      return;
    }
  if (GTK_IS_EXPANDER (root))
    {
      name_expander (GTK_EXPANDER (root));
      g_signal_connect (root, "notify::label", G_CALLBACK (name_expander), NULL);
    }
  else if (GTK_IS_PANED (root))
    gtk_accessible_update_property (GTK_ACCESSIBLE (root), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Divider"), -1);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    cyt_accessible_complete (child);
}

gboolean
cyt_accessible_focus_children (GtkWidget *widget, GtkDirectionType direction)
{
  gboolean back = direction == GTK_DIR_TAB_BACKWARD;
  GtkWidget *child = gtk_widget_get_focus_child (widget);

  if (child == NULL)
    child = back ? gtk_widget_get_last_child (widget) : gtk_widget_get_first_child (widget);
  while (child != NULL && !gtk_widget_child_focus (child, direction))
    child = back ? gtk_widget_get_prev_sibling (child) : gtk_widget_get_next_sibling (child);
  return child != NULL;
}
