/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "figures/cyt-confusion-figure.h"
#include "figures/cyt-figure-cohort.h"
#include "figures/cyt-figure-plot.h"

#define MAX_TILE 60.0
#define DARK 0.9           /* share from which the number is white: before, black has more contrast */

typedef struct
{
  CytFigureCohort *cohort;
  CytClassification *result;
  gsize n_features;
  gboolean concepts_only;
} Plot;

static void
plot_free (Plot *self)
{
  cyt_figure_cohort_free (self->cohort);
  cyt_classification_free (self->result);
  g_free (self);
}

static double
get_row_sum (const CytClassification *r, guint row)
{
  double sum = 0;

  for (guint k = 0; k < r->n_classes; k++)
    sum += r->confusion[row * r->n_classes + k];
  return sum;
}

/* From white to the accent: one hue, darker for more. */
static void
mix (const CytFigureStyle *style, double share, double *rgb)
{
  for (guint i = 0; i < 3; i++)
    rgb[i] = 1 - share * (1 - style->accent[i]);
}

static void
draw_tile (const Plot *self, cairo_t *cr, const CytFigureStyle *style, guint row, guint column, double x, double y, double size)
{
  static const double white[] = { 1, 1, 1 };
  const CytFigureFont text = CYT_FIGURE_TEXT (style), small = CYT_FIGURE_SMALL (style);
  double count = self->result->confusion[row * self->result->n_classes + column], sum = get_row_sum (self->result, row);
  double share = sum > 0 ? count / sum : 0, rgb[3], ascent, descent, middle = y + size / 2;
  g_autofree char *shown = cyt_figure_format (count < 10 ? "%.2g" : "%.3g", count), *number = cyt_figure_format ("%.0f", 100 * share);
  g_autofree char *percent = g_strdup_printf ("%s %%", number);
  gboolean both;

  mix (style, share, rgb);
  cyt_figure_set_color (cr, rgb);
  cairo_rectangle (cr, x, y, size, size);
  cairo_fill (cr);
  if (!(count > 0))
    return;
  cyt_figure_set_color (cr, share >= DARK ? white : style->ink);
  cyt_figure_text_get_metrics (cr, &text, &ascent, &descent);
  both = size > 3 * (ascent + descent);
  cyt_figure_text_draw (cr, &text, x + size / 2, both ? middle - descent / 2 : middle + (ascent - descent) / 2, 0.5, size, shown);
  if (both)
    cyt_figure_text_draw (cr, &small, x + size / 2, middle + ascent, 0.5, size, percent);
}

static double
get_widest_class (const Plot *self, cairo_t *cr, const CytFigureFont *font)
{
  double widest = 0;

  for (guint c = 0; c < self->result->n_classes; c++)
    widest = MAX (widest, cyt_figure_text_measure (cr, font, self->result->classes[c]));
  return widest;
}

static void
draw_names (const Plot *self, cairo_t *cr, const CytFigureStyle *style, double x, double y, double size)
{
  const CytFigureFont text = CYT_FIGURE_TEXT (style), bold = CYT_FIGURE_TITLE (style);
  guint n = self->result->n_classes;
  double ascent, descent, widest = get_widest_class (self, cr, &text);
  gboolean slanted = widest > size - style->gap;

  cyt_figure_text_get_metrics (cr, &text, &ascent, &descent);
  cyt_figure_set_color (cr, style->ink);
  for (guint c = 0; c < n; c++)
    {
      g_autofree char *row = g_strdup_printf ("%s (%.0f)", self->result->classes[c], get_row_sum (self->result, c));

      cyt_figure_text_draw (cr, &text, x - style->gap, y + (c + 0.5) * size + (ascent - descent) / 2, 1, x - style->gap, row);
      cairo_save (cr);
      cairo_translate (cr, x + (c + 0.5) * size, y - style->gap);
      if (slanted)
        cairo_rotate (cr, -G_PI / 4);
      cyt_figure_text_draw (cr, &text, 0, 0, slanted ? 0 : 0.5, INFINITY, self->result->classes[c]);
      cairo_restore (cr);
    }
  cyt_figure_text_draw (cr, &bold, x + n * size / 2, y - 2 * style->gap - ascent - descent - (slanted ? widest * G_SQRT2 / 2 : 0),
                        0.5, INFINITY, "Predicted");
}

