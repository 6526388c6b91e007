/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cyt-latent-model.h"

struct _CytLatentItem
{
  GObject parent_instance;
  guint latent;
};

G_DEFINE_FINAL_TYPE (CytLatentItem, cyt_latent_item, G_TYPE_OBJECT)

static void
cyt_latent_item_class_init (CytLatentItemClass *klass)
{
}

static void
cyt_latent_item_init (CytLatentItem *self)
{
}

guint
cyt_latent_item_get_latent (CytLatentItem *self)
{
  g_return_val_if_fail (CYT_IS_LATENT_ITEM (self), 0);
  return self->latent;
}

struct _CytLatentModel
{
  GObject parent_instance;

  GPtrArray *tables;       /* of CytLatentTable; may be empty */
  GPtrArray *classes;      /* names of the classes of all tables, sorted, each once */
  const CytLatentTable *table; /* the one that shows, or NULL */
  gsize n_rows;
  GHashTable *labels;      /* latent → CytLatentLabel */
  GPtrArray *items;        /* (n_rows) CytLatentItem or NULL: an item keeps its identity once made,
                              which lets views find where it moved */

  guint32 *order;          /* (n_order) latents shown, in order */
  guint n_order;
  guint32 *position;       /* (n_rows) place in order, G_MAXUINT32 when not shown */

  CytLatentFilter *filter;
  CytLatentSort sort;      /* as asked for */
  gboolean reversed;
  gint64 selected;
  guint8 *marked;          /* (n_rows) besides the selected one */
  guint n_marked;          /* as last told */
  gint64 kept;             /* shown although the filter has come to exclude it; -1: none */
  guint settle_source;
};

enum
{
  PROP_0,
  PROP_SELECTED,
  PROP_N_MARKED,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  VALUES_CHANGED,
  FILTER_CHANGED,
  MOVING,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void update_order (CytLatentModel *self);

/* ---- GListModel ---- */

static GType
get_item_type (GListModel *model)
{
  return CYT_TYPE_LATENT_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return CYT_LATENT_MODEL (model)->n_order;
}

static gpointer
get_item (GListModel *model, guint position)
{
  CytLatentModel *self = CYT_LATENT_MODEL (model);
  guint latent;

  if (position >= self->n_order)
    return NULL;
  latent = self->order[position];
  if (self->items->pdata[latent] == NULL)
    {
      CytLatentItem *item = g_object_new (CYT_TYPE_LATENT_ITEM, NULL);

      item->latent = latent;
      self->items->pdata[latent] = item;
    }
  return g_object_ref (self->items->pdata[latent]);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* ---- GtkSelectionModel ---- */

static gboolean
is_marked_at (CytLatentModel *self, guint position)
{
  guint32 latent = self->order[position];

  return latent == self->selected || self->marked[latent];
}

static void
update_n_marked (CytLatentModel *self)
{
  guint n = 0;

  for (guint i = 0; i < self->n_order; i++)
    n += is_marked_at (self, i);
  if (n == self->n_marked)
    return;
  self->n_marked = n;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_MARKED]);
}

static void
marks_changed (CytLatentModel *self)
{
  if (self->n_order > 0)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), 0, self->n_order);
  update_n_marked (self);
}

static gboolean
settle_cb (gpointer user_data)
{
  CytLatentModel *self = user_data;

  self->settle_source = 0;
  self->kept = -1;
  update_order (self);
  return G_SOURCE_REMOVE;
}

static void
move_selected (CytLatentModel *self, gint64 latent)
{
  if (latent == self->selected)
    return;
  self->selected = latent;
  /* Not at once: the list view that selects counts on positions to stay for so long. */
  if (self->kept >= 0 && self->kept != latent && self->settle_source == 0)
    self->settle_source = g_idle_add (settle_cb, self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SELECTED]);
}

static gboolean
is_selected (GtkSelectionModel *model, guint position)
{
  CytLatentModel *self = CYT_LATENT_MODEL (model);

  return position < self->n_order && is_marked_at (self, position);
}

