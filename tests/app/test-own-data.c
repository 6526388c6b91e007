/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window Use Your Own Data: what it says of right, wrong and ill-matched files, where it leads, and that a
 * measurement can be stopped. */
#include "config.h"

#include <string.h>

#include "app-test-util.h"

#include "cyt-application.h"
#include "cyt-own-data.h"
#include "cyt-window.h"

static char *root;

static GObject *
get_child (CytOwnData *window, const char *name)
{
  return gtk_widget_get_template_child (GTK_WIDGET (window), CYT_TYPE_OWN_DATA, name);
}

static gboolean
is_visible (CytOwnData *window, const char *name)
{
  return gtk_widget_get_visible (GTK_WIDGET (get_child (window, name)));
}

static const char *
get_subtitle (CytOwnData *window, const char *name)
{
  return adw_action_row_get_subtitle (ADW_ACTION_ROW (get_child (window, name)));
}

static gboolean
is_wrong (CytOwnData *window, const char *name)
{
  return gtk_widget_has_css_class (GTK_WIDGET (get_child (window, name)), "error");
}

/* A SAELens folder's weights: an SAE of 8 latents on tokens of 128 dimensions, all zero. */
static char *
write_small_sae (void)
{
  static const char header[]
    = "{\"W_enc\":{\"dtype\":\"F32\",\"shape\":[128,8],\"data_offsets\":[0,4096]},"
      "\"b_enc\":{\"dtype\":\"F32\",\"shape\":[8],\"data_offsets\":[4096,4128]},"
      "\"W_dec\":{\"dtype\":\"F32\",\"shape\":[8,128],\"data_offsets\":[4128,8224]},"
      "\"b_dec\":{\"dtype\":\"F32\",\"shape\":[128],\"data_offsets\":[8224,8736]}}";
  static const char config[] = "{\"architecture\":\"standard\",\"d_in\":128,\"d_sae\":8,\"dtype\":\"float32\"}";
  g_autofree char *json = g_build_filename (root, "cfg.json", NULL);
  char *path = g_build_filename (root, "sae_weights.safetensors", NULL);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE (strlen (header));
  g_autofree guint8 *zeros = g_new0 (guint8, 8736);

  g_byte_array_append (bytes, (const guint8 *) &length, sizeof length);
  g_byte_array_append (bytes, (const guint8 *) header, strlen (header));
  g_byte_array_append (bytes, zeros, 8736);
  g_assert_true (g_file_set_contents (json, config, -1, NULL));
  g_assert_true (g_file_set_contents (path, (const char *) bytes->data, bytes->len, NULL));
  return path;
}

static void
new_project_cb (CytOwnData *window, const char *encoder, const char *sae, char **chosen)
{
  *chosen = g_strjoin ("|", encoder, sae, NULL);
}

static void
test_files (void)
{
  g_autoptr (CytSession) session = cyt_session_new ();
  g_autofree char *encoder = cyt_models_find_builtin ("encoder.safetensors"), *small = write_small_sae ();
  g_autofree char *folder = cyt_models_find_builtin ("sae");
  g_autofree char *sae = g_build_filename (folder, "sae_weights.safetensors", NULL), *missing = NULL, *expected = NULL;
  g_autofree char *chosen = NULL;
  CytOwnData *window = cyt_own_data_new (NULL, session);
  GtkWidget *button = GTK_WIDGET (get_child (window, "new_button"));

  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &window);
  g_signal_connect (window, "new-project", G_CALLBACK (new_project_cb), &chosen);
  gtk_window_present (GTK_WINDOW (window));
  g_assert_false (gtk_widget_get_sensitive (button));
  g_assert_false (is_visible (window, "encoder_icon"));

  cyt_own_data_set_encoder (window, encoder);
  cyt_app_test_wait (is_visible (window, "encoder_icon"));
  g_assert_false (is_wrong (window, "encoder_row"));
  g_assert_nonnull (strstr (get_subtitle (window, "encoder_row"), "6 layers, 257 tokens of 192 dimensions"));
  g_assert_false (is_visible (window, "fit_row"));
  g_assert_false (gtk_widget_get_sensitive (button));

  /* Something else, and something that is not there: a line that names the file. */
  missing = g_build_filename (root, "nowhere.pt", NULL);
  cyt_own_data_set_sae (window, missing);
  cyt_app_test_wait (is_visible (window, "sae_icon"));
  g_assert_true (is_wrong (window, "sae_row"));
  g_assert_nonnull (strstr (get_subtitle (window, "sae_row"), missing));
  cyt_own_data_set_sae (window, encoder);
  cyt_app_test_wait (is_visible (window, "sae_icon"));
  g_assert_true (is_wrong (window, "sae_row"));
  g_assert_null (strchr (get_subtitle (window, "sae_row"), '\n'));
  g_assert_false (gtk_widget_get_sensitive (button));

  /* Right in itself, wrong for this encoder. */
  cyt_own_data_set_sae (window, small);
  cyt_app_test_wait (is_visible (window, "fit_row"));
  g_assert_false (is_wrong (window, "sae_row"));
  g_assert_true (is_wrong (window, "fit_row"));
  g_assert_false (gtk_widget_get_sensitive (button));

  cyt_own_data_set_sae (window, sae);
  cyt_app_test_wait (gtk_widget_get_sensitive (button));
  g_assert_false (is_wrong (window, "fit_row"));
  g_signal_emit_by_name (button, "clicked");
  expected = g_strjoin ("|", encoder, sae, NULL);
  g_assert_cmpstr (chosen, ==, expected);
  cyt_app_test_wait (window == NULL);
}

