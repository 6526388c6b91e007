/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-checkpoint-private.h"
#include "io/cyt-cursor.h"

/* safetensors (huggingface.co/docs/safetensors): u64 length of the header, a JSON object
 * { name: { "dtype", "shape", "data_offsets": [begin, end] }, …, "__metadata__": { text: text } }, then the
 * data, which the tensors cover without holes or overlaps. The header is parsed here and not by json-glib,
 * which takes duplicate keys and would hold a tree many times the header's size. */

#define MAX_HEADER ((guint64) 100000000) /* the format's own cap */
#define MAX_NESTING 32                   /* of JSON members that we skip */

static const struct
{
  const char *name;
  CytDtype dtype;
} dtypes[] = {
  { "F64", CYT_DTYPE_F64 }, { "F32", CYT_DTYPE_F32 }, { "F16", CYT_DTYPE_F16 }, { "BF16", CYT_DTYPE_BF16 },
  { "I64", CYT_DTYPE_I64 }, { "I32", CYT_DTYPE_I32 }, { "I16", CYT_DTYPE_I16 }, { "I8", CYT_DTYPE_I8 },
  { "U64", CYT_DTYPE_U64 }, { "U32", CYT_DTYPE_U32 }, { "U16", CYT_DTYPE_U16 }, { "U8", CYT_DTYPE_U8 },
  { "BOOL", CYT_DTYPE_BOOL }, { "C64", CYT_DTYPE_C64 },
};

typedef struct
{
  CytCursor cursor;
  guint64 begin, end; /* of the data */
  GArray *extents;    /* of Extent */
  GHashTable *keys;   /* names met so far */
} Reader;

typedef struct
{
  guint64 begin, end;
  gsize tensor;
} Extent;

static gboolean
set_header_error (Reader *r, GError **error, const char *what)
{
  return cyt_file_set_error (r->cursor.file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                             "header at byte %" G_GUINT64_FORMAT ": %s", 8 + cyt_cursor_tell (&r->cursor), what);
}

/* ---- JSON ---- */

static gboolean
peek (Reader *r, guint8 *c, GError **error)
{
  for (;;)
    {
      if (!cyt_cursor_ensure (&r->cursor, 1, error))
        return FALSE;
      *c = r->cursor.data[r->cursor.pos];
      if (*c != ' ' && *c != '\t' && *c != '\n' && *c != '\r')
        return TRUE;
      r->cursor.pos++;
    }
}

/* Takes the next character if it is @c. */
static gboolean
accept (Reader *r, char c, gboolean *found, GError **error)
{
  guint8 next;

  if (!peek (r, &next, error))
    return FALSE;
  *found = next == (guint8) c;
  r->cursor.pos += *found;
  return TRUE;
}

static gboolean
expect (Reader *r, char c, GError **error)
{
  char what[] = "expected ' '";
  gboolean found;

  what[10] = c;
  return accept (r, c, &found, error) && (found || set_header_error (r, error, what));
}

static gboolean
take_hex4 (Reader *r, gunichar *c, GError **error)
{
  const guint8 *digits = cyt_cursor_take (&r->cursor, 4, error);

  if (digits == NULL)
    return FALSE;
  *c = 0;
  for (int i = 0; i < 4; i++)
    {
      if (!g_ascii_isxdigit (digits[i]))
        return set_header_error (r, error, "expected four hexadecimal digits");
      *c = *c * 16 + g_ascii_xdigit_value (digits[i]);
    }
  return TRUE;
}

