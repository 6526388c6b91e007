/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-cell-section.h"

struct _CytCellSection
{
  GObject parent_instance;
  gint64 dataset;
  CytCellSectionKind kind;
  char *name;
  char *domain;
  gsize n_images;
  CytLatentRow row;
  GPtrArray *cells;   /* of CytCellItem */
};

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static GType
get_item_type (GListModel *model)
{
  return CYT_TYPE_CELL_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return CYT_CELL_SECTION (model)->cells->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  CytCellSection *self = CYT_CELL_SECTION (model);

  return position < self->cells->len ? g_object_ref (self->cells->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (CytCellSection, cyt_cell_section, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

CytCellSection *
cyt_cell_section_new (gint64 dataset, CytCellSectionKind kind)
{
  CytCellSection *self = g_object_new (CYT_TYPE_CELL_SECTION, NULL);

  self->dataset = dataset;
  self->kind = kind;
  return self;
}

gint64
cyt_cell_section_get_dataset (CytCellSection *self)
{
  return self->dataset;
}

CytCellSectionKind
cyt_cell_section_get_kind (CytCellSection *self)
{
  return self->kind;
}

void
cyt_cell_section_set_facts (CytCellSection *self, const CytDataset *facts, const CytLatentRow *row)
{
  g_return_if_fail (CYT_IS_CELL_SECTION (self));

  g_free (self->name);
  self->name = g_strdup (facts->name);
  g_free (self->domain);
  self->domain = g_strdup (facts->domain);
  self->n_images = facts->n_images;
  self->row = *row;
  g_signal_emit (self, signals[CHANGED], 0);
}

const char *
cyt_cell_section_get_name (CytCellSection *self)
{
  return self->name;
}

const char *
cyt_cell_section_get_domain (CytCellSection *self)
{
  return self->domain;
}

gsize
cyt_cell_section_get_n_images (CytCellSection *self)
{
  return self->n_images;
}

const CytLatentRow *
cyt_cell_section_get_row (CytCellSection *self)
{
  return &self->row;
}

static gboolean
same_cell (CytCellItem *a, CytCellItem *b)
{
  const CytTopCell *x = cyt_cell_item_get_top (a), *y = cyt_cell_item_get_top (b);

  return x->cell == y->cell && x->rank == y->rank && x->score == y->score && x->map.latent == y->map.latent
         && g_str_equal (cyt_cell_item_get_path (a), cyt_cell_item_get_path (b));
}

void
cyt_cell_section_set_cells (CytCellSection *self, GPtrArray *cells)
{
  guint n_old, n_new = cells != NULL ? cells->len : 0, n_head = 0;

  g_return_if_fail (CYT_IS_CELL_SECTION (self));

  n_old = self->cells->len;
  while (n_head < n_old && n_head < n_new && same_cell (self->cells->pdata[n_head], cells->pdata[n_head]))
    n_head++;
  if (n_head == n_old && n_head == n_new)
    return;
  g_ptr_array_set_size (self->cells, n_head);
  for (guint i = n_head; i < n_new; i++)
    g_ptr_array_add (self->cells, g_object_ref (cells->pdata[i]));
  g_list_model_items_changed (G_LIST_MODEL (self), n_head, n_old - n_head, n_new - n_head);
}

static void
cyt_cell_section_finalize (GObject *object)
{
  CytCellSection *self = CYT_CELL_SECTION (object);

  g_free (self->name);
  g_free (self->domain);
  g_ptr_array_unref (self->cells);
  G_OBJECT_CLASS (cyt_cell_section_parent_class)->finalize (object);
}

static void
cyt_cell_section_class_init (CytCellSectionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cyt_cell_section_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
}

static void
cyt_cell_section_init (CytCellSection *self)
{
  self->name = g_strdup ("");
  self->domain = g_strdup ("");
  self->cells = g_ptr_array_new_with_free_func (g_object_unref);
}
