/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-measures-journal.h"
#include "io/cyt-error.h"
#include "model/cyt-pipeline.h"
#include "tensor/cyt-kernels.h"
#include "train/cyt-train-kernels.h"

int
cyt_measures_pick_block (const CytEncoder *encoder, int block, const CytEncoder *embedding_encoder)
{
  gsize n = cyt_encoder_get_config (encoder)->n_blocks;

  if (embedding_encoder != NULL && embedding_encoder != encoder)
    return -1;
  return n > 1 && (block == -1 || block == (int) n - 1) ? -2 : -1;
}

/* ---- The images ---- */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Distinct labels, sorted, and each image's index among them. */
static void
find_classes (CytMeasuresImages *images, const CytImageList *list)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (gsize i = 0; i < images->n; i++)
    {
      const char *label = cyt_image_list_get_item (list, i)->label;

      if (label != NULL && g_hash_table_add (numbers, (gpointer) label))
        g_ptr_array_add (names, (gpointer) label);
    }
  g_ptr_array_sort (names, compare_names);
  images->n_classes = names->len;
  for (guint c = 0; c < names->len; c++)
    g_hash_table_insert (numbers, names->pdata[c], GUINT_TO_POINTER (c));
  images->class = g_new (gint32, images->n);
  for (gsize i = 0; i < images->n; i++)
    {
      const char *label = cyt_image_list_get_item (list, i)->label;

      images->class[i] = label != NULL ? (gint32) GPOINTER_TO_UINT (g_hash_table_lookup (numbers, label)) : -1;
    }
  g_ptr_array_add (names, NULL);
  images->classes = g_strdupv ((char **) names->pdata);
}

static void
images_init (CytMeasuresImages *images, const CytMeasuresOptions *options)
{
  const CytEncoder *embedding = options->embedding_encoder ? options->embedding_encoder : options->encoder;

  images->n = cyt_image_list_get_n_items (options->list);
  images->d = cyt_encoder_get_config (options->encoder)->d;
  images->d_embedding = cyt_encoder_get_config (embedding)->d;
  images->embedding = g_new0 (float, images->n * images->d_embedding);
  images->failed = g_new0 (guint8, images->n);
  images->sum = g_new0 (double, images->d);
  find_classes (images, options->list);
  images->half = g_new (guint8, images->n);
  cyt_image_list_halve (options->list, images->half);
}

static void
images_clear (CytMeasuresImages *images)
{
  g_free (images->embedding);
  g_strfreev (images->classes);
  g_free (images->class);
  g_free (images->half);
  g_free (images->failed);
  g_free (images->sum);
}

static void
totals_init (CytMeasuresTotals *totals, const CytDictionary *dictionary, gsize n_masked)
{
  totals->dictionary = dictionary;
  totals->square = g_new (float, dictionary->n);
  for (gsize k = 0; k < dictionary->n; k++)
    totals->square[k] = cyt_train_dot (dictionary->w_dec + k * dictionary->d, dictionary->w_dec + k * dictionary->d,
                                       dictionary->d);
  totals->scores = cyt_score_rows_new (dictionary->n);
  totals->top = cyt_top_lists_new (dictionary->n, CYT_MEASURES_N_TOP);
  totals->n_tokens = g_new0 (guint64, dictionary->n);
  totals->gain = g_new0 (double, dictionary->n);
  totals->masked = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_token_latents_free);
  g_ptr_array_set_size (totals->masked, n_masked);
}

static void
totals_clear (CytMeasuresTotals *totals)
{
  g_free (totals->square);
  cyt_score_rows_free (totals->scores);
  cyt_top_lists_free (totals->top);
  g_free (totals->n_tokens);
  g_free (totals->gain);
  g_clear_pointer (&totals->masked, g_ptr_array_unref);
}

/* ---- One image, on a worker's thread ---- */