static gboolean
take_escape (Reader *r, GString *text, GError **error)
{
  const guint8 *c = cyt_cursor_take (&r->cursor, 1, error);
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  const char *at;
  gunichar code, low;

  if (c == NULL)
    return FALSE;
  if (*c != 'u')
    {
      if (*c == '\0' || (at = strchr (from, *c)) == NULL)
        return set_header_error (r, error, "unknown escape in a string");
      g_string_append_c (text, to[at - from]);
      return TRUE;
    }
  if (!take_hex4 (r, &code, error))
    return FALSE;
  if (code >= 0xd800 && code < 0xdc00)
    {
      const guint8 *next = cyt_cursor_take (&r->cursor, 2, error);

      if (next == NULL)
        return FALSE;
      if (next[0] != '\\' || next[1] != 'u')
        return set_header_error (r, error, "half a surrogate pair in a string");
      if (!take_hex4 (r, &low, error))
        return FALSE;
      if (low < 0xdc00 || low > 0xdfff)
        return set_header_error (r, error, "half a surrogate pair in a string");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
  else if (code >= 0xdc00 && code < 0xe000)
    return set_header_error (r, error, "half a surrogate pair in a string");
  if (code == 0)
    return set_header_error (r, error, "a NUL in a string");
  g_string_append_unichar (text, code);
  return TRUE;
}

static gboolean
take_string (Reader *r, GString *text, GError **error)
{
  g_string_truncate (text, 0);
  if (!expect (r, '"', error))
    return FALSE;
  for (;;)
    {
      const guint8 *c = cyt_cursor_take (&r->cursor, 1, error);

      if (c == NULL)
        return FALSE;
      if (*c == '"')
        break;
      if (*c < 0x20)
        return set_header_error (r, error, "a control character in a string");
      if (*c != '\\')
        g_string_append_c (text, *c);
      else if (!take_escape (r, text, error))
        return FALSE;
    }
  return g_utf8_validate (text->str, text->len, NULL) || set_header_error (r, error, "a string that is not UTF-8");
}

static gboolean
take_whole_number (Reader *r, guint64 *value, GError **error)
{
  guint n_digits = 0;
  guint8 c;

  *value = 0;
  if (!peek (r, &c, error))
    return FALSE;
  for (; g_ascii_isdigit (c); n_digits++)
    {
      if (!g_uint64_checked_mul (value, *value, 10) || !g_uint64_checked_add (value, *value, c - '0') ||
          *value > G_MAXINT64)
        return cyt_file_set_error (r->cursor.file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                                   "header at byte %" G_GUINT64_FORMAT ": a number that overflows",
                                   8 + cyt_cursor_tell (&r->cursor));
      r->cursor.pos++;
      if (!cyt_cursor_ensure (&r->cursor, 1, error))
        return FALSE;
      c = r->cursor.data[r->cursor.pos];
    }
  if (n_digits == 0 || c == '.' || c == 'e' || c == 'E')
    return set_header_error (r, error, "expected a whole number");
  return TRUE;
}

static gboolean
take_number_list (Reader *r, GArray *numbers, guint max, GError **error)
{
  gboolean found;

  g_array_set_size (numbers, 0);
  if (!expect (r, '[', error) || !accept (r, ']', &found, error))
    return FALSE;
  while (!found)
    {
      guint64 number;

      if (numbers->len == max)
        return set_header_error (r, error, "too many numbers in a list");
      if (!take_whole_number (r, &number, error))
        return FALSE;
      g_array_append_val (numbers, number);
      if (!accept (r, ']', &found, error) || (!found && !expect (r, ',', error)))
        return FALSE;
    }
  return TRUE;
}

/* A value of any kind, for members that the format does not know. */
static gboolean
skip_value (Reader *r, guint depth, GString *text, GError **error)
{
  gboolean found;
  guint8 c;

  if (depth > MAX_NESTING)
    return set_header_error (r, error, "nested too deeply");
  if (!peek (r, &c, error))
    return FALSE;
  if (c == '"')
    return take_string (r, text, error);
  if (c == '{' || c == '[')
    {
      r->cursor.pos++;
      if (!accept (r, c == '{' ? '}' : ']', &found, error))
        return FALSE;
      while (!found)
        if ((c == '{' && (!take_string (r, text, error) || !expect (r, ':', error))) ||
            !skip_value (r, depth + 1, text, error) || !accept (r, c == '{' ? '}' : ']', &found, error) ||
            (!found && !expect (r, ',', error)))
          return FALSE;
      return TRUE;
    }
  for (gsize n = 0;; n++)
    {
      if (!cyt_cursor_ensure (&r->cursor, 1, error))
        return FALSE;
      c = r->cursor.data[r->cursor.pos];
      if (!g_ascii_isalnum (c) && c != '-' && c != '+' && c != '.')
        return n > 0 || set_header_error (r, error, "expected a value");
      r->cursor.pos++;
    }
}

/* ---- Members ---- */

static gboolean
take_metadata (Reader *r, CytCheckpoint *self, GString *text, GError **error)
{
  gboolean found;

  if (!expect (r, '{', error) || !accept (r, '}', &found, error))
    return FALSE;
  while (!found)
    {
      CytValue *key;

      if (!take_string (r, text, error) || !expect (r, ':', error))
        return FALSE;
      if (cyt_value_lookup (self->root, text->str) != NULL)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                   "__metadata__ has two members '%s'", text->str);
      key = cyt_value_new_text (self->pool, CYT_KIND_STRING, text->str, text->len);
      if (!take_string (r, text, error))
        return FALSE;
      cyt_value_set (self->pool, self->root, key,
                     cyt_value_new_text (self->pool, CYT_KIND_STRING, text->str, text->len));
      if (!cyt_value_pool_is_sound (self->pool))
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "too much __metadata__");
      if (!accept (r, '}', &found, error) || (!found && !expect (r, ',', error)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
find_dtype (Reader *r, const char *name, const char *text, CytDtype *dtype, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (strcmp (text, dtypes[i].name) == 0)
      {
        *dtype = dtypes[i].dtype;
        return TRUE;
      }
  return cyt_file_set_error (r->cursor.file, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                             "tensor '%s' is of dtype %s, which is not read", name, text);
}

static gboolean
take_tensor (Reader *r, CytCheckpoint *self, const char *name, GString *text, GError **error)
{
  enum { DTYPE = 1, SHAPE = 2, OFFSETS = 4 };
  g_autoptr (GArray) shape = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (GArray) offsets = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autofree char *what = g_strdup_printf ("tensor '%s'", name);
  CytDtype dtype = CYT_DTYPE_F32;
  CytTensor tensor;
  Extent extent;
  gboolean found;
  guint met = 0;
  guint64 needed;

  if (!expect (r, '{', error) || !accept (r, '}', &found, error))
    return FALSE;
  while (!found)
    {
      guint member;

      if (!take_string (r, text, error) || !expect (r, ':', error))
        return FALSE;
      member = strcmp (text->str, "dtype") == 0 ? DTYPE : strcmp (text->str, "shape") == 0 ? SHAPE
               : strcmp (text->str, "data_offsets") == 0 ? OFFSETS : 0;
      if (met & member)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "%s has two members '%s'", what,
                                   text->str);
      met |= member;
      if (member == DTYPE && (!take_string (r, text, error) || !find_dtype (r, name, text->str, &dtype, error)))
        return FALSE;
      if (member == SHAPE && !take_number_list (r, shape, CYT_TENSOR_MAX_DIMS, error))
        return FALSE;
      if (member == OFFSETS && !take_number_list (r, offsets, 2, error))
        return FALSE;
      if (member == 0 && !skip_value (r, 0, text, error))
        return FALSE;
      if (!accept (r, '}', &found, error) || (!found && !expect (r, ',', error)))
        return FALSE;
    }
  if (met != (DTYPE | SHAPE | OFFSETS) || offsets->len != 2)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                               "%s lacks its dtype, shape or two data_offsets", what);

  extent.begin = g_array_index (offsets, guint64, 0);
  extent.end = g_array_index (offsets, guint64, 1);
  if (extent.begin > extent.end)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "%s ends before it begins", what);
  if (extent.end > r->end - r->begin)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TRUNCATED,
                               "%s ends at byte %" G_GUINT64_FORMAT " of the data, the file has %" G_GUINT64_FORMAT,
                               what, extent.end, r->end - r->begin);
  if (!cyt_tensor_init (&tensor, self->file, what, dtype, shape->len, (gint64 *) shape->data, NULL, 0, extent.begin,
                        extent.end - extent.begin, 0, error))
    return FALSE;
  needed = (guint64) tensor.info.n_elements * cyt_dtype_get_size (dtype);
  if (needed != extent.end - extent.begin)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                               "%s has %" G_GUINT64_FORMAT " bytes, its shape needs %" G_GUINT64_FORMAT, what,
                               extent.end - extent.begin, needed);
  if (!cyt_checkpoint_add_tensor (self, &tensor, name, &extent.tensor, error))
    return FALSE;
  g_array_append_val (r->extents, extent);
  return TRUE;
}

