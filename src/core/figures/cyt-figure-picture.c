/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "figures/cyt-figure-picture.h"
#include "figures/cyt-figure-plot.h"

#define HEAT_PIXELS 16       /* of a patch of the heat map: its edges stay sharp where viewers smooth pictures */
#define BAR_STOPS 32         /* of the colour bar's gradient */
#define BAR_WIDTH 1.0        /* of the colour bar; in sizes of the small font, as are: */
#define TICK 0.3
#define NUMBERS 3.7          /* room for "0.00123" */

static void
unref_bytes (gpointer data)
{
  g_bytes_unref (data);
}

/* The surface of @image, with the bytes of the file where those can be embedded. */
static cairo_surface_t *
create_surface (const CytImage *image, GBytes *file)
{
  cairo_surface_t *surface = cyt_overlay_create_image_surface (image);
  GBytes *jpeg = cyt_image_dup_plain_jpeg (file);

  if (jpeg != NULL)
    {
      gsize n;
      const guint8 *data = g_bytes_get_data (jpeg, &n);

      if (cairo_surface_set_mime_data (surface, CAIRO_MIME_TYPE_JPEG, data, n, unref_bytes, jpeg) != CAIRO_STATUS_SUCCESS)
        g_bytes_unref (jpeg);
    }
  return surface;
}

cairo_surface_t *
cyt_figure_picture_load (const char *path, GError **error)
{
  g_autoptr (CytImage) image = cyt_image_load (path, error);
  g_autoptr (GBytes) bytes = NULL;
  char *data = NULL;
  gsize n = 0;

  if (image == NULL)
    return NULL;
  g_file_get_contents (path, &data, &n, NULL); /* gone by now: then its pixels are embedded */
  bytes = g_bytes_new_take (data, n);
  return create_surface (image, bytes);
}

cairo_surface_t *
cyt_figure_picture_load_cell (CytProject *project, gint64 cell, gboolean *is_thumbnail)
{
  g_autofree char *path = cyt_project_dup_cell_path (project, cell, NULL);
  cairo_surface_t *surface = path != NULL ? cyt_figure_picture_load (path, NULL) : NULL;

  *is_thumbnail = surface == NULL;
  if (surface == NULL)
    {
      g_autoptr (GBytes) bytes = cyt_project_get_thumbnail (project, cell, NULL);
      g_autoptr (CytImage) image = bytes != NULL ? cyt_image_load_bytes (bytes, "thumbnail", NULL) : NULL;

      surface = image != NULL ? create_surface (image, bytes) : NULL;
    }
  return surface;
}

void
cyt_figure_picture_place (cairo_surface_t *picture, double x, double y, double size, cairo_rectangle_t *place)
{
  double width = cairo_image_surface_get_width (picture), height = cairo_image_surface_get_height (picture);
  double scale = size / MAX (width, height);

  *place = (cairo_rectangle_t){ x + (size - width * scale) / 2, y + (size - height * scale) / 2, width * scale,
                                height * scale };
}

static void
paint (cairo_t *cr, cairo_surface_t *surface, cairo_filter_t filter, const cairo_rectangle_t *place)
{
  cairo_save (cr);
  cairo_translate (cr, place->x, place->y);
  cairo_scale (cr, place->width / cairo_image_surface_get_width (surface),
               place->height / cairo_image_surface_get_height (surface));
  cairo_rectangle (cr, 0, 0, cairo_image_surface_get_width (surface), cairo_image_surface_get_height (surface));
  cairo_set_source_surface (cr, surface, 0, 0);
  /* Pixels at the edge must not fade; in files that are no pixels, this would make them embed another picture. */
  if (cairo_surface_get_type (cairo_get_target (cr)) == CAIRO_SURFACE_TYPE_IMAGE)
    cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_pattern_set_filter (cairo_get_source (cr), filter);
  cairo_fill (cr);
  cairo_restore (cr);
}

/* The outline of cyt-overlay as lines. */
static void
draw_outline (cairo_t *cr, const CytSparseMap *map, const cairo_rectangle_t *place)
{
  const double s = 16, line = s * 0.13, halo = line * 2.2;

  cairo_save (cr);
  cairo_translate (cr, place->x, place->y);
  cairo_scale (cr, place->width / (16 * s), place->height / (16 * s));
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_SQUARE);
  cyt_overlay_add_outline (cr, map, s, halo / 2);
  cairo_set_line_width (cr, halo);
  cairo_set_source_rgb (cr, 0.08, 0.06, 0.12);
  cairo_stroke_preserve (cr);
  cairo_set_line_width (cr, line);
  cairo_set_source_rgb (cr, 1, 0.97, 0.75);
  cairo_stroke (cr);
  cairo_restore (cr);
}

void
cyt_figure_picture_draw (cairo_t *cr, cairo_surface_t *picture, const CytSparseMap *map, const CytOverlayStyle *overlay,
                         double x, double y, double size)
{
  cairo_rectangle_t place;

  cyt_figure_picture_place (picture, x, y, size, &place);
  paint (cr, picture, CAIRO_FILTER_GOOD, &place);
  if (map == NULL || map->n == 0)
    return;
  if (overlay->mode == CYT_OVERLAY_OUTLINE)
    draw_outline (cr, map, &place);
  else if (overlay->mode == CYT_OVERLAY_HEAT)
    {
      cairo_surface_t *heat = cyt_overlay_create_surface (map, overlay, HEAT_PIXELS);

      paint (cr, heat, CAIRO_FILTER_NEAREST, &place);
      cairo_surface_destroy (heat);
    }
}

