/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-keys.h"
#include "cyt-table-sort.h"

#define SORTED "cyt-sorted"   /* 1 + number of the column that was chosen last; negative: downwards */

static void
sort_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkColumnView *table = user_data;
  int chosen = 1 + g_variant_get_int32 (parameter);
  gboolean again = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (table), SORTED)) == chosen;
  g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (gtk_column_view_get_columns (table), chosen - 1);

  g_object_set_data (G_OBJECT (table), SORTED, GINT_TO_POINTER (again ? -chosen : chosen));
  gtk_column_view_sort_by_column (table, column, again ? GTK_SORT_DESCENDING : GTK_SORT_ASCENDING);
  gtk_widget_grab_focus (GTK_WIDGET (table));
}

static GMenuModel *
make_menu (GtkColumnView *table)
{
  GListModel *columns = gtk_column_view_get_columns (table);
  g_autoptr (GMenu) menu = g_menu_new ();
  GMenu *section = g_menu_new ();

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);
      g_autoptr (GMenuItem) item = g_menu_item_new (gtk_column_view_column_get_title (column), NULL);

      if (gtk_column_view_column_get_sorter (column) == NULL || !gtk_column_view_column_get_visible (column))
        continue;
      g_menu_item_set_action_and_target (item, "sort.by", "i", (int) i);
      g_menu_append_item (section, item);
    }
  g_menu_append_section (menu, _("Sort By"), G_MENU_MODEL (section));
  g_object_unref (section);
  return G_MENU_MODEL (g_steal_pointer (&menu));
}

static gboolean
unparent_cb (gpointer popover)
{
  gtk_widget_unparent (popover);
  return G_SOURCE_REMOVE;
}

/* Not at once: the entry that closes it acts afterwards. */
static void
closed_cb (GtkWidget *popover)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, unparent_cb, g_object_ref (popover), g_object_unref);
}

static gboolean
key_cb (GtkColumnView *table, guint key, guint code, GdkModifierType state)
{
  g_autoptr (GMenuModel) menu = NULL;
  GtkWidget *popover;

  if (key != GDK_KEY_s || cyt_keys_has_modifier (state))
    return GDK_EVENT_PROPAGATE;
  menu = make_menu (table);
  popover = gtk_popover_menu_new_from_model (menu);
  gtk_widget_set_parent (popover, gtk_widget_get_parent (GTK_WIDGET (table)));
  gtk_widget_insert_action_group (popover, "sort", G_ACTION_GROUP (g_object_get_data (G_OBJECT (table), "cyt-sort")));
  gtk_popover_set_has_arrow (GTK_POPOVER (popover), FALSE);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover), &(GdkRectangle){ 24, 24, 1, 1 });
  g_signal_connect (popover, "closed", G_CALLBACK (closed_cb), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
  return GDK_EVENT_STOP;
}

void
cyt_table_sort_install (GtkColumnView *table)
{
  const GActionEntry entries[] = { { .name = "by", .parameter_type = "i", .activate = sort_cb } };
  GtkEventController *keys = gtk_event_controller_key_new ();
  GSimpleActionGroup *group = g_simple_action_group_new ();

  g_return_if_fail (GTK_IS_COLUMN_VIEW (table));

  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), table);
  g_object_set_data_full (G_OBJECT (table), "cyt-sort", group, g_object_unref);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_cb), table, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (table), keys);
}
