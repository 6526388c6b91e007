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

/* A label with what searching and sorting need of it. */
typedef struct
{
  CytConcept *concept;
  char *folded;       /* name, category, note, tags, status: case-folded, one string */
  char *collate_key;  /* of the name; NULL without one */
} Entry;

struct _CytLatentModel
{
  GObject parent_instance;

  CytLatentRow *rows;      /* (n_rows) */
  gsize n_rows;
  gsize n_silent;
  GStrv labels;
  GStrv folded_labels;
  GHashTable *entries;     /* latent → Entry */
  GPtrArray *items;        /* (n_rows) CytLatentItem or NULL: an item keeps its identity once made,
                              which lets views find where it moved */

  guint32 *order;          /* (n_order) latents shown, in order */
  guint n_order;
  guint32 *position;       /* (n_rows) place in order, G_MAXUINT32 when not shown */

  char *search;
  CytLatentSort sort;
  gboolean reversed;
  gboolean show_silent;
  gint64 selected;
};

enum
{
  PROP_0,
  PROP_SELECTED,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  VALUES_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
entry_free (Entry *entry)
{
  cyt_concept_free (entry->concept);
  g_free (entry->folded);
  g_free (entry->collate_key);
  g_free (entry);
}

static Entry *
entry_new (const CytConcept *concept)
{
  Entry *entry = g_new0 (Entry, 1);
  g_autofree char *text = g_strjoin ("\n", concept->name, concept->category,
                                     cyt_concept_status_get_nick (concept->status), concept->tags, concept->note, NULL);

  entry->concept = cyt_concept_copy (concept);
  entry->folded = g_utf8_casefold (text, -1);
  if (concept->name[0] != '\0')
    {
      g_autofree char *folded = g_utf8_casefold (concept->name, -1);

      entry->collate_key = g_utf8_collate_key (folded, -1);
    }
  return entry;
}

/* ---- GListModel and GtkSelectionModel ---- */

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

static gboolean
is_selected (GtkSelectionModel *model, guint position)
{
  CytLatentModel *self = CYT_LATENT_MODEL (model);

  return position < self->n_order && self->order[position] == self->selected;
}

static GtkBitset *
get_selection_in_range (GtkSelectionModel *model, guint position, guint n_items)
{
  CytLatentModel *self = CYT_LATENT_MODEL (model);
  GtkBitset *result = gtk_bitset_new_empty ();
  guint selected = cyt_latent_model_find (self, self->selected);

  if (selected != GTK_INVALID_LIST_POSITION && selected >= position && selected - position < n_items)
    gtk_bitset_add (result, selected);
  return result;
}

static gboolean
select_item (GtkSelectionModel *model, guint position, gboolean unselect_rest)
{
  CytLatentModel *self = CYT_LATENT_MODEL (model);

  if (position >= self->n_order)
    return FALSE;
  cyt_latent_model_set_selected (self, self->order[position]);
  return TRUE;
}

static void
selection_model_init (GtkSelectionModelInterface *iface)
{
  iface->is_selected = is_selected;
  iface->get_selection_in_range = get_selection_in_range;
  iface->select_item = select_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (CytLatentModel, cyt_latent_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init)
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SELECTION_MODEL, selection_model_init))

/* ---- Order ---- */

typedef struct
{
  double key;         /* smaller first; INFINITY: undefined, last */
  double second;      /* among equals, smaller first: the stronger latent */
  const char *text;   /* compared first where both have one */
  guint32 latent;
} SortKey;

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  const SortKey *x = a, *y = b;

  if (x->key < y->key)
    return -1;
  if (x->key > y->key)
    return 1;
  if (x->second != y->second)
    return x->second < y->second ? -1 : 1;
  return x->latent < y->latent ? -1 : x->latent > y->latent;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const SortKey *x = a, *y = b;
  int result;

  if (x->key != y->key)
    return compare_keys (a, b);
  if (x->text == NULL || y->text == NULL)
    return x->text != y->text ? (x->text == NULL ? 1 : -1) : compare_keys (a, b);
  result = strcmp (x->text, y->text);
  return result != 0 ? result : compare_keys (a, b);
}

