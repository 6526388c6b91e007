/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-progress.h"
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* How strongly each latent fires on the cells of each class of a data set. */
typedef struct
{
  gsize n_classes, n_latents;
  GStrv classes;         /* (n_classes) as cyt_project_list_labels() */
  gsize *n_cells;        /* (n_classes) cells that were read */
  float *mean;           /* (n_classes, n_latents) mean score over all cells of the class, silent ones included
                            (METHODS §3); 0 for a class without cells */
  float *share;          /* (n_classes, n_latents) of the cells of the class with score > 0, 0…1 */
} CytClassScores;

/* Classes × latents that are kept: 170 classes of 49,152 latents. */
#define CYT_CLASS_SCORES_MAX ((gsize) 8 << 20)

/* Walks all cells of the data set that are indexed so far; cells without a class are left out. Errors: of
 * cyt_project_scan_cells(); CYT_TABLE_ERROR_EMPTY when no cell has a class; CYT_TABLE_ERROR_VALUE for more than
 * CYT_CLASS_SCORES_MAX; G_IO_ERROR_CANCELLED. @progress is advanced by a unit for each cell; the caller starts it. */
CytClassScores *cyt_class_scores_compute (CytProject *project, gint64 dataset, CytProgress *progress,
                                          GCancellable *cancellable, GError **error);
void cyt_class_scores_free (CytClassScores *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytClassScores, cyt_class_scores_free)

/* The share of a class in a latent's activation when every class has the same number of cells:
 * mean (c, k) / Σ mean (c′, k), 0…1; 1 / n_classes where the class makes no difference, 1 where it fires on that class
 * alone. NAN for a latent that is silent on all. */
double cyt_class_scores_get_selectivity (const CytClassScores *self, gsize c, gsize latent);

/* One column of the matrix. */
typedef struct
{
  guint32 latent;
  guint32 class;         /* for which it is the most selective */
  double selectivity;
} CytClassPick;

/* A latent is listed only where it fires on this share of the cells of its class, and on so many of them: a latent of
 * one odd cell is as selective as can be. */
#define CYT_CLASS_PICK_MIN_SHARE 0.1
#define CYT_CLASS_PICK_MIN_CELLS 3

/* The @n_best most selective latents of each class, class by class, the best first (among equals the stronger, then
 * the lower number); of CytClassPick. A latent stands under the one class for which it is the most selective.
 * @allowed: (n_latents) 1 for latents that may be listed; NULL: all. */
GArray *cyt_class_scores_pick (const CytClassScores *self, guint n_best, const guint8 *allowed);

G_END_DECLS
