/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/cyt-worker.h"

typedef struct
{
  CytWorkerFunc func;
  gpointer data;
  GDestroyNotify free_data;
  GDestroyNotify free_result;
  int priority;
} Job;

/* What the thread and the object share; the thread keeps it alive until its last job is done, so that
 * dropping the object never waits. */
typedef struct
{
  gatomicrefcount ref_count;
  GMutex mutex;
  GCond cond;
  GQueue tasks; /* of GTask, by priority, then in order of arrival */
  guint n_jobs; /* waiting or running */
  gboolean quit;
  gpointer state;
  GDestroyNotify free_state;
} Shared;

struct _CytWorker
{
  GObject parent_instance;
  Shared *shared;
};

G_DEFINE_FINAL_TYPE (CytWorker, cyt_worker, G_TYPE_OBJECT)

static void
shared_unref (Shared *shared)
{
  if (!g_atomic_ref_count_dec (&shared->ref_count))
    return;
  g_mutex_clear (&shared->mutex);
  g_cond_clear (&shared->cond);
  g_free (shared);
}

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job->free_data != NULL)
    job->free_data (job->data);
  g_free (job);
}

static void
run_task (Shared *shared, GTask *task)
{
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;
  gpointer result;

  if (g_task_return_error_if_cancelled (task))
    return;
  result = job->func (shared->state, job->data, g_task_get_cancellable (task), &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, result, job->free_result);
}

static gpointer
worker_thread (gpointer data)
{
  Shared *shared = data;

  g_mutex_lock (&shared->mutex);
  for (;;)
    {
      g_autoptr (GTask) task = g_queue_pop_head (&shared->tasks);

      if (task == NULL)
        {
          if (shared->quit)
            break;
          g_cond_wait (&shared->cond, &shared->mutex);
          continue;
        }
      g_mutex_unlock (&shared->mutex);
      run_task (shared, task);
      g_clear_object (&task);
      g_mutex_lock (&shared->mutex);
      shared->n_jobs--;
    }
  g_mutex_unlock (&shared->mutex);
  if (shared->free_state != NULL)
    shared->free_state (shared->state);
  shared_unref (shared);
  return NULL;
}

static void
cyt_worker_finalize (GObject *object)
{
  CytWorker *self = CYT_WORKER (object);

  /* Tasks hold a reference to the worker: none is left in the queue here. */
  g_mutex_lock (&self->shared->mutex);
  self->shared->quit = TRUE;
  g_cond_signal (&self->shared->cond);
  g_mutex_unlock (&self->shared->mutex);
  shared_unref (self->shared);
  G_OBJECT_CLASS (cyt_worker_parent_class)->finalize (object);
}

static void
cyt_worker_class_init (CytWorkerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cyt_worker_finalize;
}

static void
cyt_worker_init (CytWorker *self)
{
  self->shared = g_new0 (Shared, 1);
  g_atomic_ref_count_init (&self->shared->ref_count);
  g_mutex_init (&self->shared->mutex);
  g_cond_init (&self->shared->cond);
  g_queue_init (&self->shared->tasks);
}

CytWorker *
cyt_worker_new (const char *name, gpointer state, GDestroyNotify free_state)
{
  CytWorker *self = g_object_new (CYT_TYPE_WORKER, NULL);

  self->shared->state = state;
  self->shared->free_state = free_state;
  g_atomic_ref_count_inc (&self->shared->ref_count);
  g_thread_unref (g_thread_new (name, worker_thread, self->shared));
  return self;
}

void
cyt_worker_run_async (CytWorker *self, CytWorkerFunc func, gpointer data, GDestroyNotify free_data,
                      GDestroyNotify free_result, int priority, gpointer source_tag,
                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);
  GList *before;

  *job = (Job) { func, data, free_data, free_result, priority };
  g_task_set_source_tag (task, source_tag);
  g_task_set_priority (task, priority);
  g_task_set_task_data (task, job, job_free);

  g_mutex_lock (&self->shared->mutex);
  for (before = self->shared->tasks.head; before != NULL; before = before->next)
    if (((Job *) g_task_get_task_data (before->data))->priority > priority)
      break;
  g_queue_insert_before (&self->shared->tasks, before, task);
  self->shared->n_jobs++;
  g_cond_signal (&self->shared->cond);
  g_mutex_unlock (&self->shared->mutex);
}

gpointer
cyt_worker_run_finish (CytWorker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

guint
cyt_worker_get_n_jobs (CytWorker *self)
{
  guint n_jobs;

  g_mutex_lock (&self->shared->mutex);
  n_jobs = self->shared->n_jobs;
  g_mutex_unlock (&self->shared->mutex);
  return n_jobs;
}
