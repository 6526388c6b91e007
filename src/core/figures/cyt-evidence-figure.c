/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-patients.h"
#include "figures/cyt-evidence-figure.h"
#include "figures/cyt-figure-cohort.h"
#include "figures/cyt-figure-picture.h"
#include "figures/cyt-figure-plot.h"
#include "io/cyt-image.h"

#define MAX_CONCEPTS 5       /* with cells */
#define CELL 54.0            /* points */
#define STRIP 48.0           /* height of the barcode */
#define N_PEAKS 6
#define PAGE 1.44            /* height of what is drawn in widths: what the margins and the notice below leave of A4 */

static const char *const caveats
  = "This page explains a statistical model, not the patient. The scores are shares of logistic functions and no calibrated "
    "probabilities; the model was fitted to few patients and is not validated for any clinical use. A contribution says how the "
    "model used a concept, given all others, and not that the concept causes or marks the disease: concepts that occur together "
    "share their weight, and stain, scanner and laboratory can stand behind them (see confounds). Names of concepts are "
    "opinions of their raters. Cells were picked because they carry the concept and are not representative of the patient.";

/* One concept as it is listed; strings are the figure's own. */
typedef struct
{
  guint32 latent;
  char *name;                /* "Auer rods (#1742)" */
  double contribution;
  gboolean scarce;           /* below the mean of the training patients */
  gsize n_cells;
  GPtrArray *cells;          /* of Cell */
} Concept;

typedef struct
{
  cairo_surface_t *picture;  /* NULL: there is none */
  gboolean has_map;
  CytSparseMap map;
  char *label;
  char *count;
} Cell;

typedef struct
{
  /* words, ready to be set */
  char *title, *disease, *prediction, *validation, *command, *models, *data;
  char *explained;
  gboolean simulated;
  /* scores */
  GStrv classes;
  guint n_classes;
  double *scores;
  guint predicted;
  /* contributions */
  GPtrArray *concepts;       /* of Concept: from most for to most against */
  double rest, constant, decision;
  gsize n_rest;
  /* barcodes */
  gsize d_sae, n_latents;
  guint32 *latents;
  double *patient, *controls;
  char *controls_title;
} Page;

static void
cell_free (Cell *self)
{
  g_clear_pointer (&self->picture, cairo_surface_destroy);
  g_free (self->label);
  g_free (self->count);
  g_free (self);
}

static void
concept_free (Concept *self)
{
  g_free (self->name);
  g_ptr_array_unref (self->cells);
  g_free (self);
}

static void
page_free (Page *self)
{
  g_free (self->title);
  g_free (self->disease);
  g_free (self->prediction);
  g_free (self->validation);
  g_free (self->command);
  g_free (self->models);
  g_free (self->data);
  g_free (self->explained);
  g_strfreev (self->classes);
  g_free (self->scores);
  g_clear_pointer (&self->concepts, g_ptr_array_unref);
  g_free (self->latents);
  g_free (self->patient);
  g_free (self->controls);
  g_free (self->controls_title);
  g_free (self);
}

/* ---- Drawing ---- */

static double
draw_heading (cairo_t *cr, const CytFigureStyle *style, double y, const char *text)
{
  const CytFigureFont bold = CYT_FIGURE_TITLE (style);
  double ascent, descent;

  cyt_figure_text_get_metrics (cr, &bold, &ascent, &descent);
  cyt_figure_set_color (cr, style->ink);
  cyt_figure_text_draw (cr, &bold, 0, y + ascent, 0, INFINITY, text);
  return y + ascent + descent + style->gap;
}

static double
draw_header (const Page *self, cairo_t *cr, const CytFigureStyle *style, double width)
{
  const CytFigureFont large = cyt_figure_style_get_font (style, 1.8 * style->title_size, TRUE), bold = CYT_FIGURE_TITLE (style);
  double ascent, descent, notice;

  cyt_figure_text_get_metrics (cr, &large, &ascent, &descent);
  cyt_figure_set_color (cr, style->warning);
  notice = cyt_figure_text_draw (cr, &bold, width, ascent, 1, INFINITY,
                                 self->simulated ? "RESEARCH USE ONLY   ·   " CYT_IMAGE_SIMULATED_NOTICE : "RESEARCH USE ONLY");
  cyt_figure_set_color (cr, style->ink);
  cyt_figure_text_draw (cr, &large, 0, ascent, 0, width - notice - 4 * style->gap, self->title);
  return ascent + descent + 2 * style->gap;
}

