/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "figures/cyt-axes.h"

G_BEGIN_DECLS

/* One curve over a logarithmic axis, with a band about it and a line across. */
#define CYT_TYPE_LINE_PLOT (cyt_line_plot_get_type ())
G_DECLARE_FINAL_TYPE (CytLinePlot, cyt_line_plot, CYT, LINE_PLOT, GtkWidget)

void cyt_line_plot_set_titles (CytLinePlot *self, const char *x_title, const char *y_title);
/* x > 0 ascending, y, low and high (n) are copied. The axis of y goes from @bottom, or the least value where that is lower,
 * to 1. @across: a value of y, NAN: none. @description: for screen readers. n 0: nothing. */
void cyt_line_plot_set_points (CytLinePlot *self, gsize n, const double *x, const double *y, const double *low,
                               const double *high, double bottom, double across, const char *description);

G_END_DECLS
