/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-pickle-private.h"

/* What a pickle left is a graph. Before anyone walks it as a tree it is looked through: circles, depth and size
 * are bounded, what exists only inside pickles is replaced or refused, and tensors get their names. */

typedef struct
{
  CytPickle *pickle;
  GString *path; /* dotted, cut a little beyond CYT_CHECKPOINT_MAX_NAME */
  gsize n_text;  /* bytes of text met, shared ones counted each time */
} Walk;

static gboolean
set_path_error (Walk *walk, GError **error, CytCheckpointError code, const char *what)
{
  if (walk->path->len == 0)
    return cyt_pickle_set_error (walk->pickle, error, code, "%s", what);
  return cyt_pickle_set_error (walk->pickle, error, code, "'%.200s': %s", walk->path->str, what);
}

/* Counts a visit, and refuses what no tree of a checkpoint holds. */
static gboolean
check_node (Walk *walk, const CytValue *value, guint depth, GError **error)
{
  if (++walk->pickle->n_visits > CYT_PICKLE_MAX_VISITS)
    return set_path_error (walk, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "refers to the same parts too often");
  if (depth > CYT_PICKLE_MAX_DEPTH)
    return set_path_error (walk, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                           "is nested more than " G_STRINGIFY (CYT_PICKLE_MAX_DEPTH) " deep");
  if (value->kind == CYT_KIND_BIGINT)
    return set_path_error (walk, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "is an integer of more than 64 bits");
  if (value->kind == CYT_KIND_STRING || value->kind == CYT_KIND_BYTES || value->kind == CYT_KIND_GLOBAL)
    {
      walk->n_text += value->text.n;
      if (walk->n_text > CYT_VALUE_MAX_TEXT)
        return set_path_error (walk, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "refers to the same texts too often");
      if (value->kind == CYT_KIND_STRING && memchr (value->text.data, '\0', value->text.n) != NULL)
        return set_path_error (walk, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "is a string with a NUL in it");
    }
  return TRUE;
}

/* Keys are plain: no tensors, and shallow. */
static gboolean
check_key (Walk *walk, const CytValue *key, guint depth, GError **error)
{
  if (!check_node (walk, key, 0, error))
    return FALSE;
  if (depth > 8)
    return set_path_error (walk, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "has a key that is nested too deeply");
  switch ((CytKind) key->kind)
    {
    case CYT_KIND_TENSOR:
    case CYT_KIND_STORAGE:
      return set_path_error (walk, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "has a tensor as a key");
    case CYT_KIND_LIST:
    case CYT_KIND_DICT:
    case CYT_KIND_RECORD:
      for (guint i = 0; i < key->list.n; i++)
        if (!check_key (walk, key->list.items[i], depth + 1, error))
          return FALSE;
      return TRUE;
    default:
      return TRUE;
    }
}

/* Appends a part to the path; returns the length to go back to. */
static gsize
push_part (Walk *walk, const CytValue *key, guint i)
{
  gsize before = walk->path->len, room;

  if (before > CYT_CHECKPOINT_MAX_NAME)
    return before;
  if (before > 0)
    g_string_append_c (walk->path, '.');
  if (key == NULL)
    g_string_append_printf (walk->path, "%u", i);
  else if (key->kind == CYT_KIND_STRING)
    {
      room = CYT_CHECKPOINT_MAX_NAME + 1 - MIN (walk->path->len, CYT_CHECKPOINT_MAX_NAME);
      g_string_append_len (walk->path, key->text.data, MIN (key->text.n, room));
    }
  else
    {
      g_autofree char *text = cyt_value_key_to_text (key);

      g_string_append (walk->path, text);
    }
  return before;
}

