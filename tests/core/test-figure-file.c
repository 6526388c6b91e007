/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>
#include <zlib.h>
#include <glib/gstdio.h>

#include "figures/cyt-axes.h"
#include "figures/cyt-figure.h"
#include "io/cyt-embedded-text.h"
#include "io/cyt-error.h"
#include "io/cyt-image.h"
#include "test-project-util.h"
#include "test-util.h"

/* A drawing with all that figures are made of: a line, type in three scripts, an axis, a picture. */
static double
draw_sample (cairo_t *cr, const CytFigureStyle *style, double width, gpointer data)
{
  const CytFigureFont title = CYT_FIGURE_TITLE (style), text = CYT_FIGURE_TEXT (style);
  const cairo_rectangle_t outer = { 0, 20, width, 80 };
  cairo_surface_t *picture = data;
  cairo_rectangle_t plot;
  CytAxesStyle axes;
  CytAxis x, y;

  cyt_figure_set_color (cr, style->accent);
  cyt_figure_text_draw (cr, &title, 0, 10, 0, width, "Auer-Stäbchen");
  cyt_figure_set_color (cr, style->ink);
  cyt_figure_text_draw (cr, &text, width, 10, 1, width, "خلية حمضية");
  cyt_axis_init (&x, CYT_AXIS_LINEAR, FALSE, 0, 10);
  cyt_axis_init (&y, CYT_AXIS_LOG, FALSE, 0.1, 100);
  cyt_axes_style_init_figure (&axes, style);
  cyt_axes_measure (cr, &x, "latent", &y, "activation", &axes, &outer, &plot);
  cyt_axes_draw (cr, &x, "latent", &y, "activation", &axes, &plot);
  cairo_save (cr);
  cairo_translate (cr, plot.x, plot.y);
  cairo_scale (cr, 20.0 / 8, 20.0 / 8);
  cairo_set_source_surface (cr, picture, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint_with_alpha (cr, 0.5);
  cairo_restore (cr);
  return 110;
}

typedef struct
{
  char *folder;
  CytProject *project;
  CytFigure *figure;
  CytFigureLayout layout;
} Fixture;

static CytFigure *
make_figure (CytProject *project)
{
  g_autoptr (GError) error = NULL;
  const guint32 latents[] = { 5, 3, 14 };
  CytFigureProvenance *provenance = cyt_figure_provenance_new (project, "sample", &error);
  cairo_surface_t *picture = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 8, 8);
  CytFigure *figure;

  g_assert_no_error (error);
  memset (cairo_image_surface_get_data (picture), 0x60, 8 * 32);
  cairo_surface_mark_dirty (picture);
  for (guint i = 0; i < 3; i++)
    cyt_figure_provenance_add_latent (provenance, latents[i]);
  cyt_figure_provenance_add_latents (provenance, "--latents", latents, 3);
  cyt_figure_provenance_add_argument (provenance, "--dataset", "Blut – „groß“ 😀");
  cyt_figure_provenance_add_double (provenance, "--threshold", 0.1);
  cyt_figure_provenance_add_int (provenance, "--cells", 8);
  provenance->threshold = 0.2;
  figure = cyt_figure_new (draw_sample, picture, (GDestroyNotify) cairo_surface_destroy, provenance);
  figure->title = g_strdup ("A sample (with \\brackets\\)");
  figure->caption = g_strdup ("Cells & <größte> activations.\nτ = 0.2");
  return figure;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  f->folder = cyt_test_make_tmpdir ();
  path = g_build_filename (f->folder, "p.cytosae", NULL);
  f->project = cyt_test_create_project (path, 40);
  f->figure = make_figure (f->project);
  f->layout = (CytFigureLayout){ .width = 89, .dpi = 300, .panel = "a" };
  g_assert_true (cyt_figure_style_init (&f->layout.style, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_figure_free (f->figure);
  cyt_project_close (f->project);
  cyt_test_remove_tree (f->folder);
  g_free (f->folder);
}

static GBytes *
encode (Fixture *f, CytFigureFormat format)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = cyt_figure_encode (f->figure, &f->layout, format, f->folder, "f", &error);

  g_assert_no_error (error);
  return bytes;
}

static gboolean
contains (GBytes *bytes, const char *text)
{
  return memmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text)) != NULL;
}

