/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "project/cyt-cell-table.h"
#include "test-project-util.h"
#include "test-util.h"

#define D_SAE 300
#define N_INDEXED 120

typedef struct
{
  char *folder;
  CytProject *project;
  CytDataset *dataset;
} Fixture;

/* A second data set, so that the first cell's id is not 1; the last cells are not indexed yet. */
static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (CytImageList) other = cyt_test_make_image_list ("/other", 7), list = cyt_test_make_image_list ("/cells", 150);
  g_autoptr (CytTestIndexer) indexer = NULL;

  f->folder = cyt_test_make_tmpdir ();
  path = g_build_filename (f->folder, "p.cytosae", NULL);
  f->project = cyt_test_create_project (path, D_SAE);
  cyt_dataset_free (cyt_project_add_dataset (f->project, "other", "", 0.2, 5, other, &error));
  g_assert_no_error (error);
  cyt_dataset_free (cyt_project_add_dataset (f->project, "cells", "", 0.2, 5, list, &error));
  g_assert_no_error (error);
  indexer = cyt_test_indexer_new (f->project, "cells", 20);
  g_assert_true (cyt_test_indexer_commit (indexer, N_INDEXED, &error));
  g_assert_no_error (error);
  f->dataset = cyt_project_find_dataset (f->project, "cells", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_dataset_free (f->dataset);
  cyt_project_close (f->project);
  cyt_test_remove_tree (f->folder);
  g_free (f->folder);
}

static void
test_table (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCellTable) table = cyt_cell_table_load (f->project, f->dataset->id, NULL, &error);
  gsize n_failed = 0;

  g_assert_no_error (error);
  g_assert_cmpuint (table->n, ==, 150);
  for (gsize i = 0; i < table->n; i++)
    {
      g_autoptr (CytCell) cell = cyt_project_get_cell (f->project, table->first_cell + i, NULL);
      g_autofree char *path = cyt_project_dup_cell_path (f->project, cell->id, NULL),
                      *own = cyt_cell_table_dup_path (table, i);

      g_assert_cmpuint (cell->position, ==, i);
      g_assert_cmpstr (table->path[i], ==, cell->path);
      g_assert_cmpstr (own, ==, path);
      g_assert_cmpstr (table->label[i] >= 0 ? table->labels[table->label[i]] : NULL, ==, cell->label);
      g_assert_cmpstr (table->patient[i], ==, cell->patient != NULL ? cell->patient : "");
      g_assert_cmpstr (table->disease[i], ==, cell->disease != NULL ? cell->disease : "");
      g_assert_cmpint (table->failed[i], ==, cell->failure != NULL);
      n_failed += table->failed[i];
      g_assert_true (i == 0 || strcmp (table->patient[i], table->patient[0]) != 0 || table->patient[i] == table->patient[0]);
    }
  g_assert_cmpuint (n_failed, ==, f->dataset->n_failed);
  g_assert_cmpuint (n_failed, >, 0);
}

static void
test_scores (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCellTable) table = cyt_cell_table_load (f->project, f->dataset->id, NULL, NULL);
  gsize n_fires = 0;

  for (guint latent = 0; latent < D_SAE; latent += 7)
    {
      gsize n;
      g_autofree float *scores = cyt_project_load_scores (f->project, f->dataset->id, latent, &n, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (n, ==, 150);
      for (gsize i = 0; i < n; i++)
        {
          CytCellLatents latents;
          float expected = 0;

          if (i >= N_INDEXED || table->failed[i])
            {
              g_assert_true (isnan (scores[i]));
              continue;
            }
          cyt_cell_latents_init (&latents);
          g_assert_true (cyt_project_get_cell_latents (f->project, table->first_cell + i, &latents, NULL));
          for (guint k = 0; k < latents.n; k++)
            if (latents.latent[k] == latent)
              expected = latents.score[k];
          g_assert_true (scores[i] == expected);
          n_fires += expected > 0;
          cyt_cell_latents_clear (&latents);
        }
    }
  g_assert_cmpuint (n_fires, >, 0);
}

