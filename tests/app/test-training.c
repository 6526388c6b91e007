/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Training in the window: from the form over curves, pause, resume and stop-and-keep to an autoencoder; what it says of
 * wrong input; and that a training outlives the window. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "app-test-util.h"
#include "io/cyt-hash.h"

#include "cyt-application.h"
#include "cyt-training-setup.h"
#include "cyt-training-view.h"
#include "cyt-training-window.h"
#include "cyt-window.h"

static char *root;

static GObject *
get_child (gpointer widget, const char *name)
{
  return gtk_widget_get_template_child (widget, G_OBJECT_TYPE (widget), name);
}

static char *
make_path (const char *name)
{
  return g_build_filename (root, name, NULL);
}

static gboolean
is_wrong (gpointer widget, const char *name)
{
  return gtk_widget_has_css_class (GTK_WIDGET (get_child (widget, name)), "error");
}

static const char *
get_subtitle (gpointer widget, const char *name)
{
  return adw_action_row_get_subtitle (ADW_ACTION_ROW (get_child (widget, name)));
}

static void
set_spin (gpointer widget, const char *name, double value)
{
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (get_child (widget, name)), value);
}

static void
click (gpointer widget, const char *name)
{
  GtkWidget *button = GTK_WIDGET (get_child (widget, name));

  g_assert_true (gtk_widget_get_visible (button) && gtk_widget_get_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

/* A training of a few seconds. */
static void
fill_in (CytTrainingSetup *setup, const char *out, guint n_images)
{
  g_autofree char *images = make_path ("cells"), *path = make_path (out);

  cyt_training_setup_set_images (setup, images);
  cyt_training_setup_set_out (setup, path);
  set_spin (setup, "expansion_spin", 0.5);
  set_spin (setup, "batch_spin", 4);
  set_spin (setup, "images_total_spin", n_images);
}

static gboolean
is_complete (CytTrainingSetup *setup)
{
  gboolean complete;

  g_object_get (setup, "complete", &complete, NULL);
  return complete;
}

static void
index_cb (CytTrainingWindow *window, const char *encoder, const char *images, const char *sae, char **said)
{
  *said = g_strjoin ("|", encoder, images, sae, NULL);
}

static gsize
get_n_done (CytTraining *training)
{
  CytProgressState state;

  cyt_training_get_progress (training, &state);
  return state.n_done;
}

static void
test_form (void)
{
  g_autoptr (CytSession) session = cyt_session_new ();
  CytTrainingWindow *window = cyt_training_window_new (NULL, session);
  CytTrainingSetup *setup = CYT_TRAINING_SETUP (get_child (window, "setup"));
  g_autofree char *missing = make_path ("nowhere"), *closed = make_path ("nowhere/sae.pt"), *text = make_path ("text.pth");
  g_autofree char *there = make_path ("there.pt");
  g_autoptr (CytTrainingPlan) plan = NULL;

  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &window);
  gtk_window_present (GTK_WINDOW (window));
  g_assert_false (is_complete (setup));
  g_assert_false (gtk_widget_get_sensitive (GTK_WIDGET (get_child (window, "start_button"))));

  fill_in (setup, "form.pt", 40);
  cyt_app_test_wait (is_complete (setup));
  g_assert_nonnull (strstr (get_subtitle (setup, "encoder_row"), "6 layers, 257 tokens of 192 dimensions"));
  g_assert_nonnull (strstr (get_subtitle (setup, "images_row"), "24 images"));
  g_assert_nonnull (strstr (get_subtitle (setup, "expansion_row"), "96 latents"));
  g_assert_nonnull (strstr (get_subtitle (setup, "images_total_row"), "10 steps"));
  plan = cyt_training_setup_dup_plan (setup);
  g_assert_cmpuint (plan->n_images, ==, 40);
  g_assert_true (plan->l1 == 8e-5 && plan->lr == 4e-4 && plan->ghost && plan->seed == 42);

  /* What it costs is measured by itself. */
  cyt_app_test_wait (g_strcmp0 (gtk_label_get_label (GTK_LABEL (get_child (setup, "time_label"))), "–") != 0);

  cyt_training_setup_set_images (setup, missing);
  cyt_app_test_wait (is_wrong (setup, "images_row"));
  g_assert_nonnull (strstr (get_subtitle (setup, "images_row"), missing));
  g_assert_false (is_complete (setup));
  fill_in (setup, "form.pt", 40);
  cyt_app_test_wait (is_complete (setup));

  g_assert_true (g_file_set_contents (text, "no encoder", -1, NULL));
  cyt_training_setup_set_encoder (setup, text);
  cyt_app_test_wait (is_wrong (setup, "encoder_row"));
  g_assert_nonnull (strstr (get_subtitle (setup, "encoder_row"), "text.pth"));
  g_assert_false (is_complete (setup));
  click (setup, "builtin_button");
  cyt_app_test_wait (is_complete (setup));

  cyt_training_setup_set_out (setup, closed);
  cyt_app_test_wait (is_wrong (setup, "out_row"));
  g_assert_false (is_complete (setup));
  g_assert_true (g_file_set_contents (there, "", -1, NULL));
  cyt_training_setup_set_out (setup, there);
  cyt_app_test_wait (!is_complete (setup) && strstr (get_subtitle (setup, "out_row"), "exists") != NULL);
  fill_in (setup, "form.pt", 40);
  cyt_app_test_wait (is_complete (setup));

  gtk_editable_set_text (GTK_EDITABLE (get_child (setup, "l1_row")), "a little");
  g_assert_true (is_wrong (setup, "l1_row"));
  g_assert_false (is_complete (setup));
  /* Each variant has its own. */
  adw_combo_row_set_selected (ADW_COMBO_ROW (get_child (setup, "variant_row")), CYT_TRAIN_MATRYOSHKA);
  g_assert_true (is_complete (setup));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (get_child (setup, "l1_row"))));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (get_child (setup, "k_row"))));
  adw_combo_row_set_selected (ADW_COMBO_ROW (get_child (setup, "variant_row")), CYT_TRAIN_RELU);
  g_assert_false (is_complete (setup));
  gtk_editable_set_text (GTK_EDITABLE (get_child (setup, "l1_row")), "0,001");
  g_assert_true (is_complete (setup));
  gtk_window_close (GTK_WINDOW (window));
  cyt_app_test_wait (window == NULL);
}

