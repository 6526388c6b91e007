/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-csv.h"
#include "io/cyt-error.h"
#include "io/cyt-numpy-random.h"
#include "project/cyt-published-private.h"

#define MANIFEST "manifest.csv"
#define COLUMN "cytosae_index"
#define SEED 1 /* of the published shuffle */

/* As many of the top images have to be of their published class: fewer means that they are others. A few
 * may have been given to another class since. */
#define MIN_AGREEMENT 0.9

void
cyt_published_cells_free (CytPublishedCells *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->list, cyt_image_list_free);
  g_free (self->present);
  g_free (self->used);
  g_free (self);
}

/* The first number of images from @from on, below @to, that the frequencies fit; 0: none. */
static gsize
find_n_images (const CytPublishedStats *stats, gsize from, gsize to)
{
  for (gsize n = from; n < to; n++)
    if (cyt_published_stats_fit (stats, n))
      return n;
  return 0;
}

/* @n cells, all lacking. */
static CytPublishedCells *
cells_new (const char *root, gsize n)
{
  CytPublishedCells *self = g_new0 (CytPublishedCells, 1);

  self->list = g_new0 (CytImageList, 1);
  self->list->root = g_strdup (root);
  self->list->items = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_item_free);
  self->present = g_new0 (guint8, n);
  self->used = g_new0 (guint8, n);
  for (gsize i = 0; i < n; i++)
    {
      CytImageItem *item = g_new0 (CytImageItem, 1);

      item->path = g_strdup_printf (COLUMN " %" G_GSIZE_FORMAT, i);
      g_ptr_array_add (self->list->items, item);
    }
  return self;
}

static void
put_image (CytPublishedCells *self, gsize i, const CytImageItem *image)
{
  CytImageItem *item = self->list->items->pdata[i];

  g_free (item->path);
  item->path = g_strdup (image->path);
  item->label = g_strdup (image->label);
  item->patient = g_strdup (image->patient);
  item->disease = g_strdup (image->disease);
  self->present[i] = TRUE;
}

/* ---- By manifest ---- */

/* Rows' numbers, -1 for an empty field. Tables that passed through floats write 17.0. */
static gint64 *
read_numbers (const CytCsv *csv, int column, const char *display, GError **error)
{
  gsize n = cyt_csv_get_n_rows (csv);
  g_autofree gint64 *numbers = g_new (gint64, MAX (n, 1));
  g_autoptr (GHashTable) rows = g_hash_table_new (NULL, NULL);

  for (gsize i = 0; i < n; i++)
    {
      const char *text = cyt_csv_get (csv, i, column);
      char *end = NULL;
      double value = g_ascii_strtod (text, &end);
      gpointer other;

      numbers[i] = -1;
      if (*text == '\0')
        continue;
      if (*end != '\0' || g_ascii_isspace (*text) || !(value >= 0 && value < CYT_PUBLISHED_MAX_IMAGES)
          || value != floor (value))
        {
          g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                       "%s: line %u: " COLUMN ": expected a whole number from 0 to %u, found \"%s\"", display,
                       cyt_csv_get_line (csv, i), CYT_PUBLISHED_MAX_IMAGES - 1, text);
          return NULL;
        }
      numbers[i] = (gint64) value;
      if (g_hash_table_lookup_extended (rows, GSIZE_TO_POINTER ((gsize) value), NULL, &other))
        {
          g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                       "%s: line %u: " COLUMN " %" G_GINT64_FORMAT " is that of line %u too", display,
                       cyt_csv_get_line (csv, i), numbers[i], cyt_csv_get_line (csv, GPOINTER_TO_SIZE (other)));
          return NULL;
        }
      g_hash_table_insert (rows, GSIZE_TO_POINTER ((gsize) value), GSIZE_TO_POINTER (i));
    }
  return g_steal_pointer (&numbers);
}

/* How many images the statistics are of, when the manifest numbers them up to @highest; 0 with an error.
 * The frequencies tell it: they are shares of that many, and each has a list up to nearly the last image. */
