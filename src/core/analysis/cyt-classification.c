/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/cyt-classification.h"
#include "analysis/cyt-classifier.h"
#include "io/cyt-error.h"

#define N_BOOTSTRAP 1000

const double cyt_classification_c[CYT_CLASSIFICATION_N_C] = { 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100 };

void
cyt_classification_free (CytClassification *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->classes);
  g_free (self->patients);
  g_free (self->truth);
  g_free (self->fold);
  g_free (self->c);
  g_free (self->predicted);
  g_free (self->scores);
  g_free (self->confusion);
  g_clear_pointer (&self->masks, g_array_unref);
  for (guint f = 0; self->models != NULL && f < self->n_folds; f++)
    cyt_classifier_free (self->models[f]);
  g_free (self->models);
  cyt_classifier_free (self->whole);
  g_free (self);
}

/* ---- Who takes part ---- */

static gboolean
choose_patients (CytClassification *self, const CytBarcodes *patients, guint n_folds, GError **error)
{
  g_autofree guint *count = NULL;

  self->classes = cyt_barcodes_list_diseases (patients);
  self->n_classes = g_strv_length (self->classes);
  self->patients = g_new (guint, patients->rows->len);
  self->truth = g_new (guint, patients->rows->len);
  count = g_new0 (guint, self->n_classes + 1);
  for (guint i = 0; i < patients->rows->len; i++)
    {
      const CytBarcode *row = cyt_barcodes_get_row (patients, i);
      guint class = 0;

      if (row->other_disease != NULL)
        {
          g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "patient \"%s\" has two diseases: \"%s\" and \"%s\"",
                       row->name, row->disease, row->other_disease);
          return FALSE;
        }
      if (row->disease == NULL)
        continue;
      while (!g_str_equal (self->classes[class], row->disease))
        class++;
      self->patients[self->n] = i;
      self->truth[self->n++] = class;
      count[class]++;
    }
  if (self->n_classes < 2)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "expected patients of at least two diseases, found %u",
                   self->n_classes);
      return FALSE;
    }
  for (guint c = 0; c < self->n_classes; c++)
    if (count[c] < n_folds)
      {
        g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                     "disease \"%s\" has fewer patients (%u) than there are folds (%u)", self->classes[c], count[c], n_folds);
        return FALSE;
      }
  return TRUE;
}

/* ---- Folds ---- */

/* Deals each class's patients out, shuffled, going on with the next fold where the class before ended. */
static void
deal_folds (const guint *classes, gsize n, guint n_classes, guint n_folds, GRand *random, guint *fold)
{
  g_autofree guint *members = g_new (guint, n);
  guint next = 0;

  for (guint c = 0; c < n_classes; c++)
    {
      gsize n_members = 0;

      for (gsize i = 0; i < n; i++)
        if (classes[i] == c)
          members[n_members++] = (guint) i;
      for (gsize i = n_members; i > 1; i--)
        {
          gsize j = (gsize) g_rand_int_range (random, 0, (gint32) i);
          guint other = members[j];

          members[j] = members[i - 1];
          members[i - 1] = other;
        }
      for (gsize i = 0; i < n_members; i++)
        fold[members[i]] = next++ % n_folds;
    }
}

/* ---- One training fold ---- */

typedef struct
{
  const double *features;  /* (n, n_features) */
  gsize n_features;
  const guint *classes;    /* (n) */
  gsize n;
  guint n_classes;
} Data;

