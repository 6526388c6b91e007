/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

void
cyt_dataset_free (CytDataset *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->domain);
  g_free (self->root);
  g_free (self);
}

#define COLUMNS \
  "id, name, domain, root, threshold, n_top, first_cell, n_cells, n_indexed, n_failed, pixel_size, " \
  "(SELECT ifnull (sum (c.n_cells), 0) FROM latent_chunk c WHERE c.dataset = dataset.id), " \
  "EXISTS (SELECT 1 FROM cell c WHERE c.id = first_cell + dataset.n_cells - 1 AND c.dataset = dataset.id) AS n_cells"

static CytDataset *
read_dataset (CytStatement *s, gint64 *first_cell, GError **error)
{
  g_autoptr (CytDataset) dataset = g_new0 (CytDataset, 1);
  gint64 first;

  dataset->id = cyt_statement_get_int (s, 0, 1, G_MAXINT64);
  dataset->name = g_strdup (cyt_statement_get_text (s, 1));
  dataset->domain = g_strdup (cyt_statement_get_text (s, 2));
  dataset->root = g_strdup (cyt_statement_get_path (s, 3));
  dataset->threshold = s->project->published ? NAN : cyt_statement_get_double (s, 4, 0, G_MAXDOUBLE);
  dataset->n_top = cyt_statement_get_int (s, 5, 1, CYT_PROJECT_MAX_TOP);
  first = cyt_statement_get_int (s, 6, 1, G_MAXINT64 - G_MAXINT32);
  dataset->n_cells = cyt_statement_get_int (s, 7, 1, G_MAXINT32);
  /* arrays are as long as this says: its last cell must be there */
  cyt_statement_get_int (s, 12, 1, 1);
  dataset->n_indexed = cyt_statement_get_int (s, 8, 0, dataset->n_cells);
  dataset->n_failed = cyt_statement_get_int (s, 9, 0, dataset->n_indexed);
  dataset->pixel_size = cyt_statement_is_null (s, 10)
                          ? NAN : cyt_statement_get_double (s, 10, CYT_PIXEL_SIZE_MIN, CYT_PIXEL_SIZE_MAX);
  dataset->n_transposed = cyt_statement_get_int (s, 11, 0, dataset->n_indexed);
  if (!cyt_statement_check_row (s, error, "dataset", "id %" G_GINT64_FORMAT, dataset->id))
    return NULL;
  dataset->n_images = s->project->published ? dataset->n_cells : dataset->n_indexed - dataset->n_failed;
  if (first_cell)
    *first_cell = first;
  return g_steal_pointer (&dataset);
}

GPtrArray *
cyt_project_list_datasets (CytProject *self, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_dataset_free);
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT " COLUMNS " FROM dataset ORDER BY id", error))
    return NULL;
  while (TRUE)
    {
      CytDataset *dataset;

      if (!cyt_statement_step (&s, &row, error))
        return NULL;
      if (!row)
        return g_steal_pointer (&list);
      if ((dataset = read_dataset (&s, NULL, error)) == NULL)
        return NULL;
      g_ptr_array_add (list, dataset);
    }
}

CytDataset *
cyt_project_find_dataset (CytProject *self, const char *name, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT " COLUMNS " FROM dataset WHERE name = ?", error))
    return NULL;
  cyt_statement_bind_text (&s, 1, name);
  if (!cyt_statement_step (&s, &row, error) || !row)
    return NULL;
  return read_dataset (&s, NULL, error);
}

CytDataset *
cyt_project_load_dataset (CytProject *self, gint64 dataset, gint64 *first_cell, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT " COLUMNS " FROM dataset WHERE id = ?", error))
    return NULL;
  cyt_statement_bind_int (&s, 1, dataset);
  if (!cyt_statement_step (&s, &row, error))
    return NULL;
  if (!row)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: there is no data set %" G_GINT64_FORMAT,
                   self->display, dataset);
      return NULL;
    }
  return read_dataset (&s, first_cell, error);
}

