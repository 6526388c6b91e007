/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project/cyt-self-test.h"
#include "test-util.h"

/* Times are not judged: they are the machine's. What has to hold on any machine is. */

static void
assert_empty (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  g_assert_nonnull (dir);
  g_assert_null (g_dir_read_name (dir));
}

static void
test_whole (void)
{
  g_autoptr (CytProgress) progress = cyt_progress_new ();
  g_autoptr (GError) error = NULL;
  CytProgressState state;
  CytSelfTest test = { 0 };

  g_assert_true (cyt_self_test_run (&test, 2, progress, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (test.n_threads, ==, 2);
  g_assert_cmpuint (test.built_in.shape.d, ==, 192);
  g_assert_cmpfloat (test.built_in.seconds_per_cell, >, 0);
  for (gsize i = 0; i < CYT_SELF_TEST_N_MODELS; i++)
    {
      const CytSelfTestModel *model = &test.models[i], *before = i > 0 ? &test.models[i - 1] : &test.built_in;

      g_assert_cmpuint (model->shape.d_sae, ==, 64 * model->shape.d);
      /* Each is several times the arithmetic of the one before. */
      g_assert_cmpfloat (model->seconds_per_cell, >, before->seconds_per_cell);
      g_assert_cmpfloat (model->memory, >, before->memory);
      g_assert_cmpfloat (model->bytes_per_cell, >, before->bytes_per_cell);
      g_assert_cmpfloat (cyt_self_test_model_get_seconds (model, 100), ==, 100 * model->seconds_per_cell);
      g_assert_cmpfloat (cyt_self_test_model_get_bytes (model, 0), ==, 0);
      g_assert_cmpfloat (cyt_self_test_model_get_bytes (model, 1000), >, 1000 * model->bytes_per_cell);
      g_assert_cmpfloat (cyt_self_test_model_get_bytes (model, 1000), <,
                         1000 * model->bytes_per_cell + model->bytes_of_lists);
    }
  cyt_progress_get (progress, &state);
  g_assert_cmpuint (state.n_total, >, 0);
  g_assert_cmpuint (state.n_done, ==, state.n_total);
  assert_empty (g_get_tmp_dir ());
}

/* The weights of ViT-S alone, counted by hand: a block has 12 d² of them, and CytoSAE's half 64 d². */
static void
test_memory (void)
{
  const CytModelShape small = { .d = 384, .n_blocks = 12, .d_mlp = 1536, .d_sae = 24576 };
  const guint64 weights = 4 * (12 * 12 * 384ull * 384 + 64 * 384ull * 384);
  guint64 one = cyt_model_shape_get_memory (&small, 1), two = cyt_model_shape_get_memory (&small, 2);

  g_assert_cmpuint (one, >, weights);
  g_assert_cmpuint (one, <, weights + (20 << 20));
  g_assert_cmpuint (two, >, one);
  g_assert_cmpuint (two - one, <, 20 << 20);
}

static gpointer
cancel_after_cells (gpointer data)
{
  gpointer *both = data;
  CytProgressState state;

  do
    {
      g_usleep (500);
      cyt_progress_get (both[0], &state);
    }
  while (state.n_done < 70);
  g_cancellable_cancel (both[1]);
  return NULL;
}

static void
test_cancel (void)
{
  g_autoptr (CytProgress) progress = cyt_progress_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gpointer both[] = { progress, cancellable };
  g_autoptr (GError) error = NULL;
  CytSelfTest test = { 0 };
  GThread *thread = g_thread_new ("cancel", cancel_after_cells, both);

  g_assert_false (cyt_self_test_run (&test, 2, progress, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  assert_empty (g_get_tmp_dir ());
}

int
main (int argc, char **argv)
{
  const char *outer = g_getenv ("TMPDIR");
  g_autofree char *tmp = g_build_filename (outer != NULL ? outer : "/tmp", "cyt-test-XXXXXX", NULL);
  int status;

  /* A folder of its own for temporary files, before GLib looks where they go. */
  g_assert_nonnull (g_mkdtemp (tmp));
  g_setenv ("TMPDIR", tmp, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/self-test/whole", test_whole);
  g_test_add_func ("/self-test/memory", test_memory);
  g_test_add_func ("/self-test/cancel", test_cancel);
  status = g_test_run ();
  cyt_test_remove_tree (tmp);
  return status;
}
