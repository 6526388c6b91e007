/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>

#include "io/cyt-csv.h"
#include "io/cyt-error.h"
#include "io/cyt-hash.h"
#include "io/cyt-image.h"
#include "project/cyt-indexer.h"
#include "project/cyt-published.h"
#include "test-util.h"

/* A made-up set of statistics in a folder of its own; see tests/ref/published.py. */
typedef struct
{
  char *dir;
} Fixture;

/* Made once, copied for each test. */
static char *made;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *all = NULL;

  if (made == NULL)
    {
      made = cyt_test_make_tmpdir ();
      cyt_test_run_reference ("published.py", "make", made, NULL);
    }
  fixture->dir = cyt_test_make_tmpdir ();
  all = g_build_filename (made, ".", NULL);
  g_assert_cmpint (cyt_test_run (NULL, NULL, "cp", "-R", all, fixture->dir, NULL), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  cyt_test_remove_tree (fixture->dir);
  g_free (fixture->dir);
}

/* What is published, as NumPy reads it. */
typedef struct
{
  gsize d_sae, m;
  float *indices, *values, *mean, *sparsity, *entropy; /* (d_sae, m) or (d_sae) */
  float *recomputed, *purity;                          /* (d_sae) NaN below ten images */
} Published;

static float *
load (const char *dir, const char *name, Published *self)
{
  g_autofree char *file = g_strconcat (name, ".npy", NULL);
  g_autofree char *path = g_build_filename (dir, file, NULL);
  CytTensorInfo info;
  float *data = cyt_test_load_npy (path, &info);

  self->d_sae = info.shape[0];
  if (info.n_dims == 2)
    self->m = info.shape[1];
  return data;
}

static void
published_load (Published *self, const char *stats)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();

  cyt_test_run_reference ("published.py", "dump", stats, dir, NULL);
  self->indices = load (dir, "indices", self);
  self->values = load (dir, "values", self);
  self->mean = load (dir, "mean", self);
  self->sparsity = load (dir, "sparsity", self);
  self->entropy = load (dir, "entropy", self);
  self->recomputed = load (dir, "recomputed", self);
  self->purity = load (dir, "purity", self);
  cyt_test_remove_tree (dir);
}

static void
published_clear (Published *self)
{
  g_free (self->indices);
  g_free (self->values);
  g_free (self->mean);
  g_free (self->sparsity);
  g_free (self->entropy);
  g_free (self->recomputed);
  g_free (self->purity);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Published, published_clear)

static CytProject *
import (const char *stats, const char *images, const char *path, const char *dataset)
{
  CytPublishedOptions options = CYT_PUBLISHED_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;
  CytProject *project;

  options.dataset = dataset;
  options.domain = "peripheral blood";
  cyt_published_import (stats, images, path, &options, NULL, NULL, &error);
  g_assert_no_error (error);
  project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  g_assert_true (cyt_project_is_published (project));
  g_assert_null (cyt_project_get_encoder (project));
  return project;
}

/* Every number of every latent is what was published. */
static void
check_latents (CytProject *project, const CytDataset *dataset, const Published *p)
{
  g_autofree CytLatentRow *rows = g_new0 (CytLatentRow, p->d_sae);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) labels = cyt_project_list_labels (project, dataset->id, &error);

  g_assert_cmpuint (cyt_project_get_d_sae (project), ==, p->d_sae);
  g_assert_cmpuint (dataset->n_top, ==, p->m);
  g_assert_cmpuint (dataset->n_images, ==, dataset->n_cells);
  g_assert_true (isnan (dataset->threshold));
  cyt_project_load_latent_rows (project, dataset->id, rows, &error);
  g_assert_no_error (error);
  for (gsize k = 0; k < p->d_sae; k++)
    {
      const CytLatentRow *row = &rows[k];

      g_assert_true (isnan (row->max_act) && isnan (row->cls_share) && isnan (row->mean_count));
      g_assert_true ((float) row->frequency == p->sparsity[k]);
      g_assert_true (fabs (row->n_active - (double) p->sparsity[k] * dataset->n_cells) <= 0.01);
      g_assert_true ((float) row->mean_act == (isnan (p->mean[k]) ? 0 : p->mean[k]));
      if (isnan (p->recomputed[k]))
        {
          g_assert_true (isnan (row->entropy) && isnan (row->purity) && row->majority == -1);
          continue;
        }
      g_assert_true ((float) row->entropy == MAX (p->entropy[k], 0));
      g_assert_true (fabs (row->entropy - p->recomputed[k]) <= 1e-5);
      g_assert_true (fabs (row->purity - p->purity[k]) <= 1e-6);
      g_assert_cmpint (row->majority, >=, 0);
      g_assert_cmpint (row->majority, <, g_strv_length (labels));
    }
}

