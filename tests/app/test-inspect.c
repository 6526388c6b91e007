/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "io/cyt-error.h"

#include "app-test-util.h"
#include "cyt-cell-item.h"

/* Looking at single cells, without a display: what the session computes on demand. */

static char *root;
static char *images;
static char *project_path;

typedef struct
{
  CytSession *session;
  CytCellAnalysis *analysis;
  GError *error;
  gboolean done;
} Answer;

static void
answer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->analysis = cyt_session_analyse_cell_finish (answer->session, result, &answer->error);
  answer->done = TRUE;
}

static void
answer_clear (Answer *answer)
{
  g_clear_pointer (&answer->analysis, cyt_cell_analysis_unref);
  g_clear_error (&answer->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static void
ask (Answer *answer, const char *path, GCancellable *cancellable)
{
  cyt_session_analyse_cell_async (answer->session, path, G_PRIORITY_HIGH, cancellable, answer_cb, answer);
}

static CytSession *
open_session (void)
{
  CytSession *session = cyt_app_test_open_session (project_path);

  cyt_app_test_wait (g_list_model_get_n_items (cyt_session_get_cells (session)) > 0);
  return session;
}

/* The maps that indexing stored come out of the analysis, bit by bit. */
static void
test_stored (void)
{
  CytSession *session = open_session ();
  GListModel *cells = cyt_session_get_cells (session);

  for (guint i = 0; i < MIN (3, g_list_model_get_n_items (cells)); i++)
    {
      g_autoptr (CytCellItem) item = g_list_model_get_item (cells, i);
      const CytTopCell *top = cyt_cell_item_get_top (item);
      g_auto (Answer) answer = { session };
      CytSparseMap map;

      ask (&answer, cyt_cell_item_get_path (item), NULL);
      cyt_app_test_wait (answer.done);
      g_assert_no_error (answer.error);
      g_assert_cmpstr (answer.analysis->sha256, ==, cyt_cell_item_get_cell (item)->sha256);
      g_assert_cmpuint (answer.analysis->width, ==, cyt_cell_item_get_cell (item)->width);
      g_assert_cmpuint (answer.analysis->height, ==, cyt_cell_item_get_cell (item)->height);
      cyt_token_latents_get_map (answer.analysis->latents, top->map.latent, &map);
      g_assert_cmpuint (map.n, ==, top->map.n);
      g_assert_cmpmem (map.patch, map.n, top->map.patch, top->map.n);
      g_assert_cmpmem (map.value, map.n * sizeof (float), top->map.value, top->map.n * sizeof (float));
    }
  cyt_app_test_close_session (session);
}

/* The same picture under another name, and one more time, is not computed again; a file that the project has
 * never seen is like any other. */
static void
test_cached (void)
{
  CytSession *session = open_session ();
  g_autofree char *fresh = g_build_filename (root, "fresh", NULL),
                  *path = g_build_filename (fresh, "dark", "cell004.png", NULL);
  g_auto (Answer) cold = { session }, warm = { session }, copied = { session };
  g_autofree char *copy = g_build_filename (root, "copy", NULL), *content = NULL;
  gint64 start, cold_us;
  gsize n;

  cyt_app_test_make_images (fresh, 6);
  g_assert_true (g_file_get_contents (path, &content, &n, NULL));
  g_assert_true (g_file_set_contents (copy, content, n, NULL));
  start = g_get_monotonic_time ();
  ask (&cold, path, NULL);
  cyt_app_test_wait (cold.done);
  cold_us = g_get_monotonic_time () - start;
  g_assert_no_error (cold.error);
  g_assert_cmpuint (cold.analysis->latents->cell.n, >, 0);
  start = g_get_monotonic_time ();
  ask (&warm, path, NULL);
  cyt_app_test_wait (warm.done);
  g_assert_no_error (warm.error);
  g_test_message ("with loading the built-in models %.3f s, from the cache %.4f s", cold_us / 1e6,
                  (g_get_monotonic_time () - start) / 1e6);
  g_assert_true (warm.analysis == cold.analysis);
  ask (&copied, copy, NULL);
  cyt_app_test_wait (copied.done);
  g_assert_true (copied.analysis == cold.analysis);
  cyt_app_test_close_session (session);
  cyt_test_remove_tree (fresh);
}

static void
test_budget (void)
{
  g_autoptr (CytAnalysisCache) cache = cyt_analysis_cache_new (2 * sizeof (CytTokenLatents) + 100);

  for (guint i = 0; i < 4; i++)
    {
      char name[2] = { 'a' + i, '\0' };
      g_autoptr (CytCellAnalysis) analysis = cyt_cell_analysis_new (name, 1, 1, g_new0 (CytTokenLatents, 1));
      g_autoptr (CytCellAnalysis) first = NULL;

      cyt_analysis_cache_insert (cache, analysis);
      first = cyt_analysis_cache_lookup (cache, "a");
      g_assert_nonnull (first); /* used again and again, so kept */
      g_assert_cmpuint (cyt_analysis_cache_get_n_bytes (cache), <=, 2 * sizeof (CytTokenLatents));
    }
  {
    g_autoptr (CytCellAnalysis) last = cyt_analysis_cache_lookup (cache, "d");

    g_assert_nonnull (last);
    g_assert_null (cyt_analysis_cache_lookup (cache, "b"));
    g_assert_null (cyt_analysis_cache_lookup (cache, "c"));
  }
  cyt_analysis_cache_clear (cache);
  g_assert_cmpuint (cyt_analysis_cache_get_n_bytes (cache), ==, 0);
}

static void
test_bad_files (void)
{
  CytSession *session = open_session ();
  g_autofree char *text = g_build_filename (root, "notes.jpg", NULL);
  g_auto (Answer) absent = { session }, not_image = { session }, folder = { session };

  g_assert_true (g_file_set_contents (text, "no picture", -1, NULL));
  ask (&absent, "/nowhere/cell.jpg", NULL);
  ask (&not_image, text, NULL);
  ask (&folder, root, NULL);
  cyt_app_test_wait (absent.done && not_image.done && folder.done);
  g_assert_error (absent.error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_error (not_image.error, CYT_IMAGE_ERROR, CYT_IMAGE_ERROR_FORMAT);
  g_assert_error (folder.error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_assert_nonnull (strstr (not_image.error->message, "notes.jpg"));
  cyt_app_test_close_session (session);
}

static void
test_cancelled (void)
{
  CytSession *session = open_session ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (CytCellItem) item = g_list_model_get_item (cyt_session_get_cells (session), 0);
  g_auto (Answer) dropped = { session }, wanted = { session };

  ask (&wanted, cyt_cell_item_get_path (item), NULL);
  ask (&dropped, cyt_cell_item_get_path (item), cancellable);
  g_cancellable_cancel (cancellable);
  cyt_app_test_wait (dropped.done && wanted.done);
  g_assert_error (dropped.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_no_error (wanted.error);
  cyt_app_test_close_session (session);
}

/* A run of the indexer does not keep a cell waiting. */
static void
test_while_indexing (void)
{
  g_autofree char *many = g_build_filename (root, "many", NULL), *path = g_build_filename (root, "many.cytosae", NULL);
  CytSession *session = cyt_session_new ();
  g_auto (Answer) answer = { session };
  CytCellItem *item;

  cyt_app_test_make_images (many, 600);
  cyt_session_create (session, cyt_app_test_make_plan (path, many));
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN
                     && g_list_model_get_n_items (cyt_session_get_cells (session)) > 0);
  item = g_list_model_get_item (cyt_session_get_cells (session), 0);
  ask (&answer, cyt_cell_item_get_path (item), NULL);
  cyt_app_test_wait (answer.done);
  g_assert_no_error (answer.error);
  g_assert_true (cyt_session_is_indexing (session));
  cyt_session_cancel_index (session);
  cyt_app_test_wait (!cyt_session_is_indexing (session));
  g_object_unref (item);
  cyt_app_test_close_session (session);
}

int
main (int argc, char **argv)
{
  int result;

  root = cyt_test_make_tmpdir ();
  cyt_app_test_use_home (root);
  g_test_init (&argc, &argv, NULL);
  images = g_build_filename (root, "images", NULL);
  project_path = g_build_filename (root, "project.cytosae", NULL);
  cyt_app_test_make_images (images, 24);
  {
    CytSession *session = cyt_session_new ();

    cyt_session_create (session, cyt_app_test_make_plan (project_path, images));
    cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN && !cyt_session_is_indexing (session));
    cyt_app_test_close_session (session);
  }
  g_test_add_func ("/inspect/stored", test_stored);
  g_test_add_func ("/inspect/cached", test_cached);
  g_test_add_func ("/inspect/budget", test_budget);
  g_test_add_func ("/inspect/bad-files", test_bad_files);
  g_test_add_func ("/inspect/cancelled", test_cancelled);
  g_test_add_func ("/inspect/while-indexing", test_while_indexing);
  result = g_test_run ();
  cyt_test_remove_tree (root);
  g_free (images);
  g_free (project_path);
  g_free (root);
  return result;
}
