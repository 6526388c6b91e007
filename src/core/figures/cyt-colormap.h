/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Perceptually uniform, colour-blind-safe maps (matplotlib's, CC0). */
typedef enum
{
  CYT_COLORMAP_VIRIDIS,
  CYT_COLORMAP_CIVIDIS,
  CYT_COLORMAP_MAGMA,
  CYT_COLORMAP_INFERNO,
} CytColormap;

const char *cyt_colormap_get_name (CytColormap map); /* (static) */
/* t in 0…1 (clamped; NaN is 0). out: (3) u8 RGB. */
void cyt_colormap_lookup (CytColormap map, double t, guint8 *out);

G_END_DECLS
