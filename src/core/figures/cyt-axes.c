/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "figures/cyt-axes.h"

/* In sizes of the font. */
#define LABEL_GAP 0.33       /* between tick and label */
#define TITLE_GAP 0.5
#define MAJOR_TICK 0.42
#define MINOR_TICK 0.25
#define MIN_LABEL_GAP 0.8    /* between the labels of the x axis */
#define LABEL_LINES 2.6      /* a label of the y axis for so many lines of text */
#define MAX_TICKS 1000

/* Numbers with more digits than these are written with an exponent. */
#define LARGE 1e6
#define SMALL 9e-5

/* ---- Limits ---- */

/* Far enough from the ends of a double that spans and margins stay finite. */
static gboolean
is_limit (CytAxisScale scale, double value)
{
  return fabs (value) <= 1e300 && (scale == CYT_AXIS_LINEAR || value >= 1e-300);
}

void
cyt_axis_init (CytAxis *self, CytAxisScale scale, gboolean percent, double min, double max)
{
  gboolean is_log = scale == CYT_AXIS_LOG, has_min = is_limit (scale, min), has_max = is_limit (scale, max);

  self->scale = scale;
  self->percent = percent;
  if (!has_min && !has_max)
    min = max = is_log ? 1 : 0.5;
  else if (!has_min)
    min = max;
  else if (!has_max)
    max = min;
  self->min = MIN (min, max);
  self->max = MAX (min, max);
  /* Closer than this, neighbouring pixels would be the same double. */
  if (is_log && log10 (self->max) - log10 (self->min) < 1e-9)
    {
      self->min /= sqrt (10);
      self->max *= sqrt (10);
    }
  else if (!is_log && self->max - self->min <= 1e-12 * MAX (fabs (self->min), fabs (self->max)))
    {
      double half = self->max == 0 ? 0.5 : MAX (0.5 * fabs (self->max), 1e-300);

      self->min -= half;
      self->max += half;
    }
}

void
cyt_axis_init_values (CytAxis *self, CytAxisScale scale, gboolean percent, const double *values, gsize n,
                      double margin)
{
  double min = INFINITY, max = -INFINITY;
  CytAxis tight;

  for (gsize i = 0; i < n; i++)
    if (is_limit (scale, values[i]))
      {
        min = MIN (min, values[i]);
        max = MAX (max, values[i]);
      }
  cyt_axis_init (&tight, scale, percent, min, max);
  cyt_axis_init (self, scale, percent, cyt_axis_from_unit (&tight, -margin), cyt_axis_from_unit (&tight, 1 + margin));
}

double
cyt_axis_to_unit (const CytAxis *self, double value)
{
  if (self->scale == CYT_AXIS_LINEAR)
    return (value - self->min) / (self->max - self->min);
  if (!(value > 0))
    return NAN;
  return (log10 (value) - log10 (self->min)) / (log10 (self->max) - log10 (self->min));
}

double
cyt_axis_from_unit (const CytAxis *self, double unit)
{
  if (self->scale == CYT_AXIS_LINEAR)
    return self->min + unit * (self->max - self->min);
  return pow (10, log10 (self->min) + unit * (log10 (self->max) - log10 (self->min)));
}

/* ---- Ticks ---- */

static void
add_tick (GArray *ticks, double value, gboolean labelled)
{
  CytTick tick = { value, labelled };

  if (ticks->len < MAX_TICKS)
    g_array_append_val (ticks, tick);
}

/* The smallest of 1, 2, 5 × 10ⁿ that is at least @least. */
static double
get_step (double least)
{
  double unit = pow (10, floor (log10 (least)));

  for (guint i = 0; i < 3; i++)
    {
      static const double factors[] = { 1, 2, 5 };

      if (factors[i] * unit >= least * (1 - 1e-9))
        return factors[i] * unit;
    }
  return 10 * unit;
}

/* The finest step with at most n_labels ticks; there is always one tick at least. */
static void
add_linear_ticks (GArray *ticks, double min, double max, double factor, guint n_labels)
{
  double tolerance = 1e-9 * (max - min) * factor;
  double low = min * factor - tolerance, high = max * factor + tolerance;
  double step = get_step ((high - low) / (n_labels + 1));

  while (floor (high / step) - ceil (low / step) + 1 > n_labels)
    step = get_step (step * 1.01);
  for (double i = ceil (low / step); i * step <= high; i++)
    add_tick (ticks, i == 0 ? 0 : i * step / factor, TRUE);
}

static gboolean
is_within (const CytAxis *self, double value)
{
  return value >= self->min * (1 - 1e-9) && value <= self->max * (1 + 1e-9);
}

