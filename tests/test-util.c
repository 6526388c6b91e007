/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <sys/wait.h>
#include <string.h>

#include "test-util.h"

char *
cyt_test_shared_or_null (const char *relative)
{
  const char *shared = g_getenv ("CYT_SHARED_DIR");
  g_autofree char *path = shared ? g_build_filename (shared, relative, NULL) : NULL;

  return path && g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

char *
cyt_test_shared (const char *relative)
{
  char *path = cyt_test_shared_or_null (relative);

  if (path == NULL)
    g_test_skip ("the folder of shared data is not there");
  return path;
}

char *
cyt_test_source (const char *relative)
{
  const char *source = g_getenv ("CYT_SOURCE_DIR");

  g_assert_nonnull (source);
  return g_build_filename (source, relative, NULL);
}

char *
cyt_test_make_tmpdir (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("cytosae-test-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

void
cyt_test_remove_tree (const char *path)
{
  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK) && g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *child = g_build_filename (path, name, NULL);
          cyt_test_remove_tree (child);
        }
    }
  g_remove (path);
}

static GPtrArray *
collect_args (const char *first, va_list args)
{
  GPtrArray *argv = g_ptr_array_new ();

  for (const char *arg = first; arg != NULL; arg = va_arg (args, const char *))
    g_ptr_array_add (argv, (gpointer) arg);
  return argv;
}

static int
run_argv (GPtrArray *argv, char **out, char **err)
{
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_ptr_array_add (argv, NULL);
  g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, out, err, &status, &error);
  g_assert_no_error (error);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

int
cyt_test_run (char **out, char **err, const char *program, ...)
{
  g_autoptr (GPtrArray) argv = NULL;
  va_list args;

  va_start (args, program);
  argv = collect_args (program, args);
  va_end (args);
  return run_argv (argv, out, err);
}

void
cyt_test_run_reference (const char *script, ...)
{
  g_autofree char *relative = g_build_filename ("tests", "ref", script, NULL);
  g_autofree char *path = cyt_test_source (relative);
  g_autofree char *out = NULL, *err = NULL; /* what a script prints is no TAP */
  g_autoptr (GPtrArray) argv = NULL;
  const char *python = g_getenv ("CYT_PYTHON");
  va_list args;
  int status;

  va_start (args, script);
  argv = collect_args (path, args);
  va_end (args);
  g_ptr_array_insert (argv, 0, (gpointer) (python ? python : "python3"));
  status = run_argv (argv, &out, &err);
  if (status != 0)
    g_test_message ("%s: %s", script, err);
  g_assert_cmpint (status, ==, 0);
}

float *
cyt_test_load_npy (const char *path, CytTensorInfo *info)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytCheckpoint) checkpoint = cyt_checkpoint_open (path, &error);
  float *data;

  g_assert_no_error (error);
  *info = *cyt_checkpoint_get_tensor (checkpoint, 0);
  info->name = "";
  data = g_new (float, info->n_elements);
  cyt_checkpoint_read_f32 (checkpoint, cyt_checkpoint_get_tensor (checkpoint, 0), data, &error);
  g_assert_no_error (error);
  return data;
}

double
cyt_test_nmse (const float *a, const float *b, gsize n)
{
  double num = 0, den = 0;

  for (gsize i = 0; i < n; i++)
    {
      double diff = (double) a[i] - b[i];
      num += diff * diff;
      den += (double) b[i] * b[i];
    }
  return num == 0 ? 0 : num / den;
}

double
cyt_test_max_rel (const float *a, const float *b, gsize n, double eps)
{
  double worst = 0;

  for (gsize i = 0; i < n; i++)
    {
      double rel = fabs ((double) a[i] - b[i]) / (fabs ((double) b[i]) + eps);
      if (!(rel <= worst))
        worst = isnan (rel) ? INFINITY : rel;
    }
  return worst;
}
