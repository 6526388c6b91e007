/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "analysis/cyt-class-map.h"
#include "io/cyt-csv.h"
#include "io/cyt-error.h"

/* One of the two data sets. */
typedef struct
{
  const char *const *classes;
  gsize n;
  const char *name;
  const char *column;
  guint8 *named;          /* (n) 1 where the file names it */
} Side;

/* Classes of both sides, those of the second after those of the first, as trees whose roots stand for a class that both
 * may have. */
typedef struct
{
  Side sides[2];
  gsize *parent;
} Pairs;

static void
pairs_clear (Pairs *self)
{
  g_free (self->parent);
  g_free (self->sides[0].named);
  g_free (self->sides[1].named);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pairs, pairs_clear)

void
cyt_class_map_free (CytClassMap *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->names);
  g_free (self->of_a);
  g_free (self->of_b);
  g_free (self);
}

static gsize
find_root (const Pairs *self, gsize node)
{
  while (self->parent[node] != node)
    node = self->parent[node];
  return node;
}

static void
join (Pairs *self, gsize a, gsize b)
{
  gsize x = find_root (self, a), y = find_root (self, self->sides[0].n + b);

  self->parent[MAX (x, y)] = MIN (x, y);
}

/* Without case, and with one space for all that is between words (transfer full). */
static char *
fold (const char *name)
{
  g_autofree char *lower = g_utf8_casefold (name, -1), *copy = g_strdelimit (g_strdup (lower), " _-\t", ' ');
  g_auto (GStrv) parts = g_strsplit (g_strstrip (copy), " ", -1);
  GString *text = g_string_new (NULL);

  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] != '\0')
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", parts[i]);
  return g_string_free (text, FALSE);
}

static gboolean
is_same_name (const char *a, const char *b)
{
  g_autofree char *x = fold (a), *y = fold (b);

  return g_str_equal (x, y);
}

/* The class that a line names: by its very name, else by one that is the same but for case and spaces. */
static gboolean
find_class (Side *side, const CytCsv *csv, gsize row, const char *path, gsize *found, GError **error)
{
  const char *text = cyt_csv_get (csv, row, cyt_csv_find_column (csv, side->column));

  *found = CYT_CLASS_MAP_NONE;
  if (text[0] == '\0')
    return TRUE;
  for (gsize i = 0; i < side->n && *found == CYT_CLASS_MAP_NONE; i++)
    if (g_str_equal (side->classes[i], text))
      *found = i;
  for (gsize i = 0; i < side->n && *found == CYT_CLASS_MAP_NONE; i++)
    if (is_same_name (side->classes[i], text))
      *found = i;
  if (*found != CYT_CLASS_MAP_NONE)
    {
      side->named[*found] = 1;
      return TRUE;
    }
  {
    g_autofree char *display = g_filename_display_name (path), *shown = g_strescape (text, NULL);
    g_autofree char *all = g_strjoinv (", ", (GStrv) side->classes);

    g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                 "%s: line %u: data set \"%s\" has no class \"%.60s\": its classes are %.400s", display,
                 cyt_csv_get_line (csv, row), side->name, shown, all[0] != '\0' ? all : "none");
    return FALSE;
  }
}

static gboolean
read_file (Pairs *self, const char *path, GError **error)
{
  g_autoptr (CytCsv) csv = cyt_csv_read (path, error);
  const char *const columns[] = { self->sides[0].column, self->sides[1].column, NULL };

  if (csv == NULL || !cyt_csv_check_unique (csv, columns, error))
    return FALSE;
  for (guint c = 0; c < 2; c++)
    if (cyt_csv_find_column (csv, columns[c]) < 0)
      {
        g_autofree char *display = g_filename_display_name (path);

        g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_COLUMN,
                     "%s: there is no column \"%s\": expected two, \"%s\" and \"%s\"", display, columns[c], columns[0],
                     columns[1]);
        return FALSE;
      }
  for (gsize row = 0; row < cyt_csv_get_n_rows (csv); row++)
    {
      gsize a, b;

      if (!find_class (&self->sides[0], csv, row, path, &a, error) || !find_class (&self->sides[1], csv, row, path, &b, error))
        return FALSE;
      if (a != CYT_CLASS_MAP_NONE && b != CYT_CLASS_MAP_NONE)
        join (self, a, b);
    }
  return TRUE;
}

static void
append_names (GString *text, const Pairs *self, guint side, gsize root)
{
  gboolean first = TRUE;

  for (gsize i = 0; i < self->sides[side].n; i++)
    if (find_root (self, side * self->sides[0].n + i) == root)
      {
        g_string_append_printf (text, "%s%s", first ? "" : " + ", self->sides[side].classes[i]);
        first = FALSE;
      }
}

static char *
make_name (const Pairs *self, gsize root)
{
  g_autoptr (GString) a = g_string_new (NULL), b = g_string_new (NULL);

  append_names (a, self, 0, root);
  append_names (b, self, 1, root);
  return is_same_name (a->str, b->str) ? g_strdup (a->str) : g_strdup_printf ("%s = %s", a->str, b->str);
}

/* Numbers the trees that have classes of both. */
static CytClassMap *
number (const Pairs *self)
{
  gsize n_a = self->sides[0].n, n_b = self->sides[1].n;
  CytClassMap *map = g_new0 (CytClassMap, 1);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  map->of_a = g_new (gsize, MAX (1, n_a));
  map->of_b = g_new (gsize, MAX (1, n_b));
  for (gsize i = 0; i < n_a; i++)
    map->of_a[i] = CYT_CLASS_MAP_NONE;
  for (gsize i = 0; i < n_b; i++)
    map->of_b[i] = CYT_CLASS_MAP_NONE;
  for (gsize root = 0; root < n_a; root++)
    {
      gboolean shared = FALSE;

      for (gsize i = 0; i < n_b; i++)
        if (find_root (self, n_a + i) == root)
          {
            map->of_b[i] = map->n;
            shared = TRUE;
          }
      if (!shared)
        continue;
      for (gsize i = 0; i < n_a; i++)
        if (find_root (self, i) == root)
          map->of_a[i] = map->n;
      {
        g_autofree char *name = make_name (self, root);

        g_strv_builder_add (names, name);
      }
      map->n++;
    }
  map->names = g_strv_builder_end (names);
  return map;
}

CytClassMap *
cyt_class_map_new (const char *const *a, const char *name_a, const char *column_a, const char *const *b, const char *name_b,
                   const char *column_b, const char *path, GError **error)
{
  gsize n_a = g_strv_length ((GStrv) a), n_b = g_strv_length ((GStrv) b);
  g_auto (Pairs) self = { .sides = { { a, n_a, name_a, column_a, g_new0 (guint8, MAX (1, n_a)) },
                                     { b, n_b, name_b, column_b, g_new0 (guint8, MAX (1, n_b)) } } };

  self.parent = g_new (gsize, MAX (1, n_a + n_b));
  for (gsize i = 0; i < n_a + n_b; i++)
    self.parent[i] = i;
  if (path != NULL && !read_file (&self, path, error))
    return NULL;
  for (gsize i = 0; i < n_a; i++)
    for (gsize j = 0; j < n_b; j++)
      if (!self.sides[0].named[i] && !self.sides[1].named[j] && is_same_name (a[i], b[j]))
        join (&self, i, j);
  return number (&self);
}
