/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>
#include "figures/cyt-figure-style.h"

G_BEGIN_DECLS

/* Axes of a plot: limits, ticks, labels, and their drawing, the same in window and figure. Whoever draws the
 * data uses cyt_axis_to_unit() and puts 0 at the left or bottom of the plot rectangle, 1 at its right or top. */

typedef enum
{
  CYT_AXIS_LINEAR,
  CYT_AXIS_LOG,     /* to base 10; limits > 0 */
} CytAxisScale;

typedef enum
{
  CYT_NUMBERS_PLAIN,   /* as in the C locale: for files that are compared */
  CYT_NUMBERS_LOCALE,  /* decimal point and thousands of the user's locale: for the window */
} CytNumberForm;

typedef struct
{
  CytAxisScale scale;
  gboolean percent;    /* values are shares 0…1, labels say per cent */
  double min, max;     /* finite, min < max */
} CytAxis;

typedef struct
{
  double value;
  gboolean labelled;   /* FALSE: a short tick between two labelled ones */
} CytTick;

/* Limits that a plot can show, from any two numbers: swapped, equal, not finite or, for a log axis, not positive
 * ones are mended (a span of one unit or one decade about what is left). */
void cyt_axis_init (CytAxis *self, CytAxisScale scale, gboolean percent, double min, double max);
/* The same with the finite (log: positive) ones among @values (n), and @margin (a share of the span, 0.05) on
 * either side. */
void cyt_axis_init_values (CytAxis *self, CytAxisScale scale, gboolean percent, const double *values, gsize n,
                           double margin);

/* Place on the axis: 0 at min, 1 at max; beyond for what is outside; NAN for what has no place (NAN, or not
 * positive on a log axis). */
double cyt_axis_to_unit (const CytAxis *self, double value);
double cyt_axis_from_unit (const CytAxis *self, double unit);

/* Ticks within the limits, ascending; of CytTick. Labelled ones are at 1, 2 or 5 × 10ⁿ, at most @n_labels (at
 * least 2) of them; on a log axis of several decades at powers of ten. */
GArray *cyt_axis_list_ticks (const CytAxis *self, guint n_labels);
/* The label of a tick: as many decimals as tell it from its neighbours. (transfer full) */
char *cyt_axis_format_tick (const CytAxis *self, const GArray *ticks, guint index, CytNumberForm form);

typedef struct
{
  double ink[3];        /* RGB 0…1 of lines and words */
  double grid;          /* opacity of the lines across the plot, 0: none */
  double font_size;     /* cairo units */
  CytNumberForm form;
  const char *family;   /* of the font; NULL: sans-serif */
  double line;          /* width of lines, cairo units; 0: of one pixel, on the middle of their pixels */
} CytAxesStyle;

/* The axes of a figure in its style (whose font family is borrowed): numbers as in the C locale, no grid. */
void cyt_axes_style_init_figure (CytAxesStyle *self, const CytFigureStyle *style);

/* The plot rectangle that is left of @outer when axes with these titles are drawn at its left and bottom. An
 * axis may be NULL (nothing is drawn on that side), a title too. */
void cyt_axes_measure (cairo_t *cr, const CytAxis *x, const char *x_title, const CytAxis *y, const char *y_title,
                       const CytAxesStyle *style, const cairo_rectangle_t *outer, cairo_rectangle_t *plot);
/* Draws grid, ticks, labels and titles about @plot, not the data. Does not keep cairo's font and source. */
void cyt_axes_draw (cairo_t *cr, const CytAxis *x, const char *x_title, const CytAxis *y, const char *y_title,
                    const CytAxesStyle *style, const cairo_rectangle_t *plot);

G_END_DECLS
