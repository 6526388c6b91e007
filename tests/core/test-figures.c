/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>
#include <glib/gstdio.h>

#include "figures/cyt-concept-figure.h"
#include "figures/cyt-overlay.h"
#include "io/cyt-error.h"
#include "test-project-util.h"
#include "test-util.h"

static void
check_color (CytColormap map, double t, guint r, guint g, guint b)
{
  guint8 rgb[3];

  cyt_colormap_lookup (map, t, rgb);
  g_assert_cmpuint (rgb[0], ==, r);
  g_assert_cmpuint (rgb[1], ==, g);
  g_assert_cmpuint (rgb[2], ==, b);
}

/* Anchors of matplotlib's maps: ends, quarters (entries 0, 64, 128, 192, 255). */
static void
test_colormaps (void)
{
  static const struct
  {
    CytColormap map;
    const char *name;
    guint8 rgb[5][3];
  } maps[] = {
    { CYT_COLORMAP_VIRIDIS, "viridis", { { 68, 1, 84 }, { 59, 82, 139 }, { 33, 145, 140 }, { 94, 201, 98 }, { 253, 231, 37 } } },
    { CYT_COLORMAP_CIVIDIS, "cividis", { { 0, 34, 78 }, { 67, 78, 108 }, { 125, 124, 120 }, { 188, 174, 108 }, { 254, 232, 56 } } },
    { CYT_COLORMAP_MAGMA, "magma", { { 0, 0, 4 }, { 81, 18, 124 }, { 183, 55, 121 }, { 252, 137, 97 }, { 252, 253, 191 } } },
    { CYT_COLORMAP_INFERNO, "inferno", { { 0, 0, 4 }, { 87, 16, 110 }, { 188, 55, 84 }, { 249, 142, 9 }, { 252, 255, 164 } } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (maps); i++)
    {
      g_assert_cmpstr (cyt_colormap_get_name (maps[i].map), ==, maps[i].name);
      for (gsize j = 0; j < 5; j++)
        check_color (maps[i].map, j / 4.0, maps[i].rgb[j][0], maps[i].rgb[j][1], maps[i].rgb[j][2]);
      check_color (maps[i].map, -3, maps[i].rgb[0][0], maps[i].rgb[0][1], maps[i].rgb[0][2]);
      check_color (maps[i].map, NAN, maps[i].rgb[0][0], maps[i].rgb[0][1], maps[i].rgb[0][2]);
      check_color (maps[i].map, INFINITY, maps[i].rgb[4][0], maps[i].rgb[4][1], maps[i].rgb[4][2]);
    }
}

/* Pixel of an ARGB32 surface. */
static guint32
get_pixel (cairo_surface_t *surface, guint x, guint y)
{
  guint32 pixel;

  memcpy (&pixel, cairo_image_surface_get_data (surface) + (gsize) y * cairo_image_surface_get_stride (surface) + 4 * x, 4);
  return pixel;
}

static const CytSparseMap map = { .latent = 7, .n = 4, .patch = { 0, 17, 18, 255 }, .value = { 0.5f, 1, 2, 4 } };

static void
test_heat (void)
{
  const guint s = 5;
  CytOverlayStyle style = CYT_OVERLAY_STYLE_INIT;
  cairo_surface_t *surface = cyt_overlay_create_surface (&map, &style, s);
  guint n_painted = 0;
  guint last = 0;

  g_assert_cmpint (cairo_image_surface_get_width (surface), ==, 80);
  g_assert_cmpint (cairo_image_surface_get_height (surface), ==, 80);
  for (guint y = 0; y < 80; y++)
    for (guint x = 0; x < 80; x++)
      n_painted += get_pixel (surface, x, y) != 0;
  g_assert_cmpuint (n_painted, ==, 4 * s * s);
  for (guint i = 0; i < map.n; i++)
    {
      guint x = map.patch[i] % 16 * s, y = map.patch[i] / 16 * s;
      guint alpha = get_pixel (surface, x, y) >> 24;

      g_assert_cmpuint (get_pixel (surface, x, y), ==, get_pixel (surface, x + s - 1, y + s - 1));
      g_assert_cmpuint (alpha, >, last);
      last = alpha;
    }
  /* The strongest patch: the top of the map at the whole opacity, multiplied by it. */
  g_assert_cmpuint (last, ==, 153);
  g_assert_cmpuint (get_pixel (surface, 79, 79), ==, 153u << 24 | 152u << 16 | 139u << 8 | 22u);
  cairo_surface_destroy (surface);

  /* A scale above the map's maximum weakens it, one below saturates. */
  style.scale_max = 16;
  surface = cyt_overlay_create_surface (&map, &style, 1);
  g_assert_cmpuint (get_pixel (surface, 15, 15) >> 24, ==, 77);
  cairo_surface_destroy (surface);
  style.scale_max = 1;
  surface = cyt_overlay_create_surface (&map, &style, 1);
  g_assert_cmpuint (get_pixel (surface, 15, 15), ==, get_pixel (surface, 1, 1));
  cairo_surface_destroy (surface);
  style.mode = CYT_OVERLAY_OFF;
  surface = cyt_overlay_create_surface (&map, &style, 1);
  g_assert_cmpuint (get_pixel (surface, 15, 15), ==, 0);
  cairo_surface_destroy (surface);
}

static void
test_outline (void)
{
  const guint s = 20;
  CytOverlayStyle style = { CYT_OVERLAY_OUTLINE, CYT_COLORMAP_VIRIDIS, 1, 0 };
  cairo_surface_t *surface = cyt_overlay_create_surface (&map, &style, s);

  /* Around the two patches side by side, not between them, nor inside, nor far away. */
  g_assert_cmpuint (get_pixel (surface, 20, 30) >> 24, ==, 255);
  g_assert_cmpuint (get_pixel (surface, 60, 30) >> 24, ==, 255);
  g_assert_cmpuint (get_pixel (surface, 50, 20) >> 24, ==, 255);
  g_assert_cmpuint (get_pixel (surface, 40, 30), ==, 0);
  g_assert_cmpuint (get_pixel (surface, 30, 30), ==, 0);
  g_assert_cmpuint (get_pixel (surface, 160, 160), ==, 0);
  /* Whole at the picture's edge: the line's light middle is inside. */
  g_assert_cmpuint (get_pixel (surface, 317, 310) >> 16 & 255, >, 200);
  g_assert_cmpuint (get_pixel (surface, 319, 310) >> 16 & 255, <, 100);
  cairo_surface_destroy (surface);
}

static void
test_png (void)
{
  g_autofree char *folder = cyt_test_make_tmpdir ();
  g_autofree char *path = g_build_filename (folder, "cell.png", NULL);
  g_autofree char *bad = g_build_filename (folder, "none", "cell.png", NULL);
  g_autoptr (CytImage) image = cyt_image_new (61, 43);
  g_autoptr (CytImage) back = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  CytOverlayStyle style = CYT_OVERLAY_STYLE_INIT;
  gsize size;

  for (gsize i = 0; i < 61 * 43 * 3; i++)
    image->pixels[i] = (guint8) (i * 31 + i / 100);
  g_assert_true (cyt_overlay_write_png (path, image, NULL, &style, &error));
  g_assert_no_error (error);
  back = cyt_image_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->width, ==, 61);
  g_assert_cmpmem (back->pixels, 61 * 43 * 3, image->pixels, 61 * 43 * 3);
  g_clear_pointer (&back, cyt_image_free);

  g_assert_true (cyt_overlay_write_png (path, image, &map, &style, &error));
  back = cyt_image_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (back->pixels + 3 * (20 * 61 + 30), 60, image->pixels + 3 * (20 * 61 + 30), 60); /* no patch there */
  g_assert_true (memcmp (back->pixels + 3 * (42 * 61 + 59), image->pixels + 3 * (42 * 61 + 59), 3) != 0);
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_nonnull (memmem (data, size, "tEXtSoftware\0CytoSAE Explorer " CYT_VERSION,
                            strlen ("tEXtSoftware") + 1 + strlen ("CytoSAE Explorer " CYT_VERSION)));

  g_assert_false (cyt_overlay_write_png (bad, image, NULL, &style, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, bad));
  cyt_test_remove_tree (folder);
}

