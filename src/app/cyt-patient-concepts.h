/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The table of a patient's strongest and most unusual concepts beside controls.
 *
 * Signals: "picked" (latent) when a row is selected; "activated" (latent): double click or Enter. */
#define CYT_TYPE_PATIENT_CONCEPTS (cyt_patient_concepts_get_type ())
G_DECLARE_FINAL_TYPE (CytPatientConcepts, cyt_patient_concepts, CYT, PATIENT_CONCEPTS, GtkWidget)

void cyt_patient_concepts_set_session (CytPatientConcepts *self, CytSession *session);
/* @entries: of CytPatientLatent, all latents; NULL: nothing. Row values only where there are no controls (all z NAN).
 * @keep_selected: the latent that is selected stays so where it is listed. */
void cyt_patient_concepts_set_entries (CytPatientConcepts *self, GArray *entries, gboolean keep_selected);
/* The selected latent, -1: none. */
gint64 cyt_patient_concepts_get_selected (CytPatientConcepts *self);
void cyt_patient_concepts_select (CytPatientConcepts *self, guint latent);

G_END_DECLS
