/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tensor/cyt-parallel.h"

typedef struct
{
  CytParallel *parallel;
  guint number;
} Worker;

struct _CytParallel
{
  guint n_threads;
  GThread **threads;       /* (n_threads − 1) */
  Worker *workers;         /* (n_threads − 1) */
  GMutex mutex;            /* guards everything below but next */
  GCond start;
  GCond done;
  guint round;             /* of loops so far */
  guint n_working;
  gboolean quit;
  gsize n_items;
  CytParallelFunc func;
  gpointer data;
  gsize next;              /* atomic: first item that nobody has taken */
};

static void
work (CytParallel *self, guint thread)
{
  for (;;)
    {
      gsize item = __atomic_fetch_add (&self->next, 1, __ATOMIC_RELAXED);

      if (item >= self->n_items)
        return;
      self->func (item, thread, self->data);
    }
}

static gpointer
thread_main (gpointer data)
{
  Worker *worker = data;
  CytParallel *self = worker->parallel;
  guint round = 0;

  for (;;)
    {
      g_mutex_lock (&self->mutex);
      while (self->round == round && !self->quit)
        g_cond_wait (&self->start, &self->mutex);
      round = self->round;
      g_mutex_unlock (&self->mutex);
      if (self->quit)
        return NULL;

      work (self, worker->number);

      g_mutex_lock (&self->mutex);
      if (--self->n_working == 0)
        g_cond_signal (&self->done);
      g_mutex_unlock (&self->mutex);
    }
}

CytParallel *
cyt_parallel_new (guint n_threads)
{
  CytParallel *self = g_new0 (CytParallel, 1);

  self->n_threads = n_threads > 0 ? n_threads : g_get_num_processors ();
  g_mutex_init (&self->mutex);
  g_cond_init (&self->start);
  g_cond_init (&self->done);
  self->threads = g_new0 (GThread *, self->n_threads);
  self->workers = g_new0 (Worker, self->n_threads);
  for (guint i = 0; i + 1 < self->n_threads; i++)
    {
      self->workers[i] = (Worker) { self, i + 1 };
      self->threads[i] = g_thread_new ("parallel", thread_main, &self->workers[i]);
    }
  return self;
}

void
cyt_parallel_free (CytParallel *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->mutex);
  self->quit = TRUE;
  g_cond_broadcast (&self->start);
  g_mutex_unlock (&self->mutex);
  for (guint i = 0; i + 1 < self->n_threads; i++)
    g_thread_join (self->threads[i]);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->start);
  g_cond_clear (&self->done);
  g_free (self->threads);
  g_free (self->workers);
  g_free (self);
}

guint
cyt_parallel_get_n_threads (const CytParallel *self)
{
  return self->n_threads;
}

void
cyt_parallel_run (CytParallel *self, gsize n_items, CytParallelFunc func, gpointer data)
{
  g_mutex_lock (&self->mutex);
  self->n_items = n_items;
  self->func = func;
  self->data = data;
  self->next = 0;
  self->n_working = self->n_threads - 1;
  self->round++;
  g_cond_broadcast (&self->start);
  g_mutex_unlock (&self->mutex);

  work (self, 0);

  g_mutex_lock (&self->mutex);
  while (self->n_working > 0)
    g_cond_wait (&self->done, &self->mutex);
  g_mutex_unlock (&self->mutex);
}
