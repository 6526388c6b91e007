/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "analysis/cyt-activation.h"

G_BEGIN_DECLS

/* A small histogram of scores on a logarithmic axis; a tooltip says what a bar counts. */
#define CYT_TYPE_HISTOGRAM_CHART (cyt_histogram_chart_get_type ())
G_DECLARE_FINAL_TYPE (CytHistogramChart, cyt_histogram_chart, CYT, HISTOGRAM_CHART, GtkWidget)

/* Reads @histogram now and keeps nothing of it; NULL: an empty chart. */
void cyt_histogram_chart_set_histogram (CytHistogramChart *self, const CytHistogram *histogram);

G_END_DECLS
