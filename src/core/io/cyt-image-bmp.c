/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-image-private.h"

/* Windows and OS/2 bitmaps as PIL reads them: 1, 4 and 8 bits with a palette (also RLE), 16, 24 and 32
 * bits, bit fields in the usual layouts, rows from the bottom or from the top. There is no library for
 * them in the distribution, and gdk-pixbuf's reader blends alpha where PIL drops it. */

#define FILE_HEADER 14

typedef enum
{
  BMP_RAW,
  BMP_RLE8,
  BMP_RLE4,
  BMP_BITFIELDS,
} Compression;

/* Where the 8-bit channels lie within a pixel of 24 or 32 bits, or which 16-bit form. */
typedef enum
{
  LAYOUT_BGR,  /* bytes B G R (–) */
  LAYOUT_XBGR, /* bytes – B G R */
  LAYOUT_RGB,  /* bytes R G B – */
  LAYOUT_555,
  LAYOUT_565,
} Layout;

typedef struct
{
  const char *name;
  const guint8 *data;
  gsize size;
  guint32 header_size;
  guint32 width, height;
  gboolean top_down;
  guint bits;
  guint32 compression;
  guint64 n_colors;
  gsize palette_at;
  gsize pixels_at;
  Layout layout;
  guint8 palette[3 * 256];
} Bmp;

static guint
read_u16 (const guint8 *data)
{
  return data[0] | (guint) data[1] << 8;
}

static guint32
read_u32 (const guint8 *data)
{
  return read_u16 (data) | (guint32) read_u16 (data + 2) << 16;
}

static gboolean
fail_truncated (const Bmp *self, GError **error)
{
  cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, self->name, "truncated BMP");
  return FALSE;
}

static gboolean
fail_unsupported (const Bmp *self, GError **error, const char *what, guint64 value)
{
  cyt_image_set_error (error, CYT_IMAGE_ERROR_UNSUPPORTED, self->name, "BMP with %s %" G_GUINT64_FORMAT
                       " is not supported", what, value);
  return FALSE;
}

/* The masks of a bit-field bitmap; @at: where they stand. */
static gboolean
read_masks (Bmp *self, gsize at, gboolean has_alpha, GError **error)
{
  static const struct
  {
    guint bits;
    guint32 r, g, b, a;
    Layout layout;
  } layouts[] = {
    { 32, 0xff0000, 0xff00, 0xff, 0, LAYOUT_BGR },
    { 32, 0xff0000, 0xff00, 0xff, 0xff000000, LAYOUT_BGR },
    { 32, 0, 0, 0, 0, LAYOUT_BGR },
    { 32, 0xff000000, 0xff0000, 0xff00, 0, LAYOUT_XBGR },
    { 32, 0xff000000, 0xff0000, 0xff00, 0xff, LAYOUT_XBGR },
    { 32, 0xff, 0xff00, 0xff0000, 0xff000000, LAYOUT_RGB },
    { 24, 0xff0000, 0xff00, 0xff, 0, LAYOUT_BGR },
    { 16, 0xf800, 0x7e0, 0x1f, 0, LAYOUT_565 },
    { 16, 0x7c00, 0x3e0, 0x1f, 0, LAYOUT_555 },
  };
  guint32 r, g, b, a = 0;

  if (self->size < at + (has_alpha ? 16 : 12))
    return fail_truncated (self, error);
  r = read_u32 (self->data + at);
  g = read_u32 (self->data + at + 4);
  b = read_u32 (self->data + at + 8);
  if (has_alpha && self->bits == 32)
    a = read_u32 (self->data + at + 12);
  for (gsize i = 0; i < G_N_ELEMENTS (layouts); i++)
    if (layouts[i].bits == self->bits && layouts[i].r == r && layouts[i].g == g && layouts[i].b == b
        && layouts[i].a == a)
      {
        self->layout = layouts[i].layout;
        return TRUE;
      }
  cyt_image_set_error (error, CYT_IMAGE_ERROR_UNSUPPORTED, self->name, "BMP with the bit fields %08x %08x %08x "
                       "%08x is not supported", r, g, b, a);
  return FALSE;
}

