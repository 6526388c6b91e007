/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-figure.h"

G_BEGIN_DECLS

/* Draws the page, of the layout's width and the figure's height, from (0, 0) in points. Returns
 * the height. Private to this folder. */
double cyt_figure_draw_page (const CytFigure *self, const CytFigureLayout *layout, cairo_t *cr);

G_END_DECLS
