/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "analysis/cyt-label-batch.h"

#include "cyt-session-private.h"

/* What the thread works on: copies, for the list goes on meanwhile. */
typedef struct
{
  CytLatentRow *rows;
  GArray *latents;
  guint size;
  guint seed;
} Sample;

static void
sample_free (Sample *sample)
{
  g_free (sample->rows);
  g_array_unref (sample->latents);
  g_free (sample);
}

static void
sample_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Sample *sample = data;
  GError *error = NULL;
  GArray *batch = cyt_label_batch_sample (sample->rows, (const guint32 *) sample->latents->data, sample->latents->len,
                                          sample->size, sample->seed, cancellable, &error);

  if (batch != NULL)
    g_task_return_pointer (task, batch, (GDestroyNotify) g_array_unref);
  else
    g_task_return_error (task, error);
}

/* The batch takes the place of the filter it was drawn from: a latent of it stays in it once it is labelled. */
static void
sampled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CytSession *self = CYT_SESSION (source);
  const Sample *sample = g_task_get_task_data (G_TASK (result));
  g_autoptr (CytLatentFilter) filter = NULL;
  g_autoptr (GArray) batch = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autofree char *name = NULL;

  if (batch == NULL)
    return;
  /* Translators: the number of latents, and of the seed they were drawn with */
  name = g_strdup_printf (_("batch of %u (seed %u)"), batch->len, sample->seed);
  filter = cyt_latent_filter_new ();
  cyt_latent_filter_set_subset (filter, (const guint32 *) batch->data, batch->len, name);
  cyt_latent_model_set_filter (self->latents, filter);
  cyt_latent_model_set_selected (self->latents, cyt_latent_model_get_latent_at (self->latents, 0));
}

void
cyt_session_sample_batch (CytSession *self, guint size, guint seed)
{
  const CytLatentTable *table;
  g_autoptr (GTask) task = NULL;
  Sample *sample;

  g_return_if_fail (CYT_IS_SESSION (self));

  table = cyt_latent_model_get_current_table (self->latents);
  if (table == NULL || g_list_model_get_n_items (G_LIST_MODEL (self->latents)) == 0)
    return;
  sample = g_new0 (Sample, 1);
  sample->rows = g_memdup2 (table->rows, table->n_rows * sizeof *table->rows);
  sample->latents = cyt_latent_model_list_shown (self->latents);
  sample->size = size;
  sample->seed = seed;
  task = g_task_new (self, self->cancellable, sampled_cb, NULL);
  g_task_set_source_tag (task, cyt_session_sample_batch);
  g_task_set_task_data (task, sample, (GDestroyNotify) sample_free);
  g_task_run_in_thread (task, sample_thread);
}