/* The picture has the pixels that width and density ask for, and says how many there are to a metre. */
static void
test_png (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) bytes = encode (f, CYT_FIGURE_PNG);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytImage) image = cyt_image_load_bytes (bytes, "f.png", &error);
  static const guint8 density[] = { 'p', 'H', 'Y', 's', 0, 0, 0x2e, 0x23, 0, 0, 0x2e, 0x23, 1 }; /* 11,811 */
  guint n_ink = 0, n_edge = 0;

  g_assert_no_error (error);
  g_assert_cmpuint (image->width, ==, 1051); /* 89 mm · 300 / 25.4 = 1051.2 */
  g_assert_cmpuint (image->height, ==, (guint) ceil (cyt_figure_get_height (f->figure, &f->layout) * 1051 / (89 * 72 / 25.4)));
  for (guint y = 0; y < image->height; y++)
    for (guint x = 0; x < image->width; x++)
      if (image->pixels[3 * (y * image->width + x) + 1] < 128)
        {
          n_ink++;
          n_edge += x == 0 || y == 0 || x == image->width - 1 || y == image->height - 1;
        }
  g_assert_cmpuint (n_ink, >, 5000);
  g_assert_cmpuint (n_edge, ==, 0);
  g_assert_nonnull (memmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), density, sizeof density));
  g_assert_true (contains (bytes, "tEXtTitle"));
  g_assert_true (contains (bytes, "iTXtDescription"));
  g_assert_true (contains (bytes, "größte"));
}

/* Twice the same, also with other surfaces made in between; the date alone may differ. */
static void
test_same (Fixture *f, gconstpointer data)
{
  for (CytFigureFormat format = CYT_FIGURE_PNG; format <= CYT_FIGURE_SVG; format++)
    {
      g_autoptr (GBytes) first = NULL, second = NULL, third = NULL;
      g_autoptr (CytFigure) again = make_figure (f->project);

      g_setenv ("SOURCE_DATE_EPOCH", "1000000000", TRUE);
      first = encode (f, format);
      cairo_surface_destroy (cyt_figure_render (f->figure, &f->layout, 1, NULL));
      cyt_figure_free (f->figure);
      f->figure = g_steal_pointer (&again);
      second = encode (f, format);
      g_assert_true (g_bytes_equal (first, second));
      g_assert_true (format != CYT_FIGURE_PDF || contains (first, "/CreationDate (D:20010909014640Z)"));
      g_setenv ("SOURCE_DATE_EPOCH", "1700000000", TRUE);
      third = encode (f, format);
      g_assert_true (cyt_figure_is_same (first, third, format));
      g_assert_cmpint (g_bytes_equal (first, third), ==, format != CYT_FIGURE_PDF);
      g_unsetenv ("SOURCE_DATE_EPOCH");
      f->layout.panel[0]++;
      g_clear_pointer (&third, g_bytes_unref);
      third = encode (f, format);
      g_assert_false (cyt_figure_is_same (first, third, format));
    }
}

/* What a figure says of itself comes back from all three, whatever its folder. */
static void
test_provenance (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "f.png", "f.pdf", "f.svg" };
  g_autofree char *below = g_build_filename (f->folder, "paper", NULL);

  g_mkdir (below, 0755);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (below, names[i], NULL), *joined = NULL, *expected = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (CytFigureProvenance) back = NULL;
      g_auto (GStrv) changes = NULL;

      g_assert_true (cyt_figure_write (f->figure, &f->layout, path, &error));
      g_assert_no_error (error);
      back = cyt_figure_provenance_load (path, &error);
      g_assert_no_error (error);
      g_ptr_array_add (back->command, NULL);
      joined = g_strjoinv ("|", (char **) back->command->pdata);
      g_assert_cmpstr (joined, ==, "figure|../p.cytosae|sample|--latents|5,3,14|--dataset|Blut – „groß“ 😀|--threshold|0.1|"
                                   "--cells|8|--width|89|--dpi|300|--style|nature|--panel|a");
      g_assert_cmpstr (back->version, ==, CYT_VERSION);
      g_assert_cmpstr (back->sae_sha256, ==, cyt_project_get_sae (f->project)->sha256);
      changes = cyt_figure_provenance_compare (back, f->figure->provenance);
      g_assert_cmpuint (g_strv_length (changes), ==, 0);
    }
}