/* How many labels a pattern makes: a character per digit, '1': labelled. */
static guint
count_log_labels (const CytAxis *self, int first, int last, const char *labelled)
{
  guint n = 0;

  for (int e = first; e <= last; e++)
    for (guint digit = 1; digit <= 9; digit++)
      n += labelled[digit - 1] == '1' && is_within (self, digit * pow (10, e));
  return n;
}

static void
add_log_ticks (const CytAxis *self, GArray *ticks, guint n_labels)
{
  static const char *const patterns[] = { "111111111", "110010000", "101000000", "100000000" };
  int first = (int) floor (log10 (self->min) + 1e-9), last = (int) floor (log10 (self->max) + 1e-9);
  const char *labelled = NULL;
  int every = 1;

  for (guint i = 0; i < G_N_ELEMENTS (patterns) && labelled == NULL; i++)
    if (count_log_labels (self, first, last, patterns[i]) <= n_labels)
      labelled = patterns[i];
  if (labelled == NULL)
    {
      labelled = patterns[3];
      every = (last - first) / (int) n_labels + 1;
    }
  else if (count_log_labels (self, first, last, labelled) < 2)
    {
      add_linear_ticks (ticks, self->min, self->max, self->percent ? 100 : 1, n_labels);
      return;
    }
  for (int e = first; e <= last; e++)
    for (guint digit = 1; digit <= 9; digit++)
      {
        double value = digit * pow (10, e);

        if (is_within (self, value) && (every == 1 || digit == 1))
          add_tick (ticks, value, labelled[digit - 1] == '1' && ((e % every) + every) % every == 0);
      }
}

GArray *
cyt_axis_list_ticks (const CytAxis *self, guint n_labels)
{
  GArray *ticks = g_array_new (FALSE, FALSE, sizeof (CytTick));

  n_labels = MAX (n_labels, 2);
  if (self->scale == CYT_AXIS_LOG)
    add_log_ticks (self, ticks, n_labels);
  else
    add_linear_ticks (ticks, self->min, self->max, self->percent ? 100 : 1, n_labels);
  return ticks;
}

/* ---- Labels ---- */

/* Decimals that a label needs to be the tick's value and not its neighbour's. */
static int
count_decimals (double value, double distance)
{
  int n = distance > 0 ? (int) -floor (log10 (distance) + 1e-9) : 0;

  for (n = MAX (n, 0); n < 12; n++)
    {
      double unit = pow (10, n);

      if (fabs (round (value * unit) / unit - value) <= 1e-6 * (distance > 0 ? distance : fabs (value)))
        break;
    }
  return n;
}

/* U+2212 where C writes a hyphen. */
static char *
set_minus (const char *text)
{
  return text[0] == '-' ? g_strconcat ("−", text + 1, NULL) : g_strdup (text);
}

static char *
format_fixed (double value, int decimals, CytNumberForm form)
{
  char format[16], plain[400];

  g_snprintf (format, sizeof format, "%%.%df", decimals);
  g_ascii_formatd (plain, sizeof plain, format, value);
  if (form == CYT_NUMBERS_LOCALE)
    {
      g_autofree char *grouped = g_strdup_printf ("%'.*f", decimals, value);

      return set_minus (grouped);
    }
  return set_minus (plain);
}

static char *
format_exponent (double value, double distance)
{
  int exponent = (int) floor (log10 (fabs (value)) + 1e-9);
  double unit = pow (10, exponent);
  g_autofree char *mantissa = format_fixed (value / unit, MIN (count_decimals (value / unit, distance / unit), 6),
                                            CYT_NUMBERS_PLAIN);

  return g_strdup_printf ("%se%d", mantissa, exponent);
}

char *
cyt_axis_format_tick (const CytAxis *self, const GArray *ticks, guint index, CytNumberForm form)
{
  double factor = self->percent ? 100 : 1;
  double value, distance = INFINITY, largest = 0;
  g_autofree char *number = NULL;

  g_return_val_if_fail (index < ticks->len, NULL);

  value = g_array_index (ticks, CytTick, index).value * factor;
  for (guint i = 0; i < ticks->len; i++)
    {
      const CytTick *tick = &g_array_index (ticks, CytTick, i);

      if (!tick->labelled)
        continue;
      largest = MAX (largest, fabs (tick->value * factor));
      if (i != index)
        distance = MIN (distance, fabs (tick->value * factor - value));
    }
  /* On a log axis each label stands for itself; on a linear one all have the same decimals. */
  if (self->scale == CYT_AXIS_LOG)
    distance = fabs (value);
  if (!isfinite (distance))
    distance = fabs (value);
  if (value != 0 && (fabs (value) >= LARGE || (self->scale == CYT_AXIS_LOG ? fabs (value) : largest) < SMALL))
    number = format_exponent (value, distance);
  else
    number = format_fixed (value, count_decimals (value, distance), form);
  return self->percent ? g_strconcat (number, "\u202f%", NULL) : g_steal_pointer (&number);
}

/* ---- Drawing ---- */