/* At the left what was predicted and how, at the right the scores. */
static double
draw_prediction (const Page *self, cairo_t *cr, const CytFigureStyle *style, double y, double width)
{
  const CytFigureFont text = CYT_FIGURE_TEXT (style), small = CYT_FIGURE_SMALL (style);
  double ascent, descent, left = 0.52 * width, x = left + 6 * style->gap, widest = 0, line, bars, bottom = y, number;

  cyt_figure_set_color (cr, style->ink);
  bottom += cyt_figure_text_draw_paragraph (cr, &text, 0, bottom, left, self->disease) + style->gap;
  bottom += cyt_figure_text_draw_paragraph (cr, &text, 0, bottom, left, self->prediction) + style->gap;
  cyt_figure_set_color (cr, style->faint);
  bottom += cyt_figure_text_draw_paragraph (cr, &small, 0, bottom, left, self->validation);

  cyt_figure_text_get_metrics (cr, &text, &ascent, &descent);
  for (guint c = 0; c < self->n_classes; c++)
    {
      const CytFigureFont bold = cyt_figure_style_get_font (style, style->text_size, TRUE);

      widest = MAX (widest, cyt_figure_text_measure (cr, &bold, self->classes[c]));
    }
  widest = MIN (widest, 0.25 * width);
  number = cyt_figure_text_measure (cr, &text, "0.000") + style->gap;
  bars = x + widest + style->gap;
  line = 1.3 * (ascent + descent);
  cyt_figure_set_color (cr, style->faint);
  cyt_figure_text_draw (cr, &small, bars, y + ascent, 0, INFINITY, "score by disease (they add to 1)");
  y += line;
  for (guint c = 0; c < self->n_classes; c++, y += line)
    {
      const CytFigureFont font = cyt_figure_style_get_font (style, style->text_size, c == self->predicted);
      g_autofree char *shown = cyt_figure_format ("%.3f", self->scores[c]);
      double length = (width - bars - number) * self->scores[c];

      cyt_figure_set_color (cr, style->ink);
      cyt_figure_text_draw (cr, &font, bars - style->gap, y + ascent, 1, widest, self->classes[c]);
      cyt_palette_draw_bar (cr, c, bars, y, length, ascent + descent);
      cyt_figure_set_color (cr, style->ink);
      cyt_figure_text_draw (cr, &font, bars + length + style->gap, y + ascent, 0, INFINITY, shown);
    }
  return MAX (bottom, y) + 3 * style->gap;
}

/* ---- Contributions ---- */

/* A row of the chart: a bar from @zero, where a unit is @scale long; 0: the number alone. */
static void
draw_bar (cairo_t *cr, const CytFigureStyle *style, double y, double line, double names, double zero, double scale,
          const char *name, double value, gboolean bold)
{
  static const double against[] = { 213 / 255.0, 94 / 255.0, 0 };
  const CytFigureFont font = cyt_figure_style_get_font (style, style->small_size, bold);
  g_autofree char *shown = cyt_figure_format ("%+.3g", value);
  double ascent, descent, baseline;

  cyt_figure_text_get_metrics (cr, &font, &ascent, &descent);
  baseline = y + (line + ascent - descent) / 2;
  cyt_figure_set_color (cr, style->ink);
  cyt_figure_text_draw (cr, &font, 0, baseline, 0, names, name);
  cyt_figure_set_color (cr, value < 0 ? against : style->accent);
  cairo_rectangle (cr, zero + MIN (0, value * scale), y + 0.15 * line, fabs (value) * scale, 0.7 * line);
  cairo_fill (cr);
  cyt_figure_set_color (cr, style->ink);
  cyt_figure_text_draw (cr, &font, zero + value * scale + (value * scale < 0 ? -1 : 1) * style->gap, baseline, value * scale < 0,
                        INFINITY, shown);
}