static gboolean
take_header (Reader *r, CytCheckpoint *self, GError **error)
{
  g_autoptr (GString) name = g_string_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean found;

  if (!expect (r, '{', error) || !accept (r, '}', &found, error))
    return FALSE;
  while (!found)
    {
      if (!take_string (r, name, error) || !expect (r, ':', error))
        return FALSE;
      if (name->len > CYT_CHECKPOINT_MAX_NAME)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                                   "a tensor's name has %" G_GSIZE_FORMAT " bytes, expected at most %d", name->len,
                                   CYT_CHECKPOINT_MAX_NAME);
      if (!g_hash_table_add (r->keys, g_strdup (name->str)))
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT, "has two tensors '%s'",
                                   name->str);
      if (!(strcmp (name->str, "__metadata__") == 0 ? take_metadata (r, self, text, error)
                                                     : take_tensor (r, self, name->str, text, error)))
        return FALSE;
      if (!accept (r, '}', &found, error) || (!found && !expect (r, ',', error)))
        return FALSE;
    }
  /* Writers pad with spaces. */
  for (; r->cursor.pos < r->cursor.n; r->cursor.pos++)
    if (r->cursor.data[r->cursor.pos] != ' ')
      return set_header_error (r, error, "something after its end");
  return TRUE;
}

