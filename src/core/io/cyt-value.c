/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-value-private.h"

#define BLOCK 512 /* values allocated at once */

struct _CytValuePool
{
  GPtrArray *blocks; /* of CytValue[BLOCK] */
  guint n_values;
  guint n_links;
  gsize n_text;
  gboolean full;
  CytValue *none;
  CytValue *truth[2];
};

static void
free_block (gpointer data)
{
  CytValue *block = data;

  for (gsize i = 0; i < BLOCK; i++)
    switch ((CytKind) block[i].kind)
      {
      case CYT_KIND_STRING:
      case CYT_KIND_BYTES:
      case CYT_KIND_BIGINT:
      case CYT_KIND_GLOBAL:
        g_free (block[i].text.data);
        break;
      case CYT_KIND_DICT:
      case CYT_KIND_RECORD:
        g_clear_pointer (&block[i].list.by_key, g_hash_table_unref);
        G_GNUC_FALLTHROUGH;
      case CYT_KIND_LIST:
        g_free (block[i].list.items);
        break;
      default:
        break;
      }
  g_free (block);
}

CytValuePool *
cyt_value_pool_new (void)
{
  CytValuePool *self = g_new0 (CytValuePool, 1);

  self->blocks = g_ptr_array_new_with_free_func (free_block);
  self->none = cyt_value_new (self, CYT_KIND_NONE);
  for (int i = 0; i < 2; i++)
    {
      self->truth[i] = cyt_value_new (self, CYT_KIND_BOOL);
      self->truth[i]->integer = i;
    }
  return self;
}

void
cyt_value_pool_free (CytValuePool *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->blocks);
  g_free (self);
}

gboolean
cyt_value_pool_is_sound (const CytValuePool *self)
{
  return !self->full;
}

CytValue *
cyt_value_new (CytValuePool *pool, CytKind kind)
{
  CytValue *value;

  if (kind == CYT_KIND_NONE && pool->none != NULL)
    return pool->none;
  if (pool->n_values >= CYT_VALUE_MAX_VALUES)
    pool->full = TRUE;
  if (pool->n_values % BLOCK == 0)
    g_ptr_array_add (pool->blocks, g_new0 (CytValue, BLOCK));
  value = (CytValue *) g_ptr_array_index (pool->blocks, pool->n_values / BLOCK) + pool->n_values % BLOCK;
  pool->n_values++;
  value->kind = kind;
  return value;
}

CytValue *
cyt_value_new_bool (CytValuePool *pool, gboolean value)
{
  return pool->truth[value ? 1 : 0];
}

CytValue *
cyt_value_new_int (CytValuePool *pool, gint64 value)
{
  CytValue *self = cyt_value_new (pool, CYT_KIND_INT);

  self->integer = value;
  return self;
}

CytValue *
cyt_value_new_float (CytValuePool *pool, double value)
{
  CytValue *self = cyt_value_new (pool, CYT_KIND_FLOAT);

  self->number = value;
  return self;
}

/* Keyed, so that no file can be made whose keys all fall together and take quadratic time. */
static guint
hash_bytes (gconstpointer data, gsize n)
{
  static gsize seed = 0;
  const guint8 *bytes = data;
  guint32 hash;

  if (g_once_init_enter (&seed))
    g_once_init_leave (&seed, g_random_int () | 1);
  hash = (guint32) seed;
  for (gsize i = 0; i < n; i++)
    {
      hash = (hash ^ bytes[i]) * 0x01000193u;
      hash ^= hash >> 15;
    }
  return hash;
}

CytValue *
cyt_value_new_text (CytValuePool *pool, CytKind kind, gconstpointer data, gsize n)
{
  CytValue *self = cyt_value_new (pool, kind);

  if (n > CYT_VALUE_MAX_TEXT - pool->n_text)
    {
      pool->full = TRUE;
      n = 0;
    }
  pool->n_text += n;
  self->text.data = g_malloc (n + 1);
  if (n > 0)
    memcpy (self->text.data, data, n);
  self->text.data[n] = '\0';
  self->text.n = n;
  self->index = hash_bytes (data, n);
  return self;
}

