/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <unistd.h>

#include "cyt-accessible.h"
#include "cyt-file-choice.h"
#include "cyt-format.h"
#include "cyt-training-setup.h"

#define FORECAST_DELAY_MS 700
#define DEFAULT_PASSES 20
#define MIN_DEFAULT_IMAGES 128000 /* 2,000 steps of 64 */
#define MAX_DEFAULT_IMAGES 1000000
#define MAX_LATENTS (1 << 22)
#define NUMBER_FORM "%.4g"

struct _CytTrainingSetup
{
  GtkWidget parent_instance;
  CytSession *session;
  CytTrainingPlan *plan;         /* as far as it goes */
  CytTrainingLook *look;         /* NULL: under way */
  gboolean out_chosen;           /* by the user, not proposed */
  gboolean n_images_chosen;
  gboolean complete;
  GCancellable *look_cancellable;
  GCancellable *forecast_cancellable;
  guint forecast_source;

  AdwPreferencesPage *page;
  AdwPreferencesGroup *unfinished_group;
  GPtrArray *unfinished_rows;    /* of the rows in it, borrowed */
  AdwActionRow *encoder_row;
  GtkWidget *builtin_button;
  AdwActionRow *images_row;
  GtkWidget *folder_button;
  AdwActionRow *out_row;
  AdwActionRow *expansion_row;
  GtkSpinButton *expansion_spin;
  AdwComboRow *variant_row;
  GtkEditable *l1_row;
  AdwActionRow *k_row;
  GtkSpinButton *k_spin;
  GtkEditable *l0_row;
  GtkWidget *ghost_row;
  AdwActionRow *images_total_row;
  GtkSpinButton *images_total_spin;
  GtkSpinButton *batch_spin;
  GtkEditable *lr_row;
  GtkSpinButton *seed_spin;
  GtkSwitch *ghost_switch;
  GtkLabel *time_label;
  GtkLabel *memory_label;
  GtkLabel *disk_label;
  GtkLabel *cost_note;
};

enum
{
  PROP_0,
  PROP_COMPLETE,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  RESUME,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CytTrainingSetup, cyt_training_setup, GTK_TYPE_WIDGET)

/* ---- What it will cost ---- */

static double
get_computer_memory (void)
{
  return (double) sysconf (_SC_PHYS_PAGES) * (double) sysconf (_SC_PAGESIZE);
}

static void
set_cost (GtkLabel *label, const char *text, gboolean too_much)
{
  gtk_label_set_label (label, text);
  if (too_much)
    gtk_widget_add_css_class (GTK_WIDGET (label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (label), "error");
}

static void
show_no_cost (CytTrainingSetup *self, const char *note)
{
  set_cost (self->time_label, "–", FALSE);
  set_cost (self->memory_label, "–", FALSE);
  set_cost (self->disk_label, "–", FALSE);
  gtk_label_set_label (self->cost_note, note);
}

static void
show_cost (CytTrainingSetup *self, const CytTrainForecast *forecast)
{
  g_autofree char *time = cyt_format_duration (forecast->seconds), *memory = g_format_size (forecast->memory);
  g_autofree char *disk = g_format_size (forecast->disk), *has_memory = g_format_size ((guint64) get_computer_memory ());
  g_autofree char *free_disk = g_format_size (self->look != NULL ? self->look->free_disk : 0);
  gboolean too_big = (double) forecast->memory > get_computer_memory ();
  gboolean too_full = self->look != NULL && self->look->free_disk > 0 && forecast->disk > self->look->free_disk;
  g_autofree char *note = NULL;

  set_cost (self->time_label, time, FALSE);
  set_cost (self->memory_label, memory, too_big);
  set_cost (self->disk_label, disk, too_full);
  if (too_full)
    /* Translators: free space of a disk */
    note = g_strdup_printf (_("There is not enough room on the disk: %s are free."), free_disk);
  else if (too_big)
    note = g_strdup_printf (_("This computer has %s of memory: choose fewer latents or a smaller batch."), has_memory);
  else
    note = g_strdup (_("From a few images and steps measured on this computer just now; other work makes it slower. Most of the "
                       "disk is given back at the end."));
  gtk_label_set_label (self->cost_note, note);
}

static void
forecast_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytTrainingSetup) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree CytTrainForecast *forecast = cyt_training_forecast_finish (result, &error);

  if (self->session == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (forecast != NULL)
    show_cost (self, forecast);
  else
    show_no_cost (self, error->message);
}

