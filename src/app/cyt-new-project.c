/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "io/cyt-image-list.h"

#include "cyt-accessible.h"
#include "cyt-file-choice.h"
#include "cyt-format.h"
#include "cyt-new-project.h"
#include "cyt-pixel-size-dialog.h"
#include "cyt-settings.h"
#include "cyt-suggestions.h"

struct _CytNewProject
{
  AdwWindow parent_instance;

  char *images;
  char *encoder;
  char *sae;
  char *project;
  gboolean project_chosen;     /* by the user, not from the images' name */
  gsize n_images;
  GCancellable *count_cancellable;

  AdwActionRow *images_row;
  GtkWidget *folder_button;
  AdwEntryRow *dataset_row;
  AdwEntryRow *domain_row;
  AdwEntryRow *pixel_size_row;
  GtkMenuButton *domains;
  AdwPreferencesGroup *models_group;
  AdwActionRow *encoder_row;
  AdwActionRow *sae_row;
  AdwActionRow *project_row;
  GtkWidget *builtin_button;
  GtkWidget *create_button;
};

enum
{
  CREATE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CytNewProject, cyt_new_project, ADW_TYPE_WINDOW)

/* ---- Built-in models ---- */

static gboolean
is_builtin (const char *path)
{
  return path != NULL && strstr (path, G_DIR_SEPARATOR_S CYT_MODELS_BUILTIN G_DIR_SEPARATOR_S) != NULL;
}

/* ---- What is shown ---- */

static void
set_row_path (AdwActionRow *row, const char *path, const char *none)
{
  g_autofree char *shown = path != NULL ? g_filename_display_name (path) : g_strdup (none);

  adw_action_row_set_subtitle (row, shown);
}

static void
update (CytNewProject *self)
{
  gboolean builtin = is_builtin (self->encoder) && is_builtin (self->sae);
  const char *dataset = gtk_editable_get_text (GTK_EDITABLE (self->dataset_row));
  double pixel_size;
  gboolean has_pixel_size = cyt_pixel_size_parse (gtk_editable_get_text (GTK_EDITABLE (self->pixel_size_row)), &pixel_size);

  if (has_pixel_size)
    gtk_widget_remove_css_class (GTK_WIDGET (self->pixel_size_row), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->pixel_size_row), "error");
  set_row_path (self->project_row, self->project, _("Not chosen yet"));
  if (is_builtin (self->encoder))
    adw_action_row_set_subtitle (self->encoder_row, _("Built-in demonstration encoder"));
  else
    set_row_path (self->encoder_row, self->encoder, _("DinoBloom or DINOv2: .pth, .pt or .safetensors"));
  if (is_builtin (self->sae))
    adw_action_row_set_subtitle (self->sae_row, _("Built-in demonstration autoencoder"));
  else
    set_row_path (self->sae_row, self->sae, _("CytoSAE .pt or SAELens .safetensors"));
  adw_preferences_group_set_description (
    self->models_group,
    builtin ? _("The built-in pair is a small model trained on one public data set: good for trying the "
                "program, not for findings.")
            : _("The autoencoder has to be trained on this encoder."));
  gtk_widget_set_visible (self->builtin_button, !builtin);
  gtk_widget_set_sensitive (self->create_button,
                            self->n_images > 0 && self->encoder != NULL && self->sae != NULL
                              && self->project != NULL && dataset[0] != '\0' && has_pixel_size);
}

