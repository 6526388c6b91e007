/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-transfer.h"
#include "figures/cyt-figure.h"

G_BEGIN_DECLS

/* A report on domain transfer (cyt-transfer.h): the numbers, then side by side the top cells, on either domain, of the latents
 * that carry over best and worst. */
#define CYT_TRANSFER_FIGURE_MAX_LATENTS 20

typedef struct
{
  const CytTransferOptions *options; /* that the transfer was computed with */
  guint n_latents;         /* best ones, and worst ones; at most CYT_TRANSFER_FIGURE_MAX_LATENTS */
  guint n_cells;           /* of each on either side; at most 10 */
} CytTransferFigureRequest;
#define CYT_TRANSFER_FIGURE_REQUEST_INIT { .n_latents = 6, .n_cells = 5 }

/* @train, @test: what @transfer was computed of; may be the same. */
CytFigure *cyt_transfer_figure_new (CytProject *train, CytProject *test, const CytTransfer *transfer,
                                    const CytTransferFigureRequest *request, GError **error);

G_END_DECLS
