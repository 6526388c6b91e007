/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <jpeglib.h>
#include <jerror.h>

#include "io/cyt-image-private.h"

/* libjpeg with its defaults (accurate integer DCT, smooth upsampling), as PIL drives it: the input ends
 * where the file ends, never with an invented end marker, so that a file is an error whose rows are not all there. */

typedef struct
{
  struct jpeg_error_mgr base;
  jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
} ErrorManager;

static void
error_exit (j_common_ptr cinfo)
{
  ErrorManager *self = (ErrorManager *) cinfo->err;

  cinfo->err->format_message (cinfo, self->message);
  longjmp (self->jump, 1);
}

/* Warnings are damage that PIL passes over. */
static void
ignore_message (j_common_ptr cinfo, int level)
{
}

static void
error_manager_init (ErrorManager *self)
{
  jpeg_std_error (&self->base);
  self->base.error_exit = error_exit;
  self->base.emit_message = ignore_message;
  self->message[0] = '\0';
}

static void
source_ignore (j_decompress_ptr cinfo)
{
}

static boolean
source_fill (j_decompress_ptr cinfo)
{
  return FALSE; /* no more: the call into the library comes back unfinished */
}

static void
source_skip (j_decompress_ptr cinfo, long n)
{
  gsize left = cinfo->src->bytes_in_buffer;
  gsize skip = n > 0 ? MIN ((gsize) n, left) : 0;

  cinfo->src->next_input_byte += skip;
  cinfo->src->bytes_in_buffer -= skip;
}

typedef struct
{
  struct jpeg_decompress_struct cinfo;
  struct jpeg_source_mgr source;
  ErrorManager errors;
  guint8 *row;          /* (width, 4), for CMYK and grey */
  CytImage *image;
} Decode;

/* PIL's conversion of (already Adobe-inverted) ink to light. */
static void
convert_cmyk_row (guint8 *out, const guint8 *in, gsize width)
{
  for (gsize x = 0; x < width; x++)
    {
      guint white = in[4 * x + 3]; /* 255 − K, K stored inverted */

      for (gsize c = 0; c < 3; c++)
        {
          guint t = (255u - in[4 * x + c]) * white + 128;
          out[3 * x + c] = (guint8) (white - ((t + (t >> 8)) >> 8));
        }
    }
}

/* TRUE when the whole file was read. Libraries' jumps land here. */
static gboolean
decode (Decode *self, const guint8 *data, gsize size, const char *name, GError **error)
{
  j_decompress_ptr cinfo = &self->cinfo;
  int header;

  if (setjmp (self->errors.jump))
    {
      cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, name, "damaged JPEG: %s", self->errors.message);
      return FALSE;
    }
  jpeg_create_decompress (cinfo);
  self->source.init_source = source_ignore;
  self->source.fill_input_buffer = source_fill;
  self->source.skip_input_data = source_skip;
  self->source.resync_to_restart = jpeg_resync_to_restart;
  self->source.term_source = source_ignore;
  self->source.next_input_byte = data;
  self->source.bytes_in_buffer = size;
  cinfo->src = &self->source;

  do
    header = jpeg_read_header (cinfo, FALSE);
  while (header == JPEG_HEADER_TABLES_ONLY);
  if (header != JPEG_HEADER_OK)
    goto truncated;
  if (!cyt_image_check_size (cinfo->image_width, cinfo->image_height, name, error))
    return FALSE;
  switch (cinfo->num_components)
    {
    case 1:
      cinfo->out_color_space = JCS_GRAYSCALE;
      break;
    case 3:
      cinfo->out_color_space = JCS_RGB;
      break;
    case 4:
      cinfo->out_color_space = JCS_CMYK;
      break;
    default:
      cyt_image_set_error (error, CYT_IMAGE_ERROR_UNSUPPORTED, name, "JPEG with %d components is not supported",
                           cinfo->num_components);
      return FALSE;
    }
  if (!jpeg_start_decompress (cinfo))
    goto truncated;

  self->image = cyt_image_try_new (cinfo->output_width, cinfo->output_height, name, error);
  if (self->image == NULL)
    return FALSE;
  self->row = g_malloc_n (cinfo->output_width, 4);
  while (cinfo->output_scanline < cinfo->output_height)
    {
      guint8 *out = self->image->pixels + 3 * (gsize) cinfo->output_scanline * cinfo->output_width;
      JSAMPROW row = cinfo->num_components == 3 ? out : self->row;

      if (jpeg_read_scanlines (cinfo, &row, 1) != 1)
        goto truncated;
      if (cinfo->num_components == 4)
        convert_cmyk_row (out, row, cinfo->output_width);
      else if (cinfo->num_components == 1)
        for (gsize x = 0; x < cinfo->output_width; x++)
          memset (out + 3 * x, row[x], 3);
    }
  jpeg_finish_decompress (cinfo); /* may be damaged, but need not be there: all rows are */
  return TRUE;

truncated:
  cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, name, "truncated JPEG");
  return FALSE;
}

