/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "figures/cyt-palette.h"

static const guint8 colors[CYT_PALETTE_N_COLORS][3] = {
  { 0, 114, 178 },   /* blue */
  { 230, 159, 0 },   /* orange */
  { 0, 158, 115 },   /* bluish green */
  { 204, 121, 167 }, /* reddish purple */
  { 213, 94, 0 },    /* vermilion */
  { 86, 180, 233 },  /* sky blue */
  { 214, 196, 32 },  /* yellow */
  { 120, 120, 120 }, /* grey */
};

void
cyt_palette_lookup (guint index, guint8 *rgb)
{
  for (guint i = 0; i < 3; i++)
    rgb[i] = colors[index % CYT_PALETTE_N_COLORS][i];
}

CytMarker
cyt_palette_get_marker (guint index)
{
  return index / CYT_PALETTE_N_COLORS % CYT_N_MARKERS;
}