static gboolean
read_header (Bmp *self, GError **error)
{
  const guint8 *header = self->data + FILE_HEADER;
  gsize after;

  if (self->size < FILE_HEADER + 4)
    return fail_truncated (self, error);
  self->header_size = read_u32 (header);
  if (self->header_size != 12 && self->header_size != 40 && self->header_size != 64 && self->header_size != 108
      && self->header_size != 124)
    return fail_unsupported (self, error, "a header of size", self->header_size);
  after = FILE_HEADER + (gsize) self->header_size;
  if (self->size < after)
    return fail_truncated (self, error);

  if (self->header_size == 12)
    {
      self->width = read_u16 (header + 4);
      self->height = read_u16 (header + 6);
      self->bits = read_u16 (header + 10);
    }
  else
    {
      self->width = read_u32 (header + 4);
      self->height = read_u32 (header + 8);
      self->top_down = header[11] == 0xff;
      if (self->top_down)
        self->height = -self->height;
      self->bits = read_u16 (header + 14);
      self->compression = read_u32 (header + 16);
      self->n_colors = read_u32 (header + 32);
    }
  if (self->bits != 1 && self->bits != 4 && self->bits != 8 && self->bits != 16 && self->bits != 24
      && self->bits != 32)
    return fail_unsupported (self, error, "a pixel depth of", self->bits);
  self->layout = self->bits == 16 ? LAYOUT_555 : LAYOUT_BGR;
  if (self->compression == BMP_BITFIELDS)
    {
      gboolean in_header = self->header_size >= 56;

      if (!read_masks (self, FILE_HEADER + 40, in_header, error))
        return FALSE;
      if (!in_header)
        after += 12;
    }
  else if (self->compression > BMP_BITFIELDS
           || (self->compression == BMP_RLE8 && self->bits != 8)
           || (self->compression == BMP_RLE4 && self->bits != 4))
    return fail_unsupported (self, error, "compression", self->compression);

  if (self->n_colors == 0 && self->bits <= 8)
    self->n_colors = 1u << self->bits;
  self->palette_at = after;
  self->pixels_at = read_u32 (self->data + 10);
  if (self->bits <= 8)
    {
      gsize entry = self->header_size == 12 ? 3 : 4;

      if (self->n_colors > 65536)
        return fail_unsupported (self, error, "a palette of size", self->n_colors);
      /* Some writers point the pixels at their palette. */
      if (self->pixels_at == after)
        self->pixels_at += 4 * self->n_colors;
      else if (self->pixels_at == 0)
        self->pixels_at = after + entry * self->n_colors;
    }
  else if (self->pixels_at == 0)
    self->pixels_at = after;
  return TRUE;
}

static gboolean
read_palette (Bmp *self, GError **error)
{
  gsize entry = self->header_size == 12 ? 3 : 4;
  gsize left = self->palette_at < self->size ? self->size - self->palette_at : 0;
  gsize n = MIN (self->n_colors, left / entry);
  gboolean grey = n == self->n_colors;

  if (n > 256)
    {
      cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, self->name, "damaged BMP: a palette of %" G_GSIZE_FORMAT, n);
      return FALSE;
    }
  cyt_image_init_palette (self->palette);
  for (gsize i = 0; i < n; i++)
    {
      gsize at = self->palette_at + i * entry;
      guint level = self->n_colors == 2 ? 255 * i : i;

      self->palette[3 * i] = self->data[at + 2];
      self->palette[3 * i + 1] = self->data[at + 1];
      self->palette[3 * i + 2] = self->data[at];
      for (gsize c = 0; c < 3; c++)
        grey = grey && self->palette[3 * i + c] == level;
    }
  /* PIL takes such a picture for one of another depth, and its pixels for what they are not. */
  if (grey && ((self->n_colors == 2 && self->bits != 1) || (self->n_colors != 2 && self->bits != 8)))
    {
      cyt_image_set_error (error, CYT_IMAGE_ERROR_UNSUPPORTED, self->name,
                           "BMP of %u bits with a grey palette of %u is not supported", self->bits,
                           (guint) self->n_colors);
      return FALSE;
    }
  /* Then also levels that the palette does not list are grey. */
  if (grey && self->bits == 8)
    cyt_image_init_palette (self->palette);
  return TRUE;
}

static void
read_row (const Bmp *self, guint8 *out, const guint8 *in)
{
  for (gsize x = 0; x < self->width; x++, out += 3)
    switch (self->bits)
      {
      case 1:
        memcpy (out, self->palette + 3 * (in[x / 8] >> (7 - x % 8) & 1), 3);
        break;
      case 4:
        memcpy (out, self->palette + 3 * (in[x / 2] >> (x % 2 ? 0 : 4) & 15), 3);
        break;
      case 8:
        memcpy (out, self->palette + 3 * in[x], 3);
        break;
      case 16:
        {
          guint pixel = read_u16 (in + 2 * x);

          out[2] = (pixel & 31) * 255 / 31;
          out[1] = self->layout == LAYOUT_565 ? (pixel >> 5 & 63) * 255 / 63 : (pixel >> 5 & 31) * 255 / 31;
          out[0] = (pixel >> (self->layout == LAYOUT_565 ? 11 : 10) & 31) * 255 / 31;
          break;
        }
      default:
        {
          const guint8 *pixel = in + x * (self->bits / 8);

          if (self->layout == LAYOUT_RGB)
            memcpy (out, pixel, 3);
          else
            {
              pixel += self->layout == LAYOUT_XBGR;
              out[0] = pixel[2];
              out[1] = pixel[1];
              out[2] = pixel[0];
            }
        }
      }
}

