/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of patients in the real window: what it shows beside what the analysis says, and every way to get there. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "app-driver.h"

#include "analysis/cyt-comparison.h"
#include "project/cyt-demo.h"

#include "cyt-application.h"
#include "cyt-barcode-plot.h"
#include "cyt-classify-view.h"
#include "cyt-confound-view.h"
#include "cyt-disease-view.h"
#include "cyt-job-bar.h"
#include "cyt-patient-cells.h"
#include "cyt-patient-evidence.h"
#include "cyt-patient-item.h"
#include "cyt-patient-list.h"
#include "cyt-patient-matrix.h"
#include "cyt-patients-page.h"
#include "cyt-stability-view.h"
#include "cyt-threshold-bar.h"

#define N_CELLS 75
#define N_PATIENTS 25           /* 5 of each of 5 groups: as few as can be cross-validated */
#define N_FEW_PATIENTS 10

static char *root, *path, *few_path;
static CytApplication *application; /* one for all tests: a second one would find its place on the bus taken */

static char *
make_cohort (const char *name, guint n_patients)
{
  const CytDemoOptions options = { .n_cells = N_CELLS, .n_patients = n_patients };
  g_autofree char *folder = g_build_filename (root, name, NULL);
  g_autoptr (GError) error = NULL;

  cyt_demo_run (folder, &options, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return cyt_demo_dup_project_path (folder);
}

/* ---- What the page holds ---- */

typedef struct
{
  CytDriver driver;
  GtkWidget *page;
} Fixture;

static gpointer
get_child (GtkWidget *widget, const char *name)
{
  GObject *child = gtk_widget_get_template_child (widget, G_OBJECT_TYPE (widget), name);

  g_assert_nonnull (child);
  return child;
}

static GListModel *
get_rows (GtkWidget *table_owner)
{
  GtkColumnView *table = GTK_COLUMN_VIEW (cyt_driver_find_shown (table_owner, GTK_TYPE_COLUMN_VIEW));

  return table != NULL ? G_LIST_MODEL (gtk_column_view_get_model (table)) : NULL;
}

static guint
count_rows (GtkWidget *table_owner)
{
  GListModel *rows = get_rows (table_owner);

  return rows != NULL ? g_list_model_get_n_items (rows) : 0;
}

/* The row of a patient. */
static CytPatientItem *
get_patient (Fixture *f, guint position)
{
  g_autoptr (CytPatientItem) item = g_list_model_get_item (get_rows (get_child (f->page, "list")), position);

  return item; /* the list holds it */
}

static const char *
get_text (GtkWidget *widget, const char *label)
{
  return gtk_label_get_label (get_child (widget, label));
}

static void
show_part (Fixture *f, const char *part)
{
  gtk_stack_set_visible_child_name (get_child (f->page, "parts"), part);
  cyt_app_test_wait (g_str_equal (gtk_stack_get_visible_child_name (get_child (f->page, "parts")), part));
}

static void
fixture_init (Fixture *f, const char *project)
{
  cyt_driver_init (&f->driver, GTK_APPLICATION (application), project);
  cyt_session_set_rater (f->driver.session, "R");
  cyt_session_set_view (f->driver.session, CYT_VIEW_PATIENTS);
  cyt_app_test_wait ((f->page = cyt_driver_find_shown (GTK_WIDGET (f->driver.window), CYT_TYPE_PATIENTS_PAGE)) != NULL
                     && count_rows (get_child (f->page, "list")) > 0);
}

static void
fixture_clear (Fixture *f)
{
  cyt_driver_clear (&f->driver);
}

/* Whether each patient's outlier score is the one of @barcodes. */
static gboolean
shows (Fixture *f, const CytBarcodes *barcodes)
{
  g_autofree double *outliers = g_new (double, barcodes->rows->len);

  cyt_patients_score_outliers (barcodes, outliers);
  for (guint i = 0; i < count_rows (get_child (f->page, "list")); i++)
    {
      const CytPatientItem *item = get_patient (f, i);

      if (item->outlier != outliers[item->index] && !(isnan (item->outlier) && isnan (outliers[item->index])))
        return FALSE;
    }
  return TRUE;
}

static CytBarcodes *
compute (const char *project_path, double threshold, gboolean skip_marked)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (project_path, CYT_PROJECT_READ_ONLY, &error);
  CytBarcodesOptions options = CYT_BARCODES_OPTIONS_INIT;
  CytBarcodes *barcodes;

  g_assert_no_error (error);
  options.threshold = threshold;
  options.skip_marked = skip_marked;
  barcodes = cyt_barcodes_compute (project, &options, NULL, &error);
  g_assert_no_error (error);
  return barcodes;
}

