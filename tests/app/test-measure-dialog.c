/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog that measures concepts, on a display: its numbers and its file are those of the command. */
#include "config.h"

#include <adwaita.h>
#include <string.h>

#include "analysis/cyt-measuring.h"
#include "app-test-util.h"
#include "project/cyt-project-measures.h"

#include "cyt-format.h"
#include "cyt-measure-dialog.h"
#include "cyt-resources.h"

static char *root, *project_path;

static CytSession *
open_session (void)
{
  CytSession *session = cyt_session_new ();

  cyt_session_open (session, project_path);
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN && cyt_session_get_dataset (session) != NULL);
  return session;
}

static gpointer
get_child (CytMeasureDialog *dialog, const char *name)
{
  GObject *child = gtk_widget_get_template_child (GTK_WIDGET (dialog), CYT_TYPE_MEASURE_DIALOG, name);

  g_assert_nonnull (child);
  return child;
}

static const char *
get_page (CytMeasureDialog *dialog)
{
  return gtk_stack_get_visible_child_name (get_child (dialog, "stack"));
}

static gboolean
is_idle (CytMeasureDialog *dialog)
{
  return gtk_widget_get_sensitive (get_child (dialog, "measure_button"));
}

/* What the table says of the dictionary @column, the SAE being 1, in the row of explained variance. */
static const char *
get_explained (CytMeasureDialog *dialog, int column)
{
  GtkWidget *grid = adw_bin_get_child (get_child (dialog, "measures"));
  GtkWidget *cell = gtk_grid_get_child_at (GTK_GRID (grid), column, 4);

  return cell != NULL ? gtk_label_get_text (GTK_LABEL (cell)) : NULL;
}

static void
cancel (CytMeasureDialog *dialog)
{
  GtkWidget *button = gtk_widget_get_last_child (get_child (dialog, "job_bar"));

  while (!GTK_IS_BUTTON (button))
    button = gtk_widget_get_last_child (button);
  g_signal_emit_by_name (button, "clicked");
}

