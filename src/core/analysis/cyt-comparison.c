/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/cyt-comparison.h"
#include "io/cyt-error.h"

#define MAX_EXACT 8 /* patients of the smaller group */

/* ---- Mann and Whitney ---- */

typedef struct
{
  double value;
  gboolean of_a;
} Ranked;

static int
compare_ranked (gconstpointer a, gconstpointer b)
{
  double x = ((const Ranked *) a)->value, y = ((const Ranked *) b)->value;

  return (x > y) - (x < y);
}

/* Sum of the ranks of a, mean ranks where values are tied; ties: Σ (t³ − t). */
static double
sum_ranks (Ranked *all, gsize n, double *ties)
{
  double sum = 0;

  qsort (all, n, sizeof *all, compare_ranked);
  *ties = 0;
  for (gsize first = 0, end; first < n; first = end)
    {
      double t, rank;

      for (end = first + 1; end < n && all[end].value == all[first].value; end++)
        ;
      t = (double) (end - first);
      rank = ((double) first + 1 + (double) end) / 2;
      *ties += t * t * t - t;
      for (gsize i = first; i < end; i++)
        if (all[i].of_a)
          sum += rank;
    }
  return sum;
}

/* P (U <= u) when all orders are equally likely, u whole. The number of orders with a given U is a coefficient of the
 * Gaussian binomial Π (1 − x^(n + i)) / (1 − x^i), i = 1 … m, of which those up to u are needed. */
static double
get_exact_tail (gsize m, gsize n, gsize u)
{
  g_autofree long double *count = g_new0 (long double, u + 1);
  long double sum = 0, all = 1;

  count[0] = 1;
  for (gsize i = 1; i <= m; i++)
    {
      for (gsize k = u; k + 1 > n + i; k--)
        count[k] -= count[k - n - i];
      for (gsize k = i; k <= u; k++)
        count[k] += count[k - i];
      all *= (long double) (n + i) / (long double) i;
    }
  for (gsize k = 0; k <= u; k++)
    sum += count[k];
  return (double) (sum / all);
}

void
cyt_mann_whitney (const double *a, gsize n_a, const double *b, gsize n_b, double *u, double *p)
{
  gsize n = n_a + n_b;
  g_autofree Ranked *all = g_new (Ranked, n);
  double product = (double) n_a * (double) n_b, ties, larger;

  for (gsize i = 0; i < n_a; i++)
    all[i] = (Ranked) { a[i], TRUE };
  for (gsize i = 0; i < n_b; i++)
    all[n_a + i] = (Ranked) { b[i], FALSE };
  *u = sum_ranks (all, n, &ties) - (double) n_a * (double) (n_a + 1) / 2;
  larger = MAX (*u, product - *u);
  if (ties == 0 && MIN (n_a, n_b) <= MAX_EXACT)
    {
      *p = 2 * get_exact_tail (MIN (n_a, n_b), MAX (n_a, n_b), (gsize) lround (product - larger));
    }
  else
    {
      double deviation = sqrt (product / 12 * ((double) n + 1 - ties / ((double) n * (double) (n - 1))));

      *p = deviation > 0 ? erfc ((larger - product / 2 - 0.5) / deviation / M_SQRT2) : 1;
    }
  *p = MIN (*p, 1);
}

/* ---- Many tests ---- */

static int
compare_p (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const double *p = user_data;
  double x = p[*(const guint32 *) a], y = p[*(const guint32 *) b];

  return (x > y) - (x < y);
}

void
cyt_benjamini_hochberg (const double *p, double *q, gsize n)
{
  g_autofree guint32 *order = g_new (guint32, MAX (1, n));
  double least = 1;

  for (gsize i = 0; i < n; i++)
    order[i] = (guint32) i;
  g_qsort_with_data (order, (int) n, sizeof *order, compare_p, (gpointer) p);
  for (gsize rank = n; rank > 0; rank--)
    {
      gsize i = order[rank - 1];

      least = MIN (least, p[i] * (double) n / (double) rank);
      q[i] = least;
    }
}