/* A free file name in the user's documents, after the images. */
static char *
suggest_project (const char *name)
{
  const char *documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);
  const char *folder = documents != NULL && g_file_test (documents, G_FILE_TEST_IS_DIR) ? documents
                                                                                       : g_get_home_dir ();

  for (guint i = 1;; i++)
    {
      g_autofree char *file = i == 1 ? g_strdup_printf ("%s.cytosae", name)
                                     : g_strdup_printf ("%s %u.cytosae", name, i);
      g_autofree char *path = g_build_filename (folder, file, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
}

/* ---- Images ---- */

typedef struct
{
  gsize n_images;
  gsize n_labels;
  gsize n_patients;
} Count;

static void
count_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const char *const args[] = { data, NULL };
  GError *error = NULL;
  g_autoptr (CytImageList) list = cyt_image_list_new (args, &error);
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) patients = g_hash_table_new (g_str_hash, g_str_equal);
  Count *count;

  if (list == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  count = g_new0 (Count, 1);
  count->n_images = cyt_image_list_get_n_items (list);
  for (gsize i = 0; i < count->n_images; i++)
    {
      const CytImageItem *item = cyt_image_list_get_item (list, i);

      if (item->label != NULL)
        g_hash_table_add (labels, item->label);
      if (item->patient != NULL)
        g_hash_table_add (patients, item->patient);
    }
  count->n_labels = g_hash_table_size (labels);
  count->n_patients = g_hash_table_size (patients);
  g_task_return_pointer (task, count, g_free);
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CytNewProject *self = CYT_NEW_PROJECT (source);
  g_autoptr (GError) error = NULL;
  g_autofree Count *count = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *n = NULL;
  g_autoptr (GString) text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (count == NULL)
    {
      adw_action_row_set_subtitle (self->images_row, error->message);
      gtk_widget_add_css_class (GTK_WIDGET (self->images_row), "error");
      self->n_images = 0;
      update (self);
      return;
    }
  self->n_images = count->n_images;
  n = cyt_format_count (count->n_images);
  text = g_string_new (self->images);
  g_string_append_c (text, '\n');
  g_string_append_printf (text, ngettext ("%s image", "%s images", count->n_images), n);
  if (count->n_labels > 0)
    g_string_append_printf (text, ngettext (", %u class", ", %u classes", count->n_labels),
                            (guint) count->n_labels);
  if (count->n_patients > 0)
    g_string_append_printf (text, ngettext (", %u patient", ", %u patients", count->n_patients),
                            (guint) count->n_patients);
  adw_action_row_set_subtitle (self->images_row, text->str);
  update (self);
  /* All the rest has good values: Enter will do. */
  if (gtk_widget_get_sensitive (self->create_button) && !GTK_IS_EDITABLE (gtk_window_get_focus (GTK_WINDOW (self))))
    gtk_widget_grab_focus (self->create_button);
}

static void
set_images (CytNewProject *self, const char *path)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *base = g_path_get_basename (path);
  char *dot = strrchr (base, '.');

  g_cancellable_cancel (self->count_cancellable);
  g_clear_object (&self->count_cancellable);
  self->count_cancellable = g_cancellable_new ();
  g_free (self->images);
  self->images = g_strdup (path);
  self->n_images = 0;
  gtk_widget_remove_css_class (GTK_WIDGET (self->images_row), "error");
  adw_action_row_set_subtitle (self->images_row, _("Looking for images…"));

  if (!g_file_test (path, G_FILE_TEST_IS_DIR) && dot != NULL)
    *dot = '\0';
  if (base[0] == '\0' || base[0] == G_DIR_SEPARATOR)
    {
      g_free (base);
      base = g_strdup (_("cells"));
    }
  gtk_editable_set_text (GTK_EDITABLE (self->dataset_row), base);
  if (!self->project_chosen)
    {
      g_free (self->project);
      self->project = suggest_project (base);
    }
  update (self);

  task = g_task_new (self, self->count_cancellable, counted_cb, NULL);
  g_task_set_source_tag (task, set_images);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, count_thread);
}

static void
set_encoder (CytNewProject *self, const char *path)
{
  g_free (self->encoder);
  self->encoder = g_strdup (path);
  update (self);
}

static void
set_sae (CytNewProject *self, const char *path)
{
  g_free (self->sae);
  self->sae = g_strdup (path);
  update (self);
}

static void
set_project (CytNewProject *self, const char *path)
{
  g_free (self->project);
  self->project = g_str_has_suffix (path, ".cytosae") ? g_strdup (path) : g_strconcat (path, ".cytosae", NULL);
  self->project_chosen = TRUE;
  update (self);
}

/* ---- Choosing ---- */

static void
images_chosen_cb (gpointer self, const char *const *paths)
{
  set_images (self, paths[0]);
}

static void
encoder_chosen_cb (gpointer self, const char *const *paths)
{
  set_encoder (self, paths[0]);
}

static void
sae_chosen_cb (gpointer self, const char *const *paths)
{
  set_sae (self, paths[0]);
}

static void
project_chosen_cb (gpointer self, const char *const *paths)
{
  set_project (self, paths[0]);
}

static void
ask (CytNewProject *self, CytFileChoice choice, CytFileChoiceFunc func)
{
  cyt_file_choice_ask (GTK_WINDOW (self), &choice, func, self);
}

