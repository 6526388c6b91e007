/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog that compares two domains, on a display: what it says is what the core computes; what it saves; what it says
 * when there is nothing to compare. */
#include "config.h"

#include <adwaita.h>
#include <math.h>
#include <string.h>

#include "analysis/cyt-transfer.h"
#include "app-test-util.h"

#include "cyt-format.h"
#include "cyt-resources.h"
#include "cyt-transfer-dialog.h"

static char *root;
static char *one_path, *two_path; /* projects of one and of two data sets */

static CytSession *
open_session (const char *path)
{
  CytSession *session = cyt_session_new ();

  cyt_session_open (session, path);
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN && cyt_session_get_dataset (session) != NULL);
  return session;
}

static gpointer
get_child (CytTransferDialog *dialog, const char *name)
{
  GObject *child = gtk_widget_get_template_child (GTK_WIDGET (dialog), CYT_TYPE_TRANSFER_DIALOG, name);

  g_assert_nonnull (child);
  return child;
}

static CytTransferDialog *
open_dialog (CytSession *session)
{
  CytTransferDialog *dialog = cyt_transfer_dialog_new (NULL, session);

  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}

static const char *
get_page (CytTransferDialog *dialog)
{
  return gtk_stack_get_visible_child_name (get_child (dialog, "stack"));
}

static const char *
get_message (CytTransferDialog *dialog)
{
  return adw_status_page_get_title (get_child (dialog, "message"));
}

static guint32
get_latent (GtkListBoxRow *row)
{
  g_assert_nonnull (row);
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "latent"));
}

/* What shows is what the core says of these projects. */
static void
check_numbers (CytTransferDialog *dialog, const char *train_path, const char *test_path)
{
  const CytTransferOptions options = CYT_TRANSFER_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) train = cyt_project_open (train_path, CYT_PROJECT_READ_ONLY, &error);
  g_autoptr (CytProject) test = cyt_project_open (test_path, CYT_PROJECT_READ_ONLY, &error);
  g_autoptr (CytTransfer) transfer = cyt_transfer_compute (train, test, &options, NULL, NULL, &error);
  g_autofree char *share = NULL, *a = NULL, *b = NULL, *explained = NULL;
  GtkListBoxRow *row;

  g_assert_no_error (error);
  share = cyt_format_percent ((double) transfer->n_alive_both / (double) transfer->n_alive_train);
  g_assert_true (transfer->explained_train < 1 && transfer->explained_test < 1);
  a = cyt_format_number (transfer->explained_train);
  b = cyt_format_number (transfer->explained_test);
  explained = g_strdup_printf ("%s / %s", a, b);
  g_assert_cmpuint (transfer->ranked->len, >=, 12);
  g_assert_cmpstr (gtk_label_get_text (get_child (dialog, "alive")), ==, share);
  g_assert_cmpstr (gtk_label_get_text (get_child (dialog, "profiles")), ==, "–"); /* two classes are too few */
  g_assert_cmpstr (gtk_label_get_text (get_child (dialog, "explained")), ==, explained);
  for (int i = 0; i < 6; i++)
    {
      g_assert_cmpuint (get_latent (gtk_list_box_get_row_at_index (get_child (dialog, "best"), i)), ==,
                        g_array_index (transfer->ranked, guint32, i));
      row = gtk_list_box_get_row_at_index (get_child (dialog, "worst"), i);
      g_assert_cmpuint (get_latent (row), ==, g_array_index (transfer->ranked, guint32, transfer->ranked->len - 1 - (guint) i));
    }
  g_assert_null (gtk_list_box_get_row_at_index (get_child (dialog, "best"), 6));
}

static void
written_cb (CytTransferDialog *dialog, const char *path, char **written)
{
  *written = g_strdup (path);
}

