/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-checkpoint-private.h"
#include "io/cyt-cursor.h"
#include "io/cyt-npy-private.h"

/* NumPy's .npy (numpy.lib.format): "\x93NUMPY", version, length of the header, then a Python literal
 * {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, then the elements. */

#define MAX_HEADER ((guint64) 1 << 20)

static const struct
{
  char kind;
  guint8 size;
  CytDtype dtype;
} dtypes[] = {
  { 'f', 8, CYT_DTYPE_F64 }, { 'f', 4, CYT_DTYPE_F32 }, { 'f', 2, CYT_DTYPE_F16 }, { 'i', 8, CYT_DTYPE_I64 },
  { 'i', 4, CYT_DTYPE_I32 }, { 'i', 2, CYT_DTYPE_I16 }, { 'i', 1, CYT_DTYPE_I8 },  { 'u', 8, CYT_DTYPE_U64 },
  { 'u', 4, CYT_DTYPE_U32 }, { 'u', 2, CYT_DTYPE_U16 }, { 'u', 1, CYT_DTYPE_U8 },  { 'b', 1, CYT_DTYPE_BOOL },
  { 'c', 8, CYT_DTYPE_C64 }, { 'c', 16, CYT_DTYPE_C128 },
};

gboolean
cyt_numpy_parse_dtype (const char *text, CytDtype *dtype, gboolean *big_endian)
{
  guint64 size;

  *big_endian = *text == '>';
  if (*text != '\0' && strchr ("<>|=", *text) != NULL)
    text++;
  if (*text == '\0' || !g_ascii_string_to_unsigned (text + 1, 10, 1, 16, &size, NULL))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (dtypes[i].kind == *text && dtypes[i].size == size)
      {
        *dtype = dtypes[i].dtype;
        return TRUE;
      }
  return FALSE;
}

/* ---- The header's literal ---- */

typedef struct
{
  CytFile *file;
  const char *what; /* "header" or "header of 'name'" */
  const char *p;
  CytDtype dtype;
  gboolean big_endian;
  gboolean fortran;
  gint64 shape[CYT_TENSOR_MAX_DIMS];
  gsize n_dims;
} Header;

static gboolean
set_header_error (Header *h, GError **error, const char *what)
{
  return cyt_file_set_error (h->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "%s: %s before \"%.40s\"", h->what, what,
                             h->p);
}

static char
peek (Header *h)
{
  while (*h->p == ' ' || *h->p == '\n' || *h->p == '\t' || *h->p == '\r')
    h->p++;
  return *h->p;
}

static gboolean
accept (Header *h, char c)
{
  if (peek (h) != c)
    return FALSE;
  h->p++;
  return TRUE;
}

static gboolean
take_string (Header *h, char **text, GError **error)
{
  char quote = peek (h);
  const char *end;

  if (quote != '\'' && quote != '"')
    return set_header_error (h, error, "expected a string");
  end = strchr (h->p + 1, quote);
  if (end == NULL)
    return set_header_error (h, error, "a string without end");
  *text = g_strndup (h->p + 1, end - h->p - 1);
  h->p = end + 1;
  return TRUE;
}

static gboolean
take_dtype (Header *h, GError **error)
{
  g_autofree char *text = NULL;

  if (peek (h) == '[')
    return cyt_file_set_error (h->file, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                               "%s: structured arrays are not read", h->what);
  if (!take_string (h, &text, error))
    return FALSE;
  if (cyt_numpy_parse_dtype (text, &h->dtype, &h->big_endian))
    return TRUE;
  return cyt_file_set_error (h->file, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                             "%s: arrays of dtype '%s'%s are not read", h->what, text,
                             strchr (text, 'O') ? " (Python objects)" : "");
}

static gboolean
take_order (Header *h, GError **error)
{
  peek (h);
  if (g_str_has_prefix (h->p, "False"))
    h->p += 5;
  else if (g_str_has_prefix (h->p, "True"))
    {
      h->p += 4;
      h->fortran = TRUE;
    }
  else
    return set_header_error (h, error, "expected True or False");
  return TRUE;
}