/* Every list has the published images in the published order; returns how many entries have no image. */
static guint
check_top_cells (CytProject *project, const CytDataset *dataset, const Published *p)
{
  g_autoptr (GError) error = NULL;
  gint64 first_cell = -1;
  guint n_missing = 0;

  for (gsize k = 0; k < p->d_sae; k++)
    {
      g_autoptr (GPtrArray) top = cyt_project_get_top_cells (project, dataset->id, k, &error);
      const guint32 latent = k;
      g_autoptr (GPtrArray) best = cyt_project_list_best_cells (project, dataset->id, &latent, 1, 3, &error);
      guint n = 0;

      g_assert_no_error (error);
      g_assert_cmpuint (best->len, ==, MIN (3, top->len));
      for (guint r = 0; r < best->len; r++)
        g_assert_cmpint (((const CytBestCell *) best->pdata[r])->cell, ==, ((const CytTopCell *) top->pdata[r])->cell);
      for (; n < p->m && p->values[k * p->m + n] > 0; n++)
        {
          const CytTopCell *entry;
          g_autoptr (CytCell) cell = NULL;

          g_assert_cmpuint (n, <, top->len);
          entry = top->pdata[n];
          g_assert_cmpuint (entry->rank, ==, n);
          g_assert_true (entry->score == p->values[k * p->m + n]);
          g_assert_false (entry->has_map);
          g_assert_cmpuint (entry->map.n, ==, 0);
          if (first_cell < 0)
            {
              cell = cyt_project_get_cell (project, entry->cell, &error);
              first_cell = entry->cell - (gint64) cell->position;
            }
          g_assert_cmpint (entry->cell - first_cell, ==, (gint64) p->indices[k * p->m + n]);
          if (k % 64 > 0 && p->d_sae > 1000)
            continue;
          g_clear_pointer (&cell, cyt_cell_free);
          cell = cyt_project_get_cell (project, entry->cell, &error);
          g_assert_no_error (error);
          g_assert_nonnull (cell->label);
          n_missing += cell->failure != NULL;
        }
      g_assert_cmpuint (top->len, ==, n);
    }
  return n_missing;
}

/* A cell with an image has its size, its hash and, in a list, its thumbnail; others say why not. */
static guint
check_cells (CytProject *project, const CytDataset *dataset, const Published *p, guint step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytImageList) list = cyt_project_load_image_list (project, dataset->id, &error);
  g_autofree guint8 *used = g_new0 (guint8, dataset->n_cells);
  guint n_missing = 0;

  for (gsize i = 0; i < p->d_sae * p->m; i++)
    if (p->values[i] > 0)
      used[(gsize) p->indices[i]] = TRUE;
  for (gsize i = 0; i < dataset->n_cells; i += step)
    {
      g_autoptr (CytCell) cell = cyt_project_get_cell (project, (gint64) i + 1, &error);
      g_autoptr (GBytes) thumbnail = cyt_project_get_thumbnail (project, (gint64) i + 1, &error);
      g_autoptr (CytImage) image = NULL;
      g_autofree char *hash = NULL, *path = cyt_image_list_dup_path (list, i);

      g_assert_no_error (error);
      g_assert_cmpuint (cell->position, ==, i);
      g_assert_true ((cell->failure != NULL) == (cell->sha256 == NULL));
      if (cell->failure != NULL)
        {
          g_assert_null (thumbnail);
          g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
          n_missing++;
          continue;
        }
      hash = cyt_hash_path (path, NULL, &error);
      g_assert_cmpstr (hash, ==, cell->sha256);
      g_assert_true ((thumbnail != NULL) == used[i]);
      if (thumbnail == NULL)
        continue;
      image = cyt_image_load_bytes (thumbnail, "thumbnail", &error);
      g_assert_no_error (error);
      g_assert_cmpuint (MAX (image->width, image->height), ==,
                        MIN (MAX (cell->width, cell->height), CYT_PROJECT_THUMBNAIL_SIZE));
    }
  return n_missing;
}

