/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "io/cyt-pickle-private.h"

enum
{
  OP_MARK = '(', OP_STOP = '.', OP_POP = '0', OP_POP_MARK = '1', OP_DUP = '2', OP_FLOAT = 'F', OP_INT = 'I',
  OP_BININT = 'J', OP_BININT1 = 'K', OP_LONG = 'L', OP_BININT2 = 'M', OP_NONE = 'N', OP_PERSID = 'P',
  OP_BINPERSID = 'Q', OP_REDUCE = 'R', OP_STRING = 'S', OP_BINSTRING = 'T', OP_SHORT_BINSTRING = 'U',
  OP_UNICODE = 'V', OP_BINUNICODE = 'X', OP_APPEND = 'a', OP_BUILD = 'b', OP_GLOBAL = 'c', OP_DICT = 'd',
  OP_EMPTY_DICT = '}', OP_APPENDS = 'e', OP_GET = 'g', OP_BINGET = 'h', OP_INST = 'i', OP_LONG_BINGET = 'j',
  OP_LIST = 'l', OP_EMPTY_LIST = ']', OP_OBJ = 'o', OP_PUT = 'p', OP_BINPUT = 'q', OP_LONG_BINPUT = 'r',
  OP_SETITEM = 's', OP_TUPLE = 't', OP_EMPTY_TUPLE = ')', OP_SETITEMS = 'u', OP_BINFLOAT = 'G',
  OP_PROTO = 0x80, OP_NEWOBJ, OP_EXT1, OP_EXT2, OP_EXT4, OP_TUPLE1, OP_TUPLE2, OP_TUPLE3, OP_NEWTRUE,
  OP_NEWFALSE, OP_LONG1, OP_LONG4, OP_BINBYTES = 'B', OP_SHORT_BINBYTES = 'C', OP_SHORT_BINUNICODE = 0x8c,
  OP_BINUNICODE8, OP_BINBYTES8, OP_EMPTY_SET, OP_ADDITEMS, OP_FROZENSET, OP_NEWOBJ_EX, OP_STACK_GLOBAL,
  OP_MEMOIZE, OP_FRAME, OP_BYTEARRAY8, OP_NEXT_BUFFER, OP_READONLY_BUFFER,
};

#define MAX_LINE ((gsize) 1 << 20) /* of the text opcodes of protocol 0 */

CytPickle *
cyt_pickle_new (CytCheckpoint *checkpoint, CytPersistentLoad load, gpointer user_data)
{
  CytPickle *self = g_new0 (CytPickle, 1);

  self->checkpoint = checkpoint;
  self->pool = checkpoint->pool;
  self->load = load;
  self->load_data = user_data;
  self->stack = g_ptr_array_new ();
  self->marks = g_array_new (FALSE, FALSE, sizeof (guint));
  self->memo = g_ptr_array_new ();
  self->tensors = g_array_new (FALSE, FALSE, sizeof (CytTensor));
  return self;
}

void
cyt_pickle_free (CytPickle *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->stack);
  g_array_unref (self->marks);
  g_ptr_array_unref (self->memo);
  g_array_unref (self->tensors);
  g_free (self);
}

CytCheckpoint *
cyt_pickle_get_checkpoint (CytPickle *self)
{
  return self->checkpoint;
}

gboolean
cyt_pickle_set_error (CytPickle *self, GError **error, CytCheckpointError code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  if (self->what == NULL)
    return cyt_file_set_error (self->checkpoint->file, error, code, "%s", message);
  return cyt_file_set_error (self->checkpoint->file, error, code, "%s at byte %" G_GUINT64_FORMAT ": %s", self->what,
                             self->op_at, message);
}

/* ---- Stack and memo ---- */

static gboolean
push (CytPickle *self, CytValue *value, GError **error)
{
  if (value == NULL)
    return FALSE; /* the error is set */
  if (self->stack->len >= CYT_PICKLE_MAX_STACK)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "more than %u values on the stack",
                                 CYT_PICKLE_MAX_STACK);
  g_ptr_array_add (self->stack, value);
  return TRUE;
}