static double
draw_contributions (const Page *self, cairo_t *cr, const CytFigureStyle *style, double y, double width)
{
  const CytFigureFont small = CYT_FIGURE_SMALL (style);
  g_autofree char *heading = g_strdup_printf ("What speaks for %s, and against: contributions to the decision value",
                                              self->explained);
  g_autofree char *rest = g_strdup_printf ("all %" G_GSIZE_FORMAT " other concepts together", self->n_rest);
  double ascent, descent, line, names = 0.4 * width, most_for = 1e-300, most_against = 0, zero, scale;
  double space = cyt_figure_text_measure (cr, &small, "+0.00e−00") + 2 * style->gap;

  y = draw_heading (cr, style, y, heading);
  cyt_figure_text_get_metrics (cr, &small, &ascent, &descent);
  line = 1.15 * (ascent + descent);
  for (guint i = 0; i < self->concepts->len; i++)
    {
      double value = ((const Concept *) self->concepts->pdata[i])->contribution;

      most_for = MAX (most_for, value);
      most_against = MAX (most_against, -value);
    }
  scale = (width - names - space * (most_against > 0 ? 2 : 1)) / (most_for + most_against);
  zero = names + (most_against > 0 ? space : style->gap) + most_against * scale;
  for (guint i = 0; i < self->concepts->len; i++, y += line)
    {
      const Concept *concept = self->concepts->pdata[i];
      g_autofree char *name = g_strdup_printf ("%s%s", concept->name, concept->scarce ? ", less than usual" : "");

      draw_bar (cr, style, y, line, names - style->gap, zero, scale, name, concept->contribution, FALSE);
    }
  cyt_figure_set_color (cr, style->ink);
  cairo_set_line_width (cr, style->thin);
  cairo_move_to (cr, zero, y);
  cairo_rel_line_to (cr, 0, -line * self->concepts->len);
  cairo_stroke (cr);
  if (self->n_rest > 0)
    {
      draw_bar (cr, style, y, line, names, zero, 0, rest, self->rest, FALSE);
      y += line;
    }
  draw_bar (cr, style, y, line, names, zero, 0, "constant", self->constant, FALSE);
  draw_bar (cr, style, y + line, line, names, zero, 0, "decision value: their sum", self->decision, TRUE);
  return y + 2 * line + 3 * style->gap;
}

/* ---- Barcode ---- */

static double
draw_barcode (const Page *self, cairo_t *cr, const CytFigureStyle *style, double y, double width)
{
  const CytFigureFont small = CYT_FIGURE_SMALL (style);
  double ascent, descent, largest = 0;
  g_autoptr (CytFigureLabels) labels = NULL;
  cairo_rectangle_t plot, upper;
  CytAxis axis, x_axis;
  CytAxesStyle axes;

  y = draw_heading (cr, style, y, "Barcode: active tokens per image by latent");
  cyt_figure_text_get_metrics (cr, &small, &ascent, &descent);
  for (gsize k = 0; k < self->n_latents; k++)
    largest = MAX (largest, MAX (self->patient[k], self->controls[k]));
  cyt_axis_init (&axis, CYT_AXIS_LINEAR, FALSE, 0, largest);
  cyt_axis_init (&x_axis, CYT_AXIS_LINEAR, FALSE, 0, (double) self->d_sae);
  cyt_axes_style_init_figure (&axes, style);
  plot = (cairo_rectangle_t){ 0, y, width, STRIP };
  upper = (cairo_rectangle_t){ 0, y, width, STRIP / 2 };
  cyt_figure_set_color (cr, style->accent);
  cyt_figure_draw_bars (cr, self->latents, self->patient, self->n_latents, self->d_sae, &axis, 0, width, y + STRIP / 2,
                        STRIP / 2, FALSE);
  cyt_figure_set_color (cr, style->faint);
  cyt_figure_draw_bars (cr, self->latents, self->controls, self->n_latents, self->d_sae, &axis, 0, width, y + STRIP / 2,
                        STRIP / 2, TRUE);
  cyt_figure_set_color (cr, style->rule);
  cairo_set_line_width (cr, style->thin);
  cairo_move_to (cr, 0, y + STRIP / 2);
  cairo_rel_line_to (cr, width, 0);
  cairo_stroke (cr);
  cyt_axes_draw (cr, &x_axis, NULL, NULL, NULL, &axes, &plot);
  labels = cyt_figure_labels_new (&upper);
  for (guint i = 0; i < MIN (self->concepts->len, N_PEAKS); i++)
    {
      const Concept *concept = self->concepts->pdata[i];

      for (gsize k = 0; k < self->n_latents; k++)
        if (self->latents[k] == concept->latent)
          cyt_figure_labels_place (labels, cr, style, (concept->latent + 0.5) / (double) self->d_sae * width,
                                   y + STRIP / 2 * (1 - cyt_axis_to_unit (&axis, self->patient[k])), style->gap / 2,
                                   concept->name);
    }
  y += STRIP + 3 * style->small_size + style->gap;
  cyt_figure_set_color (cr, style->faint);
  cyt_figure_text_draw (cr, &small, 0, y, 0, width, self->controls_title);
  return y + descent + 3 * style->gap;
}

