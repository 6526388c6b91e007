/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <unistd.h>

#include "io/cyt-checkpoint.h"
#include "model/cyt-sae.h"

#include "cyt-accessible.h"
#include "cyt-file-choice.h"
#include "cyt-format.h"
#include "cyt-own-data.h"

#define POLL_MS 100

/* What is known of one chosen file. */
typedef struct
{
  char *path;                   /* NULL: none is chosen */
  gsize d;                      /* width of its tokens; 0 while it is not known to be right */
  GCancellable *cancellable;    /* of the check */
  AdwActionRow *row;
  GtkImage *icon;
} Model;

struct _CytOwnData
{
  AdwWindow parent_instance;

  CytSession *session;
  Model encoder;
  Model sae;

  CytProgress *progress;        /* of the measurement under way, borrowed; NULL: none */
  GCancellable *cancellable;    /* of it */
  guint poll_source;
  CytSelfTest *result;          /* NULL: none yet */
  char *failure;                /* why the last measurement gave none */

  GtkWidget *new_button;
  AdwActionRow *encoder_row;
  GtkImage *encoder_icon;
  AdwActionRow *sae_row;
  GtkImage *sae_icon;
  AdwActionRow *fit_row;
  GtkImage *fit_icon;
  GtkSpinButton *cells_spin;
  GtkButton *measure_button;
  GtkStack *result_stack;
  GtkLabel *none_label;
  GtkProgressBar *progress_bar;
  GtkGrid *result_grid;
  GtkLabel *result_note;
};

enum
{
  NEW_PROJECT,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CytOwnData, cyt_own_data, ADW_TYPE_WINDOW)

/* ---- Checking the files ---- */

typedef struct
{
  char *text; /* what the file is */
  gsize d;
} Facts;

static void
facts_free (Facts *facts)
{
  g_free (facts->text);
  g_free (facts);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Facts, facts_free)

/* From names and shapes alone: files of gigabytes are checked at once. */
static void
check_encoder_thread (GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (CytCheckpoint) checkpoint = cyt_checkpoint_open (path, &error);
  CytEncoderConfig config;
  Facts *facts;

  if (checkpoint == NULL || !cyt_encoder_probe (checkpoint, &config, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  facts = g_new0 (Facts, 1);
  facts->d = config.d;
  /* Translators: size and naming of an encoder, its number of layers, of tokens, dimensions of each */
  facts->text = g_strdup_printf (_("%s, %s: %u layers, %u tokens of %u dimensions"), cyt_encoder_config_get_size_name (&config),
                                 config.layout, (guint) config.n_blocks, CYT_N_TOKENS, (guint) config.d);
  g_task_return_pointer (task, facts, (GDestroyNotify) facts_free);
}

static void
check_sae_thread (GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
  GError *error = NULL;
  CytSaeConfig config = { 0 };
  g_autofree char *n_latents = NULL;
  Facts *facts;

  if (!cyt_sae_probe (path, &config, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  facts = g_new0 (Facts, 1);
  facts->d = config.d_in;
  n_latents = cyt_format_count (config.d_sae);
  /* Translators: layout and kind of an autoencoder, its number of latents, dimensions of the tokens it reads */
  facts->text = g_strdup_printf (_("%s, %s: %s latents, reads tokens of %u dimensions"), config.layout,
                                 cyt_sae_kind_get_name (config.kind), n_latents, (guint) config.d_in);
  cyt_sae_config_clear (&config);
  g_task_return_pointer (task, facts, (GDestroyNotify) facts_free);
}

static void
set_mark (GtkImage *icon, gboolean good)
{
  gtk_image_set_from_icon_name (icon, good ? "object-select-symbolic" : "dialog-error-symbolic");
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL, good ? _("Right") : _("Wrong"),
                                  -1);
  gtk_widget_set_visible (GTK_WIDGET (icon), TRUE);
  if (good)
    gtk_widget_add_css_class (GTK_WIDGET (icon), "success");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (icon), "success");
}

static void
update_fit (CytOwnData *self)
{
  gboolean known = self->encoder.d > 0 && self->sae.d > 0, fit = known && self->encoder.d == self->sae.d;

  gtk_widget_set_visible (GTK_WIDGET (self->fit_row), known);
  gtk_widget_set_sensitive (self->new_button, fit);
  if (!known)
    return;
  set_mark (self->fit_icon, fit);
  if (fit)
    {
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->fit_row), _("The two fit each other"));
      gtk_widget_remove_css_class (GTK_WIDGET (self->fit_row), "error");
    }
  else
    {
      g_autofree char *text
        = g_strdup_printf (_("They do not fit: the autoencoder reads tokens of %u dimensions, the encoder gives %u"),
                           (guint) self->sae.d, (guint) self->encoder.d);

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->fit_row), text);
      gtk_widget_add_css_class (GTK_WIDGET (self->fit_row), "error");
    }
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CytOwnData *self = CYT_OWN_DATA (source);
  Model *model = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Facts) facts = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (facts != NULL)
    {
      g_autofree char *name = g_filename_display_basename (model->path);
      g_autofree char *text = g_strconcat (name, "\n", facts->text, NULL);

      model->d = facts->d;
      adw_action_row_set_subtitle (model->row, text);
    }
  else
    {
      adw_action_row_set_subtitle (model->row, error->message);
      gtk_widget_add_css_class (GTK_WIDGET (model->row), "error");
    }
  set_mark (model->icon, facts != NULL);
  update_fit (self);
}

