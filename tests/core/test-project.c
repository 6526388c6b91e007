/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/cyt-error.h"
#include "test-project-util.h"
#include "test-util.h"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = cyt_test_make_tmpdir ();
  f->path = g_build_filename (f->folder, "p.cytosae", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_test_remove_tree (f->folder);
  g_free (f->folder);
  g_free (f->path);
}

/* Runs plain SQL on the file, behind the library's back. */
static void
run_sql (const char *path, const char *sql)
{
  sqlite3 *db = NULL;
  char *message = NULL;

  g_assert_cmpint (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE, NULL), ==, SQLITE_OK);
  sqlite3_exec (db, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (db);
}

static void
assert_open_fails (const char *path, CytProjectError code, const char *says)
{
  g_autoptr (GError) error = NULL;
  CytProject *project = cyt_project_open (path, CYT_PROJECT_READ_WRITE, &error);

  g_assert_null (project);
  g_assert_error (error, CYT_PROJECT_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, says));
  g_assert_null (strchr (error->message, '\n'));
}

static guint
count_entries (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

static void
test_create_and_open (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  CytProjectModel model = { (char *) "/m\xff.pt", (char *) "00", (char *) "{}" };
  guint32 words[3];

  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (CytProject) project = round ? cyt_project_open (f->path, CYT_PROJECT_READ_WRITE, &error)
                                             : cyt_test_create_project (f->path, 49152);

      g_assert_no_error (error);
      g_assert_cmpstr (cyt_project_get_path (project), ==, f->path);
      g_assert_false (cyt_project_is_read_only (project));
      g_assert_cmpuint (cyt_project_get_d_sae (project), ==, 49152);
      g_assert_cmpint (cyt_project_get_block (project), ==, -2);
      g_assert_cmpstr (cyt_project_get_encoder (project)->path, ==, "/models/encoder.pth");
      g_assert_cmpstr (cyt_project_get_encoder (project)->config, ==, "{\"d\":768}");
      g_assert_cmpuint (strlen (cyt_project_get_sae (project)->sha256), ==, 64);
    }
  /* one file, and nothing beside it */
  g_assert_cmpuint (count_entries (f->folder), ==, 1);
  {
    g_autofree char *content = NULL;
    gsize size;

    g_assert_true (g_file_get_contents (f->path, &content, &size, NULL));
    memcpy (words, content + 60, 12);
    g_assert_cmpuint (GUINT32_FROM_BE (words[0]), ==, 2);
    g_assert_cmphex (GUINT32_FROM_BE (words[2]), ==, 0x43595453);
  }

  /* never over something that is there, be it a broken link */
  g_assert_null (cyt_project_create (f->path, &model, &model, 10, -2, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_IO);
  g_clear_error (&error);
  {
    g_autofree char *link = g_build_filename (f->folder, "link", NULL);

    g_assert_cmpint (symlink ("/nowhere/at/all", link), ==, 0);
    g_assert_null (cyt_project_create (link, &model, &model, 10, -2, &error));
    g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_IO);
    g_clear_error (&error);
  }
  {
    g_autofree char *nowhere = g_build_filename (f->folder, "no", "such", "p.cytosae", NULL);

    g_assert_null (cyt_project_create (nowhere, &model, &model, 10, -2, &error));
    g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_IO);
    g_clear_error (&error);
  }
  {
    /* SQLite would play a journal that an earlier file of this name left into the new one */
    g_autofree char *fresh = g_build_filename (f->folder, "q.cytosae", NULL);
    g_autofree char *journal = g_strconcat (fresh, "-journal", NULL);

    g_assert_true (g_file_set_contents (journal, "x", 1, NULL));
    g_assert_null (cyt_project_create (fresh, &model, &model, 10, -2, &error));
    g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_IO);
    g_assert_true (g_file_test (journal, G_FILE_TEST_EXISTS));
    g_assert_false (g_file_test (fresh, G_FILE_TEST_EXISTS));
  }
  g_assert_cmpuint (count_entries (f->folder), ==, 3);
}

