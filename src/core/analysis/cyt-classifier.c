/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <linear.h>
#include <math.h>
#include <string.h>

#include "analysis/cyt-classifier.h"

#define RANK_TOLERANCE 1e-10 /* of the largest product: what is left below it is rounding */
#define SOLVER_TOLERANCE 1e-7

struct _CytTrainingSet
{
  const double *features;
  gsize n_features;
  guint *rows;         /* (n) */
  gsize n;
  double *mean, *scale;
  double *scaled;      /* (n, n_features) */
  gsize rank;
  guint *pivots;       /* (rank) places in rows, whose span is everything */
  double *root;        /* (n, rank) L with L Lᵀ = products of the scaled rows; its pivot rows are lower triangular */
};

static void
ignore_output (const char *text)
{
}

/* ---- Scaling ---- */

static void
scale_features (CytTrainingSet *self)
{
  for (gsize k = 0; k < self->n_features; k++)
    {
      double mean = 0, square = 0;

      for (gsize i = 0; i < self->n; i++)
        mean += self->features[self->rows[i] * self->n_features + k];
      mean /= (double) self->n;
      for (gsize i = 0; i < self->n; i++)
        {
          double x = self->features[self->rows[i] * self->n_features + k] - mean;

          square += x * x;
        }
      self->mean[k] = mean;
      /* a constant may leave rounding: less than that is no deviation */
      self->scale[k] = square > 1e-20 * (double) self->n * MAX (1, mean * mean) ? 1 / sqrt (square / (double) self->n) : 0;
    }
  for (gsize i = 0; i < self->n; i++)
    for (gsize k = 0; k < self->n_features; k++)
      self->scaled[i * self->n_features + k]
        = (self->features[self->rows[i] * self->n_features + k] - self->mean[k]) * self->scale[k];
}

/* Product of two scaled rows. */
static double
multiply (const CytTrainingSet *self, gsize i, gsize j)
{
  const double *a = self->scaled + i * self->n_features, *b = self->scaled + j * self->n_features;
  double sums[4] = { 0 };
  gsize k = 0;

  for (; k + 4 <= self->n_features; k += 4)
    for (guint s = 0; s < 4; s++)
      sums[s] += a[k + s] * b[k + s];
  for (; k < self->n_features; k++)
    sums[0] += a[k] * b[k];
  return sums[0] + sums[1] + sums[2] + sums[3];
}

/* Pivoted Cholesky: the row with most left unexplained becomes the next coordinate, until nothing is left. */
static void
factorise (CytTrainingSet *self)
{
  gsize n = self->n;
  g_autofree double *left = g_new (double, n);
  double limit = 0;

  for (gsize i = 0; i < n; i++)
    {
      left[i] = multiply (self, i, i);
      limit = MAX (limit, left[i] * RANK_TOLERANCE);
    }
  for (self->rank = 0; self->rank < n; self->rank++)
    {
      gsize r = self->rank, pivot = 0;
      double diagonal;

      for (gsize i = 1; i < n; i++)
        if (left[i] > left[pivot])
          pivot = i;
      if (!(left[pivot] > limit))
        break;
      diagonal = sqrt (left[pivot]);
      self->pivots[r] = (guint) pivot;
      for (gsize i = 0; i < n; i++)
        {
          double x = left[i] > 0 ? multiply (self, i, pivot) : 0;

          for (gsize c = 0; left[i] > 0 && c < r; c++)
            x -= self->root[i * n + c] * self->root[pivot * n + c];
          self->root[i * n + r] = i == pivot ? diagonal : x / diagonal;
          left[i] -= self->root[i * n + r] * self->root[i * n + r];
        }
      left[pivot] = 0; /* explained, whatever rounding says */
    }
}

CytTrainingSet *
cyt_training_set_new (const double *features, gsize n_features, const guint *rows, gsize n)
{
  CytTrainingSet *self = g_new0 (CytTrainingSet, 1);

  self->features = features;
  self->n_features = n_features;
  self->rows = g_memdup2 (rows, n * sizeof *rows);
  self->n = n;
  self->mean = g_new (double, MAX (1, n_features));
  self->scale = g_new (double, MAX (1, n_features));
  self->scaled = g_new (double, MAX (1, n * n_features));
  self->pivots = g_new (guint, MAX (1, n));
  self->root = g_new0 (double, MAX (1, n * n));
  scale_features (self);
  factorise (self);
  return self;
}

void
cyt_training_set_free (CytTrainingSet *self)
{
  if (self == NULL)
    return;
  g_free (self->rows);
  g_free (self->mean);
  g_free (self->scale);
  g_free (self->scaled);
  g_free (self->pivots);
  g_free (self->root);
  g_free (self);
}

/* ---- Fitting ---- */

/* weights: (n_features) of the features, from @coordinates (rank) in the span: w = Xₚᵀ Lₚ⁻ᵀ c over the pivot rows. */
static void
expand (const CytTrainingSet *self, const double *coordinates, double *weights)
{
  gsize n = self->n;
  g_autofree double *share = g_new (double, MAX (1, self->rank));

  for (gsize r = self->rank; r > 0; r--)
    {
      gsize c = r - 1;

      share[c] = coordinates[c];
      for (gsize later = r; later < self->rank; later++)
        share[c] -= self->root[self->pivots[later] * n + c] * share[later];
      share[c] /= self->root[self->pivots[c] * n + c];
    }
  memset (weights, 0, self->n_features * sizeof *weights);
  for (gsize c = 0; c < self->rank; c++)
    for (gsize k = 0; k < self->n_features; k++)
      weights[k] += share[c] * self->scaled[self->pivots[c] * self->n_features + k];
}

