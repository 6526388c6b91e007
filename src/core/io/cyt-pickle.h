/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "io/cyt-checkpoint-private.h"
#include "io/cyt-cursor.h"

G_BEGIN_DECLS

/* A restricted interpreter of Python's pickles, protocols 0 to 5 (CPython's Lib/pickletools.py describes the
 * opcodes). It builds values and runs nothing: what a pickle "calls" is either one of the few functions
 * whose meaning is written down in cyt-pickle-call.c, or a class, of which an opaque record is made, or
 * refused by name. What comes from Python's standard library is refused even when it is only named, but for
 * a list of harmless types. Private to io. */

#define CYT_PICKLE_MAX_BYTES ((guint64) 256 << 20) /* of one pickle */
#define CYT_PICKLE_MAX_STACK (1u << 22)
#define CYT_PICKLE_MAX_MARKS 4096
#define CYT_PICKLE_MAX_MEMO (1u << 22)             /* highest number of a memo */
#define CYT_PICKLE_MAX_NAME 1024                   /* of a module and class, bytes */
#define CYT_PICKLE_MAX_DEPTH 200                   /* of the finished tree */
#define CYT_PICKLE_MAX_VISITS (1u << 22)           /* of its nodes, shared ones counted each time */

typedef struct _CytPickle CytPickle;

/* What a persistent id stands for: a STORAGE or GLOBAL, or NULL with an error. */
typedef CytValue *(*CytPersistentLoad) (CytPickle *self, const CytValue *id, gpointer user_data, GError **error);

CytPickle *cyt_pickle_new (CytCheckpoint *checkpoint, CytPersistentLoad load, gpointer user_data);
void cyt_pickle_free (CytPickle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytPickle, cyt_pickle_free)

/* Runs one pickle, from the cursor to its STOP. The value may still hold circles, storages and long integers. */
CytValue *cyt_pickle_run (CytPickle *self, CytCursor *cursor, GError **error);

/* Looks a value through, makes it the root of the checkpoint and lists its tensors under their dotted paths. */
gboolean cyt_pickle_finish (CytPickle *self, CytValue *root, GError **error);

/* "PICKLE at byte N: message", FALSE. */
gboolean cyt_pickle_set_error (CytPickle *self, GError **error, CytCheckpointError code, const char *format, ...)
  G_GNUC_PRINTF (4, 5);

CytCheckpoint *cyt_pickle_get_checkpoint (CytPickle *self);

/* dtype of a class of storages, such as torch.FloatStorage; the error names it. */
gboolean cyt_pickle_storage_dtype (CytPickle *self, const CytValue *cls, CytDtype *dtype, GError **error);

G_END_DECLS
