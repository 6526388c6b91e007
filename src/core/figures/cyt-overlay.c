/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "figures/cyt-overlay.h"
#include "figures/cyt-png.h"

#define SIDE CYT_N_PATCH_SIDE

static float
find_scale (const CytSparseMap *map, const CytOverlayStyle *style)
{
  float largest = 0;

  if (style->scale_max > 0)
    return style->scale_max;
  for (guint i = 0; i < map->n; i++)
    largest = MAX (largest, map->value[i]);
  return largest;
}

/* Colour by activation, opacity by its square root: weak patches show, and none appears at a step. */
static void
fill_heat (cairo_surface_t *surface, const CytSparseMap *map, const CytOverlayStyle *style, guint s)
{
  float scale = find_scale (map, style);
  gsize stride = (gsize) cairo_image_surface_get_stride (surface);
  guint8 *data = cairo_image_surface_get_data (surface);

  for (guint i = 0; i < map->n; i++)
    {
      double t = scale > 0 ? CLAMP ((double) map->value[i] / scale, 0, 1) : 0;
      double alpha = CLAMP (style->opacity, 0, 1) * sqrt (t);
      guint8 rgb[3];
      guint32 pixel = (guint32) lround (alpha * 255) << 24;

      cyt_colormap_lookup (style->colormap, t, rgb);
      for (guint c = 0; c < 3; c++)
        pixel |= (guint32) lround (alpha * rgb[c]) << (16 - 8 * c);
      for (gsize y = 0; y < s; y++)
        {
          guint8 *row = data + ((gsize) (map->patch[i] / SIDE) * s + y) * stride + 4 * (gsize) (map->patch[i] % SIDE) * s;

          for (gsize x = 0; x < s; x++)
            memcpy (row + 4 * x, &pixel, 4);
        }
    }
}

static gboolean
is_active (const gboolean *active, int column, int row)
{
  return column >= 0 && row >= 0 && column < SIDE && row < SIDE && active[row * SIDE + column];
}

/* A patch border's place in pixels; those at the edge are drawn inside, where they can be seen whole. */
static double
place (int border, double s, double inset)
{
  return CLAMP (border * s, inset, SIDE * s - inset);
}

void
cyt_overlay_add_outline (cairo_t *cr, const CytSparseMap *map, double s, double inset)
{
  gboolean active[SIDE * SIDE] = { FALSE };

  for (guint i = 0; i < map->n; i++)
    active[map->patch[i]] = TRUE;
  for (int row = 0; row <= SIDE; row++)
    for (int column = 0; column <= SIDE; column++)
      {
        gboolean here = is_active (active, column, row);

        if (here != is_active (active, column, row - 1))
          {
            cairo_move_to (cr, place (column, s, inset), place (row, s, inset));
            cairo_line_to (cr, place (column + 1, s, inset), place (row, s, inset));
          }
        if (here != is_active (active, column - 1, row))
          {
            cairo_move_to (cr, place (column, s, inset), place (row, s, inset));
            cairo_line_to (cr, place (column, s, inset), place (row + 1, s, inset));
          }
      }
}

/* A light line in a dark halo is seen on pale plasma and on dark nuclei alike. */
static void
draw_outline (cairo_surface_t *surface, const CytSparseMap *map, const CytOverlayStyle *style, guint s)
{
  double line = MAX (1.0, s * 0.13), halo = line * 2.2;
  cairo_t *cr = cairo_create (surface);

  cairo_push_group (cr);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_SQUARE);
  cyt_overlay_add_outline (cr, map, s, halo / 2);
  cairo_set_line_width (cr, halo);
  cairo_set_source_rgb (cr, 0.08, 0.06, 0.12);
  cairo_stroke_preserve (cr);
  cairo_set_line_width (cr, line);
  cairo_set_source_rgb (cr, 1, 0.97, 0.75);
  cairo_stroke (cr);
  cairo_pop_group_to_source (cr);
  cairo_paint_with_alpha (cr, sqrt (CLAMP (style->opacity, 0, 1)));
  cairo_destroy (cr);
}

cairo_surface_t *
cyt_overlay_create_surface (const CytSparseMap *map, const CytOverlayStyle *style, guint s)
{
  cairo_surface_t *surface;

  g_return_val_if_fail (map != NULL && style != NULL && s >= 1, NULL);

  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) (SIDE * s), (int) (SIDE * s));
  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    return surface;
  cairo_surface_flush (surface);
  if (style->mode == CYT_OVERLAY_HEAT)
    fill_heat (surface, map, style, s);
  cairo_surface_mark_dirty (surface);
  if (style->mode == CYT_OVERLAY_OUTLINE)
    draw_outline (surface, map, style, s);
  return surface;
}

cairo_surface_t *
cyt_overlay_create_image_surface (const CytImage *image)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) image->width, (int) image->height);
  gsize stride = (gsize) cairo_image_surface_get_stride (surface);
  guint8 *data = cairo_image_surface_get_data (surface);

  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    return surface;
  cairo_surface_flush (surface);
  for (gsize y = 0; y < image->height; y++)
    for (gsize x = 0; x < image->width; x++)
      {
        const guint8 *rgb = image->pixels + 3 * (y * image->width + x);
        guint32 pixel = (guint32) rgb[0] << 16 | (guint32) rgb[1] << 8 | rgb[2];

        memcpy (data + y * stride + 4 * x, &pixel, 4);
      }
  cairo_surface_mark_dirty (surface);
  return surface;
}

/* Stretches @surface over the picture. */
static void
paint_surface (cairo_t *cr, cairo_surface_t *surface, double width, double height)
{
  cairo_save (cr);
  cairo_scale (cr, width / cairo_image_surface_get_width (surface), height / cairo_image_surface_get_height (surface));
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_BILINEAR);
  cairo_paint (cr);
  cairo_restore (cr);
}

gboolean
cyt_overlay_write_png (const char *path, const CytImage *image, const CytSparseMap *map, const CytOverlayStyle *style,
                       GError **error)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) image->width, (int) image->height);
  cairo_t *cr = cairo_create (surface);
  cairo_surface_t *picture = cyt_overlay_create_image_surface (image);
  gboolean ok;

  paint_surface (cr, picture, image->width, image->height);
  cairo_surface_destroy (picture);
  if (map != NULL && style->mode != CYT_OVERLAY_OFF)
    {
      picture = cyt_overlay_create_surface (map, style, CLAMP ((MAX (image->width, image->height) + SIDE - 1) / SIDE, 1, 256));
      paint_surface (cr, picture, image->width, image->height);
      cairo_surface_destroy (picture);
    }
  cairo_destroy (cr);
  ok = cyt_png_write (path, surface, error);
  cairo_surface_destroy (surface);
  return ok;
}
