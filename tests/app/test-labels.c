/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app-test-util.h"
#include "test-project-util.h"

#define D_SAE 12000
#define N_BULK 10000

static char *root;

static void
count_cb (gpointer object, guint *n)
{
  ++*n;
}

static void
text_cb (gpointer object, const char *text, char **last)
{
  g_free (*last);
  *last = g_strdup (text);
}

/* A session on a new project of D_SAE latents without cells. */
static CytSession *
open_new (const char *name)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  CytSession *session = cyt_session_new ();

  cyt_project_close (cyt_test_create_project (path, D_SAE));
  cyt_session_open (session, path);
  cyt_app_test_wait (cyt_session_get_state (session) == CYT_SESSION_OPEN);
  cyt_session_set_rater (session, "Anna");
  return session;
}

static void
wait_saved (CytSession *session)
{
  cyt_app_test_wait (cyt_session_get_save_state (session) == CYT_SAVE_DONE);
}

static GPtrArray *
list_stored (CytSession *session)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (cyt_session_get_path (session), CYT_PROJECT_READ_ONLY, &error);
  GPtrArray *concepts;

  g_assert_no_error (error);
  concepts = cyt_project_list_concepts (project, &error);
  g_assert_no_error (error);
  return concepts;
}

static guint
count_status (GPtrArray *concepts, CytConceptStatus status)
{
  guint n = 0;

  for (guint i = 0; i < concepts->len; i++)
    n += ((CytConcept *) concepts->pdata[i])->status == status;
  return n;
}

/* Ten thousand labels changed at once are one edit in the file, one step of undo and one update of the list. */
static void
test_bulk (void)
{
  CytSession *session = open_new ("bulk.cytosae");
  CytLatentModel *latents = cyt_session_get_latents (session);
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (CytConcept) values = cyt_concept_new (0), own = cyt_concept_new (5);
  g_autoptr (GPtrArray) stored = NULL, undone = NULL, redone = NULL, changes = NULL;
  g_autoptr (CytProject) project = NULL;
  g_autofree char *toast = NULL, *undo_toast = NULL;
  guint n_updates = 0;
  gint64 bulk;

  own->status = CYT_CONCEPT_CONFIRMED;
  g_free (own->note);
  own->note = g_strdup ("mine");
  cyt_session_edit_concept (session, own, CYT_CONCEPT_FIELD_STATUS | CYT_CONCEPT_FIELD_NOTE);
  wait_saved (session);

  for (guint i = 0; i < N_BULK; i++)
    g_array_append_val (chosen, i);
  values->status = CYT_CONCEPT_REJECTED;
  g_free (values->note);
  values->note = g_strdup ("not meant");
  g_signal_connect (latents, "values-changed", G_CALLBACK (count_cb), &n_updates);
  g_signal_connect (session, "toast", G_CALLBACK (text_cb), &toast);
  g_signal_connect (session, "undo-toast", G_CALLBACK (text_cb), &undo_toast);
  cyt_session_edit_concepts (session, chosen, values, CYT_CONCEPT_FIELD_STATUS);
  g_assert_cmpuint (n_updates, ==, 1);
  g_assert_nonnull (undo_toast);
  wait_saved (session);
  g_assert_cmpuint (n_updates, ==, 2);
  stored = list_stored (session);
  g_assert_cmpuint (stored->len, ==, N_BULK);
  g_assert_cmpuint (count_status (stored, CYT_CONCEPT_REJECTED), ==, N_BULK);
  g_assert_cmpstr (((CytConcept *) stored->pdata[5])->note, ==, "mine");
  g_assert_cmpstr (((CytConcept *) stored->pdata[6])->note, ==, "");
  g_assert_cmpstr (((CytConcept *) stored->pdata[6])->rater, ==, "Anna");

  /* Once more: there is nothing to change, and nothing to undo of it. */
  g_clear_pointer (&undo_toast, g_free);
  cyt_session_edit_concepts (session, chosen, values, CYT_CONCEPT_FIELD_STATUS);
  g_assert_null (undo_toast);

  cyt_session_undo (session);
  g_assert_cmpuint (n_updates, ==, 3);
  g_assert_nonnull (toast);
  wait_saved (session);
  undone = list_stored (session);
  g_assert_cmpuint (undone->len, ==, 1);
  g_assert_cmpuint (((CytConcept *) undone->pdata[0])->latent, ==, 5);
  g_assert_cmpint (((CytConcept *) undone->pdata[0])->status, ==, CYT_CONCEPT_CONFIRMED);
  cyt_session_redo (session);
  wait_saved (session);
  redone = list_stored (session);
  g_assert_cmpuint (count_status (redone, CYT_CONCEPT_REJECTED), ==, N_BULK);

  project = cyt_project_open (cyt_session_get_path (session), CYT_PROJECT_READ_ONLY, NULL);
  changes = cyt_project_list_changes (project, 6, NULL);
  g_assert_cmpuint (changes->len, ==, 3);
  bulk = ((CytConceptChange *) changes->pdata[0])->edit;
  g_assert_cmpstr (((CytConceptChange *) changes->pdata[0])->what, ==, "bulk edit");
  g_assert_cmpstr (((CytConceptChange *) changes->pdata[1])->what, ==, "undo");
  g_clear_pointer (&changes, g_ptr_array_unref);
  changes = cyt_project_list_changes (project, 9000, NULL);
  g_assert_cmpint (((CytConceptChange *) changes->pdata[0])->edit, ==, bulk);
  cyt_app_test_close_session (session);
}

