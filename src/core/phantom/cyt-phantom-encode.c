/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h> /* jpeglib.h needs it before itself */

#include <jpeglib.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>
#include <tiffio.h>

#include "phantom/cyt-phantom-private.h"

#define JPEG_QUALITY 90

/* --- JPEG ----------------------------------------------------------------------------------------------- */

typedef struct
{
  struct jpeg_error_mgr base;
  jmp_buf jump;
} JpegError;

static void
jpeg_failed (j_common_ptr info)
{
  longjmp (((JpegError *) info->err)->jump, 1);
}

static GByteArray *
encode_jpeg (const CytImage *image, GError **error)
{
  struct jpeg_compress_struct info;
  JpegError handler;
  unsigned char *data = NULL;
  unsigned long length = 0;
  GByteArray *out;

  info.err = jpeg_std_error (&handler.base);
  handler.base.error_exit = jpeg_failed;
  if (setjmp (handler.jump))
    {
      char message[JMSG_LENGTH_MAX];

      handler.base.format_message ((j_common_ptr) &info, message);
      jpeg_destroy_compress (&info);
      free (data);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "could not write a JPEG: %s", message);
      return NULL;
    }
  jpeg_create_compress (&info);
  jpeg_mem_dest (&info, &data, &length);
  info.image_width = image->width;
  info.image_height = image->height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults (&info);
  jpeg_set_quality (&info, JPEG_QUALITY, TRUE);
  info.dct_method = JDCT_ISLOW; /* exact: the same bytes with and without SIMD */
  jpeg_start_compress (&info, TRUE);
  jpeg_write_marker (&info, JPEG_COM, (const JOCTET *) CYT_PHANTOM_NOTICE, strlen (CYT_PHANTOM_NOTICE));
  while (info.next_scanline < info.image_height)
    {
      JSAMPROW row = image->pixels + (gsize) info.next_scanline * image->width * 3;
      jpeg_write_scanlines (&info, &row, 1);
    }
  jpeg_finish_compress (&info);
  jpeg_destroy_compress (&info);
  out = g_byte_array_sized_new (length);
  g_byte_array_append (out, data, length);
  free (data);
  return out;
}

/* --- PNG ------------------------------------------------------------------------------------------------ */

static void
png_append (png_structp png, png_bytep data, size_t length)
{
  g_byte_array_append (png_get_io_ptr (png), data, length);
}

static void
png_flush_nothing (png_structp png)
{
}

static void
png_failed (png_structp png, png_const_charp message)
{
  g_set_error (png_get_error_ptr (png), G_IO_ERROR, G_IO_ERROR_FAILED, "could not write a PNG: %s", message);
  longjmp (png_jmpbuf (png), 1);
}

static void
png_warned (png_structp png, png_const_charp message)
{
}

/* A function of its own: nothing that it sets lives past the longjmp. */
static gboolean
write_png (const guint8 *pixels, guint width, guint height, guint bits, GByteArray *out, GError **error)
{
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, error, png_failed, png_warned);
  png_infop info = png ? png_create_info_struct (png) : NULL;
  png_text text = { .compression = PNG_TEXT_COMPRESSION_NONE, .key = (char *) "Comment",
                    .text = (char *) CYT_PHANTOM_NOTICE };

  if (info == NULL)
    {
      png_destroy_write_struct (&png, NULL);
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "could not write a PNG: no memory");
      return FALSE;
    }
  if (setjmp (png_jmpbuf (png)))
    {
      png_destroy_write_struct (&png, &info);
      return FALSE;
    }
  png_set_write_fn (png, out, png_append, png_flush_nothing);
  png_set_IHDR (png, info, width, height, bits, bits == 8 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
                PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  /* Noise hardly compresses: the quickest settings cost a few per cent of size and save most of the time. */
  png_set_compression_level (png, 1);
  png_set_filter (png, PNG_FILTER_TYPE_BASE, bits == 8 ? PNG_FILTER_SUB : PNG_FILTER_NONE);
  png_set_text (png, info, &text, 1);
  png_write_info (png, info);
  if (bits == 1)
    png_set_packing (png);
  for (guint y = 0; y < height; y++)
    {
      const guint8 *row = pixels + (gsize) y * width * (bits == 8 ? 3 : 1);
      guint8 ones[CYT_PHANTOM_MAX_SIZE];

      if (bits == 1)
        {
          for (guint x = 0; x < width; x++)
            ones[x] = row[x] != 0;
          row = ones;
        }
      png_write_row (png, row);
    }
  png_write_end (png, info);
  png_destroy_write_struct (&png, &info);
  return TRUE;
}