static void
choose_folder_cb (CytNewProject *self)
{
  ask (self, (CytFileChoice) { _("Folder of Cell Images"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER }, images_chosen_cb);
}

static void
choose_csv_cb (CytNewProject *self)
{
  static const char *const suffixes[] = { "csv", NULL };

  ask (self, (CytFileChoice) { _("List of Cell Images"), GTK_FILE_CHOOSER_ACTION_OPEN, FALSE, _("CSV lists"), suffixes },
       images_chosen_cb);
}

static const char *const model_suffixes[] = { "pt", "pth", "safetensors", NULL };

static void
choose_encoder_cb (CytNewProject *self)
{
  ask (self, (CytFileChoice) { _("Encoder"), GTK_FILE_CHOOSER_ACTION_OPEN, FALSE, _("Checkpoints"), model_suffixes },
       encoder_chosen_cb);
}

static void
choose_sae_cb (CytNewProject *self)
{
  ask (self,
       (CytFileChoice) { _("Sparse Autoencoder"), GTK_FILE_CHOOSER_ACTION_OPEN, FALSE, _("Checkpoints"), model_suffixes },
       sae_chosen_cb);
}

static void
choose_project_cb (CytNewProject *self)
{
  ask (self, (CytFileChoice) { _("Save Project As"), GTK_FILE_CHOOSER_ACTION_SAVE, .path = self->project },
       project_chosen_cb);
}

static void
use_builtin_cb (CytNewProject *self)
{
  g_autofree char *encoder = cyt_models_find_builtin ("encoder.safetensors");
  g_autofree char *sae = cyt_models_find_builtin ("sae");

  set_encoder (self, encoder);
  set_sae (self, sae);
}

/* ---- Dropping ---- */

static gboolean
drop_path (const GValue *value, char **path)
{
  GFile *file = g_value_get_object (value);

  *path = file != NULL ? g_file_get_path (file) : NULL;
  return *path != NULL;
}

static gboolean
drop_images_cb (CytNewProject *self, const GValue *value)
{
  g_autofree char *path = NULL;

  if (!drop_path (value, &path))
    return FALSE;
  set_images (self, path);
  return TRUE;
}

static gboolean
drop_encoder_cb (CytNewProject *self, const GValue *value)
{
  g_autofree char *path = NULL;

  if (!drop_path (value, &path))
    return FALSE;
  set_encoder (self, path);
  return TRUE;
}

static gboolean
drop_sae_cb (CytNewProject *self, const GValue *value)
{
  g_autofree char *path = NULL;

  if (!drop_path (value, &path))
    return FALSE;
  set_sae (self, path);
  return TRUE;
}

static void
add_drop (CytNewProject *self, AdwActionRow *row, GCallback callback)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  g_signal_connect_object (target, "drop", callback, self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (row), GTK_EVENT_CONTROLLER (target));
}

/* ---- Done ---- */

CytProjectPlan *
cyt_new_project_dup_plan (CytNewProject *self)
{
  const char *const images[] = { self->images, NULL };
  CytProjectPlan *plan = cyt_project_plan_new ();

  plan->project = g_strdup (self->project);
  plan->encoder = g_strdup (self->encoder);
  plan->sae = g_strdup (self->sae);
  plan->images = g_strdupv ((char **) images);
  plan->dataset = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->dataset_row))));
  plan->domain = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->domain_row))));
  if (!cyt_pixel_size_parse (gtk_editable_get_text (GTK_EDITABLE (self->pixel_size_row)), &plan->pixel_size)
      || isnan (plan->pixel_size))
    plan->pixel_size = 0;
  return plan;
}

static void
create (CytNewProject *self)
{
  if (!is_builtin (self->encoder))
    cyt_settings_set_string ("encoder", self->encoder);
  if (!is_builtin (self->sae))
    cyt_settings_set_string ("sae", self->sae);
  g_signal_emit (self, signals[CREATE], 0);
  gtk_window_close (GTK_WINDOW (self));
}

static void
replace_response_cb (CytNewProject *self, const char *response)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->project);
  g_autoptr (GError) error = NULL;

  if (!g_str_equal (response, "replace"))
    return;
  /* To the bin, not away: a project is an expert's work. */
  if (g_file_trash (file, NULL, &error))
    create (self);
  else
    {
      adw_action_row_set_subtitle (self->project_row, error->message);
      gtk_widget_add_css_class (GTK_WIDGET (self->project_row), "error");
    }
}

