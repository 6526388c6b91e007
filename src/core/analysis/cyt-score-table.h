/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* Scores of latents on cells, sparse, latent by latent: entries start[k] … start[k + 1] − 1 are the cells on which
 * latent k fires (score > 0), by falling score, equal ones by cell. 8 bytes an entry, twice that while it is made. */
typedef struct
{
  gsize n_latents;
  gsize n_cells;
  gsize *start;     /* (n_latents + 1) */
  guint32 *cell;    /* (start[n_latents]) 0 … n_cells − 1 */
  float *score;     /* (start[n_latents]) > 0 */
} CytScoreTable;

void cyt_score_table_free (CytScoreTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytScoreTable, cyt_score_table_free)

/* Cells as they come, one after the other. */
typedef struct _CytScoreRows CytScoreRows;
CytScoreRows *cyt_score_rows_new (gsize n_latents);
void cyt_score_rows_free (CytScoreRows *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytScoreRows, cyt_score_rows_free)
/* The next cell. */
void cyt_score_rows_append (CytScoreRows *self, const CytCellLatents *latents);
CytScoreTable *cyt_score_rows_finish (const CytScoreRows *self);

/* All cells of a data set, by position; such as could not be read, or are not indexed yet, have no entries and
 * @known (n_cells, transfer full) 0. Errors as cyt_project_scan_cells(). */
CytScoreTable *cyt_score_table_load (CytProject *project, gint64 dataset, guint8 **known, GCancellable *cancellable,
                                     GError **error);

G_END_DECLS
