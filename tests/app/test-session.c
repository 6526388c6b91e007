/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include "app-test-util.h"

#include "cyt-cell-item.h"

static char *root;
static char *images;
static char *project_path;

static void
count_cb (gpointer object, gpointer arg, guint *n)
{
  ++*n;
}

static void
failed_cb (CytSession *session, const char *heading, const char *body, char **text)
{
  g_free (*text);
  *text = g_strdup (body);
}

static CytConcept *
make_name (guint latent, const char *name)
{
  CytConcept *concept = cyt_concept_new (latent);

  g_free (concept->name);
  concept->name = g_strdup (name);
  return concept;
}

static void
edit_name (CytSession *session, guint latent, const char *name)
{
  g_autoptr (CytConcept) concept = make_name (latent, name);

  cyt_session_edit_concept (session, concept, CYT_CONCEPT_FIELD_NAME);
}

static char *
read_name (guint latent)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (project_path, CYT_PROJECT_READ_ONLY, &error);
  g_autoptr (CytConcept) concept = NULL;

  g_assert_no_error (error);
  concept = cyt_project_get_concept (project, latent, &error);
  g_assert_no_error (error);
  return g_strdup (concept->name);
}

static CytSession *
open_session (void)
{
  CytSession *session = cyt_app_test_open_session (project_path);

  cyt_app_test_wait (g_list_model_get_n_items (cyt_session_get_cells (session)) > 0);
  return session;
}

static void
test_create (void)
{
  CytSession *session = cyt_session_new ();
  guint n_state = 0, n_indexing = 0;
  const CytDataset *dataset;

  g_signal_connect (session, "notify::state", G_CALLBACK (count_cb), &n_state);
  g_signal_connect (session, "notify::indexing", G_CALLBACK (count_cb), &n_indexing);
  cyt_session_create (session, cyt_app_test_make_plan (project_path, images));
  g_assert_cmpint (cyt_session_get_state (session), ==, CYT_SESSION_OPENING);
  g_assert_true (cyt_session_is_indexing (session));
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN
                     && !cyt_session_is_indexing (session));
  g_assert_cmpuint (n_state, ==, 2);
  g_assert_cmpuint (n_indexing, ==, 2);
  cyt_app_test_wait ((dataset = cyt_session_get_dataset (session)) != NULL
                     && dataset->n_indexed == dataset->n_cells);
  g_assert_cmpuint (dataset->n_cells, ==, 24);
  g_assert_cmpuint (dataset->n_failed, ==, 0);
  g_assert_cmpstr (cyt_session_get_title (session), ==, "project");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (cyt_session_get_latents (session))), >, 0);
  cyt_app_test_wait (g_list_model_get_n_items (cyt_session_get_cells (session)) > 0);
  cyt_app_test_close_session (session);
}

static void
test_cells (void)
{
  CytSession *session = open_session ();
  CytLatentModel *latents = cyt_session_get_latents (session);
  gint64 selected;
  float previous = G_MAXFLOAT;

  cyt_latent_model_set_sort (latents, CYT_LATENT_SORT_FREQUENCY, FALSE);
  cyt_session_step_latent (session, -100000);
  selected = cyt_latent_model_get_latent_at (latents, 0);
  g_assert_cmpint (cyt_latent_model_get_selected (latents), ==, selected);
  cyt_app_test_wait (
    g_list_model_get_n_items (cyt_session_get_cells (session))
    == MIN (cyt_latent_model_get_row (latents, selected)->n_active, CYT_PROJECT_DEFAULT_TOP));
  for (guint i = 0; i < g_list_model_get_n_items (cyt_session_get_cells (session)); i++)
    {
      g_autoptr (CytCellItem) item = g_list_model_get_item (cyt_session_get_cells (session), i);
      const CytTopCell *top = cyt_cell_item_get_top (item);

      g_assert_cmpuint (top->rank, ==, i);
      g_assert_cmpint (top->map.latent, ==, selected);
      g_assert_true (top->score <= previous);
      g_assert_true (g_file_test (cyt_cell_item_get_path (item), G_FILE_TEST_EXISTS));
      g_assert_nonnull (cyt_cell_item_get_thumbnail (item));
      previous = top->score;
    }
  cyt_app_test_close_session (session);
}

