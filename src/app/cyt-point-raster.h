/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-palette.h"

G_BEGIN_DECLS

/* A spot of a scatter, in pixels of the picture. */
typedef struct
{
  float x, y;          /* centre; outside the picture, or NAN: not drawn */
  guint8 rgb[3];
  guint8 alpha;        /* 0…255 */
  guint8 marker;       /* CytMarker */
} CytSpot;

/* Draws tens of thousands of spots within a frame: each is one of a few small stamps, made once, where the general
 * path of cairo would take a tenth of a second. Smoothed edges, placed to a quarter of a pixel, in order: later ones
 * lie on top.
 * pixels: (height, width) as CAIRO_FORMAT_ARGB32 has them: native-endian, premultiplied; drawn over.
 * radius: in pixels, 0.5…32. */
void cyt_point_raster_draw (guint32 *pixels, gsize width, gsize height, const CytSpot *spots, gsize n,
                            double radius);

G_END_DECLS
