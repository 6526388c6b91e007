/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "figures/cyt-axes.h"
#include "figures/cyt-palette.h"

/* Labels of an axis in one line, short ticks left out. */
static char *
list_labels (const CytAxis *axis, guint n_labels)
{
  g_autoptr (GArray) ticks = cyt_axis_list_ticks (axis, n_labels);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < ticks->len; i++)
    if (g_array_index (ticks, CytTick, i).labelled)
      {
        g_autofree char *label = cyt_axis_format_tick (axis, ticks, i, CYT_NUMBERS_PLAIN);

        g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", label);
      }
  return g_string_free (text, FALSE);
}

static void
test_labels (void)
{
  static const struct
  {
    CytAxisScale scale;
    gboolean percent;
    double min, max;
    guint n_labels;
    const char *expected;
  } cases[] = {
    { CYT_AXIS_LINEAR, FALSE, 0, 1, 6, "0.0 0.2 0.4 0.6 0.8 1.0" },
    { CYT_AXIS_LINEAR, FALSE, -1, 1, 5, "−1.0 −0.5 0.0 0.5 1.0" },
    { CYT_AXIS_LINEAR, FALSE, 0, 1, 5, "0.0 0.5 1.0" },
    { CYT_AXIS_LINEAR, FALSE, 0, 49152, 6, "0 10000 20000 30000 40000" },
    { CYT_AXIS_LINEAR, FALSE, 0.0013, 0.0047, 4, "0.002 0.003 0.004" },
    { CYT_AXIS_LINEAR, FALSE, 0, 3e7, 4, "0 1e7 2e7 3e7" },
    { CYT_AXIS_LINEAR, TRUE, 0, 1, 6, "0\u202f% 20\u202f% 40\u202f% 60\u202f% 80\u202f% 100\u202f%" },
    { CYT_AXIS_LOG, TRUE, 1e-4, 1, 5, "0.01\u202f% 0.1\u202f% 1\u202f% 10\u202f% 100\u202f%" },
    { CYT_AXIS_LOG, FALSE, 0.001, 20, 5, "0.001 0.01 0.1 1 10" },
    { CYT_AXIS_LOG, FALSE, 1, 100, 7, "1 2 5 10 20 50 100" },
    { CYT_AXIS_LOG, FALSE, 2.1, 2.9, 5, "2.2 2.4 2.6 2.8" },
    { CYT_AXIS_LOG, FALSE, 1e-12, 1e3, 4, "1e-12 1e-8 0.0001 1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      CytAxis axis;
      g_autofree char *labels = NULL;

      cyt_axis_init (&axis, cases[i].scale, cases[i].percent, cases[i].min, cases[i].max);
      labels = list_labels (&axis, cases[i].n_labels);
      g_assert_cmpstr (labels, ==, cases[i].expected);
    }
}

/* Any limits: ticks ascend, lie within, are labelled 1…n times, and no two labels are the same. */
static void
test_any_limits (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);

  for (guint i = 0; i < 4000; i++)
    {
      CytAxisScale scale = i % 2;
      guint n_labels = g_rand_int_range (rand, 2, 13), n = 0;
      double span = pow (10, g_rand_double_range (rand, -8, 9));
      double min = scale == CYT_AXIS_LOG ? pow (10, g_rand_double_range (rand, -12, 6)) : g_rand_double_range (rand, -3, 3) * span;
      double max = scale == CYT_AXIS_LOG ? min * pow (10, g_rand_double_range (rand, 0.01, 9)) : min + span;
      g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_autoptr (GArray) ticks = NULL;
      double last = -INFINITY;
      CytAxis axis;

      cyt_axis_init (&axis, scale, i % 3 == 0, min, max);
      ticks = cyt_axis_list_ticks (&axis, n_labels);
      g_test_message ("%u: %g … %g", i, axis.min, axis.max);
      for (guint j = 0; j < ticks->len; j++)
        {
          const CytTick *tick = &g_array_index (ticks, CytTick, j);
          double unit = cyt_axis_to_unit (&axis, tick->value);

          g_assert_true (tick->value > last);
          g_assert_true (unit > -1e-6 && unit < 1 + 1e-6);
          last = tick->value;
          if (!tick->labelled)
            continue;
          n++;
          g_assert_true (g_hash_table_add (seen, cyt_axis_format_tick (&axis, ticks, j, CYT_NUMBERS_PLAIN)));
        }
      g_assert_cmpuint (n, >=, 1);
      g_assert_cmpuint (n, <=, n_labels);
    }
}

