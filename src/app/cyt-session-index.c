/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "project/cyt-demo.h"
#include "project/cyt-published.h"

#include "cyt-format.h"
#include "cyt-session-private.h"

#define POLL_MS 150
#define ENGINE_NICE 10

/* One run of the indexer. The engine's thread reads the plan and writes through progress; everything
 * else is the main thread's. */
struct _CytIndexRun
{
  gatomicrefcount ref_count;
  GWeakRef session;
  CytProjectPlan *plan;          /* images NULL: continue the data set with the project's own list */
  CytProgress *progress;
  GCancellable *cancellable;
  int commit_pending;            /* atomic: an idle for a commit is on its way */
};

CytProjectPlan *
cyt_project_plan_new (void)
{
  return g_new0 (CytProjectPlan, 1);
}

void
cyt_project_plan_free (CytProjectPlan *self)
{
  g_free (self->project);
  g_free (self->encoder);
  g_free (self->sae);
  g_strfreev (self->images);
  g_free (self->dataset);
  g_free (self->domain);
  g_free (self->demo);
  g_free (self->published);
  g_free (self);
}

static CytIndexRun *
run_ref (CytIndexRun *run)
{
  g_atomic_ref_count_inc (&run->ref_count);
  return run;
}

static void
run_unref (CytIndexRun *run)
{
  if (!g_atomic_ref_count_dec (&run->ref_count))
    return;
  g_weak_ref_clear (&run->session);
  cyt_project_plan_free (run->plan);
  cyt_progress_free (run->progress);
  g_object_unref (run->cancellable);
  g_free (run);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytIndexRun, run_unref)

/* ---- On the engine's thread ---- */

static gboolean
commit_idle_cb (gpointer user_data)
{
  CytIndexRun *run = user_data;
  g_autoptr (CytSession) self = g_weak_ref_get (&run->session);

  g_atomic_int_set (&run->commit_pending, 0);
  if (self != NULL && self->run == run)
    cyt_session_load_view (self, self->state == CYT_SESSION_OPEN ? NULL : self->path, FALSE);
  return G_SOURCE_REMOVE;
}

static void
commit_cb (gsize n_done, gpointer user_data)
{
  CytIndexRun *run = user_data;

  if (g_atomic_int_compare_and_exchange (&run->commit_pending, 0, 1))
    g_main_context_invoke_full (NULL, G_PRIORITY_DEFAULT_IDLE, commit_idle_cb, run_ref (run),
                                (GDestroyNotify) run_unref);
}

void
cyt_session_engine_give_way (void)
{
  setpriority (PRIO_PROCESS, (id_t) syscall (SYS_gettid), ENGINE_NICE);
}

static gpointer
index_job (gpointer data, gpointer user_data, GCancellable *cancellable, GError **error)
{
  CytModelStore *store = data;
  CytIndexRun *run = user_data;
  const CytProjectPlan *plan = run->plan;
  CytIndexOptions options = CYT_INDEX_OPTIONS_INIT;
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (CytModelFiles) files = NULL;
  g_autoptr (CytSharedModels) models = NULL;

  cyt_session_engine_give_way ();
  if (plan->demo != NULL)
    {
      const CytDemoOptions demo = CYT_DEMO_OPTIONS_INIT;

      return GINT_TO_POINTER (cyt_demo_run (plan->demo, &demo, run->progress, commit_cb, run, cancellable, error));
    }

  if (plan->published != NULL)
    {
      const CytPublishedOptions published = { plan->dataset, plan->domain, 0 };

      return GINT_TO_POINTER (cyt_published_import (plan->published, plan->images[0], plan->project, &published,
                                                    run->progress, cancellable, error));
    }

  options.dataset = plan->dataset;
  options.domain = plan->domain;
  options.pixel_size = plan->pixel_size;
  if (plan->images != NULL)
    list = cyt_image_list_new ((const char *const *) plan->images, error);
  else
    {
      project = cyt_project_open (plan->project, CYT_PROJECT_READ_ONLY, error);
      if (project == NULL)
        return NULL;
      dataset = cyt_project_find_dataset (project, plan->dataset, error);
      if (dataset == NULL)
        return NULL;
      options.n_top = dataset->n_top;
      options.threshold = dataset->threshold;
      list = cyt_project_load_image_list (project, dataset->id, error);
      g_clear_pointer (&project, cyt_project_close);
    }
  if (list == NULL)
    return NULL;

  /* Not by identity: the indexer says itself, in words of its own, that a project was made with other models. */
  files = cyt_model_files_new (plan->encoder, NULL, plan->sae, NULL, 0);
  models = cyt_model_store_get (store, files, cancellable, error);
  if (models == NULL)
    return NULL;
  if (!cyt_indexer_run (plan->project, models->models, list, &options, run->progress, commit_cb, run,
                        cancellable, error))
    return NULL;
  return GINT_TO_POINTER (TRUE);
}

/* ---- On the main thread ---- */

