/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/cyt-assignment.h"

#define NONE G_MAXUINT32

/* ---- Sorted rows ---- */

/* The larger value comes first, of equal ones the lower column. */
static int
compare_entries (gconstpointer pa, gconstpointer pb)
{
  const CytAssignmentEntry *a = pa, *b = pb;

  if (a->value != b->value)
    return a->value > b->value ? -1 : 1;
  return a->column < b->column ? -1 : a->column > b->column;
}

/* Puts the @k first of entries (n) in front, in any order: Hoare's selection. */
static void
select_first (CytAssignmentEntry *entries, gsize n, gsize k)
{
  gsize low = 0, high = n; /* the k-th is in between */

  while (high - low > 1 && k > low && k < high)
    {
      CytAssignmentEntry pivot = entries[low + (high - low) / 2];
      gsize i = low, j = high - 1;

      while (TRUE)
        {
          CytAssignmentEntry swap;

          while (compare_entries (&entries[i], &pivot) < 0)
            i++;
          while (compare_entries (&pivot, &entries[j]) < 0)
            j--;
          if (i >= j)
            break;
          swap = entries[i];
          entries[i++] = entries[j];
          entries[j--] = swap;
        }
      /* entries before j + 1 come no later than those from there on */
      if (k <= j + 1 && j + 1 < high)
        high = j + 1;
      else if (j + 1 < high)
        low = j + 1;
      else
        break;
    }
}

void
cyt_assignment_list_row (CytAssignmentEntry *listed, const float *values, gsize n_columns, gsize n_listed,
                         CytAssignmentEntry *scratch)
{
  for (gsize j = 0; j < n_columns; j++)
    scratch[j] = (CytAssignmentEntry){ j, values[j] };
  select_first (scratch, n_columns, n_listed);
  qsort (scratch, n_listed, sizeof *scratch, compare_entries);
  memcpy (listed, scratch, n_listed * sizeof *listed);
}

/* ---- The solver ---- */

/* What a search comes to next: a column, or what is not listed of a row. */
typedef struct
{
  double distance;    /* of a row: nothing that is not listed is nearer */
  guint32 number;
  gboolean is_row;
} Step;

/* Costs are 1 − value. Throughout, cost (i, j) − u[i] − v[j] >= 0, and = 0 where row i has column j: what proves
 * the assignment to be the best of the rows that have one. v is 0 where nobody has the column, and never above. */
typedef struct
{
  const CytAssignmentProblem *p;
  double *u;            /* (n_rows) prices of the rows */
  double *v;            /* (n_columns) */
  guint32 *column_of;   /* (n_rows) */
  guint32 *row_of;      /* (n_columns) */
  float **kept;         /* (n_rows) rows that were read; NULL: not yet, or no room */
  gsize n_kept;
  float *row;           /* (n_columns) one that there is no room for */
  /* Of the search from one row: */
  double *distance;     /* (n_columns) shortest path to the column */
  guint32 *previous;    /* (n_columns) the row it comes from */
  guint8 *done;         /* (n_columns) whether that is known to be the shortest */
  GArray *seen;         /* of guint32: columns with a distance */
  GArray *reached;      /* of guint32: those done, in order */
  GArray *heap;         /* of Step, the nearest first */
  double nearest;       /* path to the free column that is nearest so far: */
  guint32 sink;
} Solver;

static void
solver_init (Solver *self, const CytAssignmentProblem *p, guint32 *columns)
{
  self->p = p;
  self->u = g_new0 (double, p->n_rows);
  self->v = g_new0 (double, p->n_columns);
  self->column_of = columns;
  self->row_of = g_new (guint32, p->n_columns);
  self->kept = g_new0 (float *, p->n_rows);
  self->row = g_new (float, p->n_columns);
  self->distance = g_new (double, p->n_columns);
  self->previous = g_new (guint32, p->n_columns);
  self->done = g_new0 (guint8, p->n_columns);
  self->seen = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->reached = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->heap = g_array_new (FALSE, FALSE, sizeof (Step));
  memset (self->column_of, 0xff, p->n_rows * sizeof *self->column_of);
  memset (self->row_of, 0xff, p->n_columns * sizeof *self->row_of);
  for (gsize j = 0; j < p->n_columns; j++)
    self->distance[j] = INFINITY;
}