CytValue *
cyt_value_new_string (CytValuePool *pool, const char *text)
{
  return cyt_value_new_text (pool, CYT_KIND_STRING, text, strlen (text));
}

CytValue *
cyt_value_new_global (CytValuePool *pool, char *text, guint name)
{
  CytValue *self = cyt_value_new (pool, CYT_KIND_GLOBAL);

  self->text.data = text;
  self->text.n = strlen (text);
  self->index = name;
  return self;
}

CytValue *
cyt_value_new_record (CytValuePool *pool, const CytValue *cls)
{
  CytValue *self = cyt_value_new (pool, CYT_KIND_RECORD);

  g_assert (cls->kind == CYT_KIND_GLOBAL);
  self->list.cls = cls;
  return self;
}

/* FALSE when there have been too many entries. */
static gboolean
count_link (CytValuePool *pool)
{
  if (pool->n_links >= CYT_VALUE_MAX_LINKS)
    pool->full = TRUE;
  else
    pool->n_links++;
  return !pool->full;
}

static void
push (CytValuePool *pool, CytValue *self, CytValue *item)
{
  if (!count_link (pool))
    return;
  if (self->list.n == self->list.allocated)
    {
      self->list.allocated = MAX (4, self->list.allocated * 2);
      self->list.items = g_renew (CytValue *, self->list.items, self->list.allocated);
    }
  self->list.items[self->list.n++] = item;
}

void
cyt_value_append (CytValuePool *pool, CytValue *list, CytValue *item)
{
  g_assert (list->kind == CYT_KIND_LIST);
  push (pool, list, item);
}

/* Python's equality, as far as keys of checkpoints go: numbers by value whatever their type, texts by
 * content, None; anything else by identity. */
static gboolean
key_equal (gconstpointer pa, gconstpointer pb)
{
  const CytValue *a = pa, *b = pb;
  gboolean a_whole = a->kind == CYT_KIND_INT || a->kind == CYT_KIND_BOOL;
  gboolean b_whole = b->kind == CYT_KIND_INT || b->kind == CYT_KIND_BOOL;

  if (a == b)
    return TRUE;
  if (a_whole && b_whole)
    return a->integer == b->integer;
  if ((a_whole || a->kind == CYT_KIND_FLOAT) && (b_whole || b->kind == CYT_KIND_FLOAT))
    return (a_whole ? (double) a->integer : a->number) == (b_whole ? (double) b->integer : b->number);
  if (a->kind != b->kind || (a->kind != CYT_KIND_STRING && a->kind != CYT_KIND_BYTES))
    return FALSE;
  return a->text.n == b->text.n && memcmp (a->text.data, b->text.data, a->text.n) == 0;
}

static guint
key_hash (gconstpointer pointer)
{
  const CytValue *key = pointer;
  double number = 0;

  switch ((CytKind) key->kind)
    {
    case CYT_KIND_BOOL:
    case CYT_KIND_INT:
      number = (double) key->integer;
      return hash_bytes (&number, sizeof number);
    case CYT_KIND_FLOAT:
      number = key->number == 0 ? 0 : key->number; /* −0 equals 0 */
      return hash_bytes (&number, sizeof number);
    case CYT_KIND_STRING:
    case CYT_KIND_BYTES:
      return key->index;
    default:
      return g_direct_hash (key);
    }
}

/* Position of the value under an equal key, or 0 (a value never stands first). */
static guint
find_key (const CytValue *self, const CytValue *key)
{
  if (self->list.by_key != NULL)
    return GPOINTER_TO_UINT (g_hash_table_lookup (self->list.by_key, key));
  for (guint i = 0; i < self->list.n; i += 2)
    if (key_equal (self->list.items[i], key))
      return i + 1;
  return 0;
}

#define LINEAR_KEYS 16 /* dicts up to this size are searched without a table */

