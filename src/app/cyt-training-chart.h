/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "figures/cyt-axes.h"

#include "cyt-training-curve.h"

G_BEGIN_DECLS

/* One plot of a training: some columns of its curve over the steps. */
#define CYT_TYPE_TRAINING_CHART (cyt_training_chart_get_type ())
G_DECLARE_FINAL_TYPE (CytTrainingChart, cyt_training_chart, CYT, TRAINING_CHART, GtkWidget)

typedef struct
{
  CytTrainingColumn column;
  const char *name;      /* translated */
} CytTrainingSeries;
#define CYT_TRAINING_CHART_MAX_SERIES 3

/* @percent: the values are shares, and the axis shows 0 to 100 % whatever they are. */
void cyt_training_chart_set_up (CytTrainingChart *self, const char *title, CytAxisScale scale, gboolean percent,
                                const CytTrainingSeries *series, guint n_series);
/* Draws what @curve holds by now; NULL: nothing. It is kept, not copied, until the next call. @last_step: where the axis ends. */
void cyt_training_chart_show (CytTrainingChart *self, const CytTrainingCurve *curve, double last_step);

G_END_DECLS
