/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-checkpoint-private.h"

/* Bytes of a storage that are kept while a tensor is gathered or converted. */
#define WINDOW_BYTES ((gsize) 4 << 20)
/* What is read around an element that the window does not reach: see fetch(). */
#define JUMP_BYTES ((gsize) 64 << 10)
/* Elements gathered at once; scratch holds them raw (16 bytes at most) and as f32. */
#define GATHER 4096

const char *
cyt_checkpoint_kind_get_name (CytCheckpointKind kind)
{
  switch (kind)
    {
    case CYT_CHECKPOINT_TORCH_ZIP: return "PyTorch zip archive";
    case CYT_CHECKPOINT_TORCH_LEGACY: return "PyTorch legacy file";
    case CYT_CHECKPOINT_SAFETENSORS: return "safetensors";
    case CYT_CHECKPOINT_NPY: return "NumPy array";
    case CYT_CHECKPOINT_NPZ: return "NumPy archive";
    default: g_return_val_if_reached (NULL);
    }
}

/* ---- What readers fill in ---- */

gboolean
cyt_tensor_init (CytTensor *self, const CytFile *file, const char *what, CytDtype dtype, gsize n_dims,
                 const gint64 *shape, const gint64 *strides, guint storage, guint64 base, guint64 n_bytes,
                 gint64 offset, GError **error)
{
  guint64 size = cyt_dtype_get_size (dtype), n_nonzero = 1, last, bytes;
  gboolean empty = FALSE;

  memset (self, 0, sizeof *self);
  if (n_dims > CYT_TENSOR_MAX_DIMS)
    return cyt_file_set_error (file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                               "%s has %" G_GSIZE_FORMAT " dimensions, expected at most %d", what, n_dims,
                               CYT_TENSOR_MAX_DIMS);
  for (gsize i = 0; i < n_dims; i++)
    {
      if (shape[i] < 0)
        return cyt_file_set_error (file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                   "%s has the negative size %" G_GINT64_FORMAT, what, shape[i]);
      if (strides != NULL && strides[i] < 0)
        return cyt_file_set_error (file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                   "%s has the negative stride %" G_GINT64_FORMAT, what, strides[i]);
      empty |= shape[i] == 0;
      /* The other sizes are multiplied even when one is zero: no shape may overflow. */
      if (shape[i] > 0 && (!g_uint64_checked_mul (&n_nonzero, n_nonzero, shape[i]) || n_nonzero > G_MAXINT64 / 16))
        return cyt_file_set_error (file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "%s has a shape that overflows",
                                   what);
      self->info.shape[i] = shape[i];
    }
  if (offset < 0)
    return cyt_file_set_error (file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                               "%s begins at the negative offset %" G_GINT64_FORMAT, what, offset);

  self->info.dtype = dtype;
  self->info.n_dims = n_dims;
  self->info.n_elements = empty ? 0 : n_nonzero;
  self->storage = storage;
  if (strides != NULL)
    for (gsize i = 0; i < n_dims; i++)
      self->strides[i] = strides[i];
  else
    for (gsize i = n_dims, step = 1; i-- > 0; step *= MAX (shape[i], 1))
      self->strides[i] = step;
  if (empty)
    return TRUE;

  last = offset;
  for (gsize i = 0; i < n_dims; i++)
    {
      guint64 reach;

      if (!g_uint64_checked_mul (&reach, (guint64) shape[i] - 1, self->strides[i]) ||
          !g_uint64_checked_add (&last, last, reach))
        return cyt_file_set_error (file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "%s has strides that overflow",
                                   what);
    }
  if (!g_uint64_checked_add (&bytes, last, 1) || !g_uint64_checked_mul (&bytes, bytes, size) || bytes > n_bytes)
    return cyt_file_set_error (file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                               "%s reaches element %" G_GUINT64_FORMAT " of %s, its storage has %" G_GUINT64_FORMAT
                               " bytes", what, last, cyt_dtype_get_name (dtype), n_bytes);
  if (n_nonzero * size > CYT_CHECKPOINT_FREE_EXPANSION &&
      (n_nonzero * size - CYT_CHECKPOINT_FREE_EXPANSION) / CYT_CHECKPOINT_MAX_EXPANSION > file->size)
    return cyt_file_set_error (file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                               "%s would take %" G_GUINT64_FORMAT " bytes, out of proportion to the file's %"
                               G_GUINT64_FORMAT, what, n_nonzero * size, file->size);
  self->offset = base + (guint64) offset * size;
  return TRUE;
}

