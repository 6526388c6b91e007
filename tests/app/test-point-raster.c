/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cyt-point-raster.h"

#define SIDE 64

static guint
get_alpha (guint32 pixel)
{
  return pixel >> 24;
}

/* The area that a marker covers, in pixels. */
static void
test_area (void)
{
  const double radii[] = { 1.3, 2.5, 4, 9.7 };

  for (guint i = 0; i < G_N_ELEMENTS (radii); i++)
    for (guint marker = 0; marker < CYT_N_MARKERS; marker++)
      for (guint shift = 0; shift < 16; shift++)
        {
          g_autofree guint32 *pixels = g_new0 (guint32, SIDE * SIDE);
          const CytSpot spot = { 31 + shift % 4 / 4.f, 30 + shift / 4 / 4.f, { 255, 255, 255 }, 255, marker };
          double r = radii[i], area = 0, x = 0, y = 0;
          double expected = marker == CYT_MARKER_DISC   ? G_PI * r * r
                            : marker == CYT_MARKER_RING ? G_PI * r * r * (1 - 0.58 * 0.58)
                                                        : 2 * 1.25 * 1.25 * r * r;

          cyt_point_raster_draw (pixels, SIDE, SIDE, &spot, 1, r);
          for (guint p = 0; p < SIDE * SIDE; p++)
            {
              double a = get_alpha (pixels[p]) / 255.0;

              area += a;
              x += a * (p % SIDE + 0.5);
              y += a * (p / SIDE + 0.5);
            }
          g_test_message ("marker %u, radius %g: %g pixels, expected %g", marker, r, area, expected);
          g_assert_true (fabs (area - expected) <= 0.06 * expected + 0.4);
          /* Its middle is where it was asked to be, to the quarter of a pixel it is placed by. */
          g_assert_true (fabs (x / area - spot.x) <= 0.2 && fabs (y / area - spot.y) <= 0.2);
        }
}

/* Premultiplied "over", as cairo does it. */
static void
test_blend (void)
{
  g_autofree guint32 *pixels = g_new0 (guint32, SIDE * SIDE);
  const CytSpot spots[] = { { 32, 32, { 200, 100, 50 }, 255, CYT_MARKER_DISC }, { 32, 32, { 0, 0, 250 }, 127, CYT_MARKER_DISC } };
  guint32 middle;

  cyt_point_raster_draw (pixels, SIDE, SIDE, spots, 1, 6);
  g_assert_cmphex (pixels[32 * SIDE + 32], ==, 0xffc86432);
  cyt_point_raster_draw (pixels, SIDE, SIDE, spots + 1, 1, 6);
  middle = pixels[32 * SIDE + 32];
  g_assert_cmpuint (get_alpha (middle), ==, 255);
  g_assert_cmpint (ABS ((int) (middle >> 16 & 255) - 100), <=, 2);
  g_assert_cmpint (ABS ((int) (middle >> 8 & 255) - 50), <=, 2);
  g_assert_cmpint (ABS ((int) (middle & 255) - 150), <=, 2);
  for (guint p = 0; p < SIDE * SIDE; p++)
    for (guint c = 0; c < 3; c++)
      g_assert_cmpuint (pixels[p] >> 8 * c & 255, <=, get_alpha (pixels[p]));
}

/* At and beyond the borders: what lies inside is drawn, and nothing is written outside. */
static void
test_borders (void)
{
  const float places[] = { -1000, -9, -3, 0, 5, 63.9f, 66, 73, 1e30f, NAN, INFINITY, -INFINITY };
  g_autofree guint32 *memory = g_new (guint32, (SIDE + 2) * SIDE);
  guint32 *pixels = memory + SIDE;
  guint n_drawn = 0;

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    for (guint j = 0; j < G_N_ELEMENTS (places); j++)
      {
        const CytSpot spot = { places[i], places[j], { 9, 9, 9 }, 255, CYT_MARKER_DIAMOND };

        for (guint p = 0; p < (SIDE + 2) * SIDE; p++)
          memory[p] = p >= SIDE && p < (SIDE + 1) * SIDE ? 0 : 0x12345678;
        cyt_point_raster_draw (pixels, SIDE, SIDE, &spot, 1, 8);
        for (guint p = 0; p < SIDE; p++)
          g_assert_true (memory[p] == 0x12345678 && memory[(SIDE + 1) * SIDE + p] == 0x12345678);
        for (guint p = 0; p < SIDE * SIDE; p++)
          n_drawn += pixels[p] != 0;
      }
  g_assert_cmpuint (n_drawn, >, 500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/point-raster/area", test_area);
  g_test_add_func ("/app/point-raster/blend", test_blend);
  g_test_add_func ("/app/point-raster/borders", test_borders);
  return g_test_run ();
}
