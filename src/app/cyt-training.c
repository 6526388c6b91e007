/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-training.h"

#define POLL_MS 200

struct _CytTraining
{
  GObject parent_instance;
  CytWorker *engine;
  CytTrainingState state;
  CytTrainingPlan *plan;
  CytTrainingCurve *curve;
  CytTrainingRun *run;          /* the last one; NULL: none */
  GCancellable *cancellable;    /* of it while it is busy */
  GApplication *held;           /* likewise */
  char *problem;
  guint poll_source;
};

enum
{
  PROP_0,
  PROP_STATE,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  UPDATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CytTraining, cyt_training, G_TYPE_OBJECT)

static void
set_state (CytTraining *self, CytTrainingState state)
{
  if (state == self->state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

/* ---- A run ---- */

static void
take_events (CytTraining *self)
{
  g_autoptr (GArray) events = cyt_training_run_take_events (self->run);

  for (guint i = 0; i < events->len; i++)
    cyt_training_curve_append (self->curve, &g_array_index (events, CytTrainingEvent, i));
  g_signal_emit (self, signals[UPDATED], 0);
}

static gboolean
poll_cb (gpointer user_data)
{
  take_events (user_data);
  return G_SOURCE_CONTINUE;
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytTraining) self = user_data;
  g_autoptr (GApplication) held = g_steal_pointer (&self->held);
  g_autoptr (GError) error = NULL;
  gboolean ok = cyt_worker_run_finish (CYT_WORKER (source), result, &error) != NULL;

  g_clear_handle_id (&self->poll_source, g_source_remove);
  g_clear_object (&self->cancellable);
  take_events (self);
  if (ok)
    {
      cyt_training_plan_forget (self->plan);
      set_state (self, CYT_TRAINING_DONE);
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    set_state (self, CYT_TRAINING_PAUSED);
  else
    {
      self->problem = g_strdup (error->message);
      /* Nothing to go on with: the next start would not offer it anyway. */
      if (!cyt_training_plan_can_resume (self->plan))
        cyt_training_plan_forget (self->plan);
      set_state (self, CYT_TRAINING_FAILED);
    }
  if (held != NULL)
    g_application_release (held);
}

/* @stop: take no step, write what is there. */
static void
run (CytTraining *self, gboolean stop)
{
  GApplication *application = g_application_get_default ();

  g_clear_pointer (&self->run, cyt_training_run_unref);
  g_clear_pointer (&self->problem, g_free);
  self->run = cyt_training_run_new (self->plan, cyt_training_plan_can_resume (self->plan));
  if (stop)
    cyt_training_run_stop (self->run);
  self->cancellable = g_cancellable_new ();
  if (application != NULL)
    {
      g_application_hold (application);
      self->held = g_object_ref (application);
    }
  self->poll_source = g_timeout_add (POLL_MS, poll_cb, self);
  cyt_worker_run_async (self->engine, cyt_training_run_job, cyt_training_run_ref (self->run),
                        (GDestroyNotify) cyt_training_run_unref, NULL, G_PRIORITY_DEFAULT, run, self->cancellable, done_cb,
                        g_object_ref (self));
  set_state (self, stop ? CYT_TRAINING_STOPPING : CYT_TRAINING_RUNNING);
  g_signal_emit (self, signals[UPDATED], 0);
}

void
cyt_training_start (CytTraining *self, const CytTrainingPlan *plan)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (CYT_IS_TRAINING (self) && !cyt_training_is_busy (self));

  cyt_training_leave (self);
  self->plan = cyt_training_plan_copy (plan);
  self->curve = cyt_training_curve_new ();
  /* Without its plan on disk it can be trained, but not be offered again. */
  if (!cyt_training_plan_save (plan, &error))
    g_info ("%s", error->message);
  run (self, FALSE);
}

void
cyt_training_resume (CytTraining *self)
{
  g_return_if_fail (CYT_IS_TRAINING (self));

  if (self->state == CYT_TRAINING_PAUSED || self->state == CYT_TRAINING_FAILED)
    run (self, FALSE);
}

void
cyt_training_pause (CytTraining *self)
{
  g_return_if_fail (CYT_IS_TRAINING (self));

  if (self->state != CYT_TRAINING_RUNNING)
    return;
  set_state (self, CYT_TRAINING_PAUSING);
  g_cancellable_cancel (self->cancellable);
}

void
cyt_training_stop (CytTraining *self)
{
  g_return_if_fail (CYT_IS_TRAINING (self));

  if (self->state == CYT_TRAINING_PAUSED)
    run (self, TRUE);
  else if (self->state == CYT_TRAINING_RUNNING)
    {
      cyt_training_run_stop (self->run);
      set_state (self, CYT_TRAINING_STOPPING);
    }
}

void
cyt_training_leave (CytTraining *self)
{
  g_return_if_fail (CYT_IS_TRAINING (self) && !cyt_training_is_busy (self));

  g_clear_pointer (&self->run, cyt_training_run_unref);
  g_clear_pointer (&self->plan, cyt_training_plan_free);
  g_clear_pointer (&self->problem, g_free);
  set_state (self, CYT_TRAINING_NONE);
  g_clear_pointer (&self->curve, cyt_training_curve_free);
}

/* ---- What is known ---- */

CytTrainingState
cyt_training_get_state (CytTraining *self)
{
  return self->state;
}

gboolean
cyt_training_is_busy (CytTraining *self)
{
  return self->state == CYT_TRAINING_RUNNING || self->state == CYT_TRAINING_PAUSING || self->state == CYT_TRAINING_STOPPING;
}

const CytTrainingPlan *
cyt_training_get_plan (CytTraining *self)
{
  return self->plan;
}

const CytTrainingCurve *
cyt_training_get_curve (CytTraining *self)
{
  return self->curve;
}

const char *
cyt_training_get_problem (CytTraining *self)
{
  return self->problem;
}

gboolean
cyt_training_is_simulated (CytTraining *self)
{
  return self->run != NULL && cyt_training_run_is_simulated (self->run);
}

void
cyt_training_get_progress (CytTraining *self, CytProgressState *state)
{
  *state = (CytProgressState){ .seconds_left = -1 };
  if (self->run != NULL)
    cyt_training_run_get_progress (self->run, state);
}

void
cyt_training_forecast_async (CytTraining *self, const CytTrainingPlan *plan, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CYT_IS_TRAINING (self));

  cyt_worker_run_async (self->engine, cyt_training_forecast_job, cyt_training_plan_copy (plan),
                        (GDestroyNotify) cyt_training_plan_free, g_free, G_PRIORITY_DEFAULT, cyt_training_forecast_async,
                        cancellable, callback, user_data);
}