static void
solver_clear (Solver *self)
{
  for (gsize i = 0; self->kept != NULL && i < self->p->n_rows; i++)
    g_free (self->kept[i]);
  g_free (self->kept);
  g_free (self->row);
  g_free (self->u);
  g_free (self->v);
  g_free (self->row_of);
  g_free (self->distance);
  g_free (self->previous);
  g_free (self->done);
  g_clear_pointer (&self->seen, g_array_unref);
  g_clear_pointer (&self->reached, g_array_unref);
  g_clear_pointer (&self->heap, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Solver, solver_clear)

/* ---- The heap ---- */

static gboolean
is_before (const Step *a, const Step *b)
{
  if (a->distance != b->distance)
    return a->distance < b->distance;
  return a->is_row != b->is_row ? a->is_row : a->number < b->number;
}

static void
push (GArray *heap, Step step)
{
  Step *steps;
  gsize k = heap->len;

  g_array_append_val (heap, step);
  steps = (Step *) heap->data;
  for (; k > 0 && is_before (&step, &steps[(k - 1) / 2]); k = (k - 1) / 2)
    steps[k] = steps[(k - 1) / 2];
  steps[k] = step;
}

static Step
pop (GArray *heap)
{
  Step *steps = (Step *) heap->data, first = steps[0], last = steps[heap->len - 1];
  gsize n = heap->len - 1, k = 0;

  g_array_set_size (heap, n);
  while (2 * k + 1 < n)
    {
      gsize child = 2 * k + 1;

      if (child + 1 < n && is_before (&steps[child + 1], &steps[child]))
        child++;
      if (!is_before (&steps[child], &last))
        break;
      steps[k] = steps[child];
      k = child;
    }
  if (n > 0)
    steps[k] = last;
  return first;
}

/* ---- A search ---- */

/* A path to column @j by way of row @i. */
static void
relax (Solver *self, guint32 i, guint32 j, double distance)
{
  if (self->done[j] || !(distance < self->distance[j]))
    return;
  if (self->distance[j] == INFINITY)
    g_array_append_val (self->seen, j);
  self->distance[j] = distance;
  self->previous[j] = i;
  if (self->row_of[j] != NONE)
    push (self->heap, (Step){ distance, j, FALSE });
  else if (distance < self->nearest)
    {
      self->nearest = distance;
      self->sink = j;
    }
}

/* As prices of columns are at most 0, a path through an entry is no shorter than without them: those behind one that is
 * too far are, too. */
static void
scan_listed (Solver *self, guint32 i, double length)
{
  const CytAssignmentEntry *listed = self->p->listed + i * self->p->n_listed;
  double from = length - self->u[i], far;

  for (gsize k = 0; k < self->p->n_listed; k++)
    {
      double distance = from + (1 - (double) listed[k].value);

      if (distance >= self->nearest)
        return;
      relax (self, i, listed[k].column, distance - self->v[listed[k].column]);
    }
  far = from + (1 - (double) listed[self->p->n_listed - 1].value);
  if (self->p->n_listed < self->p->n_columns && far < self->nearest)
    push (self->heap, (Step){ MAX (far, length), i, TRUE });
}

static const float *
get_row (Solver *self, guint32 i)
{
  const CytAssignmentProblem *p = self->p;
  float *row = self->kept[i];

  if (row != NULL)
    return row;
  row = self->row;
  if (self->n_kept < CYT_ASSIGNMENT_MAX_KEPT / (p->n_columns * sizeof *row))
    {
      row = self->kept[i] = g_new (float, p->n_columns);
      self->n_kept++;
    }
  p->read_row (i, row, p->data);
  for (gsize k = 0; k < p->n_listed; k++) /* the very numbers, should rounding differ */
    row[p->listed[i * p->n_listed + k].column] = p->listed[i * p->n_listed + k].value;
  return row;
}

/* The row was reached over its column, or began the search: @length to it. */
static void
scan_all (Solver *self, guint32 i, double length)
{
  const float *row = get_row (self, i);

  for (gsize j = 0; j < self->p->n_columns; j++)
    relax (self, i, j, length + (1 - (double) row[j]) - self->u[i] - self->v[j]);
}

/* Dijkstra's search from @row to the nearest column that is free. Updates the prices; returns that column. */
static guint32
find_path (Solver *self, guint32 row)
{
  self->nearest = INFINITY;
  self->sink = NONE;
  scan_listed (self, row, 0);
  while (self->heap->len > 0)
    {
      Step step = pop (self->heap);

      if (step.distance >= self->nearest)
        break;
      if (step.is_row)
        scan_all (self, step.number, step.number == row ? 0 : self->distance[self->column_of[step.number]]);
      else if (!self->done[step.number] && step.distance == self->distance[step.number])
        {
          self->done[step.number] = TRUE;
          g_array_append_val (self->reached, step.number);
          scan_listed (self, self->row_of[step.number], step.distance);
        }
    }

  self->u[row] += self->nearest;
  for (guint k = 0; k < self->reached->len; k++)
    {
      guint32 j = g_array_index (self->reached, guint32, k);
      double less = MAX (self->nearest - self->distance[j], 0);

      self->u[self->row_of[j]] += less;
      self->v[j] -= less;
    }
  for (guint k = 0; k < self->seen->len; k++)
    {
      guint32 j = g_array_index (self->seen, guint32, k);

      self->distance[j] = INFINITY;
      self->done[j] = FALSE;
    }
  g_array_set_size (self->seen, 0);
  g_array_set_size (self->reached, 0);
  g_array_set_size (self->heap, 0);
  return self->sink;
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
cyt_assignment_solve (const CytAssignmentProblem *problem, guint32 *columns, CytProgress *progress,
                      GCancellable *cancellable, GError **error)
{
  g_auto (Solver) solver = { NULL };

  g_return_val_if_fail (problem->n_rows <= problem->n_columns && problem->n_columns < NONE, FALSE);
  g_return_val_if_fail (problem->n_listed > 0 && problem->n_listed <= problem->n_columns, FALSE);

  solver_init (&solver, problem, columns);
  if (progress != NULL)
    cyt_progress_start (progress, 0, problem->n_rows);
  for (gsize row = 0; row < problem->n_rows; row++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      augment (&solver, row, find_path (&solver, row));
      if (progress != NULL)
        cyt_progress_advance (progress, 1, 0);
    }
  return TRUE;
}
