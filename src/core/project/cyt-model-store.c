/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include "io/cyt-error.h"
#include "io/cyt-hash.h"
#include "project/cyt-model-store.h"

struct _CytModelStore
{
  gatomicrefcount ref_count;
  GMutex mutex;             /* held while loading: whoever wants models then wants these */
  CytSharedModels *shared;  /* NULL when none are loaded */
  char *failed;             /* what could not be loaded, of which date; NULL: nothing */
  GError *error;            /* and why */
};

/* ---- Which models ---- */

CytModelFiles *
cyt_model_files_new (const char *encoder_path, const char *encoder_sha256, const char *sae_path, const char *sae_sha256,
                     int block)
{
  CytModelFiles *self = g_atomic_rc_box_new0 (CytModelFiles);

  self->encoder_path = g_strdup (encoder_path);
  self->encoder_sha256 = g_strdup (encoder_sha256);
  self->sae_path = g_strdup (sae_path);
  self->sae_sha256 = g_strdup (sae_sha256);
  self->block = block;
  return self;
}

CytModelFiles *
cyt_model_files_new_for_project (CytProject *project)
{
  const CytProjectModel *encoder = cyt_project_get_encoder (project), *sae = cyt_project_get_sae (project);

  if (encoder == NULL)
    return NULL;
  return cyt_model_files_new (encoder->path, encoder->sha256, sae->path, sae->sha256, cyt_project_get_block (project));
}

