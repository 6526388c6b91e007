/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* Words in figures and axes, in any script, set by Pango. Sizes and places are cairo units, and do not depend on the
 * resolution of what is drawn on. Text is one line, in cairo's current colour; control characters become spaces and
 * what is not UTF-8 is replaced. */
typedef struct
{
  const char *family;   /* one or several, separated by commas; NULL: sans-serif */
  double size;
  gboolean bold;
} CytFigureFont;

/* Whether a family of that name is installed, or it is a generic one ("sans-serif"). */
gboolean cyt_figure_text_has_family (const char *family);

/* Ascent and descent of the font's first family: a line takes their sum. Either may be NULL. */
void cyt_figure_text_get_metrics (cairo_t *cr, const CytFigureFont *font, double *ascent, double *descent);
double cyt_figure_text_measure (cairo_t *cr, const CytFigureFont *font, const char *text);

/* Draws @text with its baseline at @y, from @x (@align 0), about it (0.5) or up to it (1); what is wider than @width
 * ends with "…" (INFINITY: no limit). Returns the width drawn. */
double cyt_figure_text_draw (cairo_t *cr, const CytFigureFont *font, double x, double y, double align, double width,
                             const char *text);
/* The same in a white rim, for what stands on pictures. */
double cyt_figure_text_draw_rimmed (cairo_t *cr, const CytFigureFont *font, double x, double y, double align, double width,
                                    const char *text);
/* Draws @text in lines of @width, the first with its top at @y; line breaks in it stay. Returns the height. */
double cyt_figure_text_draw_paragraph (cairo_t *cr, const CytFigureFont *font, double x, double y, double width,
                                       const char *text);

G_END_DECLS
