/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-barcodes.h"
#include "model/cyt-progress.h"
#include "model/cyt-sae.h"
#include "train/cyt-token-source.h"

G_BEGIN_DECLS

/* Barcodes by patient, per image, of an SAE on images that are in no project: the numbers that cyt_barcodes_compute() has
 * after indexing them. @source: the tokens of @list. Images without a patient, and those that cannot be read, are left out.
 * @progress counts images.
 * Errors: CYT_TABLE_ERROR_EMPTY where no image has a patient; CYT_CHECKPOINT_ERROR_MISMATCH for an SAE of other tokens;
 * those of cyt_token_source_read(). */
CytBarcodes *cyt_sae_barcodes_compute (const CytSae *sae, CytTokenSource *source, const CytImageList *list, gsize d,
                                       double threshold, CytParallel *parallel, CytProgress *progress,
                                       GCancellable *cancellable, GError **error);

G_END_DECLS
