/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define CYT_IMAGE_SIZE 224               /* the encoder's input, pixels on a side */
#define CYT_IMAGE_MAX_PIXELS (1u << 28)  /* larger images are refused */

/* What a file of a drawn picture bears, in a comment of its format (JPEG comment, PNG text, TIFF description). */
#define CYT_IMAGE_SIMULATED_NOTICE "SIMULATED, not for clinical use"
/* Whether the file's content bears it anywhere. */
gboolean cyt_image_is_simulated (GBytes *bytes);

/* An 8-bit RGB picture, (height, width, 3) row-major without padding. */
typedef struct
{
  guint width;
  guint height;
  guint8 *pixels; /* (height, width, 3) */
} CytImage;

/* Decodes jpg, png, bmp, tiff (first page), gif and webp (first frame), told by content, to what
 * PIL.Image.open(path).convert("RGB") gives, bit for bit: alpha dropped (not blended), palette and
 * grey expanded, 16 bits cut as PIL does, EXIF orientation not applied (TIFF's is, as PIL does). Truncated files are errors (CYT_IMAGE_ERROR), as in
 * PIL. The message names the file. */
CytImage *cyt_image_load (const char *path, GError **error);
CytImage *cyt_image_load_bytes (GBytes *bytes, const char *name_for_errors, GError **error);
CytImage *cyt_image_new (guint width, guint height); /* zero-filled */
void cyt_image_free (CytImage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytImage, cyt_image_free)

/* PIL's Image.resize((width, height), BILINEAR): triangle filter, widened by the scale when
 * shrinking, horizontal then vertical pass with 8-bit rounding between them; bit-identical
 * (Pillow, src/libImaging/Resample.c). (transfer full) */
CytImage *cyt_image_resize (const CytImage *self, guint width, guint height);

/* The encoder's input: load, then resize to 224×224 without crop and without keeping the aspect.
 * out: (224, 224, 3) u8. */
gboolean cyt_image_preprocess (const CytImage *self, guint8 *out);

/* For embedding a file's own bytes where they say the same as cyt_image_load(): those of a JPEG of 8 bits and three
 * components, without comments and application data (EXIF, profiles, whatever else tells of a patient or a place).
 * NULL for any other file. (transfer full) */
GBytes *cyt_image_dup_plain_jpeg (GBytes *file);

/* A thumbnail that keeps the aspect, longer side at most @size px (never enlarged), as JPEG bytes
 * (quality 90). */
GBytes *cyt_image_make_thumbnail (const CytImage *self, guint size, GError **error);

G_END_DECLS
