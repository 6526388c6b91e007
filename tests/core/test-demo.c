/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "figures/cyt-concepts-figure.h"
#include "io/cyt-image.h"
#include "phantom/cyt-phantom.h"
#include "project/cyt-demo.h"
#include "test-project-util.h"
#include "test-util.h"

static const CytDemoOptions small = { .n_cells = 24, .n_patients = 10, .n_threads = 2 };

static void
count_cb (gsize n_done, gpointer user_data)
{
  ++*(guint *) user_data;
}

static void
assert_complete (const char *folder)
{
  g_autofree char *path = cyt_demo_dup_project_path (folder);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, &error);
  g_autoptr (CytDataset) dataset = NULL;
  g_autoptr (CytImageList) list = NULL;
  g_autoptr (GHashTable) diseases = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean simulated;

  g_assert_no_error (error);
  dataset = cyt_project_find_dataset (project, CYT_DEMO_DATASET, &error);
  g_assert_no_error (error);
  g_assert_nonnull (dataset);
  g_assert_cmpstr (dataset->domain, ==, CYT_DEMO_DOMAIN);
  g_assert_cmpuint (dataset->n_cells, ==, small.n_cells);
  g_assert_cmpuint (dataset->n_indexed, ==, small.n_cells);
  g_assert_cmpuint (dataset->n_failed, ==, 0);
  g_assert_true (cyt_project_is_simulated (project, &simulated, &error));
  g_assert_true (simulated);
  list = cyt_project_load_image_list (project, dataset->id, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < small.n_cells; i++)
    {
      const CytImageItem *item = cyt_image_list_get_item (list, i);

      g_assert_nonnull (item->label);
      g_assert_nonnull (item->patient);
      g_hash_table_add (diseases, item->disease);
    }
  g_assert_cmpuint (g_hash_table_size (diseases), ==, CYT_PHANTOM_N_GROUPS);
}

/* All values but the paths, which name the folder. */
static char *
dump (const char *folder)
{
  g_autofree char *path = cyt_demo_dup_project_path (folder), *text = cyt_test_dump_project (path);
  g_auto (GStrv) parts = g_strsplit (text, folder, -1);

  return g_strjoinv ("FOLDER", parts);
}

