/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "analysis/cyt-pca.h"
#include "io/cyt-error.h"
#include "tensor/cyt-blas.h"

/* Rows are read so many at a time. */
#define N_CHUNK 512

/* LAPACK in OpenBLAS, by its Fortran name: eigenvalues @il…@iu (from 1, ascending) of a symmetric matrix. */
extern void dsyevr_ (const char *jobz, const char *range, const char *uplo, const int *n, double *a, const int *lda,
                     const double *vl, const double *vu, const int *il, const int *iu, const double *abstol, int *m,
                     double *w, double *z, const int *ldz, int *isuppz, double *work, const int *lwork, int *iwork,
                     const int *liwork, int *info, size_t n_jobz, size_t n_range, size_t n_uplo);

void
cyt_pca_free (CytPca *self)
{
  if (self == NULL)
    return;
  g_free (self->mean);
  g_free (self->components);
  g_free (self->share);
  g_free (self);
}

/* Pieces of the matrix as doubles. */
typedef struct
{
  CytPcaReadFunc read;
  gpointer user_data;
  gsize n_rows, n_columns;
  float *single;   /* (N_CHUNK, n_columns) */
  double *rows;    /* (N_CHUNK, n_columns) */
} Reader;

static void
reader_init (Reader *self, CytPcaReadFunc read, gpointer user_data, gsize n_rows, gsize n_columns)
{
  self->read = read;
  self->user_data = user_data;
  self->n_rows = n_rows;
  self->n_columns = n_columns;
  self->single = g_new (float, N_CHUNK * n_columns);
  self->rows = g_new (double, N_CHUNK * n_columns);
}

