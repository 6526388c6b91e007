/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-job-bar.h"
#include "cyt-threshold-bar.h"

struct _CytThresholdBar
{
  GtkWidget parent_instance;

  CytSession *session;
  GArray *positions;              /* of double, ascending: what the slider stands on */
  GArray *stored;                 /* of double: counted one by one */
  gboolean has_levels;
  double shown;                   /* the threshold of what shows; NAN: nothing */
  double own;                     /* that of the index */
  gboolean updating;

  GtkScale *scale;
  GtkAdjustment *adjustment;
  GtkLabel *value;
  GtkButton *reset;
  GtkRevealer *revealer;
  GtkStack *stack;
  GtkLabel *offer;
  GtkButton *count;
  CytJobBar *job;
};

G_DEFINE_FINAL_TYPE (CytThresholdBar, cyt_threshold_bar, GTK_TYPE_WIDGET)

enum
{
  CHOSEN,
  COUNTED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static double
get_position (CytThresholdBar *self, guint i)
{
  return g_array_index (self->positions, double, MIN (i, self->positions->len - 1));
}

static double
get_chosen (CytThresholdBar *self)
{
  return get_position (self, (guint) lround (gtk_adjustment_get_value (self->adjustment)));
}

static gboolean
is_known (CytThresholdBar *self, double threshold)
{
  if (self->has_levels && cyt_level_find (threshold) >= 0)
    return TRUE;
  for (guint i = 0; i < self->stored->len; i++)
    if (g_array_index (self->stored, double, i) == threshold)
      return TRUE;
  return FALSE;
}

static void
update (CytThresholdBar *self)
{
  double chosen = get_chosen (self);
  g_autofree char *text = g_strdup_printf ("%g", chosen), *shown = g_strdup_printf ("%g", self->shown);
  g_autofree char *offer = NULL;
  gboolean known = is_known (self, chosen), running = cyt_job_bar_is_running (self->job);

  gtk_label_set_label (self->value, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
  gtk_widget_set_sensitive (GTK_WIDGET (self->reset), chosen != self->own);
  gtk_revealer_set_reveal_child (self->revealer, running || !known);
  gtk_stack_set_visible_child_name (self->stack, running ? "job" : "offer");
  if (known)
    return;
  /* Translators: a threshold, and the one that everything on the page is at */
  offer = g_strdup_printf (_("What fires above %s is not counted yet; the page stays at %s. After one more pass of the cells "
                             "through the models every threshold is at hand."), text, shown);
  gtk_label_set_label (self->offer, offer);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

void
cyt_threshold_bar_set_view (CytThresholdBar *self, const CytPatientsView *view)
{
  const CytDataset *dataset;
  gboolean waiting; /* the user has moved it to what is not known */
  double chosen;

  g_return_if_fail (CYT_IS_THRESHOLD_BAR (self) && self->session != NULL);

  if (view == NULL)
    return;
  dataset = cyt_session_get_dataset (self->session);
  chosen = get_chosen (self);
  waiting = !isnan (self->shown) && !is_known (self, chosen);
  self->has_levels = view->has_levels;
  g_array_set_size (self->stored, 0);
  g_array_append_vals (self->stored, view->thresholds->data, view->thresholds->len);
  self->shown = view->barcodes->threshold;
  self->own = dataset != NULL ? dataset->threshold : self->shown;

  g_array_set_size (self->positions, 0);
  for (guint l = 0; l < CYT_N_LEVELS; l++)
    {
      double threshold = cyt_level_get_threshold (l);

      g_array_append_val (self->positions, threshold);
    }
  for (guint i = 0; i < self->stored->len; i++)
    if (cyt_level_find (g_array_index (self->stored, double, i)) < 0)
      g_array_append_val (self->positions, g_array_index (self->stored, double, i));
  g_array_sort (self->positions, compare_doubles);
  /* the slider stays under the hand that moves it */
  if (!waiting && !(view->has_levels && (gtk_widget_get_state_flags (GTK_WIDGET (self->scale)) & GTK_STATE_FLAG_ACTIVE) != 0))
    chosen = self->shown;

  self->updating = TRUE;
  gtk_adjustment_set_upper (self->adjustment, self->positions->len - 1);
  gtk_scale_clear_marks (self->scale);
  for (guint i = 0; i < self->positions->len; i++)
    {
      double threshold = get_position (self, i);

      if (threshold == self->own)
        gtk_scale_add_mark (self->scale, i, GTK_POS_BOTTOM, NULL);
      if (threshold == chosen)
        gtk_adjustment_set_value (self->adjustment, i);
    }
  self->updating = FALSE;
  update (self);
}

static void
moved_cb (CytThresholdBar *self)
{
  double chosen;

  if (self->updating || self->positions->len == 0)
    return;
  update (self);
  chosen = get_chosen (self);
  if (chosen != self->shown && is_known (self, chosen))
    g_signal_emit (self, signals[CHOSEN], 0, chosen);
}

static void
reset_cb (CytThresholdBar *self)
{
  for (guint i = 0; i < self->positions->len; i++)
    if (get_position (self, i) == self->own)
      gtk_adjustment_set_value (self->adjustment, i);
}

/* ---- Counting ---- */

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytThresholdBar) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean ok = cyt_session_count_levels_finish (result, &error);

  if (self->session == NULL) /* the window was closed */
    return;
  cyt_job_bar_stop (self->job);
  if (ok)
    {
      self->has_levels = TRUE;
      update (self);
      g_signal_emit (self, signals[COUNTED], 0);
      moved_cb (self);
      return;
    }
  update (self);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gtk_label_set_label (self->offer, _("Stopped. What was counted is kept; counting goes on there."));
  else
    gtk_label_set_label (self->offer, error->message);
}

static void
count_cb (CytThresholdBar *self)
{
  CytProgress *progress = cyt_progress_new ();
  GCancellable *cancellable = cyt_job_bar_start (self->job, _("Counting at every threshold"), progress);

  update (self);
  cyt_session_count_levels_async (self->session, progress, cancellable, counted_cb, g_object_ref (self));
}

void
cyt_threshold_bar_set_session (CytThresholdBar *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_THRESHOLD_BAR (self));
  g_set_object (&self->session, session);
}