typedef struct
{
  const CytMeasuresOptions *options;
  CytMeasuresImages images;
  CytMeasuresTotals *totals; /* (n_dictionaries) */
  gsize n_dictionaries;
  gint64 *masked;            /* (images) number among the masks; −1: none */
  GMutex mutex;
  GPtrArray *idle;           /* of Workspace */
  CytProgress *progress;
  CytMeasuresJournal *journal; /* NULL: none */
} Walk;

typedef struct
{
  CytSaeWorkspace **sae;     /* (n_dictionaries) */
  gsize n;
  double *gain;              /* (largest n) */
  float *residual;           /* (d) x − x̂ of one token */
} Workspace;

static void
workspace_free (gpointer data)
{
  Workspace *ws = data;

  for (gsize i = 0; i < ws->n; i++)
    cyt_sae_workspace_free (ws->sae[i]);
  g_free (ws->sae);
  g_free (ws->gain);
  g_free (ws->residual);
  g_free (ws);
}

static Workspace *
take_workspace (Walk *walk)
{
  Workspace *ws = NULL;
  gsize n_most = 0;

  g_mutex_lock (&walk->mutex);
  if (walk->idle->len > 0)
    ws = g_ptr_array_steal_index_fast (walk->idle, walk->idle->len - 1);
  g_mutex_unlock (&walk->mutex);
  if (ws != NULL)
    return ws;
  ws = g_new0 (Workspace, 1);
  ws->n = walk->n_dictionaries;
  ws->sae = g_new (CytSaeWorkspace *, ws->n);
  for (gsize i = 0; i < ws->n; i++)
    {
      ws->sae[i] = cyt_sae_workspace_new (walk->totals[i].dictionary->sae);
      n_most = MAX (n_most, walk->totals[i].dictionary->n);
    }
  ws->gain = g_new (double, n_most);
  ws->residual = g_new (float, walk->images.d);
  return ws;
}

static void
give_workspace (Walk *walk, Workspace *ws)
{
  g_mutex_lock (&walk->mutex);
  g_ptr_array_add (walk->idle, ws);
  g_mutex_unlock (&walk->mutex);
}

CytMeasuresVisit *
cyt_measures_visit_new (gsize d, gsize n_parts)
{
  CytMeasuresVisit *self = g_malloc0 (sizeof *self + n_parts * sizeof (CytMeasuresPart));

  self->n_parts = n_parts;
  self->sum = g_new0 (double, d);
  return self;
}

void
cyt_measures_visit_free (CytMeasuresVisit *self)
{
  for (gsize i = 0; i < self->n_parts; i++)
    {
      cyt_token_latents_free (self->parts[i].latents);
      g_free (self->parts[i].gain);
    }
  g_free (self->sum);
  g_free (self);
}

/* Σ x over the tokens into sum (d); returns Σ ‖x‖². */
static double
add_tokens (double *sum, const float *tokens, gsize d)
{
  double square = 0;

  for (gsize t = 0; t < CYT_N_TOKENS; t++)
    for (gsize c = 0; c < d; c++)
      {
        double x = tokens[t * d + c];

        sum[c] += x;
        square += x * x;
      }
  return square;
}

/* ‖x − x̂‖² of one token; and for each latent k that is active in it, what that grows by without it: with
 * r = x − x̂, ‖r + f w‖² − ‖r‖² = 2 f r·w + f² ‖w‖². */
static double
measure_token (const CytMeasuresTotals *totals, Workspace *ws, const CytTokenLatents *latents, const float *x, gsize t)
{
  const CytDictionary *dictionary = totals->dictionary;
  gsize d = dictionary->d;
  double residual = 0;

  for (gsize c = 0; c < d; c++)
    ws->residual[c] = x[c] - dictionary->b_dec[c];
  for (gsize i = latents->start[t]; i < latents->start[t + 1]; i++)
    cyt_train_axpy (ws->residual, dictionary->hard ? -1 : -latents->value[i], dictionary->w_dec + latents->latent[i] * d, d);
  for (gsize i = latents->start[t]; i < latents->start[t + 1]; i++)
    {
      guint32 k = latents->latent[i];
      double f = dictionary->hard ? 1 : latents->value[i];

      ws->gain[k] += 2 * f * cyt_train_dot (ws->residual, dictionary->w_dec + k * d, d) + f * f * totals->square[k];
    }
  for (gsize c = 0; c < d; c++)
    residual += (double) ws->residual[c] * ws->residual[c];
  return residual;
}

