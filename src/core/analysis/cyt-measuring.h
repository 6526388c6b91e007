/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-baselines.h"
#include "analysis/cyt-measures.h"
#include "analysis/cyt-suggestions.h"

G_BEGIN_DECLS

/* Measures the SAE of a project on the images of one of its data sets, and what its attributes suggest, and keeps both in
 * the project. */
typedef struct
{
  const char *dataset;           /* name; NULL: the first */
  const char *embedding_encoder; /* checkpoint of another encoder for monosemanticity; NULL: the project's own */
  const char *masks;             /* folder, see cyt_masks_load(); NULL: none */
  const char *mask_names;
  gboolean baselines;
  gsize n_centroids;
  gsize max_images;              /* evenly chosen; 0: all */
  guint n_threads;               /* 0: one per core */
  guint64 seed;                  /* of baselines and shuffles */
} CytMeasuringOptions;
#define CYT_MEASURING_OPTIONS_INIT { .n_centroids = CYT_BASELINES_DEFAULT_CENTROIDS, .seed = 42 }

/* Cells with masks that are looked at, so that what fires in them fits into memory. */
#define CYT_MEASURING_MAX_MASKED 500

typedef struct
{
  char *dataset;                 /* its name */
  GPtrArray *measures;           /* of CytMeasures: the SAE, then the baselines */
  char *embedding;               /* what monosemanticity rests on, in words */
  GPtrArray *attributes;         /* of CytImageAttribute */
  CytSuggestions *suggestions;   /* NULL where the data set has no attributes, or is not indexed to its end */
} CytMeasuring;
void cyt_measuring_free (CytMeasuring *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytMeasuring, cyt_measuring_free)

/* The project is not written until all is computed. What is found in the images is kept beside it meanwhile, in the file below:
 * a measurement of the same that was cut off goes on where it stopped, with the same result, bit by bit; baselines are fitted
 * again before, and what is computed from all images together after. Errors before the work: CYT_PROJECT_ERROR_READ_ONLY, CYT_MODELS_ERROR (published,
 * models missing or changed), CYT_PROJECT_ERROR_NOT_FOUND; then those of cyt_measures_run(), cyt_masks_load() and
 * cyt_baselines_fit(). @progress: phases, see cyt-measures-phase.h. */
CytMeasuring *cyt_measuring_run (const char *path, const CytMeasuringOptions *options, CytProgress *progress,
                                 GCancellable *cancellable, GError **error);
/* P.cytosae.measuring (transfer full); there only while there is something to go on with. */
char *cyt_measuring_dup_journal_path (const char *path);

G_END_DECLS
