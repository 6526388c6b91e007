/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The map in the real window, driven by real pointer and key events (xdotool). */
#include "config.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "app-driver.h"
#include "test-project-util.h"

#include "cyt-application.h"
#include "cyt-class-matrix.h"
#include "cyt-scatter.h"

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

static void
driver_init (CytDriver *d)
{
  g_autofree char *path = g_build_filename (root, "map.cytosae", NULL);
  g_autoptr (CytLatentFilter) filter = NULL;

  cyt_driver_init (d, GTK_APPLICATION (application), path);
  /* The invented activations are large. */
  filter = cyt_latent_filter_copy (cyt_latent_model_get_filter (d->model));
  filter->show_ubiquitous = TRUE;
  cyt_latent_model_set_filter (d->model, filter);
  cyt_session_set_view (d->session, CYT_VIEW_MAP);
}

static void
get_point (CytDriver *d, GtkWidget *scatter, guint latent, int *x, int *y)
{
  graphene_point_t place;

  g_assert_true (cyt_scatter_locate (CYT_SCATTER (scatter), latent, &place));
  cyt_driver_get_place (d, scatter, place.x, place.y, x, y);
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
is_view (CytDriver *d, const char *view)
{
  return g_str_equal (cyt_session_get_view (d->session), view);
}

static guint
count_listed (CytDriver *d)
{
  return g_list_model_get_n_items (G_LIST_MODEL (d->model));
}

static void
test_points (void)
{
  CytDriver d = { 0 };
  GtkWidget *scatter;
  guint latent, n_all;
  int x, y;

  driver_init (&d);
  cyt_app_test_wait ((scatter = cyt_driver_find_shown (GTK_WIDGET (d.window), CYT_TYPE_SCATTER)) != NULL
                     && cyt_scatter_get_raster_time (CYT_SCATTER (scatter)) > 0);
  latent = find_lonely (scatter);
  get_point (&d, scatter, latent, &x, &y);
  n_all = count_listed (&d);

  /* A click selects, a second one opens, Back returns. */
  cyt_driver_run (&d, "mousemove --window %s %d %d click 1", d.id, x, y);
  cyt_app_test_wait (cyt_latent_model_get_selected (d.model) == latent);
  g_assert_cmpint (cyt_scatter_get_current (CYT_SCATTER (scatter)), ==, latent);
  g_assert_true (is_view (&d, CYT_VIEW_MAP));
  cyt_driver_run (&d, "click --repeat 2 --delay 60 1");
  cyt_app_test_wait (is_view (&d, CYT_VIEW_CONCEPTS));
  cyt_session_go_back (d.session);
  cyt_app_test_wait (is_view (&d, CYT_VIEW_MAP) && gtk_widget_get_mapped (scatter));
  get_point (&d, scatter, latent, &x, &y);

  /* A box around one point leaves that one in the list; Escape brings the others back. */
  cyt_driver_run (&d, "mousemove --window %s %d %d mousedown 1 mousemove --window %s %d %d mousemove --window %s %d %d mouseup 1",
       d.id, x - 6, y - 6, d.id, x, y, d.id, x + 6, y + 6);
  cyt_app_test_wait (count_listed (&d) == 1);
  g_assert_cmpint (cyt_latent_model_get_latent_at (d.model, 0), ==, latent);
  g_assert_nonnull (cyt_latent_model_get_filter (d.model)->subset);
  cyt_driver_run (&d, "key Escape");
  cyt_app_test_wait (count_listed (&d) == n_all);

  /* The same by keys; the map has the focus. */
  cyt_driver_run (&d, "key Left");
  cyt_app_test_wait (cyt_latent_model_get_selected (d.model) != latent);
  latent = cyt_latent_model_get_selected (d.model);
  cyt_driver_run (&d, "key Right");
  cyt_app_test_wait (cyt_latent_model_get_selected (d.model) != latent);
  cyt_driver_run (&d, "key Return");
  cyt_app_test_wait (is_view (&d, CYT_VIEW_CONCEPTS));
  cyt_driver_clear (&d);
}

static void
test_lasso (void)
{
  CytDriver d = { 0 };
  GtkWidget *scatter;
  guint n_all, latent;
  int x, y;

  driver_init (&d);
  cyt_app_test_wait ((scatter = cyt_driver_find_shown (GTK_WIDGET (d.window), CYT_TYPE_SCATTER)) != NULL
                     && cyt_scatter_get_raster_time (CYT_SCATTER (scatter)) > 0);
  n_all = count_listed (&d);
  cyt_scatter_set_tool (CYT_SCATTER (scatter), CYT_SCATTER_LASSO);
  latent = find_lonely (scatter);
  get_point (&d, scatter, latent, &x, &y);
  cyt_driver_move_pointer (&d, scatter, x - 7, y - 1);
  cyt_driver_run (&d, "mousedown 1");
  cyt_driver_move_pointer (&d, scatter, x, y - 7);
  cyt_driver_move_pointer (&d, scatter, x + 7, y);
  cyt_driver_move_pointer (&d, scatter, x, y + 7);
  cyt_driver_run (&d, "mouseup 1");
  cyt_app_test_wait (count_listed (&d) == 1);
  g_assert_cmpint (cyt_latent_model_get_latent_at (d.model, 0), ==, latent);

  /* What the subset hides can be chosen by the next box, what the search hides cannot. */
  cyt_scatter_set_tool (CYT_SCATTER (scatter), CYT_SCATTER_BOX);
  cyt_latent_model_set_search (d.model, "1");
  cyt_driver_run (&d, "mousemove --window %s %d %d mousedown 1 mousemove --window %s %d %d mousemove --window %s %d %d mouseup 1",
       d.id, 200, 200, d.id, 300, 300, d.id, 1100, 780);
  cyt_app_test_wait (count_listed (&d) > 1);
  g_assert_cmpuint (count_listed (&d), <, n_all);
  for (guint i = 0; i < count_listed (&d); i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", (guint) cyt_latent_model_get_latent_at (d.model, i));

      g_assert_true (number[0] == '1');
    }
  cyt_driver_clear (&d);
}

static void
test_matrix (void)
{
  CytDriver d = { 0 };
  GtkWidget *matrix, *message;
  gint64 selected;
  int x, y;

  driver_init (&d);
  cyt_app_test_wait (cyt_driver_find_shown (GTK_WIDGET (d.window), CYT_TYPE_SCATTER) != NULL);
  /* There is no SAE at the path that the project names. */
  cyt_driver_run (&d, "key alt+d");
  cyt_app_test_wait ((message = cyt_driver_find_shown (GTK_WIDGET (d.window), ADW_TYPE_STATUS_PAGE)) != NULL
                     && strstr (adw_status_page_get_description (ADW_STATUS_PAGE (message)), "sae.pt") != NULL);
  g_assert_null (cyt_driver_find_shown (GTK_WIDGET (d.window), CYT_TYPE_SCATTER));

  cyt_driver_run (&d, "key alt+o");
  cyt_app_test_wait ((matrix = cyt_driver_find_shown (GTK_WIDGET (d.window), CYT_TYPE_CLASS_MATRIX)) != NULL
                     && cyt_class_matrix_get_max (CYT_CLASS_MATRIX (matrix)) > 0 && gtk_widget_get_width (matrix) > 100);
  selected = cyt_latent_model_get_selected (d.model);
  cyt_driver_get_place (&d, matrix, gtk_widget_get_width (matrix) - 30, gtk_widget_get_height (matrix) / 2, &x, &y);
  cyt_driver_run (&d, "mousemove --window %s %d %d click 1", d.id, x, y);
  cyt_app_test_wait (cyt_latent_model_get_selected (d.model) != selected);
  selected = cyt_latent_model_get_selected (d.model);
  cyt_driver_run (&d, "key Left");
  cyt_app_test_wait (cyt_latent_model_get_selected (d.model) != selected);
  cyt_driver_run (&d, "key Return");
  cyt_app_test_wait (is_view (&d, CYT_VIEW_CONCEPTS));
  cyt_driver_clear (&d);
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
