/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "io/cyt-image.h"
#include "model/cyt-pipeline.h"

/* Images in flight per worker: enough that no worker waits for a slow neighbour. */
#define SLOTS_PER_WORKER 4

typedef struct
{
  CytPipelineResult result;
  GError *error;
  float *tokens;    /* (257, d), only when wanted */
  float *embedding; /* (d of its encoder), only when wanted */
  gboolean ready;
} Slot;

/* Image i of the run lies in slot i % n_slots from when a worker takes it until the sink has seen it. */
typedef struct
{
  const CytPipelineOptions *options;
  const CytImageList *list;
  gsize n_blocks_to_run;
  gsize n_embedding_blocks; /* to run of the embedding encoder */
  GMutex mutex;
  GCond changed;
  Slot *slots;
  gsize n_slots;
  gsize n_images; /* list positions end here */
  gsize next;     /* list position that the next free worker takes */
  gsize n_seen;   /* list positions before this have been seen by the sink */
  gboolean stop;
} Run;

typedef struct
{
  Run *run;
  CytEncoderWorkspace *encoder;
  CytEncoderWorkspace *embedding_encoder; /* NULL where it is the same, or none */
  CytSaeWorkspace *sae;
  float *tokens;           /* (257, d) */
  float *embedding_tokens; /* (257, d of its encoder), NULL without one */
  guint8 *pixels; /* (224, 224, 3) */
} Worker;

static void
keep_map (const CytSparseMap *map, gpointer user_data)
{
  g_ptr_array_add (user_data, g_memdup2 (map, sizeof *map));
}

static void
slot_clear (Slot *slot, const CytPipelineOptions *options)
{
  CytPipelineResult *r = &slot->result;

  if (r->visit != NULL)
    options->visit_free (r->visit);
  r->visit = NULL;
  r->embedding = NULL;

  g_clear_error (&slot->error);
  g_clear_pointer (&r->thumbnail, g_bytes_unref);
  g_ptr_array_set_size (r->maps, 0);
  r->latents.n = 0;
  r->error = NULL;
  r->width = r->height = 0;
  r->sha256[0] = '\0';
  r->simulated = FALSE;
  r->tokens = NULL;
}

/* color: (3); in: pixels (224, 224, 3) u8. Sums of whole numbers, so that no order of adding matters. */
static void
average_color (double *color, const guint8 *pixels)
{
  guint32 sum[3] = { 0 };

  for (gsize i = 0; i < CYT_IMAGE_SIZE * CYT_IMAGE_SIZE; i++)
    for (guint c = 0; c < 3; c++)
      sum[c] += pixels[3 * i + c];
  for (guint c = 0; c < 3; c++)
    color[c] = (double) sum[c] / (CYT_IMAGE_SIZE * CYT_IMAGE_SIZE);
}

/* The CLS token of the embedding encoder's block, into the slot; right after the image's tokens were computed. */
static void
embed_image (Worker *worker, Slot *slot)
{
  const Run *run = worker->run;
  const CytEncoder *encoder = run->options->embedding_encoder;
  gsize d = cyt_encoder_get_config (encoder)->d;

  if (encoder == run->options->encoder && run->n_embedding_blocks >= run->n_blocks_to_run)
    cyt_encoder_run_on (encoder, worker->encoder, worker->embedding_tokens, run->n_blocks_to_run,
                        run->n_embedding_blocks);
  else
    cyt_encoder_run (encoder, worker->embedding_encoder ? worker->embedding_encoder : worker->encoder,
                     worker->embedding_tokens, worker->pixels, run->n_embedding_blocks);
  memcpy (slot->embedding, worker->embedding_tokens, d * sizeof (float));
  slot->result.embedding = slot->embedding;
}

