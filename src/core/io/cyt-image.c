/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/cyt-image-private.h"

/* A file larger than this cannot be an image within CYT_IMAGE_MAX_PIXELS of any kind we read. */
#define MAX_FILE_BYTES (G_GUINT64_CONSTANT (1) << 32)

typedef CytImage *(*Decoder) (const guint8 *data, gsize size, const char *name, GError **error);

CytImage *
cyt_image_new (guint width, guint height)
{
  CytImage *self = g_new0 (CytImage, 1);

  self->width = width;
  self->height = height;
  self->pixels = g_malloc0_n (MAX ((gsize) width * height, 1), 3);
  return self;
}

void
cyt_image_free (CytImage *self)
{
  if (self == NULL)
    return;
  g_free (self->pixels);
  g_free (self);
}

/* All three formats keep the words as they are, wherever they stand in the file; none of it by chance. */
gboolean
cyt_image_is_simulated (GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  return memmem (data, size, CYT_IMAGE_SIMULATED_NOTICE, strlen (CYT_IMAGE_SIMULATED_NOTICE)) != NULL;
}

gboolean
cyt_image_check_size (guint64 width, guint64 height, const char *name, GError **error)
{
  if (width == 0 || height == 0)
    {
      cyt_image_set_error (error, CYT_IMAGE_ERROR_CORRUPT, name, "its size is %" G_GUINT64_FORMAT " × %"
                           G_GUINT64_FORMAT " pixels", width, height);
      return FALSE;
    }
  if (width > CYT_IMAGE_MAX_PIXELS || height > CYT_IMAGE_MAX_PIXELS / width)
    {
      cyt_image_set_error (error, CYT_IMAGE_ERROR_TOO_LARGE, name, "%" G_GUINT64_FORMAT " × %"
                           G_GUINT64_FORMAT " pixels, at most %u are read", width, height,
                           CYT_IMAGE_MAX_PIXELS);
      return FALSE;
    }
  return TRUE;
}

CytImage *
cyt_image_try_new (guint64 width, guint64 height, const char *name, GError **error)
{
  CytImage *self;

  if (!cyt_image_check_size (width, height, name, error))
    return NULL;
  self = g_new0 (CytImage, 1);
  self->width = width;
  self->height = height;
  self->pixels = g_try_malloc0_n ((gsize) width * height, 3);
  if (self->pixels == NULL)
    {
      cyt_image_set_error (error, CYT_IMAGE_ERROR_TOO_LARGE, name, "no memory for %" G_GUINT64_FORMAT
                           " × %" G_GUINT64_FORMAT " pixels", width, height);
      g_clear_pointer (&self, cyt_image_free);
    }
  return self;
}

void
cyt_image_set_error (GError **error, CytImageError code, const char *name, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CYT_IMAGE_ERROR, code, "%s: %s", name, what);
}

void
cyt_image_init_palette (guint8 *palette)
{
  for (gsize i = 0; i < 256; i++)
    memset (palette + 3 * i, (int) i, 3);
}

void
cyt_image_expand_palette (guint8 *out, const guint8 *index, gsize n, const guint8 *palette)
{
  for (gsize i = 0; i < n; i++)
    memcpy (out + 3 * i, palette + 3 * (gsize) index[i], 3);
}

