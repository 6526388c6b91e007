/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <tiffio.h>

#include "io/cyt-image-private.h"

/* The first page of a TIFF through libtiff's plain strips and tiles, with PIL's meaning of the samples.
 * libtiff's own RGBA reader is of no use: it multiplies colours by alpha and scales 16 bits differently.
 * What PIL does beyond the samples: it takes alpha out of colours that are multiplied by it, it turns the
 * picture as the orientation tag says, and it clips 16-bit grey to 255. */

typedef struct
{
  const char *name;
  TIFF *tiff;
  const guint8 *data;
  gsize size, at;
  char message[160];

  guint32 width, height;
  guint16 bits, n_samples, photometric, format, planar, compression, orientation;
  guint16 n_extra;
  const guint16 *extra;
  guint8 palette[3 * 256];
} Tiff;

/* Whose turn it is, so that libtiff's process-wide error handler finds the file that it speaks of. */
static GPrivate current_tiff;

static void
error_cb (thandle_t handle, const char *module, const char *format, va_list args)
{
  Tiff *self = g_private_get (&current_tiff);

  if (self != NULL && handle == (thandle_t) self && self->message[0] == '\0')
    g_vsnprintf (self->message, sizeof self->message, format, args);
}

static gpointer
install_handlers (gpointer data)
{
  TIFFSetWarningHandler (NULL);
  TIFFSetErrorHandler (NULL);
  TIFFSetErrorHandlerExt (error_cb);
  return NULL;
}

static tmsize_t
read_cb (thandle_t handle, void *out, tmsize_t n)
{
  Tiff *self = (Tiff *) handle;
  gsize got = self->at < self->size ? MIN ((gsize) n, self->size - self->at) : 0;

  memcpy (out, self->data + self->at, got);
  self->at += got;
  return (tmsize_t) got;
}

static tmsize_t
write_cb (thandle_t handle, void *data, tmsize_t n)
{
  return 0;
}

static toff_t
seek_cb (thandle_t handle, toff_t offset, int whence)
{
  Tiff *self = (Tiff *) handle;

  self->at = (gsize) (offset + (whence == SEEK_CUR ? self->at : whence == SEEK_END ? self->size : 0));
  return self->at;
}

static int
close_cb (thandle_t handle)
{
  return 0;
}

static toff_t
size_cb (thandle_t handle)
{
  return ((Tiff *) handle)->size;
}

static int
map_cb (thandle_t handle, void **base, toff_t *size)
{
  Tiff *self = (Tiff *) handle;

  *base = (void *) self->data;
  *size = self->size;
  return 1;
}

static void
unmap_cb (thandle_t handle, void *base, toff_t size)
{
}

static gboolean
fail_corrupt (Tiff *self, GError **error)
{
  cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, self->name, "truncated or damaged TIFF%s%s",
                       self->message[0] != '\0' ? ": " : "", self->message);
  return FALSE;
}

static gboolean
fail_unsupported (Tiff *self, GError **error)
{
  static const char *const colors[] = {
    [PHOTOMETRIC_MINISWHITE] = "grey from white", [PHOTOMETRIC_MINISBLACK] = "grey",
    [PHOTOMETRIC_RGB] = "RGB",                    [PHOTOMETRIC_PALETTE] = "palette",
    [PHOTOMETRIC_MASK] = "mask",                  [PHOTOMETRIC_SEPARATED] = "CMYK",
    [PHOTOMETRIC_YCBCR] = "YCbCr",                [7] = "unknown",
    [PHOTOMETRIC_CIELAB] = "CIE L*a*b*",
  };
  static const char *const formats[] = { "unknown", "unsigned", "signed", "float" };
  guint color = self->photometric < G_N_ELEMENTS (colors) ? self->photometric : 7;
  guint format = self->format < G_N_ELEMENTS (formats) ? self->format : 0;

  cyt_image_set_error (error, CYT_IMAGE_ERROR_UNSUPPORTED, self->name,
                       "TIFF with %s samples, %u of %u bits (%s), %u of them extra%s, compression %u, is not "
                       "supported", colors[color], self->n_samples, self->bits, formats[format], self->n_extra,
                       self->planar == PLANARCONFIG_SEPARATE ? ", in planes" : "", self->compression);
  return FALSE;
}

