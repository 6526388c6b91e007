/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-accessible.h"
#include "cyt-file-choice.h"
#include "cyt-format.h"
#include "cyt-job-bar.h"
#include "cyt-session-transfer.h"
#include "cyt-texture-cache.h"
#include "cyt-transfer-dialog.h"

#define PICTURE_SIZE 48 /* application pixels */

/* A cell in a list. */
typedef struct
{
  GtkImage *image;
  CytTextureRequest *request; /* NULL: it is there */
} Picture;

struct _CytTransferDialog
{
  AdwWindow parent_instance;
  CytSession *session;
  char *other;                 /* path of another project, whose data sets are the last choices of test_row; NULL: none */
  GStrv other_sets;            /* their names */
  char *classes;               /* file that says which classes are the same; NULL: none */
  GCancellable *computing;     /* the comparison under way */
  CytTransferView *view;       /* what shows */
  GPtrArray *pictures;         /* of Picture */
  gboolean updating;
  char *out;                   /* being written */

  AdwComboRow *train_row;
  AdwComboRow *test_row;
  GtkStack *stack;
  AdwStatusPage *message;
  CytJobBar *job_bar;
  GtkSpinner *spinner;         /* while the report is written */
  AdwActionRow *classes_row;
  GtkWidget *forget_button;
  GtkWidget *simulated;
  AdwActionRow *alive_row;
  GtkLabel *alive;
  AdwActionRow *profiles_row;
  GtkLabel *profiles;
  AdwActionRow *explained_row;
  GtkLabel *explained;
  GtkWidget *best_group;
  GtkListBox *best;
  GtkWidget *worst_group;
  GtkListBox *worst;
  GtkWidget *save_button;
  GtkLabel *problem;
};

G_DEFINE_FINAL_TYPE (CytTransferDialog, cyt_transfer_dialog, ADW_TYPE_WINDOW)

enum
{
  WRITTEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
picture_free (Picture *picture)
{
  g_clear_pointer (&picture->request, cyt_texture_request_cancel);
  g_free (picture);
}

static void
show_message (CytTransferDialog *self, const char *title, const char *description)
{
  adw_status_page_set_title (self->message, title);
  adw_status_page_set_description (self->message, description);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

/* ---- The numbers ---- */

static void
show_alive (CytTransferDialog *self, const CytTransfer *transfer)
{
  double share = transfer->n_alive_train > 0 ? (double) transfer->n_alive_both / (double) transfer->n_alive_train : NAN;
  g_autofree char *value = cyt_format_percent (share), *both = cyt_format_count (transfer->n_alive_both);
  g_autofree char *train = cyt_format_count (transfer->n_alive_train), *test = cyt_format_count (transfer->n_alive_test);
  /* Translators: two times number of latents and name of a data set, then number of latents */
  g_autofree char *text = g_strdup_printf (_("%s latents fire on %s, %s on %s, %s on both"), train, transfer->train, test,
                                           transfer->test, both);

  gtk_label_set_text (self->alive, value);
  adw_action_row_set_subtitle (self->alive_row, text);
}

static void
show_profiles (CytTransferDialog *self, const CytTransfer *transfer)
{
  guint n = g_strv_length (transfer->classes);
  g_autofree char *value = cyt_format_number (transfer->mean_correlation), *text = NULL;

  if (n < CYT_TRANSFER_MIN_CLASSES)
    text = g_strdup_printf (_("The two share fewer than %d classes: latents are ranked by how alike their frequencies are. A file "
                              "can say which classes are the same"),
                            CYT_TRANSFER_MIN_CLASSES);
  else
    {
      g_autofree char *classes = g_strjoinv (", ", transfer->classes), *count = cyt_format_count (transfer->n_correlated);
      g_autofree char *median = cyt_format_number (transfer->median_correlation);

      /* Translators: number of latents, a correlation, names of classes */
      text = g_strdup_printf (_("Mean of %s latents, median %s, over %s"), count, median, classes);
    }
  gtk_label_set_text (self->profiles, value);
  adw_action_row_set_subtitle (self->profiles_row, text);
}

static void
show_explained (CytTransferDialog *self, const CytTransfer *transfer)
{
  g_autofree char *train = cyt_format_number (transfer->explained_train);
  g_autofree char *test = cyt_format_number (transfer->explained_test);
  g_autofree char *value = g_strdup_printf ("%s / %s", train, test);
  g_autofree char *n_train = cyt_format_count (transfer->n_explained_train);
  g_autofree char *n_test = cyt_format_count (transfer->n_explained_test);
  /* Translators: name of a data set, number of images, name of another, number of images */
  g_autofree char *text = transfer->why_not_explained != NULL
                            ? g_strdup_printf (_("Cannot be computed: %s"), transfer->why_not_explained)
                            : g_strdup_printf (_("On %s (%s images) and on %s (%s images)"), transfer->train, n_train,
                                               transfer->test, n_test);

  gtk_label_set_text (self->explained, value);
  adw_action_row_set_subtitle (self->explained_row, text);
}

/* ---- The lists ---- */

static void
texture_cb (GdkTexture *texture, gboolean missing, gpointer user_data)
{
  Picture *picture = user_data;

  picture->request = NULL;
  if (texture != NULL)
    gtk_image_set_from_paintable (picture->image, GDK_PAINTABLE (texture));
  else
    gtk_image_set_from_icon_name (picture->image, "cyt-image-missing-symbolic");
}

/* The cells of @latent in one domain, which has fewer of them at times: the places stay. */
static GtkWidget *
make_pictures (CytTransferDialog *self, const GPtrArray *cells, guint32 latent, const char *domain)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 3);

