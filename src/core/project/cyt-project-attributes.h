/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "io/cyt-image-attribute.h"
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* What a table noted about the cells of a data set beside class, patient and disease, and the names that the program
 * proposes for latents because of it. */

/* Replaces the attributes of a data set, of CytImageAttribute, with a code for each cell; suggestions that rest on other
 * ones go. Writes nothing where they are there already. CYT_TABLE_ERROR_VALUE for other numbers of codes than cells. */
gboolean cyt_project_set_attributes (CytProject *self, gint64 dataset, const GPtrArray *attributes, GError **error);
/* Of CytImageAttribute, in the order of the table's columns; empty where there are none. */
GPtrArray *cyt_project_list_attributes (CytProject *self, gint64 dataset, GError **error);

/* A value of an attribute that a latent tells from the others: a name that the program proposes for it, no more. */
typedef struct
{
  guint32 latent;
  guint attribute;      /* number in cyt_project_list_attributes(): */
  guint value;
  double auprc;         /* average precision of the latent's score for it, on cells that had no part in its choice */
  double prevalence;    /* share of these cells that have it: what a latent that knows nothing gets */
  double bound;         /* the best average precision that any latent gets on shuffled cells */
  guint n_cells;        /* on which auprc was computed */
  guint n_positive;     /* of these, with the value */
} CytSuggestion;
/* More than so many for one latent are no help. */
#define CYT_SUGGESTION_MAX 3

/* Replaces all suggestions of a data set; @suggestions of CytSuggestion, by latent, each latent's best first. */
gboolean cyt_project_set_suggestions (CytProject *self, gint64 dataset, const GArray *suggestions, GError **error);
/* Of CytSuggestion: those of a latent, best first; @latent -1: of all, by latent. */
GArray *cyt_project_list_suggestions (CytProject *self, gint64 dataset, gint64 latent, GError **error);

G_END_DECLS