/* ---- GObject ---- */

static void
cyt_threshold_bar_dispose (GObject *object)
{
  CytThresholdBar *self = CYT_THRESHOLD_BAR (object);
  GtkWidget *child;

  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_threshold_bar_parent_class)->dispose (object);
}

static void
cyt_threshold_bar_finalize (GObject *object)
{
  CytThresholdBar *self = CYT_THRESHOLD_BAR (object);

  g_array_unref (self->positions);
  g_array_unref (self->stored);
  G_OBJECT_CLASS (cyt_threshold_bar_parent_class)->finalize (object);
}

static void
cyt_threshold_bar_class_init (CytThresholdBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_threshold_bar_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_threshold_bar_finalize;
  g_type_ensure (CYT_TYPE_JOB_BAR);
  signals[CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_DOUBLE);
  signals[COUNTED] = g_signal_new ("counted", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-threshold-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, CytThresholdBar, scale);
  gtk_widget_class_bind_template_child (widget_class, CytThresholdBar, adjustment);
  gtk_widget_class_bind_template_child (widget_class, CytThresholdBar, value);
  gtk_widget_class_bind_template_child (widget_class, CytThresholdBar, reset);
  gtk_widget_class_bind_template_child (widget_class, CytThresholdBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, CytThresholdBar, stack);
  gtk_widget_class_bind_template_child (widget_class, CytThresholdBar, offer);
  gtk_widget_class_bind_template_child (widget_class, CytThresholdBar, count);
  gtk_widget_class_bind_template_child (widget_class, CytThresholdBar, job);
  gtk_widget_class_bind_template_callback (widget_class, moved_cb);
  gtk_widget_class_bind_template_callback (widget_class, reset_cb);
  gtk_widget_class_bind_template_callback (widget_class, count_cb);
}

static void
cyt_threshold_bar_init (CytThresholdBar *self)
{
  double zero = 0;

  self->positions = g_array_new (FALSE, FALSE, sizeof (double));
  self->stored = g_array_new (FALSE, FALSE, sizeof (double));
  g_array_append_val (self->positions, zero);
  self->shown = self->own = NAN;
  gtk_widget_init_template (GTK_WIDGET (self));
}