/* Weighted F1 of each C over the inner folds, the training patients of a class dealt out in turn; the best C. */
static double
search_c (const Data *data, const guint *rows, gsize n)
{
  g_autofree guint *inner = g_new (guint, n), *seen = g_new0 (guint, data->n_classes);
  g_autofree guint *predicted = g_new (guint, n * CYT_CLASSIFICATION_N_C), *truth = g_new (guint, n);
  g_autofree guint *training = g_new (guint, n);
  g_autofree double *scores = g_new0 (double, n * data->n_classes);
  guint n_inner = CYT_CLASSIFICATION_N_INNER;
  double best_f1 = -1, best = 1;

  for (gsize i = 0; i < n; i++)
    {
      truth[i] = data->classes[rows[i]];
      inner[i] = seen[truth[i]]++;
    }
  for (guint c = 0; c < data->n_classes; c++)
    n_inner = MIN (n_inner, seen[c]);
  if (n_inner < 2)
    return best; /* nothing to search with */
  for (guint f = 0; f < n_inner; f++)
    {
      g_autoptr (CytTrainingSet) set = NULL;
      gsize n_training = 0;

      for (gsize i = 0; i < n; i++)
        if (inner[i] % n_inner != f)
          training[n_training++] = rows[i];
      set = cyt_training_set_new (data->features, data->n_features, training, n_training);
      for (guint c = 0; c < CYT_CLASSIFICATION_N_C; c++)
        {
          g_autoptr (CytClassifier) fit = cyt_classifier_fit (set, data->classes, data->n_classes, cyt_classification_c[c]);

          for (gsize i = 0; i < n; i++)
            if (inner[i] % n_inner == f)
              predicted[c * n + i] = cyt_classifier_predict (fit, data->features + rows[i] * data->n_features, NULL, scores);
        }
    }
  memset (scores, 0, n * data->n_classes * sizeof *scores);
  for (guint c = 0; c < CYT_CLASSIFICATION_N_C; c++)
    {
      CytMetrics metrics;

      cyt_metrics_compute (&metrics, n, data->n_classes, truth, predicted + c * n, scores);
      if (metrics.weighted_f1 > best_f1 + 1e-12)
        {
          best_f1 = metrics.weighted_f1;
          best = cyt_classification_c[c];
        }
    }
  return best;
}

/* Fits on the patients outside of fold @f; on all where there is no such fold. */
static CytClassifier *
fit_fold (const Data *data, const guint *fold, guint f, double *c)
{
  g_autofree guint *rows = g_new (guint, data->n);
  g_autoptr (CytTrainingSet) set = NULL;
  gsize n = 0;

  for (gsize i = 0; i < data->n; i++)
    if (fold[i] != f)
      rows[n++] = (guint) i;
  *c = search_c (data, rows, n);
  set = cyt_training_set_new (data->features, data->n_features, rows, n);
  return cyt_classifier_fit (set, data->classes, data->n_classes, *c);
}

/* ---- Masks ---- */

static GArray *
list_masks (gsize n_features)
{
  static const guint steps[] = { 1, 2, 5 };
  GArray *masks = g_array_new (FALSE, TRUE, sizeof (CytMaskPoint));
  gsize power = 1;

  for (guint i = 0;; i++)
    {
      CytMaskPoint point = { 0 };
      gsize n;

      if (i > 0 && i % G_N_ELEMENTS (steps) == 0)
        power *= 10;
      n = MIN (steps[i % G_N_ELEMENTS (steps)] * power, n_features);
      point.n_kept = (guint) n;
      g_array_append_val (masks, point);
      if (n == n_features)
        return masks;
    }
}

typedef struct
{
  gsize feature;
  double strength;
} Strength;

static int
compare_strengths (gconstpointer a, gconstpointer b)
{
  const Strength *x = a, *y = b;

  if (x->strength != y->strength)
    return x->strength > y->strength ? -1 : 1;
  return (x->feature > y->feature) - (x->feature < y->feature);
}

/* masked: (n masks, n) predictions of the patients of fold @f. */
static void
predict_masked (const Data *data, const CytClassifier *fit, const guint *fold, guint f, const GArray *masks, guint *masked)
{
  g_autofree Strength *order = g_new (Strength, MAX (1, data->n_features));
  g_autofree guint8 *kept = g_new0 (guint8, MAX (1, data->n_features));
  g_autofree double *scores = g_new (double, data->n_classes);
  gsize n_kept = 0;

  for (gsize k = 0; k < data->n_features; k++)
    {
      order[k] = (Strength) { k, 0 };
      for (guint c = 0; c < data->n_classes; c++)
        order[k].strength += fit->weights[c * data->n_features + k] * fit->weights[c * data->n_features + k];
    }
  qsort (order, data->n_features, sizeof *order, compare_strengths);
  for (guint m = 0; m < masks->len; m++)
    {
      while (n_kept < g_array_index (masks, CytMaskPoint, m).n_kept)
        kept[order[n_kept++].feature] = TRUE;
      for (gsize i = 0; i < data->n; i++)
        if (fold[i] == f)
          masked[m * data->n + i] = cyt_classifier_predict (fit, data->features + i * data->n_features, kept, scores);
    }
}