CytImage *
cyt_image_decode_jpeg (const guint8 *data, gsize size, const char *name, GError **error)
{
  Decode *self = g_new0 (Decode, 1); /* on the heap: it is written between setjmp and longjmp */
  CytImage *image = NULL;

  error_manager_init (&self->errors);
  self->cinfo.err = &self->errors.base;
  if (decode (self, data, size, name, error))
    image = g_steal_pointer (&self->image);
  jpeg_destroy_decompress (&self->cinfo);
  cyt_image_free (self->image);
  g_free (self->row);
  g_free (self);
  return image;
}

/* Whether a segment is needed to see the picture. @keep: FALSE for those that only tell about it. FALSE: not a JPEG of the
 * plain kind. */
static gboolean
check_segment (guint8 marker, const guint8 *body, gsize n, gboolean *keep)
{
  *keep = TRUE;
  if (marker == 0xc0 || marker == 0xc1 || marker == 0xc2) /* baseline, extended, progressive */
    return n >= 6 && body[0] == 8 && body[5] == 3;
  if (marker > 0xc2 && marker <= 0xcf)
    return marker == 0xc4; /* Huffman tables; other frames and arithmetic coding */
  if (marker == 0xee) /* Adobe: 1 is YCbCr, as without it; 0 would be RGB */
    return n >= 12 && memcmp (body, "Adobe", 5) == 0 && body[11] == 1;
  if (marker == 0xe0)
    *keep = n >= 5 && memcmp (body, "JFIF", 5) == 0;
  else if ((marker > 0xe0 && marker <= 0xef) || marker == 0xfe)
    *keep = FALSE;
  return marker == 0xda || marker == 0xdb || marker == 0xdd || marker >= 0xe0;
}

GBytes *
cyt_image_strip_jpeg (const guint8 *data, gsize size)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gboolean has_frame = FALSE;
  gsize at = 2;

  if (size > G_MAXUINT32)
    return NULL;
  g_byte_array_append (out, data, 2);
  while (size - at >= 4)
    {
      guint8 marker = data[at + 1];
      gsize n = (gsize) data[at + 2] << 8 | data[at + 3], end;
      gboolean keep;

      if (data[at] != 0xff || n < 2 || n > size - at - 2 || !check_segment (marker, data + at + 4, n - 2, &keep))
        return NULL;
      has_frame |= marker >= 0xc0 && marker <= 0xc2;
      end = at + 2 + n;
      if (marker == 0xda) /* behind it the picture's bits, up to the next marker */
        while (end + 1 < size && (data[end] != 0xff || data[end + 1] == 0 || (data[end + 1] & 0xf8) == 0xd0))
          end++;
      if (keep)
        g_byte_array_append (out, data + at, (guint) (end - at));
      at = end;
      if (marker == 0xda && size - at >= 2 && data[at + 1] == 0xd9)
        {
          g_byte_array_append (out, data + at, 2);
          return has_frame ? g_byte_array_free_to_bytes (g_steal_pointer (&out)) : NULL;
        }
    }
  return NULL;
}

typedef struct
{
  struct jpeg_compress_struct cinfo;
  ErrorManager errors;
  unsigned char *data;
  unsigned long size;
} Encode;

static gboolean
encode (Encode *self, const CytImage *image, int quality, GError **error)
{
  if (setjmp (self->errors.jump))
    {
      cyt_image_set_error (error, CYT_IMAGE_ERROR_UNSUPPORTED, "thumbnail", "%s", self->errors.message);
      return FALSE;
    }
  jpeg_create_compress (&self->cinfo);
  jpeg_mem_dest (&self->cinfo, &self->data, &self->size);
  self->cinfo.image_width = image->width;
  self->cinfo.image_height = image->height;
  self->cinfo.input_components = 3;
  self->cinfo.in_color_space = JCS_RGB;
  jpeg_set_defaults (&self->cinfo);
  jpeg_set_quality (&self->cinfo, quality, TRUE);
  self->cinfo.optimize_coding = TRUE; /* thousands of small pictures: the standard tables cost a tenth */
  jpeg_start_compress (&self->cinfo, TRUE);
  while (self->cinfo.next_scanline < self->cinfo.image_height)
    {
      JSAMPROW row = image->pixels + 3 * (gsize) self->cinfo.next_scanline * image->width;
      jpeg_write_scanlines (&self->cinfo, &row, 1);
    }
  jpeg_finish_compress (&self->cinfo);
  return TRUE;
}

GBytes *
cyt_image_encode_jpeg (const CytImage *image, int quality, GError **error)
{
  Encode *self = g_new0 (Encode, 1);
  GBytes *bytes = NULL;

  error_manager_init (&self->errors);
  self->cinfo.err = &self->errors.base;
  if (encode (self, image, quality, error))
    bytes = g_bytes_new (self->data, self->size);
  jpeg_destroy_compress (&self->cinfo);
  free (self->data); /* the library's, by malloc */
  g_free (self);
  return bytes;
}
