/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-barcodes.h"

G_BEGIN_DECLS

/* Barcodes of a data set's patients at every threshold of two digits (cyt-levels.h), for a slider: the cells are read
 * once, then a threshold takes milliseconds. In memory at most CYT_N_LEVELS numbers of 4 bytes for each latent that
 * fires in a patient, and never more than a byte for each active token. Read-only once made. */
typedef struct _CytLevelBarcodes CytLevelBarcodes;

/* CYT_PROJECT_ERROR_NOT_FOUND unless cyt_project_has_levels(); others as cyt_barcodes_compute(). */
CytLevelBarcodes *cyt_level_barcodes_new (CytProject *project, gint64 dataset, GCancellable *cancellable, GError **error);
void cyt_level_barcodes_free (CytLevelBarcodes *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytLevelBarcodes, cyt_level_barcodes_free)
gsize cyt_level_barcodes_get_n_bytes (const CytLevelBarcodes *self);

/* The same, bit by bit, as cyt_barcodes_compute() by patient and per image at the level's threshold. @project: for the
 * latents that are left out where @skip_marked. */
CytBarcodes *cyt_level_barcodes_get (const CytLevelBarcodes *self, CytProject *project, guint level, gboolean skip_marked,
                                     GError **error);

G_END_DECLS
