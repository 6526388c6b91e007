/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-plot.h"
#include "cyt-project-jobs-patients.h"

G_BEGIN_DECLS

/* How alike patients are: the correlation of every two barcodes, ordered by disease, with a bar in the disease's colour
 * beside each. The wheel zooms about the pointer, arrow keys go from field to field, Enter opens, + − 0 zoom.
 *
 * Signal "activated" (index): a click on a patient's row, or Enter; row of the barcodes. */
#define CYT_TYPE_PATIENT_MATRIX (cyt_patient_matrix_get_type ())
G_DECLARE_FINAL_TYPE (CytPatientMatrix, cyt_patient_matrix, CYT, PATIENT_MATRIX, CytPlot)

/* NULL: nothing. */
void cyt_patient_matrix_set_view (CytPatientMatrix *self, CytPatientsView *view);

G_END_DECLS
