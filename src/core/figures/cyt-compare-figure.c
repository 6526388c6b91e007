/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "analysis/cyt-comparison.h"
#include "figures/cyt-compare-figure.h"
#include "figures/cyt-figure-cohort.h"
#include "figures/cyt-figure-plot.h"

#define MAX_SIDE 300.0     /* points: wider figures have the list beside the plot */
#define MIN_LIST 120.0
#define DIAMETER 1.6       /* of a point, in line widths × 4 */

typedef struct
{
  CytFigureCohort *cohort;
  char *a, *b;             /* b NULL: all others */
  gsize n_a, n_b;
  GArray *differences;     /* of CytDifference, most above in a first */
  guint n_highlights, n_labels;
  double largest;
} Plot;

static void
plot_free (Plot *self)
{
  cyt_figure_cohort_free (self->cohort);
  g_array_unref (self->differences);
  g_free (self->a);
  g_free (self->b);
  g_free (self);
}

static const CytDifference *
get_difference (const Plot *self, guint i)
{
  return &g_array_index (self->differences, CytDifference, i);
}

/* How many of the first, or of the last, are above in that disease and to be marked. */
static guint
count_marked (const Plot *self, gboolean above_in_a, guint n_wanted)
{
  guint n = 0;

  while (n < MIN (n_wanted, self->differences->len))
    {
      double difference = get_difference (self, above_in_a ? n : self->differences->len - 1 - n)->difference;

      if (above_in_a ? !(difference > 0) : !(difference < 0))
        break;
      n++;
    }
  return n;
}

static void
get_colors (const Plot *self, double *a, double *b)
{
  int color = cyt_figure_cohort_get_color (self->cohort, self->b);

  cyt_figure_get_class_color ((guint) cyt_figure_cohort_get_color (self->cohort, self->a), a);
  if (color >= 0)
    cyt_figure_get_class_color ((guint) color, b);
  else
    b[0] = b[1] = b[2] = 0.1;
}

/* ---- Drawing ---- */

static void
draw_points (const Plot *self, cairo_t *cr, const CytFigureStyle *style, const CytAxis *axis, const cairo_rectangle_t *plot)
{
  guint n = self->differences->len, n_a = count_marked (self, TRUE, self->n_highlights),
        n_b = count_marked (self, FALSE, self->n_highlights), n_grey = 0;
  g_autofree CytFigurePoint *points = g_new (CytFigurePoint, n + 1), *marked = g_new (CytFigurePoint, n_a + n_b + 1);
  double a[3], b[3];

  get_colors (self, a, b);
  for (guint i = 0; i < n; i++)
    {
      const CytDifference *d = get_difference (self, i);
      const double *rgb = i < n_a ? a : b;
      CytFigurePoint point = { cyt_axis_to_unit (axis, d->mean_a), cyt_axis_to_unit (axis, d->mean_b), { 185, 187, 192 } };

      if (i >= n_a && i < n - n_b)
        points[n_grey++] = point;
      else
        {
          for (guint c = 0; c < 3; c++)
            point.rgb[c] = (guint8) lround (255 * rgb[c]);
          marked[i < n_a ? i : n_a + n - 1 - i] = point;
        }
    }
  cyt_figure_draw_points (cr, plot, points, n_grey, 4 * DIAMETER * style->line * 0.8);
  cyt_figure_draw_points (cr, plot, marked, n_a + n_b, 4 * DIAMETER * style->line);
}

static void
draw_names (const Plot *self, cairo_t *cr, const CytFigureStyle *style, const CytAxis *axis, const cairo_rectangle_t *plot)
{
  guint n = self->differences->len, n_a = count_marked (self, TRUE, self->n_highlights),
        n_b = count_marked (self, FALSE, self->n_highlights);
  g_autoptr (CytFigureLabels) labels = cyt_figure_labels_new (plot);
  double reach = 2 * DIAMETER * style->line;

  for (guint side = 0; side < 2; side++)
    for (guint i = 0; i < (side == 0 ? n_a : n_b); i++)
      {
        const CytDifference *d = get_difference (self, side == 0 ? i : n - 1 - i);

        cyt_figure_labels_block (labels, plot->x + cyt_axis_to_unit (axis, d->mean_a) * plot->width,
                                 plot->y + (1 - cyt_axis_to_unit (axis, d->mean_b)) * plot->height, reach);
      }
  for (guint i = 0; i < self->n_labels; i++)
    for (guint side = 0; side < 2; side++)
      if (i < (side == 0 ? n_a : n_b))
        {
          const CytDifference *d = get_difference (self, side == 0 ? i : n - 1 - i);
          g_autofree char *name = cyt_figure_cohort_dup_name (self->cohort, d->latent);

          cyt_figure_labels_place (labels, cr, style, plot->x + cyt_axis_to_unit (axis, d->mean_a) * plot->width,
                                   plot->y + (1 - cyt_axis_to_unit (axis, d->mean_b)) * plot->height, reach, name);
        }
}

