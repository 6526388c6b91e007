/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plots among the figures: their parts, and that each kind can be made again, byte by byte, in every format. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-comparison.h"
#include "analysis/cyt-sweep-table.h"
#include "figures/cyt-barcodes-figure.h"
#include "figures/cyt-compare-figure.h"
#include "figures/cyt-confusion-figure.h"
#include "figures/cyt-correlation-figure.h"
#include "figures/cyt-figure-plot.h"
#include "figures/cyt-map-figure.h"
#include "figures/cyt-sweep-figure.h"
#include "io/cyt-error.h"
#include "project/cyt-demo.h"
#include "test-project-util.h"
#include "test-util.h"

static char *dir;
static char *demo;

static void
make_demo (void)
{
  const CytDemoOptions small = { .n_cells = 60, .n_patients = 20 };
  g_autoptr (GError) error = NULL;

  dir = cyt_test_make_tmpdir ();
  cyt_demo_run (dir, &small, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  demo = g_build_filename (dir, "demonstration.cytosae", NULL);
}

static CytProject *
open_demo (void)
{
  g_autoptr (GError) error = NULL;
  CytProject *project = cyt_project_open (demo, CYT_PROJECT_READ_ONLY, &error);

  g_assert_no_error (error);
  return project;
}

/* ---- Parts ---- */

static guint32
get_pixel (cairo_surface_t *surface, int x, int y)
{
  cairo_surface_flush (surface);
  return ((guint32 *) (gpointer) (cairo_image_surface_get_data (surface) + y * cairo_image_surface_get_stride (surface)))[x]
         & 0xffffff;
}

/* Every tile has its very colour, up to its edges. */
static void
test_matrix (void)
{
  enum { ROWS = 3, COLUMNS = 5, SIZE = 10 };
  const cairo_rectangle_t plot = { 0, 0, COLUMNS * SIZE, ROWS * SIZE };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, COLUMNS * SIZE, ROWS * SIZE);
  cairo_t *cr = cairo_create (surface);
  guint8 rgb[ROWS * COLUMNS * 3];

  for (guint i = 0; i < sizeof rgb; i++)
    rgb[i] = (guint8) (i * 37 % 251);
  cyt_figure_draw_matrix (cr, &plot, rgb, ROWS, COLUMNS);
  for (int y = 0; y < ROWS * SIZE; y++)
    for (int x = 0; x < COLUMNS * SIZE; x++)
      {
        const guint8 *tile = rgb + (y / SIZE * COLUMNS + x / SIZE) * 3;
        gboolean edge = x % SIZE == 0 || y % SIZE == 0 || x % SIZE == SIZE - 1 || y % SIZE == SIZE - 1;

        if (!edge)
          g_assert_cmphex (get_pixel (surface, x, y), ==, (guint32) tile[0] << 16 | (guint32) tile[1] << 8 | tile[2]);
      }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* The same points, few as vectors and many as an image, are in the same places; what is outside is left out. */
static void
test_points (void)
{
  const cairo_rectangle_t plot = { 10, 10, 80, 60 };
  g_autofree CytFigurePoint *points = g_new0 (CytFigurePoint, CYT_FIGURE_MAX_VECTOR_POINTS + 1);

  for (gsize i = 0; i <= CYT_FIGURE_MAX_VECTOR_POINTS; i++)
    points[i] = (CytFigurePoint){ NAN, i % 2 == 0 ? 0.5 : 7, { 0, 0, 255 } };
  points[0] = (CytFigurePoint){ 0.25, 0.75, { 255, 0, 0 } };
  points[1] = (CytFigurePoint){ 1, 0, { 0, 255, 0 } };
  for (guint many = 0; many < 2; many++)
    {
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 100, 80);
      cairo_t *cr = cairo_create (surface);
      guint n_colored = 0;

      cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_paint (cr);
      cyt_figure_draw_points (cr, &plot, points, many ? CYT_FIGURE_MAX_VECTOR_POINTS + 1 : CYT_FIGURE_MAX_VECTOR_POINTS, 8);
      g_assert_cmphex (get_pixel (surface, 30, 25), ==, 0xff0000);
      g_assert_cmphex (get_pixel (surface, 90, 70), ==, 0x00ff00);
      g_assert_cmphex (get_pixel (surface, 30, 31), ==, 0xffffff);
      for (int y = 0; y < 80; y++)
        for (int x = 0; x < 100; x++)
          n_colored += get_pixel (surface, x, y) != 0xffffff;
      g_assert_cmpuint (n_colored, <, 200);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }
}

