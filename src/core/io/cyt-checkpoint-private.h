/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "io/cyt-checkpoint.h"
#include "io/cyt-file.h"
#include "io/cyt-value-private.h"
#include "io/cyt-zip.h"

G_BEGIN_DECLS

/* What the readers of the formats fill in, and cyt-checkpoint.c reads tensors from. Private to io. */

#define CYT_CHECKPOINT_MAX_TENSORS (1u << 18)
/* Longest dotted path of a tensor, bytes. */
#define CYT_CHECKPOINT_MAX_NAME 4096
/* A tensor may repeat what is stored (stride 0, deflated zeros), but not without end: its bytes in C order
 * stay below the file's size × 16 + 256 MiB. */
#define CYT_CHECKPOINT_MAX_EXPANSION 16
#define CYT_CHECKPOINT_FREE_EXPANSION ((guint64) 256 << 20)

typedef enum
{
  CYT_STORAGE_FILE,   /* bytes of the file from @position on */
  CYT_STORAGE_ZIP,    /* entry @entry of the archive, from @position on */
  CYT_STORAGE_MEMORY, /* bytes that stood in the pickle */
} CytStorageType;

/* A run of bytes that tensors are views of. */
typedef struct
{
  CytStorageType type;
  gboolean big_endian;
  gsize entry;
  guint64 position;
  const guint8 *data; /* MEMORY; owned by the pool */
  guint64 n_bytes;
} CytStorage;

typedef struct
{
  CytTensorInfo info; /* first: the public pointer is a pointer to the whole */
  guint storage;
  guint64 offset;     /* bytes into the storage */
  guint64 strides[CYT_TENSOR_MAX_DIMS]; /* elements */
} CytTensor;

struct _CytCheckpoint
{
  CytCheckpointKind kind;
  CytFile *file;
  CytZip *zip;          /* archives only */
  CytValuePool *pool;
  CytValue *root;
  GArray *storages;     /* of CytStorage */
  GArray *tensors;      /* of CytTensor; their names are in @names */
  GStringChunk *names;
  GHashTable *by_name;  /* name → index + 1 of the first tensor of that name */
  guint8 *window;       /* part of a storage, for tensors that are not read in one go */
  guint8 *scratch;      /* elements being gathered and converted */
};

/* Checks a tensor and fills in all but its name: every size >= 0, no product that overflows, every
 * element inside the @n_bytes of storage that begin at byte @base of it. @strides NULL: C order.
 * @what: for messages, such as "tensor 'a.b'". */
gboolean cyt_tensor_init (CytTensor *self, const CytFile *file, const char *what, CytDtype dtype, gsize n_dims,
                          const gint64 *shape, const gint64 *strides, guint storage, guint64 base,
                          guint64 n_bytes, gint64 offset, GError **error);

/* Adds a tensor under @name. TOO_LARGE beyond CYT_CHECKPOINT_MAX_TENSORS; @index may be NULL. */
gboolean cyt_checkpoint_add_tensor (CytCheckpoint *self, const CytTensor *tensor, const char *name, gsize *index,
                                    GError **error);
guint cyt_checkpoint_add_storage (CytCheckpoint *self, const CytStorage *storage);

/* @n bytes of a storage from @offset; they must lie inside. */
gboolean cyt_checkpoint_read_storage (CytCheckpoint *self, const CytStorage *storage, guint64 offset, gpointer out,
                                      gsize n, GError **error);

/* One per format: fill in @self, whose file is open. */
gboolean cyt_safetensors_open (CytCheckpoint *self, GError **error);
gboolean cyt_npy_open (CytCheckpoint *self, GError **error);
gboolean cyt_npz_open (CytCheckpoint *self, GError **error);
gboolean cyt_torch_zip_open (CytCheckpoint *self, gsize pickle_entry, GError **error);
gboolean cyt_torch_legacy_open (CytCheckpoint *self, GError **error);

G_END_DECLS