/* Pictures that are not square keep their aspect, with nothing beside them. */
static void
test_draw (void)
{
  g_autoptr (CytImage) image = cyt_image_new (200, 100);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 60, 60);
  cairo_t *cr = cairo_create (surface);
  CytOverlayStyle style = CYT_OVERLAY_STYLE_INIT;

  memset (image->pixels, 90, 200 * 100 * 3);
  cyt_overlay_draw_cell (cr, image, &map, &style, 10, 10, 40);
  g_assert_cmpuint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  g_assert_cmpuint (get_pixel (surface, 30, 19), ==, 0);
  g_assert_cmpuint (get_pixel (surface, 9, 30), ==, 0);
  g_assert_cmpuint (get_pixel (surface, 30, 30), ==, 0xff5a5a5a);
  g_assert_cmpuint (get_pixel (surface, 11, 39), ==, 0xff5a5a5a);
  g_assert_cmpuint (get_pixel (surface, 49, 39), !=, 0xff5a5a5a); /* the strongest patch */
  g_assert_cmpuint (get_pixel (surface, 30, 41), ==, 0);
  cairo_surface_destroy (surface);
}

/* A project whose images are partly there: one cell of three has a file. */
static CytProject *
make_project (const char *folder, gint64 *dataset)
{
  g_autofree char *path = g_build_filename (folder, "p.cytosae", NULL);
  g_autoptr (CytImageList) list = cyt_test_make_image_list (folder, 60);
  g_autoptr (CytDataset) set = NULL;
  g_autoptr (CytTestIndexer) indexer = NULL;
  g_autoptr (CytImage) image = cyt_image_new (90, 70);
  g_autoptr (GError) error = NULL;
  CytProject *project = cyt_test_create_project (path, 40);
  CytOverlayStyle style = CYT_OVERLAY_STYLE_INIT;

  memset (image->pixels, 200, 90 * 70 * 3);
  for (gsize i = 0; i < 60; i += 3)
    {
      g_autofree char *file = cyt_image_list_dup_path (list, i);
      g_autofree char *parent = g_path_get_dirname (file);

      g_mkdir_with_parents (parent, 0755);
      g_assert_true (cyt_overlay_write_png (file, image, NULL, &style, NULL));
    }
  set = cyt_project_add_dataset (project, "cells – größer", "peripheral blood", 0.2, 25, list, &error);
  g_assert_no_error (error);
  indexer = cyt_test_indexer_new (project, set->name, 12);
  g_assert_true (cyt_test_indexer_commit (indexer, 60, &error));
  g_assert_no_error (error);
  *dataset = set->id;
  return project;
}

