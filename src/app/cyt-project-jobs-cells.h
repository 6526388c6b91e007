/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-cell-section.h"
#include "cyt-project-jobs.h"

G_BEGIN_DECLS

/* The cells that the grid shows of one latent. */
typedef struct
{
  guint latent;
  GArray *datasets;        /* gint64 */
} CytCellsRequest;
CytCellsRequest *cyt_cells_request_new (guint latent);
void cyt_cells_request_free (CytCellsRequest *self);

/* The latent in one data set. */
typedef struct
{
  gint64 dataset;
  CytLatentRow row;
  GPtrArray *cells[CYT_CELL_SECTION_N_KINDS]; /* of CytCellItem; NULL where not asked for */
} CytCellsAnswer;

/* The latent's row and its top cells in every data set. */
gpointer cyt_project_job_load_cells (gpointer state, gpointer data, GCancellable *cancellable,
                                     GError **error); /* → GPtrArray of CytCellsAnswer */

G_END_DECLS