static void
test_all (Fixture *fixture, gconstpointer data)
{
  g_autofree char *stats = g_build_filename (fixture->dir, "stats", NULL);
  g_autofree char *images = g_build_filename (fixture->dir, "all", NULL);
  g_autofree char *path = g_build_filename (fixture->dir, "p.cytosae", NULL);
  g_autofree char *files = g_build_filename (fixture->dir, "files.csv", NULL);
  g_autoptr (CytProject) project = import (stats, images, path, "all");
  g_autoptr (GError) error = NULL;
  g_autoptr (CytDataset) dataset = cyt_project_find_dataset (project, "all", &error);
  g_autoptr (CytCsv) csv = cyt_csv_read (files, &error);
  g_auto (Published) published = { 0 };

  g_assert_no_error (error);
  published_load (&published, stats);
  g_assert_cmpuint (dataset->n_cells, ==, cyt_csv_get_n_rows (csv));
  g_assert_cmpuint (dataset->n_indexed, ==, dataset->n_cells);
  g_assert_cmpuint (dataset->n_failed, ==, 0);
  g_assert_cmpstr (dataset->domain, ==, "peripheral blood");
  for (gsize i = 0; i < cyt_csv_get_n_rows (csv); i++)
    {
      g_autoptr (CytCell) cell = cyt_project_get_cell (project, (gint64) i + 1, &error);

      g_assert_cmpstr (cell->path, ==, cyt_csv_get (csv, i, 0));
      g_assert_cmpstr (cell->label, ==, cyt_csv_get (csv, i, 1));
    }
  check_latents (project, dataset, &published);
  g_assert_cmpuint (check_top_cells (project, dataset, &published), ==, 0);
  g_assert_cmpuint (check_cells (project, dataset, &published, 1), ==, 0);
}

static void
test_some (Fixture *fixture, gconstpointer data)
{
  g_autofree char *stats = g_build_filename (fixture->dir, "stats", NULL);
  g_autofree char *images = g_build_filename (fixture->dir, "some", NULL);
  g_autofree char *path = g_build_filename (fixture->dir, "p.cytosae", NULL);
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (GPtrArray) failures = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Published) published = { 0 };

  project = import (stats, images, path, "some");
  dataset = cyt_project_find_dataset (project, "some", &error);
  published_load (&published, stats);
  g_assert_cmpuint (dataset->n_cells, ==, 60);
  g_assert_cmpuint (dataset->n_failed, ==, 20);
  check_latents (project, dataset, &published);
  g_assert_cmpuint (check_top_cells (project, dataset, &published), >, 20);
  g_assert_cmpuint (check_cells (project, dataset, &published, 1), ==, 20);
  failures = cyt_project_list_failures (project, dataset->id, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (failures->len, ==, 20);
  g_assert_nonnull (strstr (((const CytCell *) failures->pdata[1])->failure, "cytosae_index 3"));
}

