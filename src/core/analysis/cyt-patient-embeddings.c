/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "analysis/cyt-patient-embeddings.h"
#include "io/cyt-error.h"
#include "model/cyt-pipeline.h"

typedef struct
{
  CytProject *project;
  const CytBarcodes *patients;
  GPtrArray *hashes;        /* of char*, by position in the data set; NULL: was not read */
  const CytImageList *list;
  CytEmbedding kind;
  gsize d;
  double *out;              /* (n_rows, d) */
  gsize *n_images;          /* (n_rows) */
  CytProgress *progress;
} Walk;

static gboolean
note_cell (const CytCell *cell, const CytCellLatents *latents, gpointer user_data, GError **error)
{
  Walk *walk = user_data;

  if (cell->position < walk->hashes->len)
    walk->hashes->pdata[cell->position] = g_strdup (cell->sha256);
  return TRUE;
}

static void
add_tokens (const Walk *walk, double *row, const float *tokens)
{
  if (walk->kind == CYT_EMBEDDING_CLS)
    {
      for (gsize j = 0; j < walk->d; j++)
        row[j] += tokens[j];
      return;
    }
  for (gsize t = 0; t < CYT_N_TOKENS; t++)
    for (gsize j = 0; j < walk->d; j++)
      row[j] += tokens[t * walk->d + j] / CYT_N_TOKENS;
}

static gboolean
add_image (CytPipelineResult *result, gpointer user_data, GError **error)
{
  Walk *walk = user_data;
  const CytImageItem *item = cyt_image_list_get_item (walk->list, result->index);
  const char *hash = walk->hashes->pdata[result->index];
  gssize row = item->patient != NULL ? cyt_barcodes_find_row (walk->patients, item->patient) : -1;

  if (walk->progress)
    cyt_progress_advance (walk->progress, 1, 0);
  if (hash == NULL || row < 0)
    return TRUE;
  if (result->error != NULL)
    {
      g_propagate_error (error, g_error_copy (result->error));
      return FALSE;
    }
  if (g_strcmp0 (hash, result->sha256) != 0)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH, "%s: image %s is not the one that was indexed",
                   cyt_project_get_path (walk->project), item->path);
      return FALSE;
    }
  add_tokens (walk, walk->out + row * walk->d, result->tokens);
  walk->n_images[row]++;
  return TRUE;
}

static gboolean
walk_dataset (Walk *walk, const CytDataset *dataset, const CytEncoder *encoder, guint n_threads, GCancellable *cancellable,
              GError **error)
{
  g_autoptr (CytImageList) list = cyt_project_load_image_list (walk->project, dataset->id, error);
  g_autoptr (GPtrArray) hashes = g_ptr_array_new_with_free_func (g_free);
  CytPipelineOptions pipeline = {
    .encoder = encoder,
    .block = cyt_project_get_block (walk->project),
    .n_threads = n_threads,
    .want_hash = TRUE,
    .want_tokens = TRUE,
  };

  if (list == NULL)
    return FALSE;
  g_ptr_array_set_size (list->items, (int) dataset->n_indexed);
  g_ptr_array_set_size (hashes, (int) dataset->n_indexed);
  walk->list = list;
  walk->hashes = hashes;
  return cyt_project_scan_cells (walk->project, dataset->id, NAN, note_cell, walk, cancellable, error)
         && cyt_pipeline_run (&pipeline, list, add_image, walk, cancellable, error);
}

gboolean
cyt_patients_embed (CytProject *project, gint64 dataset, const CytBarcodes *patients, const CytEncoder *encoder,
                    CytEmbedding kind, guint n_threads, double *out, CytProgress *progress, GCancellable *cancellable,
                    GError **error)
{
  gsize n = patients->rows->len, n_cells = 0, d = cyt_encoder_get_config (encoder)->d;
  g_autofree gsize *n_images = g_new0 (gsize, n);
  g_autoptr (GPtrArray) datasets = cyt_project_list_datasets (project, error);
  Walk walk = { .project = project, .patients = patients, .kind = kind, .d = d, .out = out, .n_images = n_images,
                .progress = progress };

  if (datasets == NULL)
    return FALSE;
  for (gsize i = 0; i < n * d; i++)
    out[i] = 0;
  for (guint i = 0; i < datasets->len; i++)
    if (dataset < 0 || ((const CytDataset *) datasets->pdata[i])->id == dataset)
      n_cells += ((const CytDataset *) datasets->pdata[i])->n_indexed;
  if (progress)
    cyt_progress_start (progress, 0, n_cells);
  for (guint i = 0; i < datasets->len; i++)
    if ((dataset < 0 || ((const CytDataset *) datasets->pdata[i])->id == dataset)
        && !walk_dataset (&walk, datasets->pdata[i], encoder, n_threads, cancellable, error))
      return FALSE;
  for (gsize i = 0; i < n; i++)
    for (gsize j = 0; j < d; j++)
      out[i * d + j] /= (double) MAX (1, n_images[i]);
  return TRUE;
}
