/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <math.h>
#include <unistd.h>

#include "io/cyt-csv.h"
#include "io/cyt-hash.h"

#include "cyt-session-private.h"
#include "cyt-training-jobs.h"

/* ---- A look ---- */

void
cyt_training_look_free (CytTrainingLook *self)
{
  if (self == NULL)
    return;
  g_free (self->encoder_problem);
  g_free (self->images_problem);
  g_free (self->out_problem);
  g_free (self);
}

static void
look_at_out (CytTrainingLook *look, const char *out)
{
  g_autofree char *folder = g_path_get_dirname (out), *display = g_filename_display_name (folder);
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autoptr (GFileInfo) info = g_file_query_filesystem_info (file, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, NULL, NULL);

  if (info != NULL)
    look->free_disk = g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE);
  if (g_file_test (out, G_FILE_TEST_EXISTS))
    look->out_problem = g_strdup_printf (_("%s exists: choose another name"), out);
  else if (access (folder, W_OK) != 0)
    look->out_problem = g_strdup_printf ("%s: %s", display, g_strerror (errno));
}

void
cyt_training_look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const CytTrainingPlan *plan = data;
  CytTrainingLook *look = g_new0 (CytTrainingLook, 1);

  if (plan->encoder != NULL)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CytCheckpoint) checkpoint = cyt_checkpoint_open (plan->encoder, &error);

      if (checkpoint == NULL || !cyt_encoder_probe (checkpoint, &look->encoder, &error))
        look->encoder_problem = g_strdup (error->message);
    }
  if (plan->images != NULL)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CytImageList) list = cyt_image_list_new ((const char *const[]){ plan->images, NULL }, &error);

      if (list == NULL)
        look->images_problem = g_strdup (error->message);
      else
        {
          look->n_images = cyt_image_list_get_n_items (list);
          look->simulated = list->simulated;
        }
    }
  if (plan->out != NULL)
    look_at_out (look, plan->out);
  g_task_return_pointer (task, look, (GDestroyNotify) cyt_training_look_free);
}

/* ---- What training needs in memory ---- */

typedef struct
{
  CytEncoder *encoder;
  CytImageList *list;
  char *sha256;
  CytTrainOptions options;
} Ready;

static void
ready_clear (Ready *self)
{
  g_clear_pointer (&self->encoder, cyt_encoder_free);
  g_clear_pointer (&self->list, cyt_image_list_free);
  g_free (self->sha256);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ready, ready_clear)

static gboolean
get_ready (Ready *self, const CytTrainingPlan *plan, GCancellable *cancellable, GError **error)
{
  if ((self->list = cyt_image_list_new ((const char *const[]){ plan->images, NULL }, error)) == NULL
      || (self->encoder = cyt_encoder_load (plan->encoder, error)) == NULL
      || (self->sha256 = cyt_hash_path (plan->encoder, cancellable, error)) == NULL)
    return FALSE;
  cyt_training_plan_get_options (plan, cyt_encoder_get_config (self->encoder)->d, &self->options);
  self->options.list = self->list;
  self->options.encoder = self->encoder;
  self->options.encoder_sha256 = self->sha256;
  return TRUE;
}

gpointer
cyt_training_forecast_job (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  g_auto (Ready) ready = { 0 };
  g_autofree CytTrainForecast *forecast = g_new0 (CytTrainForecast, 1);

  cyt_session_engine_give_way ();
  return get_ready (&ready, data, cancellable, error)
             && cyt_train_forecast_measure (forecast, &ready.options, cancellable, error)
           ? g_steal_pointer (&forecast)
           : NULL;
}

/* ---- The training ---- */

struct _CytTrainingRun
{
  gatomicrefcount ref_count;
  CytTrainingPlan *plan;
  gboolean resume;
  CytProgress *progress;
  double d_sae;          /* the job's */
  int simulated;         /* atomic */
  CytTrainControl *control;
  GMutex mutex;
  GArray *events;        /* of CytTrainingEvent */
};

