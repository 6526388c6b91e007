/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog that exports figures, on a display: what it offers, what it shows, what it writes. */
#include "config.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <string.h>

#include "app-test-util.h"

#include "cyt-figure-dialog.h"
#include "cyt-resources.h"
#include "figures/cyt-concepts-figure.h"
#include "io/cyt-image.h"

static char *root;
static char *project_path;

static CytSession *
open_session (void)
{
  CytSession *session = cyt_app_test_open_session (project_path);

  cyt_app_test_wait (g_list_model_get_n_items (cyt_session_get_cells (session)) > 0);
  return session;
}

static gpointer
get_child (CytFigureDialog *dialog, const char *name)
{
  GObject *child = gtk_widget_get_template_child (GTK_WIDGET (dialog), CYT_TYPE_FIGURE_DIALOG, name);

  g_assert_nonnull (child);
  return child;
}

static CytFigureDialog *
open_dialog (CytSession *session)
{
  CytFigureDialog *dialog = cyt_figure_dialog_new (NULL, session, cyt_session_list_figure_choices (session));

  gtk_window_present (GTK_WINDOW (dialog));
  cyt_app_test_wait (gtk_widget_get_sensitive (get_child (dialog, "export_button")));
  return dialog;
}

static const char *
get_stack_page (CytFigureDialog *dialog)
{
  return gtk_stack_get_visible_child_name (get_child (dialog, "stack"));
}

static double
get_ratio (CytFigureDialog *dialog)
{
  return gdk_paintable_get_intrinsic_aspect_ratio (gtk_picture_get_paintable (get_child (dialog, "picture")));
}

static void
written_cb (CytFigureDialog *dialog, const char *path, char **written)
{
  *written = g_strdup (path);
}