gboolean
cyt_checkpoint_add_tensor (CytCheckpoint *self, const CytTensor *tensor, const char *name, gsize *index,
                           GError **error)
{
  CytTensor copy = *tensor;

  if (self->tensors->len >= CYT_CHECKPOINT_MAX_TENSORS)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "has more than %u tensors",
                               CYT_CHECKPOINT_MAX_TENSORS);
  copy.info.name = g_string_chunk_insert (self->names, name);
  g_array_append_val (self->tensors, copy);
  if (g_hash_table_lookup (self->by_name, name) == NULL)
    g_hash_table_insert (self->by_name, (gpointer) copy.info.name, GUINT_TO_POINTER (self->tensors->len));
  if (index != NULL)
    *index = self->tensors->len - 1;
  return TRUE;
}

guint
cyt_checkpoint_add_storage (CytCheckpoint *self, const CytStorage *storage)
{
  g_array_append_val (self->storages, *storage);
  return self->storages->len - 1;
}

/* ---- Opening ---- */

/* First bytes of files that are mistaken for checkpoints, so that the message can name them. */
static const struct
{
  const char *magic;
  guint8 n;
  const char *name;
} strangers[] = {
  { "\x89PNG\r\n\x1a\n", 8, "a PNG image" },
  { "\xff\xd8\xff", 3, "a JPEG image" },
  { "GIF8", 4, "a GIF image" },
  { "II*\0", 4, "a TIFF image" },
  { "MM\0*", 4, "a TIFF image" },
  { "%PDF", 4, "a PDF document" },
  { "\x89HDF\r\n\x1a\n", 8, "an HDF5 file" },
  { "SQLite format 3", 15, "an SQLite database" },
  { "GGUF", 4, "a GGUF file" },
  { "\x1f\x8b", 2, "a gzip file" },
  { "BZh", 3, "a bzip2 file" },
  { "\xfd" "7zXZ\0", 6, "an xz file" },
  { "7z\xbc\xaf\x27\x1c", 6, "a 7-Zip archive" },
  { "\x28\xb5\x2f\xfd", 4, "a Zstandard file" },
  { "Rar!", 4, "a RAR archive" },
  { "version https://git-lfs", 23, "a Git LFS pointer (the file itself was not downloaded)" },
  { "<!DOCTYPE", 9, "an HTML page (a download that failed?)" },
  { "<!doctype", 9, "an HTML page (a download that failed?)" },
  { "<html", 5, "an HTML page (a download that failed?)" },
  { "{", 1, "a JSON text" },
};

static gboolean
open_zip (CytCheckpoint *self, GError **error)
{
  gssize pickle = -1;
  gboolean npz = FALSE;

  self->zip = cyt_zip_open (self->file, error);
  if (self->zip == NULL)
    return FALSE;
  for (gsize i = 0; i < cyt_zip_get_n_entries (self->zip); i++)
    {
      const char *name = cyt_zip_get_entry (self->zip, i)->name;

      npz |= g_str_has_suffix (name, ".npy");
      if (strcmp (name, "data.pkl") != 0 && !g_str_has_suffix (name, "/data.pkl"))
        continue;
      if (pickle >= 0)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                   "has two pickles, '%s' and '%s', expected one data.pkl",
                                   cyt_zip_get_entry (self->zip, pickle)->name, name);
      pickle = i;
    }
  if (pickle >= 0)
    return cyt_torch_zip_open (self, pickle, error);
  if (npz)
    return cyt_npz_open (self, error);
  return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_FORMAT,
                             "is a ZIP archive without data.pkl, expected a PyTorch archive");
}

