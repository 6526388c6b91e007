/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
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

/* A project whose data set "cells" has all its cells, but is not finished. */
static CytProject *
make_project (const char *path, gsize d_sae, gsize n_active, gsize n_cells)
{
  CytProject *project = cyt_test_create_project (path, d_sae);
  g_autoptr (CytImageList) list = cyt_test_make_image_list ("/data", n_cells);
  g_autoptr (CytImageList) small = cyt_test_make_image_list ("/small", 3);
  g_autoptr (CytTestIndexer) indexer = NULL;
  g_autoptr (GError) error = NULL;

  /* one before it, so that ids and positions differ */
  cyt_dataset_free (cyt_project_add_dataset (project, "small", "", 0.2, 5, small, &error));
  g_assert_no_error (error);
  cyt_dataset_free (cyt_project_add_dataset (project, "cells", "", 0.2, 5, list, &error));
  g_assert_no_error (error);
  indexer = cyt_test_indexer_new (project, "cells", n_active);
  while (indexer->position < n_cells)
    {
      cyt_test_indexer_commit (indexer, 8192, &error);
      g_assert_no_error (error);
    }
  return project;
}

static void
finish (CytProject *project, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytDataset) dataset = cyt_project_find_dataset (project, name, &error);

  g_assert_no_error (error);
  g_assert_true (cyt_project_finish_index (project, dataset->id, NULL, &error));
  g_assert_no_error (error);
}

/* The cells of every latent, against a walk over the latents of every cell. */
static void
check_content (CytProject *project, gsize d_sae, gsize n_active, gsize n_cells)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytDataset) dataset = cyt_project_find_dataset (project, "cells", &error);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_latent_cells_free);
  g_autofree gsize *next = g_new0 (gsize, d_sae);
  gsize n = 0;

  g_assert_cmpuint (dataset->n_transposed, ==, n_cells);
  for (guint k = 0; k < d_sae; k++)
    {
      CytLatentCells *cells = cyt_project_get_latent_cells (project, dataset->id, k, &error);

      g_assert_no_error (error);
      g_assert_cmpint (cells->first_cell, ==, 4);
      g_ptr_array_add (all, cells);
    }
  for (gsize i = 0; i < n_cells; i++)
    {
      CytIndexedCell *made = cyt_test_make_cell (d_sae, n_active, i);

      for (guint j = 0; j < made->latents.n; j++)
        {
          guint k = made->latents.latent[j];
          const CytLatentCells *cells = all->pdata[k];
          gsize at = next[k]++;

          g_assert_cmpuint (at, <, cells->n);
          g_assert_cmpuint (cells->position[at], ==, i);
          g_assert_true (cells->score[at] == made->latents.score[j]);
          g_assert_cmpuint (cells->count[at], ==, made->latents.count[j]);
          n++;
        }
      cyt_indexed_cell_free (made);
    }
  for (guint k = 0; k < d_sae; k++)
    g_assert_cmpuint (next[k], ==, ((CytLatentCells *) all->pdata[k])->n);
  g_assert_cmpuint (n, >, n_cells / 2);
}

static void
test_content (Fixture *f, gconstpointer data)
{
  g_autoptr (CytProject) project = make_project (f->path, D_SAE, N_ACTIVE, N_CELLS);

  finish (project, "cells");
  check_content (project, D_SAE, N_ACTIVE, N_CELLS);
}

/* More cells than a chunk has offsets for. */
static void
test_chunks (Fixture *f, gconstpointer data)
{
  const gsize n_cells = 65536 + 700;
  g_autoptr (CytProject) project = make_project (f->path, 5, 2, n_cells);

  finish (project, "cells");
  check_content (project, 5, 2, n_cells);
}

