/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* Writes an image surface (RGB24 as RGB, ARGB32 as RGBA) as PNG with the program's name in its text.
 * The file appears complete or not at all. Errors: G_FILE_ERROR, naming the file. */
gboolean cyt_png_write (const char *path, cairo_surface_t *surface, GError **error);

G_END_DECLS