static gboolean
take_shape (Header *h, GError **error)
{
  if (!accept (h, '('))
    return set_header_error (h, error, "expected a tuple");
  while (!accept (h, ')'))
    {
      guint64 size = 0;

      if (!g_ascii_isdigit (peek (h)))
        return set_header_error (h, error, "expected a whole number");
      for (; g_ascii_isdigit (*h->p); h->p++)
        if (!g_uint64_checked_mul (&size, size, 10) || !g_uint64_checked_add (&size, size, *h->p - '0') ||
            size > G_MAXINT64)
          return cyt_file_set_error (h->file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "%s: a shape that overflows",
                                     h->what);
      if (*h->p == 'L') /* Python 2's long integers */
        h->p++;
      if (h->n_dims == CYT_TENSOR_MAX_DIMS)
        return cyt_file_set_error (h->file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                                   "%s: more than %d dimensions", h->what, CYT_TENSOR_MAX_DIMS);
      h->shape[h->n_dims++] = size;
      if (!accept (h, ',') && peek (h) != ')')
        return set_header_error (h, error, "expected ',' or ')'");
    }
  return TRUE;
}

static gboolean
take_header (Header *h, GError **error)
{
  enum { DESCR = 1, ORDER = 2, SHAPE = 4 };
  guint met = 0;

  if (!accept (h, '{'))
    return set_header_error (h, error, "expected '{'");
  while (!accept (h, '}'))
    {
      g_autofree char *key = NULL;
      guint member;
      gboolean ok;

      if (!take_string (h, &key, error))
        return FALSE;
      member = strcmp (key, "descr") == 0 ? DESCR : strcmp (key, "fortran_order") == 0 ? ORDER
               : strcmp (key, "shape") == 0 ? SHAPE : 0;
      if (member == 0 || (met & member))
        return cyt_file_set_error (h->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "%s: %s member '%s'", h->what,
                                   member == 0 ? "unknown" : "a second", key);
      met |= member;
      if (!accept (h, ':'))
        return set_header_error (h, error, "expected ':'");
      ok = member == DESCR ? take_dtype (h, error) : member == ORDER ? take_order (h, error) : take_shape (h, error);
      if (!ok)
        return FALSE;
      if (!accept (h, ',') && peek (h) != '}')
        return set_header_error (h, error, "expected ',' or '}'");
    }
  if (met != (DESCR | ORDER | SHAPE))
    return set_header_error (h, error, "descr, fortran_order or shape is missing");
  return peek (h) == '\0' || set_header_error (h, error, "something after its end");
}

/* ---- Arrays ---- */

