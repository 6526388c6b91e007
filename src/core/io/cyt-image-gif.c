/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-image-private.h"

/* The first frame of a GIF as PIL gives it: on a canvas of the transparent colour (else colour 0), its
 * palette's colours, transparency left out. The distribution's libraries either composite (gdk-pixbuf) or
 * accept data that PIL refuses. Format: CompuServe, GIF89a specification. */

#define MAX_BITS 12
#define MAX_CODES (1 << MAX_BITS)

typedef struct
{
  const char *name;
  const guint8 *data;
  gsize size;
  gsize at;
  guint width, height;             /* of the canvas */
  guint8 palette[3 * 256];
  gboolean has_transparent;
  guint8 transparent;
  guint x, y, frame_width, frame_height;
  gboolean interlaced;
} Gif;

static gboolean
fail (const Gif *self, GError **error, const char *what)
{
  cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, self->name, "%s GIF", what);
  return FALSE;
}

/* The next @n bytes, or NULL when the file ends before. */
static const guint8 *
take (Gif *self, gsize n)
{
  const guint8 *data = self->data + self->at;

  if (self->size - self->at < n)
    return NULL;
  self->at += n;
  return data;
}

static guint
read_u16 (const guint8 *data)
{
  return data[0] | (guint) data[1] << 8;
}

/* A data sub-block, or NULL at the end of a sequence of them or of the file. */
static const guint8 *
take_block (Gif *self, guint *n)
{
  const guint8 *length = take (self, 1);

  *n = length != NULL ? *length : 0;
  *n = MIN (*n, self->size - self->at);
  return *n > 0 ? take (self, *n) : NULL;
}

static gboolean
read_palette (Gif *self, guint flags, GError **error)
{
  gsize n = 3 * (gsize) (2 << (flags & 7));
  const guint8 *colors = take (self, n);

  if (colors == NULL)
    return fail (self, error, "truncated");
  cyt_image_init_palette (self->palette);
  memcpy (self->palette, colors, n);
  return TRUE;
}

static gboolean
read_extension (Gif *self, GError **error)
{
  const guint8 *label = take (self, 1);
  const guint8 *block;
  guint n;

  if (label == NULL)
    return fail (self, error, "truncated");
  block = take_block (self, &n);
  if (*label == 249) /* graphic control */
    {
      if (block == NULL || n < 3 || ((block[0] & 1) && n < 4))
        return fail (self, error, "damaged");
      if (block[0] & 1)
        {
          self->has_transparent = TRUE;
          self->transparent = block[3];
        }
    }
  if (block != NULL || *label != 254)
    while (take_block (self, &n) != NULL)
      ;
  return TRUE;
}

/* Up to the pixels of the first frame. */
static gboolean
read_header (Gif *self, GError **error)
{
  const guint8 *screen = take (self, 13);
  const guint8 *tag;

  if (screen == NULL)
    return fail (self, error, "truncated");
  self->width = read_u16 (screen + 6);
  self->height = read_u16 (screen + 8);
  cyt_image_init_palette (self->palette);
  if ((screen[10] & 128) && !read_palette (self, screen[10], error))
    return FALSE;

  while ((tag = take (self, 1)) != NULL && *tag != ';')
    if (*tag == '!')
      {
        if (!read_extension (self, error))
          return FALSE;
      }
    else if (*tag == ',')
      {
        const guint8 *frame = take (self, 9);

        if (frame == NULL)
          return fail (self, error, "truncated");
        self->x = read_u16 (frame);
        self->y = read_u16 (frame + 2);
        self->frame_width = read_u16 (frame + 4);
        self->frame_height = read_u16 (frame + 6);
        self->width = MAX (self->width, self->x + self->frame_width);
        self->height = MAX (self->height, self->y + self->frame_height);
        self->interlaced = (frame[8] & 64) != 0;
        if (self->frame_width == 0 || self->frame_height == 0)
          return fail (self, error, "damaged");
        return (frame[8] & 128) == 0 || read_palette (self, frame[8], error);
      }
  return fail (self, error, tag != NULL ? "empty" : "truncated");
}

/* Where the pixels of the frame go, in the order of the file. */
typedef struct
{
  guint8 *canvas;      /* (canvas height, canvas width) indices */
  const Gif *gif;
  guint x, y;          /* within the frame */
  guint step;
  guint pass;          /* of four interlaced ones; 3 is the last, also of plain frames */
} Cursor;

