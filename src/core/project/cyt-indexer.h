/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-pipeline.h"
#include "model/cyt-progress.h"
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* An encoder and an SAE loaded together, with their identity. */
typedef struct
{
  CytEncoder *encoder;
  CytSae *sae;
  CytProjectModel encoder_model;
  CytProjectModel sae_model;
} CytModels;

/* Loads and hashes both and checks that they fit each other. */
CytModels *cyt_models_load (const char *encoder_path, const char *sae_path, GCancellable *cancellable,
                            GError **error);
void cyt_models_free (CytModels *self);
/* What to hash of the SAE at @path: the weights of a SAELens folder are the same SAE as the folder, and both are known
 * by the folder's hash. (transfer full) */
char *cyt_models_dup_sae_identity_path (const char *path);
/* Path of a file or folder of the built-in models ("encoder.safetensors", "sae"): installed, or beside the sources
 * of a build. NULL when it is not there. (transfer full) */
char *cyt_models_find_builtin (const char *name);
/* The folder's name, by which a path to the built-in models is known. */
#define CYT_MODELS_BUILTIN "pbc-tiny"
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytModels, cyt_models_free)
/* Both of them; G_IO_ERROR_NOT_FOUND where they are not. */
CytModels *cyt_models_load_builtin (GCancellable *cancellable, GError **error);

typedef struct
{
  const char *dataset;     /* name */
  const char *domain;
  guint n_top;             /* m, 25 */
  double threshold;        /* τ, 0.2 */
  guint n_threads;         /* 0: one per core */
  double pixel_size;       /* µm; 0: unknown, or as the data set has it */
} CytIndexOptions;
#define CYT_INDEX_OPTIONS_INIT { "cells", "", CYT_PROJECT_DEFAULT_TOP, 0.2, 0, 0 }

/* Called after each commit, on the calling thread: the statistics so far are in the file. May be NULL. */
typedef void (*CytIndexCommitFunc) (gsize n_done, gpointer user_data);

/* Indexes @list as a data set of the project at @path: creates the project when there is none, adds
 * the data set when it is new, continues it when it was interrupted, and does nothing when it is
 * complete. Drawn cells (@list's simulated, or a picture whose file says so) mark the project, see
 * cyt_project_is_simulated(). Commits every
 * few seconds; cancelled (G_IO_ERROR_CANCELLED) or killed at any moment it
 * continues there and ends with the same index as an uninterrupted run.
 * Errors before anything is written: the project was made with other models, or the data set has
 * other images, threshold or top (CYT_PROJECT_ERROR_MISMATCH). */
gboolean cyt_indexer_run (const char *path, const CytModels *models, const CytImageList *list,
                          const CytIndexOptions *options, CytProgress *progress, CytIndexCommitFunc on_commit,
                          gpointer user_data, GCancellable *cancellable, GError **error);

G_END_DECLS
