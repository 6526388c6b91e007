/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "phantom/cyt-phantom-private.h"

/* Weights of the four lattice points around a place @t in [0, 1) after the second. */
static void
spline_weights (float t, float w[4])
{
  float u = 1 - t;

  w[0] = u * u * u / 6;
  w[1] = (4 - 6 * t * t + 3 * t * t * t) / 6;
  w[2] = (4 - 6 * u * u + 3 * u * u * u) / 6;
  w[3] = t * t * t / 6;
}

/* out (h, w) f32 row-major. Lattice values are uniform with variance 1; averaged over places a cubic
 * B-spline keeps 151/315 of the variance in each direction, hence the factor 315/151. */
void
cyt_phantom_noise (float *out, gsize w, gsize h, double pitch, CytPhantomRandom *random, GArray *scratch)
{
  gsize nx = (gsize) (w / pitch) + 6, ny = (gsize) (h / pitch) + 6;
  double ox = cyt_phantom_random_in (random, 0, 1), oy = cyt_phantom_random_in (random, 0, 1);
  float *lattice, *rows;
  const float unit = 3.4641016f / 4294967296.0f * 2.0860927f;

  g_array_set_size (scratch, nx * ny + ny * w);
  lattice = (float *) (gpointer) scratch->data;
  rows = lattice + nx * ny;
  for (gsize i = 0; i < nx * ny; i += 2)
    {
      guint64 bits = cyt_phantom_random_bits (random);

      lattice[i] = (gint32) (guint32) bits * unit;
      if (i + 1 < nx * ny)
        lattice[i + 1] = (gint32) (guint32) (bits >> 32) * unit;
    }
  for (gsize x = 0; x < w; x++)
    {
      double p = x / pitch + ox;
      gsize i = (gsize) p;
      float k[4];

      spline_weights ((float) (p - i), k);
      for (gsize y = 0; y < ny; y++)
        {
          const float *l = lattice + y * nx + i;
          rows[y * w + x] = k[0] * l[0] + k[1] * l[1] + k[2] * l[2] + k[3] * l[3];
        }
    }
  for (gsize y = 0; y < h; y++)
    {
      double p = y / pitch + oy;
      gsize i = (gsize) p;
      const float *r = rows + i * w;
      float k[4];

      spline_weights ((float) (p - i), k);
      for (gsize x = 0; x < w; x++)
        out[y * w + x] = k[0] * r[x] + k[1] * r[w + x] + k[2] * r[2 * w + x] + k[3] * r[3 * w + x];
    }
}

/* One box blur of a row of @n, of width 2·reach + 1 plus @part of the two pixels beyond; the ends repeat. */
static void
box_row (const float *restrict in, float *restrict out, gsize n, gsize reach, float part)
{
  float norm = 1 / (2 * reach + 1 + 2 * part), sum = 0;
  gssize last = (gssize) n - 1;

#define AT(i) in[CLAMP ((gssize) (i), 0, last)]
  if (reach == 0) /* the usual case, three neighbours: no running sum, so that it vectorises */
    {
      out[0] = norm * (in[0] + part * (in[0] + AT (1)));
      for (gssize i = 1; i < last; i++)
        out[i] = norm * (in[i] + part * (in[i - 1] + in[i + 1]));
      out[last] = norm * (in[last] + part * (AT (last - 1) + in[last]));
      return;
    }
  for (gssize i = -(gssize) reach; i <= (gssize) reach; i++)
    sum += AT (i);
  for (gssize i = 0; i <= last; i++)
    {
      out[i] = norm * (sum + part * (AT (i - (gssize) reach - 1) + AT (i + (gssize) reach + 1)));
      sum += AT (i + (gssize) reach + 1) - AT (i - (gssize) reach);
    }
#undef AT
}

