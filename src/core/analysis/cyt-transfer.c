/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-class-scores.h"
#include "analysis/cyt-patients.h"
#include "analysis/cyt-transfer.h"
#include "io/cyt-error.h"
#include "project/cyt-project-measures.h"

void
cyt_transfer_free (CytTransfer *self)
{
  if (self == NULL)
    return;
  g_free (self->train);
  g_free (self->test);
  g_strfreev (self->classes);
  g_free (self->rows);
  g_clear_pointer (&self->ranked, g_array_unref);
  g_free (self);
}

/* ---- One side ---- */

typedef struct
{
  CytProject *project;
  CytDataset *dataset;
  CytClassScores *scores;   /* NULL: no cell has a class */
  double explained;
} Side;

static void
side_clear (Side *self)
{
  g_clear_pointer (&self->dataset, cyt_dataset_free);
  g_clear_pointer (&self->scores, cyt_class_scores_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Side, side_clear)

/* The data set called @name, or number @place. */
static CytDataset *
pick_dataset (CytProject *project, const char *name, guint place, GError **error)
{
  g_autoptr (GPtrArray) datasets = NULL;

  if (name != NULL)
    {
      g_autoptr (GError) local = NULL;
      CytDataset *dataset = cyt_project_find_dataset (project, name, &local);

      if (dataset == NULL && local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      else if (dataset == NULL)
        g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: has no data set \"%s\"",
                     cyt_project_get_path (project), name);
      return dataset;
    }
  if ((datasets = cyt_project_list_datasets (project, error)) == NULL)
    return NULL;
  if (place < datasets->len)
    return g_ptr_array_steal_index (datasets, place);
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: has %u data sets: a transfer is from one to another",
               cyt_project_get_path (project), datasets->len);
  return NULL;
}

static gboolean
load_side (Side *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) measures = NULL;

  if (self->dataset->n_images == 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "%s: no cell of data set \"%s\" is indexed",
                   cyt_project_get_path (self->project), self->dataset->name);
      return FALSE;
    }
  self->scores = cyt_class_scores_compute (self->project, self->dataset->id, cancellable, &local);
  if (self->scores == NULL && !g_error_matches (local, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if ((measures = cyt_project_list_measures (self->project, self->dataset->id, NULL, NULL, error)) == NULL)
    return FALSE;
  self->explained = measures->len > 0 ? ((const CytMeasures *) measures->pdata[0])->explained : NAN;
  return TRUE;
}

/* ---- The comparison ---- */

/* Names that both have, with a cell at least, and their numbers. */
static GStrv
share_classes (const CytClassScores *a, const CytClassScores *b, GArray *numbers)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (gsize i = 0; a != NULL && b != NULL && i < a->n_classes; i++)
    for (gsize j = 0; j < b->n_classes; j++)
      if (g_str_equal (a->classes[i], b->classes[j]) && a->n_cells[i] > 0 && b->n_cells[j] > 0)
        {
          const gsize pair[2] = { i, j };

          g_strv_builder_add (names, a->classes[i]);
          g_array_append_val (numbers, pair);
        }
  return g_strv_builder_end (names);
}

static double
correlate (const Side *train, const Side *test, const GArray *numbers, guint32 latent)
{
  g_autofree double *a = g_new (double, MAX (1, numbers->len)), *b = g_new (double, MAX (1, numbers->len));

  if (numbers->len < CYT_TRANSFER_MIN_CLASSES)
    return NAN;
  for (guint i = 0; i < numbers->len; i++)
    {
      const gsize *pair = (const gsize *) (gpointer) (numbers->data + i * 2 * sizeof (gsize));

      a[i] = train->scores->mean[pair[0] * train->scores->n_latents + latent];
      b[i] = test->scores->mean[pair[1] * test->scores->n_latents + latent];
    }
  return cyt_pearson (a, b, numbers->len);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static int
compare_latents (gconstpointer pa, gconstpointer pb, gpointer user_data)
{
  const CytTransfer *self = user_data;
  const CytTransferRow *a = &self->rows[*(const guint32 *) pa], *b = &self->rows[*(const guint32 *) pb];
  gboolean by_class = g_strv_length (self->classes) >= CYT_TRANSFER_MIN_CLASSES;
  double x = by_class ? a->correlation : a->similarity, y = by_class ? b->correlation : b->similarity;
  double fx = MIN (a->frequency_train, a->frequency_test), fy = MIN (b->frequency_train, b->frequency_test);

  if (x != y)
    return x > y ? -1 : 1;
  if (fx != fy)
    return fx > fy ? -1 : 1;
  return a->latent < b->latent ? -1 : 1;
}

static void
rank (CytTransfer *self)
{
  gboolean by_class = g_strv_length (self->classes) >= CYT_TRANSFER_MIN_CLASSES;

  self->ranked = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 k = 0; k < self->d_sae; k++)
    {
      const CytTransferRow *row = &self->rows[k];

      if (row->n_train >= CYT_TRANSFER_MIN_CELLS && row->n_test >= CYT_TRANSFER_MIN_CELLS
          && !isnan (by_class ? row->correlation : row->similarity))
        g_array_append_val (self->ranked, k);
    }
  g_array_sort_with_data (self->ranked, compare_latents, self);
}