/* What could not be written stays in memory, as one edit, and is written when it can be. */
static void
test_failure (void)
{
  CytSession *session = open_new ("failure.cytosae");
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (CytConcept) values = cyt_concept_new (0), mended = cyt_concept_new (2);
  g_autoptr (GPtrArray) none = NULL, stored = NULL;
  const guint latents[] = { 1, 2 };

  g_array_append_vals (chosen, latents, 2);
  g_free (values->name);
  values->name = g_strnfill (CYT_CONCEPT_MAX_NAME + 1, 'x');
  cyt_session_edit_concepts (session, chosen, values, CYT_CONCEPT_FIELD_NAME);
  cyt_app_test_wait (cyt_session_get_save_state (session) == CYT_SAVE_FAILED);
  none = list_stored (session);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpstr (cyt_latent_model_get_concept (cyt_session_get_latents (session), 2)->name, ==, values->name);

  cyt_session_undo (session);
  g_free (mended->name);
  mended->name = g_strdup ("short");
  cyt_session_edit_concept (session, mended, CYT_CONCEPT_FIELD_NAME);
  cyt_session_retry_saves (session);
  wait_saved (session);
  stored = list_stored (session);
  g_assert_cmpuint (stored->len, ==, 1);
  g_assert_cmpstr (((CytConcept *) stored->pdata[0])->name, ==, "short");
  cyt_app_test_close_session (session);
}

static char *
list_filters (CytSession *session)
{
  GListModel *names = cyt_session_get_saved_filters (session);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) strv = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (names); i++)
    {
      g_autoptr (GtkStringObject) name = g_list_model_get_item (names, i);

      g_strv_builder_add (builder, gtk_string_object_get_string (name));
    }
  strv = g_strv_builder_end (builder);
  return g_strjoinv (",", strv);
}

static void
assert_filters (CytSession *session, const char *expected)
{
  g_autofree char *names = list_filters (session);

  g_assert_cmpstr (names, ==, expected);
}

/* What the file holds once all is written. */
static char *
read_filter (CytSession *session, const char *name)
{
  g_autofree char *key = g_strconcat ("filter:", name, NULL), *value = NULL;
  g_autoptr (CytProject) project = cyt_project_open (cyt_session_get_path (session), CYT_PROJECT_READ_ONLY, NULL);
  g_autoptr (GError) error = NULL;

  value = cyt_project_get_setting (project, key, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&value);
}

static gboolean
is_filter (CytSession *session, const char *name, const char *text)
{
  g_autofree char *stored = read_filter (session, name);

  return g_strcmp0 (stored, text) == 0;
}