/* What shows follows what is chosen; what is written is what the command line writes. */
static void
test_concepts (void)
{
  CytSession *session = open_session ();
  CytFigureDialog *dialog = open_dialog (session);
  g_autofree char *path = g_build_filename (root, "f", NULL), *png = g_build_filename (root, "f.png", NULL), *written = NULL;
  g_autofree char *command = NULL, *caption = NULL;
  g_autoptr (CytFigureProvenance) provenance = NULL;
  g_autoptr (CytImage) image = NULL;
  g_autoptr (GError) error = NULL;
  double ratio = get_ratio (dialog);

  g_assert_cmpstr (get_stack_page (dialog), ==, "picture");
  caption = g_strdup (gtk_label_get_text (get_child (dialog, "caption")));
  g_assert_nonnull (strstr (caption, "data set \"blood\""));

  /* half as wide, the cells stand in two lines */
  gtk_spin_button_set_value (get_child (dialog, "width"), 89);
  g_assert_cmpuint (adw_combo_row_get_selected (get_child (dialog, "column_row")), ==, 1);
  cyt_app_test_wait (get_ratio (dialog) < 0.8 * ratio);
  gtk_editable_set_text (GTK_EDITABLE (get_child (dialog, "panel_row")), "a");
  ratio = get_ratio (dialog);
  cyt_app_test_wait (get_ratio (dialog) < ratio);
  gtk_spin_button_set_value (get_child (dialog, "count"), 2);
  cyt_app_test_wait (strcmp (gtk_label_get_text (get_child (dialog, "caption")), caption) == 0 && get_ratio (dialog) > ratio);

  g_assert_false (gtk_widget_get_sensitive (get_child (dialog, "dpi_row")));
  adw_combo_row_set_selected (get_child (dialog, "format_row"), 2);
  g_assert_true (gtk_widget_get_sensitive (get_child (dialog, "dpi_row")));
  g_signal_connect (dialog, "written", G_CALLBACK (written_cb), &written);
  cyt_figure_dialog_write (dialog, path);
  cyt_app_test_wait (written != NULL);
  g_assert_cmpstr (written, ==, png);
  image = cyt_image_load (png, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (image->width, ==, 1051);
  provenance = cyt_figure_provenance_load (png, &error);
  g_assert_no_error (error);
  g_ptr_array_add (provenance->command, NULL);
  command = g_strjoinv (" ", (char **) provenance->command->pdata);
  g_assert_nonnull (strstr (command, "figure project.cytosae concepts --dataset blood --latents "));
  g_assert_nonnull (strstr (command, "--cells 2 --overlay heat"));
  g_assert_nonnull (strstr (command, "--width 89 --dpi 300 --style nature --panel a"));
  cyt_app_test_close_session (session);
}

/* A file that cannot be written is told in the dialog, which stays. */
static void
test_nowhere (void)
{
  CytSession *session = open_session ();
  CytFigureDialog *dialog = open_dialog (session);
  g_autofree char *path = g_build_filename (root, "none", "f.pdf", NULL);

  cyt_figure_dialog_write (dialog, path);
  cyt_app_test_wait (gtk_widget_get_visible (get_child (dialog, "problem")));
  g_assert_nonnull (strstr (gtk_label_get_text (get_child (dialog, "problem")), "f.pdf"));
  g_assert_true (gtk_widget_get_sensitive (get_child (dialog, "export_button")));
  gtk_window_destroy (GTK_WINDOW (dialog));
  cyt_app_test_close_session (session);
}

static CytFigureKind
get_first_kind (CytSession *session)
{
  g_autoptr (GPtrArray) choices = cyt_session_list_figure_choices (session);

  return ((CytFigureChoice *) choices->pdata[0])->kind;
}

/* Each view offers its own figure first; the cell that is looked at is drawn with its maps. */
static void
test_views (void)
{
  CytSession *session = open_session ();
  CytFigureDialog *dialog;
  CytInspection *inspection;

  g_assert_cmpint (get_first_kind (session), ==, CYT_FIGURE_CONCEPTS);
  cyt_session_set_view (session, CYT_VIEW_MAP);
  g_assert_cmpint (get_first_kind (session), ==, CYT_FIGURE_MAP);
  dialog = open_dialog (session);
  g_assert_cmpstr (get_stack_page (dialog), ==, "picture");
  g_assert_false (gtk_widget_get_visible (get_child (dialog, "count_row")));
  adw_combo_row_set_selected (get_child (dialog, "kind_row"), 1); /* and the other is a choice away */
  cyt_app_test_wait (gtk_widget_get_visible (get_child (dialog, "count_row")));
  gtk_window_destroy (GTK_WINDOW (dialog));

  cyt_session_inspect_cell (session, 1);
  inspection = cyt_session_get_inspection (session);
  cyt_app_test_wait (cyt_inspection_get_facts (inspection) != NULL);
  g_assert_cmpint (get_first_kind (session), ==, CYT_FIGURE_CELL);
  dialog = open_dialog (session);
  g_assert_cmpstr (get_stack_page (dialog), ==, "picture");
  g_assert_nonnull (strstr (gtk_label_get_text (get_child (dialog, "caption")), "5 latents"));
  gtk_window_destroy (GTK_WINDOW (dialog)); /* also while it draws */
  dialog = cyt_figure_dialog_new (NULL, session, cyt_session_list_figure_choices (session));
  gtk_window_destroy (GTK_WINDOW (dialog));
  cyt_app_test_close_session (session);
}

int
main (int argc, char **argv)
{
  g_autofree char *images = NULL;
  CytSession *session;
  CytProjectPlan *plan;
  int status;

  root = cyt_test_make_tmpdir ();
  images = g_build_filename (root, "images", NULL);
  project_path = g_build_filename (root, "project.cytosae", NULL);
  cyt_app_test_use_home (root);
  g_test_init (&argc, &argv, NULL);
  g_resources_register (cyt_get_resource ());
  adw_init ();
  cyt_app_test_make_images (images, 24);
  plan = cyt_app_test_make_plan (project_path, images);
  g_free (plan->dataset);
  plan->dataset = g_strdup ("blood");
  session = cyt_session_new ();
  cyt_session_create (session, plan);
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN && !cyt_session_is_indexing (session)
                     && cyt_session_get_dataset (session) != NULL && cyt_session_get_dataset (session)->n_indexed == 24);
  cyt_app_test_close_session (session);
  g_test_add_func ("/figure-dialog/concepts", test_concepts);
  g_test_add_func ("/figure-dialog/nowhere", test_nowhere);
  g_test_add_func ("/figure-dialog/views", test_views);
  status = g_test_run ();
  cyt_test_remove_tree (root);
  g_free (project_path);
  g_free (root);
  return status;
}
