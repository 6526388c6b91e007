/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-classify-view.h"
#include "cyt-confusion-matrix.h"
#include "cyt-format.h"
#include "cyt-job-bar.h"
#include "cyt-line-plot.h"

struct _CytClassifyView
{
  GtkWidget parent_instance;

  CytSession *session;
  CytPatientsView *view;
  GHashTable *results;            /* fingerprint → CytClassResult */
  CytClassResult *shown;          /* of the view, NULL: none; borrowed from results */

  GtkButton *run;
  GtkCheckButton *with_encoder;
  CytJobBar *job;
  GtkStack *stack;
  GtkLabel *message;
  GtkLabel *summary;
  GtkGrid *table;
  CytConfusionMatrix *confusion;
  CytLinePlot *masks;
};

G_DEFINE_FINAL_TYPE (CytClassifyView, cyt_classify_view, GTK_TYPE_WIDGET)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static const char *
get_kind_name (CytFeaturesKind kind)
{
  switch (kind)
    {
    case CYT_FEATURES_BARCODES:
      return _("Barcodes");
    case CYT_FEATURES_CONCEPTS:
      return _("Named concepts only");
    case CYT_FEATURES_MEAN:
      return _("Encoder, mean of tokens");
    case CYT_FEATURES_CLS:
      return _("Encoder, CLS token");
    case CYT_N_FEATURES:
    default:
      g_assert_not_reached ();
    }
}

/* ---- The table ---- */

static void
add_text (CytClassifyView *self, int column, int row, const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 1);
  gtk_widget_add_css_class (label, "numeric");
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  gtk_grid_attach (self->table, label, column, row, 1, 1);
}

static void
add_estimate (CytClassifyView *self, int column, int row, const CytEstimate *estimate)
{
  g_autofree char *text = g_strdup_printf ("%.3f ± %.3f", estimate->mean, estimate->deviation);
  g_autofree char *interval = NULL;

  add_text (self, column, row, text, NULL);
  /* Translators: lower and upper end of an interval */
  interval = g_strdup_printf (_("95 %% bootstrap interval over patients: %.3f to %.3f"), estimate->low, estimate->high);
  gtk_widget_set_tooltip_text (gtk_grid_get_child_at (self->table, column, row), interval);
}

static void
fill_table (CytClassifyView *self)
{
  GtkWidget *child;
  int row = 0;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->table))) != NULL)
    gtk_grid_remove (self->table, child);
  add_text (self, 0, 0, _("Features"), "heading");
  add_text (self, 1, 0, _("Number"), "heading");
  add_text (self, 2, 0, _("Weighted F1"), "heading");
  add_text (self, 3, 0, _("Macro F1"), "heading");
  add_text (self, 4, 0, _("Balanced accuracy"), "heading");
  add_text (self, 5, 0, _("AUROC"), "heading");
  add_text (self, 6, 0, _("Shuffled F1"), "heading");
  add_text (self, 7, 0, _("p"), "heading");
  for (guint kind = 0; kind < CYT_N_FEATURES; kind++)
    {
      const CytClassification *result = self->shown->results[kind];
      g_autofree char *number = NULL, *shuffled = NULL, *p = NULL;

      if (result == NULL)
        continue;
      number = cyt_format_count (self->shown->n_features[kind]);
      shuffled = g_strdup_printf ("%.3f ± %.3f", result->shuffled_mean, result->shuffled_deviation);
      p = cyt_format_number (result->p);
      row++;
      add_text (self, 0, row, get_kind_name (kind), NULL);
      add_text (self, 1, row, number, NULL);
      add_estimate (self, 2, row, &result->weighted_f1);
      add_estimate (self, 3, row, &result->macro_f1);
      add_estimate (self, 4, row, &result->balanced_accuracy);
      add_estimate (self, 5, row, &result->auroc);
      add_text (self, 6, row, shuffled, NULL);
      add_text (self, 7, row, p, NULL);
    }
}

static void
fill_masks (CytClassifyView *self, const CytClassification *result)
{
  guint n = result->masks->len;
  g_autofree double *values = g_new (double, 4 * MAX (1, n));
  double *x = values, *y = x + n, *low = y + n, *high = low + n;
  g_autofree char *best = NULL, *text = NULL;

  for (guint i = 0; i < n; i++)
    {
      const CytMaskPoint *point = &g_array_index (result->masks, CytMaskPoint, i);
      double deviation = isnan (point->deviation) ? 0 : point->deviation;

      x[i] = point->n_kept;
      y[i] = point->mean;
      low[i] = MAX (0, point->mean - deviation);
      high[i] = MIN (1, point->mean + deviation);
    }
  best = cyt_format_number (n > 0 ? y[n - 1] : NAN);
  /* Translators: for screen readers; a weighted F1 */
  text = g_strdup_printf (_("Weighted F1 by the number of latents kept; with all of them %s"), best);
  cyt_line_plot_set_points (self->masks, n, x, y, low, high, 0, result->shuffled_mean, text);
}

