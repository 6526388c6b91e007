/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/cyt-evidence.h"
#include "io/cyt-error.h"
#include "model/cyt-pipeline.h"

static void
cell_free (CytEvidenceCell *self)
{
  g_free (self->path);
  g_free (self->label);
  g_free (self->failure);
  g_free (self);
}

static void
concept_free (CytEvidenceConcept *self)
{
  g_free (self->name);
  g_ptr_array_unref (self->cells);
  g_free (self);
}

void
cyt_evidence_free (CytEvidence *self)
{
  if (self == NULL)
    return;
  g_free (self->patient);
  g_free (self->disease);
  g_strfreev (self->classes);
  g_free (self->scores);
  g_free (self->n_predicted);
  g_clear_pointer (&self->concepts, g_ptr_array_unref);
  g_free (self);
}

/* ---- The decision ---- */

static void
take_decision (CytEvidence *self, const CytClassification *classification, const CytClassifier *model,
               const double *features, gsize row)
{
  gssize i = cyt_classification_find (classification, row);

  self->classes = g_strdupv (classification->classes);
  self->n_classes = classification->n_classes;
  self->n_folds = classification->n_folds;
  self->n_repeats = classification->n_repeats;
  self->c = model->c;
  self->scores = g_new (double, self->n_classes);
  self->predicted = cyt_classifier_predict (model, features, NULL, self->scores);
  self->n_predicted = g_new0 (guint, self->n_classes);
  for (guint r = 0; i >= 0 && r < self->n_repeats; r++)
    self->n_predicted[classification->predicted[r * classification->n + i]]++;
}

/* A concept without its cells. */
static CytEvidenceConcept *
concept_new (const CytContribution *share, const CytFeatures *features, gsize row, const CytClassifier *model,
             GPtrArray *names)
{
  CytEvidenceConcept *self = g_new0 (CytEvidenceConcept, 1);

  self->latent = features->latents[share->feature];
  self->barcode = cyt_features_get_row (features, row)[share->feature];
  self->mean = model->mean[share->feature];
  self->share = *share;
  self->cells = g_ptr_array_new_with_free_func ((GDestroyNotify) cell_free);
  for (guint i = 0; i < names->len && self->name == NULL; i++)
    if (((const CytConcept *) names->pdata[i])->latent == self->latent)
      self->name = g_strdup (((const CytConcept *) names->pdata[i])->name);
  if (self->name == NULL)
    self->name = g_strdup ("");
  return self;
}

/* The @n_concepts largest either way: contributions are sorted, so they are the first ones and the last ones. */
static void
choose_concepts (CytEvidence *self, GArray *contributions, const CytFeatures *features, gsize row,
                 const CytClassifier *model, GPtrArray *names, guint n_concepts)
{
  guint n = MIN (n_concepts, contributions->len), n_first = 0;

  self->constant = model->constant[self->explained];
  self->decision = self->constant;
  self->n_concepts = contributions->len;
  for (guint n_last = 0; n_first + n_last < n;)
    {
      double first = g_array_index (contributions, CytContribution, n_first).contribution,
             last = g_array_index (contributions, CytContribution, contributions->len - 1 - n_last).contribution;

      if (fabs (first) >= fabs (last))
        n_first++;
      else
        n_last++;
    }
  for (guint i = 0; i < contributions->len; i++)
    {
      const CytContribution *x = &g_array_index (contributions, CytContribution, i);

      self->decision += x->contribution;
      if (i < n_first || i >= contributions->len - (n - n_first))
        g_ptr_array_add (self->concepts, concept_new (x, features, row, model, names));
      else
        self->rest += x->contribution;
    }
}

/* ---- Cells ---- */

typedef struct
{
  CytEvidence *evidence;
  CytProject *project;
  gboolean has_scores;       /* the scan says them: it is at the data set's own threshold */
  double *n_tokens;          /* (listed concepts) Σ count over all cells */
} Collector;

/* Place of a latent among the cell's, -1: it does not fire there. */
static gssize
find_latent (const CytCellLatents *latents, guint32 latent)
{
  gsize low = 0, high = latents->n;

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;

      if (latents->latent[middle] < latent)
        low = middle + 1;
      else
        high = middle;
    }
  return low < latents->n && latents->latent[low] == latent ? (gssize) low : -1;
}

static CytEvidenceCell *
cell_new (const CytCell *cell, guint16 count, float score)
{
  CytEvidenceCell *self = g_new0 (CytEvidenceCell, 1);

  self->dataset = cell->dataset;
  self->cell = cell->id;
  self->path = g_strdup (cell->path);
  self->label = g_strdup (cell->label);
  self->count = count;
  self->score = score;
  return self;
}

