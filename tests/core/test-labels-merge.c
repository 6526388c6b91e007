/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "project/cyt-labels-merge.h"
#include "test-project-util.h"
#include "test-util.h"

#define D_SAE 600

typedef struct
{
  char *folder;
  CytProject *project;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *path = NULL;

  f->folder = cyt_test_make_tmpdir ();
  path = g_build_filename (f->folder, "p.cytosae", NULL);
  f->project = cyt_test_create_project (path, D_SAE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cyt_project_close (f->project);
  cyt_test_remove_tree (f->folder);
  g_free (f->folder);
}

static char *
write_file (Fixture *f, const char *name, const char *content)
{
  char *path = g_build_filename (f->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
  return path;
}

static void
set_base (Fixture *f, guint latent, const char *name, CytConceptStatus status, const char *note)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_concept_free);
  g_autoptr (GError) error = NULL;
  CytConcept *concept = cyt_concept_new (latent);

  g_free (concept->name);
  g_free (concept->note);
  concept->name = g_strdup (name);
  concept->note = g_strdup (note);
  concept->status = status;
  g_ptr_array_add (list, concept);
  cyt_project_set_concepts (f->project, list, "Base", "edit", NULL, &error);
  g_assert_no_error (error);
}

static CytLabelsMerge *
merge_files (Fixture *f, const char *a, const char *b)
{
  g_autofree char *path_a = write_file (f, "a.csv", a);
  g_autofree char *path_b = b ? write_file (f, "b.csv", b) : NULL;
  g_autoptr (GError) error = NULL;
  CytLabelsMerge *merge = cyt_labels_merge_new (f->project, (const char *const[]) { path_a, path_b, NULL }, &error);

  g_assert_no_error (error);
  return merge;
}

static CytMergeItem *
find_item (CytLabelsMerge *merge, guint latent, CytConceptFields field)
{
  for (guint i = 0; i < merge->items->len; i++)
    {
      CytMergeItem *item = merge->items->pdata[i];

      if (item->latent == latent && item->field == field)
        return item;
    }
  return NULL;
}

static void
assert_item (CytLabelsMerge *merge, guint latent, CytConceptFields field, CytMergeKind kind, const char *result)
{
  const CytMergeItem *item = find_item (merge, latent, field);

  g_assert_nonnull (item);
  g_assert_cmpint (item->kind, ==, kind);
  g_assert_cmpstr (cyt_merge_item_get_result (item), ==, result);
}

/* Every kind of case, by hand. */
static void
test_kinds (Fixture *f, gconstpointer data)
{
  g_autoptr (CytLabelsMerge) merge = NULL;

  set_base (f, 3, "rods", CYT_CONCEPT_PROPOSED, "seen");
  set_base (f, 4, "same", CYT_CONCEPT_UNREVIEWED, "");
  merge = merge_files (f,
                       "latent,name,status,confidence,tags,note,rater\n"
                       "1,granules,confirmed,high,b;a,,Anna\n"
                       "2,only Anna,,,,,Anna\n"
                       "3,Auer rods,proposed,,,,Anna\n"
                       "4,same,,,,first,Anna\n"
                       "6,,unreviewed,,,,Anna\n",
                       "latent,name,status,confidence,tags,note,rater\n"
                       "1,granules,rejected,high,a;c,,Bert\n"
                       "4,same,,,,second,Bert\n"
                       "3,,,,,,Bert\n"
                       "5,only Bert,,,,,Bert\n");
  g_assert_cmpuint (merge->n_sides, ==, 2);
  g_assert_cmpstr (merge->names[1], ==, "b.csv");
  g_assert_cmpstr (merge->raters[0], ==, "Anna");
  assert_item (merge, 1, CYT_CONCEPT_FIELD_NAME, CYT_MERGE_AGREEMENT, "granules");
  assert_item (merge, 1, CYT_CONCEPT_FIELD_STATUS, CYT_MERGE_CONFLICT, "");
  assert_item (merge, 1, CYT_CONCEPT_FIELD_CONFIDENCE, CYT_MERGE_AGREEMENT, "high");
  assert_item (merge, 1, CYT_CONCEPT_FIELD_TAGS, CYT_MERGE_ADDITION, "a;b;c");
  g_assert_null (find_item (merge, 1, CYT_CONCEPT_FIELD_NOTE));
  assert_item (merge, 2, CYT_CONCEPT_FIELD_NAME, CYT_MERGE_ADDITION, "only Anna");
  /* the project is a side too; what is empty removes nothing */
  assert_item (merge, 3, CYT_CONCEPT_FIELD_NAME, CYT_MERGE_CONFLICT, "rods");
  g_assert_null (find_item (merge, 3, CYT_CONCEPT_FIELD_STATUS));
  g_assert_null (find_item (merge, 3, CYT_CONCEPT_FIELD_NOTE));
  g_assert_null (find_item (merge, 4, CYT_CONCEPT_FIELD_NAME));
  assert_item (merge, 4, CYT_CONCEPT_FIELD_NOTE, CYT_MERGE_CONFLICT, "");
  assert_item (merge, 5, CYT_CONCEPT_FIELD_NAME, CYT_MERGE_ADDITION, "only Bert");
  g_assert_null (find_item (merge, 6, CYT_CONCEPT_FIELD_STATUS));
  g_assert_cmpuint (merge->items->len, ==, 8);
  g_assert_cmpuint (merge->n_kind[CYT_MERGE_ADDITION], ==, 3);
  g_assert_cmpuint (merge->n_kind[CYT_MERGE_AGREEMENT], ==, 2);
  g_assert_cmpuint (merge->n_kind[CYT_MERGE_CONFLICT], ==, 3);
  g_assert_cmpuint (merge->n_same, ==, 2); /* status of 3, name of 4 */
}

