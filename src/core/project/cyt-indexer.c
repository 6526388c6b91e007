/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "io/cyt-hash.h"
#include "project/cyt-indexer.h"
#include "project/cyt-project-attributes.h"
#include "project/cyt-project-private.h"

/* A commit is due after so long, or with so much in hand. */
#define COMMIT_US (2 * G_USEC_PER_SEC)
#define COMMIT_CELLS 512
#define COMMIT_BYTES ((gsize) 64 << 20)

/* ---- Models ---- */

static void
clear_model (CytProjectModel *model)
{
  g_free (model->path);
  g_free (model->sha256);
  g_free (model->config);
}

void
cyt_models_free (CytModels *self)
{
  if (self == NULL)
    return;
  cyt_encoder_free (self->encoder);
  cyt_sae_free (self->sae);
  clear_model (&self->encoder_model);
  clear_model (&self->sae_model);
  g_free (self);
}

char *
cyt_models_dup_sae_identity_path (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *config = g_build_filename (folder, "cfg.json", NULL);

  if (strcmp (name, "sae_weights.safetensors") == 0 && g_file_test (config, G_FILE_TEST_IS_REGULAR))
    return g_steal_pointer (&folder);
  return g_strdup (path);
}

CytModels *
cyt_models_load (const char *encoder_path, const char *sae_path, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytModels) self = g_new0 (CytModels, 1);
  g_autofree char *sae_identity = cyt_models_dup_sae_identity_path (sae_path);

  if (g_cancellable_set_error_if_cancelled (cancellable, error)
      || (self->encoder = cyt_encoder_load (encoder_path, error)) == NULL
      || g_cancellable_set_error_if_cancelled (cancellable, error)
      || (self->sae = cyt_sae_load (sae_path, error)) == NULL
      || !cyt_sae_check_encoder (self->sae, self->encoder, error)
      || (self->encoder_model.sha256 = cyt_hash_path (encoder_path, cancellable, error)) == NULL
      || (self->sae_model.sha256 = cyt_hash_path (sae_identity, cancellable, error)) == NULL)
    return NULL;
  self->encoder_model.path = g_canonicalize_filename (encoder_path, NULL);
  self->encoder_model.config = cyt_encoder_describe (self->encoder);
  self->sae_model.path = g_canonicalize_filename (sae_path, NULL);
  self->sae_model.config = cyt_sae_describe (self->sae);
  return g_steal_pointer (&self);
}

char *
cyt_models_find_builtin (const char *name)
{
  const char *const folders[] = { CYT_DATADIR, CYT_SOURCE_DATADIR };

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (folders[i], "models", CYT_MODELS_BUILTIN, name, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  return NULL;
}

CytModels *
cyt_models_load_builtin (GCancellable *cancellable, GError **error)
{
  g_autofree char *encoder = cyt_models_find_builtin ("encoder.safetensors"), *sae = cyt_models_find_builtin ("sae");

  if (encoder != NULL && sae != NULL)
    return cyt_models_load (encoder, sae, cancellable, error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                       "the built-in models are neither in " CYT_DATADIR " nor in " CYT_SOURCE_DATADIR);
  return NULL;
}

/* ---- Checks before the first write ---- */

static gboolean
check_model (CytProject *project, const char *what, const CytProjectModel *stored, const CytProjectModel *given,
             GError **error)
{
  if (strcmp (stored->sha256, given->sha256) == 0)
    return TRUE;
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
               "%s: the project was made with another %s: %s (SHA-256 %.12s…), not %s (SHA-256 %.12s…)",
               project->display, what, stored->path, stored->sha256, given->path, given->sha256);
  return FALSE;
}

static gboolean
check_field (CytProject *project, const CytDataset *dataset, gsize i, const char *what, const char *stored,
             const char *given, gboolean is_path, GError **error)
{
  g_autofree char *shown = given ? g_utf8_make_valid (given, -1) : NULL;
  g_autofree char *shown_stored = stored ? g_utf8_make_valid (stored, -1) : NULL;

  /* all but paths are stored as UTF-8 */
  if (g_strcmp0 (stored, is_path ? given : shown) == 0)
    return TRUE;
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
               "%s: data set \"%s\" holds other images: image %" G_GSIZE_FORMAT " has the %s %s%s%s there, now %s%s%s; "
               "give these images another data set name", project->display, dataset->name, i + 1, what,
               shown_stored ? "\"" : "", shown_stored ? shown_stored : "(none)", shown_stored ? "\"" : "",
               shown ? "\"" : "", shown ? shown : "(none)", shown ? "\"" : "");
  return FALSE;
}

