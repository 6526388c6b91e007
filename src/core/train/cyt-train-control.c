/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "train/cyt-train-control.h"

struct _CytTrainControl
{
  GMutex mutex;
  GCond changed;
  gboolean paused;
  gboolean stopped;
};

CytTrainControl *
cyt_train_control_new (void)
{
  CytTrainControl *self = g_new0 (CytTrainControl, 1);

  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  return self;
}

void
cyt_train_control_free (CytTrainControl *self)
{
  if (self == NULL)
    return;
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_free (self);
}

static void
set (CytTrainControl *self, gboolean *field, gboolean value)
{
  g_mutex_lock (&self->mutex);
  *field = value;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

static gboolean
get (CytTrainControl *self, const gboolean *field)
{
  gboolean value;

  g_mutex_lock (&self->mutex);
  value = *field;
  g_mutex_unlock (&self->mutex);
  return value;
}

void
cyt_train_control_set_paused (CytTrainControl *self, gboolean paused)
{
  set (self, &self->paused, paused);
}

gboolean
cyt_train_control_get_paused (CytTrainControl *self)
{
  return get (self, &self->paused);
}

void
cyt_train_control_stop (CytTrainControl *self)
{
  set (self, &self->stopped, TRUE);
}

gboolean
cyt_train_control_get_stopped (CytTrainControl *self)
{
  return get (self, &self->stopped);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  CytTrainControl *self = user_data;

  g_mutex_lock (&self->mutex);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

void
cyt_train_control_wait (CytTrainControl *self, GCancellable *cancellable)
{
  gulong handler = cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL) : 0;

  g_mutex_lock (&self->mutex);
  while (self->paused && !self->stopped && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->changed, &self->mutex);
  g_mutex_unlock (&self->mutex);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, handler);
}
