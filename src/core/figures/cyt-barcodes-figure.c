/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "figures/cyt-barcodes-figure.h"
#include "figures/cyt-figure-cohort.h"
#include "figures/cyt-figure-plot.h"
#include "io/cyt-error.h"

#define HEADROOM 1.35     /* over the highest value, for labels */

typedef struct
{
  CytFigureCohort *cohort;
  GArray *rows;             /* of guint: rows of the barcodes */
  guint n_labels;
  double largest;
} Plot;

static void
plot_free (Plot *self)
{
  cyt_figure_cohort_free (self->cohort);
  g_array_unref (self->rows);
  g_free (self);
}

static void
get_row_color (const Plot *self, guint row, double *rgb)
{
  const CytBarcodes *barcodes = self->cohort->barcodes;
  const CytBarcode *barcode = cyt_barcodes_get_row (barcodes, row);
  int color = cyt_figure_cohort_get_color (self->cohort, barcode->disease);

  if (barcodes->by == CYT_BARCODES_BY_LABEL || barcodes->by == CYT_BARCODES_BY_DATASET)
    color = (int) row;
  if (color >= 0)
    cyt_figure_get_class_color ((guint) color, rgb);
  else
    rgb[0] = rgb[1] = rgb[2] = 0.4;
}

/* ---- Drawing ---- */

typedef struct
{
  guint32 latent;
  double value;
} Peak;

static int
compare_peaks (gconstpointer a, gconstpointer b)
{
  const Peak *x = a, *y = b;

  if (x->value != y->value)
    return x->value > y->value ? -1 : 1;
  return (x->latent > y->latent) - (x->latent < y->latent);
}

/* The highest values; of Peak. */
static GArray *
list_peaks (const CytBarcodes *barcodes, const CytBarcode *row, guint n)
{
  GArray *peaks = g_array_new (FALSE, FALSE, sizeof (Peak));

  for (gsize k = 0; k < barcodes->n_latents; k++)
    {
      Peak peak = { barcodes->latents[k], row->values[k] };

      if (peak.value > 0)
        g_array_append_val (peaks, peak);
    }
  g_array_sort (peaks, compare_peaks);
  g_array_set_size (peaks, MIN (peaks->len, n));
  return peaks;
}

static void
draw_labels (const Plot *self, cairo_t *cr, const CytFigureStyle *style, const CytBarcode *row, const CytAxis *y,
             const cairo_rectangle_t *plot)
{
  g_autoptr (GArray) peaks = list_peaks (self->cohort->barcodes, row, self->n_labels);
  g_autoptr (CytFigureLabels) labels = cyt_figure_labels_new (plot);

  for (guint i = 0; i < peaks->len; i++)
    {
      const Peak *peak = &g_array_index (peaks, Peak, i);

      cyt_figure_labels_block (labels, plot->x + (peak->latent + 0.5) / (double) self->cohort->barcodes->d_sae * plot->width,
                               plot->y + (1 - cyt_axis_to_unit (y, peak->value)) * plot->height, style->thin);
    }
  for (guint i = 0; i < peaks->len; i++)
    {
      const Peak *peak = &g_array_index (peaks, Peak, i);
      g_autofree char *name = cyt_figure_cohort_dup_name (self->cohort, peak->latent);

      cyt_figure_labels_place (labels, cr, style,
                               plot->x + (peak->latent + 0.5) / (double) self->cohort->barcodes->d_sae * plot->width,
                               plot->y + (1 - cyt_axis_to_unit (y, peak->value)) * plot->height, style->gap / 2, name);
    }
}

static char *
describe_row (const CytBarcodes *barcodes, const CytBarcode *row)
{
  if (barcodes->by == CYT_BARCODES_BY_PATIENT)
    return g_strdup_printf ("%s · %" G_GSIZE_FORMAT " cells", row->disease != NULL ? row->disease : "disease not given",
                            row->n_cells);
  if (barcodes->by == CYT_BARCODES_BY_DISEASE)
    return g_strdup_printf ("%" G_GSIZE_FORMAT " patients, %" G_GSIZE_FORMAT " cells", row->n_patients, row->n_cells);
  return g_strdup_printf ("%" G_GSIZE_FORMAT " cells", row->n_cells);
}