static gboolean
read_palette (Tiff *self)
{
  guint16 *channel[3];

  if (!TIFFGetField (self->tiff, TIFFTAG_COLORMAP, &channel[0], &channel[1], &channel[2]))
    return FALSE;
  for (gsize i = 0; i < (gsize) 1 << self->bits; i++)
    for (gsize c = 0; c < 3; c++)
      self->palette[3 * i + c] = (guint8) (channel[c][i] >> 8);
  return TRUE;
}

/* Number of @n bytes in the file's order. */
static guint64
read_number (const Tiff *self, gsize at, gsize n)
{
  gboolean big = self->data[0] == 'M';
  guint64 value = 0;

  for (gsize i = 0; i < n; i++)
    value = value << 8 | self->data[at + (big ? i : n - 1 - i)];
  return value;
}

/* Whether the first directory says that samples are palette indices. libtiff takes them for grey when it
 * cannot read the colours, without telling. */
static gboolean
is_said_palette (const Tiff *self)
{
  gboolean wide = (self->data[2] | self->data[3]) == 43;
  gsize n_count = wide ? 8 : 2, n_entry = wide ? 20 : 12, header = wide ? 16 : 8;
  guint64 at, n;

  if (self->size < header)
    return FALSE;
  at = read_number (self, header / 2, header / 2);
  if (at > self->size || self->size - at < n_count)
    return FALSE;
  n = read_number (self, at, n_count);
  for (at += n_count; n > 0 && self->size - at >= n_entry; n--, at += n_entry)
    if (read_number (self, at, 2) == TIFFTAG_PHOTOMETRIC)
      return read_number (self, at + n_entry - header / 2, 2) == PHOTOMETRIC_PALETTE;
  return FALSE;
}

static gboolean
is_known_compression (guint16 compression)
{
  switch (compression)
    {
    case COMPRESSION_NONE:
    case COMPRESSION_CCITTRLE:
    case COMPRESSION_CCITTFAX3:
    case COMPRESSION_CCITTFAX4:
    case COMPRESSION_LZW:
    case COMPRESSION_JPEG:
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
    case COMPRESSION_PACKBITS:
    case COMPRESSION_LZMA:
    case COMPRESSION_ZSTD:
      return TIFFIsCODECConfigured (compression) != 0;
    default:
      return FALSE;
    }
}

/* Whether the samples are laid out in a way whose meaning PIL and we share. */
static gboolean
is_supported (const Tiff *self)
{
  guint n_color = self->photometric == PHOTOMETRIC_RGB || self->photometric == PHOTOMETRIC_YCBCR ? 3
                  : self->photometric == PHOTOMETRIC_SEPARATED ? 4 : 1;
  guint16 extra = self->n_extra > 0 ? self->extra[0] : EXTRASAMPLE_UNSPECIFIED;
  gboolean is_signed = self->format == SAMPLEFORMAT_INT;

  if (!is_known_compression (self->compression) || self->n_samples < n_color || self->n_samples > 6
      || (self->format != SAMPLEFORMAT_UINT && !is_signed)
      || (self->planar != PLANARCONFIG_CONTIG && self->planar != PLANARCONFIG_SEPARATE))
    return FALSE;
  for (guint i = 1; i < self->n_extra; i++)
    if (self->extra[i] != EXTRASAMPLE_UNSPECIFIED)
      return FALSE;
  if (self->n_extra > 0 && self->n_samples != n_color + self->n_extra)
    return FALSE;
  /* PIL reads 16-bit planes that are not compressed as 8-bit ones. */
  if (self->planar == PLANARCONFIG_SEPARATE && self->n_samples > 1
      && (self->bits < 8 || (self->bits == 16 && self->compression == COMPRESSION_NONE)))
    return FALSE;
  if (is_signed && !(self->photometric == PHOTOMETRIC_MINISBLACK && self->bits == 16 && self->n_samples == 1))
    return FALSE;

  switch (self->photometric)
    {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
      if (self->n_samples == 2)
        return self->bits == 8 && self->photometric == PHOTOMETRIC_MINISBLACK && self->n_extra == 1
               && extra == EXTRASAMPLE_UNASSALPHA && self->planar == PLANARCONFIG_CONTIG;
      if (self->bits == 16 && self->photometric == PHOTOMETRIC_MINISWHITE)
        return self->n_samples == 1 && self->data[0] == 'I';
      return self->n_samples == 1
             && (self->bits == 1 || self->bits == 2 || self->bits == 4 || self->bits == 8 || self->bits == 16);
    case PHOTOMETRIC_PALETTE:
      return self->n_samples == 1 && (self->bits == 1 || self->bits == 2 || self->bits == 4 || self->bits == 8);
    case PHOTOMETRIC_RGB:
      if (self->n_samples > 4)
        return self->bits == 8 && self->n_extra > 0 && self->planar == PLANARCONFIG_CONTIG;
      return self->bits == 8 || self->bits == 16;
    case PHOTOMETRIC_SEPARATED:
      return self->bits == 8 && (self->n_samples == 4 || self->n_extra > 0) && extra == EXTRASAMPLE_UNSPECIFIED
             && self->planar == PLANARCONFIG_CONTIG;
    case PHOTOMETRIC_YCBCR:
      return self->bits == 8 && self->n_samples == 3 && self->compression == COMPRESSION_JPEG
             && self->planar == PLANARCONFIG_CONTIG;
    default:
      return FALSE;
    }
}

