/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* Why a patient was taken for a disease: concepts by what they contribute to the decision of the model that was not
 * trained on the patient, from what speaks for it to what speaks against it.
 *
 * Signals: "picked" (latent), "activated" (latent): to look at its cells, to open it; "wanted": there is no
 * classification, and somebody asks for one. */
#define CYT_TYPE_PATIENT_EVIDENCE (cyt_patient_evidence_get_type ())
G_DECLARE_FINAL_TYPE (CytPatientEvidence, cyt_patient_evidence, CYT, PATIENT_EVIDENCE, GtkWidget)

void cyt_patient_evidence_set_session (CytPatientEvidence *self, CytSession *session);
/* @result NULL: there is none. @row: of its barcodes. Loads only while it is mapped. */
void cyt_patient_evidence_show (CytPatientEvidence *self, CytClassResult *result, guint row);

G_END_DECLS