/* Height below which an operation may not take values: what stands under a MARK is not its own. */
static guint
get_fence (CytPickle *self)
{
  return self->marks->len > 0 ? g_array_index (self->marks, guint, self->marks->len - 1) : 0;
}

/* The value @depth below the top, 0 the top itself. */
static CytValue *
peek (CytPickle *self, guint depth, GError **error)
{
  if (self->stack->len - get_fence (self) <= depth)
    {
      cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "takes a value from an empty stack");
      return NULL;
    }
  return g_ptr_array_index (self->stack, self->stack->len - 1 - depth);
}

static CytValue *
pop (CytPickle *self, GError **error)
{
  CytValue *value = peek (self, 0, error);

  if (value != NULL)
    g_ptr_array_set_size (self->stack, self->stack->len - 1);
  return value;
}

/* Takes the last MARK away: values from @from to the top were pushed since. */
static gboolean
pop_mark (CytPickle *self, guint *from, GError **error)
{
  *from = 0;
  if (self->marks->len == 0)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "no MARK to go back to");
  *from = get_fence (self);
  g_array_set_size (self->marks, self->marks->len - 1);
  return TRUE;
}

static CytValue *
new_list (CytPickle *self, guint from, gboolean tuple)
{
  CytValue *list = cyt_value_new (self->pool, CYT_KIND_LIST);

  list->detail = tuple;
  for (guint i = from; i < self->stack->len; i++)
    cyt_value_append (self->pool, list, g_ptr_array_index (self->stack, i));
  g_ptr_array_set_size (self->stack, from);
  return list;
}

static gboolean
memo_put (CytPickle *self, guint64 at, GError **error)
{
  CytValue *top = peek (self, 0, error);

  if (top == NULL)
    return FALSE;
  if (at >= CYT_PICKLE_MAX_MEMO)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                                 "memo number %" G_GUINT64_FORMAT ", expected less than %u", at, CYT_PICKLE_MAX_MEMO);
  if (at >= self->memo->len)
    g_ptr_array_set_size (self->memo, at + 1);
  if (g_ptr_array_index (self->memo, at) == NULL)
    self->n_memo++;
  g_ptr_array_index (self->memo, at) = top;
  return TRUE;
}

static gboolean
memo_get (CytPickle *self, guint64 at, GError **error)
{
  if (at >= self->memo->len || g_ptr_array_index (self->memo, at) == NULL)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "memo %" G_GUINT64_FORMAT
                                 " was never set", at);
  return push (self, g_ptr_array_index (self->memo, at), error);
}

/* ---- Literals ---- */

static CytValue *
new_unicode (CytPickle *self, gconstpointer text, gsize n, GError **error)
{
  /* g_utf8_validate() stops at a NUL, which Python's strings may hold. */
  for (const char *p = text, *end = p + n; p < end; p++)
    if (!g_utf8_validate (p, end - p, &p) && (p >= end || *p != '\0'))
      {
        cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a string that is not UTF-8");
        return NULL;
      }
  return cyt_value_new_text (self->pool, CYT_KIND_STRING, text, n);
}

/* Python 2's str: text as far as it can be read as such. */
static CytValue *
new_old_string (CytPickle *self, gconstpointer text, gsize n)
{
  gboolean is_text = memchr (text, '\0', n) == NULL && g_utf8_validate (text, n, NULL);

  return cyt_value_new_text (self->pool, is_text ? CYT_KIND_STRING : CYT_KIND_BYTES, text, n);
}

/* The rest of an opcode whose text is preceded by its length in @size bytes. */
static gboolean
push_counted (CytPickle *self, guint size, CytKind kind, gboolean old, GError **error)
{
  const guint8 *bytes;
  guint64 n;

  if (!cyt_cursor_take_uint (self->cursor, size, &n, error) ||
      (bytes = cyt_cursor_take (self->cursor, n, error)) == NULL)
    return FALSE;
  if (old)
    return push (self, new_old_string (self, bytes, n), error);
  return push (self, kind == CYT_KIND_STRING ? new_unicode (self, bytes, n, error)
                                             : cyt_value_new_text (self->pool, kind, bytes, n), error);
}

