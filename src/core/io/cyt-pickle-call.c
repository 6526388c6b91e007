/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-pickle-private.h"

/* The meaning of the calls that pickles of PyTorch contain (torch/_utils.py, torch/_tensor.py), and of those by
 * which Python writes its own containers. */

static CytValue *
refuse_args (CytPickle *self, const CytValue *callable, GError **error)
{
  cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "calls %s with arguments that it does not take",
                        callable->text.data);
  return NULL;
}

/* Argument @i, NULL where there is none, or it is of another kind. */
static CytValue *
get_arg (const CytValue *args, guint i, CytKind kind)
{
  return i < args->list.n && args->list.items[i]->kind == kind ? args->list.items[i] : NULL;
}

CytValue *
cyt_pickle_new_record (CytPickle *self, const CytValue *cls, const CytValue *args)
{
  CytValue *record = cyt_value_new_record (self->pool, cls);

  if (args != NULL && args->list.n > 0)
    cyt_value_set (self->pool, record, cyt_value_new_string (self->pool, "args"), (CytValue *) args);
  return record;
}

/* ---- Tensors ---- */

/* torch.Size is a tuple of integers, and so is what holds sizes and strides. */
gboolean
cyt_pickle_get_sizes (CytPickle *self, const CytValue *list, gint64 *sizes, gsize *n, GError **error)
{
  if (list == NULL || list->kind != CYT_KIND_LIST)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a tensor whose shape is no tuple");
  if (list->list.n > CYT_TENSOR_MAX_DIMS)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                                 "a tensor has %u dimensions, expected at most %d", list->list.n, CYT_TENSOR_MAX_DIMS);
  for (guint i = 0; i < list->list.n; i++)
    {
      if (list->list.items[i]->kind == CYT_KIND_BIGINT)
        return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                                     "a tensor has a size beyond 64 bits");
      if (list->list.items[i]->kind != CYT_KIND_INT)
        return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                     "a tensor has a size that is no integer");
      sizes[i] = list->list.items[i]->integer;
    }
  *n = list->list.n;
  return TRUE;
}

CytValue *
cyt_pickle_new_tensor (CytPickle *self, CytDtype dtype, const CytValue *shape, const gint64 *strides, guint storage,
                       guint64 base, guint64 n_bytes, gint64 offset, GError **error)
{
  g_autofree char *what = g_strdup_printf ("%s at byte %" G_GUINT64_FORMAT ": a tensor", self->what, self->op_at);
  gint64 sizes[CYT_TENSOR_MAX_DIMS];
  CytTensor tensor;
  CytValue *value;
  gsize n;

  if (self->tensors->len >= CYT_CHECKPOINT_MAX_TENSORS)
    {
      cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "more than %u tensors",
                            CYT_CHECKPOINT_MAX_TENSORS);
      return NULL;
    }
  if (!cyt_pickle_get_sizes (self, shape, sizes, &n, error) ||
      !cyt_tensor_init (&tensor, self->checkpoint->file, what, dtype, n, sizes, strides, storage, base, n_bytes, offset,
                        error))
    return NULL;
  value = cyt_value_new (self->pool, CYT_KIND_TENSOR);
  value->index = self->tensors->len;
  g_array_append_val (self->tensors, tensor);
  return value;
}

static const struct
{
  const char *name;    /* torch.NAME */
  const char *storage; /* torch.STORAGEStorage */
  CytDtype dtype;
} torch_dtypes[] = {
  { "float64", "Double", CYT_DTYPE_F64 }, { "float32", "Float", CYT_DTYPE_F32 },
  { "float16", "Half", CYT_DTYPE_F16 },   { "bfloat16", "BFloat16", CYT_DTYPE_BF16 },
  { "int64", "Long", CYT_DTYPE_I64 },     { "int32", "Int", CYT_DTYPE_I32 },
  { "int16", "Short", CYT_DTYPE_I16 },    { "int8", "Char", CYT_DTYPE_I8 },
  { "uint8", "Byte", CYT_DTYPE_U8 },      { "bool", "Bool", CYT_DTYPE_BOOL },
  { "complex64", "ComplexFloat", CYT_DTYPE_C64 },
  { "complex128", "ComplexDouble", CYT_DTYPE_C128 },
  /* Untyped storages count bytes. */
  { "uint8", "Untyped", CYT_DTYPE_U8 },   { "uint8", "_Untyped", CYT_DTYPE_U8 },
  /* Without a class of storage: met in _rebuild_tensor_v3 alone. */
  { "uint16", "", CYT_DTYPE_U16 }, { "uint32", "", CYT_DTYPE_U32 }, { "uint64", "", CYT_DTYPE_U64 },
};

