/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Where one value stands among others: a tick for each of them along a line from zero, and the one in colour. */
#define CYT_TYPE_STRIP_PLOT (cyt_strip_plot_get_type ())
G_DECLARE_FINAL_TYPE (CytStripPlot, cyt_strip_plot, CYT, STRIP_PLOT, GtkWidget)

/* @values: (n) f32 >= 0, NAN left out; copied. @value: the one; @max: right end of the line. */
void cyt_strip_plot_set_values (CytStripPlot *self, const float *values, gsize n, float value, float max);

G_END_DECLS