/* An image that was given, but is damaged, is missing too. */
static void
test_unreadable (Fixture *fixture, gconstpointer data)
{
  g_autofree char *stats = g_build_filename (fixture->dir, "stats", NULL);
  g_autofree char *images = g_build_filename (fixture->dir, "all", NULL);
  g_autofree char *path = g_build_filename (fixture->dir, "p.cytosae", NULL);
  g_autofree char *files = g_build_filename (fixture->dir, "files.csv", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCsv) csv = cyt_csv_read (files, &error);
  g_autofree char *victim = g_build_filename (images, cyt_csv_get (csv, 59, 0), NULL);
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (CytCell) cell = NULL;

  g_assert_true (g_file_set_contents (victim, "no picture", -1, NULL));
  project = import (stats, images, path, "all");
  dataset = cyt_project_find_dataset (project, "all", &error);
  g_assert_cmpuint (dataset->n_failed, ==, 1);
  cell = cyt_project_get_cell (project, 60, &error);
  g_assert_cmpstr (cell->path, ==, cyt_csv_get (csv, 59, 0));
  g_assert_nonnull (strstr (cell->failure, cell->path));
}

/* No file of the project, nor a beginning of one, is left in the folder. */
static void
check_nothing (const char *dir)
{
  g_autoptr (GDir) folder = g_dir_open (dir, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_assert_false (g_str_has_suffix (name, ".cytosae"));
      g_assert_false (g_str_has_suffix (name, ".part"));
    }
}

static void
check_fails (const char *dir, const char *stats_name, const char *images_name, GQuark domain, const char *says)
{
  g_autofree char *stats = g_build_filename (dir, stats_name, NULL);
  g_autofree char *images = g_build_filename (dir, images_name, NULL);
  g_autofree char *path = g_build_filename (dir, "p.cytosae", NULL);
  CytPublishedOptions options = CYT_PUBLISHED_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;

  g_assert_false (cyt_published_import (stats, images, path, &options, NULL, NULL, &error));
  g_assert_nonnull (error);
  if (error->domain != domain || strstr (error->message, says) == NULL || strchr (error->message, '\n') != NULL)
    g_error ("%s, %s: \"%s\" does not say \"%s\"", stats_name, images_name, error->message, says);
  check_nothing (dir);
}