static gboolean
push_long (CytPickle *self, guint size, GError **error)
{
  const guint8 *bytes;
  guint64 n, value = 0;

  if (!cyt_cursor_take_uint (self->cursor, size, &n, error) ||
      (bytes = cyt_cursor_take (self->cursor, n, error)) == NULL)
    return FALSE;
  if (n > 8)
    return push (self, cyt_value_new_text (self->pool, CYT_KIND_BIGINT, bytes, n), error);
  if (n > 0 && (bytes[n - 1] & 0x80))
    value = G_MAXUINT64;
  for (guint i = 0; i < n; i++)
    value = (value & ~((guint64) 0xff << (8 * i))) | (guint64) bytes[i] << (8 * i);
  return push (self, cyt_value_new_int (self->pool, (gint64) value), error);
}

static char *
take_line (CytPickle *self, gsize *n, GError **error)
{
  const guint8 *line = cyt_cursor_take_line (self->cursor, MAX_LINE, n, error);

  return line != NULL ? g_strndup ((const char *) line, *n) : NULL;
}

/* INT and LONG: decimal digits; INT also writes the booleans, as 00 and 01. */
static gboolean
push_decimal (CytPickle *self, gboolean is_long, GError **error)
{
  gsize n;
  g_autofree char *line = take_line (self, &n, error);
  char *end;
  gint64 value;

  if (line == NULL)
    return FALSE;
  if (!is_long && (strcmp (line, "00") == 0 || strcmp (line, "01") == 0))
    return push (self, cyt_value_new_bool (self->pool, line[1] == '1'), error);
  errno = 0;
  value = g_ascii_strtoll (line, &end, 10);
  if (end == line || strlen (line) != n || strcmp (end, is_long ? "L" : "") != 0)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "'%.40s' is not an integer", line);
  if (errno == ERANGE)
    {
      CytValue *big = cyt_value_new_text (self->pool, CYT_KIND_BIGINT, line, end - line);

      big->detail = 1;
      return push (self, big, error);
    }
  return push (self, cyt_value_new_int (self->pool, value), error);
}

static gboolean
push_float_text (CytPickle *self, GError **error)
{
  gsize n;
  g_autofree char *line = take_line (self, &n, error);
  double value;
  char *end;

  if (line == NULL)
    return FALSE;
  value = g_ascii_strtod (line, &end);
  if (end == line || *end != '\0' || strlen (line) != n)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "'%.40s' is not a number", line);
  return push (self, cyt_value_new_float (self->pool, value), error);
}

static gboolean
push_binfloat (CytPickle *self, GError **error)
{
  const guint8 *bytes = cyt_cursor_take (self->cursor, 8, error);
  guint64 bits = 0;
  double value;

  if (bytes == NULL)
    return FALSE;
  for (int i = 0; i < 8; i++) /* the one big-endian number of pickles */
    bits = bits << 8 | bytes[i];
  memcpy (&value, &bits, sizeof value);
  return push (self, cyt_value_new_float (self->pool, value), error);
}

