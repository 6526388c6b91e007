/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "analysis/cyt-transfer.h"
#include "figures/cyt-figure-picture.h"
#include "figures/cyt-figure-words.h"
#include "figures/cyt-transfer-figure.h"
#include "io/cyt-error.h"

#define TILE_GAP 2.0       /* points between cells */

/* A latent with its cells on either domain. */
typedef struct
{
  guint32 latent;
  char *name;              /* an expert's; "" */
  char *facts;
  GPtrArray *pictures[2];  /* of cairo_surface_t, NULL where there is none: train, test */
} Row;

typedef struct
{
  const CytTransfer *transfer; /* while it is made */
  GStrv lines;             /* the numbers */
  char *titles[2];         /* of the sides */
  GArray *rows;            /* of Row: the best, then the worst */
  guint n_best;
  guint n_cells;
} Report;

static void
row_clear (gpointer data)
{
  Row *row = data;

  g_free (row->name);
  g_free (row->facts);
  for (guint side = 0; side < 2; side++)
    g_clear_pointer (&row->pictures[side], g_ptr_array_unref);
}

static void
report_free (Report *self)
{
  g_strfreev (self->lines);
  g_free (self->titles[0]);
  g_free (self->titles[1]);
  g_array_unref (self->rows);
  g_free (self);
}

/* ---- Drawing ---- */

static double
get_line (cairo_t *cr, const CytFigureFont *font)
{
  double ascent, descent;

  cyt_figure_text_get_metrics (cr, font, &ascent, &descent);
  return ascent + descent;
}

static double
draw_line (cairo_t *cr, const CytFigureFont *font, double x, double y, double width, const char *text)
{
  double ascent;

  cyt_figure_text_get_metrics (cr, font, &ascent, NULL);
  cyt_figure_text_draw (cr, font, x, y + ascent, 0, width, text);
  return get_line (cr, font);
}

static double
draw_row (const Report *self, cairo_t *cr, const CytFigureStyle *style, double y, double width, const Row *row)
{
  const CytFigureFont title = CYT_FIGURE_TITLE (style), text = CYT_FIGURE_TEXT (style);
  double side_width = (width - 2 * style->gap) / 2, top = y;
  double size = (side_width - (self->n_cells - 1) * TILE_GAP) / self->n_cells;
  g_autofree char *name = g_strdup_printf ("%u%s%s", row->latent, row->name[0] != '\0' ? "  " : "", row->name);
  double used = cyt_figure_text_measure (cr, &title, name);

  cyt_figure_set_color (cr, style->ink);
  draw_line (cr, &title, 0, y, width, name);
  y += draw_line (cr, &text, used + style->gap, y, MAX (1, width - used - style->gap), row->facts) + style->gap / 2;
  for (guint side = 0; side < 2; side++)
    for (guint i = 0; i < row->pictures[side]->len; i++)
      {
        cairo_surface_t *picture = row->pictures[side]->pdata[i];
        double x = side * (side_width + 2 * style->gap) + i * (size + TILE_GAP);

        if (picture != NULL)
          cyt_figure_picture_draw (cr, picture, NULL, NULL, x, y, size);
        else
          cyt_figure_picture_draw_missing (cr, style, x, y, size);
      }
  return y + size + style->gap - top;
}

static double
draw_heading (const Report *self, cairo_t *cr, const CytFigureStyle *style, double y, double width, const char *text)
{
  const CytFigureFont title = CYT_FIGURE_TITLE (style), small = CYT_FIGURE_SMALL (style);
  double side_width = (width - 2 * style->gap) / 2, top = y;

  cyt_figure_set_color (cr, style->rule);
  cairo_set_line_width (cr, style->thin);
  cairo_move_to (cr, 0, y);
  cairo_line_to (cr, width, y);
  cairo_stroke (cr);
  y += style->gap;
  cyt_figure_set_color (cr, style->ink);
  y += draw_line (cr, &title, 0, y, width, text);
  cyt_figure_set_color (cr, style->faint);
  draw_line (cr, &small, 0, y, side_width, self->titles[0]);
  y += draw_line (cr, &small, side_width + 2 * style->gap, y, side_width, self->titles[1]);
  return y + style->gap - top;
}

static double
draw (cairo_t *cr, const CytFigureStyle *style, double width, gpointer data)
{
  const Report *self = data;
  const CytFigureFont text = CYT_FIGURE_TEXT (style);
  double y = 0;

  cyt_figure_set_color (cr, style->ink);
  for (guint i = 0; self->lines[i] != NULL; i++)
    y += cyt_figure_text_draw_paragraph (cr, &text, 0, y, width, self->lines[i]);
  y += style->gap;
  for (guint i = 0; i < self->rows->len; i++)
    {
      if (i == 0 && self->n_best > 0)
        y += draw_heading (self, cr, style, y, width, "Most transferable");
      if (i == self->n_best)
        y += draw_heading (self, cr, style, y, width, "Least transferable");
      y += draw_row (self, cr, style, y, width, &g_array_index (self->rows, Row, i));
    }
  return y;
}

