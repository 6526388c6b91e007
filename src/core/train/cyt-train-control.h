/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a training under way is asked to do, from any thread. It obeys after the step it is at. */
typedef struct _CytTrainControl CytTrainControl;

CytTrainControl *cyt_train_control_new (void);
void cyt_train_control_free (CytTrainControl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTrainControl, cyt_train_control_free)

/* While paused the training saves its state once, takes no steps and no processor. */
void cyt_train_control_set_paused (CytTrainControl *self, gboolean paused);
gboolean cyt_train_control_get_paused (CytTrainControl *self);

/* Ends the training, paused or not: the autoencoder is written as it is then. */
void cyt_train_control_stop (CytTrainControl *self);
gboolean cyt_train_control_get_stopped (CytTrainControl *self);

/* For the training: returns when it is not paused, is stopped, or @cancellable is cancelled. */
void cyt_train_control_wait (CytTrainControl *self, GCancellable *cancellable);

G_END_DECLS