  for (guint i = 0; i < cells->len; i++)
    {
      const CytBestCell *cell = cells->pdata[i];
      Picture *picture;

      if (cell->latent != latent)
        continue;
      picture = g_new0 (Picture, 1);
      picture->image = GTK_IMAGE (gtk_image_new ());
      gtk_image_set_pixel_size (picture->image, PICTURE_SIZE);
      gtk_widget_set_overflow (GTK_WIDGET (picture->image), GTK_OVERFLOW_HIDDEN);
      gtk_widget_add_css_class (GTK_WIDGET (picture->image), "neighbour-thumb");
      gtk_box_append (GTK_BOX (box), GTK_WIDGET (picture->image));
      g_ptr_array_add (self->pictures, picture);
      picture->request
        = cyt_texture_cache_request_small (cyt_texture_cache_get_default (), cell->path, cell->thumbnail,
                                           PICTURE_SIZE * (guint) gtk_widget_get_scale_factor (GTK_WIDGET (self)), texture_cb,
                                           picture);
    }
  gtk_widget_set_size_request (box, CYT_TRANSFER_N_CELLS * (PICTURE_SIZE + 3), PICTURE_SIZE);
  gtk_widget_set_tooltip_text (box, domain);
  return box;
}

static GtkWidget *
make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
add_row (CytTransferDialog *self, GtkListBox *list, guint32 latent)
{
  const CytTransfer *transfer = self->view->transfer;
  const CytTransferRow *row = &transfer->rows[latent];
  CytLatentModel *model = cyt_session_get_latents (self->session);
  const CytConcept *concept = cyt_latent_model_get_concept (model, latent);
  const char *majority = cyt_latent_model_get_majority (model, latent);
  gboolean is_named = concept != NULL && concept->name[0] != '\0';
  const char *name = is_named ? concept->name : majority != NULL ? majority : "";
  gboolean by_class = g_strv_length (transfer->classes) >= CYT_TRANSFER_MIN_CLASSES;
  g_autofree char *number = g_strdup_printf ("#%u", latent);
  g_autofree char *measure = cyt_format_number (by_class ? row->correlation : row->similarity);
  g_autofree char *train = cyt_format_percent (row->frequency_train), *test = cyt_format_percent (row->frequency_test);
  /* Translators: a correlation, or a likeness of two frequencies */
  g_autofree char *value = g_strdup_printf (by_class ? _("r = %s") : _("likeness %s"), measure);
  /* Translators: the shares of the cells of two data sets on which a latent fires */
  g_autofree char *frequency = g_strdup_printf (_("on %s and %s of the cells"), train, test);
  /* Translators: number of a concept, its name or class, its measure, its frequencies */
  g_autofree char *spoken = g_strdup_printf (_("Concept %s %s, %s, %s"), number, name, value, frequency);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *line = gtk_list_box_row_new (), *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_box_append (GTK_BOX (head), make_label (number, "heading"));
  /* a class that stands in for a name is not to be taken for one */
  gtk_box_append (GTK_BOX (head), make_label (name, is_named ? NULL : "dim-label"));
  gtk_box_append (GTK_BOX (texts), head);
  gtk_box_append (GTK_BOX (texts), make_label (value, "numeric"));
  gtk_box_append (GTK_BOX (texts), make_label (frequency, "caption"));
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), make_pictures (self, self->view->cells[0], latent, transfer->train));
  gtk_box_append (GTK_BOX (box), make_pictures (self, self->view->cells[1], latent, transfer->test));
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (line), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (line), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  g_object_set_data (G_OBJECT (line), "latent", GUINT_TO_POINTER (latent));
  gtk_list_box_append (list, line);
}

