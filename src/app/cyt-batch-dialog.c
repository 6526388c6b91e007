/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-batch-dialog.h"
#include "cyt-format.h"

struct _CytBatchDialog
{
  AdwMessageDialog parent_instance;

  CytSession *session;
  GtkSpinButton *size;
  GtkSpinButton *seed;
};

G_DEFINE_FINAL_TYPE (CytBatchDialog, cyt_batch_dialog, ADW_TYPE_MESSAGE_DIALOG)

static void
response_cb (CytBatchDialog *self, const char *response)
{
  if (g_str_equal (response, "sample"))
    cyt_session_sample_batch (self->session, gtk_spin_button_get_value_as_int (self->size),
                              gtk_spin_button_get_value_as_int (self->seed));
}

CytBatchDialog *
cyt_batch_dialog_new (GtkWindow *parent, CytSession *session)
{
  CytBatchDialog *self = g_object_new (CYT_TYPE_BATCH_DIALOG, "transient-for", parent, NULL);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (cyt_session_get_latents (session)));
  g_autofree char *count = cyt_format_count (n), *body = NULL;

  self->session = g_object_ref (session);
  body = g_strdup_printf (_("Chooses latents that stand for the %s in the list: k-means over their frequency and mean "
                            "activation, and of every cluster the latent in its middle. The same seed gives the same "
                            "batch."), count);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (self), body);
  return self;
}

static void
cyt_batch_dialog_dispose (GObject *object)
{
  g_clear_object (&CYT_BATCH_DIALOG (object)->session);
  G_OBJECT_CLASS (cyt_batch_dialog_parent_class)->dispose (object);
}

static void
cyt_batch_dialog_class_init (CytBatchDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_batch_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-batch-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CytBatchDialog, size);
  gtk_widget_class_bind_template_child (widget_class, CytBatchDialog, seed);
  gtk_widget_class_bind_template_callback (widget_class, response_cb);
}

static void
cyt_batch_dialog_init (CytBatchDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* A spin button of GTK 4.8 cannot, but the text in it can. */
  gtk_text_set_activates_default (GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (self->size))), TRUE);
  gtk_text_set_activates_default (GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (self->seed))), TRUE);
}
