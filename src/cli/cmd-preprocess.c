/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "cli-commands.h"
#include "cli-images.h"
#include "cli-progress.h"
#include "io/cyt-image.h"
#include "io/cyt-npy.h"

#define N_PIXEL_BYTES ((gsize) CYT_IMAGE_SIZE * CYT_IMAGE_SIZE * 3)
#define N_SLOTS_PER_THREAD 4

/* Images of one batch are decoded in parallel and written in order; a batch is all that is in memory. */
typedef struct
{
  char *path;
  guint8 *pixels; /* (224, 224, 3) */
  GError *error;
} Slot;

typedef struct
{
  GMutex mutex;
  GCond done;
  gsize n_pending;
} Batch;

static void
decode_slot (gpointer data, gpointer user_data)
{
  Slot *slot = data;
  Batch *batch = user_data;
  g_autoptr (CytImage) image = cyt_image_load (slot->path, &slot->error);

  if (image != NULL)
    cyt_image_preprocess (image, slot->pixels);

  g_mutex_lock (&batch->mutex);
  if (--batch->n_pending == 0)
    g_cond_signal (&batch->done);
  g_mutex_unlock (&batch->mutex);
}

static gboolean
write_slots (Slot *slots, gsize n, CytNpyWriter *writer, GError **error)
{
  for (gsize i = 0; i < n; i++)
    {
      if (slots[i].error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&slots[i].error));
          return FALSE;
        }
      if (!cyt_npy_writer_append (writer, slots[i].pixels, N_PIXEL_BYTES, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_images (const CytImageList *list, CytNpyWriter *writer, guint n_threads, CliProgress *progress, GError **error)
{
  gsize n = cyt_image_list_get_n_items (list);
  gsize n_slots = (gsize) n_threads * N_SLOTS_PER_THREAD;
  g_autofree Slot *slots = g_new0 (Slot, n_slots);
  Batch batch = { 0 };
  GThreadPool *pool = g_thread_pool_new (decode_slot, &batch, (int) n_threads, FALSE, NULL);
  gboolean ok = TRUE;

  g_mutex_init (&batch.mutex);
  g_cond_init (&batch.done);
  for (gsize i = 0; i < n_slots; i++)
    slots[i].pixels = g_malloc (N_PIXEL_BYTES);
  cyt_progress_start (cli_progress_get_progress (progress), 0, n);

  for (gsize first = 0; ok && first < n; first += n_slots)
    {
      gsize n_batch = MIN (n_slots, n - first);

      if (g_cancellable_set_error_if_cancelled (cli_progress_get_cancellable (progress), error))
        {
          cli_progress_explain_cancel (error, "interrupted: nothing was written");
          ok = FALSE;
          break;
        }
      batch.n_pending = n_batch;
      for (gsize i = 0; i < n_batch; i++)
        {
          slots[i].path = cyt_image_list_dup_path (list, first + i);
          g_thread_pool_push (pool, &slots[i], NULL);
        }
      g_mutex_lock (&batch.mutex);
      while (batch.n_pending > 0)
        g_cond_wait (&batch.done, &batch.mutex);
      g_mutex_unlock (&batch.mutex);

      ok = write_slots (slots, n_batch, writer, error);
      if (ok)
        cyt_progress_advance (cli_progress_get_progress (progress), n_batch, 0);
      for (gsize i = 0; i < n_batch; i++)
        {
          g_clear_pointer (&slots[i].path, g_free);
          g_clear_error (&slots[i].error);
        }
    }

  g_thread_pool_free (pool, FALSE, TRUE);
  for (gsize i = 0; i < n_slots; i++)
    g_free (slots[i].pixels);
  g_mutex_clear (&batch.mutex);
  g_cond_clear (&batch.done);
  return ok;
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  g_autofree char *out = NULL, *threads = NULL;
  const GOptionEntry entries[] = {
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "The array to write", "FILE.npy" },
    { "threads", 0, 0, G_OPTION_ARG_FILENAME, &threads, "Images in parallel (one per core)", "N" },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, G_MAXUINT, error);
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (CytNpyWriter) writer = NULL;
  g_autoptr (CliProgress) progress = NULL;
  guint n_threads = 0;

  if (args == NULL || !cli_require ("--out", out, error) || !cli_parse_threads (threads, &n_threads, error))
    return FALSE;
  list = cli_images_open (args, (const char *const[]) { out, NULL }, error);
  if (list == NULL)
    return FALSE;

  progress = cli_progress_new ("images");
  writer = cyt_npy_writer_new (
      out, CYT_DTYPE_U8, 4,
      (gint64[]) { (gint64) cyt_image_list_get_n_items (list), CYT_IMAGE_SIZE, CYT_IMAGE_SIZE, 3 }, error);
  return writer != NULL
         && write_images (list, writer, n_threads > 0 ? n_threads : g_get_num_processors (), progress, error)
         && cyt_npy_writer_close (writer, error);
}

const CliCommand cmd_preprocess = {
  .name = "preprocess",
  .arguments = "IMAGE…",
  .summary = "Write images as the encoder sees them: uint8 (n, 224, 224, 3)",
  .description
  = "IMAGE is a file, a folder (taken with its sub-folders, sorted by path) or a CSV with the columns\n"
    "image[,label,patient,disease]. The pixels are those of PIL's convert(\"RGB\") and resize((224, 224)).\n\n"
    "Example:\n  cytosae preprocess cells/ --out x.npy\n",
  .run = run,
};
