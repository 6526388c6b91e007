/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/cyt-progress.h"

/* The rate is taken over the last seconds, so that it follows what the machine does now. */
#define N_SAMPLES 64
#define WINDOW_US (15 * G_USEC_PER_SEC)
#define MIN_SAMPLE_GAP_US (G_USEC_PER_SEC / 4)

struct _CytProgress
{
  GMutex mutex;
  gsize n_done, n_total, n_failed;
  gsize n_earlier, n_whole; /* of the stage; n_whole 0: the work has no stages */
  const char *phase, *unit;
  gsize number, n_phases;
  double rest;
  /* Ring of (time, units done); the newest at `newest`. */
  gint64 at[N_SAMPLES];
  gsize done[N_SAMPLES];
  guint newest, n_samples;
};

CytProgress *
cyt_progress_new (void)
{
  CytProgress *self = g_new0 (CytProgress, 1);

  g_mutex_init (&self->mutex);
  self->rest = -1;
  return self;
}

void
cyt_progress_free (CytProgress *self)
{
  if (self == NULL)
    return;
  g_mutex_clear (&self->mutex);
  g_free (self);
}

static void
push_sample (CytProgress *self, gint64 now)
{
  self->newest = (self->newest + 1) % N_SAMPLES;
  self->n_samples = MIN (self->n_samples + 1, N_SAMPLES);
  self->at[self->newest] = now;
  self->done[self->newest] = self->n_done;
}

void
cyt_progress_set_stage (CytProgress *self, gsize n_earlier, gsize n_whole)
{
  g_mutex_lock (&self->mutex);
  self->n_earlier = n_earlier;
  self->n_whole = n_whole;
  g_mutex_unlock (&self->mutex);
}

void
cyt_progress_set_phase (CytProgress *self, const char *phase, const char *unit, gsize number, gsize n_phases, double rest)
{
  g_mutex_lock (&self->mutex);
  self->phase = phase;
  self->unit = unit;
  self->number = number;
  self->n_phases = n_phases;
  self->rest = rest;
  self->n_done = self->n_total = self->n_failed = 0;
  self->n_earlier = self->n_whole = 0;
  self->n_samples = 0;
  g_mutex_unlock (&self->mutex);
}

void
cyt_progress_start (CytProgress *self, gsize n_before, gsize n_total)
{
  g_mutex_lock (&self->mutex);
  self->n_done = self->n_earlier + n_before;
  self->n_total = self->n_whole > 0 ? self->n_whole : n_total;
  self->n_failed = 0;
  self->n_samples = 0;
  push_sample (self, g_get_monotonic_time ());
  g_mutex_unlock (&self->mutex);
}

void
cyt_progress_advance (CytProgress *self, gsize n_done, gsize n_failed)
{
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&self->mutex);
  self->n_done += n_done;
  self->n_failed += n_failed;
  if (self->n_samples == 0 || now - self->at[self->newest] >= MIN_SAMPLE_GAP_US)
    push_sample (self, now);
  g_mutex_unlock (&self->mutex);
}

void
cyt_progress_get (CytProgress *self, CytProgressState *state)
{
  gint64 now = g_get_monotonic_time ();
  guint oldest;

  g_mutex_lock (&self->mutex);
  *state = (CytProgressState) { .n_done = self->n_done, .n_total = self->n_total, .n_failed = self->n_failed,
                                .seconds_left = -1, .phase = self->phase, .unit = self->unit, .number = self->number,
                                .n_phases = self->n_phases, .seconds_in_all = -1 };
  /* The oldest sample inside the window, or the one just before it. */
  oldest = self->newest;
  for (guint i = 1; i < self->n_samples && now - self->at[oldest] < WINDOW_US; i++)
    oldest = (oldest + N_SAMPLES - 1) % N_SAMPLES;
  if (self->n_samples > 0 && now > self->at[oldest] && self->n_done > self->done[oldest])
    {
      state->rate = (self->n_done - self->done[oldest]) / ((now - self->at[oldest]) / (double) G_USEC_PER_SEC);
      state->seconds_left = (self->n_total - MIN (self->n_total, self->n_done)) / state->rate;
      if (self->rest >= 0)
        state->seconds_in_all = state->seconds_left + self->rest;
    }
  g_mutex_unlock (&self->mutex);
}
