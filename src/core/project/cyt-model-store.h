/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-indexer.h"

G_BEGIN_DECLS

/* Which models: two paths, and what must lie there. Read-only and shared. */
typedef struct
{
  char *encoder_path;
  char *encoder_sha256;  /* NULL: any will do; likewise: */
  char *sae_path;
  char *sae_sha256;
  int block;             /* hook of a project, else 0 */
} CytModelFiles;
CytModelFiles *cyt_model_files_new (const char *encoder_path, const char *encoder_sha256, const char *sae_path,
                                    const char *sae_sha256, int block);
/* Those of a project; NULL where it is published. */
CytModelFiles *cyt_model_files_new_for_project (CytProject *project);
CytModelFiles *cyt_model_files_ref (CytModelFiles *self);
void cyt_model_files_unref (CytModelFiles *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytModelFiles, cyt_model_files_unref)

/* The models in use, shared by the threads that run them: loaded once, verified once, read-only from then on. Any
 * thread may ask; while one loads the others wait for it. Holds one pair of models, the last asked for. */
typedef struct _CytModelStore CytModelStore;

CytModelStore *cyt_model_store_new (void);
CytModelStore *cyt_model_store_ref (CytModelStore *self);
void cyt_model_store_unref (CytModelStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytModelStore, cyt_model_store_unref)

/* Models that stay loaded for as long as somebody holds them. */
typedef struct
{
  const CytModels *models;
} CytSharedModels;
CytSharedModels *cyt_shared_models_ref (CytSharedModels *self);
void cyt_shared_models_unref (CytSharedModels *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytSharedModels, cyt_shared_models_unref)

/* Loads what @files names, unless it is loaded (transfer full). Where an identity is wanted, a path where there is
 * nothing also stands for the built-in model of that identity. A model that is not there, or is another one, is
 * CYT_MODELS_ERROR; other errors are those of cyt_models_load(). What failed is not read again until a file changes. */
CytSharedModels *cyt_model_store_get (CytModelStore *self, const CytModelFiles *files, GCancellable *cancellable,
                                      GError **error);

/* Where a model lies: @path, or the built-in model of that identity where there is nothing any more; another build of
 * this program, or another machine, has the same one elsewhere. Does not look into what lies at @path.
 * @role, @sha256: as below. Errors: CYT_MODELS_ERROR. (transfer full) */
char *cyt_model_find (const char *role, const char *path, const char *sha256, GError **error);
/* Whether the file or folder at @path is the model of that identity, told by its SHA-256; @role "encoder" or "sae".
 * Errors: CYT_MODELS_ERROR, G_FILE_ERROR. */
gboolean cyt_model_verify (const char *role, const char *path, const char *sha256, GCancellable *cancellable,
                           GError **error);

G_END_DECLS
