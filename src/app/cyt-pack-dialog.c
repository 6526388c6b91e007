/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-accessible.h"
#include "cyt-file-choice.h"
#include "cyt-format.h"
#include "cyt-pack-dialog.h"
#include "cyt-session-share.h"
#include "cyt-work-dialog.h"

static const guint sizes[] = { 96, CYT_PACK_DEFAULT_THUMBNAIL, 224, 360 };
#define DEFAULT_SIZE 1

struct _CytPackDialog
{
  AdwWindow parent_instance;
  CytSession *session;
  GCancellable *estimating;    /* the estimate under way */
  CytWorkDialog *work;         /* shown while packing */
  char *out;

  AdwComboRow *size_row;
  AdwActionRow *estimate_row;
  AdwActionRow *file_row;
  GtkWidget *pack_button;
};

G_DEFINE_FINAL_TYPE (CytPackDialog, cyt_pack_dialog, ADW_TYPE_WINDOW)

enum
{
  PACKED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static guint
get_size (CytPackDialog *self)
{
  guint selected = adw_combo_row_get_selected (self->size_row);

  return sizes[MIN (selected, G_N_ELEMENTS (sizes) - 1)];
}

static void
show_error (CytPackDialog *self, const char *text)
{
  adw_action_row_set_subtitle (self->file_row, text);
  gtk_widget_add_css_class (GTK_WIDGET (self->file_row), "error");
}

/* ---- How large ---- */

static void
estimated_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytPackDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *size = NULL, *count = NULL, *text = NULL;
  CytPackEstimate estimate;

  if (!cyt_session_estimate_pack_finish (CYT_SESSION (source), result, &estimate, &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        adw_action_row_set_subtitle (self->estimate_row, error->message);
      return;
    }
  size = g_format_size (estimate.size);
  count = cyt_format_count (estimate.n_thumbnails);
  /* Translators: size of a file, number of thumbnails */
  text = g_strdup_printf (ngettext ("About %s, with %s thumbnail", "About %s, with %s thumbnails", estimate.n_thumbnails),
                          size, count);
  adw_action_row_set_subtitle (self->estimate_row, text);
}

static void
estimate_cb (CytPackDialog *self)
{
  if (self->session == NULL)
    return;
  g_cancellable_cancel (self->estimating);
  g_clear_object (&self->estimating);
  self->estimating = g_cancellable_new ();
  adw_action_row_set_subtitle (self->estimate_row, _("Trying some thumbnails…"));
  cyt_session_estimate_pack_async (self->session, get_size (self), self->estimating, estimated_cb, g_object_ref (self));
}

/* ---- Where ---- */

static void
set_out (CytPackDialog *self, const char *path)
{
  g_autofree char *display = NULL;

  g_free (self->out);
  self->out = g_str_has_suffix (path, ".cytosae") ? g_strdup (path) : g_strconcat (path, ".cytosae", NULL);
  display = g_filename_display_name (self->out);
  gtk_widget_remove_css_class (GTK_WIDGET (self->file_row), "error");
  adw_action_row_set_subtitle (self->file_row, display);
}

static void
chosen_cb (gpointer self, const char *const *paths)
{
  set_out (self, paths[0]);
}

static void
choose_cb (CytPackDialog *self)
{
  const CytFileChoice choice = { _("Save Pack As"), GTK_FILE_CHOOSER_ACTION_SAVE, .path = self->out };

  cyt_file_choice_ask (GTK_WINDOW (self), &choice, chosen_cb, self);
}

/* NAME-packed.cytosae beside the project; with a number where that is taken. */
static char *
suggest_out (const char *project)
{
  g_autofree char *folder = g_path_get_dirname (project);
  g_autofree char *base = g_path_get_basename (project);

  if (g_str_has_suffix (base, ".cytosae"))
    base[strlen (base) - strlen (".cytosae")] = '\0';
  for (guint i = 1;; i++)
    {
      g_autofree char *name = i == 1 ? g_strdup_printf ("%s-packed.cytosae", base)
                                     : g_strdup_printf ("%s-packed-%u.cytosae", base, i);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
}

/* ---- Packing ---- */

static void
packed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytPackDialog) self = user_data;
  g_autoptr (CytWorkDialog) work = g_steal_pointer (&self->work);
  g_autoptr (GError) error = NULL;
  gsize n_missing;
  gboolean ok = cyt_session_pack_finish (CYT_SESSION (source), result, &n_missing, &error);

