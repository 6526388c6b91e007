/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <stdlib.h>
#include <string.h>

#include "figures/cyt-figure.h"
#include "figures/cyt-figure-private.h"
#include "figures/cyt-png.h"
#include "io/cyt-error.h"
#include "io/cyt-part-file.h"

#define MAX_PAGE 14400.0   /* points: PDF's pages end there */
#define MM (72 / 25.4)
#define PROGRAM "CytoSAE Explorer " CYT_VERSION

gboolean
cyt_figure_format_from_path (const char *path, CytFigureFormat *format, GError **error)
{
  static const char *const endings[] = { ".png", ".pdf", ".svg" };
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (lower, endings[i]))
      {
        *format = (CytFigureFormat) i;
        return TRUE;
      }
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s: expected a name that ends with .png, .pdf or .svg", path);
  return FALSE;
}

/* The command's options that every kind has. (transfer full) */
static GStrv
list_options (const CytFigureLayout *layout)
{
  g_autoptr (GPtrArray) options = g_ptr_array_new ();
  char dpi[G_ASCII_DTOSTR_BUF_SIZE], width[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (dpi, sizeof dpi, "%.10g", layout->dpi);
  g_ascii_formatd (width, sizeof width, "%.10g", layout->width);
  g_ptr_array_add (options, g_strdup ("--width"));
  g_ptr_array_add (options, g_strdup (width));
  g_ptr_array_add (options, g_strdup ("--dpi"));
  g_ptr_array_add (options, g_strdup (dpi));
  g_ptr_array_add (options, g_strdup ("--style"));
  g_ptr_array_add (options, g_strdup (layout->style.name));
  if (!g_str_equal (layout->style.family, CYT_FIGURE_DEFAULT_FAMILY))
    {
      g_ptr_array_add (options, g_strdup ("--font"));
      g_ptr_array_add (options, g_strdup (layout->style.family));
    }
  if (layout->panel[0] != '\0')
    {
      g_ptr_array_add (options, g_strdup ("--panel"));
      g_ptr_array_add (options, g_strdup (layout->panel));
    }
  g_ptr_array_add (options, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&options), FALSE);
}

static cairo_status_t
write_cb (void *closure, const unsigned char *data, unsigned int n)
{
  g_byte_array_append (closure, data, n);
  return CAIRO_STATUS_SUCCESS;
}

/* Draws the one page of @surface, and ends it. */
static gboolean
finish_page (const CytFigure *self, const CytFigureLayout *layout, cairo_surface_t *surface, const char *name, GError **error)
{
  cairo_t *cr = cairo_create (surface);
  cairo_status_t status;

  /* On paper by itself; what shows an SVG may be dark. */
  if (cairo_surface_get_type (surface) == CAIRO_SURFACE_TYPE_SVG)
    {
      cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_paint (cr);
    }
  cyt_figure_draw_page (self, layout, cr);
  cairo_show_page (cr);
  status = cairo_status (cr);
  cairo_destroy (cr);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", name, cairo_status_to_string (status));
  return status == CAIRO_STATUS_SUCCESS;
}

/* ---- PNG ---- */

static GBytes *
encode_png (const CytFigure *self, const CytFigureLayout *layout, const char *json, const char *name, GError **error)
{
  const CytPngText texts[] = { { "Title", self->title }, { "Description", self->caption }, { CYT_FIGURE_METADATA_KEY, json } };
  cairo_surface_t *surface = cyt_figure_render (self, layout, layout->dpi / 72, error);
  GBytes *bytes = NULL;

  if (surface != NULL)
    bytes = cyt_png_encode (surface, layout->dpi, texts, G_N_ELEMENTS (texts), name, error);
  else
    g_prefix_error (error, "%s: ", name);
  g_clear_pointer (&surface, cairo_surface_destroy);
  return bytes;
}

/* ---- PDF ---- */

/* Now, or when SOURCE_DATE_EPOCH says. (transfer full) */
static GDateTime *
get_date (void)
{
  const char *epoch = g_getenv ("SOURCE_DATE_EPOCH");
  gint64 seconds;

  if (epoch != NULL && g_ascii_string_to_signed (epoch, 10, 0, G_MAXINT32, &seconds, NULL))
    return g_date_time_new_from_unix_utc (seconds);
  return g_date_time_new_now_utc ();
}

/* Cairo leaves out the "D:" that a date of a PDF begins with: the date as it should be in as many bytes, since what
 * follows must not move. @its: as cairo writes it, longer than @ours. */
static void
mend_date (GByteArray *pdf, const char *its, const char *ours)
{
  guint8 *at = memmem (pdf->data, pdf->len, its, strlen (its));

  if (at == NULL)
    return; /* a cairo that knows better */
  memset (at, ' ', strlen (its));
  memcpy (at, ours, strlen (ours));
}

static GBytes *
encode_pdf (const CytFigure *self, const CytFigureLayout *layout, const char *json, const char *name, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GDateTime) now = get_date ();
  g_autofree char *date = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S+00:00");
  g_autofree char *its_date = g_date_time_format (now, "(%Y%m%d%H%M%S+00'00)");
  g_autofree char *our_date = g_date_time_format (now, "(D:%Y%m%d%H%M%SZ)");
  g_autofree char *keywords = g_strconcat (CYT_FIGURE_METADATA_KEY " ", json, NULL);
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream (write_cb, out, layout->width * MM,
                                                                  cyt_figure_get_height (self, layout));
  gboolean ok;

  /* Later versions may hide the document information in compressed objects. */
  cairo_pdf_surface_restrict_to_version (surface, CAIRO_PDF_VERSION_1_4);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, self->title);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_SUBJECT, self->caption);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_KEYWORDS, keywords);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, PROGRAM);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATE_DATE, date);
  ok = finish_page (self, layout, surface, name, error);
  cairo_surface_destroy (surface);
  mend_date (out, its_date, our_date);
  return ok ? g_byte_array_free_to_bytes (g_steal_pointer (&out)) : NULL;
}

