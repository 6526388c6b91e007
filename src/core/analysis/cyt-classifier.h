/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* L2 logistic regression of few patients on many features, one class against the rest, through liblinear (L2R_LR; the
 * constant is a feature of value 1 and regularised like the others, as scikit-learn's solver "liblinear" has it).
 *
 * Features are scaled to mean 0 and deviation 1 (n) over the training rows; one that is constant there counts 0. The
 * weights of such a model lie in the span of the training rows, so the fit is done in coordinates of that span
 * (pivoted Cholesky of the rows' products): the same weights, but the time does not grow with the number of features. */
typedef struct _CytTrainingSet CytTrainingSet;

/* features: (n_rows, n_features), borrowed; rows: (n) of them to train on, copied. */
CytTrainingSet *cyt_training_set_new (const double *features, gsize n_features, const guint *rows, gsize n);
void cyt_training_set_free (CytTrainingSet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTrainingSet, cyt_training_set_free)

typedef struct
{
  guint n_classes;
  gsize n_features;
  double *mean, *scale;   /* (n_features) of the scaling; scale 0 for a constant */
  double *weights;        /* (n_classes, n_features) of the scaled features */
  double *constant;       /* (n_classes) */
  double c;
} CytClassifier;

/* classes: (n_rows of the features) class of each row, those of the training rows are read; every class below
 * @n_classes has to be among them. C > 0: inverse strength of the penalty. */
CytClassifier *cyt_classifier_fit (const CytTrainingSet *set, const guint *classes, guint n_classes, double C);
void cyt_classifier_free (CytClassifier *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytClassifier, cyt_classifier_free)

/* scores: (n_classes) shares that add to 1: the classes' logistic functions, divided by their sum.
 * @kept: (n_features) which features count, others as if they were at their mean; NULL: all.
 * Returns the class with the largest one. */
guint cyt_classifier_predict (const CytClassifier *self, const double *features, const guint8 *kept, double *scores);

/* What a feature has to do with a decision. */
typedef struct
{
  guint feature;           /* column */
  double weight;           /* of the scaled feature */
  double value;            /* scaled */
  double contribution;     /* weight × value */
} CytContribution;
/* Those other than 0, largest first: with the constant of @class they add to its decision value, whose logistic function
 * cyt_classifier_predict() makes a score of. features: (n_features). Of CytContribution (transfer full). */
GArray *cyt_classifier_explain (const CytClassifier *self, const double *features, guint class);

G_END_DECLS