/* Until it has ended, which may take minutes on a busy machine. */
static void
wait_for_job (CytJobBar *job)
{
  gint64 end = g_get_monotonic_time () + 400 * G_USEC_PER_SEC;

  while (cyt_job_bar_is_running (job))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

/* ---- Tests ---- */

/* Runs first: nothing but the index's threshold is known yet. */
static void
test_threshold (void)
{
  Fixture f;
  g_autoptr (CytBarcodes) own = compute (path, NAN, FALSE);
  GtkWidget *bar;
  GtkAdjustment *position;
  GtkRevealer *revealer;

  fixture_init (&f, path);
  bar = get_child (f.page, "threshold_bar");
  position = get_child (bar, "adjustment");
  revealer = get_child (bar, "revealer");
  g_assert_cmpuint (count_rows (get_child (f.page, "list")), ==, N_PATIENTS);
  g_assert_true (shows (&f, own));
  g_assert_cmpfloat (gtk_adjustment_get_value (position), ==, 20);
  g_assert_false (gtk_revealer_get_reveal_child (revealer));

  /* A step by key is not known: nothing on the page changes, and it says so. */
  gtk_widget_grab_focus (get_child (bar, "scale"));
  cyt_app_test_wait (gtk_window_is_active (GTK_WINDOW (f.driver.window)) && gtk_widget_has_focus (get_child (bar, "scale")));
  cyt_driver_run (&f.driver, "key Right");
  cyt_app_test_wait (gtk_revealer_get_reveal_child (revealer));
  g_assert_cmpfloat (gtk_adjustment_get_value (position), ==, 21);
  g_assert_cmpstr (get_text (bar, "value"), ==, "0.21");
  g_assert_nonnull (strstr (get_text (bar, "offer"), "0.2."));
  g_assert_nonnull (strstr (get_text (f.page, "subtitle"), "0.2 "));
  g_assert_true (shows (&f, own));

  /* Cancelled it says that it can go on; then it counts them all. */
  cyt_app_test_wait (gtk_revealer_get_child_revealed (revealer));
  cyt_driver_run (&f.driver, "key alt+o");
  cyt_app_test_wait (cyt_job_bar_is_running (get_child (bar, "job")));
  g_signal_emit_by_name (cyt_driver_find_shown (get_child (bar, "job"), GTK_TYPE_BUTTON), "clicked");
  cyt_app_test_wait (!cyt_job_bar_is_running (get_child (bar, "job")));
  g_assert_true (gtk_revealer_get_reveal_child (revealer));
  g_assert_true (shows (&f, own));
  g_signal_emit_by_name (get_child (bar, "count"), "clicked");
  wait_for_job (get_child (bar, "job"));
  cyt_app_test_wait (!gtk_revealer_get_reveal_child (revealer) && strstr (get_text (f.page, "subtitle"), "0.21 ") != NULL);
  {
    g_autoptr (CytBarcodes) expected = compute (path, 0.21, FALSE);

    g_assert_true (shows (&f, expected));
    g_assert_false (shows (&f, own));
  }

  /* As fast as a hand can: the last one counts. */
  for (guint i = 22; i <= 101; i++)
    {
      gtk_adjustment_set_value (position, i);
      g_main_context_iteration (NULL, FALSE);
    }
  cyt_app_test_wait (strstr (get_text (f.page, "subtitle"), "1.1 ") != NULL);
  {
    g_autoptr (CytBarcodes) expected = compute (path, 1.1, FALSE);

    g_assert_true (shows (&f, expected));
  }
  g_signal_emit_by_name (get_child (bar, "reset"), "clicked");
  cyt_app_test_wait (strstr (get_text (f.page, "subtitle"), "0.2 ") != NULL);
  g_assert_true (shows (&f, own));
  fixture_clear (&f);
}

static gboolean
is_predicted (Fixture *f)
{
  for (guint i = 0; i < N_PATIENTS; i++)
    if (get_patient (f, i)->predicted[0] == '\0')
      return FALSE;
  return TRUE;
}

static void
test_classification (void)
{
  Fixture f;
  const CytClassificationOptions options = CYT_CLASSIFICATION_OPTIONS_INIT;
  g_autoptr (CytBarcodes) barcodes = compute (path, NAN, FALSE);
  g_autoptr (CytFeatures) features = NULL;
  g_autoptr (CytClassification) expected = NULL;
  g_autoptr (GError) error = NULL;
  GtkWidget *view, *evidence, *cells;
  GtkAdjustment *position;

  features = cyt_features_new_from_barcodes (barcodes, NULL, &error);
  expected = cyt_classification_run (barcodes, features, &options, NULL, NULL, &error);
  g_assert_no_error (error);

  fixture_init (&f, path);
  view = get_child (f.page, "classify_view");
  evidence = get_child (f.page, "evidence");
  cells = get_child (f.page, "cells");
  /* Without a classification there is no evidence, but a way to it. */
  gtk_stack_set_visible_child_name (get_child (f.page, "reasons"), "evidence");
  cyt_app_test_wait (gtk_widget_get_mapped (get_child (evidence, "classify")));
  g_signal_emit_by_name (get_child (evidence, "classify"), "clicked");
  cyt_app_test_wait (gtk_widget_get_mapped (view) && !gtk_stack_get_transition_running (get_child (f.page, "parts"))
                     && gtk_widget_is_sensitive (get_child (view, "run")));

  /* Cancelled there is nothing, and it can be asked again. */
  cyt_driver_run (&f.driver, "key alt+v");
  cyt_app_test_wait (cyt_job_bar_is_running (get_child (view, "job")));
  g_signal_emit_by_name (cyt_driver_find_shown (get_child (view, "job"), GTK_TYPE_BUTTON), "clicked");
  cyt_app_test_wait (!cyt_job_bar_is_running (get_child (view, "job")));
  g_assert_null (cyt_classify_view_get_result (CYT_CLASSIFY_VIEW (view)));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (get_child (view, "stack")), ==, "message");
  gtk_check_button_set_active (get_child (view, "with_encoder"), TRUE);
  g_signal_emit_by_name (get_child (view, "run"), "clicked");
  wait_for_job (get_child (view, "job"));
  g_assert_nonnull (cyt_classify_view_get_result (CYT_CLASSIFY_VIEW (view)));
  {
    const CytClassResult *result = cyt_classify_view_get_result (CYT_CLASSIFY_VIEW (view));
    const CytClassification *ours = result->results[CYT_FEATURES_BARCODES];

    g_assert_cmpstr (gtk_stack_get_visible_child_name (get_child (view, "stack")), ==, "result");
    g_assert_nonnull (result->results[CYT_FEATURES_MEAN]);
    g_assert_nonnull (result->results[CYT_FEATURES_CLS]);
    g_assert_true (ours->weighted_f1.mean == expected->weighted_f1.mean && ours->p == expected->p);
    g_assert_cmpuint (ours->n, ==, N_PATIENTS);
    for (guint i = 0; i < N_PATIENTS; i++)
      {
        const CytPatientItem *item = get_patient (&f, i);
        gssize place = cyt_classification_find (expected, item->index);

        g_assert_cmpstr (item->predicted, ==, expected->classes[expected->predicted[place]]);
      }
  }
  g_assert_nonnull (strstr (get_text (view, "summary"), "research use only"));

  /* Evidence of the patient who is selected; a concept leads to cells. */
  show_part (&f, "patient");
  cyt_app_test_wait (count_rows (evidence) > 0);
  g_assert_nonnull (strstr (get_text (evidence, "decision"), "Research use only"));
  g_assert_nonnull (strstr (get_text (evidence, "decision"), get_patient (&f, 0)->predicted));
  gtk_single_selection_set_selected (GTK_SINGLE_SELECTION (get_rows (evidence)), 0);
  {
    g_autofree char *latent = NULL;
    g_autoptr (GArray) shares = NULL;
    guint row = get_patient (&f, 0)->index, class = expected->predicted[cyt_classification_find (expected, row)];

    shares = cyt_classifier_explain (cyt_classification_get_model (expected, row), cyt_features_get_row (features, row), class);
    latent = g_strdup_printf ("#%u", features->latents[g_array_index (shares, CytContribution, 0).feature]);
    cyt_app_test_wait (strstr (get_text (cells, "heading"), latent) != NULL);
  }

  /* Other numbers have no prediction; with these it is there again, without another run. */
  position = get_child (get_child (f.page, "threshold_bar"), "adjustment");
  gtk_adjustment_set_value (position, 60);
  cyt_app_test_wait (strstr (get_text (f.page, "subtitle"), "0.6 ") != NULL);
  g_assert_null (cyt_classify_view_get_result (CYT_CLASSIFY_VIEW (view)));
  g_assert_false (is_predicted (&f));
  gtk_adjustment_set_value (position, 20);
  cyt_app_test_wait (strstr (get_text (f.page, "subtitle"), "0.2 ") != NULL);
  g_assert_true (is_predicted (&f));
  fixture_clear (&f);
}

