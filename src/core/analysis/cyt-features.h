/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-barcodes.h"

G_BEGIN_DECLS

/* By what patients are told apart: a row of numbers for each row of their barcodes. */
typedef struct
{
  gsize n_rows;
  gsize n;             /* columns */
  guint32 *latents;    /* (n) of what the columns are barcodes, ascending; NULL: dimensions of an embedding */
  double *values;      /* (n_rows, n) */
} CytFeatures;

/* All 0, for the caller to fill. */
CytFeatures *cyt_features_new (gsize n_rows, gsize n);
/* Columns of the barcodes that any patient carries: all, or with @concepts (of CytConcept) only latents that an expert
 * named and neither rejected nor calls an artefact; CYT_TABLE_ERROR_EMPTY where none is. */
CytFeatures *cyt_features_new_from_barcodes (const CytBarcodes *patients, GPtrArray *concepts, GError **error);
void cyt_features_free (CytFeatures *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytFeatures, cyt_features_free)

/* (n) of one row. */
const double *cyt_features_get_row (const CytFeatures *self, gsize row);

G_END_DECLS