static int
compare_names_reversed (gconstpointer a, gconstpointer b)
{
  const SortKey *x = a, *y = b;
  int result = x->key == y->key && x->text != NULL && y->text != NULL ? strcmp (y->text, x->text) : 0;

  return result != 0 ? result : compare_names (a, b);
}

static double
get_key (CytLatentModel *self, guint latent)
{
  const CytLatentRow *row = &self->rows[latent];
  gboolean fires = row->n_active > 0;
  const Entry *entry;
  double key;

  switch (self->sort)
    {
    case CYT_LATENT_SORT_FREQUENCY:
      key = -row->frequency;
      break;
    case CYT_LATENT_SORT_MEAN_ACT:
      key = fires ? -row->mean_act : NAN;
      break;
    case CYT_LATENT_SORT_MAX_ACT:
      key = fires ? -row->max_act : NAN;
      break;
    case CYT_LATENT_SORT_PURITY:
      key = -row->purity;
      break;
    case CYT_LATENT_SORT_ENTROPY:
      key = row->entropy;
      break;
    case CYT_LATENT_SORT_EDITED:
      entry = g_hash_table_lookup (self->entries, GUINT_TO_POINTER (latent));
      key = entry != NULL && entry->concept->edited_at > 0 ? -(double) entry->concept->edited_at : NAN;
      break;
    case CYT_LATENT_SORT_NAME:
      key = 0;
      break;
    case CYT_LATENT_SORT_NUMBER:
    default:
      key = latent;
    }
  if (isnan (key))
    return INFINITY;
  return self->reversed ? -key : key;
}

static gboolean
matches (CytLatentModel *self, guint latent, const char *const *terms)
{
  const Entry *entry = NULL;
  const char *label = NULL;
  gint32 majority = self->rows[latent].majority;

  if (terms[0] == NULL)
    return TRUE;
  if (g_hash_table_size (self->entries) > 0)
    entry = g_hash_table_lookup (self->entries, GUINT_TO_POINTER (latent));
  if (majority >= 0 && self->folded_labels != NULL)
    label = self->folded_labels[majority];

  for (gsize i = 0; terms[i] != NULL; i++)
    {
      const char *digits = terms[i][0] == '#' ? terms[i] + 1 : terms[i];
      char number[16];

      if (g_ascii_isdigit (digits[0]))
        {
          g_snprintf (number, sizeof number, "%u", latent);
          if (g_str_has_prefix (number, digits))
            continue;
        }
      if (entry != NULL && strstr (entry->folded, terms[i]) != NULL)
        continue;
      if (label != NULL && strstr (label, terms[i]) != NULL)
        continue;
      return FALSE;
    }
  return TRUE;
}

static char **
split_search (const char *search)
{
  g_autofree char *folded = g_utf8_casefold (search, -1);
  g_auto (GStrv) words = g_strsplit_set (folded, " \t", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_strv_builder_add (builder, words[i]);
  return g_strv_builder_end (builder);
}

/* The number when the search is nothing but one, else -1. */
static gint64
parse_number (char **terms)
{
  const char *digits;
  guint64 number;

  if (terms[0] == NULL || terms[1] != NULL)
    return -1;
  digits = terms[0][0] == '#' ? terms[0] + 1 : terms[0];
  return g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT32, &number, NULL) ? (gint64) number : -1;
}

