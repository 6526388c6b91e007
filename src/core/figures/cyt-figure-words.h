/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-figure-provenance.h"
#include "figures/cyt-overlay.h"

G_BEGIN_DECLS

/* What several kinds of figure say, in captions and in the command that makes them again. */

/* The data set called @name; CYT_PROJECT_ERROR_NOT_FOUND. (transfer full) */
CytDataset *cyt_figure_find_dataset (CytProject *project, const char *name, GError **error);
/* "of 855 cells of data set "pbc" (peripheral blood), tokens counted above τ = 0.2" (transfer full) */
char *cyt_figure_describe_dataset (CytProject *project, const CytDataset *dataset);
/* "Encoder 0123456789ab, block 10; SAE 0123456789ab (first digits of SHA-256). CytoSAE Explorer 0.1.0." and, of drawn
 * cells, that they are. (transfer full) */
char *cyt_figure_describe_models (CytProject *project);

/* Options --overlay, --colormap, --opacity and, where it is fixed, --scale. */
void cyt_figure_provenance_add_overlay (CytFigureProvenance *self, const CytOverlayStyle *overlay);
const char *cyt_figure_overlay_mode_get_nick (CytOverlayMode mode); /* "off", "outline", "heat" (static) */

G_END_DECLS