static void
box_columns (const float *restrict in, float *restrict out, gsize w, gsize h, gsize reach, float part)
{
  float norm = 1 / (2 * reach + 1 + 2 * part);
  gssize last = (gssize) h - 1;

  for (gssize y = 0; y <= last; y++)
    {
      const float *a = in + CLAMP (y - (gssize) reach - 1, 0, last) * w;
      const float *b = in + CLAMP (y + (gssize) reach + 1, 0, last) * w;
      float *o = out + y * w;

      if (reach == 0)
        {
          const float *m = in + y * w;

          for (gsize x = 0; x < w; x++)
            o[x] = norm * (m[x] + part * (a[x] + b[x]));
          continue;
        }
      for (gsize x = 0; x < w; x++)
        o[x] = part * (a[x] + b[x]);
      for (gssize i = y - (gssize) reach; i <= y + (gssize) reach; i++)
        {
          const float *r = in + CLAMP (i, 0, last) * w;
          for (gsize x = 0; x < w; x++)
            o[x] += r[x];
        }
      for (gsize x = 0; x < w; x++)
        o[x] *= norm;
    }
}

void
cyt_phantom_blur (float *plane, float *tmp, gsize w, gsize h, double sigma)
{
  /* Two boxes of real width L have variance (L² − 1)/6 together. */
  double wanted = 6 * sigma * sigma + 1, length = 1;
  gsize reach;
  float part;

  for (int i = 0; i < 30; i++) /* √ by Newton: exact enough and the same everywhere */
    length = 0.5 * (length + wanted / length);
  reach = (gsize) ((length - 1) / 2);
  part = (float) ((length - 1) / 2 - reach);
  for (int pass = 0; pass < 2; pass++)
    {
      for (gsize y = 0; y < h; y++)
        box_row (plane + y * w, tmp + y * w, w, reach, part);
      box_columns (tmp, plane, w, h, reach, part);
    }
}

/* exp (−x) for 0 <= x < 80: 2^k by the exponent's bits, the rest by a polynomial; relative error < 2e-5. */
static inline float
transmitted (float x)
{
  float y = x * -1.44269504f;
  gint32 k = (gint32) (y - 0.5f);
  float f = (y - k) * 0.69314718f;
  union { gint32 i; float f; } two = { .i = (k + 127) << 23 };

  return two.f * (1 + f * (1 + f * (0.5f + f * (0.16666667f + f * (0.041666668f + f * 0.0083333333f)))));
}

/* Lambert and Beer for each channel, then the lens (blur), the camera's sharpening (an unsharp mask of radius
 * 1.5 px, which gives the thin bright seams around cells) and its noise.
 *   density  3 × (size, size) f32, >= 0; overwritten
 *   light    (size, size) f32, relative illumination
 *   scratch  2 × (size, size) f32
 *   out      (size, size, 3) u8 */
void
cyt_phantom_develop (float *const density[3], const float *light, gsize size, const CytPhantomOptics *optics,
                     guint64 noise_key, float *scratch, guint8 *out)
{
  gsize n = size * size;
  float *soft = scratch, *tmp = scratch + n;

  for (int c = 0; c < 3; c++)
    {
      float *plane = density[c], background = optics->background[c];
      CytPhantomRandom noise = { noise_key + c, 0 };

      for (gsize i = 0; i < n; i++)
        plane[i] = background * light[i] * transmitted (plane[i]);
      if (optics->blur > 0.1f)
        cyt_phantom_blur (plane, tmp, size, size, optics->blur);
      if (optics->sharpen > 0)
        {
          memcpy (soft, plane, n * sizeof *soft);
          cyt_phantom_blur (soft, tmp, size, size, 1.5 * size / 360.0);
          for (gsize i = 0; i < n; i++)
            plane[i] += optics->sharpen * (plane[i] - soft[i]);
        }
      for (gsize i = 0; i < n; i += 4)
        {
          guint64 bits = cyt_phantom_random_bits (&noise);

          for (gsize j = i; j < MIN (i + 4, n); j++, bits >>= 16)
            {
              /* Two bytes make a triangular distribution of variance 1. */
              float z = ((int) (bits & 255) + (int) (bits >> 8 & 255) - 255) * (1 / 104.5f);
              float v = plane[j] + optics->noise * z + 0.5f;

              out[3 * j + c] = v <= 0 ? 0 : v >= 255 ? 255 : (guint8) v;
            }
        }
    }
}
