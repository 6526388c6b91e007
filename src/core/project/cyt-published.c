/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-image.h"
#include "project/cyt-project-private.h"
#include "project/cyt-published-private.h"
#include "project/cyt-statement.h"

#define BLOCK (-2)      /* CytoSAE's hook (METHODS §1) */
#define N_CONCENTRATED 10 /* images that an entropy needs (METHODS §3) */
#define BATCH 1024      /* images read before they are written */

/* What is known of an image once it was read. */
typedef struct
{
  char *failure;      /* not NULL: no image, and nothing below is set */
  char sha256[65];
  guint width, height;
  GBytes *thumbnail;  /* of used ones */
} Picture;

typedef struct
{
  const CytPublishedStats *stats;
  const CytPublishedCells *cells;
  const CytPublishedOptions *options;
  CytProgress *progress;
  GCancellable *cancellable;
  CytProject *project;
  gint64 dataset;
  gint64 first_cell;
  gsize n_failed;     /* written so far, lacking or unreadable */
  /* one batch: positions [first, first + n), read by several threads */
  Picture pictures[BATCH];
  gsize first, n;
  gint next;          /* atomic: the next of the batch */
} Import;

static void
import_clear_pictures (Import *self)
{
  for (guint i = 0; i < BATCH; i++)
    {
      g_free (self->pictures[i].failure);
      g_clear_pointer (&self->pictures[i].thumbnail, g_bytes_unref);
    }
  memset (self->pictures, 0, sizeof self->pictures);
}

/* ---- Statistics and top lists ---- */

/* Class number of each cell in the project, -1 for none. */
static gint32 *
number_labels (Import *self, GError **error)
{
  g_auto (GStrv) names = cyt_project_list_labels (self->project, self->dataset, error);
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);
  gsize n = cyt_image_list_get_n_items (self->cells->list);
  gint32 *labels;

  if (names == NULL)
    return NULL;
  for (guint i = 0; names[i] != NULL; i++)
    g_hash_table_insert (numbers, names[i], GUINT_TO_POINTER (i + 1));
  labels = g_new (gint32, n);
  for (gsize i = 0; i < n; i++)
    {
      const char *label = cyt_image_list_get_item (self->cells->list, i)->label;
      g_autofree char *valid = label ? g_utf8_make_valid (label, -1) : NULL; /* as the project has them */

      labels[i] = valid ? (gint32) GPOINTER_TO_UINT (g_hash_table_lookup (numbers, valid)) - 1 : -1;
    }
  return labels;
}

static void
bind_concentration (Import *self, CytStatement *s, CytTopLists *lists, gsize k, const gint32 *labels)
{
  const CytPublishedStats *stats = self->stats;
  double entropy, purity;
  gint32 majority;

  for (guint j = 0; j < stats->n_entries[k]; j++)
    cyt_top_lists_offer (lists, k, stats->score[k * stats->n_top + j], stats->image[k * stats->n_top + j], NULL);
  if (!isnan (stats->entropy[k]) && cyt_top_lists_get_entropy (lists, k, labels, &entropy, &purity, &majority))
    {
      cyt_statement_bind_double (s, 6, stats->entropy[k]);
      cyt_statement_bind_double (s, 7, purity);
      cyt_statement_bind_int (s, 8, majority);
    }
  else
    for (int p = 6; p <= 8; p++)
      cyt_statement_bind_null (s, p);
}

