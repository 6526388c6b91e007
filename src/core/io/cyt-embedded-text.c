/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <zlib.h>

#include "io/cyt-embedded-text.h"
#include "io/cyt-error.h"
#include "io/cyt-file.h"

#define MAX_CHUNKS 100000      /* of a PNG: its data may come in pieces of a few kB */
#define MAX_EDGE (16u << 20)    /* bytes looked at in a PDF (its end) or an SVG (its start) */

static gboolean
refuse (const CytFile *file, CytTableError code, const char *what, GError **error)
{
  g_set_error (error, CYT_TABLE_ERROR, code, "%s: %s", file->display, what);
  return FALSE;
}

/* @n bytes as a text; NULL unless all of it is ASCII without control characters. */
static char *
take_ascii (const guint8 *bytes, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (bytes[i] < 0x20 || bytes[i] > 0x7e)
      return NULL;
  return g_strndup ((const char *) bytes, n);
}

/* ---- PNG ---- */

static guint32
get_be32 (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

static gboolean
read_png (CytFile *file, const char *key, gsize max, char **text, GError **error)
{
  gsize n_key = strlen (key) + 1;
  guint64 at = 8;

  for (guint i = 0; i < MAX_CHUNKS; i++)
    {
      guint8 head[8], sum[4];
      g_autofree guint8 *data = NULL;
      guint32 size;

      if (!cyt_file_read_at (file, at, head, sizeof head, error))
        return FALSE;
      size = get_be32 (head);
      if (size > G_MAXINT32)
        return refuse (file, CYT_TABLE_ERROR_FORMAT, "PNG: a chunk's length is out of range", error);
      if (memcmp (head + 4, "IEND", 4) == 0)
        return TRUE;
      if (memcmp (head + 4, "tEXt", 4) == 0 && size >= n_key && size - n_key <= max)
        {
          data = g_malloc (size);
          if (!cyt_file_read_at (file, at + 8, data, size, error)
              || !cyt_file_read_at (file, at + 8 + size, sum, sizeof sum, error))
            return FALSE;
          if (memcmp (data, key, n_key) == 0)
            {
              if (crc32 (crc32 (0, head + 4, 4), data, size) != get_be32 (sum))
                return refuse (file, CYT_TABLE_ERROR_FORMAT, "PNG: a text is damaged", error);
              *text = take_ascii (data + n_key, size - n_key);
              return *text != NULL || refuse (file, CYT_TABLE_ERROR_FORMAT, "PNG: a text is not ASCII", error);
            }
        }
      at += 12 + (guint64) size;
    }
  return refuse (file, CYT_TABLE_ERROR_FORMAT, "PNG: has too many chunks", error);
}

/* ---- PDF ---- */

/* A string of a PDF that is ASCII, written out "(…)", or as UTF-16 in hexadecimal digits "<FEFF…>". */
static char *
parse_pdf_string (const guint8 *bytes, gsize n, gsize max)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  const guint8 *end;

  if (n == 0)
    return NULL;
  if (bytes[0] == '(')
    {
      end = memchr (bytes, ')', n);
      return end != NULL && memchr (bytes, '\\', (gsize) (end - bytes)) == NULL && (gsize) (end - bytes) - 1 <= max
        ? take_ascii (bytes + 1, (gsize) (end - bytes) - 1) : NULL;
    }
  if (n < 5 || memcmp (bytes, "<FEFF", 5) != 0)
    return NULL;
  for (gsize i = 5; i < n && bytes[i] != '>'; i += 4)
    {
      guint value = 0;

      if (n - i < 4 || out->len == max)
        return NULL;
      for (gsize k = 0; k < 4; k++)
        {
          if (!g_ascii_isxdigit (bytes[i + k]))
            return NULL;
          value = value << 4 | (guint) g_ascii_xdigit_value ((char) bytes[i + k]);
        }
      if (value > 0x7e)
        return NULL;
      g_byte_array_append (out, &(guint8){ (guint8) value }, 1);
    }
  return take_ascii (out->data, out->len);
}

