/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>

#include "analysis/cyt-suggestions.h"
#include "io/cyt-error.h"
#include "io/cyt-npy.h"
#include "io/cyt-numpy-random.h"
#include "project/cyt-project-attributes.h"
#include "project/cyt-project-measures.h"
#include "test-project-util.h"
#include "test-util.h"

#define N_CELLS 400
#define N_LATENTS 16
#define N_ATTRIBUTES 2

/* ---- Attributes of a table ---- */

static CytImageList *
read_table (const char *dir, const char *text)
{
  g_autofree char *path = g_build_filename (dir, "cells.csv", NULL);
  const char *args[] = { path, NULL };
  g_autoptr (GError) error = NULL;
  CytImageList *list;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  list = cyt_image_list_new (args, &error);
  g_assert_no_error (error);
  return list;
}

static void
assert_attribute (const CytImageList *list, guint number, const char *name, const char *values, const char *codes)
{
  const CytImageAttribute *attribute = list->attributes->pdata[number];
  g_autoptr (GString) found_values = g_string_new (NULL), found_codes = g_string_new (NULL);

  g_assert_cmpstr (attribute->name, ==, name);
  for (guint v = 0; v < attribute->values->len; v++)
    g_string_append_printf (found_values, "%s;", (char *) attribute->values->pdata[v]);
  for (guint i = 0; i < attribute->codes->len; i++)
    g_string_append_printf (found_codes, "%d ", (gint16) g_array_index (attribute->codes, guint16, i));
  g_assert_cmpstr (found_values->str, ==, values);
  g_assert_cmpstr (found_codes->str, ==, codes);
}

static void
test_table (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  g_autoptr (GString) many = g_string_new ("path,number,same\n");
  g_autoptr (CytImageList) list = NULL, numbers = NULL, real = NULL;
  g_autofree char *shared = cyt_test_shared_or_null ("cells/pbc/manifest.csv");

  list = read_table (dir, "path,label,granularity,source_repo,wbcatt_split,mask_path,Licence,patient_id,colour\n"
                          "a.jpg,x,yes,r1,train,m1,l1,p1,pink\n"
                          "b.jpg,y,,r2,test,m2,l2,p2,blue\n"
                          "c.jpg,x,no,r1,train,m3,l1,p3\n"
                          "d.jpg,x,yes,r1,val,m4,l1,p4,\"pink, pale\"\n");
  g_assert_cmpuint (list->attributes->len, ==, 2);
  assert_attribute (list, 0, "granularity", "no;yes;", "1 -1 0 1 ");
  assert_attribute (list, 1, "colour", "blue;pink;pink, pale;", "1 0 -1 2 ");
  for (guint i = 0; i < 100; i++)
    g_string_append_printf (many, "%u.jpg,%u,1\n", i, i);
  numbers = read_table (dir, many->str);
  g_assert_cmpuint (numbers->attributes->len, ==, 0);
  if (shared != NULL)
    {
      const char *args[] = { shared, NULL };

      real = cyt_image_list_new (args, NULL);
      g_assert_cmpuint (real->attributes->len, ==, 11);
      g_assert_cmpstr (((CytImageAttribute *) real->attributes->pdata[0])->name, ==, "cell_size");
      g_assert_cmpstr (((CytImageAttribute *) real->attributes->pdata[10])->name, ==, "granularity");
    }
  cyt_test_remove_tree (dir);
}

/* ---- Suggestions ---- */

/* Latents 0…4 know a value, more or less; 5 does on the first half alone; the others know nothing, and some fire seldom. */
typedef struct
{
  float *scores;        /* (N_CELLS, N_LATENTS) */
  guint8 *known, *half;
  GPtrArray *attributes;
  CytScoreTable *table;
} Example;