/* STRING: Python 2's repr(), with its escapes. */
static gboolean
push_repr (CytPickle *self, GError **error)
{
  gsize n;
  g_autofree char *line = take_line (self, &n, error);
  g_autoptr (GString) text = g_string_new (NULL);

  if (line == NULL)
    return FALSE;
  if (n < 2 || (line[0] != '\'' && line[0] != '"') || line[n - 1] != line[0])
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a string without its quotes");
  for (gsize i = 1; i < n - 1; i++)
    {
      static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
      const char *at;
      guint code = 0, n_digits = 0;

      if (line[i] != '\\')
        {
          g_string_append_c (text, line[i]);
          continue;
        }
      if (++i == n - 1)
        return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a string that ends in an escape");
      if (line[i] != '\0' && (at = strchr (from, line[i])) != NULL)
        g_string_append_c (text, to[at - from]);
      else if (line[i] == 'x' && g_ascii_isxdigit (line[i + 1]) && g_ascii_isxdigit (line[i + 2]))
        {
          g_string_append_c (text, g_ascii_xdigit_value (line[i + 1]) * 16 + g_ascii_xdigit_value (line[i + 2]));
          i += 2;
        }
      else if (line[i] >= '0' && line[i] <= '7')
        {
          for (; n_digits < 3 && line[i + n_digits] >= '0' && line[i + n_digits] <= '7'; n_digits++)
            code = code * 8 + (line[i + n_digits] - '0');
          g_string_append_c (text, code & 0xff);
          i += n_digits - 1;
        }
      else
        return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a string with an unknown escape");
    }
  return push (self, new_old_string (self, text->str, text->len), error);
}

/* UNICODE: "raw-unicode-escape", that is Latin-1 with \uXXXX and \UXXXXXXXX. */
static gboolean
push_raw_unicode (CytPickle *self, GError **error)
{
  gsize n;
  g_autofree char *line = take_line (self, &n, error);
  g_autoptr (GString) text = g_string_new (NULL);

  if (line == NULL)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    {
      gunichar c = (guchar) line[i];
      guint n_digits = 0, wanted = line[i] == '\\' ? (line[i + 1] == 'u' ? 4 : line[i + 1] == 'U' ? 8 : 0) : 0;

      if (wanted > 0)
        {
          guint64 code = 0;

          /* The NUL behind the line ends the digits at the latest. */
          for (; n_digits < wanted && g_ascii_isxdigit (line[i + 2 + n_digits]); n_digits++)
            code = code * 16 + g_ascii_xdigit_value (line[i + 2 + n_digits]);
          if (n_digits < wanted || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
            return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a string with a broken escape");
          c = code;
          i += 1 + wanted;
        }
      if (c == 0)
        g_string_append_c (text, '\0');
      else
        g_string_append_unichar (text, c);
    }
  return push (self, cyt_value_new_text (self->pool, CYT_KIND_STRING, text->str, text->len), error);
}

/* ---- Containers ---- */

static gboolean
set_item (CytPickle *self, CytValue *dict, CytValue *key, CytValue *item, GError **error)
{
  if (cyt_value_set (self->pool, dict, key, item) || dict->kind == CYT_KIND_RECORD)
    return TRUE;
  /* No pickle that was made of a dict says a key twice. (Keys may still be anything, circles too: only texts
   * are shown.) */
  return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a dict has two entries '%s'",
                               key->kind == CYT_KIND_STRING ? key->text.data : "…");
}

/* Pairs from @from to the top of the stack into a dict, or a record of a class that is a dict. */
static gboolean
set_items (CytPickle *self, CytValue *dict, guint from, GError **error)
{
  guint n = self->stack->len - from;

  if (dict->kind != CYT_KIND_DICT && dict->kind != CYT_KIND_RECORD)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "puts items into what is no dict");
  if (n % 2 != 0)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a key without its value");
  for (guint i = from; i < self->stack->len; i += 2)
    if (!set_item (self, dict, g_ptr_array_index (self->stack, i), g_ptr_array_index (self->stack, i + 1), error))
      return FALSE;
  g_ptr_array_set_size (self->stack, from);
  return TRUE;
}

/* Values from @from to the top of the stack into a list or set, or a record of a class that is one. */
static gboolean
append_items (CytPickle *self, CytValue *list, guint from, GError **error)
{
  for (guint i = from; i < self->stack->len; i++)
    {
      CytValue *item = g_ptr_array_index (self->stack, i);

      if (list->kind == CYT_KIND_LIST && !list->detail)
        cyt_value_append (self->pool, list, item);
      else if (list->kind == CYT_KIND_RECORD)
        cyt_value_set (self->pool, list, cyt_value_new_int (self->pool, list->list.n / 2), item);
      else
        return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "appends to what is no list");
    }
  g_ptr_array_set_size (self->stack, from);
  return TRUE;
}

