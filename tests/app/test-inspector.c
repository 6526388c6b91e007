/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real window with real pointer and key events (xdotool, under a virtual display): the gallery of all cells, and
 * the inspector over it and over the concepts. The window runs in this process, so that what it shows can be read. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "app-test-util.h"

#include "cyt-application.h"
#include "cyt-cell-tile.h"
#include "cyt-cell-view.h"
#include "cyt-gallery.h"
#include "cyt-ranked-list.h"
#include "cyt-window.h"

#define N_IMAGES 60

static char *root;
static CytApplication *application;
static CytWindow *window;
static CytSession *session;

/* ---- Driving ---- */

static void
exited_cb (GPid pid, int status, gpointer user_data)
{
  g_assert_cmpint (status, ==, 0);
  g_spawn_close_pid (pid);
  *(gboolean *) user_data = TRUE;
}

static void act (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Runs xdotool while the window lives on. */
static void
act (const char *format, ...)
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
  g_assert_true (g_shell_parse_argv (line, NULL, &argv, NULL));
  g_spawn_async (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                 &pid, &error);
  g_assert_no_error (error);
  g_child_watch_add (pid, exited_cb, &done);
  cyt_app_test_wait (done);
}

static GtkWidget *
find_widget (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type) && gtk_widget_get_mapped (widget))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

#define get_widget(type) find_widget (GTK_WIDGET (window), type)

/* Moves the pointer to a place in a widget, 0…1 from its top left. The window lies at the screen's origin. */
static void
point (GtkWidget *widget, double x, double y)
{
  double window_x, window_y, surface_x, surface_y;

  g_assert_true (gtk_widget_translate_coordinates (widget, GTK_WIDGET (window), x * gtk_widget_get_width (widget),
                                                   y * gtk_widget_get_height (widget), &window_x, &window_y));
  gtk_native_get_surface_transform (GTK_NATIVE (window), &surface_x, &surface_y);
  act ("mousemove %d %d", (int) (window_x + surface_x), (int) (window_y + surface_y));
}

static void
double_click (GtkWidget *widget, double x, double y)
{
  point (widget, x, y);
  act ("click --repeat 2 --delay 60 1");
}

static CytInspection *
get_ready (void)
{
  CytInspection *inspection;

  cyt_app_test_wait ((inspection = cyt_session_get_inspection (session)) != NULL
                     && cyt_inspection_get_analysis (inspection) != NULL);
  return inspection;
}

static GtkAdjustment *
get_scroll (GtkWidget *gallery)
{
  g_autoptr (GtkAdjustment) adjustment = NULL;

  g_object_get (gallery, "vadjustment", &adjustment, NULL);
  return adjustment; /* the gallery holds it */
}

static void
show_cells (void)
{
  GtkWidget *gallery;

  act ("key ctrl+4");
  cyt_app_test_wait (g_str_equal (cyt_session_get_view (session), CYT_VIEW_CELLS));
  cyt_app_test_wait ((gallery = get_widget (CYT_TYPE_GALLERY)) != NULL
                     && gtk_adjustment_get_upper (get_scroll (gallery)) > gtk_widget_get_height (gallery));
  act ("key Home");
  cyt_app_test_wait (gtk_adjustment_get_value (get_scroll (gallery)) == 0);
}

static void
leave (void)
{
  act ("key Escape");
  cyt_app_test_wait (cyt_session_get_inspection (session) == NULL);
}

/* ---- Tests ---- */

/* A double click, or Enter, opens a cell, Escape leads back to the same place. */
static void
test_gallery (void)
{
  GtkWidget *gallery;
  CytInspection *inspection;
  double scrolled;
  gint64 first;

  show_cells ();
  gallery = get_widget (CYT_TYPE_GALLERY);
  double_click (gallery, 0.08, 0.08);
  inspection = get_ready ();
  first = cyt_inspection_get_id (inspection);
  g_assert_cmpint (first, ==, cyt_inspection_get_facts (inspection)->cell->id);
  g_assert_cmpint (cyt_inspection_get_facts (inspection)->cell->position, ==, 0);
  leave ();
  cyt_app_test_wait (gtk_widget_get_mapped (gallery));

  act ("key End");
  cyt_app_test_wait (gtk_adjustment_get_value (get_scroll (gallery)) > 0);
  scrolled = gtk_adjustment_get_value (get_scroll (gallery));
  act ("key Return");
  inspection = get_ready ();
  g_assert_cmpint (cyt_inspection_get_id (inspection), ==, first + N_IMAGES - 1);
  leave ();
  cyt_app_test_wait (gtk_widget_get_mapped (gallery));
  g_assert_cmpfloat (gtk_adjustment_get_value (get_scroll (gallery)), ==, scrolled);
}