static void
example_init (Example *self)
{
  g_autofree float *noise = g_new (float, N_CELLS * N_LATENTS), *dice = g_new (float, N_CELLS * 4);
  g_autoptr (CytScoreRows) rows = cyt_score_rows_new (N_LATENTS);
  const char *names[] = { "first", "second" };
  const guint n_values[] = { 3, 2 };

  self->scores = g_new0 (float, N_CELLS * N_LATENTS);
  self->known = g_new (guint8, N_CELLS);
  self->half = g_new (guint8, N_CELLS);
  self->attributes = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_attribute_free);
  cyt_numpy_random (7, N_CELLS * N_LATENTS, noise);
  cyt_numpy_random (8, N_CELLS * 4, dice);
  for (guint a = 0; a < N_ATTRIBUTES; a++)
    {
      CytImageAttribute *attribute = cyt_image_attribute_new (names[a]);

      for (guint v = 0; v < n_values[a]; v++)
        g_ptr_array_add (attribute->values, g_strdup_printf ("value %u", v));
      for (guint i = 0; i < N_CELLS; i++)
        {
          guint16 code = dice[4 * i + 2] < 0.1 ? CYT_IMAGE_ATTRIBUTE_NONE : (guint16) (dice[4 * i + a] * n_values[a]);

          g_array_append_val (attribute->codes, code);
        }
      g_ptr_array_add (self->attributes, attribute);
    }
  for (guint i = 0; i < N_CELLS; i++)
    {
      CytCellLatents cell;

      self->known[i] = 1;
      self->half[i] = i % 2;
      cyt_cell_latents_init (&cell);
      for (guint k = 0; k < N_LATENTS; k++)
        {
          guint a = k % 2;
          guint16 code = g_array_index (((CytImageAttribute *) self->attributes->pdata[a])->codes, guint16, i);
          gboolean knows = code == k % n_values[a] && (k < 5 || (k == 5 && i % 2 == 0));
          float limit = k > 12 ? 0.985f : 0.4f;
          float score = noise[i * N_LATENTS + k] + (knows ? 0.9f - 0.1f * k : 0) - limit;

          if (score <= 0)
            continue;
          self->scores[i * N_LATENTS + k] = score;
          cyt_cell_latents_append (&cell, k, score, 1, 0, score);
        }
      cyt_score_rows_append (rows, &cell);
      cyt_cell_latents_clear (&cell);
    }
  self->table = cyt_score_rows_finish (rows);
}

static void
example_clear (Example *self)
{
  g_free (self->scores);
  g_free (self->known);
  g_free (self->half);
  g_ptr_array_unref (self->attributes);
  cyt_score_table_free (self->table);
}

static void
write_array (const char *dir, const char *name, const float *data, gint64 n_rows, gint64 n_columns)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  const gint64 shape[] = { n_rows, n_columns };
  g_autoptr (GError) error = NULL;
  g_autoptr (CytNpyWriter) writer = cyt_npy_writer_new (path, CYT_DTYPE_F32, n_columns > 0 ? 2 : 1, shape, &error);

  g_assert_no_error (error);
  g_assert_true (cyt_npy_writer_append (writer, data, n_rows * MAX (n_columns, 1), &error));
  g_assert_true (cyt_npy_writer_close (writer, &error));
}

static CytSuggestions *
compute (const Example *example)
{
  g_autoptr (CytParallel) parallel = cyt_parallel_new (2);
  g_autoptr (GError) error = NULL;
  CytSuggestions *suggestions = cyt_suggestions_compute (example->table, example->known, example->half, example->attributes,
                                                         42, parallel, NULL, NULL, &error);

  g_assert_no_error (error);
  return suggestions;
}

