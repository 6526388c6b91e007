/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdarg.h>

#include "io/cyt-error.h"
#include "model/cyt-weights.h"
#include "tensor/cyt-kernels.h"

/* Weights in memory may be this much larger than their file (8-bit storage and compression). */
#define MAX_INFLATION 16
#define INFLATION_SLACK ((gsize) 64 << 20)

gboolean
cyt_weights_fail (CytCheckpoint *checkpoint, GError **error, int code, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CYT_CHECKPOINT_ERROR, code, "%s: %s", cyt_checkpoint_get_path (checkpoint), what);
  return FALSE;
}

char *
cyt_weights_format_shape (const CytTensorInfo *info)
{
  GString *s = g_string_new ("(");

  for (guint i = 0; i < info->n_dims; i++)
    g_string_append_printf (s, "%s%" G_GINT64_FORMAT, i ? ", " : "", info->shape[i]);
  g_string_append_c (s, ')');
  return g_string_free (s, FALSE);
}

const CytTensorInfo *
cyt_weights_find (CytCheckpoint *checkpoint, const char *prefix, const char *name)
{
  g_autofree char *full = g_strconcat (prefix, name, NULL);

  return cyt_checkpoint_find_tensor (checkpoint, full);
}

const CytTensorInfo *
cyt_weights_require (CytCheckpoint *checkpoint, GError **error, const char *prefix, const char *name, guint n_dims, ...)
{
  const CytTensorInfo *info = cyt_weights_find (checkpoint, prefix, name);
  g_autoptr (GString) expected = g_string_new ("(");
  gboolean fits = info != NULL && info->n_dims == n_dims;
  va_list args;

  va_start (args, n_dims);
  for (guint i = 0; i < n_dims; i++)
    {
      gint64 size = va_arg (args, gint64);

      if (size < 0)
        g_string_append_printf (expected, "%sany", i ? ", " : "");
      else
        g_string_append_printf (expected, "%s%" G_GINT64_FORMAT, i ? ", " : "", size);
      fits = fits && (size < 0 ? info->shape[i] > 0 : info->shape[i] == size);
    }
  va_end (args);
  g_string_append_c (expected, ')');

  if (info == NULL)
    {
      cyt_weights_fail (checkpoint, error, CYT_CHECKPOINT_ERROR_MISMATCH, "tensor %s%s is missing; expected shape %s",
                        prefix, name, expected->str);
      return NULL;
    }
  if (!fits)
    {
      g_autofree char *found = cyt_weights_format_shape (info);

      cyt_weights_fail (checkpoint, error, CYT_CHECKPOINT_ERROR_MISMATCH, "tensor %s has shape %s; expected %s",
                        info->name, found, expected->str);
      return NULL;
    }
  if (!cyt_dtype_is_real (info->dtype))
    {
      cyt_weights_fail (checkpoint, error, CYT_CHECKPOINT_ERROR_MISMATCH,
                        "tensor %s has dtype %s; expected real numbers", info->name, cyt_dtype_get_name (info->dtype));
      return NULL;
    }
  return info;
}

gboolean
cyt_weights_check_size (CytCheckpoint *checkpoint, const char *prefix, GError **error)
{
  const char *path = cyt_checkpoint_get_path (checkpoint);
  gsize n_elements = 0;
  GStatBuf st;

  if (g_stat (path, &st) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path, g_strerror (errno));
      return FALSE;
    }
  for (gsize i = 0; i < cyt_checkpoint_get_n_tensors (checkpoint); i++)
    {
      const CytTensorInfo *info = cyt_checkpoint_get_tensor (checkpoint, i);

      if (g_str_has_prefix (info->name, prefix)
          && !g_size_checked_add (&n_elements, n_elements, info->n_elements))
        n_elements = G_MAXSIZE;
    }
  if (n_elements / MAX_INFLATION > ((gsize) st.st_size + INFLATION_SLACK) / sizeof (float))
    return cyt_weights_fail (checkpoint, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                             "announces %" G_GSIZE_FORMAT " weights, more than a file of %" G_GINT64_FORMAT
                             " bytes can hold",
                             n_elements, (gint64) st.st_size);
  return TRUE;
}

static gboolean
check_finite (CytCheckpoint *checkpoint, const CytTensorInfo *info, const float *data, gsize n, GError **error)
{
  if (cyt_all_finite (data, n))
    return TRUE;
  return cyt_weights_fail (checkpoint, error, CYT_CHECKPOINT_ERROR_CORRUPT,
                           "tensor %s has values that are not finite numbers", info->name);
}

gboolean
cyt_weights_read (CytCheckpoint *checkpoint, const CytTensorInfo *info, float *out, GError **error)
{
  return cyt_checkpoint_read_f32 (checkpoint, info, out, error)
         && check_finite (checkpoint, info, out, info->n_elements, error);
}

gboolean
cyt_weights_read_rows (CytCheckpoint *checkpoint, const CytTensorInfo *info, gsize first_row, gsize n_rows,
                       float *out, GError **error)
{
  return cyt_checkpoint_read_rows_f32 (checkpoint, info, first_row, n_rows, out, error)
         && check_finite (checkpoint, info, out, info->n_elements / info->shape[0] * n_rows, error);
}