/* Trained in one go, and with a pause in another session: the same file. */
static void
test_run (void)
{
  CytSession *session = cyt_session_new ();
  CytTrainingWindow *window = cyt_training_window_new (NULL, session);
  CytTrainingSetup *setup = CYT_TRAINING_SETUP (get_child (window, "setup"));
  CytTrainingView *view = CYT_TRAINING_VIEW (get_child (window, "view"));
  CytTraining *training = cyt_session_get_training (session);
  g_autofree char *whole = make_path ("whole.pt"), *cut = make_path ("cut.pt"), *state = make_path ("cut.pt.training");
  g_autofree char *said = NULL, *encoder = cyt_models_find_builtin ("encoder.safetensors"), *expected = NULL;
  g_autofree char *a = NULL, *b = NULL, *images = make_path ("cells");
  g_autoptr (GPtrArray) plans = NULL;
  guint n_points;
  gsize n_paused;

  g_signal_connect (window, "index", G_CALLBACK (index_cb), &said);
  gtk_window_present (GTK_WINDOW (window));
  fill_in (setup, "whole.pt", 1200);
  set_spin (setup, "expansion_spin", 2); /* slow enough to be caught on the way */
  cyt_app_test_wait (is_complete (setup));
  click (window, "start_button");
  g_assert_true (cyt_training_is_busy (training));
  cyt_app_test_wait (cyt_training_get_state (training) == CYT_TRAINING_DONE);
  g_assert_true (g_file_test (whole, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (cyt_training_curve_get_n_points (cyt_training_get_curve (training)), ==, 300);
  g_assert_true (cyt_training_curve_get_last (cyt_training_get_curve (training), CYT_TRAINING_L0) > 0);
  plans = cyt_training_plan_list ();
  g_assert_cmpuint (plans->len, ==, 0);
  click (view, "back_button");

  fill_in (setup, "cut.pt", 1200);
  set_spin (setup, "expansion_spin", 2);
  cyt_app_test_wait (is_complete (setup));
  click (window, "start_button");
  cyt_app_test_wait (get_n_done (training) > 0);
  click (view, "pause_button");
  cyt_app_test_wait (cyt_training_get_state (training) == CYT_TRAINING_PAUSED);
  g_assert_true (g_file_test (state, G_FILE_TEST_EXISTS));
  n_paused = get_n_done (training);
  click (view, "resume_button");
  cyt_app_test_wait (get_n_done (training) > n_paused);
  n_points = cyt_training_curve_get_n_points (cyt_training_get_curve (training));
  g_assert_cmpuint (n_points, >, 0);

  /* The whole session goes: the state is saved, and another one offers it. */
  gtk_window_destroy (GTK_WINDOW (window));
  g_object_add_weak_pointer (G_OBJECT (training), (gpointer *) &training);
  g_object_unref (session);
  cyt_app_test_wait (training == NULL);
  g_assert_true (g_file_test (state, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (cut, G_FILE_TEST_EXISTS));
  g_ptr_array_unref (plans);
  plans = cyt_training_plan_list ();
  g_assert_cmpuint (plans->len, ==, 1);

  session = cyt_session_new ();
  window = cyt_training_window_new (NULL, session);
  view = CYT_TRAINING_VIEW (get_child (window, "view"));
  training = cyt_session_get_training (session);
  g_signal_connect (window, "index", G_CALLBACK (index_cb), &said);
  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &window);
  gtk_window_present (GTK_WINDOW (window));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (get_child (get_child (window, "setup"), "unfinished_group"))));
  g_signal_emit_by_name (get_child (window, "setup"), "resume", plans->pdata[0]);
  cyt_app_test_wait (cyt_training_get_state (training) == CYT_TRAINING_DONE);
  g_assert_cmpuint (cyt_training_curve_get_n_points (cyt_training_get_curve (training)), ==, 300);
  g_assert_cmpuint (cyt_training_curve_get_n_points (cyt_training_get_curve (training)), >=, n_points);
  cyt_test_run_reference ("same_weights.py", whole, cut, NULL);
  a = cyt_hash_path (whole, NULL, NULL);
  b = cyt_hash_path (cut, NULL, NULL);
  g_test_message ("%s %s", a, b);

  click (view, "index_button");
  expected = g_strjoin ("|", encoder, images, cut, NULL);
  g_assert_cmpstr (said, ==, expected);
  cyt_app_test_wait (window == NULL);
  g_object_unref (session);
}