static void
fill_problem (const CytTrainingSet *self, const guint *classes, struct problem *problem)
{
  gsize width = self->rank + 2; /* the constant, and the end */
  struct feature_node *nodes = g_new (struct feature_node, self->n * width);

  problem->l = (int) self->n;
  problem->n = (int) self->rank + 1;
  problem->bias = 1;
  problem->y = g_new (double, self->n);
  problem->x = g_new (struct feature_node *, self->n);
  for (gsize i = 0; i < self->n; i++)
    {
      struct feature_node *row = nodes + i * width;

      problem->y[i] = classes[self->rows[i]];
      problem->x[i] = row;
      for (gsize c = 0; c < self->rank; c++)
        row[c] = (struct feature_node) { (int) c + 1, self->root[i * self->n + c] };
      row[self->rank] = (struct feature_node) { (int) self->rank + 1, 1 };
      row[self->rank + 1] = (struct feature_node) { -1, 0 };
    }
}

static void
clear_problem (struct problem *problem)
{
  g_free (problem->x[0]);
  g_free (problem->x);
  g_free (problem->y);
}

CytClassifier *
cyt_classifier_fit (const CytTrainingSet *set, const guint *classes, guint n_classes, double C)
{
  struct parameter parameter = { .solver_type = L2R_LR, .eps = SOLVER_TOLERANCE, .C = C, .p = 0.1 };
  struct problem problem;
  struct model *model;
  CytClassifier *self = g_new0 (CytClassifier, 1);
  g_autofree double *coordinates = g_new (double, set->rank + 1);

  g_assert (n_classes >= 2);
  self->n_classes = n_classes;
  self->n_features = set->n_features;
  self->c = C;
  self->mean = g_memdup2 (set->mean, set->n_features * sizeof *set->mean);
  self->scale = g_memdup2 (set->scale, set->n_features * sizeof *set->scale);
  self->weights = g_new0 (double, MAX (1, n_classes * set->n_features));
  self->constant = g_new0 (double, n_classes);
  set_print_string_function (ignore_output);
  fill_problem (set, classes, &problem);
  model = train (&problem, &parameter);
  g_assert (model->nr_class == (int) n_classes);
  for (guint m = 0; m < n_classes; m++)
    {
      guint class = (guint) model->label[m];
      /* with two classes liblinear has one set of weights, for the first it met */
      guint column = n_classes == 2 ? 0 : m, n_columns = n_classes == 2 ? 1 : n_classes;
      double sign = n_classes == 2 && m == 1 ? -1 : 1;

      for (gsize c = 0; c <= set->rank; c++)
        coordinates[c] = sign * model->w[c * n_columns + column];
      expand (set, coordinates, self->weights + class * set->n_features);
      self->constant[class] = coordinates[set->rank];
    }
  free_and_destroy_model (&model);
  clear_problem (&problem);
  return self;
}

void
cyt_classifier_free (CytClassifier *self)
{
  if (self == NULL)
    return;
  g_free (self->mean);
  g_free (self->scale);
  g_free (self->weights);
  g_free (self->constant);
  g_free (self);
}

guint
cyt_classifier_predict (const CytClassifier *self, const double *features, const guint8 *kept, double *scores)
{
  double sum = 0;
  guint best = 0;

  for (guint c = 0; c < self->n_classes; c++)
    {
      const double *weights = self->weights + c * self->n_features;
      double x = self->constant[c];

      for (gsize k = 0; k < self->n_features; k++)
        if (kept == NULL || kept[k])
          x += weights[k] * (features[k] - self->mean[k]) * self->scale[k];
      scores[c] = 1 / (1 + exp (-x));
      sum += scores[c];
      if (scores[c] > scores[best])
        best = c;
    }
  for (guint c = 0; c < self->n_classes; c++)
    scores[c] = sum > 0 ? scores[c] / sum : 1.0 / self->n_classes;
  return best;
}

static int
compare_contributions (gconstpointer a, gconstpointer b)
{
  const CytContribution *x = a, *y = b;

  if (x->contribution != y->contribution)
    return x->contribution > y->contribution ? -1 : 1;
  return (x->feature > y->feature) - (x->feature < y->feature);
}

GArray *
cyt_classifier_explain (const CytClassifier *self, const double *features, guint class)
{
  GArray *contributions = g_array_new (FALSE, FALSE, sizeof (CytContribution));

  g_assert (class < self->n_classes);
  for (gsize k = 0; k < self->n_features; k++)
    {
      CytContribution x = { .feature = (guint) k, .weight = self->weights[class * self->n_features + k],
                            .value = (features[k] - self->mean[k]) * self->scale[k] };

      x.contribution = x.weight * x.value;
      if (x.contribution != 0)
        g_array_append_val (contributions, x);
    }
  g_array_sort (contributions, compare_contributions);
  return contributions;
}