static gboolean
measure_part (const CytMeasuresTotals *totals, Workspace *ws, CytSaeWorkspace *sae_ws, const float *tokens, CytMeasuresPart *part)
{
  const CytDictionary *dictionary = totals->dictionary;
  CytTokenLatents *latents = cyt_token_latents_new (dictionary->sae, sae_ws, tokens, 0);
  gboolean finite;

  part->latents = latents;
  part->n_active = latents->start[CYT_N_TOKENS];
  part->gain = g_new (double, MAX (latents->cell.n, 1));
  for (guint i = 0; i < latents->cell.n; i++)
    ws->gain[latents->cell.latent[i]] = 0;
  for (gsize t = 0; t < CYT_N_TOKENS; t++)
    part->residual += measure_token (totals, ws, latents, tokens + t * dictionary->d, t);
  finite = isfinite (part->residual);
  for (guint i = 0; i < latents->cell.n; i++)
    {
      part->gain[i] = ws->gain[latents->cell.latent[i]];
      finite = finite && isfinite (latents->cell.score[i]);
    }
  return finite;
}

static gpointer
visit_image (gsize index, const float *tokens, gpointer user_data)
{
  Walk *walk = user_data;
  gsize d = walk->images.d;
  CytMeasuresVisit *visit = cyt_measures_visit_new (d, walk->n_dictionaries);
  Workspace *ws = take_workspace (walk);

  visit->square = add_tokens (visit->sum, tokens, d);
  visit->finite = isfinite (visit->square);
  for (gsize i = 0; visit->finite && i < walk->n_dictionaries; i++)
    {
      CytMeasuresPart *part = &visit->parts[i];

      visit->finite = measure_part (&walk->totals[i], ws, ws->sae[i], tokens, part);
      if (walk->masked[index] < 0)
        {
          /* what fires at which token is needed under a mask only */
          g_clear_pointer (&part->latents->latent, g_free);
          g_clear_pointer (&part->latents->value, g_free);
        }
    }
  give_workspace (walk, ws);
  return visit;
}

/* ---- All of them, in list order ---- */

/* Unit length; zero stays zero. */
static gboolean
keep_embedding (CytMeasuresImages *images, gsize index, const float *embedding)
{
  double square = 0, scale;

  for (gsize c = 0; c < images->d_embedding; c++)
    square += (double) embedding[c] * embedding[c];
  scale = square > 0 ? 1 / sqrt (square) : 0;
  for (gsize c = 0; c < images->d_embedding; c++)
    images->embedding[index * images->d_embedding + c] = (float) (embedding[c] * scale);
  return isfinite (square);
}

static void
add_part (CytMeasuresTotals *totals, gsize index, gint64 masked, CytMeasuresPart *part)
{
  const CytCellLatents *cell = &part->latents->cell;

  cyt_score_rows_append (totals->scores, cell);
  for (guint i = 0; i < cell->n; i++)
    {
      totals->n_tokens[cell->latent[i]] += cell->count[i];
      totals->gain[cell->latent[i]] += part->gain[i];
      cyt_top_lists_offer (totals->top, cell->latent[i], cell->score[i], index, NULL);
    }
  totals->residual += part->residual;
  totals->n_active += part->n_active;
  if (masked >= 0)
    totals->masked->pdata[masked] = g_steal_pointer (&part->latents);
}