static void
show_message (CytClassifyView *self, const char *text)
{
  gtk_label_set_label (self->message, text);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

static void
show_result (CytClassifyView *self)
{
  const CytClassification *result;
  g_autofree char *text = NULL;

  if (self->shown == NULL)
    {
      cyt_confusion_matrix_set_result (self->confusion, NULL);
      show_message (self, _("Cross-validation tells how well the diseases of patients it has not seen can be told from their "
                            "barcodes, and what speaks for it. Research use only."));
      return;
    }
  result = self->shown->results[CYT_FEATURES_BARCODES];
  /* Translators: numbers of patients, diseases, folds, repeats; threshold */
  text = g_strdup_printf (_("%u patients, %u diseases · %u folds by patient × %u repeats · threshold %g · mean ± deviation over "
                            "folds · research use only"), (guint) result->n, result->n_classes, result->n_folds,
                          result->n_repeats, self->shown->view->barcodes->threshold);
  gtk_label_set_label (self->summary, text);
  fill_table (self);
  cyt_confusion_matrix_set_result (self->confusion, result);
  fill_masks (self, result);
  gtk_stack_set_visible_child_name (self->stack, "result");
}

static void
update (CytClassifyView *self)
{
  self->shown = self->view != NULL ? g_hash_table_lookup (self->results, self->view->fingerprint) : NULL;
  gtk_widget_set_sensitive (GTK_WIDGET (self->run), self->view != NULL && !cyt_job_bar_is_running (self->job));
  show_result (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- Running ---- */

static void
classified_cb (GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  g_autoptr (CytClassifyView) self = user_data;
  g_autoptr (GError) error = NULL;
  CytClassResult *result = cyt_session_classify_finish (async_result, &error);

  if (self->session == NULL) /* the window was closed */
    {
      g_clear_pointer (&result, cyt_class_result_unref);
      return;
    }
  cyt_job_bar_stop (self->job);
  if (result != NULL)
    g_hash_table_replace (self->results, g_strdup (result->view->fingerprint), result);
  update (self);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_message (self, error->message);
}

static void
run_cb (CytClassifyView *self)
{
  CytProgress *progress;
  GCancellable *cancellable;

  if (self->view == NULL || cyt_job_bar_is_running (self->job))
    return;
  progress = cyt_progress_new ();
  cancellable = cyt_job_bar_start (self->job, _("Classifying"), progress);
  gtk_widget_set_sensitive (GTK_WIDGET (self->run), FALSE);
  cyt_session_classify_async (self->session, self->view, gtk_check_button_get_active (self->with_encoder), progress,
                              cancellable, classified_cb, g_object_ref (self));
}

void
cyt_classify_view_set_session (CytClassifyView *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_CLASSIFY_VIEW (self));
  g_set_object (&self->session, session);
}

void
cyt_classify_view_set_view (CytClassifyView *self, CytPatientsView *view)
{
  g_return_if_fail (CYT_IS_CLASSIFY_VIEW (self));

  g_clear_pointer (&self->view, cyt_patients_view_unref);
  self->view = view != NULL ? cyt_patients_view_ref (view) : NULL;
  update (self);
}

CytClassResult *
cyt_classify_view_get_result (CytClassifyView *self)
{
  g_return_val_if_fail (CYT_IS_CLASSIFY_VIEW (self), NULL);
  return self->shown;
}

/* ---- GObject ---- */

static void
cyt_classify_view_dispose (GObject *object)
{
  CytClassifyView *self = CYT_CLASSIFY_VIEW (object);
  GtkWidget *child;

  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_classify_view_parent_class)->dispose (object);
}

static void
cyt_classify_view_finalize (GObject *object)
{
  CytClassifyView *self = CYT_CLASSIFY_VIEW (object);

  g_clear_pointer (&self->view, cyt_patients_view_unref);
  g_hash_table_unref (self->results);
  G_OBJECT_CLASS (cyt_classify_view_parent_class)->finalize (object);
}

static void
cyt_classify_view_class_init (CytClassifyViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_classify_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_classify_view_finalize;
  g_type_ensure (CYT_TYPE_JOB_BAR);
  g_type_ensure (CYT_TYPE_CONFUSION_MATRIX);
  g_type_ensure (CYT_TYPE_LINE_PLOT);
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-classify-view.ui");
  gtk_widget_class_bind_template_child (widget_class, CytClassifyView, run);
  gtk_widget_class_bind_template_child (widget_class, CytClassifyView, with_encoder);
  gtk_widget_class_bind_template_child (widget_class, CytClassifyView, job);
  gtk_widget_class_bind_template_child (widget_class, CytClassifyView, stack);
  gtk_widget_class_bind_template_child (widget_class, CytClassifyView, message);
  gtk_widget_class_bind_template_child (widget_class, CytClassifyView, summary);
  gtk_widget_class_bind_template_child (widget_class, CytClassifyView, table);
  gtk_widget_class_bind_template_child (widget_class, CytClassifyView, confusion);
  gtk_widget_class_bind_template_child (widget_class, CytClassifyView, masks);
  gtk_widget_class_bind_template_callback (widget_class, run_cb);
}

static void
cyt_classify_view_init (CytClassifyView *self)
{
  self->results = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) cyt_class_result_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_line_plot_set_titles (self->masks, _("Latents kept, the strongest first"), _("Weighted F1"));
}
