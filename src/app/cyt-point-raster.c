/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cyt-point-raster.h"

#define N_PHASES 4                 /* places within a pixel, on either axis */
#define MAX_RADIUS 32
#define N_SAMPLES 4                /* coverage of a pixel is told from so many points, on either axis */
#define RING 0.42                  /* width of a ring's line, of its radius */

/* Coverage of the pixels about a spot whose centre lies at phase (px, py) of the middle pixel's corner. */
typedef struct
{
  int half;                        /* pixels on either side of the middle one */
  guint8 *coverage;                /* (N_PHASES, N_PHASES, side, side), side = 2 half + 1 */
} Stamps;

static gboolean
is_inside (CytMarker marker, double x, double y, double radius)
{
  double r = sqrt (x * x + y * y);

  switch (marker)
    {
    case CYT_MARKER_RING:
      return r <= radius && r >= radius * (1 - RING);
    case CYT_MARKER_DIAMOND:
      return fabs (x) + fabs (y) <= 1.25 * radius;
    case CYT_MARKER_DISC:
    default:
      return r <= radius;
    }
}

static void
stamps_init (Stamps *self, CytMarker marker, double radius)
{
  int side;
  guint8 *out;

  self->half = (int) ceil (1.25 * radius) + 1;
  side = 2 * self->half + 1;
  self->coverage = out = g_new (guint8, N_PHASES * N_PHASES * side * side);
  for (int py = 0; py < N_PHASES; py++)
    for (int px = 0; px < N_PHASES; px++)
      for (int y = -self->half; y <= self->half; y++)
        for (int x = -self->half; x <= self->half; x++)
          {
            guint n = 0;

            for (int i = 0; i < N_SAMPLES * N_SAMPLES; i++)
              n += is_inside (marker, x + (i % N_SAMPLES + 0.5) / N_SAMPLES - (px + 0.5) / N_PHASES,
                              y + (i / N_SAMPLES + 0.5) / N_SAMPLES - (py + 0.5) / N_PHASES, radius);
            *out++ = n * 255 / (N_SAMPLES * N_SAMPLES);
          }
}

/* v / 255 in each of two 16-bit halves, rounded. */
static inline guint32
divide (guint32 v)
{
  v += 0x800080;
  return ((v + ((v >> 8) & 0xff00ff)) >> 8) & 0xff00ff;
}

/* An opaque colour with weight @a 0…255 over a premultiplied pixel. */
static inline guint32
blend (guint32 below, guint32 color, guint32 a)
{
  guint32 b = 255 - a;

  return divide ((color & 0xff00ff) * a + (below & 0xff00ff) * b)
         | divide (((color >> 8) & 0xff00ff) * a + ((below >> 8) & 0xff00ff) * b) << 8;
}

static void
draw_stamp (guint32 *pixels, int width, int height, const Stamps *stamps, const CytSpot *spot)
{
  int half = stamps->half, side = 2 * half + 1;
  int x = (int) floorf (spot->x), y = (int) floorf (spot->y);
  int px = MIN ((int) ((spot->x - x) * N_PHASES), N_PHASES - 1), py = MIN ((int) ((spot->y - y) * N_PHASES), N_PHASES - 1);
  const guint8 *coverage = stamps->coverage + (gsize) (py * N_PHASES + px) * side * side;
  guint32 color = 0xff000000u | (guint32) spot->rgb[0] << 16 | (guint32) spot->rgb[1] << 8 | spot->rgb[2];
  int x1 = MAX (-half, -x), x2 = MIN (half, width - 1 - x);

  for (int dy = MAX (-half, -y); dy <= MIN (half, height - 1 - y); dy++)
    {
      guint32 *row = pixels + (gsize) (y + dy) * width + x;
      const guint8 *mask = coverage + (dy + half) * side + half;

      for (int dx = x1; dx <= x2; dx++)
        if (mask[dx] != 0)
          row[dx] = blend (row[dx], color, mask[dx] * (spot->alpha + 1u) >> 8);
    }
}

void
cyt_point_raster_draw (guint32 *pixels, gsize width, gsize height, const CytSpot *spots, gsize n, double radius)
{
  Stamps stamps[CYT_N_MARKERS];
  double margin;

  radius = CLAMP (radius, 0.5, MAX_RADIUS);
  for (guint i = 0; i < CYT_N_MARKERS; i++)
    stamps_init (&stamps[i], i, radius);
  margin = stamps[0].half;
  for (gsize i = 0; i < n; i++)
    {
      const CytSpot *spot = &spots[i];

      /* NAN fails every comparison. */
      if (spot->x > -margin && spot->x < width + margin && spot->y > -margin && spot->y < height + margin)
        draw_stamp (pixels, width, height, &stamps[spot->marker % CYT_N_MARKERS], spot);
    }
  for (guint i = 0; i < CYT_N_MARKERS; i++)
    g_free (stamps[i].coverage);
}
