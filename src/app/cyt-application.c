/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-application.h"
#include "cyt-resources.h"
#include "cyt-settings.h"
#include "cyt-window.h"

struct _CytApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (CytApplication, cyt_application, ADW_TYPE_APPLICATION)

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *parent = gtk_application_get_active_window (GTK_APPLICATION (user_data));

  adw_show_about_window (parent, "application-name", _("CytoSAE Explorer"), "application-icon", CYT_APP_ID,
                         "version", CYT_VERSION, "developer-name", _("The CytoSAE Explorer developers"),
                         "license-type", GTK_LICENSE_GPL_3_0, "comments",
                         _("Makes a vision model’s view of blood cells readable: on which cells, and where in "
                           "the cell, each latent of a sparse autoencoder fires, and what an expert calls "
                           "it.\n\nFor research; not a medical device."),
                         NULL);
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (user_data)));

  /* Each window writes what is unsaved before it goes; the last one ends the program. */
  for (GList *l = windows; l != NULL; l = l->next)
    if (CYT_IS_WINDOW (l->data))
      gtk_window_close (GTK_WINDOW (l->data));
}

static const GActionEntry actions[] = {
  { .name = "about", .activate = about_action },
  { .name = "quit", .activate = quit_action },
};

static const struct
{
  const char *action;
  const char *accels[3];
} accels[] = {
  { "app.quit", { "<Control>q" } },
  { "window.close", { "<Control>w" } },
  { "win.new", { "<Control>n" } },
  { "win.open", { "<Control>o" } },
  { "win.train", { "<Control>t" } },
  { "win.undo", { "<Control>z" } },
  { "win.redo", { "<Control><Shift>z", "<Control>y" } },
  { "win.search", { "<Control>f" } },
  { "win.export-figure", { "<Control>e" } },
  { "win.next-latent", { "<Alt>Down" } },
  { "win.previous-latent", { "<Alt>Up" } },
  { "win.back", { "<Alt>Left" } },
  { "win.view::concepts", { "<Control>1" } },
  { "win.view::map", { "<Control>2" } },
  { "win.view::patients", { "<Control>3" } },
  { "win.view::cells", { "<Control>4" } },
  { "win.show-help-overlay", { "<Control>question", "F1" } },
};

static CytWindow *
get_window (CytApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  while (window != NULL && !CYT_IS_WINDOW (window))
    window = gtk_window_get_transient_for (window);
  return window != NULL ? CYT_WINDOW (window) : cyt_window_new (GTK_APPLICATION (self));
}

static void
cyt_application_startup (GApplication *application)
{
  G_APPLICATION_CLASS (cyt_application_parent_class)->startup (application);

  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions), application);
  for (gsize i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i].action, accels[i].accels);
  gtk_window_set_default_icon_name (CYT_APP_ID);
}

static void
cyt_application_shutdown (GApplication *application)
{
  cyt_settings_flush ();
  G_APPLICATION_CLASS (cyt_application_parent_class)->shutdown (application);
}

static void
cyt_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (get_window (CYT_APPLICATION (application))));
}

static void
cyt_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  CytWindow *window = get_window (CYT_APPLICATION (application));

  gtk_window_present (GTK_WINDOW (window));
  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *path = g_file_get_path (files[i]);

      if (path != NULL)
        cyt_window_open_path (window, path);
    }
}

/* A graphics processor that the system offers to programs, also NVIDIA's own and that of Windows. */
static gboolean
has_gpu (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/dev/dri", 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "renderD"))
      return TRUE;
  return g_file_test ("/dev/nvidiactl", G_FILE_TEST_EXISTS) || g_file_test ("/dev/dxg", G_FILE_TEST_EXISTS);
}

CytApplication *
cyt_application_new (GApplicationFlags flags)
{
  /* Without one GTK would let OpenGL be computed, which takes twice as long as Cairo, and 100 to 200 MB more. */
  if (!has_gpu ())
    g_setenv ("GSK_RENDERER", "cairo", FALSE);
  return g_object_new (CYT_TYPE_APPLICATION, "application-id", CYT_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN | flags, "resource-base-path", "/org/cytosae/Explorer", NULL);
}

static void
cyt_application_class_init (CytApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = cyt_application_startup;
  application_class->shutdown = cyt_application_shutdown;
  application_class->activate = cyt_application_activate;
  application_class->open = cyt_application_open;
  /* The library's resources: named here, so that the linker keeps them. */
  g_resources_register (cyt_get_resource ());
}

static void
cyt_application_init (CytApplication *self)
{
}
