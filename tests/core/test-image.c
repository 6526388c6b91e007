/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <jpeglib.h>
#include <tiffio.h>

#include "io/cyt-error.h"
#include "io/cyt-image.h"
#include "test-util.h"

/* Files that PIL reads and we refuse by name. */
static const char *const refused[] = {
  "bmp-rle8-delta.bmp", "tiff-float.tif", "tiff-grey32", "tiff-lab", "tiff-planar16.tif", "tiff-planar16-be.tif", "tiff-ycbcr-deflate.tif",
  NULL,
};

typedef struct
{
  const guint8 *at;
  gsize left;
} Answers;

static const guint8 *
take (Answers *self, gsize n)
{
  const guint8 *at = self->at;

  g_assert_cmpuint (n, <=, self->left);
  self->at += n;
  self->left -= n;
  return at;
}

static guint32
take_u32 (Answers *self)
{
  guint32 value;

  memcpy (&value, take (self, 4), 4);
  return GUINT32_FROM_LE (value);
}

static gboolean
starts_with_any (const char *name, const char *const *prefixes)
{
  for (; *prefixes != NULL; prefixes++)
    if (g_str_has_prefix (name, *prefixes))
      return TRUE;
  return FALSE;
}

static gboolean
equal_pixels (const char *name, const CytImage *image, guint width, guint height, const guint8 *pixels)
{
  if (image->width != width || image->height != height)
    {
      g_test_message ("%s: %u × %u, expected %u × %u", name, image->width, image->height, width, height);
      return FALSE;
    }
  for (gsize i = 0; i < 3 * (gsize) width * height; i++)
    if (image->pixels[i] != pixels[i])
      {
        g_test_message ("%s: %u × %u: byte %" G_GSIZE_FORMAT " is %u, expected %u", name, width, height, i,
                        image->pixels[i], pixels[i]);
        return FALSE;
      }
  return TRUE;
}

/* One file against PIL's answer to it; FALSE with a message when they differ. */
static gboolean
check_answer (Answers *answers)
{
  guint32 n_path = take_u32 (answers);
  g_autofree char *path = g_strndup ((const char *) take (answers, n_path), n_path);
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytImage) image = cyt_image_load (path, &error);
  gboolean readable = take_u32 (answers);
  gboolean equal = TRUE;
  guint width, height, n_sizes;
  const guint8 *pixels;

  g_assert_true ((image == NULL) == (error != NULL));
  if (error != NULL)
    {
      g_assert_nonnull (strstr (error->message, path));
      g_assert_null (strchr (error->message, '\n'));
    }
  if (!readable)
    {
      if (image != NULL)
        {
          g_test_message ("%s: read, but PIL refuses it", name);
          return FALSE;
        }
      return TRUE;
    }

  width = take_u32 (answers);
  height = take_u32 (answers);
  pixels = take (answers, 3 * (gsize) width * height);
  n_sizes = take_u32 (answers);
  if (image == NULL)
    {
      equal = g_error_matches (error, CYT_IMAGE_ERROR, CYT_IMAGE_ERROR_UNSUPPORTED) && starts_with_any (name, refused);
      if (!equal)
        g_test_message ("%s, but PIL reads it", error->message);
    }
  else
    equal = equal_pixels (name, image, width, height, pixels);
  for (guint i = 0; i < n_sizes; i++)
    {
      guint w = take_u32 (answers);
      guint h = take_u32 (answers);
      const guint8 *expected = take (answers, 3 * (gsize) w * h);

      if (equal && image != NULL)
        {
          g_autoptr (CytImage) resized = cyt_image_resize (image, w, h);
          equal = equal_pixels (name, resized, w, h, expected);
        }
    }
  return equal;
}

