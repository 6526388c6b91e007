/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <string.h>

#include "app-test-util.h"
#include "project/cyt-demo.h"

#define SIDE 64

void
cyt_app_test_make_images (const char *folder, guint n)
{
  static const char *const classes[] = { "dark", "light" };

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, SIDE, SIDE);
      g_autofree char *class_folder = g_build_filename (folder, classes[i % 2], NULL);
      g_autofree char *name = g_strdup_printf ("cell%03u.png", i);
      g_autofree char *path = g_build_filename (class_folder, name, NULL);
      g_autoptr (GError) error = NULL;
      guchar *pixels = gdk_pixbuf_get_pixels (pixbuf);
      int stride = gdk_pixbuf_get_rowstride (pixbuf), radius = 10 + (int) (i * 7 % 17);
      int cx = 20 + (int) (i * 5 % 24), cy = 20 + (int) (i * 11 % 24);

      for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
          {
            gboolean inside = (x - cx) * (x - cx) + (y - cy) * (y - cy) < radius * radius;
            guchar *p = pixels + y * stride + 3 * x;

            p[0] = inside ? (i % 2 ? 190 : 90) : 240;
            p[1] = inside ? (i % 2 ? 120 : 50) : 205;
            p[2] = inside ? (i % 2 ? 190 : 140) : (guchar) (210 + (x * y + (int) i) % 16);
          }
      g_mkdir_with_parents (class_folder, 0700);
      gdk_pixbuf_save (pixbuf, path, "png", &error, NULL);
      g_assert_no_error (error);
    }
}

CytProjectPlan *
cyt_app_test_make_plan (const char *project, const char *folder)
{
  const char *const images[] = { folder, NULL };
  CytProjectPlan *plan = cyt_project_plan_new ();

  plan->project = g_strdup (project);
  plan->encoder = cyt_test_source ("data/models/pbc-tiny/encoder.safetensors");
  plan->sae = cyt_test_source ("data/models/pbc-tiny/sae");
  plan->images = g_strdupv ((char **) images);
  plan->dataset = g_strdup ("cells");
  plan->domain = g_strdup ("peripheral blood");
  return plan;
}

/* GTK gives up laying out after four rounds and draws all the same, which a page that is shown for the first time on a
 * busy machine can need; the next frame is right. Every other warning ends the test. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") && strstr (fields[i].value, "without a current allocation") != NULL)
      return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, user_data);
}

void
cyt_app_test_use_home (const char *folder)
{
  static gboolean has_writer = FALSE;

  if (!has_writer)
    g_log_set_writer_func (write_log, NULL, NULL);
  has_writer = TRUE;
  g_autofree char *config = g_build_filename (folder, "config", NULL);
  g_autofree char *cache = g_build_filename (folder, "cache", NULL);
  g_autofree char *data = g_build_filename (folder, "data", NULL);

  g_setenv ("HOME", folder, TRUE);
  g_setenv ("XDG_CONFIG_HOME", config, TRUE);
  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_setenv ("XDG_DATA_HOME", data, TRUE);
}

CytApplication *
cyt_app_test_start_demo (const char *home)
{
  const CytDemoOptions small = { .n_cells = 80, .n_patients = 10 };
  g_autofree char *folder = g_build_filename (home, "data", "cytosae", "demonstration", NULL);
  g_autoptr (GError) error = NULL;
  CytApplication *application;

  cyt_app_test_use_home (home);
  g_setenv ("GSK_RENDERER", "cairo", TRUE);
  g_assert_true (cyt_demo_run (folder, &small, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  application = cyt_application_new (G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
  g_application_hold (G_APPLICATION (application));
  return application;
}

CytSession *
cyt_app_test_open_session (const char *project)
{
  CytSession *session = cyt_session_new ();

  cyt_session_open (session, project);
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN);
  return session;
}

void
cyt_app_test_close_session (CytSession *session)
{
  g_object_add_weak_pointer (G_OBJECT (session), (gpointer *) &session);
  g_object_unref (session);
  cyt_app_test_wait (session == NULL);
}
