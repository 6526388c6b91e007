/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "figures/cyt-palette.h"

#include "cyt-line-plot.h"

#define PADDING 8.0

struct _CytLinePlot
{
  GtkWidget parent_instance;

  char *x_title, *y_title;
  gsize n;
  double *x, *y, *low, *high;     /* (n) */
  double bottom, across;
};

G_DEFINE_FINAL_TYPE (CytLinePlot, cyt_line_plot, GTK_TYPE_WIDGET)

void
cyt_line_plot_set_titles (CytLinePlot *self, const char *x_title, const char *y_title)
{
  g_return_if_fail (CYT_IS_LINE_PLOT (self));

  g_free (self->x_title);
  g_free (self->y_title);
  self->x_title = g_strdup (x_title);
  self->y_title = g_strdup (y_title);
}

static void
forget (CytLinePlot *self)
{
  g_clear_pointer (&self->x, g_free);
  g_clear_pointer (&self->y, g_free);
  g_clear_pointer (&self->low, g_free);
  g_clear_pointer (&self->high, g_free);
}

void
cyt_line_plot_set_points (CytLinePlot *self, gsize n, const double *x, const double *y, const double *low,
                          const double *high, double bottom, double across, const char *description)
{
  g_return_if_fail (CYT_IS_LINE_PLOT (self));

  forget (self);
  self->n = n;
  self->x = g_memdup2 (x, n * sizeof *x);
  self->y = g_memdup2 (y, n * sizeof *y);
  self->low = g_memdup2 (low, n * sizeof *low);
  self->high = g_memdup2 (high, n * sizeof *high);
  self->bottom = bottom;
  self->across = across;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
draw (CytLinePlot *self, cairo_t *cr, const CytAxis *x, const CytAxis *y, const cairo_rectangle_t *plot, const GdkRGBA *ink)
{
  guint8 rgb[3];

#define PLACE_X(value) (plot->x + cyt_axis_to_unit (x, value) * plot->width)
#define PLACE_Y(value) (plot->y + (1 - cyt_axis_to_unit (y, value)) * plot->height)
  cyt_palette_lookup (0, rgb);
  for (gsize i = 0; i < self->n; i++)
    cairo_line_to (cr, PLACE_X (self->x[i]), PLACE_Y (self->high[i]));
  for (gsize i = self->n; i > 0; i--)
    cairo_line_to (cr, PLACE_X (self->x[i - 1]), PLACE_Y (self->low[i - 1]));
  cairo_set_source_rgba (cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0, 0.22);
  cairo_fill (cr);
  if (!isnan (self->across))
    {
      cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, 0.6);
      cairo_set_dash (cr, (double[]) { 4, 4 }, 2, 0);
      cairo_set_line_width (cr, 1);
      cairo_move_to (cr, plot->x, PLACE_Y (self->across));
      cairo_rel_line_to (cr, plot->width, 0);
      cairo_stroke (cr);
      cairo_set_dash (cr, NULL, 0, 0);
    }
  cairo_set_source_rgb (cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
  cairo_set_line_width (cr, 2);
  for (gsize i = 0; i < self->n; i++)
    cairo_line_to (cr, PLACE_X (self->x[i]), PLACE_Y (self->y[i]));
  cairo_stroke (cr);
  for (gsize i = 0; i < self->n; i++)
    {
      cairo_arc (cr, PLACE_X (self->x[i]), PLACE_Y (self->y[i]), 3.5, 0, 2 * G_PI);
      cairo_fill (cr);
    }
#undef PLACE_X
#undef PLACE_Y
}

static void
cyt_line_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytLinePlot *self = CYT_LINE_PLOT (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget), least = self->bottom;
  cairo_rectangle_t outer = { PADDING, PADDING, MAX (1, width - 2 * PADDING), MAX (1, height - 2 * PADDING) }, plot;
  const PangoFontDescription *font = pango_context_get_font_description (gtk_widget_get_pango_context (widget));
  CytAxesStyle style = { .grid = 0.1, .font_size = 12, .form = CYT_NUMBERS_LOCALE,
                         .family = pango_font_description_get_family (font) };
  CytAxis x, y;
  GdkRGBA ink;
  cairo_t *cr;

  if (self->n == 0)
    return;
  for (gsize i = 0; i < self->n; i++)
    least = MIN (least, self->low[i]);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  style.ink[0] = ink.red;
  style.ink[1] = ink.green;
  style.ink[2] = ink.blue;
  cyt_axis_init (&x, CYT_AXIS_LOG, FALSE, self->x[0], self->x[self->n - 1]);
  cyt_axis_init (&y, CYT_AXIS_LINEAR, FALSE, least, 1);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  cyt_axes_measure (cr, &x, self->x_title, &y, self->y_title, &style, &outer, &plot);
  cyt_axes_draw (cr, &x, self->x_title, &y, self->y_title, &style, &plot);
  draw (self, cr, &x, &y, &plot, &ink);
  cairo_destroy (cr);
}

static void
cyt_line_plot_finalize (GObject *object)
{
  CytLinePlot *self = CYT_LINE_PLOT (object);

  forget (self);
  g_free (self->x_title);
  g_free (self->y_title);
  G_OBJECT_CLASS (cyt_line_plot_parent_class)->finalize (object);
}

static void
cyt_line_plot_class_init (CytLinePlotClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cyt_line_plot_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = cyt_line_plot_snapshot;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
cyt_line_plot_init (CytLinePlot *self)
{
  self->across = NAN;
}