/* file → pixels → tokens → latents, into the slot. */
static gboolean
process_image (Worker *worker, Slot *slot, gsize index, GError **error)
{
  const CytPipelineOptions *o = worker->run->options;
  CytPipelineResult *r = &slot->result;
  g_autofree char *path = cyt_image_list_dup_path (worker->run->list, index);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (CytImage) image = NULL;
  float *tokens = o->want_tokens ? slot->tokens : worker->tokens;
  char *content;
  gsize length;

  if (!g_file_get_contents (path, &content, &length, error))
    return FALSE;
  bytes = g_bytes_new_take (content, length);
  if ((image = cyt_image_load_bytes (bytes, path, error)) == NULL)
    return FALSE;
  r->width = image->width;
  r->height = image->height;
  r->simulated = cyt_image_is_simulated (bytes);
  if (o->want_hash)
    {
      g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);

      g_strlcpy (r->sha256, hash, sizeof r->sha256);
    }

  cyt_image_preprocess (image, worker->pixels);
  average_color (r->color, worker->pixels);
  cyt_encoder_run (o->encoder, worker->encoder, tokens, worker->pixels, worker->run->n_blocks_to_run);
  r->tokens = o->want_tokens ? tokens : NULL;
  if (o->embedding_encoder != NULL)
    embed_image (worker, slot);
  if (o->visit != NULL)
    r->visit = o->visit (index, tokens, o->visit_data);
  if (o->sae != NULL)
    cyt_sae_run (o->sae, worker->sae, &r->latents, tokens, o->tau, o->map_above, keep_map, r->maps);

  if (o->thumbnail_size > 0 && (o->map_above == NULL || r->maps->len > 0))
    r->thumbnail = cyt_image_make_thumbnail (image, o->thumbnail_size, NULL); /* a cell without is no failure */
  return TRUE;
}

static gpointer
worker_thread (gpointer data)
{
  Worker *worker = data;
  Run *run = worker->run;

  g_mutex_lock (&run->mutex);
  for (;;)
    {
      gsize index;
      Slot *slot;

      while (!run->stop && run->next < run->n_images && run->next >= run->n_seen + run->n_slots)
        g_cond_wait (&run->changed, &run->mutex);
      if (run->stop || run->next >= run->n_images)
        break;
      index = run->next++;
      slot = &run->slots[index % run->n_slots];
      slot->ready = FALSE;
      slot->result.index = index;
      g_mutex_unlock (&run->mutex);

      slot_clear (slot, run->options);
      if (!process_image (worker, slot, index, &slot->error))
        slot->result.error = slot->error;

      g_mutex_lock (&run->mutex);
      slot->ready = TRUE;
      g_cond_broadcast (&run->changed);
    }
  g_mutex_unlock (&run->mutex);
  return NULL;
}

static void
stop_run (Run *run)
{
  g_mutex_lock (&run->mutex);
  run->stop = TRUE;
  g_cond_broadcast (&run->changed);
  g_mutex_unlock (&run->mutex);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer run)
{
  stop_run (run);
}

/* The next image in list order, or NULL when the run was stopped. */
static Slot *
wait_for_slot (Run *run, gsize index)
{
  Slot *slot = &run->slots[index % run->n_slots];

  g_mutex_lock (&run->mutex);
  /* A slot is ready for an earlier image until a worker has taken it anew. */
  while (!run->stop && !(slot->ready && slot->result.index == index))
    g_cond_wait (&run->changed, &run->mutex);
  if (run->stop)
    slot = NULL;
  g_mutex_unlock (&run->mutex);
  return slot;
}

static gboolean
feed_sink (Run *run, CytPipelineSink sink, gpointer user_data, GError **error)
{
  for (gsize index = run->options->first; index < run->n_images; index++)
    {
      Slot *slot = wait_for_slot (run, index);

      if (slot == NULL || !sink (&slot->result, user_data, error))
        return FALSE;
      g_mutex_lock (&run->mutex);
      run->n_seen = index + 1;
      g_cond_broadcast (&run->changed);
      g_mutex_unlock (&run->mutex);
    }
  return TRUE;
}

