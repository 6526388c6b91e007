/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-training-window.h"
#include "cyt-window-train.h"

#define KEY "cyt-training-window" /* of the main window; a weak pointer to the training's */

static void
show_toast (CytWindow *self, const char *text)
{
  AdwToast *toast = adw_toast_new (text);

  adw_toast_set_timeout (toast, 0);
  adw_toast_set_button_label (toast, _("_Show"));
  adw_toast_set_action_name (toast, "win.train");
  cyt_window_show_toast (self, toast);
}

/* It ended while nobody was looking. */
static void
state_cb (CytWindow *self, GParamSpec *pspec, CytTraining *training)
{
  CytTrainingState state = cyt_training_get_state (training);

  if (g_object_get_data (G_OBJECT (self), KEY) != NULL)
    return;
  if (state == CYT_TRAINING_DONE)
    show_toast (self, _("The autoencoder is trained"));
  else if (state == CYT_TRAINING_FAILED)
    show_toast (self, _("The training stopped"));
}

static void
index_cb (CytWindow *self, const char *encoder, const char *images, const char *sae)
{
  cyt_window_new_project (self, images, encoder, sae);
}

static void
closed_cb (CytWindow *self)
{
  g_object_set_data (G_OBJECT (self), KEY, NULL);
}

static void
train_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytWindow *self = CYT_WINDOW (widget);
  CytSession *session = cyt_window_get_session (self);
  GtkWindow *window = g_object_get_data (G_OBJECT (self), KEY);

  if (window == NULL)
    {
      window = GTK_WINDOW (cyt_training_window_new (GTK_WINDOW (self), session));
      g_object_set_data (G_OBJECT (self), KEY, window);
      g_signal_connect_object (window, "index", G_CALLBACK (index_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (window, "destroy", G_CALLBACK (closed_cb), self, G_CONNECT_SWAPPED);
      g_signal_handlers_disconnect_by_func (cyt_session_get_training (session), state_cb, self);
      g_signal_connect_object (cyt_session_get_training (session), "notify::state", G_CALLBACK (state_cb), self,
                               G_CONNECT_SWAPPED);
    }
  gtk_window_present (window);
}

void
cyt_window_train_offer (CytWindow *self)
{
  static gboolean offered;
  g_autoptr (GPtrArray) plans = NULL;
  const CytTrainingPlan *plan;
  g_autofree char *name = NULL, *text = NULL;

  if (offered)
    return;
  offered = TRUE;
  plans = cyt_training_plan_list ();
  if (plans->len == 0)
    return;
  plan = plans->pdata[0];
  name = g_filename_display_basename (plan->out);
  /* Translators: name of an autoencoder's file */
  text = g_strdup_printf (_("The training of %s was interrupted and can be resumed"), name);
  show_toast (self, text);
}

void
cyt_window_train_install (GtkWidgetClass *klass)
{
  gtk_widget_class_install_action (klass, "win.train", NULL, train_action);
}