static void
set_style (cairo_t *cr, const CytAxesStyle *style, double alpha)
{
  cairo_set_source_rgba (cr, style->ink[0], style->ink[1], style->ink[2], alpha);
}

static CytFigureFont
get_font (const CytAxesStyle *style)
{
  return (CytFigureFont){ style->family, style->font_size, FALSE };
}

static double
measure (cairo_t *cr, const CytAxesStyle *style, const char *text)
{
  const CytFigureFont font = get_font (style);

  return cyt_figure_text_measure (cr, &font, text);
}

static void
draw_text (cairo_t *cr, const CytAxesStyle *style, double x, double y, double align, const char *text)
{
  const CytFigureFont font = get_font (style);

  cyt_figure_text_draw (cr, &font, x, y, align, INFINITY, text);
}

/* Heights above and below the baseline. */
static void
get_metrics (cairo_t *cr, const CytAxesStyle *style, double *ascent, double *descent)
{
  const CytFigureFont font = get_font (style);

  cyt_figure_text_get_metrics (cr, &font, ascent, descent);
}

/* As many ticks as fit side by side. */
static GArray *
list_x_ticks (cairo_t *cr, const CytAxis *axis, const CytAxesStyle *style, double width)
{
  for (guint n_labels = CLAMP ((guint) (width / (3 * style->font_size)), 2, 12);; n_labels--)
    {
      g_autoptr (GArray) ticks = cyt_axis_list_ticks (axis, n_labels);
      double end = -INFINITY;
      gboolean fits = TRUE;

      for (guint i = 0; i < ticks->len && fits; i++)
        {
          const CytTick *tick = &g_array_index (ticks, CytTick, i);
          g_autofree char *label = tick->labelled ? cyt_axis_format_tick (axis, ticks, i, style->form) : NULL;
          double half = label != NULL ? measure (cr, style, label) / 2 : 0, at = cyt_axis_to_unit (axis, tick->value) * width;

          if (label == NULL)
            continue;
          fits = at - half >= end + MIN_LABEL_GAP * style->font_size;
          end = at + half;
        }
      if (fits || n_labels <= 2)
        return g_steal_pointer (&ticks);
    }
}

static GArray *
list_y_ticks (const CytAxis *axis, const CytAxesStyle *style, double height)
{
  return cyt_axis_list_ticks (axis, CLAMP ((guint) MAX (0, height / (LABEL_LINES * style->font_size)), 2, 12));
}

static double
get_widest (cairo_t *cr, const CytAxis *axis, const GArray *ticks, const CytAxesStyle *style)
{
  double widest = 0;

  for (guint i = 0; i < ticks->len; i++)
    if (g_array_index (ticks, CytTick, i).labelled)
      {
        g_autofree char *label = cyt_axis_format_tick (axis, ticks, i, style->form);

        widest = MAX (widest, measure (cr, style, label));
      }
  return widest;
}

void
cyt_axes_style_init_figure (CytAxesStyle *self, const CytFigureStyle *style)
{
  *self = (CytAxesStyle){ { style->ink[0], style->ink[1], style->ink[2] }, 0, style->small_size, CYT_NUMBERS_PLAIN,
                          style->family, style->line };
}

/* Margins on the screen are whole pixels. */
static double
round_up (const CytAxesStyle *style, double length)
{
  return style->line > 0 ? length : ceil (length);
}

void
cyt_axes_measure (cairo_t *cr, const CytAxis *x, const char *x_title, const CytAxis *y, const char *y_title,
                  const CytAxesStyle *style, const cairo_rectangle_t *outer, cairo_rectangle_t *plot)
{
  double left = 0, bottom = 0, right = 0, top = 0, ascent, descent;
  double size = style->font_size;

  get_metrics (cr, style, &ascent, &descent);
  if (x != NULL)
    {
      g_autoptr (GArray) ticks = list_x_ticks (cr, x, style, outer->width);

      bottom += (MAJOR_TICK + LABEL_GAP) * size + ascent + descent;
      right = get_widest (cr, x, ticks, style) / 2; /* the last label may stand at the very end */
      left = right;
    }
  if (x_title != NULL)
    bottom += TITLE_GAP * size + ascent + descent;
  if (y != NULL)
    {
      g_autoptr (GArray) ticks = list_y_ticks (y, style, outer->height - bottom);

      left = MAX (left, (MAJOR_TICK + LABEL_GAP) * size + get_widest (cr, y, ticks, style)
                          + (y_title != NULL ? TITLE_GAP * size + ascent + descent : 0));
      top = (ascent + descent) / 2;
    }
  plot->x = outer->x + round_up (style, left);
  plot->y = outer->y + round_up (style, top);
  plot->width = MAX (1, outer->width - round_up (style, left) - round_up (style, right));
  plot->height = MAX (1, outer->height - round_up (style, top) - round_up (style, bottom));
}

