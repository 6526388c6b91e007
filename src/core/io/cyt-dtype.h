/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Element types met in checkpoints. Values are little-endian in files and in memory. */
typedef enum
{
  CYT_DTYPE_F64,
  CYT_DTYPE_F32,
  CYT_DTYPE_F16,
  CYT_DTYPE_BF16,
  CYT_DTYPE_I64,
  CYT_DTYPE_I32,
  CYT_DTYPE_I16,
  CYT_DTYPE_I8,
  CYT_DTYPE_U64,
  CYT_DTYPE_U32,
  CYT_DTYPE_U16,
  CYT_DTYPE_U8,
  CYT_DTYPE_BOOL,
  CYT_DTYPE_C64,  /* two f32; kept as bytes, not convertible */
  CYT_DTYPE_C128, /* two f64; kept as bytes, not convertible */
} CytDtype;

/* Short name as PyTorch prints it without "torch.": "float32", "bfloat16", "bool", … (static). */
const char *cyt_dtype_get_name (CytDtype dtype);

/* Bytes per element, 1 to 16. */
gsize cyt_dtype_get_size (CytDtype dtype);

/* out (n) f32 = src (n) of dtype, contiguous; src need not be aligned. Integers beyond 2^24 and f64
 * round to nearest. Complex types are a programmer's error: ask cyt_dtype_is_real() first. */
void cyt_dtype_convert_to_f32 (float *out, gconstpointer src, CytDtype dtype, gsize n);
gboolean cyt_dtype_is_real (CytDtype dtype);

G_END_DECLS