/* ---- Loading ---- */

static gboolean
load_pictures (Row *row, guint side, CytProject *project, const CytDataset *dataset, guint n_cells, GError **error)
{
  g_autoptr (GPtrArray) top = cyt_project_get_top_cells (project, dataset->id, row->latent, error);

  if (top == NULL)
    return FALSE;
  row->pictures[side] = g_ptr_array_new_with_free_func ((GDestroyNotify) cairo_surface_destroy); /* takes NULL too */
  for (guint i = 0; i < MIN (top->len, n_cells); i++)
    {
      gboolean is_thumbnail;
      cairo_surface_t *picture
        = cyt_figure_picture_load_cell (project, ((const CytTopCell *) top->pdata[i])->cell, &is_thumbnail);

      g_ptr_array_add (row->pictures[side], picture);
    }
  return TRUE;
}

static char *
describe_row (const CytTransferRow *row)
{
  GString *text = g_string_new (NULL);

  if (!isnan (row->correlation))
    g_string_append_printf (text, "r = %.2f; ", row->correlation);
  g_string_append_printf (text, "fires on %" G_GSIZE_FORMAT " (%.*f %%) and %" G_GSIZE_FORMAT " (%.*f %%) of the cells",
                          row->n_train, row->frequency_train < 0.0995 ? 2 : 1, 100 * row->frequency_train, row->n_test,
                          row->frequency_test < 0.0995 ? 2 : 1, 100 * row->frequency_test);
  return g_string_free (text, FALSE);
}

static gboolean
load_row (Report *self, guint32 latent, CytProject *const *projects, CytDataset *const *datasets, GError **error)
{
  g_autoptr (CytConcept) concept = cyt_project_get_concept (projects[0], latent, error);
  Row row = { .latent = latent };
  gboolean ok;

  if (concept == NULL)
    return FALSE;
  row.name = g_strdup (concept->name);
  row.facts = describe_row (&self->transfer->rows[latent]);
  ok = load_pictures (&row, 0, projects[0], datasets[0], self->n_cells, error)
       && load_pictures (&row, 1, projects[1], datasets[1], self->n_cells, error);
  g_array_append_val (self->rows, row);
  return ok;
}

static gboolean
load_rows (Report *self, guint n_latents, CytProject *const *projects, CytDataset *const *datasets, GError **error)
{
  const GArray *ranked = self->transfer->ranked;
  guint n_worst;

  self->n_best = MIN (n_latents, (ranked->len + 1) / 2);
  n_worst = MIN (n_latents, ranked->len - self->n_best);
  for (guint i = 0; i < self->n_best; i++)
    if (!load_row (self, g_array_index (ranked, guint32, i), projects, datasets, error))
      return FALSE;
  for (guint i = 0; i < n_worst; i++)
    if (!load_row (self, g_array_index (ranked, guint32, ranked->len - 1 - i), projects, datasets, error))
      return FALSE;
  return TRUE;
}

/* ---- What is said ---- */

static GStrv
write_lines (const CytTransfer *t, const char *train, const char *test)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  g_autofree char *classes = cyt_transfer_describe_classes (t);
  g_autofree char *mean = cyt_figure_format_number (t->mean_correlation);
  g_autofree char *median = cyt_figure_format_number (t->median_correlation);
  g_autofree char *a = cyt_figure_format_number (t->explained_train), *b = cyt_figure_format_number (t->explained_test);
  g_autofree char *alive = g_strdup_printf (
    "Alive: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " latents on %s, %" G_GSIZE_FORMAT " on %s, %" G_GSIZE_FORMAT
    " on both (%.1f %% of those alive on %s).",
    t->n_alive_train, t->d_sae, train, t->n_alive_test, test, t->n_alive_both,
    t->n_alive_train > 0 ? 100.0 * (double) t->n_alive_both / (double) t->n_alive_train : 0.0, train);
  g_autofree char *profiles
    = g_strv_length (t->classes) >= CYT_TRANSFER_MIN_CLASSES
        ? g_strdup_printf ("Class profiles over %s cells: mean correlation %s, median %s, of %" G_GSIZE_FORMAT " latents.", classes,
                           mean, median, t->n_correlated)
        : g_strdup_printf ("Class profiles cannot be compared: the two share %u classes; latents are ranked by how alike their "
                           "frequencies are.", g_strv_length (t->classes));
  g_autofree char *explained = g_strdup_printf ("Explained variance: %s on %s, %s on %s (%" G_GSIZE_FORMAT " and %" G_GSIZE_FORMAT
                                                " images).", a, train, b, test, t->n_explained_train, t->n_explained_test);

  g_autofree char *ranked = g_strdup_printf ("%u latents that fire on %" G_GSIZE_FORMAT " cells of either at least are ranked.",
                                             t->ranked->len, t->min_cells);

  g_strv_builder_add_many (lines, alive, profiles, ranked,
                           isnan (t->explained_train) && isnan (t->explained_test) ? NULL : explained, NULL);
  return g_strv_builder_end (lines);
}