static gboolean
collect_cell (const CytCell *cell, const CytCellLatents *latents, gpointer user_data, GError **error)
{
  Collector *collector = user_data;
  CytCellLatents indexed;
  const CytCellLatents *scores = latents;

  cyt_cell_latents_init (&indexed);
  if (!collector->has_scores)
    {
      if (!cyt_project_get_cell_latents (collector->project, cell->id, &indexed, error))
        {
          cyt_cell_latents_clear (&indexed);
          return FALSE;
        }
      scores = &indexed;
    }
  collector->evidence->n_cells++;
  for (guint i = 0; i < collector->evidence->concepts->len; i++)
    {
      CytEvidenceConcept *concept = collector->evidence->concepts->pdata[i];
      gssize place = find_latent (latents, concept->latent), scored = find_latent (scores, concept->latent);

      if (place < 0 || latents->count[place] == 0)
        continue;
      collector->n_tokens[i] += latents->count[place];
      concept->n_cells++;
      g_ptr_array_add (concept->cells, cell_new (cell, latents->count[place], scored >= 0 ? scores->score[scored] : 0));
    }
  cyt_cell_latents_clear (&indexed);
  return TRUE;
}

static int
compare_cells (gconstpointer pa, gconstpointer pb)
{
  const CytEvidenceCell *a = *(CytEvidenceCell *const *) pa, *b = *(CytEvidenceCell *const *) pb;

  if (a->count != b->count)
    return a->count > b->count ? -1 : 1;
  if (a->score != b->score)
    return a->score > b->score ? -1 : 1;
  return (a->cell > b->cell) - (a->cell < b->cell);
}

static void
keep_strongest (CytEvidenceConcept *concept, double n_tokens, guint n_cells)
{
  g_ptr_array_sort (concept->cells, compare_cells);
  g_ptr_array_set_size (concept->cells, (int) MIN (concept->cells->len, n_cells));
  for (guint i = 0; i < concept->cells->len; i++)
    {
      CytEvidenceCell *cell = concept->cells->pdata[i];

      cell->share = cell->count / n_tokens;
    }
}

static gboolean
collect_cells (CytEvidence *self, CytProject *project, GPtrArray *datasets, const CytBarcodesOptions *options, guint n_cells,
               GCancellable *cancellable, GError **error)
{
  g_autofree double *n_tokens = g_new0 (double, self->concepts->len + 1);

  for (guint i = 0; i < datasets->len; i++)
    {
      const CytDataset *dataset = datasets->pdata[i];
      Collector collector = { self, project, self->threshold == dataset->threshold, n_tokens };

      if ((options->dataset < 0 || options->dataset == dataset->id)
          && !cyt_project_scan_patient (project, dataset->id, self->patient, self->threshold, collect_cell, &collector,
                                        cancellable, error))
        return FALSE;
    }
  for (guint i = 0; i < self->concepts->len; i++)
    keep_strongest (self->concepts->pdata[i], n_tokens[i], n_cells);
  return TRUE;
}

/* ---- Maps ---- */

static gboolean
take_stored_maps (CytEvidenceConcept *concept, CytProject *project, GPtrArray *datasets, GError **error)
{
  for (guint d = 0; d < datasets->len; d++)
    {
      const CytDataset *dataset = datasets->pdata[d];
      g_autoptr (GPtrArray) best = cyt_project_get_top_cells (project, dataset->id, concept->latent, error);

      if (best == NULL)
        return FALSE;
      for (guint i = 0; i < concept->cells->len; i++)
        {
          CytEvidenceCell *cell = concept->cells->pdata[i];

          for (guint j = 0; j < best->len; j++)
            {
              const CytTopCell *top = best->pdata[j];

              if (top->cell != cell->cell || !top->has_map)
                continue;
              cell->has_map = TRUE;
              cell->map = top->map;
            }
        }
    }
  return TRUE;
}

CytEvidence *
cyt_evidence_new (CytProject *project, const CytBarcodesOptions *options, const CytBarcodes *patients,
                  const CytFeatures *features, const CytClassification *classification, gsize row, int explained,
                  guint n_concepts, guint n_cells, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytEvidence) self = g_new0 (CytEvidence, 1);
  const CytBarcode *barcode = cyt_barcodes_get_row (patients, row);
  const CytClassifier *model = cyt_classification_get_model (classification, row);
  g_autoptr (GPtrArray) names = NULL, datasets = NULL;
  g_autoptr (GArray) contributions = NULL;

  g_assert (explained < (int) classification->n_classes);
  if (features->latents == NULL)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "%s: evidence is of concepts, so it needs barcodes for features and not embeddings",
                   cyt_project_get_path (project));
      return NULL;
    }
  if ((names = cyt_project_list_concepts (project, error)) == NULL
      || (datasets = cyt_project_list_datasets (project, error)) == NULL)
    return NULL;
  self->patient = g_strdup (barcode->name);
  self->disease = g_strdup (barcode->disease);
  self->threshold = patients->threshold;
  self->concepts = g_ptr_array_new_with_free_func ((GDestroyNotify) concept_free);
  take_decision (self, classification, model, cyt_features_get_row (features, row), row);
  self->explained = explained >= 0 ? (guint) explained : self->predicted;
  contributions = cyt_classifier_explain (model, cyt_features_get_row (features, row), self->explained);
  choose_concepts (self, contributions, features, row, model, names, n_concepts);
  if (!collect_cells (self, project, datasets, options, n_cells, cancellable, error))
    return NULL;
  for (guint i = 0; i < self->concepts->len; i++)
    if (!take_stored_maps (self->concepts->pdata[i], project, datasets, error))
      return NULL;
  return g_steal_pointer (&self);
}

