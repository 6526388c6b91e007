/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-accessible.h"
#include "cyt-training-setup.h"
#include "cyt-training-view.h"
#include "cyt-training-window.h"

struct _CytTrainingWindow
{
  AdwWindow parent_instance;
  CytTraining *training;
  GtkStack *stack;
  CytTrainingSetup *setup;
  CytTrainingView *view;
  GtkWidget *start_button;
};

enum
{
  INDEX,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CytTrainingWindow, cyt_training_window, ADW_TYPE_WINDOW)

static void
state_cb (CytTrainingWindow *self)
{
  gboolean none = cyt_training_get_state (self->training) == CYT_TRAINING_NONE;

  gtk_stack_set_visible_child_name (self->stack, none ? "setup" : "view");
  gtk_widget_set_visible (self->start_button, none);
}

static void
start_cb (CytTrainingWindow *self)
{
  g_autoptr (CytTrainingPlan) plan = cyt_training_setup_dup_plan (self->setup);

  if (plan != NULL)
    cyt_training_start (self->training, plan);
}

static void
resume_cb (CytTrainingWindow *self, gpointer plan)
{
  cyt_training_start (self->training, plan);
}

static void
back_cb (CytTrainingWindow *self)
{
  cyt_training_leave (self->training);
  cyt_training_setup_refresh (self->setup);
}

static void
index_cb (CytTrainingWindow *self, const char *encoder, const char *images, const char *sae)
{
  g_signal_emit (self, signals[INDEX], 0, encoder, images, sae);
  gtk_window_close (GTK_WINDOW (self));
}

CytTrainingWindow *
cyt_training_window_new (GtkWindow *parent, CytSession *session)
{
  CytTrainingWindow *self = g_object_new (CYT_TYPE_TRAINING_WINDOW, "transient-for", parent, NULL);

  self->training = g_object_ref (cyt_session_get_training (session));
  g_signal_connect_object (self->training, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  cyt_training_setup_set_session (self->setup, session);
  cyt_training_view_set_session (self->view, session);
  state_cb (self);
  return self;
}

static void
cyt_training_window_dispose (GObject *object)
{
  g_clear_object (&CYT_TRAINING_WINDOW (object)->training);
  G_OBJECT_CLASS (cyt_training_window_parent_class)->dispose (object);
}

static void
cyt_training_window_class_init (CytTrainingWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_training_window_dispose;
  signals[INDEX] = g_signal_new ("index", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                                 G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  g_type_ensure (CYT_TYPE_TRAINING_SETUP);
  g_type_ensure (CYT_TYPE_TRAINING_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-training-window.ui");
  gtk_widget_class_bind_template_child (widget_class, CytTrainingWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingWindow, setup);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingWindow, view);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingWindow, start_button);
  gtk_widget_class_bind_template_callback (widget_class, start_cb);
  gtk_widget_class_bind_template_callback (widget_class, resume_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
  gtk_widget_class_bind_template_callback (widget_class, index_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
cyt_training_window_init (CytTrainingWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_accessible_complete (GTK_WIDGET (self));
  g_object_bind_property (self->setup, "complete", self->start_button, "sensitive", G_BINDING_SYNC_CREATE);
}