static GtkBitset *
get_selection_in_range (GtkSelectionModel *model, guint position, guint n_items)
{
  CytLatentModel *self = CYT_LATENT_MODEL (model);
  GtkBitset *result = gtk_bitset_new_empty ();

  for (guint i = position; i < self->n_order && i - position < n_items; i++)
    if (is_marked_at (self, i))
      gtk_bitset_add (result, i);
  return result;
}

/* The marked latent nearest to @position, or -1. */
static gint64
find_marked_near (CytLatentModel *self, guint position)
{
  for (guint distance = 0; distance < self->n_order; distance++)
    {
      if (position + distance < self->n_order && self->marked[self->order[position + distance]])
        return self->order[position + distance];
      if (distance <= position && position - distance < self->n_order
          && self->marked[self->order[position - distance]])
        return self->order[position - distance];
    }
  return -1;
}

/* At all times one latent is selected; the others are marked beside it. A range that is marked anew leaves the
 * selected latent where it is, so that what the user looks at stays. */
static gboolean
set_selection (GtkSelectionModel *model, GtkBitset *wanted, GtkBitset *mask)
{
  CytLatentModel *self = CYT_LATENT_MODEL (model);
  guint position = cyt_latent_model_find (self, self->selected);
  gint64 selected = self->selected;

  if (position != GTK_INVALID_LIST_POSITION)
    self->marked[selected] = TRUE;
  for (guint i = 0; i < self->n_order; i++)
    if (gtk_bitset_contains (mask, i))
      self->marked[self->order[i]] = gtk_bitset_contains (wanted, i);
  if (position == GTK_INVALID_LIST_POSITION || !self->marked[selected])
    {
      gint64 near = find_marked_near (self, position != GTK_INVALID_LIST_POSITION ? position : 0);

      if (near >= 0)
        selected = near;
    }
  if (selected >= 0 && (gsize) selected < self->n_rows)
    self->marked[selected] = FALSE;
  move_selected (self, selected);
  marks_changed (self);
  return TRUE;
}

static gboolean
select_item (GtkSelectionModel *model, guint position, gboolean unselect_rest)
{
  CytLatentModel *self = CYT_LATENT_MODEL (model);
  gint64 latent;

  if (position >= self->n_order)
    return FALSE;
  latent = self->order[position];
  if (unselect_rest)
    {
      cyt_latent_model_set_selected (self, latent);
      return TRUE;
    }
  /* What is added to the marks is looked at. */
  if (cyt_latent_model_find (self, self->selected) != GTK_INVALID_LIST_POSITION)
    self->marked[self->selected] = TRUE;
  self->marked[latent] = FALSE;
  move_selected (self, latent);
  marks_changed (self);
  return TRUE;
}

static void
selection_model_init (GtkSelectionModelInterface *iface)
{
  iface->is_selected = is_selected;
  iface->get_selection_in_range = get_selection_in_range;
  iface->select_item = select_item;
  iface->set_selection = set_selection;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (CytLatentModel, cyt_latent_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init)
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SELECTION_MODEL, selection_model_init))

/* ---- Order ---- */

static const CytLatentTable *
find_table (CytLatentModel *self, const char *name)
{
  for (guint i = 0; name != NULL && i < self->tables->len; i++)
    {
      const CytLatentTable *table = self->tables->pdata[i];

      if (g_strcmp0 (table->name, name) == 0)
        return table;
    }
  return NULL;
}

/* The kept latent goes where it stood: behind all that stood before it. */
static guint
insert_kept (CytLatentModel *self, guint32 *order, guint n, const guint32 *old_position)
{
  guint place = 0;

  if (self->kept < 0 || old_position[self->kept] == G_MAXUINT32)
    return n;
  for (guint i = 0; i < n; i++)
    {
      if (order[i] == self->kept)
        return n;
      if (old_position[order[i]] < old_position[self->kept])
        place = i + 1;
    }
  memmove (order + place + 1, order + place, (n - place) * sizeof *order);
  order[place] = self->kept;
  return n + 1;
}