static void
test_measure (void)
{
  CytSession *session = cyt_session_new ();
  CytOwnData *window = cyt_own_data_new (NULL, session);
  GtkButton *button = GTK_BUTTON (get_child (window, "measure_button"));
  GtkStack *stack = GTK_STACK (get_child (window, "result_stack"));
  GtkProgressBar *bar = GTK_PROGRESS_BAR (get_child (window, "progress_bar"));

  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &window);
  g_object_add_weak_pointer (G_OBJECT (session), (gpointer *) &session);
  gtk_window_present (GTK_WINDOW (window));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (stack), ==, "none");
  for (int i = 0; i < 2; i++)
    {
      g_signal_emit_by_name (button, "clicked");
      g_assert_cmpstr (gtk_stack_get_visible_child_name (stack), ==, "running");
      cyt_app_test_wait (gtk_progress_bar_get_fraction (bar) > 0.02);
      if (i == 1)
        break;
      g_signal_emit_by_name (button, "clicked");
      cyt_app_test_wait (g_str_equal (gtk_stack_get_visible_child_name (stack), "none"));
    }

  /* Closed in the middle: it stops by itself. */
  gtk_window_close (GTK_WINDOW (window));
  g_object_unref (session);
  cyt_app_test_wait (window == NULL && session == NULL);
}

static void
activate_cb (GApplication *application, CytWindow **window)
{
  *window = cyt_window_new (GTK_APPLICATION (application));
  gtk_window_present (GTK_WINDOW (*window));
}

static GtkWindow *
find_own_data (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (CYT_IS_OWN_DATA (window))
        return window;
    }
  return NULL;
}

/* From the main window, where the welcome page and the menu lead. */
static void
test_window (void)
{
  g_autoptr (CytApplication) application = cyt_application_new (G_APPLICATION_NON_UNIQUE);
  g_autoptr (GError) error = NULL;
  CytWindow *window = NULL;
  GtkWindow *own_data;

  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), &window);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
  g_application_activate (G_APPLICATION (application));
  cyt_app_test_wait (gtk_widget_get_mapped (GTK_WIDGET (window)));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.own-data", NULL));
  own_data = find_own_data ();
  g_assert_nonnull (own_data);
  g_assert_true (gtk_window_get_transient_for (own_data) == GTK_WINDOW (window));
  cyt_app_test_wait (gtk_widget_get_mapped (GTK_WIDGET (own_data)));
  gtk_window_close (own_data);
  gtk_window_close (GTK_WINDOW (window));
  cyt_app_test_wait (gtk_application_get_windows (GTK_APPLICATION (application)) == NULL);
}

int
main (int argc, char **argv)
{
  int status;

  root = cyt_test_make_tmpdir ();
  cyt_app_test_use_home (root);
  g_setenv ("GSK_RENDERER", "cairo", TRUE);
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/app/own-data/window", test_window);
  g_test_add_func ("/app/own-data/files", test_files);
  g_test_add_func ("/app/own-data/measure", test_measure);
  status = g_test_run ();
  cyt_test_remove_tree (root);
  g_free (root);
  return status;
}
