/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-patients.h"
#include "io/cyt-error.h"

double
cyt_pearson (const double *a, const double *b, gsize n)
{
  double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;

  for (gsize i = 0; i < n; i++)
    {
      mean_a += a[i];
      mean_b += b[i];
    }
  mean_a /= (double) n;
  mean_b /= (double) n;
  for (gsize i = 0; i < n; i++)
    {
      double x = a[i] - mean_a, y = b[i] - mean_b;

      aa += x * x;
      bb += y * y;
      ab += x * y;
    }
  return aa > 0 && bb > 0 ? CLAMP (ab / sqrt (aa * bb), -1, 1) : NAN;
}

void
cyt_patients_correlate (const CytBarcodes *patients, double *out)
{
  gsize n = patients->rows->len;

  for (gsize i = 0; i < n; i++)
    for (gsize j = i; j < n; j++)
      {
        double r = cyt_pearson (cyt_barcodes_get_row (patients, i)->values, cyt_barcodes_get_row (patients, j)->values,
                                patients->n_latents);

        out[i * n + j] = out[j * n + i] = i == j && !isnan (r) ? 1 : r;
      }
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Sorts @values. */
static double
take_median (double *values, gsize n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* ---- Outliers ---- */

/* scale: (n_latents) 1 / deviation over all patients, 0 for a latent that is the same in all. */
static gsize
measure_scales (const CytBarcodes *patients, double *scale)
{
  gsize n = patients->rows->len, n_varying = 0;

  for (gsize k = 0; k < patients->n_latents; k++)
    {
      double mean = 0, square = 0;

      for (gsize i = 0; i < n; i++)
        mean += cyt_barcodes_get_row (patients, i)->values[k];
      mean /= (double) n;
      for (gsize i = 0; i < n; i++)
        {
          double x = cyt_barcodes_get_row (patients, i)->values[k] - mean;

          square += x * x;
        }
      scale[k] = square > 0 ? 1 / sqrt (square / (double) n) : 0;
      n_varying += square > 0;
    }
  return n_varying;
}

/* Rows [first, end) are a disease. */
static void
score_disease (const CytBarcodes *patients, gsize first, gsize end, const double *scale, gsize n_varying, double *out)
{
  gsize n = end - first, n_latents = patients->n_latents;
  g_autofree double *sum = g_new0 (double, MAX (1, n_latents));
  g_autofree double *sorted = g_new (double, n);
  double median;

  for (gsize i = first; i < end; i++)
    for (gsize k = 0; k < n_latents; k++)
      sum[k] += cyt_barcodes_get_row (patients, i)->values[k];
  for (gsize i = first; i < end; i++)
    {
      const double *values = cyt_barcodes_get_row (patients, i)->values;
      double square = 0;

      for (gsize k = 0; k < n_latents; k++)
        {
          double x = (values[k] - (sum[k] - values[k]) / (double) (n - 1)) * scale[k];

          square += x * x;
        }
      out[i] = sqrt (square / (double) n_varying);
    }
  memcpy (sorted, out + first, n * sizeof *sorted);
  median = take_median (sorted, n);
  for (gsize i = first; i < end; i++)
    out[i] = median > 0 ? out[i] / median : NAN;
}

void
cyt_patients_score_outliers (const CytBarcodes *patients, double *out)
{
  g_autofree double *scale = g_new (double, MAX (1, patients->n_latents));
  gsize n_varying = measure_scales (patients, scale), n = patients->rows->len;

  for (gsize i = 0; i < n; i++)
    out[i] = NAN;
  for (gsize first = 0, end; first < n; first = end)
    {
      const char *disease = cyt_barcodes_get_row (patients, first)->disease;

      for (end = first + 1; end < n && g_strcmp0 (cyt_barcodes_get_row (patients, end)->disease, disease) == 0; end++)
        ;
      if (end - first >= 3 && n_varying > 0)
        score_disease (patients, first, end, scale, n_varying, out);
    }
}

/* ---- A patient beside controls ---- */

const char *
cyt_patients_guess_controls (const CytBarcodes *patients)
{
  static const char *const words[] = { "control", "healthy", "normal", "reactive" };

  for (guint w = 0; w < G_N_ELEMENTS (words); w++)
    for (guint i = 0; i < patients->rows->len; i++)
      {
        const char *disease = cyt_barcodes_get_row (patients, i)->disease;
        g_autofree char *folded = disease ? g_utf8_casefold (disease, -1) : NULL;

        if (folded != NULL && strstr (folded, words[w]) != NULL)
          return disease;
      }
  return NULL;
}

static gboolean
is_control (const CytBarcodes *patients, gsize i, gsize patient, const char *controls)
{
  return i != patient && (controls == NULL || g_strcmp0 (cyt_barcodes_get_row (patients, i)->disease, controls) == 0);
}

GArray *
cyt_patients_compare_to_controls (const CytBarcodes *patients, gsize patient, const char *controls, GError **error)
{
  gsize n = 0, n_latents = patients->n_latents, n_varying = 0;
  g_autoptr (GArray) list = g_array_sized_new (FALSE, TRUE, sizeof (CytPatientLatent), n_latents);
  g_autofree double *deviations = g_new (double, MAX (1, n_latents));
  double s0;

  for (gsize i = 0; i < patients->rows->len; i++)
    n += is_control (patients, i, patient, controls);
  if (n < 2)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "expected at least two controls, found %" G_GSIZE_FORMAT
                   " patients%s%s%s", n, controls ? " of \"" : "", controls ? controls : "", controls ? "\"" : "");
      return NULL;
    }
  for (gsize k = 0; k < n_latents; k++)
    {
      CytPatientLatent entry = { .latent = patients->latents[k],
                                 .value = cyt_barcodes_get_row (patients, patient)->values[k] };
      double square = 0;

      for (gsize i = 0; i < patients->rows->len; i++)
        if (is_control (patients, i, patient, controls))
          entry.mean += cyt_barcodes_get_row (patients, i)->values[k];
      entry.mean /= (double) n;
      for (gsize i = 0; i < patients->rows->len; i++)
        if (is_control (patients, i, patient, controls))
          {
            double x = cyt_barcodes_get_row (patients, i)->values[k] - entry.mean;

            square += x * x;
          }
      entry.deviation = sqrt (square / (double) (n - 1));
      if (entry.deviation > 0)
        deviations[n_varying++] = entry.deviation;
      g_array_append_val (list, entry);
    }
  s0 = n_varying > 0 ? take_median (deviations, n_varying) : 0;
  for (gsize k = 0; k < n_latents; k++)
    {
      CytPatientLatent *entry = &g_array_index (list, CytPatientLatent, k);
      double difference = entry->value - entry->mean, scale = entry->deviation + s0;

      entry->z = difference == 0 ? 0 : scale > 0 ? difference / scale : copysign (INFINITY, difference);
    }
  return g_steal_pointer (&list);
}