/* Stopped, it keeps what it has: running, and paused. */
static void
test_stop (void)
{
  g_autoptr (CytSession) session = cyt_session_new ();
  CytTrainingWindow *window = cyt_training_window_new (NULL, session);
  CytTrainingSetup *setup = CYT_TRAINING_SETUP (get_child (window, "setup"));
  CytTrainingView *view = CYT_TRAINING_VIEW (get_child (window, "view"));
  CytTraining *training = cyt_session_get_training (session);

  gtk_window_present (GTK_WINDOW (window));
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *name = g_strdup_printf ("stop%u.safetensors", i), *folder = g_strdup_printf ("stop%u", i);
      g_autofree char *in = g_build_filename (folder, name, NULL), *path = make_path (in), *dir = make_path (folder);
      g_autofree char *left = g_strconcat (path, ".training", NULL);
      g_autoptr (CytSae) sae = NULL;

      g_assert_cmpint (g_mkdir (dir, 0700), ==, 0);
      fill_in (setup, in, 4000000);
      adw_combo_row_set_selected (ADW_COMBO_ROW (get_child (setup, "variant_row")),
                                  i == 0 ? CYT_TRAIN_RELU : CYT_TRAIN_BATCH_TOPK);
      set_spin (setup, "k_spin", 8);
      cyt_app_test_wait (is_complete (setup));
      click (window, "start_button");
      cyt_app_test_wait (get_n_done (training) > 0);
      if (i == 1)
        {
          click (view, "pause_button");
          cyt_app_test_wait (cyt_training_get_state (training) == CYT_TRAINING_PAUSED);
        }
      click (view, "stop_button");
      cyt_app_test_wait (cyt_training_get_state (training) == CYT_TRAINING_DONE);
      sae = cyt_sae_load (path, NULL);
      g_assert_nonnull (sae);
      g_assert_cmpuint (cyt_sae_get_config (sae)->d_sae, ==, 96);
      g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
      click (view, "back_button");
      g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (get_child (window, "stack"))), ==, "setup");
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