static int
compare_extents (gconstpointer a, gconstpointer b)
{
  const Extent *x = a, *y = b;

  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return x->end < y->end ? -1 : x->end > y->end;
}

static gboolean
check_cover (Reader *r, CytCheckpoint *self, GError **error)
{
  guint64 at = 0;

  g_array_sort (r->extents, compare_extents);
  for (gsize i = 0; i < r->extents->len; i++)
    {
      const Extent *extent = &g_array_index (r->extents, Extent, i);

      if (extent->begin != at)
        return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                   "tensor '%s' begins at byte %" G_GUINT64_FORMAT " of the data, expected %"
                                   G_GUINT64_FORMAT ": tensors must neither overlap nor leave holes",
                                   cyt_checkpoint_get_tensor (self, extent->tensor)->name, extent->begin, at);
      at = extent->end;
    }
  if (at != r->end - r->begin)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                               "has %" G_GUINT64_FORMAT " bytes of data, its tensors take %" G_GUINT64_FORMAT,
                               r->end - r->begin, at);
  return TRUE;
}

gboolean
cyt_safetensors_open (CytCheckpoint *self, GError **error)
{
  Reader r = { { NULL } };
  g_autofree guint8 *header = NULL;
  guint8 length[8];
  guint64 n = 0;
  CytStorage storage = { CYT_STORAGE_FILE };
  gboolean ok;

  self->kind = CYT_CHECKPOINT_SAFETENSORS;
  self->root = cyt_value_new (self->pool, CYT_KIND_DICT);
  if (!cyt_file_read_at (self->file, 0, length, sizeof length, error))
    return FALSE;
  for (int i = 0; i < 8; i++)
    n |= (guint64) length[i] << (8 * i);
  if (n > MAX_HEADER)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                               "announces a header of %" G_GUINT64_FORMAT " bytes, expected at most %"
                               G_GUINT64_FORMAT, n, MAX_HEADER);
  if (n > self->file->size - 8)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TRUNCATED,
                               "announces a header of %" G_GUINT64_FORMAT " bytes, the file has %" G_GUINT64_FORMAT,
                               n, self->file->size);
  header = g_malloc (n + 1);
  if (!cyt_file_read_at (self->file, 8, header, n, error))
    return FALSE;

  cyt_cursor_init (&r.cursor, self->file, "header", header, n);
  r.begin = 8 + n;
  r.end = self->file->size;
  storage.position = r.begin;
  storage.n_bytes = r.end - r.begin;
  cyt_checkpoint_add_storage (self, &storage);
  r.extents = g_array_new (FALSE, FALSE, sizeof (Extent));
  r.keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  ok = take_header (&r, self, error) && check_cover (&r, self, error);
  g_array_unref (r.extents);
  g_hash_table_unref (r.keys);
  return ok;
}