static void
test_odd_limits (void)
{
  static const double limits[][2] = { { NAN, NAN }, { 0, 0 }, { -3, -3 }, { 5, 1 }, { INFINITY, 2 }, { 1e300, 1e300 },
                                      { 0, INFINITY }, { -INFINITY, INFINITY }, { 1e-310, 1e-310 } };

  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    for (guint scale = 0; scale < 2; scale++)
      {
        CytAxis axis;

        cyt_axis_init (&axis, scale, FALSE, limits[i][0], limits[i][1]);
        g_assert_true (isfinite (axis.min) && isfinite (axis.max) && axis.min < axis.max);
        g_assert_true (scale == CYT_AXIS_LINEAR || axis.min > 0);
      }
}

static void
test_places (void)
{
  const double values[] = { 4, NAN, 0, -1, 1, 16 };
  CytAxis axis;

  cyt_axis_init_values (&axis, CYT_AXIS_LOG, FALSE, values, G_N_ELEMENTS (values), 0);
  g_assert_cmpfloat_with_epsilon (axis.min, 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (axis.max, 16, 1e-12);
  g_assert_cmpfloat_with_epsilon (cyt_axis_to_unit (&axis, 4), 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (cyt_axis_from_unit (&axis, 0.25), 2, 1e-12);
  g_assert_true (isnan (cyt_axis_to_unit (&axis, 0)));
  g_assert_true (isnan (cyt_axis_to_unit (&axis, NAN)));
  cyt_axis_init_values (&axis, CYT_AXIS_LINEAR, FALSE, values, G_N_ELEMENTS (values), 0.1);
  g_assert_cmpfloat_with_epsilon (axis.min, -2.7, 1e-12);
  g_assert_cmpfloat_with_epsilon (axis.max, 17.7, 1e-12);
}

/* Drawn axes stay within what was measured: nothing but white beyond the outer rectangle, ink within. */
static void
test_draw (void)
{
  const CytAxesStyle style = { { 0, 0, 0 }, 0.1, 12, CYT_NUMBERS_PLAIN, NULL, 0 };
  const cairo_rectangle_t outer = { 20, 20, 360, 260 };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 400, 300);
  cairo_t *cr = cairo_create (surface);
  cairo_rectangle_t plot;
  CytAxis x, y;
  guint n_ink = 0;

  cyt_axis_init (&x, CYT_AXIS_LOG, TRUE, 1e-4, 1);
  cyt_axis_init (&y, CYT_AXIS_LINEAR, FALSE, -1000, 1000);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  cyt_axes_measure (cr, &x, "frequency", &y, "activation", &style, &outer, &plot);
  g_assert_cmpfloat (plot.x, >, outer.x);
  g_assert_cmpfloat (plot.y, >=, outer.y);
  g_assert_cmpfloat (plot.x + plot.width, <=, outer.x + outer.width);
  g_assert_cmpfloat (plot.y + plot.height, <, outer.y + outer.height);
  cyt_axes_draw (cr, &x, "frequency", &y, "activation", &style, &plot);
  cairo_surface_flush (surface);
  for (guint row = 0; row < 300; row++)
    for (guint column = 0; column < 400; column++)
      {
        const guint8 *data = cairo_image_surface_get_data (surface);
        guint32 pixel;
        gboolean inside = column + 1 >= 20 && column < 381 && row + 1 >= 20 && row < 281;

        memcpy (&pixel, data + row * cairo_image_surface_get_stride (surface) + 4 * column, 4);
        n_ink += (pixel & 0xff) < 0x80;
        if (!inside)
          g_assert_cmphex (pixel & 0xffffff, ==, 0xffffff);
      }
  g_assert_cmpuint (n_ink, >, 500);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
test_palette (void)
{
  for (guint i = 0; i < 3 * CYT_PALETTE_N_COLORS; i++)
    for (guint j = 0; j < i; j++)
      {
        guint8 a[3], b[3];

        cyt_palette_lookup (i, a);
        cyt_palette_lookup (j, b);
        g_assert_true (memcmp (a, b, 3) != 0 || cyt_palette_get_marker (i) != cyt_palette_get_marker (j));
      }
}

/* The matrices of Machado, Oliveira and Fernandes, IEEE TVCG 15 (2009), for severity 1.0, on linear RGB. */
static const double sights[4][3][3] = {
  { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
  { { 0.367322, 0.860646, -0.227968 }, { 0.280085, 0.672501, 0.047413 }, { -0.011820, 0.042940, 0.968881 } },
  { { 0.152286, 1.052583, -0.204868 }, { 0.114503, 0.786281, 0.099216 }, { -0.003882, -0.048116, 1.051998 } },
  { { 1.255528, -0.076749, -0.178779 }, { -0.078411, 0.930809, 0.147602 }, { 0.004733, 0.691367, 0.303900 } },
};

/* CIELAB (D65) of sRGB as one of them sees it; returns the luminance as everybody does. */
static double
to_lab (const guint8 *rgb, const double (*sight)[3], double *lab)
{
  static const double xyz[3][3] = { { 0.4124564, 0.3575761, 0.1804375 },
                                    { 0.2126729, 0.7151522, 0.0721750 },
                                    { 0.0193339, 0.1191920, 0.9503041 } };
  static const double white[3] = { 0.95047, 1, 1.08883 };
  double linear[3], seen[3], f[3], luminance = 0;

  for (int i = 0; i < 3; i++)
    linear[i] = rgb[i] <= 10 ? rgb[i] / 255.0 / 12.92 : pow ((rgb[i] / 255.0 + 0.055) / 1.055, 2.4);
  for (int i = 0; i < 3; i++)
    {
      double v = sight[i][0] * linear[0] + sight[i][1] * linear[1] + sight[i][2] * linear[2];

      seen[i] = CLAMP (v, 0, 1);
      luminance += xyz[1][i] * linear[i];
    }
  for (int i = 0; i < 3; i++)
    {
      double v = (xyz[i][0] * seen[0] + xyz[i][1] * seen[1] + xyz[i][2] * seen[2]) / white[i];

      f[i] = v > 216.0 / 24389 ? cbrt (v) : (24389.0 / 27 * v + 16) / 116;
    }
  lab[0] = 116 * f[1] - 16;
  lab[1] = 500 * (f[0] - f[1]);
  lab[2] = 200 * (f[1] - f[2]);
  return luminance;
}

/* Every two colours differ for everybody, and each shows on white and on the dark ground of the window. */
static void
test_palette_sight (void)
{
  for (guint sight = 0; sight < G_N_ELEMENTS (sights); sight++)
    for (guint i = 0; i < CYT_PALETTE_N_COLORS; i++)
      {
        double a[3], b[3], luminance;
        guint8 rgb[3];

        cyt_palette_lookup (i, rgb);
        luminance = to_lab (rgb, sights[sight], a);
        g_assert_cmpfloat (1.05 / (luminance + 0.05), >=, 1.6);
        g_assert_cmpfloat ((luminance + 0.05) / (0.013 + 0.05), >=, 1.9);
        for (guint j = 0; j < i; j++)
          {
            cyt_palette_lookup (j, rgb);
            to_lab (rgb, sights[sight], b);
            g_assert_cmpfloat (hypot (hypot (a[0] - b[0], a[1] - b[1]), a[2] - b[2]), >=, 29);
          }
      }
}

/* The pictures of classes with the same colour differ, as marks and as bars. */
static void
test_palette_shapes (void)
{
  guint8 *pixels[6];

  for (guint i = 0; i < 6; i++)
    {
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 24, 12);
      cairo_t *cr = cairo_create (surface);

      if (i < 3)
        cyt_palette_draw_mark (cr, 4 + i * CYT_PALETTE_N_COLORS, 12, 6, 4);
      else
        cyt_palette_draw_bar (cr, 4 + (i - 3) * CYT_PALETTE_N_COLORS, 0, 0, 24, 12);
      cairo_destroy (cr);
      cairo_surface_flush (surface);
      pixels[i] = g_memdup2 (cairo_image_surface_get_data (surface), 24 * 12 * 4);
      cairo_surface_destroy (surface);
      for (guint j = 0; j < i; j++)
        {
          guint n = 0;

          for (guint k = 0; k < 24 * 12; k++)
            n += ABS (pixels[i][4 * k + 3] - pixels[j][4 * k + 3]) > 100;
          g_assert_cmpuint (n, >=, 8);
        }
    }
  for (guint i = 0; i < 6; i++)
    g_free (pixels[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/axes/labels", test_labels);
  g_test_add_func ("/axes/any-limits", test_any_limits);
  g_test_add_func ("/axes/odd-limits", test_odd_limits);
  g_test_add_func ("/axes/places", test_places);
  g_test_add_func ("/axes/draw", test_draw);
  g_test_add_func ("/palette/distinct", test_palette);
  g_test_add_func ("/palette/sight", test_palette_sight);
  g_test_add_func ("/palette/shapes", test_palette_shapes);
  return g_test_run ();
}
