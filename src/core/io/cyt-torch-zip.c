/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-pickle.h"

/* PyTorch's archives since 1.6 (torch/serialization.py): PREFIX/data.pkl, one PREFIX/data/KEY per storage,
 * PREFIX/byteorder ("little" where it is missing), PREFIX/version. */

/* A pickle that inflates this much is not one; texts with many like names reach 1 : 30. */
#define MAX_PICKLE_RATIO 200
#define FREE_PICKLE_BYTES ((guint64) 1 << 20)

typedef struct
{
  char *prefix;         /* "archive/", or "" */
  gboolean big_endian;
  GHashTable *storages; /* key → index + 1 in the checkpoint */
} Archive;

static CytValue *
refuse_id (CytPickle *pickle, GError **error, CytCheckpointError code, const char *what, const char *name)
{
  cyt_pickle_set_error (pickle, error, code, "%s%s", what, name);
  return NULL;
}

/* ("storage", class, key, location, number of elements). Where the tensor lived ("cuda:0") does not matter. */
static CytValue *
load_storage (CytPickle *pickle, const CytValue *id, gpointer user_data, GError **error)
{
  CytCheckpoint *self = cyt_pickle_get_checkpoint (pickle);
  Archive *archive = user_data;
  const CytValue *key, *count;
  g_autofree char *name = NULL;
  CytDtype dtype;
  CytValue *value;
  guint64 needed;
  guint index;

  if (id->kind != CYT_KIND_LIST || id->list.n < 5 || id->list.items[0]->kind != CYT_KIND_STRING ||
      strcmp (id->list.items[0]->text.data, "storage") != 0)
    return refuse_id (pickle, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a persistent id that is no storage", "");
  key = id->list.items[2];
  count = id->list.items[4];
  if (key->kind != CYT_KIND_STRING || count->kind != CYT_KIND_INT || count->integer < 0)
    return refuse_id (pickle, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a storage without key or size", "");
  if (!cyt_pickle_storage_dtype (pickle, id->list.items[1], &dtype, error))
    return NULL;
  if (!g_uint64_checked_mul (&needed, (guint64) count->integer, cyt_dtype_get_size (dtype)))
    return refuse_id (pickle, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "the size overflows of storage ", key->text.data);

  index = GPOINTER_TO_UINT (g_hash_table_lookup (archive->storages, key->text.data));
  if (index == 0)
    {
      CytStorage storage = { CYT_STORAGE_ZIP, archive->big_endian };
      gssize entry;

      name = g_strconcat (archive->prefix, "data/", key->text.data, NULL);
      entry = strlen (key->text.data) == key->text.n ? cyt_zip_find (self->zip, name) : -1;
      if (entry < 0 && needed > 0)
        return refuse_id (pickle, error, CYT_CHECKPOINT_ERROR_CORRUPT, "the archive lacks the storage ", name);
      if (entry >= 0)
        {
          storage.entry = entry;
          storage.n_bytes = cyt_zip_get_entry (self->zip, entry)->size;
        }
      index = cyt_checkpoint_add_storage (self, &storage) + 1;
      g_hash_table_insert (archive->storages, g_strdup (key->text.data), GUINT_TO_POINTER (index));
    }
  {
    guint64 there = g_array_index (self->storages, CytStorage, index - 1).n_bytes;

    /* A storage of bytes seen as wider elements may keep a rest of less than one. */
    if (there < needed || there - needed >= cyt_dtype_get_size (dtype))
      {
        cyt_pickle_set_error (pickle, error,
                              there < needed ? CYT_CHECKPOINT_ERROR_TRUNCATED : CYT_CHECKPOINT_ERROR_CORRUPT,
                              "storage %s has %" G_GUINT64_FORMAT " bytes, expected %" G_GUINT64_FORMAT,
                              key->text.data, there, needed);
        return NULL;
      }
  }
  value = cyt_value_new (self->pool, CYT_KIND_STORAGE);
  value->index = index - 1;
  value->storage.n_bytes = needed;
  value->storage.dtype = dtype;
  return value;
}

static gboolean
read_byteorder (CytCheckpoint *self, Archive *archive, GError **error)
{
  g_autofree char *name = g_strconcat (archive->prefix, "byteorder", NULL);
  gssize entry = cyt_zip_find (self->zip, name);
  char order[8] = "little";
  gsize n;

  if (entry < 0)
    return TRUE;
  n = cyt_zip_get_entry (self->zip, entry)->size;
  if (n < sizeof order)
    {
      memset (order, 0, sizeof order);
      if (!cyt_zip_read_at (self->zip, entry, 0, order, n, error))
        return FALSE;
    }
  archive->big_endian = strcmp (order, "big") == 0;
  if (n >= sizeof order || (!archive->big_endian && strcmp (order, "little") != 0))
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                               "byteorder is neither little nor big");
  return TRUE;
}

static gboolean
read_archive (CytCheckpoint *self, gsize pickle_entry, Archive *archive, GError **error)
{
  const CytZipEntry *entry = cyt_zip_get_entry (self->zip, pickle_entry);
  g_autofree char *constants = g_strconcat (archive->prefix, "constants.pkl", NULL);
  g_autofree guint8 *bytes = NULL;
  g_autoptr (CytPickle) pickle = NULL;
  g_auto (CytCursor) cursor = { NULL };
  CytValue *root;

  if (cyt_zip_find (self->zip, constants) >= 0)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                               "is a TorchScript program (torch.jit.save), expected weights (torch.save)");
  if (entry->size > CYT_PICKLE_MAX_BYTES ||
      (entry->deflated && entry->size > FREE_PICKLE_BYTES &&
       (entry->size - FREE_PICKLE_BYTES) / MAX_PICKLE_RATIO > self->file->size))
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                               "%s would take %" G_GUINT64_FORMAT " bytes, out of proportion", entry->name,
                               entry->size);
  if (!read_byteorder (self, archive, error))
    return FALSE;
  bytes = g_malloc (entry->size + 1);
  if (!cyt_zip_read_at (self->zip, pickle_entry, 0, bytes, entry->size, error))
    return FALSE;
  cyt_cursor_init (&cursor, self->file, "data.pkl", bytes, entry->size);
  pickle = cyt_pickle_new (self, load_storage, archive);
  root = cyt_pickle_run (pickle, &cursor, error);
  return root != NULL && cyt_pickle_finish (pickle, root, error);
}

gboolean
cyt_torch_zip_open (CytCheckpoint *self, gsize pickle_entry, GError **error)
{
  const char *name = cyt_zip_get_entry (self->zip, pickle_entry)->name;
  Archive archive = { g_strndup (name, strlen (name) - strlen ("data.pkl")) };
  gboolean ok;

  self->kind = CYT_CHECKPOINT_TORCH_ZIP;
  archive.storages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  ok = read_archive (self, pickle_entry, &archive, error);
  g_hash_table_unref (archive.storages);
  g_free (archive.prefix);
  return ok;
}
