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
  return g_test_run ();
}
