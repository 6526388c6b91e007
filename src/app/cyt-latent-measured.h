/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "index/cyt-measures-data.h"
#include "project/cyt-project-attributes.h"

G_BEGIN_DECLS

/* What was measured of all latents on one data set, and the names that the program proposes for them. Plain data: filled by
 * the project worker, read by the views. */
typedef struct
{
  gsize n_latents;
  gsize n_images;                 /* on which it was measured */
  double monosemanticity_chance;
  CytMeasuresRow *rows;           /* (n_latents); NULL: not measured, only suggested */
  GStrv classes, structures;      /* of the rows' numbers; NULL without rows */
  GPtrArray *attributes;          /* of CytImageAttribute */
  GArray *suggestions;            /* of CytSuggestion, by latent, best first */
} CytLatentMeasured;

void cyt_latent_measured_free (CytLatentMeasured *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytLatentMeasured, cyt_latent_measured_free)

/* The first of the latent's suggestions, and how many there are; NULL: none. (transfer none) */
const CytSuggestion *cyt_latent_measured_get_suggestions (const CytLatentMeasured *self, guint latent, guint *n);
/* "granule type: coarse" (transfer full). */
char *cyt_latent_measured_dup_suggested_name (const CytLatentMeasured *self, const CytSuggestion *suggestion);

G_END_DECLS