static gboolean
fill_rows (CytTransfer *self, const Side *train, const Side *test, const GArray *numbers, GError **error)
{
  g_autofree CytLatentRow *a = g_new (CytLatentRow, MAX (1, self->d_sae)), *b = g_new (CytLatentRow, MAX (1, self->d_sae));
  g_autofree double *correlations = g_new (double, MAX (1, self->d_sae));
  double sum = 0;

  if (!cyt_project_load_latent_rows (train->project, train->dataset->id, a, error)
      || !cyt_project_load_latent_rows (test->project, test->dataset->id, b, error))
    return FALSE;
  self->rows = g_new0 (CytTransferRow, MAX (1, self->d_sae));
  for (guint32 k = 0; k < self->d_sae; k++)
    {
      CytTransferRow *row = &self->rows[k];
      gboolean both = a[k].n_active > 0 && b[k].n_active > 0;

      row->latent = k;
      row->n_train = a[k].n_active;
      row->n_test = b[k].n_active;
      row->frequency_train = (double) row->n_train / (double) self->n_train;
      row->frequency_test = (double) row->n_test / (double) self->n_test;
      row->similarity = row->n_train + row->n_test == 0
                          ? NAN
                          : MIN (row->frequency_train, row->frequency_test) / MAX (row->frequency_train, row->frequency_test);
      row->correlation = both ? correlate (train, test, numbers, k) : NAN;
      self->n_alive_train += row->n_train > 0;
      self->n_alive_test += row->n_test > 0;
      self->n_alive_both += both;
      if (!isnan (row->correlation))
        {
          correlations[self->n_correlated++] = row->correlation;
          sum += row->correlation;
        }
    }
  self->mean_correlation = self->n_correlated > 0 ? sum / (double) self->n_correlated : NAN;
  self->median_correlation = NAN;
  if (self->n_correlated > 0)
    {
      gsize half = self->n_correlated / 2;

      qsort (correlations, self->n_correlated, sizeof *correlations, compare_doubles);
      self->median_correlation
        = self->n_correlated % 2 ? correlations[half] : (correlations[half - 1] + correlations[half]) / 2;
    }
  return TRUE;
}

CytTransfer *
cyt_transfer_compute (CytProject *train, const char *train_set, CytProject *test, const char *test_set,
                      GCancellable *cancellable, GError **error)
{
  g_autofree char *train_path = g_canonicalize_filename (cyt_project_get_path (train), NULL);
  g_autofree char *test_path = g_canonicalize_filename (cyt_project_get_path (test), NULL);
  gboolean one = g_str_equal (train_path, test_path);
  g_auto (Side) a = { .project = train }, b = { .project = test };
  g_autoptr (CytTransfer) self = NULL;
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, 2 * sizeof (gsize));

  if (!g_str_equal (cyt_project_get_sae (train)->sha256, cyt_project_get_sae (test)->sha256))
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
                   "%s: was made with another SAE (SHA-256 %.12s…) than %s (%.12s…)", cyt_project_get_path (test),
                   cyt_project_get_sae (test)->sha256, cyt_project_get_path (train), cyt_project_get_sae (train)->sha256);
      return NULL;
    }
  if ((a.dataset = pick_dataset (train, train_set, 0, error)) == NULL
      || (b.dataset = pick_dataset (test, test_set, one ? 1 : 0, error)) == NULL)
    return NULL;
  if (one && a.dataset->id == b.dataset->id)
    {
      g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND,
                   "%s: data set \"%s\" is on both sides: a transfer is from one to another", cyt_project_get_path (train),
                   a.dataset->name);
      return NULL;
    }
  if (!load_side (&a, cancellable, error) || !load_side (&b, cancellable, error))
    return NULL;
  self = g_new0 (CytTransfer, 1);
  self->train = g_strdup (a.dataset->name);
  self->test = g_strdup (b.dataset->name);
  self->n_train = a.dataset->n_images;
  self->n_test = b.dataset->n_images;
  self->explained_train = a.explained;
  self->explained_test = b.explained;
  self->d_sae = cyt_project_get_d_sae (train);
  self->classes = share_classes (a.scores, b.scores, numbers);
  if (!fill_rows (self, &a, &b, numbers, error))
    return NULL;
  rank (self);
  return g_steal_pointer (&self);
}
