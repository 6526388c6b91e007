/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Principal components (K. Pearson 1901; I. T. Jolliffe, "Principal Component Analysis", 2002) of the rows of a
 * matrix that is read in pieces, twice: once for the mean and the covariance, whose eigenvectors LAPACK finds, once
 * to place the rows. Memory: the square of the number of columns, not of rows. */

#define CYT_PCA_MAX_COLUMNS 4096

/* out: rows first … first + n − 1 of the matrix, (n, n_columns) f32, finite. */
typedef gboolean (*CytPcaReadFunc) (gpointer user_data, gsize first, gsize n, float *out, GError **error);

typedef struct
{
  gsize n_components;
  gsize n_columns;
  double *mean;        /* (n_columns) */
  double *components;  /* (n_components, n_columns) orthonormal, by falling variance; of each, the entry of largest
                          magnitude is positive, which makes the sign one of two */
  double *share;       /* (n_components) of the total variance, 0…1; NAN where there is no variance */
} CytPca;
void cyt_pca_free (CytPca *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytPca, cyt_pca_free)

/* @n_components: at most n_columns. Errors: of @read; CYT_TABLE_ERROR_VALUE for more columns than
 * CYT_PCA_MAX_COLUMNS, or numbers that are not finite; G_IO_ERROR_CANCELLED. */
CytPca *cyt_pca_fit (CytPcaReadFunc read, gpointer user_data, gsize n_rows, gsize n_columns, gsize n_components,
                     GCancellable *cancellable, GError **error);
/* out: (n_rows, n_components) f32, the rows' coordinates about the mean. */
gboolean cyt_pca_project (const CytPca *self, CytPcaReadFunc read, gpointer user_data, gsize n_rows, float *out,
                          GCancellable *cancellable, GError **error);

G_END_DECLS