/* ---- Estimates ---- */

static void
add_fold (const CytClassification *self, guint repeat, guint f, GArray *measured)
{
  g_autofree guint *truth = g_new (guint, self->n), *predicted = g_new (guint, self->n);
  g_autofree double *scores = g_new (double, self->n * self->n_classes);
  CytMetrics metrics;
  gsize n = 0;

  for (gsize i = 0; i < self->n; i++)
    if (self->fold[repeat * self->n + i] == f)
      {
        truth[n] = self->truth[i];
        predicted[n] = self->predicted[repeat * self->n + i];
        memcpy (scores + n * self->n_classes, self->scores + (repeat * self->n + i) * self->n_classes,
                self->n_classes * sizeof *scores);
        n++;
      }
  cyt_metrics_compute (&metrics, n, self->n_classes, truth, predicted, scores);
  g_array_append_val (measured, metrics);
}

/* Mean over the repeats, of patients @drawn (n). */
static CytMetrics
measure_repeats (const CytClassification *self, const guint *drawn)
{
  g_autofree guint *truth = g_new (guint, self->n), *predicted = g_new (guint, self->n);
  g_autofree double *scores = g_new (double, self->n * self->n_classes);
  CytMetrics mean = { 0 };

  for (guint r = 0; r < self->n_repeats; r++)
    {
      CytMetrics metrics;

      for (gsize i = 0; i < self->n; i++)
        {
          truth[i] = self->truth[drawn[i]];
          predicted[i] = self->predicted[r * self->n + drawn[i]];
          memcpy (scores + i * self->n_classes, self->scores + (r * self->n + drawn[i]) * self->n_classes,
                  self->n_classes * sizeof *scores);
        }
      cyt_metrics_compute (&metrics, self->n, self->n_classes, truth, predicted, scores);
      mean.weighted_f1 += metrics.weighted_f1 / self->n_repeats;
      mean.macro_f1 += metrics.macro_f1 / self->n_repeats;
      mean.balanced_accuracy += metrics.balanced_accuracy / self->n_repeats;
      mean.auroc += metrics.auroc / self->n_repeats;
    }
  return mean;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* @offset: of the measure in CytMetrics. */
static CytEstimate
estimate (const GArray *measured, const GArray *bootstrapped, gsize offset)
{
  CytEstimate result = { 0 };
  g_autoptr (GArray) drawn = g_array_new (FALSE, FALSE, sizeof (double));
  double square = 0;

  for (guint i = 0; i < measured->len; i++)
    result.mean += G_STRUCT_MEMBER (double, &g_array_index (measured, CytMetrics, i), offset) / measured->len;
  for (guint i = 0; i < measured->len; i++)
    {
      double x = G_STRUCT_MEMBER (double, &g_array_index (measured, CytMetrics, i), offset) - result.mean;

      square += x * x;
    }
  result.deviation = measured->len > 1 ? sqrt (square / (measured->len - 1)) : NAN;
  for (guint i = 0; i < bootstrapped->len; i++)
    {
      double x = G_STRUCT_MEMBER (double, &g_array_index (bootstrapped, CytMetrics, i), offset);

      if (!isnan (x)) /* a draw without a class has no area */
        g_array_append_val (drawn, x);
    }
  g_array_sort (drawn, compare_doubles);
  result.low = drawn->len > 0 ? g_array_index (drawn, double, (guint) (0.025 * drawn->len)) : NAN;
  result.high = drawn->len > 0 ? g_array_index (drawn, double, MIN (drawn->len - 1, (guint) (0.975 * drawn->len))) : NAN;
  return result;
}

static void
summarise (CytClassification *self, guint32 seed)
{
  g_autoptr (GArray) measured = g_array_new (FALSE, FALSE, sizeof (CytMetrics));
  g_autoptr (GArray) bootstrapped = g_array_new (FALSE, FALSE, sizeof (CytMetrics));
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autofree guint *drawn = g_new (guint, self->n);

  for (guint r = 0; r < self->n_repeats; r++)
    for (guint f = 0; f < self->n_folds; f++)
      add_fold (self, r, f, measured);
  for (guint b = 0; b < N_BOOTSTRAP; b++)
    {
      CytMetrics metrics;

      for (gsize i = 0; i < self->n; i++)
        drawn[i] = (guint) g_rand_int_range (random, 0, (gint32) self->n);
      metrics = measure_repeats (self, drawn);
      g_array_append_val (bootstrapped, metrics);
    }
  self->weighted_f1 = estimate (measured, bootstrapped, G_STRUCT_OFFSET (CytMetrics, weighted_f1));
  self->macro_f1 = estimate (measured, bootstrapped, G_STRUCT_OFFSET (CytMetrics, macro_f1));
  self->balanced_accuracy = estimate (measured, bootstrapped, G_STRUCT_OFFSET (CytMetrics, balanced_accuracy));
  self->auroc = estimate (measured, bootstrapped, G_STRUCT_OFFSET (CytMetrics, auroc));
  self->confusion = g_new0 (double, self->n_classes * self->n_classes);
  for (guint r = 0; r < self->n_repeats; r++)
    for (gsize i = 0; i < self->n; i++)
      self->confusion[self->truth[i] * self->n_classes + self->predicted[r * self->n + i]] += 1.0 / self->n_repeats;
}

/* ---- The run ---- */

static double
get_weighted_f1 (gsize n, guint n_classes, const guint *truth, const guint *predicted)
{
  g_autofree double *scores = g_new0 (double, n * n_classes);
  CytMetrics metrics;

  cyt_metrics_compute (&metrics, n, n_classes, truth, predicted, scores);
  return metrics.weighted_f1;
}

static void
run_repeat (CytClassification *self, const Data *data, guint r, double *mask_f1, CytProgress *progress,
            GCancellable *cancellable)
{
  const guint *fold = self->fold + r * self->n;
  g_autofree guint *masked = g_new0 (guint, self->masks->len * self->n);

  for (guint f = 0; f < self->n_folds && !g_cancellable_is_cancelled (cancellable); f++)
    {
      g_autoptr (CytClassifier) fit = fit_fold (data, fold, f, &self->c[r * self->n_folds + f]);

      for (gsize i = 0; i < self->n; i++)
        if (fold[i] == f)
          {
            const double *features = data->features + i * data->n_features;

            self->predicted[r * self->n + i]
              = cyt_classifier_predict (fit, features, NULL, self->scores + (r * self->n + i) * self->n_classes);
          }
      predict_masked (data, fit, fold, f, self->masks, masked);
      if (r == 0)
        self->models[f] = g_steal_pointer (&fit);
      if (progress)
        cyt_progress_advance (progress, 1, 0);
    }
  for (guint m = 0; m < self->masks->len; m++)
    mask_f1[m * self->n_repeats + r] = get_weighted_f1 (self->n, self->n_classes, self->truth, masked + m * self->n);
}

static void
summarise_masks (CytClassification *self, const double *mask_f1)
{
  for (guint m = 0; m < self->masks->len; m++)
    {
      CytMaskPoint *point = &g_array_index (self->masks, CytMaskPoint, m);
      double square = 0;

      for (guint r = 0; r < self->n_repeats; r++)
        point->mean += mask_f1[m * self->n_repeats + r] / self->n_repeats;
      for (guint r = 0; r < self->n_repeats; r++)
        square += pow (mask_f1[m * self->n_repeats + r] - point->mean, 2);
      point->deviation = self->n_repeats > 1 ? sqrt (square / (self->n_repeats - 1)) : NAN;
    }
}

/* The whole procedure, one repeat, with diseases shuffled among the patients. */
static void
permute (CytClassification *self, const Data *data, guint n_permutations, GRand *random, CytProgress *progress,
         GCancellable *cancellable)
{
  g_autofree guint *shuffled = g_memdup2 (self->truth, self->n * sizeof *self->truth);
  g_autofree guint *fold = g_new (guint, self->n), *predicted = g_new0 (guint, self->n);
  g_autofree double *scores = g_new (double, self->n_classes), *f1 = g_new (double, MAX (1, n_permutations));
  double observed = get_weighted_f1 (self->n, self->n_classes, self->truth, self->predicted), square = 0;
  Data permuted = *data;
  guint n_reaching = 0;

  self->shuffled_mean = 0;
  permuted.classes = shuffled;
  for (guint p = 0; p < n_permutations && !g_cancellable_is_cancelled (cancellable); p++)
    {
      for (gsize i = self->n; i > 1; i--)
        {
          gsize j = (gsize) g_rand_int_range (random, 0, (gint32) i);
          guint other = shuffled[j];

          shuffled[j] = shuffled[i - 1];
          shuffled[i - 1] = other;
        }
      deal_folds (shuffled, self->n, self->n_classes, self->n_folds, random, fold);
      for (guint f = 0; f < self->n_folds; f++)
        {
          double c;
          g_autoptr (CytClassifier) fit = fit_fold (&permuted, fold, f, &c);

          for (gsize i = 0; i < self->n; i++)
            if (fold[i] == f)
              predicted[i] = cyt_classifier_predict (fit, data->features + i * data->n_features, NULL, scores);
          if (progress)
            cyt_progress_advance (progress, 1, 0);
        }
      f1[p] = get_weighted_f1 (self->n, self->n_classes, shuffled, predicted);
      n_reaching += f1[p] >= observed;
      self->shuffled_mean += f1[p] / n_permutations;
    }
  for (guint p = 0; p < n_permutations; p++)
    square += pow (f1[p] - self->shuffled_mean, 2);
  self->shuffled_deviation = n_permutations > 1 ? sqrt (square / (n_permutations - 1)) : NAN;
  self->p = (1.0 + n_reaching) / (1.0 + n_permutations);
}

CytClassification *
cyt_classification_run (const CytBarcodes *patients, const CytFeatures *features,
                        const CytClassificationOptions *options, CytProgress *progress, GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (CytClassification) self = g_new0 (CytClassification, 1);
  g_autoptr (GRand) random = g_rand_new_with_seed (options->seed);
  g_autofree double *used = NULL, *mask_f1 = NULL;
  Data data;
  double c;

  g_assert (options->n_folds >= 2 && options->n_repeats >= 1 && features->n >= 1 && features->n_rows == patients->rows->len);
  if (!choose_patients (self, patients, options->n_folds, error))
    return NULL;
  used = g_new (double, self->n * features->n);
  for (gsize i = 0; i < self->n; i++)
    memcpy (used + i * features->n, cyt_features_get_row (features, self->patients[i]), features->n * sizeof *used);
  data = (Data) { used, features->n, self->truth, self->n, self->n_classes };
  self->n_folds = options->n_folds;
  self->n_repeats = options->n_repeats;
  self->fold = g_new (guint, self->n_repeats * self->n);
  self->c = g_new (double, self->n_repeats * self->n_folds);
  self->predicted = g_new0 (guint, self->n_repeats * self->n);
  self->scores = g_new0 (double, self->n_repeats * self->n * self->n_classes);
  self->models = g_new0 (CytClassifier *, self->n_folds);
  self->masks = list_masks (features->n);
  mask_f1 = g_new0 (double, self->masks->len * self->n_repeats);
  if (progress)
    cyt_progress_start (progress, 0, (gsize) self->n_folds * (self->n_repeats + options->n_permutations));
  for (guint r = 0; r < self->n_repeats; r++)
    deal_folds (self->truth, self->n, self->n_classes, self->n_folds, random, self->fold + r * self->n);
  for (guint r = 0; r < self->n_repeats; r++)
    run_repeat (self, &data, r, mask_f1, progress, cancellable);
  if (self->n < patients->rows->len && !g_cancellable_is_cancelled (cancellable))
    self->whole = fit_fold (&data, self->fold, G_MAXUINT, &c);
  self->p = self->shuffled_mean = self->shuffled_deviation = NAN;
  if (options->n_permutations > 0)
    permute (self, &data, options->n_permutations, random, progress, cancellable);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  summarise_masks (self, mask_f1);
  summarise (self, options->seed);
  return g_steal_pointer (&self);
}

gssize
cyt_classification_find (const CytClassification *self, gsize row)
{
  for (gsize i = 0; i < self->n; i++)
    if (self->patients[i] == row)
      return (gssize) i;
  return -1;
}

const CytClassifier *
cyt_classification_get_model (const CytClassification *self, gsize row)
{
  gssize i = cyt_classification_find (self, row);

  return i >= 0 ? self->models[self->fold[i]] : self->whole;
}