static gboolean
forecast_source_cb (gpointer user_data)
{
  CytTrainingSetup *self = user_data;

  self->forecast_source = 0;
  self->forecast_cancellable = g_cancellable_new ();
  show_no_cost (self, cyt_training_is_busy (cyt_session_get_training (self->session)) || cyt_session_is_indexing (self->session)
                        ? _("Measured when the work under way is done.")
                        : _("Measuring…"));
  cyt_training_forecast_async (cyt_session_get_training (self->session), self->plan, self->forecast_cancellable, forecast_cb,
                               g_object_ref (self));
  return G_SOURCE_REMOVE;
}

/* A moment after the last change. */
static void
plan_forecast (CytTrainingSetup *self)
{
  g_clear_handle_id (&self->forecast_source, g_source_remove);
  g_cancellable_cancel (self->forecast_cancellable);
  g_clear_object (&self->forecast_cancellable);
  if (self->complete)
    self->forecast_source = g_timeout_add (FORECAST_DELAY_MS, forecast_source_cb, self);
  else
    show_no_cost (self, _("Known when all is chosen."));
}

/* ---- What was chosen ---- */

static gboolean
parse_number (GtkEditable *row, double *value)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (row)));
  char *end = NULL;
  gboolean good;

  g_strdelimit (text, ",", '.');
  *value = g_ascii_strtod (text, &end);
  good = end != text && *end == '\0' && isfinite (*value);
  return good;
}

static void
mark (gpointer row, gboolean wrong)
{
  if (wrong)
    gtk_widget_add_css_class (GTK_WIDGET (row), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
}

static gboolean
read_recipe (CytTrainingSetup *self)
{
  gboolean l1 = parse_number (self->l1_row, &self->plan->l1) && self->plan->l1 >= 0 && self->plan->l1 < 1e6;
  gboolean l0 = parse_number (self->l0_row, &self->plan->l0) && self->plan->l0 >= 0 && self->plan->l0 < 1e6;
  gboolean lr = parse_number (self->lr_row, &self->plan->lr) && self->plan->lr > 0 && self->plan->lr < 1e3;

  mark (self->l1_row, !l1);
  mark (self->l0_row, !l0);
  mark (self->lr_row, !lr);
  self->plan->variant = adw_combo_row_get_selected (self->variant_row);
  self->plan->k = (guint) gtk_spin_button_get_value (self->k_spin);
  self->plan->expansion = gtk_spin_button_get_value (self->expansion_spin);
  self->plan->n_images = (guint64) gtk_spin_button_get_value (self->images_total_spin);
  self->plan->batch = (guint) gtk_spin_button_get_value (self->batch_spin);
  self->plan->seed = (guint64) gtk_spin_button_get_value (self->seed_spin);
  self->plan->ghost = gtk_switch_get_active (self->ghost_switch);
  gtk_widget_set_visible (GTK_WIDGET (self->l1_row), self->plan->variant == CYT_TRAIN_RELU);
  gtk_widget_set_visible (self->ghost_row, self->plan->variant == CYT_TRAIN_RELU);
  gtk_widget_set_visible (GTK_WIDGET (self->k_row), cyt_train_variant_has_k (self->plan->variant));
  gtk_widget_set_visible (GTK_WIDGET (self->l0_row), self->plan->variant == CYT_TRAIN_JUMPRELU);
  return (l1 || self->plan->variant != CYT_TRAIN_RELU) && (l0 || self->plan->variant != CYT_TRAIN_JUMPRELU) && lr;
}

static void
show_sizes (CytTrainingSetup *self)
{
  const CytTrainingLook *look = self->look;
  g_autofree char *latents = NULL, *steps = cyt_format_count (MAX (1, self->plan->n_images / MAX (1, self->plan->batch)));
  g_autofree char *text = NULL;

  if (look != NULL && look->encoder.d > 0)
    {
      gsize n = cyt_training_plan_get_n_latents (self->plan, look->encoder.d);
      g_autofree char *count = cyt_format_count (n);

      /* Translators: number of latents, dimensions of a token */
      latents = g_strdup_printf (_("%s latents, on tokens of %u dimensions"), count, (guint) look->encoder.d);
      mark (self->expansion_row, n > MAX_LATENTS);
    }
  adw_action_row_set_subtitle (self->expansion_row, latents != NULL ? latents : "");
  if (look != NULL && look->n_images > 0)
    {
      g_autofree char *passes = cyt_format_number ((double) self->plan->n_images / (double) look->n_images);

      /* Translators: how often all images are seen, number of steps of training */
      text = g_strdup_printf (_("%s passes over them, %s steps"), passes, steps);
    }
  adw_action_row_set_subtitle (self->images_total_row, text != NULL ? text : "");
}

static void
update (CytTrainingSetup *self)
{
  const CytTrainingLook *look = self->look;
  gboolean recipe, complete;

  if (self->session == NULL)
    return;
  recipe = read_recipe (self);
  show_sizes (self);
  complete = recipe && look != NULL && self->plan->encoder != NULL && look->encoder_problem == NULL && look->n_images > 0
             && look->out_problem == NULL && self->plan->out != NULL
             && cyt_training_plan_get_n_latents (self->plan, look->encoder.d) <= MAX_LATENTS;
  if (complete != self->complete)
    {
      self->complete = complete;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_COMPLETE]);
    }
  plan_forecast (self);
}

