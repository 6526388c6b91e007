/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>
#include <sys/wait.h>

#include "cli-util.h"
#include "io/cyt-csv.h"

const char *
cli_get_program (void)
{
  const char *program = g_getenv ("CYT_CLI");

  g_assert_nonnull (program);
  return program;
}

static GPtrArray *
collect (const char *first, va_list args)
{
  GPtrArray *argv = g_ptr_array_new ();

  g_ptr_array_add (argv, (gpointer) cli_get_program ());
  for (const char *arg = first; arg != NULL; arg = va_arg (args, const char *))
    g_ptr_array_add (argv, (gpointer) arg);
  g_ptr_array_add (argv, NULL);
  return argv;
}

static int
run (GPtrArray *argv, char **out, char **err)
{
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, out, err, &status, &error);
  g_assert_no_error (error);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

int
cli_run (char **out, char **err, ...)
{
  g_autoptr (GPtrArray) argv = NULL;
  va_list args;

  va_start (args, err);
  argv = collect (va_arg (args, const char *), args);
  va_end (args);
  return run (argv, out, err);
}

static char *
expect_ok (GPtrArray *argv)
{
  g_autofree char *err = NULL;
  char *out = NULL;
  int status = run (argv, &out, &err);

  if (status != 0)
    {
      g_autofree char *line = g_strjoinv (" ", (char **) argv->pdata);
      g_test_message ("%s: %s", line, err);
    }
  g_assert_cmpint (status, ==, 0);
  g_assert_true (g_utf8_validate (out, -1, NULL));
  return out;
}

char *
cli_run_ok (const char *first, ...)
{
  g_autoptr (GPtrArray) argv = NULL;
  va_list args;

  va_start (args, first);
  argv = collect (first, args);
  va_end (args);
  return expect_ok (argv);
}

JsonNode *
cli_run_json (const char *first, ...)
{
  g_autoptr (GPtrArray) argv = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *out = NULL;
  JsonNode *node;
  va_list args;

  va_start (args, first);
  argv = collect (first, args);
  va_end (args);
  out = expect_ok (argv);
  node = json_from_string (out, &error);
  g_assert_no_error (error);
  g_assert_nonnull (node);
  return node;
}

void
cli_run_fails (int status, const char *says, ...)
{
  g_autofree char *out = NULL, *err = NULL, *line = NULL, *escaped = NULL;
  g_autoptr (GPtrArray) argv = NULL;
  g_auto (GStrv) lines = NULL;
  va_list args;
  int found;

  va_start (args, says);
  argv = collect (va_arg (args, const char *), args);
  va_end (args);
  found = run (argv, &out, &err);
  line = g_strjoinv (" ", (char **) argv->pdata);
  escaped = g_strescape (line, NULL);
  g_test_message ("%s: %d, %s", escaped, found, err);

  g_assert_cmpint (found, ==, status);
  g_assert_cmpstr (out, ==, "");
  g_assert_true (g_utf8_validate (err, -1, NULL));
  lines = g_strsplit (err, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, status == 2 ? 3 : 2); /* the last is empty */
  g_assert_true (g_str_has_prefix (lines[0], "cytosae: "));
  g_assert_nonnull (strstr (lines[0], says));
  for (const char *c = lines[0]; *c != '\0'; c++)
    g_assert_true ((guchar) *c >= 0x20 && *c != 0x7f);
}

GPid
cli_start (const char *first, ...)
{
  g_autoptr (GPtrArray) argv = NULL;
  g_autoptr (GError) error = NULL;
  va_list args;
  GPid pid;

  va_start (args, first);
  argv = collect (first, args);
  va_end (args);
  g_spawn_async (NULL, (char **) argv->pdata, NULL,
                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &pid,
                 &error);
  g_assert_no_error (error);
  return pid;
}

