/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-file-choice.h"
#include "cyt-format.h"
#include "cyt-merge-dialog.h"
#include "cyt-pack-dialog.h"
#include "cyt-pixel-size-dialog.h"
#include "cyt-session-share.h"
#include "cyt-window-share.h"
#include "cyt-work-dialog.h"

static const char *const label_suffixes[] = { "json", "csv", NULL };

static void
show_message (CytWindow *self, const char *heading, const char *body)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, body);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- Labels ---- */

static void
import_chosen_cb (gpointer self, const char *const *paths)
{
  cyt_session_import_labels (cyt_window_get_session (self), paths[0]);
}

static void
import_labels_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const CytFileChoice choice
    = { _("Import Labels"), GTK_FILE_CHOOSER_ACTION_OPEN, FALSE, _("Labels (JSON, CSV)"), label_suffixes };

  cyt_file_choice_ask (GTK_WINDOW (widget), &choice, import_chosen_cb, widget);
}

static void
export_chosen_cb (gpointer self, const char *const *paths)
{
  g_autofree char *lower = g_ascii_strdown (paths[0], -1);
  gboolean named = g_str_has_suffix (lower, ".json") || g_str_has_suffix (lower, ".csv");
  g_autofree char *path = named ? g_strdup (paths[0]) : g_strconcat (paths[0], ".json", NULL);

  cyt_session_export_labels (cyt_window_get_session (self), path);
}

static void
export_labels_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytSession *session = cyt_window_get_session (CYT_WINDOW (widget));
  const char *project = cyt_session_get_path (session);
  g_autofree char *folder = g_path_get_dirname (project);
  g_autofree char *base = g_strconcat (cyt_session_get_title (session), "-labels.json", NULL);
  g_autofree char *path = g_build_filename (folder, base, NULL);
  const CytFileChoice choice
    = { _("Export Labels"), GTK_FILE_CHOOSER_ACTION_SAVE, FALSE, _("Labels (JSON, CSV)"), label_suffixes, path };

  cyt_file_choice_ask (GTK_WINDOW (widget), &choice, export_chosen_cb, widget);
}

static void
merge_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  CytSession *session = cyt_window_get_session (self);
  g_autoptr (CytLabelsMerge) merge = NULL;

  if (session == NULL)
    return;
  merge = cyt_session_load_merge_finish (session, result, &error);
  if (merge == NULL)
    show_message (self, _("The Labels Could Not Be Merged"), error->message);
  else
    gtk_window_present (GTK_WINDOW (cyt_merge_dialog_new (GTK_WINDOW (self), session, g_steal_pointer (&merge))));
}

static void
merge_chosen_cb (gpointer self, const char *const *paths)
{
  cyt_session_load_merge_async (cyt_window_get_session (self), paths, NULL, merge_loaded_cb, g_object_ref (self));
}

static void
merge_labels_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const CytFileChoice choice = { _("Merge Labels of Several Experts"), GTK_FILE_CHOOSER_ACTION_OPEN, TRUE,
                                 _("Labels (JSON, CSV)"), label_suffixes };

  cyt_file_choice_ask (GTK_WINDOW (widget), &choice, merge_chosen_cb, widget);
}

/* ---- Packing ---- */

static void
packed_cb (CytPackDialog *dialog, const char *path, guint n_missing, CytWindow *self)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *count = cyt_format_count (n_missing);
  g_autofree char *text
    = n_missing > 0 ? g_strdup_printf (ngettext ("Packed into %s; %s image was not there, its thumbnail is the project’s",
                                                 "Packed into %s; %s images were not there, their thumbnails are the project’s",
                                                 n_missing), name, count)
                    : g_strdup_printf (_("Packed into %s"), name);

  g_signal_emit_by_name (cyt_window_get_session (self), "toast", text);
}