/* Recomputes the order and tells the narrowest range that changed. */
static void
update_order (CytLatentModel *self)
{
  g_autofree guint32 *old = g_steal_pointer (&self->order);
  g_autofree guint32 *old_position = g_memdup2 (self->position, self->n_rows * sizeof *self->position);
  CytLatentQuery query = { .table = self->table, .labels = self->labels, .filter = self->filter,
                           .reversed = self->reversed };
  guint n_old = self->n_order, n = 0, n_head = 0, n_tail = 0;

  self->order = g_new (guint32, self->n_rows + 1);
  if (self->table != NULL)
    {
      query.alive_in = find_table (self, self->filter->alive_in);
      query.sort = cyt_latent_model_get_sort (self);
      n = cyt_latent_query_run (&query, self->order);
      n = insert_kept (self, self->order, n, old_position);
    }
  self->n_order = n;
  memset (self->position, 0xff, self->n_rows * sizeof *self->position);
  for (guint i = 0; i < n; i++)
    self->position[self->order[i]] = i;
  for (gsize i = 0; i < self->n_rows; i++)
    if (self->position[i] == G_MAXUINT32)
      self->marked[i] = FALSE;

  while (n_head < n && n_head < n_old && self->order[n_head] == old[n_head])
    n_head++;
  while (n_tail < n - n_head && n_tail < n_old - n_head
         && self->order[n - 1 - n_tail] == old[n_old - 1 - n_tail])
    n_tail++;
  if (n_head < n || n_head < n_old)
    g_list_model_items_changed (G_LIST_MODEL (self), n_head, n_old - n_head - n_tail, n - n_head - n_tail);
  update_n_marked (self);
}

static void
emit_values_changed (CytLatentModel *self)
{
  g_signal_emit (self, signals[VALUES_CHANGED], 0);
}

/* The user asked for another view: nothing is kept in it that does not belong there. */
static void
query_changed (CytLatentModel *self)
{
  self->kept = -1;
  g_clear_handle_id (&self->settle_source, g_source_remove);
  update_order (self);
  g_signal_emit (self, signals[FILTER_CHANGED], 0);
}

static void
labels_changed (CytLatentModel *self)
{
  if (self->kept < 0 && cyt_latent_model_find (self, self->selected) != GTK_INVALID_LIST_POSITION)
    self->kept = self->selected;
  g_signal_emit (self, signals[MOVING], 0);
  update_order (self);
  emit_values_changed (self);
}

/* ---- Numbers ---- */