static void
check_answers (const char *folder, guint n_least)
{
  g_autofree char *path = g_build_filename (folder, "answers.bin", NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  Answers answers;
  guint n = 0, n_bad = 0;

  g_file_get_contents (path, &data, &answers.left, &error);
  g_assert_no_error (error);
  answers.at = (const guint8 *) data;
  for (; answers.left > 0; n++)
    n_bad += !check_answer (&answers);
  g_test_message ("%u files", n);
  g_assert_cmpuint (n, >=, n_least);
  g_assert_cmpuint (n_bad, ==, 0);
}

/* JPEGs that PIL cannot write: restart markers, Adobe's CMYK and YCCK, odd sampling, plain RGB. */
static void
write_jpeg (const char *folder, const char *name, J_COLOR_SPACE in, J_COLOR_SPACE out, int h, int v, int restart)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct jpeg_compress_struct cinfo;
  struct jpeg_error_mgr errors;
  int n = in == JCS_CMYK ? 4 : 3;
  guint8 row[45 * 4];
  JSAMPROW rows = row;
  FILE *file = fopen (path, "wb");

  cinfo.err = jpeg_std_error (&errors);
  jpeg_create_compress (&cinfo);
  jpeg_stdio_dest (&cinfo, file);
  cinfo.image_width = 45;
  cinfo.image_height = 31;
  cinfo.input_components = n;
  cinfo.in_color_space = in;
  jpeg_set_defaults (&cinfo);
  jpeg_set_colorspace (&cinfo, out);
  cinfo.comp_info[0].h_samp_factor = h;
  cinfo.comp_info[0].v_samp_factor = v;
  cinfo.restart_interval = restart;
  cinfo.write_Adobe_marker = restart == 0 || out != JCS_CMYK;
  jpeg_start_compress (&cinfo, TRUE);
  while (cinfo.next_scanline < cinfo.image_height)
    {
      for (int x = 0; x < 45 * n; x++)
        row[x] = (guint8) (x * 3 + (int) cinfo.next_scanline * (x % n + 2) + (x * x) % 29);
      jpeg_write_scanlines (&cinfo, &rows, 1);
    }
  jpeg_finish_compress (&cinfo);
  jpeg_destroy_compress (&cinfo);
  fclose (file);
}

/* A TIFF with chroma-subsampled JPEG inside, in tiles or strips. */
static void
write_tiff_jpeg (const char *folder, const char *name, guint tile, guint16 subsampling)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  TIFF *tiff = TIFFOpen (path, "w");
  guint8 pixels[32 * 32 * 3];

  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, 50);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, 45);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
  TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, COMPRESSION_JPEG);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_YCBCR);
  TIFFSetField (tiff, TIFFTAG_YCBCRSUBSAMPLING, subsampling, subsampling);
  TIFFSetField (tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  if (tile > 0)
    {
      TIFFSetField (tiff, TIFFTAG_TILEWIDTH, tile);
      TIFFSetField (tiff, TIFFTAG_TILELENGTH, tile);
    }
  else
    TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, 16);
  for (guint i = 0; i < (tile > 0 ? 4u : 45u); i++)
    {
      for (gsize j = 0; j < sizeof pixels; j++)
        pixels[j] = (guint8) (j * (2 + j % 3) / 3 + i * 11);
      if (tile > 0)
        TIFFWriteTile (tiff, pixels, (i % 2) * tile, (i / 2) * tile, 0, 0);
      else
        TIFFWriteScanline (tiff, pixels, i, 0);
    }
  TIFFClose (tiff);
}

static void
test_generated (void)
{
  g_autofree char *folder = cyt_test_make_tmpdir ();

  write_jpeg (folder, "jpeg-restart-420.jpg", JCS_RGB, JCS_YCbCr, 2, 2, 2);
  write_jpeg (folder, "jpeg-restart-444.jpg", JCS_RGB, JCS_YCbCr, 1, 1, 3);
  write_jpeg (folder, "jpeg-440.jpg", JCS_RGB, JCS_YCbCr, 1, 2, 0);
  write_jpeg (folder, "jpeg-411.jpg", JCS_RGB, JCS_YCbCr, 4, 1, 0);
  write_jpeg (folder, "jpeg-rgb.jpg", JCS_RGB, JCS_RGB, 1, 1, 0);
  write_jpeg (folder, "jpeg-adobe-cmyk.jpg", JCS_CMYK, JCS_CMYK, 1, 1, 0);
  write_jpeg (folder, "jpeg-plain-cmyk.jpg", JCS_CMYK, JCS_CMYK, 1, 1, 1);
  write_jpeg (folder, "jpeg-ycck.jpg", JCS_CMYK, JCS_YCCK, 1, 1, 0);
  write_jpeg (folder, "jpeg-ycck-420.jpg", JCS_CMYK, JCS_YCCK, 2, 2, 0);
  write_tiff_jpeg (folder, "tiff-jpeg-tiled-420.tif", 32, 2);
  write_tiff_jpeg (folder, "tiff-jpeg-strips-420.tif", 0, 2);
  write_tiff_jpeg (folder, "tiff-jpeg-tiled-444.tif", 32, 1);
  cyt_test_run_reference ("image.py", folder, NULL);
  check_answers (folder, 400);
  cyt_test_remove_tree (folder);
}