gboolean
cyt_pipeline_run (const CytPipelineOptions *options, const CytImageList *list, CytPipelineSink sink,
                  gpointer user_data, GCancellable *cancellable, GError **error)
{
  Run run = { .options = options, .list = list, .n_images = cyt_image_list_get_n_items (list),
              .next = options->first, .n_seen = options->first };
  const CytEncoder *embedding = options->embedding_encoder;
  gsize d = cyt_encoder_get_config (options->encoder)->d;
  gsize d_embedding = embedding != NULL ? cyt_encoder_get_config (embedding)->d : 0;
  guint n_workers = options->n_threads > 0 ? options->n_threads : g_get_num_processors ();
  g_autofree Worker *workers = NULL;
  g_autofree GThread **threads = NULL;
  gulong cancelled_id;
  gboolean done;

  if (!cyt_encoder_resolve_block (options->encoder, options->block, &run.n_blocks_to_run, error)
      || (embedding != NULL
          && !cyt_encoder_resolve_block (embedding, options->embedding_block, &run.n_embedding_blocks, error))
      || (options->sae != NULL && !cyt_sae_check_encoder (options->sae, options->encoder, error)))
    return FALSE;
  if (options->first >= run.n_images)
    return !g_cancellable_set_error_if_cancelled (cancellable, error);

  n_workers = MIN (n_workers, run.n_images - options->first);
  run.n_slots = n_workers * SLOTS_PER_WORKER;
  run.slots = g_new0 (Slot, run.n_slots);
  g_mutex_init (&run.mutex);
  g_cond_init (&run.changed);
  for (gsize i = 0; i < run.n_slots; i++)
    {
      run.slots[i].result.maps = g_ptr_array_new_with_free_func (g_free);
      cyt_cell_latents_init (&run.slots[i].result.latents);
      if (options->want_tokens)
        run.slots[i].tokens = g_new (float, CYT_N_TOKENS * d);
      if (embedding != NULL)
        run.slots[i].embedding = g_new (float, d_embedding);
    }
  workers = g_new0 (Worker, n_workers);
  threads = g_new0 (GThread *, n_workers);
  for (guint i = 0; i < n_workers; i++)
    {
      workers[i] = (Worker){ .run = &run, .encoder = cyt_encoder_workspace_new (options->encoder),
                             .sae = options->sae ? cyt_sae_workspace_new (options->sae) : NULL,
                             .tokens = g_new (float, CYT_N_TOKENS * d),
                             .embedding_encoder = embedding != NULL && embedding != options->encoder
                                                    ? cyt_encoder_workspace_new (embedding) : NULL,
                             .embedding_tokens = embedding ? g_new (float, CYT_N_TOKENS * d_embedding) : NULL,
                             .pixels = g_new (guint8, CYT_IMAGE_SIZE * CYT_IMAGE_SIZE * 3) };
      threads[i] = g_thread_new ("pipeline", worker_thread, &workers[i]);
    }

  cancelled_id = cancellable ? g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), &run, NULL) : 0;
  done = feed_sink (&run, sink, user_data, error);
  stop_run (&run);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, cancelled_id);

  for (guint i = 0; i < n_workers; i++)
    {
      g_thread_join (threads[i]);
      cyt_encoder_workspace_free (workers[i].encoder);
      cyt_encoder_workspace_free (workers[i].embedding_encoder);
      g_free (workers[i].embedding_tokens);
      cyt_sae_workspace_free (workers[i].sae);
      g_free (workers[i].tokens);
      g_free (workers[i].pixels);
    }
  for (gsize i = 0; i < run.n_slots; i++)
    {
      slot_clear (&run.slots[i], options);
      g_ptr_array_unref (run.slots[i].result.maps);
      cyt_cell_latents_clear (&run.slots[i].result.latents);
      g_free (run.slots[i].tokens);
      g_free (run.slots[i].embedding);
    }
  g_free (run.slots);
  g_mutex_clear (&run.mutex);
  g_cond_clear (&run.changed);

  /* A run ends early by the sink's error or by cancellation. */
  if (!done && (error == NULL || *error == NULL))
    g_cancellable_set_error_if_cancelled (cancellable, error);
  return done;
}