static gboolean
write_stats (Import *self, GError **error)
{
  const CytPublishedStats *stats = self->stats;
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  g_autoptr (CytTopLists) lists = cyt_top_lists_new (stats->d_sae, N_CONCENTRATED);
  g_autofree gint32 *labels = number_labels (self, error);
  double n_images = cyt_image_list_get_n_items (self->cells->list);

  if (labels == NULL
      || !cyt_statement_init (&s, self->project,
                              "INSERT INTO latent_stats (dataset, latent, n_active, sum_score, frequency, entropy, purity, "
                              "majority) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", error))
    return FALSE;
  for (gsize k = 0; k < stats->d_sae; k++)
    {
      double n_active = MAX (round (stats->frequency[k] * n_images), stats->n_entries[k]);

      if (stats->n_entries[k] == 0)
        continue;
      cyt_statement_bind_int (&s, 1, self->dataset);
      cyt_statement_bind_int (&s, 2, k);
      cyt_statement_bind_int (&s, 3, (gint64) n_active);
      cyt_statement_bind_double (&s, 4, stats->mean_act[k] * n_active);
      cyt_statement_bind_double (&s, 5, stats->frequency[k]);
      bind_concentration (self, &s, lists, k, labels);
      if (!cyt_statement_run (&s, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_top_cells (Import *self, GError **error)
{
  const CytPublishedStats *stats = self->stats;
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&s, self->project,
                           "INSERT INTO top_cell (dataset, latent, cell, score, rank) VALUES (?, ?, ?, ?, ?)", error))
    return FALSE;
  for (gsize k = 0; k < stats->d_sae; k++)
    for (guint j = 0; j < stats->n_entries[k]; j++)
      {
        cyt_statement_bind_int (&s, 1, self->dataset);
        cyt_statement_bind_int (&s, 2, k);
        cyt_statement_bind_int (&s, 3, self->first_cell + stats->image[k * stats->n_top + j]);
        cyt_statement_bind_double (&s, 4, stats->score[k * stats->n_top + j]);
        cyt_statement_bind_int (&s, 5, j);
        if (!cyt_statement_run (&s, error))
          return FALSE;
      }
  return TRUE;
}

/* ---- Images ---- */

static gboolean
read_picture (Import *self, gsize position, Picture *picture, GError **error)
{
  g_autofree char *path = cyt_image_list_dup_path (self->cells->list, position);
  g_autofree char *hash = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (CytImage) image = NULL;
  char *content;
  gsize length;

  if (!g_file_get_contents (path, &content, &length, error))
    return FALSE;
  bytes = g_bytes_new_take (content, length);
  if ((image = cyt_image_load_bytes (bytes, path, error)) == NULL)
    return FALSE;
  if (self->cells->used[position]
      && (picture->thumbnail = cyt_image_make_thumbnail (image, CYT_PROJECT_THUMBNAIL_SIZE, error)) == NULL)
    return FALSE;
  hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  g_strlcpy (picture->sha256, hash, sizeof picture->sha256);
  picture->width = image->width;
  picture->height = image->height;
  return TRUE;
}

static gpointer
reader_thread (gpointer data)
{
  Import *self = data;

  while (!g_cancellable_is_cancelled (self->cancellable))
    {
      gsize i = g_atomic_int_add (&self->next, 1);
      g_autoptr (GError) error = NULL;
      Picture *picture;

      if (i >= self->n)
        break;
      picture = &self->pictures[i];
      if (!self->cells->present[self->first + i])
        {
          g_autofree char *root = g_filename_display_name (self->cells->list->root);

          picture->failure = g_strdup_printf ("%s: has no image with the cytosae_index %" G_GSIZE_FORMAT, root,
                                              self->first + i);
        }
      else if (!read_picture (self, self->first + i, picture, &error))
        picture->failure = g_utf8_make_valid (error->message, -1);
    }
  return NULL;
}

static gboolean
write_pictures (Import *self, GError **error)
{
  g_auto (CytStatement) update = CYT_STATEMENT_INIT;
  g_auto (CytStatement) thumbnail = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&update, self->project,
                           "UPDATE cell SET sha256 = ?2, width = ?3, height = ?4, failure = ?5 WHERE id = ?1", error)
      || !cyt_statement_init (&thumbnail, self->project, "INSERT INTO thumbnail (cell, jpeg) VALUES (?, ?)", error))
    return FALSE;
  for (gsize i = 0; i < self->n; i++)
    {
      const Picture *picture = &self->pictures[i];
      gint64 id = self->first_cell + (gint64) (self->first + i);
      gconstpointer data;
      gsize size;

      cyt_statement_bind_int (&update, 1, id);
      for (int p = 2; p <= 5; p++)
        cyt_statement_bind_null (&update, p);
      if (picture->failure)
        cyt_statement_bind_text (&update, 5, picture->failure);
      else
        {
          cyt_statement_bind_text (&update, 2, picture->sha256);
          cyt_statement_bind_int (&update, 3, picture->width);
          cyt_statement_bind_int (&update, 4, picture->height);
        }
      if (!cyt_statement_run (&update, error))
        return FALSE;
      if (picture->failure)
        self->n_failed++;
      if (picture->thumbnail == NULL)
        continue;
      data = g_bytes_get_data (picture->thumbnail, &size);
      cyt_statement_bind_int (&thumbnail, 1, id);
      cyt_statement_bind_blob (&thumbnail, 2, data, size);
      if (!cyt_statement_run (&thumbnail, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_batch (Import *self, GError **error)
{
  guint n_threads = self->options->n_threads > 0 ? self->options->n_threads : g_get_num_processors ();
  g_autofree GThread **threads = NULL;
  gsize n_unreadable = 0;
  gboolean ok;

  n_threads = MIN (n_threads, self->n);
  threads = g_new (GThread *, n_threads);
  g_atomic_int_set (&self->next, 0);
  for (guint i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("thumbnails", reader_thread, self);
  for (guint i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) || !cyt_project_begin_write (self->project, error))
    return FALSE;
  ok = write_pictures (self, error);
  if (!cyt_project_end (self->project, ok, error))
    return FALSE;
  if (self->progress)
    {
      for (gsize i = 0; i < self->n; i++)
        n_unreadable += self->cells->present[self->first + i] && self->pictures[i].failure != NULL;
      cyt_progress_advance (self->progress, self->n, n_unreadable);
    }
  return TRUE;
}

static gboolean
add_pictures (Import *self, GError **error)
{
  gsize n_cells = cyt_image_list_get_n_items (self->cells->list);
  gboolean ok = TRUE;

  if (self->progress)
    cyt_progress_start (self->progress, 0, n_cells);
  for (self->first = 0; ok && self->first < n_cells; self->first += self->n)
    {
      self->n = MIN (BATCH, n_cells - self->first);
      ok = add_batch (self, error);
      import_clear_pictures (self);
    }
  return ok;
}

/* ---- The whole ---- */

static gboolean
write_done (Import *self, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  if (!cyt_statement_init (&s, self->project, "UPDATE dataset SET n_indexed = n_cells, n_failed = ? WHERE id = ?",
                           error))
    return FALSE;
  cyt_statement_bind_int (&s, 1, self->n_failed);
  cyt_statement_bind_int (&s, 2, self->dataset);
  return cyt_statement_run (&s, error);
}

static gboolean
run_write (Import *self, gboolean (*write) (Import *, GError **), GError **error)
{
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error)
         && cyt_project_begin_write (self->project, error)
         && cyt_project_end (self->project, write (self, error), error);
}

/* Fills a project that nobody else sees yet. */
static gboolean
fill (CytProject *project, gpointer user_data, GError **error)
{
  Import *self = user_data;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (CytDataset) facts = NULL;

  self->project = project;
  dataset = cyt_project_add_dataset (project, self->options->dataset, self->options->domain, 0, self->stats->n_top,
                                     self->cells->list, error);
  if (dataset == NULL)
    return FALSE;
  self->dataset = dataset->id;
  facts = cyt_project_load_dataset (project, dataset->id, &self->first_cell, error);
  return facts != NULL && run_write (self, write_stats, error) && run_write (self, write_top_cells, error)
         && add_pictures (self, error) && run_write (self, write_done, error);
}

gboolean
cyt_published_import (const char *statistics, const char *images, const char *path, const CytPublishedOptions *options,
                      CytProgress *progress, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytPublishedStats) stats = NULL;
  g_autoptr (CytPublishedCells) cells = NULL;
  g_autoptr (CytProject) project = NULL;
  g_autofree Import *import = NULL;

  if (!cyt_project_check_new (path, error)
      || (stats = cyt_published_stats_load (statistics, cancellable, error)) == NULL
      || (cells = cyt_published_cells_load (images, stats, error)) == NULL)
    return FALSE;
  import = g_new0 (Import, 1);
  import->stats = stats;
  import->cells = cells;
  import->options = options;
  import->progress = progress;
  import->cancellable = cancellable;
  project = cyt_project_create_filled (path, NULL, &stats->model, stats->d_sae, BLOCK, fill, import, error);
  return project != NULL;
}
