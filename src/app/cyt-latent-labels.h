/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* A concept with what searching and sorting need of it. */
typedef struct
{
  CytConcept *concept;
  char *folded;       /* name, category, note, tags, status: case-folded, one string */
  char *collate_key;  /* of the name; NULL without one */
} CytLatentLabel;
/* Neither a name nor a status; @self NULL counts as such. */
gboolean cyt_latent_label_is_empty (const CytLatentLabel *self);

/* The labels of a project: latent → CytLatentLabel. (transfer full) */
GHashTable *cyt_latent_labels_new (void);
/* Replaces the label of the concept's latent. */
void cyt_latent_labels_insert (GHashTable *labels, const CytConcept *concept);
/* NULL when the latent was never labelled; (transfer none). */
const CytLatentLabel *cyt_latent_labels_find (GHashTable *labels, guint latent);
/* In use, sorted, without duplicates. (transfer full) */
GStrv cyt_latent_labels_list_names (GHashTable *labels);
GStrv cyt_latent_labels_list_categories (GHashTable *labels);
GStrv cyt_latent_labels_list_tags (GHashTable *labels);
GStrv cyt_latent_labels_list_raters (GHashTable *labels);

G_END_DECLS