/* An operation on the object that stands right below the last MARK. */
static gboolean
with_marked (CytPickle *self, gboolean (*operate) (CytPickle *, CytValue *, guint, GError **), GError **error)
{
  guint from;

  if (!pop_mark (self, &from, error))
    return FALSE;
  if (from <= get_fence (self))
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "takes a value from an empty stack");
  return operate (self, g_ptr_array_index (self->stack, from - 1), from, error);
}

/* ---- Classes and calls ---- */

static gboolean
push_global_lines (CytPickle *self, gboolean instantiate, GError **error)
{
  gsize n_module, n_name;
  g_autofree char *module = take_line (self, &n_module, error);
  g_autofree char *name = module != NULL ? take_line (self, &n_name, error) : NULL;
  CytValue *global;
  guint from;

  if (name == NULL)
    return FALSE;
  global = cyt_pickle_find_global (self, module, n_module, name, n_name, error);
  if (!instantiate || global == NULL)
    return push (self, global, error);
  if (!pop_mark (self, &from, error))
    return FALSE;
  return push (self, cyt_pickle_instantiate (self, global, new_list (self, from, TRUE), error), error);
}

static gboolean
push_stack_global (CytPickle *self, GError **error)
{
  CytValue *name = pop (self, error), *module = name != NULL ? pop (self, error) : NULL;

  if (module == NULL)
    return FALSE;
  if (name->kind != CYT_KIND_STRING || module->kind != CYT_KIND_STRING)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a class whose name is no string");
  return push (self, cyt_pickle_find_global (self, module->text.data, module->text.n, name->text.data, name->text.n,
                                             error), error);
}

static gboolean
run_call (CytPickle *self, guint8 op, GError **error)
{
  CytValue *keywords = op == OP_NEWOBJ_EX ? pop (self, error) : NULL, *args, *callable, *result;

  if ((op == OP_NEWOBJ_EX && keywords == NULL) || (args = pop (self, error)) == NULL ||
      (callable = pop (self, error)) == NULL)
    return FALSE;
  if (args->kind != CYT_KIND_LIST || !args->detail)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "calls with what is no tuple");
  if (callable->kind != CYT_KIND_GLOBAL)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "calls what is no class");
  result = op == OP_REDUCE ? cyt_pickle_call (self, callable, args, error)
                           : cyt_pickle_instantiate (self, callable, args, error);
  if (result != NULL && result->kind == CYT_KIND_RECORD && keywords != NULL && keywords->kind == CYT_KIND_DICT)
    for (guint i = 0; i < keywords->list.n; i += 2)
      cyt_value_set (self->pool, result, keywords->list.items[i], keywords->list.items[i + 1]);
  return push (self, result, error);
}

static gboolean
run_obj (CytPickle *self, GError **error)
{
  CytValue *cls, *args;
  guint from;

  if (!pop_mark (self, &from, error))
    return FALSE;
  if (from == self->stack->len)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "takes a value from an empty stack");
  cls = g_ptr_array_index (self->stack, from);
  args = new_list (self, from + 1, TRUE);
  g_ptr_array_set_size (self->stack, from);
  if (cls->kind != CYT_KIND_GLOBAL)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "calls what is no class");
  return push (self, cyt_pickle_instantiate (self, cls, args, error), error);
}

static gboolean
run_persistent (CytPickle *self, CytValue *id, GError **error)
{
  if (id == NULL)
    return FALSE;
  if (self->load == NULL)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a persistent id where none may be");
  return push (self, self->load (self, id, self->load_data, error), error);
}