static char *
write_caption (CytProject *train, CytProject *test, CytDataset *const *datasets, const Report *report)
{
  g_autofree char *a = cyt_figure_describe_dataset (train, datasets[0]), *b = cyt_figure_describe_dataset (test, datasets[1]);
  g_autofree char *models = cyt_figure_describe_models (train), *other = cyt_figure_describe_models (test);
  g_autofree char *numbers = g_strjoinv (" ", report->lines);

  return g_strdup_printf (
    "Transfer of a sparse autoencoder's latents %s (left) to those %s (right). %s Class profile: mean scores on the classes that "
    "both have; r, Pearson's correlation of a latent's two profiles. Latents that fire on fewer than %" G_GSIZE_FORMAT
    " cells of either are not ranked; the others are by r, shrunk to its mean by n / (n + %d), n the cells on which the latent fires "
    "on that side where they are fewer. Cells: the strongest of each. %s%s%s",
    a, b, numbers, report->transfer->min_cells, CYT_TRANSFER_SHRINKAGE, models, g_str_equal (models, other) ? "" : " ",
    g_str_equal (models, other) ? "" : other);
}

/* The data set's name; where the other's is the same, the project's file too. */
static char *
name_side (CytProject *project, const CytDataset *dataset, const CytDataset *other)
{
  g_autofree char *file = g_path_get_basename (cyt_project_get_path (project)), *name = g_filename_display_name (file);

  return g_str_equal (dataset->name, other->name) ? g_strdup_printf ("%s of %s", dataset->name, name)
                                                  : g_strdup (dataset->name);
}

CytFigure *
cyt_transfer_figure_new (CytProject *train, CytProject *test, const CytTransfer *transfer,
                         const CytTransferFigureRequest *request, GError **error)
{
  g_autoptr (CytFigureProvenance) provenance = cyt_figure_provenance_new (train, "transfer", error);
  const CytTransferOptions *options = request->options;
  g_autoptr (CytDataset) a = NULL, b = NULL;
  g_auto (GStrv) names = g_new0 (char *, 3);
  CytProject *const projects[2] = { train, test };
  gboolean simulated = FALSE;
  CytFigure *figure;
  Report *report;

  if (provenance == NULL || !cyt_project_is_simulated (test, &simulated, error)
      || (a = cyt_figure_find_dataset (train, transfer->train, error)) == NULL
      || (b = cyt_figure_find_dataset (test, transfer->test, error)) == NULL)
    return NULL;
  report = g_new0 (Report, 1);
  report->transfer = transfer;
  report->n_cells = MAX (1, request->n_cells);
  names[0] = name_side (train, a, b);
  names[1] = name_side (test, b, a);
  report->lines = write_lines (report->transfer, names[0], names[1]);
  report->titles[0] = g_strdup_printf ("%s, %" G_GSIZE_FORMAT " cells", names[0], a->n_images);
  report->titles[1] = g_strdup_printf ("%s, %" G_GSIZE_FORMAT " cells", names[1], b->n_images);
  report->rows = g_array_new (FALSE, TRUE, sizeof (Row));
  g_array_set_clear_func (report->rows, row_clear);
  if (!load_rows (report, request->n_latents, projects, (CytDataset *const[]){ a, b }, error))
    {
      report_free (report);
      return NULL;
    }
  provenance->simulated |= simulated;
  cyt_figure_provenance_add_dataset (provenance, a);
  cyt_figure_provenance_add_dataset (provenance, b);
  cyt_figure_provenance_add_path (provenance, "--test", cyt_project_get_path (test));
  cyt_figure_provenance_add_argument (provenance, "--train-dataset", a->name);
  cyt_figure_provenance_add_argument (provenance, "--test-dataset", b->name);
  if (options->classes != NULL)
    cyt_figure_provenance_add_path (provenance, "--classes", options->classes);
  cyt_figure_provenance_add_int (provenance, "--min-cells", (gint64) transfer->min_cells);
  cyt_figure_provenance_add_int (provenance, "--max-images", (gint64) options->max_images);
  cyt_figure_provenance_add_int (provenance, "--latents", request->n_latents);
  cyt_figure_provenance_add_int (provenance, "--cells", request->n_cells);
  for (guint i = 0; i < report->rows->len; i++)
    cyt_figure_provenance_add_latent (provenance, g_array_index (report->rows, Row, i).latent);
  figure = cyt_figure_new (draw, report, (GDestroyNotify) report_free, g_steal_pointer (&provenance));
  g_free (figure->title);
  figure->title = g_strdup_printf ("Transfer from %s to %s", names[0], names[1]);
  g_free (figure->caption);
  figure->caption = write_caption (train, test, (CytDataset *const[]){ a, b }, report);
  return figure;
}
