/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "io/cyt-cursor.h"

#define WINDOW_BYTES ((gsize) 64 << 10)

void
cyt_cursor_init (CytCursor *self, CytFile *file, const char *what, gconstpointer data, gsize n)
{
  *self = (CytCursor) { .file = file, .what = what, .data = data, .n = n };
}

void
cyt_cursor_init_file (CytCursor *self, CytFile *file, const char *what, guint64 offset)
{
  *self = (CytCursor) { .file = file, .what = what, .streaming = TRUE, .origin = offset };
}

void
cyt_cursor_clear (CytCursor *self)
{
  g_clear_pointer (&self->window, g_free);
}

gboolean
cyt_cursor_ensure (CytCursor *self, guint64 n, GError **error)
{
  gsize kept = self->n - self->pos, wanted;
  guint64 left = 0;

  if (n <= kept)
    return TRUE;
  if (self->streaming && self->origin + self->n < self->file->size)
    left = self->file->size - self->origin - self->n;
  if (n - kept > left)
    return cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TRUNCATED,
                               "%s ends at byte %" G_GUINT64_FORMAT ", expected %" G_GUINT64_FORMAT
                               " bytes from byte %" G_GUINT64_FORMAT, self->what,
                               self->origin + self->n + left, n, cyt_cursor_tell (self));

  wanted = MIN (MAX (n, WINDOW_BYTES), kept + left);
  if (wanted > self->allocated)
    {
      guint8 *window = g_malloc (wanted);

      if (kept > 0)
        memcpy (window, self->data + self->pos, kept);
      g_free (self->window);
      self->window = window;
      self->allocated = wanted;
    }
  else if (kept > 0)
    memmove (self->window, self->data + self->pos, kept);
  self->origin += self->pos;
  self->pos = 0;
  self->data = self->window;
  self->n = kept;
  if (!cyt_file_read_at (self->file, self->origin + kept, self->window + kept, wanted - kept, error))
    return FALSE;
  self->n = wanted;
  return TRUE;
}

const guint8 *
cyt_cursor_take_line (CytCursor *self, gsize max, gsize *n, GError **error)
{
  for (gsize i = 0;; i++)
    {
      if (i > max)
        {
          cyt_file_set_error (self->file, error, CYT_CHECKPOINT_ERROR_TOO_LARGE,
                              "%s has a line of more than %" G_GSIZE_FORMAT " bytes at byte %" G_GUINT64_FORMAT,
                              self->what, max, cyt_cursor_tell (self));
          return NULL;
        }
      if (!cyt_cursor_ensure (self, i + 1, error))
        return NULL;
      if (self->data[self->pos + i] == '\n')
        {
          *n = i;
          return cyt_cursor_take (self, i + 1, error);
        }
    }
}
