/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "io/cyt-image.h"
#include "model/cyt-encoder-private.h"
#include "model/cyt-model-timing.h"
#include "model/cyt-sae-private.h"
#include "tensor/cyt-blas.h"

#define T CYT_SAE_TILE
#define N_TILES 16        /* of the SAE that is timed */
#define SAE_BIAS (-3.5f)  /* in standard deviations: few latents fire, as in a trained SAE */

/* One block stands for all: its weights are used 257 times each, so that reading them from memory costs next to
 * nothing beside the arithmetic. */
typedef struct
{
  CytEncoder encoder;
  CytEncoderBlock block;
  CytSae sae;
  GPtrArray *arrays; /* owns all weights */
  guint32 random;
} Models;

typedef enum
{
  EMBED,
  EMBED_AND_BLOCK,
  SAE,
  N_PARTS
} Part;

typedef struct
{
  const Models *models;
  Part part;
  double seconds;
  GCancellable *cancellable;
  double rate; /* runs per second of this thread */
} Worker;

/* (n) uniform numbers of standard deviation @deviation: what they are does not matter, as long as no kernel meets
 * denormal numbers or infinities. */
static float *
random_array (Models *self, gsize n, double deviation)
{
  float *out = g_new (float, n);
  float scale = deviation * sqrt (12) / 4294967296.0;

  for (gsize i = 0; i < n; i++)
    {
      self->random = self->random * 1664525u + 1013904223u;
      out[i] = (gint32) self->random * scale;
    }
  g_ptr_array_add (self->arrays, out);
  return out;
}

static void
models_init (Models *self, const CytModelShape *shape)
{
  gsize d = shape->d, h = shape->d_mlp, e = shape->swiglu ? 2 * h : h;

  *self = (Models){ .arrays = g_ptr_array_new_with_free_func (g_free), .random = 1 };
  self->block = (CytEncoderBlock){
    .norm1_weight = random_array (self, d, 1), .norm1_bias = random_array (self, d, 0.1),
    .qkv_weight = random_array (self, 3 * d * d, 1 / sqrt (d)), .qkv_bias = random_array (self, 3 * d, 0.1),
    .proj_weight = random_array (self, d * d, 1 / sqrt (d)), .proj_bias = random_array (self, d, 0.1),
    .ls1 = random_array (self, d, 0.1),
    .norm2_weight = random_array (self, d, 1), .norm2_bias = random_array (self, d, 0.1),
    .fc1_weight = random_array (self, e * d, 1 / sqrt (d)), .fc1_bias = random_array (self, e, 0.1),
    .fc2_weight = random_array (self, d * h, 1 / sqrt (h)), .fc2_bias = random_array (self, d, 0.1),
    .ls2 = random_array (self, d, 0.1),
  };
  self->encoder = (CytEncoder){
    .config = { .layout = "DINOv2", .d = d, .n_blocks = 1, .n_heads = d / CYT_HEAD_SIZE, .d_mlp = h,
                .swiglu = shape->swiglu, .n_grid = CYT_N_PATCH_SIDE },
    .patch_weight = random_array (self, d * CYT_PATCH_PIXELS, 1 / sqrt (CYT_PATCH_PIXELS)),
    .patch_bias = random_array (self, d, 0.1),
    .cls = random_array (self, d, 1),
    .positions = random_array (self, CYT_N_PATCHES * d, 1),
    .blocks = &self->block,
  };
  self->sae = (CytSae){
    .config = { .layout = "CytoSAE", .kind = CYT_SAE_RELU, .d_in = d, .d_sae = N_TILES * T },
    .n_tiles = N_TILES,
    .w_enc = random_array (self, N_TILES * d * T, 1 / sqrt (d)),
    .b_enc = random_array (self, N_TILES * T, 0),
    .threshold = random_array (self, N_TILES * T, 0),
    .b_dec = random_array (self, d, 0),
  };
  for (gsize k = 0; k < N_TILES * T; k++)
    self->sae.b_enc[k] = SAE_BIAS;
}

