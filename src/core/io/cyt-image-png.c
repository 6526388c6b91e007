/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>
#include <zlib.h>

#include "io/cyt-image-private.h"

/* libpng without any colour management: the samples of the file, 16 bits cut to their upper 8, alpha and
 * transparent colours left out. */

#define SIGNATURE 8
#define MAX_INFLATION 1040 /* deflate makes at most 1,032 bytes of one: more is not announced in earnest */

static guint32
read_u32be (const guint8 *data)
{
  return (guint32) data[0] << 24 | (guint32) data[1] << 16 | (guint32) data[2] << 8 | data[3];
}

/* PIL's demands on the chunks around the pixels: up to the first IDAT every checksum holds; behind the
 * last a chunk that is cut off is an error, but none need be there. libpng sees to the pixels, whose
 * checksums PIL does not look at. */
static gboolean
check_chunks (const guint8 *data, gsize size, const char *name, GError **error)
{
  gboolean pixels = FALSE;
  gsize at = SIGNATURE;

  while (size - at >= 8)
    {
      guint32 length = read_u32be (data + at);
      const guint8 *type = data + at + 4;
      gboolean idat = memcmp (type, "IDAT", 4) == 0;

      if (memcmp (type, "IEND", 4) == 0)
        break;
      for (gsize i = 0; i < 4; i++)
        if (!g_ascii_isalnum (type[i]) && type[i] != '_')
          {
            if (pixels)
              return TRUE;
            cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, name, "damaged PNG: no chunk at byte %"
                                 G_GSIZE_FORMAT, at);
            return FALSE;
          }
      if (idat)
        pixels = TRUE;
      else if (length > size - at - 8 || (!pixels && length + (gsize) 4 > size - at - 8))
        {
          cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, name, "truncated PNG: chunk %.4s has %u bytes",
                               (const char *) type, length);
          return FALSE;
        }
      if (!pixels && crc32 (0, type, length + 4) != read_u32be (type + 4 + length))
        {
          cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, name, "damaged PNG: checksum of chunk %.4s",
                               (const char *) type);
          return FALSE;
        }
      if (length > size - at - 8 || size - at - 8 - length < 4)
        break;
      at += 12 + (gsize) length;
    }
  if (!pixels)
    cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, name, "truncated PNG: it has no pixels");
  return pixels;
}

typedef struct
{
  png_structp png;
  png_infop info;
  const guint8 *data;
  gsize size;
  const char *name;
  GError *error;       /* why the header is refused */
  char message[128];
  guint8 *raw;         /* palette indices (height, width), or 16-bit grey (height, width, 2) */
  guint8 *pixels;      /* where rows go: raw or the image's */
  gsize row_size;
  gboolean grey16;
  gboolean complete;   /* the last row of the last pass has come */
  CytImage *image;
} Decode;

static void
error_cb (png_structp png, png_const_charp message)
{
  Decode *self = png_get_error_ptr (png);

  g_strlcpy (self->message, message, sizeof self->message);
  png_longjmp (png, 1);
}

static void
warning_cb (png_structp png, png_const_charp message)
{
}

/* What the rows will be. */
static void
set_transforms (Decode *self, int depth, int type)
{
  if (type == PNG_COLOR_TYPE_PALETTE)
    png_set_packing (self->png);
  else if (type == PNG_COLOR_TYPE_GRAY && depth == 16)
    return;
  else
    {
      if (depth == 16)
        png_set_strip_16 (self->png);
      if (depth < 8)
        png_set_expand_gray_1_2_4_to_8 (self->png);
      if (type & PNG_COLOR_MASK_ALPHA)
        png_set_strip_alpha (self->png);
      if (!(type & PNG_COLOR_MASK_COLOR))
        png_set_gray_to_rgb (self->png);
    }
}

/* PIL holds 16-bit grey as whole numbers and clips them to 8 bits. */
static void
convert_grey16 (guint8 *out, const guint8 *in, gsize n)
{
  for (gsize i = 0; i < n; i++)
    memset (out + 3 * i, in[2 * i] != 0 ? 255 : in[2 * i + 1], 3);
}

