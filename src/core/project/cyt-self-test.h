/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-model-timing.h"
#include "model/cyt-progress.h"

G_BEGIN_DECLS

/* What indexing with the models of one's own will cost on this machine, from a test of some seconds: a few drawn
 * cells are indexed with the built-in models into a temporary project, and the kernels are timed at the shapes of
 * DinoBloom-S, -B, -L and -G, each with an SAE of 64 latents per dimension, as CytoSAE has. */

typedef struct
{
  const char *name;         /* "DinoBloom-B" (static) */
  CytModelShape shape;
  double seconds_per_cell;  /* wall clock, on all cores */
  double bytes_per_cell;    /* of the project file */
  double bytes_of_lists;    /* of the project file, beside the cells: statistics and full top lists */
  double memory;            /* bytes, at the peak */
} CytSelfTestModel;

#define CYT_SELF_TEST_N_MODELS 4

typedef struct
{
  guint n_threads;
  CytSelfTestModel built_in; /* the models that the program brings, measured as a whole */
  CytSelfTestModel models[CYT_SELF_TEST_N_MODELS];
} CytSelfTest;

/* Runs the test. @n_threads: cells in parallel, 0: one per core. @progress counts its steps. @progress and
 * @cancellable may be NULL. Nothing is left on disk.
 * Errors: G_IO_ERROR_NOT_FOUND without built-in models, those of cyt_indexer_run(), G_FILE_ERROR. */
gboolean cyt_self_test_run (CytSelfTest *self, guint n_threads, CytProgress *progress, GCancellable *cancellable,
                            GError **error);

/* For @n_cells images: seconds, and bytes of the project file. The lists fill up as cells come, so few cells take
 * less than bytes_of_lists. */
double cyt_self_test_model_get_seconds (const CytSelfTestModel *self, guint64 n_cells);
double cyt_self_test_model_get_bytes (const CytSelfTestModel *self, guint64 n_cells);

G_END_DECLS
