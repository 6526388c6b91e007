/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-format.h"
#include "cyt-training-chart.h"
#include "cyt-training-view.h"

struct _CytTrainingView
{
  GtkWidget parent_instance;
  CytSession *session;
  CytTraining *training;

  GtkWidget *simulated_ribbon;
  CytTrainingChart *loss_chart;
  CytTrainingChart *l0_chart;
  CytTrainingChart *explained_chart;
  CytTrainingChart *dead_chart;
  GtkImage *icon;
  GtkLabel *headline;
  GtkLabel *detail;
  GtkProgressBar *progress;
  GtkWidget *pause_button;
  GtkWidget *resume_button;
  GtkWidget *stop_button;
  GtkWidget *back_button;
  GtkWidget *index_button;
};

enum
{
  INDEX,
  BACK,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CytTrainingView, cyt_training_view, GTK_TYPE_WIDGET)

/* ---- What it shows ---- */

static char *
describe_progress (CytTrainingView *self, const CytProgressState *state)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *done = cyt_format_count (state->n_done), *total = cyt_format_count (state->n_total);

  if (state->n_total == 0)
    return g_strdup (cyt_session_is_indexing (self->session) ? _("It begins when the cells are indexed…")
                                                             : _("Reading the images’ list and the encoder…"));
  /* Translators: images seen by the training so far, and to be seen in all */
  g_string_append_printf (text, _("%s of %s images"), done, total);
  if (cyt_training_get_state (self->training) != CYT_TRAINING_RUNNING)
    return g_string_free (g_steal_pointer (&text), FALSE);
  if (state->rate > 0)
    {
      g_autofree char *rate = cyt_format_number (state->rate);

      g_string_append (text, " · ");
      g_string_append_printf (text, _("%s images/s"), rate);
    }
  if (state->seconds_left >= 0 && state->n_done < state->n_total)
    {
      g_autofree char *left = cyt_format_duration (state->seconds_left);

      g_string_append (text, " · ");
      g_string_append_printf (text, _("%s left"), left);
    }
  if (state->n_failed > 0)
    {
      g_autofree char *n = cyt_format_count (state->n_failed);

      g_string_append (text, " · ");
      g_string_append_printf (text, ngettext ("%s image could not be read", "%s images could not be read", state->n_failed), n);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
updated_cb (CytTrainingView *self)
{
  const CytTrainingCurve *curve = cyt_training_get_curve (self->training);
  const CytTrainingPlan *plan = cyt_training_get_plan (self->training);
  CytTrainingChart *const charts[] = { self->loss_chart, self->l0_chart, self->explained_chart, self->dead_chart };
  CytProgressState state;
  guint n_points = curve != NULL ? cyt_training_curve_get_n_points (curve) : 0;
  double last_step = n_points > 0 ? cyt_training_curve_get_step (curve, n_points - 1) : 0;
  g_autofree char *text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (charts); i++)
    cyt_training_chart_show (charts[i], curve, MAX (10, last_step));
  gtk_widget_set_visible (self->simulated_ribbon, cyt_training_is_simulated (self->training));
  if (plan == NULL)
    return;
  cyt_training_get_progress (self->training, &state);
  gtk_progress_bar_set_fraction (self->progress, state.n_total > 0 ? (double) state.n_done / (double) state.n_total : 0);
  if (cyt_training_get_state (self->training) == CYT_TRAINING_FAILED)
    text = g_strdup (cyt_training_get_problem (self->training));
  else if (cyt_training_get_state (self->training) == CYT_TRAINING_DONE)
    text = g_filename_display_name (plan->out);
  else
    text = describe_progress (self, &state);
  gtk_label_set_label (self->detail, text);
}