/* ---- SVG ---- */

static gboolean
is_id_char (char c)
{
  return g_ascii_isalnum (c) || c == '-' || c == '_' || c == '.';
}

/* Cairo numbers what it defines through the life of the process: @svg with its own numbers instead, in order of
 * appearance, so that the same figure is the same file. (transfer full) */
static GString *
renumber_ids (const char *svg, gsize n)
{
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GString *out = g_string_sized_new (n);
  const char *end = svg + n;

  for (const char *p = svg; (p = memmem (p, (gsize) (end - p), " id=\"", 5)) != NULL;)
    {
      const char *start = p += 5;

      while (p < end && is_id_char (*p))
        p++;
      g_hash_table_insert (ids, g_strndup (start, (gsize) (p - start)), GUINT_TO_POINTER (g_hash_table_size (ids) + 1));
    }
  for (const char *p = svg; p < end;)
    {
      const char *start = p;
      gboolean is_definition = end - p > 5 && memcmp (p, " id=\"", 5) == 0;

      if (is_definition || *p == '#')
        {
          const char *name = p += is_definition ? 5 : 1;
          g_autofree char *id = NULL;
          guint number;

          while (p < end && is_id_char (*p))
            p++;
          id = g_strndup (name, (gsize) (p - name));
          number = GPOINTER_TO_UINT (g_hash_table_lookup (ids, id));
          g_string_append_len (out, start, name - start);
          if (number > 0)
            g_string_append_printf (out, "i%u", number);
          else
            g_string_append (out, id);
          continue;
        }
      while (p < end && *p != '#' && (p == start || *p != ' '))
        p++;
      g_string_append_len (out, start, p - start);
    }
  return out;
}

static GBytes *
encode_svg (const CytFigure *self, const CytFigureLayout *layout, const char *json, const char *name, GError **error)
{
  g_autoptr (GByteArray) raw = g_byte_array_new ();
  g_autofree char *about = NULL;
  cairo_surface_t *surface = cairo_svg_surface_create_for_stream (write_cb, raw, layout->width * MM,
                                                                  cyt_figure_get_height (self, layout));
  gboolean ok = finish_page (self, layout, surface, name, error);
  GString *svg;
  const char *tag;

  cairo_surface_destroy (surface);
  if (!ok)
    return NULL;
  svg = renumber_ids ((const char *) raw->data, raw->len);
  tag = strstr (svg->str, "<svg ");
  tag = tag != NULL ? strchr (tag, '>') : NULL;
  g_assert (tag != NULL); /* cairo's own */
  about = g_markup_printf_escaped ("\n<title>%s</title>\n<desc>%s</desc>\n<metadata id=\"" CYT_FIGURE_METADATA_KEY
                                   "\">%s</metadata>", self->title, self->caption, json);
  g_string_insert (svg, tag + 1 - svg->str, about);
  return g_string_free_to_bytes (svg);
}

/* ---- Files ---- */

GBytes *
cyt_figure_encode (const CytFigure *self, const CytFigureLayout *layout, CytFigureFormat format, const char *folder,
                   const char *name, GError **error)
{
  g_auto (GStrv) options = list_options (layout);
  g_autofree char *json = cyt_figure_provenance_to_json (self->provenance, folder, (const char *const *) options);

  if (format == CYT_FIGURE_PNG)
    return encode_png (self, layout, json, name, error);
  if (cyt_figure_get_height (self, layout) > MAX_PAGE)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s: the figure would be higher than a page can be", name);
      return NULL;
    }
  return (format == CYT_FIGURE_PDF ? encode_pdf : encode_svg) (self, layout, json, name, error);
}

gboolean
cyt_figure_write_bytes (const char *path, GBytes *bytes, GError **error)
{
  g_autoptr (CytPartFile) file = cyt_part_file_new (path, error);

  return file != NULL && cyt_part_file_write (file, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error)
         && cyt_part_file_commit (file, error);
}

gboolean
cyt_figure_write (const CytFigure *self, const CytFigureLayout *layout, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = NULL;
  CytFigureFormat format;

  if (!cyt_figure_format_from_path (path, &format, error)
      || (bytes = cyt_figure_encode (self, layout, format, folder, name, error)) == NULL)
    return FALSE;
  return cyt_figure_write_bytes (path, bytes, error);
}

/* @bytes without the date that cairo wrote into a PDF. (transfer full) */
static GByteArray *
drop_dates (GBytes *bytes)
{
  static const char start[] = "/CreationDate (";
  gsize n;
  const guint8 *data = g_bytes_get_data (bytes, &n), *at = memmem (data, n, start, sizeof start - 1);
  GByteArray *out = g_byte_array_new ();
  const guint8 *end = at != NULL ? memchr (at, ')', n - (gsize) (at - data)) : NULL;

  if (end == NULL)
    return g_byte_array_append (out, data, (guint) n);
  g_byte_array_append (out, data, (guint) (at - data));
  return g_byte_array_append (out, end, (guint) (n - (gsize) (end - data)));
}

gboolean
cyt_figure_is_same (GBytes *a, GBytes *b, CytFigureFormat format)
{
  g_autoptr (GByteArray) first = NULL, second = NULL;

  if (format != CYT_FIGURE_PDF || g_bytes_get_size (a) > G_MAXUINT32 || g_bytes_get_size (b) > G_MAXUINT32)
    return g_bytes_equal (a, b);
  first = drop_dates (a);
  second = drop_dates (b);
  return first->len == second->len && memcmp (first->data, second->data, first->len) == 0;
}
