/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "io/cyt-error.h"

#include "cyt-project-jobs-inspect.h"
#include "cyt-session-private.h"

/* Cells like the one that is looked at. */
#define N_SIMILAR 12

#define CACHE_BYTES ((gsize) 64 << 20)
/* No cell image is that large; a film that somebody drops is. */
#define MAX_FILE_BYTES ((goffset) 512 << 20)

/* The state of the worker that looks at single cells: a thread beside the engine, so that a cell is not kept
 * waiting by a run of the indexer; the weights are the same ones. */
typedef struct
{
  CytModelStore *store;
  CytSharedModels *models;   /* those the cache is about */
  CytAnalysisCache *cache;
} Inspector;

static Inspector *
inspector_new (CytModelStore *store)
{
  Inspector *self = g_new0 (Inspector, 1);

  self->store = cyt_model_store_ref (store);
  self->cache = cyt_analysis_cache_new (CACHE_BYTES);
  return self;
}

static void
inspector_free (Inspector *self)
{
  cyt_analysis_cache_free (self->cache);
  g_clear_pointer (&self->models, cyt_shared_models_unref);
  cyt_model_store_unref (self->store);
  g_free (self);
}

typedef struct
{
  char *path;                /* of the image */
  CytModelFiles *files;      /* NULL: published */
} Request;

static void
request_free (Request *self)
{
  g_free (self->path);
  g_clear_pointer (&self->files, cyt_model_files_unref);
  g_free (self);
}

/* ---- On the inspector's thread ---- */

static GBytes *
read_file (const char *path, GError **error)
{
  g_autofree char *display = g_filename_display_name (path);
  GStatBuf st;
  char *content;
  gsize length;

  if (g_stat (path, &st) == 0 && S_ISREG (st.st_mode) && st.st_size > MAX_FILE_BYTES)
    {
      g_autofree char *size = g_format_size (st.st_size), *most = g_format_size (MAX_FILE_BYTES);

      g_set_error (error, CYT_IMAGE_ERROR, CYT_IMAGE_ERROR_TOO_LARGE,
                   "%s: expected the image of a cell, at most %s, found %s", display, most, size);
      return NULL;
    }
  if (!g_file_get_contents (path, &content, &length, error))
    return NULL;
  return g_bytes_new_take (content, length);
}

static gboolean
take_models (Inspector *self, const Request *request, GCancellable *cancellable, GError **error)
{
  CytSharedModels *models;

  if (request->files == NULL)
    {
      g_set_error_literal (error, CYT_MODELS_ERROR, CYT_MODELS_ERROR_PUBLISHED,
                           _("The models are not part of published statistics"));
      return FALSE;
    }
  models = cyt_model_store_get (self->store, request->files, cancellable, error);
  if (models == NULL)
    return FALSE;
  if (models != self->models)
    cyt_analysis_cache_clear (self->cache);
  g_clear_pointer (&self->models, cyt_shared_models_unref);
  self->models = models;
  return TRUE;
}

static gpointer
analyse_job (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  Inspector *self = state;
  const Request *request = data;
  g_autoptr (GBytes) bytes = read_file (request->path, error);
  g_autofree char *sha256 = NULL;
  g_autoptr (CytImage) image = NULL;
  CytCellAnalysis *analysis;
  CytTokenLatents *latents;

  if (bytes == NULL || !take_models (self, request, cancellable, error))
    return NULL;
  sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  analysis = cyt_analysis_cache_lookup (self->cache, sha256);
  if (analysis != NULL)
    return analysis;
  image = cyt_image_load_bytes (bytes, request->path, error);
  if (image == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  latents = cyt_token_latents_compute (self->models->models->encoder, self->models->models->sae,
                                       request->files->block, 0, image, error);
  if (latents == NULL)
    return NULL;
  analysis = cyt_cell_analysis_new (sha256, image->width, image->height, latents);
  cyt_analysis_cache_insert (self->cache, analysis);
  return analysis;
}

/* ---- On the main thread ---- */

static CytWorker *
get_inspector (CytSession *self)
{
  if (self->inspect.inspector == NULL)
    self->inspect.inspector = cyt_worker_new ("inspector", inspector_new (self->model_store), (GDestroyNotify) inspector_free);
  return self->inspect.inspector;
}

void
cyt_session_analyse_cell_async (CytSession *self, const char *path, int priority, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  Request *request;

  g_return_if_fail (CYT_IS_SESSION (self) && path != NULL);

  request = g_new0 (Request, 1);
  request->path = g_strdup (path);
  request->files = self->model_files != NULL ? cyt_model_files_ref (self->model_files) : NULL;
  cyt_worker_run_async (get_inspector (self), analyse_job, request, (GDestroyNotify) request_free,
                        (GDestroyNotify) cyt_cell_analysis_unref, priority, cyt_session_analyse_cell_async,
                        cancellable, callback, user_data);
}

CytCellAnalysis *
cyt_session_analyse_cell_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), NULL);
  return cyt_worker_run_finish (self->inspect.inspector, result, error);
}

