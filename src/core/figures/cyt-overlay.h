/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include "figures/cyt-colormap.h"
#include "io/cyt-image.h"
#include "model/cyt-cell-latents.h"

G_BEGIN_DECLS

typedef enum
{
  CYT_OVERLAY_OFF,
  CYT_OVERLAY_OUTLINE, /* a line around the active patches; the stain stays visible */
  CYT_OVERLAY_HEAT,    /* colour and opacity by activation; zero fully transparent */
} CytOverlayMode;

typedef struct
{
  CytOverlayMode mode;
  CytColormap colormap;
  double opacity;      /* 0…1 */
  float scale_max;     /* activation shown as the top of the map; <= 0: the map's own maximum */
} CytOverlayStyle;
#define CYT_OVERLAY_STYLE_INIT { CYT_OVERLAY_HEAT, CYT_COLORMAP_VIRIDIS, 0.6, 0 }

/* The overlay alone, (16 s, 16 s) ARGB32 premultiplied with s >= 1 pixels per patch: the same pixels
 * for the window, the CLI and the figures. (transfer full) */
cairo_surface_t *cyt_overlay_create_surface (const CytSparseMap *map, const CytOverlayStyle *style, guint s);

/* Adds the border of the union of the active patches to the path, for a picture of 16 @s by 16 @s; lines at the picture's
 * edge are moved inside by @inset. */
void cyt_overlay_add_outline (cairo_t *cr, const CytSparseMap *map, double s, double inset);

/* @image as RGB24 of its own size. (transfer full) */
cairo_surface_t *cyt_overlay_create_image_surface (const CytImage *image);

/* The cell at its own resolution with the overlay, as PNG. */
gboolean cyt_overlay_write_png (const char *path, const CytImage *image, const CytSparseMap *map,
                                const CytOverlayStyle *style, GError **error);

G_END_DECLS
