/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-session-private.h"

CytTraining *
cyt_session_get_training (CytSession *self)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), NULL);

  if (self->training == NULL)
    self->training = cyt_training_new (cyt_session_get_engine (self));
  return self->training;
}

void
cyt_session_train_dispose (CytSession *self)
{
  if (self->training != NULL)
    cyt_training_pause (self->training);
  g_clear_object (&self->training);
}