static void
convert_palette (Decode *self, gsize n)
{
  guint8 palette[3 * 256];
  png_colorp colors = NULL;
  int n_colors = 0;

  cyt_image_init_palette (palette);
  png_get_PLTE (self->png, self->info, &colors, &n_colors);
  for (int i = 0; i < MIN (n_colors, 256); i++)
    {
      palette[3 * i] = colors[i].red;
      palette[3 * i + 1] = colors[i].green;
      palette[3 * i + 2] = colors[i].blue;
    }
  cyt_image_expand_palette (self->image->pixels, self->raw, n, palette);
}

static void
info_cb (png_structp png, png_infop info)
{
  Decode *self = png_get_progressive_ptr (png);
  gsize width = png_get_image_width (png, info);
  gsize height = png_get_image_height (png, info);
  int depth = png_get_bit_depth (png, info);
  int type = png_get_color_type (png, info);

  self->grey16 = type == PNG_COLOR_TYPE_GRAY && depth == 16;
  if (!cyt_image_check_size (width, height, self->name, &self->error))
    png_error (png, "size");
  if (png_get_rowbytes (png, info) * height / MAX_INFLATION > self->size)
    png_error (png, "not enough image data");
  self->image = cyt_image_try_new (width, height, self->name, &self->error);
  if (self->image == NULL)
    png_error (png, "size");
  set_transforms (self, depth, type);
  png_set_interlace_handling (png);
  png_read_update_info (png, info);

  self->row_size = width * (type == PNG_COLOR_TYPE_PALETTE ? 1 : self->grey16 ? 2 : 3);
  g_assert (png_get_rowbytes (png, info) == self->row_size);
  if (type == PNG_COLOR_TYPE_PALETTE || self->grey16)
    {
      self->raw = g_try_malloc0_n (height, self->row_size);
      if (self->raw == NULL)
        png_error (png, "no memory");
    }
  self->pixels = self->raw != NULL ? self->raw : self->image->pixels;
}

static void
row_cb (png_structp png, png_bytep row, png_uint_32 y, int pass)
{
  Decode *self = png_get_progressive_ptr (png);
  int last_pass = png_get_interlace_type (png, self->info) == PNG_INTERLACE_NONE ? 0 : 6;

  png_progressive_combine_row (png, self->pixels + y * self->row_size, row);
  if (y + 1 == self->image->height && pass == last_pass)
    self->complete = TRUE;
}

/* libpng is pushed the whole file, because its pulling reader wants more than the last row: what is cut or
 * damaged behind it does no harm. */
static gboolean
decode (Decode *self, GError **error)
{
  if (setjmp (png_jmpbuf (self->png)))
    {
      if (self->complete)
        return TRUE;
      if (self->error != NULL)
        g_propagate_error (error, g_steal_pointer (&self->error));
      else
        cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, self->name, "damaged PNG: %s", self->message);
      return FALSE;
    }
  png_set_progressive_read_fn (self->png, self, info_cb, row_cb, NULL);
  png_set_crc_action (self->png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
  png_set_user_limits (self->png, 0x7fffffff, 0x7fffffff);
#ifdef PNG_MAXIMUM_INFLATE_WINDOW
  png_set_option (self->png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
#endif
  png_process_data (self->png, self->info, (png_bytep) self->data, self->size);
  if (!self->complete)
    cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, self->name, "truncated PNG");
  return self->complete;
}

CytImage *
cyt_image_decode_png (const guint8 *data, gsize size, const char *name, GError **error)
{
  Decode *self;
  CytImage *image = NULL;

  if (!check_chunks (data, size, name, error))
    return NULL;
  self = g_new0 (Decode, 1); /* on the heap: it is written between setjmp and longjmp */
  self->data = data;
  self->size = size;
  self->name = name;
  self->png = png_create_read_struct (PNG_LIBPNG_VER_STRING, self, error_cb, warning_cb);
  self->info = self->png != NULL ? png_create_info_struct (self->png) : NULL;
  if (self->info == NULL)
    cyt_image_set_error (error, CYT_IMAGE_ERROR_UNSUPPORTED, name, "libpng cannot be used");
  else if (decode (self, error))
    {
      gsize n = (gsize) self->image->width * self->image->height;

      if (self->grey16)
        convert_grey16 (self->image->pixels, self->raw, n);
      else if (self->raw != NULL)
        convert_palette (self, n);
      image = g_steal_pointer (&self->image);
    }
  png_destroy_read_struct (&self->png, &self->info, NULL);
  cyt_image_free (self->image);
  g_free (self->raw);
  g_free (self);
  return image;
}
