/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "analysis/cyt-confounds.h"

#define N_FACTS 4 /* red, green, blue, log area */

/* Sums over the cells of one class in one data set. */
typedef struct
{
  char *label;             /* NULL: cells without a class */
  guint dataset;
  double n;
  double facts[N_FACTS];   /* Σ x */
  double squares[N_FACTS]; /* Σ x² */
  double *score;           /* (d_sae) Σ f */
  double *products;        /* (d_sae, N_FACTS) Σ f x */
} Group;

static void
group_free (Group *group)
{
  g_free (group->label);
  g_free (group->score);
  g_free (group->products);
  g_free (group);
}

typedef struct
{
  gsize d_sae;
  guint dataset;
  guint n_datasets;
  GPtrArray *groups;       /* of Group */
  double *squares;         /* (d_sae) Σ f² over all cells */
  guint32 *n_active;       /* (d_sae) */
} Pass;

static Group *
find_group (Pass *pass, const char *label)
{
  Group *group;

  for (guint i = 0; i < pass->groups->len; i++)
    {
      group = pass->groups->pdata[i];
      if (group->dataset == pass->dataset && g_strcmp0 (group->label, label) == 0)
        return group;
    }
  group = g_new0 (Group, 1);
  group->label = g_strdup (label);
  group->dataset = pass->dataset;
  group->score = g_new0 (double, MAX (1, pass->d_sae));
  group->products = g_new0 (double, MAX (1, pass->d_sae) * N_FACTS);
  g_ptr_array_add (pass->groups, group);
  return group;
}

static gboolean
add_cell (const CytCell *cell, const CytCellLatents *latents, gpointer user_data, GError **error)
{
  Pass *pass = user_data;
  Group *group;
  double facts[N_FACTS] = { cell->color[0], cell->color[1], cell->color[2],
                            log (MAX (1, (double) cell->width * (double) cell->height)) };

  if (isnan (facts[0]) || isnan (facts[1]) || isnan (facts[2]))
    return TRUE;
  group = find_group (pass, cell->label);
  group->n++;
  for (guint j = 0; j < N_FACTS; j++)
    {
      group->facts[j] += facts[j];
      group->squares[j] += facts[j] * facts[j];
    }
  for (guint i = 0; i < latents->n; i++)
    {
      gsize k = latents->latent[i];
      double f = latents->score[i];

      pass->n_active[k]++;
      pass->squares[k] += f * f;
      group->score[k] += f;
      for (guint j = 0; j < N_FACTS; j++)
        group->products[k * N_FACTS + j] += f * facts[j];
    }
  return TRUE;
}

/* Number of cells and Σ over the groups of a class in all data sets. */
typedef struct
{
  double n, score, facts[N_FACTS];
} ClassSum;

static ClassSum
sum_class (const Pass *pass, const char *label, gsize k)
{
  ClassSum sum = { 0 };

  for (guint i = 0; i < pass->groups->len; i++)
    {
      const Group *g = pass->groups->pdata[i];

      if (g_strcmp0 (g->label, label) != 0)
        continue;
      sum.n += g->n;
      sum.score += g->score[k];
      for (guint j = 0; j < N_FACTS; j++)
        sum.facts[j] += g->facts[j];
    }
  return sum;
}

static gboolean
is_first_of_class (const Pass *pass, guint index)
{
  for (guint i = 0; i < index; i++)
    if (g_strcmp0 (((const Group *) pass->groups->pdata[i])->label, ((const Group *) pass->groups->pdata[index])->label) == 0)
      return FALSE;
  return TRUE;
}

static double
correlate (double covariance, double variance_a, double variance_b, double scale_a, double scale_b)
{
  /* What is left of a constant after taking its mean off is rounding, not variance. */
  if (!(variance_a > 1e-9 * scale_a) || !(variance_b > 1e-9 * scale_b))
    return NAN;
  return CLAMP (covariance / sqrt (variance_a * variance_b), -1, 1);
}

