/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-axes.h"
#include "figures/cyt-colormap.h"
#include "figures/cyt-figure-style.h"
#include "figures/cyt-palette.h"

G_BEGIN_DECLS

/* Parts that the plots among the figures share. Sizes and places are points (1/72 inch). */

/* ---- Points ---- */
typedef struct
{
  double x, y;          /* in the plot, 0…1 from its left and bottom; one that is outside, or NAN, is left out */
  guint8 rgb[3];
} CytFigurePoint;

/* More points than that are an image, which keeps a file with 49,152 of them small; what lies on them stays vectors. */
#define CYT_FIGURE_MAX_VECTOR_POINTS 2000
#define CYT_FIGURE_LAYER_DPI 600

/* Discs of @diameter, the last one on top. As an image they come with the white of the paper, so draw them first. */
void cyt_figure_draw_points (cairo_t *cr, const cairo_rectangle_t *plot, const CytFigurePoint *points, gsize n,
                             double diameter);

/* ---- Barcodes ---- */
/* A bar for each latent, up from @zero on the y axis, or @downward from it, in the current colour; an axis' unit is @height
 * long. Of latents in the same quarter of a point the highest is drawn. @latents, @values: (n); @d_sae: end of the x axis, of
 * which @x and @width are the place. */
void cyt_figure_draw_bars (cairo_t *cr, const guint32 *latents, const double *values, gsize n, gsize d_sae, const CytAxis *axis,
                           double x, double width, double zero, double height, gboolean downward);

/* ---- Matrices and colours ---- */
/* rgb: (n_rows, n_columns, 3) u8, row 0 at the top: tiles with sharp edges, as an image of CYT_FIGURE_LAYER_DPI. */
void cyt_figure_draw_matrix (cairo_t *cr, const cairo_rectangle_t *plot, const guint8 *rgb, gsize n_rows, gsize n_columns);
/* How wide a bar and what stands beside it will be. */
double cyt_figure_measure_value_bar (cairo_t *cr, const CytFigureStyle *style, const CytAxis *axis);
/* A bar with the colours from the axis' lower limit (bottom) to its upper one, ticks to its right, @title above it. */
void cyt_figure_draw_value_bar (cairo_t *cr, const CytFigureStyle *style, CytColormap colormap, const CytAxis *axis,
                                const char *title, double x, double y, double height);

/* Colour of class @index of cyt-palette, 0…1. */
void cyt_figure_get_class_color (guint index, double *rgb);

/* ---- Numbers ---- */
/* @value in a printf format of one double, with the C locale's point, whatever the user's is; "n/a" for NAN. (transfer full) */
char *cyt_figure_format (const char *format, double value);
/* A p as it is printed: "3.1e-05", "0.042", "< 1e-15", "n/a". (transfer full) */
char *cyt_figure_format_p (double p);

/* ---- Labels that keep clear of each other ---- */
typedef struct _CytFigureLabels CytFigureLabels;
CytFigureLabels *cyt_figure_labels_new (const cairo_rectangle_t *bounds);
void cyt_figure_labels_free (CytFigureLabels *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytFigureLabels, cyt_figure_labels_free)
/* No label covers the square of side 2 × @reach about that place. */
void cyt_figure_labels_block (CytFigureLabels *self, double x, double y, double reach);
/* Draws @text in small type as near to (x, y) as there is room, no nearer than @distance, with a line to it where
 * it is not right beside. FALSE: there is no room, and nothing is drawn. */
gboolean cyt_figure_labels_place (CytFigureLabels *self, cairo_t *cr, const CytFigureStyle *style, double x, double y,
                                  double distance, const char *text);

G_END_DECLS
