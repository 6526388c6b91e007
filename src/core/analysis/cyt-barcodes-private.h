/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-barcodes.h"

G_BEGIN_DECLS

/* ---- cyt-barcodes.c ---- */

/* By, norm, threshold, d_sae and n_left_out of @other, without latents and rows. */
CytBarcodes *cyt_barcodes_new_like (const CytBarcodes *other);
/* Sets the latents that have a column: all but, where @skip_marked, those marked as artefact or rejected.
 * column: (d_sae) the place of a latent, -1: left out. */
gboolean cyt_barcodes_choose_latents (CytProject *project, CytBarcodes *self, gboolean skip_marked, gint32 *column,
                                      GError **error);
/* A row of zeros at the end, borrowed; NULL with an error where there is no memory. */
CytBarcode *cyt_barcodes_add_row (CytBarcodes *self, const char *name, GError **error);

/* Cells that are in no project: calls @add with each, @data its last argument but one. */
typedef gboolean (*CytBarcodesWalk) (CytCellScanFunc add, gpointer data, gpointer user_data, GError **error);
/* Barcodes by patient, per image, of the cells that @walk goes through; all @d_sae latents. The walk's error, or
 * CYT_TABLE_ERROR_EMPTY where no cell has a patient. */
CytBarcodes *cyt_barcodes_compute_walk (gsize d_sae, double threshold, CytBarcodesWalk walk, gpointer user_data,
                                        GError **error);

/* ---- cyt-barcodes-h5ad.c ---- */

/* AnnData 0.8's file format (HDF5) at @path, which is written in place.
 * X (n_rows, n_latents) f64; obs: disease, n_cells, n_patients, index: the rows' names; var: latent, name, index: the
 * latents' numbers; uns: how it was made. @names: (n_latents) names of latents, "" without. */
gboolean cyt_barcodes_write_h5ad (const CytBarcodes *self, const char *const *names, gboolean simulated,
                                  const char *path, GError **error);

G_END_DECLS
