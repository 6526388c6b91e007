/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "io/cyt-error.h"
#include "project/cyt-labels-file.h"
#include "test-project-util.h"
#include "test-util.h"

/* Damaged project files: every function may fail with an error of ours, none may do anything else. Worth
 * running under the address sanitizer. */

#define D_SAE 60
#define N_CELLS 40

typedef struct
{
  char *folder;
  char *path;
  char *good;     /* bytes of an undamaged project */
  gsize size;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytImageList) list = cyt_test_make_image_list ("/data", N_CELLS);
  g_autoptr (GPtrArray) concepts = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  CytProject *project;
  CytTestIndexer *indexer;

  f->folder = cyt_test_make_tmpdir ();
  f->path = g_build_filename (f->folder, "p.cytosae", NULL);
  project = cyt_test_create_project (f->path, D_SAE);
  cyt_dataset_free (cyt_project_add_dataset (project, "cells", "blood", 0.2, 10, list, &error));
  indexer = cyt_test_indexer_new (project, "cells", 25);
  cyt_test_indexer_commit (indexer, N_CELLS - 10, &error);
  g_assert_no_error (error);
  cyt_test_indexer_free (indexer);
  for (guint i = 0; i < 5; i++)
    {
      g_ptr_array_add (concepts, cyt_concept_new (i));
      ((CytConcept *) concepts->pdata[i])->status = CYT_CONCEPT_PROPOSED;
    }
  g_assert_true (cyt_project_set_concepts (project, concepts, "r", "edit", NULL, &error));
  g_assert_true (cyt_project_set_setting (project, "key", "value", &error));
  cyt_project_close (project);
  g_assert_true (g_file_get_contents (f->path, &f->good, &f->size, NULL));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_test_remove_tree (f->folder);
  g_free (f->folder);
  g_free (f->path);
  g_free (f->good);
}

/* An error of ours, one line, that names the file; then it is forgotten. */
static gboolean
check (gboolean ok, GError **error)
{
  if (ok)
    {
      g_assert_no_error (*error);
      return TRUE;
    }
  g_assert_nonnull (*error);
  g_assert_true ((*error)->domain == CYT_PROJECT_ERROR);
  g_assert_nonnull (strstr ((*error)->message, "p.cytosae"));
  g_assert_true (g_utf8_validate ((*error)->message, -1, NULL));
  g_assert_null (strchr ((*error)->message, '\n'));
  g_clear_error (error);
  return FALSE;
}

/* For functions that return NULL without an error when there is nothing. */
static gboolean
check_pointer (gpointer pointer, GError **error)
{
  if (pointer || *error)
    return check (pointer != NULL, error);
  return FALSE;
}

static guint
read_dataset (CytProject *project, const CytDataset *dataset)
{
  g_autoptr (GError) error = NULL;
  gsize d_sae = cyt_project_get_d_sae (project);
  g_autofree CytLatentRow *rows = d_sae <= 10000 ? g_new (CytLatentRow, d_sae) : NULL;
  g_autoptr (CytImageList) list = cyt_project_load_image_list (project, dataset->id, &error);
  g_autoptr (GPtrArray) failures = NULL;
  g_auto (GStrv) labels = NULL;
  guint n_ok = check_pointer (list, &error);

  failures = cyt_project_list_failures (project, dataset->id, &error);
  n_ok += check_pointer (failures, &error);
  labels = cyt_project_list_labels (project, dataset->id, &error);
  n_ok += check_pointer (labels, &error);
  if (rows && check (cyt_project_load_latent_rows (project, dataset->id, rows, &error), &error))
    {
      n_ok++;
      for (gsize k = 0; k < d_sae; k++)
        {
          g_assert_true (rows[k].latent == k && rows[k].frequency >= 0 && rows[k].frequency <= 1);
          g_assert_true (rows[k].majority < (labels ? (int) g_strv_length (labels) : G_MAXINT32));
        }
    }
  for (guint k = 0; k < MIN (d_sae, D_SAE); k++)
    {
      g_autoptr (GPtrArray) top = cyt_project_get_top_cells (project, dataset->id, k, &error);

      n_ok += check_pointer (top, &error);
    }
  return n_ok;
}