static gsize
choose_n_images (const CytPublishedStats *stats, gint64 highest, const char *display, GError **error)
{
  gsize from = MAX ((gsize) (highest + 1), stats->n_referenced), to = 2 * stats->n_referenced;
  gsize n = find_n_images (stats, from, to), smaller;

  if (n > 0)
    return n;
  smaller = find_n_images (stats, stats->n_referenced, MIN (from, to));
  if (smaller == 0)
    return from; /* frequencies that are no exact shares tell nothing */
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
               "%s: " COLUMN ": expected numbers from 0 to %" G_GSIZE_FORMAT " for the %" G_GSIZE_FORMAT
               " images of the statistics, found %" G_GINT64_FORMAT, display, smaller - 1, smaller, highest);
  return 0;
}

/* NULL without an error when @images has no manifest with the column. */
static CytPublishedCells *
load_by_manifest (const char *images, const CytPublishedStats *stats, GError **error)
{
  static const char *const names[] = { COLUMN, NULL };
  g_autofree char *path = g_build_filename (images, MANIFEST, NULL);
  g_autofree char *display = g_filename_display_name (path);
  g_autofree gint64 *numbers = NULL;
  g_autoptr (CytPublishedCells) self = NULL;
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (CytCsv) csv = NULL;
  gint64 highest = -1;
  gsize n;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  if ((csv = cyt_csv_read (path, error)) == NULL || !cyt_csv_check_unique (csv, names, error)
      || cyt_csv_find_column (csv, COLUMN) < 0)
    return NULL;
  /* a list of a CSV has an item for each row */
  if ((list = cyt_image_list_new ((const char *const[]) { path, NULL }, error)) == NULL
      || (numbers = read_numbers (csv, cyt_csv_find_column (csv, COLUMN), display, error)) == NULL)
    return NULL;
  g_assert (cyt_image_list_get_n_items (list) == cyt_csv_get_n_rows (csv));
  for (gsize i = 0; i < cyt_csv_get_n_rows (csv); i++)
    highest = MAX (highest, numbers[i]);
  if (highest < 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "%s: no image has a " COLUMN, display);
      return NULL;
    }
  n = choose_n_images (stats, highest, display, error);
  if (n == 0)
    return NULL;
  self = cells_new (list->root, n);
  for (gsize i = 0; i < cyt_csv_get_n_rows (csv); i++)
    if (numbers[i] >= 0)
      put_image (self, numbers[i], cyt_image_list_get_item (list, i));
  return g_steal_pointer (&self);
}

/* ---- By names ---- */

/* By class folder, then by name: a path as a whole would put "a-b/1" before "a/1". */
static int
compare_items (gconstpointer a, gconstpointer b)
{
  const CytImageItem *x = *(const CytImageItem *const *) a, *y = *(const CytImageItem *const *) b;
  g_autofree char *folder_x = g_path_get_dirname (x->path), *folder_y = g_path_get_dirname (y->path);
  int order = strcmp (folder_x, folder_y);

  return order != 0 ? order : strcmp (x->path, y->path);
}

static CytPublishedCells *
load_by_names (const char *images, const CytPublishedStats *stats, GError **error)
{
  g_autoptr (CytImageList) list = cyt_image_list_new ((const char *const[]) { images, NULL }, error);
  g_autoptr (CytPublishedCells) self = NULL;
  g_autofree char *display = NULL;
  g_autofree guint32 *places = NULL;
  gsize n, expected;

  if (list == NULL)
    return NULL;
  n = cyt_image_list_get_n_items (list);
  display = g_filename_display_name (list->root);
  expected = cyt_published_stats_fit (stats, n) ? n
                                                : find_n_images (stats, stats->n_referenced, 2 * stats->n_referenced);
  /* frequencies that are no exact shares do not tell the number */
  if (n < stats->n_referenced || n > CYT_PUBLISHED_MAX_IMAGES || (expected != 0 && n != expected))
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "%s: holds %" G_GSIZE_FORMAT " images, but the statistics are of %s%" G_GSIZE_FORMAT
                   ": without a " MANIFEST " with the columns path and " COLUMN " all of them are needed", display, n,
                   expected == 0 || expected == n ? "at least " : "",
                   expected == 0 || expected == n ? stats->n_referenced : expected);
      return NULL;
    }
  g_ptr_array_sort (list->items, compare_items);
  places = g_new (guint32, n);
  cyt_numpy_permutation (SEED, n, places);
  self = cells_new (list->root, n);
  for (gsize i = 0; i < n; i++)
    put_image (self, i, cyt_image_list_get_item (list, places[i]));
  return g_steal_pointer (&self);
}

