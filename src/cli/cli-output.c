/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli-output.h"

/* Characters that move the cursor, end a line or turn the direction of what follows. */
static gboolean
is_unsafe (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)
         || (c >= 0x2066 && c <= 0x2069);
}

char *
cli_escape (const char *text)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const char *p = text ? text : "";

  while (*p != '\0')
    {
      gunichar c = g_utf8_get_char_validated (p, -1);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          g_string_append_printf (out, "\\x%02x", (guchar) *p++);
          continue;
        }
      if (c == '\n')
        g_string_append (out, "\\n");
      else if (c == '\t')
        g_string_append (out, "\\t");
      else if (c == '\r')
        g_string_append (out, "\\r");
      else if (c < 0x100 && is_unsafe (c))
        g_string_append_printf (out, "\\x%02x", c);
      else if (is_unsafe (c))
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_unichar (out, c);
      p = g_utf8_next_char (p);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

void
cli_print_error (const char *message)
{
  g_autofree char *line = cli_escape (message);

  fflush (stdout);
  fprintf (stderr, "cytosae: %s\n", line);
}

void
cli_print_node (JsonNode *node)
{
  g_autofree char *text = json_to_string (node, TRUE);

  puts (text);
}

void
cli_print_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);

  cli_print_node (root);
}

void
cli_json_add_string (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *valid = value ? g_utf8_make_valid (value, -1) : NULL;

  json_builder_set_member_name (builder, name);
  if (valid != NULL)
    json_builder_add_string_value (builder, valid);
  else
    json_builder_add_null_value (builder);
}

void
cli_json_add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

void
cli_json_add_double (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
cli_json_add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

void
cli_json_add_json (JsonBuilder *builder, const char *name, const char *json)
{
  JsonNode *node = json ? json_from_string (json, NULL) : NULL;

  json_builder_set_member_name (builder, name);
  if (node != NULL)
    json_builder_add_value (builder, node);
  else
    json_builder_add_null_value (builder);
}

char *
cli_format_double (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    return g_strdup ("–");
  return g_strdup (g_ascii_formatd (text, sizeof text, "%.4g", value));
}

char *
cli_format_exact (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    return g_strdup ("");
  return g_strdup (g_ascii_formatd (text, sizeof text, "%.9g", value));
}

struct _CliTable
{
  guint n_columns;
  gboolean *right;   /* (n_columns) */
  gsize *width;      /* (n_columns) in terminal cells */
  GPtrArray *cells;  /* row by row, the headers first */
};

static gsize
text_width (const char *text)
{
  gsize width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!g_unichar_iszerowidth (c))
        width += g_unichar_iswide (c) ? 2 : 1;
    }
  return width;
}

CliTable *
cli_table_new (const char *const *headers)
{
  CliTable *self = g_new0 (CliTable, 1);

  self->n_columns = g_strv_length ((char **) headers);
  self->right = g_new0 (gboolean, self->n_columns);
  self->width = g_new0 (gsize, self->n_columns);
  self->cells = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < self->n_columns; i++)
    {
      self->right[i] = headers[i][0] == '>';
      cli_table_add (self, headers[i] + (self->right[i] ? 1 : 0));
    }
  return self;
}

void
cli_table_free (CliTable *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->cells);
  g_free (self->right);
  g_free (self->width);
  g_free (self);
}

void
cli_table_add (CliTable *self, const char *text)
{
  char *cell = cli_escape (text);
  guint column = self->cells->len % self->n_columns;

  self->width[column] = MAX (self->width[column], text_width (cell));
  g_ptr_array_add (self->cells, cell);
}

void
cli_table_add_int (CliTable *self, gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  cli_table_add (self, text);
}

void
cli_table_add_double (CliTable *self, double value)
{
  g_autofree char *text = cli_format_double (value);

  cli_table_add (self, text);
}

void
cli_table_print (CliTable *self, const char *indent)
{
  for (guint i = 0; i < self->cells->len; i++)
    {
      const char *cell = g_ptr_array_index (self->cells, i);
      guint column = i % self->n_columns;
      gboolean last = column == self->n_columns - 1;
      int pad = (int) (self->width[column] - text_width (cell));

      fputs (column == 0 ? indent : "  ", stdout);
      if (self->right[column])
        printf ("%*s", pad, "");
      fputs (cell, stdout);
      if (!self->right[column] && !last)
        printf ("%*s", pad, "");
      if (last)
        fputc ('\n', stdout);
    }
}
