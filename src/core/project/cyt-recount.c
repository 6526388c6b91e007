/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "project/cyt-project-private.h"
#include "project/cyt-recount.h"

/* A commit is due after so long, or with so many cells in hand. */
#define COMMIT_US (2 * G_USEC_PER_SEC)
#define COMMIT_CELLS 512

typedef struct
{
  CytProject *project;
  const CytDataset *dataset;
  gint64 first_cell;
  double threshold;       /* NAN: all, by level */
  float *no_least;        /* (d_sae) zeros: maps of all latents are wanted; NULL: of none */
  GPtrArray *pending;     /* of CytIndexedCell, or CytCellLevels */
  gsize n_done;           /* committed */
  gint64 committed_at;    /* monotonic, µs */
  gboolean commit_failed;
  CytProgress *progress;
} Run;

static gboolean
commit_pending (Run *run, GError **error)
{
  if (run->pending->len == 0)
    return TRUE;
  if (isnan (run->threshold)
        ? !cyt_project_commit_levels (run->project, run->dataset->id, run->n_done, run->pending, error)
        : !cyt_project_commit_counts (run->project, run->dataset->id, run->threshold, run->n_done, run->pending, error))
    {
      run->commit_failed = TRUE;
      return FALSE;
    }
  run->n_done += run->pending->len;
  run->committed_at = g_get_monotonic_time ();
  g_ptr_array_set_size (run->pending, 0);
  return TRUE;
}

static CytIndexedCell *
make_counts (const CytPipelineResult *result, const char *failure)
{
  CytIndexedCell *cell = g_new0 (CytIndexedCell, 1);

  cell->position = result->index;
  cell->failure = g_strdup (failure);
  for (guint i = 0; i < result->latents.n; i++)
    if (result->latents.count[i] > 0)
      cyt_cell_latents_append (&cell->latents, result->latents.latent[i], 0, result->latents.count[i], 0, 0);
  return cell;
}

static void
free_levels (CytCellLevels *levels)
{
  cyt_cell_levels_clear (levels);
  g_free (levels);
}

/* There is a map, if an empty one, of each latent with a score. */
static CytCellLevels *
make_levels (const CytPipelineResult *result)
{
  CytCellLevels *levels = g_new0 (CytCellLevels, 1);

  cyt_cell_levels_init (levels);
  g_assert (result->maps->len == result->latents.n);
  for (guint i = 0; i < result->latents.n; i++)
    {
      const CytSparseMap *map = result->maps->pdata[i];
      guint8 of_tokens[CYT_N_TOKENS];
      guint16 n = 0;

      g_assert (map->latent == result->latents.latent[i]);
      if (result->latents.cls[i] > 0)
        of_tokens[n++] = cyt_level_of (result->latents.cls[i]);
      for (guint p = 0; p < map->n; p++)
        of_tokens[n++] = cyt_level_of (map->value[p]);
      cyt_cell_levels_append (levels, map->latent, of_tokens, n);
    }
  return levels;
}

static gboolean
add_result (CytPipelineResult *result, gpointer user_data, GError **error)
{
  Run *run = user_data;
  g_autoptr (CytCell) facts = cyt_project_get_cell (run->project, run->first_cell + (gint64) result->index, error);

  if (facts == NULL)
    return FALSE;
  if (facts->failure == NULL && result->error != NULL)
    {
      g_propagate_error (error, g_error_copy (result->error));
      return FALSE;
    }
  if (facts->failure == NULL && g_strcmp0 (facts->sha256, result->sha256) != 0)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
                   "%s: image %s of data set \"%s\" is not the one that was indexed", run->project->display, facts->path,
                   run->dataset->name);
      return FALSE;
    }
  g_ptr_array_add (run->pending,
                   isnan (run->threshold) ? (gpointer) make_levels (result) : (gpointer) make_counts (result, facts->failure));
  if (run->progress)
    cyt_progress_advance (run->progress, 1, 0);
  if (run->pending->len >= COMMIT_CELLS || g_get_monotonic_time () - run->committed_at >= COMMIT_US)
    return commit_pending (run, error);
  return TRUE;
}

