/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <locale.h>
#include <math.h>
#include <string.h>
#include <glib/gstdio.h>

#include "figures/cyt-concepts-figure.h"
#include "figures/cyt-figure-picture.h"
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
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 60, 60), *picture;
  cairo_t *cr = cairo_create (surface);
  CytOverlayStyle style = CYT_OVERLAY_STYLE_INIT;

  memset (image->pixels, 90, 200 * 100 * 3);
  picture = cyt_overlay_create_image_surface (image);
  cyt_figure_picture_draw (cr, picture, &map, &style, 10, 10, 40);
  g_assert_cmpuint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_surface_flush (surface);
  g_assert_cmpuint (get_pixel (surface, 30, 19), ==, 0);
  g_assert_cmpuint (get_pixel (surface, 9, 30), ==, 0);
  g_assert_cmpuint (get_pixel (surface, 30, 30), ==, 0xff5a5a5a);
  g_assert_cmpuint (get_pixel (surface, 11, 39), ==, 0xff5a5a5a);
  g_assert_cmpuint (get_pixel (surface, 49, 39), !=, 0xff5a5a5a); /* the strongest patch */
  g_assert_cmpuint (get_pixel (surface, 30, 41), ==, 0);
  style.mode = CYT_OVERLAY_OUTLINE;
  cyt_figure_picture_draw (cr, picture, &map, &style, 10, 10, 40);
  cairo_surface_flush (surface);
  g_assert_cmpuint (get_pixel (surface, 30, 30), ==, 0xff5a5a5a);
  g_assert_cmpuint (get_pixel (surface, 49, 39), !=, 0xff5a5a5a);
  cairo_destroy (cr);
  cairo_surface_destroy (picture);
  cairo_surface_destroy (surface);
}

static void
test_scale_bar (void)
{
  g_assert_cmpfloat_with_epsilon (cyt_figure_get_scale_bar_length (36), 10, 1e-9);
  g_assert_cmpfloat_with_epsilon (cyt_figure_get_scale_bar_length (12.6), 5, 1e-9);
  g_assert_cmpfloat_with_epsilon (cyt_figure_get_scale_bar_length (5.1), 2, 1e-9);
  g_assert_cmpfloat_with_epsilon (cyt_figure_get_scale_bar_length (0.6), 0.2, 1e-9);
}

/* A file's own bytes are embedded where they are those of a plain JPEG, without what else it says; decoded, they are the
 * picture. */
static void
test_jpeg (void)
{
  g_autoptr (CytImage) image = cyt_image_new (40, 30), back = NULL, same = NULL;
  g_autoptr (GBytes) jpeg = NULL, plain = NULL, told = NULL, plain_told = NULL, cut = NULL;
  g_autoptr (GByteArray) with = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  static const char comment[] = "\xff\xfe\x00\x0c" "A. Patient\xff\xe1\x00\x0a" "Exif\0\0zz";
  const guint8 *data;
  gsize n;

  for (gsize i = 0; i < 40 * 30 * 3; i++)
    image->pixels[i] = (guint8) (i * 7);
  jpeg = cyt_image_make_thumbnail (image, 96, &error);
  g_assert_no_error (error);
  plain = cyt_image_dup_plain_jpeg (jpeg);
  g_assert_nonnull (plain);
  data = g_bytes_get_data (jpeg, &n);
  g_byte_array_append (with, data, 2);
  g_byte_array_append (with, (const guint8 *) comment, sizeof comment - 1);
  g_byte_array_append (with, data + 2, (guint) n - 2);
  g_byte_array_append (with, (const guint8 *) "and more", 8);
  told = g_bytes_new (with->data, with->len);
  plain_told = cyt_image_dup_plain_jpeg (told);
  g_assert_true (g_bytes_equal (plain, plain_told));
  back = cyt_image_load_bytes (plain_told, "plain", &error);
  same = cyt_image_load_bytes (jpeg, "jpeg", &error);
  g_assert_no_error (error);
  g_assert_cmpmem (back->pixels, 40 * 30 * 3, same->pixels, 40 * 30 * 3);
  for (gsize size = 0; size < n; size += 7)
    {
      g_clear_pointer (&cut, g_bytes_unref);
      cut = g_bytes_new_from_bytes (jpeg, 0, size);
      g_assert_null (cyt_image_dup_plain_jpeg (cut));
    }
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

/* Pixels of the top of the colour bars: viridis' yellow on white. No cell has them: those are grey. */
static guint
count_bar (const CytImage *image)
{
  guint n = 0;

  for (gsize i = 0; i < (gsize) image->width * image->height; i++)
    n += image->pixels[3 * i] > 245 && image->pixels[3 * i + 1] > 230 && image->pixels[3 * i + 2] < 140;
  return n;
}

static CytFigure *
make_grid (CytProject *project, const char *dataset, const guint32 *latents, gsize n_latents, guint n_cells,
           CytOverlayMode mode, GError **error)
{
  CytConceptsFigureRequest request = CYT_CONCEPTS_FIGURE_REQUEST_INIT;

  request.dataset = dataset;
  request.latents = latents;
  request.n_latents = n_latents;
  request.n_cells = n_cells;
  request.overlay.mode = mode;
  return cyt_concepts_figure_new (project, &request, NULL, error);
}

static CytImage *
draw_grid (CytProject *project, const guint32 *latents, gsize n_latents, guint n_cells, CytOverlayMode mode, double width)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytFigure) figure = make_grid (project, "cells – größer", latents, n_latents, n_cells, mode, &error);
  CytFigureLayout layout = { .width = width, .dpi = 300 };
  g_autoptr (GBytes) bytes = NULL;
  CytImage *image;

  g_assert_no_error (error);
  g_assert_true (cyt_figure_style_init (&layout.style, NULL, NULL, &error));
  bytes = cyt_figure_encode (figure, &layout, CYT_FIGURE_PNG, "/", "f.png", &error);
  g_assert_no_error (error);
  image = cyt_image_load_bytes (bytes, "f.png", &error);
  g_assert_no_error (error);
  return image;
}