static void
test_bad_statistics (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *name, *says;
  } bad[] = {
    { "bad-narrow", "values.pt: expected the shape (40, 10)" },
    { "bad-short", "mean_acts.pt: expected the shape (40,)" },
    { "bad-flat", "found (400,)" },
    { "bad-dict", "sae_sparsity.pt: expected one tensor, found 2" },
    { "bad-half", "latent 9: expected a whole number" },
    { "bad-negative", "found -1" },
    { "bad-huge", "found 3e+09" },
    { "bad-nan-index", "found nan" },
    { "bad-twice", "is listed twice" },
    { "bad-nan-value", "scores of 0 or more, found nan" },
    { "bad-negative-value", "scores of 0 or more, found -1" },
    { "bad-share", "a share from 0 to 1, found 1.5" },
    { "bad-silent", "latent 9: fires in the share 0" },
    { "bad-mean", "latent 9: expected a mean of 0 or more, found nan" },
    { "bad-class", "label_indices.pt: latent 9" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    check_fails (fixture->dir, bad[i].name, "all", CYT_CHECKPOINT_ERROR, bad[i].says);
  check_fails (fixture->dir, "bad-lacking", "all", G_FILE_ERROR, "top_entropy.pt");
  check_fails (fixture->dir, "bad-text", "all", CYT_CHECKPOINT_ERROR, "sae_sparsity.pt");
  check_fails (fixture->dir, "nowhere", "all", G_FILE_ERROR, "nowhere/max_activating_image_indices.pt");
  check_fails (fixture->dir, "bad-beyond", "all", CYT_TABLE_ERROR, "at least 61");
}

static void
write_manifest (const char *dir, const char *text)
{
  g_autofree char *path = g_build_filename (dir, "some", "manifest.csv", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_bad_images (Fixture *fixture, gconstpointer data)
{
  g_autofree char *spare = g_build_filename (fixture->dir, "all", "c", "spare.png", NULL);

  check_fails (fixture->dir, "stats", "mixed", CYT_TABLE_ERROR, "these are not the images of the statistics");
  check_fails (fixture->dir, "stats", "nowhere", G_FILE_ERROR, "nowhere");
  check_fails (fixture->dir, "stats", "files.csv", G_FILE_ERROR, "expected the folder of the images");
  check_fails (fixture->dir, "stats", "stats", CYT_TABLE_ERROR, "no images in it");
  g_assert_true (g_file_set_contents (spare, "", 0, NULL));
  check_fails (fixture->dir, "stats", "all", CYT_TABLE_ERROR, "holds 61 images, but the statistics are of 60");
  write_manifest (fixture->dir, "path,label\na/1.png,a\n");
  check_fails (fixture->dir, "stats", "some", CYT_TABLE_ERROR, "holds 40 images, but the statistics are of 60");
  write_manifest (fixture->dir, "path,cytosae_index\na/1.png,1\n\na/2.png,x\n");
  check_fails (fixture->dir, "stats", "some", CYT_TABLE_ERROR, "manifest.csv: line 4: cytosae_index");
  write_manifest (fixture->dir, "path,cytosae_index\na/1.png,1.5\n");
  check_fails (fixture->dir, "stats", "some", CYT_TABLE_ERROR, "found \"1.5\"");
  write_manifest (fixture->dir, "path,cytosae_index\na/1.png,-1\n");
  check_fails (fixture->dir, "stats", "some", CYT_TABLE_ERROR, "found \"-1\"");
  write_manifest (fixture->dir, "path,cytosae_index\na/1.png,nan\n");
  check_fails (fixture->dir, "stats", "some", CYT_TABLE_ERROR, "found \"nan\"");
  write_manifest (fixture->dir, "path,cytosae_index\na/1.png,7\na/2.png,7.0\n");
  check_fails (fixture->dir, "stats", "some", CYT_TABLE_ERROR, "line 3: cytosae_index 7 is that of line 2 too");
  write_manifest (fixture->dir, "path,cytosae_index\na/1.png,60\n");
  check_fails (fixture->dir, "stats", "some", CYT_TABLE_ERROR, "numbers from 0 to 59 for the 60 images");
  write_manifest (fixture->dir, "path,cytosae_index\na/1.png,16000000\n");
  check_fails (fixture->dir, "stats", "some", CYT_TABLE_ERROR, "found 16000000");
  write_manifest (fixture->dir, "path,cytosae_index\na/1.png,\n");
  check_fails (fixture->dir, "stats", "some", CYT_TABLE_ERROR, "no image has a cytosae_index");
  write_manifest (fixture->dir, "file,cytosae_index\na/1.png,1\n");
  check_fails (fixture->dir, "stats", "some", CYT_TABLE_ERROR, "image");
}

/* One image without a class, and the rest missing: the published numbers are all that is known of classes. */
static void
test_unlabelled (Fixture *fixture, gconstpointer data)
{
  g_autofree char *stats = g_build_filename (fixture->dir, "stats", NULL);
  g_autofree char *images = g_build_filename (fixture->dir, "some", NULL);
  g_autofree char *path = g_build_filename (fixture->dir, "p.cytosae", NULL);
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) labels = NULL;
  g_auto (Published) published = { 0 };

  write_manifest (fixture->dir, "path,cytosae_index\nnowhere.png,59\n");
  project = import (stats, images, path, "one");
  dataset = cyt_project_find_dataset (project, "one", &error);
  published_load (&published, stats);
  g_assert_cmpuint (dataset->n_failed, ==, 60);
  check_latents (project, dataset, &published);
  check_top_cells (project, dataset, &published);
  labels = cyt_project_list_labels (project, dataset->id, &error);
  g_assert_cmpuint (g_strv_length (labels), ==, 3);
  g_assert_cmpstr (labels[2], ==, "class 2");
}

/* A damaged project is refused, as any other is. */
static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  static const char *const changes[] = {
    "UPDATE latent_stats SET frequency = NULL WHERE latent = 9",
    "UPDATE latent_stats SET frequency = 1.5 WHERE latent = 9",
    "UPDATE latent_stats SET n_active = 61 WHERE latent = 9",
    "UPDATE latent_stats SET purity = NULL WHERE latent = 9",
    "UPDATE top_cell SET rank = NULL WHERE latent = 9",
    "UPDATE top_cell SET rank = 10 WHERE latent = 9",
    "UPDATE project SET published = 0",
    "UPDATE dataset SET n_failed = 61",
  };
  g_autofree char *stats = g_build_filename (fixture->dir, "stats", NULL);
  g_autofree char *images = g_build_filename (fixture->dir, "some", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.cytosae", i);
      g_autofree char *path = g_build_filename (fixture->dir, name, NULL);
      g_autofree CytLatentRow *rows = g_new0 (CytLatentRow, 40);
      g_autoptr (CytProject) project = NULL;
      g_autoptr (GPtrArray) top = NULL;
      g_autoptr (GError) error = NULL;
      sqlite3 *db;

      cyt_project_close (import (stats, images, path, "some"));
      g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
      g_assert_cmpint (sqlite3_exec (db, changes[i], NULL, NULL, NULL), ==, SQLITE_OK);
      g_assert_cmpint (sqlite3_changes (db), >, 0);
      sqlite3_close (db);
      project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, &error);
      if (project != NULL && cyt_project_load_latent_rows (project, 1, rows, &error))
        top = cyt_project_get_top_cells (project, 1, 9, &error);
      if (!g_error_matches (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_CORRUPT))
        g_error ("%s: %s", changes[i], error ? error->message : "no error");
    }
}

