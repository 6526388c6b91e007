/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A file that appears complete or not at all: written as NAME.part beside it, and given its name when all of it is on
 * disk. Errors are G_FILE_ERROR and name the file. */
typedef struct _CytPartFile CytPartFile;

/* Refuses a @path that is there and no regular file, or that another program is writing. */
CytPartFile *cyt_part_file_new (const char *path, GError **error);
/* Without commit() the part is removed. */
void cyt_part_file_free (CytPartFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytPartFile, cyt_part_file_free)

gboolean cyt_part_file_write (CytPartFile *self, gconstpointer data, gsize n, GError **error);
/* Syncs and renames; replaces what had the name before. */
gboolean cyt_part_file_commit (CytPartFile *self, GError **error);

G_END_DECLS
