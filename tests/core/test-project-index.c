/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/cyt-error.h"
#include "test-project-util.h"
#include "test-util.h"

#define D_SAE 200
#define N_ACTIVE 30
#define N_CELLS 400

typedef struct
{
  char *folder;
  char *path;
  char *other;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = cyt_test_make_tmpdir ();
  f->path = g_build_filename (f->folder, "p.cytosae", NULL);
  f->other = g_build_filename (f->folder, "q.cytosae", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_test_remove_tree (f->folder);
  g_free (f->folder);
  g_free (f->path);
  g_free (f->other);
}

static CytProject *
make_project (const char *path, gsize d_sae, gsize n_cells, guint n_top)
{
  CytProject *project = cyt_test_create_project (path, d_sae);
  g_autoptr (CytImageList) list = cyt_test_make_image_list ("/data", n_cells);
  g_autoptr (CytImageList) small = cyt_test_make_image_list ("/small", 3);
  g_autoptr (GError) error = NULL;

  /* one before it, so that ids and positions differ */
  cyt_dataset_free (cyt_project_add_dataset (project, "small", "", 0.2, 5, small, &error));
  g_assert_no_error (error);
  cyt_dataset_free (cyt_project_add_dataset (project, "cells", "", 0.2, n_top, list, &error));
  g_assert_no_error (error);
  return project;
}

static void
index_all (CytProject *project, const char *dataset, gsize n_at_once)
{
  g_autoptr (CytTestIndexer) indexer = cyt_test_indexer_new (project, dataset, N_ACTIVE);
  g_autoptr (GError) error = NULL;

  while (indexer->position < indexer->dataset->n_cells)
    {
      cyt_test_indexer_commit (indexer, n_at_once, &error);
      g_assert_no_error (error);
    }
  cyt_project_finish_index (project, indexer->dataset->id, NULL, &error);
  g_assert_no_error (error);
}

static int
compare_entries (const void *a, const void *b)
{
  const CytTopEntry *x = a, *y = b;

  if (x->score != y->score)
    return x->score > y->score ? -1 : 1;
  return x->cell < y->cell ? -1 : 1;
}

static void
assert_same_row (const CytLatentRow *a, const CytLatentRow *b)
{
  g_assert_cmpuint (a->latent, ==, b->latent);
  g_assert_cmpuint (a->n_active, ==, b->n_active);
  g_assert_cmpint (a->majority, ==, b->majority);
  g_assert_cmpmem (&a->frequency, sizeof a->frequency, &b->frequency, sizeof b->frequency);
  g_assert_cmpmem (&a->mean_act, sizeof a->mean_act, &b->mean_act, sizeof b->mean_act);
  g_assert_cmpmem (&a->max_act, sizeof a->max_act, &b->max_act, sizeof b->max_act);
  g_assert_cmpmem (&a->entropy, sizeof a->entropy, &b->entropy, sizeof b->entropy);
}

/* Everything that can be read of an indexed data set, against plain sums and sorts over its cells. */
static void
test_content (Fixture *f, gconstpointer data)
{
  const guint n_top = 12;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = make_project (f->path, D_SAE, N_CELLS, n_top);
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (GPtrArray) failures = NULL;
  g_auto (GStrv) labels = NULL;
  g_autofree CytLatentRow *rows = g_new (CytLatentRow, D_SAE);
  static CytTopEntry all[D_SAE][N_CELLS];
  double sum[D_SAE] = { 0 }, cls[D_SAE] = { 0 }, count[D_SAE] = { 0 };
  float max[D_SAE] = { 0 };
  guint n[D_SAE] = { 0 }, n_images = 0, n_failed = 0, n_shown = 0;
  gboolean shown[N_CELLS] = { FALSE };
  CytCellLatents latents;
  gint64 first;

  index_all (project, "cells", 17);
  dataset = cyt_project_find_dataset (project, "cells", &error);
  first = 4; /* after the three of the other set */
  labels = cyt_project_list_labels (project, dataset->id, &error);
  cyt_cell_latents_init (&latents);
  for (guint i = 0; i < N_CELLS; i++)
    {
      CytIndexedCell *made = cyt_test_make_cell (D_SAE, N_ACTIVE, i);
      g_autoptr (CytCell) cell = cyt_project_get_cell (project, first + i, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (cell->position, ==, i);
      g_assert_cmpstr (cell->failure, ==, made->failure);
      if (made->failure)
        {
          n_failed++;
          g_assert_null (cell->sha256);
          g_assert_false (cyt_project_get_cell_latents (project, first + i, &latents, &error));
          g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
          g_clear_error (&error);
        }
      else
        {
          n_images++;
          g_assert_cmpstr (cell->sha256, ==, made->sha256);
          g_assert_cmpint (cyt_project_find_cell (project, made->sha256, &error), ==, first + i);
          g_assert_cmpuint (cell->width, ==, made->width);
          g_assert_true (cyt_project_get_cell_latents (project, first + i, &latents, &error));
          g_assert_cmpuint (latents.n, ==, made->latents.n);
          g_assert_cmpmem (latents.latent, 4 * latents.n, made->latents.latent, 4 * latents.n);
          g_assert_cmpmem (latents.score, 4 * latents.n, made->latents.score, 4 * latents.n);
          g_assert_cmpmem (latents.count, 2 * latents.n, made->latents.count, 2 * latents.n);
          g_assert_cmpmem (latents.cls, 4 * latents.n, made->latents.cls, 4 * latents.n);
        }
      for (guint j = 0; j < made->latents.n; j++)
        {
          guint k = made->latents.latent[j];

          all[k][n[k]++] = (CytTopEntry) { made->latents.score[j], i };
          sum[k] += made->latents.score[j];
          cls[k] += made->latents.cls[j];
          count[k] += made->latents.count[j];
          max[k] = MAX (max[k], made->latents.max[j]);
        }
      cyt_indexed_cell_free (made);
    }
  cyt_cell_latents_clear (&latents);
  g_assert_cmpuint (dataset->n_indexed, ==, N_CELLS);
  g_assert_cmpuint (dataset->n_failed, ==, n_failed);
  failures = cyt_project_list_failures (project, dataset->id, &error);
  g_assert_cmpuint (failures->len, ==, n_failed);
  g_assert_cmpuint (((CytCell *) failures->pdata[1])->position, ==, 36);

  g_assert_true (cyt_project_load_latent_rows (project, dataset->id, rows, &error));
  for (guint k = 0; k < D_SAE; k++)
    {
      g_autoptr (GPtrArray) top = cyt_project_get_top_cells (project, dataset->id, k, &error);
      double by_class[3] = { 0 }, total = 0, entropy = 0;
      gboolean labelled = n[k] >= 10;
      CytLatentRow row;
      guint best = 0;

      g_assert_no_error (error);
      g_assert_true (cyt_project_load_latent_row (project, dataset->id, k, &row, &error));
      assert_same_row (&row, &rows[k]);
      qsort (all[k], n[k], sizeof (CytTopEntry), compare_entries);
      g_assert_cmpuint (top->len, ==, MIN (n[k], n_top));
      for (guint r = 0; r < top->len; r++)
        {
          const CytTopCell *cell = top->pdata[r];
          const CytIndexedCell *made = NULL;
          CytIndexedCell *owned = cyt_test_make_cell (D_SAE, N_ACTIVE, all[k][r].cell);

          made = owned;
          g_assert_cmpuint (cell->rank, ==, r);
          g_assert_cmpint (cell->cell, ==, first + all[k][r].cell);
          g_assert_true (cell->score == all[k][r].score);
          for (guint m = 0; m < made->maps->len; m++)
            {
              const CytSparseMap *map = made->maps->pdata[m];

              if (map->latent != k)
                continue;
              g_assert_cmpuint (cell->map.n, ==, map->n);
              g_assert_cmpmem (cell->map.patch, map->n, map->patch, map->n);
              g_assert_cmpmem (cell->map.value, 4 * map->n, map->value, 4 * map->n);
            }
          shown[all[k][r].cell] = TRUE;
          if (r < 10)
            {
              labelled = labelled && all[k][r].cell % 41 != 40;
              /* classes sorted: Lymphozyt (position % 3 == 2), basophil (1), neutrophil (0) */
              by_class[2 - all[k][r].cell % 3] += cell->score;
              total += cell->score;
            }
          cyt_indexed_cell_free (owned);
        }
      g_assert_cmpuint (rows[k].latent, ==, k);
      g_assert_cmpuint (rows[k].n_active, ==, n[k]);
      g_assert_true (rows[k].frequency == n[k] / (double) n_images);
      g_assert_true (rows[k].mean_act == (n[k] ? sum[k] / n[k] : 0));
      g_assert_true (rows[k].mean_count == count[k] / n_images);
      g_assert_true (rows[k].max_act == max[k]);
      g_assert_true (fabs (rows[k].cls_share - (n[k] ? MIN (cls[k] / (257 * sum[k]), 1) : 0)) <= 1e-12);
      if (!labelled)
        {
          g_assert_true (isnan (rows[k].entropy) && isnan (rows[k].purity) && rows[k].majority == -1);
          continue;
        }
      for (guint c = 0; c < 3; c++)
        {
          if (by_class[c] > 0)
            entropy -= by_class[c] / total * log (by_class[c] / total);
          if (by_class[c] > by_class[best])
            best = c;
        }
      g_assert_true (fabs (rows[k].entropy - entropy) <= 1e-12);
      g_assert_true (fabs (rows[k].purity - by_class[best] / total) <= 1e-12);
      g_assert_cmpint (rows[k].majority, ==, best);
    }
  for (guint i = 0; i < N_CELLS; i++)
    {
      g_autoptr (GBytes) jpeg = cyt_project_get_thumbnail (project, first + i, &error);

      g_assert_no_error (error);
      g_assert_true ((jpeg != NULL) == shown[i]);
      n_shown += shown[i];
    }
  g_assert_cmpuint (n_shown, >, 0);
  g_assert_null (cyt_project_get_top_cells (project, dataset->id, D_SAE, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (cyt_project_get_top_cells (project, 77, 0, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
}

/* Any way of cutting the run into commits and sessions gives the same file, bit by bit. */
static void
test_resume (Fixture *f, gconstpointer data)
{
  g_autofree char *expected = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  {
    g_autoptr (CytProject) project = make_project (f->path, D_SAE, N_CELLS, 25);

    index_all (project, "cells", N_CELLS);
    index_all (project, "small", 3);
  }
  expected = cyt_test_dump_project (f->path);
  for (guint round = 0; round < 5; round++)
    {
      g_autofree char *got = NULL;
      g_autoptr (GError) error = NULL;

      cyt_project_close (make_project (f->other, D_SAE, N_CELLS, 25));
      for (gboolean done = FALSE; !done;)
        {
          g_autoptr (CytProject) project = cyt_project_open (f->other, CYT_PROJECT_READ_WRITE, &error);
          g_autoptr (CytTestIndexer) indexer = cyt_test_indexer_new (project, "cells", N_ACTIVE);
          guint n_commits = g_rand_int_range (rand, 0, 4);

          for (guint i = 0; i < n_commits; i++)
            {
              cyt_test_indexer_commit (indexer, g_rand_int_range (rand, 1, round == 0 ? 3 : 120), &error);
              g_assert_no_error (error);
            }
          done = indexer->position == N_CELLS;
        }
      {
        g_autoptr (CytProject) project = cyt_project_open (f->other, CYT_PROJECT_READ_WRITE, &error);

        index_all (project, "cells", 1);
        index_all (project, "small", 1);
      }
      got = cyt_test_dump_project (f->other);
      g_assert_true (strcmp (expected, got) == 0);
      g_assert_cmpint (g_unlink (f->other), ==, 0);
    }
}

static void
check_integrity (const char *path)
{
  sqlite3 *db = NULL;
  sqlite3_stmt *stmt = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, "PRAGMA integrity_check", -1, &stmt, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (stmt), ==, SQLITE_ROW);
  g_assert_cmpstr ((const char *) sqlite3_column_text (stmt, 0), ==, "ok");
  sqlite3_finalize (stmt);
  g_assert_cmpint (sqlite3_prepare_v2 (db, "PRAGMA foreign_key_check", -1, &stmt, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (stmt), ==, SQLITE_DONE);
  sqlite3_finalize (stmt);
  sqlite3_close (db);
}

/* The process is killed at random moments, mostly inside a commit, until the index is complete. */
static void
test_kill (Fixture *f, gconstpointer data)
{
  g_autofree char *expected = NULL;
  g_autofree char *got = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (17);
  guint n_killed = 0;
  gboolean done = FALSE;

  {
    g_autoptr (CytProject) project = make_project (f->path, D_SAE, N_CELLS, 25);

    index_all (project, "cells", 50);
  }
  expected = cyt_test_dump_project (f->path);
  cyt_project_close (make_project (f->other, D_SAE, N_CELLS, 25));
  while (!done)
    {
      pid_t child = fork ();
      int status = -1;

      if (child == 0)
        {
          g_autoptr (GError) error = NULL;
          CytProject *project = cyt_project_open (f->other, CYT_PROJECT_READ_WRITE, &error);

          g_assert_no_error (error);
          index_all (project, "cells", 10);
          _exit (0);
        }
      /* later rounds live a little longer, so that the test ends on any machine */
      g_usleep (g_rand_int_range (rand, 500, 20000 + 2000 * n_killed));
      kill (child, SIGKILL);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      done = WIFEXITED (status) && WEXITSTATUS (status) == 0;
      n_killed += !done;
      g_assert_true (done || WIFSIGNALED (status));
      check_integrity (f->other);
    }
  g_test_message ("killed %u times", n_killed);
  got = cyt_test_dump_project (f->other);
  g_assert_true (strcmp (expected, got) == 0);
}

static void
test_two_indexers (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) a = make_project (f->path, D_SAE, N_CELLS, 25);
  g_autoptr (CytProject) b = cyt_project_open (f->path, CYT_PROJECT_READ_WRITE, &error);
  g_autoptr (CytTestIndexer) first = cyt_test_indexer_new (a, "cells", N_ACTIVE);
  g_autoptr (CytTestIndexer) second = cyt_test_indexer_new (b, "cells", N_ACTIVE);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  g_assert_true (cyt_test_indexer_commit (first, 10, &error));
  before = cyt_test_dump_project (f->path);
  g_assert_false (cyt_test_indexer_commit (second, 10, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "cells"));
  after = cyt_test_dump_project (f->path);
  g_assert_cmpstr (before, ==, after);
}

/* A reader with its own connection never fails, and sees whole commits only, while another writes. */
static gpointer
read_on (gpointer data)
{
  const char *path = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, &error);
  g_autofree CytLatentRow *rows = g_new (CytLatentRow, D_SAE);
  gsize n_indexed = 0;

  g_assert_no_error (error);
  while (n_indexed < N_CELLS)
    {
      g_autoptr (CytDataset) dataset = cyt_project_find_dataset (project, "cells", &error);
      g_autoptr (GPtrArray) top = NULL;

      g_assert_no_error (error);
      g_assert_cmpuint (dataset->n_indexed, >=, n_indexed);
      n_indexed = dataset->n_indexed;
      g_assert_cmpuint (n_indexed % 20, ==, 0);
      g_assert_true (cyt_project_load_latent_rows (project, dataset->id, rows, &error));
      top = cyt_project_get_top_cells (project, dataset->id, n_indexed % D_SAE, &error);
      g_assert_no_error (error);
    }
  return NULL;
}

static void
test_reader_beside_writer (Fixture *f, gconstpointer data)
{
  g_autoptr (CytProject) project = make_project (f->path, D_SAE, N_CELLS, 25);
  GThread *reader = g_thread_new ("reader", read_on, f->path);

  index_all (project, "cells", 20);
  g_thread_join (reader);
}

/* Sizes of the real thing: nothing that a window waits for may take long. Limits are ten times what was
 * measured; the figures are printed. */
static void
test_size (Fixture *f, gconstpointer data)
{
  const gsize d_sae = 49152, n_cells = 100000;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_test_create_project (f->path, d_sae);
  g_autoptr (CytImageList) list = cyt_test_make_image_list ("/data", n_cells);
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (CytTestIndexer) indexer = NULL;
  g_autofree CytLatentRow *rows = g_new (CytLatentRow, d_sae);
  gint64 t = g_get_monotonic_time ();

  dataset = cyt_project_add_dataset (project, "cells", "", 0.2, 25, list, &error);
  g_assert_no_error (error);
  g_test_message ("add %d cells: %.0f ms", (int) n_cells, (g_get_monotonic_time () - t) / 1000.);
  g_assert_cmpint (g_get_monotonic_time () - t, <, 20 * G_USEC_PER_SEC);
  indexer = cyt_test_indexer_new (project, "cells", 2000);
  for (guint i = 0; i < 3; i++)
    {
      t = g_get_monotonic_time ();
      cyt_test_indexer_commit (indexer, 64, &error);
      g_assert_no_error (error);
      g_test_message ("commit 64 cells of 2,000 latents: %.0f ms", (g_get_monotonic_time () - t) / 1000.);
      g_assert_cmpint (g_get_monotonic_time () - t, <, 10 * G_USEC_PER_SEC);
    }
  t = g_get_monotonic_time ();
  g_assert_true (cyt_project_load_latent_rows (project, dataset->id, rows, &error));
  g_test_message ("load %d rows: %.1f ms", (int) d_sae, (g_get_monotonic_time () - t) / 1000.);
  g_assert_cmpint (g_get_monotonic_time () - t, <, G_USEC_PER_SEC / 2);
  t = g_get_monotonic_time ();
  for (guint k = 0; k < 100; k++)
    g_ptr_array_unref (cyt_project_get_top_cells (project, dataset->id, k * 491, &error));
  g_test_message ("top cells of a latent: %.2f ms", (g_get_monotonic_time () - t) / 1e5);
  g_assert_cmpint (g_get_monotonic_time () - t, <, 2 * G_USEC_PER_SEC);
  t = g_get_monotonic_time ();
  {
    g_autoptr (CytProject) again = cyt_project_open (f->path, CYT_PROJECT_READ_WRITE, &error);

    g_assert_no_error (error);
    g_test_message ("open: %.1f ms", (g_get_monotonic_time () - t) / 1000.);
    g_assert_cmpint (g_get_monotonic_time () - t, <, G_USEC_PER_SEC);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/project-index/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("content", test_content);
  ADD ("resume", test_resume);
  ADD ("kill", test_kill);
  ADD ("two-indexers", test_two_indexers);
  ADD ("reader-beside-writer", test_reader_beside_writer);
  ADD ("size", test_size);
  return g_test_run ();
}
