/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "figures/cyt-axes.h"
#include "figures/cyt-colormap.h"
#include "figures/cyt-palette.h"

G_BEGIN_DECLS

/* What the colours of a map mean: a colour bar with an axis, or a list of kinds with their markers. A kind can be
 * singled out: the others then step back on the map.
 *
 * Signal: "kind-chosen" (index of the kind, -1: none any more). */
#define CYT_TYPE_MAP_LEGEND (cyt_map_legend_get_type ())
G_DECLARE_FINAL_TYPE (CytMapLegend, cyt_map_legend, CYT, MAP_LEGEND, GtkWidget)

typedef struct
{
  char *name;
  guint8 rgb[3];
  guint8 marker;   /* CytMarker */
  guint n;         /* points of this kind */
} CytMapKind;
void cyt_map_kind_free (CytMapKind *self);

/* A part of a colour map, 0…1, from the lowest to the highest value. */
typedef struct
{
  CytColormap map;
  double from, to;
} CytMapColors;
/* @t: 0…1, a share of the way from the lowest value to the highest. out: (3) u8 RGB. */
void cyt_map_colors_lookup (const CytMapColors *self, double t, guint8 *out);

/* @explanation: one sentence, shown below the title. */
void cyt_map_legend_show_scale (CytMapLegend *self, const char *title, const char *explanation, const CytMapColors *colors,
                                const CytAxis *axis);
/* @kinds: of CytMapKind. Nothing is singled out at first. */
void cyt_map_legend_show_kinds (CytMapLegend *self, const char *title, const char *explanation, GPtrArray *kinds);

G_END_DECLS