static void
test_refused (void)
{
  Fixture f;
  GtkWidget *view;

  fixture_init (&f, few_path);
  show_part (&f, "classification");
  view = get_child (f.page, "classify_view");
  g_signal_emit_by_name (get_child (view, "run"), "clicked");
  cyt_app_test_wait (strstr (get_text (view, "message"), "fewer patients (2) than there are folds (5)") != NULL);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (get_child (view, "stack")), ==, "message");
  g_assert_true (gtk_widget_get_sensitive (get_child (view, "run")));
  fixture_clear (&f);
}

static void
test_stability (void)
{
  Fixture f;
  GtkWidget *view;

  fixture_init (&f, path);
  gtk_stack_set_visible_child_name (get_child (f.page, "plots"), "stability");
  cyt_app_test_wait ((view = cyt_driver_find_shown (f.page, CYT_TYPE_STABILITY_VIEW)) != NULL);
  cyt_app_test_wait (strstr (gtk_label_get_label (GTK_LABEL (gtk_widget_get_first_child (view))), "200 draws") != NULL);
  fixture_clear (&f);
}

static CytConceptStatus
get_status (Fixture *f, guint latent)
{
  const CytConcept *concept = cyt_latent_model_get_concept (f->driver.model, latent);

  return concept != NULL ? concept->status : CYT_CONCEPT_UNREVIEWED;
}

