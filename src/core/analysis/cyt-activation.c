/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-activation.h"
#include "project/cyt-project-private.h"

/* Best first, ties by position. */
static int
compare_cells (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const CytLatentCells *cells = user_data;
  gsize i = *(const gsize *) a, j = *(const gsize *) b;

  if (cells->score[i] != cells->score[j])
    return cells->score[i] > cells->score[j] ? -1 : 1;
  return i < j ? -1 : i > j;
}

gsize
cyt_activation_pick (const CytLatentCells *cells, double percentile, gsize n, gsize *indices)
{
  g_autofree gsize *order = g_new (gsize, cells->n);
  double place, first;

  g_assert (percentile >= 0 && percentile <= 100);
  n = MIN (n, cells->n);
  if (n == 0)
    return 0;
  for (gsize i = 0; i < cells->n; i++)
    order[i] = i;
  g_qsort_with_data (order, cells->n, sizeof *order, compare_cells, (gpointer) cells);
  place = (1 - percentile / 100) * (double) (cells->n - 1);
  first = floor (place - (double) (n - 1) / 2 + 0.5);
  first = CLAMP (first, 0, (double) (cells->n - n));
  memcpy (indices, order + (gsize) first, n * sizeof *indices);
  return n;
}

/* ---- Histogram ---- */

void
cyt_histogram_free (CytHistogram *self)
{
  if (self == NULL)
    return;
  g_free (self->counts);
  g_free (self);
}

static guint
find_bin (const CytHistogram *self, double score)
{
  double low = log10 (self->low), high = log10 (self->high);
  guint bin = MIN ((guint) ((log10 (score) - low) / (high - low) * self->n_bins), self->n_bins - 1);

  /* the quotient may be rounded over an edge */
  if (bin > 0 && score < cyt_histogram_get_edge (self, bin))
    return bin - 1;
  if (bin + 1 < self->n_bins && score >= cyt_histogram_get_edge (self, bin + 1))
    return bin + 1;
  return bin;
}

CytHistogram *
cyt_histogram_new (const CytLatentCells *cells, guint n_bins)
{
  CytHistogram *self = g_new0 (CytHistogram, 1);

  g_assert (n_bins > 0);
  self->n_bins = n_bins;
  for (gsize i = 0; i < cells->n; i++)
    {
      self->low = i == 0 ? cells->score[i] : MIN (self->low, cells->score[i]);
      self->high = MAX (self->high, cells->score[i]);
    }
  if (self->low == self->high)
    self->n_bins = 1;
  self->counts = g_new0 (guint, self->n_bins);
  for (gsize i = 0; i < cells->n; i++)
    self->counts[self->n_bins > 1 ? find_bin (self, cells->score[i]) : 0]++;
  return self;
}

double
cyt_histogram_get_edge (const CytHistogram *self, guint bin)
{
  g_assert (bin <= self->n_bins);
  if (bin == 0 || bin == self->n_bins)
    return bin == 0 ? self->low : self->high;
  return pow (10, log10 (self->low) + (log10 (self->high) - log10 (self->low)) * bin / self->n_bins);
}

/* ---- Classes ---- */

void
cyt_activation_profile (const CytLatentCells *cells, const gint32 *classes, gsize n_positions, guint n_classes,
                        CytClassActivation *out)
{
  memset (out, 0, n_classes * sizeof *out);
  for (gsize i = 0; i < n_positions; i++)
    {
      g_assert (classes[i] < (gint64) n_classes);
      if (classes[i] >= 0)
        out[classes[i]].n_cells++;
    }
  for (gsize i = 0; i < cells->n; i++)
    {
      gint32 class = cells->position[i] < n_positions ? classes[cells->position[i]] : -1;

      if (class < 0)
        continue;
      out[class].n_active++;
      out[class].mean += cells->score[i];
    }
  for (guint c = 0; c < n_classes; c++)
    out[c].mean = out[c].n_cells > 0 ? out[c].mean / out[c].n_cells : NAN;
}

static GArray *
load_classes (CytProject *project, gint64 dataset, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GArray) classes = g_array_new (FALSE, FALSE, sizeof (gint32));
  gint64 first_cell;
  g_autoptr (CytDataset) facts = cyt_project_load_dataset (project, dataset, &first_cell, error);
  g_auto (GStrv) labels = NULL;
  gint64 n_labels;
  gboolean row;

  if (facts == NULL || (labels = cyt_project_list_labels (project, dataset, error)) == NULL)
    return NULL;
  n_labels = g_strv_length (labels);
  if (!cyt_statement_init (&s, project,
                           "SELECT id, CASE WHEN failure IS NULL THEN label END FROM cell "
                           "WHERE id >= ?1 AND id < ?1 + ?2 AND dataset = ?3 ORDER BY id", error))
    return NULL;
  cyt_statement_bind_int (&s, 1, first_cell);
  cyt_statement_bind_int (&s, 2, facts->n_indexed);
  cyt_statement_bind_int (&s, 3, dataset);
  while (TRUE)
    {
      gint64 id = first_cell + classes->len;
      gint32 class = -1;

      if (!cyt_statement_step (&s, &row, error))
        return NULL;
      if (!row)
        return g_steal_pointer (&classes);
      cyt_statement_get_int (&s, 0, id, id);
      if (!cyt_statement_is_null (&s, 1))
        class = cyt_statement_get_int (&s, 1, 0, n_labels - 1);
      if (!cyt_statement_check_row (&s, error, "cell", "id %" G_GINT64_FORMAT, id))
        return NULL;
      g_array_append_val (classes, class);
    }
}

GArray *
cyt_project_load_classes (CytProject *project, gint64 dataset, GError **error)
{
  g_autoptr (GArray) classes = NULL;

  if (!cyt_project_begin_read (project, error))
    return NULL;
  classes = load_classes (project, dataset, error);
  return cyt_project_end (project, classes != NULL, error) ? g_steal_pointer (&classes) : NULL;
}