static void
measure (const Pass *pass, gsize k, CytConfound *out)
{
  double score_variance = pass->squares[k], between = 0;
  double covariance[N_FACTS] = { 0 }, variance[N_FACTS] = { 0 }, scale[N_FACTS] = { 0 };
  double r[N_FACTS];

  for (guint i = 0; i < pass->groups->len; i++)
    {
      const Group *g = pass->groups->pdata[i];

      for (guint j = 0; j < N_FACTS; j++)
        {
          covariance[j] += g->products[k * N_FACTS + j];
          variance[j] += g->squares[j];
          scale[j] += g->squares[j];
        }
    }
  for (guint i = 0; i < pass->groups->len; i++)
    {
      const Group *g = pass->groups->pdata[i];
      ClassSum sum = sum_class (pass, g->label, k);

      if (is_first_of_class (pass, i))
        {
          score_variance -= sum.score * sum.score / sum.n;
          for (guint j = 0; j < N_FACTS; j++)
            {
              covariance[j] -= sum.score * sum.facts[j] / sum.n;
              variance[j] -= sum.facts[j] * sum.facts[j] / sum.n;
            }
        }
    }
  /* Between data sets, after each class's mean is taken off. */
  for (guint d = 0; d < pass->n_datasets; d++)
    {
      double residual = 0, n = 0;

      for (guint i = 0; i < pass->groups->len; i++)
        {
          const Group *g = pass->groups->pdata[i];

          if (g->dataset == d)
            {
              ClassSum sum = sum_class (pass, g->label, k);

              residual += g->score[k] - g->n * sum.score / sum.n;
              n += g->n;
            }
        }
      between += n > 0 ? residual * residual / n : 0;
    }
  for (guint j = 0; j < N_FACTS; j++)
    r[j] = correlate (covariance[j], score_variance, variance[j], pass->squares[k], scale[j]);
  out->dataset = pass->n_datasets > 1 && score_variance > 1e-9 * pass->squares[k]
                   ? sqrt (CLAMP (between / score_variance, 0, 1))
                   : NAN;
  for (guint c = 0; c < 3; c++)
    out->color[c] = r[c];
  out->size = r[3];
  out->largest = isnan (out->dataset) ? 0 : out->dataset;
  for (guint j = 0; j < N_FACTS; j++)
    if (!isnan (r[j]))
      out->largest = MAX (out->largest, fabs (r[j]));
}

static int
compare_confounds (gconstpointer a, gconstpointer b)
{
  const CytConfound *x = a, *y = b;

  if (x->largest != y->largest)
    return x->largest > y->largest ? -1 : 1;
  return (x->latent > y->latent) - (x->latent < y->latent);
}

GArray *
cyt_confounds_compute (CytProject *project, GCancellable *cancellable, GError **error)
{
  gsize d_sae = cyt_project_get_d_sae (project);
  g_autoptr (GPtrArray) datasets = cyt_project_list_datasets (project, error);
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func ((GDestroyNotify) group_free);
  g_autofree double *squares = g_new0 (double, MAX (1, d_sae));
  g_autofree guint32 *n_active = g_new0 (guint32, MAX (1, d_sae));
  Pass pass = { .d_sae = d_sae, .groups = groups, .squares = squares, .n_active = n_active };
  GArray *list;

  if (datasets == NULL)
    return NULL;
  pass.n_datasets = datasets->len;
  for (; pass.dataset < datasets->len; pass.dataset++)
    if (!cyt_project_scan_cells (project, ((const CytDataset *) datasets->pdata[pass.dataset])->id, NAN, add_cell, &pass,
                                 cancellable, error))
      return NULL;
  list = g_array_new (FALSE, TRUE, sizeof (CytConfound));
  for (gsize k = 0; k < d_sae; k++)
    {
      CytConfound confound = { .latent = (guint32) k };

      if (n_active[k] < CYT_CONFOUND_MIN_CELLS)
        continue;
      measure (&pass, k, &confound);
      g_array_append_val (list, confound);
    }
  g_array_sort (list, compare_confounds);
  return list;
}