static gboolean
check_list (CytProject *project, const CytDataset *dataset, const CytImageList *list, const CytImageList *stored,
            GError **error)
{
  gsize n = cyt_image_list_get_n_items (list);

  if (n != dataset->n_cells)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
                   "%s: data set \"%s\" holds other images: %" G_GSIZE_FORMAT " there, now %" G_GSIZE_FORMAT
                   "; give these images another data set name", project->display, dataset->name, dataset->n_cells, n);
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    {
      const CytImageItem *a = cyt_image_list_get_item (stored, i), *b = cyt_image_list_get_item (list, i);

      if (!check_field (project, dataset, i, "path", a->path, b->path, TRUE, error)
          || !check_field (project, dataset, i, "label", a->label, b->label, FALSE, error)
          || !check_field (project, dataset, i, "patient", a->patient, b->patient, FALSE, error)
          || !check_field (project, dataset, i, "disease", a->disease, b->disease, FALSE, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_options (CytProject *project, const CytDataset *dataset, const CytIndexOptions *options, GError **error)
{
  if (dataset->threshold != options->threshold)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
                   "%s: data set \"%s\" was begun with threshold %g, not %g", project->display, dataset->name,
                   dataset->threshold, options->threshold);
      return FALSE;
    }
  if (dataset->n_top != options->n_top)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
                   "%s: data set \"%s\" was begun with lists of %u top cells, not %u", project->display,
                   dataset->name, dataset->n_top, options->n_top);
      return FALSE;
    }
  return TRUE;
}

/* A list of the same names in another folder is the same data set moved, or a different one that is
 * named alike (001.jpg, 002.jpg, …): the content of up to three indexed images tells. */
static gboolean
check_moved (CytProject *project, const CytDataset *dataset, const CytImageList *list, GError **error)
{
  gsize places[] = { 0, dataset->n_indexed / 2, dataset->n_indexed - 1 };
  gint64 first_cell;
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (project, dataset->id, &first_cell, error);

  if (facts == NULL)
    return FALSE;
  for (guint i = 0; dataset->n_indexed > 0 && i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (CytCell) cell = cyt_project_get_cell (project, first_cell + (gint64) places[i], error);
      g_autofree char *path = cyt_image_list_dup_path (list, places[i]);
      g_autofree char *hash = NULL;

      if (cell == NULL)
        return FALSE;
      if (cell->sha256 == NULL)
        continue;
      hash = cyt_hash_path (path, NULL, NULL);
      if (g_strcmp0 (hash, cell->sha256) == 0)
        continue;
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
                   "%s: data set \"%s\" holds other images: %s in %s is not the one that was indexed in %s; "
                   "give these images another data set name", project->display, dataset->name, cell->path, list->root,
                   dataset->root);
      return FALSE;
    }
  return TRUE;
}

/* Checks that the data set of the project is the one asked for, and notes where its images are now. */
static gboolean
check_dataset (CytProject *project, const CytDataset *dataset, const CytImageList *list,
               const CytIndexOptions *options, GError **error)
{
  g_autoptr (CytImageList) stored = NULL;

  if (!check_options (project, dataset, options, error)
      || (stored = cyt_project_load_image_list (project, dataset->id, error)) == NULL
      || !check_list (project, dataset, list, stored, error))
    return FALSE;
  if (strcmp (dataset->root, list->root) == 0)
    return TRUE;
  return check_moved (project, dataset, list, error)
         && cyt_project_set_dataset_root (project, dataset->id, list->root, error);
}

static gboolean
update_model_paths (CytProject *project, const CytModels *models, GError **error)
{
  return (strcmp (project->encoder->path, models->encoder_model.path) == 0
          || cyt_project_set_model_path (project, "encoder", models->encoder_model.path, error))
         && (strcmp (project->sae->path, models->sae_model.path) == 0
             || cyt_project_set_model_path (project, "sae", models->sae_model.path, error));
}

static CytDataset *
open_dataset (CytProject *project, const CytModels *models, const CytImageList *list, const CytIndexOptions *options,
              GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (CytDataset) dataset = NULL;

  if (project->published)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
                   "%s: holds published statistics, into which no images can be indexed: index them into a project "
                   "of their own", project->display);
      return NULL;
    }
  if (!check_model (project, "encoder", project->encoder, &models->encoder_model, error)
      || !check_model (project, "SAE", project->sae, &models->sae_model, error))
    return NULL;
  if (project->d_sae != cyt_sae_get_config (models->sae)->d_sae)
    {
      cyt_project_set_corrupt (project, error, "it has %" G_GSIZE_FORMAT " latents, its SAE %" G_GSIZE_FORMAT,
                               project->d_sae, cyt_sae_get_config (models->sae)->d_sae);
      return NULL;
    }
  dataset = cyt_project_find_dataset (project, options->dataset, &local);
  if (local)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (dataset == NULL)
    dataset = cyt_project_add_dataset (project, options->dataset, options->domain, options->threshold, options->n_top,
                                       list, error);
  else if (!check_dataset (project, dataset, list, options, error))
    return NULL;
  if (dataset == NULL || !update_model_paths (project, models, error)
      || (list->simulated && !cyt_project_set_simulated (project, error)))
    return NULL;
  if (list->attributes != NULL && list->attributes->len > 0
      && !cyt_project_set_attributes (project, dataset->id, list->attributes, error))
    return NULL;
  if (options->pixel_size > 0 && options->pixel_size != dataset->pixel_size
      && !cyt_project_set_pixel_size (project, dataset->id, options->pixel_size, error))
    return NULL;
  return g_steal_pointer (&dataset);
}

