/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "figures/cyt-figure-plot.h"

#define BAR_WIDTH 6.0       /* of a colour bar */
#define BAR_STEPS 256
#define N_ANGLES 16
#define N_RINGS 24
#define BUCKET 0.25         /* points: no bar is narrower */
#define PADDING 0.6         /* about a label */

/* ---- Points ---- */

static gboolean
is_inside (const CytFigurePoint *point)
{
  return point->x >= 0 && point->x <= 1 && point->y >= 0 && point->y <= 1;
}

static void
stamp_points (cairo_t *cr, double x, double y, double width, double height, const CytFigurePoint *points, gsize n,
              double radius)
{
  for (gsize i = 0; i < n; i++)
    if (is_inside (&points[i]))
      {
        cairo_arc (cr, x + points[i].x * width, y + (1 - points[i].y) * height, radius, 0, 2 * G_PI);
        cairo_set_source_rgb (cr, points[i].rgb[0] / 255.0, points[i].rgb[1] / 255.0, points[i].rgb[2] / 255.0);
        cairo_fill (cr);
      }
}

/* Paints @layer, of @scale pixels to a point, with its corner at (x, y). */
static void
paint_layer (cairo_t *cr, cairo_surface_t *layer, double x, double y, double scale_x, double scale_y)
{
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, 1 / scale_x, 1 / scale_y);
  cairo_set_source_surface (cr, layer, 0, 0);
  cairo_paint (cr);
  cairo_restore (cr);
}

void
cyt_figure_draw_points (cairo_t *cr, const cairo_rectangle_t *plot, const CytFigurePoint *points, gsize n, double diameter)
{
  double scale = CYT_FIGURE_LAYER_DPI / 72.0, margin = diameter / 2;
  cairo_surface_t *layer;
  cairo_t *layer_cr;

  if (n <= CYT_FIGURE_MAX_VECTOR_POINTS)
    {
      stamp_points (cr, plot->x, plot->y, plot->width, plot->height, points, n, diameter / 2);
      return;
    }
  layer = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) ceil ((plot->width + 2 * margin) * scale),
                                      (int) ceil ((plot->height + 2 * margin) * scale));
  layer_cr = cairo_create (layer);
  cairo_set_source_rgb (layer_cr, 1, 1, 1);
  cairo_paint (layer_cr);
  cairo_scale (layer_cr, scale, scale);
  stamp_points (layer_cr, margin, margin, plot->width, plot->height, points, n, diameter / 2);
  cairo_destroy (layer_cr);
  paint_layer (cr, layer, plot->x - margin, plot->y - margin, scale, scale);
  cairo_surface_destroy (layer);
}

/* ---- Barcodes ---- */

void
cyt_figure_draw_bars (cairo_t *cr, const guint32 *latents, const double *values, gsize n, gsize d_sae, const CytAxis *axis,
                      double x, double width, double zero, double height, gboolean downward)
{
  gsize n_buckets = (gsize) MAX (1, floor (width / BUCKET));
  g_autofree double *highest = g_new0 (double, n_buckets);
  double step = width / (double) n_buckets;

  for (gsize k = 0; k < n; k++)
    {
      gsize bucket = MIN (n_buckets - 1, (gsize) ((double) latents[k] / (double) d_sae * (double) n_buckets));

      highest[bucket] = MAX (highest[bucket], values[k]);
    }
  cairo_set_line_width (cr, MAX (step, width / (double) d_sae * 0.8));
  for (gsize i = 0; i < n_buckets; i++)
    if (highest[i] > 0)
      {
        cairo_move_to (cr, x + ((double) i + 0.5) * step, zero);
        cairo_rel_line_to (cr, 0, (downward ? height : -height) * cyt_axis_to_unit (axis, highest[i]));
      }
  cairo_stroke (cr);
}

/* ---- Matrices and colours ---- */