static void
state_cb (CytTrainingView *self)
{
  CytTrainingState state = cyt_training_get_state (self->training);
  const CytTrainingPlan *plan = cyt_training_get_plan (self->training);
  gboolean busy = cyt_training_is_busy (self->training), can_resume = state == CYT_TRAINING_PAUSED || state == CYT_TRAINING_FAILED;
  const char *headlines[]
    = { [CYT_TRAINING_NONE] = "",
        [CYT_TRAINING_RUNNING] = _("Training"),
        [CYT_TRAINING_PAUSING] = _("Saving the state…"),
        [CYT_TRAINING_PAUSED] = _("Paused"),
        [CYT_TRAINING_STOPPING] = _("Writing the autoencoder…"),
        [CYT_TRAINING_DONE] = _("The autoencoder is trained"),
        [CYT_TRAINING_FAILED] = _("The training stopped") };
  const char *icons[] = { [CYT_TRAINING_PAUSED] = "media-playback-pause-symbolic",
                          [CYT_TRAINING_DONE] = "object-select-symbolic",
                          [CYT_TRAINING_FAILED] = "dialog-error-symbolic" };

  gtk_label_set_label (self->headline, headlines[state]);
  gtk_image_set_from_icon_name (self->icon, icons[state]);
  gtk_widget_set_visible (GTK_WIDGET (self->icon), icons[state] != NULL);
  gtk_label_set_selectable (self->detail, state == CYT_TRAINING_FAILED);
  gtk_widget_set_visible (self->pause_button, busy);
  gtk_widget_set_sensitive (self->pause_button, state == CYT_TRAINING_RUNNING);
  gtk_widget_set_visible (self->stop_button, busy || state == CYT_TRAINING_PAUSED);
  gtk_widget_set_sensitive (self->stop_button, state == CYT_TRAINING_RUNNING || state == CYT_TRAINING_PAUSED);
  gtk_widget_set_visible (self->resume_button, can_resume);
  gtk_button_set_label (GTK_BUTTON (self->resume_button),
                        plan != NULL && state == CYT_TRAINING_FAILED ? _("_Try Again") : _("_Resume"));
  gtk_widget_set_visible (self->back_button, !busy && state != CYT_TRAINING_NONE);
  gtk_widget_set_visible (self->index_button, state == CYT_TRAINING_DONE);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), state != CYT_TRAINING_DONE && state != CYT_TRAINING_FAILED);
  if (state == CYT_TRAINING_FAILED)
    gtk_widget_add_css_class (GTK_WIDGET (self->icon), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->icon), "error");
  updated_cb (self);
}

/* ---- Buttons ---- */

static void
pause_cb (CytTrainingView *self)
{
  cyt_training_pause (self->training);
}

static void
resume_cb (CytTrainingView *self)
{
  cyt_training_resume (self->training);
}

static void
stop_cb (CytTrainingView *self)
{
  cyt_training_stop (self->training);
}

static void
back_cb (CytTrainingView *self)
{
  g_signal_emit (self, signals[BACK], 0);
}

static void
index_cb (CytTrainingView *self)
{
  const CytTrainingPlan *plan = cyt_training_get_plan (self->training);

  g_signal_emit (self, signals[INDEX], 0, plan->encoder, plan->images, plan->out);
}

/* ---- GObject ---- */

void
cyt_training_view_set_session (CytTrainingView *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_TRAINING_VIEW (self) && self->session == NULL);

  self->session = g_object_ref (session);
  self->training = g_object_ref (cyt_session_get_training (session));
  g_signal_connect_object (self->training, "updated", G_CALLBACK (updated_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->training, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  state_cb (self);
}

static void
cyt_training_view_dispose (GObject *object)
{
  CytTrainingView *self = CYT_TRAINING_VIEW (object);
  GtkWidget *child;

  g_clear_object (&self->training);
  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_training_view_parent_class)->dispose (object);
}

static void
cyt_training_view_class_init (CytTrainingViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_training_view_dispose;
  signals[INDEX] = g_signal_new ("index", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                                 G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  signals[BACK] = g_signal_new ("back", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (CYT_TYPE_TRAINING_CHART);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-training-view.ui");
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, simulated_ribbon);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, loss_chart);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, l0_chart);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, explained_chart);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, dead_chart);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, icon);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, headline);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, detail);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, progress);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, pause_button);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, resume_button);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, stop_button);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, back_button);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingView, index_button);
  gtk_widget_class_bind_template_callback (widget_class, pause_cb);
  gtk_widget_class_bind_template_callback (widget_class, resume_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
  gtk_widget_class_bind_template_callback (widget_class, index_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "trainingview");
}

static void
cyt_training_view_init (CytTrainingView *self)
{
  const CytTrainingSeries loss[] = { { CYT_TRAINING_MSE, _("error") },
                                     { CYT_TRAINING_SPARSITY, _("sparsity") },
                                     { CYT_TRAINING_REVIVAL, _("revival") } };
  const CytTrainingSeries l0 = { CYT_TRAINING_L0, _("L0") };
  const CytTrainingSeries explained = { CYT_TRAINING_EXPLAINED, _("explained variance") };
  const CytTrainingSeries dead = { CYT_TRAINING_DEAD, _("dead") };

  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_training_chart_set_up (self->loss_chart, _("Loss"), CYT_AXIS_LOG, FALSE, loss, G_N_ELEMENTS (loss));
  cyt_training_chart_set_up (self->l0_chart, _("Active latents of a token (L0)"), CYT_AXIS_LOG, FALSE, &l0, 1);
  cyt_training_chart_set_up (self->explained_chart, _("Explained variance"), CYT_AXIS_LINEAR, TRUE, &explained, 1);
  cyt_training_chart_set_up (self->dead_chart, _("Dead latents"), CYT_AXIS_LINEAR, TRUE, &dead, 1);
}