static void
test_odd_names (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "a?b=c#d%20e&mode=ro", "file:x?mode=memory", " spaces  ", "größe 細胞 🔬", "latin\xe9", ":memory:",
                                       "'quotes\"", "-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (f->folder, names[i], NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (CytProject) project = cyt_test_create_project (path, 8);
      g_autoptr (CytProject) again = cyt_project_open (path, CYT_PROJECT_READ_WRITE, &error);
      g_autofree char *value = NULL;

      g_assert_no_error (error);
      g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
      g_assert_true (cyt_project_set_setting (project, "k", names[i][0] == 'l' ? "l" : names[i], &error));
      value = cyt_project_get_setting (again, "k", &error);
      g_assert_no_error (error);
      g_assert_cmpstr (value, ==, names[i][0] == 'l' ? "l" : names[i]);
    }
  g_assert_cmpuint (count_entries (f->folder), ==, G_N_ELEMENTS (names));
}

static void
test_not_a_project (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  struct stat st;

  assert_open_fails (f->path, CYT_PROJECT_ERROR_IO, "No such file");
  assert_open_fails (f->folder, CYT_PROJECT_ERROR_NOT_A_PROJECT, "folder");
  g_assert_cmpint (mkfifo (f->path, 0600), ==, 0);
  assert_open_fails (f->path, CYT_PROJECT_ERROR_NOT_A_PROJECT, "regular");
  g_assert_cmpint (unlink (f->path), ==, 0);

  g_assert_true (g_file_set_contents (f->path, "", 0, NULL));
  assert_open_fails (f->path, CYT_PROJECT_ERROR_NOT_A_PROJECT, "empty");
  g_assert_cmpint (stat (f->path, &st), ==, 0);
  g_assert_cmpint (st.st_size, ==, 0);

  g_assert_true (g_file_set_contents (f->path, "SQLite format 3", -1, NULL));
  assert_open_fails (f->path, CYT_PROJECT_ERROR_NOT_A_PROJECT, "short");
  {
    g_autofree char *text = g_strnfill (5000, 'x');

    g_assert_true (g_file_set_contents (f->path, text, -1, NULL));
    assert_open_fails (f->path, CYT_PROJECT_ERROR_NOT_A_PROJECT, "not a CytoSAE project");
  }
  g_assert_cmpint (unlink (f->path), ==, 0);
  cyt_project_close (cyt_test_create_project (f->path, 4));
  run_sql (f->path, "PRAGMA application_id = 7");
  assert_open_fails (f->path, CYT_PROJECT_ERROR_NOT_A_PROJECT, "another program");
  run_sql (f->path, "PRAGMA application_id = 1129927763; PRAGMA user_version = 3");
  assert_open_fails (f->path, CYT_PROJECT_ERROR_TOO_NEW, "format is 3, this version reads up to 2");
  run_sql (f->path, "PRAGMA user_version = 0");
  assert_open_fails (f->path, CYT_PROJECT_ERROR_NOT_A_PROJECT, "does not read: 0");
}