static gboolean
name_tensor (Walk *walk, CytValue *value, GError **error)
{
  CytCheckpoint *checkpoint = walk->pickle->checkpoint;
  CytTensor *tensor;
  gsize index;

  if (walk->path->len > CYT_CHECKPOINT_MAX_NAME)
    return set_path_error (walk, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                           "the name of a tensor has more than " G_STRINGIFY (CYT_CHECKPOINT_MAX_NAME) " bytes");
  if (cyt_checkpoint_find_tensor (checkpoint, walk->path->str) != NULL)
    return set_path_error (walk, error, CYT_CHECKPOINT_ERROR_CORRUPT, "is the name of two tensors");
  /* Once named a value refers to the checkpoint's list. */
  tensor = value->named ? &g_array_index (checkpoint->tensors, CytTensor, value->index)
                        : &g_array_index (walk->pickle->tensors, CytTensor, value->index);
  if (!cyt_checkpoint_add_tensor (checkpoint, tensor, walk->path->str, &index, error))
    return FALSE;
  if (!value->named)
    value->index = index;
  value->named = TRUE;
  return TRUE;
}

/* A storage that no tensor wraps reads as a tensor of one dimension. */
static gboolean
wrap_storage (Walk *walk, CytValue *value, GError **error)
{
  CytPickle *pickle = walk->pickle;
  gint64 n = value->storage.n_bytes / cyt_dtype_get_size (value->storage.dtype);
  CytTensor tensor;

  if (pickle->tensors->len >= CYT_CHECKPOINT_MAX_TENSORS)
    return set_path_error (walk, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "too many tensors");
  if (!cyt_tensor_init (&tensor, pickle->checkpoint->file, "a storage", value->storage.dtype, 1, &n, NULL, value->index,
                        value->storage.offset, value->storage.n_bytes, 0, error))
    return FALSE;
  value->kind = CYT_KIND_TENSOR;
  value->index = pickle->tensors->len;
  g_array_append_val (pickle->tensors, tensor);
  return TRUE;
}

static gboolean
walk_value (Walk *walk, CytValue **slot, guint depth, GError **error)
{
  CytValue *value = *slot;
  gboolean ok = TRUE;
  guint step;

  if (!check_node (walk, value, depth, error))
    return FALSE;
  if (value->kind == CYT_KIND_STORAGE && !wrap_storage (walk, value, error))
    return FALSE;
  if (value->kind == CYT_KIND_TENSOR)
    return name_tensor (walk, value, error);
  if (value->kind != CYT_KIND_LIST && value->kind != CYT_KIND_DICT && value->kind != CYT_KIND_RECORD)
    return TRUE;
  if (value->on_path)
    {
      if (value->kind != CYT_KIND_RECORD)
        return set_path_error (walk, error, CYT_CHECKPOINT_ERROR_CORRUPT, "contains itself");
      /* Objects know their parents (OmegaConf's nodes do): there a record of the class without attributes
       * stands for the way back. */
      *slot = cyt_value_new_record (walk->pickle->pool, value->list.cls);
      return TRUE;
    }
  value->on_path = TRUE;
  step = value->kind == CYT_KIND_LIST ? 1 : 2;
  for (guint i = 0; ok && i < value->list.n; i += step)
    {
      const CytValue *key = step == 2 ? value->list.items[i] : NULL;
      gsize before;

      if (key != NULL && !check_key (walk, key, 0, error))
        return FALSE;
      before = push_part (walk, key, i);
      ok = walk_value (walk, &value->list.items[i + step - 1], depth + 1, error);
      g_string_truncate (walk->path, before);
    }
  value->on_path = FALSE;
  return ok;
}

gboolean
cyt_pickle_finish (CytPickle *self, CytValue *root, GError **error)
{
  g_autoptr (GString) path = g_string_new (NULL);
  Walk walk = { self, path, 0 };

  self->n_visits = 0;
  if (!walk_value (&walk, &root, 0, error))
    return FALSE;
  if (!cyt_value_pool_is_sound (self->pool))
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "has too many circles");
  self->checkpoint->root = root;
  return TRUE;
}