static gboolean
run_opcode (CytPickle *self, guint8 op, GError **error)
{
  CytCursor *cursor = self->cursor;
  CytValue *value;
  guint64 n;
  guint from;

  switch (op)
    {
    case OP_PROTO:
      if (!cyt_cursor_take_uint (cursor, 1, &n, error))
        return FALSE;
      return n <= 5 || cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                                             "pickle protocol %u, expected at most 5", (guint) n);
    case OP_FRAME:
      return cyt_cursor_take (cursor, 8, error) != NULL; /* frames only help readers to read ahead */

    case OP_MARK:
      if (self->marks->len >= CYT_PICKLE_MAX_MARKS)
        return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "nested more than %d deep",
                                     CYT_PICKLE_MAX_MARKS);
      g_array_append_val (self->marks, self->stack->len);
      return TRUE;
    case OP_POP:
      if (self->marks->len > 0 && self->stack->len == get_fence (self))
        return pop_mark (self, &from, error);
      return pop (self, error) != NULL;
    case OP_POP_MARK:
      if (!pop_mark (self, &from, error))
        return FALSE;
      g_ptr_array_set_size (self->stack, from);
      return TRUE;
    case OP_DUP:
      return push (self, peek (self, 0, error), error);

    case OP_PUT:
    case OP_GET:
      {
        gsize length;
        g_autofree char *line = take_line (self, &length, error);

        if (line == NULL)
          return FALSE;
        if (!g_ascii_string_to_unsigned (line, 10, 0, G_MAXUINT32, &n, NULL))
          return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "'%.40s' is no memo number", line);
        return op == OP_PUT ? memo_put (self, n, error) : memo_get (self, n, error);
      }
    case OP_BINPUT:
    case OP_LONG_BINPUT:
      return cyt_cursor_take_uint (cursor, op == OP_BINPUT ? 1 : 4, &n, error) && memo_put (self, n, error);
    case OP_BINGET:
    case OP_LONG_BINGET:
      return cyt_cursor_take_uint (cursor, op == OP_BINGET ? 1 : 4, &n, error) && memo_get (self, n, error);
    case OP_MEMOIZE:
      return memo_put (self, self->n_memo, error);

    case OP_NONE:
      return push (self, cyt_value_new (self->pool, CYT_KIND_NONE), error);
    case OP_NEWTRUE:
    case OP_NEWFALSE:
      return push (self, cyt_value_new_bool (self->pool, op == OP_NEWTRUE), error);
    case OP_INT:
    case OP_LONG:
      return push_decimal (self, op == OP_LONG, error);
    case OP_BININT:
      return cyt_cursor_take_uint (cursor, 4, &n, error) &&
             push (self, cyt_value_new_int (self->pool, (gint32) (guint32) n), error);
    case OP_BININT1:
    case OP_BININT2:
      return cyt_cursor_take_uint (cursor, op == OP_BININT1 ? 1 : 2, &n, error) &&
             push (self, cyt_value_new_int (self->pool, n), error);
    case OP_LONG1:
    case OP_LONG4:
      return push_long (self, op == OP_LONG1 ? 1 : 4, error);
    case OP_FLOAT:
      return push_float_text (self, error);
    case OP_BINFLOAT:
      return push_binfloat (self, error);

    case OP_STRING:
      return push_repr (self, error);
    case OP_BINSTRING:
    case OP_SHORT_BINSTRING:
      return push_counted (self, op == OP_BINSTRING ? 4 : 1, CYT_KIND_STRING, TRUE, error);
    case OP_UNICODE:
      return push_raw_unicode (self, error);
    case OP_SHORT_BINUNICODE:
    case OP_BINUNICODE:
    case OP_BINUNICODE8:
      return push_counted (self, op == OP_BINUNICODE8 ? 8 : op == OP_BINUNICODE ? 4 : 1, CYT_KIND_STRING, FALSE,
                           error);
    case OP_SHORT_BINBYTES:
    case OP_BINBYTES:
    case OP_BINBYTES8:
    case OP_BYTEARRAY8:
      return push_counted (self, op == OP_SHORT_BINBYTES ? 1 : op == OP_BINBYTES ? 4 : 8, CYT_KIND_BYTES, FALSE,
                           error);

    case OP_EMPTY_TUPLE:
      return push (self, new_list (self, self->stack->len, TRUE), error);
    case OP_TUPLE1:
    case OP_TUPLE2:
    case OP_TUPLE3:
      n = op - OP_TUPLE1 + 1;
      if (peek (self, n - 1, error) == NULL)
        return FALSE;
      return push (self, new_list (self, self->stack->len - n, TRUE), error);
    case OP_TUPLE:
    case OP_LIST:
    case OP_FROZENSET:
      return pop_mark (self, &from, error) && push (self, new_list (self, from, op != OP_LIST), error);
    case OP_EMPTY_LIST:
    case OP_EMPTY_SET:
      return push (self, new_list (self, self->stack->len, FALSE), error);
    case OP_APPEND:
      value = peek (self, 1, error);
      return value != NULL && append_items (self, value, self->stack->len - 1, error);
    case OP_APPENDS:
    case OP_ADDITEMS:
      return with_marked (self, append_items, error);
    case OP_EMPTY_DICT:
      return push (self, cyt_value_new (self->pool, CYT_KIND_DICT), error);
    case OP_DICT:
      value = cyt_value_new (self->pool, CYT_KIND_DICT);
      return pop_mark (self, &from, error) && set_items (self, value, from, error) && push (self, value, error);
    case OP_SETITEM:
      value = peek (self, 2, error);
      return value != NULL && set_items (self, value, self->stack->len - 2, error);
    case OP_SETITEMS:
      return with_marked (self, set_items, error);

    case OP_GLOBAL:
    case OP_INST:
      return push_global_lines (self, op == OP_INST, error);
    case OP_STACK_GLOBAL:
      return push_stack_global (self, error);
    case OP_REDUCE:
    case OP_NEWOBJ:
    case OP_NEWOBJ_EX:
      return run_call (self, op, error);
    case OP_OBJ:
      return run_obj (self, error);
    case OP_BUILD:
      value = pop (self, error);
      return value != NULL && peek (self, 0, error) != NULL &&
             cyt_pickle_build (self, peek (self, 0, NULL), value, error);
    case OP_PERSID:
      {
        gsize length;
        g_autofree char *line = take_line (self, &length, error);

        return line != NULL && run_persistent (self, new_old_string (self, line, length), error);
      }
    case OP_BINPERSID:
      return run_persistent (self, pop (self, error), error);

    case OP_EXT1:
    case OP_EXT2:
    case OP_EXT4:
      return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                                   "refers to Python's registry of extensions (EXT), which is not read");
    case OP_NEXT_BUFFER:
    case OP_READONLY_BUFFER:
      return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                                   "refers to a buffer outside of the pickle (NEXT_BUFFER), which is not read");
    default:
      return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "unknown opcode 0x%02x", op);
    }
}

