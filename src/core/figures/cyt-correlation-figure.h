/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-barcodes.h"
#include "figures/cyt-figure.h"

G_BEGIN_DECLS

/* Pearson correlation of the patients' barcodes, patients ordered by disease, then by name. The colours reach from the
 * smallest correlation to 1. Names are written where there is room for them. */
/* @options: by is ignored. CYT_TABLE_ERROR_EMPTY with fewer than two patients. */
CytFigure *cyt_correlation_figure_new (CytProject *project, const CytBarcodesOptions *options, GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
