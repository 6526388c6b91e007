/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-transfer.h"

#include "cyt-session.h"

G_BEGIN_DECLS

/* How the project's latents carry over to another domain (cyt-session-transfer.c): cyt_transfer_compute() on a thread and
 * connections of its own. */

/* What is compared. */
typedef struct
{
  char *train_set;   /* a data set of the project */
  char *other;       /* path of the other project; NULL: the same */
  char *test_set;    /* a data set of that; NULL: see cyt_transfer_compute() */
  char *classes;     /* a CSV that says which classes are the same; NULL: names alone */
} CytTransferPlan;

/* Latents of each list, and pictures of each on either side: as many as the report has. */
#define CYT_TRANSFER_N_LATENTS 6
#define CYT_TRANSFER_N_CELLS 5

typedef struct
{
  CytTransfer *transfer;
  GArray *latents;       /* of guint32: the most transferable, best first, then the least, worst first */
  guint n_best;
  GPtrArray *cells[2];   /* of CytBestCell, on either domain, in the order of latents */
  gboolean simulated;    /* one of the two at least */
} CytTransferView;
void cyt_transfer_view_free (CytTransferView *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTransferView, cyt_transfer_view_free)

/* @progress: (transfer full) lives as long as the work, until @callback has returned.
 * Errors: those of cyt_project_open() and cyt_transfer_compute(). (transfer full) */
void cyt_session_compute_transfer_async (CytSession *self, const CytTransferPlan *plan, CytProgress *progress,
                                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
CytTransferView *cyt_session_compute_transfer_finish (CytSession *self, GAsyncResult *result, GError **error);
/* Names of the data sets of the project at @path, on a thread. Errors: those of cyt_project_open(). (transfer full) */
void cyt_session_list_datasets_async (CytSession *self, const char *path, GAsyncReadyCallback callback, gpointer user_data);
GStrv cyt_session_list_datasets_finish (CytSession *self, GAsyncResult *result, GError **error);
/* Writes the report, cyt_transfer_figure_new() of what @transfer found by @plan, to the PDF file @path, which appears complete or not at all, after all
 * edits that were made: it has the concepts' names. */
void cyt_session_write_transfer_async (CytSession *self, const CytTransferPlan *plan, CytTransfer *transfer,
                                       const char *path, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean cyt_session_write_transfer_finish (CytSession *self, GAsyncResult *result, GError **error);

G_END_DECLS