gboolean
cyt_pickle_storage_dtype (CytPickle *self, const CytValue *cls, CytDtype *dtype, GError **error)
{
  const char *name;
  gsize n;

  if (cls->kind != CYT_KIND_GLOBAL || cls->detail != CYT_GLOBAL_STORAGE)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                                 "a storage whose class is not one of torch's");
  name = cls->text.data + cls->index;
  n = strlen (name) - strlen ("Storage");
  for (gsize i = 0; i < G_N_ELEMENTS (torch_dtypes); i++)
    if (strlen (torch_dtypes[i].storage) == n && strncmp (torch_dtypes[i].storage, name, n) == 0)
      {
        *dtype = torch_dtypes[i].dtype;
        return TRUE;
      }
  return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "storages of class %s are not read",
                               cls->text.data);
}

static gboolean
find_dtype (CytPickle *self, const CytValue *name, CytDtype *dtype, GError **error)
{
  if (name == NULL || !g_str_has_prefix (name->text.data, "torch."))
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a tensor without dtype");
  for (gsize i = 0; i < G_N_ELEMENTS (torch_dtypes); i++)
    if (strcmp (name->text.data + strlen ("torch."), torch_dtypes[i].name) == 0)
      {
        *dtype = torch_dtypes[i].dtype;
        return TRUE;
      }
  return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "tensors of dtype %s are not read",
                               name->text.data);
}

/* Conjugated and negated views keep what they view, and a mark that PyTorch heeds when it computes. */
static gboolean
check_metadata (CytPickle *self, const CytValue *metadata, GError **error)
{
  const char *const bits[] = { "conj", "neg" };

  for (gsize i = 0; metadata != NULL && i < G_N_ELEMENTS (bits); i++)
    {
      const CytValue *bit = cyt_value_lookup (metadata, bits[i]);

      if (bit != NULL && (bit->kind != CYT_KIND_BOOL || bit->integer))
        return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED,
                                     "lazily %s tensors are not read", i == 0 ? "conjugated" : "negated");
    }
  return TRUE;
}

/* _rebuild_tensor (storage, offset, size, stride), _v2 (…, requires_grad, hooks, metadata),
 * _v3 (…, requires_grad, hooks, dtype, metadata). */
static CytValue *
rebuild_tensor (CytPickle *self, const CytValue *callable, const CytValue *args, GError **error)
{
  const CytValue *storage = get_arg (args, 0, CYT_KIND_STORAGE), *offset = get_arg (args, 1, CYT_KIND_INT);
  gboolean v3 = callable->detail == CYT_GLOBAL_REBUILD_TENSOR_V3;
  gint64 strides[CYT_TENSOR_MAX_DIMS], sizes[CYT_TENSOR_MAX_DIMS];
  gsize n_strides, n_sizes;
  CytDtype dtype;

  if (get_arg (args, 1, CYT_KIND_BIGINT) != NULL)
    {
      cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_TOO_LARGE, "a tensor has an offset beyond 64 bits");
      return NULL;
    }
  if (storage == NULL || offset == NULL || args->list.n < 4)
    return refuse_args (self, callable, error);
  dtype = storage->storage.dtype;
  if ((v3 && !find_dtype (self, get_arg (args, 6, CYT_KIND_GLOBAL), &dtype, error)) ||
      !check_metadata (self, get_arg (args, v3 ? 7 : 6, CYT_KIND_DICT), error) ||
      !cyt_pickle_get_sizes (self, args->list.items[2], sizes, &n_sizes, error) ||
      !cyt_pickle_get_sizes (self, args->list.items[3], strides, &n_strides, error))
    return NULL;
  if (n_sizes != n_strides)
    {
      cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT, "a tensor has %" G_GSIZE_FORMAT
                            " sizes and %" G_GSIZE_FORMAT " strides", n_sizes, n_strides);
      return NULL;
    }
  return cyt_pickle_new_tensor (self, dtype, args->list.items[2], strides, storage->index, storage->storage.offset,
                                storage->storage.n_bytes, offset->integer, error);
}

