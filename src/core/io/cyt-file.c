/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/cyt-file.h"

/* One line of valid UTF-8, at most @max bytes before the dots. (transfer full) */
static char *
make_line (const char *text, gsize max)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *line = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (line->len >= max)
        {
          g_string_append (line, "…");
          break;
        }
      /* U+2028 and U+2029 break lines too. */
      if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029)
        g_string_append_c (line, '?');
      else
        g_string_append_unichar (line, c);
    }
  return g_string_free (line, FALSE);
}

CytFile *
cyt_file_open (const char *path, GError **error)
{
  g_autoptr (CytFile) self = g_new0 (CytFile, 1);
  g_autofree char *shown = g_filename_display_name (path);
  struct stat st;

  self->path = g_strdup (path);
  self->display = make_line (shown, 4096);
  /* O_NONBLOCK: opening a named pipe must not wait for its writer. */
  self->fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (self->fd < 0 || fstat (self->fd, &st) != 0)
    {
      int code = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: cannot be opened: %s", self->display,
                   g_strerror (code));
      return NULL;
    }
  if (S_ISDIR (st.st_mode))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR, "%s: is a folder, expected a file", self->display);
      return NULL;
    }
  if (!S_ISREG (st.st_mode))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: is not a regular file", self->display);
      return NULL;
    }
  self->size = st.st_size;
  return g_steal_pointer (&self);
}

void
cyt_file_free (CytFile *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self->display);
  g_free (self);
}

gboolean
cyt_file_read_at (CytFile *self, guint64 offset, gpointer out, gsize n, GError **error)
{
  guint8 *bytes = out;

  if (offset > self->size || n > self->size - offset)
    return cyt_file_set_error (self, error, CYT_CHECKPOINT_ERROR_TRUNCATED,
                               "ends at byte %" G_GUINT64_FORMAT ", expected %" G_GSIZE_FORMAT
                               " bytes from byte %" G_GUINT64_FORMAT, self->size, n, offset);
  while (n > 0)
    {
      /* Linux reads at most 2 GiB − 4 KiB at once. */
      ssize_t got = pread (self->fd, bytes, MIN (n, (gsize) 1 << 30), (off_t) offset);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          int code = errno;

          g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: cannot be read: %s", self->display,
                       g_strerror (code));
          return FALSE;
        }
      if (got == 0)
        return cyt_file_set_error (self, error, CYT_CHECKPOINT_ERROR_TRUNCATED,
                                   "became shorter while it was read: nothing at byte %" G_GUINT64_FORMAT, offset);
      bytes += got;
      offset += got;
      n -= got;
    }
  return TRUE;
}

gboolean
cyt_file_set_error (const CytFile *self, GError **error, CytCheckpointError code, const char *format, ...)
{
  g_autofree char *message = NULL;
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  line = make_line (message, CYT_FILE_MAX_MESSAGE);
  g_set_error (error, CYT_CHECKPOINT_ERROR, code, "%s: %s", self->display, line);
  return FALSE;
}
