/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/cyt-score-table.h"
#include "io/cyt-error.h"

struct _CytScoreRows
{
  gsize n_latents;
  gsize n_cells, n_cells_allocated;
  gsize n, n_allocated;
  gsize *end;       /* (n_cells) of each cell's entries */
  guint32 *latent;  /* (n) */
  float *score;     /* (n) */
};

CytScoreRows *
cyt_score_rows_new (gsize n_latents)
{
  CytScoreRows *self = g_new0 (CytScoreRows, 1);

  self->n_latents = n_latents;
  return self;
}

void
cyt_score_rows_free (CytScoreRows *self)
{
  if (self == NULL)
    return;
  g_free (self->end);
  g_free (self->latent);
  g_free (self->score);
  g_free (self);
}

void
cyt_score_rows_append (CytScoreRows *self, const CytCellLatents *latents)
{
  if (self->n_cells == self->n_cells_allocated)
    {
      self->n_cells_allocated = MAX (2 * self->n_cells_allocated, 1024);
      self->end = g_renew (gsize, self->end, self->n_cells_allocated);
    }
  if (self->n + latents->n > self->n_allocated)
    {
      self->n_allocated = MAX (self->n_allocated + self->n_allocated / 2, self->n + latents->n);
      self->latent = g_renew (guint32, self->latent, self->n_allocated);
      self->score = g_renew (float, self->score, self->n_allocated);
    }
  for (guint i = 0; i < latents->n; i++)
    {
      g_assert (latents->latent[i] < self->n_latents);
      self->latent[self->n + i] = latents->latent[i];
      self->score[self->n + i] = latents->score[i];
    }
  self->n += latents->n;
  self->end[self->n_cells++] = self->n;
}

typedef struct
{
  float score;
  guint32 cell;
} Entry;

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  if (x->score != y->score)
    return x->score < y->score ? 1 : -1;
  return x->cell < y->cell ? -1 : x->cell > y->cell;
}

static void
sort_latents (CytScoreTable *self)
{
  gsize n_most = 0;
  g_autofree Entry *entries = NULL;

  for (gsize k = 0; k < self->n_latents; k++)
    n_most = MAX (n_most, self->start[k + 1] - self->start[k]);
  entries = g_new (Entry, n_most);
  for (gsize k = 0; k < self->n_latents; k++)
    {
      gsize first = self->start[k], n = self->start[k + 1] - first;

      for (gsize i = 0; i < n; i++)
        entries[i] = (Entry){ self->score[first + i], self->cell[first + i] };
      qsort (entries, n, sizeof *entries, compare_entries);
      for (gsize i = 0; i < n; i++)
        {
          self->score[first + i] = entries[i].score;
          self->cell[first + i] = entries[i].cell;
        }
    }
}

CytScoreTable *
cyt_score_rows_finish (const CytScoreRows *self)
{
  CytScoreTable *table = g_new0 (CytScoreTable, 1);
  g_autofree gsize *next = g_new0 (gsize, self->n_latents);

  table->n_latents = self->n_latents;
  table->n_cells = self->n_cells;
  table->start = g_new0 (gsize, self->n_latents + 1);
  table->cell = g_new (guint32, self->n);
  table->score = g_new (float, self->n);
  for (gsize i = 0; i < self->n; i++)
    table->start[self->latent[i] + 1]++;
  for (gsize k = 0; k < self->n_latents; k++)
    {
      table->start[k + 1] += table->start[k];
      next[k] = table->start[k];
    }
  for (gsize cell = 0; cell < self->n_cells; cell++)
    for (gsize i = cell > 0 ? self->end[cell - 1] : 0; i < self->end[cell]; i++)
      {
        gsize to = next[self->latent[i]]++;

        table->cell[to] = cell;
        table->score[to] = self->score[i];
      }
  sort_latents (table);
  return table;
}

void
cyt_score_table_free (CytScoreTable *self)
{
  if (self == NULL)
    return;
  g_free (self->start);
  g_free (self->cell);
  g_free (self->score);
  g_free (self);
}

/* ---- Of a data set ---- */

typedef struct
{
  CytScoreRows *rows;
  guint8 *known;
  gsize n_cells;
} Load;

static void
skip_to (Load *load, gsize position)
{
  const CytCellLatents none = { 0 };

  while (load->rows->n_cells < position)
    cyt_score_rows_append (load->rows, &none);
}

static gboolean
add_cell (const CytCell *cell, const CytCellLatents *latents, gpointer user_data, GError **error)
{
  Load *load = user_data;

  /* positions of a data set rise without a gap, cells that could not be read are not among the scanned */
  if (cell->position >= load->n_cells || cell->position < load->rows->n_cells)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_CORRUPT,
                   "the cells of the data set do not stand in order: position %" G_GSIZE_FORMAT, cell->position);
      return FALSE;
    }
  skip_to (load, cell->position);
  cyt_score_rows_append (load->rows, latents);
  load->known[cell->position] = 1;
  return TRUE;
}

CytScoreTable *
cyt_score_table_load (CytProject *project, gint64 dataset, guint8 **known, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytScoreRows) rows = cyt_score_rows_new (cyt_project_get_d_sae (project));
  g_autoptr (GPtrArray) datasets = cyt_project_list_datasets (project, error);
  g_autofree guint8 *found = NULL;
  Load load = { .rows = rows };

  if (datasets == NULL)
    return NULL;
  for (guint i = 0; i < datasets->len; i++)
    {
      const CytDataset *d = g_ptr_array_index (datasets, i);

      if (d->id == dataset)
        load.n_cells = d->n_cells;
    }
  found = load.known = g_new0 (guint8, load.n_cells);
  if (!cyt_project_scan_cells (project, dataset, NAN, add_cell, &load, cancellable, error))
    return NULL;
  skip_to (&load, load.n_cells);
  *known = g_steal_pointer (&found);
  return cyt_score_rows_finish (rows);
}