static char *
measure_by_command (const char *option)
{
  g_autofree char *program = g_build_filename (g_getenv ("CYT_BUILD_DIR"), "src", "cli", "cytosae", NULL);
  g_autofree char *csv = g_build_filename (root, "command.csv", NULL);
  const char *const argv[] = { program, "measure", project_path, "--csv", csv, option, NULL };
  char *text;
  int status;
  g_autoptr (GError) error = NULL;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_file_get_contents (csv, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static void
written_cb (CytMeasureDialog *dialog, const char *path, char **written)
{
  *written = g_strdup (path);
}

static char *
save (CytMeasureDialog *dialog)
{
  g_autofree char *path = g_build_filename (root, "saved", NULL), *written = NULL;
  gulong handler = g_signal_connect (dialog, "written", G_CALLBACK (written_cb), &written);
  char *text;
  g_autoptr (GError) error = NULL;

  cyt_measure_dialog_write (dialog, path);
  cyt_app_test_wait (written != NULL);
  g_signal_handler_disconnect (dialog, handler);
  g_assert_true (g_str_has_suffix (written, "saved.csv"));
  g_file_get_contents (written, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static void
check_explained (CytMeasureDialog *dialog, guint n_dictionaries)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (project_path, CYT_PROJECT_READ_ONLY, &error);
  g_autoptr (GPtrArray) measures = cyt_project_list_measures (project, 1, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (measures->len, ==, n_dictionaries);
  for (guint i = 0; i < n_dictionaries; i++)
    {
      g_autofree char *number = cyt_format_number (((CytMeasures *) measures->pdata[i])->explained);

      g_assert_cmpstr (get_explained (dialog, (int) i + 1), ==, number);
    }
  g_assert_null (get_explained (dialog, (int) n_dictionaries + 1));
}

/* In the window from nothing, the same by the command with baselines, stopped and gone on with. */
static void
test_measure (void)
{
  CytSession *session = open_session ();
  CytLatentModel *latents = cyt_session_get_latents (session);
  CytMeasureDialog *dialog = cyt_measure_dialog_new (NULL, session);
  g_autofree char *journal = cyt_measuring_dup_journal_path (project_path), *first = NULL, *all = NULL, *rows = NULL;
  g_autofree char *again = NULL;

  gtk_window_present (GTK_WINDOW (dialog));
  cyt_app_test_wait (is_idle (dialog));
  g_assert_cmpstr (get_page (dialog), ==, "message");
  g_assert_cmpstr (adw_status_page_get_title (get_child (dialog, "message")), ==, "Not Measured Yet");
  g_assert_false (gtk_widget_get_sensitive (get_child (dialog, "save_button")));
  g_assert_null (cyt_latent_model_get_current_table (latents)->measured);
  gtk_switch_set_active (get_child (dialog, "baselines"), FALSE);
  g_signal_emit_by_name (get_child (dialog, "measure_button"), "clicked");
  cyt_app_test_wait (is_idle (dialog) && g_str_equal (get_page (dialog), "tables"));
  check_explained (dialog, 1);
  g_assert_true (gtk_widget_get_visible (get_child (dialog, "classes_group")));
  g_assert_false (gtk_widget_get_visible (get_child (dialog, "structures_group")));
  cyt_app_test_wait (cyt_latent_model_get_current_table (latents)->measured != NULL);
  first = save (dialog);
  gtk_window_destroy (GTK_WINDOW (dialog));

  /* What the command measured shows when the dialog opens; without rows of the baselines, which are not kept. */
  all = measure_by_command ("--baselines");
  g_assert_true (g_str_has_prefix (all, first) && strlen (all) > strlen (first));
  dialog = cyt_measure_dialog_new (NULL, session);
  gtk_window_present (GTK_WINDOW (dialog));
  cyt_app_test_wait (is_idle (dialog));
  g_assert_cmpstr (get_page (dialog), ==, "tables");
  check_explained (dialog, 5);
  rows = save (dialog);
  g_assert_cmpstr (rows, ==, first);

  /* Stopped as soon as something is kept, it says so, and goes on to the same end. */
  gtk_switch_set_active (get_child (dialog, "baselines"), FALSE);
  g_signal_emit_by_name (get_child (dialog, "measure_button"), "clicked");
  cyt_app_test_wait (g_file_test (journal, G_FILE_TEST_EXISTS));
  cancel (dialog);
  cyt_app_test_wait (gtk_widget_get_visible (get_child (dialog, "interrupted")));
  g_assert_true (is_idle (dialog));
  check_explained (dialog, 5);
  g_signal_emit_by_name (get_child (dialog, "measure_button"), "clicked");
  cyt_app_test_wait (is_idle (dialog));
  g_assert_false (gtk_widget_get_visible (get_child (dialog, "interrupted")));
  g_assert_false (g_file_test (journal, G_FILE_TEST_EXISTS));
  check_explained (dialog, 1);
  again = save (dialog);
  g_assert_cmpstr (again, ==, first);
  gtk_window_destroy (GTK_WINDOW (dialog));
  cyt_app_test_close_session (session);
}

/* Errors stay in the dialog, in one line. */
static void
test_problems (void)
{
  CytSession *session = open_session ();
  CytMeasureDialog *dialog = cyt_measure_dialog_new (NULL, session);
  g_autofree char *nowhere = g_build_filename (root, "none", "m.csv", NULL);

  gtk_window_present (GTK_WINDOW (dialog));
  cyt_app_test_wait (is_idle (dialog) && g_str_equal (get_page (dialog), "tables"));
  cyt_measure_dialog_write (dialog, nowhere);
  cyt_app_test_wait (gtk_widget_get_visible (get_child (dialog, "problem")));
  g_assert_nonnull (strstr (gtk_label_get_text (get_child (dialog, "problem")), "m.csv"));
  cyt_measure_dialog_set_masks (dialog, root);
  g_assert_true (gtk_widget_get_visible (get_child (dialog, "names_row")));
  gtk_switch_set_active (get_child (dialog, "baselines"), FALSE);
  g_signal_emit_by_name (get_child (dialog, "measure_button"), "clicked");
  cyt_app_test_wait (is_idle (dialog));
  g_assert_true (gtk_widget_get_visible (get_child (dialog, "problem")));
  g_assert_nonnull (strstr (gtk_label_get_text (get_child (dialog, "problem")), root));

  /* closed while it measures */
  cyt_measure_dialog_set_masks (dialog, NULL);
  g_signal_emit_by_name (get_child (dialog, "measure_button"), "clicked");
  gtk_window_destroy (GTK_WINDOW (dialog));
  cyt_app_test_close_session (session);
}

int
main (int argc, char **argv)
{
  g_autofree char *images = NULL;
  CytSession *session;
  int status;

  root = cyt_test_make_tmpdir ();
  images = g_build_filename (root, "cells", NULL);
  project_path = g_build_filename (root, "p.cytosae", NULL);
  g_setenv ("GTK_A11Y", "none", TRUE); /* the command is waited for */
  cyt_app_test_use_home (root);
  g_test_init (&argc, &argv, NULL);
  g_resources_register (cyt_get_resource ());
  adw_init ();
  cyt_app_test_make_images (images, 40);
  session = cyt_session_new ();
  cyt_session_create (session, cyt_app_test_make_plan (project_path, images));
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN && !cyt_session_is_indexing (session));
  cyt_app_test_close_session (session);
  g_test_add_func ("/measure-dialog/measure", test_measure);
  g_test_add_func ("/measure-dialog/problems", test_problems);
  status = g_test_run ();
  cyt_test_remove_tree (root);
  g_free (project_path);
  g_free (root);
  return status;
}
