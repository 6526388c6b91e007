/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of a sweep. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "analysis/cyt-sweep-table.h"
#include "io/cyt-error.h"
#include "test-util.h"

static void
test_table (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir (), *path = g_build_filename (dir, "sweep.csv", NULL), *text = NULL;
  g_autofree char *json = g_build_filename (dir, "sweep.json", NULL);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_sweep_row_free);
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (GError) error = NULL;
  const CytSweepImages images = { TRUE, 90, 10, 0 };
  CytSweepRow *row = cyt_sweep_row_new ();
  const CytSweepRow *other;

  g_assert_true (isnan (row->stability) && isnan (row->f1) && row->seed == 0);
  row->variant = CYT_TRAIN_JUMPRELU;
  row->sparsity = 8e-5;
  row->expansion = 0.5;
  row->seed = 42;
  row->d_sae = 96;
  g_free (row->sae);
  row->sae = g_strdup ("a, \"b\"/sae_weights.safetensors");
  row->explained = -0.25;
  row->dead_share = 1;
  g_ptr_array_add (rows, row);
  g_assert_true (cyt_sweep_table_write_csv (rows, path, &error));
  g_assert_true (cyt_sweep_table_write_json (rows, &images, json, &error));
  g_assert_no_error (error);
  again = cyt_sweep_table_read_csv (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->len, ==, 1);
  other = again->pdata[0];
  g_assert_true (other->variant == CYT_TRAIN_JUMPRELU && other->sparsity == 8e-5 && other->expansion == 0.5 && other->seed == 42 && other->d_sae == 96);
  g_assert_true (other->explained == -0.25 && other->dead_share == 1 && isnan (other->l0) && isnan (other->f1));
  g_assert_cmpstr (other->sae, ==, row->sae);
  g_assert_true (g_file_get_contents (json, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"simulated\" : true"));
  g_assert_nonnull (strstr (text, "\"n_held_out\" : 10"));
  g_assert_nonnull (strstr (text, "\"variant\" : \"jumprelu\""));
  g_assert_nonnull (strstr (text, "\"l0\" : null"));
  cyt_test_remove_tree (dir);
}

static void
test_bad_tables (void)
{
  static const struct { const char *text; int code; const char *says; } cases[] = {
    { "", CYT_TABLE_ERROR_FORMAT, "sweep.csv" },
    { "variant,sparsity,expansion,seed\nrelu,1,2,3\n", CYT_TABLE_ERROR_COLUMN, "latents" },
    { "variant,sparsity,expansion,seed,latents\n", CYT_TABLE_ERROR_EMPTY, "no row" },
    { "variant,sparsity,expansion,seed,latents\nrelu,1,,3,4\n", CYT_TABLE_ERROR_VALUE, "line 2: expansion" },
    { "variant,sparsity,expansion,seed,latents\nrelu,1,2,-3,4\n", CYT_TABLE_ERROR_VALUE, "line 2: seed" },
    { "variant,sparsity,expansion,seed,latents,l0\nrelu,1,2,3,4,nan\n", CYT_TABLE_ERROR_VALUE, "line 2: l0" },
    { "variant,sparsity,expansion,seed,latents,sparsity\nrelu,1,2,3,4,5\n", CYT_TABLE_ERROR_COLUMN, "sparsity" },
    { "variant,sparsity,expansion,seed,latents\nsoftmax,1,2,3,4\n", CYT_TABLE_ERROR_VALUE, "name of a variant" },
  };
  g_autofree char *dir = cyt_test_make_tmpdir (), *path = g_build_filename (dir, "sweep.csv", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, cases[i].text, -1, NULL));
      g_assert_null (cyt_sweep_table_read_csv (path, &error));
      g_test_message ("%s", error->message);
      if (i > 0)
        g_assert_error (error, CYT_TABLE_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].says));
    }
  cyt_test_remove_tree (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sweep/table", test_table);
  g_test_add_func ("/sweep/bad-tables", test_bad_tables);
  return g_test_run ();
}
