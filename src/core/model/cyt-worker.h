/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A thread that owns some state and runs jobs on it, one after the other: the engine (weights and
 * workspaces) and the project's reader (a database connection) are workers. Results return to the
 * main context of the caller as a GTask does. */
#define CYT_TYPE_WORKER (cyt_worker_get_type ())
G_DECLARE_FINAL_TYPE (CytWorker, cyt_worker, CYT, WORKER, GObject)

/* Runs on the worker's thread. @state is the worker's, @data the job's. Returns the result, or NULL
 * with @error; a job without result returns GINT_TO_POINTER (TRUE). */
typedef gpointer (*CytWorkerFunc) (gpointer state, gpointer data, GCancellable *cancellable, GError **error);

/* @state is freed with @free_state on the worker's thread, after the last job. */
CytWorker *cyt_worker_new (const char *name, gpointer state, GDestroyNotify free_state);

/* Queues a job. @priority: lower runs first among the waiting (G_PRIORITY_*); equal ones in order.
 * @source_tag names the caller for debugging. A job cancelled before it starts never runs.
 * @free_data and @free_result may be NULL; @free_result frees a result nobody took. */
void cyt_worker_run_async (CytWorker *self, CytWorkerFunc func, gpointer data, GDestroyNotify free_data,
                           GDestroyNotify free_result, int priority, gpointer source_tag,
                           GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gpointer cyt_worker_run_finish (CytWorker *self, GAsyncResult *result, GError **error);

/* Jobs waiting or running. */
guint cyt_worker_get_n_jobs (CytWorker *self);

G_END_DECLS