int
cli_wait (GPid pid)
{
  int status = 0;

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_spawn_close_pid (pid);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

char *
cli_dup_encoder (void)
{
  return cyt_test_source ("data/models/pbc-tiny/encoder.safetensors");
}

char *
cli_dup_sae (void)
{
  return cyt_test_source ("data/models/pbc-tiny/sae");
}

static void
put_le (guint8 *at, guint32 value, guint n)
{
  for (guint i = 0; i < n; i++)
    at[i] = (guint8) (value >> (8 * i));
}

/* A 24-bit BMP: a pale field with a stained disc (round) or bar (long) on it, and noise. */
static void
make_cell (const char *path, gboolean round, guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (GError) error = NULL;
  guint width = 90 + g_rand_int_range (rand, 0, 60), height = 90 + g_rand_int_range (rand, 0, 60);
  gsize stride = (width * 3 + 3) / 4 * 4, size = 54 + stride * height;
  g_autofree guint8 *file = g_malloc0 (size);
  double cx = width * g_rand_double_range (rand, 0.35, 0.65), cy = height * g_rand_double_range (rand, 0.35, 0.65);
  double radius = g_rand_double_range (rand, 20, 35);

  memcpy (file, "BM", 2);
  put_le (file + 2, (guint32) size, 4);
  put_le (file + 10, 54, 4);
  put_le (file + 14, 40, 4);
  put_le (file + 18, width, 4);
  put_le (file + 22, height, 4);
  put_le (file + 26, 1, 2);
  put_le (file + 28, 24, 2);
  put_le (file + 34, (guint32) (stride * height), 4);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      {
        guint8 *bgr = file + 54 + y * stride + x * 3;
        double dx = x - cx, dy = (y - cy) * (round ? 1 : 3);
        gboolean inside = hypot (dx, dy) < radius;
        guint noise = (guint) g_rand_int_range (rand, 0, 20);

        bgr[0] = (guint8) ((inside ? 140 : 215) + noise);
        bgr[1] = (guint8) ((inside ? (round ? 50 : 90) : 205) + noise);
        bgr[2] = (guint8) ((inside ? (round ? 90 : 170) : 225) + noise);
      }
  g_file_set_contents (path, (const char *) file, (gssize) size, &error);
  g_assert_no_error (error);
}

void
cli_make_cells (const char *dir, guint n)
{
  for (guint class = 0; class < 2; class++)
    {
      g_autofree char *folder = g_build_filename (dir, class == 0 ? "long" : "round", NULL);

      g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
      for (guint i = 0; i < n; i++)
        {
          g_autofree char *name = g_strdup_printf ("%02u.bmp", i);
          g_autofree char *path = g_build_filename (folder, name, NULL);

          make_cell (path, class == 1, 1000 * class + i);
        }
    }
}

gboolean
cli_make_cohort (const char *csv, guint step, guint n)
{
  g_autofree char *path = cyt_test_shared_or_null ("cells/pbc/cohort.csv");
  g_autofree char *folder = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCsv) cohort = NULL;
  g_autoptr (GString) text = g_string_new ("image,label,patient,disease\n");
  const char *columns[] = { "label", "patient", "disease" };

  if (path == NULL)
    return FALSE;
  cohort = cyt_csv_read (path, &error);
  g_assert_no_error (error);
  folder = g_path_get_dirname (path);
  for (gsize i = 0; i < n && i * step < cyt_csv_get_n_rows (cohort); i++)
    {
      g_autofree char *image
        = g_canonicalize_filename (cyt_csv_get (cohort, i * step, cyt_csv_find_column (cohort, "image")), folder);

      cyt_csv_append_field (text, TRUE, image);
      for (gsize k = 0; k < G_N_ELEMENTS (columns); k++)
        cyt_csv_append_field (text, FALSE, cyt_csv_get (cohort, i * step, cyt_csv_find_column (cohort, columns[k])));
      g_string_append_c (text, '\n');
    }
  cli_write_text (csv, text->str);
  return TRUE;
}

const char *
cli_path (const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  return g_intern_string (path);
}

void
cli_assert_missing (const char *path)
{
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    g_test_message ("%s is there", path);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

void
cli_write_text (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}
