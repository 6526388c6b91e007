/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* Cells of one patient that carry one concept, with its heatmaps, highest score first. A map that the index does not
 * hold is computed where models and image are there. */
#define CYT_TYPE_PATIENT_CELLS (cyt_patient_cells_get_type ())
G_DECLARE_FINAL_TYPE (CytPatientCells, cyt_patient_cells, CYT, PATIENT_CELLS, GtkWidget)

void cyt_patient_cells_set_session (CytPatientCells *self, CytSession *session);
/* @patient NULL: nothing. */
void cyt_patient_cells_show (CytPatientCells *self, const char *patient, guint latent);

G_END_DECLS