static void
test_whole (void)
{
  g_autofree char *tmp = cyt_test_make_tmpdir (), *folder = g_build_filename (tmp, "made", "here", NULL);
  g_autoptr (CytProgress) progress = cyt_progress_new (), idle = cyt_progress_new ();
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;
  CytProgressState state;
  guint n_commits = 0;

  g_assert_true (cyt_demo_run (folder, &small, progress, count_cb, &n_commits, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_commits, >=, 1);
  assert_complete (folder);
  cyt_progress_get (progress, &state);
  g_assert_cmpuint (state.n_done, ==, 2 * small.n_cells);
  g_assert_cmpuint (state.n_total, ==, 2 * small.n_cells);

  /* Once more: nothing is touched, not even when the pictures are gone. */
  {
    g_autofree char *cells = g_build_filename (folder, "cells", NULL);

    cyt_test_remove_tree (cells);
    before = dump (folder);
    g_assert_true (cyt_demo_run (folder, &small, idle, count_cb, &n_commits, NULL, &error));
    g_assert_no_error (error);
    after = dump (folder);
    g_assert_cmpstr (before, ==, after);
    g_assert_false (g_file_test (cells, G_FILE_TEST_EXISTS));
    cyt_progress_get (idle, &state);
    g_assert_cmpuint (state.n_total, ==, 0);
  }
  cyt_test_remove_tree (tmp);
}

typedef struct
{
  CytProgress *progress;
  GCancellable *cancellable;
  gsize at;
} Watch;

static gpointer
cancel_at (gpointer data)
{
  Watch *watch = data;
  CytProgressState state;

  do
    {
      g_usleep (500);
      cyt_progress_get (watch->progress, &state);
    }
  while (state.n_done < watch->at);
  g_cancellable_cancel (watch->cancellable);
  return NULL;
}

/* Cut off while drawing, cut off while indexing, then left alone: as if nothing had happened. */
static void
test_resume (void)
{
  g_autofree char *tmp = cyt_test_make_tmpdir ();
  g_autofree char *straight = g_build_filename (tmp, "straight", NULL), *cut = g_build_filename (tmp, "cut", NULL);
  g_autofree char *path = cyt_demo_dup_project_path (cut), *a = NULL, *b = NULL;
  const gsize places[] = { 0, small.n_cells / 3, small.n_cells + small.n_cells / 3 };
  g_autoptr (GError) error = NULL;

  g_assert_true (cyt_demo_run (straight, &small, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (CytProgress) progress = cyt_progress_new ();
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Watch watch = { progress, cancellable, places[i] };
      GThread *thread = NULL;
      gboolean ok;

      if (places[i] == 0)
        g_cancellable_cancel (cancellable);
      else
        thread = g_thread_new ("cancel", cancel_at, &watch);
      ok = cyt_demo_run (cut, &small, progress, NULL, NULL, cancellable, &error);
      if (thread != NULL)
        g_thread_join (thread);
      /* A machine may be quicker than the thread that watches, but not quicker than no time at all. */
      g_assert_true (!ok || places[i] > 0);
      if (!ok)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      if (places[i] == 0)
        g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
    }
  g_assert_true (cyt_demo_run (cut, &small, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_complete (cut);
  a = dump (straight);
  b = dump (cut);
  g_assert_cmpstr (a, ==, b);
  cyt_test_remove_tree (tmp);
}

static void
test_refused (void)
{
  g_autofree char *tmp = cyt_test_make_tmpdir (), *cells = g_build_filename (tmp, "cells", NULL);
  CytPhantomCohort other = { .n_cells = 2, .n_patients = 2, .seed = 7, .size = 240 };
  g_autoptr (GError) error = NULL;

  g_assert_true (cyt_phantom_cohort_write (&other, cells, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (cyt_demo_run (tmp, &small, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_assert_nonnull (strstr (error->message, cells));
  cyt_test_remove_tree (tmp);
}

/* The number of pixels of a figure that are as red as the notice. */
static guint
count_red (CytProject *project, const char *path)
{
  CytConceptsFigureRequest request = CYT_CONCEPTS_FIGURE_REQUEST_INIT;
  CytFigureLayout layout = { .width = 183, .dpi = 300 };
  const guint32 latent = 0;
  g_autoptr (CytFigure) figure = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytImage) image = NULL;
  g_autoptr (GPtrArray) datasets = cyt_project_list_datasets (project, &error);
  guint n = 0;

  g_assert_no_error (error);
  request.dataset = ((CytDataset *) datasets->pdata[0])->name;
  request.latents = &latent;
  request.n_latents = 1;
  figure = cyt_concepts_figure_new (project, &request, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (cyt_figure_style_init (&layout.style, NULL, NULL, &error)
                 && cyt_figure_write (figure, &layout, path, &error));
  g_assert_no_error (error);
  g_assert_cmpint (strstr (figure->caption, "SIMULATED") != NULL, ==, figure->provenance->simulated);
  image = cyt_image_load (path, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < (gsize) image->width * image->height; i++)
    n += image->pixels[3 * i] > 150 && image->pixels[3 * i + 1] < 60 && image->pixels[3 * i + 2] < 60;
  return n;
}

/* Only what is simulated is called so, and a figure of it says it. */
static void
test_marked (void)
{
  g_autofree char *tmp = cyt_test_make_tmpdir (), *path = g_build_filename (tmp, "p.cytosae", NULL);
  g_autofree char *figure = g_build_filename (tmp, "f.png", NULL);
  g_autoptr (CytProject) project = cyt_test_create_project (path, 8);
  g_autoptr (CytImageList) list = cyt_test_make_image_list (tmp, 3);
  g_autoptr (GError) error = NULL;
  g_autoptr (CytDataset) dataset = cyt_project_add_dataset (project, "cells", "", 0.2, 5, list, &error);
  gboolean simulated = TRUE;

  g_assert_no_error (error);
  g_assert_nonnull (dataset);
  g_assert_true (cyt_project_is_simulated (project, &simulated, &error));
  g_assert_false (simulated);
  g_assert_cmpuint (count_red (project, figure), ==, 0);
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (cyt_project_set_simulated (project, &error));
      g_assert_no_error (error);
      g_assert_true (cyt_project_is_simulated (project, &simulated, &error));
      g_assert_true (simulated);
    }
  g_assert_cmpuint (count_red (project, figure), >, 200);
  cyt_test_remove_tree (tmp);
}

/* The pictures alone, without the list that says so: each file says it itself. */
static void
test_bare (void)
{
  static const char *const suffixes[] = { "jpg", "png", "tif" };
  g_autoptr (GError) error = NULL;
  g_autofree char *encoder = cyt_models_find_builtin ("encoder.safetensors"), *sae = cyt_models_find_builtin ("sae");
  g_autoptr (CytModels) models = cyt_models_load (encoder, sae, NULL, &error);

  g_assert_no_error (error);
  for (CytPhantomFormat format = CYT_PHANTOM_JPEG; format <= CYT_PHANTOM_TIFF; format++)
    {
      g_autofree char *tmp = cyt_test_make_tmpdir (), *cells = g_build_filename (tmp, "cells", NULL);
      g_autofree char *images = g_build_filename (cells, "images", NULL), *path = g_build_filename (tmp, "p.cytosae", NULL);
      const CytPhantomCohort cohort = { .n_cells = 2, .n_patients = 1, .seed = 3, .size = 240, .format = format };
      const CytIndexOptions options = CYT_INDEX_OPTIONS_INIT;
      g_autoptr (CytImageList) list = NULL;
      g_autoptr (CytProject) project = NULL;
      g_autofree char *first = NULL;
      gboolean simulated = FALSE;

      g_assert_true (cyt_phantom_cohort_write (&cohort, cells, NULL, NULL, &error));
      g_assert_no_error (error);
      list = cyt_image_list_new ((const char *const[]) { images, NULL }, &error);
      g_assert_no_error (error);
      g_assert_false (list->simulated);
      first = cyt_image_list_dup_path (list, 0);
      g_assert_true (g_str_has_suffix (first, suffixes[format]));
      g_assert_true (cyt_indexer_run (path, models, list, &options, NULL, NULL, NULL, NULL, &error));
      g_assert_no_error (error);
      project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, &error);
      g_assert_no_error (error);
      g_assert_true (cyt_project_is_simulated (project, &simulated, &error));
      g_assert_true (simulated);
      cyt_test_remove_tree (tmp);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/demo/whole", test_whole);
  g_test_add_func ("/demo/resume", test_resume);
  g_test_add_func ("/demo/refused", test_refused);
  g_test_add_func ("/demo/marked", test_marked);
  g_test_add_func ("/demo/bare", test_bare);
  return g_test_run ();
}
