/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-barcodes.h"

G_BEGIN_DECLS

/* AnnData 0.8's file format (HDF5) at @path, which is written in place.
 * X (n_rows, n_latents) f64; obs: disease, n_cells, n_patients, index: the rows' names; var: latent, name, index: the
 * latents' numbers; uns: how it was made. @names: (n_latents) names of latents, "" without. */
gboolean cyt_barcodes_write_h5ad (const CytBarcodes *self, const char *const *names, gboolean simulated,
                                  const char *path, GError **error);

G_END_DECLS