static void
create_cb (CytNewProject *self)
{
  GtkWidget *dialog;

  if (!g_file_test (self->project, G_FILE_TEST_EXISTS))
    {
      create (self);
      return;
    }
  dialog = adw_message_dialog_new (GTK_WINDOW (self), _("Replace the Project?"), NULL);
  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog),
                                  _("“%s” exists. Replacing it moves that project, with its labels, to the bin."),
                                  self->project);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "replace",
                                    _("_Replace"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "replace",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (replace_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
cyt_new_project_set_models (CytNewProject *self, const char *encoder, const char *sae)
{
  g_return_if_fail (CYT_IS_NEW_PROJECT (self));

  set_encoder (self, encoder);
  set_sae (self, sae);
}

CytNewProject *
cyt_new_project_new (GtkWindow *parent, const char *images)
{
  CytNewProject *self
    = g_object_new (CYT_TYPE_NEW_PROJECT, "transient-for", parent, "modal", TRUE, NULL);

  if (images != NULL)
    set_images (self, images);
  return self;
}

static void
cyt_new_project_dispose (GObject *object)
{
  CytNewProject *self = CYT_NEW_PROJECT (object);

  g_cancellable_cancel (self->count_cancellable);
  g_clear_object (&self->count_cancellable);
  G_OBJECT_CLASS (cyt_new_project_parent_class)->dispose (object);
}

static void
cyt_new_project_finalize (GObject *object)
{
  CytNewProject *self = CYT_NEW_PROJECT (object);

  g_free (self->images);
  g_free (self->encoder);
  g_free (self->sae);
  g_free (self->project);
  G_OBJECT_CLASS (cyt_new_project_parent_class)->finalize (object);
}

static void
cyt_new_project_class_init (CytNewProjectClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cyt_new_project_dispose;
  object_class->finalize = cyt_new_project_finalize;
  signals[CREATE] = g_signal_new ("create", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-new-project.ui");
  gtk_widget_class_bind_template_child (widget_class, CytNewProject, images_row);
  gtk_widget_class_bind_template_child (widget_class, CytNewProject, folder_button);
  gtk_widget_class_bind_template_child (widget_class, CytNewProject, dataset_row);
  gtk_widget_class_bind_template_child (widget_class, CytNewProject, domain_row);
  gtk_widget_class_bind_template_child (widget_class, CytNewProject, pixel_size_row);
  gtk_widget_class_bind_template_child (widget_class, CytNewProject, domains);
  gtk_widget_class_bind_template_child (widget_class, CytNewProject, models_group);
  gtk_widget_class_bind_template_child (widget_class, CytNewProject, encoder_row);
  gtk_widget_class_bind_template_child (widget_class, CytNewProject, sae_row);
  gtk_widget_class_bind_template_child (widget_class, CytNewProject, project_row);
  gtk_widget_class_bind_template_child (widget_class, CytNewProject, builtin_button);
  gtk_widget_class_bind_template_child (widget_class, CytNewProject, create_button);
  gtk_widget_class_bind_template_callback (widget_class, choose_folder_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_csv_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_encoder_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_sae_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_project_cb);
  gtk_widget_class_bind_template_callback (widget_class, use_builtin_cb);
  gtk_widget_class_bind_template_callback (widget_class, create_cb);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
cyt_new_project_init (CytNewProject *self)
{
  g_autofree char *encoder = cyt_settings_dup_string ("encoder");
  g_autofree char *sae = cyt_settings_dup_string ("sae");
  const char *const domains[] = { _("peripheral blood"), _("bone marrow"), NULL };

  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_accessible_complete (GTK_WIDGET (self));
  gtk_window_set_focus (GTK_WINDOW (self), self->folder_button);
  cyt_suggestions_fill (self->domains, GTK_EDITABLE (self->domain_row), domains);
  add_drop (self, self->images_row, G_CALLBACK (drop_images_cb));
  add_drop (self, self->encoder_row, G_CALLBACK (drop_encoder_cb));
  add_drop (self, self->sae_row, G_CALLBACK (drop_sae_cb));

  /* The models of the last project, as long as they are where they were. */
  if (encoder != NULL && sae != NULL && g_file_test (encoder, G_FILE_TEST_EXISTS)
      && g_file_test (sae, G_FILE_TEST_EXISTS))
    {
      set_encoder (self, encoder);
      set_sae (self, sae);
    }
  else
    use_builtin_cb (self);
}