CytLatentModel *
cyt_latent_model_new (void)
{
  return g_object_new (CYT_TYPE_LATENT_MODEL, NULL);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
number_classes (CytLatentModel *self)
{
  guint n = 0;

  g_ptr_array_set_size (self->classes, 0);
  for (guint t = 0; t < self->tables->len; t++)
    for (char **label = ((CytLatentTable *) self->tables->pdata[t])->labels; *label != NULL; label++)
      g_ptr_array_add (self->classes, *label);
  g_ptr_array_sort (self->classes, compare_names);
  for (guint i = 0; i < self->classes->len; i++)
    if (n == 0 || !g_str_equal (self->classes->pdata[n - 1], self->classes->pdata[i]))
      self->classes->pdata[n++] = self->classes->pdata[i];
  g_ptr_array_set_size (self->classes, n);
  for (guint t = 0; t < self->tables->len; t++)
    {
      CytLatentTable *table = self->tables->pdata[t];

      for (guint i = 0; table->labels[i] != NULL; i++)
        table->label_number[i] = cyt_latent_model_find_class (self, table->labels[i]);
    }
}

void
cyt_latent_model_take_tables (CytLatentModel *self, GPtrArray *tables, guint current)
{
  gsize n;

  g_return_if_fail (CYT_IS_LATENT_MODEL (self) && current < tables->len);

  g_signal_emit (self, signals[MOVING], 0);
  n = ((const CytLatentTable *) tables->pdata[0])->n_rows;
  if (n != self->n_rows)
    {
      guint n_old = self->n_order;

      /* Another project: none of the old positions means anything any more. */
      self->n_order = 0;
      if (n_old > 0)
        g_list_model_items_changed (G_LIST_MODEL (self), 0, n_old, 0);
      g_ptr_array_set_size (self->items, 0);
      g_ptr_array_set_size (self->items, n);
      g_free (self->position);
      self->position = g_new (guint32, n + 1);
      memset (self->position, 0xff, n * sizeof *self->position);
      g_free (self->marked);
      self->marked = g_new0 (guint8, n + 1);
      self->kept = -1;
      self->n_rows = n;
    }
  self->table = NULL;
  g_ptr_array_unref (self->tables);
  self->tables = tables;
  number_classes (self);
  self->table = tables->pdata[current];
  update_order (self);
  emit_values_changed (self);
}

void
cyt_latent_model_set_current (CytLatentModel *self, guint current)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self) && current < self->tables->len);

  if (self->table == self->tables->pdata[current])
    return;
  self->table = self->tables->pdata[current];
  query_changed (self);
  emit_values_changed (self);
}

guint
cyt_latent_model_get_n_tables (CytLatentModel *self)
{
  return self->tables->len;
}

const CytLatentTable *
cyt_latent_model_get_table (CytLatentModel *self, guint index)
{
  g_return_val_if_fail (CYT_IS_LATENT_MODEL (self) && index < self->tables->len, NULL);
  return self->tables->pdata[index];
}

const CytLatentTable *
cyt_latent_model_get_current_table (CytLatentModel *self)
{
  g_return_val_if_fail (CYT_IS_LATENT_MODEL (self), NULL);
  return self->table;
}

gsize
cyt_latent_model_get_n_latents (CytLatentModel *self)
{
  return self->n_rows;
}

gsize
cyt_latent_model_get_n_silent (CytLatentModel *self)
{
  return self->table != NULL ? self->table->n_silent : 0;
}

const CytLatentRow *
cyt_latent_model_get_row (CytLatentModel *self, guint latent)
{
  g_return_val_if_fail (CYT_IS_LATENT_MODEL (self) && latent < self->n_rows, NULL);
  return &self->table->rows[latent];
}

const char *
cyt_latent_model_get_majority (CytLatentModel *self, guint latent)
{
  g_return_val_if_fail (CYT_IS_LATENT_MODEL (self) && latent < self->n_rows, NULL);
  return cyt_latent_table_get_majority (self->table, latent);
}

int
cyt_latent_model_find_class (CytLatentModel *self, const char *name)
{
  const char *const *found;

  g_return_val_if_fail (CYT_IS_LATENT_MODEL (self), -1);

  if (name == NULL || self->classes->len == 0)
    return -1;
  found = bsearch (&name, self->classes->pdata, self->classes->len, sizeof (gpointer), compare_names);
  return found != NULL ? (int) (found - (const char *const *) self->classes->pdata) : -1;
}

int
cyt_latent_model_get_majority_class (CytLatentModel *self, guint latent)
{
  gint32 majority;

  g_return_val_if_fail (CYT_IS_LATENT_MODEL (self) && latent < self->n_rows, -1);

  majority = self->table->rows[latent].majority;
  return majority >= 0 ? (int) self->table->label_number[majority] : -1;
}

/* ---- Labels ---- */

void
cyt_latent_model_set_concepts (CytLatentModel *self, GPtrArray *concepts)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self));

  g_hash_table_remove_all (self->labels);
  cyt_latent_model_update_concepts (self, concepts);
}

void
cyt_latent_model_update_concepts (CytLatentModel *self, GPtrArray *concepts)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self));

  for (guint i = 0; i < concepts->len; i++)
    cyt_latent_labels_insert (self->labels, concepts->pdata[i]);
  labels_changed (self);
}