/* ---- Maps that the index does not hold ---- */

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

/* Ids of the cells, each once, ascending; of gint64. */
static GArray *
list_missing (const CytEvidence *self)
{
  GArray *missing = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint n = 0;

  for (guint i = 0; i < self->concepts->len; i++)
    {
      const CytEvidenceConcept *concept = self->concepts->pdata[i];

      for (guint j = 0; j < concept->cells->len; j++)
        {
          const CytEvidenceCell *cell = concept->cells->pdata[j];

          if (!cell->has_map)
            g_array_append_val (missing, cell->cell);
        }
    }
  g_array_sort (missing, compare_ids);
  for (guint i = 0; i < missing->len; i++)
    if (n == 0 || g_array_index (missing, gint64, n - 1) != g_array_index (missing, gint64, i))
      g_array_index (missing, gint64, n++) = g_array_index (missing, gint64, i);
  g_array_set_size (missing, n);
  return missing;
}

gsize
cyt_evidence_count_missing (const CytEvidence *self)
{
  g_autoptr (GArray) missing = list_missing (self);

  return missing->len;
}

typedef struct
{
  CytEvidence *evidence;
  const gint64 *missing;    /* (images of the list) ids */
  GPtrArray *hashes;        /* likewise */
  CytProgress *progress;
} Walk;

static const CytSparseMap *
find_map (GPtrArray *maps, guint32 latent)
{
  for (guint i = 0; maps != NULL && i < maps->len; i++)
    if (((const CytSparseMap *) maps->pdata[i])->latent == latent)
      return maps->pdata[i];
  return NULL;
}

static gboolean
take_image (CytPipelineResult *result, gpointer user_data, GError **error)
{
  Walk *walk = user_data;
  const char *failure = result->error != NULL ? result->error->message
                        : g_strcmp0 (result->sha256, walk->hashes->pdata[result->index]) != 0
                          ? "the image is not the one that was indexed" : NULL;

  for (guint i = 0; i < walk->evidence->concepts->len; i++)
    {
      const CytEvidenceConcept *concept = walk->evidence->concepts->pdata[i];

      for (guint j = 0; j < concept->cells->len; j++)
        {
          CytEvidenceCell *cell = concept->cells->pdata[j];
          const CytSparseMap *map;

          if (cell->has_map || cell->cell != walk->missing[result->index])
            continue;
          g_free (cell->failure);
          cell->failure = g_strdup (failure);
          map = failure == NULL ? find_map (result->maps, concept->latent) : NULL;
          cell->has_map = map != NULL;
          if (map != NULL)
            cell->map = *map;
        }
    }
  if (walk->progress)
    cyt_progress_advance (walk->progress, 1, failure != NULL);
  return TRUE;
}

/* The images of @missing (n). hashes: gets what they have to be. */
static CytImageList *
make_list (CytProject *project, const gint64 *missing, guint n, GPtrArray *hashes, GError **error)
{
  g_autoptr (CytImageList) list = g_new0 (CytImageList, 1);

  list->root = g_strdup ("/");
  list->items = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_item_free);
  for (guint i = 0; i < n; i++)
    {
      CytImageItem *item = g_new0 (CytImageItem, 1);
      g_autoptr (CytCell) cell = NULL;

      g_ptr_array_add (list->items, item);
      item->path = cyt_project_dup_cell_path (project, missing[i], error);
      if (item->path == NULL || (cell = cyt_project_get_cell (project, missing[i], error)) == NULL)
        return NULL;
      g_ptr_array_add (hashes, g_steal_pointer (&cell->sha256));
    }
  return g_steal_pointer (&list);
}

gboolean
cyt_evidence_compute_maps (CytEvidence *self, CytProject *project, const CytModels *models, guint n_threads,
                           CytProgress *progress, GCancellable *cancellable, GError **error)
{
  gsize d_sae = cyt_project_get_d_sae (project);
  g_autofree float *above = g_new (float, d_sae);
  g_autoptr (GArray) missing = list_missing (self);
  g_autoptr (GPtrArray) hashes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (CytImageList) list = NULL;
  CytPipelineOptions pipeline = {
    .encoder = models->encoder,
    .sae = models->sae,
    .block = cyt_project_get_block (project),
    .tau = (float) self->threshold,
    .n_threads = n_threads,
    .want_hash = TRUE,
    .map_above = above,
  };
  Walk walk = { self, (const gint64 *) (gpointer) missing->data, hashes, progress };

  for (gsize k = 0; k < d_sae; k++)
    above[k] = INFINITY;
  for (guint i = 0; i < self->concepts->len; i++)
    above[((const CytEvidenceConcept *) self->concepts->pdata[i])->latent] = 0;
  if (progress)
    cyt_progress_start (progress, 0, missing->len);
  if (missing->len == 0)
    return TRUE;
  list = make_list (project, walk.missing, missing->len, hashes, error);
  return list != NULL && cyt_pipeline_run (&pipeline, list, take_image, &walk, cancellable, error);
}