static const CytLabel *
find_label (GPtrArray *labels, guint latent)
{
  for (guint i = 0; i < labels->len; i++)
    if (((CytLabel *) labels->pdata[i])->concept->latent == latent)
      return labels->pdata[i];
  return NULL;
}

static void
test_choices (Fixture *f, gconstpointer data)
{
  g_autoptr (CytLabelsMerge) merge = NULL;
  g_autoptr (GPtrArray) labels = NULL, stored = NULL, changes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *what = NULL;
  CytMergeItem *status, *note;
  gsize n_changed = 0;

  set_base (f, 3, "rods", CYT_CONCEPT_PROPOSED, "seen");
  merge = merge_files (f, "latent,name,status,note,rater\n1,x,confirmed,,Anna\n3,Auer rods,,one,Anna\n7,,,,Anna\n",
                       "latent,name,status,note,rater\n1,x,rejected,,Bert\n3,,,two,Bert\n8,y,,,Bert\n");
  status = find_item (merge, 1, CYT_CONCEPT_FIELD_STATUS);
  note = find_item (merge, 3, CYT_CONCEPT_FIELD_NOTE);
  g_assert_true (cyt_merge_item_allows (status, 1));
  g_assert_false (cyt_merge_item_allows (status, 2));
  g_assert_false (cyt_merge_item_allows (status, CYT_MERGE_COMBINE));
  g_assert_false (cyt_merge_item_allows (find_item (merge, 3, CYT_CONCEPT_FIELD_NAME), 1));
  g_assert_true (cyt_merge_item_allows (note, CYT_MERGE_COMBINE));
  status->choice = 1;
  note->choice = CYT_MERGE_COMBINE;

  labels = cyt_labels_merge_dup_labels (merge);
  what = cyt_labels_merge_dup_what (merge);
  g_assert_cmpuint (labels->len, ==, 3);
  g_assert_cmpint (find_label (labels, 1)->fields, ==, CYT_CONCEPT_FIELD_NAME | CYT_CONCEPT_FIELD_STATUS);
  g_assert_cmpstr (find_label (labels, 1)->concept->rater, ==, ""); /* of both */
  g_assert_cmpint (find_label (labels, 3)->fields, ==, CYT_CONCEPT_FIELD_NOTE);
  g_assert_cmpstr (find_label (labels, 8)->concept->rater, ==, "Bert");
  cyt_project_set_labels (f->project, labels, "Carla", what, &n_changed, &stored, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_changed, ==, 3);
  g_assert_cmpint (((CytConcept *) stored->pdata[0])->status, ==, CYT_CONCEPT_REJECTED);
  g_assert_cmpstr (((CytConcept *) stored->pdata[0])->rater, ==, "Carla");
  g_assert_cmpstr (((CytConcept *) stored->pdata[1])->name, ==, "rods");
  g_assert_cmpstr (((CytConcept *) stored->pdata[1])->note, ==, "seen\none\ntwo");
  changes = cyt_project_list_changes (f->project, 8, &error);
  g_assert_cmpstr (((CytConceptChange *) changes->pdata[0])->what, ==, "merge a.csv, b.csv");
  g_assert_cmpstr (((CytConceptChange *) changes->pdata[0])->rater, ==, "Bert");
}

