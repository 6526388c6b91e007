/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The map in the real window, driven by real pointer and key events (xdotool). */
#include "config.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "app-test-util.h"
#include "test-project-util.h"

#include "cyt-application.h"
#include "cyt-class-matrix.h"
#include "cyt-scatter.h"
#include "cyt-window.h"

#define D_SAE 150
#define N_CELLS 60

static char *root;
static CytApplication *application; /* one for all tests: a second one would find its place on the bus taken */

static void
make_project (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytImageList) list = cyt_test_make_image_list (root, N_CELLS);
  g_autoptr (CytProject) project = cyt_test_create_project (path, D_SAE);
  g_autoptr (CytDataset) dataset = cyt_project_add_dataset (project, "d", "", 0.2, 10, list, &error);
  g_autoptr (CytTestIndexer) indexer = NULL;

  g_assert_no_error (error);
  /* Something is there, so that nothing offers to look for it and moves the map. */
  for (gsize i = 0; i < N_CELLS; i++)
    {
      g_autofree char *image = cyt_image_list_dup_path (list, i);
      g_autofree char *folder = g_path_get_dirname (image);

      g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
      g_assert_true (g_file_set_contents (image, "", 0, &error));
    }
  indexer = cyt_test_indexer_new (project, "d", 12);
  g_assert_true (cyt_test_indexer_commit (indexer, N_CELLS, &error));
  g_assert_no_error (error);
}

