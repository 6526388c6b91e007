/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid in the real window, with real keys and a real pointer: overlay, zoom, sections, selection. */
#include "config.h"

#include "app-test-util.h"

#include <gdk/x11/gdkx.h>

#include "cyt-application.h"
#include "cyt-cell-grid-view.h"
#include "cyt-cell-section.h"
#include "cyt-cell-tile.h"
#include "cyt-concepts-page.h"
#include "cyt-latent-list.h"
#include "cyt-window.h"

#define N_BLOOD 60
#define N_MARROW 12

static char *root, *project_path;
static CytWindow *window;
static CytSession *session;
static CytCellGridView *view;

/* ---- Keys and pointer ---- */

static void
exited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_assert_true (g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, NULL));
  *(gboolean *) user_data = TRUE;
}

/* xdotool COMMAND… (words without spaces). The window goes on meanwhile. */
static void
act (const char *command)
{
  g_autofree char *line = g_strconcat ("xdotool ", command, NULL);
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_newv ((const char *const *) words, G_SUBPROCESS_FLAGS_STDOUT_SILENCE,
                                                       &error);
  gboolean done = FALSE;

  g_assert_no_error (error);
  g_subprocess_wait_check_async (process, NULL, exited_cb, &done);
  cyt_app_test_wait (done);
}

static gulong
get_xid (void)
{
  return (gulong) gdk_x11_surface_get_xid (gtk_native_get_surface (GTK_NATIVE (window)));
}

