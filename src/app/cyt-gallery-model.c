/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "cyt-gallery-model.h"

struct _CytGalleryModel
{
  GObject parent_instance;

  CytCellTable *table;
  float *scores;        /* (table->n) or NULL */
  int label;
  char *patient;
  char *disease;
  gboolean failed;
  char *text;
  CytGalleryOrder order;

  guint32 *shown;       /* (n_shown) cells of the table */
  guint n_shown;
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CytGalleryModel, cyt_gallery_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

/* ---- Which cells, in which order ---- */

static gboolean
has_text (const CytGalleryModel *self, gsize i)
{
  const CytCellTable *t = self->table;

  return self->text[0] == '\0' || strcasestr (t->path[i], self->text) != NULL
         || strcasestr (t->patient[i], self->text) != NULL || strcasestr (t->disease[i], self->text) != NULL
         || (t->label[i] >= 0 && strcasestr (t->labels[t->label[i]], self->text) != NULL);
}

static gboolean
shows (const CytGalleryModel *self, gsize i)
{
  const CytCellTable *t = self->table;

  return (self->label < 0 || t->label[i] == self->label)
         && (self->patient == NULL || g_str_equal (t->patient[i], self->patient))
         && (self->disease == NULL || g_str_equal (t->disease[i], self->disease)) && (!self->failed || t->failed[i])
         && has_text (self, i);
}

static const char *
get_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const CytCellTable *table = user_data;
  guint32 i = *(const guint32 *) a, j = *(const guint32 *) b;
  int order = strcmp (get_name (table->path[i]), get_name (table->path[j]));

  return order != 0 ? order : i < j ? -1 : i > j;
}

static int
compare_scores (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const float *scores = user_data;
  guint32 i = *(const guint32 *) a, j = *(const guint32 *) b;
  float x = isnan (scores[i]) ? -1 : scores[i], y = isnan (scores[j]) ? -1 : scores[j];

  return x != y ? (x < y ? 1 : -1) : i < j ? -1 : i > j;
}

static void
refill (CytGalleryModel *self)
{
  guint n_before = self->n_shown;
  gsize n = self->table != NULL ? self->table->n : 0;

  g_free (self->shown);
  self->shown = g_new (guint32, MAX (n, 1));
  self->n_shown = 0;
  for (gsize i = 0; i < n; i++)
    if (shows (self, i))
      self->shown[self->n_shown++] = i;
  if (self->order == CYT_GALLERY_BY_NAME && self->n_shown > 0)
    g_qsort_with_data (self->shown, self->n_shown, sizeof *self->shown, compare_names, self->table);
  else if (self->order == CYT_GALLERY_BY_SCORE && self->scores != NULL && self->n_shown > 0)
    g_qsort_with_data (self->shown, self->n_shown, sizeof *self->shown, compare_scores, self->scores);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, self->n_shown);
}

void
cyt_gallery_model_set_table (CytGalleryModel *self, CytCellTable *table)
{
  g_return_if_fail (CYT_IS_GALLERY_MODEL (self));

  if (table != NULL)
    cyt_cell_table_ref (table);
  g_clear_pointer (&self->table, cyt_cell_table_unref);
  self->table = table;
  g_clear_pointer (&self->scores, g_free);
  refill (self);
}

CytCellTable *
cyt_gallery_model_get_table (CytGalleryModel *self)
{
  return self->table;
}

void
cyt_gallery_model_set_scores (CytGalleryModel *self, const float *scores)
{
  g_return_if_fail (CYT_IS_GALLERY_MODEL (self) && self->table != NULL);

  g_free (self->scores);
  self->scores = scores != NULL ? g_memdup2 (scores, self->table->n * sizeof *scores) : NULL;
  refill (self);
}

void
cyt_gallery_model_set_filter (CytGalleryModel *self, const CytGalleryFilter *filter)
{
  g_return_if_fail (CYT_IS_GALLERY_MODEL (self));

  self->label = filter->label;
  g_free (self->patient);
  self->patient = g_strdup (filter->patient);
  g_free (self->disease);
  self->disease = g_strdup (filter->disease);
  self->failed = filter->failed;
  g_free (self->text);
  self->text = g_strdup (filter->text);
  refill (self);
}

void
cyt_gallery_model_set_order (CytGalleryModel *self, CytGalleryOrder order)
{
  g_return_if_fail (CYT_IS_GALLERY_MODEL (self));

  if (order == self->order)
    return;
  self->order = order;
  refill (self);
}

guint
cyt_gallery_model_find (CytGalleryModel *self, gint64 cell)
{
  g_return_val_if_fail (CYT_IS_GALLERY_MODEL (self), G_MAXUINT);

  for (guint i = 0; i < self->n_shown; i++)
    if (self->table->first_cell + self->shown[i] == cell)
      return i;
  return G_MAXUINT;
}

/* ---- GListModel ---- */

static char *
dup_or_null (const char *text)
{
  return text[0] != '\0' ? g_strdup (text) : NULL;
}

static gpointer
get_item (GListModel *list, guint position)
{
  CytGalleryModel *self = CYT_GALLERY_MODEL (list);
  const CytCellTable *t = self->table;
  CytTopCell top = { .rank = position };
  CytCell *cell;
  gsize i;

  if (position >= self->n_shown)
    return NULL;
  i = self->shown[position];
  cell = g_new0 (CytCell, 1);
  cell->id = t->first_cell + (gint64) i;
  cell->dataset = t->dataset;
  cell->position = i;
  cell->path = g_strdup (t->path[i]);
  cell->label = t->label[i] >= 0 ? g_strdup (t->labels[t->label[i]]) : NULL;
  cell->patient = dup_or_null (t->patient[i]);
  cell->disease = dup_or_null (t->disease[i]);
  top.cell = cell->id;
  top.score = self->scores != NULL ? self->scores[i] : NAN;
  return cyt_cell_item_new (cell, cyt_cell_table_dup_path (t, i), NULL, &top);
}

static GType
get_item_type (GListModel *list)
{
  return CYT_TYPE_CELL_ITEM;
}

static guint
get_n_items (GListModel *list)
{
  return CYT_GALLERY_MODEL (list)->n_shown;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item = get_item;
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
}

/* ---- GObject ---- */

CytGalleryModel *
cyt_gallery_model_new (void)
{
  return g_object_new (CYT_TYPE_GALLERY_MODEL, NULL);
}

static void
cyt_gallery_model_finalize (GObject *object)
{
  CytGalleryModel *self = CYT_GALLERY_MODEL (object);

  g_clear_pointer (&self->table, cyt_cell_table_unref);
  g_free (self->scores);
  g_free (self->patient);
  g_free (self->disease);
  g_free (self->text);
  g_free (self->shown);
  G_OBJECT_CLASS (cyt_gallery_model_parent_class)->finalize (object);
}

static void
cyt_gallery_model_class_init (CytGalleryModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cyt_gallery_model_finalize;
}

static void
cyt_gallery_model_init (CytGalleryModel *self)
{
  self->label = -1;
  self->text = g_strdup ("");
}
