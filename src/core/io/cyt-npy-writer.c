/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "io/cyt-npy.h"
#include "io/cyt-part-file.h"

struct _CytNpyWriter
{
  CytPartFile *file;
  gsize element_size;
  guint64 n_elements;
  guint64 n_written;
};

static const char *
get_descr (CytDtype dtype)
{
  switch (dtype)
    {
    case CYT_DTYPE_F64: return "<f8";
    case CYT_DTYPE_F32: return "<f4";
    case CYT_DTYPE_I64: return "<i8";
    case CYT_DTYPE_I32: return "<i4";
    case CYT_DTYPE_U16: return "<u2";
    case CYT_DTYPE_U8: return "|u1";
    default: g_return_val_if_reached (NULL);
    }
}

static GString *
make_header (const char *descr, guint n_dims, const gint64 *shape)
{
  GString *header = g_string_new (NULL);
  gsize length;

  g_string_append_printf (header, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
  for (guint i = 0; i < n_dims; i++)
    g_string_append_printf (header, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", shape[i]);
  g_string_append (header, n_dims == 1 ? ",), }" : "), }");
  /* NumPy aligns the data to 64 bytes; the header ends with a line feed. */
  while ((10 + header->len + 1) % 64 != 0)
    g_string_append_c (header, ' ');
  g_string_append_c (header, '\n');
  length = header->len;
  g_string_prepend_len (header, "\x93NUMPY\x01\x00  ", 10);
  header->str[8] = length & 0xff;
  header->str[9] = length >> 8;
  return header;
}

CytNpyWriter *
cyt_npy_writer_new (const char *path, CytDtype dtype, guint n_dims, const gint64 *shape, GError **error)
{
  g_autoptr (CytNpyWriter) self = g_new0 (CytNpyWriter, 1);
  const char *descr = get_descr (dtype);
  g_autoptr (GString) header = NULL;

  g_return_val_if_fail (descr != NULL && n_dims <= 32, NULL);
  self->element_size = cyt_dtype_get_size (dtype);
  self->n_elements = 1;
  for (guint i = 0; i < n_dims; i++)
    {
      g_return_val_if_fail (shape[i] >= 0, NULL);
      self->n_elements *= shape[i];
    }
  self->file = cyt_part_file_new (path, error);
  if (self->file == NULL)
    return NULL;
  header = make_header (descr, n_dims, shape);
  if (!cyt_part_file_write (self->file, header->str, header->len, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
cyt_npy_writer_append (CytNpyWriter *self, gconstpointer data, gsize n_elements, GError **error)
{
  g_return_val_if_fail (n_elements <= self->n_elements - self->n_written, FALSE);
  self->n_written += n_elements;
  return cyt_part_file_write (self->file, data, n_elements * self->element_size, error);
}

gboolean
cyt_npy_writer_close (CytNpyWriter *self, GError **error)
{
  g_return_val_if_fail (self->n_written == self->n_elements, FALSE);
  return cyt_part_file_commit (self->file, error);
}

void
cyt_npy_writer_free (CytNpyWriter *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->file, cyt_part_file_free);
  g_free (self);
}