static void
set_model (CytOwnData *self, Model *model, const char *path, GTaskThreadFunc check)
{
  g_autoptr (GTask) task = NULL;

  g_cancellable_cancel (model->cancellable);
  g_clear_object (&model->cancellable);
  model->cancellable = g_cancellable_new ();
  g_free (model->path);
  model->path = g_strdup (path);
  model->d = 0;
  gtk_widget_set_visible (GTK_WIDGET (model->icon), FALSE);
  gtk_widget_remove_css_class (GTK_WIDGET (model->row), "error");
  adw_action_row_set_subtitle (model->row, _("Checking…"));
  update_fit (self);

  task = g_task_new (self, model->cancellable, checked_cb, model);
  g_task_set_source_tag (task, set_model);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, check);
}

void
cyt_own_data_set_encoder (CytOwnData *self, const char *path)
{
  g_return_if_fail (CYT_IS_OWN_DATA (self) && path != NULL);
  set_model (self, &self->encoder, path, check_encoder_thread);
}

void
cyt_own_data_set_sae (CytOwnData *self, const char *path)
{
  g_return_if_fail (CYT_IS_OWN_DATA (self) && path != NULL);
  set_model (self, &self->sae, path, check_sae_thread);
}

/* ---- Choosing ---- */

static void
choose (CytOwnData *self, const char *title, CytFileChoiceFunc func)
{
  static const char *const suffixes[] = { "pt", "pth", "safetensors", NULL };
  const CytFileChoice choice = { title, GTK_FILE_CHOOSER_ACTION_OPEN, FALSE, _("Checkpoints"), suffixes };

  cyt_file_choice_ask (GTK_WINDOW (self), &choice, func, self);
}

static void
encoder_chosen_cb (gpointer object, const char *const *paths)
{
  cyt_own_data_set_encoder (object, paths[0]);
}

static void
sae_chosen_cb (gpointer object, const char *const *paths)
{
  cyt_own_data_set_sae (object, paths[0]);
}

static void
choose_encoder_cb (CytOwnData *self)
{
  choose (self, _("Encoder"), encoder_chosen_cb);
}

static void
choose_sae_cb (CytOwnData *self)
{
  choose (self, _("Sparse Autoencoder"), sae_chosen_cb);
}