/* A foreign schema is refused before anything of it could run; an added plain table does no harm. */
static void
test_foreign_schema (Fixture *f, gconstpointer data)
{
  static const char *const bad[] = {
    "CREATE TRIGGER t AFTER INSERT ON concept BEGIN DELETE FROM concept; END",
    "CREATE VIEW v AS SELECT * FROM cell",
    "DROP TABLE setting; CREATE VIEW setting AS SELECT 'a' AS key, 'b' AS value",
    "CREATE VIRTUAL TABLE v USING fts5 (x)",
    "CREATE INDEX i ON cell (abs (position))",
    "DROP TABLE thumbnail",
    "ALTER TABLE cell ADD COLUMN extra TEXT",
    "DROP INDEX concept_change_latent",
    "DELETE FROM project",
    "DELETE FROM model WHERE role = 'sae'",
    "UPDATE project SET d_sae = 0",
    "UPDATE project SET d_sae = 1 << 40",
    "UPDATE model SET config = CAST (x'ff' AS TEXT)",
    "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET type = 'view', sql = 'CREATE VIEW setting AS SELECT 1' WHERE name = 'setting'",
    "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = 'CREATE TABLE' WHERE name = 'setting'",
    "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = replace (sql, 'NOT NULL', 'NOT NULL DEFAULT (random ())') WHERE name = 'setting'",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      cyt_project_close (cyt_test_create_project (f->path, 4));
      run_sql (f->path, bad[i]);
      g_test_message ("%s", bad[i]);
      assert_open_fails (f->path, CYT_PROJECT_ERROR_CORRUPT, "damaged");
      g_assert_cmpint (unlink (f->path), ==, 0);
    }
  {
    g_autoptr (GError) error = NULL;
    g_autoptr (CytProject) project = NULL;

    cyt_project_close (cyt_test_create_project (f->path, 4));
    run_sql (f->path, "CREATE TABLE mine (a, b UNIQUE); ANALYZE");
    project = cyt_project_open (f->path, CYT_PROJECT_READ_WRITE, &error);
    g_assert_no_error (error);
  }
}

