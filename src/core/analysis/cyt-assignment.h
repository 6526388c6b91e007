/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "model/cyt-progress.h"

G_BEGIN_DECLS

/* A matrix that need not be in memory: of each row the largest values are listed, and the whole row is made when it takes
 * more than these, which is seldom. */
typedef struct
{
  guint32 column;
  float value;
} CytAssignmentEntry;
/* out: (n_columns) the row's values; the same whenever it is asked for. */
typedef void (*CytAssignmentReadFunc) (gsize row, float *out, gpointer data);
typedef struct
{
  gsize n_rows, n_columns;             /* n_rows <= n_columns */
  gsize n_listed;                      /* of each row; 1 … n_columns */
  const CytAssignmentEntry *listed;    /* (n_rows, n_listed) cyt_assignment_list_row() */
  CytAssignmentReadFunc read_row;
  gpointer data;
} CytAssignmentProblem;

/* The @n_listed largest of values (n_columns), largest first, of equal ones the lower column first.
 * out: listed (n_listed);  scratch (n_columns). */
void cyt_assignment_list_row (CytAssignmentEntry *listed, const float *values, gsize n_columns, gsize n_listed,
                              CytAssignmentEntry *scratch);

/* The one-to-one assignment of the rows of a matrix to columns whose sum of values is largest: Jonker and Volgenant's
 * shortest augmenting paths for rectangular matrices (Crouse, IEEE Trans. Aerosp. Electron. Syst. 52, 2016), the algorithm of
 * scipy.optimize.linear_sum_assignment, with Dijkstra's search in a heap over sorted rows. What is not listed of a row is at
 * most its last listed value: only where a path through it could still be the shortest, the row is read. Exact, so, whatever
 * is listed, up to the rounding of doubles; of several best assignments always the same.
 * Values: finite, at most 1.
 * out: columns (n_rows): each row's column, no column twice
 * Memory: 40 bytes a column, 12 a row, and at most CYT_ASSIGNMENT_MAX_KEPT bytes of rows that were read.
 * @progress: advanced by rows; NULL allowed. Errors: G_IO_ERROR_CANCELLED. */
#define CYT_ASSIGNMENT_MAX_KEPT ((gsize) 256 << 20)
gboolean cyt_assignment_solve (const CytAssignmentProblem *problem, guint32 *columns, CytProgress *progress,
                               GCancellable *cancellable, GError **error);

G_END_DECLS
