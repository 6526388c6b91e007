/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guided tour in the real window: offered once, through all its steps and back, on the real controls. */
#include "config.h"

#include "app-test-util.h"

#include "project/cyt-demo.h"

#include "cyt-application.h"
#include "cyt-tour.h"
#include "cyt-window.h"

#define N_STEPS 6

static char *root;

static GtkWidget *
find_type (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_type (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* Widgets that the tour marks. */
static guint
count_targets (GtkWidget *widget)
{
  guint n = gtk_widget_has_css_class (widget, "tour-target");

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    n += count_targets (child);
  return n;
}

static gboolean
has_tour (CytWindow *window)
{
  GtkWidget *tour = find_type (GTK_WIDGET (window), CYT_TYPE_TOUR);

  return tour != NULL && gtk_widget_get_visible (tour);
}

static GObject *
get_child (CytWindow *window, const char *name)
{
  return gtk_widget_get_template_child (find_type (GTK_WIDGET (window), CYT_TYPE_TOUR), CYT_TYPE_TOUR, name);
}

static const char *
get_label (CytWindow *window, const char *name)
{
  return gtk_label_get_label (GTK_LABEL (get_child (window, name)));
}

static void
click (CytWindow *window, const char *name)
{
  g_signal_emit_by_name (get_child (window, name), "clicked");
}

/* The card stands at one control that shows, and says how far the tour is. */
static void
wait_for_step (CytWindow *window, int step)
{
  g_autofree char *count = g_strdup_printf ("%d of %d", step, N_STEPS);

  cyt_app_test_wait (has_tour (window) && count_targets (GTK_WIDGET (window)) == 1
                     && g_str_equal (get_label (window, "count"), count));
  g_assert_cmpstr (get_label (window, "heading"), !=, "");
  g_assert_cmpint (gtk_widget_get_visible (GTK_WIDGET (get_child (window, "back_button"))), ==, step > 1);
}

static void
wait_for_end (CytWindow *window)
{
  cyt_app_test_wait (!has_tour (window));
  g_assert_cmpuint (count_targets (GTK_WIDGET (window)), ==, 0);
}

static CytWindow *
open_demo (CytApplication *application)
{
  CytWindow *window = cyt_window_new (GTK_APPLICATION (application));
  guint n_windows;

  gtk_window_present (GTK_WINDOW (window));
  cyt_app_test_wait (gtk_widget_get_mapped (GTK_WIDGET (window)));
  /* without a project there is nothing to pack, and the menu says so */
  n_windows = g_list_model_get_n_items (gtk_window_get_toplevels ());
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.pack", NULL));
  g_assert_cmpuint (g_list_model_get_n_items (gtk_window_get_toplevels ()), ==, n_windows);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.demo", NULL));
  cyt_app_test_wait (cyt_session_get_state (cyt_window_get_session (window)) == CYT_SESSION_OPEN);
  return window;
}

static void
close_window (CytApplication *application, CytWindow *window)
{
  gtk_window_close (GTK_WINDOW (window));
  cyt_app_test_wait (gtk_application_get_windows (GTK_APPLICATION (application)) == NULL);
}

static void
test_tour (void)
{
  g_autoptr (CytApplication) application = cyt_application_new (G_APPLICATION_NON_UNIQUE);
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "cytosae", "demonstration", NULL);
  const CytDemoOptions small = { .n_cells = 80, .n_patients = 10 };
  g_autoptr (GError) error = NULL;
  CytLatentModel *latents;
  CytSession *session;
  CytWindow *window;
  gint64 latent;

  g_assert_true (cyt_demo_run (folder, &small, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
  g_application_hold (G_APPLICATION (application));

  /* The first time it is offered; whoever does not want it is left alone for good. */
  window = open_demo (application);
  cyt_app_test_wait (has_tour (window) && count_targets (GTK_WIDGET (window)) == 1);
  g_assert_cmpstr (get_label (window, "count"), ==, "");
  click (window, "back_button");
  wait_for_end (window);
  close_window (application, window);
  window = open_demo (application);
  cyt_app_test_wait (g_list_model_get_n_items (cyt_session_get_cells (cyt_window_get_session (window))) > 0);
  g_assert_false (has_tour (window));

  /* From the menu, from end to end. */
  session = cyt_window_get_session (window);
  latents = cyt_session_get_latents (session);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.tour", NULL));
  wait_for_step (window, 1);
  latent = cyt_latent_model_get_selected (latents);
  g_assert_cmpint (latent, >=, 0);
  g_assert_cmpuint (cyt_latent_model_find (latents, latent), !=, GTK_INVALID_LIST_POSITION);
  g_assert_cmpfloat (cyt_latent_model_get_row (latents, latent)->cls_share, <, 0.5);
  for (int step = 2; step <= N_STEPS; step++)
    {
      click (window, "next_button");
      wait_for_step (window, step);
      g_assert_cmpstr (cyt_session_get_view (session), ==, step == 5 ? CYT_VIEW_PATIENTS : CYT_VIEW_CONCEPTS);
      if (step == 5)
        cyt_latent_model_set_selected (latents, latent == 0 ? 1 : 0); /* as that page may do */
      else
        g_assert_cmpint (cyt_latent_model_get_selected (latents), ==, latent);
    }
  click (window, "back_button");
  wait_for_step (window, 5);
  click (window, "next_button");
  wait_for_step (window, 6);
  click (window, "next_button");
  wait_for_end (window);

  /* Again, and out of it by the cross, and by turning to another page. */
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.tour", NULL));
  wait_for_step (window, 1);
  click (window, "close_button");
  wait_for_end (window);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.tour", NULL));
  wait_for_step (window, 1);
  cyt_session_set_view (session, CYT_VIEW_MAP);
  wait_for_end (window);

  /* A window may be closed in the middle of it. */
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.tour", NULL));
  wait_for_step (window, 1);
  close_window (application, window);

  /* With nothing open it opens the demonstration itself. */
  window = cyt_window_new (GTK_APPLICATION (application));
  gtk_window_present (GTK_WINDOW (window));
  cyt_app_test_wait (gtk_widget_get_mapped (GTK_WIDGET (window)));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.tour", NULL));
  wait_for_step (window, 1);
  close_window (application, window);
  g_application_release (G_APPLICATION (application));
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
  g_test_add_func ("/app/tour", test_tour);
  result = g_test_run ();
  cyt_test_remove_tree (root);
  g_free (root);
  return result;
}