static void
set_status (CytSession *self, double progress, char *text)
{
  if (progress != self->progress || progress < 0) /* unknown progress moves all the same */
    {
      self->progress = progress;
      cyt_session_notify (self, CYT_SESSION_PROP_PROGRESS);
    }
  if (g_strcmp0 (text, self->status_text) != 0)
    {
      g_free (self->status_text);
      self->status_text = text;
      cyt_session_notify (self, CYT_SESSION_PROP_STATUS_TEXT);
    }
  else
    g_free (text);
}

static void
set_n_failed (CytSession *self, guint n_failed)
{
  if (n_failed == self->n_failed)
    return;
  self->n_failed = n_failed;
  cyt_session_notify (self, CYT_SESSION_PROP_N_FAILED);
}

static gboolean
poll_cb (gpointer user_data)
{
  CytSession *self = user_data;
  CytProgressState state;
  g_autofree char *done = NULL, *total = NULL, *rate = NULL, *left = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  cyt_progress_get (self->run->progress, &state);
  if (g_cancellable_is_cancelled (self->run->cancellable))
    {
      set_status (self, self->progress, g_strdup (_("Stopping after the cells under way…")));
      return G_SOURCE_CONTINUE;
    }
  if (state.n_total == 0)
    {
      set_status (self, -1,
                  g_strdup (self->run->plan->published != NULL ? _("Reading the published statistics…")
                                                               : _("Reading the images’ list and the models…")));
      return G_SOURCE_CONTINUE;
    }
  done = cyt_format_count (state.n_done);
  total = cyt_format_count (state.n_total);
  if (self->run->plan->demo != NULL)
    /* Translators: number of steps done, number of all steps; each cell is two of them */
    g_string_append_printf (text, _("Drawing and indexing simulated cells: %s of %s steps"), done, total);
  else if (self->run->plan->published != NULL)
    /* Translators: number of images done, number of all images */
    g_string_append_printf (text, _("Importing published results: %s of %s images"), done, total);
  else
    /* Translators: data set, number of cells done, number of all cells */
    g_string_append_printf (text, _("Indexing %s: %s of %s cells"), self->run->plan->dataset, done, total);
  if (state.rate > 0 && self->run->plan->demo == NULL)
    {
      rate = cyt_format_number (state.rate);
      g_string_append (text, " · ");
      g_string_append_printf (text, _("%s cells/s"), rate);
    }
  if (state.seconds_left >= 0 && state.n_done < state.n_total)
    {
      left = cyt_format_duration (state.seconds_left);
      g_string_append (text, " · ");
      g_string_append_printf (text, _("%s left"), left);
    }
  set_n_failed (self, state.n_failed);
  set_status (self, (double) state.n_done / state.n_total, g_strdup (text->str));
  return G_SOURCE_CONTINUE;
}

gboolean
cyt_session_is_published (CytSession *self)
{
  const CytDataset *dataset;

  g_return_val_if_fail (CYT_IS_SESSION (self), FALSE);

  dataset = cyt_session_get_dataset (self);
  return dataset != NULL && isnan (dataset->threshold);
}

void
cyt_session_index_update (CytSession *self)
{
  const CytDataset *dataset = cyt_session_get_dataset (self);
  g_autofree char *indexed = NULL, *total = NULL, *active = NULL;
  gboolean can_continue;
  gsize n_active;

  if (self->run != NULL)
    return;
  can_continue = dataset != NULL && !cyt_session_is_published (self) && dataset->n_transposed < dataset->n_cells
                 && !self->read_only;
  if (can_continue != self->can_continue)
    {
      self->can_continue = can_continue;
      cyt_session_notify (self, CYT_SESSION_PROP_CAN_CONTINUE);
    }
  if (dataset == NULL)
    {
      set_n_failed (self, 0);
      set_status (self, 0, g_strdup (""));
      return;
    }
  set_n_failed (self, dataset->n_failed);
  indexed = cyt_format_count (dataset->n_indexed);
  total = cyt_format_count (dataset->n_cells);
  if (dataset->n_indexed < dataset->n_cells || can_continue)
    {
      set_status (self, (double) dataset->n_indexed / MAX (1, dataset->n_cells),
                  g_strdup_printf (_("%s: %s of %s cells are indexed"), dataset->name, indexed, total));
      return;
    }
  n_active = cyt_latent_model_get_n_latents (self->latents) - cyt_latent_model_get_n_silent (self->latents);
  active = cyt_format_count (n_active);
  set_status (self, 1, g_strdup_printf (_("%s: %s cells, %s active latents"), dataset->name, total, active));
}