/* Every kind of file with bytes turned, cut and doubled: an image or an error, never a crash or a huge
 * allocation. What is read must have the announced shape (the sanitizers see to the rest). */
static void
test_mutated (void)
{
  g_autofree char *folder = cyt_test_make_tmpdir ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint n_read = 0, n_refused = 0;

  cyt_test_run_reference ("image.py", folder, NULL);
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *data = NULL;
      gsize size;

      g_assert_true (g_file_get_contents (path, &data, &size, NULL));
      for (guint i = 0; i < 12 && size > 0 && size < 100000; i++)
        {
          g_autofree guint8 *copy = g_memdup2 (data, size);
          guint n_flips = (guint) g_rand_int_range (rand, 1, 6);
          gsize n = i % 4 == 3 ? (gsize) g_rand_int_range (rand, 0, (gint32) size) : size;
          g_autoptr (GBytes) bytes = NULL;
          g_autoptr (CytImage) image = NULL;
          g_autoptr (GError) error = NULL;

          for (guint j = 0; j < n_flips; j++)
            {
              /* Headers decide, so most of the damage goes there. */
              gsize end = j % 2 ? size : MIN (size, 120);
              copy[g_rand_int_range (rand, 0, (gint32) end)] ^= 1u << g_rand_int_range (rand, 0, 8);
            }
          bytes = g_bytes_new (copy, n);
          image = cyt_image_load_bytes (bytes, name, &error);
          g_assert_true ((image == NULL) == (error != NULL));
          if (image == NULL)
            g_assert_true (error->domain == CYT_IMAGE_ERROR);
          n_read += image != NULL;
          n_refused += image == NULL;
        }
    }
  g_test_message ("%u read, %u refused", n_read, n_refused);
  g_assert_cmpuint (n_read, >, 500);
  g_assert_cmpuint (n_refused, >, 500);
  cyt_test_remove_tree (folder);
}

/* Formats that are refused say which they are. */
static void
test_foreign (void)
{
  static const struct
  {
    const char *name;
    const char *head;
    gsize n;
  } heads[] = {
    { "JPEG 2000", "\xff\x4f\xff\x51", 4 },
    { "HEIC", "\0\0\0\x18" "ftypheic", 12 },
    { "AVIF", "\0\0\0\x18" "ftypavif", 12 },
    { "Photoshop", "8BPS", 4 },
    { "PPM", "P6\n", 3 },
    { "PDF", "%PDF-1.4", 8 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GByteArray) data = g_byte_array_new ();
      g_autoptr (GBytes) bytes = NULL;

      g_byte_array_append (data, (const guint8 *) heads[i].head, (guint) heads[i].n);
      g_byte_array_set_size (data, 200);
      bytes = g_bytes_new (data->data, data->len);
      g_assert_null (cyt_image_load_bytes (bytes, "cell.jpg", &error));
      g_assert_error (error, CYT_IMAGE_ERROR, CYT_IMAGE_ERROR_UNSUPPORTED);
      g_assert_nonnull (strstr (error->message, heads[i].name));
      g_assert_nonnull (strstr (error->message, "cell.jpg"));
    }
}

/* Sizes beyond the cap are refused before anything of that size is allocated. */
static void
test_caps (void)
{
  static const guint8 gif[] = "GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\2\1\x54\0;";
  g_autoptr (GBytes) bytes = g_bytes_new_static (gif, sizeof gif - 1);
  g_autoptr (GError) error = NULL;

  g_assert_null (cyt_image_load_bytes (bytes, "cell.gif", &error));
  g_assert_error (error, CYT_IMAGE_ERROR, CYT_IMAGE_ERROR_TOO_LARGE);
}