static gboolean
open_by_content (CytCheckpoint *self, GError **error)
{
  guint8 head[512] = { 0 };
  gsize n = MIN (self->file->size, sizeof head);

  if (n == 0)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_FORMAT, "is empty");
  if (!cyt_file_read_at (self->file, 0, head, n, error))
    return FALSE;
  if (n >= 4 && (memcmp (head, "PK\3\4", 4) == 0 || memcmp (head, "PK\5\6", 4) == 0))
    return open_zip (self, error);
  if (n >= 6 && memcmp (head, "\x93NUMPY", 6) == 0)
    return cyt_npy_open (self, error);
  if (n >= 262 && memcmp (head + 257, "ustar", 5) == 0)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                               "is a tar archive; PyTorch's tar format of before 0.1.10 is not read");
  for (gsize i = 0; i < G_N_ELEMENTS (strangers); i++)
    if (n >= strangers[i].n && memcmp (head, strangers[i].magic, strangers[i].n) == 0 && head[MIN (n - 1, 8)] != '{')
      return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_FORMAT, "is %s, not a checkpoint",
                                 strangers[i].name);
  if (n >= 9 && head[8] == '{')
    return cyt_safetensors_open (self, error);
  /* PROTO of a pickle, or LONG, with which protocols 0 and 1 write PyTorch's magic number. */
  if ((n >= 2 && head[0] == 0x80 && head[1] <= 5) || (n >= 2 && head[0] == 'L' && g_ascii_isdigit (head[1])))
    return cyt_torch_legacy_open (self, error);
  return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_FORMAT,
                             "is not a checkpoint: neither PyTorch, safetensors nor NumPy");
}

CytCheckpoint *
cyt_checkpoint_open (const char *path, GError **error)
{
  g_autoptr (CytCheckpoint) self = NULL;
  g_autoptr (CytFile) file = cyt_file_open (path, error);

  if (file == NULL)
    return NULL;
  self = g_new0 (CytCheckpoint, 1);
  self->file = g_steal_pointer (&file);
  self->pool = cyt_value_pool_new ();
  self->storages = g_array_new (FALSE, FALSE, sizeof (CytStorage));
  self->tensors = g_array_new (FALSE, FALSE, sizeof (CytTensor));
  self->names = g_string_chunk_new (4096);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  return open_by_content (self, error) ? g_steal_pointer (&self) : NULL;
}

void
cyt_checkpoint_free (CytCheckpoint *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->zip, cyt_zip_free);
  g_clear_pointer (&self->file, cyt_file_free);
  g_hash_table_unref (self->by_name);
  g_array_unref (self->tensors);
  g_array_unref (self->storages);
  g_string_chunk_free (self->names);
  cyt_value_pool_free (self->pool);
  g_free (self->window);
  g_free (self->scratch);
  g_free (self);
}

const char *
cyt_checkpoint_get_path (CytCheckpoint *self)
{
  return self->file->path;
}

CytCheckpointKind
cyt_checkpoint_get_kind (CytCheckpoint *self)
{
  return self->kind;
}

gsize
cyt_checkpoint_get_n_tensors (CytCheckpoint *self)
{
  return self->tensors->len;
}

const CytTensorInfo *
cyt_checkpoint_get_tensor (CytCheckpoint *self, gsize i)
{
  g_return_val_if_fail (i < self->tensors->len, NULL);
  return &g_array_index (self->tensors, CytTensor, i).info;
}

const CytTensorInfo *
cyt_checkpoint_find_tensor (CytCheckpoint *self, const char *name)
{
  guint at = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_name, name));

  return at > 0 ? cyt_checkpoint_get_tensor (self, at - 1) : NULL;
}

const CytValue *
cyt_checkpoint_get_root (CytCheckpoint *self)
{
  return self->root;
}

/* ---- Reading tensors ---- */

gboolean
cyt_checkpoint_read_storage (CytCheckpoint *self, const CytStorage *storage, guint64 offset, gpointer out, gsize n,
                             GError **error)
{
  g_assert (offset <= storage->n_bytes && n <= storage->n_bytes - offset);
  switch (storage->type)
    {
    case CYT_STORAGE_FILE:
      return cyt_file_read_at (self->file, storage->position + offset, out, n, error);
    case CYT_STORAGE_ZIP:
      return cyt_zip_read_at (self->zip, storage->entry, storage->position + offset, out, n, error);
    case CYT_STORAGE_MEMORY:
      memcpy (out, storage->data + offset, n);
      return TRUE;
    default:
      g_return_val_if_reached (FALSE);
    }
}

/* Turns @n numbers of @size bytes around, in place. */
static void
swap_bytes (guint8 *data, gsize size, gsize n)
{
  for (gsize i = 0; i < n; i++, data += size)
    for (gsize j = 0; j < size / 2; j++)
      {
        guint8 byte = data[j];

        data[j] = data[size - 1 - j];
        data[size - 1 - j] = byte;
      }
}

