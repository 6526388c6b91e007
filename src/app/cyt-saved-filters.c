/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-saved-filters.h"

struct _CytSavedFilters
{
  GtkPopover parent_instance;

  CytSession *session;
  GtkWidget *empty;
  GtkWidget *scroller;
  GtkListBox *rows;
  GtkWidget *save_box;
  GtkEditable *name;
  GtkWidget *save;
};

G_DEFINE_FINAL_TYPE (CytSavedFilters, cyt_saved_filters, GTK_TYPE_POPOVER)

static const char *
get_name (GtkWidget *row)
{
  return g_object_get_data (G_OBJECT (row), "name");
}

static void
row_activated_cb (CytSavedFilters *self, GtkListBoxRow *row)
{
  if (cyt_session_apply_saved_filter (self->session, get_name (GTK_WIDGET (row))))
    gtk_popover_popdown (GTK_POPOVER (self));
}

/* ---- Rename and delete ---- */

static GtkWidget *
find_row (GtkWidget *widget)
{
  return gtk_widget_get_ancestor (widget, GTK_TYPE_LIST_BOX_ROW);
}

static void
renamed_cb (GtkWidget *entry, CytSavedFilters *self)
{
  GtkWidget *row = find_row (entry);
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry))));
  g_autofree char *old = g_strdup (get_name (row));

  if (name[0] != '\0' && !g_str_equal (name, old))
    cyt_session_rename_saved_filter (self->session, old, name);
}

static void
rename_cb (GtkWidget *button, CytSavedFilters *self)
{
  GtkWidget *row = find_row (button), *entry = gtk_entry_new ();

  gtk_editable_set_text (GTK_EDITABLE (entry), get_name (row));
  gtk_entry_set_max_length (GTK_ENTRY (entry), 100);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _("New name"), -1);
  g_signal_connect_object (entry, "activate", G_CALLBACK (renamed_cb), self, 0);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), entry);
  gtk_widget_grab_focus (entry);
}

static void
delete_cb (GtkWidget *button, CytSavedFilters *self)
{
  g_autofree char *name = g_strdup (get_name (find_row (button)));

  gtk_widget_grab_focus (GTK_WIDGET (self->name));
  cyt_session_delete_saved_filter (self->session, name);
}

static GtkWidget *
make_button (CytSavedFilters *self, const char *icon, const char *tooltip, GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_object (button, "clicked", callback, self, 0);
  return button;
}

static GtkWidget *
make_row (CytSavedFilters *self, const char *name)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  GtkWidget *label = gtk_label_new (name);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (box), label);
  if (!cyt_session_is_read_only (self->session))
    {
      gtk_box_append (GTK_BOX (box),
                      make_button (self, "document-edit-symbolic", _("Rename"), G_CALLBACK (rename_cb)));
      gtk_box_append (GTK_BOX (box), make_button (self, "user-trash-symbolic", _("Delete"), G_CALLBACK (delete_cb)));
    }
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_tooltip_text (row, _("Apply this filter"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (G_OBJECT (row), "name", g_strdup (name), g_free);
  return row;
}

static void
update_rows (CytSavedFilters *self)
{
  GListModel *names = cyt_session_get_saved_filters (self->session);
  guint n = g_list_model_get_n_items (names);
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->rows, 0)) != NULL)
    gtk_list_box_remove (self->rows, GTK_WIDGET (row));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GtkStringObject) name = g_list_model_get_item (names, i);

      gtk_list_box_append (self->rows, make_row (self, gtk_string_object_get_string (name)));
    }
  gtk_widget_set_visible (self->empty, n == 0);
  gtk_widget_set_visible (self->scroller, n > 0);
  gtk_widget_set_visible (self->save_box, !cyt_session_is_read_only (self->session));
}

/* ---- Save ---- */

static void
name_changed_cb (CytSavedFilters *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (self->name)));

  gtk_widget_set_sensitive (self->save, name[0] != '\0');
}

static void
save_cb (CytSavedFilters *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (self->name)));

  if (name[0] == '\0')
    return;
  cyt_session_save_filter (self->session, name);
  gtk_editable_set_text (self->name, "");
}

static void
cyt_saved_filters_show (GtkWidget *widget)
{
  CytSavedFilters *self = CYT_SAVED_FILTERS (widget);

  if (self->session != NULL)
    update_rows (self);
  GTK_WIDGET_CLASS (cyt_saved_filters_parent_class)->show (widget);
}

void
cyt_saved_filters_set_session (CytSavedFilters *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_SAVED_FILTERS (self) && self->session == NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (cyt_session_get_saved_filters (session), "items-changed", G_CALLBACK (update_rows), self,
                           G_CONNECT_SWAPPED);
}

/* ---- GObject ---- */

static void
cyt_saved_filters_dispose (GObject *object)
{
  CytSavedFilters *self = CYT_SAVED_FILTERS (object);

  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), CYT_TYPE_SAVED_FILTERS);
  G_OBJECT_CLASS (cyt_saved_filters_parent_class)->dispose (object);
}

static void
cyt_saved_filters_class_init (CytSavedFiltersClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_saved_filters_dispose;
  widget_class->show = cyt_saved_filters_show;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-saved-filters.ui");
  gtk_widget_class_bind_template_child (widget_class, CytSavedFilters, empty);
  gtk_widget_class_bind_template_child (widget_class, CytSavedFilters, scroller);
  gtk_widget_class_bind_template_child (widget_class, CytSavedFilters, rows);
  gtk_widget_class_bind_template_child (widget_class, CytSavedFilters, save_box);
  gtk_widget_class_bind_template_child (widget_class, CytSavedFilters, name);
  gtk_widget_class_bind_template_child (widget_class, CytSavedFilters, save);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, name_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
}

static void
cyt_saved_filters_init (CytSavedFilters *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