static void
pack_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CytPackDialog *dialog = cyt_pack_dialog_new (GTK_WINDOW (widget), cyt_window_get_session (CYT_WINDOW (widget)));

  g_signal_connect_object (dialog, "packed", G_CALLBACK (packed_cb), widget, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- Images that moved ---- */

typedef struct
{
  CytWindow *window;
  CytWorkDialog *work;
  CytLocateResult *found;
  gint64 dataset;
} Search;

static void
search_free (Search *search)
{
  g_object_unref (search->window);
  g_clear_object (&search->work);
  cyt_locate_result_free (search->found);
  g_free (search);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Search, search_free)

static char *
describe (const CytLocateResult *found)
{
  g_autofree char *n_found = cyt_format_count (found->n_found);
  g_autofree char *n_missing = cyt_format_count (found->n_missing);
  g_autofree char *n_different = cyt_format_count (found->n_different);

  /* Translators: three numbers of images */
  return g_strdup_printf (_("%s found, %s missing, %s different"), n_found, n_missing, n_different);
}

static void
link_root (Search *search)
{
  CytSession *session = cyt_window_get_session (search->window);
  g_autofree char *text = describe (search->found);

  if (session == NULL)
    return;
  cyt_session_set_root (session, search->dataset, search->found->root);
  g_signal_emit_by_name (session, "toast", text);
}

static void
link_response_cb (GtkWidget *dialog, const char *response, Search *search)
{
  if (g_str_equal (response, "link"))
    link_root (search);
  search_free (search);
}

/* Some pictures are others than those that were indexed: not without being told. Takes @search. */
static void
ask_whether_to_link (Search *search)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (search->window), _("Some Images Are Different"), NULL);
  g_autofree char *counts = describe (search->found);

  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog),
                                  _("%s.\n\n“%s” is not the image that was indexed: what the project says of it may not hold for "
                                    "what would be shown."), counts, search->found->example);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "link", _("_Link Anyway"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "link", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect (dialog, "response", G_CALLBACK (link_response_cb), search);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
located_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Search) search = user_data;
  g_autoptr (GError) error = NULL;

  search->found = cyt_session_locate_finish (CYT_SESSION (source), result, &error);
  cyt_work_dialog_finish (search->work);
  if (search->found == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        show_message (search->window, _("The Images Could Not Be Located"), error->message);
    }
  else if (search->found->n_found + search->found->n_different + search->found->n_unverified == 0)
    {
      g_autofree char *root = g_filename_display_name (search->found->root);
      g_autofree char *body
        = g_strdup_printf (_("There is none of the data set’s images in %s or the folders in it. The first that is missing is “%s”."),
                           root, search->found->example != NULL ? search->found->example : "");

      show_message (search->window, _("No Image Found"), body);
    }
  else if (search->found->n_different > 0)
    ask_whether_to_link (g_steal_pointer (&search));
  else
    link_root (search);
}

static void
folder_chosen_cb (gpointer object, const char *const *paths)
{
  CytWindow *self = object;
  CytSession *session = cyt_window_get_session (self);
  const CytDataset *dataset = cyt_session_get_dataset (session);
  Search *search;

  if (dataset == NULL)
    return;
  search = g_new0 (Search, 1);
  search->window = g_object_ref (self);
  search->dataset = dataset->id;
  search->work = g_object_ref (cyt_work_dialog_new (GTK_WINDOW (self), _("Comparing the Images")));
  cyt_session_locate_async (session, paths[0], cyt_work_dialog_get_progress (search->work),
                            cyt_work_dialog_get_cancellable (search->work), located_cb, search);
}

static void
locate_images_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const CytDataset *dataset = cyt_session_get_dataset (cyt_window_get_session (CYT_WINDOW (widget)));
  g_autofree char *title = NULL;
  CytFileChoice choice = { NULL, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER };

  if (dataset == NULL)
    return;
  /* Translators: name of a data set */
  title = g_strdup_printf (_("Folder of the Images of “%s”"), dataset->name);
  choice.title = title;
  cyt_file_choice_ask (GTK_WINDOW (widget), &choice, folder_chosen_cb, widget);
}

/* ---- The window ---- */

/* ---- Pixel size ---- */

static void
pixel_size_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cyt_pixel_size_dialog_ask (GTK_WINDOW (widget), cyt_window_get_session (CYT_WINDOW (widget)));
}

void
cyt_window_share_install (GtkWidgetClass *klass)
{
  gtk_widget_class_install_action (klass, "win.import-labels", NULL, import_labels_action);
  gtk_widget_class_install_action (klass, "win.export-labels", NULL, export_labels_action);
  gtk_widget_class_install_action (klass, "win.merge-labels", NULL, merge_labels_action);
  gtk_widget_class_install_action (klass, "win.pack", NULL, pack_action);
  gtk_widget_class_install_action (klass, "win.locate-images", NULL, locate_images_action);
  gtk_widget_class_install_action (klass, "win.pixel-size", NULL, pixel_size_action);
}

void
cyt_window_share_update (CytWindow *self)
{
  CytSession *session = cyt_window_get_session (self);
  gboolean open = cyt_session_get_state (session) == CYT_SESSION_OPEN;
  gboolean writable = open && !cyt_session_is_read_only (session);
  gboolean has_cells = open && cyt_session_get_dataset (session) != NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.import-labels", writable);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.export-labels", open);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.merge-labels", writable);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.pack", open);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.locate-images", writable && has_cells);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.pixel-size", writable && has_cells);
}
