/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "phantom/cyt-phantom.h"
#include "project/cyt-demo.h"

#define SIZE 224 /* what the encoder sees: larger pictures would only be made smaller again */

char *
cyt_demo_dup_project_path (const char *folder)
{
  return g_build_filename (folder, "demonstration.cytosae", NULL);
}

static gboolean
is_complete (const char *path, gboolean *complete, GError **error)
{
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (GError) local = NULL;

  *complete = FALSE;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error);
  if (project == NULL)
    return FALSE;
  dataset = cyt_project_find_dataset (project, CYT_DEMO_DATASET, &local);
  if (local)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *complete = dataset != NULL && dataset->n_transposed == dataset->n_cells;
  return TRUE;
}

static gboolean
draw_cells (const char *cells, const CytDemoOptions *options, CytProgress *progress, GCancellable *cancellable,
            GError **error)
{
  CytPhantomCohort cohort = CYT_PHANTOM_COHORT_INIT;
  g_autoptr (GError) local = NULL;

  cohort.n_cells = options->n_cells;
  cohort.n_patients = options->n_patients;
  cohort.size = SIZE;
  cohort.n_threads = options->n_threads;
  if (cyt_phantom_cohort_write (&cohort, cells, progress, cancellable, &local))
    return TRUE;
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_EXISTS))
    {
      g_autofree char *display = g_filename_display_name (cells);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                   "%s: holds cells that another version of the program drew for a demonstration and did not finish; "
                   "remove that folder and try again", display);
    }
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
cyt_demo_run (const char *folder, const CytDemoOptions *options, CytProgress *progress, CytIndexCommitFunc on_commit,
              gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = cyt_demo_dup_project_path (folder), *cells = g_build_filename (folder, "cells", NULL);
  g_autofree char *manifest = g_build_filename (cells, "manifest.csv", NULL);
  CytIndexOptions index = CYT_INDEX_OPTIONS_INIT;
  g_autoptr (CytModels) models = NULL;
  g_autoptr (CytImageList) list = NULL;
  gboolean complete;

  if (!is_complete (path, &complete, error))
    return FALSE;
  if (complete)
    return TRUE;

  if (progress != NULL)
    cyt_progress_set_stage (progress, 0, 2 * (gsize) options->n_cells);
  if (!draw_cells (cells, options, progress, cancellable, error)
      || (models = cyt_models_load_builtin (cancellable, error)) == NULL
      || (list = cyt_image_list_new ((const char *const[]) { manifest, NULL }, error)) == NULL)
    return FALSE;

  if (progress != NULL)
    cyt_progress_set_stage (progress, options->n_cells, 2 * (gsize) options->n_cells);
  index.dataset = CYT_DEMO_DATASET;
  index.domain = CYT_DEMO_DOMAIN;
  index.n_threads = options->n_threads;
  return cyt_indexer_run (path, models, list, &index, progress, on_commit, user_data, cancellable, error);
}