void
cyt_latent_model_set_concept (CytLatentModel *self, const CytConcept *concept)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self));

  cyt_latent_labels_insert (self->labels, concept);
  labels_changed (self);
}

const CytConcept *
cyt_latent_model_get_concept (CytLatentModel *self, guint latent)
{
  const CytLatentLabel *label = cyt_latent_labels_find (self->labels, latent);

  return label != NULL ? label->concept : NULL;
}

gboolean
cyt_latent_model_is_unlabelled (CytLatentModel *self, guint latent)
{
  return cyt_latent_label_is_empty (cyt_latent_labels_find (self->labels, latent));
}

GStrv
cyt_latent_model_list_names (CytLatentModel *self)
{
  return cyt_latent_labels_list_names (self->labels);
}

GStrv
cyt_latent_model_list_categories (CytLatentModel *self)
{
  return cyt_latent_labels_list_categories (self->labels);
}

GStrv
cyt_latent_model_list_tags (CytLatentModel *self)
{
  return cyt_latent_labels_list_tags (self->labels);
}

GStrv
cyt_latent_model_list_raters (CytLatentModel *self)
{
  return cyt_latent_labels_list_raters (self->labels);
}

/* ---- Filter and order ---- */

void
cyt_latent_model_set_filter (CytLatentModel *self, const CytLatentFilter *filter)
{
  g_autoptr (CytLatentFilter) old = NULL;

  g_return_if_fail (CYT_IS_LATENT_MODEL (self) && filter != NULL);

  if (cyt_latent_filter_equal (filter, self->filter))
    return;
  old = self->filter;
  self->filter = cyt_latent_filter_copy (filter);
  query_changed (self);
}

const CytLatentFilter *
cyt_latent_model_get_filter (CytLatentModel *self)
{
  return self->filter;
}

void
cyt_latent_model_set_subset (CytLatentModel *self, const guint32 *latents, gsize n, const char *name)
{
  g_autoptr (CytLatentFilter) filter = NULL;

  g_return_if_fail (CYT_IS_LATENT_MODEL (self));

  filter = cyt_latent_filter_copy (self->filter);
  cyt_latent_filter_set_subset (filter, latents, n, name);
  cyt_latent_model_set_filter (self, filter);
}

void
cyt_latent_model_mark_without_subset (CytLatentModel *self, guint8 *out)
{
  g_autoptr (CytLatentFilter) filter = NULL;
  g_autofree guint32 *order = NULL;
  CytLatentQuery query = { .table = self->table, .labels = self->labels, .sort = CYT_LATENT_SORT_NUMBER };
  guint n;

  g_return_if_fail (CYT_IS_LATENT_MODEL (self));

  memset (out, 0, self->n_rows);
  if (self->table == NULL)
    return;
  filter = cyt_latent_filter_copy (self->filter);
  cyt_latent_filter_set_subset (filter, NULL, 0, NULL);
  query.filter = filter;
  query.alive_in = find_table (self, filter->alive_in);
  order = g_new (guint32, self->n_rows + 1);
  n = cyt_latent_query_run (&query, order);
  for (guint i = 0; i < n; i++)
    out[order[i]] = 1;
}

void
cyt_latent_model_set_search (CytLatentModel *self, const char *search)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self) && search != NULL);

  if (g_str_equal (search, self->filter->search))
    return;
  g_free (self->filter->search);
  self->filter->search = g_strdup (search);
  query_changed (self);
}

const char *
cyt_latent_model_get_search (CytLatentModel *self)
{
  return self->filter->search;
}

void
cyt_latent_model_set_sort (CytLatentModel *self, CytLatentSort sort, gboolean reversed)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self) && sort < CYT_LATENT_N_SORTS);

  if (sort == self->sort && reversed == self->reversed)
    return;
  self->sort = sort;
  self->reversed = reversed;
  query_changed (self);
}