static void
test_reference (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir (), *path = g_build_filename (dir, "answer.csv", NULL);
  g_autofree float *codes = g_new (float, N_CELLS * N_ATTRIBUTES), *half = g_new (float, N_CELLS);
  g_autoptr (GString) answer = g_string_new ("latent,attribute,value,auprc,prevalence,bound,n_cells,n_positive\n");
  g_autoptr (CytSuggestions) suggestions = NULL;
  gboolean fifth = FALSE;
  Example example;

  example_init (&example);
  suggestions = compute (&example);
  g_assert_cmpuint (suggestions->n_values, ==, 5);
  for (guint i = 0; i < N_CELLS; i++)
    {
      half[i] = example.half[i];
      for (guint a = 0; a < N_ATTRIBUTES; a++)
        codes[i * N_ATTRIBUTES + a]
          = (gint16) g_array_index (((CytImageAttribute *) example.attributes->pdata[a])->codes, guint16, i);
    }
  for (guint i = 0; i < suggestions->suggestions->len; i++)
    {
      const CytSuggestion *s = &g_array_index (suggestions->suggestions, CytSuggestion, i);
      char auprc[G_ASCII_DTOSTR_BUF_SIZE], prevalence[G_ASCII_DTOSTR_BUF_SIZE], bound[G_ASCII_DTOSTR_BUF_SIZE];

      fifth |= s->latent >= 5;
      g_string_append_printf (answer, "%u,%u,%u,%s,%s,%s,%u,%u\n", s->latent, s->attribute, s->value,
                              g_ascii_dtostr (auprc, sizeof auprc, s->auprc),
                              g_ascii_dtostr (prevalence, sizeof prevalence, s->prevalence),
                              g_ascii_dtostr (bound, sizeof bound, s->bound), s->n_cells, s->n_positive);
    }
  g_assert_false (fifth); /* what it was chosen for does not hold on the other half */
  write_array (dir, "scores.npy", example.scores, N_CELLS, N_LATENTS);
  write_array (dir, "codes.npy", codes, N_CELLS, N_ATTRIBUTES);
  write_array (dir, "half.npy", half, N_CELLS, 0);
  g_assert_true (g_file_set_contents (path, answer->str, answer->len, NULL));
  cyt_test_run_reference ("suggestions.py", dir, NULL);
  example_clear (&example);
  cyt_test_remove_tree (dir);
}

/* Values dealt out at random suggest nothing. */
static void
test_nonsense (void)
{
  g_autoptr (CytSuggestions) suggestions = NULL;
  Example example;

  example_init (&example);
  for (guint a = 0; a < N_ATTRIBUTES; a++)
    {
      GArray *codes = ((CytImageAttribute *) example.attributes->pdata[a])->codes;
      g_autofree guint32 *order = g_new (guint32, N_CELLS);
      g_autofree guint16 *before = g_memdup2 (codes->data, N_CELLS * sizeof (guint16));

      cyt_numpy_permutation (1000 + a, N_CELLS, order);
      for (guint i = 0; i < N_CELLS; i++)
        g_array_index (codes, guint16, i) = before[order[i]];
    }
  suggestions = compute (&example);
  g_assert_cmpuint (suggestions->suggestions->len, ==, 0);
  memset (example.known, 0, N_CELLS);
  g_clear_pointer (&suggestions, cyt_suggestions_free);
  suggestions = compute (&example);
  g_assert_cmpuint (suggestions->n_cells, ==, 0);
  g_assert_cmpuint (suggestions->suggestions->len, ==, 0);
  example_clear (&example);
}

/* ---- In the project ---- */

static CytDataset *
add_dataset (CytProject *project, const char *dir, gsize n)
{
  g_autoptr (CytImageList) list = cyt_test_make_image_list (dir, n);
  g_autoptr (GError) error = NULL;
  CytDataset *dataset = cyt_project_add_dataset (project, "cells", "", 0.2, 10, list, &error);

  g_assert_no_error (error);
  return dataset;
}

static CytMeasures *
make_measures (const char *name, gsize n_latents)
{
  CytMeasures *m = g_new0 (CytMeasures, 1);
  const char *classes[] = { "a", "b", NULL }, *structures[] = { "nucleus", NULL };

  m->name = g_strdup (name);
  m->n_latents = n_latents;
  m->n_alive = n_latents - 1;
  m->n_images = 30;
  m->n_labelled = 20;
  m->n_masked = 10;
  m->l0 = 3.5;
  m->explained = 0.75;
  m->monosemanticity = NAN;
  m->monosemanticity_chance = 0.5;
  m->entropy = 1;
  m->purity = 0.5;
  m->cosine = -0.1;
  m->jaccard = 0.25;
  m->classes = g_strdupv ((char **) classes);
  m->structures = g_strdupv ((char **) structures);
  m->best_of_class = g_new (CytMeasuresBest, 2);
  m->best_of_class[0] = (CytMeasuresBest){ 2, 0.9, 0.8, 0.5, NAN };
  m->best_of_class[1] = (CytMeasuresBest){ -1, NAN, NAN, 0.5, NAN };
  m->best_of_structure = g_new (CytMeasuresBest, 1);
  m->best_of_structure[0] = (CytMeasuresBest){ 3, 0.7, 0.6, 0.2, 0.4 };
  m->ceiling = g_new (CytMeasuresBest, 1);
  m->ceiling[0] = (CytMeasuresBest){ -1, 0.99, 0.98, 0.2, 0.9 };
  m->rows = g_new (CytMeasuresRow, n_latents);
  for (gsize k = 0; k < n_latents; k++)
    {
      cyt_measures_row_clear (&m->rows[k]);
      if (k == 0)
        continue;
      m->rows[k].n_active = k;
      m->rows[k].frequency = k / 30.0;
      m->rows[k].best_class = k % 2;
      m->rows[k].auprc = 0.5;
      m->rows[k].prevalence = 0.25;
      m->rows[k].nearest = 1;
      m->rows[k].cosine = 0.125;
      m->rows[k].structure = k == 3 ? 0 : -1;
    }
  return m;
}

