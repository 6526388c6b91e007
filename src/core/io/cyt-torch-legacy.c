/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-pickle.h"

/* PyTorch's files of before 1.6, and of _use_new_zipfile_serialization=False: one pickle after the other (magic
 * number, protocol number, facts about the machine, the object, the keys of its storages), then for each key in
 * that order the number of elements in eight bytes and the elements, little-endian whatever the machine. */

#define PROTOCOL 1001

static const guint8 magic[] = { 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19 };
static const char magic_decimal[] = "119547037146038801333356";

typedef struct
{
  guint index;         /* in the checkpoint's storages */
  CytDtype dtype;      /* of the first mention, in which the file counts */
  gboolean found;      /* its bytes have been located */
} Storage;

static CytValue *
refuse_id (CytPickle *pickle, GError **error, const char *what)
{
  cyt_pickle_set_error (pickle, error, CYT_CHECKPOINT_ERROR_CORRUPT, "%s", what);
  return NULL;
}

static gboolean
is_text (const CytValue *value)
{
  return value->kind == CYT_KIND_STRING || value->kind == CYT_KIND_BYTES;
}

/* Keys are texts of digits, in old files also integers. */
static char *
dup_key (const CytValue *key)
{
  return key->kind == CYT_KIND_STRING || key->kind == CYT_KIND_INT ? cyt_value_key_to_text (key) : NULL;
}

/* ("storage", class, key, location, number of elements, view), view None or (key, offset, number of elements);
 * ("module", class, file, source). */
static CytValue *
load_persistent (CytPickle *pickle, const CytValue *id, gpointer user_data, GError **error)
{
  CytCheckpoint *self = cyt_pickle_get_checkpoint (pickle);
  GHashTable *storages = user_data;
  const CytValue *count, *view;
  g_autofree char *key = NULL;
  Storage *storage;
  CytDtype dtype;
  CytValue *value;
  guint64 n_bytes, size;

  if (id->kind != CYT_KIND_LIST || id->list.n < 2 || !is_text (id->list.items[0]))
    return refuse_id (pickle, error, "a persistent id that is no storage");
  if (strcmp (id->list.items[0]->text.data, "module") == 0 && id->list.items[1]->kind == CYT_KIND_GLOBAL)
    return id->list.items[1];
  if (strcmp (id->list.items[0]->text.data, "storage") != 0 || id->list.n < 5)
    return refuse_id (pickle, error, "a persistent id that is no storage");
  key = dup_key (id->list.items[2]);
  count = id->list.items[4];
  if (key == NULL || count->kind != CYT_KIND_INT || count->integer < 0)
    return refuse_id (pickle, error, "a storage without key or size");
  if (!cyt_pickle_storage_dtype (pickle, id->list.items[1], &dtype, error))
    return NULL;
  size = cyt_dtype_get_size (dtype);
  if (!g_uint64_checked_mul (&n_bytes, (guint64) count->integer, size) || n_bytes > self->file->size)
    {
      cyt_pickle_set_error (pickle, error, CYT_CHECKPOINT_ERROR_TRUNCATED,
                            "storage %s of %" G_GINT64_FORMAT " elements is longer than the file", key,
                            count->integer);
      return NULL;
    }

  storage = g_hash_table_lookup (storages, key);
  if (storage == NULL)
    {
      CytStorage bytes = { CYT_STORAGE_FILE, .n_bytes = n_bytes };

      storage = g_new0 (Storage, 1);
      storage->index = cyt_checkpoint_add_storage (self, &bytes);
      storage->dtype = dtype;
      g_hash_table_insert (storages, g_strdup (key), storage);
    }
  else if (g_array_index (self->storages, CytStorage, storage->index).n_bytes != n_bytes)
    return refuse_id (pickle, error, "a storage is mentioned with two sizes");

  value = cyt_value_new (self->pool, CYT_KIND_STORAGE);
  value->index = storage->index;
  value->storage.n_bytes = n_bytes;
  value->storage.dtype = dtype;
  view = id->list.n > 5 ? id->list.items[5] : NULL;
  if (view != NULL && view->kind == CYT_KIND_LIST)
    {
      guint64 offset, length, end;

      if (view->list.n != 3 || view->list.items[1]->kind != CYT_KIND_INT || view->list.items[1]->integer < 0 ||
          view->list.items[2]->kind != CYT_KIND_INT || view->list.items[2]->integer < 0 ||
          !g_uint64_checked_mul (&offset, view->list.items[1]->integer, size) ||
          !g_uint64_checked_mul (&length, view->list.items[2]->integer, size) ||
          !g_uint64_checked_add (&end, offset, length) || end > n_bytes)
        return refuse_id (pickle, error, "a view that reaches outside of its storage");
      value->storage.offset = offset;
      value->storage.n_bytes = length;
    }
  return value;
}