static gpointer
cancel_at_half (gpointer data)
{
  gpointer *args = data;
  CytProgressState state;

  do
    {
      g_usleep (1000);
      cyt_progress_get (args[0], &state);
    }
  while (state.n_total == 0);
  g_cancellable_cancel (args[1]);
  return NULL;
}

/* Cancelled at once, or while images are read: nothing is there, and what is there is never replaced. */
static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autofree char *stats = g_build_filename (fixture->dir, "stats", NULL);
  g_autofree char *images = g_build_filename (fixture->dir, "all", NULL);
  g_autofree char *path = g_build_filename (fixture->dir, "p.cytosae", NULL);
  g_autofree char *content = NULL;
  CytPublishedOptions options = CYT_PUBLISHED_OPTIONS_INIT;

  for (guint round = 0; round < 6; round++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (CytProgress) progress = cyt_progress_new ();
      g_autoptr (GError) error = NULL;
      gpointer args[] = { progress, cancellable };
      GThread *thread = NULL;

      if (round == 0)
        g_cancellable_cancel (cancellable);
      else
        thread = g_thread_new ("cancel", cancel_at_half, args);
      if (cyt_published_import (stats, images, path, &options, progress, cancellable, &error))
        g_assert_cmpint (g_remove (path), ==, 0);
      else
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_true (thread != NULL || error != NULL);
      g_clear_pointer (&thread, g_thread_join);
      check_nothing (fixture->dir);
    }

  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  {
    g_autoptr (GError) error = NULL;

    g_assert_false (cyt_published_import (stats, images, path, &options, NULL, NULL, &error));
    g_assert_nonnull (strstr (error->message, "exists"));
  }
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "mine");
}

