/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How far long work is. Written by the worker, read by anyone: under a mutex, plain values. */
typedef struct
{
  gsize n_done;          /* units done, including those of earlier runs */
  gsize n_total;
  gsize n_failed;        /* of the done: could not be read */
  double rate;           /* units per second over the last seconds; 0 while unknown */
  double seconds_left;   /* < 0 while unknown */
} CytProgressState;

typedef struct _CytProgress CytProgress;
CytProgress *cyt_progress_new (void);
void cyt_progress_free (CytProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytProgress, cyt_progress_free)

/* What is started after this is a stage of longer work: @n_earlier of its @n_whole units belong to the stages
 * before, and are counted as done. */
void cyt_progress_set_stage (CytProgress *self, gsize n_earlier, gsize n_whole);
/* Starts the clock. @n_before: units done by earlier runs; they do not count for the rate. */
void cyt_progress_start (CytProgress *self, gsize n_before, gsize n_total);
void cyt_progress_advance (CytProgress *self, gsize n_done, gsize n_failed);
void cyt_progress_get (CytProgress *self, CytProgressState *state);

G_END_DECLS