/* Files that are no plain files, and errors that name them. */
static void
test_files (void)
{
  g_autofree char *folder = cyt_test_make_tmpdir ();
  g_autofree char *pipe = g_build_filename (folder, "pipe.jpg", NULL);
  g_autofree char *missing = g_build_filename (folder, "missing.jpg", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_null (cyt_image_load (pipe, &error));
  g_assert_error (error, CYT_IMAGE_ERROR, CYT_IMAGE_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_null (cyt_image_load (folder, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_assert_nonnull (strstr (error->message, folder));
  g_clear_error (&error);
  g_assert_null (cyt_image_load (missing, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, missing));
  cyt_test_remove_tree (folder);
}

static void
check_thumbnail (guint width, guint height, guint size, guint expected_width, guint expected_height)
{
  g_autoptr (CytImage) image = cyt_image_new (width, height);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) jpeg = NULL;
  g_autoptr (CytImage) back = NULL;
  double sum = 0;

  for (gsize i = 0; i < 3 * (gsize) width * height; i++)
    image->pixels[i] = (guint8) (i % 3 * 60 + 80);
  jpeg = cyt_image_make_thumbnail (image, size, &error);
  g_assert_no_error (error);
  back = cyt_image_load_bytes (jpeg, "thumbnail", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->width, ==, expected_width);
  g_assert_cmpuint (back->height, ==, expected_height);
  for (gsize i = 0; i < 3 * (gsize) back->width * back->height; i++)
    sum += ABS ((int) back->pixels[i] - (int) (i % 3 * 60 + 80));
  g_assert_true (sum / (3.0 * back->width * back->height) <= 3);
}

static void
test_thumbnail (void)
{
  check_thumbnail (360, 363, 96, 95, 96);
  check_thumbnail (640, 480, 96, 96, 72);
  check_thumbnail (50, 40, 96, 50, 40);
  check_thumbnail (96, 96, 96, 96, 96);
  check_thumbnail (5000, 3, 96, 96, 1);
  check_thumbnail (1, 1, 96, 1, 1);
}

/* The encoder's input, and passes that have nothing to do. */
static void
test_preprocess (void)
{
  g_autoptr (CytImage) image = cyt_image_new (CYT_IMAGE_SIZE, CYT_IMAGE_SIZE);
  g_autofree guint8 *out = g_malloc0 (3 * CYT_IMAGE_SIZE * CYT_IMAGE_SIZE);

  for (gsize i = 0; i < 3 * CYT_IMAGE_SIZE * CYT_IMAGE_SIZE; i++)
    image->pixels[i] = (guint8) (i * 7 + i / 1000);
  g_assert_true (cyt_image_preprocess (image, out));
  g_assert_cmpmem (out, 3 * CYT_IMAGE_SIZE * CYT_IMAGE_SIZE, image->pixels, 3 * CYT_IMAGE_SIZE * CYT_IMAGE_SIZE);
}

/* Every image of a folder of real cells, in all their sizes. */
static void
check_shared (const char *relative, guint step, guint n_least)
{
  g_autofree char *shared = cyt_test_shared (relative);
  g_autofree char *folder = NULL;

  if (shared == NULL)
    return;
  folder = cyt_test_make_tmpdir ();
  {
    g_autofree char *every = g_strdup_printf ("%u", step);
    cyt_test_run_reference ("image_answers.py", folder, shared, every, NULL);
  }
  check_answers (folder, n_least);
  cyt_test_remove_tree (folder);
}

static void
test_zheng (void)
{
  check_shared ("cells/zheng", 1, 600);
}

static void
test_bone_marrow (void)
{
  check_shared ("cells/bone-marrow", 1, 14);
}

static void
test_fields (void)
{
  check_shared ("cells/bccd-fields", 1, 61);
}

static void
test_pbc (void)
{
  check_shared ("cells/pbc", 9, 190);
}

static void
test_pbc_reduced (void)
{
  check_shared ("cells/pbc-full-224", 200, 80);
}

static void
test_odd (void)
{
  check_shared ("cells/odd", 1, 4);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image/generated", test_generated);
  g_test_add_func ("/image/mutated", test_mutated);
  g_test_add_func ("/image/foreign", test_foreign);
  g_test_add_func ("/image/caps", test_caps);
  g_test_add_func ("/image/files", test_files);
  g_test_add_func ("/image/thumbnail", test_thumbnail);
  g_test_add_func ("/image/preprocess", test_preprocess);
  g_test_add_func ("/image/zheng", test_zheng);
  g_test_add_func ("/image/bone-marrow", test_bone_marrow);
  g_test_add_func ("/image/fields", test_fields);
  g_test_add_func ("/image/pbc", test_pbc);
  g_test_add_func ("/image/pbc-reduced", test_pbc_reduced);
  g_test_add_func ("/image/odd", test_odd);
  return g_test_run ();
}