static void
row_activated_cb (CytTransferDialog *self, GtkListBoxRow *row)
{
  cyt_session_show_latent (self->session, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "latent")));
}

static void
clear_list (GtkListBox *list)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, child);
}

static void
clear_view (CytTransferDialog *self)
{
  g_ptr_array_set_size (self->pictures, 0);
  clear_list (self->best);
  clear_list (self->worst);
  g_clear_pointer (&self->view, cyt_transfer_view_free);
  gtk_widget_set_sensitive (self->save_button, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
}

static void
show_view (CytTransferDialog *self)
{
  const CytTransfer *transfer = self->view->transfer;
  /* Translators: names of two data sets, whose cells are in two columns */
  g_autofree char *sides = g_strdup_printf (_("Cells of %s, then of %s"), transfer->train, transfer->test);

  show_alive (self, transfer);
  show_profiles (self, transfer);
  show_explained (self, transfer);
  for (guint i = 0; i < self->view->latents->len; i++)
    add_row (self, i < self->view->n_best ? self->best : self->worst, g_array_index (self->view->latents, guint32, i));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->best_group), sides);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->worst_group), sides);
  gtk_widget_set_visible (self->best_group, self->view->n_best > 0);
  gtk_widget_set_visible (self->worst_group, self->view->latents->len > self->view->n_best);
  gtk_widget_set_visible (self->simulated, self->view->simulated);
  gtk_widget_set_sensitive (self->save_button, TRUE);
  gtk_stack_set_visible_child_name (self->stack, "result");
}

/* ---- Computing ---- */

static void
computed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytTransferDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytTransferView) view = cyt_session_compute_transfer_finish (CYT_SESSION (source), result, &error);

  if (self->session == NULL || g_task_get_cancellable (G_TASK (result)) != self->computing)
    return; /* another is under way */
  g_clear_object (&self->computing);
  cyt_job_bar_stop (self->job_bar);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_message (self, _("Cancelled"), _("Choose a domain to compare again."));
  else if (view != NULL)
    {
      self->view = g_steal_pointer (&view);
      show_view (self);
    }
  else
    {
      g_autofree char *text = g_markup_escape_text (error->message, -1);

      show_message (self, _("The Domains Cannot Be Compared"), text);
    }
}

/* What is chosen; its strings are the lists' and the dialog's. FALSE: there are no two domains. */
static gboolean
get_plan (CytTransferDialog *self, CytTransferPlan *plan)
{
  GListModel *names = cyt_session_get_dataset_names (self->session);
  guint train = adw_combo_row_get_selected (self->train_row), test = adw_combo_row_get_selected (self->test_row);
  guint n = g_list_model_get_n_items (names);

  *plan = (CytTransferPlan){ 0 };
  if (train >= n || train == test)
    return FALSE;
  plan->train_set = (char *) gtk_string_list_get_string (GTK_STRING_LIST (names), train);
  if (test < n)
    plan->test_set = (char *) gtk_string_list_get_string (GTK_STRING_LIST (names), test);
  else if (self->other_sets != NULL && test - n < g_strv_length (self->other_sets))
    {
      plan->other = self->other;
      plan->test_set = self->other_sets[test - n];
    }
  else
    return FALSE;
  plan->classes = self->classes;
  return TRUE;
}

static void
stop (CytTransferDialog *self)
{
  g_cancellable_cancel (self->computing);
  g_clear_object (&self->computing);
  cyt_job_bar_stop (self->job_bar);
}