static gboolean
check_models (CytProject *project, const CytModels *models, GError **error)
{
  if (strcmp (project->encoder->sha256, models->encoder_model.sha256) == 0
      && strcmp (project->sae->sha256, models->sae_model.sha256) == 0)
    return TRUE;
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
               "%s: the project was made with another encoder or SAE than %s and %s", project->display,
               models->encoder_model.path, models->sae_model.path);
  return FALSE;
}

static CytDataset *
find_dataset (CytProject *project, const char *name, gint64 *first_cell, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (CytDataset) found = cyt_project_find_dataset (project, name, &local);

  if (found != NULL)
    return cyt_project_load_dataset (project, found->id, first_cell, error);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: has no data set \"%s\"", project->display,
                 name);
  return NULL;
}

static gboolean
count_cells (Run *run, const CytModels *models, const CytImageList *list, guint n_threads, GCancellable *cancellable,
             GError **error)
{
  CytPipelineOptions pipeline = {
    .encoder = models->encoder,
    .sae = models->sae,
    .block = cyt_project_get_block (run->project),
    .tau = isnan (run->threshold) ? 0 : run->threshold,
    .n_threads = n_threads,
    .want_hash = TRUE,
    .map_above = run->no_least,
    .first = run->n_done,
  };
  g_autoptr (GError) local = NULL;

  if (cyt_pipeline_run (&pipeline, list, add_result, run, cancellable, &local))
    return commit_pending (run, error);
  /* what is complete is kept */
  if (run->commit_failed || commit_pending (run, error))
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* How many cells are done; FALSE in @needed when all of them need none. */
static gboolean
look_up (Run *run, gboolean *needed, GError **error)
{
  gboolean has;

  if (isnan (run->threshold))
    {
      if (!cyt_project_count_level_cells (run->project, run->dataset->id, &run->n_done, error))
        return FALSE;
      *needed = run->n_done < run->dataset->n_indexed;
      return TRUE;
    }
  if (!cyt_project_has_threshold (run->project, run->dataset->id, run->threshold, &has, error)
      || (!has && !cyt_project_count_threshold_cells (run->project, run->dataset->id, run->threshold, &run->n_done, error)))
    return FALSE;
  *needed = !has;
  return TRUE;
}

static gboolean
recount (const char *path, const CytModels *models, const char *dataset, double threshold, guint n_threads,
         CytProgress *progress, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_WRITE, error);
  g_autoptr (CytDataset) facts = NULL;
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (GPtrArray) pending
    = g_ptr_array_new_with_free_func ((GDestroyNotify) (isnan (threshold) ? (gpointer) free_levels : (gpointer) cyt_indexed_cell_free));
  g_autofree float *no_least = NULL;
  Run run = { .project = project, .threshold = threshold, .pending = pending, .progress = progress,
              .committed_at = g_get_monotonic_time () };
  gboolean needed;

  if (project == NULL)
    return FALSE;
  if (project->read_only)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_READ_ONLY, "%s: the project cannot be written",
                   project->display);
      return FALSE;
    }
  if (project->published)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
                   "%s: comes from published statistics, which say nothing of single cells", project->display);
      return FALSE;
    }
  facts = find_dataset (project, dataset, &run.first_cell, error);
  if (facts == NULL || !check_models (project, models, error))
    return FALSE;
  run.dataset = facts;
  if (isnan (threshold))
    run.no_least = no_least = g_new0 (float, project->d_sae);
  if (!look_up (&run, &needed, error))
    return FALSE;
  if (!needed)
    return TRUE;
  if ((list = cyt_project_load_image_list (project, facts->id, error)) == NULL)
    return FALSE;
  g_ptr_array_set_size (list->items, facts->n_indexed);
  if (progress)
    cyt_progress_start (progress, run.n_done, facts->n_indexed);
  return count_cells (&run, models, list, n_threads, cancellable, error);
}

gboolean
cyt_recount_run (const char *path, const CytModels *models, const char *dataset, double threshold, guint n_threads,
                 CytProgress *progress, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (threshold >= 0, FALSE);
  return recount (path, models, dataset, threshold, n_threads, progress, cancellable, error);
}

gboolean
cyt_recount_run_levels (const char *path, const CytModels *models, const char *dataset, guint n_threads,
                        CytProgress *progress, GCancellable *cancellable, GError **error)
{
  return recount (path, models, dataset, NAN, n_threads, progress, cancellable, error);
}