/* ---- How many cells suffice ---- */

typedef struct
{
  guint32 *column;
  guint16 *count;
  guint n;
} SparseCell;

static void
sparse_cell_free (SparseCell *cell)
{
  g_free (cell->column);
  g_free (cell->count);
  g_free (cell);
}

typedef struct
{
  GPtrArray *cells;        /* of SparseCell */
  const CytBarcodes *barcodes;
} Collector;

static gboolean
collect_cell (const CytCell *cell, const CytCellLatents *latents, gpointer user_data, GError **error)
{
  Collector *self = user_data;
  SparseCell *sparse;

  sparse = g_new0 (SparseCell, 1);
  sparse->column = g_new (guint32, MAX (1, latents->n));
  sparse->count = g_new (guint16, MAX (1, latents->n));
  for (guint i = 0; i < latents->n; i++)
    {
      gssize column = latents->count[i] > 0 ? cyt_barcodes_find_latent (self->barcodes, latents->latent[i]) : -1;

      if (column < 0)
        continue;
      sparse->column[sparse->n] = (guint32) column;
      sparse->count[sparse->n++] = latents->count[i];
    }
  g_ptr_array_add (self->cells, sparse);
  return TRUE;
}

static CytStabilityPoint
draw (GPtrArray *cells, const double *whole, double *drawn, gsize n_latents, gsize n_cells, GRand *random)
{
  CytStabilityPoint point = { .n_cells = n_cells };
  double r[CYT_STABILITY_N_DRAWS];

  for (guint b = 0; b < CYT_STABILITY_N_DRAWS; b++)
    {
      memset (drawn, 0, n_latents * sizeof *drawn);
      for (gsize i = 0; i < n_cells; i++)
        {
          const SparseCell *cell = cells->pdata[g_rand_int_range (random, 0, (gint32) cells->len)];

          for (guint j = 0; j < cell->n; j++)
            drawn[cell->column[j]] += cell->count[j];
        }
      r[b] = cyt_pearson (drawn, whole, n_latents); /* scale does not matter */
      if (isnan (r[b]))
        r[b] = 0; /* cells on which nothing fires tell nothing */
      point.mean += r[b] / CYT_STABILITY_N_DRAWS;
    }
  qsort (r, CYT_STABILITY_N_DRAWS, sizeof *r, compare_doubles);
  point.low = r[CYT_STABILITY_N_DRAWS / 20];
  return point;
}

