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
  /* Of work in phases, where the numbers above are those of the phase that is under way: */
  const char *phase;     /* its name in English (static); NULL: the work has none */
  const char *unit;      /* what it counts, likewise; NULL: what the work counts */
  gsize number, n_phases; /* it is the number-th of so many of its name, from 1 on; 0: it is the only one */
  double seconds_in_all; /* of this phase and those after it; < 0 while unknown */
} CytProgressState;

typedef struct _CytProgress CytProgress;
CytProgress *cyt_progress_new (void);
void cyt_progress_free (CytProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytProgress, cyt_progress_free)

/* What is started after this is a stage of longer work: @n_earlier of its @n_whole units belong to the stages
 * before, and are counted as done. */
void cyt_progress_set_stage (CytProgress *self, gsize n_earlier, gsize n_whole);
/* A phase of that name begins; it is started later. @unit: may be NULL. @rest: seconds that all phases after it are expected to
 * take; < 0: unknown. */
void cyt_progress_set_phase (CytProgress *self, const char *phase, const char *unit, gsize number, gsize n_phases, double rest);
/* Starts the clock. @n_before: units done by earlier runs; they do not count for the rate. */
void cyt_progress_start (CytProgress *self, gsize n_before, gsize n_total);
void cyt_progress_advance (CytProgress *self, gsize n_done, gsize n_failed);
void cyt_progress_get (CytProgress *self, CytProgressState *state);

G_END_DECLS