/* @visit: NULL where the image could not be read. */
static void
add_visit (Walk *walk, gsize index, CytMeasuresVisit *visit)
{
  CytMeasuresImages *images = &walk->images;
  const CytCellLatents none = { 0 };

  if (visit == NULL)
    {
      images->failed[index] = 1;
      images->class[index] = -1;
      images->n_failed++;
      memset (images->embedding + index * images->d_embedding, 0, images->d_embedding * sizeof (float));
      for (gsize i = 0; i < walk->n_dictionaries; i++)
        cyt_score_rows_append (walk->totals[i].scores, &none);
      return;
    }
  images->n_images++;
  images->n_labelled += images->class[index] >= 0;
  images->square += visit->square;
  for (gsize c = 0; c < images->d; c++)
    images->sum[c] += visit->sum[c];
  for (gsize i = 0; i < walk->n_dictionaries; i++)
    add_part (&walk->totals[i], index, walk->masked[index], &visit->parts[i]);
}

static gboolean
add_image (CytPipelineResult *result, gpointer user_data, GError **error)
{
  Walk *walk = user_data;
  CytMeasuresVisit *visit = result->visit;
  gsize index = result->index;

  if (result->error != NULL || !visit->finite || !keep_embedding (&walk->images, index, result->embedding))
    visit = NULL;
  if (walk->journal != NULL
      && !cyt_measures_journal_append (walk->journal, index, &walk->images, visit, walk->masked[index] >= 0, error))
    return FALSE;
  add_visit (walk, index, visit);
  if (walk->progress != NULL)
    cyt_progress_advance (walk->progress, 1, visit == NULL);
  return TRUE;
}

/* ---- What an earlier run has left ---- */

static void
hash_text (GChecksum *sum, const char *text)
{
  /* with the zero at its end: two texts are not one longer */
  g_checksum_update (sum, (const guchar *) (text != NULL ? text : "\1"), text != NULL ? (gssize) strlen (text) + 1 : 2);
}

static void
hash_data (GChecksum *sum, gconstpointer data, gsize n)
{
  g_checksum_update (sum, data, (gssize) n);
}

/* Of all that the sums depend on but the pixels: who has changed images in the meantime measures what they were. */
static char *
make_key (const Walk *walk)
{
  const CytMeasuresOptions *options = walk->options;
  const CytMasks *masks = options->masks;
  const double numbers[] = { options->block, options->embedding_block, (double) walk->images.n, (double) walk->images.d,
                             (double) walk->images.d_embedding, (double) walk->n_dictionaries,
                             masks != NULL ? (double) masks->n_cells : 0 };
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  hash_text (sum, CYT_VERSION);
  hash_text (sum, options->subject);
  hash_data (sum, numbers, sizeof numbers);
  for (gsize i = 0; i < walk->n_dictionaries; i++)
    {
      hash_text (sum, walk->totals[i].dictionary->name);
      hash_data (sum, walk->totals[i].square, walk->totals[i].dictionary->n * sizeof (float));
    }
  hash_text (sum, options->list->root);
  for (gsize i = 0; i < walk->images.n; i++)
    {
      const CytImageItem *item = cyt_image_list_get_item (options->list, i);

      hash_text (sum, item->path);
      hash_text (sum, item->label);
      hash_text (sum, item->patient);
    }
  if (masks != NULL)
    hash_data (sum, masks->position, masks->n_cells * sizeof *masks->position);
  return g_strdup (g_checksum_get_string (sum));
}

/* Sets *first: how many images there were. */
static gboolean
read_journal (Walk *walk, gsize *first, GCancellable *cancellable, GError **error)
{
  g_autofree char *key = NULL;

  if (walk->options->journal == NULL)
    return TRUE;
  key = make_key (walk);
  walk->journal = cyt_measures_journal_open (walk->options->journal, key, error);
  if (walk->journal == NULL)
    return FALSE;
  while (*first < walk->images.n)
    {
      g_autoptr (CytMeasuresVisit) visit = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (!cyt_measures_journal_read (walk->journal, *first, &walk->images, walk->totals, walk->n_dictionaries,
                                      walk->masked[*first] >= 0, &visit))
        break;
      add_visit (walk, (*first)++, visit);
    }
  return TRUE;
}