static void
draw_line (cairo_t *cr, const CytAxesStyle *style, double x1, double y1, double x2, double y2)
{
  if (style->line > 0)
    {
      cairo_move_to (cr, x1, y1);
      cairo_line_to (cr, x2, y2);
    }
  else
    {
      cairo_move_to (cr, floor (x1) + 0.5, floor (y1) + 0.5);
      cairo_line_to (cr, floor (x2) + 0.5, floor (y2) + 0.5);
    }
  cairo_stroke (cr);
}

/* Lines on the screen are light beside the words; on paper they are thin. */
static void
set_line_style (cairo_t *cr, const CytAxesStyle *style)
{
  set_style (cr, style, style->line > 0 ? 1 : 0.6);
}

static void
draw_x (cairo_t *cr, const CytAxis *axis, const char *title, const CytAxesStyle *style, const cairo_rectangle_t *plot)
{
  g_autoptr (GArray) ticks = list_x_ticks (cr, axis, style, plot->width);
  double bottom = plot->y + plot->height, size = style->font_size, ascent, descent;

  get_metrics (cr, style, &ascent, &descent);
  for (guint i = 0; i < ticks->len; i++)
    {
      const CytTick *tick = &g_array_index (ticks, CytTick, i);
      double at = plot->x + cyt_axis_to_unit (axis, tick->value) * plot->width;

      if (tick->labelled && style->grid > 0)
        {
          set_style (cr, style, style->grid);
          draw_line (cr, style, at, plot->y, at, bottom);
        }
      set_line_style (cr, style);
      draw_line (cr, style, at, bottom, at, bottom + (tick->labelled ? MAJOR_TICK : MINOR_TICK) * size);
      if (tick->labelled)
        {
          g_autofree char *label = cyt_axis_format_tick (axis, ticks, i, style->form);

          set_style (cr, style, 1);
          draw_text (cr, style, at, bottom + (MAJOR_TICK + LABEL_GAP) * size + ascent, 0.5, label);
        }
    }
  if (title != NULL)
    {
      set_style (cr, style, 1);
      draw_text (cr, style, plot->x + plot->width / 2,
                 bottom + (MAJOR_TICK + LABEL_GAP + TITLE_GAP) * size + 2 * ascent + descent, 0.5, title);
    }
}

static void
draw_y (cairo_t *cr, const CytAxis *axis, const char *title, const CytAxesStyle *style, const cairo_rectangle_t *plot)
{
  g_autoptr (GArray) ticks = list_y_ticks (axis, style, plot->height);
  double size = style->font_size, ascent, descent;

  get_metrics (cr, style, &ascent, &descent);
  for (guint i = 0; i < ticks->len; i++)
    {
      const CytTick *tick = &g_array_index (ticks, CytTick, i);
      double at = plot->y + (1 - cyt_axis_to_unit (axis, tick->value)) * plot->height;

      if (tick->labelled && style->grid > 0)
        {
          set_style (cr, style, style->grid);
          draw_line (cr, style, plot->x, at, plot->x + plot->width, at);
        }
      set_line_style (cr, style);
      draw_line (cr, style, plot->x - (tick->labelled ? MAJOR_TICK : MINOR_TICK) * size, at, plot->x, at);
      if (tick->labelled)
        {
          g_autofree char *label = cyt_axis_format_tick (axis, ticks, i, style->form);

          set_style (cr, style, 1);
          draw_text (cr, style, plot->x - (MAJOR_TICK + LABEL_GAP) * size, at + 0.36 * size, 1, label);
        }
    }
  if (title != NULL)
    {
      double widest = get_widest (cr, axis, ticks, style);

      set_style (cr, style, 1);
      cairo_save (cr);
      cairo_translate (cr, plot->x - (MAJOR_TICK + LABEL_GAP + TITLE_GAP) * size - widest - descent,
                       plot->y + plot->height / 2);
      cairo_rotate (cr, -G_PI / 2);
      draw_text (cr, style, 0, 0, 0.5, title);
      cairo_restore (cr);
    }
}

void
cyt_axes_draw (cairo_t *cr, const CytAxis *x, const char *x_title, const CytAxis *y, const char *y_title,
               const CytAxesStyle *style, const cairo_rectangle_t *plot)
{
  double bottom = plot->y + plot->height;

  cairo_set_line_width (cr, style->line > 0 ? style->line : 1);
  if (x != NULL)
    draw_x (cr, x, x_title, style, plot);
  if (y != NULL)
    draw_y (cr, y, y_title, style, plot);
  set_line_style (cr, style);
  if (x != NULL)
    draw_line (cr, style, plot->x, bottom, plot->x + plot->width, bottom);
  if (y != NULL)
    draw_line (cr, style, plot->x, plot->y, plot->x, bottom);
}