static gboolean
drop_cb (CytOwnData *self, const GValue *value, double x, double y, GtkDropTarget *target)
{
  GFile *file = g_value_get_object (value);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));

  if (path == NULL)
    return FALSE;
  if (row == GTK_WIDGET (self->encoder_row))
    cyt_own_data_set_encoder (self, path);
  else
    cyt_own_data_set_sae (self, path);
  return TRUE;
}

static void
add_drop (CytOwnData *self, AdwActionRow *row)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (row), GTK_EVENT_CONTROLLER (target));
}

static void
new_project_cb (CytOwnData *self)
{
  g_signal_emit (self, signals[NEW_PROJECT], 0, self->encoder.path, self->sae.path);
  gtk_window_close (GTK_WINDOW (self));
}

/* ---- What it costs ---- */

static void
add_cell (CytOwnData *self, const char *text, int column, int row, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 1);
  gtk_widget_set_hexpand (label, column == 0);
  gtk_widget_add_css_class (label, style);
  gtk_grid_attach (self->result_grid, label, column, row, 1, 1);
}

static void
add_model (CytOwnData *self, const CytSelfTestModel *model, guint64 n_cells, int row)
{
  g_autofree char *n_latents = cyt_format_count (model->shape.d_sae);
  g_autofree char *time = cyt_format_duration (cyt_self_test_model_get_seconds (model, n_cells));
  g_autofree char *disk = g_format_size ((guint64) cyt_self_test_model_get_bytes (model, n_cells));
  g_autofree char *memory = g_format_size ((guint64) model->memory);

  add_cell (self, model->name, 0, row, "encoder");
  add_cell (self, n_latents, 1, row, "numeric");
  add_cell (self, time, 2, row, "numeric");
  add_cell (self, disk, 3, row, "numeric");
  add_cell (self, memory, 4, row, "numeric");
}

static double
get_computer_memory (void)
{
  return (double) sysconf (_SC_PHYS_PAGES) * (double) sysconf (_SC_PAGESIZE);
}

static void
show_result (CytOwnData *self)
{
  const char *const titles[] = { _("Encoder"), _("Latents"), _("Time"), _("Project file"), _("Memory") };
  g_autofree char *memory = g_format_size ((guint64) get_computer_memory ());
  guint64 n_cells = gtk_spin_button_get_value_as_int (self->cells_spin);
  GtkWidget *child;
  g_autofree char *note = NULL;

  if (self->result == NULL)
    return;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->result_grid))) != NULL)
    gtk_grid_remove (self->result_grid, child);
  for (int i = 0; i < (int) G_N_ELEMENTS (titles); i++)
    add_cell (self, titles[i], i, 0, "dim-label");
  for (int i = 0; i < CYT_SELF_TEST_N_MODELS; i++)
    add_model (self, &self->result->models[i], n_cells, 1 + i);
  /* Translators: number of cells in work at once, memory of the computer */
  note = g_strdup_printf (ngettext ("Measured with %u cell at a time; other work makes it slower. This computer has %s of memory. "
                                    "The file’s size depends on how many latents fire: 5 %% of them on a cell are reckoned with.",
                                    "Measured with %u cells at a time; other work makes it slower. This computer has %s of memory. "
                                    "The file’s size depends on how many latents fire: 5 %% of them on a cell are reckoned with.",
                                    self->result->n_threads),
                          self->result->n_threads, memory);
  gtk_label_set_label (self->result_note, note);
}

static void
update_measure (CytOwnData *self)
{
  gboolean indexing = cyt_session_is_indexing (self->session);
  const char *page = self->progress != NULL ? "running" : self->result != NULL ? "result" : "none";

  gtk_button_set_label (self->measure_button, self->progress != NULL ? _("_Cancel")
                                              : self->result != NULL ? _("_Measure Again")
                                                                     : _("_Measure"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->measure_button), self->progress != NULL || !indexing);
  gtk_label_set_label (self->none_label,
                       indexing ? _("Cells are being indexed; measure when that is done.")
                       : self->failure != NULL ? self->failure
                                               : _("Time, disk and memory for DinoBloom-S, -B, -L and -G appear here."));
  gtk_stack_set_visible_child_name (self->result_stack, page);
}

