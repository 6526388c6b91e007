/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-format.h"
#include "cyt-work-dialog.h"

#define POLL_MS 100

struct _CytWorkDialog
{
  AdwWindow parent_instance;
  CytProgress *progress;
  GCancellable *cancellable;
  guint poll_source;
  gboolean finished;

  GtkLabel *heading;
  GtkLabel *text;
  GtkProgressBar *bar;
  GtkWidget *cancel;
};

G_DEFINE_FINAL_TYPE (CytWorkDialog, cyt_work_dialog, ADW_TYPE_WINDOW)

static gboolean
poll_cb (gpointer user_data)
{
  CytWorkDialog *self = user_data;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *done = NULL, *total = NULL;
  CytProgressState state;

  cyt_progress_get (self->progress, &state);
  if (state.n_total == 0)
    {
      gtk_progress_bar_pulse (self->bar);
      return G_SOURCE_CONTINUE;
    }
  done = cyt_format_count (state.n_done);
  total = cyt_format_count (state.n_total);
  /* Translators: number of images done, number of all images */
  g_string_append_printf (text, _("%s of %s images"), done, total);
  if (state.seconds_left >= 0 && state.n_done < state.n_total)
    {
      g_autofree char *left = cyt_format_duration (state.seconds_left);

      g_string_append (text, " · ");
      g_string_append_printf (text, _("%s left"), left);
    }
  gtk_progress_bar_set_fraction (self->bar, (double) state.n_done / state.n_total);
  gtk_label_set_label (self->text, text->str);
  return G_SOURCE_CONTINUE;
}

static void
cancel_cb (CytWorkDialog *self)
{
  g_cancellable_cancel (self->cancellable);
  gtk_widget_set_sensitive (self->cancel, FALSE);
}

/* Escape cancels the work; the dialog goes when the work is gone. */
static gboolean
cyt_work_dialog_close_request (GtkWindow *window)
{
  CytWorkDialog *self = CYT_WORK_DIALOG (window);

  if (self->finished)
    return GTK_WINDOW_CLASS (cyt_work_dialog_parent_class)->close_request (window);
  cancel_cb (self);
  return TRUE;
}

CytWorkDialog *
cyt_work_dialog_new (GtkWindow *parent, const char *heading)
{
  CytWorkDialog *self = g_object_new (CYT_TYPE_WORK_DIALOG, "transient-for", parent, "modal", TRUE, "title", heading, NULL);

  gtk_label_set_label (self->heading, heading);
  poll_cb (self);
  gtk_window_present (GTK_WINDOW (self));
  return self;
}

CytProgress *
cyt_work_dialog_get_progress (CytWorkDialog *self)
{
  return self->progress;
}

GCancellable *
cyt_work_dialog_get_cancellable (CytWorkDialog *self)
{
  return self->cancellable;
}

void
cyt_work_dialog_finish (CytWorkDialog *self)
{
  g_return_if_fail (CYT_IS_WORK_DIALOG (self));

  self->finished = TRUE;
  g_clear_handle_id (&self->poll_source, g_source_remove);
  gtk_window_destroy (GTK_WINDOW (self));
}

/* Its parent went: nobody waits any more. */
static void
cyt_work_dialog_dispose (GObject *object)
{
  CytWorkDialog *self = CYT_WORK_DIALOG (object);

  g_clear_handle_id (&self->poll_source, g_source_remove);
  if (!self->finished)
    g_cancellable_cancel (self->cancellable);
  G_OBJECT_CLASS (cyt_work_dialog_parent_class)->dispose (object);
}

static void
cyt_work_dialog_finalize (GObject *object)
{
  CytWorkDialog *self = CYT_WORK_DIALOG (object);

  cyt_progress_free (self->progress);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (cyt_work_dialog_parent_class)->finalize (object);
}

static void
cyt_work_dialog_class_init (CytWorkDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_work_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_work_dialog_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = cyt_work_dialog_close_request;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-work-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CytWorkDialog, heading);
  gtk_widget_class_bind_template_child (widget_class, CytWorkDialog, text);
  gtk_widget_class_bind_template_child (widget_class, CytWorkDialog, bar);
  gtk_widget_class_bind_template_child (widget_class, CytWorkDialog, cancel);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
cyt_work_dialog_init (CytWorkDialog *self)
{
  self->progress = cyt_progress_new ();
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  self->poll_source = g_timeout_add (POLL_MS, poll_cb, self);
}