/* What goes wrong on the way is told, and can be tried again. */
static void
test_failure (void)
{
  g_autoptr (CytSession) session = cyt_session_new ();
  CytTrainingWindow *window = cyt_training_window_new (NULL, session);
  CytTrainingSetup *setup = CYT_TRAINING_SETUP (get_child (window, "setup"));
  CytTrainingView *view = CYT_TRAINING_VIEW (get_child (window, "view"));
  CytTraining *training = cyt_session_get_training (session);
  g_autofree char *images = make_path ("cells"), *elsewhere = make_path ("elsewhere");

  gtk_window_present (GTK_WINDOW (window));
  fill_in (setup, "fails.pt", 40);
  cyt_app_test_wait (is_complete (setup));
  g_assert_cmpint (g_rename (images, elsewhere), ==, 0);
  click (window, "start_button");
  cyt_app_test_wait (cyt_training_get_state (training) == CYT_TRAINING_FAILED);
  g_assert_nonnull (strstr (cyt_training_get_problem (training), images));
  g_assert_cmpstr (gtk_label_get_label (GTK_LABEL (get_child (view, "detail"))), ==, cyt_training_get_problem (training));
  g_assert_cmpint (g_rename (elsewhere, images), ==, 0);
  click (view, "resume_button");
  cyt_app_test_wait (cyt_training_get_state (training) == CYT_TRAINING_DONE);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* So many steps that the curve is thinned out, and steps that are taken again. */
static void
test_curve (void)
{
  g_autoptr (CytTrainingCurve) curve = cyt_training_curve_new ();
  double sum = 0;

  for (guint64 step = 1; step <= 10000; step++)
    {
      const CytTrainingEvent event = { step, { (double) step, 1, 0, 3, 0.5, 0.25 } };

      cyt_training_curve_append (curve, &event);
    }
  g_assert_cmpuint (cyt_training_curve_get_n_points (curve), <=, CYT_TRAINING_CURVE_MAX);
  g_assert_cmpuint (cyt_training_curve_get_n_points (curve), >, CYT_TRAINING_CURVE_MAX / 2);
  for (guint i = 0; i < cyt_training_curve_get_n_points (curve); i++)
    {
      g_assert_cmpfloat (cyt_training_curve_get (curve, i, CYT_TRAINING_MSE), ==, cyt_training_curve_get_step (curve, i));
      sum += cyt_training_curve_get (curve, i, CYT_TRAINING_L0);
    }
  g_assert_cmpfloat (sum, ==, 3.0 * cyt_training_curve_get_n_points (curve));
  g_assert_cmpfloat (cyt_training_curve_get_last (curve, CYT_TRAINING_MSE), ==, 10000);
  cyt_training_curve_append (curve, &(CytTrainingEvent){ 5001, { 0 } });
  g_assert_cmpfloat (cyt_training_curve_get_step (curve, cyt_training_curve_get_n_points (curve) - 1), <=, 5001);
  g_assert_cmpfloat (cyt_training_curve_get_last (curve, CYT_TRAINING_MSE), ==, 0);
}

static void
activate_cb (GApplication *application, CytWindow **window)
{
  *window = cyt_window_new (GTK_APPLICATION (application));
  gtk_window_present (GTK_WINDOW (*window));
}

static GtkWindow *
find_window (GType type)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (g_type_is_a (G_OBJECT_TYPE (window), type))
        return window;
    }
  return NULL;
}

/* From the main window; asked for twice, there is one. */
static void
test_window (void)
{
  g_autoptr (CytApplication) application = cyt_application_new (G_APPLICATION_NON_UNIQUE);
  g_autoptr (GError) error = NULL;
  CytWindow *window = NULL;
  GtkWindow *training;

  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), &window);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
  g_application_activate (G_APPLICATION (application));
  cyt_app_test_wait (gtk_widget_get_mapped (GTK_WIDGET (window)));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.train", NULL));
  training = find_window (CYT_TYPE_TRAINING_WINDOW);
  g_assert_nonnull (training);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.train", NULL));
  cyt_app_test_wait (gtk_widget_get_mapped (GTK_WIDGET (training)));
  gtk_window_close (training);
  cyt_app_test_wait (find_window (CYT_TYPE_TRAINING_WINDOW) == NULL);
  gtk_window_close (GTK_WINDOW (window));
  cyt_app_test_wait (gtk_application_get_windows (GTK_APPLICATION (application)) == NULL);
}

int
main (int argc, char **argv)
{
  g_autofree char *images = NULL;
  int status;

  root = cyt_test_make_tmpdir ();
  cyt_app_test_use_home (root);
  g_setenv ("GSK_RENDERER", "cairo", TRUE);
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  images = make_path ("cells");
  cyt_app_test_make_images (images, 24);
  g_test_add_func ("/app/training/window", test_window);
  g_test_add_func ("/app/training/curve", test_curve);
  g_test_add_func ("/app/training/form", test_form);
  g_test_add_func ("/app/training/run", test_run);
  g_test_add_func ("/app/training/stop", test_stop);
  g_test_add_func ("/app/training/failure", test_failure);
  status = g_test_run ();
  cyt_test_remove_tree (root);
  g_free (root);
  return status;
}