CytModelFiles *
cyt_model_files_ref (CytModelFiles *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
model_files_clear (gpointer data)
{
  CytModelFiles *self = data;

  g_free (self->encoder_path);
  g_free (self->encoder_sha256);
  g_free (self->sae_path);
  g_free (self->sae_sha256);
}

void
cyt_model_files_unref (CytModelFiles *self)
{
  g_atomic_rc_box_release_full (self, model_files_clear);
}

/* ---- The store ---- */

CytSharedModels *
cyt_shared_models_ref (CytSharedModels *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
shared_models_clear (gpointer data)
{
  cyt_models_free ((CytModels *) ((CytSharedModels *) data)->models);
}

void
cyt_shared_models_unref (CytSharedModels *self)
{
  g_atomic_rc_box_release_full (self, shared_models_clear);
}

CytModelStore *
cyt_model_store_new (void)
{
  CytModelStore *self = g_new0 (CytModelStore, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->mutex);
  return self;
}

CytModelStore *
cyt_model_store_ref (CytModelStore *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
cyt_model_store_unref (CytModelStore *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->shared, cyt_shared_models_unref);
  g_free (self->failed);
  g_clear_error (&self->error);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* ---- Which file, and whether it is the right one ---- */

static gboolean
is_encoder (const char *role)
{
  return g_str_equal (role, "encoder");
}

static void
set_missing (const char *role, const char *path, GError **error)
{
  g_autofree char *display = g_filename_display_name (path);

  g_set_error (error, CYT_MODELS_ERROR,
               is_encoder (role) ? CYT_MODELS_ERROR_ENCODER_MISSING : CYT_MODELS_ERROR_SAE_MISSING,
               "%s: the %s is not there any more", display, is_encoder (role) ? "encoder" : "autoencoder");
}

static gboolean
check_identity (const char *role, const char *path, const char *expected, const char *found, GError **error)
{
  g_autofree char *display = NULL;

  if (expected == NULL || g_str_equal (expected, found))
    return TRUE;
  display = g_filename_display_name (path);
  g_set_error (error, CYT_MODELS_ERROR,
               is_encoder (role) ? CYT_MODELS_ERROR_ENCODER_CHANGED : CYT_MODELS_ERROR_SAE_CHANGED,
               "%s: not the %s that the project was made with: expected SHA-256 %.12s…, found %.12s…", display,
               is_encoder (role) ? "encoder" : "autoencoder", expected, found);
  return FALSE;
}

gboolean
cyt_model_verify (const char *role, const char *path, const char *sha256, GCancellable *cancellable, GError **error)
{
  g_autofree char *identity = NULL, *found = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      set_missing (role, path, error);
      return FALSE;
    }
  identity = is_encoder (role) ? g_strdup (path) : cyt_models_dup_sae_identity_path (path);
  found = cyt_hash_path (identity, cancellable, error);
  return found != NULL && check_identity (role, path, sha256, found, error);
}

char *
cyt_model_find (const char *role, const char *path, const char *sha256, GError **error)
{
  g_autofree char *builtin = NULL;

  if (sha256 == NULL || g_file_test (path, G_FILE_TEST_EXISTS))
    return g_strdup (path);
  builtin = cyt_models_find_builtin (is_encoder (role) ? "encoder.safetensors" : "sae");
  if (builtin != NULL && cyt_model_verify (role, builtin, sha256, NULL, NULL))
    return g_steal_pointer (&builtin);
  set_missing (role, path, error);
  return NULL;
}

/* ---- Loading ---- */

static CytModels *
load (const CytModelFiles *files, GCancellable *cancellable, GError **error)
{
  g_autofree char *encoder = cyt_model_find ("encoder", files->encoder_path, files->encoder_sha256, error);
  g_autofree char *sae = encoder != NULL ? cyt_model_find ("sae", files->sae_path, files->sae_sha256, error) : NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (CytModels) models = NULL;

  if (sae == NULL)
    return NULL;
  models = cyt_models_load (encoder, sae, cancellable, &local);
  if (models != NULL)
    return check_identity ("encoder", encoder, files->encoder_sha256, models->encoder_model.sha256, error)
               && check_identity ("sae", sae, files->sae_sha256, models->sae_model.sha256, error)
             ? g_steal_pointer (&models) : NULL;
  /* That it is another file says more than what is wrong with it. */
  if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && ((files->encoder_sha256 != NULL
           && !cyt_model_verify ("encoder", encoder, files->encoder_sha256, cancellable, error))
          || (files->sae_sha256 != NULL && !cyt_model_verify ("sae", sae, files->sae_sha256, cancellable, error))))
    return NULL;
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* What changes when another file takes the place, or when this one is written. (transfer full) */
static char *
describe_file (const char *path)
{
  GStatBuf st;

  if (g_stat (path, &st) != 0)
    return g_strdup ("");
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld", (guint64) st.st_ino,
                          (gint64) st.st_size, (gint64) st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

/* Models that are loaded do not change with their files: they are known by identity, or else by path. */
static gboolean
is_model (const CytProjectModel *model, const char *path, const char *sha256)
{
  g_autofree char *canonical = NULL;

  if (sha256 != NULL)
    return g_str_equal (model->sha256, sha256);
  canonical = g_canonicalize_filename (path, NULL);
  return g_str_equal (model->path, canonical);
}

/* Names the files as they are now. */
static char *
make_key (const CytModelFiles *f)
{
  g_autofree char *encoder = describe_file (f->encoder_path), *sae = describe_file (f->sae_path);

  return g_strjoin ("\n", f->encoder_path, f->encoder_sha256 != NULL ? f->encoder_sha256 : "", encoder, f->sae_path,
                    f->sae_sha256 != NULL ? f->sae_sha256 : "", sae, NULL);
}

CytSharedModels *
cyt_model_store_get (CytModelStore *self, const CytModelFiles *files, GCancellable *cancellable, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  g_autofree char *key = make_key (files);
  g_autoptr (GError) local = NULL;
  CytModels *models;

  if (self->shared != NULL
      && is_model (&self->shared->models->encoder_model, files->encoder_path, files->encoder_sha256)
      && is_model (&self->shared->models->sae_model, files->sae_path, files->sae_sha256))
    return cyt_shared_models_ref (self->shared);
  if (g_strcmp0 (self->failed, key) == 0)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return NULL;
    }
  g_clear_pointer (&self->shared, cyt_shared_models_unref);
  models = load (files, cancellable, &local);
  if (models == NULL)
    {
      if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_free (self->failed);
          self->failed = g_steal_pointer (&key);
          g_clear_error (&self->error);
          self->error = g_error_copy (local);
        }
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  self->shared = g_atomic_rc_box_new0 (CytSharedModels);
  self->shared->models = models;
  return cyt_shared_models_ref (self->shared);
}