/* Arrows, CLS, whole cell, and the pointer choose what is ranked. */
static void
test_places (void)
{
  CytInspection *inspection;
  GtkWidget *view;
  int place;
  guint mode;

  show_cells ();
  double_click (get_widget (CYT_TYPE_GALLERY), 0.08, 0.08);
  inspection = get_ready ();
  cyt_app_test_wait ((view = get_widget (CYT_TYPE_CELL_VIEW)) != NULL);
  g_assert_cmpint (cyt_inspection_get_place (inspection), ==, CYT_PLACE_CELL);
  act ("key Right");
  cyt_app_test_wait ((place = cyt_inspection_get_place (inspection)) > 0);
  act ("key Down Right");
  cyt_app_test_wait (cyt_inspection_get_place (inspection) == place + 16 + 1);
  act ("key c");
  cyt_app_test_wait (cyt_inspection_get_place (inspection) == CYT_PLACE_CLS);
  act ("key w");
  cyt_app_test_wait (cyt_inspection_get_place (inspection) == CYT_PLACE_CELL);

  /* just left of and above the middle of the cell, where rows and columns 7 and 8 meet */
  point (view, 0.49, 0.49);
  cyt_app_test_wait (cyt_cell_view_get_hovered (CYT_CELL_VIEW (view)) == 1 + 16 * 7 + 7);
  act ("click 1");
  cyt_app_test_wait (cyt_inspection_get_place (inspection) == 1 + 16 * 7 + 7);
  /* the list counts rows and columns from 1, as the button above it and the line below the cell do */
  cyt_app_test_wait (strstr (gtk_label_get_label (GTK_LABEL (find_widget (get_widget (CYT_TYPE_RANKED_LIST), GTK_TYPE_LABEL))),
                             "row 8, column 8") != NULL);

  mode = cyt_session_get_overlay_mode (session);
  act ("key space");
  cyt_app_test_wait (cyt_session_get_overlay_mode (session) != mode);
  act ("key space");
  cyt_app_test_wait (cyt_session_get_overlay_mode (session) == mode);
  act ("keydown h");
  cyt_app_test_wait (cyt_session_get_overlay_hidden (session));
  act ("keyup h");
  cyt_app_test_wait (!cyt_session_get_overlay_hidden (session));
  leave ();
}

/* A latent of the list shows its map, then its concept; back leads to the cell again. */
static void
test_ranked (void)
{
  CytInspection *inspection;
  GtkWidget *list;
  g_autoptr (GArray) ranked = NULL;
  CytSparseMap map;
  gint64 latent, cell;

  show_cells ();
  double_click (get_widget (CYT_TYPE_GALLERY), 0.08, 0.08);
  inspection = get_ready ();
  cell = cyt_inspection_get_id (inspection);
  cyt_inspection_set_latent (inspection, -1);
  g_assert_false (cyt_inspection_get_map (inspection, &map));
  cyt_app_test_wait (get_widget (CYT_TYPE_RANKED_LIST) != NULL
                     && (list = find_widget (get_widget (CYT_TYPE_RANKED_LIST), GTK_TYPE_LIST_VIEW)) != NULL
                     && gtk_widget_get_height (list) > 60);
  /* rows stand only after the next frame */
  for (guint i = 0; i < 20 && (latent = cyt_inspection_get_latent (inspection)) < 0; i++)
    {
      point (list, 0.5, 0.05);
      act ("click 1");
    }
  g_assert_cmpint (latent, >=, 0);
  g_assert_true (cyt_inspection_get_map (inspection, &map));
  ranked = cyt_inspection_rank (inspection);
  g_assert_cmpuint (ranked->len, >, 0);
  /* where it stands among the others, and what is like it */
  cyt_app_test_wait (cyt_inspection_get_scores (inspection) != NULL);
  g_assert_cmpuint (cyt_inspection_get_scores (inspection)->table->n, ==, N_IMAGES);
  cyt_app_test_wait (cyt_inspection_get_similar (inspection) != NULL);
  g_assert_cmpuint (cyt_inspection_get_similar (inspection)->len, ==, 12);

  act ("key Return");
  cyt_app_test_wait (g_str_equal (cyt_session_get_view (session), CYT_VIEW_CONCEPTS)
                     && cyt_session_get_inspection (session) == NULL);
  g_assert_cmpint (cyt_latent_model_get_selected (cyt_session_get_latents (session)), ==, latent);
  act ("key alt+Left");
  cyt_app_test_wait (cyt_session_get_inspection (session) != NULL);
  g_assert_cmpint (cyt_inspection_get_id (cyt_session_get_inspection (session)), ==, cell);
  g_assert_cmpstr (cyt_session_get_view (session), ==, CYT_VIEW_CELLS);
  leave ();
}

/* From the grid of a concept, the map of that concept shows first. */
static void
test_concepts (void)
{
  GtkWidget *tile;
  CytInspection *inspection;

  act ("key ctrl+1");
  cyt_app_test_wait (g_str_equal (cyt_session_get_view (session), CYT_VIEW_CONCEPTS));
  cyt_app_test_wait ((tile = get_widget (CYT_TYPE_CELL_TILE)) != NULL
                     && cyt_cell_tile_get_item (CYT_CELL_TILE (tile)) != NULL);
  /* tiles move until the next frame */
  for (guint i = 0; i < 20 && cyt_session_get_inspection (session) == NULL; i++)
    double_click (tile, 0.5, 0.3);
  inspection = get_ready ();
  g_assert_cmpint (cyt_inspection_get_latent (inspection), ==,
                   cyt_latent_model_get_selected (cyt_session_get_latents (session)));
  leave ();
  g_assert_cmpstr (cyt_session_get_view (session), ==, CYT_VIEW_CONCEPTS);
}

