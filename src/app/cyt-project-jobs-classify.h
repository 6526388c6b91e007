/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-classification.h"
#include "analysis/cyt-evidence.h"

#include "cyt-project-jobs-patients.h"

G_BEGIN_DECLS

/* Telling diseases apart, and why: jobs for what the page of patients shows of it. */

/* Kinds of features, each on the same folds. */
typedef enum
{
  CYT_FEATURES_BARCODES,
  CYT_FEATURES_CONCEPTS,   /* barcodes of latents that an expert named; not there while there are none */
  CYT_FEATURES_MEAN,       /* baselines: mean of the encoder's tokens, */
  CYT_FEATURES_CLS,        /* and its CLS token */
  CYT_N_FEATURES,
} CytFeaturesKind;

/* Read-only, shared by whoever shows it. */
typedef struct
{
  CytPatientsView *view;   /* what was classified */
  CytFeatures *features;   /* the barcodes' */
  gsize n_features[CYT_N_FEATURES];
  CytClassification *results[CYT_N_FEATURES]; /* NULL: not asked for, or not there */
} CytClassResult;
CytClassResult *cyt_class_result_ref (CytClassResult *self);
void cyt_class_result_unref (CytClassResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytClassResult, cyt_class_result_unref)

/* Runs on the engine (state: CytModelStore). */
typedef struct
{
  char *path;
  CytPatientsView *view;
  CytModelFiles *files;
  gboolean with_encoder;   /* the baselines, too: the images walk through the encoder once more */
  CytProgress *progress;   /* whose stages follow each other */
} CytClassRequest;
/* Takes @progress. */
CytClassRequest *cyt_class_request_new (const char *path, CytPatientsView *view, CytModelFiles *files, gboolean with_encoder,
                                        CytProgress *progress);
void cyt_class_request_free (CytClassRequest *self);
gpointer cyt_project_job_classify (gpointer state, gpointer data, GCancellable *cancellable,
                                   GError **error); /* → CytClassResult */

/* Concepts and cells that are listed of a patient. */
#define CYT_EVIDENCE_N_CONCEPTS 40
#define CYT_EVIDENCE_N_CELLS 12
typedef struct
{
  char *path;
  CytClassResult *result;
  guint row;               /* of the barcodes */
  int explained;           /* class, -1: the predicted one */
} CytEvidenceRequest;
CytEvidenceRequest *cyt_evidence_request_new (const char *path, CytClassResult *result, guint row, int explained);
void cyt_evidence_request_free (CytEvidenceRequest *self);
gpointer cyt_project_job_load_evidence (gpointer state, gpointer data, GCancellable *cancellable,
                                        GError **error); /* → CytEvidence */

G_END_DECLS
