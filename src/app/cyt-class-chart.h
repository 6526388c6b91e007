/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "analysis/cyt-activation.h"

G_BEGIN_DECLS

/* A bar for each class of cells, as long as the mean score of its cells, longest first, in the class's colour; a
 * tooltip gives the numbers. */
#define CYT_TYPE_CLASS_CHART (cyt_class_chart_get_type ())
G_DECLARE_FINAL_TYPE (CytClassChart, cyt_class_chart, CYT, CLASS_CHART, GtkWidget)

/* @labels: all classes of the data set, sorted; @numbers, @classes: (number of labels), @numbers as the palette has them.
 * Copied. @labels NULL: an empty chart. */
void cyt_class_chart_set_classes (CytClassChart *self, const char *const *labels, const guint *numbers,
                                  const CytClassActivation *classes);

G_END_DECLS
