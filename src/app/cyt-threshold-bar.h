/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-session.h"

G_BEGIN_DECLS

/* The threshold as a slider over those of two digits, and over others that were counted. Positions whose counts are not
 * known yet show nothing: they offer the pass through the models that makes all of them known.
 *
 * Signals:
 * "chosen" (threshold): moved to one whose counts are known.
 * "counted": all of them are known now. */
#define CYT_TYPE_THRESHOLD_BAR (cyt_threshold_bar_get_type ())
G_DECLARE_FINAL_TYPE (CytThresholdBar, cyt_threshold_bar, CYT, THRESHOLD_BAR, GtkWidget)

void cyt_threshold_bar_set_session (CytThresholdBar *self, CytSession *session);
/* What shows, and which positions are known. */
void cyt_threshold_bar_set_view (CytThresholdBar *self, const CytPatientsView *view);

G_END_DECLS
