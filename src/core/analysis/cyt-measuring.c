/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include "analysis/cyt-measures-phase.h"
#include "analysis/cyt-measuring.h"
#include "io/cyt-error.h"
#include "io/cyt-hash.h"
#include "project/cyt-model-store.h"
#include "project/cyt-project-measures.h"

void
cyt_measuring_free (CytMeasuring *self)
{
  if (self == NULL)
    return;
  g_free (self->dataset);
  g_clear_pointer (&self->measures, g_ptr_array_unref);
  g_free (self->embedding);
  g_clear_pointer (&self->attributes, g_ptr_array_unref);
  cyt_suggestions_free (self->suggestions);
  g_free (self);
}

/* What the work is about, loaded. */
typedef struct
{
  CytProject *project;
  CytDataset *dataset;
  CytEncoder *encoder;
  CytEncoder *embedding_encoder; /* NULL: the encoder */
  CytDictionary *sae;
  CytImageList *list;            /* of the images that are measured */
  CytMasks *masks;
  GPtrArray *dictionaries;       /* baselines; NULL: none */
} Subject;

static void
subject_clear (Subject *self)
{
  g_clear_pointer (&self->dictionaries, g_ptr_array_unref);
  cyt_masks_free (self->masks);
  cyt_image_list_free (self->list);
  cyt_dictionary_free (self->sae);
  cyt_encoder_free (self->embedding_encoder);
  cyt_encoder_free (self->encoder);
  cyt_dataset_free (self->dataset);
  cyt_project_close (self->project);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Subject, subject_clear)

static CytDataset *
find_dataset (CytProject *project, const char *name, GError **error)
{
  g_autoptr (GPtrArray) datasets = cyt_project_list_datasets (project, error);

  if (datasets == NULL)
    return NULL;
  for (guint i = 0; i < datasets->len; i++)
    if (name == NULL || g_str_equal (((CytDataset *) datasets->pdata[i])->name, name))
      return g_ptr_array_steal_index (datasets, i);
  if (name != NULL)
    g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: has no data set \"%s\"",
                 cyt_project_get_path (project), name);
  else
    g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: has no data set yet",
                 cyt_project_get_path (project));
  return NULL;
}

/* The model of the project, where it lies, and no other. */
static char *
find_model (const char *role, const CytProjectModel *model, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = cyt_model_find (role, model->path, model->sha256, error);

  if (path == NULL || !cyt_model_verify (role, path, model->sha256, cancellable, error))
    return NULL;
  return g_steal_pointer (&path);
}

static gboolean
load_models (Subject *self, const CytMeasuringOptions *options, GCancellable *cancellable, GError **error)
{
  g_autofree char *encoder = NULL, *sae = NULL;

  if (cyt_project_is_published (self->project))
    {
      g_set_error (error, CYT_MODELS_ERROR, CYT_MODELS_ERROR_PUBLISHED,
                   "%s: holds published statistics: there are no models to measure with", cyt_project_get_path (self->project));
      return FALSE;
    }
  encoder = find_model ("encoder", cyt_project_get_encoder (self->project), cancellable, error);
  if (encoder == NULL)
    return FALSE;
  sae = find_model ("sae", cyt_project_get_sae (self->project), cancellable, error);
  if (sae == NULL || (self->encoder = cyt_encoder_load (encoder, error)) == NULL
      || (self->sae = cyt_dictionary_load (sae, error)) == NULL
      || (options->embedding_encoder != NULL
          && (self->embedding_encoder = cyt_encoder_load (options->embedding_encoder, error)) == NULL))
    return FALSE;
  if (self->sae->n == cyt_project_get_d_sae (self->project))
    return TRUE;
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
               "%s: expected %" G_GSIZE_FORMAT " latents, found %" G_GSIZE_FORMAT, sae,
               cyt_project_get_d_sae (self->project), self->sae->n);
  return FALSE;
}

static gboolean
load_images (Subject *self, const CytMeasuringOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytImageList) all = cyt_project_load_image_list (self->project, self->dataset->id, error);

  if (all == NULL)
    return FALSE;
  self->list = cyt_image_list_sample (all, options->max_images > 0 ? options->max_images : cyt_image_list_get_n_items (all));
  if (options->masks == NULL)
    return TRUE;
  self->masks = cyt_masks_load (options->masks, options->mask_names, self->list, CYT_MEASURING_MAX_MASKED, cancellable, error);
  return self->masks != NULL;
}

static gboolean
fit_baselines (Subject *self, const CytMeasuringOptions *options, CytProgress *progress, GCancellable *cancellable,
               GError **error)
{
  CytBaselinesOptions baselines = { .encoder = self->encoder, .block = cyt_project_get_block (self->project),
                                    .list = self->list, .n_threads = options->n_threads,
                                    .n_centroids = options->n_centroids, .seed = options->seed };

  if (!options->baselines)
    return TRUE;
  self->dictionaries = cyt_baselines_fit (&baselines, self->sae, progress, cancellable, error);
  return self->dictionaries != NULL;
}

char *
cyt_measuring_dup_journal_path (const char *path)
{
  return g_strconcat (path, ".measuring", NULL);
}

/* What tells this measurement from another one of the same images; see CytMeasuresOptions. */
static char *
dup_subject (const Subject *self, const CytMeasuringOptions *options, GCancellable *cancellable, GError **error)
{
  g_autofree char *embedding
    = options->embedding_encoder != NULL ? cyt_hash_path (options->embedding_encoder, cancellable, error) : g_strdup ("");

  return embedding == NULL ? NULL
                           : g_strdup_printf ("%s %s %s %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GSIZE_FORMAT,
                                              cyt_project_get_encoder (self->project)->sha256,
                                              cyt_project_get_sae (self->project)->sha256, embedding, self->dataset->id,
                                              options->seed, options->n_centroids);
}