/* ---- Cells ---- */

static void
draw_cell (cairo_t *cr, const CytFigureStyle *style, const Cell *cell, float scale_max, double x, double y)
{
  const CytFigureFont small = CYT_FIGURE_SMALL (style);
  CytOverlayStyle overlay = CYT_OVERLAY_STYLE_INIT;
  double ascent, descent;

  overlay.scale_max = scale_max;
  if (cell->picture != NULL)
    cyt_figure_picture_draw (cr, cell->picture, cell->has_map ? &cell->map : NULL, &overlay, x, y, CELL);
  else
    cyt_figure_picture_draw_missing (cr, style, x, y, CELL);
  cyt_figure_text_get_metrics (cr, &small, &ascent, &descent);
  cyt_figure_set_color (cr, style->ink);
  cyt_figure_text_draw (cr, &small, x + CELL / 2, y + CELL + ascent + style->gap / 2, 0.5, CELL + style->gap, cell->label);
  cyt_figure_set_color (cr, style->faint);
  cyt_figure_text_draw (cr, &small, x + CELL / 2, y + CELL + 2 * ascent + descent + style->gap / 2, 0.5, CELL + style->gap,
                        cell->count);
}

static float
get_scale (const Concept *concept)
{
  float largest = 0;

  for (guint i = 0; i < concept->cells->len; i++)
    {
      const Cell *cell = concept->cells->pdata[i];

      for (guint p = 0; cell->has_map && p < cell->map.n; p++)
        largest = MAX (largest, cell->map.value[p]);
    }
  return largest;
}

/* Concepts with cells, as many as end above @bottom. */
static double
draw_cells (const Page *self, cairo_t *cr, const CytFigureStyle *style, double y, double width, double bottom)
{
  const CytFigureFont small = CYT_FIGURE_SMALL (style);
  double ascent, descent, names = 14 * style->small_size, step, height;
  guint n_shown = 0, n_cells;

  cyt_figure_text_get_metrics (cr, &small, &ascent, &descent);
  height = CELL + 2 * (ascent + descent) + 1.5 * style->gap;
  n_cells = (guint) MIN (CYT_EVIDENCE_FIGURE_N_CELLS, floor ((width - names) / (CELL + style->gap)));
  step = CELL + style->gap;
  y = draw_heading (cr, style, y, "Cells of the patient that carry the concepts that speak most for it");
  for (guint i = 0; i < self->concepts->len && n_shown < MAX_CONCEPTS && y + height <= bottom; i++)
    {
      const Concept *concept = self->concepts->pdata[i];
      g_autofree char *share = cyt_figure_format ("%+.3g", concept->contribution);
      g_autofree char *words = NULL;

      if (concept->cells->len == 0)
        continue;
      words = g_strdup_printf ("%s\ncontribution %s\ncarried by %" G_GSIZE_FORMAT " %s", concept->name, share, concept->n_cells,
                               concept->n_cells == 1 ? "cell" : "cells");
      cyt_figure_set_color (cr, style->ink);
      cyt_figure_text_draw_paragraph (cr, &small, 0, y, names - style->gap, words);
      for (guint c = 0; c < MIN (concept->cells->len, n_cells); c++)
        draw_cell (cr, style, concept->cells->pdata[c], get_scale (concept), names + c * step, y);
      y += height;
      n_shown++;
    }
  cyt_figure_set_color (cr, style->faint);
  y += cyt_figure_text_draw_paragraph (cr, &small, 0, y, width,
                                       n_shown > 0 ? "Below each cell: its class; tokens above τ and their share of all of the "
                                                     "patient's. Colours: activation by patch, up to the row's largest. CLS: a "
                                                     "token that stands for the whole cell."
                                                   : "None of the patient's cells carries one of the concepts that speak for it.");
  return y + 2 * style->gap;
}

/* ---- The page ---- */