CytTrainingRun *
cyt_training_run_new (const CytTrainingPlan *plan, gboolean resume)
{
  CytTrainingRun *self = g_new0 (CytTrainingRun, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->mutex);
  self->plan = cyt_training_plan_copy (plan);
  self->resume = resume;
  self->progress = cyt_progress_new ();
  self->control = cyt_train_control_new ();
  self->events = g_array_new (FALSE, FALSE, sizeof (CytTrainingEvent));
  return self;
}

CytTrainingRun *
cyt_training_run_ref (CytTrainingRun *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
cyt_training_run_unref (CytTrainingRun *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  cyt_training_plan_free (self->plan);
  cyt_progress_free (self->progress);
  cyt_train_control_free (self->control);
  g_array_unref (self->events);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

static void
add_event (CytTrainingRun *self, const CytTrainingEvent *event)
{
  g_mutex_lock (&self->mutex);
  g_array_append_vals (self->events, event, 1);
  g_mutex_unlock (&self->mutex);
}

static void
step_cb (guint64 n_steps, const CytTrainLoss *loss, gpointer user_data)
{
  CytTrainingRun *self = user_data;
  const CytTrainingEvent event
    = { n_steps,
        { loss->mse + loss->nested, loss->l1 + loss->l0_penalty, loss->ghost + loss->aux, loss->l0, loss->explained,
          (double) loss->n_dead / self->d_sae } };

  add_event (self, &event);
}

/* The steps of earlier runs, from the file that the trainer keeps beside its output; what cannot be read ends it. */
static void
read_earlier (CytTrainingRun *self)
{
  static const char *const names[]
    = { "step", "mse", "nested", "l1", "l0_penalty", "ghost", "aux", "l0", "explained_variance", "n_dead" };
  g_autofree char *path = g_strconcat (self->plan->out, ".csv", NULL);
  g_autoptr (CytCsv) csv = cyt_csv_read (path, NULL);
  int columns[G_N_ELEMENTS (names)];

  for (guint c = 0; csv != NULL && c < G_N_ELEMENTS (names); c++)
    if ((columns[c] = cyt_csv_find_column (csv, names[c])) < 0)
      return;
  for (gsize row = 0; csv != NULL && row < cyt_csv_get_n_rows (csv); row++)
    {
      double v[G_N_ELEMENTS (names)];
      CytTrainingEvent event;

      for (guint c = 0; c < G_N_ELEMENTS (names); c++)
        {
          const char *text = cyt_csv_get (csv, row, columns[c]);
          char *end = NULL;

          v[c] = g_ascii_strtod (text, &end);
          if (end == text || *end != '\0' || !isfinite (v[c]) || (c == 0 && !(v[c] >= 1 && v[c] < 1e15)))
            return;
        }
      event = (CytTrainingEvent){ (guint64) v[0], { v[1] + v[2], v[3] + v[4], v[5] + v[6], v[7], v[8], v[9] / self->d_sae } };
      add_event (self, &event);
    }
}

gpointer
cyt_training_run_job (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  CytTrainingRun *self = data;
  g_auto (Ready) ready = { 0 };

  cyt_session_engine_give_way ();
  if (!get_ready (&ready, self->plan, cancellable, error))
    return NULL;
  self->d_sae = (double) ready.options.d_sae;
  g_atomic_int_set (&self->simulated, ready.list->simulated);
  ready.options.resume = self->resume;
  ready.options.control = self->control;
  if (self->resume)
    read_earlier (self);
  return GINT_TO_POINTER (
    cyt_trainer_run (self->plan->out, &ready.options, self->progress, step_cb, self, cancellable, error));
}

gboolean
cyt_training_run_is_simulated (CytTrainingRun *self)
{
  return g_atomic_int_get (&self->simulated);
}

void
cyt_training_run_stop (CytTrainingRun *self)
{
  cyt_train_control_stop (self->control);
}

void
cyt_training_run_get_progress (CytTrainingRun *self, CytProgressState *state)
{
  cyt_progress_get (self->progress, state);
}

GArray *
cyt_training_run_take_events (CytTrainingRun *self)
{
  GArray *events;

  g_mutex_lock (&self->mutex);
  events = self->events;
  self->events = g_array_new (FALSE, FALSE, sizeof (CytTrainingEvent));
  g_mutex_unlock (&self->mutex);
  return events;
}
