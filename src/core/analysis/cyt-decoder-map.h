/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* Maps of the decoder's directions: rows of W_dec at unit length, so that the distance of two on the sphere is a
 * function of their cosine, placed on a plane. */

/* The first two principal components of the directions about their mean (cyt-pca.h). */
#define CYT_DECODER_MAP_PCA "pca"

/* Reads the SAE at @path, twice, or the built-in one of that identity (cyt_model_find()). @d_sae: as the project has
 * it; @sha256: its identity. Errors: of the checkpoint; CYT_MODELS_ERROR when it is not there, or is another one;
 * CYT_PROJECT_ERROR_MISMATCH for other sizes; G_IO_ERROR_CANCELLED. */
CytProjection *cyt_decoder_map_compute (const char *path, const char *sha256, gsize d_sae, const char *method,
                                        GCancellable *cancellable, GError **error);

G_END_DECLS