static guint64
get_stride (const Bmp *self)
{
  return (((guint64) self->width * self->bits + 31) / 32) * 4;
}

/* Whether all rows are there; the padding of the last may be missing. Width and height are checked. */
static gboolean
has_rows (const Bmp *self)
{
  guint64 needed = get_stride (self) * (self->height - 1) + ((guint64) self->width * self->bits + 7) / 8;

  return self->pixels_at <= self->size && needed <= self->size - self->pixels_at;
}

static void
read_raw (const Bmp *self, CytImage *image)
{
  gsize stride = get_stride (self);

  for (gsize i = 0; i < self->height; i++)
    {
      gsize y = self->top_down ? i : self->height - 1 - i;

      read_row (self, image->pixels + y * self->width * 3, self->data + self->pixels_at + i * stride);
    }
}

/* Run-length codes into one run of indices, rows from the bottom unless top_down, the way PIL's reader
 * does: rows are not kept apart but by the end-of-line codes. */
static gboolean
read_rle (const Bmp *self, CytImage *image, GError **error)
{
  gboolean rle4 = self->compression == BMP_RLE4;
  gsize total = (gsize) self->width * self->height;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gsize at = self->pixels_at;
  guint64 x = 0;

  while (out->len < total && at <= self->size && self->size - at >= 2)
    {
      guint n = self->data[at];
      guint value = self->data[at + 1];

      at += 2;
      if (n > 0)
        {
          guint8 run[255];

          if (x + n > self->width)
            n = x < self->width ? (guint) (self->width - x) : 0;
          for (guint i = 0; i < n; i++)
            run[i] = !rle4 ? value : i % 2 ? value & 15 : value >> 4;
          g_byte_array_append (out, run, n);
          x += n;
        }
      else if (value == 0)
        {
          gsize old = out->len;

          g_byte_array_set_size (out, MIN (old + (self->width - old % self->width) % self->width, total));
          memset (out->data + old, 0, out->len - old);
          x = 0;
        }
      else if (value == 2) /* PIL 9.4 goes elsewhere than the format says */
        {
          cyt_image_set_error (error, CYT_IMAGE_ERROR_UNSUPPORTED, self->name,
                               "BMP with run-length codes that skip pixels is not supported");
          return FALSE;
        }
      else if (value == 1)
        break;
      else
        {
          gsize n_bytes = rle4 ? value / 2 : value;
          gsize left = MIN (n_bytes, self->size - at);

          for (gsize i = 0; i < left; i++)
            {
              guint8 pair[2] = { self->data[at + i] >> 4, self->data[at + i] & 15 };
              g_byte_array_append (out, rle4 ? pair : self->data + at + i, rle4 ? 2 : 1);
            }
          at += left;
          if (left < n_bytes)
            break;
          x += value;
          at += at % 2;
        }
    }
  if (out->len < total)
    return fail_truncated (self, error);
  for (gsize i = 0; i < self->height; i++)
    {
      gsize y = self->top_down ? i : self->height - 1 - i;
      cyt_image_expand_palette (image->pixels + y * self->width * 3, out->data + i * self->width, self->width,
                                self->palette);
    }
  return TRUE;
}

CytImage *
cyt_image_decode_bmp (const guint8 *data, gsize size, const char *name, GError **error)
{
  g_autoptr (CytImage) image = NULL;
  Bmp self = { .name = name, .data = data, .size = size };
  gboolean rle;

  if (!read_header (&self, error) || !cyt_image_check_size (self.width, self.height, name, error)
      || (self.bits <= 8 && !read_palette (&self, error)))
    return NULL;
  rle = self.compression == BMP_RLE8 || self.compression == BMP_RLE4;
  if (!rle && !has_rows (&self))
    {
      fail_truncated (&self, error);
      return NULL;
    }
  image = cyt_image_try_new (self.width, self.height, name, error);
  if (image == NULL)
    return NULL;
  if (!rle)
    read_raw (&self, image);
  else if (!read_rle (&self, image, error))
    return NULL;
  return g_steal_pointer (&image);
}
