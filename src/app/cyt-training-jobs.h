/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-progress.h"
#include "train/cyt-train-forecast.h"

#include "cyt-training-curve.h"
#include "cyt-training-plan.h"

G_BEGIN_DECLS

/* What threads other than the main one do for a training in the window. */

/* ---- A look at what was chosen, from names, shapes and file names alone ---- */
typedef struct
{
  CytEncoderConfig encoder;
  char *encoder_problem;    /* why it is none; else NULL */
  gsize n_images;
  gboolean simulated;       /* the list says that they are drawn */
  char *images_problem;
  guint64 free_disk;        /* bytes where the result is to lie; 0: unknown */
  char *out_problem;
} CytTrainingLook;
void cyt_training_look_free (CytTrainingLook *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTrainingLook, cyt_training_look_free)

/* A GTaskThreadFunc. Task data: CytTrainingPlan, whose paths may be NULL (neither looked at nor a problem);
 * result: CytTrainingLook. Never fails. */
void cyt_training_look_thread (GTask *task, gpointer source, gpointer plan, GCancellable *cancellable);

/* ---- What it will cost; on the engine ---- */
/* A CytWorkerFunc. @plan: complete. Result: CytTrainForecast, freed with g_free(). */
gpointer cyt_training_forecast_job (gpointer state, gpointer plan, GCancellable *cancellable, GError **error);

/* ---- The training; on the engine ---- */
typedef struct _CytTrainingRun CytTrainingRun;

CytTrainingRun *cyt_training_run_new (const CytTrainingPlan *plan, gboolean resume);
CytTrainingRun *cyt_training_run_ref (CytTrainingRun *self);
void cyt_training_run_unref (CytTrainingRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTrainingRun, cyt_training_run_unref)

/* A CytWorkerFunc. The result is GINT_TO_POINTER (TRUE) when the autoencoder is written. Cancelled, the state is. */
gpointer cyt_training_run_job (gpointer state, gpointer run, GCancellable *cancellable, GError **error);

/* Any thread: */
/* Makes it write the autoencoder after the step under way, as it is then; before it has begun: of the state that is there. */
void cyt_training_run_stop (CytTrainingRun *self);
/* Whether the images' list says that they are drawn; FALSE before it is read. */
gboolean cyt_training_run_is_simulated (CytTrainingRun *self);
void cyt_training_run_get_progress (CytTrainingRun *self, CytProgressState *state);
/* Steps since the last call, those of earlier runs first, of CytTrainingEvent (transfer full). */
GArray *cyt_training_run_take_events (CytTrainingRun *self);

G_END_DECLS