/* Two data sets of a project: compared at once; a row leads to its concept; the report is a PDF file. */
static void
test_two (void)
{
  CytSession *session = open_session (two_path);
  CytTransferDialog *dialog = open_dialog (session);
  g_autofree char *path = g_build_filename (root, "report", NULL), *nowhere = g_build_filename (root, "none", "r.pdf", NULL);
  g_autofree char *written = NULL, *bytes = NULL;
  g_autoptr (GError) error = NULL;
  GtkListBoxRow *row;
  gsize length;

  cyt_app_test_wait (g_str_equal (get_page (dialog), "result"));
  check_numbers (dialog, two_path, two_path);
  row = gtk_list_box_get_row_at_index (get_child (dialog, "worst"), 0);
  g_signal_emit_by_name (get_child (dialog, "worst"), "row-activated", row);
  g_assert_cmpint (cyt_latent_model_get_selected (cyt_session_get_latents (session)), ==, get_latent (row));
  g_assert_cmpstr (cyt_session_get_view (session), ==, CYT_VIEW_CONCEPTS);

  g_signal_connect (dialog, "written", G_CALLBACK (written_cb), &written);
  cyt_transfer_dialog_write (dialog, nowhere);
  cyt_app_test_wait (gtk_widget_get_visible (get_child (dialog, "problem")));
  g_assert_nonnull (strstr (gtk_label_get_text (get_child (dialog, "problem")), "r.pdf"));
  g_assert_null (written);
  cyt_transfer_dialog_write (dialog, path);
  cyt_app_test_wait (written != NULL);
  g_assert_true (g_str_has_suffix (written, "report.pdf"));
  g_file_get_contents (written, &bytes, &length, &error);
  g_assert_no_error (error);
  g_assert_true (length > 10000 && g_str_has_prefix (bytes, "%PDF-"));

  /* the same on both sides, and the dialog closed while it computes */
  adw_combo_row_set_selected (get_child (dialog, "test_row"), 0);
  g_assert_cmpstr (get_page (dialog), ==, "message");
  g_assert_cmpstr (get_message (dialog), ==, "Choose Two Domains");
  g_assert_false (gtk_widget_get_sensitive (get_child (dialog, "save_button")));
  adw_combo_row_set_selected (get_child (dialog, "test_row"), 1);
  gtk_window_destroy (GTK_WINDOW (dialog));
  cyt_app_test_close_session (session);
}

/* One data set: says what to do; then another project is chosen, and one that is none. */
static void
test_one (void)
{
  CytSession *session = open_session (one_path);
  CytTransferDialog *dialog = open_dialog (session);
  g_autofree char *missing = g_build_filename (root, "missing.cytosae", NULL);

  g_assert_cmpstr (get_page (dialog), ==, "message");
  g_assert_cmpstr (get_message (dialog), ==, "Two Domains Are Needed");
  g_assert_false (gtk_widget_get_sensitive (get_child (dialog, "save_button")));
  cyt_transfer_dialog_set_other (dialog, two_path);
  cyt_app_test_wait (g_str_equal (get_page (dialog), "result"));
  check_numbers (dialog, one_path, two_path);
  cyt_transfer_dialog_set_other (dialog, missing);
  cyt_app_test_wait (g_str_equal (get_page (dialog), "message"));
  g_assert_cmpstr (get_message (dialog), ==, "The Domains Cannot Be Compared");
  g_assert_nonnull (strstr (adw_status_page_get_description (get_child (dialog, "message")), "missing.cytosae"));
  gtk_window_destroy (GTK_WINDOW (dialog));
  cyt_app_test_close_session (session);
}