static guint
read_cells (CytProject *project)
{
  g_autoptr (GError) error = NULL;
  guint n_ok = 0;
  CytCellLatents latents;

  cyt_cell_latents_init (&latents);
  for (gint64 i = 0; i <= N_CELLS; i++)
    {
      g_autoptr (CytCell) cell = cyt_project_get_cell (project, i, &error);
      g_autofree char *path = NULL;
      g_autoptr (GBytes) jpeg = NULL;

      n_ok += check_pointer (cell, &error);
      path = cyt_project_dup_cell_path (project, i, &error);
      n_ok += check_pointer (path, &error);
      jpeg = cyt_project_get_thumbnail (project, i, &error);
      n_ok += check_pointer (jpeg, &error);
      n_ok += check (cyt_project_get_cell_latents (project, i, &latents, &error), &error);
      for (guint j = 0; j < latents.n; j++)
        g_assert_true (latents.latent[j] < cyt_project_get_d_sae (project) && latents.score[j] > 0);
    }
  cyt_cell_latents_clear (&latents);
  return n_ok;
}

static guint
read_concepts (CytProject *project)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) concepts = cyt_project_list_concepts (project, &error);
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (CytProjection) projection = NULL;
  g_autofree char *setting = NULL;
  guint n_ok = check_pointer (concepts, &error);

  changes = cyt_project_list_changes (project, -1, &error);
  n_ok += check_pointer (changes, &error);
  for (guint k = 0; k < 6; k++)
    {
      g_autoptr (CytConcept) concept = cyt_project_get_concept (project, k, &error);
      g_autoptr (GPtrArray) some = NULL;

      n_ok += check_pointer (concept, &error);
      some = cyt_project_list_changes (project, k, &error);
      n_ok += check_pointer (some, &error);
    }
  n_ok += check (cyt_project_get_projection (project, "pca", &projection, &error), &error);
  setting = cyt_project_get_setting (project, "key", &error);
  n_ok += check_pointer (setting, &error);
  return n_ok;
}

static void
go_on_indexing (CytProject *project, const CytDataset *dataset)
{
  g_autoptr (GError) error = NULL;
  CytTestIndexer *indexer;

  if (cyt_project_get_d_sae (project) > 10000)
    return;
  indexer = g_new0 (CytTestIndexer, 1);
  indexer->project = project;
  indexer->n_active = 25;
  indexer->dataset = cyt_project_find_dataset (project, dataset->name, &error);
  indexer->stats = cyt_latent_stats_new (cyt_project_get_d_sae (project));
  indexer->lists = cyt_top_lists_new (cyt_project_get_d_sae (project), dataset->n_top);
  if (check_pointer (indexer->dataset, &error)
      && check (cyt_project_load_index_state (project, dataset->id, indexer->stats, indexer->lists, &error), &error))
    {
      indexer->position = indexer->dataset->n_indexed;
      check (cyt_test_indexer_commit (indexer, 3, &error), &error);
      check (cyt_project_finish_index (project, dataset->id, NULL, &error), &error);
    }
  cyt_test_indexer_free (indexer);
}

static void
write_things (CytProject *project)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) concepts = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  g_autoptr (CytImageList) list = cyt_test_make_image_list ("/more", 3);
  CytDataset *dataset;

  for (guint i = 0; i < MIN (7, cyt_project_get_d_sae (project)); i++)
    {
      g_ptr_array_add (concepts, cyt_concept_new (i));
      ((CytConcept *) concepts->pdata[i])->status = CYT_CONCEPT_CONFIRMED;
    }
  check (cyt_project_set_concepts (project, concepts, "r", "edit", NULL, &error), &error);
  check (cyt_project_set_setting (project, "key", "other", &error), &error);
  dataset = cyt_project_add_dataset (project, "more", "", 0.2, 5, list, &error);
  check (dataset != NULL, &error);
  cyt_dataset_free (dataset);
}