static gboolean
measure (Subject *self, const CytMeasuringOptions *options, CytMeasuring *result, CytProgress *progress,
         GCancellable *cancellable, GError **error)
{
  CytMeasuresOptions measures = { .encoder = self->encoder, .block = cyt_project_get_block (self->project),
                                  .list = self->list, .embedding_encoder = self->embedding_encoder,
                                  .tau = self->dataset->threshold, .masks = self->masks, .n_threads = options->n_threads };
  const CytEncoder *embedding = self->embedding_encoder != NULL ? self->embedding_encoder : self->encoder;
  g_autofree char *display = g_filename_display_basename (cyt_encoder_get_path (embedding));
  g_autoptr (GPtrArray) dictionaries = g_ptr_array_new ();
  g_autofree char *journal = cyt_measuring_dup_journal_path (cyt_project_get_path (self->project));
  g_autofree char *subject = dup_subject (self, options, cancellable, error);

  if (subject == NULL)
    return FALSE;
  measures.journal = journal;
  measures.subject = subject;
  measures.embedding_block = cyt_measures_pick_block (self->encoder, measures.block, self->embedding_encoder);
  result->embedding = g_strdup_printf ("CLS token after the last block%s of %s",
                                       measures.embedding_block == -2 ? " but one" : "", display);
  g_ptr_array_add (dictionaries, self->sae);
  for (guint i = 0; self->dictionaries != NULL && i < self->dictionaries->len; i++)
    g_ptr_array_add (dictionaries, self->dictionaries->pdata[i]);
  result->measures = cyt_measures_run (&measures, (const CytDictionary *const *) dictionaries->pdata, dictionaries->len,
                                       progress, cancellable, error);
  return result->measures != NULL;
}

static gboolean
can_suggest (const Subject *self, const CytMeasuring *result)
{
  return result->attributes->len > 0 && self->dataset->n_indexed == self->dataset->n_cells;
}

/* From what the index holds: no image is needed. */
static gboolean
suggest (Subject *self, const CytMeasuringOptions *options, CytMeasuring *result, CytProgress *progress,
         GCancellable *cancellable, GError **error)
{
  g_autoptr (CytImageList) all = NULL;
  g_autoptr (CytScoreTable) table = NULL;
  g_autoptr (CytParallel) parallel = NULL;
  g_autofree guint8 *known = NULL, *half = NULL;

  if (!can_suggest (self, result))
    return TRUE;
  if (progress != NULL)
    cyt_progress_set_phase (progress, CYT_MEASURES_PHASE_NAMES, "shuffles", 0, 0, -1);
  all = cyt_project_load_image_list (self->project, self->dataset->id, error);
  if (all == NULL)
    return FALSE;
  half = g_new (guint8, cyt_image_list_get_n_items (all));
  cyt_image_list_halve (all, half);
  table = cyt_score_table_load (self->project, self->dataset->id, &known, cancellable, error);
  if (table == NULL)
    return FALSE;
  parallel = cyt_parallel_new (options->n_threads);
  result->suggestions = cyt_suggestions_compute (table, known, half, result->attributes, options->seed, parallel, progress,
                                                 cancellable, error);
  return result->suggestions != NULL;
}

static gboolean
keep (Subject *self, const CytMeasuring *result, CytProgress *progress, GError **error)
{
  g_autofree char *journal = cyt_measuring_dup_journal_path (cyt_project_get_path (self->project));

  if (progress != NULL)
    cyt_progress_set_phase (progress, CYT_MEASURES_PHASE_WRITING, NULL, 0, 0, -1);
  if (!cyt_project_set_measures (self->project, self->dataset->id, result->measures, result->embedding, error)
      || (result->suggestions != NULL
          && !cyt_project_set_suggestions (self->project, self->dataset->id, result->suggestions->suggestions, error)))
    return FALSE;
  g_unlink (journal); /* where that fails, the next measurement empties it */
  return TRUE;
}

CytMeasuring *
cyt_measuring_run (const char *path, const CytMeasuringOptions *options, CytProgress *progress, GCancellable *cancellable,
                   GError **error)
{
  g_auto (Subject) subject = { 0 };
  g_autoptr (CytMeasuring) result = g_new0 (CytMeasuring, 1);

  subject.project = cyt_project_open (path, CYT_PROJECT_READ_WRITE, error);
  if (subject.project == NULL)
    return NULL;
  if (cyt_project_is_read_only (subject.project))
    {
      g_autofree char *display = g_filename_display_name (path);

      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_READ_ONLY, "%s: the project cannot be written", display);
      return NULL;
    }
  subject.dataset = find_dataset (subject.project, options->dataset, error);
  if (subject.dataset == NULL)
    return NULL;
  result->dataset = g_strdup (subject.dataset->name);
  result->attributes = cyt_project_list_attributes (subject.project, subject.dataset->id, error);
  if (result->attributes == NULL || !load_models (&subject, options, cancellable, error)
      || !load_images (&subject, options, cancellable, error)
      || !fit_baselines (&subject, options, progress, cancellable, error)
      || !measure (&subject, options, result, progress, cancellable, error)
      || !suggest (&subject, options, result, progress, cancellable, error) || !keep (&subject, result, progress, error))
    return NULL;
  return g_steal_pointer (&result);
}