static double
draw_footer (const Page *self, cairo_t *cr, const CytFigureStyle *style, double y, double width)
{
  const CytFigureFont small = CYT_FIGURE_SMALL (style);

  cyt_figure_set_color (cr, style->rule);
  cairo_rectangle (cr, 0, y, width, style->thin);
  cairo_fill (cr);
  y += style->gap;
  cyt_figure_set_color (cr, style->ink);
  y += cyt_figure_text_draw_paragraph (cr, &small, 0, y, width, caveats) + style->gap;
  cyt_figure_set_color (cr, style->faint);
  y += cyt_figure_text_draw_paragraph (cr, &small, 0, y, width, self->data);
  y += cyt_figure_text_draw_paragraph (cr, &small, 0, y, width, self->models);
  return y + cyt_figure_text_draw_paragraph (cr, &small, 0, y, width, self->command);
}

static double
draw (cairo_t *cr, const CytFigureStyle *style, double width, gpointer data)
{
  const Page *self = data;
  double y = draw_header (self, cr, style, width), height = PAGE * width, footer;
  cairo_surface_t *scratch = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *scratch_cr = cairo_create (scratch);

  footer = draw_footer (self, scratch_cr, style, 0, width); /* to learn how much room is left for cells */
  cairo_destroy (scratch_cr);
  cairo_surface_destroy (scratch);
  y = draw_prediction (self, cr, style, y, width);
  y = draw_contributions (self, cr, style, y, width);
  y = draw_barcode (self, cr, style, y, width);
  y = draw_cells (self, cr, style, y, width, height - footer - 2 * (style->gap + style->small_size));
  return draw_footer (self, cr, style, MAX (y, height - footer), width);
}

/* ---- What is drawn ---- */

static gboolean
is_on_cls_alone (const CytEvidenceCell *evidence, double threshold)
{
  for (guint i = 0; i < evidence->map.n; i++)
    if (evidence->map.value[i] > (float) threshold)
      return FALSE;
  return TRUE;
}

static Cell *
cell_new (CytProject *project, const CytEvidenceCell *evidence, double threshold)
{
  Cell *self = g_new0 (Cell, 1);
  g_autofree char *share = cyt_figure_format ("%.0f", 100 * evidence->share);
  gboolean is_thumbnail;

  self->picture = cyt_figure_picture_load_cell (project, evidence->cell, &is_thumbnail);
  self->has_map = evidence->has_map;
  self->map = evidence->map;
  self->label = g_strdup (evidence->label != NULL ? evidence->label : "–");
  if (evidence->has_map && is_on_cls_alone (evidence, threshold))
    self->count = g_strdup_printf ("CLS, %s %%", share);
  else
    self->count = g_strdup_printf ("%u %s, %s %%", evidence->count, evidence->count == 1 ? "token" : "tokens", share);
  return self;
}

static Concept *
concept_new (CytProject *project, const CytEvidenceConcept *evidence, double threshold, gboolean with_cells)
{
  Concept *self = g_new0 (Concept, 1);

  self->latent = evidence->latent;
  self->name = *evidence->name != '\0' ? g_strdup_printf ("%s (#%u)", evidence->name, evidence->latent)
                                       : g_strdup_printf ("#%u", evidence->latent);
  self->contribution = evidence->share.contribution;
  self->scarce = evidence->share.value < 0;
  self->n_cells = evidence->n_cells;
  self->cells = g_ptr_array_new_with_free_func ((GDestroyNotify) cell_free);
  for (guint i = 0; with_cells && i < MIN (evidence->cells->len, CYT_EVIDENCE_FIGURE_N_CELLS); i++)
    g_ptr_array_add (self->cells, cell_new (project, evidence->cells->pdata[i], threshold));
  return self;
}

