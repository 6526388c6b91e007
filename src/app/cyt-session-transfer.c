/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "figures/cyt-transfer-figure.h"

#include "cyt-project-jobs-share.h"
#include "cyt-session-private.h"
#include "cyt-session-transfer.h"

void
cyt_transfer_view_free (CytTransferView *self)
{
  if (self == NULL)
    return;
  cyt_transfer_unref (self->transfer);
  g_clear_pointer (&self->latents, g_array_unref);
  g_clear_pointer (&self->cells[0], g_ptr_array_unref);
  g_clear_pointer (&self->cells[1], g_ptr_array_unref);
  g_free (self);
}

typedef struct
{
  char *path;            /* of the project */
  CytTransferPlan plan;
  CytProgress *progress; /* NULL: nobody watches */
  CytTransfer *transfer; /* that the report is of; NULL: to be computed */
  char *out;             /* the report */
} Work;

static void
work_free (Work *work)
{
  g_free (work->path);
  g_free (work->plan.train_set);
  g_free (work->plan.other);
  g_free (work->plan.test_set);
  g_free (work->plan.classes);
  g_clear_pointer (&work->progress, cyt_progress_free);
  cyt_transfer_unref (work->transfer);
  g_free (work->out);
  g_free (work);
}

static GTask *
task_new (CytSession *self, const CytTransferPlan *plan, Work **made, gpointer tag, GCancellable *cancellable,
          GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Work *work = *made = g_new0 (Work, 1);

  work->path = g_strdup (self->path);
  work->plan.train_set = g_strdup (plan->train_set);
  work->plan.other = g_strdup (plan->other);
  work->plan.test_set = g_strdup (plan->test_set);
  work->plan.classes = g_strdup (plan->classes);
  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, work, (GDestroyNotify) work_free);
  return task;
}

static CytTransferOptions
get_options (const Work *work)
{
  CytTransferOptions options = CYT_TRANSFER_OPTIONS_INIT;

  options.train_set = work->plan.train_set;
  options.test_set = work->plan.test_set;
  options.classes = work->plan.classes;
  return options;
}

static gboolean
open_projects (const Work *work, CytProject **train, CytProject **test, GError **error)
{
  *train = cyt_project_open (work->path, CYT_PROJECT_READ_ONLY, error);
  *test = *train == NULL ? NULL
                         : cyt_project_open (work->plan.other != NULL ? work->plan.other : work->path, CYT_PROJECT_READ_ONLY,
                                             error);
  return *test != NULL;
}

/* ---- Computing ---- */

/* As the report does: no latent is in both lists. */
static void
choose_latents (CytTransferView *view)
{
  const GArray *ranked = view->transfer->ranked;
  guint n_worst;

  view->n_best = MIN (CYT_TRANSFER_N_LATENTS, (ranked->len + 1) / 2);
  n_worst = MIN (CYT_TRANSFER_N_LATENTS, ranked->len - view->n_best);
  view->latents = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_vals (view->latents, ranked->data, view->n_best);
  for (guint i = 0; i < n_worst; i++)
    g_array_append_val (view->latents, g_array_index (ranked, guint32, ranked->len - 1 - i));
}

static GPtrArray *
load_cells (CytProject *project, const char *name, const GArray *latents, GError **error)
{
  g_autoptr (CytDataset) dataset = cyt_project_find_dataset (project, name, error);

  /* it was there a moment ago, under this name */
  if (dataset == NULL)
    return g_ptr_array_new ();
  return cyt_project_list_best_cells (project, dataset->id, (const guint32 *) (gpointer) latents->data, latents->len,
                                      CYT_TRANSFER_N_CELLS, error);
}

