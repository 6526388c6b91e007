/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-barcodes.h"
#include "model/cyt-encoder.h"
#include "model/cyt-progress.h"

G_BEGIN_DECLS

/* What patients look like to the encoder alone, without an autoencoder: the baseline of barcodes. A project does not
 * hold it, so the cells walk through the encoder once more. */
typedef enum
{
  CYT_EMBEDDING_MEAN, /* mean over all 257 tokens */
  CYT_EMBEDDING_CLS,  /* the CLS token */
} CytEmbedding;

/* out: (rows of @patients, d) mean over the patient's images of the tokens at the project's hook. @dataset: as for the
 * barcodes. Errors: an image that is not the one that was indexed
 * (CYT_PROJECT_ERROR_MISMATCH); one that cannot be read any more. */
gboolean cyt_patients_embed (CytProject *project, gint64 dataset, const CytBarcodes *patients, const CytEncoder *encoder,
                             CytEmbedding kind, guint n_threads, double *out, CytProgress *progress,
                             GCancellable *cancellable, GError **error);

G_END_DECLS
