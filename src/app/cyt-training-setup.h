/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "cyt-session.h"

G_BEGIN_DECLS

/* The form of a training: encoder, images, where to write, the recipe, what it will cost, and trainings that were
 * interrupted. Property "complete": it can be started. Signal "resume" (CytTrainingPlan): an interrupted one is to go on. */
#define CYT_TYPE_TRAINING_SETUP (cyt_training_setup_get_type ())
G_DECLARE_FINAL_TYPE (CytTrainingSetup, cyt_training_setup, CYT, TRAINING_SETUP, GtkWidget)

/* Once. */
void cyt_training_setup_set_session (CytTrainingSetup *self, CytSession *session);
/* Reads the interrupted trainings and the folders anew: when it is shown again. */
void cyt_training_setup_refresh (CytTrainingSetup *self);

void cyt_training_setup_set_encoder (CytTrainingSetup *self, const char *path);
void cyt_training_setup_set_images (CytTrainingSetup *self, const char *path);
void cyt_training_setup_set_out (CytTrainingSetup *self, const char *path);
/* What was entered, while "complete"; (transfer full). */
CytTrainingPlan *cyt_training_setup_dup_plan (CytTrainingSetup *self);

G_END_DECLS