static void
check_changes (const CytFigureProvenance *before, const CytFigureProvenance *now, const char *says)
{
  g_auto (GStrv) changes = cyt_figure_provenance_compare (before, now);

  g_assert_cmpuint (g_strv_length (changes), ==, 1);
  g_assert_nonnull (strstr (changes[0], says));
}

static void
test_changes (Fixture *f, gconstpointer data)
{
  g_autoptr (CytFigureProvenance) now = cyt_figure_provenance_new (f->project, "sample", NULL);
  CytDataset then = { .name = (char *) "blood", .n_indexed = 100 }, today = { .name = (char *) "blood", .n_indexed = 120 };

  now->edit = 3;
  check_changes (f->figure->provenance, now, "labels");
  now->edit = 0;
  cyt_figure_provenance_add_dataset (now, &today);
  check_changes (f->figure->provenance, now, "data sets");
  cyt_figure_provenance_add_dataset (f->figure->provenance, &then);
  check_changes (f->figure->provenance, now, "120 cells indexed, it had 100");
  g_array_set_size (f->figure->provenance->datasets, 0);
  g_array_set_size (now->datasets, 0);
  now->sae_sha256[0] ^= 1;
  check_changes (f->figure->provenance, now, "another SAE");
}

static void
check_refused (const char *json, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cyt_figure_provenance_parse (json, "f.png", &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT);
  g_assert_true (g_str_has_prefix (error->message, "f.png: "));
  g_assert_nonnull (strstr (error->message, says));
  g_assert_null (strchr (error->message, '\n'));
}

#define FACTS "\"version\":\"1\",\"sae\":\"0\",\"datasets\":[]"

static void
test_hostile_json (void)
{
  g_autofree char *deep = g_strnfill (5000, '['), *many = NULL;
  g_autoptr (GString) arguments = g_string_new ("{\"program\":\"CytoSAE Explorer\"," FACTS ",\"command\":[\"cytosae\",\"figure\"");

  for (guint i = 0; i < 2000; i++)
    g_string_append (arguments, ",\"a\"");
  many = g_strconcat (arguments->str, "]}", NULL);
  check_refused ("", "not made by this program");
  check_refused ("{", "damaged");
  check_refused (deep, "damaged");
  check_refused ("[]", "not made by this program");
  check_refused ("{\"program\":\"other\"}", "not made by this program");
  check_refused ("{\"program\":\"CytoSAE Explorer\"," FACTS "}", "no command");
  check_refused (many, "no command");
  check_refused ("{\"program\":\"CytoSAE Explorer\"," FACTS ",\"command\":[\"cytosae\",\"figure\",\"p\",7]}", "list of texts");
  check_refused ("{\"program\":\"CytoSAE Explorer\"," FACTS ",\"command\":[\"rm\",\"figure\",\"p\",\"concepts\"]}", "this program");
  check_refused ("{\"program\":\"CytoSAE Explorer\"," FACTS ",\"command\":[\"cytosae\",\"pack\",\"p\",\"q\"]}", "make a figure");
  check_refused ("{\"program\":\"CytoSAE Explorer\"," FACTS ",\"command\":[\"cytosae\",\"figure\",\"--again\",\"q\"]}", "make a figure");
  check_refused ("{\"program\":\"CytoSAE Explorer\",\"command\":[\"cytosae\",\"figure\",\"p\",\"concepts\"]}", "which program");
  check_refused ("{\"program\":\"CytoSAE Explorer\",\"version\":\"1\",\"sae\":\"0\",\"datasets\":[1],"
                 "\"command\":[\"cytosae\",\"figure\",\"p\",\"concepts\"]}", "data sets");
}