static void
to_little_endian (const CytStorage *storage, CytDtype dtype, guint8 *data, gsize n)
{
  gboolean is_complex = !cyt_dtype_is_real (dtype);
  gsize size = cyt_dtype_get_size (dtype);

  if (storage->big_endian && size > 1)
    swap_bytes (data, is_complex ? size / 2 : size, is_complex ? 2 * n : n);
}

/* A run of consecutive elements: straight into @out where that is what is asked for. */
static gboolean
read_run (CytCheckpoint *self, const CytStorage *storage, CytDtype dtype, guint64 offset, gsize n, gboolean as_f32,
          guint8 *out, GError **error)
{
  gsize size = cyt_dtype_get_size (dtype), chunk = WINDOW_BYTES / size;

  if (!as_f32 || dtype == CYT_DTYPE_F32)
    {
      if (!cyt_checkpoint_read_storage (self, storage, offset, out, n * size, error))
        return FALSE;
      to_little_endian (storage, dtype, out, n);
      return TRUE;
    }
  for (gsize done = 0; done < n; done += chunk)
    {
      gsize now = MIN (chunk, n - done);

      if (!cyt_checkpoint_read_storage (self, storage, offset + done * size, self->window, now * size, error))
        return FALSE;
      to_little_endian (storage, dtype, self->window, now);
      cyt_dtype_convert_to_f32 ((float *) out + done, self->window, dtype, now);
    }
  return TRUE;
}

typedef struct
{
  gsize n;        /* size of the dimension */
  guint64 stride; /* elements in the storage */
  gsize step;     /* elements in the output */
} Dim;

/* Dimensions in the order in which their elements lie in the storage. */
static int
compare_dims (gconstpointer a, gconstpointer b)
{
  const Dim *x = a, *y = b;

  return x->stride < y->stride ? 1 : x->stride > y->stride ? -1 : 0;
}

typedef struct
{
  guint64 begin, end; /* bytes of the storage that are in the window */
} Window;

/* Makes the bytes @begin to @end of the storage present in the window. Walking forward it reads ahead;
 * after a jump only a little, or a tensor whose elements lie scattered would read everything again for each. */
static gboolean
fetch (CytCheckpoint *self, const CytStorage *storage, Window *window, guint64 begin, guint64 end, guint64 limit,
       GError **error)
{
  gboolean onward = begin >= window->begin && begin <= window->end + JUMP_BYTES;
  guint64 n = MIN (MAX (onward ? WINDOW_BYTES : JUMP_BYTES, end - begin), limit - begin);

  if (begin >= window->begin && end <= window->end)
    return TRUE;
  window->begin = window->end = 0;
  if (!cyt_checkpoint_read_storage (self, storage, begin, self->window, n, error))
    return FALSE;
  window->begin = begin;
  window->end = begin + n;
  return TRUE;
}

/* Elements that do not lie in C order: walked in the order of the storage, so that each part of it is
 * read once, and scattered to their places. @limit: bytes of the storage that may be looked at. */
static gboolean
read_scattered (CytCheckpoint *self, const CytStorage *storage, CytDtype dtype, guint64 offset, const Dim *dims,
                guint n_dims, guint64 limit, gboolean as_f32, guint8 *out, GError **error)
{
  gsize size = cyt_dtype_get_size (dtype), out_size = as_f32 ? sizeof (float) : size;
  const Dim *inner = &dims[n_dims - 1];
  gsize index[CYT_TENSOR_MAX_DIMS] = { 0 };
  gsize batch = GATHER;
  Window window = { 0, 0 };
  float *floats;

  /* A batch spans at most half a window. */
  if (inner->stride > 0)
    batch = MAX (1, MIN (batch, WINDOW_BYTES / 2 / size / inner->stride));
  if (self->scratch == NULL)
    self->scratch = g_malloc (GATHER * (16 + sizeof (float)));
  floats = (float *) (self->scratch + GATHER * 16);

  for (;;)
    {
      guint64 at = offset;
      gsize to = 0;
      guint d;

      for (d = 0; d + 1 < n_dims; d++)
        {
          at += index[d] * dims[d].stride * size;
          to += index[d] * dims[d].step;
        }
      for (gsize done = 0; done < inner->n; done += batch)
        {
          gsize now = MIN (batch, inner->n - done);
          guint64 begin = at + done * inner->stride * size;
          const guint8 *source, *converted = self->scratch;

          if (!fetch (self, storage, &window, begin, begin + ((now - 1) * inner->stride + 1) * size, limit, error))
            return FALSE;
          source = self->window + (begin - window.begin);
          if (inner->stride == 1)
            memcpy (self->scratch, source, now * size);
          else
            for (gsize i = 0; i < now; i++)
              memcpy (self->scratch + i * size, source + i * inner->stride * size, size);
          to_little_endian (storage, dtype, self->scratch, now);
          if (as_f32)
            {
              cyt_dtype_convert_to_f32 (floats, self->scratch, dtype, now);
              converted = (const guint8 *) floats;
            }
          for (gsize i = 0; i < now; i++)
            memcpy (out + (to + (done + i) * inner->step) * out_size, converted + i * out_size, out_size);
        }
      for (d = n_dims - 1; d-- > 0;)
        {
          if (++index[d] < dims[d].n)
            break;
          index[d] = 0;
        }
      if (d == G_MAXUINT)
        return TRUE;
    }
}