void
cyt_figure_picture_draw_missing (cairo_t *cr, const CytFigureStyle *style, double x, double y, double size)
{
  const CytFigureFont font = CYT_FIGURE_SMALL (style);

  cairo_rectangle (cr, x, y, size, size);
  cyt_figure_set_color (cr, style->rule);
  cairo_fill (cr);
  cyt_figure_set_color (cr, style->faint);
  cyt_figure_text_draw (cr, &font, x + size / 2, y + size / 2 + 0.36 * font.size, 0.5, size, "not found");
}

#define MIN_TILE 38.0   /* points: on less of a cell's side its structures are not seen in print */
#define MAX_TILE 80.0

void
cyt_figure_tiles_init (CytFigureTiles *self, const CytFigureStyle *style, guint n, double width)
{
  guint most = (guint) MAX (1, floor ((width + style->gap) / (MIN_TILE + style->gap))), n_lines;

  n = MAX (n, 1);
  n_lines = (n + most - 1) / most;
  self->per_line = (n + n_lines - 1) / n_lines;
  self->size = MIN ((width - (self->per_line - 1) * style->gap) / self->per_line, MAX_TILE);
  self->step = self->size + style->gap;
  self->below = 2.6 * style->small_size;
}

/* ---- Bars ---- */

double
cyt_figure_get_color_bar_width (const CytFigureStyle *style)
{
  return (BAR_WIDTH + 2 * TICK + NUMBERS) * style->small_size;
}

void
cyt_figure_draw_color_bar (cairo_t *cr, const CytFigureStyle *style, const CytOverlayStyle *overlay, double x, double y,
                           double height)
{
  const CytFigureFont font = CYT_FIGURE_SMALL (style);
  double width = BAR_WIDTH * font.size, tick = TICK * font.size;
  cairo_pattern_t *gradient = cairo_pattern_create_linear (0, y + height, 0, y);

  for (int i = 0; i <= BAR_STOPS; i++)
    {
      double t = (double) i / BAR_STOPS, alpha = CLAMP (overlay->opacity, 0, 1) * sqrt (t);
      guint8 rgb[3];

      cyt_colormap_lookup (overlay->colormap, t, rgb);
      cairo_pattern_add_color_stop_rgb (gradient, t, 1 - alpha + alpha * rgb[0] / 255, 1 - alpha + alpha * rgb[1] / 255,
                                        1 - alpha + alpha * rgb[2] / 255);
    }
  cairo_rectangle (cr, x, y, width, height);
  cairo_set_source (cr, gradient);
  cairo_fill_preserve (cr);
  cairo_pattern_destroy (gradient);
  cyt_figure_set_color (cr, style->ink);
  cairo_set_line_width (cr, style->thin);
  cairo_stroke (cr);
  for (int i = 0; i <= 2; i++)
    {
      g_autofree char *number = cyt_figure_format_number (overlay->scale_max * i / 2.0);
      const char *text = i == 0 ? "0" : overlay->scale_max > 0 ? number : i == 2 ? "max" : "";
      double at = y + height * (1 - i / 2.0);

      cairo_move_to (cr, x + width, at);
      cairo_line_to (cr, x + width + tick, at);
      cairo_stroke (cr);
      cyt_figure_text_draw (cr, &font, x + width + 2 * tick, CLAMP (at + 0.36 * font.size, y + 0.72 * font.size, y + height),
                            0, NUMBERS * font.size, text);
    }
}

double
cyt_figure_get_scale_bar_length (double width)
{
  double most = 0.4 * width, unit = pow (10, floor (log10 (most)));

  return most >= 5 * unit ? 5 * unit : most >= 2 * unit ? 2 * unit : unit;
}

void
cyt_figure_draw_scale_bar (cairo_t *cr, const CytFigureStyle *style, const cairo_rectangle_t *place, double width,
                           double length)
{
  const CytFigureFont font = CYT_FIGURE_SMALL (style);
  double thick = MAX (1, 0.2 * font.size), inset = 1.5 * thick, bar = place->width * length / width;
  double y = place->y + place->height - inset - thick;
  g_autofree char *number = cyt_figure_format ("%g", length), *text = g_strconcat (number, " µm", NULL);

  /* Dark in a light rim: seen on pale plasma and on dark nuclei alike. */
  cairo_rectangle (cr, place->x + inset, y, bar, thick);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_set_line_width (cr, thick);
  cairo_stroke_preserve (cr);
  cyt_figure_set_color (cr, style->ink);
  cairo_fill (cr);
  cyt_figure_text_draw_rimmed (cr, &font, place->x + inset, y - thick, 0, place->width - inset, text);
}

char *
cyt_figure_format_number (double value)
{
  char format[8], text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    return g_strdup ("–");
  g_snprintf (format, sizeof format, "%%.%df", value == 0 ? 1 : CLAMP (2 - (int) floor (log10 (fabs (value))), 0, 6));
  return g_strdup (g_ascii_formatd (text, sizeof text, format, value));
}
