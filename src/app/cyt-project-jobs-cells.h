/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-cell-section.h"
#include "cyt-project-jobs.h"

G_BEGIN_DECLS

/* The cells that the grid shows of one latent. */
typedef struct
{
  guint latent;
  GArray *datasets;          /* gint64 */
  gboolean one_per_patient;  /* the top cells are the best of each patient */
} CytCellsRequest;
CytCellsRequest *cyt_cells_request_new (guint latent, gboolean one_per_patient);
void cyt_cells_request_free (CytCellsRequest *self);

/* The latent in one data set. */
typedef struct
{
  gint64 dataset;
  CytLatentRow row;
  GPtrArray *cells[CYT_CELL_SECTION_N_KINDS]; /* of CytCellItem; NULL where not asked for */
} CytCellsAnswer;

/* The latent's row, its top cells and its strips in every data set. Where not all cells of the latent are known
 * (published, indexed in part), the top cells are those of the top list, and there are no strips; nor where the top
 * list holds all. */
gpointer cyt_project_job_load_cells (gpointer state, gpointer data, GCancellable *cancellable,
                                     GError **error); /* → GPtrArray of CytCellsAnswer */

G_END_DECLS