static void
test_settings (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_test_create_project (f->path, 4);
  g_autoptr (CytProject) other = cyt_project_open (f->path, CYT_PROJECT_READ_ONLY, &error);
  gint64 version = cyt_project_get_data_version (other);
  g_autofree char *value = NULL, *renamed = NULL;
  g_autoptr (GHashTable) filters = NULL;

  g_assert_null (cyt_project_get_setting (project, "a", &error));
  g_assert_no_error (error);
  g_assert_true (cyt_project_set_setting (project, "a", "1", &error));
  g_assert_true (cyt_project_set_setting (project, "a", "é\n2", &error));
  g_assert_cmpint (cyt_project_get_data_version (other), >, version);
  value = cyt_project_get_setting (other, "a", &error);
  g_assert_cmpstr (value, ==, "é\n2");
  g_assert_true (cyt_project_set_setting (project, "a", NULL, &error));
  g_assert_null (cyt_project_get_setting (other, "a", &error));
  g_assert_no_error (error);
  g_assert_true (cyt_project_set_setting (project, "filter:mine", "x", &error));
  g_assert_true (cyt_project_set_setting (project, "filter:ours", "y", &error));
  filters = cyt_project_list_settings (other, "filter:", &error);
  g_assert_cmpuint (g_hash_table_size (filters), ==, 2);
  g_assert_cmpstr (g_hash_table_lookup (filters, "ours"), ==, "y");
  g_assert_true (cyt_project_rename_setting (project, "filter:mine", "filter:all", &error));
  g_assert_no_error (error);
  g_assert_false (cyt_project_rename_setting (project, "filter:all", "filter:ours", &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (cyt_project_rename_setting (project, "filter:mine", "filter:b", &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  renamed = cyt_project_get_setting (other, "filter:all", &error);
  g_assert_cmpstr (renamed, ==, "x");
  g_assert_true (cyt_project_is_read_only (other));
  g_assert_false (cyt_project_set_setting (other, "a", "1", &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_READ_ONLY);
}

static void
test_datasets (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_test_create_project (f->path, 4);
  g_autoptr (CytImageList) a = cyt_test_make_image_list ("/data/pbc", 100);
  g_autoptr (CytImageList) b = cyt_test_make_image_list ("/data/bm", 7);
  g_autoptr (CytDataset) first = NULL;
  g_autoptr (CytDataset) second = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (CytImageList) back = NULL;
  g_auto (GStrv) labels = NULL;
  g_autoptr (CytCell) cell = NULL;
  g_autofree char *path = NULL;

  g_free (((CytImageItem *) a->items->pdata[3])->path);
  ((CytImageItem *) a->items->pdata[3])->path = g_strdup ("odd \xff name/x.jpg");
  g_free (((CytImageItem *) a->items->pdata[4])->path);
  ((CytImageItem *) a->items->pdata[4])->path = g_strdup ("/elsewhere/y.jpg");

  first = cyt_project_add_dataset (project, "PBC", "peripheral blood", 0.2, 25, a, &error);
  g_assert_no_error (error);
  second = cyt_project_add_dataset (project, "Knochenmark", "bone marrow", 0, 3, b, &error);
  g_assert_no_error (error);
  g_assert_null (cyt_project_add_dataset (project, "PBC", "", 0.2, 25, b, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH);
  g_clear_error (&error);
  g_assert_null (cyt_project_add_dataset (project, "", "", 0.2, 25, b, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_null (cyt_project_add_dataset (project, "x", "", -0.2, 25, b, &error));
  g_clear_error (&error);
  g_assert_null (cyt_project_add_dataset (project, "x", "", 0.2, 0, b, &error));
  g_clear_error (&error);

  all = cyt_project_list_datasets (project, &error);
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_null (cyt_project_find_dataset (project, "none", &error));
  g_assert_no_error (error);
  g_assert_cmpstr (first->name, ==, "PBC");
  g_assert_cmpstr (first->domain, ==, "peripheral blood");
  g_assert_cmpstr (first->root, ==, "/data/pbc");
  g_assert_true (first->threshold == 0.2 && second->threshold == 0);
  g_assert_cmpuint (first->n_top, ==, 25);
  g_assert_cmpuint (first->n_cells, ==, 100);
  g_assert_cmpuint (first->n_indexed + first->n_failed, ==, 0);

  g_assert_true (cyt_project_set_dataset_root (project, first->id, "/moved here", &error));
  g_assert_false (cyt_project_set_dataset_root (project, 99, "/", &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  back = cyt_project_load_image_list (project, first->id, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (back->root, ==, "/moved here");
  g_assert_cmpuint (back->items->len, ==, 100);
  for (guint i = 0; i < 100; i++)
    {
      const CytImageItem *x = a->items->pdata[i], *y = back->items->pdata[i];

      g_assert_cmpstr (x->path, ==, y->path);
      g_assert_cmpstr (x->label, ==, y->label);
      g_assert_cmpstr (x->patient, ==, y->patient);
      g_assert_cmpstr (x->disease, ==, y->disease);
    }
  labels = cyt_project_list_labels (project, first->id, &error);
  g_assert_cmpuint (g_strv_length (labels), ==, 3);
  g_assert_cmpstr (labels[0], ==, "Lymphozyt – groß");
  g_assert_cmpstr (labels[1], ==, "basophil");
  g_assert_cmpstr (labels[2], ==, "neutrophil");

  cell = cyt_project_get_cell (project, 101, &error); /* the first of the second set */
  g_assert_no_error (error);
  g_assert_cmpint (cell->dataset, ==, second->id);
  g_assert_cmpuint (cell->position, ==, 0);
  g_assert_cmpstr (cell->label, ==, "neutrophil");
  g_assert_null (cell->patient);
  g_assert_null (cell->sha256);
  g_assert_null (cyt_project_get_cell (project, 108, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);
  path = cyt_project_dup_cell_path (project, 4, &error);
  g_assert_cmpstr (path, ==, "/moved here/odd \xff name/x.jpg");
  g_free (path);
  path = cyt_project_dup_cell_path (project, 5, &error);
  g_assert_cmpstr (path, ==, "/elsewhere/y.jpg");
}

/* ---- Concepts ---- */

static CytConcept *
make_concept (guint32 latent, const char *name, const char *category, CytConceptStatus status, const char *note)
{
  CytConcept *concept = cyt_concept_new (latent);

  g_free (concept->name);
  g_free (concept->category);
  g_free (concept->note);
  concept->name = g_strdup (name);
  concept->category = g_strdup (category);
  concept->note = g_strdup (note);
  concept->status = status;
  return concept;
}

static void
test_concepts (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_test_create_project (f->path, 50);
  g_autoptr (CytProject) other = cyt_project_open (f->path, CYT_PROJECT_READ_ONLY, &error);
  g_autoptr (GPtrArray) edits = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (CytConcept) none = cyt_project_get_concept (project, 49, &error);
  g_autoptr (CytConcept) concept = NULL;
  gint64 edit = -1, version;
  const CytConceptChange *change;

  g_assert_cmpstr (none->name, ==, "");
  g_assert_cmpint (none->edited_at, ==, 0);
  g_assert_null (cyt_project_get_concept (project, 50, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_ptr_array_add (edits, make_concept (7, "Auer-Stäbchen", "granule", CYT_CONCEPT_PROPOSED, "see\nP3, \"left\""));
  g_ptr_array_add (edits, make_concept (3, "=1+1", "", CYT_CONCEPT_UNREVIEWED, ""));
  concept = cyt_concept_copy (edits->pdata[0]);
  g_free (concept->tags);
  concept->tags = cyt_concept_normalize_tags (" rods\n\tblast;;rods; Ä b;");
  g_assert_cmpstr (concept->tags, ==, "blast;rods;Ä b");
  concept->confidence = CYT_CONCEPT_CONFIDENCE_HIGH;
  cyt_concept_copy_fields (edits->pdata[0], concept, CYT_CONCEPT_FIELD_TAGS | CYT_CONCEPT_FIELD_CONFIDENCE);
  g_assert_true (cyt_project_set_concepts (project, edits, "Dr. A", "edit", &edit, &error));
  g_assert_no_error (error);
  g_assert_cmpint (edit, ==, 1);
  list = cyt_project_list_concepts (other, &error);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpuint (((CytConcept *) list->pdata[0])->latent, ==, 3);
  g_assert_true (cyt_concept_diff (list->pdata[1], edits->pdata[0]) == 0);
  g_assert_cmpstr (((CytConcept *) list->pdata[1])->rater, ==, "Dr. A");
  g_assert_cmpint (((CytConcept *) list->pdata[1])->edited_at, >, 0);

  /* the same again: nothing is written */
  version = cyt_project_get_data_version (other);
  g_assert_true (cyt_project_set_concepts (project, edits, "Dr. B", "edit", &edit, &error));
  g_assert_cmpint (edit, ==, 0);
  g_assert_cmpint (cyt_project_get_data_version (other), ==, version);

  ((CytConcept *) edits->pdata[0])->status = CYT_CONCEPT_CONFIRMED;
  g_assert_true (cyt_project_set_concepts (project, edits, "Dr. B", "review", &edit, &error));
  g_assert_cmpint (edit, ==, 2);
  changes = cyt_project_list_changes (other, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (changes->len, ==, 8); /* six fields of 7, one of 3, one of 7 */
  g_clear_pointer (&changes, g_ptr_array_unref);
  changes = cyt_project_list_changes (other, 7, &error);
  g_assert_cmpuint (changes->len, ==, 7);
  change = changes->pdata[2];
  g_assert_cmpint (change->edit, ==, 1);
  g_assert_cmpstr (change->field, ==, "status");
  g_assert_cmpstr (change->old_value, ==, "unreviewed");
  g_assert_cmpstr (change->new_value, ==, "proposed");
  g_assert_cmpstr (change->rater, ==, "Dr. A");
  g_assert_cmpstr (((CytConceptChange *) changes->pdata[3])->field, ==, "confidence");
  g_assert_cmpstr (((CytConceptChange *) changes->pdata[3])->new_value, ==, "high");
  g_assert_cmpstr (((CytConceptChange *) changes->pdata[4])->field, ==, "tags");
  change = changes->pdata[6];
  g_assert_cmpint (change->edit, ==, 2);
  g_assert_cmpstr (change->what, ==, "review");
  g_assert_cmpstr (change->old_value, ==, "proposed");
  g_assert_cmpstr (change->new_value, ==, "confirmed");
  g_assert_cmpuint (change->latent, ==, 7);

  /* taken back: it is in the history, not among the concepts */
  {
    g_autoptr (GPtrArray) empty = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);

    g_ptr_array_add (empty, cyt_concept_new (7));
    g_assert_true (cyt_project_set_concepts (project, empty, "Dr. B", "undo", &edit, &error));
    g_assert_cmpint (edit, ==, 3);
    g_clear_pointer (&list, g_ptr_array_unref);
    list = cyt_project_list_concepts (other, &error);
    g_assert_cmpuint (list->len, ==, 1);
    g_assert_cmpuint (((CytConcept *) list->pdata[0])->latent, ==, 3);
  }

  /* one bad among good ones: none is written */
  g_clear_pointer (&list, g_ptr_array_unref);
  g_free (((CytConcept *) edits->pdata[1])->name);
  ((CytConcept *) edits->pdata[1])->name = g_strdup ("new");
  for (guint i = 0; i < 5; i++)
    {
      CytConcept *bad = make_concept (i == 0 ? 50 : 1, i == 1 ? "\xff" : "", "", 0, "");

      if (i == 2)
        {
          g_free (bad->category);
          bad->category = g_strnfill (CYT_CONCEPT_MAX_NAME + 1, 'x');
        }
      if (i == 3)
        {
          g_free (bad->note);
          bad->note = g_strnfill (CYT_CONCEPT_MAX_NOTE + 1, 'x');
        }
      if (i == 4)
        {
          g_free (bad->tags);
          bad->tags = g_strdup ("b;a");
        }
      g_ptr_array_add (edits, bad);
      g_assert_false (cyt_project_set_concepts (project, edits, "Dr. B", "edit", &edit, &error));
      if (i == 0)
        g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND);
      else
        g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
      g_clear_error (&error);
      g_ptr_array_remove_index (edits, edits->len - 1);
    }
  list = cyt_project_list_concepts (other, &error);
  g_assert_cmpstr (((CytConcept *) list->pdata[0])->name, ==, "=1+1");
}

/* ---- In the way of others, of a full or of a read-only disk ---- */

static void
test_busy (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_test_create_project (f->path, 4);
  sqlite3 *db = NULL;
  gint64 before;

  g_assert_cmpint (sqlite3_open (f->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), ==, SQLITE_OK);
  before = g_get_monotonic_time ();
  assert_open_fails (f->path, CYT_PROJECT_ERROR_BUSY, "in use by another program");
  g_assert_cmpint (g_get_monotonic_time () - before, <, (CYT_PROJECT_BUSY_MS + 2000) * 1000);
  g_assert_false (cyt_project_set_setting (project, "a", "b", &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_BUSY);
  g_clear_error (&error);
  sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);

  /* a reader keeps a commit waiting; afterwards nothing is left half done */
  g_assert_cmpint (sqlite3_exec (db, "BEGIN; SELECT * FROM setting", NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_false (cyt_project_set_setting (project, "a", "b", &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_BUSY);
  g_clear_error (&error);
  sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
  g_assert_true (cyt_project_set_setting (project, "a", "b", &error));
  sqlite3_close (db);
}

/* Runs in a child: a limit on the size of files acts as a full disk does. */
static void
fill_disk (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_WRITE, &error);
  g_autofree char *note = g_strnfill (CYT_CONCEPT_MAX_NOTE, 'n');
  g_autoptr (GPtrArray) edits = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  struct rlimit limit = { 0 };
  struct stat st;

  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &st), ==, 0);
  limit.rlim_cur = limit.rlim_max = st.st_size;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_ptr_array_add (edits, make_concept (2, "too much", "", CYT_CONCEPT_CONFIRMED, note));
  if (cyt_project_set_concepts (project, edits, "r", "edit", NULL, &error))
    _exit (10);
  if (!g_error_matches (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NO_SPACE))
    {
      g_printerr ("%s\n", error->message);
      _exit (11);
    }
  g_clear_error (&error);
  /* and the connection still works */
  {
    g_autoptr (GPtrArray) list = cyt_project_list_concepts (project, &error);

    _exit (list != NULL && list->len == 1 ? 0 : 12);
  }
}

static void
test_full_disk (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) edits = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  g_autoptr (GPtrArray) list = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  CytProject *project = cyt_test_create_project (f->path, 4);
  int status = -1;
  pid_t child;

  g_ptr_array_add (edits, make_concept (1, "kept", "", CYT_CONCEPT_PROPOSED, "also kept"));
  g_assert_true (cyt_project_set_concepts (project, edits, "r", "edit", NULL, &error));
  cyt_project_close (project);
  before = cyt_test_dump_project (f->path);
  child = fork ();
  if (child == 0)
    fill_disk (f->path);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  after = cyt_test_dump_project (f->path);
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpuint (count_entries (f->folder), ==, 1);
}

static void
read_only_child (const char *path, const char *other)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = NULL;
  CytProjectModel model = { (char *) "/m", (char *) "00", (char *) "{}" };

  if (geteuid () == 0 && (setegid (65534) != 0 || seteuid (65534) != 0))
    _exit (9);
  project = cyt_project_open (path, CYT_PROJECT_READ_WRITE, &error);
  if (project == NULL)
    _exit (10);
  if (!cyt_project_is_read_only (project))
    _exit (11);
  if (cyt_project_set_setting (project, "a", "b", &error)
      || !g_error_matches (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_READ_ONLY))
    _exit (12);
  g_clear_error (&error);
  if (cyt_project_create (other, &model, &model, 4, -2, &error)
      || !g_error_matches (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_READ_ONLY))
    _exit (13);
  _exit (0);
}

/* As an ordinary user: once the folder, once the file alone cannot be written. */
static void
test_read_only (Fixture *f, gconstpointer data)
{
  g_autofree char *other = g_build_filename (f->folder, "other.cytosae", NULL);
  int status = -1;
  pid_t child;

  cyt_project_close (cyt_test_create_project (f->path, 4));
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (chmod (f->folder, 0555), ==, 0);
      g_assert_cmpint (chmod (f->path, i == 0 ? 0666 : 0444), ==, 0);
      child = fork ();
      if (child == 0)
        read_only_child (f->path, other);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_cmpint (status, ==, 0);
    }
  g_assert_cmpint (chmod (f->folder, 0755), ==, 0);
}

/* A write that was cut off leaves a journal that has to be played back: by whoever may write. */
static void
test_hot_journal (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *journal = g_strconcat (f->path, "-journal", NULL);
  g_autoptr (CytProject) project = NULL;
  g_autofree char *value = NULL;
  int status;
  pid_t child;

  cyt_project_close (cyt_test_create_project (f->path, 4));
  child = fork ();
  if (child == 0)
    {
      sqlite3 *db = NULL;

      sqlite3_open (f->path, &db);
      sqlite3_exec (db, "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; "
                        "INSERT INTO setting VALUES ('a', hex (zeroblob (40000))), ('b', hex (zeroblob (40000)));"
                        "UPDATE project SET d_sae = 5; INSERT INTO setting VALUES ('c', hex (zeroblob (90000)))",
                    NULL, NULL, NULL);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (g_file_test (journal, G_FILE_TEST_EXISTS));

  g_assert_null (cyt_project_open (f->path, CYT_PROJECT_READ_ONLY, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_READ_ONLY);
  g_assert_nonnull (strstr (error->message, "cut off"));
  g_clear_error (&error);
  project = cyt_project_open (f->path, CYT_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cyt_project_get_d_sae (project), ==, 4);
  value = cyt_project_get_setting (project, "a", &error);
  g_assert_null (value);
  g_assert_false (g_file_test (journal, G_FILE_TEST_EXISTS));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/project/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("create", test_create_and_open);
  ADD ("odd-names", test_odd_names);
  ADD ("not-a-project", test_not_a_project);
  ADD ("foreign-schema", test_foreign_schema);
  ADD ("settings", test_settings);
  ADD ("datasets", test_datasets);
  ADD ("concepts", test_concepts);
  ADD ("busy", test_busy);
  ADD ("full-disk", test_full_disk);
  ADD ("read-only", test_read_only);
  ADD ("hot-journal", test_hot_journal);
  return g_test_run ();
}
