/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-image.h"

/* PIL's resampling of 8-bit pictures with the triangle filter (Pillow, src/libImaging/Resample.c): weights
 * are 32-bit integers with PRECISION fractional bits, so that 8 bits of value and 2 of headroom fit. */
#define PRECISION (32 - 8 - 2)

typedef struct
{
  guint first;  /* first input pixel that counts */
  guint n;      /* how many do */
} Span;

/* One axis. */
typedef struct
{
  guint n_out;
  guint n_taps;     /* room per output pixel */
  Span *span;       /* (n_out) */
  gint32 *weight;   /* (n_out, n_taps), zero beyond span.n */
} Axis;

static void
axis_clear (Axis *axis)
{
  g_free (axis->span);
  g_free (axis->weight);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Axis, axis_clear)

/* Weights in double, normalised to sum 1 in double, then rounded to fixed point, in this order: PIL's
 * results depend on it. */
static void
axis_init (Axis *axis, guint n_in, guint n_out)
{
  double scale = (double) (float) n_in / n_out;
  double support = MAX (scale, 1.0);
  double inverse = 1.0 / support;
  g_autofree double *taps = NULL;

  axis->n_out = n_out;
  axis->n_taps = (guint) ceil (support) * 2 + 1;
  axis->span = g_new (Span, n_out);
  axis->weight = g_new0 (gint32, (gsize) n_out * axis->n_taps);
  taps = g_new (double, axis->n_taps);

  for (guint i = 0; i < n_out; i++)
    {
      double centre = (i + 0.5) * scale;
      double sum = 0;
      int first = (int) (centre - support + 0.5);
      int end = (int) (centre + support + 0.5);
      guint n;

      first = MAX (first, 0);
      end = MIN (end, (int) n_in);
      n = (guint) (end - first);
      for (guint j = 0; j < n; j++)
        {
          double distance = fabs ((j + (double) first - centre + 0.5) * inverse);

          taps[j] = distance < 1.0 ? 1.0 - distance : 0.0;
          sum += taps[j];
        }
      for (guint j = 0; j < n; j++)
        {
          double tap = sum != 0.0 ? taps[j] / sum : taps[j];
          axis->weight[(gsize) i * axis->n_taps + j] = (gint32) (0.5 + tap * (1 << PRECISION));
        }
      axis->span[i].first = (guint) first;
      axis->span[i].n = n;
    }
}

/* Weights are never negative and sum to 1 up to rounding: only the top can be passed. */
static inline guint8
round_down (gint32 sum)
{
  gint32 value = sum >> PRECISION;

  return (guint8) MIN (value, 255);
}

/* out (n_rows, axis->n_out, 3) u8, in (n_rows, width, 3) u8; int32 accumulators; no aliasing. */
static void
resize_rows (guint8 *restrict out, const guint8 *restrict in, const Axis *axis, gsize n_rows, gsize width)
{
  for (gsize y = 0; y < n_rows; y++, in += 3 * width)
    for (guint x = 0; x < axis->n_out; x++, out += 3)
      {
        const gint32 *weight = axis->weight + (gsize) x * axis->n_taps;
        const guint8 *pixel = in + 3 * (gsize) axis->span[x].first;
        const guint n = axis->span[x].n;
        gint32 r = 1 << (PRECISION - 1), g = r, b = r;

        for (guint j = 0; j < n; j++, pixel += 3)
          {
            r += pixel[0] * weight[j];
            g += pixel[1] * weight[j];
            b += pixel[2] * weight[j];
          }
        out[0] = round_down (r);
        out[1] = round_down (g);
        out[2] = round_down (b);
      }
}

/* out (axis->n_out, n_bytes) u8, in (rows, n_bytes) u8 whose row 0 is the picture's @first_row;
 * sum (n_bytes) i32 scratch. */
static void
resize_columns (guint8 *restrict out, const guint8 *restrict in, gint32 *restrict sum, const Axis *axis,
                gsize n_bytes, guint first_row)
{
  for (guint y = 0; y < axis->n_out; y++, out += n_bytes)
    {
      const gint32 *weight = axis->weight + (gsize) y * axis->n_taps;
      const guint8 *row = in + (gsize) (axis->span[y].first - first_row) * n_bytes;

      for (gsize i = 0; i < n_bytes; i++)
        sum[i] = 1 << (PRECISION - 1);
      for (guint j = 0; j < axis->span[y].n; j++, row += n_bytes)
        for (gsize i = 0; i < n_bytes; i++)
          sum[i] += row[i] * weight[j];
      for (gsize i = 0; i < n_bytes; i++)
        out[i] = round_down (sum[i]);
    }
}

CytImage *
cyt_image_resize (const CytImage *self, guint width, guint height)
{
  g_autoptr (CytImage) narrow = NULL;
  const CytImage *source = self;
  CytImage *out;
  g_auto (Axis) columns = { 0 };
  guint first_row = 0;

  g_return_val_if_fail (self != NULL && self->width > 0 && self->height > 0, NULL);
  g_return_val_if_fail (width > 0 && height > 0, NULL);

  axis_init (&columns, self->height, height);
  if (width != self->width)
    {
      g_auto (Axis) rows = { 0 };
      const Span *last = &columns.span[height - 1];

      first_row = columns.span[0].first;
      axis_init (&rows, self->width, width);
      narrow = cyt_image_new (width, last->first + last->n - first_row);
      resize_rows (narrow->pixels, self->pixels + 3 * (gsize) first_row * self->width, &rows, narrow->height,
                   self->width);
      source = narrow;
      if (height == self->height)
        return g_steal_pointer (&narrow);
    }

  out = cyt_image_new (width, height);
  if (height != self->height)
    {
      g_autofree gint32 *sum = g_new (gint32, 3 * (gsize) width);

      resize_columns (out->pixels, source->pixels, sum, &columns, 3 * (gsize) width, first_row);
    }
  else
    memcpy (out->pixels, source->pixels, 3 * (gsize) width * height);
  return out;
}

gboolean
cyt_image_preprocess (const CytImage *self, guint8 *out)
{
  g_autoptr (CytImage) resized = NULL;

  g_return_val_if_fail (self != NULL && out != NULL, FALSE);

  resized = cyt_image_resize (self, CYT_IMAGE_SIZE, CYT_IMAGE_SIZE);
  memcpy (out, resized->pixels, 3 * (gsize) CYT_IMAGE_SIZE * CYT_IMAGE_SIZE);
  return TRUE;
}
