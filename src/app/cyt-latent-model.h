/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "cyt-latent-order.h"

G_BEGIN_DECLS

/* What an item of the model is: the number of a latent. All else is read from the model. */
#define CYT_TYPE_LATENT_ITEM (cyt_latent_item_get_type ())
G_DECLARE_FINAL_TYPE (CytLatentItem, cyt_latent_item, CYT, LATENT_ITEM, GObject)

guint cyt_latent_item_get_latent (CytLatentItem *self);

/* The latents of a project with their labels, and their numbers over each of its data sets: a GListModel and
 * GtkSelectionModel of CytLatentItem that shows those of one data set, filtered and sorted on plain arrays, so that
 * 49,152 of them re-sort within a frame.
 *
 * The selection is a latent, not a position: it outlives any reordering, and a filter that hides it. More latents
 * may be marked beside it, to be labelled at once; only what shows is marked. A latent whose new label no longer
 * fits the filter stays until another one is selected, so that the one who types keeps his place.
 *
 * Signals: "values-changed" when numbers or labels changed (views re-read what they show); "filter-changed" when
 * the filter, the search or the way of sorting did; "moving" before rows come, go or change places by themselves, so
 * that a view can hold on to what it shows; notify::selected; notify::n-marked. */
#define CYT_TYPE_LATENT_MODEL (cyt_latent_model_get_type ())
G_DECLARE_FINAL_TYPE (CytLatentModel, cyt_latent_model, CYT, LATENT_MODEL, GObject)

CytLatentModel *cyt_latent_model_new (void);

/* ---- Numbers ---- */
/* @tables: of CytLatentTable, at least one, all equally long, freed by the array; @current: the one that shows.
 * (transfer full) */
void cyt_latent_model_take_tables (CytLatentModel *self, GPtrArray *tables, guint current);
void cyt_latent_model_set_current (CytLatentModel *self, guint current);
guint cyt_latent_model_get_n_tables (CytLatentModel *self);
/* (transfer none), valid until tables are taken next. */
const CytLatentTable *cyt_latent_model_get_table (CytLatentModel *self, guint index);
/* The table that shows; NULL before there is any. */
const CytLatentTable *cyt_latent_model_get_current_table (CytLatentModel *self);

gsize cyt_latent_model_get_n_latents (CytLatentModel *self);
gsize cyt_latent_model_get_n_silent (CytLatentModel *self); /* that never fired */
/* In the data set that shows; (transfer none), valid until tables are taken next. */
const CytLatentRow *cyt_latent_model_get_row (CytLatentModel *self, guint latent);
/* The class that prevails among the latent's top cells, or NULL; (transfer none). */
const char *cyt_latent_model_get_majority (CytLatentModel *self, guint latent);
/* The number of a class, for cyt_palette_lookup() and its like: its place in the bytewise sorted classes of all data sets,
 * so that it is the same in every one; -1: no such class. Of a name (may be NULL), or of a latent's majority. */
int cyt_latent_model_find_class (CytLatentModel *self, const char *name);
int cyt_latent_model_get_majority_class (CytLatentModel *self, guint latent);

/* ---- Labels ---- */
/* Replaces all labels; of CytConcept. */
void cyt_latent_model_set_concepts (CytLatentModel *self, GPtrArray *concepts);
/* Replaces one latent's label. */
void cyt_latent_model_set_concept (CytLatentModel *self, const CytConcept *concept);
/* Replaces the labels of some latents at once; of CytConcept. */
void cyt_latent_model_update_concepts (CytLatentModel *self, GPtrArray *concepts);
/* NULL when the latent was never labelled; (transfer none). */
const CytConcept *cyt_latent_model_get_concept (CytLatentModel *self, guint latent);
/* Neither a name nor a status was given. */
gboolean cyt_latent_model_is_unlabelled (CytLatentModel *self, guint latent);
/* In use among the labels, sorted, without duplicates. (transfer full) */
GStrv cyt_latent_model_list_names (CytLatentModel *self);
GStrv cyt_latent_model_list_categories (CytLatentModel *self);
GStrv cyt_latent_model_list_tags (CytLatentModel *self);
GStrv cyt_latent_model_list_raters (CytLatentModel *self);

/* ---- Filter and order ---- */
/* A copy is kept. */
void cyt_latent_model_set_filter (CytLatentModel *self, const CytLatentFilter *filter);
const CytLatentFilter *cyt_latent_model_get_filter (CytLatentModel *self); /* (transfer none) */
/* Shows only these latents (guint32 in any order) under the other criteria; @name says what they are, such as
 * "Batch of 50" or "42 from the map". @latents NULL: all again. */
void cyt_latent_model_set_subset (CytLatentModel *self, const guint32 *latents, gsize n, const char *name);
/* Which latents would show if there were no subset, for views from which one is chosen. out: (n_latents) 1 or 0. */
void cyt_latent_model_mark_without_subset (CytLatentModel *self, guint8 *out);
/* The filter's words, which must all occur, case-insensitively, in name, category, tags, note, status or class; or
 * be the beginning of the latent's number. */
void cyt_latent_model_set_search (CytLatentModel *self, const char *search);
const char *cyt_latent_model_get_search (CytLatentModel *self);
/* Best first in the sense of the key; @reversed turns it round. What is undefined stays last. */
void cyt_latent_model_set_sort (CytLatentModel *self, CytLatentSort sort, gboolean reversed);
/* The key in force: where the data set that shows knows nothing of the one that was asked for (no classes, so no
 * purity), it is the mean activation until one shows that does. */
CytLatentSort cyt_latent_model_get_sort (CytLatentModel *self);
gboolean cyt_latent_model_can_sort (CytLatentModel *self, CytLatentSort sort);
gboolean cyt_latent_model_get_reversed (CytLatentModel *self);

/* ---- Selection ---- */
/* Selected latent, -1 for none. */
gint64 cyt_latent_model_get_selected (CytLatentModel *self);
/* Selects a latent and ends all marks. */
void cyt_latent_model_set_selected (CytLatentModel *self, gint64 latent);
/* Latents that show and are selected or marked. */
guint cyt_latent_model_get_n_marked (CytLatentModel *self);
GArray *cyt_latent_model_list_marked (CytLatentModel *self); /* of guint32, as they show (transfer full) */
GArray *cyt_latent_model_list_shown (CytLatentModel *self);  /* likewise, all */
void cyt_latent_model_unmark_all (CytLatentModel *self);     /* all but the selected one */
/* Position of a latent, or GTK_INVALID_LIST_POSITION when it is not shown. */
guint cyt_latent_model_find (CytLatentModel *self, gint64 latent);
/* Latent at a position, or -1. */
gint64 cyt_latent_model_get_latent_at (CytLatentModel *self, guint position);
/* The nearest unlabelled latent @direction (1 down, -1 up) of the selected one, going round at the end; -1 when
 * there is none. */
gint64 cyt_latent_model_find_unlabelled (CytLatentModel *self, int direction);
/* One of those unlabelled that show, by @random, but not the selected one if there is another; -1 when none. */
gint64 cyt_latent_model_pick_unlabelled (CytLatentModel *self, guint32 random);

G_END_DECLS