/* Both sides of the top lists agree. */
static void
test_top_latents (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCellTable) table = cyt_cell_table_load (f->project, f->dataset->id, NULL, NULL);
  gsize n_entries = 0, n_found = 0;
  CytCellLatents latents;

  for (guint latent = 0; latent < D_SAE; latent++)
    {
      g_autoptr (GPtrArray) top = cyt_project_get_top_cells (f->project, f->dataset->id, latent, &error);

      g_assert_no_error (error);
      n_entries += top->len;
    }
  cyt_cell_latents_init (&latents);
  for (gsize i = 0; i < table->n; i++)
    {
      g_assert_true (cyt_project_get_top_latents (f->project, f->dataset->id, table->first_cell + i, &latents, &error));
      g_assert_no_error (error);
      n_found += latents.n;
      for (guint k = 0; k < latents.n; k++)
        {
          g_autoptr (GPtrArray) top = cyt_project_get_top_cells (f->project, f->dataset->id, latents.latent[k], NULL);
          gboolean found = FALSE;

          for (guint t = 0; t < top->len; t++)
            {
              const CytTopCell *entry = top->pdata[t];

              found |= entry->cell == table->first_cell + (gint64) i && entry->score == latents.score[k];
            }
          g_assert_true (found);
        }
    }
  cyt_cell_latents_clear (&latents);
  g_assert_cmpuint (n_entries, >, 0);
  g_assert_cmpuint (n_found, ==, n_entries);
}

static void
test_cancelled (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gsize n;

  g_cancellable_cancel (cancellable);
  g_assert_null (cyt_cell_table_load (f->project, f->dataset->id, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (cyt_project_load_scores (f->project, f->dataset->id, 1, &n, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (cyt_cell_table_load (f->project, 99, NULL, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
}

static gboolean
is_even (gsize j, gpointer user_data)
{
  return j % 2 == 0;
}

static void
test_standing (void)
{
  const float scores[] = { 3, 1, NAN, 5, 3, 0, 7, 2 };
  CytStanding all = cyt_standing_compute (scores, 8, 0, NULL, NULL);
  CytStanding even = cyt_standing_compute (scores, 8, 3, is_even, NULL); /* itself is odd, and counts */
  CytStanding alone = cyt_standing_compute (scores, 1, 0, NULL, NULL);

  g_assert_cmpuint (all.n, ==, 7);
  g_assert_cmpuint (all.n_above, ==, 2);
  g_assert_cmpfloat_with_epsilon (all.share_below, (3 + 0.5) / 6, 1e-12);
  g_assert_cmpuint (even.n, ==, 4);
  g_assert_cmpuint (even.n_above, ==, 1);
  g_assert_cmpfloat_with_epsilon (even.share_below, 2.0 / 3, 1e-12);
  g_assert_cmpuint (alone.n, ==, 1);
  g_assert_true (isnan (alone.share_below));
}

static void
test_pixel_size (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytDataset) set = NULL, unset = NULL;

  g_assert_true (isnan (f->dataset->pixel_size));
  g_assert_true (cyt_project_set_pixel_size (f->project, f->dataset->id, 0.1, &error));
  set = cyt_project_find_dataset (f->project, "cells", NULL);
  g_assert_true (set->pixel_size == 0.1);
  g_assert_false (cyt_project_set_pixel_size (f->project, f->dataset->id, 0, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (cyt_project_set_pixel_size (f->project, f->dataset->id, 1e9, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_assert_true (cyt_project_set_pixel_size (f->project, f->dataset->id, NAN, NULL));
  unset = cyt_project_find_dataset (f->project, "cells", NULL);
  g_assert_true (isnan (unset->pixel_size));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/cell-table/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("table", test_table);
  ADD ("scores", test_scores);
  ADD ("top-latents", test_top_latents);
  ADD ("cancelled", test_cancelled);
  ADD ("pixel-size", test_pixel_size);
  g_test_add_func ("/cell-table/standing", test_standing);
  return g_test_run ();
}
