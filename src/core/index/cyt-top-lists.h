/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* For every latent the m cells with the highest score; ties go to the lower image index, so the
 * lists do not depend on the order of insertion. Entries are kept best first. */
typedef struct
{
  float score;
  guint32 cell;  /* position in the data set */
} CytTopEntry;

typedef struct _CytTopLists CytTopLists;

CytTopLists *cyt_top_lists_new (gsize d_sae, guint m);
void cyt_top_lists_free (CytTopLists *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTopLists, cyt_top_lists_free)

/* Offers a score > 0. TRUE when it entered; @evicted_cell is the cell that fell out, or -1. */
gboolean cyt_top_lists_offer (CytTopLists *self, gsize latent, float score, guint32 cell, gint64 *evicted_cell);
/* The entries of a latent, best first. (transfer none) */
const CytTopEntry *cyt_top_lists_get (const CytTopLists *self, gsize latent, guint *n);
/* (d_sae) score that a cell must reach to enter: the worst entry of a full list, else 0. Kept up to
 * date by offer(); other threads may read it while it rises. */
const float *cyt_top_lists_get_bar (const CytTopLists *self);

/* Class concentration of a latent's best ten (METHODS §3). @labels: (n_cells) class number of each
 * cell, or -1 for none.  entropy: −Σ p ln p, nats; purity: the largest p; majority: its class.
 * FALSE (nothing set) when the list has fewer than ten entries, or one of the ten has no label. */
gboolean cyt_top_lists_get_entropy (const CytTopLists *self, gsize latent, const gint32 *labels,
                                    double *entropy, double *purity, gint32 *majority);

G_END_DECLS
