/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-session-private.h"

static gpointer
self_test_job (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  g_autofree CytSelfTest *test = g_new0 (CytSelfTest, 1);

  cyt_session_engine_give_way ();
  return cyt_self_test_run (test, 0, data, cancellable, error) ? g_steal_pointer (&test) : NULL;
}

void
cyt_session_self_test_async (CytSession *self, CytProgress *progress, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && progress != NULL);

  /* On the engine: two things that use all cores at once would tell nothing about either. */
  cyt_worker_run_async (cyt_session_get_engine (self), self_test_job, progress,
                        (GDestroyNotify) cyt_progress_free, g_free, G_PRIORITY_DEFAULT,
                        cyt_session_self_test_async, cancellable, callback, user_data);
}

CytSelfTest *
cyt_session_self_test_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GObject) engine = g_async_result_get_source_object (result);

  return cyt_worker_run_finish (CYT_WORKER (engine), result, error);
}