static void
test_grid (void)
{
  g_autofree char *folder = cyt_test_make_tmpdir ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) concepts = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  g_autoptr (CytImage) wide = NULL, narrow = NULL, plain = NULL, heat = NULL, outlined = NULL;
  g_autoptr (CytFigure) figure = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  CytConcept *concept = cyt_concept_new (5);
  const guint32 latents[] = { 5, 3, 14, 5 }, beyond[] = { 40 };
  CytConceptsFigureRequest request = CYT_CONCEPTS_FIGURE_REQUEST_INIT;
  gint64 dataset;
  g_autoptr (CytProject) project = make_project (folder, &dataset);

  g_free (concept->name);
  concept->name = g_strdup ("a name that is much too long for the sheet, told again: a name that is much too long for "
                            "the sheet\nand has lines: خلية حمضية");
  g_ptr_array_add (concepts, concept);
  g_assert_true (cyt_project_set_concepts (project, concepts, "R", "edit", NULL, &error));

  wide = draw_grid (project, latents, 4, 12, CYT_OVERLAY_HEAT, 183);
  g_assert_cmpuint (wide->width, ==, 2161);
  g_assert_cmpuint (count_pixels (wide, 255, 255, 255), >, wide->width * wide->height / 4);
  g_assert_cmpuint (count_pixels (wide, 200, 200, 200), >, 100000);  /* cells from files, where no patch lies */
  g_assert_cmpuint (count_bar (wide), >, 40);
  g_assert_cmpuint (count_pixels (wide, 209, 212, 217), >, 100000);  /* cells that are not there */
  narrow = draw_grid (project, latents, 4, 12, CYT_OVERLAY_HEAT, 89);
  g_assert_cmpuint (narrow->width, ==, 1051);
  g_assert_cmpuint (narrow->height, >, wide->height);                /* in more lines */

  /* Without an overlay there is no colour and no bar. (Of eight cells, which are in one line with and without it.) */
  plain = draw_grid (project, latents, 4, 8, CYT_OVERLAY_OFF, 183);
  heat = draw_grid (project, latents, 4, 8, CYT_OVERLAY_HEAT, 183);
  g_assert_cmpuint (count_bar (plain), ==, 0);
  g_assert_cmpuint (count_pixels (plain, 200, 200, 200), >, count_pixels (heat, 200, 200, 200));
  outlined = draw_grid (project, latents, 1, 1, CYT_OVERLAY_OUTLINE, 183);
  g_assert_cmpuint (count_pixels (outlined, 255, 247, 191), >, 10);

  figure = make_grid (project, "cells – größer", latents, 3, 4, CYT_OVERLAY_HEAT, &error);
  g_assert_nonnull (strstr (figure->caption, "a name that is much too long"));
  g_assert_nonnull (strstr (figure->caption, " cells of data set \"cells – größer\" (peripheral blood)"));
  g_assert_nonnull (strstr (figure->caption, "were not found"));
  g_assert_cmpuint (figure->provenance->latents->len, ==, 3);

  /* The window runs in the user's locale, the command line does not: both make the same figure. */
  if (setlocale (LC_NUMERIC, "de_DE.utf8") != NULL)
    {
      g_autoptr (CytFigure) german = make_grid (project, "cells – größer", latents, 3, 4, CYT_OVERLAY_HEAT, &error);

      setlocale (LC_NUMERIC, "C");
      g_assert_cmpstr (german->caption, ==, figure->caption);
    }

  g_assert_null (make_grid (project, "cells – größer", beyond, 1, 4, CYT_OVERLAY_HEAT, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (make_grid (project, "others", latents, 1, 4, CYT_OVERLAY_HEAT, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  request.dataset = "cells – größer";
  request.latents = latents;
  request.n_latents = 1;
  request.scale_bar = TRUE; /* of pixels whose size nobody gave */
  g_assert_null (cyt_concepts_figure_new (project, &request, NULL, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_clear_error (&error);
  request.scale_bar = FALSE;
  g_cancellable_cancel (cancelled);
  g_assert_null (cyt_concepts_figure_new (project, &request, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
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
  g_test_add_func ("/figures/scale-bar", test_scale_bar);
  g_test_add_func ("/figures/jpeg", test_jpeg);
  g_test_add_func ("/figures/grid", test_grid);
  return g_test_run ();
}
