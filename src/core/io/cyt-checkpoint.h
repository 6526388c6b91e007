/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "io/cyt-dtype.h"
#include "io/cyt-value.h"

G_BEGIN_DECLS

/* A file of tensors of any kind we read: PyTorch zip archive (.pt, .pth), PyTorch legacy stream,
 * safetensors, NumPy .npy and .npz. Opening reads names, shapes and plain values only; weights are read
 * tensor by tensor, straight into the caller's buffer, so that a model never exists twice in
 * memory. The kind is told from the content, never from the file name. Nothing in a file is ever
 * executed.
 *
 * Not thread-safe; one thread at a time. */
typedef struct _CytCheckpoint CytCheckpoint;

typedef enum
{
  CYT_CHECKPOINT_TORCH_ZIP,
  CYT_CHECKPOINT_TORCH_LEGACY,
  CYT_CHECKPOINT_SAFETENSORS,
  CYT_CHECKPOINT_NPY,
  CYT_CHECKPOINT_NPZ,
} CytCheckpointKind;

#define CYT_TENSOR_MAX_DIMS 16

typedef struct
{
  const char *name; /* dotted path from the root: "teacher.backbone.cls_token"; keys of dicts, indices
                       of lists and tuples, attributes of records. "" when the root is a tensor. */
  CytDtype dtype;
  guint n_dims;                       /* 0 for a scalar */
  gint64 shape[CYT_TENSOR_MAX_DIMS];   /* each >= 0 */
  gsize n_elements;                   /* product of shape, checked */
} CytTensorInfo;

/* Opens @path. Errors: CYT_CHECKPOINT_ERROR, G_FILE_ERROR or G_IO_ERROR; the message names the file. */
CytCheckpoint *cyt_checkpoint_open (const char *path, GError **error);
void cyt_checkpoint_free (CytCheckpoint *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytCheckpoint, cyt_checkpoint_free)

const char *cyt_checkpoint_get_path (CytCheckpoint *self);
CytCheckpointKind cyt_checkpoint_get_kind (CytCheckpoint *self);
/* "PyTorch zip archive", "PyTorch legacy file", "safetensors", "NumPy array", "NumPy archive" (static). */
const char *cyt_checkpoint_kind_get_name (CytCheckpointKind kind);

/* Tensors in file order; a tensor reached by two names is listed under each. */
gsize cyt_checkpoint_get_n_tensors (CytCheckpoint *self);
const CytTensorInfo *cyt_checkpoint_get_tensor (CytCheckpoint *self, gsize i); /* (transfer none) */
const CytTensorInfo *cyt_checkpoint_find_tensor (CytCheckpoint *self, const char *name); /* or NULL */

/* Whole tensor in C order whatever its strides in the file, converted to f32.
 * out: (info->n_elements) f32. @info must come from @self. */
gboolean cyt_checkpoint_read_f32 (CytCheckpoint *self, const CytTensorInfo *info, float *out, GError **error);

/* Whole tensor in C order, own dtype. out: n_elements × cyt_dtype_get_size() bytes. */
gboolean cyt_checkpoint_read_raw (CytCheckpoint *self, const CytTensorInfo *info, gpointer out, GError **error);

/* @n_rows rows from @first_row along the first dimension (n_dims >= 1), converted to f32: for
 * weights that are re-laid out while they stream in. out: n_rows × (n_elements / shape[0]).
 * Reading a tensor's rows in ascending order is as cheap as reading it whole, also when deflated; of one
 * that does not lie in C order (a transposed view) every call walks over its storage. */
gboolean cyt_checkpoint_read_rows_f32 (CytCheckpoint *self, const CytTensorInfo *info, gsize first_row,
                                       gsize n_rows, float *out, GError **error);

/* The tree of values: for PyTorch the unpickled root; for safetensors a dict of its __metadata__
 * (strings), or an empty dict; for npy a tensor; for npz a dict of tensors. (transfer none) */
const CytValue *cyt_checkpoint_get_root (CytCheckpoint *self);

G_END_DECLS