/* ---- The cell that is looked at ---- */

static CytWorker *
get_reader (CytSession *self)
{
  if (self->inspect.reader == NULL)
    self->inspect.reader = cyt_worker_new ("reader", cyt_project_reader_new (self->path),
                                           (GDestroyNotify) cyt_project_reader_free);
  return self->inspect.reader;
}

static void
drop_jobs (CytSession *self)
{
  CytSessionInspect *inspect = &self->inspect;

  g_cancellable_cancel (inspect->cancellable);
  g_clear_object (&inspect->cancellable);
  g_cancellable_cancel (inspect->latent_cancellable);
  g_clear_object (&inspect->latent_cancellable);
}

/* What a callback needs: the session, and the inspection that asked. */
typedef struct
{
  CytSession *session;
  CytInspection *inspection;
} Question;

static Question *
question_new (CytSession *self)
{
  Question *question = g_new0 (Question, 1);

  question->session = g_object_ref (self);
  question->inspection = g_object_ref (self->inspect.inspection);
  return question;
}

static void
question_free (Question *self)
{
  g_object_unref (self->session);
  g_object_unref (self->inspection);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static void
top_entry_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GPtrArray) found = cyt_worker_run_finish (CYT_WORKER (source), result, NULL);
  CytTopCell *top;

  if (found == NULL || found->len == 0)
    return;
  top = g_memdup2 (found->pdata[0], sizeof *top);
  cyt_inspection_take_stored_map (question->inspection, top->map.latent, top);
}

static void
scores_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  CytLatentScores *scores = cyt_worker_run_finish (CYT_WORKER (source), result, &error);

  if (scores == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        cyt_session_emit_problem (question->session, error->message);
      return;
    }
  cyt_inspection_take_scores (question->inspection, scores);
}

/* What the project knows of the selected latent in this cell and in the others. */
static void
load_latent (CytSession *self)
{
  CytSessionInspect *inspect = &self->inspect;
  CytInspection *inspection = inspect->inspection;
  const CytCellFacts *facts = cyt_inspection_get_facts (inspection);
  gint64 latent = cyt_inspection_get_latent (inspection);

  g_cancellable_cancel (inspect->latent_cancellable);
  g_clear_object (&inspect->latent_cancellable);
  if (facts == NULL || latent < 0)
    return;
  inspect->latent_cancellable = g_cancellable_new ();
  if (cyt_inspection_get_analysis (inspection) == NULL)
    cyt_worker_run_async (self->project, cyt_project_job_load_top_entry,
                          cyt_cell_request_new (facts->dataset->id, facts->cell->id, latent, NULL),
                          (GDestroyNotify) cyt_cell_request_free, (GDestroyNotify) g_ptr_array_unref,
                          G_PRIORITY_HIGH, load_latent, inspect->latent_cancellable, top_entry_cb,
                          question_new (self));
  if (facts->latents.n > 0)
    cyt_session_load_scores_async (self, facts->dataset->id, latent, inspect->latent_cancellable, scores_cb,
                                   question_new (self));
}