static void
test_labels (void)
{
  CytSession *session = open_session ();
  CytLatentModel *latents = cyt_session_get_latents (session);
  g_autofree char *first = NULL, *undone = NULL, *redone = NULL;
  guint n_save_state = 0, n_rater = 0;
  gboolean can_undo;

  g_signal_connect (session, "notify::save-state", G_CALLBACK (count_cb), &n_save_state);
  g_signal_connect_swapped (session, "rater-needed", G_CALLBACK (g_atomic_int_inc), &n_rater);

  /* Typed in two goes, one step of undo; saved at once, signed when the rater is known. */
  edit_name (session, 7, "Gran");
  g_assert_cmpuint (n_rater, ==, 1);
  edit_name (session, 7, "Granules");
  g_assert_cmpint (cyt_session_get_save_state (session), ==, CYT_SAVE_BUSY);
  g_assert_cmpstr (cyt_latent_model_get_concept (latents, 7)->name, ==, "Granules");
  cyt_app_test_wait (cyt_session_get_save_state (session) == CYT_SAVE_DONE);
  g_assert_cmpuint (n_save_state, ==, 2);
  first = read_name (7);
  g_assert_cmpstr (first, ==, "Granules");
  cyt_session_set_rater (session, "Anna");
  cyt_app_test_wait (g_str_equal (cyt_latent_model_get_concept (latents, 7)->rater, "Anna"));

  cyt_session_end_edit (session);
  edit_name (session, 8, "Nucleus");
  cyt_session_end_edit (session);
  edit_name (session, 7, "Vacuoles");
  cyt_session_undo (session);
  cyt_session_undo (session);
  cyt_session_undo (session);
  cyt_app_test_wait (cyt_session_get_save_state (session) == CYT_SAVE_DONE);
  undone = read_name (7);
  g_assert_cmpstr (undone, ==, "");
  g_assert_cmpint (cyt_latent_model_get_selected (latents), ==, 7);
  g_object_get (session, "can-undo", &can_undo, NULL);
  g_assert_false (can_undo);
  cyt_session_redo (session);
  cyt_session_redo (session);
  cyt_session_redo (session);
  cyt_session_redo (session);
  cyt_app_test_wait (cyt_session_get_save_state (session) == CYT_SAVE_DONE);
  redone = read_name (7);
  g_assert_cmpstr (redone, ==, "Vacuoles");

  /* An edit that changes nothing is none. */
  edit_name (session, 7, "Vacuoles");
  g_assert_cmpint (cyt_session_get_save_state (session), ==, CYT_SAVE_DONE);
  cyt_app_test_close_session (session);

  /* To know the rater saves nothing, and is not told as if it had. */
  session = open_session ();
  cyt_session_set_rater (session, "Anna");
  g_assert_cmpint (cyt_session_get_save_state (session), ==, CYT_SAVE_IDLE);
  cyt_app_test_close_session (session);
}

/* Two fields of one label edited in two programs: both stay. */
static void
test_two_writers (void)
{
  CytSession *session = open_session ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) other = cyt_project_open (project_path, CYT_PROJECT_READ_WRITE, &error);
  g_autoptr (GPtrArray) concepts = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  g_autoptr (CytConcept) merged = NULL;
  CytConcept *concept;

  g_assert_no_error (error);
  concept = make_name (11, "");
  g_free (concept->note);
  concept->note = g_strdup ("by another program");
  g_ptr_array_add (concepts, concept);
  cyt_project_set_concepts (other, concepts, "Bert", "edit", NULL, &error);
  g_assert_no_error (error);

  edit_name (session, 11, "By the window");
  cyt_app_test_wait (cyt_session_get_save_state (session) == CYT_SAVE_DONE);
  merged = cyt_project_get_concept (other, 11, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (merged->name, ==, "By the window");
  g_assert_cmpstr (merged->note, ==, "by another program");
  cyt_app_test_close_session (session);
}

/* What another program wrote shows after a refresh. */
static void
test_refresh (void)
{
  CytSession *session = open_session ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) other = cyt_project_open (project_path, CYT_PROJECT_READ_WRITE, &error);
  g_autoptr (GPtrArray) concepts = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  const CytConcept *concept;

  g_ptr_array_add (concepts, make_name (12, "From outside"));
  cyt_project_set_concepts (other, concepts, "Bert", "edit", NULL, &error);
  g_assert_no_error (error);
  cyt_session_refresh (session);
  cyt_app_test_wait ((concept = cyt_latent_model_get_concept (cyt_session_get_latents (session), 12)) != NULL);
  g_assert_cmpstr (concept->name, ==, "From outside");
  cyt_app_test_close_session (session);
}