/* Formats that PIL reads and we do not, so that they are refused by name. */
static const char *
find_foreign_format (const guint8 *data, gsize size)
{
  static const struct
  {
    gsize offset;
    const char *magic;
    gsize n;
    const char *name;
  } formats[] = {
    { 0, "\xff\x4f\xff\x51", 4, "JPEG 2000" },
    { 0, "\0\0\0\x0cjP  \r\n\x87\n", 12, "JPEG 2000" },
    { 0, "\xff\x0a", 2, "JPEG XL" },
    { 0, "\0\0\0\x0cJXL ", 8, "JPEG XL" },
    { 4, "ftypheic", 8, "HEIC" },
    { 4, "ftypheix", 8, "HEIC" },
    { 4, "ftypmif1", 8, "HEIC" },
    { 4, "ftypavif", 8, "AVIF" },
    { 0, "8BPS", 4, "Photoshop" },
    { 0, "\0\0\1\0", 4, "icon" },
    { 0, "\0\0\2\0", 4, "cursor" },
    { 0, "icns", 4, "icon" },
    { 0, "DDS ", 4, "DDS" },
    { 0, "qoif", 4, "QOI" },
    { 0, "\x0a\x05\x01", 3, "PCX" },
    { 0, "SIMPLE  =", 9, "FITS" },
    { 0, "II\xbc", 3, "JPEG XR" },
    { 0, "MM\0+", 4, "big-endian BigTIFF" },
    { 0, "\x01\xda", 2, "SGI" },
    { 0, "P1", 2, "PBM" },
    { 0, "P2", 2, "PGM" },
    { 0, "P3", 2, "PPM" },
    { 0, "P4", 2, "PBM" },
    { 0, "P5", 2, "PGM" },
    { 0, "P6", 2, "PPM" },
    { 0, "%!PS", 4, "PostScript" },
    { 0, "%PDF", 4, "PDF" },
    { 0, "DICM", 4, "DICOM" },
    { 128, "DICM", 4, "DICOM" },
    { 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "FlashPix or MIC" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (size >= formats[i].offset + formats[i].n
        && memcmp (data + formats[i].offset, formats[i].magic, formats[i].n) == 0)
      return formats[i].name;
  return NULL;
}

static Decoder
find_decoder (const guint8 *data, gsize size)
{
  if (size >= 3 && memcmp (data, "\xff\xd8\xff", 3) == 0)
    return cyt_image_decode_jpeg;
  if (size >= 8 && memcmp (data, "\x89PNG\r\n\x1a\n", 8) == 0)
    return cyt_image_decode_png;
  if (size >= 2 && memcmp (data, "BM", 2) == 0)
    return cyt_image_decode_bmp;
  if (size >= 4 && (memcmp (data, "II*\0", 4) == 0 || memcmp (data, "MM\0*", 4) == 0
                    || memcmp (data, "II+\0", 4) == 0))
    return cyt_image_decode_tiff;
  if (size >= 6 && (memcmp (data, "GIF87a", 6) == 0 || memcmp (data, "GIF89a", 6) == 0))
    return cyt_image_decode_gif;
  if (size >= 12 && memcmp (data, "RIFF", 4) == 0 && memcmp (data + 8, "WEBP", 4) == 0)
    return cyt_image_decode_webp;
  return NULL;
}

CytImage *
cyt_image_load_bytes (GBytes *bytes, const char *name_for_errors, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  Decoder decode;
  const char *foreign;

  if (size == 0)
    {
      cyt_image_set_error (error, CYT_IMAGE_ERROR_FORMAT, name_for_errors, "not an image: the file is empty");
      return NULL;
    }
  decode = find_decoder (data, size);
  if (decode != NULL)
    return decode (data, size, name_for_errors, error);

  foreign = find_foreign_format (data, size);
  if (foreign != NULL)
    cyt_image_set_error (error, CYT_IMAGE_ERROR_UNSUPPORTED, name_for_errors, "%s images are not supported", foreign);
  else
    cyt_image_set_error (error, CYT_IMAGE_ERROR_FORMAT, name_for_errors,
                         "not an image (expected JPEG, PNG, BMP, TIFF, GIF or WebP)");
  return NULL;
}

static void
set_file_error (GError **error, const char *name, int code)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", name, g_strerror (code));
}

/* A plain file's content. A pipe or device is refused without waiting for it. */
static GBytes *
read_file (const char *path, const char *name, GError **error)
{
  g_autofree guint8 *data = NULL;
  struct stat st;
  gsize n = 0;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0)
    {
      set_file_error (error, name, errno);
      return NULL;
    }
  if (fstat (fd, &st) != 0)
    set_file_error (error, name, errno);
  else if (S_ISDIR (st.st_mode))
    set_file_error (error, name, EISDIR);
  else if (!S_ISREG (st.st_mode))
    cyt_image_set_error (error, CYT_IMAGE_ERROR_FORMAT, name, "not an image: not a regular file");
  else if ((guint64) st.st_size > MAX_FILE_BYTES)
    cyt_image_set_error (error, CYT_IMAGE_ERROR_TOO_LARGE, name, "%" G_GUINT64_FORMAT " bytes, at most %"
                         G_GUINT64_FORMAT " are read", (guint64) st.st_size, MAX_FILE_BYTES);
  else if ((data = g_try_malloc (MAX (st.st_size, 1))) == NULL)
    cyt_image_set_error (error, CYT_IMAGE_ERROR_TOO_LARGE, name, "no memory for its %" G_GUINT64_FORMAT
                         " bytes", (guint64) st.st_size);
  else
    {
      gssize got = 0;

      while (n < (gsize) st.st_size
             && ((got = read (fd, data + n, (gsize) st.st_size - n)) > 0 || (got < 0 && errno == EINTR)))
        n += MAX (got, 0);
      if (got < 0)
        {
          set_file_error (error, name, errno);
          g_clear_pointer (&data, g_free);
        }
    }
  close (fd);
  return data != NULL ? g_bytes_new_take (g_steal_pointer (&data), n) : NULL;
}

CytImage *
cyt_image_load (const char *path, GError **error)
{
  g_autofree char *display = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = read_file (path, display, error);

  return bytes != NULL ? cyt_image_load_bytes (bytes, display, error) : NULL;
}

GBytes *
cyt_image_make_thumbnail (const CytImage *self, guint size, GError **error)
{
  guint longer = MAX (self->width, self->height);
  g_autoptr (CytImage) small = NULL;

  if (longer > size)
    {
      guint width = MAX (((guint64) self->width * size + longer / 2) / longer, 1);
      guint height = MAX (((guint64) self->height * size + longer / 2) / longer, 1);

      small = cyt_image_resize (self, width, height);
    }
  return cyt_image_encode_jpeg (small != NULL ? small : self, 90, error);
}

GBytes *
cyt_image_dup_plain_jpeg (GBytes *file)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);

  return size > 3 && memcmp (data, "\xff\xd8\xff", 3) == 0 ? cyt_image_strip_jpeg (data, size) : NULL;
}
