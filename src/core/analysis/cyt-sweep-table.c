/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "analysis/cyt-sweep-table.h"
#include "io/cyt-csv.h"
#include "io/cyt-error.h"

typedef enum
{
  COLUMN_DOUBLE,
  COLUMN_INT,
  COLUMN_SIZE,
  COLUMN_TEXT,
  COLUMN_VARIANT,
} ColumnType;

static const struct
{
  const char *name;
  ColumnType type;
  gsize offset;
  gboolean needed; /* a row without it is none */
} columns[] = {
  { "variant", COLUMN_VARIANT, G_STRUCT_OFFSET (CytSweepRow, variant), TRUE },
  { "sparsity", COLUMN_DOUBLE, G_STRUCT_OFFSET (CytSweepRow, sparsity), TRUE },
  { "expansion", COLUMN_DOUBLE, G_STRUCT_OFFSET (CytSweepRow, expansion), TRUE },
  { "seed", COLUMN_INT, G_STRUCT_OFFSET (CytSweepRow, seed), TRUE },
  { "latents", COLUMN_SIZE, G_STRUCT_OFFSET (CytSweepRow, d_sae), TRUE },
  { "sae", COLUMN_TEXT, G_STRUCT_OFFSET (CytSweepRow, sae), FALSE },
  { "train_seconds", COLUMN_DOUBLE, G_STRUCT_OFFSET (CytSweepRow, seconds), FALSE },
  { "l0", COLUMN_DOUBLE, G_STRUCT_OFFSET (CytSweepRow, l0), FALSE },
  { "explained_variance", COLUMN_DOUBLE, G_STRUCT_OFFSET (CytSweepRow, explained), FALSE },
  { "dead_share", COLUMN_DOUBLE, G_STRUCT_OFFSET (CytSweepRow, dead_share), FALSE },
  { "monosemanticity", COLUMN_DOUBLE, G_STRUCT_OFFSET (CytSweepRow, monosemanticity), FALSE },
  { "stability", COLUMN_DOUBLE, G_STRUCT_OFFSET (CytSweepRow, stability), FALSE },
  { "weighted_f1", COLUMN_DOUBLE, G_STRUCT_OFFSET (CytSweepRow, f1), FALSE },
  { "weighted_f1_deviation", COLUMN_DOUBLE, G_STRUCT_OFFSET (CytSweepRow, f1_deviation), FALSE },
};

const char *
cyt_sweep_get_sparsity_name (CytTrainVariant variant)
{
  return variant == CYT_TRAIN_JUMPRELU ? "λ₀" : cyt_train_variant_has_k (variant) ? "k" : "λ";
}

CytSweepRow *
cyt_sweep_row_new (void)
{
  CytSweepRow *self = g_new0 (CytSweepRow, 1);

  self->sae = g_strdup ("");
  for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
    if (columns[c].type == COLUMN_DOUBLE)
      G_STRUCT_MEMBER (double, self, columns[c].offset) = NAN;
  return self;
}

void
cyt_sweep_row_free (CytSweepRow *self)
{
  if (self == NULL)
    return;
  g_free (self->sae);
  g_free (self);
}

/* ---- Writing ---- */

static char *
format (const CytSweepRow *row, guint c)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  double value;

  switch (columns[c].type)
    {
    case COLUMN_INT:
      return g_strdup_printf ("%" G_GUINT64_FORMAT, G_STRUCT_MEMBER (guint64, row, columns[c].offset));
    case COLUMN_SIZE:
      return g_strdup_printf ("%" G_GSIZE_FORMAT, G_STRUCT_MEMBER (gsize, row, columns[c].offset));
    case COLUMN_TEXT:
      return g_strdup (G_STRUCT_MEMBER (char *, row, columns[c].offset));
    case COLUMN_VARIANT:
      return g_strdup (cyt_train_variant_get_name (G_STRUCT_MEMBER (CytTrainVariant, row, columns[c].offset)));
    case COLUMN_DOUBLE:
    default:
      value = G_STRUCT_MEMBER (double, row, columns[c].offset);
      return isfinite (value) ? g_strdup (g_ascii_formatd (text, sizeof text, "%.9g", value)) : g_strdup ("");
    }
}

gboolean
cyt_sweep_table_write_csv (GPtrArray *rows, const char *path, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
    cyt_csv_append_field (out, c == 0, columns[c].name);
  g_string_append_c (out, '\n');
  for (guint i = 0; i < rows->len; i++)
    {
      for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
        {
          g_autofree char *text = format (rows->pdata[i], c);

          cyt_csv_append_field (out, c == 0, text);
        }
      g_string_append_c (out, '\n');
    }
  return g_file_set_contents_full (path, out->str, out->len, G_FILE_SET_CONTENTS_CONSISTENT, 0644, error);
}

