/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "io/cyt-error.h"
#include "io/cyt-hash.h"
#include "io/cyt-npy.h"
#include "test-util.h"

/* Checkpoints as PyTorch and NumPy write them, compared bit by bit with what those read. */

static CytCheckpoint *
open_checkpoint (const char *path)
{
  g_autoptr (GError) error = NULL;
  CytCheckpoint *checkpoint = cyt_checkpoint_open (path, &error);

  g_assert_no_error (error);
  return checkpoint;
}

/* Bit for bit, but for the payload of NaN. */
static gboolean
same_floats (const float *a, const float *b, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (memcmp (a + i, b + i, sizeof (float)) != 0 && !(isnan (a[i]) && isnan (b[i])))
      return FALSE;
  return TRUE;
}

/* Rows in uneven steps are the same as the whole. */
static void
check_rows (CytCheckpoint *checkpoint, const CytTensorInfo *info, const float *expected)
{
  gsize n_rows = info->n_dims > 0 ? info->shape[0] : 0, row_size = n_rows > 0 ? info->n_elements / n_rows : 0;
  g_autofree float *rows = g_new (float, MAX (info->n_elements, 1));
  g_autoptr (GError) error = NULL;

  for (gsize row = 0, step = 1; row < n_rows; row += step, step = step * 2 + 1)
    {
      step = MIN (step, n_rows - row);
      cyt_checkpoint_read_rows_f32 (checkpoint, info, row, step, rows + row * row_size, &error);
      g_assert_no_error (error);
    }
  g_assert_true (n_rows == 0 || same_floats (rows, expected, info->n_elements));
}

static char *
join_shape (const CytTensorInfo *info)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < info->n_dims; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "", info->shape[i]);
  return g_string_free (text, FALSE);
}

/* One file against its lines and bytes from dump_checkpoint.py. */
static void
compare (const char *path, const char *dump, guint number)
{
  g_autoptr (CytCheckpoint) checkpoint = open_checkpoint (path);
  g_autofree char *text_path = g_strdup_printf ("%s/%u.txt", dump, number);
  g_autofree char *data_path = g_strdup_printf ("%s/%u.bin", dump, number);
  g_autofree char *text = NULL;
  g_autofree char *data = NULL;
  g_auto (GStrv) lines = NULL;
  gsize at = 0, n_data = 0;
  guint n;

  g_test_message ("%s", path);
  g_assert_true (g_file_get_contents (text_path, &text, NULL, NULL));
  g_assert_true (g_file_get_contents (data_path, &data, &n_data, NULL));
  lines = g_strsplit (text, "\n", -1);
  n = *text != '\0' ? g_strv_length (lines) - 1 : 0;
  g_assert_cmpuint (cyt_checkpoint_get_n_tensors (checkpoint), ==, n);
  for (guint i = 0; i < n; i++)
    {
      const CytTensorInfo *info = cyt_checkpoint_get_tensor (checkpoint, i);
      g_auto (GStrv) fields = g_strsplit (lines[i], "\t", -1);
      g_autofree char *shape = join_shape (info);
      g_autofree guint8 *raw = NULL;
      g_autofree float *floats = NULL;
      g_autoptr (GError) error = NULL;
      gint64 n_raw, n_floats;

      g_assert_cmpuint (g_strv_length (fields), ==, 5);
      g_assert_cmpstr (info->name, ==, fields[0]);
      g_assert_true (cyt_checkpoint_find_tensor (checkpoint, fields[0]) == info);
      g_assert_cmpstr (cyt_dtype_get_name (info->dtype), ==, fields[1]);
      g_assert_cmpstr (shape, ==, fields[2]);
      n_raw = g_ascii_strtoll (fields[3], NULL, 10);
      n_floats = g_ascii_strtoll (fields[4], NULL, 10);
      g_assert_cmpint (info->n_elements * cyt_dtype_get_size (info->dtype), ==, n_raw);

      raw = g_malloc (n_raw + 1);
      cyt_checkpoint_read_raw (checkpoint, info, raw, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (raw, n_raw, data + at, n_raw);
      at += n_raw;

      floats = g_new (float, info->n_elements + 1);
      g_assert_true (cyt_checkpoint_read_f32 (checkpoint, info, floats, &error) == (n_floats >= 0));
      if (n_floats < 0)
        {
          g_assert_error (error, CYT_CHECKPOINT_ERROR, CYT_CHECKPOINT_ERROR_UNSUPPORTED);
          continue;
        }
      g_assert_true (same_floats (floats, (const float *) (data + at), info->n_elements));
      at += n_floats;
      check_rows (checkpoint, info, floats);
    }
  g_assert_cmpuint (at, ==, n_data);
}

static void
compare_tree (const char *path)
{
  g_autofree char *expected_path = g_strconcat (path, ".json", NULL);
  g_autofree char *expected = NULL;
  g_autofree char *found = NULL;
  g_autoptr (CytCheckpoint) checkpoint = NULL;

  if (!g_file_get_contents (expected_path, &expected, NULL, NULL))
    return;
  checkpoint = open_checkpoint (path);
  found = cyt_value_to_json (cyt_checkpoint_get_root (checkpoint));
  g_assert_cmpstr (found, ==, expected);
}

/* Every file of OUT/list. */
static void
compare_listed (const char *folder)
{
  g_autofree char *listing = g_build_filename (folder, "list", NULL);
  g_autofree char *dump = g_build_filename (folder, "dump", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_cmpint (g_mkdir (dump, 0700), ==, 0);
  cyt_test_run_reference ("dump_checkpoint.py", dump, listing, NULL);
  g_assert_true (g_file_get_contents (listing, &text, NULL, NULL));
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), >, 0);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) paths = g_strsplit (lines[i], "\t", 2);

      compare (paths[0], dump, i);
      compare_tree (paths[0]);
    }
}

