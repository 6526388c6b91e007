/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "io/cyt-dtype.h"

G_BEGIN_DECLS

/* Writes a safetensors file, tensor after tensor in the order announced; it appears complete or not at all. */
typedef struct _CytSafetensorsWriter CytSafetensorsWriter;

typedef struct
{
  const char *name;
  CytDtype dtype;     /* F32 or I32 */
  guint n_dims;
  gint64 shape[4];
} CytSafetensorsEntry;

/* @metadata: pairs of key and value, NULL-terminated, or NULL. */
CytSafetensorsWriter *cyt_safetensors_writer_new (const char *path, const CytSafetensorsEntry *entries, gsize n_entries,
                                                  const char *const *metadata, GError **error);
void cyt_safetensors_writer_free (CytSafetensorsWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytSafetensorsWriter, cyt_safetensors_writer_free)

gboolean cyt_safetensors_writer_append (CytSafetensorsWriter *self, gconstpointer data, gsize n_bytes, GError **error);
gboolean cyt_safetensors_writer_close (CytSafetensorsWriter *self, GError **error);

G_END_DECLS
