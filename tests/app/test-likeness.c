/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app-test-util.h"
#include "io/cyt-error.h"
#include "test-project-util.h"

#include "cyt-completion.h"

/* What the card asks of the session; the numbers themselves are checked in tests/core/test-neighbours.c. */

#define D_SAE 120
#define N_CELLS 90

typedef struct
{
  char *folder;
  char *path;
  CytSession *session;
} Fixture;

static CytSession *
open_session (const char *path)
{
  CytSession *session = cyt_app_test_open_session (path);

  return session;
}

/* A project of invented cells, whose models are nowhere; @data not NULL: the index is not complete. */
static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (CytImageList) list = cyt_test_make_image_list ("/data", N_CELLS);
  g_autoptr (CytTestIndexer) indexer = NULL;
  g_autoptr (CytProject) project = NULL;
  g_autoptr (GError) error = NULL;

  f->folder = cyt_test_make_tmpdir ();
  f->path = g_build_filename (f->folder, "p.cytosae", NULL);
  project = cyt_test_create_project (f->path, D_SAE);
  cyt_dataset_free (cyt_project_add_dataset (project, "cells", "", 0.2, 5, list, &error));
  g_assert_no_error (error);
  indexer = cyt_test_indexer_new (project, "cells", 30);
  g_assert_true (cyt_test_indexer_commit (indexer, data != NULL ? N_CELLS - 1 : N_CELLS, &error));
  g_assert_true (cyt_project_finish_index (project, indexer->dataset->id, NULL, &error));
  f->session = open_session (f->path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_app_test_close_session (f->session);
  cyt_test_remove_tree (f->folder);
  g_free (f->folder);
  g_free (f->path);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

static CytLatentProfile *
load_profile (CytSession *session, guint latent, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cyt_session_load_profile_async (session, latent, NULL, done_cb, &result);
  cyt_app_test_wait (result != NULL);
  return cyt_session_load_profile_finish (session, result, error);
}

static GArray *
load_neighbours (CytSession *session, guint latent, CytLikeness likeness, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cyt_session_load_neighbours_async (session, latent, likeness, NULL, done_cb, &result);
  cyt_app_test_wait (result != NULL);
  return cyt_session_load_neighbours_finish (session, result, error);
}

static void
test_profile (Fixture *f, gconstpointer data)
{
  for (guint k = 0; k < D_SAE; k += 17)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CytLatentProfile) profile = load_profile (f->session, k, &error);
      const CytLatentRow *row = cyt_latent_model_get_row (cyt_session_get_latents (f->session), k);
      guint n = 0, n_cells = 0, n_active = 0;

      g_assert_no_error (error);
      for (guint b = 0; b < profile->histogram->n_bins; b++)
        n += profile->histogram->counts[b];
      g_assert_cmpuint (n, ==, row->n_active);
      g_assert_cmpuint (g_strv_length (profile->labels), ==, 3);
      for (guint c = 0; c < 3; c++)
        {
          n_cells += profile->classes[c].n_cells;
          n_active += profile->classes[c].n_active;
        }
      g_assert_cmpuint (n_active, <=, row->n_active);
      g_assert_cmpuint (n_cells, ==, 85); /* of 90, 3 are unreadable and 2 have no class */
    }
}

static void
test_coactive (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) latents = load_neighbours (f->session, 17, CYT_LIKENESS_COACTIVE, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (latents->len, ==, 8);
  for (guint i = 1; i < latents->len; i++)
    g_assert_true (g_array_index (latents, CytRankedLatent, i).value
                   <= g_array_index (latents, CytRankedLatent, i - 1).value);
}

/* The SAE of the project is nowhere: said in one line, and all else goes on. */
static void
test_no_model (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytLatentProfile) profile = NULL;

  g_assert_null (load_neighbours (f->session, 17, CYT_LIKENESS_DIRECTION, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "/models/sae.pt"));
  g_assert_null (strchr (error->message, '\n'));
  g_clear_error (&error);
  profile = load_profile (f->session, 17, &error);
  g_assert_no_error (error);
}

static void
test_incomplete (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const CytDataset *dataset = cyt_session_get_dataset (f->session);

  g_assert_cmpuint (dataset->n_transposed, <, dataset->n_cells);
  g_assert_null (load_profile (f->session, 17, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (load_neighbours (f->session, 17, CYT_LIKENESS_COACTIVE, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
}

/* With the built-in models. */
static void
test_directions (void)
{
  g_autofree char *folder = cyt_test_make_tmpdir ();
  g_autofree char *images = g_build_filename (folder, "cells", NULL);
  g_autofree char *path = g_build_filename (folder, "p.cytosae", NULL);
  CytSession *session = cyt_session_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) latents = NULL;
  g_autoptr (GArray) again = NULL;

  cyt_app_test_make_images (images, 3);
  cyt_session_create (session, cyt_app_test_make_plan (path, images));
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN && !cyt_session_is_indexing (session)
                     && cyt_session_get_dataset (session) != NULL);
  latents = load_neighbours (session, 1883, CYT_LIKENESS_DIRECTION, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (latents->len, ==, 8);
  again = load_neighbours (session, 1883, CYT_LIKENESS_DIRECTION, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (latents->data, 8 * sizeof (CytRankedLatent), again->data, 8 * sizeof (CytRankedLatent));
  cyt_app_test_close_session (session);
  cyt_test_remove_tree (folder);
}

static void
check_match (const char *typed, const char *expected)
{
  static const char *const words[] = { "Eosinophilic granules", "Dense chromatin", "granules", "Übergang", "dense (2)",
                                       NULL };
  g_auto (GStrv) got = cyt_completion_match (words, typed, 3);
  g_autofree char *joined = g_strjoinv ("|", got);

  g_assert_cmpstr (joined, ==, expected);
}

static void
test_completion (void)
{
  check_match ("", "");
  check_match ("  ", "");
  check_match ("gran", "Eosinophilic granules|granules");
  check_match ("GRAN eos", "Eosinophilic granules");
  check_match ("osin", "");
  check_match ("granules", "Eosinophilic granules"); /* not itself */
  check_match ("über", "Übergang");
  check_match ("dense 2", "dense (2)");
}

int
main (int argc, char *argv[])
{
  g_autofree char *home = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  home = cyt_test_make_tmpdir ();
  cyt_app_test_use_home (home);
#define ADD(name, data, func) g_test_add ("/likeness/" name, Fixture, data, set_up, func, tear_down)
  ADD ("profile", NULL, test_profile);
  ADD ("coactive", NULL, test_coactive);
  ADD ("no-model", NULL, test_no_model);
  ADD ("incomplete", "incomplete", test_incomplete);
  g_test_add_func ("/likeness/directions", test_directions);
  g_test_add_func ("/likeness/completion", test_completion);
  status = g_test_run ();
  cyt_test_remove_tree (home);
  return status;
}
