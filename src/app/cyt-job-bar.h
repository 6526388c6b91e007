/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "model/cyt-progress.h"

G_BEGIN_DECLS

/* A line for long work: what it does, how far it is, the time left, and a button that cancels it. Hidden while nothing
 * runs. */
#define CYT_TYPE_JOB_BAR (cyt_job_bar_get_type ())
G_DECLARE_FINAL_TYPE (CytJobBar, cyt_job_bar, CYT, JOB_BAR, GtkWidget)

/* Shows it. @progress: borrowed until cyt_job_bar_stop(). Returns what the button cancels (transfer none). */
GCancellable *cyt_job_bar_start (CytJobBar *self, const char *what, CytProgress *progress);
gboolean cyt_job_bar_is_running (CytJobBar *self);
/* To be called first thing when the work has ended. */
void cyt_job_bar_stop (CytJobBar *self);

G_END_DECLS