static void
test_written (void)
{
  g_autofree char *folder = cyt_test_make_tmpdir ();

  cyt_test_run_reference ("make_checkpoints.py", folder, NULL);
  compare_listed (folder);
  cyt_test_remove_tree (folder);
}

static void
check_refused (const char *path, int code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCheckpoint) checkpoint = cyt_checkpoint_open (path, &error);

  g_test_message ("%s: %s", path, error != NULL ? error->message : "opened");
  g_assert_error (error, CYT_CHECKPOINT_ERROR, code);
  g_assert_null (checkpoint);
  g_assert_true (g_str_has_prefix (error->message, path));
  g_assert_nonnull (strstr (error->message, part));
}

static void
list_files (const char *folder, GString *listing)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_build_filename (folder, name, NULL));
  for (guint i = 0; i < names->len; i++)
    {
      const char *path = names->pdata[i];

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        list_files (path, listing);
      else if (g_str_has_suffix (path, ".tar"))
        check_refused (path, CYT_CHECKPOINT_ERROR_UNSUPPORTED, "before 0.1.10");
      else if (g_str_has_suffix (path, "broken.pt"))
        check_refused (path, CYT_CHECKPOINT_ERROR_FORMAT, "not a checkpoint");
      else if (g_regex_match_simple ("\\.(pt|pth|safetensors|npy|npz)$", path, 0, 0))
        g_string_append_printf (listing, "%s\n", path);
    }
}

/* The collection of other projects, and a model of our own. */
static void
test_shared (void)
{
  const char *const parts[] = { "checkpoints", "models" };
  g_autofree char *folder = NULL;
  g_autofree char *listing = NULL;
  g_autoptr (GString) paths = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *shared = cyt_test_shared (parts[i]);

      if (shared == NULL)
        return;
      list_files (shared, paths);
    }
  folder = cyt_test_make_tmpdir ();
  listing = g_build_filename (folder, "list", NULL);
  g_assert_true (g_file_set_contents (listing, paths->str, paths->len, NULL));
  compare_listed (folder);
  cyt_test_remove_tree (folder);
}

/* Files of PyTorch with a safetensors of the same weights beside them, as halves; those of mnist are of two
 * trainings of one model, and have only names and shapes in common. */
