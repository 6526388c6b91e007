/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "cyt-cell-item.h"
#include "cyt-pixel-size-dialog.h"
#include "cyt-session-share.h"

#include "app-test-util.h"

#define N_CELLS 12

static char *root;
static char *images;
static char *project_path;

static void
text_cb (gpointer object, const char *text, char **last)
{
  g_free (*last);
  *last = g_strdup (text);
}

static void
failed_cb (gpointer object, const char *heading, const char *body, char **last)
{
  g_free (*last);
  *last = g_strdup (body);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static CytSession *
open_session (const char *path)
{
  CytSession *session = cyt_app_test_open_session (path);

  cyt_app_test_wait (g_list_model_get_n_items (cyt_session_get_cells (session)) > 0);
  cyt_session_set_rater (session, "Carla");
  return session;
}

static void
wait_saved (CytSession *session)
{
  cyt_app_test_wait (cyt_session_get_save_state (session) == CYT_SAVE_DONE);
}

static char *
write_file (const char *name, const char *content)
{
  char *path = g_build_filename (root, name, NULL);

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
  return path;
}

static const char *
get_name (CytSession *session, guint latent)
{
  const CytConcept *concept = cyt_latent_model_get_concept (cyt_session_get_latents (session), latent);

  return concept != NULL ? concept->name : "";
}

static void
test_create (void)
{
  CytSession *session = cyt_session_new ();

  cyt_session_create (session, cyt_app_test_make_plan (project_path, images));
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN && !cyt_session_is_indexing (session));
  cyt_app_test_wait (cyt_session_get_dataset (session) != NULL
                     && cyt_session_get_dataset (session)->n_indexed == N_CELLS);
  cyt_app_test_close_session (session);
}

/* A file of labels is one step of undo, keeps its raters, and comes out again as it went in. */
static void
test_labels (void)
{
  CytSession *session = open_session (project_path);
  g_autofree char *path = write_file ("in.csv", "latent,name,rater\n3,rim,Anna\n4,rods,Bert\n");
  g_autofree char *bad = write_file ("bad.csv", "latent,name\n3,x\n99999,y\n");
  g_autofree char *out = g_build_filename (root, "out.csv", NULL);
  g_autofree char *toast = NULL, *undo_toast = NULL, *failure = NULL, *written = NULL;

  g_signal_connect (session, "toast", G_CALLBACK (text_cb), &toast);
  g_signal_connect (session, "undo-toast", G_CALLBACK (text_cb), &undo_toast);
  g_signal_connect (session, "failed", G_CALLBACK (failed_cb), &failure);
  cyt_session_import_labels (session, path);
  cyt_app_test_wait (undo_toast != NULL);
  g_assert_nonnull (strstr (undo_toast, "in.csv"));
  g_assert_cmpstr (get_name (session, 4), ==, "rods");
  wait_saved (session);
  g_assert_cmpstr (cyt_latent_model_get_concept (cyt_session_get_latents (session), 4)->rater, ==, "Bert");

  /* again: there is nothing new */
  cyt_session_import_labels (session, path);
  cyt_app_test_wait (toast != NULL);
  cyt_session_undo (session);
  wait_saved (session);
  g_assert_cmpstr (get_name (session, 3), ==, "");
  g_assert_cmpstr (get_name (session, 4), ==, "");
  cyt_session_redo (session);
  g_clear_pointer (&toast, g_free);
  cyt_session_export_labels (session, out);
  cyt_app_test_wait (toast != NULL);
  g_assert_true (g_file_get_contents (out, &written, NULL, NULL));
  g_assert_nonnull (strstr (written, "3,rim,,unreviewed,,,,Anna,"));
  g_assert_nonnull (strstr (written, "4,rods,,unreviewed,,,,Bert,"));

  cyt_session_import_labels (session, bad);
  cyt_app_test_wait (failure != NULL);
  g_assert_nonnull (strstr (failure, "bad.csv: line 3"));
  g_assert_cmpstr (get_name (session, 3), ==, "rim");
  cyt_app_test_close_session (session);
}

