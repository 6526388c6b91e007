/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* Which latents a list shows: plain data that can be kept in a project. All criteria must hold at once; numbers
 * are those of the data set that is shown. A number that is undefined is in no range. Classes and data sets are
 * meant by name, so that a saved filter means the same in every data set and every copy of the project. */

typedef enum
{
  CYT_FILTER_FREQUENCY,   /* share of cells, 0…1 */
  CYT_FILTER_MEAN_ACT,
  CYT_FILTER_MAX_ACT,
  CYT_FILTER_ENTROPY,     /* nats */
  CYT_FILTER_PURITY,      /* 0…1 */
  CYT_FILTER_SELECTIVITY, /* as measured, see CytMeasuresRow: average precision for the class it tells best, 0…1 */
  CYT_FILTER_MONOSEMANTICITY, /* −1…1 */
  CYT_FILTER_REDUNDANCY,  /* largest cosine with another direction, −1…1 */
  CYT_FILTER_MAP,         /* average precision of its map for the structure it tells best, 0…1 */
} CytFilterNumber;
#define CYT_FILTER_N_NUMBERS (CYT_FILTER_MAP + 1)

typedef enum
{
  CYT_FILTER_ANY,
  CYT_FILTER_UNLABELLED,  /* neither name nor status was given */
  CYT_FILTER_LABELLED,
} CytFilterLabelled;

typedef struct
{
  char *search;           /* words, see cyt_latent_model_set_search() */
  CytFilterLabelled labelled;
  guint statuses;         /* bits 1 << CytConceptStatus, one of which it must have; 0: any */
  int confidence;         /* CytConceptConfidence; −1: any */
  double min[CYT_FILTER_N_NUMBERS]; /* inclusive; −INFINITY: no bound */
  double max[CYT_FILTER_N_NUMBERS]; /* inclusive; INFINITY: no bound */
  char *majority;         /* these: NULL for any */
  char *category;
  char *tag;
  char *rater;            /* who edited last */
  char *alive_in;         /* name of a data set in which it must fire */
  gboolean show_silent;
  gboolean show_ubiquitous;
  double ubiquitous;      /* latents with a higher mean activation are ubiquitous */
  GArray *subset;         /* guint32, ascending: only these; NULL: all */
  char *subset_name;      /* what they are, such as "Batch of 50"; NULL without a subset */
} CytLatentFilter;

/* Hides silent and ubiquitous latents and nothing else. */
CytLatentFilter *cyt_latent_filter_new (void);
CytLatentFilter *cyt_latent_filter_copy (const CytLatentFilter *self);
void cyt_latent_filter_free (CytLatentFilter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytLatentFilter, cyt_latent_filter_free)
gboolean cyt_latent_filter_equal (const CytLatentFilter *a, const CytLatentFilter *b);

/* @latents: guint32 in any order, or NULL for all; @name: what they are. */
void cyt_latent_filter_set_subset (CytLatentFilter *self, const guint32 *latents, gsize n, const char *name);

/* The criteria, one bit each, of which a user would say that a filter is set; the search is not among them, and
 * what is hidden by default is one only while it shows. */
typedef enum
{
  CYT_FILTER_HAS_LABELLED = 1 << 0,
  CYT_FILTER_HAS_STATUSES = 1 << 1,
  CYT_FILTER_HAS_CONFIDENCE = 1 << 2,
  CYT_FILTER_HAS_MAJORITY = 1 << 3,
  CYT_FILTER_HAS_CATEGORY = 1 << 4,
  CYT_FILTER_HAS_TAG = 1 << 5,
  CYT_FILTER_HAS_RATER = 1 << 6,
  CYT_FILTER_HAS_ALIVE_IN = 1 << 7,
  CYT_FILTER_HAS_SILENT = 1 << 8,
  CYT_FILTER_HAS_UBIQUITOUS = 1 << 9,
  CYT_FILTER_HAS_SUBSET = 1 << 10,
  CYT_FILTER_HAS_NUMBER = 1 << 11,   /* << CytFilterNumber */
} CytFilterCriterion;
#define CYT_FILTER_N_CRITERIA (11 + CYT_FILTER_N_NUMBERS)
guint cyt_latent_filter_get_criteria (const CytLatentFilter *self);
/* Takes a criterion back to its default. */
void cyt_latent_filter_clear (CytLatentFilter *self, CytFilterCriterion criterion);

/* As text, to be kept: a key file with the group "filter" and what differs from the default (transfer full). */
char *cyt_latent_filter_to_text (const CytLatentFilter *self);
/* What such text says. Unknown keys, of a newer program, are passed over; NULL with an error (G_KEY_FILE_ERROR)
 * where a value cannot be read. */
CytLatentFilter *cyt_latent_filter_from_text (const char *text, GError **error);

G_END_DECLS