/* _rebuild_from_type_v2 (function, type, args, state): a subclass of Tensor, of which we keep the tensor. */
static CytValue *
rebuild_from_type (CytPickle *self, const CytValue *callable, const CytValue *args, GError **error)
{
  const CytValue *function = get_arg (args, 0, CYT_KIND_GLOBAL), *inner = get_arg (args, 2, CYT_KIND_LIST);

  if (function == NULL || inner == NULL)
    return refuse_args (self, callable, error);
  switch ((CytGlobal) function->detail)
    {
    case CYT_GLOBAL_REBUILD_TENSOR:
    case CYT_GLOBAL_REBUILD_TENSOR_V3:
    case CYT_GLOBAL_REBUILD_PARAMETER:
      return cyt_pickle_call (self, function, inner, error);
    default:
      cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "calls %s, which is not read",
                            function->text.data);
      return NULL;
    }
}

/* ---- Python's own ---- */

static CytValue *
new_copy (CytPickle *self, const CytValue *list, gboolean tuple)
{
  CytValue *copy = cyt_value_new (self->pool, CYT_KIND_LIST);

  copy->detail = tuple;
  for (guint i = 0; list != NULL && i < list->list.n; i++)
    cyt_value_append (self->pool, copy, list->list.items[i]);
  return copy;
}

/* dict (), dict (mapping), dict (list of pairs): argument @at. */
static CytValue *
new_dict (CytPickle *self, const CytValue *callable, const CytValue *args, guint at, GError **error)
{
  CytValue *dict = cyt_value_new (self->pool, CYT_KIND_DICT);
  const CytValue *from = at < args->list.n ? args->list.items[at] : NULL;

  if (from == NULL)
    return dict;
  if (from->kind != CYT_KIND_LIST && from->kind != CYT_KIND_DICT)
    return refuse_args (self, callable, error);
  for (guint i = 0; i < from->list.n; i += from->kind == CYT_KIND_DICT ? 2 : 1)
    {
      const CytValue *pair = from->list.items[i];

      if (from->kind == CYT_KIND_DICT)
        cyt_value_set (self->pool, dict, from->list.items[i], from->list.items[i + 1]);
      else if (pair->kind == CYT_KIND_LIST && pair->list.n == 2)
        cyt_value_set (self->pool, dict, pair->list.items[0], pair->list.items[1]);
      else
        return refuse_args (self, callable, error);
    }
  return dict;
}

/* str.encode(): protocols up to 2 write bytes as text, a character each. */
static CytValue *
encode (CytPickle *self, const CytValue *callable, const CytValue *args, GError **error)
{
  const CytValue *text = get_arg (args, 0, CYT_KIND_STRING), *name = get_arg (args, 1, CYT_KIND_STRING);
  g_autoptr (GString) bytes = NULL;

  if (text == NULL || name == NULL)
    return refuse_args (self, callable, error);
  if (g_ascii_strcasecmp (name->text.data, "utf-8") == 0 || g_ascii_strcasecmp (name->text.data, "utf8") == 0)
    return cyt_value_new_text (self->pool, CYT_KIND_BYTES, text->text.data, text->text.n);
  if (strcmp (name->text.data, "latin1") != 0 && strcmp (name->text.data, "latin-1") != 0 &&
      strcmp (name->text.data, "ascii") != 0)
    return refuse_args (self, callable, error);
  bytes = g_string_sized_new (text->text.n);
  for (const char *p = text->text.data; p < text->text.data + text->text.n; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c > 0xff)
        return refuse_args (self, callable, error);
      g_string_append_c (bytes, c);
    }
  return cyt_value_new_text (self->pool, CYT_KIND_BYTES, bytes->str, bytes->len);
}

/* bytes (), bytes (bytes), bytearray (text, encoding), bytes (list of numbers). */
static CytValue *
new_bytes (CytPickle *self, const CytValue *callable, const CytValue *args, GError **error)
{
  const CytValue *bytes = get_arg (args, 0, CYT_KIND_BYTES), *list = get_arg (args, 0, CYT_KIND_LIST);
  g_autoptr (GString) text = NULL;

  if (args->list.n == 0)
    return cyt_value_new_text (self->pool, CYT_KIND_BYTES, "", 0);
  if (bytes != NULL)
    return cyt_value_new_text (self->pool, CYT_KIND_BYTES, bytes->text.data, bytes->text.n);
  if (list == NULL)
    return encode (self, callable, args, error);
  text = g_string_sized_new (list->list.n);
  for (guint i = 0; i < list->list.n; i++)
    {
      const CytValue *number = list->list.items[i];

      if (number->kind != CYT_KIND_INT || number->integer < 0 || number->integer > 255)
        return refuse_args (self, callable, error);
      g_string_append_c (text, number->integer);
    }
  return cyt_value_new_text (self->pool, CYT_KIND_BYTES, text->str, text->len);
}