/* Recomputes the order and tells the narrowest range that changed. */
static void
update_order (CytLatentModel *self)
{
  g_auto (GStrv) terms = split_search (self->search);
  g_autofree SortKey *keys = g_new (SortKey, MAX (1, self->n_rows));
  g_autofree guint32 *old = g_steal_pointer (&self->order);
  guint n_old = self->n_order, n = 0, n_head = 0, n_tail = 0;
  GCompareFunc compare = compare_keys;
  gint64 wanted = parse_number (terms);

  if (self->sort == CYT_LATENT_SORT_NAME)
    compare = self->reversed ? compare_names_reversed : compare_names;
  for (gsize i = 0; i < self->n_rows; i++)
    {
      if (!self->show_silent && self->rows[i].n_active == 0)
        continue;
      if (!matches (self, i, (const char *const *) terms))
        continue;
      keys[n].latent = i;
      /* The very number that was typed comes before those that only begin with it. */
      keys[n].key = (gint64) i == wanted ? -INFINITY : get_key (self, i);
      keys[n].second = self->rows[i].n_active > 0 ? -self->rows[i].mean_act : 0;
      keys[n].text = NULL;
      if (self->sort == CYT_LATENT_SORT_NAME)
        {
          const Entry *entry = g_hash_table_lookup (self->entries, GUINT_TO_POINTER (i));

          keys[n].text = entry != NULL ? entry->collate_key : NULL;
        }
      n++;
    }
  qsort (keys, n, sizeof *keys, compare);

  memset (self->position, 0xff, self->n_rows * sizeof *self->position);
  self->order = g_new (guint32, MAX (1, n));
  self->n_order = n;
  for (guint i = 0; i < n; i++)
    {
      self->order[i] = keys[i].latent;
      self->position[keys[i].latent] = i;
    }

  while (n_head < n && n_head < n_old && self->order[n_head] == old[n_head])
    n_head++;
  while (n_tail < n - n_head && n_tail < n_old - n_head
         && self->order[n - 1 - n_tail] == old[n_old - 1 - n_tail])
    n_tail++;
  if (n_head < n || n_head < n_old)
    g_list_model_items_changed (G_LIST_MODEL (self), n_head, n_old - n_head - n_tail, n - n_head - n_tail);
}

static void
emit_values_changed (CytLatentModel *self)
{
  g_signal_emit (self, signals[VALUES_CHANGED], 0);
}

/* ---- Public ---- */

CytLatentModel *
cyt_latent_model_new (void)
{
  return g_object_new (CYT_TYPE_LATENT_MODEL, NULL);
}

void
cyt_latent_model_take_rows (CytLatentModel *self, CytLatentRow *rows, gsize n, GStrv labels)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self));

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
      self->position = g_new (guint32, MAX (1, n));
    }
  g_free (self->rows);
  self->rows = rows;
  self->n_rows = n;
  self->n_silent = 0;
  for (gsize i = 0; i < n; i++)
    self->n_silent += rows[i].n_active == 0;

  g_clear_pointer (&self->labels, g_strfreev);
  g_clear_pointer (&self->folded_labels, g_strfreev);
  self->labels = labels;
  if (labels != NULL)
    {
      guint n_labels = g_strv_length (labels);

      self->folded_labels = g_new0 (char *, n_labels + 1);
      for (guint i = 0; i < n_labels; i++)
        self->folded_labels[i] = g_utf8_casefold (labels[i], -1);
      for (gsize i = 0; i < n; i++)
        if (rows[i].majority >= (gint32) n_labels)
          rows[i].majority = -1;
    }
  else
    for (gsize i = 0; i < n; i++)
      rows[i].majority = -1;

  update_order (self);
  emit_values_changed (self);
}

void
cyt_latent_model_set_concepts (CytLatentModel *self, GPtrArray *concepts)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self));

  g_hash_table_remove_all (self->entries);
  for (guint i = 0; i < concepts->len; i++)
    {
      const CytConcept *concept = concepts->pdata[i];

      g_hash_table_insert (self->entries, GUINT_TO_POINTER (concept->latent), entry_new (concept));
    }
  update_order (self);
  emit_values_changed (self);
}

void
cyt_latent_model_set_concept (CytLatentModel *self, const CytConcept *concept)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self));

  g_hash_table_insert (self->entries, GUINT_TO_POINTER (concept->latent), entry_new (concept));
  update_order (self);
  emit_values_changed (self);
}

void
cyt_latent_model_update_concepts (CytLatentModel *self, GPtrArray *concepts)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self));

  for (guint i = 0; i < concepts->len; i++)
    {
      const CytConcept *concept = concepts->pdata[i];

      g_hash_table_insert (self->entries, GUINT_TO_POINTER (concept->latent), entry_new (concept));
    }
  update_order (self);
  emit_values_changed (self);
}