/* ---- The run ---- */

typedef struct
{
  CytProject *project;
  const CytDataset *dataset;
  const CytImageList *list;
  CytLatentStats *stats;
  CytTopLists *lists;
  guint8 *is_changed;     /* (d_sae) latents whose list changed since the last commit */
  GPtrArray *pending;     /* of CytIndexedCell */
  gsize pending_bytes;
  gsize n_done;           /* committed */
  gint64 committed_at;    /* monotonic, µs */
  gboolean simulated;     /* an image says so, and the project does not yet */
  gboolean commit_failed;
  CytProgress *progress;
  CytIndexCommitFunc on_commit;
  gpointer user_data;
} Run;

static void
run_clear (Run *run)
{
  cyt_latent_stats_free (run->stats);
  cyt_top_lists_free (run->lists);
  g_free (run->is_changed);
  g_clear_pointer (&run->pending, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static gboolean
commit_pending (Run *run, GError **error)
{
  g_autoptr (GArray) changed = NULL;

  if (run->pending->len == 0)
    return TRUE;
  /* Before any of its cells can be seen. */
  if (run->simulated && !cyt_project_set_simulated (run->project, error))
    {
      run->commit_failed = TRUE;
      return FALSE;
    }
  run->simulated = FALSE;
  changed = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 k = 0; k < run->project->d_sae; k++)
    if (run->is_changed[k])
      g_array_append_val (changed, k);
  if (!cyt_project_commit_cells (run->project, run->dataset->id, run->n_done, run->pending, run->stats, run->lists,
                                 changed, error))
    {
      run->commit_failed = TRUE;
      return FALSE;
    }
  run->n_done += run->pending->len;
  run->pending_bytes = 0;
  run->committed_at = g_get_monotonic_time ();
  memset (run->is_changed, 0, run->project->d_sae);
  g_ptr_array_set_size (run->pending, 0);
  if (run->on_commit)
    run->on_commit (run->n_done, run->user_data);
  return TRUE;
}

/* Weights that are damaged can give NaN or infinity, which no statistics survive. */
static gboolean
is_finite (const CytPipelineResult *result)
{
  const CytCellLatents *l = &result->latents;

  for (guint i = 0; i < l->n; i++)
    if (!isfinite (l->score[i]) || !isfinite (l->cls[i]) || !isfinite (l->max[i]))
      return FALSE;
  return TRUE;
}

/* Adds the cell's latents to sums and lists and keeps what the commit needs of them. */
static void
add_latents (Run *run, CytIndexedCell *cell, const CytPipelineResult *result)
{
  const CytCellLatents *l = &result->latents;
  guint m = 0;

  cell->maps = g_ptr_array_new_with_free_func (g_free);
  cyt_latent_stats_add (run->stats, l);
  for (guint i = 0; i < l->n; i++)
    {
      guint32 k = l->latent[i];

      cyt_cell_latents_append (&cell->latents, k, l->score[i], l->count[i], l->cls[i], l->max[i]);
      if (!cyt_top_lists_offer (run->lists, k, l->score[i], result->index, NULL))
        continue;
      run->is_changed[k] = TRUE;
      while (m < result->maps->len && ((const CytSparseMap *) result->maps->pdata[m])->latent < k)
        m++;
      g_assert (m < result->maps->len && ((const CytSparseMap *) result->maps->pdata[m])->latent == k);
      g_ptr_array_add (cell->maps, g_memdup2 (result->maps->pdata[m], sizeof (CytSparseMap)));
    }
  if (cell->maps->len > 0 && result->thumbnail)
    cell->thumbnail = g_bytes_ref (result->thumbnail);
  run->pending_bytes += cell->maps->len * sizeof (CytSparseMap) + cell->latents.n_allocated * 18
                        + (cell->thumbnail ? g_bytes_get_size (cell->thumbnail) : 0);
}

static gboolean
add_result (CytPipelineResult *result, gpointer user_data, GError **error)
{
  Run *run = user_data;
  CytIndexedCell *cell = g_new0 (CytIndexedCell, 1);

  cell->position = result->index;
  if (result->error)
    cell->failure = g_utf8_make_valid (result->error->message, -1);
  else if (!is_finite (result))
    {
      g_autofree char *path = cyt_image_list_dup_path (run->list, result->index);
      g_autofree char *display = g_filename_display_name (path);

      cell->failure = g_strdup_printf ("%s: the models give activations that are not finite", display);
    }
  else
    {
      g_strlcpy (cell->sha256, result->sha256, sizeof cell->sha256);
      cell->width = result->width;
      cell->height = result->height;
      run->simulated |= result->simulated;
      memcpy (cell->color, result->color, sizeof cell->color);
      add_latents (run, cell, result);
    }
  g_ptr_array_add (run->pending, cell);
  if (run->progress)
    cyt_progress_advance (run->progress, 1, cell->failure != NULL);
  if (run->pending->len >= COMMIT_CELLS || run->pending_bytes >= COMMIT_BYTES
      || g_get_monotonic_time () - run->committed_at >= COMMIT_US)
    return commit_pending (run, error);
  return TRUE;
}

static gboolean
run_pipeline (Run *run, const CytModels *models, const CytIndexOptions *options, GCancellable *cancellable,
              GError **error)
{
  CytPipelineOptions pipeline = {
    .encoder = models->encoder,
    .sae = models->sae,
    .block = cyt_project_get_block (run->project),
    .tau = options->threshold,
    .n_threads = options->n_threads,
    .thumbnail_size = CYT_PROJECT_THUMBNAIL_SIZE,
    .want_hash = TRUE,
    .map_above = cyt_top_lists_get_bar (run->lists),
    .first = run->n_done,
  };
  g_autoptr (GError) local = NULL;

  if (cyt_pipeline_run (&pipeline, run->list, add_result, run, cancellable, &local))
    return commit_pending (run, error);
  /* what is complete is kept */
  if (run->commit_failed || commit_pending (run, error))
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
index_dataset (CytProject *project, const CytDataset *dataset, const CytModels *models, const CytImageList *list,
               const CytIndexOptions *options, CytProgress *progress, CytIndexCommitFunc on_commit,
               gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_auto (Run) run = { .project = project, .dataset = dataset, .list = list, .n_done = dataset->n_indexed,
                       .progress = progress, .on_commit = on_commit, .user_data = user_data };

  if (progress)
    {
      cyt_progress_start (progress, dataset->n_indexed, dataset->n_cells);
      cyt_progress_advance (progress, 0, dataset->n_failed);
    }
  if (dataset->n_indexed < dataset->n_cells)
    {
      run.stats = cyt_latent_stats_new (project->d_sae);
      run.lists = cyt_top_lists_new (project->d_sae, dataset->n_top);
      run.is_changed = g_new0 (guint8, project->d_sae);
      run.pending = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_indexed_cell_free);
      run.committed_at = g_get_monotonic_time ();
      if (!cyt_project_load_index_state (project, dataset->id, run.stats, run.lists, error)
          || !run_pipeline (&run, models, options, cancellable, error))
        return FALSE;
    }
  return cyt_project_finish_index (project, dataset->id, cancellable, error);
}

gboolean
cyt_indexer_run (const char *path, const CytModels *models, const CytImageList *list, const CytIndexOptions *options,
                 CytProgress *progress, CytIndexCommitFunc on_commit, gpointer user_data, GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  gboolean is_new = !g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK);
  const CytSaeConfig *sae = cyt_sae_get_config (models->sae);
  gsize n_blocks;

  if (g_cancellable_set_error_if_cancelled (cancellable, error)
      || !cyt_sae_check_encoder (models->sae, models->encoder, error)
      || !cyt_encoder_resolve_block (models->encoder, sae->block_layer, &n_blocks, error))
    return FALSE;
  project = is_new ? cyt_project_create (path, &models->encoder_model, &models->sae_model,
                                         sae->d_sae, sae->block_layer, error)
                   : cyt_project_open (path, CYT_PROJECT_READ_WRITE, error);
  if (project == NULL)
    return FALSE;
  if (project->read_only)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_READ_ONLY, "%s: the project cannot be written",
                   project->display);
      return FALSE;
    }
  dataset = open_dataset (project, models, list, options, error);
  if (dataset == NULL)
    {
      if (is_new)
        g_unlink (project->path);
      return FALSE;
    }
  return index_dataset (project, dataset, models, list, options, progress, on_commit, user_data, cancellable, error);
}
