/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <adwaita.h>
#include <string.h>

#include "cyt-settings.h"
#include "cyt-welcome.h"

struct _CytWelcome
{
  GtkWidget parent_instance;
  GtkWidget *recent_box;
  GtkListBox *recent;
};

enum
{
  OPEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CytWelcome, cyt_welcome, GTK_TYPE_WIDGET)

static void
row_activated_cb (CytWelcome *self, GtkListBoxRow *row)
{
  g_signal_emit (self, signals[OPEN], 0, g_object_get_data (G_OBJECT (row), "path"));
}

static void
load_recent (CytWelcome *self)
{
  g_auto (GStrv) paths = cyt_settings_list_recent ();
  const char *home = g_get_home_dir ();

  for (gsize i = 0; paths[i] != NULL; i++)
    {
      GtkWidget *row = adw_action_row_new ();
      g_autofree char *name = g_path_get_basename (paths[i]);
      g_autofree char *folder = g_path_get_dirname (paths[i]);
      g_autofree char *title = g_filename_display_name (name);
      g_autofree char *subtitle = NULL;

      if (g_str_has_prefix (folder, home))
        {
          g_autofree char *short_folder = g_strconcat ("~", folder + strlen (home), NULL);

          subtitle = g_filename_display_name (short_folder);
        }
      else
        subtitle = g_filename_display_name (folder);
      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name ("go-next-symbolic"));
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      g_object_set_data_full (G_OBJECT (row), "path", g_strdup (paths[i]), g_free);
      gtk_list_box_append (self->recent, row);
    }
  gtk_widget_set_visible (self->recent_box, paths[0] != NULL);
}

static void
cyt_welcome_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_welcome_parent_class)->dispose (object);
}

static void
cyt_welcome_class_init (CytWelcomeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_welcome_dispose;
  signals[OPEN] = g_signal_new ("open", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-welcome.ui");
  gtk_widget_class_bind_template_child (widget_class, CytWelcome, recent_box);
  gtk_widget_class_bind_template_child (widget_class, CytWelcome, recent);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
cyt_welcome_init (CytWelcome *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  load_recent (self);
}
