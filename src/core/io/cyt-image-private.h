/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "io/cyt-error.h"
#include "io/cyt-image.h"

G_BEGIN_DECLS

/* The decoders behind cyt_image_load_bytes(), one per format, chosen by content. Each gives what PIL's
 * convert("RGB") gives. @name: for messages. Errors: CYT_IMAGE_ERROR. */
CytImage *cyt_image_decode_bmp (const guint8 *data, gsize size, const char *name, GError **error);
CytImage *cyt_image_decode_gif (const guint8 *data, gsize size, const char *name, GError **error);
CytImage *cyt_image_decode_jpeg (const guint8 *data, gsize size, const char *name, GError **error);
CytImage *cyt_image_decode_png (const guint8 *data, gsize size, const char *name, GError **error);
CytImage *cyt_image_decode_tiff (const guint8 *data, gsize size, const char *name, GError **error);
CytImage *cyt_image_decode_webp (const guint8 *data, gsize size, const char *name, GError **error);

/* JPEG bytes of @self, 4:2:0, quality 1…100. */
GBytes *cyt_image_encode_jpeg (const CytImage *self, int quality, GError **error);

/* cyt_image_dup_plain_jpeg() of what begins as a JPEG. */
GBytes *cyt_image_strip_jpeg (const guint8 *data, gsize size);

/* cyt_image_new() for sizes that come from a file: zero or more than CYT_IMAGE_MAX_PIXELS pixels, or no
 * memory for them, are errors. */
CytImage *cyt_image_try_new (guint64 width, guint64 height, const char *name, GError **error);
/* The check alone, before a library allocates. */
gboolean cyt_image_check_size (guint64 width, guint64 height, const char *name, GError **error);

/* Truncated, damaged and refused files, all said alike. @what: of the file, "JPEG: …". */
void cyt_image_set_error (GError **error, CytImageError code, const char *name, const char *format, ...)
  G_GNUC_PRINTF (4, 5);

/* out (n, 3) = palette[index]: palette (256, 3), index (n). */
void cyt_image_expand_palette (guint8 *out, const guint8 *index, gsize n, const guint8 *palette);
/* The palette that PIL starts from: entry i is the grey (i, i, i); files overwrite the entries they have. */
void cyt_image_init_palette (guint8 *palette);

G_END_DECLS