/* A label that is too long is refused by the project: the text stays, and can be mended. */
static void
test_save_failure (void)
{
  CytSession *session = open_session ();
  g_autofree char *long_name = g_strnfill (CYT_CONCEPT_MAX_NAME + 1, 'x');
  g_autofree char *stored = NULL;
  guint n_failed = 0;

  g_signal_connect (session, "save-failed", G_CALLBACK (count_cb), &n_failed);
  edit_name (session, 20, long_name);
  cyt_app_test_wait (cyt_session_get_save_state (session) == CYT_SAVE_FAILED);
  g_assert_cmpuint (n_failed, ==, 1);
  g_assert_cmpstr (cyt_latent_model_get_concept (cyt_session_get_latents (session), 20)->name, ==, long_name);
  edit_name (session, 20, "short");
  cyt_session_retry_saves (session);
  cyt_app_test_wait (cyt_session_get_save_state (session) == CYT_SAVE_DONE);
  stored = read_name (20);
  g_assert_cmpstr (stored, ==, "short");
  cyt_app_test_close_session (session);
}

static void
test_cannot_open (void)
{
  g_autofree char *path = g_build_filename (root, "not.cytosae", NULL);
  g_autofree char *text = NULL;
  CytSession *session = cyt_session_new ();

  g_file_set_contents (path, "this is no project", -1, NULL);
  g_signal_connect (session, "failed", G_CALLBACK (failed_cb), &text);
  cyt_session_open (session, path);
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_EMPTY);
  g_assert_nonnull (text);
  g_assert_nonnull (strstr (text, "not.cytosae"));
  g_assert_null (cyt_session_get_path (session));

  /* It is as good as new. */
  cyt_session_open (session, project_path);
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN);
  cyt_app_test_close_session (session);
}

static void
test_cannot_create (void)
{
  g_autofree char *path = g_build_filename (root, "never.cytosae", NULL);
  g_autofree char *text = NULL;
  CytSession *session = cyt_session_new ();
  CytProjectPlan *plan = cyt_app_test_make_plan (path, images);

  g_free (plan->encoder);
  plan->encoder = g_build_filename (root, "no-encoder.pth", NULL);
  g_signal_connect (session, "failed", G_CALLBACK (failed_cb), &text);
  cyt_session_create (session, plan);
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_EMPTY);
  g_assert_nonnull (text);
  g_assert_nonnull (strstr (text, "no-encoder.pth"));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  cyt_app_test_close_session (session);
}

/* Stopped in the middle, continued later: all cells are there. */
static void
test_cancel_and_continue (void)
{
  g_autofree char *path = g_build_filename (root, "stopped.cytosae", NULL);
  CytSession *session = cyt_session_new ();
  gboolean can_continue;
  double progress;

  cyt_session_create (session, cyt_app_test_make_plan (path, images));
  do
    {
      g_main_context_iteration (NULL, TRUE);
      g_object_get (session, "progress", &progress, NULL);
    }
  while (progress <= 0 && cyt_session_is_indexing (session));
  cyt_session_cancel_index (session);
  cyt_app_test_wait (!cyt_session_is_indexing (session));
  cyt_app_test_wait (cyt_session_get_state (session) != CYT_SESSION_OPENING);
  g_assert_cmpint (cyt_session_get_state (session), ==, CYT_SESSION_OPEN);

  g_object_get (session, "can-continue", &can_continue, NULL);
  if (can_continue)
    cyt_session_continue_index (session);
  cyt_app_test_wait (!cyt_session_is_indexing (session)
                     && cyt_session_get_dataset (session)->n_indexed == 24);
  cyt_app_test_close_session (session);
}

int
main (int argc, char **argv)
{
  int result;

  root = cyt_test_make_tmpdir ();
  images = g_build_filename (root, "images", NULL);
  project_path = g_build_filename (root, "project.cytosae", NULL);
  cyt_app_test_use_home (root);
  g_test_init (&argc, &argv, NULL);
  cyt_app_test_make_images (images, 24);
  g_test_add_func ("/app/session/create", test_create);
  g_test_add_func ("/app/session/cells", test_cells);
  g_test_add_func ("/app/session/labels", test_labels);
  g_test_add_func ("/app/session/two-writers", test_two_writers);
  g_test_add_func ("/app/session/refresh", test_refresh);
  g_test_add_func ("/app/session/save-failure", test_save_failure);
  g_test_add_func ("/app/session/cannot-open", test_cannot_open);
  g_test_add_func ("/app/session/cannot-create", test_cannot_create);
  g_test_add_func ("/app/session/cancel-and-continue", test_cancel_and_continue);
  result = g_test_run ();
  cyt_test_remove_tree (root);
  g_free (root);
  g_free (images);
  g_free (project_path);
  return result;
}
