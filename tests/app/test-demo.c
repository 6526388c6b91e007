/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real window: what it offers when there is nothing to open, and the demonstration behind the first offer. */
#include "config.h"

#include "app-test-util.h"

#include "project/cyt-demo.h"

#include "cyt-application.h"
#include "cyt-window.h"

static char *root;

/* How many widgets below @widget are shown and have the action or the style class (NULL: not asked for). */
static guint
count_shown (GtkWidget *widget, const char *action, const char *style)
{
  guint n = 0;

  if (!gtk_widget_get_mapped (widget))
    return 0;
  if (action != NULL && GTK_IS_ACTIONABLE (widget))
    n += g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)), action) == 0;
  if (style != NULL)
    n += gtk_widget_has_css_class (widget, style);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    n += count_shown (child, action, style);
  return n;
}

/* Buttons below the header bar: those of the welcome page. */
static guint
count_offers (GtkWidget *widget, const char *action)
{
  guint n = 0;

  if (gtk_widget_has_css_class (widget, "welcome"))
    return count_shown (widget, action, NULL);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    n += count_offers (child, action);
  return n;
}

static void
activate_cb (GApplication *application, CytWindow **window)
{
  *window = cyt_window_new (GTK_APPLICATION (application));
  gtk_window_present (GTK_WINDOW (*window));
}

static void
test_demo (void)
{
  g_autoptr (CytApplication) application = cyt_application_new (G_APPLICATION_NON_UNIQUE);
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "cytosae", "demonstration", NULL);
  g_autofree char *path = cyt_demo_dup_project_path (folder);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = NULL;
  CytWindow *window = NULL;
  CytSession *session;
  gboolean simulated = FALSE;

  g_assert_true (g_str_has_prefix (folder, root));
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), &window);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
  g_application_activate (G_APPLICATION (application));
  cyt_app_test_wait (gtk_widget_get_mapped (GTK_WIDGET (window)));
  session = cyt_window_get_session (window);

  g_assert_cmpuint (count_offers (GTK_WIDGET (window), "win.demo"), ==, 1);
  g_assert_cmpuint (count_offers (GTK_WIDGET (window), "win.new"), ==, 1);
  g_assert_cmpuint (count_offers (GTK_WIDGET (window), "win.open"), ==, 1);
  g_assert_cmpuint (count_shown (GTK_WIDGET (window), NULL, "simulated-ribbon"), ==, 0);

  /* Marked from the start; can be looked at long before all is indexed. */
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.demo", NULL));
  g_assert_true (cyt_session_is_indexing (session));
  cyt_app_test_wait (count_shown (GTK_WIDGET (window), NULL, "simulated-ribbon") == 1);
  g_assert_cmpuint (count_offers (GTK_WIDGET (window), "win.demo"), ==, 0);
  for (int i = 0; i < 4 && cyt_session_get_state (session) != CYT_SESSION_OPEN; i++)
    {
      /* Drawing comes first; on a busy machine that alone takes half a minute. */
      gint64 end = g_get_monotonic_time () + 25 * G_USEC_PER_SEC;

      cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN || g_get_monotonic_time () > end);
    }
  g_assert_cmpint (cyt_session_get_state (session), ==, CYT_SESSION_OPEN);
  if (g_get_num_processors () <= 8) /* many more may have indexed the rest between two looks */
    g_assert_true (cyt_session_is_indexing (session));
  cyt_app_test_wait (g_list_model_get_n_items (cyt_session_get_cells (session)) > 0);
  g_assert_cmpuint (count_shown (GTK_WIDGET (window), NULL, "simulated-ribbon"), ==, 1);
  g_assert_true (cyt_session_is_simulated (session));

  /* Stopped, it stays what it is, in the file too. */
  cyt_session_cancel_index (session);
  cyt_app_test_wait (!cyt_session_is_indexing (session));
  g_assert_true (cyt_session_is_simulated (session));
  project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  g_assert_true (cyt_project_is_simulated (project, &simulated, &error));
  g_assert_true (simulated);

  gtk_window_close (GTK_WINDOW (window));
  cyt_app_test_wait (gtk_application_get_windows (GTK_APPLICATION (application)) == NULL);
}

/* A project of pictures from elsewhere bears no such mark. */
static void
test_unmarked (void)
{
  g_autofree char *images = g_build_filename (root, "images", NULL);
  g_autofree char *path = g_build_filename (root, "project.cytosae", NULL);
  CytSession *session = cyt_session_new ();

  cyt_app_test_make_images (images, 6);
  cyt_session_create (session, cyt_app_test_make_plan (path, images));
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN && !cyt_session_is_indexing (session));
  g_assert_false (cyt_session_is_simulated (session));
  g_object_add_weak_pointer (G_OBJECT (session), (gpointer *) &session);
  g_object_unref (session);
  cyt_app_test_wait (session == NULL);
}

int
main (int argc, char **argv)
{
  g_autofree char *data = NULL;
  int result;

  root = cyt_test_make_tmpdir ();
  data = g_build_filename (root, "data", NULL);
  cyt_app_test_use_home (root);
  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_setenv ("GSK_RENDERER", "cairo", TRUE);
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/demo/window", test_demo);
  g_test_add_func ("/app/demo/unmarked", test_unmarked);
  result = g_test_run ();
  cyt_test_remove_tree (root);
  g_free (root);
  return result;
}
