/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How well one latent's score tells each class of cells from all others: the area under the curve of precision over
 * recall, as average precision, Σ over distinct scores, falling, of (R_n − R_{n−1}) P_n (scikit-learn's
 * average_precision_score; METHODS §7). Cells on which it does not fire share the score 0 and come last together. A
 * latent that knows nothing has about the share of the class among the cells, its prevalence. */
typedef struct
{
  gsize n_classes;
  const gint32 *classes;  /* class of each cell; −1: the cell is left out (not borrowed by a copy) */
  gsize n_cells;          /* that count */
  gsize *n_of_class;      /* (n_classes) */
} CytPrecisionClasses;

/* @classes: (n_cells), borrowed. */
CytPrecisionClasses *cyt_precision_classes_new (const gint32 *classes, gsize n_cells, gsize n_classes);
void cyt_precision_classes_free (CytPrecisionClasses *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytPrecisionClasses, cyt_precision_classes_free)
/* Share of the class among the cells that count; NAN where none does. */
double cyt_precision_classes_get_prevalence (const CytPrecisionClasses *self, gsize c);

/* out: precision (n_classes) 0…1; NAN for a class without cells
 * in:  cell, score (n): where the latent fires, by falling score (CytScoreTable)
 *      hits (2 n_classes): scratch */
void cyt_average_precision_compute (const CytPrecisionClasses *self, const guint32 *cell, const float *score, gsize n,
                                    double *precision, gsize *hits);

G_END_DECLS