static gboolean
run_pipeline (Walk *walk, GCancellable *cancellable, GError **error)
{
  const CytMeasuresOptions *options = walk->options;
  CytPipelineOptions pipeline = {
    .encoder = options->encoder,
    .block = options->block,
    .n_threads = options->n_threads,
    .embedding_encoder = options->embedding_encoder ? options->embedding_encoder : options->encoder,
    .embedding_block = options->embedding_block,
    .visit = visit_image,
    .visit_data = walk,
    .visit_free = (GDestroyNotify) cyt_measures_visit_free,
  };

  if (walk->progress != NULL)
    cyt_progress_set_phase (walk->progress, CYT_MEASURES_PHASE_IMAGES, "images", 0, 0, -1);
  if (!read_journal (walk, &pipeline.first, cancellable, error))
    return FALSE;
  if (walk->progress != NULL)
    cyt_progress_start (walk->progress, pipeline.first, walk->images.n);
  if (!cyt_pipeline_run (&pipeline, options->list, add_image, walk, cancellable, error))
    return FALSE;
  if (walk->images.n_images > 0)
    return TRUE;
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY,
               "%s: none of the %" G_GSIZE_FORMAT " images can be read and measured", options->list->root, walk->images.n);
  return FALSE;
}

static GPtrArray *
finish_all (Walk *walk, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_measures_free);
  g_autoptr (CytParallel) parallel = cyt_parallel_new (walk->options->n_threads);

  for (gsize i = 0; i < walk->n_dictionaries; i++)
    {
      g_ptr_array_add (all, cyt_measures_finish (walk->options, &walk->images, &walk->totals[i], i + 1, walk->n_dictionaries,
                                                 parallel, walk->progress, cancellable));
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
    }
  return g_steal_pointer (&all);
}

GPtrArray *
cyt_measures_run (const CytMeasuresOptions *options, const CytDictionary *const *dictionaries, gsize n_dictionaries,
                  CytProgress *progress, GCancellable *cancellable, GError **error)
{
  Walk walk = { .options = options, .n_dictionaries = n_dictionaries, .progress = progress };
  gsize n_masked = options->masks != NULL ? options->masks->n_cells : 0;
  g_autoptr (GPtrArray) all = NULL;

  for (gsize i = 0; i < n_dictionaries; i++)
    if (!cyt_sae_check_encoder (dictionaries[i]->sae, options->encoder, error))
      return NULL;
  images_init (&walk.images, options);
  walk.totals = g_new0 (CytMeasuresTotals, n_dictionaries);
  for (gsize i = 0; i < n_dictionaries; i++)
    totals_init (&walk.totals[i], dictionaries[i], n_masked);
  walk.masked = g_new (gint64, walk.images.n);
  for (gsize i = 0; i < walk.images.n; i++)
    walk.masked[i] = -1;
  for (gsize i = 0; i < n_masked; i++)
    walk.masked[options->masks->position[i]] = i;
  walk.idle = g_ptr_array_new_with_free_func (workspace_free);
  g_mutex_init (&walk.mutex);

  if (run_pipeline (&walk, cancellable, error))
    all = finish_all (&walk, cancellable, error);

  g_mutex_clear (&walk.mutex);
  g_ptr_array_unref (walk.idle);
  cyt_measures_journal_free (walk.journal);
  g_free (walk.masked);
  for (gsize i = 0; i < n_dictionaries; i++)
    totals_clear (&walk.totals[i]);
  g_free (walk.totals);
  images_clear (&walk.images);
  return g_steal_pointer (&all);
}
