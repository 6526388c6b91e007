/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "io/cyt-error.h"
#include "project/cyt-labels-file.h"
#include "test-project-util.h"
#include "test-util.h"

#define D_SAE 64

typedef struct
{
  char *folder;
  CytProject *project;
  CytProject *other;
} Fixture;

static char *
in_folder (Fixture *f, const char *name)
{
  return g_build_filename (f->folder, name, NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *a = NULL;
  g_autofree char *b = NULL;

  f->folder = cyt_test_make_tmpdir ();
  a = in_folder (f, "a.cytosae");
  b = in_folder (f, "b.cytosae");
  f->project = cyt_test_create_project (a, D_SAE);
  f->other = cyt_test_create_project (b, D_SAE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_project_close (f->project);
  cyt_project_close (f->other);
  cyt_test_remove_tree (f->folder);
  g_free (f->folder);
}

static void
set_concept (CytProject *project, guint latent, const char *name, const char *category, CytConceptStatus status,
             const char *note, const char *rater)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  g_autoptr (GError) error = NULL;
  CytConcept *concept = cyt_concept_new (latent);

  g_free (concept->name);
  g_free (concept->category);
  g_free (concept->note);
  concept->name = g_strdup (name);
  concept->category = g_strdup (category);
  concept->note = g_strdup (note);
  concept->status = status;
  if (*name)
    {
      g_free (concept->tags);
      concept->tags = cyt_concept_normalize_tags ("granule; b, c;; granule ");
      concept->confidence = latent % 4 == 1 ? CYT_CONCEPT_CONFIDENCE_MEDIUM : latent % 4;
    }
  g_ptr_array_add (list, concept);
  cyt_project_set_concepts (project, list, rater, "edit", NULL, &error);
  g_assert_no_error (error);
}

static const char *const texts[] = {
  "Auer rods",
  "comma, \"quotes\", semi;colon",
  "two\nlines",
  "dos\r\nlines and a lone \r",
  "=HYPERLINK(\"http://x\")",
  "+1", "-2", "@x", "\tTab first", " spaces around ", "'",
  "🔬 細胞 größe",
  "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe2\x80\x8f" "rtl",
  "back\\slash / slash \\u0041 \x01\x1f\x7f",
  "NULL", "nan", "[{(", "\xef\xbb\xbf" "bom",
};

static void
fill (CytProject *project)
{
  g_autofree char *note = g_strnfill (CYT_CONCEPT_MAX_NOTE, ',');

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    set_concept (project, 2 * i, texts[i], texts[(i + 1) % G_N_ELEMENTS (texts)], i % 5,
                 texts[(i + 2) % G_N_ELEMENTS (texts)], texts[(i + 3) % G_N_ELEMENTS (texts)]);
  set_concept (project, D_SAE - 1, "long", "", CYT_CONCEPT_ARTEFACT, note, "r");
  /* edited, then emptied again */
  set_concept (project, 41, "x", "", CYT_CONCEPT_UNREVIEWED, "", "r");
  set_concept (project, 41, "", "", CYT_CONCEPT_UNREVIEWED, "", "");
}

static void
test_round_trip (Fixture *f, gconstpointer data)
{
  const char *name = data;
  g_autofree char *path = in_folder (f, name);
  g_autofree char *again = g_strconcat (f->folder, "/again-", name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) a = NULL;
  g_autoptr (GPtrArray) b = NULL;
  g_autoptr (GPtrArray) changes = NULL;
  gsize n_labels = 0, n_read = 0, n_changed = 0;
  struct stat st;

  fill (f->project);
  g_assert_true (cyt_labels_file_export (f->project, path, &n_labels, &error));
  g_assert_no_error (error);
  a = cyt_project_list_concepts (f->project, &error);
  g_assert_cmpuint (n_labels, ==, a->len);
  g_assert_cmpint (g_stat (path, &st), ==, 0);

  g_assert_true (cyt_labels_file_import (f->other, path, NULL, &n_read, &n_changed, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_read, ==, n_labels);
  g_assert_cmpuint (n_labels, ==, G_N_ELEMENTS (texts) + 1); /* not the emptied one */
  g_assert_cmpuint (n_changed, ==, n_labels);
  b = cyt_project_list_concepts (f->other, &error);
  g_assert_cmpuint (b->len, ==, n_changed);
  for (guint i = 0; i < a->len; i++)
    {
      const CytConcept *x = a->pdata[i], *y = b->pdata[i];

      g_assert_cmpuint (x->latent, ==, y->latent);
      g_assert_true (cyt_concept_diff (x, y) == 0);
      g_assert_cmpstr (x->rater, ==, y->rater);
    }
  changes = cyt_project_list_changes (f->other, -1, &error);
  for (guint i = 0; i < changes->len; i++)
    {
      g_autofree char *what = g_strconcat ("import ", name, NULL);

      g_assert_cmpint (((CytConceptChange *) changes->pdata[i])->edit, ==, 1);
      g_assert_cmpstr (((CytConceptChange *) changes->pdata[i])->what, ==, what);
    }

  /* once more: nothing changes */
  g_assert_true (cyt_labels_file_import (f->other, path, "somebody", &n_read, &n_changed, &error));
  g_assert_cmpuint (n_changed, ==, 0);

  /* over a file that is there, and from there back */
  g_assert_true (cyt_labels_file_export (f->other, again, NULL, &error));
  g_assert_true (cyt_labels_file_export (f->other, again, NULL, &error));
  g_assert_true (cyt_labels_file_import (f->project, again, NULL, &n_read, &n_changed, &error));
  g_assert_cmpuint (n_changed, ==, 0);
}

static void
test_text (Fixture *f, gconstpointer data)
{
  g_autofree char *path = in_folder (f, "l.csv");
  g_autofree char *json = in_folder (f, "l.json");
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;

  set_concept (f->project, 5, "a, b", "granule", CYT_CONCEPT_CONFIRMED, "say \"x\"", "Dr. A");
  g_assert_true (cyt_labels_file_export (f->project, path, NULL, &error));
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  lines = g_strsplit (content, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_cmpstr (lines[0], ==, "latent,name,category,status,confidence,tags,note,rater,edited_at");
  g_assert_true (g_str_has_prefix (lines[1], "5,\"a, b\",granule,confirmed,medium,\"b, c;granule\",\"say \"\"x\"\"\",Dr. A,20"));
  g_assert_true (g_regex_match_simple (",\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$", lines[1], 0, 0));
  g_free (content);
  g_assert_true (cyt_labels_file_export (f->project, json, NULL, &error));
  g_assert_true (g_file_get_contents (json, &content, NULL, NULL));
  g_assert_nonnull (strstr (content, "\"format\" : \"cytosae-labels\""));
  g_assert_nonnull (strstr (content, "\"sae_sha256\" : \"bbbb"));
  g_assert_nonnull (strstr (content, "\"old_value\" : \"unreviewed\""));
}

static void
write_file (const char *path, const char *content)
{
  g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

/* What is not in the file stays as it is. */
static void
test_partial (Fixture *f, gconstpointer data)
{
  g_autofree char *csv = in_folder (f, "x.csv");
  g_autofree char *json = in_folder (f, "x.JSON");
  g_autoptr (GError) error = NULL;
  g_autoptr (CytConcept) three = NULL;
  g_autoptr (CytConcept) four = NULL;
  gsize n_read, n_changed;

  set_concept (f->project, 3, "old", "cat", CYT_CONCEPT_PROPOSED, "note", "a");
  set_concept (f->project, 4, "old", "cat", CYT_CONCEPT_PROPOSED, "note", "a");
  write_file (csv, "\xef\xbb\xbfName,other,LATENT,status,note\r\nnew,?, 3 ,,\r\nshort,?,4\r\n");
  g_assert_true (cyt_labels_file_import (f->project, csv, "me", &n_read, &n_changed, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_read, ==, 2);
  g_assert_cmpuint (n_changed, ==, 2);
  three = cyt_project_get_concept (f->project, 3, &error);
  g_assert_cmpstr (three->name, ==, "new");
  g_assert_cmpstr (three->category, ==, "cat");
  g_assert_cmpstr (three->note, ==, "");
  g_assert_cmpint (three->status, ==, CYT_CONCEPT_PROPOSED);
  g_assert_cmpstr (three->rater, ==, "me");
  four = cyt_project_get_concept (f->project, 4, &error);
  g_assert_cmpstr (four->name, ==, "short");
  g_assert_cmpstr (four->note, ==, "note");
  write_file (json, "{\"format\": \"cytosae-labels\", \"version\": 1, \"labels\": [{\"latent\": 3, \"status\": \"confirmed\", "
                    "\"tags\": \"z; a\\na\", \"confidence\": \"high\"}]}");
  g_assert_true (cyt_labels_file_import (f->project, json, NULL, &n_read, &n_changed, &error));
  g_assert_no_error (error);
  g_clear_pointer (&three, cyt_concept_free);
  three = cyt_project_get_concept (f->project, 3, &error);
  g_assert_cmpstr (three->name, ==, "new");
  g_assert_cmpint (three->status, ==, CYT_CONCEPT_CONFIRMED);
  g_assert_cmpint (three->confidence, ==, CYT_CONCEPT_CONFIDENCE_HIGH);
  g_assert_cmpstr (three->tags, ==, "a;z");
  write_file (csv, "latent,name\n");
  g_assert_true (cyt_labels_file_import (f->project, csv, "me", &n_read, &n_changed, &error));
  g_assert_cmpuint (n_read, ==, 0);
}

#define HEAD "{\"format\": \"cytosae-labels\", \"version\": 1, \"labels\": "

static void
test_refused (Fixture *f, gconstpointer data)
{
  static const struct { const char *name, *content, *says; } bad[] = {
    { "x.csv", "name\nx\n", "latent" },
    { "x.csv", "latent,latent\n1,2\n", "latent" },
    { "x.csv", "latent,name\n1,good\n64,x\n", "line 3: latent 64" },
    { "x.csv", "latent,name\n1,good\n-1,x\n", "line 3" },
    { "x.csv", "latent,name\n1,good\n1.5,x\n", "line 3" },
    { "x.csv", "latent,name\n1,good\n,x\n", "line 3" },
    { "x.csv", "latent,name\n1,good\n99999999999999999999,x\n", "line 3" },
    { "x.csv", "latent,name\n1,\"a\nb\"\n1,x\n", "line 4: latent 1 stands there" },
    { "x.csv", "latent,status\n1,confirmed\n2,Sure\n", "line 3: status \"Sure\"" },
    { "x.csv", "latent,confidence\n1,low\n2,3\n", "line 3: confidence \"3\"" },
    { "x.csv", "latent,name\n1,good\n2,\"open", "" },
    { "x.csv", "", "" },
    { "x.txt", "latent,name\n1,good\n", ".csv or .json" },
    { "x.json", "", "" },
    { "x.json", "[]", "not a file of labels" },
    { "x.json", "{}", "not a file of labels" },
    { "x.json", "{\"format\": \"cytosae-labels\", \"version\": 2, \"labels\": []}", "version" },
    { "x.json", HEAD "[{\"latent\": 1, \"name\": \"good\"}, {\"name\": \"x\"}]}", "labels[1]" },
    { "x.json", HEAD "[{\"latent\": 1, \"name\": \"good\"}, {\"latent\": \"2\"}]}", "labels[1]" },
    { "x.json", HEAD "[{\"latent\": 1, \"name\": \"good\"}, {\"latent\": 2.5}]}", "labels[1]" },
    { "x.json", HEAD "[{\"latent\": 1, \"name\": \"good\"}, {\"latent\": 64}]}", "labels[1]: latent 64" },
    { "x.json", HEAD "[{\"latent\": 1, \"name\": \"good\"}, {\"latent\": 1}]}", "labels[1]: latent 1 stands" },
    { "x.json", HEAD "[{\"latent\": 1, \"name\": \"good\"}, {\"latent\": 2, \"name\": 7}]}", "\"name\"" },
    { "x.json", HEAD "[{\"latent\": 1, \"name\": \"good\"}, null]}", "labels[1]" },
    { "x.json", HEAD "[{\"latent\": 1, \"name\": \"a\\u0000b\"}]}", "NUL" },
    { "x.json", HEAD "[{\"latent\": 1 /* \" */, \"name\": \"b\"}]}", "not JSON" },
    { "x.json", HEAD "[{\"latent\": 1, \"name\": \"good\"}", "not JSON" },
    { "x.json", HEAD "[{\"latent\": 1, \"name\": \"\xff\"}]}", "UTF-8" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = in_folder (f, bad[i].name);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) list = NULL;

      g_test_message ("case %u", i);
      write_file (path, bad[i].content);
      g_assert_false (cyt_labels_file_import (f->project, path, NULL, NULL, NULL, &error));
      g_assert_true (error->domain == CYT_TABLE_ERROR);
      g_assert_nonnull (strstr (error->message, bad[i].says));
      g_assert_nonnull (strstr (error->message, bad[i].name));
      g_assert_null (strchr (error->message, '\n'));
      list = cyt_project_list_concepts (f->project, NULL);
      g_assert_cmpuint (list->len, ==, 0);
    }
}

static void
test_refused_files (Fixture *f, gconstpointer data)
{
  g_autofree char *deep = in_folder (f, "deep.json");
  g_autofree char *other = in_folder (f, "other.json");
  g_autofree char *long_name = in_folder (f, "long.csv");
  g_autofree char *folder = in_folder (f, "folder.csv");
  g_autofree char *brackets = g_strnfill (1000000, '[');
  g_autofree char *name = g_strnfill (CYT_CONCEPT_MAX_NAME + 1, 'x');
  g_autofree char *row = g_strdup_printf ("latent,name\n1,good\n2,%s\n", name);
  g_autoptr (GError) error = NULL;

  write_file (deep, brackets);
  g_assert_false (cyt_labels_file_import (f->project, deep, NULL, NULL, NULL, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT);
  g_clear_error (&error);
  write_file (other, "{\"format\": \"cytosae-labels\", \"version\": 1, \"sae_sha256\": \"00ff\", \"labels\": []}");
  g_assert_false (cyt_labels_file_import (f->project, other, NULL, NULL, NULL, &error));
  g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH);
  g_clear_error (&error);
  write_file (long_name, row);
  g_assert_false (cyt_labels_file_import (f->project, long_name, NULL, NULL, NULL, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, "line 3"));
  g_clear_error (&error);
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  g_assert_false (cyt_labels_file_import (f->project, folder, NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (cyt_labels_file_export (f->project, folder, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (cyt_labels_file_export (f->project, "/no/such/folder/x.csv", NULL, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, func) g_test_add ("/labels-file/" name, Fixture, data, set_up, func, tear_down)
  ADD ("round-trip/csv", "labels, 1.csv", test_round_trip);
  ADD ("round-trip/json", "größe.json", test_round_trip);
  ADD ("text", NULL, test_text);
  ADD ("partial", NULL, test_partial);
  ADD ("refused", NULL, test_refused);
  ADD ("refused/files", NULL, test_refused_files);
  return g_test_run ();
}
