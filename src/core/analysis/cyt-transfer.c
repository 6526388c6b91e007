/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-class-map.h"
#include "analysis/cyt-class-scores.h"
#include "analysis/cyt-measures.h"
#include "analysis/cyt-patients.h"
#include "analysis/cyt-transfer.h"
#include "io/cyt-error.h"
#include "project/cyt-model-store.h"
#include "project/cyt-project-measures.h"

CytTransfer *
cyt_transfer_ref (CytTransfer *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
cyt_transfer_unref (CytTransfer *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->train);
  g_free (self->test);
  g_strfreev (self->classes);
  g_free (self->n_cells);
  g_free (self->why_not_explained);
  g_free (self->rows);
  g_clear_pointer (&self->ranked, g_array_unref);
  g_free (self);
}

char *
cyt_transfer_describe_classes (const CytTransfer *self)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; self->classes[i] != NULL; i++)
    g_string_append_printf (text, "%s%s (%" G_GSIZE_FORMAT ", %" G_GSIZE_FORMAT ")", i > 0 ? ", " : "", self->classes[i],
                            self->n_cells[i].n_train, self->n_cells[i].n_test);
  return g_string_free (text, FALSE);
}

/* ---- One side ---- */

typedef struct
{
  CytProject *project;
  CytDataset *dataset;
  CytClassScores *scores;   /* NULL: no cell has a class */
  double explained;         /* NAN: unknown */
  gsize n_explained;        /* images it is of */
  gsize *of_class;          /* (classes) number of the shared class */
} Side;

static void
side_clear (Side *self)
{
  g_clear_pointer (&self->dataset, cyt_dataset_free);
  g_clear_pointer (&self->scores, cyt_class_scores_free);
  g_free (self->of_class);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Side, side_clear)

/* The data set called @name, or number @place. */
static CytDataset *
pick_dataset (CytProject *project, const char *name, guint place, GError **error)
{
  g_autoptr (GPtrArray) datasets = NULL;

  if (name != NULL)
    {
      g_autoptr (GError) local = NULL;
      CytDataset *dataset = cyt_project_find_dataset (project, name, &local);

      if (dataset == NULL && local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      else if (dataset == NULL)
        g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: has no data set \"%s\"",
                     cyt_project_get_path (project), name);
      return dataset;
    }
  if ((datasets = cyt_project_list_datasets (project, error)) == NULL)
    return NULL;
  if (place < datasets->len)
    return g_ptr_array_steal_index (datasets, place);
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: has %u data sets: a transfer is from one to another",
               cyt_project_get_path (project), datasets->len);
  return NULL;
}

static gboolean
check_side (const Side *self, GError **error)
{
  if (self->dataset->n_images > 0)
    return TRUE;
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "%s: no cell of data set \"%s\" is indexed",
               cyt_project_get_path (self->project), self->dataset->name);
  return FALSE;
}

