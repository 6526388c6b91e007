/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "analysis/cyt-sweep-table.h"
#include "figures/cyt-figure-plot.h"
#include "figures/cyt-sweep-figure.h"
#include "io/cyt-error.h"

#define MIN_PANEL 110.0      /* width, points */
#define ASPECT 0.8           /* of a panel */
#define RADIUS 1.1

typedef struct
{
  const char *title;
  gsize offset;              /* in CytSweepRow */
  gboolean percent;
} Measure;

static const Measure measures[] = {
  { "Explained variance", G_STRUCT_OFFSET (CytSweepRow, explained), FALSE },
  { "Dead latents", G_STRUCT_OFFSET (CytSweepRow, dead_share), TRUE },
  { "Monosemanticity", G_STRUCT_OFFSET (CytSweepRow, monosemanticity), FALSE },
  { "Stability (PW-MCC)", G_STRUCT_OFFSET (CytSweepRow, stability), FALSE },
  { "Weighted F1 of diseases", G_STRUCT_OFFSET (CytSweepRow, f1), FALSE },
};

/* Autoencoders of one variant and one expansion: a line of the plots. */
typedef struct
{
  CytTrainVariant variant;
  double expansion;
} Series;

/* Autoencoders that differ in their seed only. */
typedef struct
{
  Series series;
  double sparsity;
  guint n;
  double l0;                              /* means over the seeds; NAN where none is known */
  double values[G_N_ELEMENTS (measures)];
} Setting;

typedef struct
{
  GPtrArray *rows;           /* of CytSweepRow, with an L0 */
  GArray *settings;          /* of Setting, by series, then by L0 */
  GArray *series;            /* of Series, by variant, then by expansion */
  GArray *shown;             /* of guint: measures that some row knows */
} Plot;

static void
plot_free (Plot *self)
{
  g_ptr_array_unref (self->rows);
  g_array_unref (self->settings);
  g_array_unref (self->series);
  g_array_unref (self->shown);
  g_free (self);
}

static int
compare_series (gconstpointer a, gconstpointer b)
{
  const Series *x = a, *y = b;

  return x->variant != y->variant ? (x->variant > y->variant) - (x->variant < y->variant)
                                  : (x->expansion > y->expansion) - (x->expansion < y->expansion);
}

static Series
get_series (const CytSweepRow *row)
{
  return (Series){ row->variant, row->expansion };
}

static double
get_value (const CytSweepRow *row, guint measure)
{
  return G_STRUCT_MEMBER (double, row, measures[measure].offset);
}

/* ---- Drawing ---- */

static void
draw_line (const Plot *self, cairo_t *cr, guint measure, const Series *series, const CytAxis *x, const CytAxis *y,
           const cairo_rectangle_t *plot)
{
  for (guint i = 0; i < self->settings->len; i++)
    {
      const Setting *setting = &g_array_index (self->settings, Setting, i);

      if (compare_series (&setting->series, series) == 0 && !isnan (setting->values[measure]))
        cairo_line_to (cr, plot->x + cyt_axis_to_unit (x, setting->l0) * plot->width,
                       plot->y + (1 - cyt_axis_to_unit (y, setting->values[measure])) * plot->height);
    }
  cairo_stroke (cr);
}

/* A shape for each series, so that colour alone tells nothing. */
static void
draw_marker (cairo_t *cr, const CytFigureStyle *style, guint series, double x, double y)
{
  double r = RADIUS * (style->text_size / 6);

  if (series % 3 == 1)
    cairo_rectangle (cr, x - r, y - r, 2 * r, 2 * r);
  else if (series % 3 == 2)
    {
      cairo_move_to (cr, x, y - 1.4 * r);
      cairo_line_to (cr, x + 1.4 * r, y);
      cairo_line_to (cr, x, y + 1.4 * r);
      cairo_line_to (cr, x - 1.4 * r, y);
      cairo_close_path (cr);
    }
  else
    {
      cairo_new_sub_path (cr);
      cairo_arc (cr, x, y, r, 0, 2 * G_PI);
    }
  cairo_fill (cr);
}