gboolean
cyt_value_set (CytValuePool *pool, CytValue *dict, CytValue *key, CytValue *item)
{
  guint at;

  g_assert (dict->kind == CYT_KIND_DICT || dict->kind == CYT_KIND_RECORD);
  at = find_key (dict, key);
  if (at > 0)
    {
      if (count_link (pool)) /* or the same key could be set without end */
        dict->list.items[at] = item;
      return FALSE;
    }
  push (pool, dict, key);
  push (pool, dict, item);
  dict->list.n -= dict->list.n % 2; /* never a key without its value */
  if (pool->full || dict->list.n / 2 <= LINEAR_KEYS)
    return TRUE;
  if (dict->list.by_key == NULL)
    {
      dict->list.by_key = g_hash_table_new (key_hash, key_equal);
      for (guint i = 0; i < dict->list.n; i += 2)
        g_hash_table_insert (dict->list.by_key, dict->list.items[i], GUINT_TO_POINTER (i + 1));
    }
  else
    g_hash_table_insert (dict->list.by_key, key, GUINT_TO_POINTER (dict->list.n - 1));
  return TRUE;
}

CytValueType
cyt_value_get_type_of (const CytValue *self)
{
  return self->kind == CYT_KIND_GLOBAL ? CYT_VALUE_STRING : (CytValueType) self->kind;
}

gboolean
cyt_value_get_bool (const CytValue *self)
{
  g_return_val_if_fail (self->kind == CYT_KIND_BOOL, FALSE);
  return self->integer != 0;
}

gint64
cyt_value_get_int (const CytValue *self)
{
  g_return_val_if_fail (self->kind == CYT_KIND_INT || self->kind == CYT_KIND_BOOL, 0);
  return self->integer;
}

double
cyt_value_get_double (const CytValue *self)
{
  g_return_val_if_fail (self->kind == CYT_KIND_FLOAT || self->kind == CYT_KIND_INT, NAN);
  return self->kind == CYT_KIND_FLOAT ? self->number : (double) self->integer;
}

const char *
cyt_value_get_string (const CytValue *self)
{
  g_return_val_if_fail (cyt_value_get_type_of (self) == CYT_VALUE_STRING, NULL);
  return self->text.data;
}

gconstpointer
cyt_value_get_bytes (const CytValue *self, gsize *n_bytes)
{
  g_return_val_if_fail (self->kind == CYT_KIND_BYTES, NULL);
  if (n_bytes != NULL)
    *n_bytes = self->text.n;
  return self->text.data;
}

gsize
cyt_value_get_tensor (const CytValue *self)
{
  g_return_val_if_fail (self->kind == CYT_KIND_TENSOR, 0);
  return self->index;
}

const char *
cyt_value_get_class_name (const CytValue *self)
{
  g_return_val_if_fail (self->kind == CYT_KIND_RECORD, NULL);
  return self->list.cls->text.data;
}

gsize
cyt_value_get_n_entries (const CytValue *self)
{
  switch ((CytKind) self->kind)
    {
    case CYT_KIND_LIST: return self->list.n;
    case CYT_KIND_DICT:
    case CYT_KIND_RECORD: return self->list.n / 2;
    default: return 0;
    }
}

const CytValue *
cyt_value_get_entry (const CytValue *self, gsize i)
{
  g_return_val_if_fail (i < cyt_value_get_n_entries (self), NULL);
  return self->list.items[self->kind == CYT_KIND_LIST ? i : 2 * i + 1];
}

const CytValue *
cyt_value_get_key (const CytValue *self, gsize i)
{
  g_return_val_if_fail (i < cyt_value_get_n_entries (self), NULL);
  return self->kind == CYT_KIND_LIST ? NULL : self->list.items[2 * i];
}

const CytValue *
cyt_value_lookup (const CytValue *self, const char *key)
{
  CytValue probe = { .kind = CYT_KIND_STRING };
  guint at;

  if (self == NULL || (self->kind != CYT_KIND_DICT && self->kind != CYT_KIND_RECORD))
    return NULL;
  probe.text.data = (char *) key;
  probe.text.n = strlen (key);
  probe.index = hash_bytes (key, probe.text.n);
  at = find_key (self, &probe);
  return at > 0 ? self->list.items[at] : NULL;
}