static void
test_merge (void)
{
  CytSession *session = open_session (project_path);
  g_autofree char *a = write_file ("a.csv", "latent,name,rater\n3,border,Anna\n20,lobes,Anna\n21,vacuoles,Anna\n");
  g_autofree char *b = write_file ("b.csv", "latent,name,rater\n20,lobes,Bert\n21,granules,Bert\n");
  const char *const paths[] = { a, b, NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytLabelsMerge) merge = NULL;

  cyt_session_load_merge_async (session, paths, NULL, result_cb, &result);
  cyt_app_test_wait (result != NULL);
  merge = cyt_session_load_merge_finish (session, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (merge->n_kind[CYT_MERGE_CONFLICT], ==, 2);
  ((CytMergeItem *) merge->items->pdata[2])->choice = 1; /* the name of 21 by Bert */
  cyt_session_apply_merge (session, merge);
  wait_saved (session);
  g_assert_cmpstr (get_name (session, 3), ==, "rim"); /* the conflict with the project was not chosen in */
  g_assert_cmpstr (get_name (session, 20), ==, "lobes");
  g_assert_cmpstr (get_name (session, 21), ==, "granules");
  cyt_session_undo (session);
  wait_saved (session);
  g_assert_cmpstr (get_name (session, 20), ==, "");
  g_assert_cmpstr (get_name (session, 21), ==, "");
  cyt_app_test_close_session (session);
}

static gboolean
are_images_missing (CytSession *session)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean missing;

  cyt_session_find_images_async (session, NULL, result_cb, &result);
  cyt_app_test_wait (result != NULL);
  g_assert_true (cyt_session_find_images_finish (session, result, &missing, &error));
  g_assert_no_error (error);
  return missing;
}

/* Packed with the edit that was made just before, opened where no image is, labelled, and linked again. */
static void
test_pack_and_locate (void)
{
  CytSession *session = open_session (project_path);
  g_autofree char *out = g_build_filename (root, "pack.cytosae", NULL);
  g_autofree char *moved = g_build_filename (root, "moved", NULL);
  g_autoptr (CytProgress) progress = cyt_progress_new ();
  g_autoptr (GAsyncResult) estimated = NULL, packed = NULL, located = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytConcept) concept = cyt_concept_new (7);
  g_autoptr (CytLocateResult) found = NULL;
  g_autoptr (CytCellItem) item = NULL;
  CytPackEstimate estimate;
  gsize n_missing;
  gboolean can_undo, can_redo;
  GStatBuf st;

  g_free (concept->name);
  concept->name = g_strdup ("just typed");
  cyt_session_edit_concept (session, concept, CYT_CONCEPT_FIELD_NAME);
  cyt_session_pack_async (session, out, 100, progress, NULL, result_cb, &packed);
  cyt_app_test_wait (packed != NULL);
  g_assert_true (cyt_session_pack_finish (session, packed, &n_missing, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_missing, ==, 0);
  cyt_session_estimate_pack_async (session, 100, NULL, result_cb, &estimated);
  cyt_app_test_wait (estimated != NULL);
  g_assert_true (cyt_session_estimate_pack_finish (session, estimated, &estimate, &error));
  g_assert_cmpint (g_stat (out, &st), ==, 0);
  g_assert_cmpuint (estimate.n_thumbnails, ==, N_CELLS);
  g_assert_cmpuint (estimate.size, >, (guint64) st.st_size / 2);
  g_assert_cmpuint (estimate.size, <, 2 * (guint64) st.st_size);
  g_assert_false (are_images_missing (session));
  g_clear_object (&packed); /* they hold the session */
  g_clear_object (&estimated);
  cyt_app_test_close_session (session);

  g_assert_cmpint (g_rename (images, moved), ==, 0);
  session = open_session (out);
  g_assert_false (cyt_session_is_read_only (session));
  g_assert_cmpstr (get_name (session, 7), ==, "just typed");
  g_assert_true (are_images_missing (session));
  item = g_list_model_get_item (cyt_session_get_cells (session), 0);
  g_assert_nonnull (cyt_cell_item_get_thumbnail (item));
  g_assert_false (g_file_test (cyt_cell_item_get_path (item), G_FILE_TEST_EXISTS));
  g_free (concept->name);
  concept->name = g_strdup ("elsewhere");
  cyt_session_edit_concept (session, concept, CYT_CONCEPT_FIELD_NAME);
  wait_saved (session);

  cyt_session_locate_async (session, moved, progress, NULL, result_cb, &located);
  cyt_app_test_wait (located != NULL);
  found = cyt_session_locate_finish (session, located, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->n_found, ==, N_CELLS);
  g_assert_cmpuint (found->n_missing + found->n_different, ==, 0);
  cyt_session_set_root (session, cyt_session_get_dataset (session)->id, found->root);
  cyt_app_test_wait (g_strcmp0 (cyt_session_get_dataset (session)->root, moved) == 0);

  g_assert_true (isnan (cyt_session_get_dataset (session)->pixel_size));
  /* the cell that is looked at has it at once, too */
  cyt_session_inspect_cell (session, cyt_cell_item_get_cell (item)->id);
  cyt_app_test_wait (cyt_inspection_get_facts (cyt_session_get_inspection (session)) != NULL);
  cyt_session_set_pixel_size (session, cyt_session_get_dataset (session)->id, 0.25);
  cyt_app_test_wait (cyt_session_get_dataset (session)->pixel_size == 0.25);
  g_assert_cmpfloat (cyt_inspection_get_facts (cyt_session_get_inspection (session))->dataset->pixel_size, ==, 0.25);
  cyt_session_undo (session);
  cyt_app_test_wait (isnan (cyt_session_get_dataset (session)->pixel_size));
  g_assert_true (isnan (cyt_inspection_get_facts (cyt_session_get_inspection (session))->dataset->pixel_size));
  cyt_session_redo (session);
  cyt_app_test_wait (cyt_session_get_dataset (session)->pixel_size == 0.25);
  cyt_session_undo (session);
  cyt_app_test_wait (isnan (cyt_session_get_dataset (session)->pixel_size));
  g_object_get (session, "can-redo", &can_redo, "can-undo", &can_undo, NULL);
  g_assert_true (can_redo && can_undo); /* the name that was given before is next */
  cyt_session_undo (session);
  wait_saved (session);
  cyt_session_redo (session);
  wait_saved (session);
  g_assert_false (are_images_missing (session));
  g_clear_object (&located);
  cyt_app_test_close_session (session);
}