static gboolean
read_rows (CytCheckpoint *self, const CytTensorInfo *info, gsize first_row, gsize n_rows, gboolean as_f32,
           gpointer out, GError **error)
{
  const CytTensor *tensor = (const CytTensor *) info;
  const CytStorage *storage;
  Dim dims[CYT_TENSOR_MAX_DIMS];
  guint n_dims = 0;
  gsize n_elements = 1;
  guint64 offset;

  g_return_val_if_fail (tensor >= (CytTensor *) self->tensors->data &&
                          tensor < (CytTensor *) self->tensors->data + self->tensors->len, FALSE);
  if (as_f32 && !cyt_dtype_is_real (info->dtype))
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                               "tensor '%s' is %s, expected real numbers", info->name,
                               cyt_dtype_get_name (info->dtype));
  if (info->n_elements == 0 || n_rows == 0)
    return TRUE;

  storage = &g_array_index (self->storages, CytStorage, tensor->storage);
  offset = tensor->offset;
  if (info->n_dims > 0)
    offset += first_row * tensor->strides[0] * cyt_dtype_get_size (info->dtype);
  /* From the last dimension to the first, merging those that continue each other. */
  for (guint i = info->n_dims; i-- > 0;)
    {
      Dim dim = { i == 0 ? n_rows : (gsize) info->shape[i], tensor->strides[i], n_elements };

      n_elements *= dim.n;
      if (dim.n == 1)
        continue;
      if (n_dims > 0 && dim.stride == dims[n_dims - 1].n * dims[n_dims - 1].stride)
        dims[n_dims - 1].n *= dim.n;
      else
        dims[n_dims++] = dim;
    }
  if (self->window == NULL)
    self->window = g_malloc (WINDOW_BYTES);
  if (n_dims == 0 || (n_dims == 1 && dims[0].stride == 1))
    return read_run (self, storage, info->dtype, offset, n_elements, as_f32, out, error);
  qsort (dims, n_dims, sizeof (Dim), compare_dims);
  return read_scattered (self, storage, info->dtype, offset, dims, n_dims, storage->n_bytes, as_f32, out, error);
}

gboolean
cyt_checkpoint_read_f32 (CytCheckpoint *self, const CytTensorInfo *info, float *out, GError **error)
{
  return read_rows (self, info, 0, info->n_dims > 0 ? (gsize) info->shape[0] : 1, TRUE, out, error);
}

gboolean
cyt_checkpoint_read_raw (CytCheckpoint *self, const CytTensorInfo *info, gpointer out, GError **error)
{
  return read_rows (self, info, 0, info->n_dims > 0 ? (gsize) info->shape[0] : 1, FALSE, out, error);
}

gboolean
cyt_checkpoint_read_rows_f32 (CytCheckpoint *self, const CytTensorInfo *info, gsize first_row, gsize n_rows,
                              float *out, GError **error)
{
  g_return_val_if_fail (info->n_dims >= 1, FALSE);
  g_return_val_if_fail (first_row <= (gsize) info->shape[0] && n_rows <= info->shape[0] - first_row, FALSE);
  return read_rows (self, info, first_row, n_rows, TRUE, out, error);
}