static GtkWidget *
find_widget (GtkWidget *widget, GType type)
{
  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* The tile of cell @i of the section, NULL while it is not there. */
static CytCellTile *
find_tile (guint section, guint i)
{
  g_autoptr (GListModel) cells = g_list_model_get_item (cyt_session_get_sections (session), section);
  g_autoptr (CytCellItem) item = g_list_model_get_item (cells, i);

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (view)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (item != NULL && CYT_IS_CELL_TILE (child) && gtk_widget_get_child_visible (child)
        && cyt_cell_tile_get_item (CYT_CELL_TILE (child)) == item)
      return CYT_CELL_TILE (child);
  return NULL;
}

/* The middle of its picture on the screen: the window fills it. */
static void
point_at (guint section, guint i, const char *then)
{
  g_autofree char *command = NULL;
  double x, y, dx, dy;

  cyt_app_test_wait (find_tile (section, i) != NULL && gtk_widget_get_width (GTK_WIDGET (find_tile (section, i))) > 0);
  g_assert_true (gtk_widget_translate_coordinates (GTK_WIDGET (find_tile (section, i)), GTK_WIDGET (window), 30, 30, &x,
                                                   &y));
  gtk_native_get_surface_transform (GTK_NATIVE (window), &dx, &dy);
  command = g_strdup_printf ("mousemove --window %lu %d %d %s",
                             get_xid (), (int) (x + dx), (int) (y + dy), then);
  act (command);
}

static guint
count_selected (void)
{
  g_autoptr (GPtrArray) items = cyt_cell_grid_view_list_selected (view);

  return items->len;
}

/* ---- Tests ---- */

static void
test_sections (void)
{
  graphene_rect_t blood, marrow;

  cyt_app_test_wait (find_tile (0, 0) != NULL && find_tile (CYT_CELL_SECTION_N_KINDS, 0) != NULL);
  cyt_app_test_wait (gtk_widget_get_width (GTK_WIDGET (find_tile (0, 0))) > 0);
  g_assert_true (gtk_widget_compute_bounds (GTK_WIDGET (find_tile (0, 0)), GTK_WIDGET (view), &blood));
  g_assert_true (gtk_widget_compute_bounds (GTK_WIDGET (find_tile (CYT_CELL_SECTION_N_KINDS, 0)), GTK_WIDGET (view),
                                            &marrow));
  /* Side by side in this window. */
  g_assert_cmpfloat (marrow.origin.x, >, blood.origin.x + 2 * blood.size.width);
  g_assert_cmpfloat_with_epsilon (marrow.origin.y, blood.origin.y, 40);
}

static void
test_overlay (void)
{
  CytOverlayMode mode = cyt_session_get_overlay_mode (session);
  double opacity = cyt_session_get_opacity (session);

  gtk_widget_grab_focus (GTK_WIDGET (view));
  act ("key space");
  cyt_app_test_wait (cyt_session_get_overlay_mode (session) == CYT_OVERLAY_OFF);
  act ("key space");
  cyt_app_test_wait (cyt_session_get_overlay_mode (session) == mode);
  act ("key bracketright");
  cyt_app_test_wait (cyt_session_get_opacity (session) > opacity);
  act ("key bracketleft");
  cyt_app_test_wait (cyt_session_get_opacity (session) < opacity + 0.01);
  act ("keydown h");
  cyt_app_test_wait (cyt_session_get_overlay_hidden (session));
  g_assert_cmpint (cyt_session_get_overlay_mode (session), ==, mode);
  act ("keyup h");
  cyt_app_test_wait (!cyt_session_get_overlay_hidden (session));
}

static void
test_zoom (void)
{
  guint size = cyt_session_get_tile_size (session);

  act ("key ctrl+minus");
  cyt_app_test_wait (cyt_session_get_tile_size (session) < size);
  cyt_app_test_wait (find_tile (0, 0) != NULL
                     && gtk_widget_get_width (GTK_WIDGET (find_tile (0, 0)))
                          == (int) cyt_session_get_tile_size (session));
  act ("key ctrl+plus");
  cyt_app_test_wait (cyt_session_get_tile_size (session) == size);
  point_at (0, 0, "keydown ctrl click 5 click 5 keyup ctrl");
  cyt_app_test_wait (cyt_session_get_tile_size (session) < size * 0.85);
  act ("key ctrl+0");
  cyt_app_test_wait (cyt_session_get_tile_size (session) == CYT_TILE_SIZE_DEFAULT);
  cyt_app_test_wait (find_tile (0, 0) != NULL
                     && gtk_widget_get_width (GTK_WIDGET (find_tile (0, 0))) == CYT_TILE_SIZE_DEFAULT);
}

static void
test_selection (void)
{
  GtkSelectionModel *selection = cyt_cell_grid_view_get_selection (view);

  point_at (0, 0, "click 1");
  cyt_app_test_wait (count_selected () == 1 && gtk_selection_model_is_selected (selection, 0));
  act ("key Right");
  cyt_app_test_wait (count_selected () == 1 && gtk_selection_model_is_selected (selection, 1));
  act ("key shift+Right shift+Right");
  cyt_app_test_wait (count_selected () == 3 && gtk_selection_model_is_selected (selection, 3));
  act ("key Down");
  cyt_app_test_wait (count_selected () == 1 && !gtk_selection_model_is_selected (selection, 3));
  act ("key ctrl+a");
  cyt_app_test_wait (count_selected () == g_list_model_get_n_items (cyt_session_get_cells (session)));
  act ("key Escape");
  cyt_app_test_wait (count_selected () == 0);
  point_at (0, 1, "click 1");
  cyt_app_test_wait (count_selected () == 1);
  point_at (0, 2, "keydown ctrl click 1 keyup ctrl");
  cyt_app_test_wait (count_selected () == 2 && gtk_selection_model_is_selected (selection, 2));
  /* A band from the first cell to the fourth, in two columns. */
  point_at (0, 0, "mousedown 1");
  point_at (0, 3, "mouseup 1");
  cyt_app_test_wait (count_selected () == 4 && gtk_selection_model_is_selected (selection, 3));
  /* The last cell is scrolled to, and is there. */
  act ("key End");
  cyt_app_test_wait (find_tile (CYT_CELL_SECTION_N_KINDS, N_MARROW - 1) != NULL);
  act ("key Home");
  cyt_app_test_wait (gtk_selection_model_is_selected (selection, 0) && count_selected () == 1);
  act ("key Return");
  cyt_app_test_wait (cyt_session_get_inspection (session) != NULL);
  cyt_session_close_inspection (session);
}

/* From the list to the cells, to one of them, and back, by keys alone. */
static void
test_reach (void)
{
  GtkWidget *page = find_widget (GTK_WIDGET (window), CYT_TYPE_CONCEPTS_PAGE);
  CytLatentList *list = CYT_LATENT_LIST (find_widget (page, CYT_TYPE_LATENT_LIST));

  gtk_selection_model_unselect_all (cyt_cell_grid_view_get_selection (view));
  cyt_latent_list_focus_rows (list);
  cyt_app_test_wait (cyt_latent_list_has_rows_focus (list));
  act ("key Right");
  cyt_app_test_wait (gtk_widget_has_focus (GTK_WIDGET (view)));
  g_assert_false (cyt_latent_list_has_rows_focus (list));
  act ("key Home Return");
  cyt_app_test_wait (cyt_session_get_inspection (session) != NULL);
  cyt_session_close_inspection (session);
  gtk_widget_grab_focus (GTK_WIDGET (view));
  act ("key Escape");
  cyt_app_test_wait (count_selected () == 0);
  act ("key Escape");
  cyt_app_test_wait (cyt_latent_list_has_rows_focus (list));
}

/* ---- Beginning and end ---- */

static void
index_cells (const char *name, const char *domain, guint n)
{
  g_autofree char *folder = g_build_filename (root, name, NULL);
  g_autofree char *program = g_build_filename (g_getenv ("CYT_BUILD_DIR"), "src", "cli", "cytosae", NULL);
  g_autofree char *encoder = cyt_test_source ("data/models/pbc-tiny/encoder.safetensors");
  g_autofree char *sae = cyt_test_source ("data/models/pbc-tiny/sae");
  g_autofree char *out = NULL, *err = NULL;

  cyt_app_test_make_images (folder, n);
  g_assert_cmpint (cyt_test_run (&out, &err, program, "index", "-e", encoder, "-s", sae, "-i", folder, "-d", name,
                                 "--domain", domain, project_path, NULL), ==, 0);
}

static void
activate_cb (GApplication *application)
{
  CytLatentModel *latents;
  g_autofree char *focus = NULL;
  gint64 best = 0;

  window = cyt_window_new (GTK_APPLICATION (application));
  session = cyt_window_get_session (window);
  gtk_window_maximize (GTK_WINDOW (window));
  gtk_window_present (GTK_WINDOW (window));
  cyt_session_open (session, project_path);
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN);
  latents = cyt_session_get_latents (session);
  for (gsize k = 0; k < cyt_latent_model_get_n_latents (latents); k++)
    if (cyt_latent_model_get_row (latents, k)->n_active > cyt_latent_model_get_row (latents, best)->n_active)
      best = k;
  cyt_latent_model_set_selected (latents, best);
  view = CYT_CELL_GRID_VIEW (find_widget (GTK_WIDGET (window), CYT_TYPE_CELL_GRID_VIEW));
  g_assert_nonnull (view);
  /* There is no window manager here that would give it the focus. */
  cyt_app_test_wait (gtk_widget_get_mapped (GTK_WIDGET (window)));
  focus = g_strdup_printf ("windowfocus %lu", get_xid ());
  act (focus);
  cyt_app_test_wait (gtk_window_is_active (GTK_WINDOW (window)));
}

int
main (int argc, char **argv)
{
  g_autoptr (CytApplication) application = NULL;
  int result;

  root = cyt_test_make_tmpdir ();
  project_path = g_build_filename (root, "two.cytosae", NULL);
  cyt_app_test_use_home (root);
  g_setenv ("GSK_RENDERER", "cairo", TRUE);
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_test_init (&argc, &argv, NULL);
  index_cells ("blood", "peripheral blood", N_BLOOD);
  index_cells ("marrow", "bone marrow", N_MARROW);
  application = cyt_application_new (G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  g_application_activate (G_APPLICATION (application));
  g_test_add_func ("/app/cell-grid/sections", test_sections);
  g_test_add_func ("/app/cell-grid/overlay", test_overlay);
  g_test_add_func ("/app/cell-grid/zoom", test_zoom);
  g_test_add_func ("/app/cell-grid/selection", test_selection);
  g_test_add_func ("/app/cell-grid/reach", test_reach);
  result = g_test_run ();
  gtk_window_destroy (GTK_WINDOW (window));
  cyt_test_remove_tree (root);
  g_free (project_path);
  g_free (root);
  return result;
}
