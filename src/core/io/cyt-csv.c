/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "io/cyt-csv.h"
#include "io/cyt-error.h"

typedef struct
{
  gsize first;     /* of its fields */
  guint n;
  guint line;
} Row;

struct _CytCsv
{
  char *path;
  char *text;       /* fields, each ended by NUL, where the file's text was */
  GPtrArray *fields; /* of char *, into text */
  GArray *rows;     /* of Row; 0 is the header */
};

static void
set_error (GError **error, const char *path, guint line, const char *format, ...) G_GNUC_PRINTF (4, 5);

static void
set_error (GError **error, const char *path, guint line, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "%s: line %u: %s", path, line, what);
}

/* The whole file as UTF-8 text without byte-order mark (transfer full). */
static char *
read_text (const char *path, gsize *size, GError **error)
{
  g_autofree char *display = g_filename_display_name (path);
  g_autofree char *text = NULL;
  const char *bad;
  struct stat st;

  if (stat (path, &st) != 0)
    {
      int code = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", display, g_strerror (code));
      return NULL;
    }
  if (!S_ISREG (st.st_mode) && !S_ISDIR (st.st_mode))
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "%s: not a regular file", display);
      return NULL;
    }
  if ((guint64) st.st_size > CYT_CSV_MAX_BYTES)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "%s: %" G_GUINT64_FORMAT
                   " bytes, a table has at most %u", display, (guint64) st.st_size, CYT_CSV_MAX_BYTES);
      return NULL;
    }
  if (!g_file_get_contents (path, &text, size, error))
    {
      g_prefix_error (error, "%s: ", display);
      return NULL;
    }
  if (*size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    {
      *size -= 3;
      memmove (text, text + 3, *size + 1);
    }
  if (!g_utf8_validate_len (text, *size, &bad))
    {
      gboolean utf16 = *size >= 2 && (memcmp (text, "\xff\xfe", 2) == 0 || memcmp (text, "\xfe\xff", 2) == 0);
      guint line = 1;

      for (const char *c = text; c < bad; c++)
        line += *c == '\n';
      set_error (error, display, line, utf16 ? "the text is UTF-16, expected UTF-8"
                 : *bad == '\0' ? "a NUL byte, expected text in UTF-8" : "not valid UTF-8");
      return NULL;
    }
  return g_steal_pointer (&text);
}

/* Reads one field at @in, writing it (it never grows) at @out, NUL still to be put at the returned end.
 * @in moves to the separator behind it. */
static char *
parse_field (const CytCsv *self, char **in, const char *end, char *out, guint *line, GError **error)
{
  char *c = *in;

  if (c < end && *c == '"')
    {
      guint first_line = *line;

      for (c++;; c++)
        {
          if (c >= end)
            {
              set_error (error, self->path, first_line, "a quoted field has no end");
              return NULL;
            }
          if (*c == '"')
            {
              if (c + 1 >= end || c[1] != '"')
                break;
              c++;
            }
          *line += *c == '\n';
          *out++ = *c;
        }
      c++;
      if (c < end && *c != ',' && *c != '\n' && !(*c == '\r' && c + 1 < end && c[1] == '\n'))
        {
          set_error (error, self->path, *line, "text behind the closing quote of a field");
          return NULL;
        }
    }
  else
    {
      while (c < end && *c != ',' && *c != '\n' && *c != '\r')
        *out++ = *c++;
    }
  if (c < end && *c == '\r' && (c + 1 >= end || c[1] != '\n'))
    {
      if (c + 1 < end)
        {
          set_error (error, self->path, *line, "a carriage return without line feed");
          return NULL;
        }
    }
  *in = c;
  return out;
}

static gboolean
check_row (CytCsv *self, const Row *row, GError **error)
{
  const Row *header = &g_array_index (self->rows, Row, 0);

  if (row->n > CYT_CSV_MAX_COLUMNS)
    {
      set_error (error, self->path, row->line, "%u fields, at most %u are read", row->n, CYT_CSV_MAX_COLUMNS);
      return FALSE;
    }
  /* Empty fields too many are what spreadsheets leave behind; others would be lost. */
  for (guint i = header->n; i < row->n; i++)
    if (*(const char *) g_ptr_array_index (self->fields, row->first + i) != '\0')
      {
        set_error (error, self->path, row->line, "%u fields, the header has %u", row->n, header->n);
        return FALSE;
      }
  return TRUE;
}

