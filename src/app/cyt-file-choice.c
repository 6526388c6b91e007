/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-file-choice.h"

#define KEY "cyt-file-choice" /* of the parent, which keeps the chooser alive */

typedef struct
{
  GWeakRef object;
  CytFileChoiceFunc func;
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_weak_ref_clear (&question->object);
  g_free (question);
}

/* NULL-terminated; those that have no path here are left out. */
static GStrv
dup_paths (GtkFileChooser *chooser)
{
  g_autoptr (GListModel) files = gtk_file_chooser_get_files (chooser);
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();

  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL)
        g_strv_builder_add (paths, path);
    }
  return g_strv_builder_end (paths);
}

static void
response_cb (GtkNativeDialog *dialog, int response, Question *question)
{
  g_autoptr (GObject) object = g_weak_ref_get (&question->object);
  g_auto (GStrv) paths = response == GTK_RESPONSE_ACCEPT ? dup_paths (GTK_FILE_CHOOSER (dialog)) : NULL;
  CytFileChoiceFunc func = question->func;
  GtkWindow *parent = gtk_native_dialog_get_transient_for (dialog);

  /* It may ask the next question itself; this one, and its dialog, end here. */
  if (parent != NULL && g_object_get_data (G_OBJECT (parent), KEY) == dialog)
    g_object_set_data (G_OBJECT (parent), KEY, NULL);
  if (paths != NULL && paths[0] != NULL && object != NULL)
    func (object, (const char *const *) paths);
}

static void
propose (GtkFileChooser *chooser, const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GFile) file = g_file_new_for_path (folder);

  gtk_file_chooser_set_current_folder (chooser, file, NULL);
  gtk_file_chooser_set_current_name (chooser, base);
}

void
cyt_file_choice_ask (GtkWindow *parent, const CytFileChoice *choice, CytFileChoiceFunc func, gpointer object)
{
  GtkFileChooserNative *dialog;
  Question *question;

  g_return_if_fail (GTK_IS_WINDOW (parent) && G_IS_OBJECT (object));

  dialog = gtk_file_chooser_native_new (choice->title, parent, choice->action, NULL, NULL);
  question = g_new0 (Question, 1);
  g_weak_ref_init (&question->object, object);
  question->func = func;
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), choice->several);
  if (choice->filter_name != NULL)
    {
      g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

      gtk_file_filter_set_name (filter, choice->filter_name);
      for (guint i = 0; choice->suffixes[i] != NULL; i++)
        gtk_file_filter_add_suffix (filter, choice->suffixes[i]);
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
    }
  /* Before it shows: a folder that is set while another one loads is answered with an error. */
  if (choice->path != NULL)
    propose (GTK_FILE_CHOOSER (dialog), choice->path);
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), question, question_free, 0);
  g_object_set_data_full (G_OBJECT (parent), KEY, dialog, g_object_unref);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}