/* Concepts are named in it as in any other project; images are not indexed into it. */
static void
test_use (Fixture *fixture, gconstpointer data)
{
  g_autofree char *stats = g_build_filename (fixture->dir, "stats", NULL);
  g_autofree char *images = g_build_filename (fixture->dir, "all", NULL);
  g_autofree char *path = g_build_filename (fixture->dir, "p.cytosae", NULL);
  g_autofree char *encoder = cyt_test_source ("data/models/pbc-tiny/encoder.safetensors");
  g_autofree char *sae = cyt_test_source ("data/models/pbc-tiny/sae");
  const char *const folders[] = { images, NULL };
  CytIndexOptions options = CYT_INDEX_OPTIONS_INIT;
  g_autoptr (CytConcept) concept = cyt_concept_new (9), stored = NULL;
  g_autoptr (GPtrArray) concepts = g_ptr_array_new ();
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytModels) models = NULL;
  g_autoptr (GError) error = NULL;
  CytCellLatents latents;

  cyt_project_close (import (stats, images, path, "all"));
  project = cyt_project_open (path, CYT_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  g_free (concept->name);
  concept->name = g_strdup ("granules");
  g_ptr_array_add (concepts, concept);
  cyt_project_set_concepts (project, concepts, "A. B.", "edit", NULL, &error);
  g_assert_no_error (error);
  stored = cyt_project_get_concept (project, 9, &error);
  g_assert_cmpstr (stored->name, ==, "granules");
  cyt_cell_latents_init (&latents);
  g_assert_false (cyt_project_get_cell_latents (project, 1, &latents, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  cyt_cell_latents_clear (&latents);

  models = cyt_models_load (encoder, sae, NULL, &error);
  g_assert_no_error (error);
  list = cyt_image_list_new (folders, &error);
  g_assert_false (cyt_indexer_run (path, models, list, &options, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH);
  g_assert_nonnull (strstr (error->message, "published statistics"));
}

/* The real ones: 49,152 latents, 17,092 images of which 894 are not there. */
static void
test_real (void)
{
  g_autofree char *stats = cyt_test_shared ("cytosae-published/acevedo");
  g_autofree char *images = stats ? cyt_test_shared ("cells/pbc-full-224") : NULL;
  g_autofree char *top = images ? cyt_test_shared ("cells/pbc/cytosae_top10.csv") : NULL;
  g_autofree char *dir = NULL, *path = NULL;
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (CytCsv) csv = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Published) published = { 0 };

  if (top == NULL)
    return;
  dir = cyt_test_make_tmpdir ();
  path = g_build_filename (dir, "p.cytosae", NULL);
  project = import (stats, images, path, "pbc");
  dataset = cyt_project_find_dataset (project, "pbc", &error);
  published_load (&published, stats);
  g_assert_cmpuint (published.d_sae, ==, 49152);
  g_assert_cmpuint (dataset->n_cells, ==, 17092);
  g_assert_cmpuint (dataset->n_failed, ==, 894);
  check_latents (project, dataset, &published);
  g_assert_cmpuint (check_top_cells (project, dataset, &published), >, 0);
  g_assert_cmpuint (check_cells (project, dataset, &published, 19), >, 0);

  csv = cyt_csv_read (top, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < cyt_csv_get_n_rows (csv); i++)
    {
      guint latent = atoi (cyt_csv_get (csv, i, cyt_csv_find_column (csv, "latent")));
      guint rank = atoi (cyt_csv_get (csv, i, cyt_csv_find_column (csv, "rank")));
      g_autoptr (GPtrArray) cells = cyt_project_get_top_cells (project, dataset->id, latent, &error);
      g_autoptr (CytCell) cell = cyt_project_get_cell (project, ((CytTopCell *) cells->pdata[rank])->cell, &error);

      g_assert_cmpstr (cell->label, ==, cyt_csv_get (csv, i, cyt_csv_find_column (csv, "label")));
      if (cell->failure == NULL)
        g_assert_cmpstr (cell->path, ==, cyt_csv_get (csv, i, cyt_csv_find_column (csv, "file")));
    }
  cyt_test_remove_tree (dir);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/published/all", Fixture, NULL, set_up, test_all, tear_down);
  g_test_add ("/published/some", Fixture, NULL, set_up, test_some, tear_down);
  g_test_add ("/published/unreadable", Fixture, NULL, set_up, test_unreadable, tear_down);
  g_test_add ("/published/bad-statistics", Fixture, NULL, set_up, test_bad_statistics, tear_down);
  g_test_add ("/published/bad-images", Fixture, NULL, set_up, test_bad_images, tear_down);
  g_test_add ("/published/unlabelled", Fixture, NULL, set_up, test_unlabelled, tear_down);
  g_test_add ("/published/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/published/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  g_test_add ("/published/use", Fixture, NULL, set_up, test_use, tear_down);
  g_test_add_func ("/published/real", test_real);
  status = g_test_run ();
  if (made != NULL)
    cyt_test_remove_tree (made);
  g_free (made);
  return status;
}
