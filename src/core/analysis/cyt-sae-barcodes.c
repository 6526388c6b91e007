/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "analysis/cyt-barcodes-private.h"
#include "analysis/cyt-sae-barcodes.h"
#include "io/cyt-error.h"

#define PER_THREAD 4  /* images of a batch */

typedef struct
{
  const CytSae *sae;
  CytTokenSource *source;
  const CytImageList *list;
  gsize n_values;                  /* 257 d */
  float threshold;
  CytParallel *parallel;
  CytProgress *progress;           /* or NULL */
  GCancellable *cancellable;

  gsize n_batch;
  float *tokens;                   /* (n_batch, 257, d) */
  CytCellLatents *latents;         /* (n_batch) */
  CytSaeWorkspace **workspaces;    /* (threads) */
} Walk;

static void
run_image (gsize i, guint thread, gpointer data)
{
  Walk *self = data;

  cyt_sae_run (self->sae, self->workspaces[thread], &self->latents[i], self->tokens + i * self->n_values, self->threshold,
               NULL, NULL, NULL);
}

/* Tokens of those of @images (n) that can be read, which move to the front. */
static gboolean
read_images (Walk *self, guint32 *images, gsize *n, GError **error)
{
  gsize n_read, n_kept = 0;

  if (!cyt_token_source_read (self->source, images, *n, self->tokens, &n_read, self->cancellable, error))
    return FALSE;
  if (n_read == *n)
    return TRUE;
  for (gsize i = 0; i < *n; i++) /* rare: one by one, to see which */
    {
      if (!cyt_token_source_read (self->source, &images[i], 1, self->tokens + n_kept * self->n_values, &n_read,
                                  self->cancellable, error))
        return FALSE;
      if (n_read > 0)
        images[n_kept++] = images[i];
    }
  *n = n_kept;
  return TRUE;
}

static gboolean
walk_images (CytCellScanFunc add, gpointer data, gpointer user_data, GError **error)
{
  Walk *self = user_data;
  g_autofree guint32 *images = g_new (guint32, self->n_batch);
  gsize n_items = cyt_image_list_get_n_items (self->list);

  if (self->progress != NULL)
    cyt_progress_start (self->progress, 0, n_items);
  for (gsize next = 0; next < n_items;)
    {
      gsize n = 0, from = next;

      for (; next < n_items && n < self->n_batch; next++)
        if (cyt_image_list_get_item (self->list, next)->patient != NULL)
          images[n++] = (guint32) next;
      if (!read_images (self, images, &n, error))
        return FALSE;
      cyt_parallel_run (self->parallel, n, run_image, self);
      for (gsize i = 0; i < n; i++)
        {
          const CytImageItem *item = cyt_image_list_get_item (self->list, images[i]);
          const CytCell cell = { .label = item->label, .patient = item->patient, .disease = item->disease };

          if (!add (&cell, &self->latents[i], data, error))
            return FALSE;
        }
      if (self->progress != NULL)
        cyt_progress_advance (self->progress, next - from, 0);
    }
  return TRUE;
}

CytBarcodes *
cyt_sae_barcodes_compute (const CytSae *sae, CytTokenSource *source, const CytImageList *list, gsize d, double threshold,
                          CytParallel *parallel, CytProgress *progress, GCancellable *cancellable, GError **error)
{
  guint n_threads = cyt_parallel_get_n_threads (parallel);
  Walk walk = { .sae = sae, .source = source, .list = list, .n_values = CYT_N_TOKENS * d, .threshold = (float) threshold,
                .parallel = parallel, .progress = progress, .cancellable = cancellable, .n_batch = PER_THREAD * n_threads };
  CytBarcodes *barcodes;

  if (cyt_sae_get_config (sae)->d_in != d)
    {
      g_set_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_MISMATCH,
                   "the SAE reads tokens of %" G_GSIZE_FORMAT " dimensions, the encoder gives %" G_GSIZE_FORMAT,
                   cyt_sae_get_config (sae)->d_in, d);
      return NULL;
    }
  walk.tokens = g_new (float, walk.n_batch * walk.n_values);
  walk.latents = g_new0 (CytCellLatents, walk.n_batch);
  walk.workspaces = g_new0 (CytSaeWorkspace *, n_threads);
  for (gsize i = 0; i < walk.n_batch; i++)
    cyt_cell_latents_init (&walk.latents[i]);
  for (guint i = 0; i < n_threads; i++)
    walk.workspaces[i] = cyt_sae_workspace_new (sae);
  barcodes = cyt_barcodes_compute_walk (cyt_sae_get_config (sae)->d_sae, threshold, walk_images, &walk, error);
  for (gsize i = 0; i < walk.n_batch; i++)
    cyt_cell_latents_clear (&walk.latents[i]);
  for (guint i = 0; i < n_threads; i++)
    cyt_sae_workspace_free (walk.workspaces[i]);
  g_free (walk.tokens);
  g_free (walk.latents);
  g_free (walk.workspaces);
  return barcodes;
}