/* @bits: 8 for (height, width, 3), 1 for (height, width) of 0 and 255. */
static GByteArray *
encode_png (const guint8 *pixels, guint width, guint height, guint bits, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();

  return write_png (pixels, width, height, bits, out, error) ? g_steal_pointer (&out) : NULL;
}

GByteArray *
cyt_phantom_encode_mask (const guint8 *mask, guint size, GError **error)
{
  return encode_png (mask, size, size, 1, error);
}

/* --- TIFF ----------------------------------------------------------------------------------------------- */

typedef struct
{
  GByteArray *bytes;
  toff_t at;
} TiffFile;

static tsize_t
tiff_read (thandle_t handle, tdata_t data, tsize_t n)
{
  TiffFile *self = handle;
  tsize_t left = self->at < self->bytes->len ? (tsize_t) (self->bytes->len - self->at) : 0;

  n = MIN (n, left);
  memcpy (data, self->bytes->data + self->at, n);
  self->at += n;
  return n;
}

static tsize_t
tiff_write (thandle_t handle, tdata_t data, tsize_t n)
{
  TiffFile *self = handle;
  guint old = self->bytes->len;

  if (self->at + n > old)
    {
      g_byte_array_set_size (self->bytes, self->at + n);
      if (self->at > old)
        memset (self->bytes->data + old, 0, self->at - old);
    }
  memcpy (self->bytes->data + self->at, data, n);
  self->at += n;
  return n;
}

static toff_t
tiff_seek (thandle_t handle, toff_t offset, int whence)
{
  TiffFile *self = handle;

  self->at = whence == SEEK_SET ? offset : whence == SEEK_CUR ? self->at + offset : self->bytes->len + offset;
  return self->at;
}

static int
tiff_close (thandle_t handle)
{
  return 0;
}

static toff_t
tiff_size (thandle_t handle)
{
  return ((TiffFile *) handle)->bytes->len;
}

static GByteArray *
encode_tiff (const CytImage *image, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  TiffFile file = { .bytes = bytes };
  TIFF *tiff = TIFFClientOpen ("phantom", "wl", &file, tiff_read, tiff_write, tiff_seek, tiff_close, tiff_size, NULL,
                               NULL);
  gboolean ok = tiff != NULL;

  if (ok)
    {
      TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, (uint32_t) image->width);
      TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, (uint32_t) image->height);
      TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 8);
      TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
      TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
      TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
      TIFFSetField (tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
      TIFFSetField (tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
      TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, (uint32_t) image->height);
      TIFFSetField (tiff, TIFFTAG_IMAGEDESCRIPTION, CYT_PHANTOM_NOTICE);
      for (guint y = 0; ok && y < image->height; y++)
        {
          guint8 row[CYT_PHANTOM_MAX_SIZE * 3]; /* the predictor works in place */

          memcpy (row, image->pixels + (gsize) y * image->width * 3, (gsize) image->width * 3);
          ok = TIFFWriteScanline (tiff, row, y, 0) == 1;
        }
      ok = TIFFFlush (tiff) && ok;
      TIFFClose (tiff);
    }
  if (!ok)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "could not write a TIFF");
      return NULL;
    }
  return g_steal_pointer (&bytes);
}

GByteArray *
cyt_phantom_encode_rgb (const CytImage *image, CytPhantomFormat format, GError **error)
{
  switch (format)
    {
    case CYT_PHANTOM_JPEG:
      return encode_jpeg (image, error);
    case CYT_PHANTOM_PNG:
      return encode_png (image->pixels, image->width, image->height, 8, error);
    case CYT_PHANTOM_TIFF:
      return encode_tiff (image, error);
    }
  g_return_val_if_reached (NULL);
}
