/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/cyt-error.h"
#include "project/cyt-indexer.h"
#include "test-project-util.h"
#include "test-util.h"

#define N_IMAGES 40

/* The models that come with the program, images made here, one project file. */
typedef struct
{
  char *folder;
  char *images;
  char *path;
  CytModels *models;
  CytImageList *list;
} Fixture;

static void
put_le (guint8 *out, guint32 value, guint n)
{
  for (guint i = 0; i < n; i++)
    out[i] = value >> (8 * i);
}

/* A 24-bit BMP: a coloured disc on a pale ground, other for each number. */
static void
write_image (const char *path, guint number)
{
  const guint size = 48 + 4 * (number % 5), n = size * size * 3;
  g_autofree guint8 *file = g_malloc0 (54 + n);
  g_autoptr (GRand) rand = g_rand_new_with_seed (number);
  guint8 colour[3] = { g_rand_int_range (rand, 60, 200), g_rand_int_range (rand, 20, 160), g_rand_int_range (rand, 60, 200) };
  int cx = g_rand_int_range (rand, 16, 32), cy = g_rand_int_range (rand, 16, 32), r = g_rand_int_range (rand, 6, 16);

  memcpy (file, "BM", 2);
  put_le (file + 2, 54 + n, 4);
  put_le (file + 10, 54, 4);
  put_le (file + 14, 40, 4);
  put_le (file + 18, size, 4);
  put_le (file + 22, size, 4);
  put_le (file + 26, 1, 2);
  put_le (file + 28, 24, 2);
  put_le (file + 34, n, 4);
  for (guint y = 0; y < size; y++)
    for (guint x = 0; x < size; x++)
      for (guint c = 0; c < 3; c++)
        {
          int dx = (int) x - cx, dy = (int) y - cy;

          file[54 + (y * size + x) * 3 + c] = dx * dx + dy * dy < r * r ? colour[c] : 225 + g_rand_int_range (rand, 0, 20);
        }
  g_assert_true (g_file_set_contents (path, (const char *) file, 54 + n, NULL));
}

static CytImageList *
load_list (const char *folder)
{
  const char *args[] = { folder, NULL };
  g_autoptr (GError) error = NULL;
  CytImageList *list = cyt_image_list_new (args, &error);

  g_assert_no_error (error);
  return list;
}

static CytModels *
load_models (void)
{
  g_autofree char *encoder = cyt_test_source ("data/models/pbc-tiny/encoder.safetensors");
  g_autofree char *sae = cyt_test_source ("data/models/pbc-tiny/sae");
  g_autoptr (GError) error = NULL;
  CytModels *models = cyt_models_load (encoder, sae, NULL, &error);

  g_assert_no_error (error);
  return models;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = cyt_test_make_tmpdir ();
  f->images = g_build_filename (f->folder, "images", NULL);
  f->path = g_build_filename (f->folder, "p.cytosae", NULL);
  for (guint i = 0; i < N_IMAGES; i++)
    {
      g_autofree char *class = g_strdup_printf ("%s/class-%u", f->images, i % 3);
      g_autofree char *path = g_strdup_printf ("%s/cell-%03u.bmp", class, i);

      g_assert_cmpint (g_mkdir_with_parents (class, 0755), ==, 0);
      if (i == 17 || i == 0)
        g_assert_true (g_file_set_contents (path, "not an image at all", -1, NULL));
      else
        write_image (path, i);
    }
  f->models = load_models ();
  f->list = load_list (f->images);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_image_list_free (f->list);
  cyt_models_free (f->models);
  cyt_test_remove_tree (f->folder);
  g_free (f->folder);
  g_free (f->images);
  g_free (f->path);
}

static gboolean
run_index (Fixture *f, const char *path, GCancellable *cancellable, GError **error)
{
  CytIndexOptions options = CYT_INDEX_OPTIONS_INIT;

  options.n_top = 11;
  options.n_threads = 2;
  return cyt_indexer_run (path, f->models, f->list, &options, NULL, NULL, NULL, cancellable, error);
}

