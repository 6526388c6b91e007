/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-latent-filter.h"
#include "cyt-latent-labels.h"
#include "cyt-latent-table.h"

G_BEGIN_DECLS

typedef enum
{
  CYT_LATENT_SORT_FREQUENCY,
  CYT_LATENT_SORT_MEAN_ACT,
  CYT_LATENT_SORT_MAX_ACT,
  CYT_LATENT_SORT_PURITY,
  CYT_LATENT_SORT_ENTROPY,
  CYT_LATENT_SORT_MAJORITY,
  CYT_LATENT_SORT_NAME,
  CYT_LATENT_SORT_STATUS,
  CYT_LATENT_SORT_EDITED,
  CYT_LATENT_SORT_NUMBER,
  CYT_LATENT_SORT_SELECTIVITY,     /* this and below: where measured */
  CYT_LATENT_SORT_MONOSEMANTICITY,
  CYT_LATENT_SORT_REDUNDANCY,
  CYT_LATENT_SORT_MAP,
} CytLatentSort;
#define CYT_LATENT_N_SORTS (CYT_LATENT_SORT_MAP + 1)
#define CYT_LATENT_SORT_IS_MEASURED(sort) ((sort) >= CYT_LATENT_SORT_SELECTIVITY)

/* What the order of a list of latents is made of. */
typedef struct
{
  const CytLatentTable *table;    /* of the data set that is shown */
  const CytLatentTable *alive_in; /* of the one that the filter names, or NULL */
  GHashTable *labels;             /* cyt_latent_labels_new() */
  const CytLatentFilter *filter;
  CytLatentSort sort;
  gboolean reversed;
} CytLatentQuery;

/* Writes the latents that pass the filter into @order (n_rows), best first in the sense of the key; what is
 * undefined comes last, either way round, and among equals the stronger latent comes first. A number that was
 * searched for comes before those that only begin with it. Returns how many there are. */
guint cyt_latent_query_run (const CytLatentQuery *self, guint32 *order);

G_END_DECLS