static void
similar_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  GPtrArray *similar = cyt_worker_run_finish (CYT_WORKER (source), result, NULL);

  if (similar != NULL)
    cyt_inspection_take_similar (question->inspection, similar);
}

/* After everything else: it reads every cell. A file that is not in the project is compared with the data set that shows. */
static void
load_similar (CytSession *self)
{
  CytInspection *inspection = self->inspect.inspection;
  const CytCellFacts *facts = cyt_inspection_get_facts (inspection);
  const CytDataset *dataset = facts != NULL ? facts->dataset : cyt_session_get_dataset (self);
  const CytCellLatents *latents = cyt_inspection_get_latents (inspection);

  if (latents == NULL || dataset == NULL || cyt_inspection_get_similar (inspection) != NULL)
    return;
  cyt_worker_run_async (get_reader (self), cyt_project_job_load_similar,
                        cyt_similar_request_new (dataset->id, facts != NULL ? facts->cell->id : 0, N_SIMILAR, latents),
                        (GDestroyNotify) cyt_similar_request_free, (GDestroyNotify) g_ptr_array_unref,
                        G_PRIORITY_LOW, load_similar, self->inspect.cancellable, similar_cb, question_new (self));
}

/* The file turned out to be a cell of the project, or not. */
static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  CytSession *self = question->session;
  g_autoptr (GError) error = NULL;
  CytCellFacts *facts = cyt_worker_run_finish (CYT_WORKER (source), result, &error);

  if (facts != NULL)
    cyt_inspection_take_facts (question->inspection, facts);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  else if (!g_error_matches (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND))
    cyt_session_emit_problem (self, error->message);
  if (self->inspect.inspection != question->inspection)
    return;
  load_latent (self);
  load_similar (self);
}

static void
analysed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  CytSession *self = question->session;
  g_autoptr (GError) error = NULL;
  CytCellAnalysis *analysis = cyt_worker_run_finish (CYT_WORKER (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (analysis != NULL)
    cyt_inspection_take_analysis (question->inspection, analysis);
  else
    cyt_inspection_take_error (question->inspection, g_steal_pointer (&error));
  if (self->inspect.inspection != question->inspection)
    return;
  if (analysis != NULL && cyt_inspection_get_facts (question->inspection) == NULL)
    cyt_worker_run_async (self->project, cyt_project_job_find_facts, g_strdup (analysis->sha256), g_free,
                          (GDestroyNotify) cyt_cell_facts_free, G_PRIORITY_HIGH, NULL, self->inspect.cancellable,
                          found_cb, question_new (self));
  else
    load_similar (self);
}

static void
analyse (CytSession *self)
{
  cyt_session_analyse_cell_async (self, cyt_inspection_get_path (self->inspect.inspection), G_PRIORITY_HIGH,
                                  self->inspect.cancellable, analysed_cb, question_new (self));
}

static void
facts_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  CytSession *self = question->session;
  g_autoptr (GError) error = NULL;
  CytCellFacts *facts = cyt_worker_run_finish (CYT_WORKER (source), result, &error);

  if (facts == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        cyt_inspection_take_error (question->inspection, g_steal_pointer (&error));
      return;
    }
  cyt_inspection_take_facts (question->inspection, facts);
  if (self->inspect.inspection != question->inspection)
    return;
  load_latent (self);
  analyse (self);
}

static void
selection_cb (CytSession *self)
{
  CytInspection *inspection = self->inspect.inspection;

  if (cyt_inspection_get_scores (inspection) == NULL
      && self->inspect.asked_latent != cyt_inspection_get_latent (inspection))
    {
      self->inspect.asked_latent = cyt_inspection_get_latent (inspection);
      load_latent (self);
    }
}