/* A file that the project does not know, and one that is no image. */
static void
test_files (void)
{
  g_autofree char *fresh = g_build_filename (root, "fresh", NULL),
                  *path = g_build_filename (fresh, "light", "cell061.png", NULL),
                  *text = g_build_filename (root, "notes.txt", NULL);
  CytInspection *inspection;

  cyt_app_test_make_images (fresh, 62);
  cyt_session_inspect_file (session, path);
  inspection = get_ready ();
  g_assert_null (cyt_inspection_get_facts (inspection));
  g_assert_cmpint (cyt_inspection_get_latent (inspection), >=, 0);
  cyt_app_test_wait (cyt_inspection_get_similar (inspection) != NULL);

  g_assert_true (g_file_set_contents (text, "no image", -1, NULL));
  cyt_session_inspect_file (session, text);
  inspection = cyt_session_get_inspection (session);
  cyt_app_test_wait (cyt_inspection_get_error (inspection) != NULL);
  g_assert_nonnull (strstr (cyt_inspection_get_error (inspection)->message, "notes.txt"));
  /* one step back is the file before, Escape leaves both */
  act ("key alt+Left");
  cyt_app_test_wait (cyt_session_get_inspection (session) != NULL
                     && g_strcmp0 (cyt_inspection_get_path (cyt_session_get_inspection (session)), path) == 0);
  leave ();
}

/* A copy of a cell of the project is that cell, with all that is known of it, wherever it lies. */
static void
test_copy (void)
{
  g_autofree char *copy = g_build_filename (root, "copy.png", NULL), *content = NULL;
  CytInspection *inspection;
  const CytCellFacts *facts;
  gint64 cell;
  gsize n;

  show_cells ();
  double_click (get_widget (CYT_TYPE_GALLERY), 0.08, 0.08);
  inspection = get_ready ();
  cell = cyt_inspection_get_id (inspection);
  g_assert_true (g_file_get_contents (cyt_inspection_get_path (inspection), &content, &n, NULL));
  g_assert_true (g_file_set_contents (copy, content, (gssize) n, NULL));
  leave ();

  cyt_session_inspect_file (session, copy);
  inspection = get_ready ();
  cyt_app_test_wait ((facts = cyt_inspection_get_facts (inspection)) != NULL);
  g_assert_cmpint (facts->cell->id, ==, cell);
  g_assert_cmpint (cyt_inspection_get_id (inspection), ==, cell);
  g_assert_cmpstr (cyt_inspection_get_path (inspection), ==, copy);
  g_assert_false (cyt_inspection_is_changed (inspection));
  cyt_app_test_wait (cyt_inspection_get_scores (inspection) != NULL && cyt_inspection_get_similar (inspection) != NULL);
  for (guint i = 0; i < cyt_inspection_get_similar (inspection)->len; i++)
    g_assert_cmpint (cyt_cell_item_get_cell (cyt_inspection_get_similar (inspection)->pdata[i])->id, !=, cell);
  leave ();
}

int
main (int argc, char **argv)
{
  g_autofree char *images = NULL, *path = NULL;
  int result;

  root = cyt_test_make_tmpdir ();
  images = g_build_filename (root, "images", NULL);
  path = g_build_filename (root, "project.cytosae", NULL);
  cyt_app_test_use_home (root);
  g_setenv ("GSK_RENDERER", "cairo", TRUE);
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_test_init (&argc, &argv, NULL);
  cyt_app_test_make_images (images, N_IMAGES);

  application = cyt_application_new (G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  window = cyt_window_new (GTK_APPLICATION (application));
  session = cyt_window_get_session (window);
  gtk_window_present (GTK_WINDOW (window));
  cyt_session_create (session, cyt_app_test_make_plan (path, images));
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN && !cyt_session_is_indexing (session)
                     && cyt_session_get_dataset (session)->n_indexed == N_IMAGES);
  act ("search --onlyvisible --pid %d windowfocus", (int) getpid ());

  g_test_add_func ("/inspector/gallery", test_gallery);
  g_test_add_func ("/inspector/places", test_places);
  g_test_add_func ("/inspector/ranked", test_ranked);
  g_test_add_func ("/inspector/concepts", test_concepts);
  g_test_add_func ("/inspector/files", test_files);
  g_test_add_func ("/inspector/copy", test_copy);
  result = g_test_run ();
  gtk_window_destroy (GTK_WINDOW (window));
  g_object_unref (application);
  cyt_test_remove_tree (root);
  g_free (root);
  return result;
}