static void
reader_clear (Reader *self)
{
  g_free (self->single);
  g_free (self->rows);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

static gboolean
reader_next (Reader *self, gsize first, gsize *n, GCancellable *cancellable, GError **error)
{
  *n = MIN (N_CHUNK, self->n_rows - first);
  if (g_cancellable_set_error_if_cancelled (cancellable, error)
      || !self->read (self->user_data, first, *n, self->single, error))
    return FALSE;
  for (gsize i = 0; i < *n * self->n_columns; i++)
    self->rows[i] = self->single[i];
  return TRUE;
}

/* product (n_columns, n_columns): Σ x xᵀ, upper half; mean: Σ x. */
static gboolean
accumulate (Reader *reader, double *product, double *sum, GCancellable *cancellable, GError **error)
{
  gsize d = reader->n_columns, n;

  for (gsize first = 0; first < reader->n_rows; first += n)
    {
      if (!reader_next (reader, first, &n, cancellable, error))
        return FALSE;
      for (gsize i = 0; i < n; i++)
        for (gsize c = 0; c < d; c++)
          sum[c] += reader->rows[i * d + c];
      cblas_dsyrk (CblasRowMajor, CblasUpper, CblasTrans, d, n, 1, reader->rows, d, 1, product, d);
    }
  return TRUE;
}

/* The @k largest eigenvalues, falling, and their vectors; destroys @matrix (d, d), upper half, row-major. */
static gboolean
decompose (double *matrix, gsize d, gsize k, double *values, double *vectors)
{
  /* What is the upper half by rows is the lower half by columns. */
  int n = d, il = d - k + 1, iu = d, m, info, lwork = -1, liwork = -1, iwork_size;
  double zero = 0, work_size;
  g_autofree double *all = g_new (double, d);
  g_autofree double *z = g_new (double, d * k);
  g_autofree int *support = g_new (int, 2 * MAX (1, k));
  g_autofree double *work = NULL;
  g_autofree int *iwork = NULL;

  dsyevr_ ("V", "I", "L", &n, matrix, &n, &zero, &zero, &il, &iu, &zero, &m, all, z, &n, support, &work_size, &lwork,
           &iwork_size, &liwork, &info, 1, 1, 1);
  if (info != 0)
    return FALSE;
  lwork = (int) work_size;
  liwork = iwork_size;
  work = g_new (double, lwork);
  iwork = g_new (int, liwork);
  dsyevr_ ("V", "I", "L", &n, matrix, &n, &zero, &zero, &il, &iu, &zero, &m, all, z, &n, support, work, &lwork, iwork,
           &liwork, &info, 1, 1, 1);
  if (info != 0 || m != (int) k)
    return FALSE;
  for (gsize i = 0; i < k; i++)
    {
      values[i] = all[k - 1 - i];
      memcpy (vectors + i * d, z + (k - 1 - i) * d, d * sizeof (double));
    }
  return TRUE;
}

static void
fix_sign (double *vector, gsize d)
{
  gsize largest = 0;

  for (gsize c = 1; c < d; c++)
    if (fabs (vector[c]) > fabs (vector[largest]))
      largest = c;
  if (vector[largest] < 0)
    cblas_dscal (d, -1, vector, 1);
}

CytPca *
cyt_pca_fit (CytPcaReadFunc read, gpointer user_data, gsize n_rows, gsize n_columns, gsize n_components,
             GCancellable *cancellable, GError **error)
{
  g_auto (Reader) reader = { 0 };
  g_autoptr (CytPca) self = g_new0 (CytPca, 1);
  g_autofree double *covariance = NULL;
  double total = 0, moment = 0;
  gsize d = n_columns;

  g_return_val_if_fail (n_rows > 0 && n_columns > 0 && n_components > 0 && n_components <= n_columns, NULL);

  if (n_columns > CYT_PCA_MAX_COLUMNS)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "%" G_GSIZE_FORMAT " columns are too many for principal components: expected at most %d", n_columns,
                   CYT_PCA_MAX_COLUMNS);
      return NULL;
    }
  cyt_blas_init ();
  reader_init (&reader, read, user_data, n_rows, n_columns);
  covariance = g_new0 (double, d * d);
  self->n_components = n_components;
  self->n_columns = d;
  self->mean = g_new0 (double, d);
  self->components = g_new0 (double, n_components * d);
  self->share = g_new0 (double, n_components);
  if (!accumulate (&reader, covariance, self->mean, cancellable, error))
    return NULL;
  cblas_dscal (d, 1.0 / n_rows, self->mean, 1);
  cblas_dscal (d * d, 1.0 / n_rows, covariance, 1);
  for (gsize c = 0; c < d; c++)
    moment += covariance[c * d + c];
  cblas_dsyr (CblasRowMajor, CblasUpper, d, -1, self->mean, 1, covariance, d);
  for (gsize c = 0; c < d; c++)
    total += covariance[c * d + c];
  if (!isfinite (total) || !decompose (covariance, d, n_components, self->share, self->components))
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "the principal components cannot be computed: some numbers are not finite");
      return NULL;
    }
  for (gsize i = 0; i < n_components; i++)
    {
      /* Rounding leaves a little where there is no variance at all. */
      self->share[i] = total > 1e-12 * moment ? MAX (self->share[i] / total, 0) : NAN;
      fix_sign (self->components + i * d, d);
    }
  return g_steal_pointer (&self);
}

gboolean
cyt_pca_project (const CytPca *self, CytPcaReadFunc read, gpointer user_data, gsize n_rows, float *out,
                 GCancellable *cancellable, GError **error)
{
  g_auto (Reader) reader = { 0 };
  gsize d = self->n_columns, k = self->n_components, n;
  g_autofree double *placed = g_new (double, N_CHUNK * k);

  reader_init (&reader, read, user_data, n_rows, d);
  for (gsize first = 0; first < n_rows; first += n)
    {
      if (!reader_next (&reader, first, &n, cancellable, error))
        return FALSE;
      for (gsize i = 0; i < n; i++)
        for (gsize c = 0; c < d; c++)
          reader.rows[i * d + c] -= self->mean[c];
      cblas_dgemm (CblasRowMajor, CblasNoTrans, CblasTrans, n, k, d, 1, reader.rows, d, self->components, d, 0, placed, k);
      for (gsize i = 0; i < n * k; i++)
        out[first * k + i] = (float) placed[i];
    }
  return TRUE;
}