static double
draw (cairo_t *cr, const CytFigureStyle *style, double width, gpointer data)
{
  const Plot *self = data;
  const CytFigureFont text = CYT_FIGURE_TEXT (style), bold = CYT_FIGURE_TITLE (style);
  guint n = self->result->n_classes;
  double ascent, descent, title, widest = get_widest_class (self, cr, &text), left, right = 0, top, size;

  cyt_figure_text_get_metrics (cr, &text, &ascent, &descent);
  cyt_figure_text_get_metrics (cr, &bold, &title, NULL);
  left = MIN (widest + cyt_figure_text_measure (cr, &text, " (000)"), width / 2) + style->gap;
  size = MIN (MAX_TILE, (width - left) / n);
  if (widest > size - style->gap) /* the last slanted name reaches over the edge */
    {
      right = MAX (0, widest * G_SQRT2 / 2 - size / 2);
      size = MIN (size, (width - left - right) / n);
    }
  top = title + ascent + descent + 3 * style->gap + (widest > size - style->gap ? widest * G_SQRT2 / 2 : 0);
  for (guint row = 0; row < n; row++)
    for (guint column = 0; column < n; column++)
      draw_tile (self, cr, style, row, column, left + column * size, top + row * size, size);
  cyt_figure_set_color (cr, style->rule);
  cairo_set_line_width (cr, style->thin);
  for (guint i = 0; i <= n; i++)
    {
      cairo_move_to (cr, left + i * size, top);
      cairo_rel_line_to (cr, 0, n * size);
      cairo_move_to (cr, left, top + i * size);
      cairo_rel_line_to (cr, n * size, 0);
    }
  cairo_stroke (cr);
  draw_names (self, cr, style, left, top, size);
  cyt_figure_set_color (cr, style->ink);
  cyt_figure_text_draw (cr, &bold, 0, top - style->gap, 0, left, "Disease");
  return top + n * size + style->gap;
}

static void
append_estimate (GString *text, const char *name, const CytEstimate *e)
{
  g_autofree char *mean = cyt_figure_format ("%.3f", e->mean), *deviation = cyt_figure_format ("%.3f", e->deviation),
                  *low = cyt_figure_format ("%.3f", e->low), *high = cyt_figure_format ("%.3f", e->high);

  g_string_append_printf (text, " %s %s ± %s [%s, %s]", name, mean, deviation, low, high);
}

static char *
make_caption (const Plot *self)
{
  const CytClassification *r = self->result;
  GString *text = g_string_new (NULL);

  g_string_append_printf (text,
                          "Patients by disease (rows) and predicted disease (columns), mean number over %u %s of a %u-fold "
                          "cross-validation by patient, stratified by disease; per cent of the row. L2 logistic regression on "
                          "the barcodes' %" G_GSIZE_FORMAT " %s, all fitted inside the training folds; %" G_GSIZE_FORMAT
                          " patients. Mean ± s.d. over folds [95 %% bootstrap interval over patients]:",
                          r->n_repeats, r->n_repeats == 1 ? "repeat" : "repeats", r->n_folds, self->n_features, self->concepts_only ? "named concepts" : "latents", r->n);
  append_estimate (text, "weighted F1", &r->weighted_f1);
  g_string_append_c (text, ';');
  append_estimate (text, "macro F1", &r->macro_f1);
  g_string_append_c (text, ';');
  append_estimate (text, "balanced accuracy", &r->balanced_accuracy);
  g_string_append_c (text, ';');
  append_estimate (text, "AUROC", &r->auroc);
  if (!isnan (r->p))
    {
      g_autofree char *p = cyt_figure_format ("%.2g", r->p), *mean = cyt_figure_format ("%.3f", r->shuffled_mean);

      g_string_append_printf (text, "; permutation p = %s (shuffled diseases: weighted F1 %s)", p, mean);
    }
  g_string_append_c (text, '.');
  cyt_figure_cohort_append_caption (self->cohort, text);
  return g_string_free (text, FALSE);
}

static void
add_provenance (CytFigureProvenance *provenance, const CytConfusionFigureRequest *request)
{
  if (request->concepts_only)
    cyt_figure_provenance_add_argument (provenance, "--concepts-only", NULL);
  cyt_figure_provenance_add_int (provenance, "--folds", request->classification.n_folds);
  cyt_figure_provenance_add_int (provenance, "--repeats", request->classification.n_repeats);
  cyt_figure_provenance_add_int (provenance, "--permutations", request->classification.n_permutations);
  cyt_figure_provenance_add_int (provenance, "--seed", request->classification.seed);
  provenance->seed = request->classification.seed;
}

CytFigure *
cyt_confusion_figure_new (CytProject *project, const CytConfusionFigureRequest *request, CytProgress *progress,
                          GCancellable *cancellable, GError **error)
{
  CytBarcodesOptions options = request->barcodes;
  g_autoptr (CytFigureCohort) cohort = NULL;
  g_autoptr (CytFeatures) features = NULL;
  g_autoptr (CytClassification) result = NULL;
  CytFigure *figure;
  Plot *self;

  options.by = CYT_BARCODES_BY_PATIENT;
  options.norm = CYT_BARCODES_PER_IMAGE;
  if ((cohort = cyt_figure_cohort_new (project, &options, "confusion", cancellable, error)) == NULL
      || (features = cyt_features_new_from_barcodes (cohort->barcodes, request->concepts_only ? cohort->concepts : NULL,
                                                     error)) == NULL
      || (result = cyt_classification_run (cohort->barcodes, features, &request->classification, progress, cancellable,
                                           error)) == NULL)
    return NULL;
  self = g_new0 (Plot, 1);
  self->cohort = g_steal_pointer (&cohort);
  self->result = g_steal_pointer (&result);
  self->n_features = features->n;
  self->concepts_only = request->concepts_only;
  add_provenance (self->cohort->provenance, request);
  figure = cyt_figure_new (draw, self, (GDestroyNotify) plot_free, NULL);
  g_free (figure->title);
  g_free (figure->caption);
  figure->title = g_strdup ("Predicted diseases");
  figure->caption = make_caption (self);
  figure->provenance = g_steal_pointer (&self->cohort->provenance);
  return figure;
}