/* getattr (class, "NAME"): how Python 3.11 writes the members of enumerations. */
static CytValue *
get_attribute (CytPickle *self, const CytValue *callable, const CytValue *args, GError **error)
{
  const CytValue *cls = get_arg (args, 0, CYT_KIND_GLOBAL), *name = get_arg (args, 1, CYT_KIND_STRING);
  g_autofree char *dotted = NULL;

  if (cls == NULL || name == NULL || args->list.n != 2)
    return refuse_args (self, callable, error);
  dotted = g_strdup_printf ("%s.%s", cls->text.data + cls->index, name->text.data);
  return cyt_pickle_find_global (self, cls->text.data, cls->index - 1, dotted, strlen (dotted), error);
}

/* copyreg._reconstructor (class, base, state): objects in protocols 0 and 1. */
static CytValue *
reconstruct (CytPickle *self, const CytValue *callable, const CytValue *args, GError **error)
{
  const CytValue *cls = get_arg (args, 0, CYT_KIND_GLOBAL), *state;
  CytValue *object, *none;

  if (cls == NULL || args->list.n != 3)
    return refuse_args (self, callable, error);
  none = cyt_value_new (self->pool, CYT_KIND_LIST);
  object = cyt_pickle_instantiate (self, cls, none, error);
  state = args->list.items[2];
  if (object == NULL || object->kind != CYT_KIND_RECORD || state->kind == CYT_KIND_NONE)
    return object;
  if (state->kind == CYT_KIND_DICT)
    for (guint i = 0; i < state->list.n; i += 2)
      cyt_value_set (self->pool, object, state->list.items[i], state->list.items[i + 1]);
  else
    {
      cyt_value_append (self->pool, none, args->list.items[2]);
      cyt_value_set (self->pool, object, cyt_value_new_string (self->pool, "args"), none);
    }
  return object;
}

/* pathlib's paths, which are kept as their text. */
static CytValue *
join_path (CytPickle *self, const CytValue *callable, const CytValue *args, GError **error)
{
  const char *separator = strstr (callable->text.data, "Windows") != NULL ? "\\" : "/";
  g_autoptr (GString) path = g_string_new (NULL);

  for (guint i = 0; i < args->list.n; i++)
    {
      const CytValue *part = get_arg (args, i, CYT_KIND_STRING);

      if (part == NULL || path->len + part->text.n > CYT_VALUE_MAX_TEXT)
        return refuse_args (self, callable, error);
      if (path->len > 0 && path->str[path->len - 1] != *separator)
        g_string_append (path, separator);
      g_string_append_len (path, part->text.data, part->text.n);
    }
  return cyt_value_new_text (self->pool, CYT_KIND_STRING, path->str, path->len);
}

static CytValue *
name_device (CytPickle *self, const CytValue *callable, const CytValue *args, GError **error)
{
  const CytValue *type = get_arg (args, 0, CYT_KIND_STRING), *index = get_arg (args, 1, CYT_KIND_INT);
  g_autofree char *text = NULL;

  if (type == NULL)
    return refuse_args (self, callable, error);
  text = index != NULL ? g_strdup_printf ("%s:%" G_GINT64_FORMAT, type->text.data, index->integer)
                       : g_strdup (type->text.data);
  return cyt_value_new_string (self->pool, text);
}

/* ---- Dispatch ---- */

/* Whether a global looks like a class: its own name begins with a capital. */
static gboolean
is_class (const CytValue *global)
{
  const char *name = strrchr (global->text.data, '.') + 1;

  while (*name == '_')
    name++;
  return g_unichar_isupper (g_utf8_get_char (name));
}

