/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-sae.h"
#include "model/cyt-token-latents.h"
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* What is like what. Each list has at most @n entries, most alike first, ties by number; entries with a cosine of 0
 * or less are left out. */

/* Latents that fire on the same cells. Cosine of two latents a, b over the cells i of a data set:
 * Σ s_a(i) s_b(i) / √(Σ s_a(i)² Σ s_b(i)²), s the score, 0 where a latent does not fire; 0…1. Of CytRankedLatent,
 * without @latent itself; empty where it never fires. Reads the cells of the latent: some 0.1 s for 10,000 of them.
 * Errors as cyt_project_get_latent_cells(). */
GArray *cyt_neighbours_find_coactive (CytProject *project, gint64 dataset, guint latent, guint n,
                                      GCancellable *cancellable, GError **error);

/* A cell that is like another one. */
typedef struct
{
  gint64 cell;
  double cosine;
} CytSimilarCell;
/* Cells of a data set whose score vectors have the largest cosine with @latents: Σ_k s(k) t(k) / √(Σ s² Σ t²) over
 * latents k; 0…1. Of CytSimilarCell, without the cell @except (0: none). Reads every cell once. Errors as
 * cyt_project_scan_cells(). */
GArray *cyt_neighbours_find_cells (CytProject *project, gint64 dataset, const CytCellLatents *latents, gint64 except,
                                   guint n, GCancellable *cancellable, GError **error);

/* Latents whose rows of W_dec have the largest cosine with that of @latent, out of all; of CytRankedLatent, without
 * @latent itself. Reads the decoder once, in pieces of some megabytes. */
GArray *cyt_neighbours_find_directions (CytSaeDecoder *decoder, guint latent, guint n, GCancellable *cancellable,
                                        GError **error);

G_END_DECLS
