/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "io/cyt-error.h"

G_BEGIN_DECLS

/* A regular file that is read at given offsets, and the one place where the messages of
 * CYT_CHECKPOINT_ERROR are made. Private to io. */
typedef struct
{
  char *path;    /* as given */
  char *display; /* the same as one line of valid UTF-8, for messages */
  int fd;
  guint64 size;  /* when it was opened */
} CytFile;

/* G_FILE_ERROR when it cannot be opened, or is not a regular file. */
CytFile *cyt_file_open (const char *path, GError **error);
void cyt_file_free (CytFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytFile, cyt_file_free)

/* Exactly @n bytes from @offset; fewer is CYT_CHECKPOINT_ERROR_TRUNCATED. */
gboolean cyt_file_read_at (CytFile *self, guint64 offset, gpointer out, gsize n, GError **error);

/* Sets "PATH: message" and returns FALSE. What files put into the message (names, keys) cannot break
 * the line or flood it: control characters become '?', and it is cut after CYT_FILE_MAX_MESSAGE bytes. */
#define CYT_FILE_MAX_MESSAGE 600
gboolean cyt_file_set_error (const CytFile *self, GError **error, CytCheckpointError code,
                             const char *format, ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