static GArray *
list_sizes (gsize n_cells)
{
  GArray *sizes = g_array_new (FALSE, FALSE, sizeof (gsize));
  static const guint steps[] = { 5, 10, 20 };
  gsize power = 1;

  for (guint i = 0;; i++)
    {
      gsize size;

      if (i > 0 && i % G_N_ELEMENTS (steps) == 0)
        power *= 10;
      size = steps[i % G_N_ELEMENTS (steps)] * power;
      if (size >= n_cells)
        break;
      g_array_append_val (sizes, size);
    }
  g_array_append_val (sizes, n_cells);
  return sizes;
}

/* Cells of the data sets that the barcodes are of. */
static gboolean
collect_cells (CytProject *project, const CytBarcodesOptions *options, const char *patient, Collector *collector,
               GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) datasets = cyt_project_list_datasets (project, error);

  if (datasets == NULL)
    return FALSE;
  for (guint i = 0; i < datasets->len; i++)
    {
      const CytDataset *dataset = datasets->pdata[i];

      if ((options->dataset < 0 || dataset->id == options->dataset)
          && !cyt_project_scan_patient (project, dataset->id, patient, collector->barcodes->threshold, collect_cell, collector,
                                      cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static CytStability *
measure_stability (GPtrArray *cells, const double *whole, gsize n_latents, guint32 seed, GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (CytStability) self = g_new0 (CytStability, 1);
  g_autoptr (GArray) sizes = list_sizes (cells->len);
  g_autofree double *drawn = g_new (double, MAX (1, n_latents));
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);

  self->n_cells = cells->len;
  self->points = g_array_new (FALSE, FALSE, sizeof (CytStabilityPoint));
  for (guint i = 0; i < sizes->len; i++)
    {
      CytStabilityPoint point;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      point = draw (cells, whole, drawn, n_latents, g_array_index (sizes, gsize, i), random);
      g_array_append_val (self->points, point);
    }
  for (guint i = self->points->len; i > 0; i--)
    {
      const CytStabilityPoint *point = &g_array_index (self->points, CytStabilityPoint, i - 1);

      if (!(point->low >= CYT_STABILITY_ENOUGH))
        break;
      self->n_enough = point->n_cells;
    }
  return g_steal_pointer (&self);
}

CytStability *
cyt_patients_bootstrap (CytProject *project, const CytBarcodesOptions *options, const char *patient, guint32 seed,
                        GCancellable *cancellable, GError **error)
{
  CytBarcodesOptions by_patient = *options;
  g_autoptr (CytBarcodes) barcodes = NULL;
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func ((GDestroyNotify) sparse_cell_free);
  Collector collector = { cells, NULL };
  gssize row;

  by_patient.by = CYT_BARCODES_BY_PATIENT;
  by_patient.norm = CYT_BARCODES_PER_IMAGE;
  if ((barcodes = cyt_barcodes_compute (project, &by_patient, cancellable, error)) == NULL)
    return NULL;
  row = cyt_barcodes_find_row (barcodes, patient);
  if (row < 0)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: has no patient \"%s\"",
                   cyt_project_get_path (project), patient);
      return NULL;
    }
  collector.barcodes = barcodes;
  if (!collect_cells (project, &by_patient, patient, &collector, cancellable, error))
    return NULL;
  return measure_stability (cells, cyt_barcodes_get_row (barcodes, row)->values, barcodes->n_latents, seed, cancellable,
                            error);
}

void
cyt_stability_free (CytStability *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->points);
  g_free (self);
}