/* Marked in one step, left out by the switch, and both undone. */
static void
test_confounds (void)
{
  Fixture f;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, &error);
  g_autoptr (GArray) expected = cyt_confounds_compute (project, NULL, &error);
  g_autoptr (CytBarcodes) all = compute (path, NAN, FALSE), some = NULL;
  GtkWidget *view;
  guint latents[2];

  g_assert_no_error (error);
  g_assert_cmpuint (expected->len, >, 2);
  fixture_init (&f, path);
  show_part (&f, "confounds");
  view = get_child (f.page, "confound_view");
  gtk_check_button_set_active (get_child (view, "suspects_only"), FALSE);
  cyt_app_test_wait (count_rows (view) == expected->len);
  for (guint i = 0; i < 2; i++)
    latents[i] = g_array_index (expected, CytConfound, i).latent;
  g_assert_false (gtk_widget_get_sensitive (get_child (view, "mark")));
  gtk_selection_model_select_range (GTK_SELECTION_MODEL (get_rows (view)), 0, 2, TRUE);
  g_assert_true (gtk_widget_get_sensitive (get_child (view, "mark")));
  g_signal_emit_by_name (get_child (view, "mark"), "clicked");
  cyt_app_test_wait (cyt_session_get_save_state (f.driver.session) == CYT_SAVE_DONE);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (get_status (&f, latents[i]), ==, CYT_CONCEPT_ARTEFACT);

  some = compute (path, NAN, TRUE);
  g_assert_cmpuint (some->n_latents, ==, all->n_latents - 2);
  g_assert_true (shows (&f, all) && !shows (&f, some));
  gtk_check_button_set_active (get_child (f.page, "skip_marked"), TRUE);
  cyt_app_test_wait (shows (&f, some));
  g_assert_cmpuint (count_rows (view), ==, expected->len - 2);
  cyt_session_undo (f.driver.session);
  cyt_app_test_wait (shows (&f, all));
  cyt_app_test_wait (count_rows (view) == expected->len);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (get_status (&f, latents[i]), !=, CYT_CONCEPT_ARTEFACT);
  fixture_clear (&f);
}