  cyt_work_dialog_finish (work);
  if (ok)
    {
      g_signal_emit (self, signals[PACKED], 0, self->out, (guint) n_missing);
      gtk_window_destroy (GTK_WINDOW (self));
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_error (self, error->message);
}

static void
pack (CytPackDialog *self)
{
  g_cancellable_cancel (self->estimating);
  self->work = g_object_ref (cyt_work_dialog_new (GTK_WINDOW (self), _("Packing the Project")));
  cyt_session_pack_async (self->session, self->out, get_size (self), cyt_work_dialog_get_progress (self->work),
                          cyt_work_dialog_get_cancellable (self->work), packed_cb, g_object_ref (self));
}

static void
replace_response_cb (CytPackDialog *self, const char *response)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->out);
  g_autoptr (GError) error = NULL;

  if (!g_str_equal (response, "replace"))
    return;
  /* To the bin, not away: somebody may have labelled in it. */
  if (g_file_trash (file, NULL, &error))
    pack (self);
  else
    show_error (self, error->message);
}

static void
pack_cb (CytPackDialog *self)
{
  GtkWidget *dialog;

  if (!g_file_test (self->out, G_FILE_TEST_EXISTS))
    {
      pack (self);
      return;
    }
  dialog = adw_message_dialog_new (GTK_WINDOW (self), _("Replace the File?"), NULL);
  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog),
                                  _("“%s” exists. Replacing it moves that file, with its labels, to the bin."), self->out);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "replace", _("_Replace"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "replace", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (replace_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

CytPackDialog *
cyt_pack_dialog_new (GtkWindow *parent, CytSession *session)
{
  CytPackDialog *self = g_object_new (CYT_TYPE_PACK_DIALOG, "transient-for", parent, "modal", TRUE, NULL);
  g_autofree char *out = suggest_out (cyt_session_get_path (session));

  self->session = g_object_ref (session);
  set_out (self, out);
  estimate_cb (self);
  return self;
}

static void
cyt_pack_dialog_dispose (GObject *object)
{
  CytPackDialog *self = CYT_PACK_DIALOG (object);

  g_cancellable_cancel (self->estimating);
  g_clear_object (&self->estimating);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_pack_dialog_parent_class)->dispose (object);
}

static void
cyt_pack_dialog_finalize (GObject *object)
{
  g_free (CYT_PACK_DIALOG (object)->out);
  G_OBJECT_CLASS (cyt_pack_dialog_parent_class)->finalize (object);
}

static void
cyt_pack_dialog_class_init (CytPackDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_pack_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_pack_dialog_finalize;
  signals[PACKED] = g_signal_new ("packed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_UINT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-pack-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CytPackDialog, size_row);
  gtk_widget_class_bind_template_child (widget_class, CytPackDialog, estimate_row);
  gtk_widget_class_bind_template_child (widget_class, CytPackDialog, file_row);
  gtk_widget_class_bind_template_child (widget_class, CytPackDialog, pack_button);
  gtk_widget_class_bind_template_callback (widget_class, choose_cb);
  gtk_widget_class_bind_template_callback (widget_class, pack_cb);
  gtk_widget_class_bind_template_callback (widget_class, estimate_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
cyt_pack_dialog_init (CytPackDialog *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_accessible_complete (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *name = g_strdup_printf (_("%u pixels"), sizes[i]);

      gtk_string_list_append (names, name);
    }
  adw_combo_row_set_model (self->size_row, G_LIST_MODEL (names));
  adw_combo_row_set_selected (self->size_row, DEFAULT_SIZE);
  gtk_window_set_focus (GTK_WINDOW (self), self->pack_button);
}
