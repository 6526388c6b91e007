/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "analysis/cyt-classification.h"

G_BEGIN_DECLS

/* Patients by disease (rows) and predicted disease (columns), mean over the repeats of a cross-validation. */
#define CYT_TYPE_CONFUSION_MATRIX (cyt_confusion_matrix_get_type ())
G_DECLARE_FINAL_TYPE (CytConfusionMatrix, cyt_confusion_matrix, CYT, CONFUSION_MATRIX, GtkWidget)

/* Copies what it shows; NULL: nothing. */
void cyt_confusion_matrix_set_result (CytConfusionMatrix *self, const CytClassification *result);

G_END_DECLS
