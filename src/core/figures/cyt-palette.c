/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "figures/cyt-palette.h"

#define BAR_LINE 1.5      /* around a hollow bar */
#define BAR_PALE 0.3      /* alpha of the ground of bars that are not full */
#define BAR_STRIPE 3.0    /* width of a stripe, and half of the way to the next */

static const guint8 colors[CYT_PALETTE_N_COLORS][3] = {
  { 48, 94, 191 },   /* blue */
  { 215, 141, 67 },  /* orange */
  { 138, 184, 144 }, /* green */
  { 160, 108, 159 }, /* purple */
  { 151, 40, 0 },    /* red */
  { 0, 212, 255 },   /* sky blue */
  { 219, 201, 0 },   /* yellow */
  { 78, 79, 69 },    /* grey */
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

void
cyt_palette_draw_marker (cairo_t *cr, CytMarker marker, const guint8 *rgb, double x, double y, double radius)
{
  cairo_set_source_rgb (cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
  cairo_new_path (cr);
  switch (marker)
    {
    case CYT_MARKER_RING:
      cairo_set_line_width (cr, 0.45 * radius);
      cairo_arc (cr, x, y, 0.8 * radius, 0, 2 * G_PI);
      cairo_stroke (cr);
      break;
    case CYT_MARKER_DIAMOND:
      cairo_move_to (cr, x, y - 1.25 * radius);
      cairo_line_to (cr, x + 1.25 * radius, y);
      cairo_line_to (cr, x, y + 1.25 * radius);
      cairo_line_to (cr, x - 1.25 * radius, y);
      cairo_fill (cr);
      break;
    case CYT_MARKER_DISC:
    default:
      cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
      cairo_fill (cr);
    }
}

void
cyt_palette_draw_mark (cairo_t *cr, guint index, double x, double y, double radius)
{
  guint8 rgb[3];

  cyt_palette_lookup (index, rgb);
  cyt_palette_draw_marker (cr, cyt_palette_get_marker (index), rgb, x, y, radius);
}

void
cyt_palette_draw_bar (cairo_t *cr, guint index, double x, double y, double width, double height)
{
  CytMarker marker = cyt_palette_get_marker (index);
  double line = fmin (BAR_LINE, fmin (width, height) / 2);
  guint8 rgb[3];

  cyt_palette_lookup (index, rgb);
  cairo_save (cr);
  cairo_rectangle (cr, x, y, width, height);
  cairo_clip (cr);
  cairo_set_source_rgba (cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0, marker == CYT_MARKER_DISC ? 1 : BAR_PALE);
  cairo_paint (cr);
  cairo_set_source_rgb (cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
  if (marker == CYT_MARKER_RING)
    {
      cairo_set_line_width (cr, line);
      cairo_rectangle (cr, x + line / 2, y + line / 2, fmax (0, width - line), fmax (0, height - line));
      cairo_stroke (cr);
    }
  else if (marker == CYT_MARKER_DIAMOND)
    {
      cairo_set_line_width (cr, BAR_STRIPE / M_SQRT2);
      for (double start = x - height; start < x + width; start += 2 * BAR_STRIPE)
        {
          cairo_move_to (cr, start, y + height);
          cairo_line_to (cr, start + height, y);
        }
      cairo_stroke (cr);
    }
  cairo_restore (cr);
}