/* After the pickles: the bytes of each storage. */
static gboolean
locate_storages (CytCheckpoint *self, GHashTable *storages, const CytValue *keys, guint64 at, GError **error)
{
  GHashTableIter iter;
  gpointer key_text, data;

  if (keys->kind != CYT_KIND_LIST)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "the keys of its storages are no list");
  for (guint i = 0; i < keys->list.n; i++)
    {
      g_autofree char *key = dup_key (keys->list.items[i]);
      Storage *storage = key != NULL ? g_hash_table_lookup (storages, key) : NULL;
      CytStorage *bytes;
      guint8 count[8];
      guint64 n = 0;

      if (storage == NULL || storage->found)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                   "storage %s is %s", key != NULL ? key : "(no key)",
                                   storage == NULL ? "listed but used by no tensor" : "listed twice");
      if (!cyt_file_read_at (self->file, at, count, sizeof count, error))
        return FALSE;
      for (int j = 0; j < 8; j++)
        n |= (guint64) count[j] << (8 * j);
      bytes = &g_array_index (self->storages, CytStorage, storage->index);
      if (!g_uint64_checked_mul (&n, n, cyt_dtype_get_size (storage->dtype)) || n != bytes->n_bytes)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                   "storage %s has %" G_GUINT64_FORMAT " bytes, expected %" G_GUINT64_FORMAT, key, n,
                                   bytes->n_bytes);
      at += sizeof count;
      if (n > self->file->size - at)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TRUNCATED,
                                   "storage %s ends at byte %" G_GUINT64_FORMAT ", the file has %" G_GUINT64_FORMAT,
                                   key, at + n, self->file->size);
      bytes->position = at;
      storage->found = TRUE;
      at += n;
    }
  g_hash_table_iter_init (&iter, storages);
  while (g_hash_table_iter_next (&iter, &key_text, &data))
    if (!((Storage *) data)->found)
      return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                 "storage %s is used by a tensor but not in the file", (const char *) key_text);
  return TRUE;
}

static gboolean
is_magic (const CytValue *value)
{
  return value->kind == CYT_KIND_BIGINT &&
         ((!value->detail && value->text.n == sizeof magic && memcmp (value->text.data, magic, sizeof magic) == 0) ||
          (value->detail && strcmp (value->text.data, magic_decimal) == 0));
}

static gboolean
read_stream (CytCheckpoint *self, GHashTable *storages, GError **error)
{
  g_autoptr (CytPickle) facts = cyt_pickle_new (self, NULL, NULL);
  g_autoptr (CytPickle) pickle = cyt_pickle_new (self, load_persistent, storages);
  g_auto (CytCursor) cursor = { NULL };
  CytValue *value, *root;

  cyt_cursor_init_file (&cursor, self->file, "pickle", 0);
  value = cyt_pickle_run (facts, &cursor, error);
  if (value == NULL)
    return FALSE;
  if (!is_magic (value))
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_FORMAT,
                               "is a Python pickle without PyTorch's magic number, expected a file of torch.save");
  value = cyt_pickle_run (facts, &cursor, error);
  if (value == NULL)
    return FALSE;
  if (value->kind != CYT_KIND_INT || value->integer != PROTOCOL)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                               "protocol of PyTorch's legacy format is not %d", PROTOCOL);
  if (cyt_pickle_run (facts, &cursor, error) == NULL || (root = cyt_pickle_run (pickle, &cursor, error)) == NULL ||
      (value = cyt_pickle_run (facts, &cursor, error)) == NULL)
    return FALSE;
  return locate_storages (self, storages, value, cyt_cursor_tell (&cursor), error) &&
         cyt_pickle_finish (pickle, root, error);
}

gboolean
cyt_torch_legacy_open (CytCheckpoint *self, GError **error)
{
  g_autoptr (GHashTable) storages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  self->kind = CYT_CHECKPOINT_TORCH_LEGACY;
  return read_stream (self, storages, error);
}
