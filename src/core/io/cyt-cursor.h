/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include "io/cyt-file.h"

G_BEGIN_DECLS

/* A bounded place in bytes, of which everything hostile is read: nothing is handed out that was not
 * checked to be there. The bytes are a buffer in memory, or a file of which a window is kept (the
 * legacy format, where the length of a pickle is known only at its end). Private to io. */
typedef struct
{
  CytFile *file;       /* for messages, and to read from when @streaming */
  const char *what;    /* "data.pkl", "header", …: for messages */
  gboolean streaming;
  const guint8 *data;  /* the buffer, or the window */
  gsize n;             /* bytes at @data */
  gsize pos;           /* within @data */
  guint64 origin;      /* what @data[0] is the byte number of */
  guint8 *window;      /* streaming: what is kept, @allocated bytes */
  gsize allocated;
} CytCursor;

void cyt_cursor_init (CytCursor *self, CytFile *file, const char *what, gconstpointer data, gsize n);
void cyt_cursor_init_file (CytCursor *self, CytFile *file, const char *what, guint64 offset);
void cyt_cursor_clear (CytCursor *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CytCursor, cyt_cursor_clear)

/* Byte number of the next byte, in the file when streaming, else in the buffer. */
static inline guint64
cyt_cursor_tell (const CytCursor *self)
{
  return self->origin + self->pos;
}

/* Slow path of the next one: fetches, or sets TRUNCATED and returns FALSE. */
gboolean cyt_cursor_ensure (CytCursor *self, guint64 n, GError **error);

/* The next @n bytes, valid until the next call; NULL and TRUNCATED when they are not there. */
static inline const guint8 *
cyt_cursor_take (CytCursor *self, guint64 n, GError **error)
{
  const guint8 *bytes;

  if (G_UNLIKELY (n > self->n - self->pos) && !cyt_cursor_ensure (self, n, error))
    return NULL;
  bytes = self->data + self->pos;
  self->pos += n;
  return bytes;
}

/* Unsigned little-endian number of @size bytes, 1 to 8. */
static inline gboolean
cyt_cursor_take_uint (CytCursor *self, guint size, guint64 *value, GError **error)
{
  const guint8 *bytes = cyt_cursor_take (self, size, error);

  if (bytes == NULL)
    return FALSE;
  *value = 0;
  for (guint i = 0; i < size; i++)
    *value |= (guint64) bytes[i] << (8 * i);
  return TRUE;
}

/* Bytes up to the next LF, which is taken too but not counted in @n; TOO_LARGE beyond @max. */
const guint8 *cyt_cursor_take_line (CytCursor *self, gsize max, gsize *n, GError **error);

G_END_DECLS
