/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "io/cyt-error.h"

#include "cyt-session-private.h"

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
  if (self->inspector == NULL)
    self->inspector = cyt_worker_new ("inspector", inspector_new (self->model_store), (GDestroyNotify) inspector_free);
  return self->inspector;
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
  return cyt_worker_run_finish (self->inspector, result, error);
}
