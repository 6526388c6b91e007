/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-latent-filter.h"
#include "cyt-latent-measured.h"

G_BEGIN_DECLS

/* The numbers of all latents over one data set, with its classes. Plain data: filled by the project worker,
 * read by the views. */
typedef struct
{
  gint64 dataset;          /* its id */
  char *name;              /* of the data set */
  CytLatentRow *rows;      /* (n_rows) by latent; majority is −1 or a place in labels */
  gsize n_rows;
  GStrv labels;            /* classes, as cyt_project_list_labels() */
  CytLatentMeasured *measured; /* NULL: nothing was */
  guint *label_number;     /* (number of labels) place in the sorted classes of all data sets, for colours; the model's */

  /* Derived from the above. */
  gsize n_silent;          /* latents that never fire here */
  gsize n_ubiquitous;      /* latents above CYT_UBIQUITOUS_MEAN_ACT */
  GStrv folded_labels;     /* case-folded */
  guint32 *by_strength;    /* (n_rows) latents by falling mean activation, then number: silent ones last */
  guint *label_rank;       /* (number of labels) place in the order of the user's language */
  gboolean has_max_act;    /* whether any latent's maximum is known: not where published */
  gboolean has_classes;    /* whether any latent has purity, entropy and a class that prevails */
} CytLatentTable;

/* Takes @rows and @labels (may be NULL: no classes). */
CytLatentTable *cyt_latent_table_new (gint64 dataset, const char *name, CytLatentRow *rows, gsize n_rows,
                                      GStrv labels);
void cyt_latent_table_free (CytLatentTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytLatentTable, cyt_latent_table_free)

/* Takes @measured (NULL: nothing was); of as many latents. */
void cyt_latent_table_set_measured (CytLatentTable *self, CytLatentMeasured *measured);
/* What a filter compares: NAN where it is undefined, or was not measured. */
double cyt_latent_table_get_number (const CytLatentTable *self, guint latent, CytFilterNumber number);
/* Whether any latent has that number. */
gboolean cyt_latent_table_has_number (const CytLatentTable *self, CytFilterNumber number);

/* The class that prevails among the latent's top cells, or NULL; (transfer none). */
const char *cyt_latent_table_get_majority (const CytLatentTable *self, guint latent);
/* How much a first look at the latent shows, above 0: it fires on cells of one class, on patches rather than on CLS,
 * strongly and on few of them. 0: not fit for a first look, or not known to be. */
double cyt_latent_row_rate (const CytLatentRow *row);
/* Place of a class, −1 where the data set has none of that name. */
int cyt_latent_table_find_label (const CytLatentTable *self, const char *name);

G_END_DECLS