static void
show_row (CytTrainingSetup *self, AdwActionRow *row, const char *path, const char *facts, const char *problem)
{
  g_autofree char *name = NULL, *text = NULL;

  if (path == NULL)
    return;
  name = row == self->encoder_row ? g_filename_display_basename (path) : g_filename_display_name (path);
  text = problem != NULL ? g_strdup (problem) : g_strconcat (name, facts != NULL ? "\n" : NULL, facts, NULL);
  adw_action_row_set_subtitle (row, text);
  mark (row, problem != NULL);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CytTrainingSetup *self = CYT_TRAINING_SETUP (source);
  g_autoptr (GError) error = NULL;
  CytTrainingLook *look = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *encoder = NULL, *images = NULL, *n = NULL;

  if (look == NULL) /* a newer one is on its way */
    return;
  cyt_training_look_free (self->look);
  self->look = look;
  encoder = g_strdup_printf (_("%s, %s: %u layers, %u tokens of %u dimensions"), cyt_encoder_config_get_size_name (&look->encoder),
                             look->encoder.layout, (guint) look->encoder.n_blocks, CYT_N_TOKENS, (guint) look->encoder.d);
  show_row (self, self->encoder_row, self->plan->encoder, encoder, look->encoder_problem);
  n = cyt_format_count (look->n_images);
  images = g_strdup_printf (ngettext ("%s image", "%s images", look->n_images), n);
  if (look->simulated)
    {
      g_autofree char *plain = g_steal_pointer (&images);

      /* Translators: "120 images", which a program drew */
      images = g_strdup_printf (_("%s, SIMULATED"), plain);
    }
  show_row (self, self->images_row, self->plan->images, images, look->images_problem);
  show_row (self, self->out_row, self->plan->out, NULL, look->out_problem);
  if (!self->n_images_chosen && look->n_images > 0)
    {
      gtk_spin_button_set_value (self->images_total_spin, CLAMP (DEFAULT_PASSES * (double) look->n_images, MIN_DEFAULT_IMAGES, MAX_DEFAULT_IMAGES));
      self->n_images_chosen = FALSE; /* that was not the user */
    }
  update (self);
}