/* Draws a row in @outer; the x axis below the last one only. */
static void
draw_row (const Plot *self, cairo_t *cr, const CytFigureStyle *style, guint i, const CytAxis *x, const CytAxis *y,
          const CytAxesStyle *axes, const cairo_rectangle_t *plot)
{
  guint number = g_array_index (self->rows, guint, i);
  const CytBarcodes *barcodes = self->cohort->barcodes;
  const CytBarcode *row = cyt_barcodes_get_row (barcodes, number);
  const CytFigureFont bold = CYT_FIGURE_TITLE (style), small = CYT_FIGURE_SMALL (style);
  g_autofree char *facts = describe_row (barcodes, row);
  double rgb[3], at = plot->x;

  get_row_color (self, number, rgb);
  cyt_figure_set_color (cr, rgb);
  cyt_figure_draw_bars (cr, barcodes->latents, row->values, barcodes->n_latents, barcodes->d_sae, y, plot->x, plot->width,
                        plot->y + plot->height, plot->height, FALSE);
  cyt_axes_draw (cr, i + 1 == self->rows->len ? x : NULL, i + 1 == self->rows->len ? "Latent" : NULL, y, NULL, axes, plot);
  cyt_figure_set_color (cr, style->rule);
  cairo_set_line_width (cr, style->thin);
  cairo_move_to (cr, plot->x, plot->y + plot->height);
  cairo_rel_line_to (cr, plot->width, 0);
  cairo_stroke (cr);
  draw_labels (self, cr, style, row, y, plot);
  cyt_figure_set_color (cr, style->ink);
  at += cyt_figure_text_draw (cr, &bold, at, plot->y - style->gap, 0, plot->width / 2, row->name) + style->gap;
  cyt_figure_set_color (cr, style->faint);
  cyt_figure_text_draw (cr, &small, at, plot->y - style->gap, 0, plot->x + plot->width - at, facts);
}

static double
draw (cairo_t *cr, const CytFigureStyle *style, double width, gpointer data)
{
  const Plot *self = data;
  const CytFigureFont bold = CYT_FIGURE_TITLE (style), small = CYT_FIGURE_SMALL (style);
  double line, ascent, descent, height = (self->rows->len <= 2 ? 16 : self->rows->len <= 8 ? 10 : 6) * style->title_size;
  double left, y = 0;
  CytAxesStyle axes;
  CytAxis x_axis, y_axis;
  cairo_rectangle_t outer, plot;

  cyt_figure_text_get_metrics (cr, &bold, &line, &descent);
  line += descent + style->gap;
  cyt_figure_text_get_metrics (cr, &small, &ascent, &descent);
  cyt_axes_style_init_figure (&axes, style);
  cyt_axis_init (&x_axis, CYT_AXIS_LINEAR, FALSE, 0, (double) self->cohort->barcodes->d_sae);
  cyt_axis_init (&y_axis, CYT_AXIS_LINEAR, FALSE, 0, self->largest * (self->n_labels > 0 ? HEADROOM : 1.02));
  left = ascent + descent + style->gap; /* one title for all y axes */
  for (guint i = 0; i < self->rows->len; i++)
    {
      gboolean last = i + 1 == self->rows->len;

      /* measured with the x axis, so that all plots have the same width and the last one its axis below */
      outer = (cairo_rectangle_t){ left, 0, width - left, 1000 };
      cyt_axes_measure (cr, &x_axis, "Latent", &y_axis, NULL, &axes, &outer, &plot);
      plot.y = y + line;
      draw_row (self, cr, style, i, &x_axis, &y_axis, &axes,
                &(cairo_rectangle_t){ plot.x, plot.y, plot.width, height });
      y = plot.y + height + style->gap;
      if (last)
        y += 1000 - plot.height;
    }
  cyt_figure_set_color (cr, style->ink);
  cairo_save (cr);
  cairo_translate (cr, ascent, y / 2);
  cairo_rotate (cr, -G_PI / 2);
  cyt_figure_text_draw (cr, &small, 0, 0, 0.5, y,
                        self->cohort->barcodes->norm == CYT_BARCODES_PER_IMAGE ? "Active tokens per image"
                        : self->cohort->barcodes->norm == CYT_BARCODES_PLAIN   ? "Active tokens"
                                                                               : "Active tokens / number of latents");
  cairo_restore (cr);
  return y;
}

/* ---- What is drawn ---- */