static gboolean
read_side (Side *self, gsize n_before, gsize n_whole, CytProgress *progress, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) measures = NULL;

  if (progress != NULL)
    {
      cyt_progress_set_stage (progress, n_before, n_whole);
      cyt_progress_start (progress, 0, self->dataset->n_images);
    }
  self->scores = cyt_class_scores_compute (self->project, self->dataset->id, progress, cancellable, &local);
  if (self->scores == NULL && !g_error_matches (local, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if ((measures = cyt_project_list_measures (self->project, self->dataset->id, NULL, NULL, error)) == NULL)
    return FALSE;
  self->explained = measures->len > 0 ? ((const CytMeasures *) measures->pdata[0])->explained : NAN;
  self->n_explained = measures->len > 0 ? ((const CytMeasures *) measures->pdata[0])->n_images : 0;
  return TRUE;
}

/* ---- Explained variance ---- */

/* The model of the project, where it lies, and no other (transfer full). */
static char *
find_model (const char *role, const CytProjectModel *model, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = cyt_model_find (role, model->path, model->sha256, error);

  return path != NULL && cyt_model_verify (role, path, model->sha256, cancellable, error) ? g_steal_pointer (&path) : NULL;
}

/* As `measure` would, on some of the images; nothing is stored. */
static gboolean
explain (Side *self, const CytImageList *list, guint n_threads, CytProgress *progress, GCancellable *cancellable,
         GError **error)
{
  g_autofree char *encoder_path = find_model ("encoder", cyt_project_get_encoder (self->project), cancellable, error);
  g_autofree char *sae_path
    = encoder_path != NULL ? find_model ("sae", cyt_project_get_sae (self->project), cancellable, error) : NULL;
  g_autoptr (CytEncoder) encoder = sae_path != NULL ? cyt_encoder_load (encoder_path, error) : NULL;
  g_autoptr (CytDictionary) sae = encoder != NULL ? cyt_dictionary_load (sae_path, error) : NULL;
  CytMeasuresOptions options = { .encoder = encoder, .block = cyt_project_get_block (self->project), .list = list,
                                 .tau = self->dataset->threshold, .n_threads = n_threads };
  const CytDictionary *const dictionaries[] = { sae };
  g_autoptr (GPtrArray) measures = NULL;

  if (sae == NULL)
    return FALSE;
  options.embedding_block = cyt_measures_pick_block (encoder, options.block, NULL);
  if ((measures = cyt_measures_run (&options, dictionaries, 1, progress, cancellable, error)) == NULL)
    return FALSE;
  self->explained = ((const CytMeasures *) measures->pdata[0])->explained;
  self->n_explained = ((const CytMeasures *) measures->pdata[0])->n_images;
  return TRUE;
}

/* Of the sides of which it is unknown. Where it cannot be computed, says why; FALSE when cancelled. */
static gboolean
explain_sides (Side *const *sides, const CytTransferOptions *options, char **why_not, CytProgress *progress,
               GCancellable *cancellable, GError **error)
{
  CytImageList *lists[2] = { NULL, NULL };
  g_autoptr (GError) local = NULL;
  gsize n_whole = 0, n_before = 0;

  for (guint s = 0; s < 2 && options->max_images > 0 && local == NULL; s++)
    {
      g_autoptr (CytImageList) all = NULL;

      if (!isnan (sides[s]->explained) || cyt_project_is_published (sides[s]->project)
          || (all = cyt_project_load_image_list (sides[s]->project, sides[s]->dataset->id, &local)) == NULL)
        continue;
      lists[s] = cyt_image_list_sample (all, options->max_images);
      n_whole += cyt_image_list_get_n_items (lists[s]);
    }
  if (progress != NULL && n_whole > 0)
    cyt_progress_set_phase (progress, "explaining", "images", 0, 0, 0);
  for (guint s = 0; s < 2 && local == NULL; s++)
    {
      if (lists[s] == NULL)
        continue;
      if (progress != NULL)
        cyt_progress_set_stage (progress, n_before, n_whole);
      explain (sides[s], lists[s], options->n_threads, progress, cancellable, &local);
      n_before += cyt_image_list_get_n_items (lists[s]);
    }
  g_clear_pointer (&lists[0], cyt_image_list_free);
  g_clear_pointer (&lists[1], cyt_image_list_free);
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (local != NULL)
    *why_not = g_strdup (local->message);
  return TRUE;
}

/* ---- The comparison ---- */

/* Whether the file of classes can be used, before the cells are read, which takes long. */
static gboolean
check_classes (const Side *a, const Side *b, const char *path, GError **error)
{
  g_auto (GStrv) of_a = NULL, of_b = NULL;
  g_autoptr (CytClassMap) map = NULL;

  if (path == NULL)
    return TRUE;
  of_a = cyt_project_list_labels (a->project, a->dataset->id, error);
  of_b = of_a != NULL ? cyt_project_list_labels (b->project, b->dataset->id, error) : NULL;
  if (of_b == NULL)
    return FALSE;
  map = cyt_class_map_new ((const char *const *) of_a, a->dataset->name, "train", (const char *const *) of_b,
                           b->dataset->name, "test", path, error);
  return map != NULL;
}

/* The classes that both have; those without a cell on either side are left out. */
static gboolean
share_classes (CytTransfer *self, Side *a, Side *b, const char *path, GError **error)
{
  static const char *const none[] = { NULL };
  g_autoptr (CytClassMap) map
    = cyt_class_map_new (a->scores != NULL ? (const char *const *) a->scores->classes : none, self->train, "train",
                         b->scores != NULL ? (const char *const *) b->scores->classes : none, self->test, "test", path, error);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autofree gsize *number = NULL;
  gsize n = 0;

  if (map == NULL)
    return FALSE;
  self->n_cells = g_new0 (CytTransferClass, MAX (1, map->n));
  for (gsize i = 0; a->scores != NULL && i < a->scores->n_classes; i++)
    if (map->of_a[i] != CYT_CLASS_MAP_NONE)
      self->n_cells[map->of_a[i]].n_train += a->scores->n_cells[i];
  for (gsize i = 0; b->scores != NULL && i < b->scores->n_classes; i++)
    if (map->of_b[i] != CYT_CLASS_MAP_NONE)
      self->n_cells[map->of_b[i]].n_test += b->scores->n_cells[i];
  number = g_new (gsize, MAX (1, map->n));
  for (gsize i = 0; i < map->n; i++)
    {
      number[i] = CYT_CLASS_MAP_NONE;
      if (self->n_cells[i].n_train == 0 || self->n_cells[i].n_test == 0)
        continue;
      g_strv_builder_add (names, map->names[i]);
      self->n_cells[n] = self->n_cells[i];
      number[i] = n++;
    }
  for (gsize i = 0; a->scores != NULL && i < a->scores->n_classes; i++)
    map->of_a[i] = map->of_a[i] != CYT_CLASS_MAP_NONE ? number[map->of_a[i]] : CYT_CLASS_MAP_NONE;
  for (gsize i = 0; b->scores != NULL && i < b->scores->n_classes; i++)
    map->of_b[i] = map->of_b[i] != CYT_CLASS_MAP_NONE ? number[map->of_b[i]] : CYT_CLASS_MAP_NONE;
  a->of_class = g_steal_pointer (&map->of_a);
  b->of_class = g_steal_pointer (&map->of_b);
  self->classes = g_strv_builder_end (names);
  return TRUE;
}

/* out: (n) the latent's mean score over the cells of each shared class. @test: of that side. */
static void
fill_profile (const CytTransfer *self, const Side *side, gboolean test, guint32 latent, double *out, gsize n)
{
  memset (out, 0, n * sizeof *out);
  for (gsize c = 0; c < side->scores->n_classes; c++)
    if (side->of_class[c] != CYT_CLASS_MAP_NONE)
      out[side->of_class[c]]
        += (double) side->scores->mean[c * side->scores->n_latents + latent] * (double) side->scores->n_cells[c];
  for (gsize i = 0; i < n; i++)
    out[i] /= (double) (test ? self->n_cells[i].n_test : self->n_cells[i].n_train);
}

static double
correlate (const CytTransfer *self, const Side *train, const Side *test, guint32 latent)
{
  gsize n = g_strv_length (self->classes);
  g_autofree double *a = NULL, *b = NULL;

  if (n < CYT_TRANSFER_MIN_CLASSES)
    return NAN;
  a = g_new (double, n);
  b = g_new (double, n);
  fill_profile (self, train, FALSE, latent, a, n);
  fill_profile (self, test, TRUE, latent, b, n);
  return cyt_pearson (a, b, n);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static int
compare_latents (gconstpointer pa, gconstpointer pb, gpointer user_data)
{
  const CytTransfer *self = user_data;
  const CytTransferRow *a = &self->rows[*(const guint32 *) pa], *b = &self->rows[*(const guint32 *) pb];
  double fa = MIN (a->frequency_train, a->frequency_test), fb = MIN (b->frequency_train, b->frequency_test);

  if (a->transferability != b->transferability)
    return a->transferability > b->transferability ? -1 : 1;
  if (fa != fb)
    return fa > fb ? -1 : 1;
  return a->latent < b->latent ? -1 : 1;
}

static void
rank (CytTransfer *self, gsize min_cells)
{
  gboolean by_class = g_strv_length (self->classes) >= CYT_TRANSFER_MIN_CLASSES;
  double mean = 0;

  self->min_cells = min_cells > 0 ? min_cells
                                  : CLAMP (MIN (self->n_train, self->n_test) / 5, CYT_TRANSFER_MIN_CELLS,
                                           CYT_TRANSFER_MAX_MIN_CELLS);
  self->ranked = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 k = 0; k < self->d_sae; k++)
    {
      CytTransferRow *row = &self->rows[k];

      row->transferability = NAN;
      if (MIN (row->n_train, row->n_test) < self->min_cells || isnan (by_class ? row->correlation : row->similarity))
        continue;
      mean += by_class ? row->correlation : row->similarity;
      g_array_append_val (self->ranked, k);
    }
  mean /= MAX (1, self->ranked->len);
  for (guint i = 0; i < self->ranked->len; i++)
    {
      CytTransferRow *row = &self->rows[g_array_index (self->ranked, guint32, i)];
      double n = (double) MIN (row->n_train, row->n_test), x = by_class ? row->correlation : row->similarity;

      row->transferability = mean + (x - mean) * n / (n + CYT_TRANSFER_SHRINKAGE);
    }
  g_array_sort_with_data (self->ranked, compare_latents, self);
}

static gboolean
fill_rows (CytTransfer *self, const Side *train, const Side *test, GError **error)
{
  g_autofree CytLatentRow *a = g_new (CytLatentRow, MAX (1, self->d_sae)), *b = g_new (CytLatentRow, MAX (1, self->d_sae));
  g_autofree double *correlations = g_new (double, MAX (1, self->d_sae));
  double sum = 0;

  if (!cyt_project_load_latent_rows (train->project, train->dataset->id, a, error)
      || !cyt_project_load_latent_rows (test->project, test->dataset->id, b, error))
    return FALSE;
  self->rows = g_new0 (CytTransferRow, MAX (1, self->d_sae));
  for (guint32 k = 0; k < self->d_sae; k++)
    {
      CytTransferRow *row = &self->rows[k];
      gboolean both = a[k].n_active > 0 && b[k].n_active > 0;

      row->latent = k;
      row->n_train = a[k].n_active;
      row->n_test = b[k].n_active;
      row->frequency_train = (double) row->n_train / (double) self->n_train;
      row->frequency_test = (double) row->n_test / (double) self->n_test;
      row->similarity = row->n_train + row->n_test == 0
                          ? NAN
                          : MIN (row->frequency_train, row->frequency_test) / MAX (row->frequency_train, row->frequency_test);
      row->correlation = both ? correlate (self, train, test, k) : NAN;
      self->n_alive_train += row->n_train > 0;
      self->n_alive_test += row->n_test > 0;
      self->n_alive_both += both;
      if (!isnan (row->correlation))
        {
          correlations[self->n_correlated++] = row->correlation;
          sum += row->correlation;
        }
    }
  self->mean_correlation = self->n_correlated > 0 ? sum / (double) self->n_correlated : NAN;
  self->median_correlation = NAN;
  if (self->n_correlated > 0)
    {
      gsize half = self->n_correlated / 2;

      qsort (correlations, self->n_correlated, sizeof *correlations, compare_doubles);
      self->median_correlation
        = self->n_correlated % 2 ? correlations[half] : (correlations[half - 1] + correlations[half]) / 2;
    }
  return TRUE;
}

static gboolean
pick_sides (Side *a, Side *b, const CytTransferOptions *options, GError **error)
{
  g_autofree char *train_path = g_canonicalize_filename (cyt_project_get_path (a->project), NULL);
  g_autofree char *test_path = g_canonicalize_filename (cyt_project_get_path (b->project), NULL);
  const CytProjectModel *train = cyt_project_get_sae (a->project), *test = cyt_project_get_sae (b->project);
  gboolean one = g_str_equal (train_path, test_path);

  if (!g_str_equal (train->sha256, test->sha256))
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
                   "%s: was made with another SAE (SHA-256 %.12s…) than %s (%.12s…)", cyt_project_get_path (b->project),
                   test->sha256, cyt_project_get_path (a->project), train->sha256);
      return FALSE;
    }
  if ((a->dataset = pick_dataset (a->project, options->train_set, 0, error)) == NULL
      || (b->dataset = pick_dataset (b->project, options->test_set, one ? 1 : 0, error)) == NULL)
    return FALSE;
  if (one && a->dataset->id == b->dataset->id)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
                   "%s: data set \"%s\" is on both sides: a transfer is from one to another", cyt_project_get_path (a->project),
                   a->dataset->name);
      return FALSE;
    }
  return check_side (a, error) && check_side (b, error);
}

