/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include "figures/cyt-figure-text.h"

G_BEGIN_DECLS

/* How figures look: sizes of type and lines in points (1/72 inch), colours as RGB 0…1. Plain data, may be copied. */
#define CYT_FIGURE_MAX_FAMILY 200
#define CYT_FIGURE_DEFAULT_FAMILY "Helvetica,Arial,Liberation Sans,Nimbus Sans,sans-serif"

typedef struct
{
  const char *name;                     /* "nature" or "plain" (static) */
  char family[CYT_FIGURE_MAX_FAMILY];   /* as Pango takes it: names of families, separated by commas */
  double title_size;                    /* of a row's or plot's name, bold */
  double text_size;                     /* of everything else */
  double small_size;                    /* of ticks and of what stands below cells */
  double panel_size;                    /* of the panel letter, bold */
  double line;                          /* width of axes and curves */
  double thin;                          /* of grids, rules and frames */
  double gap;                           /* between neighbours: a step of the layout */
  double ink[3], faint[3], rule[3], accent[3], warning[3];
} CytFigureStyle;

/* @name: NULL or "nature" (the journal's guide to authors: sans-serif type of 5 to 7 pt, panel letters of 8 pt bold, lines
 * of 0.25 to 1 pt), or "plain" (larger, for slides and reports). @font: a family that is installed, or NULL for
 * Helvetica or what stands in for it. Errors: CYT_TABLE_ERROR_VALUE. */
gboolean cyt_figure_style_init (CytFigureStyle *self, const char *name, const char *font, GError **error);

/* The type of this style. The family is @self's: valid as long as it is. */
CytFigureFont cyt_figure_style_get_font (const CytFigureStyle *self, double size, gboolean bold);
#define CYT_FIGURE_TITLE(style) cyt_figure_style_get_font ((style), (style)->title_size, TRUE)
#define CYT_FIGURE_TEXT(style) cyt_figure_style_get_font ((style), (style)->text_size, FALSE)
#define CYT_FIGURE_SMALL(style) cyt_figure_style_get_font ((style), (style)->small_size, FALSE)

/* Makes one of the style's colours the source. */
void cyt_figure_set_color (cairo_t *cr, const double *rgb);

/* Widths of columns that journals ask for, in mm. */
typedef struct
{
  const char *name;     /* "nature-1" */
  double width;
} CytFigureColumn;
/* All of them; @n: how many. (static) */
const CytFigureColumn *cyt_figure_list_columns (gsize *n);
#define CYT_FIGURE_MIN_WIDTH 20.0     /* mm */
#define CYT_FIGURE_MAX_WIDTH 1000.0
#define CYT_FIGURE_MIN_DPI 36.0
#define CYT_FIGURE_MAX_DPI 2400.0

G_END_DECLS
