/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/cyt-npy.h"

struct _CytNpyWriter
{
  char *path;
  char *part;
  char *display;
  int fd;
  gsize element_size;
  guint64 n_elements;
  guint64 n_written;
};

static gboolean
set_errno (CytNpyWriter *self, GError **error)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: cannot be written: %s", self->display,
               g_strerror (code));
  return FALSE;
}

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

static gboolean
write_all (CytNpyWriter *self, gconstpointer data, gsize n, GError **error)
{
  const guint8 *bytes = data;

  while (n > 0)
    {
      ssize_t written = write (self->fd, bytes, MIN (n, (gsize) 1 << 30));

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return set_errno (self, error);
      bytes += written;
      n -= written;
    }
  return TRUE;
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
  struct stat st;

  g_return_val_if_fail (descr != NULL && n_dims <= 32, NULL);
  self->fd = -1;
  self->path = g_strdup (path);
  self->display = g_filename_display_name (path);
  self->element_size = cyt_dtype_get_size (dtype);
  self->n_elements = 1;
  for (guint i = 0; i < n_dims; i++)
    {
      g_return_val_if_fail (shape[i] >= 0, NULL);
      self->n_elements *= shape[i];
    }
  /* Renaming over a device or a folder would not do what was meant. */
  if (stat (path, &st) == 0 && !S_ISREG (st.st_mode))
    {
      g_set_error (error, G_FILE_ERROR, S_ISDIR (st.st_mode) ? G_FILE_ERROR_ISDIR : G_FILE_ERROR_INVAL,
                   "%s: cannot be written: is not a regular file", self->display);
      return NULL;
    }
  self->part = g_strconcat (path, ".part", NULL);
  self->fd = open (self->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (self->fd < 0)
    {
      g_clear_pointer (&self->part, g_free);
      set_errno (self, error);
      return NULL;
    }
  {
    g_autoptr (GString) header = make_header (descr, n_dims, shape);

    if (!write_all (self, header->str, header->len, error))
      return NULL;
  }
  return g_steal_pointer (&self);
}

gboolean
cyt_npy_writer_append (CytNpyWriter *self, gconstpointer data, gsize n_elements, GError **error)
{
  g_return_val_if_fail (n_elements <= self->n_elements - self->n_written, FALSE);
  self->n_written += n_elements;
  return write_all (self, data, n_elements * self->element_size, error);
}

gboolean
cyt_npy_writer_close (CytNpyWriter *self, GError **error)
{
  int fd = self->fd;

  g_return_val_if_fail (self->n_written == self->n_elements, FALSE);
  self->fd = -1;
  if (fsync (fd) != 0)
    {
      set_errno (self, error);
      close (fd);
      return FALSE;
    }
  if (close (fd) != 0 || rename (self->part, self->path) != 0)
    return set_errno (self, error);
  g_clear_pointer (&self->part, g_free);
  return TRUE;
}

void
cyt_npy_writer_free (CytNpyWriter *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  if (self->part != NULL)
    unlink (self->part);
  g_free (self->part);
  g_free (self->path);
  g_free (self->display);
  g_free (self);
}
