/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "project/cyt-indexer.h"
#include "test-util.h"

/* A whole index, from image files to the project's top lists and statistics, against the same job in PyTorch
 * (tests/ref/index_twin.py): the ten best cells of every latent are the same, but for ties within 1e-6. */

#define N_CELLS 72
#define TIE 1e-6
#define CLOSE 1e-5 /* both sides round in fp32 */

static char *dir;

static char *
write_list (void)
{
  g_autofree char *cohort = cyt_test_shared_or_null ("cells/pbc/cohort.csv");
  char *path = g_build_filename (dir, "cells.csv", NULL);
  g_autoptr (GString) csv = g_string_new ("image,label,patient\n");

  if (cohort == NULL)
    cyt_test_run_reference ("draw_images.py", dir, NULL);
  for (guint i = 0; i < N_CELLS; i++)
    if (cohort != NULL)
      {
        const char *const args[] = { cohort, NULL };
        g_autoptr (CytImageList) all = cyt_image_list_new (args, NULL);
        gsize at = i * 23 % cyt_image_list_get_n_items (all);
        g_autofree char *image = cyt_image_list_dup_path (all, at);

        g_string_append_printf (csv, "%s,%s,%s\n", image, cyt_image_list_get_item (all, at)->label,
                                cyt_image_list_get_item (all, at)->patient);
      }
    else
      g_string_append_printf (csv, "drawn-%u.png,class-%u,P1\n", i % 4, i % 4);
  g_assert_true (g_file_set_contents (path, csv->str, -1, NULL));
  return path;
}

static float *
load (const char *name, gsize n_expected)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  CytTensorInfo info;
  float *data = cyt_test_load_npy (path, &info);

  g_assert_cmpuint (info.n_elements, ==, n_expected);
  return data;
}

static CytProject *
make_index (const char *list_path, const char *encoder, const char *sae)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (dir, "p.cytosae", NULL);
  const char *const args[] = { list_path, NULL };
  g_autoptr (CytImageList) list = cyt_image_list_new (args, &error);
  g_autoptr (CytModels) models = cyt_models_load (encoder, sae, NULL, &error);
  const CytIndexOptions options = CYT_INDEX_OPTIONS_INIT;
  CytProject *project;

  g_assert_no_error (error);
  cyt_indexer_run (path, models, list, &options, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  return project;
}

static void
test_top_lists (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *encoder = cyt_test_source ("data/models/pbc-tiny/encoder.safetensors");
  g_autofree char *sae = cyt_test_source ("data/models/pbc-tiny/sae"), *list = write_list ();
  g_autoptr (CytProject) project = make_index (list, encoder, sae);
  g_autoptr (CytDataset) dataset = cyt_project_find_dataset (project, "cells", &error);
  gsize d_sae = cyt_project_get_d_sae (project);
  g_autofree CytLatentRow *rows = g_new0 (CytLatentRow, d_sae);
  g_autofree float *scores = NULL, *top = NULL, *frequency = NULL, *mean_act = NULL, *max_act = NULL;
  gsize n_entries = 0, n_ties = 0;
  gint64 first_cell = 0;

  g_assert_no_error (error);
  g_assert_cmpuint (dataset->n_cells, ==, N_CELLS);
  g_assert_cmpuint (dataset->n_failed, ==, 0);
  cyt_test_run_reference ("index_twin.py", list, dir, encoder, sae, NULL);
  scores = load ("scores.npy", N_CELLS * d_sae);
  top = load ("top.npy", 25 * d_sae);
  frequency = load ("frequency.npy", d_sae);
  mean_act = load ("mean_act.npy", d_sae);
  max_act = load ("max_act.npy", d_sae);
  g_assert_true (cyt_project_load_latent_rows (project, dataset->id, rows, &error));

  for (gsize k = 0; k < d_sae; k++)
    {
      g_autoptr (GPtrArray) cells = cyt_project_get_top_cells (project, dataset->id, k, &error);

      g_assert_no_error (error);
      for (guint r = 0; r < 10; r++)
        {
          gint64 expected = (gint64) top[r * d_sae + k];
          g_autoptr (CytCell) cell = NULL;
          const CytTopCell *found;

          if (expected < 0)
            {
              g_assert_cmpuint (cells->len, <=, r);
              break;
            }
          g_assert_cmpuint (cells->len, >, r);
          found = cells->pdata[r];
          cell = cyt_project_get_cell (project, found->cell, &error);
          first_cell = found->cell - cell->position;
          n_entries++;
          g_assert_true (fabs (found->score - scores[expected * d_sae + k]) <= CLOSE * (1 + found->score));
          if ((gint64) cell->position == expected)
            continue;
          n_ties++;
          g_assert_true (fabs (scores[cell->position * d_sae + k] - scores[expected * d_sae + k]) <= TIE);
        }
      g_assert_true (fabs (rows[k].frequency - frequency[k]) <= 1e-6);
      g_assert_true (fabs (rows[k].mean_act - mean_act[k]) <= CLOSE * (1 + mean_act[k]));
      g_assert_true (fabs (rows[k].max_act - max_act[k]) <= CLOSE * (1 + max_act[k]));
    }
  g_test_message ("%zu entries of top lists, %zu exchanged by ties within %g", n_entries, n_ties, TIE);
  g_assert_cmpuint (n_entries, >, 1000);

  /* What each cell keeps is what PyTorch says of it. */
  for (gsize i = 0; i < N_CELLS; i++)
    {
      CytCellLatents latents;
      g_autofree float *dense = g_new0 (float, d_sae);

      cyt_cell_latents_init (&latents);
      g_assert_true (cyt_project_get_cell_latents (project, first_cell + i, &latents, &error));
      for (guint j = 0; j < latents.n; j++)
        dense[latents.latent[j]] = latents.score[j];
      for (gsize k = 0; k < d_sae; k++)
        g_assert_true (fabs (dense[k] - scores[i * d_sae + k]) <= CLOSE * (1 + dense[k]));
      cyt_cell_latents_clear (&latents);
    }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  dir = cyt_test_make_tmpdir ();
  g_test_add_func ("/index-reference/top-lists", test_top_lists);
  result = g_test_run ();
  cyt_test_remove_tree (dir);
  return result;
}
