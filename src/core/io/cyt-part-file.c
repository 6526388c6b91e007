/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/cyt-part-file.h"

struct _CytPartFile
{
  char *path;
  char *part;     /* NULL once it has its name */
  char *display;
  int fd;
};

static gboolean
set_errno (CytPartFile *self, GError **error)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: cannot be written: %s", self->display,
               g_strerror (code));
  return FALSE;
}

/* Opens the file, empty, for us alone. */
static gboolean
open_part (CytPartFile *self, GError **error)
{
  struct stat ours, there;

  self->fd = open (self->part, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (self->fd < 0)
    return set_errno (self, error);
  /* who had it may have given it its name in the meantime: then it is not to be touched */
  if ((flock (self->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) || fstat (self->fd, &ours) != 0
      || lstat (self->part, &there) != 0 || ours.st_ino != there.st_ino || ours.st_dev != there.st_dev)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_AGAIN, "%s: is being written by another program", self->display);
      return FALSE;
    }
  return ftruncate (self->fd, 0) == 0 || set_errno (self, error);
}

CytPartFile *
cyt_part_file_new (const char *path, GError **error)
{
  g_autoptr (CytPartFile) self = g_new0 (CytPartFile, 1);
  struct stat st;

  self->fd = -1;
  self->path = g_strdup (path);
  self->display = g_filename_display_name (path);
  /* Renaming over a device or a folder would not do what was meant. */
  if (stat (path, &st) == 0 && !S_ISREG (st.st_mode))
    {
      g_set_error (error, G_FILE_ERROR, S_ISDIR (st.st_mode) ? G_FILE_ERROR_ISDIR : G_FILE_ERROR_INVAL,
                   "%s: cannot be written: is not a regular file", self->display);
      return NULL;
    }
  self->part = g_strconcat (path, ".part", NULL);
  if (!open_part (self, error))
    {
      g_clear_pointer (&self->part, g_free); /* another's */
      return NULL;
    }
  return g_steal_pointer (&self);
}

gboolean
cyt_part_file_write (CytPartFile *self, gconstpointer data, gsize n, GError **error)
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

gboolean
cyt_part_file_commit (CytPartFile *self, GError **error)
{
  /* the lock goes with the descriptor, so that one last */
  if (fsync (self->fd) != 0 || rename (self->part, self->path) != 0)
    return set_errno (self, error);
  g_clear_pointer (&self->part, g_free);
  return TRUE;
}

void
cyt_part_file_free (CytPartFile *self)
{
  if (self == NULL)
    return;
  if (self->part != NULL)
    unlink (self->part);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->part);
  g_free (self->path);
  g_free (self->display);
  g_free (self);
}
