/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-classifier.h"
#include "analysis/cyt-features.h"
#include "analysis/cyt-metrics.h"
#include "model/cyt-progress.h"

G_BEGIN_DECLS

/* Telling patients' diseases apart, with evidence: repeated cross-validation by patient, stratified by disease. Everything
 * is fitted inside the training folds: the scaling, the weights, and C, which an inner cross-validation of the training
 * patients chooses. */

typedef struct
{
  guint n_folds;         /* 5 */
  guint n_repeats;       /* 10, each with its own folds */
  guint n_permutations;  /* 100; 0: none */
  guint32 seed;
} CytClassificationOptions;
#define CYT_CLASSIFICATION_OPTIONS_INIT { 5, 10, 100, 1 }

/* Values of C that are tried, ascending; equal ones give the smaller. */
#define CYT_CLASSIFICATION_N_C 8
extern const double cyt_classification_c[CYT_CLASSIFICATION_N_C];
#define CYT_CLASSIFICATION_N_INNER 3   /* folds of the inner cross-validation, fewer where a class is smaller */

/* A measure over the folds of all repeats. */
typedef struct
{
  double mean, deviation;  /* over n_folds × n_repeats test folds */
  double low, high;        /* 95 % interval: 1,000 bootstrap draws of patients, measured on the predictions of each whole
                              repeat, mean over repeats */
} CytEstimate;

typedef struct
{
  guint n_kept;
  double mean, deviation;  /* of the weighted F1 over repeats */
} CytMaskPoint;

typedef struct
{
  GStrv classes;           /* diseases, sorted */
  guint n_classes;
  gsize n;                 /* patients with a disease */
  guint *patients;         /* (n) rows of the barcodes */
  guint *truth;            /* (n) class */
  guint n_folds, n_repeats;
  guint *fold;             /* (n_repeats, n) where it was tested */
  double *c;               /* (n_repeats, n_folds) as chosen */
  guint *predicted;        /* (n_repeats, n), while it was not in training */
  double *scores;          /* (n_repeats, n, n_classes) */
  CytEstimate weighted_f1, macro_f1, balanced_accuracy, auroc;
  double *confusion;       /* (n_classes true, n_classes predicted) patients, mean over repeats */
  GArray *masks;           /* of CytMaskPoint, ascending: only the features with the largest weights (Σ over classes of
                              their squares, of the same training fold) count, without fitting again */
  CytClassifier **models;  /* (n_folds) of the first repeat */
  CytClassifier *whole;    /* trained on all n; NULL unless there are patients without a disease */
  double p;                /* permutation test of the weighted F1 of the first repeat: (1 + number of shufflings that
                              reach it) / (1 + n_permutations); NAN without */
  double shuffled_mean, shuffled_deviation; /* weighted F1 with the diseases shuffled among the patients: the negative
                              control; NAN without */
} CytClassification;

/* Of the rows of @features without a disease nothing is used.
 * Refuses (CYT_TABLE_ERROR_VALUE) where a patient has two diseases, there are fewer than two diseases, or one has fewer
 * patients than folds. @progress: units are folds. */
CytClassification *cyt_classification_run (const CytBarcodes *patients, const CytFeatures *features,
                                           const CytClassificationOptions *options, CytProgress *progress,
                                           GCancellable *cancellable, GError **error);
/* Place of a row of the barcodes among the n patients; -1: it has no disease. */
gssize cyt_classification_find (const CytClassification *self, gsize row);
/* The model that was not trained on that row: of the first repeat, or of all where it has no disease. (transfer none) */
const CytClassifier *cyt_classification_get_model (const CytClassification *self, gsize row);
void cyt_classification_free (CytClassification *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytClassification, cyt_classification_free)

G_END_DECLS
