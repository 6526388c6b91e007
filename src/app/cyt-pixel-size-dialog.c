/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#include "cyt-filter-text.h"
#include "cyt-pixel-size-dialog.h"
#include "cyt-session-share.h"

gboolean
cyt_pixel_size_parse (const char *text, double *micrometres)
{
  return cyt_filter_text_parse_number (text, NAN, micrometres)
         && (isnan (*micrometres) || (*micrometres >= CYT_PIXEL_SIZE_MIN && *micrometres <= CYT_PIXEL_SIZE_MAX));
}

static void
changed_cb (AdwMessageDialog *dialog, GtkEditable *entry)
{
  double micrometres;
  gboolean valid = cyt_pixel_size_parse (gtk_editable_get_text (entry), &micrometres);

  adw_message_dialog_set_response_enabled (dialog, "set", valid);
  if (valid)
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_STATE_INVALID,
                               valid ? GTK_ACCESSIBLE_INVALID_FALSE : GTK_ACCESSIBLE_INVALID_TRUE, -1);
}

static void
response_cb (CytSession *session, const char *response, AdwMessageDialog *dialog)
{
  GtkEditable *entry = GTK_EDITABLE (adw_message_dialog_get_extra_child (dialog));
  const gint64 *dataset = g_object_get_data (G_OBJECT (dialog), "dataset");
  double micrometres;

  if (g_str_equal (response, "set") && cyt_pixel_size_parse (gtk_editable_get_text (entry), &micrometres))
    cyt_session_set_pixel_size (session, *dataset, micrometres);
}

void
cyt_pixel_size_dialog_ask (GtkWindow *parent, CytSession *session)
{
  const CytDataset *dataset = cyt_session_get_dataset (session);
  GtkWidget *dialog, *entry = gtk_entry_new ();
  g_autofree char *text = NULL;

  g_return_if_fail (dataset != NULL);

  /* Translators: name of a data set */
  text = g_strdup_printf (_("How wide a pixel of the images of “%s” is, in micrometres, such as 0.1. With it, cells get a "
                            "scale bar. Leave it empty when it is not known."), dataset->name);
  dialog = adw_message_dialog_new (parent, _("Pixel Size"), text);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_entry_set_input_purpose (GTK_ENTRY (entry), GTK_INPUT_PURPOSE_NUMBER);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _("Not known"));
  if (!isnan (dataset->pixel_size))
    {
      g_autofree char *number = g_strdup_printf ("%.10g", dataset->pixel_size);

      gtk_editable_set_text (GTK_EDITABLE (entry), number);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Micrometres per pixel"), -1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), entry);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "set", _("_Set"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "set", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "set");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "dataset", g_memdup2 (&dataset->id, sizeof dataset->id), g_free);
  g_signal_connect_object (entry, "changed", G_CALLBACK (changed_cb), dialog, G_CONNECT_SWAPPED);
  g_signal_connect_object (dialog, "response", G_CALLBACK (response_cb), session, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
  gtk_widget_grab_focus (entry);
}
