/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "app-driver.h"

GtkWidget *
cyt_driver_find_shown (GtkWidget *widget, GType type)
{
  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = cyt_driver_find_shown (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
exited_cb (GPid pid, int status, gpointer done)
{
  g_assert_cmpint (status, ==, 0);
  *(gboolean *) done = TRUE;
  g_spawn_close_pid (pid);
}

void
cyt_driver_run (CytDriver *self, const char *format, ...)
{
  g_autofree char *arguments = NULL, *line = NULL;
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done = FALSE;
  va_list args;
  GPid pid;

  va_start (args, format);
  arguments = g_strdup_vprintf (format, args);
  va_end (args);
  line = g_strconcat ("xdotool ", arguments, NULL);
  g_assert_true (g_shell_parse_argv (line, NULL, &argv, &error));
  g_spawn_async (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error);
  g_assert_no_error (error);
  g_child_watch_add (pid, exited_cb, &done);
  cyt_app_test_wait (done);
}

void
cyt_driver_get_place (CytDriver *self, GtkWidget *widget, double x, double y, int *window_x, int *window_y)
{
  double sx, sy, wx, wy;

  gtk_native_get_surface_transform (GTK_NATIVE (self->window), &sx, &sy);
  g_assert_true (gtk_widget_translate_coordinates (widget, GTK_WIDGET (self->window), x, y, &wx, &wy));
  *window_x = (int) round (wx + sx);
  *window_y = (int) round (wy + sy);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer n)
{
  return --*(guint *) n > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
cyt_driver_move_pointer (CytDriver *self, GtkWidget *widget, int x, int y)
{
  guint n = 3;

  cyt_driver_run (self, "mousemove --window %s %d %d", self->id, x, y);
  gtk_widget_add_tick_callback (widget, tick_cb, &n, NULL);
  cyt_app_test_wait (n == 0);
}

void
cyt_driver_init (CytDriver *self, GtkApplication *application, const char *path)
{
  g_autofree char *command = g_strdup_printf ("xdotool search --onlyvisible --pid %d", (int) getpid ());
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  self->window = cyt_window_new (application);
  gtk_window_present (GTK_WINDOW (self->window));
  self->session = cyt_window_get_session (self->window);
  self->model = cyt_session_get_latents (self->session);
  cyt_session_open (self->session, path);
  cyt_app_test_wait (cyt_session_get_state (self->session) == CYT_SESSION_OPEN
                     && gtk_widget_get_mapped (GTK_WIDGET (self->window)));
  g_assert_true (g_spawn_command_line_sync (command, &output, NULL, NULL, &error));
  g_assert_no_error (error);
  self->id = g_strdup (g_strchomp (strrchr (g_strchomp (output), '\n') != NULL ? strrchr (output, '\n') + 1 : output));
  cyt_driver_run (self, "windowfocus --sync %s", self->id);
}

void
cyt_driver_clear (CytDriver *self)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_pointer (&self->id, g_free);
}
