/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What an encoder and an SAE cost on this machine, without having them: the kernels run with random weights. */
typedef struct
{
  gsize d;         /* a multiple of 64 */
  gsize n_blocks;
  gsize d_mlp;     /* of each half for SwiGLU */
  gboolean swiglu;
  gsize d_sae;
} CytModelShape;

/* Wall-clock seconds per image, from pixels to latents at CytoSAE's hook (the last block is not run), when
 * @n_threads images (0: one per core) are in work at once. Embedding, one block and a few thousand latents are each
 * repeated for @seconds (at least once), and counted as often as the model has them. 0 when cancelled.
 * @cancellable: may be NULL; it is heeded between repetitions. */
double cyt_model_timing_measure (const CytModelShape *shape, guint n_threads, double seconds,
                                 GCancellable *cancellable);

/* Bytes that the models of @shape and the buffers of @n_threads images (0: one per core) take while they run. */
guint64 cyt_model_shape_get_memory (const CytModelShape *shape, guint n_threads);

G_END_DECLS