/* ---- Classes ---- */

typedef struct
{
  GHashTable *names;   /* class name → its number from 1 */
  GPtrArray *by_name;  /* names by number - 1 */
  GHashTable *counts;  /* (published class, name) → top images that are both */
  const char **found;  /* (CYT_PUBLISHED_MAX_CLASSES) most frequent name of a published class, or NULL */
  guint32 *most;       /* (CYT_PUBLISHED_MAX_CLASSES) how often */
} Classes;

static void
classes_clear (Classes *self)
{
  g_hash_table_unref (self->names);
  g_ptr_array_unref (self->by_name);
  g_hash_table_unref (self->counts);
  g_free (self->found);
  g_free (self->most);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Classes, classes_clear)

static void
count_class (Classes *self, guint32 class, const char *name)
{
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (self->names, name));
  gpointer key;
  guint32 count;

  if (number == 0)
    {
      g_ptr_array_add (self->by_name, (gpointer) name);
      number = self->by_name->len;
      g_hash_table_insert (self->names, (gpointer) name, GUINT_TO_POINTER (number));
    }
  key = GSIZE_TO_POINTER ((gsize) class << 32 | number);
  count = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, key)) + 1;
  g_hash_table_insert (self->counts, key, GUINT_TO_POINTER (count));
  if (count > self->most[class])
    {
      self->most[class] = count;
      self->found[class] = self->by_name->pdata[number - 1];
    }
}

/* Checks the images against the published classes, and gives these to those that have none. */
static gboolean
settle_classes (CytPublishedCells *self, const CytPublishedStats *stats, GError **error)
{
  g_auto (Classes) classes = { g_hash_table_new (g_str_hash, g_str_equal), g_ptr_array_new (),
                               g_hash_table_new (NULL, NULL), g_new0 (const char *, CYT_PUBLISHED_MAX_CLASSES),
                               g_new0 (guint32, CYT_PUBLISHED_MAX_CLASSES) };
  gsize n_known = 0, n_agreeing = 0;

  for (gsize k = 0; k < stats->d_sae; k++)
    for (guint j = 0; j < stats->n_entries[k]; j++)
      {
        const CytImageItem *item = self->list->items->pdata[stats->image[k * stats->n_top + j]];

        self->used[stats->image[k * stats->n_top + j]] = TRUE;
        if (item->label == NULL)
          continue;
        count_class (&classes, stats->class[k * stats->n_top + j], item->label);
        n_known++;
      }
  for (guint c = 0; c < CYT_PUBLISHED_MAX_CLASSES; c++)
    n_agreeing += classes.most[c];
  if (n_agreeing < MIN_AGREEMENT * n_known)
    {
      g_autofree char *display = g_filename_display_name (self->list->root);

      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "%s: these are not the images of the statistics: only %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                   " entries in the top lists are of the class published with them", display, n_agreeing, n_known);
      return FALSE;
    }
  for (gsize k = 0; k < stats->d_sae; k++)
    for (guint j = 0; j < stats->n_entries[k]; j++)
      {
        CytImageItem *item = self->list->items->pdata[stats->image[k * stats->n_top + j]];
        guint32 class = stats->class[k * stats->n_top + j];

        if (item->label == NULL)
          item->label = classes.found[class] ? g_strdup (classes.found[class]) : g_strdup_printf ("class %u", class);
      }
  return TRUE;
}

CytPublishedCells *
cyt_published_cells_load (const char *images, const CytPublishedStats *stats, GError **error)
{
  g_autoptr (CytPublishedCells) self = NULL;
  g_autoptr (GError) local = NULL;

  if (g_file_test (images, G_FILE_TEST_IS_REGULAR))
    {
      g_autofree char *display = g_filename_display_name (images);

      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR, "%s: expected the folder of the images, found a file",
                   display);
      return NULL;
    }
  self = load_by_manifest (images, stats, &local);
  if (self == NULL && local == NULL)
    self = load_by_names (images, stats, &local);
  if (self == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return settle_classes (self, stats, error) ? g_steal_pointer (&self) : NULL;
}