void
cyt_figure_draw_matrix (cairo_t *cr, const cairo_rectangle_t *plot, const guint8 *rgb, gsize n_rows, gsize n_columns)
{
  /* so many pixels for a tile that whoever shows the image smoothly blurs nothing */
  double wanted = CYT_FIGURE_LAYER_DPI / 72.0;
  int size = (int) CLAMP (ceil (wanted * plot->width / (double) n_columns), 1, 16);
  int width = size * (int) n_columns, height = size * (int) n_rows;
  cairo_surface_t *layer = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  guint8 *pixels = cairo_image_surface_get_data (layer);
  int stride = cairo_image_surface_get_stride (layer);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        const guint8 *tile = rgb + ((gsize) (y / size) * n_columns + (gsize) (x / size)) * 3;

        ((guint32 *) (gpointer) (pixels + (gsize) y * stride))[x] = (guint32) tile[0] << 16 | (guint32) tile[1] << 8 | tile[2];
      }
  cairo_surface_mark_dirty (layer);
  paint_layer (cr, layer, plot->x, plot->y, width / plot->width, height / plot->height);
  cairo_surface_destroy (layer);
}

void
cyt_figure_get_class_color (guint index, double *rgb)
{
  guint8 bytes[3];

  cyt_palette_lookup (index, bytes);
  for (guint i = 0; i < 3; i++)
    rgb[i] = bytes[i] / 255.0;
}

static GArray *
list_bar_ticks (const CytAxis *axis)
{
  return cyt_axis_list_ticks (axis, 5);
}

double
cyt_figure_measure_value_bar (cairo_t *cr, const CytFigureStyle *style, const CytAxis *axis)
{
  const CytFigureFont font = CYT_FIGURE_SMALL (style);
  g_autoptr (GArray) ticks = list_bar_ticks (axis);
  double widest = 0;

  for (guint i = 0; i < ticks->len; i++)
    if (g_array_index (ticks, CytTick, i).labelled)
      {
        g_autofree char *label = cyt_axis_format_tick (axis, ticks, i, CYT_NUMBERS_PLAIN);

        widest = MAX (widest, cyt_figure_text_measure (cr, &font, label));
      }
  return BAR_WIDTH + style->gap + widest;
}

void
cyt_figure_draw_value_bar (cairo_t *cr, const CytFigureStyle *style, CytColormap colormap, const CytAxis *axis,
                           const char *title, double x, double y, double height)
{
  const CytFigureFont font = CYT_FIGURE_SMALL (style);
  g_autoptr (GArray) ticks = list_bar_ticks (axis);
  cairo_rectangle_t bar = { x, y, BAR_WIDTH, height };
  guint8 rgb[BAR_STEPS * 3];
  double ascent, descent;

  for (guint i = 0; i < BAR_STEPS; i++)
    cyt_colormap_lookup (colormap, 1 - (i + 0.5) / BAR_STEPS, rgb + 3 * i);
  cyt_figure_draw_matrix (cr, &bar, rgb, BAR_STEPS, 1);
  cyt_figure_text_get_metrics (cr, &font, &ascent, &descent);
  cyt_figure_set_color (cr, style->ink);
  cairo_set_line_width (cr, style->thin);
  for (guint i = 0; i < ticks->len; i++)
    {
      const CytTick *tick = &g_array_index (ticks, CytTick, i);
      g_autofree char *label = NULL;
      double at = y + (1 - cyt_axis_to_unit (axis, tick->value)) * height;

      if (!tick->labelled)
        continue;
      cairo_move_to (cr, x + BAR_WIDTH, at);
      cairo_rel_line_to (cr, style->gap / 2, 0);
      cairo_stroke (cr);
      label = cyt_axis_format_tick (axis, ticks, i, CYT_NUMBERS_PLAIN);
      cyt_figure_text_draw (cr, &font, x + BAR_WIDTH + style->gap, at + (ascent - descent) / 2, 0, INFINITY, label);
    }
  cyt_figure_text_draw (cr, &font, x, y - style->gap, 0, INFINITY, title);
}

/* ---- Numbers ---- */

char *
cyt_figure_format (const char *format, double value)
{
  char text[64];

  if (isnan (value))
    return g_strdup ("n/a");
  g_ascii_formatd (text, sizeof text, format, value);
  return text[0] == '-' ? g_strconcat ("−", text + 1, NULL) : g_strdup (text); /* U+2212, as the axes have it */
}