static void
look (CytTrainingSetup *self)
{
  g_autoptr (GTask) task = NULL;

  g_cancellable_cancel (self->look_cancellable);
  g_clear_object (&self->look_cancellable);
  self->look_cancellable = g_cancellable_new ();
  g_clear_pointer (&self->look, cyt_training_look_free);
  update (self);
  task = g_task_new (self, self->look_cancellable, looked_cb, NULL);
  g_task_set_source_tag (task, look);
  g_task_set_task_data (task, cyt_training_plan_copy (self->plan), (GDestroyNotify) cyt_training_plan_free);
  g_task_run_in_thread (task, cyt_training_look_thread);
}

static char *
suggest_out (const char *images)
{
  const char *documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);
  const char *folder = documents != NULL && g_file_test (documents, G_FILE_TEST_IS_DIR) ? documents : g_get_home_dir ();
  g_autofree char *base = g_path_get_basename (images);
  char *dot = strrchr (base, '.');

  if (dot != NULL && dot > base && !g_file_test (images, G_FILE_TEST_IS_DIR))
    *dot = '\0';
  if (base[0] == G_DIR_SEPARATOR || base[0] == '.')
    {
      g_free (base);
      base = g_strdup ("cells");
    }
  for (guint i = 1;; i++)
    {
      g_autofree char *name = i == 1 ? g_strdup_printf ("%s-sae.pt", base) : g_strdup_printf ("%s-sae-%u.pt", base, i);
      g_autofree char *path = g_build_filename (folder, name, NULL), *state = g_strconcat (path, ".training", NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (state, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
}

static void
set_path (CytTrainingSetup *self, char **path, const char *value)
{
  g_free (*path);
  *path = g_canonicalize_filename (value, NULL);
}

void
cyt_training_setup_set_encoder (CytTrainingSetup *self, const char *path)
{
  g_return_if_fail (CYT_IS_TRAINING_SETUP (self) && path != NULL);

  set_path (self, &self->plan->encoder, path);
  adw_action_row_set_subtitle (self->encoder_row, _("Checking…"));
  look (self);
}

void
cyt_training_setup_set_images (CytTrainingSetup *self, const char *path)
{
  g_autofree char *out = NULL;

  g_return_if_fail (CYT_IS_TRAINING_SETUP (self) && path != NULL);

  set_path (self, &self->plan->images, path);
  if (!self->out_chosen)
    {
      out = suggest_out (self->plan->images);
      set_path (self, &self->plan->out, out);
    }
  adw_action_row_set_subtitle (self->images_row, _("Looking for images…"));
  look (self);
}

void
cyt_training_setup_set_out (CytTrainingSetup *self, const char *path)
{
  g_autofree char *named = NULL;

  g_return_if_fail (CYT_IS_TRAINING_SETUP (self) && path != NULL);

  named = g_str_has_suffix (path, ".pt") || g_str_has_suffix (path, ".safetensors") ? g_strdup (path)
                                                                                    : g_strconcat (path, ".pt", NULL);
  self->out_chosen = TRUE;
  set_path (self, &self->plan->out, named);
  look (self);
}

CytTrainingPlan *
cyt_training_setup_dup_plan (CytTrainingSetup *self)
{
  g_return_val_if_fail (CYT_IS_TRAINING_SETUP (self) && self->complete, NULL);
  return cyt_training_plan_copy (self->plan);
}

/* ---- Choosing ---- */

static void
encoder_chosen_cb (gpointer self, const char *const *paths)
{
  cyt_training_setup_set_encoder (self, paths[0]);
}

static void
images_chosen_cb (gpointer self, const char *const *paths)
{
  cyt_training_setup_set_images (self, paths[0]);
}

static void
out_chosen_cb (gpointer self, const char *const *paths)
{
  cyt_training_setup_set_out (self, paths[0]);
}

static void
ask (CytTrainingSetup *self, CytFileChoice choice, CytFileChoiceFunc func)
{
  cyt_file_choice_ask (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), &choice, func, self);
}

static void
choose_encoder_cb (CytTrainingSetup *self)
{
  static const char *const suffixes[] = { "pt", "pth", "safetensors", NULL };

  ask (self, (CytFileChoice){ _("Encoder"), GTK_FILE_CHOOSER_ACTION_OPEN, FALSE, _("Checkpoints"), suffixes },
       encoder_chosen_cb);
}

static void
use_builtin_cb (CytTrainingSetup *self)
{
  g_autofree char *encoder = cyt_models_find_builtin ("encoder.safetensors");

  if (encoder != NULL)
    cyt_training_setup_set_encoder (self, encoder);
}

static void
choose_folder_cb (CytTrainingSetup *self)
{
  ask (self, (CytFileChoice){ _("Folder of Cell Images"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER }, images_chosen_cb);
}

static void
choose_csv_cb (CytTrainingSetup *self)
{
  static const char *const suffixes[] = { "csv", NULL };

  ask (self, (CytFileChoice){ _("List of Cell Images"), GTK_FILE_CHOOSER_ACTION_OPEN, FALSE, _("CSV lists"), suffixes },
       images_chosen_cb);
}

static void
choose_out_cb (CytTrainingSetup *self)
{
  ask (self,
       (CytFileChoice){ _("Save Autoencoder As"), GTK_FILE_CHOOSER_ACTION_SAVE, .path = self->plan->out },
       out_chosen_cb);
}

static gboolean
drop_cb (CytTrainingSetup *self, const GValue *value, double x, double y, GtkDropTarget *target)
{
  GFile *file = g_value_get_object (value);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));

  if (path == NULL)
    return FALSE;
  if (row == GTK_WIDGET (self->encoder_row))
    cyt_training_setup_set_encoder (self, path);
  else
    cyt_training_setup_set_images (self, path);
  return TRUE;
}

