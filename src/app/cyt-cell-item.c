/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-cell-item.h"

struct _CytCellItem
{
  GObject parent_instance;
  CytCell *cell;
  char *path;
  GBytes *thumbnail;
  CytTopCell top;
  CytCellMapState map_state;
  char *map_failure;
};

enum
{
  MAP_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CytCellItem, cyt_cell_item, G_TYPE_OBJECT)

CytCellItem *
cyt_cell_item_new (CytCell *cell, char *path, GBytes *thumbnail, const CytTopCell *top)
{
  CytCellItem *self = g_object_new (CYT_TYPE_CELL_ITEM, NULL);

  self->cell = cell;
  self->path = path;
  self->thumbnail = thumbnail;
  self->top = *top;
  self->map_state = top->has_map ? CYT_CELL_MAP_KNOWN : CYT_CELL_MAP_UNPUBLISHED;
  return self;
}

CytCellItem *
cyt_cell_item_new_with_map (CytCellItem *self, const CytTopCell *top)
{
  return cyt_cell_item_new (cyt_cell_copy (self->cell), g_strdup (self->path),
                            self->thumbnail != NULL ? g_bytes_ref (self->thumbnail) : NULL, top);
}

const CytCell *
cyt_cell_item_get_cell (CytCellItem *self)
{
  return self->cell;
}

const char *
cyt_cell_item_get_path (CytCellItem *self)
{
  return self->path;
}

GBytes *
cyt_cell_item_get_thumbnail (CytCellItem *self)
{
  return self->thumbnail;
}

const CytTopCell *
cyt_cell_item_get_top (CytCellItem *self)
{
  return &self->top;
}

float
cyt_cell_item_get_max (CytCellItem *self)
{
  float max = 0;

  for (guint i = 0; i < self->top.map.n; i++)
    max = MAX (max, self->top.map.value[i]);
  return max;
}

CytCellMapState
cyt_cell_item_get_map_state (CytCellItem *self)
{
  return self->map_state;
}

void
cyt_cell_item_want_map (CytCellItem *self)
{
  g_return_if_fail (CYT_IS_CELL_ITEM (self) && !self->top.has_map);
  self->map_state = CYT_CELL_MAP_WANTED;
}

void
cyt_cell_item_set_map (CytCellItem *self, const CytSparseMap *map)
{
  g_return_if_fail (CYT_IS_CELL_ITEM (self));

  self->top.map = *map;
  self->top.has_map = TRUE;
  self->map_state = CYT_CELL_MAP_KNOWN;
  g_signal_emit (self, signals[MAP_CHANGED], 0);
}

void
cyt_cell_item_set_map_failed (CytCellItem *self, const char *why)
{
  g_return_if_fail (CYT_IS_CELL_ITEM (self));

  g_free (self->map_failure);
  self->map_failure = g_strdup (why);
  self->map_state = CYT_CELL_MAP_FAILED;
  g_signal_emit (self, signals[MAP_CHANGED], 0);
}

const char *
cyt_cell_item_get_map_failure (CytCellItem *self)
{
  return self->map_failure;
}

static void
cyt_cell_item_finalize (GObject *object)
{
  CytCellItem *self = CYT_CELL_ITEM (object);

  g_clear_pointer (&self->cell, cyt_cell_free);
  g_free (self->path);
  g_free (self->map_failure);
  g_clear_pointer (&self->thumbnail, g_bytes_unref);
  G_OBJECT_CLASS (cyt_cell_item_parent_class)->finalize (object);
}

static void
cyt_cell_item_class_init (CytCellItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cyt_cell_item_finalize;
  signals[MAP_CHANGED] = g_signal_new ("map-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 0);
}

static void
cyt_cell_item_init (CytCellItem *self)
{
}
