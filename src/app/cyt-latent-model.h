/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* What an item of the model is: the number of a latent. All else is read from the model. */
#define CYT_TYPE_LATENT_ITEM (cyt_latent_item_get_type ())
G_DECLARE_FINAL_TYPE (CytLatentItem, cyt_latent_item, CYT, LATENT_ITEM, GObject)

guint cyt_latent_item_get_latent (CytLatentItem *self);

typedef enum
{
  CYT_LATENT_SORT_NUMBER,
  CYT_LATENT_SORT_FREQUENCY,
  CYT_LATENT_SORT_MEAN_ACT,
  CYT_LATENT_SORT_MAX_ACT,
  CYT_LATENT_SORT_PURITY,
  CYT_LATENT_SORT_ENTROPY,
  CYT_LATENT_SORT_EDITED,
  CYT_LATENT_SORT_NAME,
} CytLatentSort;
#define CYT_LATENT_N_SORTS (CYT_LATENT_SORT_NAME + 1)

/* The latents of a data set with their labels: a GListModel and GtkSelectionModel of CytLatentItem,
 * searched and sorted on plain arrays, so that 49,152 of them re-sort within a frame. The selection is
 * a latent, not a position: it outlives any reordering, and a latent that the search hides.
 *
 * Signals: "values-changed" when numbers or labels changed (views re-read what they show);
 * notify::selected. */
#define CYT_TYPE_LATENT_MODEL (cyt_latent_model_get_type ())
G_DECLARE_FINAL_TYPE (CytLatentModel, cyt_latent_model, CYT, LATENT_MODEL, GObject)

CytLatentModel *cyt_latent_model_new (void);

/* @rows: (n) by latent; @labels: class names of the data set, may be NULL. (transfer full) both */
void cyt_latent_model_take_rows (CytLatentModel *self, CytLatentRow *rows, gsize n, GStrv labels);
/* Replaces all labels; of CytConcept. */
void cyt_latent_model_set_concepts (CytLatentModel *self, GPtrArray *concepts);
/* Replaces one latent's label. */
void cyt_latent_model_set_concept (CytLatentModel *self, const CytConcept *concept);
/* Replaces the labels of some latents at once; of CytConcept. */
void cyt_latent_model_update_concepts (CytLatentModel *self, GPtrArray *concepts);

gsize cyt_latent_model_get_n_latents (CytLatentModel *self);
gsize cyt_latent_model_get_n_silent (CytLatentModel *self); /* that never fired */
/* (transfer none), valid until rows are taken next. */
const CytLatentRow *cyt_latent_model_get_row (CytLatentModel *self, guint latent);
/* NULL when the latent was never labelled; (transfer none). */
const CytConcept *cyt_latent_model_get_concept (CytLatentModel *self, guint latent);
/* The class that prevails among the latent's top cells, or NULL; (transfer none). */
const char *cyt_latent_model_get_majority (CytLatentModel *self, guint latent);
/* Categories in use, sorted. (transfer full) */
GStrv cyt_latent_model_list_categories (CytLatentModel *self);

/* Words that must all occur, case-insensitively, in name, category, tags, note, status or class; or the
 * beginning of the latent's number. */
void cyt_latent_model_set_search (CytLatentModel *self, const char *search);
const char *cyt_latent_model_get_search (CytLatentModel *self);
/* Best first in the sense of the key; @reversed turns it round. What is undefined stays last. */
void cyt_latent_model_set_sort (CytLatentModel *self, CytLatentSort sort, gboolean reversed);
CytLatentSort cyt_latent_model_get_sort (CytLatentModel *self);
gboolean cyt_latent_model_get_reversed (CytLatentModel *self);
void cyt_latent_model_set_show_silent (CytLatentModel *self, gboolean show_silent);
gboolean cyt_latent_model_get_show_silent (CytLatentModel *self);

/* Selected latent, -1 for none. */
gint64 cyt_latent_model_get_selected (CytLatentModel *self);
void cyt_latent_model_set_selected (CytLatentModel *self, gint64 latent);
/* Position of a latent, or GTK_INVALID_LIST_POSITION when it is not shown. */
guint cyt_latent_model_find (CytLatentModel *self, gint64 latent);
/* Latent at a position, or -1. */
gint64 cyt_latent_model_get_latent_at (CytLatentModel *self, guint position);

G_END_DECLS