static gboolean
read_header (Tiff *self, GError **error)
{
  guint16 *extra = NULL;

  if (!TIFFGetField (self->tiff, TIFFTAG_IMAGEWIDTH, &self->width)
      || !TIFFGetField (self->tiff, TIFFTAG_IMAGELENGTH, &self->height))
    return fail_corrupt (self, error);
  TIFFGetFieldDefaulted (self->tiff, TIFFTAG_BITSPERSAMPLE, &self->bits);
  TIFFGetFieldDefaulted (self->tiff, TIFFTAG_SAMPLESPERPIXEL, &self->n_samples);
  TIFFGetFieldDefaulted (self->tiff, TIFFTAG_SAMPLEFORMAT, &self->format);
  TIFFGetFieldDefaulted (self->tiff, TIFFTAG_PLANARCONFIG, &self->planar);
  TIFFGetFieldDefaulted (self->tiff, TIFFTAG_COMPRESSION, &self->compression);
  TIFFGetFieldDefaulted (self->tiff, TIFFTAG_ORIENTATION, &self->orientation);
  if (!TIFFGetField (self->tiff, TIFFTAG_PHOTOMETRIC, &self->photometric))
    self->photometric = PHOTOMETRIC_MINISWHITE;
  if (TIFFGetField (self->tiff, TIFFTAG_EXTRASAMPLES, &self->n_extra, &extra))
    self->extra = extra;
  if (!cyt_image_check_size (self->width, self->height, self->name, error))
    return FALSE;
  if (!is_supported (self))
    return fail_unsupported (self, error);
  if (self->photometric == PHOTOMETRIC_YCBCR)
    TIFFSetField (self->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  if (self->photometric == PHOTOMETRIC_PALETTE ? !read_palette (self) : is_said_palette (self))
    return fail_corrupt (self, error);
  return TRUE;
}

/* Sample @i of a row of less than 8 bits each. */
static guint
get_bits (const guint8 *row, gsize i, guint bits)
{
  gsize bit = i * bits;

  return row[bit / 8] >> (8 - bits - bit % 8) & ((1u << bits) - 1);
}

/* The upper 8 bits of a sample of 8 or 16 bits; 16 in the machine's order, unaligned. */
static guint
get_upper (const guint8 *row, gsize i, guint bits)
{
  guint16 value;

  if (bits == 8)
    return row[i];
  memcpy (&value, row + 2 * i, 2);
  return value >> 8;
}

static void
convert_grey_row (const Tiff *self, guint8 *out, const guint8 *in, gsize n)
{
  gboolean inverted = self->photometric == PHOTOMETRIC_MINISWHITE;

  for (gsize x = 0; x < n; x++)
    {
      guint level;

      if (self->bits == 16) /* not inverted: PIL's way with it */
        {
          guint16 value;

          memcpy (&value, in + 2 * x, 2);
          level = self->format == SAMPLEFORMAT_INT ? CLAMP ((gint16) value, 0, 255) : MIN (value, 255);
        }
      else if (self->bits == 8)
        level = in[x * self->n_samples] ^ (inverted ? 255 : 0);
      else
        level = get_bits (in, x, self->bits) * (255 / ((1u << self->bits) - 1)) ^ (inverted ? 255 : 0);
      memset (out + 3 * x, (int) level, 3);
    }
}

static void
convert_rgb_row (const Tiff *self, guint8 *out, const guint8 *in, gsize n)
{
  gboolean multiplied = self->n_extra > 0 && self->extra[0] == EXTRASAMPLE_ASSOCALPHA;

  for (gsize x = 0; x < n; x++)
    {
      guint alpha = multiplied ? get_upper (in, x * self->n_samples + 3, self->bits) : 255;

      for (gsize c = 0; c < 3; c++)
        {
          guint level = get_upper (in, x * self->n_samples + c, self->bits);

          out[3 * x + c] = (guint8) (alpha == 0 ? 0 : MIN (level * 255 / alpha, 255));
        }
    }
}

static void
convert_cmyk_row (const Tiff *self, guint8 *out, const guint8 *in, gsize n)
{
  for (gsize x = 0; x < n; x++, in += self->n_samples)
    for (gsize c = 0; c < 3; c++)
      {
        guint white = 255u - in[3];
        guint t = in[c] * white + 128;

        out[3 * x + c] = (guint8) (white - ((t + (t >> 8)) >> 8));
      }
}

/* @n pixels of one row: out (n, 3), in (n, n_samples) packed. */
static void
convert_row (const Tiff *self, guint8 *out, const guint8 *in, gsize n)
{
  switch (self->photometric)
    {
    case PHOTOMETRIC_PALETTE:
      for (gsize x = 0; x < n; x++)
        memcpy (out + 3 * x, self->palette + 3 * (gsize) (self->bits == 8 ? in[x] : get_bits (in, x, self->bits)), 3);
      break;
    case PHOTOMETRIC_SEPARATED:
      convert_cmyk_row (self, out, in, n);
      break;
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_YCBCR:
      convert_rgb_row (self, out, in, n);
      break;
    default:
      convert_grey_row (self, out, in, n);
    }
}

/* Rows of one strip or tile (of each plane) into the picture.
 * planes (n_planes, block_size), row_size bytes a row. */
static void
store_block (const Tiff *self, CytImage *image, const guint8 *planes, guint8 *packed, gsize n_planes,
             gsize block_size, gsize row_size, guint32 x, guint32 y, guint32 n_columns, guint32 n_rows)
{
  gsize sample = self->bits / 8;

  for (guint32 row = 0; row < n_rows; row++)
    {
      const guint8 *in = planes + row * row_size;

      if (n_planes > 1)
        {
          for (gsize i = 0; i < n_columns; i++)
            for (gsize p = 0; p < n_planes; p++)
              memcpy (packed + (i * n_planes + p) * sample, in + p * block_size + i * sample, sample);
          in = packed;
        }
      convert_row (self, image->pixels + 3 * ((gsize) (y + row) * image->width + x), in, n_columns);
    }
}

static gboolean
read_blocks (Tiff *self, CytImage *image, GError **error)
{
  gboolean tiled = TIFFIsTiled (self->tiff) != 0;
  gsize n_planes = self->planar == PLANARCONFIG_SEPARATE ? self->n_samples : 1;
  guint32 block_width = self->width, block_height = self->height;
  tmsize_t block_size = tiled ? TIFFTileSize (self->tiff) : TIFFStripSize (self->tiff);
  tmsize_t row_size = tiled ? TIFFTileRowSize (self->tiff) : TIFFScanlineSize (self->tiff);
  g_autofree guint8 *planes = NULL;
  g_autofree guint8 *packed = NULL;
  gsize needed;

  if (tiled)
    {
      TIFFGetField (self->tiff, TIFFTAG_TILEWIDTH, &block_width);
      TIFFGetField (self->tiff, TIFFTAG_TILELENGTH, &block_height);
      if (!cyt_image_check_size (block_width, block_height, self->name, error))
        return FALSE;
    }
  else
    {
      TIFFGetFieldDefaulted (self->tiff, TIFFTAG_ROWSPERSTRIP, &block_height);
      block_height = MIN (block_height, self->height);
    }
  needed = (gsize) (block_width * (guint64) self->bits * (self->n_samples / n_planes) + 7) / 8;
  if (block_height == 0 || block_size <= 0 || row_size < 0 || (gsize) row_size < needed
      || (gsize) block_size / (gsize) row_size < block_height)
    return fail_corrupt (self, error);
  planes = g_try_malloc0_n (n_planes, (gsize) block_size);
  packed = g_try_malloc_n (block_width, (gsize) self->n_samples * 2);
  if (planes == NULL || packed == NULL)
    {
      cyt_image_set_error (error, CYT_IMAGE_ERROR_TOO_LARGE, self->name, "no memory for its pixels");
      return FALSE;
    }

  for (guint32 y = 0; y < self->height; y += MIN (block_height, self->height - y))
    for (guint32 x = 0; x < self->width; x += MIN (block_width, self->width - x))
      {
        guint32 n_rows = MIN (block_height, self->height - y);
        guint32 n_columns = MIN (block_width, self->width - x);

        for (gsize p = 0; p < n_planes; p++)
          {
            guint8 *plane = planes + p * (gsize) block_size;
            tmsize_t got = tiled
              ? TIFFReadTile (self->tiff, plane, x, y, 0, (guint16) p)
              : TIFFReadEncodedStrip (self->tiff, TIFFComputeStrip (self->tiff, y, (guint16) p), plane,
                                      (tmsize_t) (n_rows * (gsize) row_size));

            if (got < 0 || (!tiled && (gsize) got < (gsize) (n_rows - 1) * (gsize) row_size + needed))
              return fail_corrupt (self, error);
          }
        store_block (self, image, planes, packed, n_planes, (gsize) block_size, (gsize) row_size, x, y, n_columns,
                     n_rows);
      }
  return TRUE;
}

/* The picture as it is to be seen: orientation 2…8 of the TIFF specification. (transfer full) */
static CytImage *
turn (CytImage *image, guint orientation)
{
  gboolean swap = orientation >= ORIENTATION_LEFTTOP;
  gboolean from_right = orientation == ORIENTATION_TOPRIGHT || orientation == ORIENTATION_BOTRIGHT
                        || orientation == ORIENTATION_RIGHTBOT || orientation == ORIENTATION_LEFTBOT;
  gboolean from_bottom = orientation == ORIENTATION_BOTRIGHT || orientation == ORIENTATION_BOTLEFT
                         || orientation == ORIENTATION_RIGHTTOP || orientation == ORIENTATION_RIGHTBOT;
  CytImage *out;

  if (orientation < ORIENTATION_TOPRIGHT || orientation > ORIENTATION_LEFTBOT)
    return image;
  out = cyt_image_new (swap ? image->height : image->width, swap ? image->width : image->height);
  for (guint y = 0; y < out->height; y++)
    for (guint x = 0; x < out->width; x++)
      {
        guint column = swap ? y : x, row = swap ? x : y;

        if (from_right)
          column = image->width - 1 - column;
        if (from_bottom)
          row = image->height - 1 - row;
        memcpy (out->pixels + 3 * ((gsize) y * out->width + x),
                image->pixels + 3 * ((gsize) row * image->width + column), 3);
      }
  cyt_image_free (image);
  return out;
}

CytImage *
cyt_image_decode_tiff (const guint8 *data, gsize size, const char *name, GError **error)
{
  static GOnce once = G_ONCE_INIT;
  g_autoptr (CytImage) image = NULL;
  Tiff self = { .name = name, .data = data, .size = size };
  gboolean ok = FALSE;

  g_once (&once, install_handlers, NULL);
  g_private_set (&current_tiff, &self);
  self.tiff = TIFFClientOpen (name, "r", (thandle_t) &self, read_cb, write_cb, seek_cb, close_cb, size_cb, map_cb,
                              unmap_cb);
  if (self.tiff == NULL)
    fail_corrupt (&self, error);
  else
    {
      if (read_header (&self, error))
        {
          image = cyt_image_try_new (self.width, self.height, name, error);
          ok = image != NULL && read_blocks (&self, image, error);
        }
      TIFFClose (self.tiff);
    }
  g_private_set (&current_tiff, NULL);
  return ok ? turn (g_steal_pointer (&image), self.orientation) : NULL;
}