/* ---- Adding ---- */

/* File names may hold any bytes; labels that were folders' names are shown and stored as UTF-8. */
static char *
dup_utf8 (const char *text)
{
  return text ? g_utf8_make_valid (text, -1) : NULL;
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Distinct labels of the list, sorted bytewise. @numbers maps a label to its place. */
static GPtrArray *
collect_labels (const CytImageList *list, GHashTable *numbers)
{
  GPtrArray *labels = g_ptr_array_new ();

  for (gsize i = 0; i < cyt_image_list_get_n_items (list); i++)
    {
      g_autofree char *label = dup_utf8 (cyt_image_list_get_item (list, i)->label);

      if (label == NULL || g_hash_table_contains (numbers, label))
        continue;
      g_ptr_array_add (labels, label);
      g_hash_table_insert (numbers, g_steal_pointer (&label), NULL);
    }
  g_ptr_array_sort (labels, compare_strings);
  for (guint i = 0; i < labels->len; i++)
    g_hash_table_insert (numbers, g_strdup (labels->pdata[i]), GUINT_TO_POINTER (i));
  return labels;
}

static gboolean
insert_labels (CytProject *self, gint64 dataset, GPtrArray *labels, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&s, self, "INSERT INTO label (dataset, number, name) VALUES (?, ?, ?)", error))
    return FALSE;
  for (guint i = 0; i < labels->len; i++)
    {
      cyt_statement_bind_int (&s, 1, dataset);
      cyt_statement_bind_int (&s, 2, i);
      cyt_statement_bind_text (&s, 3, labels->pdata[i]);
      if (!cyt_statement_run (&s, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
insert_cells (CytProject *self, gint64 dataset, gint64 first_cell, const CytImageList *list, GHashTable *numbers,
              GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&s, self,
                           "INSERT INTO cell (id, dataset, position, path, label, patient, disease) "
                           "VALUES (?, ?, ?, ?, ?, ?, ?)", error))
    return FALSE;
  for (gsize i = 0; i < cyt_image_list_get_n_items (list); i++)
    {
      const CytImageItem *item = cyt_image_list_get_item (list, i);
      g_autofree char *label = dup_utf8 (item->label);
      g_autofree char *patient = dup_utf8 (item->patient);
      g_autofree char *disease = dup_utf8 (item->disease);

      cyt_statement_bind_int (&s, 1, first_cell + (gint64) i);
      cyt_statement_bind_int (&s, 2, dataset);
      cyt_statement_bind_int (&s, 3, i);
      cyt_statement_bind_text (&s, 4, item->path);
      if (label)
        cyt_statement_bind_int (&s, 5, GPOINTER_TO_UINT (g_hash_table_lookup (numbers, label)));
      else
        cyt_statement_bind_null (&s, 5);
      cyt_statement_bind_text (&s, 6, patient);
      cyt_statement_bind_text (&s, 7, disease);
      if (!cyt_statement_run (&s, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
insert_dataset (CytProject *self, const char *name, const char *domain, double threshold, guint n_top,
                const CytImageList *list, GError **error)
{
  g_auto (CytStatement) last = CYT_STATEMENT_INIT;
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) labels = collect_labels (list, numbers);
  gint64 dataset, first_cell;
  gboolean row;

  if (!cyt_statement_init (&last, self, "SELECT ifnull (max (id), 0) + 1 FROM cell", error)
      || !cyt_statement_step (&last, &row, error))
    return FALSE;
  first_cell = cyt_statement_get_int (&last, 0, 1, G_MAXINT64 - G_MAXINT32);
  if (!cyt_statement_check_row (&last, error, "cell", "the highest id"))
    return FALSE;
  cyt_statement_reset (&last);

  if (!cyt_statement_init (&s, self,
                           "INSERT INTO dataset (name, domain, root, threshold, n_top, first_cell, n_cells) "
                           "VALUES (?, ?, ?, ?, ?, ?, ?)", error))
    return FALSE;
  cyt_statement_bind_text (&s, 1, name);
  cyt_statement_bind_text (&s, 2, domain);
  cyt_statement_bind_text (&s, 3, list->root);
  if (self->published)
    cyt_statement_bind_null (&s, 4);
  else
    cyt_statement_bind_double (&s, 4, threshold);
  cyt_statement_bind_int (&s, 5, n_top);
  cyt_statement_bind_int (&s, 6, first_cell);
  cyt_statement_bind_int (&s, 7, cyt_image_list_get_n_items (list));
  if (!cyt_statement_run (&s, error))
    return FALSE;
  dataset = sqlite3_last_insert_rowid (self->db);
  return insert_labels (self, dataset, labels, error) && insert_cells (self, dataset, first_cell, list, numbers, error);
}

static gboolean
check_text (const char *what, const char *text, GError **error)
{
  if (strlen (text) <= CYT_PROJECT_MAX_NAME && g_utf8_validate (text, -1, NULL))
    return TRUE;
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s is longer than %d bytes or not UTF-8", what,
               CYT_PROJECT_MAX_NAME);
  return FALSE;
}

CytDataset *
cyt_project_add_dataset (CytProject *self, const char *name, const char *domain, double threshold, guint n_top,
                         const CytImageList *list, GError **error)
{
  gsize n_cells = cyt_image_list_get_n_items (list);
  g_autoptr (CytDataset) found = NULL;
  g_autoptr (GError) local = NULL;
  gboolean ok;

  if (!check_text ("the name of the data set", name, error) || !check_text ("the domain", domain, error))
    return NULL;
  if (*name == '\0' || n_cells < 1 || n_cells > G_MAXINT32 || n_top < 1 || n_top > CYT_PROJECT_MAX_TOP
      || !isfinite (threshold) || threshold < 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "a data set needs a name, 1 to %d images (not %" G_GSIZE_FORMAT "), a top of 1 to %d (not %u) and "
                   "a threshold of 0 or more (not %g)", G_MAXINT32, n_cells, CYT_PROJECT_MAX_TOP, n_top, threshold);
      return NULL;
    }
  if (!cyt_project_begin_write (self, error))
    return NULL;
  found = cyt_project_find_dataset (self, name, &local);
  if (found)
    g_set_error (&local, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH, "%s: there is a data set \"%s\" already",
                 self->display, name);
  ok = local == NULL && insert_dataset (self, name, domain, threshold, n_top, list, &local);
  if (!cyt_project_end (self, ok, local ? NULL : &local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return cyt_project_find_dataset (self, name, error);
}

gboolean
cyt_project_set_dataset_root (CytProject *self, gint64 dataset, const char *root, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (CytDataset) found = NULL;
  gboolean ok;

  if (!cyt_project_begin_write (self, error))
    return FALSE;
  found = cyt_project_load_dataset (self, dataset, NULL, error);
  ok = found != NULL && cyt_statement_init (&s, self, "UPDATE dataset SET root = ? WHERE id = ?", error);
  if (ok)
    {
      cyt_statement_bind_text (&s, 1, root);
      cyt_statement_bind_int (&s, 2, dataset);
      ok = cyt_statement_run (&s, error);
    }
  return cyt_project_end (self, ok, error);
}

gboolean
cyt_project_set_pixel_size (CytProject *self, gint64 dataset, double pixel_size, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (CytDataset) found = NULL;
  gboolean ok;

  if (!isnan (pixel_size) && !(pixel_size >= CYT_PIXEL_SIZE_MIN && pixel_size <= CYT_PIXEL_SIZE_MAX))
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "the size of a pixel has to be from %g to %g µm, not %g",
                   CYT_PIXEL_SIZE_MIN, CYT_PIXEL_SIZE_MAX, pixel_size);
      return FALSE;
    }
  if (!cyt_project_begin_write (self, error))
    return FALSE;
  found = cyt_project_load_dataset (self, dataset, NULL, error);
  ok = found != NULL && cyt_statement_init (&s, self, "UPDATE dataset SET pixel_size = ? WHERE id = ?", error);
  if (ok)
    {
      if (isnan (pixel_size))
        cyt_statement_bind_null (&s, 1);
      else
        cyt_statement_bind_double (&s, 1, pixel_size);
      cyt_statement_bind_int (&s, 2, dataset);
      ok = cyt_statement_run (&s, error);
    }
  return cyt_project_end (self, ok, error);
}

/* ---- Reading ---- */

static gboolean
load_items (CytProject *self, gint64 dataset, CytImageList *list, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (CytDataset) facts = NULL;
  gint64 first_cell;
  gboolean row;

  facts = cyt_project_load_dataset (self, dataset, &first_cell, error);
  if (facts == NULL
      || !cyt_statement_init (&s, self,
                              "SELECT c.path, l.name, c.patient, c.disease, c.position, c.label IS NOT NULL "
                              "FROM cell c LEFT JOIN label l ON l.dataset = c.dataset AND l.number = c.label "
                              "WHERE c.id >= ?1 AND c.id < ?1 + ?2 AND c.dataset = ?3 ORDER BY c.id", error))
    return FALSE;
  list->root = g_strdup (*facts->root != '\0' ? facts->root : CYT_PROJECT_NOWHERE);
  cyt_statement_bind_int (&s, 1, first_cell);
  cyt_statement_bind_int (&s, 2, facts->n_cells);
  cyt_statement_bind_int (&s, 3, dataset);
  for (gint64 i = 0;; i++)
    {
      CytImageItem *item;

      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        break;
      item = g_new0 (CytImageItem, 1);
      g_ptr_array_add (list->items, item);
      item->path = g_strdup (cyt_statement_get_path (&s, 0));
      if (cyt_statement_get_int (&s, 5, 0, 1))
        item->label = g_strdup (cyt_statement_get_text (&s, 1));
      item->patient = cyt_statement_dup_text_or_null (&s, 2);
      item->disease = cyt_statement_dup_text_or_null (&s, 3);
      cyt_statement_get_int (&s, 4, i, i);
      if (!cyt_statement_check_row (&s, error, "cell", "id %" G_GINT64_FORMAT, first_cell + i))
        return FALSE;
    }
  if (list->items->len != facts->n_cells)
    return cyt_project_set_corrupt (self, error,
                                    "table cell has %u cells of data set %" G_GINT64_FORMAT ", expected %" G_GSIZE_FORMAT,
                                    list->items->len, dataset, facts->n_cells);
  return TRUE;
}

CytImageList *
cyt_project_load_image_list (CytProject *self, gint64 dataset, GError **error)
{
  g_autoptr (CytImageList) list = g_new0 (CytImageList, 1);
  gboolean ok;

  list->items = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_item_free);
  if (!cyt_project_begin_read (self, error))
    return NULL;
  ok = load_items (self, dataset, list, error);
  return cyt_project_end (self, ok, error) ? g_steal_pointer (&list) : NULL;
}

GStrv
cyt_project_list_labels (CytProject *self, gint64 dataset, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT number, name FROM label WHERE dataset = ? ORDER BY number", error))
    return NULL;
  cyt_statement_bind_int (&s, 1, dataset);
  for (gint64 i = 0;; i++)
    {
      if (!cyt_statement_step (&s, &row, error))
        return NULL;
      if (!row)
        break;
      cyt_statement_get_int (&s, 0, i, i);
      g_ptr_array_add (labels, g_strdup (cyt_statement_get_text (&s, 1)));
      if (!cyt_statement_check_row (&s, error, "label", "number %" G_GINT64_FORMAT, i))
        return NULL;
    }
  g_ptr_array_add (labels, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&labels), FALSE);
}