static gboolean
poll_cb (gpointer user_data)
{
  CytOwnData *self = user_data;
  CytProgressState state;

  cyt_progress_get (self->progress, &state);
  if (state.n_total > 0)
    gtk_progress_bar_set_fraction (self->progress_bar, (double) state.n_done / state.n_total);
  return G_SOURCE_CONTINUE;
}

static void
measured_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytOwnData) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree CytSelfTest *test = cyt_session_self_test_finish (result, &error);

  g_clear_handle_id (&self->poll_source, g_source_remove);
  self->progress = NULL;
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->failure, g_free);
  if (test != NULL)
    {
      g_free (self->result);
      self->result = g_steal_pointer (&test);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->failure = g_strdup (error->message);
  if (self->session == NULL) /* closed meanwhile */
    return;
  show_result (self);
  update_measure (self);
}

static void
measure_cb (CytOwnData *self)
{
  if (self->progress != NULL)
    {
      g_cancellable_cancel (self->cancellable);
      return;
    }
  self->cancellable = g_cancellable_new ();
  self->progress = cyt_progress_new ();
  self->poll_source = g_timeout_add (POLL_MS, poll_cb, self);
  gtk_progress_bar_set_fraction (self->progress_bar, 0);
  cyt_session_self_test_async (self->session, self->progress, self->cancellable, measured_cb, g_object_ref (self));
  update_measure (self);
}

/* ---- GObject ---- */

CytOwnData *
cyt_own_data_new (GtkWindow *parent, CytSession *session)
{
  CytOwnData *self = g_object_new (CYT_TYPE_OWN_DATA, "transient-for", parent, "modal", TRUE, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::indexing", G_CALLBACK (update_measure), self, G_CONNECT_SWAPPED);
  update_measure (self);
  return self;
}

static void
clear_model (Model *model)
{
  g_cancellable_cancel (model->cancellable);
  g_clear_object (&model->cancellable);
}

static void
cyt_own_data_dispose (GObject *object)
{
  CytOwnData *self = CYT_OWN_DATA (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->poll_source, g_source_remove);
  clear_model (&self->encoder);
  clear_model (&self->sae);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_own_data_parent_class)->dispose (object);
}

static void
cyt_own_data_finalize (GObject *object)
{
  CytOwnData *self = CYT_OWN_DATA (object);

  g_free (self->encoder.path);
  g_free (self->sae.path);
  g_free (self->result);
  g_free (self->failure);
  G_OBJECT_CLASS (cyt_own_data_parent_class)->finalize (object);
}

static void
cyt_own_data_class_init (CytOwnDataClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cyt_own_data_dispose;
  object_class->finalize = cyt_own_data_finalize;
  signals[NEW_PROJECT] = g_signal_new ("new-project", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-own-data.ui");
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, new_button);
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, encoder_row);
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, encoder_icon);
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, sae_row);
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, sae_icon);
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, fit_row);
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, fit_icon);
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, cells_spin);
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, measure_button);
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, result_stack);
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, none_label);
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, result_grid);
  gtk_widget_class_bind_template_child (widget_class, CytOwnData, result_note);
  gtk_widget_class_bind_template_callback (widget_class, choose_encoder_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_sae_cb);
  gtk_widget_class_bind_template_callback (widget_class, measure_cb);
  gtk_widget_class_bind_template_callback (widget_class, new_project_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_result);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
cyt_own_data_init (CytOwnData *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_accessible_complete (GTK_WIDGET (self));
  self->encoder.row = self->encoder_row;
  self->encoder.icon = self->encoder_icon;
  self->sae.row = self->sae_row;
  self->sae.icon = self->sae_icon;
  add_drop (self, self->encoder_row);
  add_drop (self, self->sae_row);
}
