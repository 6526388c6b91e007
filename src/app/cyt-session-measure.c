/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "analysis/cyt-measures-csv.h"
#include "project/cyt-project-measures.h"

#include "cyt-session-measure.h"
#include "cyt-session-private.h"

void
cyt_measure_view_free (CytMeasureView *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->measures, g_ptr_array_unref);
  g_free (self->embedding);
  g_free (self);
}

typedef struct
{
  char *path;                  /* of the project */
  CytMeasurePlan plan;
  CytProgress *progress;
  GPtrArray *measures;         /* to be written */
  char *out;
} Work;

static void
work_free (Work *work)
{
  g_free (work->path);
  g_free (work->plan.dataset);
  g_free (work->plan.masks);
  g_free (work->plan.mask_names);
  g_clear_pointer (&work->progress, cyt_progress_free);
  g_clear_pointer (&work->measures, g_ptr_array_unref);
  g_free (work->out);
  g_free (work);
}

static GTask *
task_new (CytSession *self, gpointer tag, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data,
          Work **made)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Work *work = *made = g_new0 (Work, 1);

  work->path = g_strdup (self->path);
  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, work, (GDestroyNotify) work_free);
  return task;
}

static gboolean
is_interrupted (const Work *work)
{
  g_autofree char *journal = cyt_measuring_dup_journal_path (work->path);

  return g_file_test (journal, G_FILE_TEST_EXISTS);
}

/* ---- What was measured ---- */

static gboolean
load_rows (CytProject *project, gint64 dataset, CytMeasures *sae, GError **error)
{
  gboolean measured;

  sae->rows = g_new (CytMeasuresRow, sae->n_latents);
  return cyt_project_load_measures_rows (project, dataset, sae->rows, &measured, error);
}

static CytMeasureView *
load (const Work *work, GError **error)
{
  g_autoptr (CytMeasureView) view = g_new0 (CytMeasureView, 1);
  g_autoptr (CytProject) project = cyt_project_open (work->path, CYT_PROJECT_READ_ONLY, error);
  g_autoptr (CytDataset) dataset = project != NULL ? cyt_project_find_dataset (project, work->plan.dataset, error) : NULL;

  if (dataset == NULL)
    return NULL;
  view->measures = cyt_project_list_measures (project, dataset->id, &view->at, &view->embedding, error);
  if (view->measures == NULL
      || (view->measures->len > 0 && !load_rows (project, dataset->id, view->measures->pdata[0], error)))
    return NULL;
  view->interrupted = is_interrupted (work);
  return g_steal_pointer (&view);
}

static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  CytMeasureView *view = load (data, &error);

  if (view != NULL)
    g_task_return_pointer (task, view, (GDestroyNotify) cyt_measure_view_free);
  else
    g_task_return_error (task, error);
}

void
cyt_session_load_measures_async (CytSession *self, const char *dataset, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Work *work;

  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL && dataset != NULL);

  task = task_new (self, cyt_session_load_measures_async, NULL, callback, user_data, &work);
  work->plan.dataset = g_strdup (dataset);
  g_task_run_in_thread (task, load_thread);
}

CytMeasureView *
cyt_session_load_measures_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- Measuring ---- */

static void
measure_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Work *work = data;
  CytMeasuringOptions options = CYT_MEASURING_OPTIONS_INIT;
  GError *error = NULL;
  g_autoptr (CytMeasuring) measured = NULL;
  CytMeasureView *view;

  options.dataset = work->plan.dataset;
  options.baselines = work->plan.baselines;
  options.masks = work->plan.masks;
  options.mask_names = work->plan.mask_names;
  measured = cyt_measuring_run (work->path, &options, work->progress, cancellable, &error);
  if (measured == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  view = g_new0 (CytMeasureView, 1);
  view->measures = g_steal_pointer (&measured->measures);
  view->embedding = g_steal_pointer (&measured->embedding);
  view->at = g_get_real_time ();
  g_task_return_pointer (task, view, (GDestroyNotify) cyt_measure_view_free);
}

void
cyt_session_measure_async (CytSession *self, const CytMeasurePlan *plan, CytProgress *progress, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Work *work;

  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL && plan != NULL && progress != NULL);

  task = task_new (self, cyt_session_measure_async, cancellable, callback, user_data, &work);
  work->plan.dataset = g_strdup (plan->dataset);
  work->plan.baselines = plan->baselines;
  work->plan.masks = g_strdup (plan->masks);
  work->plan.mask_names = g_strdup (plan->mask_names);
  work->progress = progress;
  g_task_run_in_thread (task, measure_thread);
}

CytMeasureView *
cyt_session_measure_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  const Work *work = g_task_get_task_data (G_TASK (result));
  CytMeasureView *view = g_task_propagate_pointer (G_TASK (result), error);

  if (view != NULL && self->project != NULL && g_strcmp0 (self->path, work->path) == 0)
    cyt_session_load_view (self, NULL, FALSE);
  return view;
}

/* ---- The file ---- */

static void
write_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Work *work = data;
  GError *error = NULL;

  if (cyt_measures_write_csv (work->measures, work->out, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
cyt_session_write_measures_async (CytSession *self, GPtrArray *measures, const char *path,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Work *work;

  g_return_if_fail (CYT_IS_SESSION (self) && measures != NULL && path != NULL);

  task = task_new (self, cyt_session_write_measures_async, NULL, callback, user_data, &work);
  work->measures = g_ptr_array_ref (measures);
  work->out = g_strdup (path);
  g_task_run_in_thread (task, write_thread);
}

gboolean
cyt_session_write_measures_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