static void
changed_cb (CytTransferDialog *self)
{
  CytTransferPlan plan;
  CytProgress *progress;

  if (self->session == NULL || self->updating)
    return;
  stop (self);
  clear_view (self);
  if (!get_plan (self, &plan))
    {
      if (g_list_model_get_n_items (cyt_session_get_dataset_names (self->session)) > 1)
        show_message (self, _("Choose Two Domains"), _("The same data set is on both sides."));
      else
        show_message (self, _("Two Domains Are Needed"),
                      _("This project has one data set. Choose another project that was indexed with the same autoencoder, or "
                        "add a data set with “cytosae index”."));
      return;
    }
  progress = cyt_progress_new ();
  self->computing = g_object_ref (cyt_job_bar_start (self->job_bar, _("Comparing"), progress));
  gtk_stack_set_visible_child_name (self->stack, "busy");
  cyt_session_compute_transfer_async (self->session, &plan, progress, self->computing, computed_cb, g_object_ref (self));
}

/* ---- What can be chosen ---- */

/* The project's data sets, then those of the other project. */
static void
set_names (CytTransferDialog *self, AdwComboRow *row, GStrv others)
{
  GListModel *names = cyt_session_get_dataset_names (self->session);
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  g_autofree char *file = self->other != NULL ? g_filename_display_basename (self->other) : NULL;

  for (guint i = 0; i < g_list_model_get_n_items (names); i++)
    gtk_string_list_append (list, gtk_string_list_get_string (GTK_STRING_LIST (names), i));
  for (guint i = 0; others != NULL && others[i] != NULL; i++)
    {
      /* Translators: name of a data set, file that it is in */
      g_autofree char *name = g_strdup_printf (_("%s of %s"), others[i], file);

      gtk_string_list_append (list, name);
    }
  adw_combo_row_set_model (row, G_LIST_MODEL (list));
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytTransferDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) sets = cyt_session_list_datasets_finish (CYT_SESSION (source), result, &error);
  guint n;

  if (self->session == NULL || g_strcmp0 (g_task_get_task_data (G_TASK (result)), self->other) != 0)
    return; /* another was chosen */
  g_strfreev (self->other_sets);
  self->other_sets = g_steal_pointer (&sets);
  n = g_list_model_get_n_items (cyt_session_get_dataset_names (self->session));
  self->updating = TRUE;
  set_names (self, self->test_row, self->other_sets);
  adw_combo_row_set_selected (self->test_row, self->other_sets != NULL && self->other_sets[0] != NULL ? n : 0);
  self->updating = FALSE;
  changed_cb (self);
  if (error != NULL)
    {
      g_autofree char *text = g_markup_escape_text (error->message, -1);

      stop (self);
      show_message (self, _("The Domains Cannot Be Compared"), text);
    }
}

void
cyt_transfer_dialog_set_other (CytTransferDialog *self, const char *path)
{
  g_free (self->other);
  self->other = g_strdup (path);
  cyt_session_list_datasets_async (self->session, path, listed_cb, g_object_ref (self));
}

void
cyt_transfer_dialog_set_classes (CytTransferDialog *self, const char *path)
{
  g_autofree char *name = path != NULL ? g_filename_display_basename (path) : NULL;
  g_autofree char *text = name != NULL ? g_markup_escape_text (name, -1) : NULL;

  g_free (self->classes);
  self->classes = g_strdup (path);
  adw_action_row_set_subtitle (self->classes_row, text != NULL ? text : _("The same where their names are"));
  gtk_widget_set_visible (self->forget_button, path != NULL);
  changed_cb (self);
}

static void
classes_chosen_cb (gpointer self, const char *const *paths)
{
  cyt_transfer_dialog_set_classes (self, paths[0]);
}

static void
classes_cb (CytTransferDialog *self)
{
  static const char *const suffixes[] = { "csv", NULL };
  const CytFileChoice choice = { _("Which Classes Are the Same"), GTK_FILE_CHOOSER_ACTION_OPEN, FALSE, "CSV", suffixes };

  cyt_file_choice_ask (GTK_WINDOW (self), &choice, classes_chosen_cb, self);
}

static void
forget_cb (CytTransferDialog *self)
{
  cyt_transfer_dialog_set_classes (self, NULL);
}

static void
other_chosen_cb (gpointer self, const char *const *paths)
{
  cyt_transfer_dialog_set_other (self, paths[0]);
}

static void
other_cb (CytTransferDialog *self)
{
  static const char *const suffixes[] = { "cytosae", NULL };
  const CytFileChoice choice = { _("Project of the Other Domain"), GTK_FILE_CHOOSER_ACTION_OPEN, FALSE,
                                 _("CytoSAE projects"), suffixes };

  cyt_file_choice_ask (GTK_WINDOW (self), &choice, other_chosen_cb, self);
}