CytValue *
cyt_pickle_run (CytPickle *self, CytCursor *cursor, GError **error)
{
  guint64 begin = cyt_cursor_tell (cursor), op = 0;
  CytValue *value = NULL;

  self->cursor = cursor;
  self->what = cursor->what;
  g_ptr_array_set_size (self->stack, 0);
  g_array_set_size (self->marks, 0);
  g_ptr_array_set_size (self->memo, 0);
  self->n_memo = 0;
  for (;;)
    {
      self->op_at = cyt_cursor_tell (cursor);
      if (self->op_at - begin > CYT_PICKLE_MAX_BYTES)
        {
          cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "the pickle is longer than %"
                                G_GUINT64_FORMAT " bytes", CYT_PICKLE_MAX_BYTES);
          break;
        }
      if (!cyt_cursor_take_uint (cursor, 1, &op, error))
        break;
      if (op == OP_STOP)
        {
          value = pop (self, error);
          break;
        }
      if (!run_opcode (self, op, error))
        break;
      if (!cyt_value_pool_is_sound (self->pool))
        {
          cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                                "more than %u values, %u entries or %" G_GSIZE_FORMAT " bytes of text",
                                CYT_VALUE_MAX_VALUES, CYT_VALUE_MAX_LINKS, CYT_VALUE_MAX_TEXT);
          break;
        }
    }
  self->what = NULL;
  return value;
}
