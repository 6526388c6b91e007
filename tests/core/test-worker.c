/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <gio/gio.h>

#include "model/cyt-progress.h"
#include "model/cyt-worker.h"

typedef struct
{
  GString *log; /* written on the worker's thread alone */
  GThread *thread;
  gint freed;
} State;

static gpointer
append_job (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  State *s = state;

  s->thread = g_thread_self ();
  g_string_append (s->log, data);
  return g_strdup (data);
}

enum
{
  GATE_NEW,
  GATE_REACHED,
  GATE_OPEN,
};

static gpointer
wait_job (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  gint *gate = data;

  g_atomic_int_set (gate, GATE_REACHED);
  while (g_atomic_int_get (gate) != GATE_OPEN)
    g_usleep (1000);
  return GINT_TO_POINTER (TRUE);
}

static gpointer
failing_job (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "on purpose");
  return NULL;
}

static void
keep_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gpointer
await (CytWorker *worker, GAsyncResult **result, GError **error)
{
  gpointer value;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  value = cyt_worker_run_finish (worker, *result, error);
  g_clear_object (result);
  return value;
}

static void
free_state (gpointer data)
{
  g_atomic_int_set (&((State *) data)->freed, 1);
}

static void
test_order_and_errors (void)
{
  State state = { g_string_new (NULL) };
  CytWorker *worker = cyt_worker_new ("test", &state, free_state);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *gate_result = NULL, *low = NULL, *high = NULL, *never = NULL, *fails = NULL;
  g_autofree char *low_value = NULL, *high_value = NULL;
  gint gate = GATE_NEW;

  cyt_worker_run_async (worker, wait_job, &gate, NULL, NULL, 0, NULL, NULL, keep_result_cb, &gate_result);
  /* The thread may start late: what is queued before it does would be sorted with the gate. */
  while (g_atomic_int_get (&gate) != GATE_REACHED)
    g_usleep (1000);
  cyt_worker_run_async (worker, append_job, "low", NULL, g_free, 10, NULL, NULL, keep_result_cb, &low);
  cyt_worker_run_async (worker, append_job, "high", NULL, g_free, -10, NULL, NULL, keep_result_cb, &high);
  cyt_worker_run_async (worker, append_job, "never", NULL, g_free, 0, NULL, cancelled, keep_result_cb, &never);
  cyt_worker_run_async (worker, failing_job, NULL, NULL, NULL, 0, NULL, NULL, keep_result_cb, &fails);
  g_cancellable_cancel (cancelled);
  g_assert_cmpuint (cyt_worker_get_n_jobs (worker), ==, 5);
  g_atomic_int_set (&gate, GATE_OPEN);

  await (worker, &gate_result, &error);
  low_value = await (worker, &low, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (low_value, ==, "low");
  high_value = await (worker, &high, &error);
  g_assert_cmpstr (high_value, ==, "high");
  g_assert_null (await (worker, &never, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (await (worker, &fails, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_cmpstr (state.log->str, ==, "highlow");
  g_assert_true (state.thread != g_thread_self ());

  /* Task and thread may hold the worker a moment longer than the caller. */
  while (cyt_worker_get_n_jobs (worker) > 0)
    g_usleep (1000);
  while (G_OBJECT (worker)->ref_count > 1)
    g_usleep (1000);
  g_assert_finalize_object (worker);
  while (!g_atomic_int_get (&state.freed))
    g_usleep (1000);
  g_string_free (state.log, TRUE);
}

static void
test_progress (void)
{
  g_autoptr (CytProgress) progress = cyt_progress_new ();
  CytProgressState state;

  cyt_progress_start (progress, 10, 20);
  cyt_progress_get (progress, &state);
  g_assert_cmpuint (state.n_done, ==, 10);
  g_assert_true (state.rate == 0 && state.seconds_left < 0);
  g_usleep (20000);
  cyt_progress_advance (progress, 5, 1);
  cyt_progress_get (progress, &state);
  g_assert_cmpuint (state.n_done, ==, 15);
  g_assert_cmpuint (state.n_failed, ==, 1);
  /* Five units in at least 20 ms; the ten done before do not count. */
  g_assert_true (state.rate > 0 && state.rate <= 250);
  g_assert_true (state.seconds_left >= 5 / 250.0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/order-and-errors", test_order_and_errors);
  g_test_add_func ("/progress/rate", test_progress);
  return g_test_run ();
}