/* An array whose first byte is at @position of @storage, which is @n_bytes long from there on. */
static gboolean
add_array (CytCheckpoint *self, const CytStorage *storage, const char *name, GError **error)
{
  g_autofree char *what = *name != '\0' ? g_strdup_printf ("header of '%s'", name) : g_strdup ("header");
  g_autofree char *text = NULL;
  Header h = { self->file, what };
  CytStorage data = *storage;
  CytTensor tensor;
  gint64 strides[CYT_TENSOR_MAX_DIMS];
  guint8 head[12];
  guint64 n_header, n_length, needed;
  gsize index;

  /* Magic, version, length of the header in two bytes (1.0) or four. */
  if (storage->n_bytes < 10)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TRUNCATED, "%s: has %" G_GUINT64_FORMAT " bytes",
                               what, storage->n_bytes);
  if (!cyt_checkpoint_read_storage (self, storage, 0, head, MIN (sizeof head, storage->n_bytes), error))
    return FALSE;
  if (memcmp (head, "\x93NUMPY", 6) != 0)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "%s: does not begin as NumPy's", what);
  if (head[6] < 1 || head[6] > 3 || head[7] != 0)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                               "%s: version %u.%u, expected 1.0, 2.0 or 3.0", what, head[6], head[7]);
  n_length = head[6] == 1 ? 2 : 4;
  n_header = head[8] | (guint64) head[9] << 8;
  if (n_length == 4)
    n_header |= (guint64) head[10] << 16 | (guint64) head[11] << 24;
  if (n_header > MAX_HEADER)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                               "%s: %" G_GUINT64_FORMAT " bytes, expected at most %" G_GUINT64_FORMAT, what, n_header,
                               MAX_HEADER);
  if (8 + n_length + n_header > storage->n_bytes)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TRUNCATED,
                               "%s: announces %" G_GUINT64_FORMAT " bytes, %" G_GUINT64_FORMAT " are there", what,
                               n_header, storage->n_bytes);
  text = g_malloc0 (n_header + 1);
  if (!cyt_checkpoint_read_storage (self, storage, 8 + n_length, text, n_header, error))
    return FALSE;
  if (strlen (text) != n_header || !g_utf8_validate (text, -1, NULL))
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "%s: is not text", what);
  h.p = text;
  if (!take_header (&h, error))
    return FALSE;

  data.position += 8 + n_length + n_header;
  data.n_bytes -= 8 + n_length + n_header;
  data.big_endian = h.big_endian;
  for (gsize i = 0, step = 1; i < h.n_dims; i++)
    {
      strides[i] = step;
      /* An overflow here is one of the shape too, which the tensor's checks refuse first. */
      step *= MAX (h.shape[i], 1);
    }
  if (!cyt_tensor_init (&tensor, self->file, what, h.dtype, h.n_dims, h.shape, NULL, self->storages->len, 0,
                        data.n_bytes, 0, error))
    return FALSE;
  if (h.fortran && !cyt_tensor_init (&tensor, self->file, what, h.dtype, h.n_dims, h.shape, strides,
                                     self->storages->len, 0, data.n_bytes, 0, error))
    return FALSE;
  needed = (guint64) tensor.info.n_elements * cyt_dtype_get_size (h.dtype);
  if (needed != data.n_bytes)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                               "%s: its shape needs %" G_GUINT64_FORMAT " bytes, %" G_GUINT64_FORMAT " follow", what,
                               needed, data.n_bytes);
  cyt_checkpoint_add_storage (self, &data);
  if (!cyt_checkpoint_add_tensor (self, &tensor, name, &index, error))
    return FALSE;

  {
    CytValue *value = cyt_value_new (self->pool, CYT_KIND_TENSOR);

    value->index = index;
    value->named = TRUE;
    if (self->kind == CYT_CHECKPOINT_NPY)
      self->root = value;
    else
      cyt_value_set (self->pool, self->root, cyt_value_new_string (self->pool, name), value);
  }
  return TRUE;
}

gboolean
cyt_npy_open (CytCheckpoint *self, GError **error)
{
  CytStorage storage = { CYT_STORAGE_FILE, .n_bytes = self->file->size };

  self->kind = CYT_CHECKPOINT_NPY;
  return add_array (self, &storage, "", error);
}

gboolean
cyt_npz_open (CytCheckpoint *self, GError **error)
{
  self->kind = CYT_CHECKPOINT_NPZ;
  self->root = cyt_value_new (self->pool, CYT_KIND_DICT);
  for (gsize i = 0; i < cyt_zip_get_n_entries (self->zip); i++)
    {
      const CytZipEntry *entry = cyt_zip_get_entry (self->zip, i);
      CytStorage storage = { CYT_STORAGE_ZIP, .entry = i, .n_bytes = entry->size };
      g_autofree char *name = NULL;

      if (!g_str_has_suffix (entry->name, ".npy"))
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_FORMAT,
                                   "entry '%s' is not a NumPy array, expected an .npz archive", entry->name);
      name = g_strndup (entry->name, strlen (entry->name) - strlen (".npy"));
      if (strlen (name) > CYT_CHECKPOINT_MAX_NAME)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                                   "an array's name has more than %d bytes", CYT_CHECKPOINT_MAX_NAME);
      if (!add_array (self, &storage, name, error))
        return FALSE;
    }
  return TRUE;
}
