/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-figure.h"

G_BEGIN_DECLS

/* The curves of a sparsity sweep (cyt-sweep-table.h): over the mean number of active latents of a token a plot each of what
 * the table knows: explained variance, dead latents, monosemanticity, stability, weighted F1. A line for each expansion goes
 * through the means over seeds; every autoencoder has a point. */
/* @project: of the same encoder, for the provenance. @table: the CSV. Errors: those of cyt_sweep_table_read_csv();
 * CYT_TABLE_ERROR_EMPTY when no row knows its L0. */
CytFigure *cyt_sweep_figure_new (CytProject *project, const char *table, GError **error);

G_END_DECLS
