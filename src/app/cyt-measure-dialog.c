/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-accessible.h"
#include "cyt-file-choice.h"
#include "cyt-format.h"
#include "cyt-job-bar.h"
#include "cyt-measure-dialog.h"
#include "cyt-measure-table.h"
#include "cyt-session-measure.h"

struct _CytMeasureDialog
{
  AdwWindow parent_instance;
  CytSession *session;
  char *masks;                 /* folder; NULL: none */
  GCancellable *measuring;     /* the work under way */
  CytMeasureView *view;        /* what shows; NULL while it is read */
  char *out;                   /* being written */
  gboolean updating;

  AdwComboRow *dataset_row;
  GtkSwitch *baselines;
  AdwActionRow *masks_row;
  GtkWidget *forget_button;
  AdwEntryRow *names_row;
  GtkWidget *choices;
  GtkButton *measure_button;
  GtkWidget *interrupted;
  CytJobBar *job_bar;
  GtkStack *stack;
  AdwStatusPage *message;
  AdwPreferencesGroup *measures_group;
  AdwPreferencesGroup *classes_group;
  AdwPreferencesGroup *structures_group;
  AdwBin *measures;
  AdwBin *classes;
  AdwBin *structures;
  GtkWidget *simulated;
  GtkWidget *save_button;
  GtkLabel *problem;
};

G_DEFINE_FINAL_TYPE (CytMeasureDialog, cyt_measure_dialog, ADW_TYPE_WINDOW)

enum
{
  WRITTEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* NULL when there is none. */
static const char *
get_dataset (CytMeasureDialog *self)
{
  GListModel *names = cyt_session_get_dataset_names (self->session);
  guint number = adw_combo_row_get_selected (self->dataset_row);

  return number < g_list_model_get_n_items (names) ? gtk_string_list_get_string (GTK_STRING_LIST (names), number) : NULL;
}

static void
show_problem (CytMeasureDialog *self, const GError *error)
{
  gtk_label_set_text (self->problem, error != NULL ? error->message : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), error != NULL);
}

/* ---- What is known ---- */

/* "1,614 cells, measured on …; monosemanticity by the …" */
static char *
describe (const CytMeasureView *view)
{
  const CytMeasures *sae = view->measures->pdata[0];
  g_autofree char *n_images = cyt_format_count (sae->n_images), *when = cyt_format_time (view->at);

  /* Translators: a number of cells, a time, what cells are compared by, as in a file: not translated */
  return g_strdup_printf (_("%s cells, measured %s. Monosemanticity by the %s."), n_images, when, view->embedding);
}

static void
show_tables (CytMeasureDialog *self)
{
  const GPtrArray *measures = self->view->measures;
  const CytMeasures *sae = measures->pdata[0];
  g_autofree char *text = describe (self->view), *markup = g_markup_escape_text (text, -1);

  adw_preferences_group_set_description (self->measures_group, markup);
  adw_bin_set_child (self->measures, cyt_measure_table_new (measures));
  adw_bin_set_child (self->classes, cyt_measure_table_new_best (measures, FALSE, self->session));
  adw_bin_set_child (self->structures, cyt_measure_table_new_best (measures, TRUE, self->session));
  gtk_widget_set_visible (GTK_WIDGET (self->classes_group), sae->classes[0] != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->structures_group), sae->structures[0] != NULL);
}

static void
show_message (CytMeasureDialog *self)
{
  if (cyt_session_is_published (self->session))
    {
      adw_status_page_set_title (self->message, _("Not Published"));
      adw_status_page_set_description (self->message, _("Measuring needs the encoder and the autoencoder, which are not part of published statistics."));
    }
  else if (cyt_session_is_read_only (self->session))
    {
      adw_status_page_set_title (self->message, _("Read Only"));
      adw_status_page_set_description (self->message, _("What is measured is kept in the project, which cannot be written."));
    }
  else
    {
      adw_status_page_set_title (self->message, _("Not Measured Yet"));
      adw_status_page_set_description (self->message, _("Each latent gets its monosemanticity, the class that it tells best and its nearest neighbour, by which the list can be sorted. It takes about as long as indexing the cells did."));
    }
}