static void
index_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytIndexRun) run = user_data;
  g_autoptr (CytSession) self = g_weak_ref_get (&run->session);
  g_autoptr (GError) error = NULL;
  gboolean ok, was_cancelled;

  ok = cyt_worker_run_finish (CYT_WORKER (source), result, &error) != NULL;
  if (self == NULL || self->run != run)
    return;
  was_cancelled = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_clear_handle_id (&self->progress_source, g_source_remove);
  g_clear_pointer (&self->run, run_unref);
  cyt_session_notify (self, CYT_SESSION_PROP_INDEXING);

  if (self->state == CYT_SESSION_OPEN)
    {
      cyt_session_index_update (self);
      cyt_session_load_view (self, NULL, FALSE);
      if (ok)
        cyt_session_emit_toast (self, _("All cells are indexed"));
      else if (was_cancelled)
        cyt_session_emit_toast (self, _("Indexing was stopped; it can be continued at any time"));
      else
        cyt_session_emit_problem (self, error->message);
      return;
    }

  /* It ended before anything could be shown. What is in the file may be opened all the same. */
  if (g_file_test (run->plan->project, G_FILE_TEST_EXISTS) && (ok || was_cancelled))
    {
      cyt_session_load_view (self, run->plan->project, FALSE);
      return;
    }
  set_status (self, 0, g_strdup (""));
  cyt_session_set_state (self, CYT_SESSION_EMPTY);
  cyt_session_set_path (self, NULL);
  cyt_session_set_simulated (self, FALSE);
  if (!was_cancelled)
    cyt_session_emit_failed (self,
                             run->plan->demo != NULL        ? _("The Demonstration Could Not Be Made")
                             : run->plan->published != NULL ? _("The Results Could Not Be Imported")
                                                            : _("The Cells Could Not Be Indexed"),
                             error != NULL ? error->message : _("No reason was given"));
}

CytWorker *
cyt_session_get_engine (CytSession *self)
{
  if (self->engine == NULL)
    self->engine = cyt_worker_new ("engine", cyt_model_store_ref (self->model_store),
                                   (GDestroyNotify) cyt_model_store_unref);
  return self->engine;
}

/* Takes @plan. */
static void
start_run (CytSession *self, CytProjectPlan *plan)
{
  CytIndexRun *run = g_new0 (CytIndexRun, 1);

  g_atomic_ref_count_init (&run->ref_count);
  g_weak_ref_init (&run->session, self);
  run->plan = plan;
  run->progress = cyt_progress_new ();
  run->cancellable = g_cancellable_new ();
  self->run = run;
  if (self->can_continue)
    {
      self->can_continue = FALSE;
      cyt_session_notify (self, CYT_SESSION_PROP_CAN_CONTINUE);
    }
  cyt_session_notify (self, CYT_SESSION_PROP_INDEXING);
  poll_cb (self);
  self->progress_source = g_timeout_add (POLL_MS, poll_cb, self);
  cyt_worker_run_async (cyt_session_get_engine (self), index_job, run_ref (run), (GDestroyNotify) run_unref, NULL,
                        G_PRIORITY_DEFAULT, start_run, run->cancellable, index_done_cb, run_ref (run));
}

void
cyt_session_create (CytSession *self, CytProjectPlan *plan)
{
  g_return_if_fail (CYT_IS_SESSION (self) && self->state == CYT_SESSION_EMPTY && self->run == NULL);

  cyt_session_set_path (self, plan->project);
  cyt_session_set_state (self, CYT_SESSION_OPENING);
  start_run (self, plan);
}

void
cyt_session_create_demo (CytSession *self, const char *folder)
{
  CytProjectPlan *plan;

  g_return_if_fail (CYT_IS_SESSION (self) && folder != NULL);

  plan = cyt_project_plan_new ();
  plan->project = cyt_demo_dup_project_path (folder);
  plan->demo = g_strdup (folder);
  cyt_session_set_simulated (self, TRUE);
  cyt_session_create (self, plan);
}

void
cyt_session_continue_index (CytSession *self)
{
  const CytDataset *dataset = cyt_session_get_dataset (self);
  CytProjectPlan *plan;

  g_return_if_fail (CYT_IS_SESSION (self) && dataset != NULL && self->run == NULL);

  plan = cyt_project_plan_new ();
  plan->project = g_strdup (self->path);
  plan->encoder = g_strdup (self->model_files->encoder_path);
  plan->sae = g_strdup (self->model_files->sae_path);
  plan->dataset = g_strdup (dataset->name);
  plan->domain = g_strdup (dataset->domain);
  start_run (self, plan);
}

void
cyt_session_cancel_index (CytSession *self)
{
  g_return_if_fail (CYT_IS_SESSION (self));

  if (self->run == NULL)
    return;
  g_cancellable_cancel (self->run->cancellable);
  poll_cb (self);
}

gboolean
cyt_session_is_indexing (CytSession *self)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), FALSE);
  return self->run != NULL;
}

void
cyt_session_index_init (CytSession *self)
{
  self->status_text = g_strdup ("");
}

void
cyt_session_index_dispose (CytSession *self)
{
  g_clear_handle_id (&self->progress_source, g_source_remove);
  if (self->run != NULL)
    g_cancellable_cancel (self->run->cancellable);
  g_clear_pointer (&self->run, run_unref);
  g_clear_object (&self->engine);
}