static void
draw_panel (const Plot *self, cairo_t *cr, const CytFigureStyle *style, guint measure, const CytAxis *x,
            const cairo_rectangle_t *outer)
{
  const CytFigureFont bold = CYT_FIGURE_TITLE (style);
  g_autofree double *values = g_new (double, self->rows->len);
  double ascent, descent;
  cairo_rectangle_t inner = *outer, plot;
  CytAxesStyle axes;
  CytAxis y;

  for (guint i = 0; i < self->rows->len; i++)
    values[i] = get_value (self->rows->pdata[i], measure);
  cyt_axis_init_values (&y, CYT_AXIS_LINEAR, measures[measure].percent, values, self->rows->len, 0.08);
  cyt_figure_text_get_metrics (cr, &bold, &ascent, &descent);
  inner.y += ascent + descent;
  inner.height -= ascent + descent;
  cyt_axes_style_init_figure (&axes, style);
  cyt_axes_measure (cr, x, "Active latents of a token (L0)", &y, NULL, &axes, &inner, &plot);
  for (guint e = 0; e < self->series->len; e++)
    {
      const Series *series = &g_array_index (self->series, Series, e);
      double rgb[3];

      cyt_figure_get_class_color (e, rgb);
      cyt_figure_set_color (cr, rgb);
      cairo_set_line_width (cr, style->line);
      draw_line (self, cr, measure, series, x, &y, &plot);
      for (guint i = 0; i < self->rows->len; i++)
        {
          const CytSweepRow *row = self->rows->pdata[i];
          const Series own = get_series (row);

          if (compare_series (&own, series) == 0 && !isnan (values[i]))
            draw_marker (cr, style, e, plot.x + cyt_axis_to_unit (x, row->l0) * plot.width,
                         plot.y + (1 - cyt_axis_to_unit (&y, values[i])) * plot.height);
        }
    }
  cyt_axes_draw (cr, x, "Active latents of a token (L0)", &y, NULL, &axes, &plot);
  cyt_figure_set_color (cr, style->ink);
  cyt_figure_text_draw (cr, &bold, outer->x, outer->y + ascent, 0, outer->width, measures[measure].title);
}

static char *
name_series (const Series *series)
{
  g_autofree char *number = cyt_figure_format ("%g", series->expansion);

  return g_strdup_printf ("%s, %s latents per dimension", cyt_train_variant_get_name (series->variant), number);
}

/* Returns the height. */
static double
draw_legend (const Plot *self, cairo_t *cr, const CytFigureStyle *style, double y, double width)
{
  const CytFigureFont text = CYT_FIGURE_TEXT (style);
  double ascent, descent, x = 0, top = y;

  cyt_figure_text_get_metrics (cr, &text, &ascent, &descent);
  for (guint e = 0; e < self->series->len; e++)
    {
      g_autofree char *name = name_series (&g_array_index (self->series, Series, e));
      double length = 2.5 * style->text_size, advance = length + style->gap + cyt_figure_text_measure (cr, &text, name), rgb[3];

      if (x > 0 && x + advance > width)
        {
          x = 0;
          y += ascent + descent + style->gap;
        }
      cyt_figure_get_class_color (e, rgb);
      cyt_figure_set_color (cr, rgb);
      cairo_set_line_width (cr, style->line);
      cairo_move_to (cr, x, y + (ascent + descent) / 2);
      cairo_rel_line_to (cr, length, 0);
      cairo_stroke (cr);
      draw_marker (cr, style, e, x + length / 2, y + (ascent + descent) / 2);
      cyt_figure_set_color (cr, style->ink);
      cyt_figure_text_draw (cr, &text, x + length + style->gap, y + ascent, 0, INFINITY, name);
      x += advance + 4 * style->gap;
    }
  return y + ascent + descent + 2 * style->gap - top;
}

static double
draw (cairo_t *cr, const CytFigureStyle *style, double width, gpointer data)
{
  const Plot *self = data;
  guint n_columns = (guint) CLAMP (floor (width / (MIN_PANEL * style->text_size / 6)), 1, 3);
  double gap = 4 * style->gap, panel = (width - (n_columns - 1) * gap) / n_columns, y;
  g_autofree double *l0 = g_new (double, self->rows->len);
  CytAxis x;

  for (guint i = 0; i < self->rows->len; i++)
    l0[i] = ((const CytSweepRow *) self->rows->pdata[i])->l0;
  cyt_axis_init_values (&x, CYT_AXIS_LOG, FALSE, l0, self->rows->len, 0.05);
  y = draw_legend (self, cr, style, 0, width);
  for (guint i = 0; i < self->shown->len; i++)
    {
      cairo_rectangle_t outer = { i % n_columns * (panel + gap), y + i / n_columns * (panel * ASPECT + gap), panel, panel * ASPECT };

      draw_panel (self, cr, style, g_array_index (self->shown, guint, i), &x, &outer);
    }
  return y + (self->shown->len + n_columns - 1) / n_columns * (panel * ASPECT + gap) - gap + style->gap;
}

/* ---- What is drawn ---- */

static int
compare_settings (gconstpointer a, gconstpointer b)
{
  const Setting *x = a, *y = b;

  int order = compare_series (&x->series, &y->series);

  return order != 0 ? order : (x->l0 > y->l0) - (x->l0 < y->l0);
}

static Setting *
get_setting (Plot *self, const CytSweepRow *row)
{
  Setting new = { get_series (row), row->sparsity };

  for (guint i = 0; i < self->settings->len; i++)
    {
      Setting *setting = &g_array_index (self->settings, Setting, i);

      if (compare_series (&setting->series, &new.series) == 0 && setting->sparsity == row->sparsity)
        return setting;
    }
  g_array_append_val (self->settings, new);
  return &g_array_index (self->settings, Setting, self->settings->len - 1);
}