static void
draw_diagonal (cairo_t *cr, const CytFigureStyle *style, const cairo_rectangle_t *plot)
{
  const double dashes[] = { 4 * style->line, 4 * style->line };

  cairo_save (cr);
  cyt_figure_set_color (cr, style->faint);
  cairo_set_line_width (cr, style->thin);
  cairo_set_dash (cr, dashes, 2, 0);
  cairo_move_to (cr, plot->x, plot->y + plot->height);
  cairo_line_to (cr, plot->x + plot->width, plot->y);
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* Names, effect sizes and q of the strongest of one side; returns the height. */
static double
draw_list (const Plot *self, cairo_t *cr, const CytFigureStyle *style, gboolean above_in_a, double x, double y, double width)
{
  const CytFigureFont bold = CYT_FIGURE_TITLE (style), small = CYT_FIGURE_SMALL (style);
  guint n = count_marked (self, above_in_a, 2 * self->n_labels);
  g_autofree char *heading = g_strdup_printf ("More in %s", above_in_a ? self->a : self->b != NULL ? self->b : "all others");
  double a[3], b[3], ascent, descent, top = y, column = 5.5 * style->small_size;

  get_colors (self, a, b);
  cyt_figure_text_get_metrics (cr, &bold, &ascent, &descent);
  cyt_figure_set_color (cr, above_in_a ? a : b);
  cairo_arc (cr, x + ascent / 2, y + (ascent + descent) / 2, ascent / 3, 0, 2 * G_PI);
  cairo_fill (cr);
  cyt_figure_set_color (cr, style->ink);
  cyt_figure_text_draw (cr, &bold, x + 1.2 * ascent, y + ascent, 0, width - 3 * column - 1.2 * ascent, heading);
  cyt_figure_set_color (cr, style->faint);
  cyt_figure_text_draw (cr, &small, x + width - 2 * column, y + ascent, 1, column, "difference");
  cyt_figure_text_draw (cr, &small, x + width - column, y + ascent, 1, column, "effect");
  cyt_figure_text_draw (cr, &small, x + width, y + ascent, 1, column, "q");
  y += ascent + descent + style->gap / 2;
  cyt_figure_text_get_metrics (cr, &small, &ascent, &descent);
  for (guint i = 0; i < n; i++)
    {
      const CytDifference *d = get_difference (self, above_in_a ? i : self->differences->len - 1 - i);
      g_autofree char *name = cyt_figure_cohort_dup_full_name (self->cohort, d->latent), *q = cyt_figure_format_p (d->q),
                      *difference = cyt_figure_format ("%+.3g", d->difference),
                      *effect = cyt_figure_format ("%+.2f", d->effect);

      cyt_figure_set_color (cr, style->ink);
      cyt_figure_text_draw (cr, &small, x, y + ascent, 0, width - 3 * column, name);
      cyt_figure_text_draw (cr, &small, x + width - 2 * column, y + ascent, 1, column, difference);
      cyt_figure_text_draw (cr, &small, x + width - column, y + ascent, 1, column, effect);
      cyt_figure_text_draw (cr, &small, x + width, y + ascent, 1, column, q);
      y += ascent + descent;
    }
  return y - top;
}

static double
draw (cairo_t *cr, const CytFigureStyle *style, double width, gpointer data)
{
  const Plot *self = data;
  gboolean has_list = width > MAX_SIDE + MIN_LIST && self->n_labels > 0;
  double side = has_list ? MIN (MAX_SIDE, 0.55 * width) : MIN (width, 1.5 * MAX_SIDE), height;
  g_autofree char *x_title = g_strdup_printf ("%s (active tokens per image)", self->a);
  g_autofree char *y_title = g_strdup_printf ("%s (active tokens per image)", self->b != NULL ? self->b : "All others");
  cairo_rectangle_t outer = { 0, 0, side, side }, plot;
  CytAxesStyle axes;
  CytAxis axis;

  cyt_axes_style_init_figure (&axes, style);
  cyt_axis_init (&axis, CYT_AXIS_LINEAR, FALSE, 0, self->largest * 1.05);
  cyt_axes_measure (cr, &axis, x_title, &axis, y_title, &axes, &outer, &plot);
  height = plot.height - plot.width; /* a square plot */
  plot.height = plot.width;
  draw_points (self, cr, style, &axis, &plot);
  draw_diagonal (cr, style, &plot);
  cyt_axes_draw (cr, &axis, x_title, &axis, y_title, &axes, &plot);
  draw_names (self, cr, style, &axis, &plot);
  height = side - height;
  if (has_list)
    {
      double x = side + 4 * style->gap, y = plot.y;

      y += draw_list (self, cr, style, TRUE, x, y, width - x) + 3 * style->gap;
      y += draw_list (self, cr, style, FALSE, x, y, width - x);
      height = MAX (height, y);
    }
  return height;
}

/* ---- What is drawn ---- */

static void
append_side (const Plot *self, GString *text, gboolean above_in_a)
{
  guint n = count_marked (self, above_in_a, MAX (self->n_labels, 1));

  g_string_append_printf (text, " Most above in %s: ", above_in_a ? self->a : self->b != NULL ? self->b : "the others");
  for (guint i = 0; i < n; i++)
    {
      const CytDifference *d = get_difference (self, above_in_a ? i : self->differences->len - 1 - i);
      g_autofree char *name = cyt_figure_cohort_dup_full_name (self->cohort, d->latent), *q = cyt_figure_format_p (d->q),
                      *a = cyt_figure_format ("%.3g", d->mean_a), *b = cyt_figure_format ("%.3g", d->mean_b),
                      *effect = cyt_figure_format ("%.2f", d->effect);

      g_string_append_printf (text, "%s%s (%s against %s, effect size %s, q %s%s)", i > 0 ? "; " : "", name, a, b, effect,
                              q[0] == '<' ? "" : "= ", q);
    }
  g_string_append (text, n > 0 ? "." : "none.");
}

static char *
make_caption (const Plot *self)
{
  GString *text = g_string_new (NULL);
  guint n_significant = 0;

  for (guint i = 0; i < self->differences->len; i++)
    n_significant += get_difference (self, i)->q < 0.05;
  g_string_append_printf (text,
                          "Mean number of active tokens per image of %u latents, %s (%" G_GSIZE_FORMAT " patients) against %s (%"
                          G_GSIZE_FORMAT " patients). Dashed: equal. Coloured: the %u and %u largest differences. "
                          "%u latents differ at q < 0.05 (Mann-Whitney U test over patients, two-sided, corrected after "
                          "Benjamini and Hochberg for all %u that fire); effect size: rank-biserial correlation.",
                          self->differences->len, self->a, self->n_a, self->b != NULL ? self->b : "all others", self->n_b,
                          count_marked (self, TRUE, self->n_highlights), count_marked (self, FALSE, self->n_highlights),
                          n_significant, self->differences->len);
  append_side (self, text, TRUE);
  append_side (self, text, FALSE);
  cyt_figure_cohort_append_caption (self->cohort, text);
  return g_string_free (text, FALSE);
}

static void
add_provenance (const Plot *self)
{
  CytFigureProvenance *provenance = self->cohort->provenance;

  cyt_figure_provenance_add_argument (provenance, "--a", self->a);
  if (self->b != NULL)
    cyt_figure_provenance_add_argument (provenance, "--b", self->b);
  cyt_figure_provenance_add_int (provenance, "--highlights", self->n_highlights);
  cyt_figure_provenance_add_int (provenance, "--labels", self->n_labels);
  for (guint side = 0; side < 2; side++)
    for (guint i = 0; i < count_marked (self, side == 0, self->n_labels); i++)
      cyt_figure_provenance_add_latent (provenance,
                                        get_difference (self, side == 0 ? i : self->differences->len - 1 - i)->latent);
}

CytFigure *
cyt_compare_figure_new (CytProject *project, const CytCompareFigureRequest *request, GCancellable *cancellable,
                        GError **error)
{
  CytBarcodesOptions options = request->barcodes;
  g_autoptr (CytFigureCohort) cohort = NULL;
  g_autoptr (CytComparison) comparison = NULL;
  CytFigure *figure;
  Plot *self;

  options.by = CYT_BARCODES_BY_PATIENT;
  options.norm = CYT_BARCODES_PER_IMAGE;
  if ((cohort = cyt_figure_cohort_new (project, &options, "compare", cancellable, error)) == NULL
      || (comparison = cyt_comparison_new (cohort->barcodes, request->a, request->b, error)) == NULL)
    return NULL;
  self = g_new0 (Plot, 1);
  self->cohort = g_steal_pointer (&cohort);
  self->a = g_strdup (request->a);
  self->b = g_strdup (request->b);
  self->n_a = comparison->n_a;
  self->n_b = comparison->n_b;
  self->differences = g_array_ref (comparison->differences);
  self->n_highlights = request->n_highlights;
  self->n_labels = request->n_labels;
  g_array_sort (self->differences, cyt_difference_compare_difference);
  for (guint i = 0; i < self->differences->len; i++)
    self->largest = MAX (self->largest, MAX (get_difference (self, i)->mean_a, get_difference (self, i)->mean_b));
  add_provenance (self);
  figure = cyt_figure_new (draw, self, (GDestroyNotify) plot_free, NULL);
  g_free (figure->title);
  g_free (figure->caption);
  figure->title = g_strdup_printf ("%s against %s", self->a, self->b != NULL ? self->b : "all others");
  figure->caption = make_caption (self);
  figure->provenance = g_steal_pointer (&self->cohort->provenance);
  return figure;
}
