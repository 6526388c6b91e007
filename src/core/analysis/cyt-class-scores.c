/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/cyt-class-scores.h"
#include "io/cyt-error.h"

void
cyt_class_scores_free (CytClassScores *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->classes);
  g_free (self->n_cells);
  g_free (self->mean);
  g_free (self->share);
  g_free (self);
}

/* Sums while the cells are walked. */
typedef struct
{
  CytClassScores *scores;
  GHashTable *numbers;   /* class name → number + 1 */
  double *sum;           /* (n_classes, n_latents) */
  guint32 *n_active;     /* (n_classes, n_latents) */
  CytProgress *progress; /* or NULL */
} Walk;

static gboolean
add_cell (const CytCell *cell, const CytCellLatents *latents, gpointer user_data, GError **error)
{
  Walk *walk = user_data;
  guint number = cell->label != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (walk->numbers, cell->label)) : 0;
  double *sum;
  guint32 *n_active;

  if (walk->progress != NULL)
    cyt_progress_advance (walk->progress, 1, 0);
  if (number == 0)
    return TRUE;
  walk->scores->n_cells[number - 1]++;
  sum = walk->sum + (number - 1) * walk->scores->n_latents;
  n_active = walk->n_active + (number - 1) * walk->scores->n_latents;
  for (gsize i = 0; i < latents->n; i++)
    if (latents->score[i] > 0)
      {
        sum[latents->latent[i]] += latents->score[i];
        n_active[latents->latent[i]]++;
      }
  return TRUE;
}

static void
finish (Walk *walk)
{
  CytClassScores *scores = walk->scores;

  for (gsize c = 0; c < scores->n_classes; c++)
    for (gsize k = 0; k < scores->n_latents; k++)
      {
        gsize i = c * scores->n_latents + k;

        scores->mean[i] = scores->n_cells[c] > 0 ? (float) (walk->sum[i] / scores->n_cells[c]) : 0;
        scores->share[i] = scores->n_cells[c] > 0 ? (float) walk->n_active[i] / scores->n_cells[c] : 0;
      }
}

CytClassScores *
cyt_class_scores_compute (CytProject *project, gint64 dataset, CytProgress *progress, GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (CytClassScores) self = g_new0 (CytClassScores, 1);
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree double *sum = NULL;
  g_autofree guint32 *n_active = NULL;
  Walk walk;
  gsize n;

  self->classes = cyt_project_list_labels (project, dataset, error);
  if (self->classes == NULL)
    return NULL;
  self->n_classes = g_strv_length (self->classes);
  self->n_latents = cyt_project_get_d_sae (project);
  if (self->n_classes == 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "%s: the cells of this data set have no classes",
                   cyt_project_get_path (project));
      return NULL;
    }
  if (self->n_classes > CYT_CLASS_SCORES_MAX / self->n_latents)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "%s: %" G_GSIZE_FORMAT " classes are too many to be compared; expected at most %" G_GSIZE_FORMAT
                   " with %" G_GSIZE_FORMAT " latents", cyt_project_get_path (project), self->n_classes,
                   CYT_CLASS_SCORES_MAX / self->n_latents, self->n_latents);
      return NULL;
    }
  n = self->n_classes * self->n_latents;
  self->n_cells = g_new0 (gsize, self->n_classes);
  self->mean = g_new0 (float, n);
  self->share = g_new0 (float, n);
  sum = g_new0 (double, n);
  n_active = g_new0 (guint32, n);
  for (gsize c = 0; c < self->n_classes; c++)
    g_hash_table_insert (numbers, self->classes[c], GUINT_TO_POINTER (c + 1));
  walk = (Walk){ self, numbers, sum, n_active, progress };
  if (!cyt_project_scan_cells (project, dataset, NAN, add_cell, &walk, cancellable, error))
    return NULL;
  finish (&walk);
  return g_steal_pointer (&self);
}

double
cyt_class_scores_get_selectivity (const CytClassScores *self, gsize c, gsize latent)
{
  double total = 0;

  for (gsize i = 0; i < self->n_classes; i++)
    total += self->mean[i * self->n_latents + latent];
  return total > 0 ? self->mean[c * self->n_latents + latent] / total : NAN;
}

/* ---- The matrix ---- */

typedef struct
{
  CytClassPick pick;
  float mean;
} Candidate;

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *x = a, *y = b;

  if (x->pick.class != y->pick.class)
    return x->pick.class < y->pick.class ? -1 : 1;
  if (x->pick.selectivity != y->pick.selectivity)
    return x->pick.selectivity > y->pick.selectivity ? -1 : 1;
  if (x->mean != y->mean)
    return x->mean > y->mean ? -1 : 1;
  return x->pick.latent < y->pick.latent ? -1 : 1;
}

/* The class with the largest mean; the first one among equals. */
static gsize
find_best_class (const CytClassScores *self, gsize latent)
{
  gsize best = 0;

  for (gsize c = 1; c < self->n_classes; c++)
    if (self->mean[c * self->n_latents + latent] > self->mean[best * self->n_latents + latent])
      best = c;
  return best;
}

GArray *
cyt_class_scores_pick (const CytClassScores *self, guint n_best, const guint8 *allowed)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  GArray *picks = g_array_new (FALSE, FALSE, sizeof (CytClassPick));
  guint n_of_class = 0;

  for (gsize k = 0; k < self->n_latents; k++)
    {
      gsize c = find_best_class (self, k), i = c * self->n_latents + k;
      Candidate candidate = { { k, c, cyt_class_scores_get_selectivity (self, c, k) }, self->mean[i] };

      /* Half a cell for the rounding of the share. */
      if ((allowed == NULL || allowed[k]) && self->mean[i] > 0 && self->share[i] >= CYT_CLASS_PICK_MIN_SHARE
          && self->share[i] * self->n_cells[c] >= CYT_CLASS_PICK_MIN_CELLS - 0.5)
        g_array_append_val (candidates, candidate);
    }
  g_array_sort (candidates, compare_candidates);
  for (guint i = 0; i < candidates->len; i++)
    {
      const Candidate *candidate = &g_array_index (candidates, Candidate, i);

      n_of_class = i > 0 && candidate->pick.class == candidate[-1].pick.class ? n_of_class + 1 : 0;
      if (n_of_class < n_best)
        g_array_append_val (picks, candidate->pick);
    }
  return picks;
}