static void
update (CytMeasureDialog *self)
{
  gboolean busy = self->measuring != NULL, known = self->view != NULL;
  gboolean has_tables = known && self->view->measures->len > 0;
  gboolean can_measure = known && get_dataset (self) != NULL && !cyt_session_is_published (self->session)
                         && !cyt_session_is_read_only (self->session) && !cyt_session_is_indexing (self->session);

  gtk_widget_set_sensitive (self->choices, !busy);
  gtk_widget_set_visible (GTK_WIDGET (self->measure_button), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->measure_button), can_measure && !busy);
  gtk_button_set_label (self->measure_button, has_tables ? _("_Measure Again") : _("_Measure"));
  if (has_tables)
    gtk_widget_remove_css_class (GTK_WIDGET (self->measure_button), "suggested-action");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->measure_button), "suggested-action");
  gtk_widget_set_visible (self->interrupted, !busy && known && self->view->interrupted);
  gtk_widget_set_visible (GTK_WIDGET (self->names_row), self->masks != NULL);
  gtk_widget_set_sensitive (self->save_button, has_tables && self->out == NULL);
  gtk_stack_set_visible_child_name (self->stack, has_tables ? "tables" : known && !busy ? "message" : "empty");
}

static void
take_view (CytMeasureDialog *self, CytMeasureView *view)
{
  g_clear_pointer (&self->view, cyt_measure_view_free);
  self->view = view;
  if (view != NULL && view->measures->len > 0)
    show_tables (self);
  show_message (self);
  update (self);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytMeasureDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytMeasureView) view = cyt_session_load_measures_finish (CYT_SESSION (source), result, &error);

  if (self->session == NULL || self->measuring != NULL)
    return;
  if (error != NULL)
    show_problem (self, error);
  take_view (self, g_steal_pointer (&view));
}

static void
load (CytMeasureDialog *self)
{
  if (get_dataset (self) != NULL)
    cyt_session_load_measures_async (self->session, get_dataset (self), loaded_cb, g_object_ref (self));
}

static void
dataset_cb (CytMeasureDialog *self)
{
  if (self->session == NULL || self->updating)
    return;
  show_problem (self, NULL);
  take_view (self, NULL);
  load (self);
}

/* ---- Measuring ---- */

static void
measured_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytMeasureDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytMeasureView) view = cyt_session_measure_finish (CYT_SESSION (source), result, &error);

  if (self->session == NULL)
    return;
  g_clear_object (&self->measuring);
  cyt_job_bar_stop (self->job_bar);
  if (view != NULL)
    {
      take_view (self, g_steal_pointer (&view));
      gtk_widget_grab_focus (self->save_button);
      return;
    }
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_problem (self, error);
  update (self);
  load (self);
}

static void
measure_cb (CytMeasureDialog *self)
{
  const char *names = gtk_editable_get_text (GTK_EDITABLE (self->names_row));
  CytMeasurePlan plan = { (char *) get_dataset (self), gtk_switch_get_active (self->baselines), self->masks,
                          self->masks != NULL && names[0] != '\0' ? (char *) names : NULL };
  CytProgress *progress;

  if (plan.dataset == NULL || self->measuring != NULL)
    return;
  show_problem (self, NULL);
  progress = cyt_progress_new ();
  self->measuring = g_object_ref (cyt_job_bar_start (self->job_bar, _("Measuring"), progress));
  update (self);
  cyt_session_measure_async (self->session, &plan, progress, self->measuring, measured_cb, g_object_ref (self));
}

/* ---- Masks ---- */

void
cyt_measure_dialog_set_masks (CytMeasureDialog *self, const char *path)
{
  g_autofree char *name = path != NULL ? g_filename_display_name (path) : NULL;
  g_autofree char *text = name != NULL ? g_markup_escape_text (name, -1) : NULL;

  g_free (self->masks);
  self->masks = g_strdup (path);
  adw_action_row_set_subtitle (self->masks_row, text != NULL ? text : _("None: where in the cell a latent fires is not measured"));
  gtk_widget_set_visible (self->forget_button, path != NULL);
  update (self);
}

static void
masks_chosen_cb (gpointer self, const char *const *paths)
{
  cyt_measure_dialog_set_masks (self, paths[0]);
}