/* Opens the file and calls everything; the number of reads that succeeded. */
static guint
walk (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_WRITE, &error);
  g_autoptr (GPtrArray) datasets = NULL;
  guint n_ok = 0;

  if (!check_pointer (project, &error))
    return 0;
  datasets = cyt_project_list_datasets (project, &error);
  n_ok = 1 + check_pointer (datasets, &error);
  for (guint i = 0; datasets && i < datasets->len; i++)
    n_ok += read_dataset (project, datasets->pdata[i]);
  n_ok += read_cells (project) + read_concepts (project);
  for (guint i = 0; datasets && i < datasets->len; i++)
    go_on_indexing (project, datasets->pdata[i]);
  write_things (project);
  return n_ok;
}

static void
write_bytes (Fixture *f, const char *bytes, gsize size)
{
  g_autofree char *journal = g_strconcat (f->path, "-journal", NULL);

  g_unlink (journal);
  g_unlink (f->path);
  g_assert_true (g_file_set_contents_full (f->path, bytes, size, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
}

static void
test_flips (Fixture *f, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2025);
  guint n_opened = 0, whole;

  write_bytes (f, f->good, f->size);
  whole = walk (f->path);
  g_assert_cmpuint (whole, >, 100);
  for (guint round = 0; round < 250; round++)
    {
      g_autofree char *bad = g_memdup2 (f->good, f->size);
      guint n = 1 << (round % 8);

      for (guint i = 0; i < n; i++)
        {
          /* a quarter of them where pages keep their structure */
          gsize at = g_rand_int_range (rand, 0, f->size);

          if (i % 4 == 0)
            at = at / 4096 * 4096 + g_rand_int_range (rand, 0, 64);
          bad[MIN (at, f->size - 1)] ^= round % 2 ? 1 << g_rand_int_range (rand, 0, 8) : g_rand_int_range (rand, 1, 256);
        }
      write_bytes (f, bad, f->size);
      n_opened += walk (f->path) > 0;
    }
  g_test_message ("%u of 250 damaged files opened", n_opened);
  g_assert_cmpuint (n_opened, >, 50);
}

static void
test_truncated (Fixture *f, gconstpointer data)
{
  for (gsize size = 0; size < f->size; size += size < 4096 ? 511 : 1777)
    {
      write_bytes (f, f->good, size);
      walk (f->path);
    }
}

/* Values that SQLite lets through: each must be found by the function that reads it. */
static void
test_values (Fixture *f, gconstpointer data)
{
  static const char *const bad[] = {
    "INSERT INTO projection (method, coordinates) VALUES ('pca', x'00')",
    "INSERT INTO projection (method, coordinates, share_x) SELECT 'pca', zeroblob (8 * d_sae), 2 FROM project",
    "INSERT INTO projection (method, coordinates) SELECT 'pca', CAST (x'0000c07f' || zeroblob (8 * d_sae - 4) AS BLOB) FROM project",
    "UPDATE model SET config = replace (hex (zeroblob (50000)), '0', '[')",
    "UPDATE dataset SET n_indexed = 41",
    "UPDATE dataset SET n_failed = 31",
    "UPDATE dataset SET n_cells = 29",
    "UPDATE dataset SET n_cells = 1 << 40",
    "UPDATE dataset SET n_cells = 2147483647",
    "UPDATE dataset SET n_top = 0",
    "UPDATE dataset SET n_top = 2",
    "UPDATE dataset SET first_cell = 2",
    "UPDATE dataset SET first_cell = 9223372036854775807",
    "UPDATE dataset SET threshold = 9e999",
    "UPDATE dataset SET pixel_size = 0",
    "UPDATE dataset SET name = CAST (x'c3' AS TEXT)",
    "DELETE FROM label WHERE number = 1",
    "UPDATE label SET name = CAST (x'6100' AS TEXT)",
    "UPDATE cell SET position = 77 WHERE id = 5",
    "UPDATE cell SET path = CAST (x'2f0061' AS TEXT) WHERE id = 5",
    "UPDATE cell SET width = -1 WHERE id = 5",
    "UPDATE cell SET dataset = 2 WHERE id = 5",
    "UPDATE cell_latents SET latents = substr (latents, 2) WHERE cell = 5",
    "UPDATE cell_latents SET latents = substr (latents, 5) WHERE cell = 5",
    "UPDATE cell_latents SET latents = CAST (latents || x'00000000' AS BLOB) WHERE cell = 5",
    "UPDATE cell_latents SET latents = x'ffffffff', scores = x'0000803f', counts = x'0000', cls_latents = x'', cls_values = x'' WHERE cell = 5",
    "UPDATE cell_latents SET latents = x'01000000', scores = x'0000c07f', counts = x'0000', cls_latents = x'', cls_values = x'' WHERE cell = 5",
    "UPDATE cell_latents SET latents = x'01000000', scores = x'0000803f', counts = x'ffff', cls_latents = x'', cls_values = x'' WHERE cell = 5",
    "UPDATE cell_latents SET latents = x'01000000', scores = x'0000803f', counts = x'0000', cls_latents = x'02000000', cls_values = x'0000803f' WHERE cell = 5",
    "UPDATE latent_stats SET latent = 60 WHERE latent = (SELECT max (latent) FROM latent_stats)",
    "UPDATE latent_stats SET n_active = 31 WHERE latent = (SELECT max (latent) FROM latent_stats)",
    "UPDATE latent_stats SET n_active = 0 WHERE latent = (SELECT max (latent) FROM latent_stats)",
    "UPDATE latent_stats SET sum_score = -1",
    "UPDATE latent_stats SET sum_score = 9e999",
    "UPDATE latent_stats SET entropy = 1, purity = 2, majority = 0",
    "UPDATE latent_stats SET entropy = 1, purity = 1, majority = 3",
    "UPDATE latent_stats SET entropy = 1, purity = NULL, majority = 3",
    "UPDATE top_cell SET score = 0",
    "UPDATE top_cell SET score = -1",
    "UPDATE top_cell SET score = 9e999",
    "UPDATE top_cell SET map = x'0102'",
    "UPDATE top_cell SET map = x'010000c07f'",
    "UPDATE top_cell SET map = zeroblob (1300)",
    "UPDATE OR REPLACE top_cell SET cell = 39",
    "UPDATE concept SET status = 'sure'",
    "UPDATE concept SET confidence = 4",
    "UPDATE concept SET tags = 'b;a'",
    "UPDATE concept SET latent = 60 WHERE latent = 4",
    "UPDATE concept SET note = CAST (x'80' AS TEXT)",
    "UPDATE concept_change SET latent = -3",
    "UPDATE concept_change SET edit = 9223372036854775807",
    "UPDATE setting SET value = CAST (x'ff' AS TEXT)",
  };
  guint whole;

  write_bytes (f, f->good, f->size);
  whole = walk (f->path);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      sqlite3 *db = NULL;
      char *message = NULL;
      guint n_ok;

      write_bytes (f, f->good, f->size);
      g_assert_cmpint (sqlite3_open_v2 (f->path, &db, SQLITE_OPEN_READWRITE, NULL), ==, SQLITE_OK);
      sqlite3_exec (db, bad[i], NULL, NULL, &message);
      g_assert_cmpstr (message, ==, NULL);
      sqlite3_close (db);
      n_ok = walk (f->path);
      g_test_message ("%s: %u of %u", bad[i], n_ok, whole);
      if (strstr (bad[i], "edit = 9") == NULL) /* met by the next write only */
        g_assert_cmpuint (n_ok, <, whole);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/project-hostile/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("flips", test_flips);
  ADD ("truncated", test_truncated);
  ADD ("values", test_values);
  return g_test_run ();
}