void
cyt_session_set_inspection (CytSession *self, CytInspection *inspection)
{
  CytSessionInspect *inspect = &self->inspect;

  if (inspection == inspect->inspection)
    return;
  drop_jobs (self);
  g_set_object (&inspect->inspection, inspection);
  if (inspection != NULL)
    {
      inspect->cancellable = g_cancellable_new ();
      inspect->asked_latent = cyt_inspection_get_latent (inspection);
      if (cyt_inspection_get_id (inspection) > 0 && cyt_inspection_get_facts (inspection) == NULL)
        cyt_worker_run_async (self->project, cyt_project_job_load_facts,
                              cyt_cell_request_new (0, cyt_inspection_get_id (inspection), 0, NULL),
                              (GDestroyNotify) cyt_cell_request_free, (GDestroyNotify) cyt_cell_facts_free,
                              G_PRIORITY_HIGH, cyt_session_set_inspection, inspect->cancellable, facts_cb,
                              question_new (self));
      else
        {
          if (cyt_inspection_get_scores (inspection) == NULL)
            load_latent (self);
          if (cyt_inspection_get_analysis (inspection) == NULL)
            analyse (self);
        }
    }
  g_signal_group_set_target (inspect->watch, inspection);
  cyt_session_notify (self, CYT_SESSION_PROP_INSPECTION);
}

void
cyt_session_watch_inspection (CytSession *self, const char *signal, GCallback callback, gpointer object)
{
  g_return_if_fail (CYT_IS_SESSION (self));
  g_signal_group_connect_object (self->inspect.watch, signal, callback, object, G_CONNECT_SWAPPED);
}

CytInspection *
cyt_session_get_inspection (CytSession *self)
{
  g_return_val_if_fail (CYT_IS_SESSION (self), NULL);
  return self->inspect.inspection;
}

/* The map that shows first is that of the concept from which one came. */
static gint64
get_first_latent (CytSession *self)
{
  return self->inspect.inspection != NULL ? cyt_inspection_get_latent (self->inspect.inspection)
                                          : cyt_latent_model_get_selected (self->latents);
}

void
cyt_session_inspect_cell (CytSession *self, gint64 cell)
{
  g_autoptr (CytInspection) inspection = NULL;

  g_return_if_fail (CYT_IS_SESSION (self) && self->state == CYT_SESSION_OPEN && cell > 0);

  if (self->inspect.inspection != NULL && cyt_inspection_get_id (self->inspect.inspection) == cell)
    return;
  inspection = cyt_inspection_new (cell, NULL, get_first_latent (self));
  cyt_session_remember_place (self);
  cyt_session_set_inspection (self, inspection);
}

void
cyt_session_inspect_file (CytSession *self, const char *path)
{
  g_autoptr (CytInspection) inspection = NULL;

  g_return_if_fail (CYT_IS_SESSION (self) && self->state == CYT_SESSION_OPEN && path != NULL);

  inspection = cyt_inspection_new (0, path, get_first_latent (self));
  cyt_session_remember_place (self);
  cyt_session_set_inspection (self, inspection);
}

/* ---- Models that moved ---- */

typedef struct
{
  CytSession *session;
  char *role;
  char *path;
  char *sha256;
} Choice;

static void
choice_free (Choice *self)
{
  g_clear_object (&self->session);
  g_free (self->role);
  g_free (self->path);
  g_free (self->sha256);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Choice, choice_free)

static gpointer
verify_job (gpointer state, gpointer data, GCancellable *cancellable, GError **error)
{
  const Choice *choice = data;

  return GINT_TO_POINTER (cyt_model_verify (choice->role, choice->path, choice->sha256, cancellable, error));
}

static void
path_saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytSession) self = user_data;
  g_autoptr (GError) error = NULL;

  if (cyt_worker_run_finish (CYT_WORKER (source), result, &error) == NULL
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    cyt_session_emit_problem (self, error->message);
}

