/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <math.h>

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* Barcodes (METHODS §5): how many tokens a latent is active on, for a patient, a disease, a class of cells or a
 * data set. */

typedef enum
{
  CYT_BARCODES_BY_PATIENT,
  CYT_BARCODES_BY_DISEASE, /* the mean over its patients' barcodes */
  CYT_BARCODES_BY_LABEL,
  CYT_BARCODES_BY_DATASET,
} CytBarcodesBy;

typedef enum
{
  CYT_BARCODES_PER_IMAGE, /* mean number of tokens with f > τ per image, 0…257 */
  CYT_BARCODES_PLAIN,     /* their number over all images */
  CYT_BARCODES_PAPER,     /* that number divided by d_sae, as the authors' program writes it */
} CytBarcodesNorm;

/* "patient", "disease", "label", "dataset"; "per-image", "none", "paper" (static). */
const char *cyt_barcodes_by_get_nick (CytBarcodesBy by);
gboolean cyt_barcodes_by_from_nick (const char *nick, CytBarcodesBy *by);
const char *cyt_barcodes_norm_get_nick (CytBarcodesNorm norm);
gboolean cyt_barcodes_norm_from_nick (const char *nick, CytBarcodesNorm *norm);

typedef struct
{
  char *name;
  char *disease;        /* of a patient or of a disease; NULL: not given */
  char *other_disease;  /* of a patient: another one that some of the cells have; else NULL */
  gsize n_cells;
  gsize n_patients;     /* 1 for a patient; 0 where the cells name none */
  double *values;       /* (n_latents) */
} CytBarcode;

typedef struct
{
  CytBarcodesBy by;
  CytBarcodesNorm norm;
  double threshold;     /* τ */
  gsize d_sae;
  gsize n_latents;
  guint32 *latents;     /* (n_latents) ascending: what the values belong to */
  GPtrArray *rows;      /* of CytBarcode: patients by disease (those without one last), then by name; diseases and
                           classes by name; data sets in the project's order */
  gsize n_left_out;     /* cells that belong to no row */
} CytBarcodes;

typedef struct
{
  gint64 dataset;          /* id; -1: all data sets of the project; a patient is known by the name, in all of them */
  CytBarcodesBy by;
  CytBarcodesNorm norm;
  double threshold;        /* NAN: that of the index; one of cyt_project_list_thresholds() */
  gboolean skip_marked;    /* leave out latents that an expert marked as artefact or rejected */
} CytBarcodesOptions;
#define CYT_BARCODES_OPTIONS_INIT { -1, CYT_BARCODES_BY_PATIENT, CYT_BARCODES_PER_IMAGE, NAN, FALSE }

/* One pass over the cells. Errors: CYT_TABLE_ERROR_EMPTY when no cell belongs to a row, CYT_TABLE_ERROR_VALUE when the
 * data sets have different thresholds and none was given, or a patient has two diseases and barcodes are by disease;
 * those of cyt_project_scan_cells(). */
CytBarcodes *cyt_barcodes_compute (CytProject *project, const CytBarcodesOptions *options, GCancellable *cancellable,
                                   GError **error);
/* Barcodes of diseases from those of patients: the mean over a disease's patients. */
CytBarcodes *cyt_barcodes_merge_diseases (const CytBarcodes *patients, GError **error);
void cyt_barcodes_free (CytBarcodes *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytBarcodes, cyt_barcodes_free)

const CytBarcode *cyt_barcodes_get_row (const CytBarcodes *self, gsize i);
/* Place of the row, -1: there is none. */
gssize cyt_barcodes_find_row (const CytBarcodes *self, const char *name);
/* Place of a latent's value, -1 where it was left out. */
gssize cyt_barcodes_find_latent (const CytBarcodes *self, guint32 latent);
/* Diseases of patients, sorted (NULL-terminated, transfer full). */
GStrv cyt_barcodes_list_diseases (const CytBarcodes *patients);

/* ---- cyt-barcodes-file.c ---- */
/* Writes .npy (f64 (n_rows, n_latents), with NAME.rows.csv and NAME.latents.csv beside it), .csv (a row each; columns
 * name, disease, n_cells, n_patients, then the latents' numbers) or .h5ad, by the name's end; CYT_TABLE_ERROR_FORMAT for any other.
 * The file appears complete or not at all. @concepts: of CytConcept, for the names of latents.
 * @sidecars: paths written beside @path (transfer full), may be NULL. */
gboolean cyt_barcodes_write (const CytBarcodes *self, GPtrArray *concepts, gboolean simulated, const char *path,
                             GStrv *sidecars, GError **error);

G_END_DECLS