static void
add_drop (CytTrainingSetup *self, AdwActionRow *row)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (row), GTK_EVENT_CONTROLLER (target));
}

static void
images_total_cb (CytTrainingSetup *self)
{
  self->n_images_chosen = TRUE;
  update (self);
}

/* ---- Interrupted trainings ---- */

static void
resume_cb (GtkButton *button, CytTrainingSetup *self)
{
  g_signal_emit (self, signals[RESUME], 0, g_object_get_data (G_OBJECT (button), "plan"));
}

static void
discard_response_cb (AdwMessageDialog *dialog, const char *response, CytTrainingSetup *self)
{
  const CytTrainingPlan *plan = g_object_get_data (G_OBJECT (dialog), "plan");
  static const char *const suffixes[] = { ".training", ".tokens", ".csv" };

  if (!g_str_equal (response, "discard"))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path = g_strconcat (plan->out, suffixes[i], NULL);

      g_unlink (path);
    }
  cyt_training_plan_forget (plan);
  cyt_training_setup_refresh (self);
}

static void
discard_cb (GtkButton *button, CytTrainingSetup *self)
{
  const CytTrainingPlan *plan = g_object_get_data (G_OBJECT (button), "plan");
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), _("Discard the Training?"),
                                              _("What was learnt so far is deleted."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "discard", _("_Discard"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "plan", cyt_training_plan_copy (plan), (GDestroyNotify) cyt_training_plan_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (discard_response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static GtkWidget *
make_button (CytTrainingSetup *self, const char *label, const CytTrainingPlan *plan, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), "plan", cyt_training_plan_copy (plan), (GDestroyNotify) cyt_training_plan_free);
  g_signal_connect_object (button, "clicked", callback, self, 0);
  return button;
}

void
cyt_training_setup_refresh (CytTrainingSetup *self)
{
  g_autoptr (GPtrArray) plans = cyt_training_plan_list ();
  const CytTrainingPlan *mine = cyt_training_get_plan (cyt_session_get_training (self->session));

  for (guint i = 0; i < self->unfinished_rows->len; i++)
    adw_preferences_group_remove (self->unfinished_group, self->unfinished_rows->pdata[i]);
  g_ptr_array_set_size (self->unfinished_rows, 0);
  for (guint i = 0; i < plans->len; i++)
    {
      const CytTrainingPlan *plan = plans->pdata[i];
      GtkWidget *row;
      g_autofree char *name = g_filename_display_basename (plan->out), *images = g_filename_display_name (plan->images);

      if (mine != NULL && g_str_equal (mine->out, plan->out))
        continue;
      row = adw_action_row_new ();
      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), images);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), make_button (self, _("Discard…"), plan, G_CALLBACK (discard_cb)));
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), make_button (self, _("Resume"), plan, G_CALLBACK (resume_cb)));
      adw_preferences_group_add (self->unfinished_group, row);
      g_ptr_array_add (self->unfinished_rows, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->unfinished_group), self->unfinished_rows->len > 0);
  if (!self->out_chosen && self->plan->images != NULL)
    cyt_training_setup_set_images (self, self->plan->images); /* proposes another name */
  else
    look (self);
}

