/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-average-precision.h"
#include "analysis/cyt-measures-phase.h"
#include "analysis/cyt-measures.h"
#include "analysis/cyt-score-table.h"
#include "index/cyt-top-lists.h"
#include "model/cyt-token-latents.h"
#include "tensor/cyt-parallel.h"

G_BEGIN_DECLS

#define CYT_MEASURES_N_TOP 16  /* images whose Jaccard index is taken */

/* What is known of the images, whoever describes them. */
typedef struct
{
  gsize n;               /* listed */
  gsize n_images, n_failed, n_labelled;
  gsize d_embedding;
  float *embedding;      /* (n, d_embedding) of unit length, zero where the image could not be read */
  GStrv classes;
  gsize n_classes;
  gint32 *class;         /* (n) −1: none, or the image could not be read */
  guint8 *half;          /* (n) 0: to choose on, 1: to score on */
  guint8 *failed;        /* (n) */
  gsize d;               /* of the tokens */
  double *sum;           /* (d) Σ x over tokens */
  double square;         /* Σ ‖x‖² */
} CytMeasuresImages;

/* What the walk adds up for one dictionary. */
typedef struct
{
  const CytDictionary *dictionary;
  float *square;         /* (n) ‖w_dec[k]‖² */
  CytScoreRows *scores;
  CytTopLists *top;      /* of CYT_MEASURES_N_TOP */
  guint64 *n_tokens;     /* (n) with f > 0 */
  double *gain;          /* (n) what Σ‖x − x̂‖² grows by without this latent */
  double residual;       /* Σ‖x − x̂‖² */
  guint64 n_active;      /* pairs of token and latent */
  GPtrArray *masked;     /* of CytTokenLatents, by number of the masks; NULL where the image could not be read */
} CytMeasuresTotals;

/* What one image gives one dictionary. */
typedef struct
{
  CytTokenLatents *latents; /* which tokens it fires at only where the image has a mask */
  double *gain;             /* (latents->cell.n) */
  double residual;
  guint64 n_active;
} CytMeasuresPart;

/* What one image gives. */
typedef struct
{
  gboolean finite;
  double *sum;              /* (d) */
  double square;
  gsize n_parts;
  CytMeasuresPart parts[];
} CytMeasuresVisit;
CytMeasuresVisit *cyt_measures_visit_new (gsize d, gsize n_parts);
void cyt_measures_visit_free (CytMeasuresVisit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytMeasuresVisit, cyt_measures_visit_free)

/* Fills the maps' members of rows and summary. */
void cyt_measures_finish_maps (CytMeasures *self, const CytMeasuresOptions *options, const CytMeasuresImages *images,
                               const CytMeasuresTotals *totals, CytParallel *parallel, CytProgress *progress,
                               GCancellable *cancellable);

/* All of it from what was added up, of the @number-th dictionary, from 1; the stages go on until cancelled, and nothing is of use then. */
CytMeasures *cyt_measures_finish (const CytMeasuresOptions *options, const CytMeasuresImages *images,
                                  const CytMeasuresTotals *totals, gsize number, gsize n_dictionaries,
                                  CytParallel *parallel, CytProgress *progress, GCancellable *cancellable);

G_END_DECLS