static void
take_concepts (Page *self, CytProject *project, const CytEvidence *evidence)
{
  guint n = evidence->concepts->len, n_with_cells = 0, n_first = 0, n_last = 0;

  /* the largest either way, as they are sorted */
  while (n_first + n_last < MIN (n, CYT_EVIDENCE_FIGURE_N_CONCEPTS))
    {
      const CytEvidenceConcept *first = evidence->concepts->pdata[n_first], *last = evidence->concepts->pdata[n - 1 - n_last];

      if (fabs (first->share.contribution) >= fabs (last->share.contribution))
        n_first++;
      else
        n_last++;
    }
  self->concepts = g_ptr_array_new_with_free_func ((GDestroyNotify) concept_free);
  self->rest = evidence->rest;
  self->n_rest = evidence->n_concepts - MIN (n, CYT_EVIDENCE_FIGURE_N_CONCEPTS);
  self->constant = evidence->constant;
  self->decision = evidence->decision;
  for (guint i = 0; i < n; i++)
    {
      const CytEvidenceConcept *concept = evidence->concepts->pdata[i];
      /* where scarcity speaks for the disease, the cells that do carry the concept show nothing */
      gboolean with_cells = n_with_cells < MAX_CONCEPTS && concept->cells->len > 0 && concept->share.contribution > 0
                            && concept->share.value > 0;

      if (i >= n_first && i < n - n_last)
        {
          self->rest += concept->share.contribution;
          continue;
        }
      g_ptr_array_add (self->concepts, concept_new (project, concept, evidence->threshold, with_cells));
      n_with_cells += with_cells;
    }
}

static gboolean
take_barcodes (Page *self, const CytEvidenceFigureRequest *request, gsize row, GError **error)
{
  const CytBarcodes *barcodes = request->patients;
  const char *disease = request->controls != NULL ? request->controls : cyt_patients_guess_controls (barcodes);
  g_autoptr (GArray) beside = cyt_patients_compare_to_controls (barcodes, row, disease, error);

  if (beside == NULL)
    return FALSE;
  self->d_sae = barcodes->d_sae;
  self->n_latents = barcodes->n_latents;
  self->latents = g_memdup2 (barcodes->latents, barcodes->n_latents * sizeof *barcodes->latents);
  self->patient = g_memdup2 (cyt_barcodes_get_row (barcodes, row)->values, barcodes->n_latents * sizeof (double));
  self->controls = g_new (double, MAX (1, barcodes->n_latents));
  for (gsize k = 0; k < barcodes->n_latents; k++)
    self->controls[k] = g_array_index (beside, CytPatientLatent, k).mean;
  self->controls_title = g_strdup_printf ("Up: the patient. Down: mean of %s without the patient. Named: the concepts that speak "
                                          "most for the disease.", disease != NULL ? disease : "all other patients");
  return TRUE;
}

/* The command as one would type it in the project's folder. */
static char *
dup_command (const CytFigureProvenance *provenance)
{
  GString *text = g_string_new ("Made with: cytosae");

  for (guint i = 0; i < provenance->command->len; i++)
    {
      const char *argument = provenance->command->pdata[i];
      g_autofree char *name = g_path_is_absolute (argument) ? g_path_get_basename (argument) : g_strdup (argument);
      g_autofree char *quoted = strpbrk (name, " \t'\"$&|;<>()*?\\`!#~") != NULL || *name == '\0' ? g_shell_quote (name)
                                                                                             : g_strdup (name);

      g_string_append_printf (text, " %s", quoted);
    }
  return g_string_free (text, FALSE);
}

