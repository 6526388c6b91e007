/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "analysis/cyt-patients.h"
#include "figures/cyt-correlation-figure.h"
#include "figures/cyt-figure-cohort.h"
#include "figures/cyt-figure-plot.h"
#include "io/cyt-error.h"

#define STRIP 4.0          /* of the diseases' colours beside the matrix */
#define MAX_SIDE 420.0
#define COLORMAP CYT_COLORMAP_VIRIDIS

typedef struct
{
  CytFigureCohort *cohort;
  gsize n;
  double *r;               /* (n, n) */
  double smallest;
} Plot;

static void
plot_free (Plot *self)
{
  cyt_figure_cohort_free (self->cohort);
  g_free (self->r);
  g_free (self);
}

static const char *
get_disease (const Plot *self, gsize i)
{
  return cyt_barcodes_get_row (self->cohort->barcodes, i)->disease;
}

/* Where the next disease begins after row @i. */
static gsize
find_next (const Plot *self, gsize i)
{
  gsize next = i + 1;

  while (next < self->n && g_strcmp0 (get_disease (self, next), get_disease (self, i)) == 0)
    next++;
  return next;
}

static void
draw_matrix (const Plot *self, cairo_t *cr, const CytAxis *axis, const cairo_rectangle_t *plot)
{
  g_autofree guint8 *rgb = g_new (guint8, self->n * self->n * 3);

  for (gsize i = 0; i < self->n * self->n; i++)
    if (isnan (self->r[i]))
      rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = 200;
    else
      cyt_colormap_lookup (COLORMAP, cyt_axis_to_unit (axis, self->r[i]), rgb + 3 * i);
  cyt_figure_draw_matrix (cr, plot, rgb, self->n, self->n);
}

/* Strips with the diseases' colours at the top and left, white lines between diseases, and their names above. */
static void
draw_diseases (const Plot *self, cairo_t *cr, const CytFigureStyle *style, const cairo_rectangle_t *plot)
{
  const CytFigureFont font = CYT_FIGURE_SMALL (style);
  double step = plot->width / (double) self->n;

  for (gsize i = 0, next; i < self->n; i = next)
    {
      int color = cyt_figure_cohort_get_color (self->cohort, get_disease (self, i));
      double from = (double) i * step, length;

      next = find_next (self, i);
      length = (double) (next - i) * step;
      if (color >= 0)
        {
          cyt_palette_draw_bar (cr, (guint) color, plot->x + from, plot->y - STRIP - style->gap / 2, length, STRIP);
          cyt_palette_draw_bar (cr, (guint) color, plot->x - STRIP - style->gap / 2, plot->y + from, STRIP, length);
        }
      if (i > 0)
        {
          cairo_set_source_rgb (cr, 1, 1, 1);
          cairo_set_line_width (cr, style->line);
          cairo_move_to (cr, plot->x + from, plot->y - STRIP - style->gap / 2);
          cairo_line_to (cr, plot->x + from, plot->y + plot->height);
          cairo_move_to (cr, plot->x - STRIP - style->gap / 2, plot->y + from);
          cairo_line_to (cr, plot->x + plot->width, plot->y + from);
          cairo_stroke (cr);
        }
      cyt_figure_set_color (cr, style->ink);
      cyt_figure_text_draw (cr, &font, plot->x + from + length / 2, plot->y - STRIP - 1.5 * style->gap, 0.5,
                            length - style->gap, get_disease (self, i) != NULL ? get_disease (self, i) : "not given");
    }
}

/* At the left, where a row is as high as a line. */
static void
draw_names (const Plot *self, cairo_t *cr, const CytFigureStyle *style, const cairo_rectangle_t *plot, double size)
{
  const CytFigureFont font = cyt_figure_style_get_font (style, size, FALSE);
  double step = plot->height / (double) self->n, ascent, descent;

  cyt_figure_text_get_metrics (cr, &font, &ascent, &descent);
  cyt_figure_set_color (cr, style->ink);
  for (gsize i = 0; i < self->n; i++)
    cyt_figure_text_draw (cr, &font, plot->x - STRIP - 1.5 * style->gap,
                          plot->y + ((double) i + 0.5) * step + (ascent - descent) / 2, 1, INFINITY,
                          cyt_barcodes_get_row (self->cohort->barcodes, i)->name);
}