static void
models_clear (Models *self)
{
  g_clear_pointer (&self->arrays, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Models, models_clear)

static gpointer
worker_main (gpointer data)
{
  Worker *self = data;
  const Models *models = self->models;
  gsize d = models->encoder.config.d;
  g_autoptr (CytEncoderWorkspace) encoder = cyt_encoder_workspace_new (&models->encoder);
  g_autoptr (CytSaeWorkspace) sae = cyt_sae_workspace_new (&models->sae);
  g_autofree guint8 *pixels = g_new (guint8, CYT_IMAGE_SIZE * CYT_IMAGE_SIZE * 3);
  g_autofree float *tokens = g_new (float, CYT_N_TOKENS * d);
  CytCellLatents latents = { 0 };
  gint64 start, elapsed = 0;
  guint n = 0;

  for (gsize i = 0; i < CYT_IMAGE_SIZE * CYT_IMAGE_SIZE * 3; i++)
    pixels[i] = i * 2654435761u >> 24;
  for (gsize i = 0; i < CYT_N_TOKENS * d; i++)
    tokens[i] = (gint32) (guint32) (i * 2654435761u) * (float) (sqrt (12) / 4294967296.0);
  start = g_get_monotonic_time ();
  do
    {
      if (self->part == SAE)
        cyt_sae_run (&models->sae, sae, &latents, tokens, 0.2f, NULL, NULL, NULL);
      else
        cyt_encoder_run (&models->encoder, encoder, tokens, pixels, self->part == EMBED_AND_BLOCK);
      elapsed = g_get_monotonic_time () - start;
      n++;
    }
  while (elapsed < self->seconds * G_USEC_PER_SEC && !g_cancellable_is_cancelled (self->cancellable));
  self->rate = (double) n * G_USEC_PER_SEC / MAX (elapsed, 1);
  cyt_cell_latents_clear (&latents);
  return NULL;
}

/* Seconds per run of @part, with all threads at work. */
static double
measure_part (const Models *models, Part part, guint n_threads, double seconds, GCancellable *cancellable)
{
  g_autofree Worker *workers = g_new0 (Worker, n_threads);
  g_autofree GThread **threads = g_new0 (GThread *, n_threads);
  double rate = 0;

  for (guint i = 0; i < n_threads; i++)
    {
      workers[i] = (Worker){ models, part, seconds, cancellable, 0 };
      threads[i] = g_thread_new ("timing", worker_main, &workers[i]);
    }
  for (guint i = 0; i < n_threads; i++)
    {
      g_thread_join (threads[i]);
      rate += workers[i].rate;
    }
  return 1 / rate;
}

static guint
count_threads (guint n_threads)
{
  return n_threads > 0 ? n_threads : g_get_num_processors ();
}

double
cyt_model_timing_measure (const CytModelShape *shape, guint n_threads, double seconds, GCancellable *cancellable)
{
  g_auto (Models) models = { 0 };
  double parts[N_PARTS], block;

  g_return_val_if_fail (shape->d > 0 && shape->d % CYT_HEAD_SIZE == 0 && shape->n_blocks > 0, 0);

  cyt_blas_init ();
  models_init (&models, shape);
  for (Part part = 0; part < N_PARTS; part++)
    parts[part] = measure_part (&models, part, count_threads (n_threads), seconds, cancellable);
  if (g_cancellable_is_cancelled (cancellable))
    return 0;
  block = MAX (0, parts[EMBED_AND_BLOCK] - parts[EMBED]);
  return parts[EMBED] + (shape->n_blocks - 1) * block + parts[SAE] * shape->d_sae / (N_TILES * T);
}

guint64
cyt_model_shape_get_memory (const CytModelShape *shape, guint n_threads)
{
  guint64 d = shape->d, h = shape->d_mlp, e = shape->swiglu ? 2 * h : h, n = CYT_N_TOKENS;
  guint64 block = 3 * d * d + d * d + e * d + d * h, front = d * (CYT_PATCH_PIXELS + CYT_N_PATCHES);
  guint64 sae = d * ((shape->d_sae + T - 1) / T * T);
  /* The encoder's and the SAE's buffers, and the tokens of an image on its way. */
  guint64 image = CYT_N_PATCHES * CYT_PATCH_PIXELS + n * (d + d + 3 * d + d + n + e + (shape->swiglu ? h : 0))
                  + n * (d + T) + 2 * n * d;

  return sizeof (float) * (front + shape->n_blocks * block + sae + image * count_threads (n_threads));
}