/* Labels of a crowd do not leave the plot, and no more of them are placed than fit without covering each other. */
static void
test_labels (void)
{
  const cairo_rectangle_t bounds = { 20, 20, 160, 110 };
  cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (CytFigureLabels) labels = cyt_figure_labels_new (&bounds);
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  CytFigureStyle style;
  guint n_placed = 0;
  double x, y, width, height;

  g_assert_true (cyt_figure_style_init (&style, NULL, NULL, NULL));
  for (guint i = 0; i < 400; i++)
    {
      g_autofree char *name = g_strdup_printf ("latent %u", i);

      n_placed += cyt_figure_labels_place (labels, cr, &style, 20 + 160 * g_rand_double (random),
                                           20 + 110 * g_rand_double (random), 1, name);
    }
  cairo_recording_surface_ink_extents (surface, &x, &y, &width, &height);
  g_assert_true (x >= 19 && y >= 19 && x + width <= 181 && y + height <= 131);
  /* about 8 across and 18 down */
  g_assert_cmpuint (n_placed, >, 40);
  g_assert_cmpuint (n_placed, <, 160);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
test_numbers (void)
{
  static const struct { double p; const char *text; } cases[]
    = { { 0.04237, "0.042" }, { 3.14e-5, "3.1e-05" }, { 0, "< 1e-15" }, { 1, "1" }, { NAN, "n/a" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = cyt_figure_format_p (cases[i].p);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
  {
    g_autofree char *minus = cyt_figure_format ("%+.2f", -0.5);

    g_assert_cmpstr (minus, ==, "−0.50");
  }
}

/* ---- Kinds ---- */

typedef CytFigure *(*MakeFunc) (CytProject *project, GError **error);

static CytFigure *
make_barcodes (CytProject *project, GError **error)
{
  CytBarcodesFigureRequest request = CYT_BARCODES_FIGURE_REQUEST_INIT;

  request.barcodes.by = CYT_BARCODES_BY_DISEASE;
  return cyt_barcodes_figure_new (project, &request, NULL, error);
}

static CytFigure *
make_compare (CytProject *project, GError **error)
{
  CytCompareFigureRequest request = CYT_COMPARE_FIGURE_REQUEST_INIT;

  request.a = "NPM1-like";
  request.b = "control";
  return cyt_compare_figure_new (project, &request, NULL, error);
}

static CytFigure *
make_correlation (CytProject *project, GError **error)
{
  const CytBarcodesOptions options = CYT_BARCODES_OPTIONS_INIT;

  return cyt_correlation_figure_new (project, &options, NULL, error);
}

static CytFigure *
make_confusion (CytProject *project, GError **error)
{
  CytConfusionFigureRequest request = CYT_CONFUSION_FIGURE_REQUEST_INIT;

  request.classification = (CytClassificationOptions){ 2, 1, 2, 1 };
  return cyt_confusion_figure_new (project, &request, NULL, NULL, error);
}

static CytFigure *
make_map (CytProject *project, GError **error)
{
  CytMapFigureRequest request = CYT_MAP_FIGURE_REQUEST_INIT;

  request.dataset = 1;
  return cyt_map_figure_new (project, &request, error);
}

static CytFigure *
make_sweep (CytProject *project, GError **error)
{
  g_autofree char *table = g_build_filename (dir, "sweep.csv", NULL);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_sweep_row_free);

  for (guint i = 0; i < 12; i++)
    {
      CytSweepRow *row = cyt_sweep_row_new ();

      row->variant = i < 6 ? CYT_TRAIN_RELU : CYT_TRAIN_TOPK;
      row->sparsity = (i < 6 ? 1e-5 : 16) * (1 + i / 2 % 3);
      row->expansion = i < 6 ? 8 : 16;
      row->seed = i % 2;
      row->l0 = 100.0 / (1 + i / 2 % 3) + i;
      row->explained = 0.9 - 0.01 * i;
      row->dead_share = 0.02 * i;
      g_ptr_array_add (rows, row);
    }
  g_assert_true (cyt_sweep_table_write_csv (rows, table, NULL));
  return cyt_sweep_figure_new (project, table, error);
}

static const struct
{
  const char *name;
  MakeFunc make;
  gboolean patients;
} kinds[] = {
  { "barcodes", make_barcodes, TRUE },     { "compare", make_compare, TRUE }, { "correlation", make_correlation, TRUE },
  { "confusion", make_confusion, TRUE },   { "map", make_map, FALSE },        { "sweep", make_sweep, FALSE },
};

static GBytes *
encode (CytFigure *figure, double width, CytFigureFormat format)
{
  CytFigureLayout layout = { .width = width, .dpi = 100 };
  g_autoptr (GError) error = NULL;
  GBytes *bytes;

  g_assert_true (cyt_figure_style_init (&layout.style, width < 100 ? "nature" : "plain", NULL, NULL));
  bytes = cyt_figure_encode (figure, &layout, format, "/tmp", "figure", &error);
  g_assert_no_error (error);
  return bytes;
}

/* Read again from the project and drawn again, each is the same file; in one column of a journal and across the page. */
static void
test_again (void)
{
  g_autoptr (CytProject) project = open_demo ();

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CytFigure) once = kinds[k].make (project, &error), again = NULL;

      g_assert_no_error (error);
      again = kinds[k].make (project, &error);
      g_assert_no_error (error);
      g_test_message ("%s: %s", kinds[k].name, once->caption);
      g_assert_cmpstr (once->caption, ==, again->caption);
      g_assert_nonnull (strstr (once->caption, "SIMULATED"));
      g_assert_null (strstr (once->caption, "nan"));
      g_assert_true (once->provenance->simulated);
      g_assert_true (once->provenance->patients == kinds[k].patients);
      g_assert_true ((strstr (once->caption, "Research use only") != NULL) == kinds[k].patients);
      g_assert_cmpstr (once->provenance->command->pdata[2], ==, kinds[k].name);
      for (guint format = CYT_FIGURE_PNG; format <= CYT_FIGURE_SVG; format++)
        for (double width = 89; width <= 183; width += 94)
          {
            g_autoptr (GBytes) a = encode (once, width, format), b = encode (again, width, format);

            g_assert_true (cyt_figure_is_same (a, b, format));
          }
    }
}