CytTransfer *
cyt_transfer_compute (CytProject *train, CytProject *test, const CytTransferOptions *options, CytProgress *progress,
                      GCancellable *cancellable, GError **error)
{
  g_auto (Side) a = { .project = train }, b = { .project = test };
  g_autoptr (CytTransfer) self = NULL;
  gsize n;

  if (!pick_sides (&a, &b, options, error) || !check_classes (&a, &b, options->classes, error))
    return NULL;
  n = a.dataset->n_images + b.dataset->n_images;
  if (progress != NULL)
    cyt_progress_set_phase (progress, "reading", "cells", 0, 0, -1);
  if (!read_side (&a, 0, n, progress, cancellable, error)
      || !read_side (&b, a.dataset->n_images, n, progress, cancellable, error))
    return NULL;
  self = g_new0 (CytTransfer, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->train = g_strdup (a.dataset->name);
  self->test = g_strdup (b.dataset->name);
  self->n_train = a.dataset->n_images;
  self->n_test = b.dataset->n_images;
  self->d_sae = cyt_project_get_d_sae (train);
  if (!share_classes (self, &a, &b, options->classes, error) || !fill_rows (self, &a, &b, error)
      || !explain_sides ((Side *const[]){ &a, &b }, options, &self->why_not_explained, progress, cancellable, error))
    return NULL;
  self->explained_train = a.explained;
  self->explained_test = b.explained;
  self->n_explained_train = a.n_explained;
  self->n_explained_test = b.n_explained;
  rank (self, options->min_cells);
  return g_steal_pointer (&self);
}