/* ---- Diseases ---- */

void
cyt_comparison_free (CytComparison *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->differences);
  g_free (self);
}

/* Rows of the patients of a disease; NULL: of all diseases but @except. */
static GArray *
list_patients (const CytBarcodes *patients, const char *disease, const char *except, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < patients->rows->len; i++)
    {
      const CytBarcode *row = cyt_barcodes_get_row (patients, i);

      if (row->disease == NULL
          || (disease != NULL ? !g_str_equal (row->disease, disease) : g_str_equal (row->disease, except)))
        continue;
      if (row->other_disease != NULL)
        {
          g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "patient \"%s\" has two diseases: \"%s\" and \"%s\"",
                       row->name, row->disease, row->other_disease);
          return NULL;
        }
      g_array_append_val (rows, i);
    }
  if (rows->len > 0)
    return g_steal_pointer (&rows);
  if (disease != NULL)
    g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "there is no patient with the disease \"%s\"", disease);
  else
    g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "there is no patient with another disease than \"%s\"", except);
  return NULL;
}

/* Values of a latent, and their mean. */
static double
gather (const CytBarcodes *patients, const GArray *rows, gsize k, double *values)
{
  double sum = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      values[i] = cyt_barcodes_get_row (patients, g_array_index (rows, guint, i))->values[k];
      sum += values[i];
    }
  return sum / rows->len;
}

static void
correct (GArray *differences)
{
  g_autofree double *p = g_new (double, MAX (1, differences->len));

  for (guint i = 0; i < differences->len; i++)
    p[i] = g_array_index (differences, CytDifference, i).p;
  cyt_benjamini_hochberg (p, p, differences->len);
  for (guint i = 0; i < differences->len; i++)
    g_array_index (differences, CytDifference, i).q = p[i];
}

CytComparison *
cyt_comparison_new (const CytBarcodes *patients, const char *a, const char *b, GError **error)
{
  g_autoptr (GArray) rows_a = list_patients (patients, a, NULL, error);
  g_autoptr (GArray) rows_b = rows_a != NULL ? list_patients (patients, b, a, error) : NULL;
  g_autofree double *values_a = NULL, *values_b = NULL;
  CytComparison *self;

  if (rows_b == NULL)
    return NULL;
  self = g_new0 (CytComparison, 1);
  self->n_a = rows_a->len;
  self->n_b = rows_b->len;
  self->differences = g_array_new (FALSE, FALSE, sizeof (CytDifference));
  values_a = g_new (double, self->n_a);
  values_b = g_new (double, self->n_b);
  for (gsize k = 0; k < patients->n_latents; k++)
    {
      CytDifference d = { .latent = patients->latents[k] };
      double u;

      d.mean_a = gather (patients, rows_a, k, values_a);
      d.mean_b = gather (patients, rows_b, k, values_b);
      if (d.mean_a == 0 && d.mean_b == 0)
        continue;
      d.difference = d.mean_a - d.mean_b;
      cyt_mann_whitney (values_a, self->n_a, values_b, self->n_b, &u, &d.p);
      d.effect = 2 * u / ((double) self->n_a * (double) self->n_b) - 1;
      g_array_append_val (self->differences, d);
    }
  correct (self->differences);
  return self;
}

int
cyt_difference_compare_effect (gconstpointer a, gconstpointer b)
{
  const CytDifference *x = a, *y = b;

  if (fabs (x->effect) != fabs (y->effect))
    return fabs (x->effect) > fabs (y->effect) ? -1 : 1;
  if (fabs (x->difference) != fabs (y->difference))
    return fabs (x->difference) > fabs (y->difference) ? -1 : 1;
  return (x->latent > y->latent) - (x->latent < y->latent);
}

int
cyt_difference_compare_difference (gconstpointer a, gconstpointer b)
{
  const CytDifference *x = a, *y = b;

  if (x->difference != y->difference)
    return x->difference > y->difference ? -1 : 1;
  return (x->latent > y->latent) - (x->latent < y->latent);
}
