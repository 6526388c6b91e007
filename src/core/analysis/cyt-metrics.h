/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How good predictions of classes are. Classes count from 0; definitions as in scikit-learn. */
typedef struct
{
  double weighted_f1;        /* mean of the classes' F1, weighted by how often they are true */
  double macro_f1;           /* unweighted, over classes that are true or predicted at least once */
  double balanced_accuracy;  /* mean recall of the classes that are true at least once */
  double auroc;              /* one class against the rest, unweighted mean; NAN where a class is nobody's or everybody's */
} CytMetrics;

/* truth, predicted: (n); scores: (n, n_classes), larger for the class that is likelier. With two classes the area is
 * that of the second class. */
void cyt_metrics_compute (CytMetrics *self, gsize n, guint n_classes, const guint *truth, const guint *predicted,
                          const double *scores);

G_END_DECLS
