/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The view of patients: their list, the barcode of one beside controls, its concepts and the cells that carry them. */
#define CYT_TYPE_PATIENTS_PAGE (cyt_patients_page_get_type ())
G_DECLARE_FINAL_TYPE (CytPatientsPage, cyt_patients_page, CYT, PATIENTS_PAGE, GtkWidget)

void cyt_patients_page_set_session (CytPatientsPage *self, CytSession *session);

/* Adds what shows, and what else can be drawn of the patients, before the @choices (of CytFigureChoice). */
void cyt_patients_page_offer_figures (CytPatientsPage *self, GPtrArray *choices);

G_END_DECLS