static void
masks_cb (CytMeasureDialog *self)
{
  const CytFileChoice choice = { _("Folder of Masks"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, FALSE, NULL, NULL };

  cyt_file_choice_ask (GTK_WINDOW (self), &choice, masks_chosen_cb, self);
}

static void
forget_cb (CytMeasureDialog *self)
{
  cyt_measure_dialog_set_masks (self, NULL);
}

/* ---- The file ---- */

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytMeasureDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *out = g_steal_pointer (&self->out);

  cyt_session_write_measures_finish (CYT_SESSION (source), result, &error);
  if (self->session == NULL)
    return;
  show_problem (self, error);
  update (self);
  if (error == NULL)
    g_signal_emit (self, signals[WRITTEN], 0, out);
}

void
cyt_measure_dialog_write (CytMeasureDialog *self, const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  if (self->view == NULL || self->view->measures->len == 0 || self->out != NULL)
    return;
  self->out = g_str_has_suffix (lower, ".csv") ? g_strdup (path) : g_strconcat (path, ".csv", NULL);
  update (self);
  cyt_session_write_measures_async (self->session, self->view->measures, self->out, written_cb, g_object_ref (self));
}

static void
save_chosen_cb (gpointer self, const char *const *paths)
{
  cyt_measure_dialog_write (self, paths[0]);
}

static void
save_cb (CytMeasureDialog *self)
{
  static const char *const suffixes[] = { "csv", NULL };
  g_autofree char *folder = g_path_get_dirname (cyt_session_get_path (self->session));
  g_autofree char *name = g_strconcat (cyt_session_get_title (self->session), "-measures.csv", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  const CytFileChoice choice = { _("Save Measures"), GTK_FILE_CHOOSER_ACTION_SAVE, FALSE, "CSV", suffixes, path };

  cyt_file_choice_ask (GTK_WINDOW (self), &choice, save_chosen_cb, self);
}

/* ---- Construction ---- */

CytMeasureDialog *
cyt_measure_dialog_new (GtkWindow *parent, CytSession *session)
{
  CytMeasureDialog *self = g_object_new (CYT_TYPE_MEASURE_DIALOG, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  gtk_widget_set_visible (self->simulated, cyt_session_is_simulated (session));
  self->updating = TRUE;
  adw_combo_row_set_model (self->dataset_row, cyt_session_get_dataset_names (session));
  self->updating = FALSE;
  cyt_measure_dialog_set_masks (self, NULL);
  show_message (self);
  load (self);
  g_signal_connect_object (session, "notify::indexing", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  return self;
}

static void
cyt_measure_dialog_dispose (GObject *object)
{
  CytMeasureDialog *self = CYT_MEASURE_DIALOG (object);

  if (self->measuring != NULL)
    g_cancellable_cancel (self->measuring);
  g_clear_object (&self->measuring);
  g_clear_pointer (&self->view, cyt_measure_view_free);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_measure_dialog_parent_class)->dispose (object);
}

static void
cyt_measure_dialog_finalize (GObject *object)
{
  g_free (CYT_MEASURE_DIALOG (object)->masks);
  g_free (CYT_MEASURE_DIALOG (object)->out);
  G_OBJECT_CLASS (cyt_measure_dialog_parent_class)->finalize (object);
}

static void
cyt_measure_dialog_class_init (CytMeasureDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_measure_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_measure_dialog_finalize;
  signals[WRITTEN] = g_signal_new ("written", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-measure-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, dataset_row);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, baselines);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, masks_row);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, forget_button);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, names_row);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, choices);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, measure_button);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, interrupted);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, job_bar);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, message);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, measures_group);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, classes_group);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, structures_group);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, measures);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, classes);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, structures);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, simulated);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, save_button);
  gtk_widget_class_bind_template_child (widget_class, CytMeasureDialog, problem);
  gtk_widget_class_bind_template_callback (widget_class, dataset_cb);
  gtk_widget_class_bind_template_callback (widget_class, masks_cb);
  gtk_widget_class_bind_template_callback (widget_class, forget_cb);
  gtk_widget_class_bind_template_callback (widget_class, measure_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
cyt_measure_dialog_init (CytMeasureDialog *self)
{
  g_type_ensure (CYT_TYPE_JOB_BAR);
  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_accessible_complete (GTK_WIDGET (self));
}