static void
test_project (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir (), *path = g_build_filename (dir, "p.cytosae", NULL), *embedding = NULL;
  g_autoptr (CytProject) project = cyt_test_create_project (path, N_LATENTS);
  g_autoptr (CytDataset) dataset = add_dataset (project, dir, N_CELLS);
  g_autoptr (CytSuggestions) suggestions = NULL;
  g_autoptr (GPtrArray) attributes = NULL, measures = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_measures_free);
  g_autoptr (GPtrArray) found = NULL, none = NULL, too_few = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_attribute_free);
  g_autoptr (GArray) all = NULL, one = NULL;
  CytMeasuresRow rows[N_LATENTS];
  gboolean measured;
  g_autoptr (GError) error = NULL;
  Example example;
  gint64 at;

  none = cyt_project_list_measures (project, dataset->id, &at, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpint (at, ==, 0);
  g_assert_true (cyt_project_load_measures_rows (project, dataset->id, rows, &measured, &error));
  g_assert_false (measured);

  example_init (&example);
  suggestions = compute (&example);
  g_assert_true (cyt_project_set_attributes (project, dataset->id, example.attributes, &error));
  g_assert_true (cyt_project_set_suggestions (project, dataset->id, suggestions->suggestions, &error));
  attributes = cyt_project_list_attributes (project, dataset->id, &error);
  g_assert_no_error (error);
  g_assert_true (cyt_image_attributes_equal (attributes, example.attributes));
  all = cyt_project_list_suggestions (project, dataset->id, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, suggestions->suggestions->len);
  g_assert_cmpuint (all->len, >, 0);
  for (guint i = 0; i < all->len; i++)
    {
      const CytSuggestion *a = &g_array_index (all, CytSuggestion, i);
      const CytSuggestion *b = &g_array_index (suggestions->suggestions, CytSuggestion, i);

      g_assert_true (a->latent == b->latent && a->attribute == b->attribute && a->value == b->value && a->auprc == b->auprc
                     && a->prevalence == b->prevalence && a->bound == b->bound && a->n_cells == b->n_cells
                     && a->n_positive == b->n_positive);
    }
  one = cyt_project_list_suggestions (project, dataset->id, N_LATENTS - 1, &error);
  g_assert_cmpuint (one->len, ==, 0);

  g_ptr_array_add (too_few, cyt_image_attribute_new ("short"));
  g_assert_false (cyt_project_set_attributes (project, dataset->id, too_few, &error));
  g_assert_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE);
  g_clear_error (&error);

  g_ptr_array_add (measures, make_measures ("sae", N_LATENTS));
  g_ptr_array_add (measures, make_measures ("random", 9));
  for (guint again = 0; again < 2; again++) /* the second replaces the first */
    g_assert_true (cyt_project_set_measures (project, dataset->id, measures, "an embedding", &error));
  found = cyt_project_list_measures (project, dataset->id, &at, &embedding, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, 2);
  g_assert_cmpstr (embedding, ==, "an embedding");
  g_assert_cmpint (at, >, 0);
  for (guint i = 0; i < 2; i++)
    {
      const CytMeasures *a = measures->pdata[i], *b = found->pdata[i];

      g_assert_cmpstr (a->name, ==, b->name);
      g_assert_cmpuint (a->n_latents, ==, b->n_latents);
      g_assert_true (isnan (b->monosemanticity) && b->l0 == 3.5 && b->cosine == -0.1);
      g_assert_true (g_strv_equal ((const char *const *) a->classes, (const char *const *) b->classes));
      g_assert_true (g_strv_equal ((const char *const *) a->structures, (const char *const *) b->structures));
      g_assert_true (b->best_of_class[0].latent == 2 && b->best_of_class[1].latent == -1 && isnan (b->best_of_class[1].scored)
                     && b->best_of_structure[0].overlap == 0.4 && b->ceiling[0].scored == 0.98);
    }
  g_assert_true (cyt_project_load_measures_rows (project, dataset->id, rows, &measured, &error));
  g_assert_true (measured);
  g_assert_cmpuint (rows[0].n_active, ==, 0);
  g_assert_true (isnan (rows[0].auprc));
  g_assert_true (rows[3].structure == 0 && rows[4].structure == -1 && rows[3].best_class == 1 && rows[5].cosine == 0.125);
  example_clear (&example);
  cyt_test_remove_tree (dir);
}