static void
verified_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Choice) choice = user_data;
  CytSession *self = choice->session;
  g_autoptr (GError) error = NULL;
  CytModelFiles *old = self->model_files;
  gboolean is_encoder = g_str_equal (choice->role, "encoder");

  if (cyt_worker_run_finish (CYT_WORKER (source), result, &error) == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        cyt_session_emit_failed (self, is_encoder ? _("This Is Not the Encoder") : _("This Is Not the Autoencoder"),
                                 error->message);
      return;
    }
  self->model_files = cyt_model_files_new (is_encoder ? choice->path : old->encoder_path, old->encoder_sha256,
                                           is_encoder ? old->sae_path : choice->path, old->sae_sha256, old->block);
  cyt_model_files_unref (old);
  if (!self->read_only)
    cyt_worker_run_async (self->project, cyt_project_job_set_model_path,
                          cyt_model_path_request_new (choice->role, choice->path),
                          (GDestroyNotify) cyt_model_path_request_free, NULL, G_PRIORITY_DEFAULT, verified_cb,
                          self->cancellable, path_saved_cb, g_object_ref (self));
  if (self->inspect.inspection != NULL)
    analyse (self);
}

void
cyt_session_choose_model (CytSession *self, const char *role, const char *path)
{
  Choice *choice, *question;

  g_return_if_fail (CYT_IS_SESSION (self) && self->model_files != NULL);

  choice = g_new0 (Choice, 1);
  choice->role = g_strdup (role);
  choice->path = g_canonicalize_filename (path, NULL);
  choice->sha256 = g_strdup (g_str_equal (role, "encoder") ? self->model_files->encoder_sha256
                                                           : self->model_files->sae_sha256);
  question = g_new0 (Choice, 1);
  question->session = g_object_ref (self);
  question->role = g_strdup (choice->role);
  question->path = g_strdup (choice->path);
  cyt_worker_run_async (get_inspector (self), verify_job, choice, (GDestroyNotify) choice_free, NULL, G_PRIORITY_DEFAULT,
                        cyt_session_choose_model, self->cancellable, verified_cb, question);
}

/* ---- All cells ---- */

void
cyt_session_load_table_async (CytSession *self, gint64 dataset, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && self->state == CYT_SESSION_OPEN);

  cyt_worker_run_async (get_reader (self), cyt_project_job_load_table, cyt_cell_request_new (dataset, 0, 0, NULL),
                        (GDestroyNotify) cyt_cell_request_free, (GDestroyNotify) cyt_cell_table_unref,
                        G_PRIORITY_HIGH, cyt_session_load_table_async, cancellable, callback, user_data);
}

CytCellTable *
cyt_session_load_table_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  return cyt_worker_run_finish (self->inspect.reader, result, error);
}

void
cyt_session_load_cell_thumbnail_async (CytSession *self, gint64 cell, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && self->state == CYT_SESSION_OPEN);

  cyt_worker_run_async (self->project, cyt_project_job_load_cell_thumbnail, cyt_cell_request_new (0, cell, 0, NULL),
                        (GDestroyNotify) cyt_cell_request_free, (GDestroyNotify) g_ptr_array_unref, G_PRIORITY_DEFAULT,
                        cyt_session_load_cell_thumbnail_async, cancellable, callback, user_data);
}

void
cyt_session_load_scores_async (CytSession *self, gint64 dataset, guint latent, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CYT_IS_SESSION (self) && self->state == CYT_SESSION_OPEN);

  cyt_worker_run_async (get_reader (self), cyt_project_job_load_scores,
                        cyt_cell_request_new (dataset, 0, latent, NULL), (GDestroyNotify) cyt_cell_request_free,
                        (GDestroyNotify) cyt_latent_scores_free, G_PRIORITY_DEFAULT, cyt_session_load_scores_async,
                        cancellable, callback, user_data);
}

CytLatentScores *
cyt_session_load_scores_finish (CytSession *self, GAsyncResult *result, GError **error)
{
  return cyt_worker_run_finish (self->inspect.reader, result, error);
}

void
cyt_session_inspect_init (CytSession *self)
{
  self->inspect.watch = g_signal_group_new (CYT_TYPE_INSPECTION);
  g_signal_group_connect_swapped (self->inspect.watch, "selection-changed", G_CALLBACK (selection_cb), self);
}

void
cyt_session_inspect_dispose (CytSession *self)
{
  drop_jobs (self);
  g_clear_object (&self->inspect.watch);
  g_clear_object (&self->inspect.inspection);
  g_clear_object (&self->inspect.inspector);
  g_clear_object (&self->inspect.reader);
}