static void
test_same_weights (void)
{
  const struct
  {
    const char *torch;
    const char *safe;
    const char *prefix;
    double tolerance;
  } pairs[] = {
    { "checkpoints/burn_pytorch/mnist.pt", "checkpoints/burn_safetensors/mnist.safetensors", "", INFINITY },
    { "models/pbc-tiny/encoder.pth", "models/pbc-tiny/encoder.safetensors", "teacher.backbone.", 1e-5 },
    { "models/pbc-tiny/sae.pt", "models/pbc-tiny/sae/sae_weights.safetensors", "state_dict.", 1e-5 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *torch_path = cyt_test_shared (pairs[i].torch);
      g_autofree char *safe_path = torch_path != NULL ? cyt_test_shared (pairs[i].safe) : NULL;
      g_autoptr (CytCheckpoint) torch = NULL;
      g_autoptr (CytCheckpoint) safe = NULL;

      if (safe_path == NULL)
        return;
      torch = open_checkpoint (torch_path);
      safe = open_checkpoint (safe_path);
      g_assert_cmpuint (cyt_checkpoint_get_n_tensors (safe), >, 0);
      for (gsize t = 0; t < cyt_checkpoint_get_n_tensors (safe); t++)
        {
          const CytTensorInfo *a = cyt_checkpoint_get_tensor (safe, t);
          g_autofree char *name = g_strconcat (pairs[i].prefix, a->name, NULL);
          const CytTensorInfo *b = cyt_checkpoint_find_tensor (torch, name);
          g_autofree float *x = g_new (float, a->n_elements);
          g_autofree float *y = g_new (float, a->n_elements);

          g_assert_nonnull (b);
          g_assert_cmpuint (a->n_dims, ==, b->n_dims);
          g_assert_cmpmem (a->shape, a->n_dims * sizeof (gint64), b->shape, b->n_dims * sizeof (gint64));
          g_assert_true (cyt_checkpoint_read_f32 (safe, a, x, NULL));
          g_assert_true (cyt_checkpoint_read_f32 (torch, b, y, NULL));
          g_assert_true (cyt_test_nmse (x, y, a->n_elements) <= pairs[i].tolerance);
        }
    }
}

static void
test_record (void)
{
  g_autofree char *path = cyt_test_shared ("models/pbc-tiny/sae.pt");
  g_autoptr (CytCheckpoint) checkpoint = NULL;
  const CytValue *cfg;

  if (path == NULL)
    return;
  checkpoint = open_checkpoint (path);
  g_assert_cmpint (cyt_checkpoint_get_kind (checkpoint), ==, CYT_CHECKPOINT_TORCH_ZIP);
  cfg = cyt_value_lookup (cyt_checkpoint_get_root (checkpoint), "cfg");
  g_assert_cmpint (cyt_value_get_type_of (cfg), ==, CYT_VALUE_RECORD);
  g_assert_cmpstr (cyt_value_get_class_name (cfg), ==, "src.sae_training.config.ViTSAERunnerConfig");
  g_assert_cmpint (cyt_value_get_int (cyt_value_lookup (cfg, "d_sae")), ==, 3072);
  g_assert_cmpstr (cyt_value_get_string (cyt_value_lookup (cfg, "dtype")), ==, "torch.float32");
  g_assert_null (cyt_value_lookup (cfg, "missing"));
}

/* ---- Writing arrays ---- */

static void
test_npy_writer (void)
{
  static const CytDtype dtypes[] = { CYT_DTYPE_F64, CYT_DTYPE_F32, CYT_DTYPE_I64, CYT_DTYPE_I32, CYT_DTYPE_U16,
                                     CYT_DTYPE_U8 };
  g_autofree char *folder = cyt_test_make_tmpdir ();
  g_autofree char *listing = g_build_filename (folder, "list", NULL);
  g_autoptr (GString) paths = g_string_new (NULL);

  for (gsize d = 0; d < G_N_ELEMENTS (dtypes); d++)
    for (guint n_dims = 0; n_dims <= 3; n_dims++)
      {
        const gint64 shape[] = { 3, n_dims == 3 ? 0 : 2, 5 };
        g_autofree char *path = g_strdup_printf ("%s/%s-%u.npy", folder, cyt_dtype_get_name (dtypes[d]), n_dims);
        g_autofree char *part = g_strconcat (path, ".part", NULL);
        g_autofree guint8 *data = g_malloc (3 * 2 * 8);
        g_autoptr (CytNpyWriter) writer = NULL;
        g_autoptr (GError) error = NULL;
        gsize n = 1;

        for (guint i = 0; i < n_dims; i++)
          n *= shape[i];
        for (gsize i = 0; i < 48; i++)
          data[i] = 17 * i + d;
        writer = cyt_npy_writer_new (path, dtypes[d], n_dims, shape, &error);
        g_assert_no_error (error);
        for (gsize i = 0; i < n; i++)
          {
            cyt_npy_writer_append (writer, data + i * cyt_dtype_get_size (dtypes[d]), 1, &error);
            g_assert_no_error (error);
          }
        g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
        cyt_npy_writer_close (writer, &error);
        g_assert_no_error (error);
        g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
        g_string_append_printf (paths, "%s\n", path);
      }
  g_assert_true (g_file_set_contents (listing, paths->str, -1, NULL));
  compare_listed (folder); /* NumPy reads the same */
  cyt_test_remove_tree (folder);
}

static void
test_npy_writer_failures (void)
{
  g_autofree char *folder = cyt_test_make_tmpdir ();
  g_autofree char *path = g_build_filename (folder, "x.npy", NULL);
  g_autofree char *missing = g_build_filename (folder, "none", "x.npy", NULL);
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  g_autoptr (GError) error = NULL;
  const gint64 shape[] = { 1 << 20 };
  CytNpyWriter *writer;

  /* Given up halfway: nothing is left, and what was there stays. */
  g_assert_true (g_file_set_contents (path, "old", -1, NULL));
  writer = cyt_npy_writer_new (path, CYT_DTYPE_U8, 1, shape, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_test (part, G_FILE_TEST_EXISTS));
  g_assert_true (cyt_npy_writer_append (writer, "abc", 3, &error));
  cyt_npy_writer_free (writer);
  g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
  {
    g_autofree char *old = NULL;

    g_assert_true (g_file_get_contents (path, &old, NULL, NULL));
    g_assert_cmpstr (old, ==, "old");
  }

  g_assert_null (cyt_npy_writer_new (missing, CYT_DTYPE_U8, 1, shape, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, missing));
  g_clear_error (&error);
  g_assert_null (cyt_npy_writer_new (folder, CYT_DTYPE_U8, 1, shape, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_clear_error (&error);
  g_assert_null (cyt_npy_writer_new ("/dev/full", CYT_DTYPE_U8, 1, shape, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  cyt_test_remove_tree (folder);
}

/* ---- Hashes ---- */

static void
test_hash (void)
{
  g_autofree char *folder = cyt_test_make_tmpdir ();
  g_autofree char *cfg = g_build_filename (folder, "cfg.json", NULL);
  g_autofree char *weights = g_build_filename (folder, "sae_weights.safetensors", NULL);
  g_autofree char *together = g_build_filename (folder, "together", NULL);
  g_autofree char *missing = g_build_filename (folder, "missing", NULL);
  g_autofree char *of_folder = NULL;
  g_autofree char *of_file = NULL;
  g_autofree char *of_cfg = NULL;
  g_autofree char *text = g_strnfill (3 << 20, 'x');
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (cfg, "abc", 3, NULL));
  g_assert_null (cyt_hash_path (folder, NULL, &error)); /* the weights are missing */
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  of_cfg = cyt_hash_path (cfg, NULL, &error);
  g_assert_cmpstr (of_cfg, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); /* FIPS 180-2 */

  g_assert_true (g_file_set_contents (weights, text, -1, NULL));
  memcpy (text, "abc", 3);
  g_assert_true (g_file_set_contents (together, text, -1, NULL));
  {
    g_autofree char *all = g_strconcat ("abc", text, NULL);

    memset (all + 3, 'x', 3);
    g_assert_true (g_file_set_contents (together, all, -1, NULL));
  }
  of_folder = cyt_hash_path (folder, NULL, &error);
  of_file = cyt_hash_path (together, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (of_folder, ==, of_file);

  g_assert_null (cyt_hash_path (missing, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  g_cancellable_cancel (cancelled);
  g_assert_null (cyt_hash_path (together, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  cyt_test_remove_tree (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/checkpoint/written", test_written);
  g_test_add_func ("/checkpoint/shared", test_shared);
  g_test_add_func ("/checkpoint/same-weights", test_same_weights);
  g_test_add_func ("/checkpoint/record", test_record);
  g_test_add_func ("/npy/writer", test_npy_writer);
  g_test_add_func ("/npy/writer-failures", test_npy_writer_failures);
  g_test_add_func ("/hash", test_hash);
  return g_test_run ();
}
