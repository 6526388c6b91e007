/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* How much a patient's barcode depends on which cells were seen, and how many of them suffice. */
#define CYT_TYPE_STABILITY_VIEW (cyt_stability_view_get_type ())
G_DECLARE_FINAL_TYPE (CytStabilityView, cyt_stability_view, CYT, STABILITY_VIEW, GtkWidget)

void cyt_stability_view_set_session (CytStabilityView *self, CytSession *session);
/* @view NULL: nothing. Computed only while it is mapped. */
void cyt_stability_view_show (CytStabilityView *self, CytPatientsView *view, const char *patient);

G_END_DECLS
