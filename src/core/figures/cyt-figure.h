/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-figure-provenance.h"
#include "figures/cyt-figure-style.h"

G_BEGIN_DECLS

/* A figure: what it shows (data that are complete, drawn by a function), what it says (its caption), and where it comes
 * from. The same function draws it in the window, into PNG, PDF and SVG.
 *
 * A kind of figure is a pair of files: cyt-NAME-figure.[ch] here, with a struct of what can be chosen and
 *   CytFigure *cyt_NAME_figure_new (CytProject *project, const CytNAMEFigureRequest *request, GCancellable *cancellable,
 *                                   GError **error);
 * which reads all that is needed, sets the caption and adds to the provenance; and cli/figure-NAME.c.  */

/* Draws from (0, 0) in points, @width wide, and returns the height used. It draws the same whatever @cr is, and is called
 * once only to learn the height. Opaque images are painted at their own resolution. May run on any thread. */
typedef double (*CytFigureDrawFunc) (cairo_t *cr, const CytFigureStyle *style, double width, gpointer data);

typedef struct
{
  CytFigureDrawFunc draw;
  gpointer data;
  GDestroyNotify destroy;
  char *title;                      /* a line; NULL at first, to be set */
  char *caption;                    /* text with the numbers, to paste; likewise */
  CytFigureProvenance *provenance;
  double aspect;                    /* of a page to be printed, height / width; 0: as high as what is drawn */
} CytFigure;

/* Takes @data and @provenance. */
CytFigure *cyt_figure_new (CytFigureDrawFunc draw, gpointer data, GDestroyNotify destroy, CytFigureProvenance *provenance);
void cyt_figure_free (CytFigure *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytFigure, cyt_figure_free)

/* How it is laid out. */
typedef struct
{
  CytFigureStyle style;
  double width;         /* mm, CYT_FIGURE_MIN_WIDTH … MAX_WIDTH */
  double dpi;           /* of a PNG, CYT_FIGURE_MIN_DPI … MAX_DPI */
  char panel[8];        /* letter; "": none */
} CytFigureLayout;
#define CYT_FIGURE_LAYOUT_WIDTH 183.0
#define CYT_FIGURE_LAYOUT_DPI 300.0

/* Points, to a hundredth. */
double cyt_figure_get_height (const CytFigure *self, const CytFigureLayout *layout);
/* A white picture of it with @scale pixels to a point (transfer full): for the screen. CYT_TABLE_ERROR_VALUE when it
 * would be too large. */
cairo_surface_t *cyt_figure_render (const CytFigure *self, const CytFigureLayout *layout, double scale, GError **error);

typedef enum
{
  CYT_FIGURE_PNG,   /* RGB at the layout's dpi */
  CYT_FIGURE_PDF,   /* 1.4; fonts embedded, text can be searched */
  CYT_FIGURE_SVG,   /* 1.1; letters are outlines, as fonts are not embedded */
} CytFigureFormat;
/* By the name's ending; CYT_TABLE_ERROR_VALUE for another. */
gboolean cyt_figure_format_from_path (const char *path, CytFigureFormat *format, GError **error);

/* The file's bytes, with title, caption and provenance in it; the command's paths are relative to @folder. PDF: dates are
 * those of SOURCE_DATE_EPOCH where set. All else depends on figure and layout alone. @name: for messages. */
GBytes *cyt_figure_encode (const CytFigure *self, const CytFigureLayout *layout, CytFigureFormat format, const char *folder,
                           const char *name, GError **error);
/* Writes it to @path, of the format by its ending; the file appears complete or not at all. */
gboolean cyt_figure_write (const CytFigure *self, const CytFigureLayout *layout, const char *path, GError **error);
/* Writes what was encoded, likewise. */
gboolean cyt_figure_write_bytes (const char *path, GBytes *bytes, GError **error);
/* Whether two files of one format are the same apart from dates. */
gboolean cyt_figure_is_same (GBytes *a, GBytes *b, CytFigureFormat format);

G_END_DECLS