static void
take_words (Page *self, CytProject *project, const CytEvidenceFigureRequest *request,
            const CytFigureProvenance *provenance)
{
  const CytEvidence *e = request->evidence;
  const CytClassification *r = request->classification;
  g_autofree char *f1 = cyt_figure_format ("%.3f", r->weighted_f1.mean),
                  *deviation = cyt_figure_format ("%.3f", r->weighted_f1.deviation), *c = cyt_figure_format ("%g", e->c),
                  *threshold = cyt_figure_format ("%g", e->threshold), *decision = cyt_figure_format ("%.4g", e->decision);
  g_autoptr (GString) data = g_string_new ("Data sets: ");

  self->title = g_strdup_printf ("Patient %s", e->patient);
  self->explained = g_strdup (e->classes[e->explained]);
  self->simulated = provenance->simulated;
  self->disease = g_strdup_printf ("Disease: %s. %" G_GSIZE_FORMAT " cells.", e->disease != NULL ? e->disease : "not known",
                                   e->n_cells);
  self->prediction
    = e->disease != NULL
        ? g_strdup_printf ("Predicted: %s, in %u of %u repeats of the cross-validation.", e->classes[e->predicted],
                           e->n_predicted[e->predicted], e->n_repeats)
        : g_strdup_printf ("Predicted: %s, by the model of all patients with a disease.", e->classes[e->predicted]);
  self->validation = g_strdup_printf (
    "L2 logistic regression on the barcodes of %s, one disease against the rest, C = %s; shown is %s. Cross-validation by patient, "
    "stratified by disease: %u folds, %u repeats, %" G_GSIZE_FORMAT " patients of %u diseases; scaling, C and weights are fitted "
    "inside the training folds. Over all test folds: weighted F1 %s ± %s. Decision value for %s: %s = constant + all contributions "
    "(weight × scaled barcode).",
    request->concepts_only ? "named concepts" : "all latents", c,
    e->disease != NULL ? "the model of the first repeat that was trained without this patient" : "the model of all of them",
    e->n_folds, e->n_repeats, r->n, r->n_classes, f1, deviation, e->classes[e->explained], decision);
  for (guint i = 0; i < provenance->datasets->len; i++)
    {
      const CytFigureDataset *dataset = &g_array_index (provenance->datasets, CytFigureDataset, i);

      g_string_append_printf (data, "%s“%s” (%" G_GINT64_FORMAT " cells)", i > 0 ? ", " : "", dataset->name, dataset->n_indexed);
    }
  g_string_append_printf (data, ". Threshold τ = %s. Seed %u. Maps: 16 × 16 patches of the image as the encoder sees it.", threshold,
                          request->options->seed);
  self->data = g_string_free (g_steal_pointer (&data), FALSE);
  self->models = g_strdup_printf ("CytoSAE Explorer %s. Encoder SHA-256 %s. SAE SHA-256 %s.", CYT_VERSION,
                                  provenance->encoder_sha256, provenance->sae_sha256);
  self->command = dup_command (provenance);
  self->classes = g_strdupv (e->classes);
  self->n_classes = e->n_classes;
  self->scores = g_memdup2 (e->scores, e->n_classes * sizeof *e->scores);
  self->predicted = e->predicted;
}

static CytFigureProvenance *
make_provenance (CytProject *project, const CytEvidenceFigureRequest *request, GError **error)
{
  g_autoptr (CytFigureProvenance) provenance = cyt_figure_provenance_new (project, "evidence", error);
  const CytEvidence *e = request->evidence;

  if (provenance == NULL
      || !cyt_figure_provenance_add_barcodes (provenance, project, &request->barcodes, e->threshold, error))
    return NULL;
  provenance->seed = request->options->seed;
  cyt_figure_provenance_add_argument (provenance, "--patient", e->patient);
  cyt_figure_provenance_add_argument (provenance, "--class", e->classes[e->explained]);
  if (request->controls != NULL)
    cyt_figure_provenance_add_argument (provenance, "--controls", request->controls);
  if (request->concepts_only)
    cyt_figure_provenance_add_argument (provenance, "--concepts-only", NULL);
  cyt_figure_provenance_add_int (provenance, "--folds", request->options->n_folds);
  cyt_figure_provenance_add_int (provenance, "--repeats", request->options->n_repeats);
  cyt_figure_provenance_add_int (provenance, "--seed", request->options->seed);
  return g_steal_pointer (&provenance);
}

CytFigure *
cyt_evidence_figure_new (CytProject *project, const CytEvidenceFigureRequest *request, GError **error)
{
  g_autoptr (CytFigureProvenance) provenance = make_provenance (project, request, error);
  gssize row = cyt_barcodes_find_row (request->patients, request->evidence->patient);
  CytFigure *figure;
  Page *self;

  g_assert (row >= 0);
  if (provenance == NULL)
    return NULL;
  self = g_new0 (Page, 1);
  if (!take_barcodes (self, request, (gsize) row, error))
    {
      page_free (self);
      return NULL;
    }
  take_concepts (self, project, request->evidence);
  for (guint i = 0; i < self->concepts->len; i++)
    cyt_figure_provenance_add_latent (provenance, ((const Concept *) self->concepts->pdata[i])->latent);
  take_words (self, project, request, provenance);
  figure = cyt_figure_new (draw, self, (GDestroyNotify) page_free, g_steal_pointer (&provenance));
  g_free (figure->title);
  g_free (figure->caption);
  figure->title = g_strdup_printf ("Evidence for patient %s", request->evidence->patient);
  figure->aspect = 297.0 / 210;
  figure->caption = g_strconcat (self->disease, " ", self->prediction, " ", self->validation,
                                 self->simulated ? " Cells are SIMULATED." : "", " Research use only.", NULL);
  return figure;
}
