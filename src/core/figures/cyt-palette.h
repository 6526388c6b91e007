/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* Colours for classes and diseases: eight hues after M. Okabe and K. Ito ("Color Universal Design", 2008), moved apart
 * until every two differ by 29 or more in CIELAB (CIE 1976), as everybody sees them and as people with each of the three
 * kinds of colour-blindness do (simulated after Machado, Oliveira and Fernandes, IEEE TVCG 15, 2009), and until all show
 * on white and on black. There are no more such colours, so the ninth class has the first colour again and another shape:
 * marks become rings and then diamonds, bars hollow and then striped. The number of a class is its place in the sorted
 * list of the names of all data sets: the same name, the same look, in every view. */
#define CYT_PALETTE_N_COLORS 8

typedef enum
{
  CYT_MARKER_DISC,
  CYT_MARKER_RING,
  CYT_MARKER_DIAMOND,
} CytMarker;
#define CYT_N_MARKERS (CYT_MARKER_DIAMOND + 1)

/* rgb: (3) u8 of class number @index; any number. */
void cyt_palette_lookup (guint index, guint8 *rgb);
CytMarker cyt_palette_get_marker (guint index);

/* A mark about (@x, @y) in pixels of @cr. */
void cyt_palette_draw_marker (cairo_t *cr, CytMarker marker, const guint8 *rgb, double x, double y, double radius);
/* The mark, or a bar, of class number @index. */
void cyt_palette_draw_mark (cairo_t *cr, guint index, double x, double y, double radius);
void cyt_palette_draw_bar (cairo_t *cr, guint index, double x, double y, double width, double height);

G_END_DECLS