static void
test_import_published (void)
{
  g_autofree char *made = g_build_filename (root, "published", NULL);
  g_autofree char *pictures = g_build_filename (made, "some", NULL), *stats = g_build_filename (made, "stats", NULL);
  g_autofree char *path = g_build_filename (root, "published.cytosae", NULL);
  const char *const list[] = { pictures, NULL };
  CytSession *session = cyt_session_new (), *refused = cyt_session_new ();
  g_autofree char *failure = NULL;

  cyt_test_run_reference ("published.py", "make", made, NULL);
  for (guint i = 0; i < 2; i++)
    {
      CytProjectPlan *plan = cyt_project_plan_new ();

      plan->project = g_strdup (path);
      plan->published = g_strdup (i == 0 ? stats : pictures);
      plan->images = g_strdupv ((char **) list);
      plan->dataset = g_strdup ("cells");
      plan->domain = g_strdup ("");
      if (i == 0)
        cyt_session_create (session, plan);
      else
        {
          /* a folder without statistics */
          g_free (plan->project);
          plan->project = g_build_filename (root, "refused.cytosae", NULL);
          g_signal_connect (refused, "failed", G_CALLBACK (failed_cb), &failure);
          cyt_session_create (refused, plan);
        }
    }
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN);
  g_assert_true (cyt_session_is_published (session));
  cyt_app_test_wait (failure != NULL);
  g_assert_cmpint (cyt_session_get_state (refused), ==, CYT_SESSION_EMPTY);
  cyt_app_test_close_session (session);
  cyt_app_test_close_session (refused);
}

static void
test_pixel_size (void)
{
  static const struct
  {
    const char *text;
    gboolean valid;
    double value;
  } cases[] = {
    { "0.1", TRUE, 0.1 }, { " 0.065 ", TRUE, 0.065 }, { "100", TRUE, 100 },  { "0.001", TRUE, 0.001 }, { "", TRUE, NAN },
    { "0", FALSE, 0 },    { "-0.1", FALSE, 0 },       { "101", FALSE, 0 },   { "1e-9", FALSE, 0 },     { "inf", FALSE, 0 },
    { "nan", FALSE, 0 },  { "0.1 µm", FALSE, 0 },     { "0.1.2", FALSE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double value = 7;

      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (cyt_pixel_size_parse (cases[i].text, &value), ==, cases[i].valid);
      if (cases[i].valid)
        g_assert_true (value == cases[i].value || (isnan (value) && isnan (cases[i].value)));
    }
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
  cyt_app_test_make_images (images, N_CELLS);
  g_test_add_func ("/share/pixel-size", test_pixel_size);
  g_test_add_func ("/app/share/create", test_create);
  g_test_add_func ("/app/share/labels", test_labels);
  g_test_add_func ("/app/share/merge", test_merge);
  g_test_add_func ("/app/share/pack-and-locate", test_pack_and_locate);
  g_test_add_func ("/app/share/import-published", test_import_published);
  result = g_test_run ();
  cyt_test_remove_tree (root);
  g_free (root);
  g_free (images);
  g_free (project_path);
  return result;
}
