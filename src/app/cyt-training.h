/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-worker.h"

#include "cyt-training-curve.h"
#include "cyt-training-jobs.h"

G_BEGIN_DECLS

/* One training at a time, of a session: runs on its engine, is paused by cancelling it (the trainer saves its state) and
 * keeps its plan on disk until it is done, so that it outlives window and program. While it runs, or saves, it keeps the
 * application alive. Property "state"; signal "updated": the curve or the progress are others now. */
#define CYT_TYPE_TRAINING (cyt_training_get_type ())
G_DECLARE_FINAL_TYPE (CytTraining, cyt_training, CYT, TRAINING, GObject)

typedef enum
{
  CYT_TRAINING_NONE,
  CYT_TRAINING_RUNNING,
  CYT_TRAINING_PAUSING,    /* the state is being saved */
  CYT_TRAINING_PAUSED,
  CYT_TRAINING_STOPPING,   /* what was learnt so far is being written */
  CYT_TRAINING_DONE,
  CYT_TRAINING_FAILED,
} CytTrainingState;

CytTraining *cyt_training_new (CytWorker *engine);

CytTrainingState cyt_training_get_state (CytTraining *self);
/* Whether its job is on the engine: running, pausing or stopping. */
gboolean cyt_training_is_busy (CytTraining *self);
const CytTrainingPlan *cyt_training_get_plan (CytTraining *self);    /* NULL: none */
const CytTrainingCurve *cyt_training_get_curve (CytTraining *self);  /* NULL: none */
const char *cyt_training_get_problem (CytTraining *self);            /* why it failed, else NULL */
gboolean cyt_training_is_simulated (CytTraining *self);
void cyt_training_get_progress (CytTraining *self, CytProgressState *state);

/* Starts it, or goes on with the state that the trainer left. Not while another one is busy. */
void cyt_training_start (CytTraining *self, const CytTrainingPlan *plan);
void cyt_training_pause (CytTraining *self);
void cyt_training_resume (CytTraining *self);    /* of a paused or failed one */
/* Ends a running or paused one and writes the autoencoder as it is by now. */
void cyt_training_stop (CytTraining *self);
/* Forgets one that is not busy: back to CYT_TRAINING_NONE. Its files stay. */
void cyt_training_leave (CytTraining *self);

/* On the engine, after what runs there. */
void cyt_training_forecast_async (CytTraining *self, const CytTrainingPlan *plan, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
/* Needs no training, which may be gone by then. (transfer full), freed with g_free(). */
CytTrainForecast *cyt_training_forecast_finish (GAsyncResult *result, GError **error);

G_END_DECLS