CytValue *
cyt_pickle_call (CytPickle *self, const CytValue *callable, const CytValue *args, GError **error)
{
  switch ((CytGlobal) callable->detail)
    {
    case CYT_GLOBAL_REBUILD_TENSOR:
    case CYT_GLOBAL_REBUILD_TENSOR_V3:
      return rebuild_tensor (self, callable, args, error);
    case CYT_GLOBAL_REBUILD_PARAMETER:
      if (args->list.n == 0)
        return refuse_args (self, callable, error);
      return args->list.items[0];
    case CYT_GLOBAL_REBUILD_FROM_TYPE:
      return rebuild_from_type (self, callable, args, error);
    case CYT_GLOBAL_SIZE:
    case CYT_GLOBAL_LIST:
    case CYT_GLOBAL_TUPLE:
      if (args->list.n > 0 && args->list.items[0]->kind != CYT_KIND_LIST)
        return refuse_args (self, callable, error);
      return new_copy (self, args->list.n > 0 ? args->list.items[0] : NULL, callable->detail != CYT_GLOBAL_LIST);
    case CYT_GLOBAL_DEVICE:
      return name_device (self, callable, args, error);
    case CYT_GLOBAL_DICT:
    case CYT_GLOBAL_DEFAULTDICT:
      return new_dict (self, callable, args, callable->detail == CYT_GLOBAL_DEFAULTDICT, error);
    case CYT_GLOBAL_BYTES:
      return new_bytes (self, callable, args, error);
    case CYT_GLOBAL_ENCODE:
      return encode (self, callable, args, error);
    case CYT_GLOBAL_GETATTR:
      return get_attribute (self, callable, args, error);
    case CYT_GLOBAL_RECONSTRUCTOR:
      return reconstruct (self, callable, args, error);
    case CYT_GLOBAL_PATH:
      return join_path (self, callable, args, error);
    case CYT_GLOBAL_NUMPY_SCALAR:
      return cyt_pickle_numpy_scalar (self, callable, args, error);
    case CYT_GLOBAL_NUMPY_RECONSTRUCT:
      if (get_arg (args, 0, CYT_KIND_GLOBAL) == NULL)
        return refuse_args (self, callable, error);
      return cyt_pickle_new_record (self, args->list.items[0], NULL);
    case CYT_GLOBAL_NUMPY_FROMBUFFER:
      return cyt_pickle_numpy_frombuffer (self, callable, args, error);
    case CYT_GLOBAL_RECORD:
      return cyt_pickle_new_record (self, callable, args);
    case CYT_GLOBAL_UNKNOWN:
      /* Enumerations and classes with a __reduce__ of their own are written as a call of the class. */
      if (is_class (callable))
        return cyt_pickle_new_record (self, callable, args);
      break;
    case CYT_GLOBAL_NAMED:
    case CYT_GLOBAL_STORAGE:
      break;
    }
  cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "calls %s, which is not read; it was not run",
                        callable->text.data);
  return NULL;
}

CytValue *
cyt_pickle_instantiate (CytPickle *self, const CytValue *cls, const CytValue *args, GError **error)
{
  if (cls->detail == CYT_GLOBAL_UNKNOWN)
    return cyt_pickle_new_record (self, cls, args);
  return cyt_pickle_call (self, cls, args, error);
}

gboolean
cyt_pickle_build (CytPickle *self, CytValue *object, CytValue *state, GError **error)
{
  if (object->kind == CYT_KIND_GLOBAL)
    return cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "changes the class %s",
                                 object->text.data);
  /* Attributes of what is kept as plain data, such as the _metadata of a state dict, are dropped. */
  if (object->kind != CYT_KIND_RECORD || state->kind == CYT_KIND_NONE)
    return TRUE;
  if (cyt_pickle_is_numpy_array (object))
    return cyt_pickle_numpy_build (self, object, state, error);
  if (state->kind == CYT_KIND_LIST && state->list.n == 2 &&
      (state->list.items[0]->kind == CYT_KIND_DICT || state->list.items[0]->kind == CYT_KIND_NONE) &&
      state->list.items[1]->kind == CYT_KIND_DICT)
    {
      /* Objects with __slots__: (attributes or None, slots). */
      return cyt_pickle_build (self, object, state->list.items[0], error) &&
             cyt_pickle_build (self, object, state->list.items[1], error);
    }
  if (state->kind != CYT_KIND_DICT)
    {
      cyt_value_set (self->pool, object, cyt_value_new_string (self->pool, "state"), state);
      return TRUE;
    }
  for (guint i = 0; i < state->list.n; i += 2)
    cyt_value_set (self->pool, object, state->list.items[i], state->list.items[i + 1]);
  return TRUE;
}