/* Cut short, with bytes changed, or something else: an error that names the file, never a crash. */
static void
test_hostile_files (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "f.png", "f.pdf", "f.svg" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (f->folder, names[i], NULL);
      g_autoptr (GBytes) bytes = encode (f, (CytFigureFormat) i);
      gsize n;
      const guint8 *good = g_bytes_get_data (bytes, &n);
      g_autoptr (GRand) rand = g_rand_new_with_seed (7);

      for (guint k = 0; k < 300; k++)
        {
          g_autofree guint8 *bad = g_memdup2 (good, n);
          g_autofree char *text = NULL;
          g_autoptr (GError) error = NULL;
          gsize size = k < 100 ? (gsize) g_rand_int_range (rand, 0, (gint32) n) : n;

          for (guint j = 0; k >= 100 && j < 20; j++)
            bad[g_rand_int_range (rand, 0, (gint32) n)] = (guint8) g_rand_int (rand);
          g_assert_true (g_file_set_contents_full (path, (const char *) bad, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
          text = cyt_embedded_text_read (path, CYT_FIGURE_METADATA_KEY, CYT_FIGURE_MAX_METADATA, &error);
          if (text == NULL)
            g_assert_nonnull (strstr (error->message, names[i]));
          else
            {
              g_autoptr (CytFigureProvenance) any = cyt_figure_provenance_parse (text, path, NULL);
            }
        }
      g_assert_true (g_file_set_contents (path, (const char *) good, (gssize) n, NULL));
      g_assert_null (cyt_embedded_text_read (path, CYT_FIGURE_METADATA_KEY, 10, NULL));
      g_assert_null (cyt_embedded_text_read (path, "another-key", 1000, NULL));
    }
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "f.gif", NULL), *none = g_build_filename (f->folder, "none", "f.png", NULL);
  g_autofree char *pdf = g_build_filename (f->folder, "f.pdf", NULL);
  g_autoptr (GError) error = NULL;
  CytFigureStyle style;

  g_assert_false (cyt_figure_write (f->figure, &f->layout, path, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (cyt_figure_write (f->figure, &f->layout, none, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, none));
  g_clear_error (&error);
  f->layout.width = 1000;
  f->layout.dpi = 2400;
  g_assert_null (cyt_figure_encode (f->figure, &f->layout, CYT_FIGURE_PNG, f->folder, "f.png", &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_true (cyt_figure_write (f->figure, &f->layout, pdf, &error)); /* which has no pixels */
  g_assert_no_error (error);
  g_assert_false (cyt_figure_style_init (&style, "loud", NULL, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (cyt_figure_style_init (&style, NULL, "No Such Family", &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
}

static void
test_text (void)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 200, 50);
  cairo_t *cr = cairo_create (surface);
  const CytFigureFont font = { NULL, 10, FALSE }, large = { NULL, 20, FALSE };
  double ascent, descent, same_ascent;
  double one = cyt_figure_text_measure (cr, &font, "Neutrophil");

  g_assert_cmpfloat (one, >, 30);
  g_assert_cmpfloat_with_epsilon (cyt_figure_text_measure (cr, &large, "Neutrophil"), 2 * one, 0.02 * one);
  g_assert_cmpfloat (cyt_figure_text_measure (cr, &font, "Neutro\nphil\t"), >, one); /* one line */
  g_assert_cmpfloat (cyt_figure_text_measure (cr, &font, "\xff\xfe"), >, 0);
  g_assert_cmpfloat_with_epsilon (cyt_figure_text_draw (cr, &font, 0, 20, 0, INFINITY, "Neutrophil"), one, 1e-9);
  g_assert_cmpfloat (cyt_figure_text_draw (cr, &font, 0, 20, 0, 30, "Neutrophil"), <=, 30);
  g_assert_cmpfloat (cyt_figure_text_draw (cr, &font, 0, 20, 0, 0, "Neutrophil"), ==, 0);
  g_assert_cmpfloat (cyt_figure_text_draw (cr, &font, 100, 20, 1, 30, "خلية حمضية كبيرة جدا"), <=, 30);
  g_assert_cmpfloat (cyt_figure_text_draw_paragraph (cr, &font, 0, 0, 50, "one two three four five"), >, 20);
  cyt_figure_text_get_metrics (cr, &font, &ascent, &descent);
  g_assert_cmpfloat (ascent, >, 5);
  g_assert_cmpfloat (descent, >, 1);
  cairo_scale (cr, 7, 7); /* the size on paper is the same at any resolution */
  g_assert_cmpfloat_with_epsilon (cyt_figure_text_measure (cr, &font, "Neutrophil"), one, 0.01 * one);
  cyt_figure_text_get_metrics (cr, &font, &same_ascent, NULL);
  g_assert_cmpfloat_with_epsilon (ascent, same_ascent, 0.01);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/figure-file/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("png", test_png);
  ADD ("same", test_same);
  ADD ("provenance", test_provenance);
  ADD ("changes", test_changes);
  ADD ("hostile-files", test_hostile_files);
  ADD ("refused", test_refused);
  g_test_add_func ("/figure-file/hostile-json", test_hostile_json);
  g_test_add_func ("/figure-file/text", test_text);
  return g_test_run ();
}