gboolean
cyt_latent_model_can_sort (CytLatentModel *self, CytLatentSort sort)
{
  if (self->table == NULL)
    return TRUE;
  switch (sort)
    {
    case CYT_LATENT_SORT_PURITY:
    case CYT_LATENT_SORT_ENTROPY:
    case CYT_LATENT_SORT_MAJORITY:
      return self->table->has_classes;
    case CYT_LATENT_SORT_MAX_ACT:
      return self->table->has_max_act;
    case CYT_LATENT_SORT_SELECTIVITY:
      return cyt_latent_table_has_number (self->table, CYT_FILTER_SELECTIVITY);
    case CYT_LATENT_SORT_MONOSEMANTICITY:
      return cyt_latent_table_has_number (self->table, CYT_FILTER_MONOSEMANTICITY);
    case CYT_LATENT_SORT_REDUNDANCY:
      return cyt_latent_table_has_number (self->table, CYT_FILTER_REDUNDANCY);
    case CYT_LATENT_SORT_MAP:
      return cyt_latent_table_has_number (self->table, CYT_FILTER_MAP);
    default:
      return TRUE;
    }
}

CytLatentSort
cyt_latent_model_get_sort (CytLatentModel *self)
{
  return cyt_latent_model_can_sort (self, self->sort) ? self->sort : CYT_LATENT_SORT_MEAN_ACT;
}

gboolean
cyt_latent_model_get_reversed (CytLatentModel *self)
{
  return self->reversed;
}

/* ---- Selection ---- */

gint64
cyt_latent_model_get_selected (CytLatentModel *self)
{
  g_return_val_if_fail (CYT_IS_LATENT_MODEL (self), -1);
  return self->selected;
}

void
cyt_latent_model_set_selected (CytLatentModel *self, gint64 latent)
{
  guint old, new;

  g_return_if_fail (CYT_IS_LATENT_MODEL (self));

  old = cyt_latent_model_find (self, self->selected);
  if (self->n_marked > (old != GTK_INVALID_LIST_POSITION))
    {
      memset (self->marked, 0, self->n_rows);
      move_selected (self, latent);
      marks_changed (self);
      return;
    }
  if (latent == self->selected)
    return;
  new = cyt_latent_model_find (self, latent);
  if (old != GTK_INVALID_LIST_POSITION)
    self->marked[self->order[old]] = FALSE;
  move_selected (self, latent);
  if (old != GTK_INVALID_LIST_POSITION)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), old, 1);
  if (new != GTK_INVALID_LIST_POSITION)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), new, 1);
  update_n_marked (self);
}

guint
cyt_latent_model_get_n_marked (CytLatentModel *self)
{
  return self->n_marked;
}

GArray *
cyt_latent_model_list_marked (CytLatentModel *self)
{
  GArray *result = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < self->n_order; i++)
    if (is_marked_at (self, i))
      g_array_append_val (result, self->order[i]);
  return result;
}

GArray *
cyt_latent_model_list_shown (CytLatentModel *self)
{
  GArray *result = g_array_sized_new (FALSE, FALSE, sizeof (guint32), self->n_order);

  g_array_append_vals (result, self->order, self->n_order);
  return result;
}

void
cyt_latent_model_unmark_all (CytLatentModel *self)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self));
  cyt_latent_model_set_selected (self, self->selected);
}

guint
cyt_latent_model_find (CytLatentModel *self, gint64 latent)
{
  if (latent < 0 || (guint64) latent >= self->n_rows || self->position[latent] == G_MAXUINT32)
    return GTK_INVALID_LIST_POSITION;
  return self->position[latent];
}

gint64
cyt_latent_model_get_latent_at (CytLatentModel *self, guint position)
{
  return position < self->n_order ? (gint64) self->order[position] : -1;
}

