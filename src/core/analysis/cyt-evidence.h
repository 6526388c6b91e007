/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-classification.h"
#include "project/cyt-indexer.h"

G_BEGIN_DECLS

/* Why a patient was taken for one disease: from the decision down to concepts, cells and patches. A barcode is the mean
 * over cells of the tokens above τ, so that a concept's contribution is traced exactly: to cells by their counts, to
 * patches by activations above τ. Plain data; made on one thread, it may be read on any. */

/* A cell of the patient that carries a concept. */
typedef struct
{
  gint64 dataset;
  gint64 cell;             /* id */
  char *path;              /* relative to the data set's root */
  char *label;             /* class of the cell, NULL where not given */
  guint16 count;           /* tokens with f > τ, CLS included, 1…257 */
  double share;            /* of the patient's barcode of the concept: count / Σ count over all cells, 0…1 */
  float score;             /* mean of f over all 257 tokens */
  gboolean has_map;        /* FALSE: not stored, and cyt_evidence_compute_maps() was not called or failed */
  CytSparseMap map;        /* f > 0 by patch; those above τ were counted; empty where it fires on CLS alone */
  char *failure;           /* why the map could not be computed, else NULL */
} CytEvidenceCell;

typedef struct
{
  guint32 latent;
  char *name;              /* by an expert, "" without */
  double barcode;          /* of the patient: tokens above τ per image */
  double mean;             /* of the patients that the model was trained on */
  CytContribution share;   /* weight × scaled barcode. Negative weight and value: the concept's absence speaks for it */
  gsize n_cells;           /* of the patient's cells that carry it (count > 0) */
  GPtrArray *cells;        /* of CytEvidenceCell: the strongest of them by count, then score, then id */
} CytEvidenceConcept;

typedef struct
{
  char *patient;
  char *disease;           /* NULL: not known; then the model saw all patients with a disease */
  gsize n_cells;           /* of the patient */
  double threshold;        /* τ */
  GStrv classes;           /* diseases, sorted */
  guint n_classes;
  guint predicted;         /* class, by the model of the first repeat that did not train on the patient */
  guint explained;         /* the class that the contributions are about */
  double *scores;          /* (n_classes) of that model, they add to 1 */
  guint *n_predicted;      /* (n_classes) in how many repeats each was predicted, each time by a model that did not train
                              on the patient; all 0 where the disease is not known */
  guint n_folds, n_repeats;
  double c;                /* of that model */
  double constant;         /* decision = constant + Σ of all contributions; score: its logistic function, over their sum */
  double decision;
  GPtrArray *concepts;     /* of CytEvidenceConcept: those with the largest contributions either way, from the most
                              that speaks for the class to the most that speaks against it */
  gsize n_concepts;        /* with a contribution other than 0, listed or not */
  double rest;             /* Σ of the contributions of those that are not listed */
} CytEvidence;

/* @options: what @patients are barcodes of. @features: what @classification was run on, from barcodes.
 * @row: of the patients. @explained: a class, -1: the predicted one. At most @n_concepts and, of each, @n_cells. Reads the
 * patient's cells once. Maps are those that the index holds. CYT_TABLE_ERROR_VALUE where features are no barcodes. */
CytEvidence *cyt_evidence_new (CytProject *project, const CytBarcodesOptions *options, const CytBarcodes *patients,
                               const CytFeatures *features, const CytClassification *classification, gsize row,
                               int explained, guint n_concepts, guint n_cells, GCancellable *cancellable, GError **error);
void cyt_evidence_free (CytEvidence *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytEvidence, cyt_evidence_free)

/* How many cells have no map yet: images that cyt_evidence_compute_maps() would compute. */
gsize cyt_evidence_count_missing (const CytEvidence *self);
/* Computes these from the images. @models: the project's, verified (cyt-model-store.h). An image that cannot be read, or
 * is not the one that was indexed, leaves its cell without a map and says so in the cell's failure. @progress: units are
 * images. */
gboolean cyt_evidence_compute_maps (CytEvidence *self, CytProject *project, const CytModels *models, guint n_threads,
                                    CytProgress *progress, GCancellable *cancellable, GError **error);

G_END_DECLS