static char *
write_classes (const char *name, const char *text)
{
  char *path = g_build_filename (root, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

static const char *
get_profiles (CytTransferDialog *dialog)
{
  return adw_action_row_get_subtitle (get_child (dialog, "profiles_row"));
}

/* A file of classes: what it leaves out, one that does not fit, and without it again. */
static void
test_classes (void)
{
  CytSession *session = open_session (two_path);
  CytTransferDialog *dialog = open_dialog (session);
  g_autofree char *good = write_classes ("good.csv", "train,test\ndark,\n,dark\n");
  g_autofree char *bad = write_classes ("bad.csv", "train,test\nnobody,dark\n");
  g_autofree char *all = NULL;

  cyt_app_test_wait (g_str_equal (get_page (dialog), "result"));
  g_assert_false (gtk_widget_get_visible (get_child (dialog, "forget_button")));
  all = g_strdup (get_profiles (dialog));
  cyt_transfer_dialog_set_classes (dialog, bad);
  cyt_app_test_wait (g_str_equal (get_page (dialog), "message"));
  g_assert_nonnull (strstr (adw_status_page_get_description (get_child (dialog, "message")), "nobody"));
  g_assert_cmpstr (adw_action_row_get_subtitle (get_child (dialog, "classes_row")), ==, "bad.csv");
  cyt_transfer_dialog_set_classes (dialog, good);
  cyt_app_test_wait (g_str_equal (get_page (dialog), "result"));
  g_assert_true (gtk_widget_get_visible (get_child (dialog, "forget_button")));
  g_signal_emit_by_name (get_child (dialog, "forget_button"), "clicked");
  g_assert_false (gtk_widget_get_visible (get_child (dialog, "forget_button")));
  cyt_app_test_wait (g_str_equal (get_page (dialog), "result"));
  g_assert_cmpstr (get_profiles (dialog), ==, all);
  gtk_window_destroy (GTK_WINDOW (dialog));
  cyt_app_test_close_session (session);
}

/* Stopped by its button, and begun again by another choice: the second data set of another project. */
static void
test_cancel (void)
{
  CytSession *session = open_session (one_path);
  CytTransferDialog *dialog = open_dialog (session);
  GtkWidget *button = gtk_widget_get_last_child (get_child (dialog, "job_bar"));

  cyt_transfer_dialog_set_other (dialog, two_path);
  cyt_app_test_wait (g_str_equal (get_page (dialog), "busy"));
  g_assert_true (GTK_IS_BUTTON (button) && gtk_widget_get_mapped (button));
  g_signal_emit_by_name (button, "clicked");
  cyt_app_test_wait (g_str_equal (get_page (dialog), "message"));
  g_assert_cmpstr (get_message (dialog), ==, "Cancelled");
  g_assert_cmpuint (g_list_model_get_n_items (adw_combo_row_get_model (get_child (dialog, "test_row"))), ==, 3);
  adw_combo_row_set_selected (get_child (dialog, "test_row"), 2);
  cyt_app_test_wait (g_str_equal (get_page (dialog), "result"));
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (get_child (dialog, "alive_row")), "marrow"));
  g_assert_null (strstr (adw_action_row_get_subtitle (get_child (dialog, "alive_row")), "blood"));
  gtk_window_destroy (GTK_WINDOW (dialog));
  cyt_app_test_close_session (session);
}

static void
make_dataset (const char *project, const char *images, const char *name)
{
  CytSession *session = cyt_session_new ();
  CytProjectPlan *plan = cyt_app_test_make_plan (project, images);

  g_free (plan->dataset);
  plan->dataset = g_strdup (name);
  cyt_session_create (session, plan);
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN && !cyt_session_is_indexing (session));
  cyt_app_test_close_session (session);
}

int
main (int argc, char **argv)
{
  g_autofree char *many = NULL, *few = NULL;
  int status;

  root = cyt_test_make_tmpdir ();
  many = g_build_filename (root, "many", NULL);
  few = g_build_filename (root, "few", NULL);
  one_path = g_build_filename (root, "one.cytosae", NULL);
  two_path = g_build_filename (root, "two.cytosae", NULL);
  cyt_app_test_use_home (root);
  g_test_init (&argc, &argv, NULL);
  g_resources_register (cyt_get_resource ());
  adw_init ();
  cyt_app_test_make_images (many, 24);
  cyt_app_test_make_images (few, 10);
  make_dataset (one_path, few, "marrow");
  make_dataset (two_path, many, "blood");
  make_dataset (two_path, few, "marrow");
  g_test_add_func ("/transfer-dialog/two", test_two);
  g_test_add_func ("/transfer-dialog/one", test_one);
  g_test_add_func ("/transfer-dialog/classes", test_classes);
  g_test_add_func ("/transfer-dialog/cancel", test_cancel);
  status = g_test_run ();
  cyt_test_remove_tree (root);
  g_free (one_path);
  g_free (two_path);
  g_free (root);
  return status;
}
