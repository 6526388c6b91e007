/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* A text of a PNG: @key 1 to 79 Latin letters; what is not ASCII is kept as UTF-8. */
typedef struct
{
  const char *key;
  const char *text;
} CytPngText;

/* An image surface (RGB24 as RGB, ARGB32 as RGBA) as PNG, with the program's name and @texts (n_texts) in it.
 * @dpi: pixels per inch of paper, or 0: not said. @name: for messages. Errors: G_FILE_ERROR. (transfer full) */
GBytes *cyt_png_encode (cairo_surface_t *surface, double dpi, const CytPngText *texts, gsize n_texts, const char *name,
                        GError **error);
/* The same in a file, which appears complete or not at all. */
gboolean cyt_png_write (const char *path, cairo_surface_t *surface, GError **error);

G_END_DECLS