gint64
cyt_latent_model_find_unlabelled (CytLatentModel *self, int direction)
{
  guint n = self->n_order, position;

  g_return_val_if_fail (CYT_IS_LATENT_MODEL (self) && (direction == 1 || direction == -1), -1);

  position = cyt_latent_model_find (self, self->selected);
  if (position == GTK_INVALID_LIST_POSITION)
    position = direction > 0 ? n - 1 : 0;
  for (guint i = 0; i < n; i++)
    {
      position = direction > 0 ? (position + 1) % n : (position + n - 1) % n;
      if (cyt_latent_model_is_unlabelled (self, self->order[position]))
        return self->order[position];
    }
  return -1;
}

gint64
cyt_latent_model_pick_unlabelled (CytLatentModel *self, guint32 random)
{
  g_autoptr (GArray) unlabelled = g_array_new (FALSE, FALSE, sizeof (guint32));

  g_return_val_if_fail (CYT_IS_LATENT_MODEL (self), -1);

  for (guint i = 0; i < self->n_order; i++)
    if (self->order[i] != self->selected && cyt_latent_model_is_unlabelled (self, self->order[i]))
      g_array_append_val (unlabelled, self->order[i]);
  if (unlabelled->len > 0)
    return g_array_index (unlabelled, guint32, (guint) ((guint64) random * unlabelled->len >> 32));
  if (cyt_latent_model_find (self, self->selected) != GTK_INVALID_LIST_POSITION
      && cyt_latent_model_is_unlabelled (self, self->selected))
    return self->selected;
  return -1;
}

/* ---- GObject ---- */

static void
free_item (gpointer item)
{
  g_clear_object (&item);
}

static void
cyt_latent_model_finalize (GObject *object)
{
  CytLatentModel *self = CYT_LATENT_MODEL (object);

  g_clear_handle_id (&self->settle_source, g_source_remove);
  g_ptr_array_unref (self->classes);
  g_ptr_array_unref (self->tables);
  g_hash_table_unref (self->labels);
  g_ptr_array_unref (self->items);
  g_free (self->order);
  g_free (self->position);
  g_free (self->marked);
  cyt_latent_filter_free (self->filter);
  G_OBJECT_CLASS (cyt_latent_model_parent_class)->finalize (object);
}

static void
cyt_latent_model_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CytLatentModel *self = CYT_LATENT_MODEL (object);

  switch (id)
    {
    case PROP_SELECTED:
      g_value_set_int64 (value, self->selected);
      break;
    case PROP_N_MARKED:
      g_value_set_uint (value, self->n_marked);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cyt_latent_model_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CytLatentModel *self = CYT_LATENT_MODEL (object);

  switch (id)
    {
    case PROP_SELECTED:
      cyt_latent_model_set_selected (self, g_value_get_int64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cyt_latent_model_class_init (CytLatentModelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = cyt_latent_model_finalize;
  object_class->get_property = cyt_latent_model_get_property;
  object_class->set_property = cyt_latent_model_set_property;

  props[PROP_SELECTED] = g_param_spec_int64 ("selected", NULL, NULL, -1, G_MAXUINT32, -1,
                                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                                               | G_PARAM_STATIC_STRINGS);
  props[PROP_N_MARKED] = g_param_spec_uint ("n-marked", NULL, NULL, 0, G_MAXUINT, 0,
                                            G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY
                                              | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[VALUES_CHANGED] = g_signal_new ("values-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FILTER_CHANGED] = g_signal_new ("filter-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MOVING] = g_signal_new ("moving", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
}

static void
cyt_latent_model_init (CytLatentModel *self)
{
  self->tables = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_latent_table_free);
  self->classes = g_ptr_array_new ();
  self->labels = cyt_latent_labels_new ();
  self->items = g_ptr_array_new_with_free_func (free_item);
  self->position = g_new0 (guint32, 1);
  self->marked = g_new0 (guint8, 1);
  self->filter = cyt_latent_filter_new ();
  self->sort = CYT_LATENT_SORT_PURITY;
  self->selected = -1;
  self->kept = -1;
}