static CytTransferView *
compute (const Work *work, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytProject) train = NULL, test = NULL;
  g_autoptr (CytTransferView) view = g_new0 (CytTransferView, 1);
  const CytTransferOptions options = get_options (work);
  gboolean simulated;

  if (!open_projects (work, &train, &test, error) || !cyt_project_is_simulated (train, &view->simulated, error)
      || !cyt_project_is_simulated (test, &simulated, error))
    return NULL;
  view->simulated = view->simulated || simulated;
  view->transfer = cyt_transfer_compute (train, test, &options, work->progress, cancellable, error);
  if (view->transfer == NULL)
    return NULL;
  choose_latents (view);
  if ((view->cells[0] = load_cells (train, view->transfer->train, view->latents, error)) == NULL
      || (view->cells[1] = load_cells (test, view->transfer->test, view->latents, error)) == NULL)
    return NULL;
  return g_steal_pointer (&view);
}

static void
compute_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  CytTransferView *view = compute (data, cancellable, &error);

  if (view != NULL)
    g_task_return_pointer (task, view, (GDestroyNotify) cyt_transfer_view_free);
  else
    g_task_return_error (task, error);
}

void
cyt_session_compute_transfer_async (CytSession *self, const CytTransferPlan *plan, CytProgress *progress,
                                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Work *work;

  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL && plan != NULL);

  task = task_new (self, plan, &work, cyt_session_compute_transfer_async, cancellable, callback, user_data);
  work->progress = progress;
  g_task_run_in_thread (task, compute_thread);
}

CytTransferView *
cyt_session_compute_transfer_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- The other project ---- */

static void
list_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (data, CYT_PROJECT_READ_ONLY, &error);
  g_autoptr (GPtrArray) datasets = project != NULL ? cyt_project_list_datasets (project, &error) : NULL;
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if (datasets == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  for (guint i = 0; i < datasets->len; i++)
    g_strv_builder_add (names, ((const CytDataset *) datasets->pdata[i])->name);
  g_task_return_pointer (task, g_strv_builder_end (names), (GDestroyNotify) g_strfreev);
}

void
cyt_session_list_datasets_async (CytSession *self, const char *path, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, cyt_session_list_datasets_async);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, list_thread);
}

GStrv
cyt_session_list_datasets_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- The report ---- */

static void
write_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Work *work = data;
  g_autoptr (CytProject) train = NULL, test = NULL;
  g_autoptr (CytFigure) figure = NULL;
  const CytTransferOptions options = get_options (work);
  CytTransferFigureRequest request = CYT_TRANSFER_FIGURE_REQUEST_INIT;
  CytFigureLayout layout = { .width = CYT_FIGURE_LAYOUT_WIDTH, .dpi = CYT_FIGURE_LAYOUT_DPI };
  GError *error = NULL;

  request.options = &options;
  request.n_latents = CYT_TRANSFER_N_LATENTS;
  request.n_cells = CYT_TRANSFER_N_CELLS;
  if (open_projects (work, &train, &test, &error)
      && (figure = cyt_transfer_figure_new (train, test, work->transfer, &request, &error)) != NULL
      && cyt_figure_style_init (&layout.style, NULL, NULL, &error) && cyt_figure_write (figure, &layout, work->out, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
saved_before_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  g_task_run_in_thread (task, write_thread);
}

void
cyt_session_write_transfer_async (CytSession *self, const CytTransferPlan *plan, CytTransfer *transfer, const char *path,
                                  GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  Work *work;

  g_return_if_fail (CYT_IS_SESSION (self) && self->project != NULL && plan != NULL && transfer != NULL && path != NULL);

  task = task_new (self, plan, &work, cyt_session_write_transfer_async, cancellable, callback, user_data);
  work->transfer = cyt_transfer_ref (transfer);
  work->out = g_strdup (path);
  cyt_worker_run_async (self->project, cyt_project_job_wait, NULL, NULL, NULL, G_PRIORITY_DEFAULT,
                        cyt_session_write_transfer_async, NULL, saved_before_cb, task);
}

gboolean
cyt_session_write_transfer_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
