/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* One disease against another: the latents by their barcodes, the 50 largest differences each way in the colours of
 * the diseases, and a table of them with effect size and corrected p.
 *
 * Signal "activated" (latent): a link to follow. */
#define CYT_TYPE_DISEASE_VIEW (cyt_disease_view_get_type ())
G_DECLARE_FINAL_TYPE (CytDiseaseView, cyt_disease_view, CYT, DISEASE_VIEW, GtkWidget)

void cyt_disease_view_set_session (CytDiseaseView *self, CytSession *session);
/* NULL: nothing. The diseases that were chosen stay where they still are there. */
void cyt_disease_view_set_view (CytDiseaseView *self, CytPatientsView *view);

/* Those that are compared (transfer full); @b NULL: all others; @a NULL: nothing shows. */
void cyt_disease_view_dup_diseases (CytDiseaseView *self, char **a, char **b);

G_END_DECLS
