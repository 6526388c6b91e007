/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-accessible.h"
#include "cyt-file-choice.h"
#include "cyt-import-published.h"
#include "cyt-suggestions.h"

struct _CytImportPublished
{
  AdwWindow parent_instance;
  char *statistics;
  char *images;
  char *project;
  gboolean project_chosen;

  AdwActionRow *statistics_row;
  AdwActionRow *images_row;
  AdwEntryRow *dataset_row;
  AdwEntryRow *domain_row;
  GtkMenuButton *domains;
  AdwActionRow *project_row;
  GtkWidget *statistics_button;
  GtkWidget *import_button;
};

G_DEFINE_FINAL_TYPE (CytImportPublished, cyt_import_published, ADW_TYPE_WINDOW)

enum
{
  IMPORT,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* A file that no other folder holds. */
static gboolean
holds_statistics (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "max_activating_image_indices.pt", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
show_path (AdwActionRow *row, const char *path)
{
  g_autofree char *display = g_filename_display_name (path);

  gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
  adw_action_row_set_subtitle (row, display);
}

static void
show_error (AdwActionRow *row, const char *text)
{
  gtk_widget_add_css_class (GTK_WIDGET (row), "error");
  adw_action_row_set_subtitle (row, text);
}

static void
update (CytImportPublished *self)
{
  g_autofree char *dataset = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->dataset_row))));
  gboolean is_new = self->project != NULL && !g_file_test (self->project, G_FILE_TEST_EXISTS);

  if (self->project != NULL && is_new)
    show_path (self->project_row, self->project);
  else if (self->project != NULL)
    show_error (self->project_row, _("This file exists: choose another name"));
  gtk_widget_set_sensitive (self->import_button, self->statistics != NULL && holds_statistics (self->statistics)
                                                   && self->images != NULL && is_new && dataset[0] != '\0');
}

static void
set_statistics (CytImportPublished *self, const char *path)
{
  g_free (self->statistics);
  self->statistics = g_strdup (path);
  if (holds_statistics (path))
    show_path (self->statistics_row, path);
  else
    show_error (self->statistics_row, _("There is no max_activating_image_indices.pt in this folder"));
  update (self);
}

static void
suggest_project (CytImportPublished *self, const char *images)
{
  const char *documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);
  g_autofree char *base = g_path_get_basename (images);
  g_autofree char *name = NULL;

  for (guint i = 1; i == 1 || g_file_test (self->project, G_FILE_TEST_EXISTS); i++)
    {
      g_free (name);
      name = i == 1 ? g_strdup_printf ("%s-published.cytosae", base) : g_strdup_printf ("%s-published-%u.cytosae", base, i);
      g_free (self->project);
      self->project = g_build_filename (documents != NULL ? documents : g_get_home_dir (), name, NULL);
    }
}

static void
set_images (CytImportPublished *self, const char *path)
{
  g_autofree char *base = g_path_get_basename (path);

  g_free (self->images);
  self->images = g_strdup (path);
  show_path (self->images_row, path);
  gtk_editable_set_text (GTK_EDITABLE (self->dataset_row), base);
  if (!self->project_chosen)
    suggest_project (self, path);
  update (self);
}

/* ---- Choosing ---- */

static void
statistics_chosen_cb (gpointer self, const char *const *paths)
{
  set_statistics (self, paths[0]);
}

static void
images_chosen_cb (gpointer self, const char *const *paths)
{
  set_images (self, paths[0]);
}

static void
project_chosen_cb (gpointer object, const char *const *paths)
{
  CytImportPublished *self = object;

  g_free (self->project);
  self->project = g_str_has_suffix (paths[0], ".cytosae") ? g_strdup (paths[0])
                                                          : g_strconcat (paths[0], ".cytosae", NULL);
  self->project_chosen = TRUE;
  update (self);
}

