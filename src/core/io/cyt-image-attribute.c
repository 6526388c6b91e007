/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-image-attribute.h"

CytImageAttribute *
cyt_image_attribute_new (const char *name)
{
  CytImageAttribute *self = g_new0 (CytImageAttribute, 1);

  self->name = g_strdup (name);
  self->values = g_ptr_array_new_with_free_func (g_free);
  self->codes = g_array_new (FALSE, FALSE, sizeof (guint16));
  return self;
}

void
cyt_image_attribute_free (CytImageAttribute *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_ptr_array_unref (self->values);
  g_array_unref (self->codes);
  g_free (self);
}

/* ---- Which columns ---- */

static gboolean
keeps_books (const char *name)
{
  static const char *const parts[] = { "path", "split", "index", "url", "file" };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strstr (lower, parts[i]) != NULL)
      return TRUE;
  return g_str_has_prefix (lower, "source") || g_str_has_prefix (lower, "licen") || g_str_equal (lower, "id")
         || g_str_has_suffix (lower, "_id");
}

static gboolean
is_taken (const char *name, const char *const *taken)
{
  for (; *taken != NULL; taken++)
    if (g_ascii_strcasecmp (name, *taken) == 0)
      return TRUE;
  return FALSE;
}

static int
compare_values (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The different values of a column, sorted; NULL where they are no attribute's. */
static GPtrArray *
collect_values (const CytCsv *csv, int column)
{
  g_autoptr (GHashTable) met = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < cyt_csv_get_n_rows (csv); i++)
    {
      const char *value = cyt_csv_get (csv, i, column);

      if (*value == '\0' || !g_hash_table_add (met, (gpointer) value))
        continue;
      if (values->len == CYT_IMAGE_ATTRIBUTE_MAX_VALUES || strlen (value) > CYT_IMAGE_ATTRIBUTE_MAX_LENGTH)
        return NULL;
      g_ptr_array_add (values, g_strdup (value));
    }
  if (values->len < 2)
    return NULL;
  g_ptr_array_sort (values, compare_values);
  return g_steal_pointer (&values);
}

/* ---- Their values ---- */

static CytImageAttribute *
find_attribute (GPtrArray *attributes, const char *name)
{
  for (guint i = 0; i < attributes->len; i++)
    if (strcmp (((CytImageAttribute *) attributes->pdata[i])->name, name) == 0)
      return attributes->pdata[i];
  return NULL;
}

static guint
find_value (const GPtrArray *values, const char *value)
{
  guint low = 0, high = values->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;
      int order = strcmp (values->pdata[middle], value);

      if (order == 0)
        return middle;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low; /* where it belongs */
}

/* Puts values that are new in their place; codes go along. */
static void
merge_values (CytImageAttribute *self, const GPtrArray *values)
{
  g_autoptr (GPtrArray) before = g_ptr_array_new ();

  for (guint i = 0; i < self->values->len; i++)
    g_ptr_array_add (before, self->values->pdata[i]);
  for (guint i = 0; i < values->len; i++)
    {
      guint place = find_value (self->values, values->pdata[i]);

      if (place == self->values->len || strcmp (self->values->pdata[place], values->pdata[i]) != 0)
        g_ptr_array_insert (self->values, place, g_strdup (values->pdata[i]));
    }
  for (guint i = 0; i < self->codes->len; i++)
    {
      guint16 *code = &g_array_index (self->codes, guint16, i);

      if (*code != CYT_IMAGE_ATTRIBUTE_NONE)
        *code = find_value (self->values, before->pdata[*code]);
    }
}

static void
fill (CytImageAttribute *self, gsize n)
{
  const guint16 none = CYT_IMAGE_ATTRIBUTE_NONE;

  while (self->codes->len < n)
    g_array_append_val (self->codes, none);
}

void
cyt_image_attributes_fill (GPtrArray *attributes, gsize n_images)
{
  for (guint i = 0; i < attributes->len; i++)
    fill (attributes->pdata[i], n_images);
}

void
cyt_image_attributes_read (GPtrArray *attributes, const CytCsv *csv, const char *const *taken, gsize first)
{
  for (guint column = 0; column < cyt_csv_get_n_columns (csv); column++)
    {
      const char *name = cyt_csv_get_header (csv, column);
      g_autoptr (GPtrArray) values = NULL;
      CytImageAttribute *attribute;

      if (*name == '\0' || strlen (name) > CYT_IMAGE_ATTRIBUTE_MAX_LENGTH || is_taken (name, taken) || keeps_books (name)
          || cyt_csv_find_column (csv, name) != (int) column || (values = collect_values (csv, column)) == NULL)
        continue;
      attribute = find_attribute (attributes, name);
      if (attribute == NULL && attributes->len == CYT_IMAGE_ATTRIBUTE_MAX)
        continue;
      if (attribute == NULL)
        {
          attribute = cyt_image_attribute_new (name);
          g_ptr_array_add (attributes, attribute);
        }
      merge_values (attribute, values);
      fill (attribute, first);
      for (gsize i = 0; i < cyt_csv_get_n_rows (csv); i++)
        {
          const char *value = cyt_csv_get (csv, i, (int) column);
          guint16 code = *value != '\0' ? find_value (attribute->values, value) : CYT_IMAGE_ATTRIBUTE_NONE;

          g_array_append_val (attribute->codes, code);
        }
    }
}

gboolean
cyt_image_attributes_equal (const GPtrArray *a, const GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    {
      const CytImageAttribute *x = a->pdata[i], *y = b->pdata[i];

      if (strcmp (x->name, y->name) != 0 || x->values->len != y->values->len || x->codes->len != y->codes->len
          || (x->codes->len > 0 && memcmp (x->codes->data, y->codes->data, x->codes->len * sizeof (guint16)) != 0))
        return FALSE;
      for (guint v = 0; v < x->values->len; v++)
        if (strcmp (x->values->pdata[v], y->values->pdata[v]) != 0)
          return FALSE;
    }
  return TRUE;
}
