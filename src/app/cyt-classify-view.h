/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* Cross-validated classification of the patients' diseases: runs it, and shows how good it is beside its baselines and the
 * shuffled control. Results stay while the numbers that they are of stay the same, also when others were shown meanwhile.
 *
 * Signal "changed": cyt_classify_view_get_result() gives another one. */
#define CYT_TYPE_CLASSIFY_VIEW (cyt_classify_view_get_type ())
G_DECLARE_FINAL_TYPE (CytClassifyView, cyt_classify_view, CYT, CLASSIFY_VIEW, GtkWidget)

void cyt_classify_view_set_session (CytClassifyView *self, CytSession *session);
/* NULL: no patients. */
void cyt_classify_view_set_view (CytClassifyView *self, CytPatientsView *view);
/* The result for the view that is set, NULL while there is none. (transfer none) */
CytClassResult *cyt_classify_view_get_result (CytClassifyView *self);

G_END_DECLS