static void
add_member (JsonObject *object, const CytSweepRow *row, guint c)
{
  double value;
  g_autofree char *text = NULL;

  switch (columns[c].type)
    {
    case COLUMN_INT:
      json_object_set_int_member (object, columns[c].name, G_STRUCT_MEMBER (guint64, row, columns[c].offset));
      break;
    case COLUMN_SIZE:
      json_object_set_int_member (object, columns[c].name, G_STRUCT_MEMBER (gsize, row, columns[c].offset));
      break;
    case COLUMN_TEXT:
      text = g_utf8_make_valid (G_STRUCT_MEMBER (char *, row, columns[c].offset), -1);
      json_object_set_string_member (object, columns[c].name, text);
      break;
    case COLUMN_VARIANT:
      json_object_set_string_member (object, columns[c].name,
                                     cyt_train_variant_get_name (G_STRUCT_MEMBER (CytTrainVariant, row, columns[c].offset)));
      break;
    case COLUMN_DOUBLE:
    default:
      value = G_STRUCT_MEMBER (double, row, columns[c].offset);
      if (isfinite (value))
        json_object_set_double_member (object, columns[c].name, value);
      else
        json_object_set_null_member (object, columns[c].name);
      break;
    }
}

gboolean
cyt_sweep_table_write_json (GPtrArray *rows, const CytSweepImages *images, const char *path, GError **error)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *array = json_array_new ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < rows->len; i++)
    {
      JsonObject *member = json_object_new ();

      for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
        add_member (member, rows->pdata[i], c);
      json_array_add_object_element (array, member);
    }
  json_object_set_boolean_member (object, "simulated", images->simulated);
  json_object_set_int_member (object, "n_train", (gint64) images->n_train);
  json_object_set_int_member (object, "n_held_out", (gint64) images->n_held_out);
  json_object_set_int_member (object, "n_patient_images", (gint64) images->n_patient_images);
  json_object_set_array_member (object, "rows", array);
  json_node_set_object (root, object);
  text = json_to_string (root, TRUE);
  return g_file_set_contents_full (path, text, strlen (text), G_FILE_SET_CONTENTS_CONSISTENT, 0644, error);
}

/* ---- Reading ---- */

static gboolean
parse (CytSweepRow *row, guint c, const char *text)
{
  char *end = NULL;
  guint64 number;
  double value;

  if (text[0] == '\0')
    return !columns[c].needed;
  switch (columns[c].type)
    {
    case COLUMN_INT:
    case COLUMN_SIZE:
      if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &number, NULL))
        return FALSE;
      if (columns[c].type == COLUMN_INT)
        G_STRUCT_MEMBER (guint64, row, columns[c].offset) = number;
      else
        G_STRUCT_MEMBER (gsize, row, columns[c].offset) = number;
      return TRUE;
    case COLUMN_TEXT:
      g_free (G_STRUCT_MEMBER (char *, row, columns[c].offset));
      G_STRUCT_MEMBER (char *, row, columns[c].offset) = g_strdup (text);
      return TRUE;
    case COLUMN_VARIANT:
      return cyt_train_variant_from_name (text, &G_STRUCT_MEMBER (CytTrainVariant, row, columns[c].offset));
    case COLUMN_DOUBLE:
    default:
      value = g_ascii_strtod (text, &end);
      G_STRUCT_MEMBER (double, row, columns[c].offset) = value;
      return *end == '\0' && isfinite (value);
    }
}

GPtrArray *
cyt_sweep_table_read_csv (const char *path, GError **error)
{
  g_autoptr (CytCsv) csv = cyt_csv_read (path, error);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_sweep_row_free);
  const char *names[G_N_ELEMENTS (columns) + 1] = { NULL };
  g_autofree char *display = g_filename_display_name (path);

  for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
    names[c] = columns[c].name;
  if (csv == NULL || !cyt_csv_check_unique (csv, names, error))
    return NULL;
  for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
    if (columns[c].needed && cyt_csv_find_column (csv, columns[c].name) < 0)
      {
        g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_COLUMN, "%s: is no table of a sweep: there is no column \"%s\"",
                     display, columns[c].name);
        return NULL;
      }
  for (gsize r = 0; r < cyt_csv_get_n_rows (csv); r++)
    {
      CytSweepRow *row = cyt_sweep_row_new ();

      g_ptr_array_add (rows, row);
      for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
        {
          int column = cyt_csv_find_column (csv, columns[c].name);
          const char *text = column >= 0 ? cyt_csv_get (csv, r, column) : "";

          if (!parse (row, c, text))
            {
              g_autofree char *shown = g_strescape (text, NULL);

              g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s: line %u: %s is %s, not \"%.40s\"",
                           display, cyt_csv_get_line (csv, r), columns[c].name,
                           columns[c].type == COLUMN_VARIANT ? "the name of a variant" : "a number", shown);
              return NULL;
            }
        }
    }
  if (rows->len == 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "%s: the table has no row", display);
      return NULL;
    }
  return g_steal_pointer (&rows);
}