static void
test_run (Fixture *f, gconstpointer data)
{
  CytIndexOptions options = CYT_INDEX_OPTIONS_INIT;
  g_autoptr (CytProgress) progress = cyt_progress_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (GPtrArray) failures = NULL;
  g_autofree CytLatentRow *rows = NULL;
  g_autoptr (CytLatentStats) stats = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  CytProgressState state;
  CytCellLatents latents;
  guint n_fire = 0, n_maps = 0;

  options.domain = "peripheral blood";
  g_assert_true (cyt_indexer_run (f->path, f->models, f->list, &options, progress, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  cyt_progress_get (progress, &state);
  g_assert_cmpuint (state.n_done, ==, N_IMAGES);
  g_assert_cmpuint (state.n_total, ==, N_IMAGES);
  g_assert_cmpuint (state.n_failed, ==, 2);

  project = cyt_project_open (f->path, CYT_PROJECT_READ_ONLY, &error);
  g_assert_no_error (error);
  g_assert_cmpint (cyt_project_get_block (project), ==, -2);
  g_assert_cmpstr (cyt_project_get_sae (project)->sha256, ==, f->models->sae_model.sha256);
  dataset = cyt_project_find_dataset (project, "cells", &error);
  g_assert_cmpstr (dataset->domain, ==, "peripheral blood");
  g_assert_cmpuint (dataset->n_indexed, ==, N_IMAGES);
  failures = cyt_project_list_failures (project, dataset->id, &error);
  g_assert_cmpuint (failures->len, ==, 2);
  g_assert_cmpstr (((CytCell *) failures->pdata[0])->path, ==, "class-0/cell-000.bmp");
  g_assert_nonnull (strstr (((CytCell *) failures->pdata[0])->failure, "cell-000.bmp"));

  /* the statistics are those of the stored cells, and the lists hold the best of them */
  rows = g_new (CytLatentRow, cyt_project_get_d_sae (project));
  g_assert_true (cyt_project_load_latent_rows (project, dataset->id, rows, &error));
  stats = cyt_latent_stats_new (cyt_project_get_d_sae (project));
  cyt_cell_latents_init (&latents);
  for (guint i = 0; i < N_IMAGES; i++)
    if (cyt_project_get_cell_latents (project, 1 + i, &latents, NULL))
      cyt_latent_stats_add (stats, &latents);
  cyt_cell_latents_clear (&latents);
  g_assert_cmpuint (stats->n_images, ==, N_IMAGES - 2);
  for (guint k = 0; k < stats->d_sae; k++)
    {
      g_autoptr (GPtrArray) top = cyt_project_get_top_cells (project, dataset->id, k, &error);
      g_autoptr (GPtrArray) best = cyt_project_list_best_cells (project, dataset->id, &k, 1, 3, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (best->len, ==, MIN (3, top->len));
      for (guint r = 0; r < best->len; r++)
        {
          const CytBestCell *cell = best->pdata[r];
          g_autofree char *path = cyt_project_dup_cell_path (project, cell->cell, &error);

          g_assert_cmpuint (cell->latent, ==, k);
          g_assert_cmpint (cell->cell, ==, ((const CytTopCell *) top->pdata[r])->cell);
          g_assert_cmpstr (cell->path, ==, path);
          g_assert_nonnull (cell->thumbnail);
        }
      g_assert_cmpuint (rows[k].n_active, ==, stats->n_active[k]);
      g_assert_true (rows[k].mean_act == cyt_latent_stats_get_mean_act (stats, k));
      g_assert_cmpuint (top->len, ==, MIN (stats->n_active[k], CYT_PROJECT_DEFAULT_TOP));
      n_fire += top->len > 0;
      for (guint r = 0; r < top->len; r++)
        {
          const CytTopCell *cell = top->pdata[r];
          g_autoptr (GBytes) jpeg = cyt_project_get_thumbnail (project, cell->cell, &error);

          g_assert_nonnull (jpeg);
          g_assert_true (rows[k].max_act * 257 >= cell->score);
          n_maps += cell->map.n > 0;
        }
    }
  g_assert_cmpuint (n_fire, >, 20);
  g_assert_cmpuint (n_maps, >, 20);

  /* complete: nothing to do, and nothing is written */
  before = cyt_test_dump_project (f->path);
  g_assert_true (cyt_indexer_run (f->path, f->models, f->list, &options, progress, NULL, NULL, NULL, &error));
  cyt_progress_get (progress, &state);
  g_assert_cmpuint (state.n_done, ==, N_IMAGES);
  g_assert_cmpuint (state.n_failed, ==, 2);
  after = cyt_test_dump_project (f->path);
  g_assert_cmpstr (before, ==, after);
}

static gpointer
cancel_later (gpointer data)
{
  gpointer *args = data;

  g_usleep (GPOINTER_TO_UINT (args[1]));
  g_cancellable_cancel (args[0]);
  return NULL;
}

/* Cancelled at many moments, then killed at many: the same file in the end. */
static void
test_interrupted (Fixture *f, gconstpointer data)
{
  g_autofree char *cancelled = g_build_filename (f->folder, "cancelled.cytosae", NULL);
  g_autofree char *killed = g_build_filename (f->folder, "killed.cytosae", NULL);
  g_autofree char *expected = NULL;
  g_autofree char *got_cancelled = NULL;
  g_autofree char *got_killed = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  g_autoptr (GError) error = NULL;
  guint n_cancelled = 0, n_killed = 0;

  g_assert_true (run_index (f, f->path, NULL, &error));
  expected = cyt_test_dump_project (f->path);
  for (gboolean done = FALSE; !done;)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      gpointer args[2] = { cancellable, GUINT_TO_POINTER (g_rand_int_range (rand, 100, 60000 + 80000 * n_cancelled)) };
      GThread *thread = g_thread_new ("cancel", cancel_later, args);

      done = run_index (f, cancelled, cancellable, &error);
      g_thread_join (thread);
      if (done)
        break;
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      n_cancelled++;
    }
  got_cancelled = cyt_test_dump_project (cancelled);
  g_assert_true (strcmp (expected, got_cancelled) == 0);

  for (gboolean done = FALSE; !done && n_killed < 3; n_killed += !done)
    {
      pid_t child = fork ();
      int status;

      if (child == 0)
        _exit (run_index (f, killed, NULL, NULL) ? 0 : 1);
      g_usleep (g_rand_int_range (rand, 100, 100000 + 50000 * n_killed));
      kill (child, SIGKILL);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      done = WIFEXITED (status);
      g_assert_true (!done || WEXITSTATUS (status) == 0);
    }
  g_assert_true (run_index (f, killed, NULL, &error));
  g_assert_no_error (error);
  got_killed = cyt_test_dump_project (killed);
  g_assert_true (strcmp (expected, got_killed) == 0);
  g_test_message ("cancelled %u times, killed %u times", n_cancelled, n_killed);
}

static void
assert_refused (Fixture *f, const CytModels *models, const CytImageList *list, const CytIndexOptions *options,
                CytProjectError code, const char *says)
{
  g_autofree char *before = cyt_test_dump_project (f->path);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (cyt_indexer_run (f->path, models, list, options, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, says));
  after = cyt_test_dump_project (f->path);
  g_assert_cmpstr (before, ==, after);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  CytIndexOptions options = CYT_INDEX_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;
  g_autofree char *elsewhere = g_build_filename (f->folder, "elsewhere", NULL);
  g_autofree char *class = g_build_filename (elsewhere, "class-1", NULL);
  g_autofree char *image = g_build_filename (class, "cell-001.bmp", NULL);
  g_autoptr (CytImageList) one = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  CytImageItem *item;
  CytModels other;
  char *label;

  /* a project that cannot get its first data set is not left behind */
  options.threshold = -1;
  g_assert_false (cyt_indexer_run (f->path, f->models, f->list, &options, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
  g_cancellable_cancel (cancellable);
  g_assert_false (run_index (f, f->path, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));

  options = (CytIndexOptions) CYT_INDEX_OPTIONS_INIT;
  g_assert_true (cyt_indexer_run (f->path, f->models, f->list, &options, NULL, NULL, NULL, NULL, &error));
  options.threshold = 0.3;
  assert_refused (f, f->models, f->list, &options, CYT_PROJECT_ERROR_MISMATCH, "threshold 0.2, not 0.3");
  options = (CytIndexOptions) CYT_INDEX_OPTIONS_INIT;
  options.n_top = 24;
  assert_refused (f, f->models, f->list, &options, CYT_PROJECT_ERROR_MISMATCH, "25");
  options = (CytIndexOptions) CYT_INDEX_OPTIONS_INIT;
  other = *f->models;
  other.sae_model.sha256 = (char *) "0123456789abcdef";
  assert_refused (f, &other, f->list, &options, CYT_PROJECT_ERROR_MISMATCH, "another SAE");
  other = *f->models;
  other.encoder_model.sha256 = (char *) "0123456789abcdef";
  assert_refused (f, &other, f->list, &options, CYT_PROJECT_ERROR_MISMATCH, "another encoder");
  item = f->list->items->pdata[30];
  label = g_steal_pointer (&item->label);
  assert_refused (f, f->models, f->list, &options, CYT_PROJECT_ERROR_MISMATCH, "image 31 has the label");
  item->label = label;
  label = item->path;
  item->path = (char *) "x.bmp";
  assert_refused (f, f->models, f->list, &options, CYT_PROJECT_ERROR_MISMATCH, "x.bmp");
  item->path = label;
  g_assert_cmpint (g_mkdir_with_parents (class, 0755), ==, 0);
  write_image (image, 500);
  one = load_list (elsewhere);
  assert_refused (f, f->models, one, &options, CYT_PROJECT_ERROR_MISMATCH, "another data set name");

  /* under another name they are welcome */
  options.dataset = "more";
  g_assert_true (cyt_indexer_run (f->path, f->models, one, &options, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
}

/* Images and models that moved are found again; other images of the same names are not taken for them. */
static void
test_moved (Fixture *f, gconstpointer data)
{
  CytIndexOptions options = CYT_INDEX_OPTIONS_INIT;
  g_autofree char *moved = g_build_filename (f->folder, "moved", NULL);
  g_autofree char *last = g_build_filename (moved, "class-2", "cell-038.bmp", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytImageList) list = NULL;
  g_autofree char *old = g_strdup (f->models->sae_model.path);
  g_autofree char *path = NULL;

  g_assert_true (cyt_indexer_run (f->path, f->models, f->list, &options, NULL, NULL, NULL, NULL, &error));
  g_assert_cmpint (g_rename (f->images, moved), ==, 0);
  list = load_list (moved);
  g_free (f->models->sae_model.path);
  f->models->sae_model.path = g_strdup ("/new/place/sae");
  g_assert_true (cyt_indexer_run (f->path, f->models, list, &options, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  project = cyt_project_open (f->path, CYT_PROJECT_READ_ONLY, &error);
  g_assert_cmpstr (cyt_project_get_sae (project)->path, ==, "/new/place/sae");
  path = cyt_project_dup_cell_path (project, 2, &error);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));

  g_assert_cmpint (g_rename (moved, f->images), ==, 0);
  {
    g_autofree char *changed = g_build_filename (f->images, "class-2", "cell-038.bmp", NULL);

    write_image (changed, 777);
  }
  assert_refused (f, f->models, f->list, &options, CYT_PROJECT_ERROR_MISMATCH, "not the one that was indexed");
}

static void
test_all_unreadable (Fixture *f, gconstpointer data)
{
  g_autofree char *bad = g_build_filename (f->folder, "bad", NULL);
  g_autofree char *image = g_build_filename (bad, "a.jpg", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytDataset) dataset = NULL;
  g_autofree CytLatentRow *rows = NULL;
  CytIndexOptions options = CYT_INDEX_OPTIONS_INIT;

  g_assert_cmpint (g_mkdir (bad, 0755), ==, 0);
  g_assert_true (g_file_set_contents (image, "", 0, NULL));
  list = load_list (bad);
  g_assert_true (cyt_indexer_run (f->path, f->models, list, &options, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  project = cyt_project_open (f->path, CYT_PROJECT_READ_ONLY, &error);
  dataset = cyt_project_find_dataset (project, "cells", &error);
  g_assert_cmpuint (dataset->n_failed, ==, 1);
  g_assert_cmpuint (dataset->n_indexed, ==, 1);
  rows = g_new (CytLatentRow, cyt_project_get_d_sae (project));
  g_assert_true (cyt_project_load_latent_rows (project, dataset->id, rows, &error));
  g_assert_true (rows[0].frequency == 0 && rows[0].mean_count == 0);
}

static void
count_commits (gsize n_done, gpointer user_data)
{
  gsize *last = user_data;

  g_assert_cmpuint (n_done, >, *last);
  *last = n_done;
}

/* Real cells by a CSV: patients and diseases arrive, and the lists are the best of all scores. */
static void
test_real_cells (Fixture *f, gconstpointer data)
{
  g_autofree char *cohort = cyt_test_shared ("cells/pbc/cohort.csv");
  g_autofree char *root = cohort ? g_path_get_dirname (cohort) : NULL;
  g_autofree char *csv = g_build_filename (f->folder, "some.csv", NULL);
  g_autoptr (GString) some = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (CytProject) project = NULL;
  g_autoptr (CytCell) cell = NULL;
  g_auto (GStrv) lines = NULL;
  g_autofree char *content = NULL;
  CytIndexOptions options = CYT_INDEX_OPTIONS_INIT;
  const char *args[] = { csv, NULL };
  gsize last = 0;

  if (cohort == NULL)
    return;
  g_assert_true (g_file_get_contents (cohort, &content, NULL, NULL));
  lines = g_strsplit (content, "\n", -1);
  g_string_append_printf (some, "%s\n", lines[0]);
  for (guint i = 1; lines[i] && *lines[i]; i += 60)
    g_string_append_printf (some, "%s/%s\n", root, lines[i]);
  g_assert_true (g_file_set_contents (csv, some->str, -1, NULL));
  list = cyt_image_list_new (args, &error);
  g_assert_no_error (error);
  g_assert_true (cyt_indexer_run (f->path, f->models, list, &options, NULL, count_commits, &last, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (last, ==, cyt_image_list_get_n_items (list));
  project = cyt_project_open (f->path, CYT_PROJECT_READ_ONLY, &error);
  cell = cyt_project_get_cell (project, 1, &error);
  g_assert_null (cell->failure);
  g_assert_nonnull (cell->patient);
  g_assert_nonnull (cell->disease);
  g_assert_cmpuint (strlen (cell->sha256), ==, 64);
  g_assert_cmpuint (cell->width, >, 300);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/indexer/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("run", test_run);
  ADD ("interrupted", test_interrupted);
  ADD ("refused", test_refused);
  ADD ("moved", test_moved);
  ADD ("all-unreadable", test_all_unreadable);
  ADD ("real-cells", test_real_cells);
  return g_test_run ();
}