/* FALSE once the frame is full; pixels too many are left out, as PIL does. */
static gboolean
put_pixel (Cursor *self, guint8 index)
{
  static const guint starts[] = { 0, 4, 2, 1 }, steps[] = { 8, 8, 4, 2 };
  const Gif *gif = self->gif;

  self->canvas[(gsize) (gif->y + self->y) * gif->width + gif->x + self->x] = index;
  if (++self->x < gif->frame_width)
    return TRUE;
  self->x = 0;
  self->y += self->step;
  while (self->y >= gif->frame_height)
    {
      if (self->pass == 3)
        return FALSE;
      self->pass++;
      self->y = starts[self->pass];
      self->step = steps[self->pass];
    }
  return TRUE;
}

static gboolean
read_pixels (Gif *self, guint8 *canvas, GError **error)
{
  guint16 link[MAX_CODES];
  guint8 last[MAX_CODES], run[MAX_CODES + 1];
  Cursor cursor = { canvas, self, 0, 0, self->interlaced ? 8 : 1, self->interlaced ? 0 : 3 };
  const guint8 *min_bits = take (self, 1);
  const guint8 *block = NULL;
  guint clear, next, n_bits, n_left = 0, previous = 0, first = 0;
  guint32 bits = 0;
  guint n_ready = 0;
  gboolean fresh = TRUE;

  if (min_bits == NULL)
    return fail (self, error, "truncated");
  if (*min_bits >= MAX_BITS)
    return fail (self, error, "damaged");
  clear = 1u << *min_bits;
  next = clear + 2;
  n_bits = *min_bits + 1u;

  for (;;)
    {
      guint code, walk;
      gsize n = 0;

      while (n_ready < n_bits)
        {
          while (n_left == 0)
            {
              const guint8 *length = take (self, 1);

              if (length == NULL || (block = take (self, *length)) == NULL)
                return fail (self, error, "truncated");
              n_left = *length;
            }
          bits |= (guint32) *block++ << n_ready;
          n_ready += 8;
          n_left--;
        }
      code = bits & ((1u << n_bits) - 1);
      bits >>= n_bits;
      n_ready -= n_bits;

      if (code == clear)
        {
          next = clear + 2;
          n_bits = *min_bits + 1u;
          fresh = TRUE;
          continue;
        }
      if (code == clear + 1)
        return fail (self, error, "truncated"); /* the end comes before the last pixel */
      if (code > next || (fresh && code > clear))
        return fail (self, error, "damaged");

      walk = code;
      if (!fresh && code == next)
        {
          run[n++] = (guint8) first;
          walk = previous;
        }
      for (; walk >= clear; walk = link[walk])
        {
          if (n >= MAX_CODES || walk >= MAX_CODES)
            return fail (self, error, "damaged");
          run[n++] = last[walk];
        }
      first = walk;
      run[n++] = (guint8) walk;

      if (!fresh && next < MAX_CODES)
        {
          last[next] = (guint8) first;
          link[next] = (guint16) previous;
          if (next == (1u << n_bits) - 1 && n_bits < MAX_BITS)
            n_bits++;
          next++;
        }
      previous = code;
      fresh = FALSE;
      while (n > 0)
        if (!put_pixel (&cursor, run[--n]))
          return TRUE;
    }
}

CytImage *
cyt_image_decode_gif (const guint8 *data, gsize size, const char *name, GError **error)
{
  g_autoptr (CytImage) image = NULL;
  g_autofree guint8 *canvas = NULL;
  Gif self = { .name = name, .data = data, .size = size };
  gsize n;

  if (!read_header (&self, error))
    return NULL;
  image = cyt_image_try_new (self.width, self.height, name, error);
  if (image == NULL)
    return NULL;
  n = (gsize) self.width * self.height;
  canvas = g_try_malloc (n);
  if (canvas == NULL)
    {
      cyt_image_set_error (error, CYT_IMAGE_ERROR_TOO_LARGE, name, "no memory for its pixels");
      return NULL;
    }
  memset (canvas, self.has_transparent ? self.transparent : 0, n);
  if (!read_pixels (&self, canvas, error))
    return NULL;
  cyt_image_expand_palette (image->pixels, canvas, n, self.palette);
  return g_steal_pointer (&image);
}