/* ---- The report ---- */

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytTransferDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean ok = cyt_session_write_transfer_finish (CYT_SESSION (source), result, &error);

  if (self->session == NULL)
    return;
  gtk_spinner_stop (self->spinner);
  gtk_widget_set_sensitive (self->save_button, self->view != NULL);
  if (ok)
    g_signal_emit (self, signals[WRITTEN], 0, self->out);
  else
    gtk_label_set_text (self->problem, error->message);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), !ok);
}

void
cyt_transfer_dialog_write (CytTransferDialog *self, const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  CytTransferPlan plan;

  if (self->view == NULL || !get_plan (self, &plan))
    return;
  g_free (self->out);
  self->out = g_str_has_suffix (lower, ".pdf") ? g_strdup (path) : g_strconcat (path, ".pdf", NULL);
  gtk_spinner_start (self->spinner);
  gtk_widget_set_sensitive (self->save_button, FALSE);
  cyt_session_write_transfer_async (self->session, &plan, self->view->transfer, self->out, NULL, written_cb, g_object_ref (self));
}

static void
save_chosen_cb (gpointer self, const char *const *paths)
{
  cyt_transfer_dialog_write (self, paths[0]);
}

static void
save_cb (CytTransferDialog *self)
{
  static const char *const suffixes[] = { "pdf", NULL };
  g_autofree char *folder = g_path_get_dirname (cyt_session_get_path (self->session));
  g_autofree char *name = g_strconcat (cyt_session_get_title (self->session), "-transfer.pdf", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  const CytFileChoice choice = { _("Save Report"), GTK_FILE_CHOOSER_ACTION_SAVE, FALSE, "PDF", suffixes, path };

  cyt_file_choice_ask (GTK_WINDOW (self), &choice, save_chosen_cb, self);
}

/* ---- Construction ---- */

CytTransferDialog *
cyt_transfer_dialog_new (GtkWindow *parent, CytSession *session)
{
  CytTransferDialog *self = g_object_new (CYT_TYPE_TRANSFER_DIALOG, "transient-for", parent, NULL);
  GListModel *names = cyt_session_get_dataset_names (session);

  self->session = g_object_ref (session);
  self->updating = TRUE;
  set_names (self, self->train_row, NULL);
  set_names (self, self->test_row, NULL);
  adw_combo_row_set_selected (self->test_row, g_list_model_get_n_items (names) > 1 ? 1 : 0);
  self->updating = FALSE;
  changed_cb (self);
  return self;
}

static void
cyt_transfer_dialog_dispose (GObject *object)
{
  CytTransferDialog *self = CYT_TRANSFER_DIALOG (object);

  g_cancellable_cancel (self->computing);
  g_clear_object (&self->computing);
  g_clear_pointer (&self->pictures, g_ptr_array_unref);
  g_clear_pointer (&self->view, cyt_transfer_view_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_transfer_dialog_parent_class)->dispose (object);
}

static void
cyt_transfer_dialog_finalize (GObject *object)
{
  g_free (CYT_TRANSFER_DIALOG (object)->other);
  g_strfreev (CYT_TRANSFER_DIALOG (object)->other_sets);
  g_free (CYT_TRANSFER_DIALOG (object)->classes);
  g_free (CYT_TRANSFER_DIALOG (object)->out);
  G_OBJECT_CLASS (cyt_transfer_dialog_parent_class)->finalize (object);
}

static void
cyt_transfer_dialog_class_init (CytTransferDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_transfer_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_transfer_dialog_finalize;
  signals[WRITTEN] = g_signal_new ("written", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-transfer-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, train_row);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, test_row);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, message);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, job_bar);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, classes_row);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, forget_button);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, simulated);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, alive_row);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, alive);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, profiles_row);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, profiles);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, explained_row);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, explained);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, best_group);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, best);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, worst_group);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, worst);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, save_button);
  gtk_widget_class_bind_template_child (widget_class, CytTransferDialog, problem);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, classes_cb);
  gtk_widget_class_bind_template_callback (widget_class, forget_cb);
  gtk_widget_class_bind_template_callback (widget_class, other_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
cyt_transfer_dialog_init (CytTransferDialog *self)
{
  g_type_ensure (CYT_TYPE_JOB_BAR);
  self->pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) picture_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_accessible_complete (GTK_WIDGET (self));
}