char *
cyt_figure_format_p (double p)
{
  return p < 1e-15 ? g_strdup ("< 1e-15") : cyt_figure_format (p < 0.001 ? "%.1e" : "%.2g", p);
}

/* ---- Labels ---- */

struct _CytFigureLabels
{
  cairo_rectangle_t bounds;
  GArray *taken;   /* of cairo_rectangle_t */
};

CytFigureLabels *
cyt_figure_labels_new (const cairo_rectangle_t *bounds)
{
  CytFigureLabels *self = g_new0 (CytFigureLabels, 1);

  self->bounds = *bounds;
  self->taken = g_array_new (FALSE, FALSE, sizeof (cairo_rectangle_t));
  return self;
}

void
cyt_figure_labels_free (CytFigureLabels *self)
{
  g_array_unref (self->taken);
  g_free (self);
}

void
cyt_figure_labels_block (CytFigureLabels *self, double x, double y, double reach)
{
  cairo_rectangle_t square = { x - reach, y - reach, 2 * reach, 2 * reach };

  g_array_append_val (self->taken, square);
}

static gboolean
is_free (const CytFigureLabels *self, const cairo_rectangle_t *box)
{
  const cairo_rectangle_t *all = &self->bounds;

  if (box->x < all->x || box->y < all->y || box->x + box->width > all->x + all->width
      || box->y + box->height > all->y + all->height)
    return FALSE;
  for (guint i = 0; i < self->taken->len; i++)
    {
      const cairo_rectangle_t *other = &g_array_index (self->taken, cairo_rectangle_t, i);

      if (box->x < other->x + other->width && other->x < box->x + box->width && box->y < other->y + other->height
          && other->y < box->y + box->height)
        return FALSE;
    }
  return TRUE;
}

/* Nearest free place: rings about the point, each from the right round to the left. */
static gboolean
find_place (const CytFigureLabels *self, double x, double y, double distance, double step, cairo_rectangle_t *box)
{
  for (guint ring = 0; ring < N_RINGS; ring++)
    for (guint i = 0; i < N_ANGLES; i++)
      {
        /* 0, −1, 1, −2, 2, … sixteenths: above first */
        double angle = (i + 1) / 2 * (i % 2 == 1 ? -1.0 : 1.0) * 2 * G_PI / N_ANGLES;
        double radius = distance + ring * step;

        box->x = x + cos (angle) * (radius + box->width / 2) - box->width / 2;
        box->y = y + sin (angle) * (radius + box->height / 2) - box->height / 2;
        if (is_free (self, box))
          return TRUE;
      }
  return FALSE;
}

gboolean
cyt_figure_labels_place (CytFigureLabels *self, cairo_t *cr, const CytFigureStyle *style, double x, double y,
                         double distance, const char *text)
{
  const CytFigureFont font = CYT_FIGURE_SMALL (style);
  double ascent, descent, to_x, to_y;
  cairo_rectangle_t box = { 0, 0, cyt_figure_text_measure (cr, &font, text) + 2 * PADDING, 0 };

  cyt_figure_text_get_metrics (cr, &font, &ascent, &descent);
  box.height = ascent + descent;
  if (!find_place (self, x, y, distance, box.height / 2, &box))
    return FALSE;
  g_array_append_val (self->taken, box);
  to_x = CLAMP (x, box.x, box.x + box.width);
  to_y = CLAMP (y, box.y, box.y + box.height);
  if (hypot (to_x - x, to_y - y) > distance + box.height / 2)
    {
      cyt_figure_set_color (cr, style->faint);
      cairo_set_line_width (cr, style->thin);
      cairo_move_to (cr, x, y);
      cairo_line_to (cr, to_x, to_y);
      cairo_stroke (cr);
    }
  cairo_set_source_rgba (cr, 1, 1, 1, 0.75); /* to be read on bars and points */
  cairo_rectangle (cr, box.x, box.y, box.width, box.height);
  cairo_fill (cr);
  cyt_figure_set_color (cr, style->ink);
  cyt_figure_text_draw (cr, &font, box.x + PADDING, box.y + ascent, 0, INFINITY, text);
  return TRUE;
}