gsize
cyt_latent_model_get_n_latents (CytLatentModel *self)
{
  return self->n_rows;
}

gsize
cyt_latent_model_get_n_silent (CytLatentModel *self)
{
  return self->n_silent;
}

const CytLatentRow *
cyt_latent_model_get_row (CytLatentModel *self, guint latent)
{
  g_return_val_if_fail (CYT_IS_LATENT_MODEL (self) && latent < self->n_rows, NULL);
  return &self->rows[latent];
}

const CytConcept *
cyt_latent_model_get_concept (CytLatentModel *self, guint latent)
{
  const Entry *entry = g_hash_table_lookup (self->entries, GUINT_TO_POINTER (latent));

  return entry != NULL ? entry->concept : NULL;
}

const char *
cyt_latent_model_get_majority (CytLatentModel *self, guint latent)
{
  g_return_val_if_fail (CYT_IS_LATENT_MODEL (self) && latent < self->n_rows, NULL);

  if (self->labels == NULL || self->rows[latent].majority < 0)
    return NULL;
  return self->labels[self->rows[latent].majority];
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate (*(const char *const *) a, *(const char *const *) b);
}

GStrv
cyt_latent_model_list_categories (CytLatentModel *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) result = g_ptr_array_new ();
  GHashTableIter iter;
  Entry *entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    if (entry->concept->category[0] != '\0' && g_hash_table_add (seen, entry->concept->category))
      g_ptr_array_add (result, g_strdup (entry->concept->category));
  g_ptr_array_sort (result, compare_strings);
  g_ptr_array_add (result, NULL);
  return (GStrv) g_ptr_array_steal (result, NULL);
}

void
cyt_latent_model_set_search (CytLatentModel *self, const char *search)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self));

  if (g_strcmp0 (search, self->search) == 0)
    return;
  g_free (self->search);
  self->search = g_strdup (search);
  update_order (self);
}

const char *
cyt_latent_model_get_search (CytLatentModel *self)
{
  return self->search;
}

void
cyt_latent_model_set_sort (CytLatentModel *self, CytLatentSort sort, gboolean reversed)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self) && sort < CYT_LATENT_N_SORTS);

  if (sort == self->sort && reversed == self->reversed)
    return;
  self->sort = sort;
  self->reversed = reversed;
  update_order (self);
}

CytLatentSort
cyt_latent_model_get_sort (CytLatentModel *self)
{
  return self->sort;
}

gboolean
cyt_latent_model_get_reversed (CytLatentModel *self)
{
  return self->reversed;
}

void
cyt_latent_model_set_show_silent (CytLatentModel *self, gboolean show_silent)
{
  g_return_if_fail (CYT_IS_LATENT_MODEL (self));

  if (show_silent == self->show_silent)
    return;
  self->show_silent = show_silent;
  update_order (self);
}

gboolean
cyt_latent_model_get_show_silent (CytLatentModel *self)
{
  return self->show_silent;
}

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

  if (latent == self->selected)
    return;
  old = cyt_latent_model_find (self, self->selected);
  new = cyt_latent_model_find (self, latent);
  self->selected = latent;
  if (old != GTK_INVALID_LIST_POSITION)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), old, 1);
  if (new != GTK_INVALID_LIST_POSITION)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), new, 1);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SELECTED]);
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

static void
free_item (gpointer item)
{
  g_clear_object (&item);
}

static void
cyt_latent_model_finalize (GObject *object)
{
  CytLatentModel *self = CYT_LATENT_MODEL (object);

  g_free (self->rows);
  g_strfreev (self->labels);
  g_strfreev (self->folded_labels);
  g_hash_table_unref (self->entries);
  g_ptr_array_unref (self->items);
  g_free (self->order);
  g_free (self->position);
  g_free (self->search);
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
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[VALUES_CHANGED] = g_signal_new ("values-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cyt_latent_model_init (CytLatentModel *self)
{
  self->entries = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) entry_free);
  self->items = g_ptr_array_new_with_free_func (free_item);
  self->position = g_new (guint32, 1);
  self->search = g_strdup ("");
  self->sort = CYT_LATENT_SORT_PURITY;
  self->selected = -1;
}