/* The first widget of a type that is shown. */
static GtkWidget *
find_shown (GtkWidget *widget, GType type)
{
  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_shown (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

typedef struct
{
  CytWindow *window;
  CytSession *session;
  CytLatentModel *model;
  char *id;              /* of the window, as xdotool has it */
} Driver;

/* Runs xdotool while the window goes on living. */
static void
exited_cb (GPid pid, int status, gpointer done)
{
  g_assert_cmpint (status, ==, 0);
  *(gboolean *) done = TRUE;
  g_spawn_close_pid (pid);
}

static void
run_xdotool (const char *arguments)
{
  g_autofree char *line = g_strconcat ("xdotool ", arguments, NULL);
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done = FALSE;
  GPid pid;

  g_assert_true (g_shell_parse_argv (line, NULL, &argv, &error));
  g_spawn_async (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error);
  g_assert_no_error (error);
  g_child_watch_add (pid, exited_cb, &done);
  cyt_app_test_wait (done);
}

static void run (Driver *d, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
run (Driver *d, const char *format, ...)
{
  g_autofree char *arguments = NULL;
  va_list args;

  va_start (args, format);
  arguments = g_strdup_vprintf (format, args);
  va_end (args);
  run_xdotool (arguments);
}

/* Where a place of a widget is in the window, as xdotool counts. */
static void
get_place (Driver *d, GtkWidget *widget, double x, double y, int *window_x, int *window_y)
{
  double sx, sy, wx, wy;

  gtk_native_get_surface_transform (GTK_NATIVE (d->window), &sx, &sy);
  g_assert_true (gtk_widget_translate_coordinates (widget, GTK_WIDGET (d->window), x, y, &wx, &wy));
  *window_x = (int) round (wx + sx);
  *window_y = (int) round (wy + sy);
}

static void
driver_init (Driver *d)
{
  g_autofree char *path = g_build_filename (root, "map.cytosae", NULL);
  g_autofree char *command = g_strdup_printf ("xdotool search --onlyvisible --pid %d", (int) getpid ());
  g_autofree char *output = NULL;
  g_autoptr (CytLatentFilter) filter = NULL;
  g_autoptr (GError) error = NULL;

  d->window = cyt_window_new (GTK_APPLICATION (application));
  gtk_window_present (GTK_WINDOW (d->window));
  d->session = cyt_window_get_session (d->window);
  d->model = cyt_session_get_latents (d->session);
  cyt_session_open (d->session, path);
  cyt_app_test_wait (cyt_session_get_state (d->session) == CYT_SESSION_OPEN
                     && gtk_widget_get_mapped (GTK_WIDGET (d->window)));
  /* The invented activations are large. */
  filter = cyt_latent_filter_copy (cyt_latent_model_get_filter (d->model));
  filter->show_ubiquitous = TRUE;
  cyt_latent_model_set_filter (d->model, filter);
  g_assert_true (g_spawn_command_line_sync (command, &output, NULL, NULL, &error));
  g_assert_no_error (error);
  d->id = g_strdup (g_strchomp (strrchr (g_strchomp (output), '\n') != NULL ? strrchr (output, '\n') + 1 : output));
  run (d, "windowfocus --sync %s", d->id);
  cyt_session_set_view (d->session, CYT_VIEW_MAP);
}

static void
driver_clear (Driver *d)
{
  gtk_window_destroy (GTK_WINDOW (d->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_free (d->id);
}

static void
get_point (Driver *d, GtkWidget *scatter, guint latent, int *x, int *y)
{
  graphene_point_t place;

  g_assert_true (cyt_scatter_locate (CYT_SCATTER (scatter), latent, &place));
  get_place (d, scatter, place.x, place.y, x, y);
}

/* The point that is farthest from all others. */
static guint
find_lonely (GtkWidget *scatter)
{
  double best = -1;
  guint lonely = 0;

  for (guint i = 0; i < D_SAE; i++)
    {
      double nearest = INFINITY;
      graphene_point_t a, b;

      if (!cyt_scatter_locate (CYT_SCATTER (scatter), i, &a))
        continue;
      for (guint j = 0; j < D_SAE; j++)
        if (j != i && cyt_scatter_locate (CYT_SCATTER (scatter), j, &b))
          nearest = MIN (nearest, hypot (a.x - b.x, a.y - b.y));
      if (nearest > best)
        {
          best = nearest;
          lonely = i;
        }
    }
  g_assert_true (best > 8);
  return lonely;
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer n)
{
  return --*(guint *) n > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Moves the pointer, and waits until the window has seen it: of several moves within a frame it sees the last. */
static void
move_pointer (Driver *d, GtkWidget *scatter, int x, int y)
{
  guint n = 3;

  run (d, "mousemove --window %s %d %d", d->id, x, y);
  gtk_widget_add_tick_callback (scatter, tick_cb, &n, NULL);
  cyt_app_test_wait (n == 0);
}

static gboolean
is_view (Driver *d, const char *view)
{
  return g_str_equal (cyt_session_get_view (d->session), view);
}

static guint
count_listed (Driver *d)
{
  return g_list_model_get_n_items (G_LIST_MODEL (d->model));
}

static void
test_points (void)
{
  Driver d = { 0 };
  GtkWidget *scatter;
  guint latent, n_all;
  int x, y;

  driver_init (&d);
  cyt_app_test_wait ((scatter = find_shown (GTK_WIDGET (d.window), CYT_TYPE_SCATTER)) != NULL
                     && cyt_scatter_get_raster_time (CYT_SCATTER (scatter)) > 0);
  latent = find_lonely (scatter);
  get_point (&d, scatter, latent, &x, &y);
  n_all = count_listed (&d);

  /* A click selects, a second one opens, Back returns. */
  run (&d, "mousemove --window %s %d %d click 1", d.id, x, y);
  cyt_app_test_wait (cyt_latent_model_get_selected (d.model) == latent);
  g_assert_cmpint (cyt_scatter_get_current (CYT_SCATTER (scatter)), ==, latent);
  g_assert_true (is_view (&d, CYT_VIEW_MAP));
  run (&d, "click --repeat 2 --delay 60 1");
  cyt_app_test_wait (is_view (&d, CYT_VIEW_CONCEPTS));
  cyt_session_go_back (d.session);
  cyt_app_test_wait (is_view (&d, CYT_VIEW_MAP) && gtk_widget_get_mapped (scatter));
  get_point (&d, scatter, latent, &x, &y);

  /* A box around one point leaves that one in the list; Escape brings the others back. */
  run (&d, "mousemove --window %s %d %d mousedown 1 mousemove --window %s %d %d mousemove --window %s %d %d mouseup 1",
       d.id, x - 6, y - 6, d.id, x, y, d.id, x + 6, y + 6);
  cyt_app_test_wait (count_listed (&d) == 1);
  g_assert_cmpint (cyt_latent_model_get_latent_at (d.model, 0), ==, latent);
  g_assert_nonnull (cyt_latent_model_get_filter (d.model)->subset);
  run (&d, "key Escape");
  cyt_app_test_wait (count_listed (&d) == n_all);

  /* The same by keys; the map has the focus. */
  run (&d, "key Left");
  cyt_app_test_wait (cyt_latent_model_get_selected (d.model) != latent);
  latent = cyt_latent_model_get_selected (d.model);
  run (&d, "key Right");
  cyt_app_test_wait (cyt_latent_model_get_selected (d.model) != latent);
  run (&d, "key Return");
  cyt_app_test_wait (is_view (&d, CYT_VIEW_CONCEPTS));
  driver_clear (&d);
}

static void
test_lasso (void)
{
  Driver d = { 0 };
  GtkWidget *scatter;
  guint n_all, latent;
  int x, y;

  driver_init (&d);
  cyt_app_test_wait ((scatter = find_shown (GTK_WIDGET (d.window), CYT_TYPE_SCATTER)) != NULL
                     && cyt_scatter_get_raster_time (CYT_SCATTER (scatter)) > 0);
  n_all = count_listed (&d);
  cyt_scatter_set_tool (CYT_SCATTER (scatter), CYT_SCATTER_LASSO);
  latent = find_lonely (scatter);
  get_point (&d, scatter, latent, &x, &y);
  move_pointer (&d, scatter, x - 7, y - 1);
  run (&d, "mousedown 1");
  move_pointer (&d, scatter, x, y - 7);
  move_pointer (&d, scatter, x + 7, y);
  move_pointer (&d, scatter, x, y + 7);
  run (&d, "mouseup 1");
  cyt_app_test_wait (count_listed (&d) == 1);
  g_assert_cmpint (cyt_latent_model_get_latent_at (d.model, 0), ==, latent);

  /* What the subset hides can be chosen by the next box, what the search hides cannot. */
  cyt_scatter_set_tool (CYT_SCATTER (scatter), CYT_SCATTER_BOX);
  cyt_latent_model_set_search (d.model, "1");
  run (&d, "mousemove --window %s %d %d mousedown 1 mousemove --window %s %d %d mousemove --window %s %d %d mouseup 1",
       d.id, 200, 200, d.id, 300, 300, d.id, 1100, 780);
  cyt_app_test_wait (count_listed (&d) > 1);
  g_assert_cmpuint (count_listed (&d), <, n_all);
  for (guint i = 0; i < count_listed (&d); i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", (guint) cyt_latent_model_get_latent_at (d.model, i));

      g_assert_true (number[0] == '1');
    }
  driver_clear (&d);
}

static void
test_matrix (void)
{
  Driver d = { 0 };
  GtkWidget *matrix, *message;
  gint64 selected;
  int x, y;

  driver_init (&d);
  cyt_app_test_wait (find_shown (GTK_WIDGET (d.window), CYT_TYPE_SCATTER) != NULL);
  /* There is no SAE at the path that the project names. */
  run (&d, "key alt+d");
  cyt_app_test_wait ((message = find_shown (GTK_WIDGET (d.window), ADW_TYPE_STATUS_PAGE)) != NULL
                     && strstr (adw_status_page_get_description (ADW_STATUS_PAGE (message)), "sae.pt") != NULL);
  g_assert_null (find_shown (GTK_WIDGET (d.window), CYT_TYPE_SCATTER));

  run (&d, "key alt+o");
  cyt_app_test_wait ((matrix = find_shown (GTK_WIDGET (d.window), CYT_TYPE_CLASS_MATRIX)) != NULL
                     && cyt_class_matrix_get_max (CYT_CLASS_MATRIX (matrix)) > 0 && gtk_widget_get_width (matrix) > 100);
  selected = cyt_latent_model_get_selected (d.model);
  get_place (&d, matrix, gtk_widget_get_width (matrix) - 30, gtk_widget_get_height (matrix) / 2, &x, &y);
  run (&d, "mousemove --window %s %d %d click 1", d.id, x, y);
  cyt_app_test_wait (cyt_latent_model_get_selected (d.model) != selected);
  selected = cyt_latent_model_get_selected (d.model);
  run (&d, "key Left");
  cyt_app_test_wait (cyt_latent_model_get_selected (d.model) != selected);
  run (&d, "key Return");
  cyt_app_test_wait (is_view (&d, CYT_VIEW_CONCEPTS));
  driver_clear (&d);
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int result;

  root = cyt_test_make_tmpdir ();
  cyt_app_test_use_home (root);
  g_setenv ("GSK_RENDERER", "cairo", TRUE);
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_test_init (&argc, &argv, NULL);
  path = g_build_filename (root, "map.cytosae", NULL);
  make_project (path);
  application = cyt_application_new (G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
  g_test_add_func ("/app/map/points", test_points);
  g_test_add_func ("/app/map/lasso", test_lasso);
  g_test_add_func ("/app/map/matrix", test_matrix);
  result = g_test_run ();
  g_object_unref (application);
  cyt_test_remove_tree (root);
  g_free (root);
  return result;
}
