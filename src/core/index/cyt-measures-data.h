/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What was measured of the latents of one SAE, or of a baseline beside it, on a list of images (METHODS §7): computed by
 * analysis/cyt-measures.h, kept by project/cyt-project-measures.h. */

/* One latent. NAN and −1: undefined, as where it never fires. */
typedef struct
{
  gsize n_active;          /* images with score > 0 */
  double frequency;        /* of the images, 0…1 */
  double token_frequency;  /* share of all tokens with f > 0 */
  double explained;        /* of the explained variance, what is lost without this latent; may be < 0 */
  double entropy, purity;  /* of the labels of the ten best images (METHODS §3); NAN without ten labelled ones */
  gint32 majority;         /* their most frequent class */
  gint32 best_class;       /* class that the score tells best: largest (auprc − prevalence) / (1 − prevalence) */
  double auprc;            /* average precision of the score for it, among all labelled images */
  double prevalence;       /* of it: what a latent that knows nothing gets */
  double monosemanticity;  /* Pach et al. 2025, −1…1; NAN below two active images, or where all scores are equal */
  gint64 nearest;          /* alive latent with the largest decoder cosine */
  double cosine;           /* with it */
  gint64 twin;             /* latent with the largest Jaccard index of the 16 best images */
  double jaccard;          /* with it; 0 when no other latent shares one */
  gint32 structure;        /* of the masks, that its map tells best, chosen as best_class is */
  double map_precision;    /* average precision of f over the pixels of all masked images for it */
  double map_chance;       /* share of its pixels: what a map that knows nothing gets */
  double map_overlap;      /* intersection over union of {f > τ} with it, over all masked images */
} CytMeasuresRow;
/* A latent that never fires. */
void cyt_measures_row_clear (CytMeasuresRow *row);

/* The best latent for a class, or for a structure, chosen on one half of the images and scored on the other: with the same
 * images, the larger of two dictionaries would seem the better. Where the list names patients they are halved, each with
 * all of its images; else each class is, every other image. */
typedef struct
{
  gint64 latent;           /* −1: none */
  double chosen;           /* average precision on the half where it was chosen */
  double scored;           /* on the other half */
  double chance;           /* prevalence, or share of the pixels, on the other half */
  double overlap;          /* structures: intersection over union on the other half, with the threshold that is best on
                              the first one; classes: NAN */
} CytMeasuresBest;

/* A dictionary. */
typedef struct
{
  char *name;
  gsize n_latents, n_alive;       /* alive: fires on at least one image */
  gsize n_images, n_failed;       /* measured on so many; unreadable ones beside them */
  gsize n_labelled;
  double l0;                      /* mean latents with f > 0 of a token */
  double explained;               /* 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖² over all tokens */
  double dead_share;              /* of the latents */
  double monosemanticity;         /* mean over latents that have it; likewise: */
  double monosemanticity_chance;  /* mean cosine of two images' embeddings: a latent that fires alike on all */
  double entropy, purity;
  double cosine, jaccard;         /* redundancy: of alive latents */
  GStrv classes;                  /* sorted bytewise */
  CytMeasuresBest *best_of_class; /* (classes) */
  GStrv structures;               /* empty without masks */
  CytMeasuresBest *best_of_structure;
  CytMeasuresBest *ceiling;       /* of the structures: what 16 × 16 patches could reach, each with its true share */
  gsize n_masked;
  CytMeasuresRow *rows;           /* (n_latents) */
} CytMeasures;
void cyt_measures_free (CytMeasures *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytMeasures, cyt_measures_free)

/* Mean of (scored − chance) / (1 − chance) over the classes that have a best latent: 1 perfect, 0 chance; NAN for none. */
double cyt_measures_get_selectivity (const CytMeasures *self);

G_END_DECLS
