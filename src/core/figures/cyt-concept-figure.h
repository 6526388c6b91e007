/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-overlay.h"
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* A sheet of several latents, one row each: number, name, statistics, then its top cells with
 * overlays. Images come from the data set's folder, else from the stored thumbnails. PNG.
 * A project of simulated cells says so in the heading.
 * @latents: (n_latents). @n_cells: cells per row. */
gboolean cyt_concept_figure_write_png (const char *path, CytProject *project, gint64 dataset,
                                       const guint *latents, guint n_latents, guint n_cells,
                                       const CytOverlayStyle *style, GError **error);

G_END_DECLS
