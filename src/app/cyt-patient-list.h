/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The table of patients: name, disease, predicted disease once there is a classification, number of cells,
 * how unusual. One is selected, known by its name.
 *
 * Signal "selected" (index): another row of the barcodes. */
#define CYT_TYPE_PATIENT_LIST (cyt_patient_list_get_type ())
G_DECLARE_FINAL_TYPE (CytPatientList, cyt_patient_list, CYT, PATIENT_LIST, GtkWidget)

/* The patient who was selected stays so where there still is one of that name. */
void cyt_patient_list_set_view (CytPatientList *self, CytPatientsView *view, CytClassResult *result);
/* Another classification of the same patients; NULL: none. */
void cyt_patient_list_set_result (CytPatientList *self, CytClassResult *result);
/* Row of the barcodes, -1: none. */
int cyt_patient_list_get_selected (CytPatientList *self);
void cyt_patient_list_select (CytPatientList *self, guint index);

G_END_DECLS