/* What is tested, how strongly, and the way to the concept. */
static void
test_diseases (void)
{
  Fixture f;
  g_autoptr (CytBarcodes) barcodes = compute (path, NAN, FALSE);
  g_autoptr (CytComparison) expected = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) diseases = cyt_barcodes_list_diseases (barcodes);
  const char *controls = cyt_patients_guess_controls (barcodes), *first;
  GtkWidget *view;
  guint n_up = 0, n_down = 0;

  first = g_strcmp0 (diseases[0], controls) != 0 ? diseases[0] : diseases[1];
  expected = cyt_comparison_new (barcodes, first, controls, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < expected->differences->len; i++)
    {
      double difference = g_array_index (expected->differences, CytDifference, i).difference;

      n_up += difference > 0;
      n_down += difference < 0;
    }
  fixture_init (&f, path);
  show_part (&f, "diseases");
  view = get_child (f.page, "diseases_view");
  cyt_app_test_wait (count_rows (view) == MIN (50, n_up) + MIN (50, n_down));
  gtk_widget_grab_focus (cyt_driver_find_shown (view, GTK_TYPE_COLUMN_VIEW));
  g_signal_emit_by_name (cyt_driver_find_shown (view, GTK_TYPE_COLUMN_VIEW), "activate", 0u);
  cyt_app_test_wait (g_str_equal (cyt_session_get_view (f.driver.session), CYT_VIEW_CONCEPTS));
  g_array_sort (expected->differences, cyt_difference_compare_difference);
  g_assert_cmpint (cyt_latent_model_get_selected (f.driver.model), ==,
                   g_array_index (expected->differences, CytDifference, 0).latent);
  cyt_session_go_back (f.driver.session);
  cyt_app_test_wait (gtk_widget_get_mapped (view));
  fixture_clear (&f);
}

/* By pointer: a field of the matrix is a patient, a peak of the barcode a concept. */
static void
test_pointer (void)
{
  Fixture f;
  GtkWidget *matrix, *plot;
  const char *before;
  char *heading;
  int x, y;

  fixture_init (&f, path);
  show_part (&f, "likeness");
  matrix = get_child (f.page, "matrix");
  cyt_app_test_wait (gtk_widget_get_width (matrix) > 100);
  before = get_patient (&f, 0)->name;
  g_assert_cmpstr (get_text (f.page, "title"), ==, before);
  cyt_driver_get_place (&f.driver, matrix, 60, gtk_widget_get_height (matrix) - 40, &x, &y);
  cyt_driver_move_pointer (&f.driver, matrix, x, y);
  cyt_driver_run (&f.driver, "click 4 click 4"); /* the wheel: closer about the pointer */
  cyt_driver_run (&f.driver, "click 1");
  cyt_app_test_wait (g_str_equal (gtk_stack_get_visible_child_name (get_child (f.page, "parts")), "patient"));
  g_assert_cmpstr (get_text (f.page, "title"), !=, before);
  g_assert_cmpstr (get_text (f.page, "title"), ==, get_patient (&f, N_PATIENTS - 1)->name);

  plot = get_child (f.page, "plot");
  cyt_app_test_wait (gtk_widget_get_width (plot) > 100);
  heading = g_strdup (get_text (get_child (f.page, "cells"), "heading"));
  gtk_widget_grab_focus (plot);
  cyt_driver_run (&f.driver, "key Right");
  cyt_app_test_wait (g_strcmp0 (get_text (get_child (f.page, "cells"), "heading"), heading) != 0);
  g_free (heading);
  cyt_driver_run (&f.driver, "key Return");
  cyt_app_test_wait (g_str_equal (cyt_session_get_view (f.driver.session), CYT_VIEW_CONCEPTS));
  fixture_clear (&f);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int result;

  root = cyt_test_make_tmpdir ();
  cyt_app_test_use_home (root);
  g_setenv ("GSK_RENDERER", "cairo", TRUE);
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_test_init (&argc, &argv, NULL);
  path = make_cohort ("cohort", N_PATIENTS);
  few_path = make_cohort ("few", N_FEW_PATIENTS);
  application = cyt_application_new (G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
  g_test_add_func ("/app/patients/threshold", test_threshold);
  g_test_add_func ("/app/patients/classification", test_classification);
  g_test_add_func ("/app/patients/refused", test_refused);
  g_test_add_func ("/app/patients/stability", test_stability);
  g_test_add_func ("/app/patients/confounds", test_confounds);
  g_test_add_func ("/app/patients/diseases", test_diseases);
  g_test_add_func ("/app/patients/pointer", test_pointer);
  result = g_test_run ();
  g_object_unref (application);
  cyt_test_remove_tree (root);
  g_free (path);
  g_free (few_path);
  g_free (root);
  return result;
}
