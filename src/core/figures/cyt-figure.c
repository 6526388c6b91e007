/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "figures/cyt-figure-private.h"
#include "io/cyt-error.h"
#include "io/cyt-image.h"

#define MARGIN 2.0            /* points: nothing of a line or letter is cut at the edge */
#define PAGE_MARGIN 30.0      /* of a page that is printed by itself */
#define MAX_SIDE 30000        /* pixels: cairo's surfaces end at 32,767 */
#define MAX_PIXELS (1u << 28)
#define MM (72 / 25.4)        /* points */

CytFigure *
cyt_figure_new (CytFigureDrawFunc draw, gpointer data, GDestroyNotify destroy, CytFigureProvenance *provenance)
{
  CytFigure *self = g_new0 (CytFigure, 1);

  self->draw = draw;
  self->data = data;
  self->destroy = destroy;
  self->provenance = provenance;
  return self;
}

void
cyt_figure_free (CytFigure *self)
{
  if (self->destroy != NULL)
    self->destroy (self->data);
  cyt_figure_provenance_free (self->provenance);
  g_free (self->title);
  g_free (self->caption);
  g_free (self);
}

/* What must be read with the figure: that its cells are drawn, that it is about patients. Returns the height. */
static double
draw_notices (const CytFigure *self, const CytFigureStyle *style, cairo_t *cr, double y, double width)
{
  const CytFigureFont font = cyt_figure_style_get_font (style, style->text_size, TRUE);
  double ascent, descent, x = 0;

  if (!self->provenance->simulated && !self->provenance->patients)
    return 0;
  cyt_figure_text_get_metrics (cr, &font, &ascent, &descent);
  y += style->gap;
  if (self->provenance->simulated)
    {
      cyt_figure_set_color (cr, style->warning);
      x += cyt_figure_text_draw (cr, &font, 0, y + ascent, 0, width, CYT_IMAGE_SIMULATED_NOTICE) + 2 * style->text_size;
    }
  if (self->provenance->patients)
    {
      cyt_figure_set_color (cr, style->ink);
      cyt_figure_text_draw (cr, &font, x, y + ascent, 0, width - x, "Research use only");
    }
  return style->gap + ascent + descent;
}

/* All of it, from (0, 0) in points; returns the height. */
double
cyt_figure_draw_page (const CytFigure *self, const CytFigureLayout *layout, cairo_t *cr)
{
  double margin = self->aspect > 0 ? PAGE_MARGIN : MARGIN, width = layout->width * MM - 2 * margin, y = 0;

  cairo_translate (cr, margin, margin);
  if (layout->panel[0] != '\0')
    {
      const CytFigureFont font = cyt_figure_style_get_font (&layout->style, layout->style.panel_size, TRUE);
      double ascent, descent;

      cyt_figure_text_get_metrics (cr, &font, &ascent, &descent);
      cyt_figure_set_color (cr, layout->style.ink);
      cyt_figure_text_draw (cr, &font, 0, ascent, 0, width, layout->panel);
      y += ascent + descent + layout->style.gap / 2;
    }
  cairo_save (cr);
  cairo_translate (cr, 0, y);
  y += self->draw (cr, &layout->style, width, self->data);
  cairo_restore (cr);
  y += draw_notices (self, &layout->style, cr, y, width);
  return y + 2 * margin;
}

double
cyt_figure_get_height (const CytFigure *self, const CytFigureLayout *layout)
{
  cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *cr = cairo_create (surface);
  double height = self->aspect > 0 ? self->aspect * layout->width * MM : cyt_figure_draw_page (self, layout, cr);

  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return ceil (MAX (height, 1) * 100) / 100;
}

cairo_surface_t *
cyt_figure_render (const CytFigure *self, const CytFigureLayout *layout, double scale, GError **error)
{
  double width = layout->width * MM, height = cyt_figure_get_height (self, layout);
  double columns = MAX (round (width * scale), 1), rows = ceil (height * columns / width - 1e-6);
  cairo_surface_t *surface;
  cairo_t *cr;

  if (columns > MAX_SIDE || rows > MAX_SIDE || columns * rows > MAX_PIXELS)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "a picture of %.0f × %.0f pixels is too large: fewer dots per inch, fewer rows, or PDF", columns, rows);
      return NULL;
    }
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) columns, (int) rows);
  cr = cairo_create (surface);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  cairo_scale (cr, columns / width, columns / width);
  cyt_figure_draw_page (self, layout, cr);
  cairo_destroy (cr);
  return surface;
}