/* Saved filters come back by undo, in turn with labels. */
static void
test_filters (void)
{
  CytSession *session = open_new ("filters.cytosae");
  CytLatentModel *latents = cyt_session_get_latents (session);
  g_autofree char *toast = NULL, *first = NULL;
  g_autoptr (CytConcept) concept = cyt_concept_new (4);

  g_signal_connect (session, "undo-toast", G_CALLBACK (text_cb), &toast);
  cyt_latent_model_set_search (latents, "rods");
  cyt_session_save_filter (session, "mine");
  cyt_app_test_wait ((first = read_filter (session, "mine")) != NULL);
  concept->status = CYT_CONCEPT_CONFIRMED;
  cyt_session_edit_concept (session, concept, CYT_CONCEPT_FIELD_STATUS);
  cyt_latent_model_set_search (latents, "rims");
  cyt_session_save_filter (session, "mine"); /* in its place */
  g_assert_null (toast);
  cyt_session_rename_saved_filter (session, "mine", "yours");
  assert_filters (session, "yours");
  cyt_session_delete_saved_filter (session, "yours");
  assert_filters (session, "");
  g_assert_nonnull (strstr (toast, "yours"));

  cyt_session_undo (session);
  assert_filters (session, "yours");
  cyt_session_undo (session);
  assert_filters (session, "mine");
  cyt_session_undo (session);
  assert_filters (session, "mine");
  cyt_app_test_wait (is_filter (session, "mine", first));
  g_assert_cmpint (cyt_latent_model_get_concept (latents, 4)->status, ==, CYT_CONCEPT_CONFIRMED);
  cyt_session_undo (session);
  g_assert_cmpint (cyt_latent_model_get_concept (latents, 4)->status, ==, CYT_CONCEPT_UNREVIEWED);
  cyt_session_undo (session);
  assert_filters (session, "");
  for (int i = 0; i < 5; i++)
    cyt_session_redo (session);
  assert_filters (session, "");
  wait_saved (session);
  cyt_app_test_close_session (session);
}

/* Nobody has given a name: labels are saved without one, and signed by it, those of this session alone. */
static void
test_sign (void)
{
  g_autofree char *path = g_build_filename (root, "sign.cytosae", NULL);
  g_autoptr (CytProject) project = cyt_test_create_project (path, D_SAE);
  g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free), stored = NULL, changes = NULL;
  CytConcept *old = cyt_concept_new (1);
  g_autoptr (CytConcept) own = cyt_concept_new (2);
  g_autoptr (GError) error = NULL;

  old->status = CYT_CONCEPT_REJECTED;
  g_ptr_array_add (before, old);
  g_assert_true (cyt_project_set_concepts (project, before, "", "edit", NULL, &error));
  g_assert_no_error (error);
  own->status = CYT_CONCEPT_PROPOSED;
  g_ptr_array_set_size (before, 0);
  g_usleep (1000);
  {
    gint64 since = g_get_real_time ();

    g_ptr_array_add (before, cyt_concept_copy (own));
    g_assert_true (cyt_project_set_concepts (project, before, "", "edit", NULL, &error));
    g_assert_true (cyt_project_sign_labels (project, "Anna", since, &error));
    g_assert_no_error (error);
  }
  stored = cyt_project_list_concepts (project, &error);
  g_assert_cmpstr (((CytConcept *) stored->pdata[0])->rater, ==, "");
  g_assert_cmpstr (((CytConcept *) stored->pdata[1])->rater, ==, "Anna");
  changes = cyt_project_list_changes (project, 2, &error);
  g_assert_cmpstr (((CytConceptChange *) changes->pdata[0])->rater, ==, "Anna");
}

int
main (int argc, char **argv)
{
  int result;

  root = cyt_test_make_tmpdir ();
  cyt_app_test_use_home (root);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/labels/bulk", test_bulk);
  g_test_add_func ("/app/labels/failure", test_failure);
  g_test_add_func ("/app/labels/filters", test_filters);
  g_test_add_func ("/app/labels/sign", test_sign);
  result = g_test_run ();
  cyt_test_remove_tree (root);
  g_free (root);
  return result;
}
