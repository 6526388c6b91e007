/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "analysis/cyt-class-scores.h"

G_BEGIN_DECLS

/* The matrix of classes (rows) and their most selective latents (columns): a field's colour is the mean activation.
 * The wheel zooms, dragging moves; arrow keys go from field to field, Enter opens the latent.
 *
 * Signals: "picked" (latent), "activated" (latent). */
#define CYT_TYPE_CLASS_MATRIX (cyt_class_matrix_get_type ())
G_DECLARE_FINAL_TYPE (CytClassMatrix, cyt_class_matrix, CYT, CLASS_MATRIX, GtkWidget)

/* What a column is called: "#1742" or its name (transfer full). */
typedef char *(*CytClassMatrixNameFunc) (guint latent, gpointer user_data);
void cyt_class_matrix_set_name_func (CytClassMatrix *self, CytClassMatrixNameFunc func, gpointer user_data);

/* @scores is borrowed and has to live until others are set, or NULL; @picks (of CytClassPick) is referenced. */
void cyt_class_matrix_set_scores (CytClassMatrix *self, const CytClassScores *scores, GArray *picks);
/* Whether 1 on the colour bar is the largest mean of all fields shown, or, otherwise, that of each latent. */
void cyt_class_matrix_set_shared (CytClassMatrix *self, gboolean shared);
/* The latent whose column is marked, -1: none. */
void cyt_class_matrix_set_current (CytClassMatrix *self, gint64 latent);
/* What the palette calls a class (-1: nothing): its mark stands beside the row's name. */
typedef int (*CytClassMatrixClassFunc) (const char *name, gpointer user_data);
void cyt_class_matrix_set_class_func (CytClassMatrix *self, CytClassMatrixClassFunc func, gpointer user_data);
/* @factor > 1: closer, about the middle; 0: everything again. */
void cyt_class_matrix_zoom (CytClassMatrix *self, double factor);
/* Largest mean of the fields shown; 0 without any. */
double cyt_class_matrix_get_max (CytClassMatrix *self);

G_END_DECLS
