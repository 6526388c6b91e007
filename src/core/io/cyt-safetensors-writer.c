/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <json-glib/json-glib.h>

#include "io/cyt-part-file.h"
#include "io/cyt-safetensors-writer.h"

struct _CytSafetensorsWriter
{
  CytPartFile *file;
  guint64 n_bytes;    /* announced and not yet written */
};

static char *
make_header (const CytSafetensorsEntry *entries, gsize n_entries, const char *const *metadata, guint64 *n_bytes)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;

  *n_bytes = 0;
  json_builder_begin_object (builder);
  if (metadata != NULL)
    {
      json_builder_set_member_name (builder, "__metadata__");
      json_builder_begin_object (builder);
      for (; metadata[0] != NULL; metadata += 2)
        {
          json_builder_set_member_name (builder, metadata[0]);
          json_builder_add_string_value (builder, metadata[1]);
        }
      json_builder_end_object (builder);
    }
  for (gsize i = 0; i < n_entries; i++)
    {
      guint64 size = cyt_dtype_get_size (entries[i].dtype);

      json_builder_set_member_name (builder, entries[i].name);
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "dtype");
      json_builder_add_string_value (builder, entries[i].dtype == CYT_DTYPE_F32 ? "F32" : "I32");
      json_builder_set_member_name (builder, "shape");
      json_builder_begin_array (builder);
      for (guint d = 0; d < entries[i].n_dims; d++)
        {
          json_builder_add_int_value (builder, entries[i].shape[d]);
          size *= entries[i].shape[d];
        }
      json_builder_end_array (builder);
      json_builder_set_member_name (builder, "data_offsets");
      json_builder_begin_array (builder);
      json_builder_add_int_value (builder, *n_bytes);
      json_builder_add_int_value (builder, *n_bytes + size);
      json_builder_end_array (builder);
      json_builder_end_object (builder);
      *n_bytes += size;
    }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  return json_generator_to_data (generator, NULL);
}

CytSafetensorsWriter *
cyt_safetensors_writer_new (const char *path, const CytSafetensorsEntry *entries, gsize n_entries,
                            const char *const *metadata, GError **error)
{
  g_autoptr (CytSafetensorsWriter) self = g_new0 (CytSafetensorsWriter, 1);
  g_autofree char *json = make_header (entries, n_entries, metadata, &self->n_bytes);
  g_autoptr (GString) header = g_string_new (json);
  guint64 length;

  /* The tensors begin at a multiple of eight. */
  while (header->len % 8 != 0)
    g_string_append_c (header, ' ');
  length = GUINT64_TO_LE (header->len);
  self->file = cyt_part_file_new (path, error);
  if (self->file == NULL || !cyt_part_file_write (self->file, &length, sizeof length, error)
      || !cyt_part_file_write (self->file, header->str, header->len, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
cyt_safetensors_writer_append (CytSafetensorsWriter *self, gconstpointer data, gsize n_bytes, GError **error)
{
  g_return_val_if_fail (n_bytes <= self->n_bytes, FALSE);
  self->n_bytes -= n_bytes;
  return cyt_part_file_write (self->file, data, n_bytes, error);
}

gboolean
cyt_safetensors_writer_close (CytSafetensorsWriter *self, GError **error)
{
  g_return_val_if_fail (self->n_bytes == 0, FALSE);
  return cyt_part_file_commit (self->file, error);
}

void
cyt_safetensors_writer_free (CytSafetensorsWriter *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->file, cyt_part_file_free);
  g_free (self);
}