static void
test_unknown (Fixture *f, gconstpointer data)
{
  g_autoptr (CytProject) project = make_project (f->path, D_SAE, N_ACTIVE, N_CELLS);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytDataset) small = cyt_project_find_dataset (project, "small", &error);
  g_autoptr (CytDataset) cells = cyt_project_find_dataset (project, "cells", &error);

  /* cells that are still to come: nothing is written, nothing is known */
  finish (project, "small");
  g_assert_null (cyt_project_get_latent_cells (project, small->id, 0, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "small"));
  g_clear_error (&error);
  g_assert_cmpuint (cells->n_transposed, ==, 0);
  g_assert_null (cyt_project_get_latent_cells (project, cells->id, 0, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  finish (project, "cells");
  g_assert_null (cyt_project_get_latent_cells (project, cells->id, D_SAE, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (cyt_project_get_latent_cells (project, 77, 0, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
}

/* Cancelled, nothing half is left; a second run changes nothing. */
static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (CytProject) project = make_project (f->path, D_SAE, N_ACTIVE, N_CELLS);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CytDataset) dataset = cyt_project_find_dataset (project, "cells", &error);
  g_autofree char *after = NULL;
  g_autofree char *again = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (cyt_project_finish_index (project, dataset->id, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  after = cyt_test_dump_project (f->path);
  g_assert_null (strstr (after, "== latent_chunk\n1|"));
  finish (project, "cells");
  g_clear_pointer (&after, g_free);
  after = cyt_test_dump_project (f->path);
  g_assert_nonnull (strstr (after, "== latent_chunk\n1|"));
  finish (project, "cells");
  again = cyt_test_dump_project (f->path);
  g_assert_true (strcmp (after, again) == 0);
}

/* Killed at random moments until it gets through: always the same file. */
static void
test_kill (Fixture *f, gconstpointer data)
{
  const gsize n_cells = 65536 + 700;
  g_autofree char *expected = NULL;
  g_autofree char *got = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  guint n_killed = 0;
  gboolean done = FALSE;

  {
    g_autoptr (CytProject) project = make_project (f->path, 5, 2, n_cells);
    g_autofree char *bytes = NULL;
    gsize size;

    g_assert_true (g_file_get_contents (f->path, &bytes, &size, NULL));
    g_assert_true (g_file_set_contents (f->other, bytes, size, NULL));
    finish (project, "cells");
  }
  expected = cyt_test_dump_project (f->path);
  while (!done)
    {
      pid_t child = fork ();
      int status = -1;

      if (child == 0)
        {
          g_autoptr (GError) error = NULL;
          CytProject *project = cyt_project_open (f->other, CYT_PROJECT_READ_WRITE, &error);

          g_assert_no_error (error);
          finish (project, "cells");
          _exit (0);
        }
      g_usleep (g_rand_int_range (rand, 500, 20000 + 10000 * n_killed));
      kill (child, SIGKILL);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      done = WIFEXITED (status) && WEXITSTATUS (status) == 0;
      n_killed += !done;
      g_assert_true (done || WIFSIGNALED (status));
    }
  g_test_message ("killed %u times", n_killed);
  got = cyt_test_dump_project (f->other);
  g_assert_true (strcmp (expected, got) == 0);
}

/* Values that SQLite lets through are found when they are read. */
static void
test_hostile (Fixture *f, gconstpointer data)
{
  static const char *const bad[] = {
    "UPDATE latent_cells SET offsets = substr (offsets, 2) WHERE id = 217",
    "UPDATE latent_cells SET offsets = substr (offsets, 3) WHERE id = 217",
    "UPDATE latent_cells SET scores = substr (scores, 5) WHERE id = 217",
    "UPDATE latent_cells SET counts = x'' WHERE id = 217",
    "UPDATE latent_cells SET offsets = x'', scores = x'0000803f', counts = x'0000' WHERE id = 217",
    "UPDATE latent_cells SET offsets = x'01000100', scores = x'0000803f0000803f', counts = x'00000000' WHERE id = 217",
    "UPDATE latent_cells SET offsets = x'9001', scores = x'0000803f', counts = x'0000' WHERE id = 217",
    "UPDATE latent_cells SET offsets = x'0100', scores = x'0000c07f', counts = x'0000' WHERE id = 217",
    "UPDATE latent_cells SET offsets = x'0100', scores = x'00000000', counts = x'0000' WHERE id = 217",
    "UPDATE latent_cells SET offsets = x'0100', scores = x'0000803f', counts = x'0201' WHERE id = 217",
    "UPDATE latent_cells SET offsets = zeroblob (900), scores = zeroblob (1800), counts = zeroblob (900) WHERE id = 217",
    "UPDATE latent_chunk SET first = 1",
    "UPDATE latent_chunk SET n_cells = 399",
    "UPDATE latent_chunk SET n_cells = 401",
    "INSERT INTO latent_chunk VALUES (2, 2, 0, 1)",
    "INSERT INTO latent_chunk VALUES (2, 2, 400, -1)",
    "UPDATE latent_chunk SET n_cells = 1 << 62; INSERT INTO latent_chunk VALUES (2, 2, 0, 1 << 62)",
    "DELETE FROM latent_chunk",
  };
  g_autofree char *good = NULL;
  gsize size;

  {
    g_autoptr (CytProject) project = make_project (f->path, D_SAE, N_ACTIVE, N_CELLS);

    finish (project, "cells");
  }
  g_assert_true (g_file_get_contents (f->path, &good, &size, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CytProject) project = NULL;
      sqlite3 *db = NULL;
      char *message = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_true (g_file_set_contents (f->path, good, size, NULL));
      g_assert_cmpint (sqlite3_open_v2 (f->path, &db, SQLITE_OPEN_READWRITE, NULL), ==, SQLITE_OK);
      sqlite3_exec (db, bad[i], NULL, NULL, &message);
      g_assert_cmpstr (message, ==, NULL);
      g_assert_cmpint (sqlite3_total_changes (db), >, 0);
      sqlite3_close (db);
      project = cyt_project_open (f->path, CYT_PROJECT_READ_WRITE, &error);
      g_assert_no_error (error);
      g_assert_null (cyt_project_get_latent_cells (project, 2, 17, &error));
      g_assert_true (error->domain == CYT_PROJECT_ERROR);
      g_assert_nonnull (strstr (error->message, "p.cytosae"));
      g_assert_null (strchr (error->message, '\n'));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/latent-cells/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("content", test_content);
  ADD ("chunks", test_chunks);
  ADD ("unknown", test_unknown);
  ADD ("cancel", test_cancel);
  ADD ("kill", test_kill);
  ADD ("hostile", test_hostile);
  return g_test_run ();
}