static gboolean
choose_rows (Plot *self, const CytBarcodesFigureRequest *request, CytProject *project, GError **error)
{
  const CytBarcodes *barcodes = self->cohort->barcodes;

  for (guint i = 0; request->rows != NULL ? request->rows[i] != NULL : i < barcodes->rows->len; i++)
    {
      gssize row = request->rows != NULL ? cyt_barcodes_find_row (barcodes, request->rows[i]) : (gssize) i;
      guint number = (guint) row;

      if (row < 0)
        {
          g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s: has no %s \"%s\"", cyt_project_get_path (project),
                       cyt_barcodes_by_get_nick (barcodes->by), request->rows[i]);
          return FALSE;
        }
      g_array_append_val (self->rows, number);
    }
  if (self->rows->len >= 1 && self->rows->len <= CYT_BARCODES_FIGURE_MAX_ROWS)
    return TRUE;
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s: %u barcodes do not fit on a figure, at most %d: choose some",
               cyt_project_get_path (project), self->rows->len, CYT_BARCODES_FIGURE_MAX_ROWS);
  return FALSE;
}

static char *
make_caption (const Plot *self)
{
  const CytBarcodes *barcodes = self->cohort->barcodes;
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "Barcodes by %s: %s each of %" G_GSIZE_FORMAT " latents is active on. Highest values: ",
                          cyt_barcodes_by_get_nick (barcodes->by),
                          barcodes->norm == CYT_BARCODES_PER_IMAGE ? "the mean number of tokens per image that" : "tokens that",
                          barcodes->n_latents);
  for (guint i = 0; i < self->rows->len; i++)
    {
      const CytBarcode *row = cyt_barcodes_get_row (barcodes, g_array_index (self->rows, guint, i));
      g_autofree char *facts = describe_row (barcodes, row);
      g_autoptr (GArray) peaks = list_peaks (barcodes, row, MAX (self->n_labels, 1));

      g_string_append_printf (text, "%s%s (%s): ", i > 0 ? "; " : "", row->name, facts);
      for (guint p = 0; p < peaks->len; p++)
        {
          const Peak *peak = &g_array_index (peaks, Peak, p);
          g_autofree char *name = cyt_figure_cohort_dup_full_name (self->cohort, peak->latent);
          g_autofree char *value = cyt_figure_format ("%.4g", peak->value);

          g_string_append_printf (text, "%s%s %s", p > 0 ? ", " : "", name, value);
        }
    }
  g_string_append_c (text, '.');
  cyt_figure_cohort_append_caption (self->cohort, text);
  return g_string_free (text, FALSE);
}

CytFigure *
cyt_barcodes_figure_new (CytProject *project, const CytBarcodesFigureRequest *request, GCancellable *cancellable,
                         GError **error)
{
  CytFigureCohort *cohort = cyt_figure_cohort_new (project, &request->barcodes, "barcodes", cancellable, error);
  Plot *self;
  CytFigure *figure;

  if (cohort == NULL)
    return NULL;
  self = g_new0 (Plot, 1);
  self->cohort = cohort;
  self->rows = g_array_new (FALSE, FALSE, sizeof (guint));
  self->n_labels = request->n_labels;
  if (!choose_rows (self, request, project, error))
    {
      plot_free (self);
      return NULL;
    }
  cyt_figure_provenance_add_argument (cohort->provenance, "--by", cyt_barcodes_by_get_nick (cohort->barcodes->by));
  cyt_figure_provenance_add_argument (cohort->provenance, "--normalise", cyt_barcodes_norm_get_nick (cohort->barcodes->norm));
  cyt_figure_provenance_add_int (cohort->provenance, "--labels", self->n_labels);
  for (guint i = 0; i < self->rows->len; i++)
    {
      const CytBarcode *row = cyt_barcodes_get_row (cohort->barcodes, g_array_index (self->rows, guint, i));

      cyt_figure_provenance_add_argument (cohort->provenance, "--row", row->name);
      for (gsize k = 0; k < cohort->barcodes->n_latents; k++)
        self->largest = MAX (self->largest, row->values[k]);
    }
  figure = cyt_figure_new (draw, self, (GDestroyNotify) plot_free, NULL);
  g_free (figure->title);
  g_free (figure->caption);
  figure->title = g_strdup_printf ("Barcodes by %s", cyt_barcodes_by_get_nick (cohort->barcodes->by));
  figure->caption = make_caption (self);
  figure->provenance = g_steal_pointer (&cohort->provenance);
  return figure;
}