static void
choose_statistics_cb (CytImportPublished *self)
{
  const CytFileChoice choice = { _("Folder of Published Statistics"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER };

  cyt_file_choice_ask (GTK_WINDOW (self), &choice, statistics_chosen_cb, self);
}

static void
choose_images_cb (CytImportPublished *self)
{
  const CytFileChoice choice = { _("Folder of Cell Images"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER };

  cyt_file_choice_ask (GTK_WINDOW (self), &choice, images_chosen_cb, self);
}

static void
choose_project_cb (CytImportPublished *self)
{
  const CytFileChoice choice = { _("Save Project As"), GTK_FILE_CHOOSER_ACTION_SAVE, .path = self->project };

  cyt_file_choice_ask (GTK_WINDOW (self), &choice, project_chosen_cb, self);
}

/* ---- Dropping ---- */

typedef void (*FolderFunc) (CytImportPublished *self, const char *path);

static gboolean
drop_folder (CytImportPublished *self, const GValue *value, FolderFunc func)
{
  GFile *file = g_value_get_object (value);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path == NULL || !g_file_test (path, G_FILE_TEST_IS_DIR))
    return FALSE;
  func (self, path);
  return TRUE;
}

static gboolean
drop_statistics_cb (CytImportPublished *self, const GValue *value)
{
  return drop_folder (self, value, set_statistics);
}

static gboolean
drop_images_cb (CytImportPublished *self, const GValue *value)
{
  return drop_folder (self, value, set_images);
}

static void
add_drop (CytImportPublished *self, AdwActionRow *row, GCallback callback)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  g_signal_connect_object (target, "drop", callback, self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (row), GTK_EVENT_CONTROLLER (target));
}

/* ---- Done ---- */

CytProjectPlan *
cyt_import_published_dup_plan (CytImportPublished *self)
{
  const char *const images[] = { self->images, NULL };
  CytProjectPlan *plan = cyt_project_plan_new ();

  plan->project = g_strdup (self->project);
  plan->published = g_strdup (self->statistics);
  plan->images = g_strdupv ((char **) images);
  plan->dataset = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->dataset_row))));
  plan->domain = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->domain_row))));
  return plan;
}

static void
import_cb (CytImportPublished *self)
{
  g_signal_emit (self, signals[IMPORT], 0);
  gtk_window_close (GTK_WINDOW (self));
}

CytImportPublished *
cyt_import_published_new (GtkWindow *parent)
{
  return g_object_new (CYT_TYPE_IMPORT_PUBLISHED, "transient-for", parent, "modal", TRUE, NULL);
}

static void
cyt_import_published_finalize (GObject *object)
{
  CytImportPublished *self = CYT_IMPORT_PUBLISHED (object);

  g_free (self->statistics);
  g_free (self->images);
  g_free (self->project);
  G_OBJECT_CLASS (cyt_import_published_parent_class)->finalize (object);
}

static void
cyt_import_published_class_init (CytImportPublishedClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = cyt_import_published_finalize;
  signals[IMPORT] = g_signal_new ("import", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-import-published.ui");
  gtk_widget_class_bind_template_child (widget_class, CytImportPublished, statistics_row);
  gtk_widget_class_bind_template_child (widget_class, CytImportPublished, images_row);
  gtk_widget_class_bind_template_child (widget_class, CytImportPublished, dataset_row);
  gtk_widget_class_bind_template_child (widget_class, CytImportPublished, domain_row);
  gtk_widget_class_bind_template_child (widget_class, CytImportPublished, domains);
  gtk_widget_class_bind_template_child (widget_class, CytImportPublished, project_row);
  gtk_widget_class_bind_template_child (widget_class, CytImportPublished, statistics_button);
  gtk_widget_class_bind_template_child (widget_class, CytImportPublished, import_button);
  gtk_widget_class_bind_template_callback (widget_class, choose_statistics_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_images_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_project_cb);
  gtk_widget_class_bind_template_callback (widget_class, import_cb);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
cyt_import_published_init (CytImportPublished *self)
{
  const char *const domains[] = { _("peripheral blood"), _("bone marrow"), NULL };

  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_accessible_complete (GTK_WIDGET (self));
  cyt_suggestions_fill (self->domains, GTK_EDITABLE (self->domain_row), domains);
  add_drop (self, self->statistics_row, G_CALLBACK (drop_statistics_cb));
  add_drop (self, self->images_row, G_CALLBACK (drop_images_cb));
  gtk_window_set_focus (GTK_WINDOW (self), self->statistics_button);
  update (self);
}