/* ---- GObject ---- */

void
cyt_training_setup_set_session (CytTrainingSetup *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_TRAINING_SETUP (self) && self->session == NULL);

  self->session = g_object_ref (session);
  use_builtin_cb (self);
  cyt_training_setup_refresh (self);
}

static void
cyt_training_setup_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_COMPLETE)
    g_value_set_boolean (value, CYT_TRAINING_SETUP (object)->complete);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
cyt_training_setup_dispose (GObject *object)
{
  CytTrainingSetup *self = CYT_TRAINING_SETUP (object);
  GtkWidget *child;

  g_clear_handle_id (&self->forecast_source, g_source_remove);
  g_cancellable_cancel (self->look_cancellable);
  g_cancellable_cancel (self->forecast_cancellable);
  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_training_setup_parent_class)->dispose (object);
}

static void
cyt_training_setup_finalize (GObject *object)
{
  CytTrainingSetup *self = CYT_TRAINING_SETUP (object);

  g_clear_object (&self->look_cancellable);
  g_clear_object (&self->forecast_cancellable);
  g_ptr_array_unref (self->unfinished_rows);
  cyt_training_look_free (self->look);
  cyt_training_plan_free (self->plan);
  G_OBJECT_CLASS (cyt_training_setup_parent_class)->finalize (object);
}

static void
cyt_training_setup_class_init (CytTrainingSetupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = cyt_training_setup_get_property;
  object_class->dispose = cyt_training_setup_dispose;
  object_class->finalize = cyt_training_setup_finalize;
  props[PROP_COMPLETE] = g_param_spec_boolean ("complete", NULL, NULL, FALSE,
                                               G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[RESUME] = g_signal_new ("resume", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                  1, G_TYPE_POINTER);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-training-setup.ui");
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, page);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, unfinished_group);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, encoder_row);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, builtin_button);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, images_row);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, folder_button);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, out_row);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, expansion_row);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, expansion_spin);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, variant_row);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, k_row);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, k_spin);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, l0_row);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, ghost_row);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, l1_row);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, images_total_row);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, images_total_spin);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, batch_spin);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, lr_row);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, seed_spin);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, ghost_switch);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, time_label);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, memory_label);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, disk_label);
  gtk_widget_class_bind_template_child (widget_class, CytTrainingSetup, cost_note);
  gtk_widget_class_bind_template_callback (widget_class, choose_encoder_cb);
  gtk_widget_class_bind_template_callback (widget_class, use_builtin_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_folder_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_csv_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_out_cb);
  gtk_widget_class_bind_template_callback (widget_class, images_total_cb);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "trainingsetup");
}

static void
set_number (GtkEditable *row, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  gtk_editable_set_text (row, g_ascii_formatd (text, sizeof text, NUMBER_FORM, value));
}

static void
cyt_training_setup_init (CytTrainingSetup *self)
{
  self->plan = cyt_training_plan_new ();
  self->unfinished_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_accessible_complete (GTK_WIDGET (self));
  gtk_spin_button_set_value (self->expansion_spin, self->plan->expansion);
  gtk_spin_button_set_value (self->batch_spin, self->plan->batch);
  gtk_spin_button_set_value (self->seed_spin, (double) self->plan->seed);
  gtk_switch_set_active (self->ghost_switch, self->plan->ghost);
  gtk_spin_button_set_value (self->k_spin, self->plan->k);
  set_number (self->l1_row, self->plan->l1);
  set_number (self->l0_row, self->plan->l0);
  set_number (self->lr_row, self->plan->lr);
  self->n_images_chosen = FALSE;
  add_drop (self, self->encoder_row);
  add_drop (self, self->images_row);
}
