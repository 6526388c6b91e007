/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "figures/cyt-png.h"
#include "io/cyt-part-file.h"

typedef struct
{
  png_structp png;
  png_infop info;
  GByteArray *out;
  guint8 *row;
  char message[128];
} Encode;

static void
error_cb (png_structp png, png_const_charp message)
{
  Encode *self = png_get_error_ptr (png);

  g_strlcpy (self->message, message, sizeof self->message);
  png_longjmp (png, 1);
}

static void
warning_cb (png_structp png, png_const_charp message)
{
}

static void
write_cb (png_structp png, png_bytep data, size_t n)
{
  Encode *self = png_get_io_ptr (png);

  g_byte_array_append (self->out, data, (guint) n);
}

static void
flush_cb (png_structp png)
{
}

/* out (width, 3 or 4) u8, in (width) native-endian 0xAARRGGBB, colours multiplied by alpha. */
static void
convert_row (guint8 *out, const guint8 *in, gsize width, gboolean has_alpha)
{
  for (gsize x = 0; x < width; x++)
    {
      guint32 pixel;
      guint alpha;

      memcpy (&pixel, in + 4 * x, 4);
      alpha = has_alpha ? pixel >> 24 : 255;
      for (guint c = 0; c < 3; c++)
        {
          guint level = pixel >> (16 - 8 * c) & 255;
          *out++ = (guint8) (alpha == 0 ? 0 : MIN ((level * 255 + alpha / 2) / alpha, 255));
        }
      if (has_alpha)
        *out++ = (guint8) alpha;
    }
}

/* Plain text where it is ASCII, else as UTF-8; neither is compressed: they shall be found. */
static void
init_text (png_text *out, const CytPngText *in)
{
  gboolean is_ascii = g_str_is_ascii (in->text);

  *out = (png_text){ .compression = is_ascii ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE,
                     .key = (char *) in->key, .text = (char *) in->text };
  if (is_ascii)
    out->text_length = strlen (in->text);
  else
    {
      out->itxt_length = strlen (in->text);
      out->lang = (char *) "";
      out->lang_key = (char *) "";
    }
}

static gboolean
encode (Encode *self, cairo_surface_t *surface, double dpi, const CytPngText *texts, gsize n_texts)
{
  static const CytPngText software = { "Software", "CytoSAE Explorer " CYT_VERSION };
  gboolean has_alpha = cairo_image_surface_get_format (surface) == CAIRO_FORMAT_ARGB32;
  int width = cairo_image_surface_get_width (surface);
  int height = cairo_image_surface_get_height (surface);
  gsize stride = (gsize) cairo_image_surface_get_stride (surface);
  const guint8 *data = cairo_image_surface_get_data (surface);
  png_text text;

  if (setjmp (png_jmpbuf (self->png)))
    return FALSE;
  png_set_write_fn (self->png, self, write_cb, flush_cb);
  png_set_user_limits (self->png, 0x7fffffff, 0x7fffffff);
  png_set_IHDR (self->png, self->info, (png_uint_32) width, (png_uint_32) height, 8,
                has_alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (dpi > 0)
    png_set_pHYs (self->png, self->info, (png_uint_32) lround (dpi / 0.0254), (png_uint_32) lround (dpi / 0.0254),
                  PNG_RESOLUTION_METER);
  init_text (&text, &software);
  png_set_text (self->png, self->info, &text, 1);
  for (gsize i = 0; i < n_texts; i++)
    {
      init_text (&text, &texts[i]);
      png_set_text (self->png, self->info, &text, 1);
    }
  png_write_info (self->png, self->info);
  self->row = g_malloc_n ((gsize) width, 4);
  for (int y = 0; y < height; y++)
    {
      convert_row (self->row, data + (gsize) y * stride, (gsize) width, has_alpha);
      png_write_row (self->png, self->row);
    }
  png_write_end (self->png, NULL);
  return TRUE;
}

GBytes *
cyt_png_encode (cairo_surface_t *surface, double dpi, const CytPngText *texts, gsize n_texts, const char *name,
                GError **error)
{
  Encode *self = g_new0 (Encode, 1); /* on the heap: it is written between setjmp and longjmp */
  GBytes *bytes = NULL;

  cairo_surface_flush (surface);
  self->out = g_byte_array_new ();
  self->png = png_create_write_struct (PNG_LIBPNG_VER_STRING, self, error_cb, warning_cb);
  self->info = self->png != NULL ? png_create_info_struct (self->png) : NULL;
  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "%s: %s", name,
                 cairo_status_to_string (cairo_surface_status (surface)));
  else if (self->info == NULL || !encode (self, surface, dpi, texts, n_texts))
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: cannot make a PNG: %s", name, self->message);
  else
    bytes = g_byte_array_free_to_bytes (g_steal_pointer (&self->out));
  png_destroy_write_struct (&self->png, &self->info);
  g_clear_pointer (&self->out, g_byte_array_unref);
  g_free (self->row);
  g_free (self);
  return bytes;
}

gboolean
cyt_png_write (const char *path, cairo_surface_t *surface, GError **error)
{
  g_autoptr (CytPartFile) file = NULL;
  g_autoptr (GBytes) bytes = cyt_png_encode (surface, 0, NULL, 0, path, error);

  return bytes != NULL && (file = cyt_part_file_new (path, error)) != NULL
         && cyt_part_file_write (file, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error)
         && cyt_part_file_commit (file, error);
}
