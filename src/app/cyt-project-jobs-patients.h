/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-confounds.h"
#include "analysis/cyt-patients.h"

#include "cyt-project-jobs.h"

G_BEGIN_DECLS

/* What the page of patients asks of the database. These read every cell of a data set, so they run on a worker with
 * a connection of its own (state: CytProjectState, opened by the first job): nobody who looks at cells waits for them. */

typedef struct
{
  char *path;              /* of the project */
  gint64 dataset;
  double threshold;        /* NAN: the index's */
  gboolean skip_marked;
} CytPatientsRequest;
CytPatientsRequest *cyt_patients_request_new (const char *path, gint64 dataset, double threshold, gboolean skip_marked);
void cyt_patients_request_free (CytPatientsRequest *self);

/* Read-only, shared by whoever shows or computes with it. */
typedef struct
{
  CytBarcodesOptions options; /* what the barcodes are of */
  CytBarcodes *barcodes;   /* by patient */
  double *outliers;        /* (n_rows) cyt_patients_score_outliers() */
  double *correlation;     /* (n_rows, n_rows) cyt_patients_correlate() */
  GArray *thresholds;      /* of double: those that were counted */
  gboolean has_levels;     /* those of the levels can be had, too (cyt-levels.h) */
  char *fingerprint;       /* the same for the same patients, diseases and numbers */
} CytPatientsView;
CytPatientsView *cyt_patients_view_ref (CytPatientsView *self);
void cyt_patients_view_unref (CytPatientsView *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytPatientsView, cyt_patients_view_unref)
/* The connection of such a worker; NULL where the project cannot be opened. (transfer none) */
CytProject *cyt_project_state_get_project (CytProjectState *state, const char *path, GError **error);
gpointer cyt_project_job_load_patients (gpointer state, gpointer data, GCancellable *cancellable,
                                        GError **error); /* → CytPatientsView */

/* How many of a patient's cells suffice. */
typedef struct
{
  char *path;
  CytBarcodesOptions options;
  char *patient;
} CytStabilityRequest;
CytStabilityRequest *cyt_stability_request_new (const char *path, const CytBarcodesOptions *options, const char *patient);
void cyt_stability_request_free (CytStabilityRequest *self);
gpointer cyt_project_job_load_stability (gpointer state, gpointer data, GCancellable *cancellable,
                                         GError **error); /* → CytStability */

/* Latents that may respond to how an image was made; @data: path of the project. → GArray of CytConfound */
gpointer cyt_project_job_load_confounds (gpointer state, gpointer data, GCancellable *cancellable, GError **error);

/* Cells of a patient in which a latent fires. */
#define CYT_PATIENT_N_CELLS 60
typedef struct
{
  char *path;
  gint64 dataset;
  char *patient;
  guint latent;
} CytPatientCellsRequest;
CytPatientCellsRequest *cyt_patient_cells_request_new (const char *path, gint64 dataset, const char *patient, guint latent);
void cyt_patient_cells_request_free (CytPatientCellsRequest *self);
/* → GPtrArray of CytCellItem, highest score first, at most CYT_PATIENT_N_CELLS; those that are not among the latent's top
 * cells have no map. */
gpointer cyt_project_job_load_patient_cells (gpointer state, gpointer data, GCancellable *cancellable, GError **error);

G_END_DECLS