/* Mean of a measure over the rows of a setting that know it. */
static double
get_mean (const Plot *self, const Setting *setting, gsize offset)
{
  double sum = 0;
  guint n = 0;

  for (guint i = 0; i < self->rows->len; i++)
    {
      const CytSweepRow *row = self->rows->pdata[i];
      const Series series = get_series (row);
      double value = G_STRUCT_MEMBER (double, row, offset);

      if (compare_series (&series, &setting->series) != 0 || row->sparsity != setting->sparsity || isnan (value))
        continue;
      sum += value;
      n++;
    }
  return n > 0 ? sum / n : NAN;
}

static void
arrange (Plot *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      const CytSweepRow *row = self->rows->pdata[i];
      const Series series = get_series (row);
      gboolean known = FALSE;

      get_setting (self, row)->n++;
      for (guint e = 0; e < self->series->len; e++)
        known |= compare_series (&g_array_index (self->series, Series, e), &series) == 0;
      if (!known)
        g_array_append_val (self->series, series);
    }
  for (guint i = 0; i < self->settings->len; i++)
    {
      Setting *setting = &g_array_index (self->settings, Setting, i);

      setting->l0 = get_mean (self, setting, G_STRUCT_OFFSET (CytSweepRow, l0));
      for (guint m = 0; m < G_N_ELEMENTS (measures); m++)
        setting->values[m] = get_mean (self, setting, measures[m].offset);
    }
  for (guint m = 0; m < G_N_ELEMENTS (measures); m++)
    {
      gboolean known = FALSE;

      for (guint i = 0; i < self->rows->len; i++)
        known |= !isnan (get_value (self->rows->pdata[i], m));
      if (known)
        g_array_append_val (self->shown, m);
    }
  g_array_sort (self->series, compare_series);
  g_array_sort (self->settings, compare_settings);
}

static char *
make_caption (const Plot *self, gboolean simulated)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text,
                          "%u sparse autoencoders on held-out cells, by the mean number of active latents of a token (L0). Points: "
                          "autoencoders; lines: means over seeds. ", self->rows->len);
  for (guint i = 0; i < self->settings->len; i++)
    {
      const Setting *setting = &g_array_index (self->settings, Setting, i);
      g_autofree char *sparsity = cyt_figure_format ("%g", setting->sparsity), *series = name_series (&setting->series),
                      *l0 = cyt_figure_format ("%.4g", setting->l0);

      g_string_append_printf (text, "%s%s, %s = %s (%u %s): L0 %s", i > 0 ? "; " : "", series,
                              cyt_sweep_get_sparsity_name (setting->series.variant), sparsity, setting->n,
                              setting->n == 1 ? "seed" : "seeds", l0);
      for (guint s = 0; s < self->shown->len; s++)
        {
          const Measure *measure = &measures[g_array_index (self->shown, guint, s)];
          double value = setting->values[g_array_index (self->shown, guint, s)];
          g_autofree char *number = cyt_figure_format (measure->percent ? "%.1f" : "%.3f", measure->percent ? 100 * value : value);
          g_autofree char *title = g_utf8_strdown (measure->title, 1);

          if (!isnan (value))
            g_string_append_printf (text, ", %s%s %s%s", title, measure->title + 1, number, measure->percent ? " %" : "");
        }
    }
  g_string_append_c (text, '.');
  if (simulated)
    g_string_append (text, " Cells are SIMULATED.");
  return g_string_free (text, FALSE);
}

CytFigure *
cyt_sweep_figure_new (CytProject *project, const char *table, GError **error)
{
  g_autoptr (CytFigureProvenance) provenance = cyt_figure_provenance_new (project, "sweep", error);
  g_autoptr (GPtrArray) rows = provenance != NULL ? cyt_sweep_table_read_csv (table, error) : NULL;
  CytFigure *figure;
  Plot *self;

  if (rows == NULL)
    return NULL;
  for (guint i = rows->len; i > 0; i--)
    if (!(((const CytSweepRow *) rows->pdata[i - 1])->l0 > 0))
      g_ptr_array_remove_index (rows, i - 1);
  if (rows->len == 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "%s: no row knows its l0", table);
      return NULL;
    }
  self = g_new0 (Plot, 1);
  self->rows = g_steal_pointer (&rows);
  self->settings = g_array_new (FALSE, TRUE, sizeof (Setting));
  self->series = g_array_new (FALSE, FALSE, sizeof (Series));
  self->shown = g_array_new (FALSE, FALSE, sizeof (guint));
  arrange (self);
  cyt_figure_provenance_add_path (provenance, "--table", table);
  figure = cyt_figure_new (draw, self, (GDestroyNotify) plot_free, NULL);
  g_free (figure->title);
  g_free (figure->caption);
  figure->title = g_strdup ("Sparsity sweep");
  figure->caption = make_caption (self, provenance->simulated);
  figure->provenance = g_steal_pointer (&provenance);
  return figure;
}