CytTrainForecast *
cyt_training_forecast_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GObject) engine = g_async_result_get_source_object (result);

  return cyt_worker_run_finish (CYT_WORKER (engine), result, error);
}

/* ---- GObject ---- */

CytTraining *
cyt_training_new (CytWorker *engine)
{
  CytTraining *self = g_object_new (CYT_TYPE_TRAINING, NULL);

  self->engine = g_object_ref (engine);
  return self;
}

static void
cyt_training_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_STATE)
    g_value_set_uint (value, CYT_TRAINING (object)->state);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* A busy one has a reference of its job's. */
static void
cyt_training_finalize (GObject *object)
{
  CytTraining *self = CYT_TRAINING (object);

  g_clear_pointer (&self->run, cyt_training_run_unref);
  cyt_training_plan_free (self->plan);
  cyt_training_curve_free (self->curve);
  g_free (self->problem);
  g_object_unref (self->engine);
  G_OBJECT_CLASS (cyt_training_parent_class)->finalize (object);
}

static void
cyt_training_class_init (CytTrainingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = cyt_training_get_property;
  object_class->finalize = cyt_training_finalize;
  props[PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, 0, CYT_TRAINING_FAILED, CYT_TRAINING_NONE,
                                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[UPDATED] = g_signal_new ("updated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
}

static void
cyt_training_init (CytTraining *self)
{
}
