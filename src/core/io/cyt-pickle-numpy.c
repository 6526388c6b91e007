/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-npy-private.h"
#include "io/cyt-pickle-private.h"

/* NumPy's scalars become numbers, its arrays tensors; of dtypes that are not read (texts, dates, objects) the
 * records stay. A dtype is numpy.dtype ("f4", …) with the state (version, byte order, …). */

static gboolean
is_record_of (const CytValue *value, const char *cls)
{
  return value != NULL && value->kind == CYT_KIND_RECORD && strcmp (value->list.cls->text.data, cls) == 0;
}

gboolean
cyt_pickle_is_numpy_array (const CytValue *value)
{
  return is_record_of (value, "numpy.ndarray");
}

static gboolean
get_dtype (const CytValue *value, CytDtype *dtype, gboolean *big_endian)
{
  const CytValue *args, *state;
  gboolean ignored;

  if (!is_record_of (value, "numpy.dtype"))
    return FALSE;
  args = cyt_value_lookup (value, "args");
  state = cyt_value_lookup (value, "state");
  if (args == NULL || args->kind != CYT_KIND_LIST || args->list.n == 0 ||
      args->list.items[0]->kind != CYT_KIND_STRING ||
      !cyt_numpy_parse_dtype (args->list.items[0]->text.data, dtype, &ignored))
    return FALSE;
  *big_endian = state != NULL && state->kind == CYT_KIND_LIST && state->list.n > 1 &&
                state->list.items[1]->kind == CYT_KIND_STRING && state->list.items[1]->text.data[0] == '>';
  return TRUE;
}

/* A BYTES, or the text that Python 2 wrote them as. */
static gboolean
is_raw (const CytValue *value)
{
  return value->kind == CYT_KIND_BYTES || value->kind == CYT_KIND_STRING;
}

CytValue *
cyt_pickle_numpy_scalar (CytPickle *self, const CytValue *callable, const CytValue *args, GError **error)
{
  guint8 bytes[16] = { 0 };
  gboolean big_endian;
  CytDtype dtype;
  gsize size;

  if (args->list.n != 2 || !get_dtype (args->list.items[0], &dtype, &big_endian) || !cyt_dtype_is_real (dtype) ||
      !is_raw (args->list.items[1]))
    return cyt_pickle_new_record (self, callable, args);
  size = cyt_dtype_get_size (dtype);
  if (args->list.items[1]->text.n != size)
    {
      cyt_pickle_set_error (self, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                            "a NumPy scalar of %" G_GSIZE_FORMAT " bytes, expected %" G_GSIZE_FORMAT,
                            args->list.items[1]->text.n, size);
      return NULL;
    }
  for (gsize i = 0; i < size; i++)
    bytes[big_endian ? size - 1 - i : i] = args->list.items[1]->text.data[i];
  switch (dtype)
    {
    case CYT_DTYPE_F64:
      {
        double number;

        memcpy (&number, bytes, sizeof number);
        return cyt_value_new_float (self->pool, number);
      }
    case CYT_DTYPE_F32:
    case CYT_DTYPE_F16:
      {
        float number;

        cyt_dtype_convert_to_f32 (&number, bytes, dtype, 1);
        return cyt_value_new_float (self->pool, number);
      }
    case CYT_DTYPE_BOOL:
      return cyt_value_new_bool (self->pool, bytes[0] != 0);
    default:
      {
        gboolean is_signed = dtype == CYT_DTYPE_I64 || dtype == CYT_DTYPE_I32 || dtype == CYT_DTYPE_I16 ||
                             dtype == CYT_DTYPE_I8;
        guint64 number = is_signed && (bytes[size - 1] & 0x80) ? G_MAXUINT64 : 0;

        memcpy (&number, bytes, size); /* little-endian, as CytDtype says */
        if (!is_signed && number > G_MAXINT64)
          return cyt_value_new_text (self->pool, CYT_KIND_BIGINT, bytes, size);
        return cyt_value_new_int (self->pool, (gint64) number);
      }
    }
}

/* An array over bytes of the pickle; NULL without error where its dtype is not read. */
static CytValue *
new_array (CytPickle *self, const CytValue *shape, const CytValue *dtype_record, const CytValue *raw, gboolean fortran,
           GError **error)
{
  CytStorage storage = { CYT_STORAGE_MEMORY };
  gint64 sizes[CYT_TENSOR_MAX_DIMS], strides[CYT_TENSOR_MAX_DIMS], step = 1;
  CytDtype dtype;
  gsize n;

  if (!get_dtype (dtype_record, &dtype, &storage.big_endian) || !is_raw (raw))
    return NULL;
  if (!cyt_pickle_get_sizes (self, shape, sizes, &n, error))
    return NULL;
  for (gsize i = 0; i < n; i++)
    {
      strides[i] = step;
      if (sizes[i] > 0 && !__builtin_mul_overflow (step, sizes[i], &step))
        continue;
      step = MAX (step, 1); /* an empty array, or an overflow that the shape's checks refuse */
    }
  storage.data = (const guint8 *) raw->text.data;
  storage.n_bytes = raw->text.n;
  return cyt_pickle_new_tensor (self, dtype, shape, fortran ? strides : NULL,
                                cyt_checkpoint_add_storage (self->checkpoint, &storage), 0, storage.n_bytes, 0, error);
}

/* _frombuffer (bytes, dtype, shape, order): arrays in protocol 5. */
CytValue *
cyt_pickle_numpy_frombuffer (CytPickle *self, const CytValue *callable, const CytValue *args, GError **error)
{
  g_autoptr (GError) inner = NULL;
  CytValue *array = NULL;

  if (args->list.n == 4 && args->list.items[3]->kind == CYT_KIND_STRING)
    array = new_array (self, args->list.items[2], args->list.items[1], args->list.items[0],
                       args->list.items[3]->text.data[0] == 'F', &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }
  return array != NULL ? array : cyt_pickle_new_record (self, callable, args);
}

/* The state of an array: (version, shape, dtype, is Fortran, bytes). */
gboolean
cyt_pickle_numpy_build (CytPickle *self, CytValue *array, const CytValue *state, GError **error)
{
  g_autoptr (GError) inner = NULL;
  CytValue *tensor = NULL;

  if (state->kind == CYT_KIND_LIST && state->list.n == 5)
    tensor = new_array (self, state->list.items[1], state->list.items[2], state->list.items[4],
                        state->list.items[3]->kind == CYT_KIND_BOOL && state->list.items[3]->integer != 0, &inner);
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  if (tensor == NULL || array->list.n > 0)
    {
      cyt_value_set (self->pool, array, cyt_value_new_string (self->pool, "state"), (CytValue *) state);
      return TRUE;
    }
  /* Others refer to the array already, so it turns into the tensor where it stands. */
  array->kind = CYT_KIND_TENSOR;
  array->index = tensor->index;
  return TRUE;
}