static gboolean
read_pdf (CytFile *file, const guint8 *end, gsize n, const char *key, gsize max, char **text, GError **error)
{
  static const char entry[] = "/Keywords ";
  g_autofree char *prefix = g_strconcat (key, " ", NULL);
  gsize n_prefix = strlen (prefix);
  const guint8 *next = end;

  /* the last: a PDF that was added to has the newest at its end */
  while ((next = memmem (next, n - (gsize) (next - end), entry, sizeof entry - 1)) != NULL)
    {
      g_autofree char *keywords = NULL;

      next += sizeof entry - 1;
      keywords = parse_pdf_string (next, n - (gsize) (next - end), max + n_prefix);
      if (keywords != NULL && g_str_has_prefix (keywords, prefix))
        {
          g_free (*text);
          *text = g_strdup (keywords + n_prefix);
        }
    }
  return TRUE;
}

/* ---- SVG ---- */

/* Resolves the entities that we write. */
static char *
unescape_xml (const guint8 *bytes, gsize n)
{
  static const struct
  {
    const char *entity;
    char c;
  } entities[] = { { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' }, { "&apos;", '\'' }, { "&#39;", '\'' } };
  g_autoptr (GByteArray) out = g_byte_array_new ();

  for (gsize i = 0; i < n;)
    {
      guint8 c = bytes[i];
      gsize length = 1;

      if (c == '<')
        return NULL;
      if (c == '&')
        {
          length = 0;
          for (gsize j = 0; j < G_N_ELEMENTS (entities) && length == 0; j++)
            if (n - i >= strlen (entities[j].entity) && memcmp (bytes + i, entities[j].entity, strlen (entities[j].entity)) == 0)
              {
                c = (guint8) entities[j].c;
                length = strlen (entities[j].entity);
              }
          if (length == 0)
            return NULL;
        }
      g_byte_array_append (out, &c, 1);
      i += length;
    }
  return take_ascii (out->data, out->len);
}

static gboolean
read_svg (CytFile *file, const guint8 *start, gsize n, const char *key, gsize max, char **text, GError **error)
{
  g_autofree char *tag = g_strdup_printf ("<metadata id=\"%s\">", key);
  const guint8 *from = memmem (start, n, tag, strlen (tag)), *to;

  if (from == NULL)
    return TRUE;
  from += strlen (tag);
  to = memmem (from, n - (gsize) (from - start), "</metadata>", strlen ("</metadata>"));
  if (to != NULL && (gsize) (to - from) / 6 <= max) /* &quot; */
    *text = unescape_xml (from, (gsize) (to - from));
  if (*text != NULL && strlen (*text) > max)
    g_clear_pointer (text, g_free);
  return *text != NULL || refuse (file, CYT_TABLE_ERROR_FORMAT, "SVG: its metadata are damaged", error);
}

char *
cyt_embedded_text_read (const char *path, const char *key, gsize max, GError **error)
{
  static const guint8 png[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  g_autoptr (CytFile) file = cyt_file_open (path, error);
  g_autofree guint8 *edge = NULL;
  g_autofree char *text = NULL;
  guint8 head[8] = { 0 };
  gboolean ok, is_pdf;
  gsize n;

  if (file == NULL || !cyt_file_read_at (file, 0, head, MIN (file->size, sizeof head), error))
    return NULL;
  is_pdf = memcmp (head, "%PDF-", 5) == 0;
  if (memcmp (head, png, sizeof png) == 0)
    ok = read_png (file, key, max, &text, error);
  else if (is_pdf || memcmp (head, "<?xml", 5) == 0 || memcmp (head, "<svg", 4) == 0)
    {
      n = (gsize) MIN (file->size, MAX_EDGE);
      edge = g_malloc (n);
      ok = cyt_file_read_at (file, is_pdf ? file->size - n : 0, edge, n, error)
           && (is_pdf ? read_pdf : read_svg) (file, edge, n, key, max, &text, error);
    }
  else
    ok = refuse (file, CYT_TABLE_ERROR_FORMAT, "is no PNG, PDF or SVG", error);
  if (ok && text == NULL)
    refuse (file, CYT_TABLE_ERROR_EMPTY, "was not made by this program: it says nothing about itself", error);
  return g_steal_pointer (&text);
}
