/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-dtype.h"

static const struct
{
  const char *name;
  gsize size;
} dtypes[] = {
  [CYT_DTYPE_F64] = { "float64", 8 },
  [CYT_DTYPE_F32] = { "float32", 4 },
  [CYT_DTYPE_F16] = { "float16", 2 },
  [CYT_DTYPE_BF16] = { "bfloat16", 2 },
  [CYT_DTYPE_I64] = { "int64", 8 },
  [CYT_DTYPE_I32] = { "int32", 4 },
  [CYT_DTYPE_I16] = { "int16", 2 },
  [CYT_DTYPE_I8] = { "int8", 1 },
  [CYT_DTYPE_U64] = { "uint64", 8 },
  [CYT_DTYPE_U32] = { "uint32", 4 },
  [CYT_DTYPE_U16] = { "uint16", 2 },
  [CYT_DTYPE_U8] = { "uint8", 1 },
  [CYT_DTYPE_BOOL] = { "bool", 1 },
  [CYT_DTYPE_C64] = { "complex64", 8 },
  [CYT_DTYPE_C128] = { "complex128", 16 },
};

const char *
cyt_dtype_get_name (CytDtype dtype)
{
  g_return_val_if_fail ((guint) dtype < G_N_ELEMENTS (dtypes), NULL);
  return dtypes[dtype].name;
}

gsize
cyt_dtype_get_size (CytDtype dtype)
{
  g_return_val_if_fail ((guint) dtype < G_N_ELEMENTS (dtypes), 1);
  return dtypes[dtype].size;
}

gboolean
cyt_dtype_is_real (CytDtype dtype)
{
  return dtype != CYT_DTYPE_C64 && dtype != CYT_DTYPE_C128;
}

/* IEEE 754 half precision: 5 bits of exponent (bias 15), 10 of fraction. */
static inline float
half_to_float (guint16 half)
{
  guint32 sign = (guint32) (half & 0x8000) << 16;
  guint32 magnitude = (guint32) (half & 0x7fff) << 13;
  guint32 bits;
  float value;

  if (magnitude >= 0x0f800000u) /* infinity, NaN: all ones of the wider exponent */
    bits = magnitude + ((255u - 31u) << 23);
  else if (magnitude >= 0x00800000u) /* normal: the bias moves from 15 to 127 */
    bits = magnitude + ((127u - 15u) << 23);
  else /* zero, subnormal: fraction × 2^-24, exact in f32 */
    {
      value = (float) (half & 0x3ff) * 0x1p-24f;
      memcpy (&bits, &value, sizeof bits);
    }
  bits |= sign;
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* src may be unaligned, hence the memcpy of every element; compilers make it a plain load. */
#define CONVERT(type, expression)                                \
  for (gsize i = 0; i < n; i++)                                  \
    {                                                            \
      type x;                                                    \
      memcpy (&x, bytes + i * sizeof (type), sizeof (type));     \
      out[i] = (expression);                                     \
    }                                                            \
  break

void
cyt_dtype_convert_to_f32 (float *out, gconstpointer src, CytDtype dtype, gsize n)
{
  const guint8 *bytes = src;

  g_return_if_fail (cyt_dtype_is_real (dtype));
  switch (dtype)
    {
    case CYT_DTYPE_F64: CONVERT (double, (float) x);
    case CYT_DTYPE_F32:
      if (n > 0)
        memmove (out, src, n * sizeof (float));
      break;
    case CYT_DTYPE_F16: CONVERT (guint16, half_to_float (x));
    case CYT_DTYPE_BF16:
      for (gsize i = 0; i < n; i++)
        {
          guint16 x;
          guint32 bits;

          memcpy (&x, bytes + i * sizeof x, sizeof x);
          bits = (guint32) x << 16;
          memcpy (&out[i], &bits, sizeof bits);
        }
      break;
    case CYT_DTYPE_I64: CONVERT (gint64, (float) x);
    case CYT_DTYPE_I32: CONVERT (gint32, (float) x);
    case CYT_DTYPE_I16: CONVERT (gint16, (float) x);
    case CYT_DTYPE_I8: CONVERT (gint8, (float) x);
    case CYT_DTYPE_U64: CONVERT (guint64, (float) x);
    case CYT_DTYPE_U32: CONVERT (guint32, (float) x);
    case CYT_DTYPE_U16: CONVERT (guint16, (float) x);
    case CYT_DTYPE_U8: CONVERT (guint8, (float) x);
    case CYT_DTYPE_BOOL: CONVERT (guint8, x != 0 ? 1.0f : 0.0f);
    case CYT_DTYPE_C64:
    case CYT_DTYPE_C128:
      g_assert_not_reached ();
    }
}