/* The caption's numbers are those of the analysis. */
static void
test_caption (void)
{
  g_autoptr (CytProject) project = open_demo ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CytFigure) figure = make_compare (project, &error);
  const CytBarcodesOptions options = CYT_BARCODES_OPTIONS_INIT;
  g_autoptr (CytBarcodes) barcodes = cyt_barcodes_compute (project, &options, NULL, &error);
  g_autoptr (CytComparison) comparison = cyt_comparison_new (barcodes, "NPM1-like", "control", &error);
  const CytDifference *first;
  g_autofree char *expected = NULL, *q = NULL;
  char a[32], b[32], effect[32];

  g_array_sort (comparison->differences, cyt_difference_compare_difference);
  first = &g_array_index (comparison->differences, CytDifference, 0);
  q = cyt_figure_format_p (first->q);
  expected = g_strdup_printf ("Most above in NPM1-like: #%u (%s against %s, effect size %s, q = %s)", first->latent,
                              g_ascii_formatd (a, sizeof a, "%.3g", first->mean_a),
                              g_ascii_formatd (b, sizeof b, "%.3g", first->mean_b),
                              g_ascii_formatd (effect, sizeof effect, "%.2f", first->effect), q);
  g_test_message ("%s", figure->caption);
  g_assert_nonnull (strstr (figure->caption, expected));
}

/* 49,152 latents fit into a file that can be sent. */
static void
test_size (void)
{
  enum { D_SAE = 49152 };
  g_autofree char *path = g_build_filename (dir, "large.cytosae", NULL);
  g_autoptr (CytProject) project = cyt_test_create_project (path, D_SAE);
  g_autoptr (CytImageList) list = cyt_test_make_image_list (dir, 60);
  g_autoptr (CytTestIndexer) indexer = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytFigure) figure = NULL;

  cyt_dataset_free (cyt_project_add_dataset (project, "cells", "", 0.2, 10, list, &error));
  g_assert_no_error (error);
  indexer = cyt_test_indexer_new (project, "cells", 3000);
  g_assert_true (cyt_test_indexer_commit (indexer, 60, &error));
  g_assert_no_error (error);
  figure = make_map (project, &error);
  g_assert_no_error (error);
  for (guint format = CYT_FIGURE_PDF; format <= CYT_FIGURE_SVG; format++)
    {
      g_autoptr (GBytes) bytes = encode (figure, 89, format);

      g_test_message ("%" G_GSIZE_FORMAT " bytes: %s", g_bytes_get_size (bytes), figure->caption);
      g_assert_nonnull (strstr (figure->caption, "of 49152 latents"));
      g_assert_cmpuint (g_bytes_get_size (bytes), <, 2000000);
    }
}

static void
test_bad (void)
{
  g_autoptr (CytProject) project = open_demo ();
  CytBarcodesFigureRequest barcodes = CYT_BARCODES_FIGURE_REQUEST_INIT;
  CytCompareFigureRequest compare = CYT_COMPARE_FIGURE_REQUEST_INIT;
  g_autofree char *table = g_build_filename (dir, "empty.csv", NULL);
  g_autoptr (GError) error = NULL;

  barcodes.rows = (const char *const[]){ "S01", "ward", NULL };
  g_assert_null (cyt_barcodes_figure_new (project, &barcodes, NULL, &error));
  g_assert_nonnull (strstr (error->message, "has no patient \"ward\""));
  g_clear_error (&error);
  compare.a = "ward";
  g_assert_null (cyt_compare_figure_new (project, &compare, NULL, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_null (cyt_sweep_figure_new (project, table, &error));
  g_assert_nonnull (strstr (error->message, "empty.csv"));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  make_demo ();
  g_test_add_func ("/plots/matrix", test_matrix);
  g_test_add_func ("/plots/points", test_points);
  g_test_add_func ("/plots/labels", test_labels);
  g_test_add_func ("/plots/numbers", test_numbers);
  g_test_add_func ("/plots/again", test_again);
  g_test_add_func ("/plots/caption", test_caption);
  g_test_add_func ("/plots/size", test_size);
  g_test_add_func ("/plots/bad", test_bad);
  status = g_test_run ();
  cyt_test_remove_tree (dir);
  g_free (demo);
  return status;
}
