/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  const char *name;
  guint n_dims;
  gint64 shape[2];
  const float *data;   /* C order */
} CytTorchTensor;

typedef struct
{
  const char *name;
  const char *text;    /* NULL: a number */
  double number;       /* written as an integer where it is one */
} CytTorchField;

/* Writes {@record: argparse.Namespace (fields), @dict: {tensors}} as torch.save() would, a zip archive of a pickle
 * (protocol 2) and stored fp32 storages, that torch.load() and our reader open. The file appears complete or not at all.
 * Errors: G_FILE_ERROR. */
gboolean cyt_torch_write (const char *path, const char *record, const CytTorchField *fields, gsize n_fields,
                          const char *dict, const CytTorchTensor *tensors, gsize n_tensors, GError **error);

G_END_DECLS
