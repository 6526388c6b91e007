/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-assignment.h"

#define NONE G_MAXUINT32

/* Costs are 1 − value. Throughout, cost (i, j) − u[i] − v[j] >= 0, and = 0 where row i has column j: what proves
 * the assignment to be the best of the rows that have one. */
typedef struct
{
  const float *values;
  gsize n_rows, n_columns;
  double *u;            /* (n_rows) prices of the rows */
  double *v;            /* (n_columns) */
  guint32 *column_of;   /* (n_rows) */
  guint32 *row_of;      /* (n_columns) */
  /* Of the search from one row: */
  double *distance;     /* (n_columns) shortest path to the column */
  guint32 *previous;    /* (n_columns) the row it comes from */
  guint32 *left;        /* (n_columns) columns not reached yet */
  guint32 *reached;     /* (n_columns) the others, in order */
} Solver;

static void
solver_init (Solver *self, const float *values, gsize n_rows, gsize n_columns, guint32 *columns)
{
  self->values = values;
  self->n_rows = n_rows;
  self->n_columns = n_columns;
  self->u = g_new0 (double, n_rows);
  self->v = g_new0 (double, n_columns);
  self->column_of = columns;
  self->row_of = g_new (guint32, n_columns);
  self->distance = g_new (double, n_columns);
  self->previous = g_new (guint32, n_columns);
  self->left = g_new (guint32, n_columns);
  self->reached = g_new (guint32, n_columns);
  memset (self->column_of, 0xff, n_rows * sizeof *self->column_of);
  memset (self->row_of, 0xff, n_columns * sizeof *self->row_of);
}

static void
solver_clear (Solver *self)
{
  g_free (self->u);
  g_free (self->v);
  g_free (self->row_of);
  g_free (self->distance);
  g_free (self->previous);
  g_free (self->left);
  g_free (self->reached);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Solver, solver_clear)

/* Dijkstra's search from @row to the nearest column that is free. Updates the prices; returns that column. */
static guint32
find_path (Solver *self, guint32 row)
{
  gsize n_left = self->n_columns, n_reached = 0;
  guint32 i = row, sink = NONE;
  double length = 0;

  for (gsize k = 0; k < n_left; k++)
    {
      self->left[k] = k;
      self->distance[k] = INFINITY;
    }
  while (TRUE)
    {
      const float *values = self->values + i * self->n_columns;
      double nearest = INFINITY;
      gsize best = 0;
      guint32 j;

      for (gsize k = 0; k < n_left; k++)
        {
          double d;

          j = self->left[k];
          d = length + (1 - (double) values[j]) - self->u[i] - self->v[j];
          if (d < self->distance[j])
            {
              self->distance[j] = d;
              self->previous[j] = i;
            }
          /* Of equally near ones a free one ends the search. */
          if (self->distance[j] < nearest || (self->distance[j] == nearest && self->row_of[j] == NONE))
            {
              nearest = self->distance[j];
              best = k;
            }
        }
      length = nearest;
      j = self->left[best];
      self->left[best] = self->left[--n_left];
      if (self->row_of[j] == NONE)
        {
          sink = j;
          break;
        }
      self->reached[n_reached++] = j;
      i = self->row_of[j];
    }

  self->u[row] += length;
  for (gsize k = 0; k < n_reached; k++)
    {
      guint32 j = self->reached[k];

      self->u[self->row_of[j]] += length - self->distance[j];
      self->v[j] -= length - self->distance[j];
    }
  return sink;
}

/* Gives every row on the path to @column the column after it. */
static void
augment (Solver *self, guint32 row, guint32 column)
{
  guint32 i;

  do
    {
      guint32 next;

      i = self->previous[column];
      next = self->column_of[i];
      self->row_of[column] = i;
      self->column_of[i] = column;
      column = next;
    }
  while (i != row);
}

gboolean
cyt_assignment_solve (const float *values, gsize n_rows, gsize n_columns, guint32 *columns, CytProgress *progress,
                      GCancellable *cancellable, GError **error)
{
  g_auto (Solver) solver = { NULL };

  g_return_val_if_fail (n_rows <= n_columns && n_columns < NONE, FALSE);

  solver_init (&solver, values, n_rows, n_columns, columns);
  if (progress != NULL)
    cyt_progress_start (progress, 0, n_rows);
  for (gsize row = 0; row < n_rows; row++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      augment (&solver, row, find_path (&solver, row));
      if (progress != NULL)
        cyt_progress_advance (progress, 1, 0);
    }
  return TRUE;
}
