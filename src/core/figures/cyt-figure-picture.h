/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-figure-style.h"
#include "figures/cyt-overlay.h"
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* Pictures of cells in figures: RGB24 surfaces at the resolution of their file. A PDF or SVG that such a surface is
 * painted on holds every pixel; of a plain JPEG it holds the file's own data, without what else the file says. */

/* From a file; errors: CYT_IMAGE_ERROR, G_FILE_ERROR. (transfer full) */
cairo_surface_t *cyt_figure_picture_load (const char *path, GError **error);
/* Of a cell of a project: its file or, where that is not found, its thumbnail (@is_thumbnail); NULL where there is
 * neither. (transfer full) */
cairo_surface_t *cyt_figure_picture_load_cell (CytProject *project, gint64 cell, gboolean *is_thumbnail);

/* Where a picture lies in the square (x, y, size): its aspect kept, in the middle. */
void cyt_figure_picture_place (cairo_surface_t *picture, double x, double y, double size, cairo_rectangle_t *place);
/* Draws it there with the overlay of @map (may be NULL). */
void cyt_figure_picture_draw (cairo_t *cr, cairo_surface_t *picture, const CytSparseMap *map, const CytOverlayStyle *overlay,
                              double x, double y, double size);
/* What stands in the square where there is no picture. */
void cyt_figure_picture_draw_missing (cairo_t *cr, const CytFigureStyle *style, double x, double y, double size);

/* Squares in lines of equal length, as large as there is room for and as print needs at least. */
typedef struct
{
  guint per_line;
  double size, step;    /* points: of a square, and to the next */
  double below;         /* room for two lines of small type */
} CytFigureTiles;
void cyt_figure_tiles_init (CytFigureTiles *self, const CytFigureStyle *style, guint n, double width);

/* The overlay's colours as it mixes them with white, from 0 up to its scale_max, with three numbers at the right; or
 * to "max" where each map has its own. */
void cyt_figure_draw_color_bar (cairo_t *cr, const CytFigureStyle *style, const CytOverlayStyle *overlay, double x, double y,
                                double height);
/* How wide that is. */
double cyt_figure_get_color_bar_width (const CytFigureStyle *style);

/* The length of a scale bar for a picture @width µm wide: 1, 2 or 5 · 10ⁿ, at most 0.4 of it. */
double cyt_figure_get_scale_bar_length (double width);
/* A bar of @length µm with its number, at the bottom left of @place, which is @width µm wide. */
void cyt_figure_draw_scale_bar (cairo_t *cr, const CytFigureStyle *style, const cairo_rectangle_t *place, double width,
                                double length);

/* Three digits that matter, as in the C locale; "–" for NAN. (transfer full) */
char *cyt_figure_format_number (double value);

G_END_DECLS