static gboolean
parse (CytCsv *self, gsize size, GError **error)
{
  char *in = self->text;
  const char *end = self->text + size;
  guint line = 1;

  while (in < end)
    {
      Row row = { self->fields->len, 0, line };
      char *start = in;
      gboolean more;

      do
        {
          char *field = in;
          char *field_end = parse_field (self, &in, end, field, &line, error);
          char separator;

          if (field_end == NULL)
            return FALSE;
          separator = in < end ? *in : '\n';
          more = separator == ',';
          in += separator == '\r' ? 2 : 1;
          *field_end = '\0';
          g_ptr_array_add (self->fields, field);
          row.n++;
        }
      while (more && row.n <= CYT_CSV_MAX_COLUMNS);
      line++;

      if (row.n == 1 && *start == '\0' && in - start <= 2)
        {
          g_ptr_array_set_size (self->fields, row.first); /* an empty line */
          continue;
        }
      g_array_append_val (self->rows, row);
      if (!check_row (self, &row, error))
        return FALSE;
    }
  return TRUE;
}

CytCsv *
cyt_csv_read (const char *path, GError **error)
{
  g_autoptr (CytCsv) self = g_new0 (CytCsv, 1);
  const Row *header;
  gsize size;

  self->path = g_filename_display_name (path);
  self->fields = g_ptr_array_new ();
  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  self->text = read_text (path, &size, error);
  if (self->text == NULL || !parse (self, size, error))
    return NULL;
  if (self->rows->len == 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "%s: the table is empty", self->path);
      return NULL;
    }
  header = &g_array_index (self->rows, Row, 0);
  if (header->n == 1)
    {
      const char *only = g_ptr_array_index (self->fields, 0);
      const char *separator = strpbrk (only, ";\t");

      if (separator != NULL)
        {
          set_error (error, self->path, header->line, "fields are separated by %s, expected commas",
                     *separator == ';' ? "semicolons" : "tabs");
          return NULL;
        }
    }
  return g_steal_pointer (&self);
}

void
cyt_csv_free (CytCsv *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self->text);
  g_ptr_array_unref (self->fields);
  g_array_unref (self->rows);
  g_free (self);
}

gsize
cyt_csv_get_n_rows (const CytCsv *self)
{
  return self->rows->len - 1;
}

static gboolean
header_is (const CytCsv *self, guint column, const char *name)
{
  g_autofree char *header = g_strdup (g_ptr_array_index (self->fields, column));

  return g_ascii_strcasecmp (g_strstrip (header), name) == 0;
}

guint
cyt_csv_get_n_columns (const CytCsv *self)
{
  return g_array_index (self->rows, Row, 0).n;
}

const char *
cyt_csv_get_header (const CytCsv *self, guint column)
{
  const Row *header = &g_array_index (self->rows, Row, 0);

  g_return_val_if_fail (column < header->n, "");

  return g_ptr_array_index (self->fields, header->first + column);
}

int
cyt_csv_find_column (const CytCsv *self, const char *name)
{
  const Row *header = &g_array_index (self->rows, Row, 0);

  for (guint i = 0; i < header->n; i++)
    if (header_is (self, i, name))
      return (int) i;
  return -1;
}

gboolean
cyt_csv_check_unique (const CytCsv *self, const char *const *names, GError **error)
{
  const Row *header = &g_array_index (self->rows, Row, 0);

  for (; *names != NULL; names++)
    {
      guint n = 0;

      for (guint i = 0; i < header->n; i++)
        n += header_is (self, i, *names);
      if (n > 1)
        {
          g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_COLUMN, "%s: %u columns are named “%s”, expected one",
                       self->path, n, *names);
          return FALSE;
        }
    }
  return TRUE;
}

guint
cyt_csv_get_n_fields (const CytCsv *self, gsize row)
{
  g_return_val_if_fail (row + 1 < self->rows->len, 0);

  return g_array_index (self->rows, Row, row + 1).n;
}

const char *
cyt_csv_get (const CytCsv *self, gsize row, int column)
{
  const Row *r;

  g_return_val_if_fail (row + 1 < self->rows->len && column >= 0, "");

  r = &g_array_index (self->rows, Row, row + 1);
  return (guint) column < r->n ? g_ptr_array_index (self->fields, r->first + (guint) column) : "";
}

guint
cyt_csv_get_line (const CytCsv *self, gsize row)
{
  g_return_val_if_fail (row + 1 < self->rows->len, 0);

  return g_array_index (self->rows, Row, row + 1).line;
}

void
cyt_csv_append_field (GString *out, gboolean first, const char *value)
{
  if (!first)
    g_string_append_c (out, ',');
  /* An only field that is empty would read back as an empty line. */
  if (strpbrk (value, ",\"\r\n") == NULL && !(first && *value == '\0'))
    {
      g_string_append (out, value);
      return;
    }
  g_string_append_c (out, '"');
  for (const char *c = value; *c != '\0'; c++)
    {
      if (*c == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *c);
    }
  g_string_append_c (out, '"');
}
