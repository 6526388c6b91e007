/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-progress.h"
#include "project/cyt-indexer.h"

G_BEGIN_DECLS

/* The demonstration: a cohort of phantom cells (peripheral blood, five groups of patients, SIMULATED) drawn into
 * FOLDER/cells and indexed with the built-in models into FOLDER/demonstration.cytosae. */
#define CYT_DEMO_DATASET "demonstration (SIMULATED)"
#define CYT_DEMO_DOMAIN "peripheral blood (SIMULATED)"

typedef struct
{
  guint n_cells;
  guint n_patients;
  guint n_threads; /* 0: one per core */
} CytDemoOptions;
/* As many cells as two cores draw and index within a minute. */
#define CYT_DEMO_OPTIONS_INIT { 1000, 40, 0 }

/* (transfer full) */
char *cyt_demo_dup_project_path (const char *folder);

/* Makes the demonstration, or goes on where an earlier run was cut off; when it is complete nothing is done.
 * First all cells are drawn, then they are indexed: from the first commit on the project can be browsed. @progress
 * goes over both and counts each cell twice. @progress, @on_commit, @cancellable may be NULL.
 * Errors: those of cyt_phantom_cohort_write() and cyt_indexer_run(); G_IO_ERROR_NOT_FOUND without built-in models. */
gboolean cyt_demo_run (const char *folder, const CytDemoOptions *options, CytProgress *progress,
                       CytIndexCommitFunc on_commit, gpointer user_data, GCancellable *cancellable, GError **error);

G_END_DECLS