/* Against NumPy, on files of many values, some rare, in which half of the latents occur in both. */
static void
test_kappa (Fixture *f, gconstpointer data)
{
  static const char *const statuses[] = { "unreviewed", "proposed", "confirmed", "rejected", "artefact" };
  static const CytConceptFields fields[] = { CYT_CONCEPT_FIELD_STATUS, CYT_CONCEPT_FIELD_NAME, CYT_CONCEPT_FIELD_CATEGORY };
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  g_autoptr (GString) a = g_string_new ("latent,name,category,status\n"), b = g_string_new (a->str);
  g_autofree char *npy = g_build_filename (f->folder, "kappa.npy", NULL);
  g_autofree char *path_a = g_build_filename (f->folder, "a.csv", NULL);
  g_autofree char *path_b = g_build_filename (f->folder, "b.csv", NULL);
  g_autofree float *expected = NULL;
  g_autoptr (CytLabelsMerge) merge = NULL;
  CytTensorInfo info;

  for (guint k = 0; k < D_SAE; k++)
    {
      guint kind = g_rand_int_range (rand, 0, 7), other = g_rand_int_range (rand, 0, 4) ? kind : kind / 2;

      if (g_rand_int_range (rand, 0, 3) > 0)
        g_string_append_printf (a, "%u,%s%u,one,%s\n", k, kind == 0 ? "" : "Größe ", kind, statuses[kind % 5]);
      if (g_rand_int_range (rand, 0, 3) > 0)
        g_string_append_printf (b, "%u, %s%u,one,%s\n", k, other == 0 ? "" : "GRÖßE ", other, statuses[other % 5]);
    }
  merge = merge_files (f, a->str, b->str);
  cyt_test_run_reference ("kappa.py", npy, path_a, path_b, "status", "name", "category", NULL);
  expected = cyt_test_load_npy (npy, &info);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      CytAgreement agreement;

      cyt_labels_merge_get_agreement (merge, 0, 1, fields[i], &agreement);
      g_assert_cmpuint (agreement.n, >, 100);
      g_assert_cmpuint (agreement.n, ==, (gsize) expected[3 * i]);
      g_assert_cmpuint (agreement.n_equal, ==, (gsize) expected[3 * i + 1]);
      if (isnan (expected[3 * i + 2]))
        g_assert_true (isnan (agreement.kappa));
      else
        g_assert_true (fabs (agreement.kappa - expected[3 * i + 2]) <= 1e-6);
    }
}

static void
test_no_agreement (Fixture *f, gconstpointer data)
{
  g_autoptr (CytLabelsMerge) merge = merge_files (f, "latent,name\n1,x\n", "latent,name\n2,x\n");
  CytAgreement agreement;

  cyt_labels_merge_get_agreement (merge, 0, 1, CYT_CONCEPT_FIELD_NAME, &agreement);
  g_assert_cmpuint (agreement.n, ==, 0);
  g_assert_true (isnan (agreement.kappa) && isnan (agreement.observed));
}

static void
test_bad_file (Fixture *f, gconstpointer data)
{
  g_autofree char *good = write_file (f, "good.csv", "latent,name\n1,x\n");
  g_autofree char *bad = write_file (f, "bad.csv", "latent,name\n1,x\n600,y\n");
  g_autoptr (GError) error = NULL;

  g_assert_null (cyt_labels_merge_new (f->project, (const char *const[]) { good, bad, NULL }, &error));
  g_assert_nonnull (strstr (error->message, "bad.csv: line 3: latent 600"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/labels-merge/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("kinds", test_kinds);
  ADD ("choices", test_choices);
  ADD ("kappa", test_kappa);
  ADD ("no-agreement", test_no_agreement);
  ADD ("bad-file", test_bad_file);
  return g_test_run ();
}
