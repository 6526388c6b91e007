/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-barcodes.h"

G_BEGIN_DECLS

/* What barcodes say of single patients: likeness, outliers, what is strong and what is unusual, and how many cells a
 * barcode needs. @patients: barcodes by patient. */

/* out: (n, n) Pearson correlation over latents, n the number of rows, 1 on the diagonal; NAN where a barcode is
 * constant. */
void cyt_patients_correlate (const CytBarcodes *patients, double *out);

/* out: (n) how far a patient lies from the others of the same disease: each latent is scaled to mean 0 and deviation 1
 * over all patients; distance = root mean square difference from the mean of the *other* patients of the disease,
 * divided by the median of that distance over the patients of the disease. 1 is usual, 2 twice as far as usual.
 * NAN for a disease of fewer than three patients; patients without one are compared with each other. */
void cyt_patients_score_outliers (const CytBarcodes *patients, double *out);

/* A latent in a patient's barcode beside controls. */
typedef struct
{
  guint32 latent;
  double value;       /* of the patient */
  double mean;        /* of the controls, without the patient */
  double deviation;   /* their standard deviation (n − 1) */
  double z;           /* (value − mean) / (deviation + s0), s0 = the median deviation over the latents that vary
                         among the controls: the fudge of SAM (Tusher et al. 2001), so that latents that hardly
                         fire do not lead the list */
} CytPatientLatent;

/* All latents of row @patient against the patients of disease @controls (NULL: all other patients), in the order of
 * the barcodes' latents; of CytPatientLatent. CYT_TABLE_ERROR_EMPTY with fewer than two controls. */
GArray *cyt_patients_compare_to_controls (const CytBarcodes *patients, gsize patient, const char *controls, GError **error);

/* The disease that stands for controls by its name ("control", "healthy", "normal", "reactive" in it), else NULL;
 * (transfer none). */
const char *cyt_patients_guess_controls (const CytBarcodes *patients);

/* Bootstrap over a patient's cells. */
typedef struct
{
  gsize n_cells;
  double mean;        /* Pearson correlation of the barcode of so many cells, drawn with replacement, with that of
                         all cells: mean over the draws, */
  double low;         /* and their 5th percentile */
} CytStabilityPoint;

typedef struct
{
  gsize n_cells;      /* of the patient */
  GArray *points;     /* of CytStabilityPoint: 5, 10, 20, 50, 100, … below n_cells, then n_cells */
  gsize n_enough;     /* the first of them with low >= CYT_STABILITY_ENOUGH and all after it too; 0: none */
} CytStability;
#define CYT_STABILITY_ENOUGH 0.95
#define CYT_STABILITY_N_DRAWS 200

/* @dataset, @threshold, @skip_marked as for the barcodes. The same @seed gives the same draws. */
CytStability *cyt_patients_bootstrap (CytProject *project, const CytBarcodesOptions *options, const char *patient,
                                      guint32 seed, GCancellable *cancellable, GError **error);
void cyt_stability_free (CytStability *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytStability, cyt_stability_free)

/* Pearson correlation of @n pairs; NAN when one side is constant. */
double cyt_pearson (const double *a, const double *b, gsize n);

G_END_DECLS