char *
cyt_value_key_to_text (const CytValue *key)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  switch ((CytKind) key->kind)
    {
    case CYT_KIND_NONE: return g_strdup ("None");
    case CYT_KIND_BOOL: return g_strdup (key->integer ? "True" : "False");
    case CYT_KIND_INT: return g_strdup_printf ("%" G_GINT64_FORMAT, key->integer);
    case CYT_KIND_FLOAT: return g_strdup (g_ascii_dtostr (number, sizeof number, key->number));
    case CYT_KIND_STRING:
    case CYT_KIND_GLOBAL: return g_strndup (key->text.data, key->text.n);
    default: return cyt_value_to_json (key);
    }
}

static void
append_json_string (GString *out, const char *text, gsize n)
{
  g_string_append_c (out, '"');
  for (gsize i = 0; i < n; i++)
    {
      static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
      guchar c = text[i];
      const char *at = c != '\0' ? strchr (from, c) : NULL;

      if (at != NULL)
        g_string_append_printf (out, "\\%c", to[at - from]);
      else if (c < 0x20)
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_c (out, c);
    }
  g_string_append_c (out, '"');
}

static void
append_json_number (GString *out, double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (number))
    g_string_append (out, "\"NaN\"");
  else if (isinf (number))
    g_string_append (out, number > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  else
    {
      /* The shortest text that reads back as the same number. */
      for (int digits = 15; digits <= 17; digits++)
        {
          char format[8];

          g_snprintf (format, sizeof format, "%%.%dg", digits);
          g_ascii_formatd (text, sizeof text, format, number);
          if (g_ascii_strtod (text, NULL) == number)
            break;
        }
      g_string_append (out, text);
      if (strpbrk (text, ".e") == NULL)
        g_string_append (out, ".0");
    }
}

static void
append_json (GString *out, const CytValue *self)
{
  switch ((CytKind) self->kind)
    {
    case CYT_KIND_NONE:
      g_string_append (out, "null");
      break;
    case CYT_KIND_BOOL:
      g_string_append (out, self->integer ? "true" : "false");
      break;
    case CYT_KIND_INT:
      g_string_append_printf (out, "%" G_GINT64_FORMAT, self->integer);
      break;
    case CYT_KIND_FLOAT:
      append_json_number (out, self->number);
      break;
    case CYT_KIND_STRING:
    case CYT_KIND_GLOBAL:
      append_json_string (out, self->text.data, self->text.n);
      break;
    case CYT_KIND_BYTES:
      {
        g_autofree char *base64 = g_base64_encode ((const guchar *) self->text.data, self->text.n);

        g_string_append_printf (out, "{\"base64\":\"%s\"}", base64);
        break;
      }
    case CYT_KIND_TENSOR:
      g_string_append_printf (out, "{\"tensor\":%u}", self->index);
      break;
    case CYT_KIND_LIST:
      g_string_append_c (out, '[');
      for (guint i = 0; i < self->list.n; i++)
        {
          if (i > 0)
            g_string_append_c (out, ',');
          append_json (out, self->list.items[i]);
        }
      g_string_append_c (out, ']');
      break;
    case CYT_KIND_DICT:
    case CYT_KIND_RECORD:
      g_string_append_c (out, '{');
      if (self->kind == CYT_KIND_RECORD)
        {
          g_string_append (out, "\"__class__\":");
          append_json_string (out, self->list.cls->text.data, self->list.cls->text.n);
        }
      for (guint i = 0; i < self->list.n; i += 2)
        {
          g_autofree char *key = cyt_value_key_to_text (self->list.items[i]);

          if (i > 0 || self->kind == CYT_KIND_RECORD)
            g_string_append_c (out, ',');
          append_json_string (out, key, strlen (key));
          g_string_append_c (out, ':');
          append_json (out, self->list.items[i + 1]);
        }
      g_string_append_c (out, '}');
      break;
    case CYT_KIND_BIGINT:
    case CYT_KIND_STORAGE:
      g_assert_not_reached (); /* gone before a reader hands out its values */
    }
}

char *
cyt_value_to_json (const CytValue *self)
{
  GString *out = g_string_new (NULL);

  append_json (out, self);
  return g_string_free (out, FALSE);
}