static guint
count_pixels (const CytImage *image, guint8 r, guint8 g, guint8 b)
{
  guint n = 0;

  for (gsize i = 0; i < (gsize) image->width * image->height; i++)
    n += ABS (image->pixels[3 * i] - r) <= 1 && ABS (image->pixels[3 * i + 1] - g) <= 1
         && ABS (image->pixels[3 * i + 2] - b) <= 1; /* cairo rounds as it likes */
  return n;
}

static void
test_sheet (void)
{
  g_autofree char *folder = cyt_test_make_tmpdir ();
  g_autofree char *path = g_build_filename (folder, "sheet.png", NULL);
  g_autofree char *bad = g_build_filename (folder, "none", "sheet.png", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) concepts = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  g_autoptr (CytImage) sheet = NULL;
  g_autoptr (CytImage) plain = NULL;
  g_autofree guint *many = g_new0 (guint, 1000);
  CytConcept *concept = cyt_concept_new (5);
  CytOverlayStyle style = CYT_OVERLAY_STYLE_INIT;
  const guint latents[] = { 5, 3, 14, 5 }, beyond[] = { 40 };
  gint64 dataset;
  g_autoptr (CytProject) project = make_project (folder, &dataset);

  g_free (concept->name);
  concept->name = g_strdup ("a name that is much too long for the sheet, told again: a name that is much too long for "
                            "the sheet\nand has lines");
  g_ptr_array_add (concepts, concept);
  g_assert_true (cyt_project_set_concepts (project, concepts, "R", "edit", NULL, &error));

  g_assert_true (cyt_concept_figure_write_png (path, project, dataset, latents, 4, 12, &style, &error));
  g_assert_no_error (error);
  sheet = cyt_image_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sheet->width, >, 2000);
  g_assert_cmpuint (count_pixels (sheet, 255, 255, 255), >, sheet->width * sheet->height / 4);
  g_assert_cmpuint (count_pixels (sheet, 200, 200, 200), >, 1000);   /* cells from files, where no patch lies */
  g_assert_cmpuint (count_pixels (sheet, 253, 231, 37), >, 40);      /* top of the colour bars */
  g_assert_cmpuint (count_pixels (sheet, 217, 220, 225), >, 10000);  /* cells that are not there */

  /* Without an overlay there is no colour and no bar. */
  style.mode = CYT_OVERLAY_OFF;
  g_assert_true (cyt_concept_figure_write_png (path, project, dataset, latents, 4, 12, &style, &error));
  plain = cyt_image_load (path, &error);
  g_assert_cmpuint (count_pixels (plain, 253, 231, 37), ==, 0);
  g_assert_cmpuint (count_pixels (plain, 200, 200, 200), >, count_pixels (sheet, 200, 200, 200));
  style.mode = CYT_OVERLAY_OUTLINE;
  g_assert_true (cyt_concept_figure_write_png (path, project, dataset, latents, 1, 1, &style, &error));
  g_assert_no_error (error);
  g_assert_true (cyt_concept_figure_write_png (path, project, dataset, latents, 1, 0, &style, &error));
  g_assert_no_error (error);

  g_assert_false (cyt_concept_figure_write_png (path, project, dataset, beyond, 1, 4, &style, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (cyt_concept_figure_write_png (path, project, dataset + 9, latents, 1, 4, &style, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (cyt_concept_figure_write_png (path, project, dataset, many, 1000, 4, &style, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (cyt_concept_figure_write_png (bad, project, dataset, latents, 1, 4, &style, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, bad));
  cyt_test_remove_tree (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/figures/colormaps", test_colormaps);
  g_test_add_func ("/figures/heat", test_heat);
  g_test_add_func ("/figures/outline", test_outline);
  g_test_add_func ("/figures/png", test_png);
  g_test_add_func ("/figures/draw", test_draw);
  g_test_add_func ("/figures/sheet", test_sheet);
  return g_test_run ();
}