/* What other hands wrote is refused by name. */
static void
test_hostile (void)
{
  static const struct { const char *sql, *message; } cases[] = {
    { "UPDATE attribute SET codes = x'0102'", "codes have 2 bytes" },
    { "UPDATE attribute SET codes = zeroblob (length (codes)); DELETE FROM attribute_value WHERE number = 0", "number" },
    { "UPDATE attribute_value SET number = 9 WHERE number = 1 AND attribute = 1", "attribute_value" },
    { "UPDATE suggestion SET auprc = 7", "suggestion" },
    { "UPDATE suggestion SET latent = 4000000000 + latent", "suggestion" },
    { "UPDATE latent_measure SET structure = 5", "not measured" },
    { "UPDATE latent_measure SET best_class = 1000000", "not measured" },
    { "UPDATE latent_measure SET nearest = 99", "latent_measure" },
    { "UPDATE latent_measure SET cosine = 1e300", "latent_measure" },
    { "UPDATE measure SET n_alive = n_latents + 1", "measure" },
    { "UPDATE measure_best SET latent = 77", "measure_best" },
    { "DELETE FROM measure_best WHERE kind = 'ceiling'", "ceilings" },
  };

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      g_autofree char *dir = cyt_test_make_tmpdir (), *path = g_build_filename (dir, "p.cytosae", NULL);
      g_autoptr (CytProject) project = cyt_test_create_project (path, N_LATENTS);
      g_autoptr (CytDataset) dataset = add_dataset (project, dir, N_CELLS);
      g_autoptr (GPtrArray) measures = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_measures_free), list = NULL;
      g_autoptr (GPtrArray) attributes = NULL;
      g_autoptr (CytSuggestions) suggestions = NULL;
      g_autoptr (GArray) found = NULL;
      g_autoptr (GError) error = NULL;
      CytMeasuresRow rows[N_LATENTS];
      gboolean measured;
      sqlite3 *db = NULL;
      Example example;

      example_init (&example);
      suggestions = compute (&example);
      g_ptr_array_add (measures, make_measures ("sae", N_LATENTS));
      g_assert_true (cyt_project_set_attributes (project, dataset->id, example.attributes, NULL));
      g_assert_true (cyt_project_set_suggestions (project, dataset->id, suggestions->suggestions, NULL));
      g_assert_true (cyt_project_set_measures (project, dataset->id, measures, "", NULL));
      g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
      g_assert_cmpint (sqlite3_exec (db, cases[c].sql, NULL, NULL, NULL), ==, SQLITE_OK);
      sqlite3_close (db);
      if ((attributes = cyt_project_list_attributes (project, dataset->id, &error)) != NULL
          && (found = cyt_project_list_suggestions (project, dataset->id, -1, &error)) != NULL
          && (list = cyt_project_list_measures (project, dataset->id, NULL, NULL, &error)) != NULL)
        cyt_project_load_measures_rows (project, dataset->id, rows, &measured, &error);
      g_assert_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_CORRUPT);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[c].message));
      example_clear (&example);
      cyt_test_remove_tree (dir);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/suggestions/table", test_table);
  g_test_add_func ("/suggestions/reference", test_reference);
  g_test_add_func ("/suggestions/nonsense", test_nonsense);
  g_test_add_func ("/suggestions/project", test_project);
  g_test_add_func ("/suggestions/hostile", test_hostile);
  return g_test_run ();
}
