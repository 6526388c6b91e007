/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "io/cyt-file.h"
#include "io/cyt-hash.h"

#define CHUNK ((gsize) 1 << 20)

static gboolean
add_file (GChecksum *checksum, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytFile) file = cyt_file_open (path, error);
  g_autofree guint8 *chunk = g_malloc (CHUNK);

  if (file == NULL)
    return FALSE;
  for (guint64 at = 0; at < file->size;)
    {
      gsize n = MIN (CHUNK, file->size - at);

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !cyt_file_read_at (file, at, chunk, n, error))
        return FALSE;
      g_checksum_update (checksum, chunk, n);
      at += n;
    }
  return TRUE;
}

char *
cyt_hash_path (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      const char *const parts[] = { "cfg.json", "sae_weights.safetensors" };

      for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
        {
          g_autofree char *part = g_build_filename (path, parts[i], NULL);

          if (!add_file (checksum, part, cancellable, error))
            return NULL;
        }
    }
  else if (!add_file (checksum, path, cancellable, error))
    return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}