static double
draw (cairo_t *cr, const CytFigureStyle *style, double width, gpointer data)
{
  const Plot *self = data;
  const CytFigureFont font = CYT_FIGURE_SMALL (style);
  double ascent, descent, names = 0, bar, side;
  cairo_rectangle_t plot;
  gboolean has_names;
  CytAxis axis;

  cyt_axis_init (&axis, CYT_AXIS_LINEAR, FALSE, self->smallest, 1);
  cyt_figure_text_get_metrics (cr, &font, &ascent, &descent);
  for (gsize i = 0; i < self->n; i++)
    names = MAX (names, cyt_figure_text_measure (cr, &font, cyt_barcodes_get_row (self->cohort->barcodes, i)->name));
  names = MIN (names, width / 4) + style->gap;
  bar = cyt_figure_measure_value_bar (cr, style, &axis) + 3 * style->gap;
  side = MIN (MAX_SIDE, width - STRIP - style->gap - names - bar);
  has_names = side / (double) self->n >= ascent + descent;
  if (!has_names)
    {
      side = MIN (MAX_SIDE, side + names);
      names = 0;
    }
  plot = (cairo_rectangle_t){ names + STRIP + style->gap, ascent + descent + STRIP + 2 * style->gap, side, side };
  draw_matrix (self, cr, &axis, &plot);
  draw_diseases (self, cr, style, &plot);
  if (has_names)
    draw_names (self, cr, style, &plot, style->small_size);
  cyt_figure_draw_value_bar (cr, style, COLORMAP, &axis, "r", plot.x + side + 3 * style->gap, plot.y, MIN (side, 120));
  return plot.y + side + style->gap;
}

static char *
make_caption (const Plot *self)
{
  GString *text = g_string_new (NULL);
  double within = 0, between = 0;
  gsize n_within = 0, n_between = 0;
  g_autofree char *low = cyt_figure_format ("%.3f", self->smallest);
  g_autofree char *mean_within = NULL, *mean_between = NULL;

  for (gsize i = 0; i < self->n; i++)
    for (gsize j = i + 1; j < self->n; j++)
      {
        double r = self->r[i * self->n + j];

        if (isnan (r) || get_disease (self, i) == NULL || get_disease (self, j) == NULL)
          continue;
        if (g_str_equal (get_disease (self, i), get_disease (self, j)))
          {
            within += r;
            n_within++;
          }
        else
          {
            between += r;
            n_between++;
          }
      }
  mean_within = cyt_figure_format ("%.3f", n_within > 0 ? within / (double) n_within : NAN);
  mean_between = cyt_figure_format ("%.3f", n_between > 0 ? between / (double) n_between : NAN);
  g_string_append_printf (text,
                          "Pearson correlation of the barcodes (active tokens per image, %" G_GSIZE_FORMAT " latents) of %"
                          G_GSIZE_FORMAT " patients, ordered by disease. Smallest r = %s; mean r of two patients of one disease %s (%"
                          G_GSIZE_FORMAT " pairs), of different diseases %s (%" G_GSIZE_FORMAT " pairs).",
                          self->cohort->barcodes->n_latents, self->n, low, mean_within, n_within, mean_between, n_between);
  for (gsize i = 0, next; i < self->n; i = next)
    {
      next = find_next (self, i);
      g_string_append_printf (text, "%s %s: %" G_GSIZE_FORMAT, i > 0 ? "," : "",
                              get_disease (self, i) != NULL ? get_disease (self, i) : "disease not given", next - i);
    }
  g_string_append (text, " patients.");
  cyt_figure_cohort_append_caption (self->cohort, text);
  return g_string_free (text, FALSE);
}

CytFigure *
cyt_correlation_figure_new (CytProject *project, const CytBarcodesOptions *options, GCancellable *cancellable, GError **error)
{
  CytBarcodesOptions by_patient = *options;
  g_autoptr (CytFigureCohort) cohort = NULL;
  CytFigure *figure;
  Plot *self;

  by_patient.by = CYT_BARCODES_BY_PATIENT;
  by_patient.norm = CYT_BARCODES_PER_IMAGE;
  if ((cohort = cyt_figure_cohort_new (project, &by_patient, "correlation", cancellable, error)) == NULL)
    return NULL;
  if (cohort->barcodes->rows->len < 2)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "%s: expected at least two patients, found %u",
                   cyt_project_get_path (project), cohort->barcodes->rows->len);
      return NULL;
    }
  self = g_new0 (Plot, 1);
  self->cohort = g_steal_pointer (&cohort);
  self->n = self->cohort->barcodes->rows->len;
  self->r = g_new (double, self->n * self->n);
  cyt_patients_correlate (self->cohort->barcodes, self->r);
  self->smallest = 1;
  for (gsize i = 0; i < self->n * self->n; i++)
    self->smallest = MIN (self->smallest, isnan (self->r[i]) ? 1 : self->r[i]);
  figure = cyt_figure_new (draw, self, (GDestroyNotify) plot_free, NULL);
  g_free (figure->title);
  g_free (figure->caption);
  figure->title = g_strdup ("Correlation of patients");
  figure->caption = make_caption (self);
  figure->provenance = g_steal_pointer (&self->cohort->provenance);
  return figure;
}
