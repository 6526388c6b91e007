/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>

#include "cli-util.h"
#include "project/cyt-demo.h"

static void
test_options (void)
{
  cli_run_fails (2, "--threads", "demo", "x", "--threads", "0", NULL);
  cli_run_fails (2, "one argument too many", "demo", "x", "y", NULL);
  cli_run_fails (2, "--cells", "demo", "x", "--cells", "10", NULL);
  cli_assert_missing ("x");
}

/* Where it is complete, the command says what there is, at once, and names the project last. */
static void
test_complete (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir (), *said = NULL, *end = NULL;
  const CytDemoOptions small = { .n_cells = 6, .n_patients = 5 };
  const char *project = cli_path (dir, "demonstration.cytosae");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) json = NULL, info = NULL;
  JsonObject *facts;

  g_assert_true (cyt_demo_run (dir, &small, NULL, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  said = cli_run_ok ("demo", dir, NULL);
  g_assert_nonnull (strstr (said, "SIMULATED, not for clinical use"));
  end = g_strdup_printf ("\n%s\n", project);
  g_assert_true (g_str_has_suffix (said, end));

  json = cli_run_json ("demo", dir, "--json", NULL);
  facts = json_node_get_object (json);
  g_assert_cmpstr (json_object_get_string_member (facts, "project"), ==, project);
  g_assert_cmpstr (json_object_get_string_member (facts, "dataset"), ==, "demonstration (SIMULATED)");
  g_assert_true (json_object_get_boolean_member (facts, "simulated"));
  g_assert_cmpint (json_object_get_int_member (facts, "n_cells"), ==, 6);
  g_assert_cmpint (json_object_get_int_member (facts, "n_indexed"), ==, 6);
  g_assert_cmpint (json_object_get_int_member (facts, "n_failed"), ==, 0);

  info = cli_run_json ("info", project, "--json", NULL);
  g_assert_true (json_object_get_boolean_member (json_node_get_object (info), "simulated"));
  cyt_test_remove_tree (dir);
}

static void
test_interrupt (void)
{
  g_autofree char *dir = cyt_test_make_tmpdir ();
  const char *first = cli_path (dir, "cells/images/S01/S01-000001.jpg");
  GPid pid = cli_start ("demo", dir, "--threads", "1", NULL);

  for (guint i = 0; i < 3000 && !g_file_test (first, G_FILE_TEST_EXISTS); i++)
    g_usleep (10000);
  kill (pid, SIGINT);
  g_assert_cmpint (cli_wait (pid), ==, 130);
  cli_assert_missing (cli_path (dir, "demonstration.cytosae"));
  cyt_test_remove_tree (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/demo/options", test_options);
  g_test_add_func ("/cli/demo/complete", test_complete);
  g_test_add_func ("/cli/demo/interrupt", test_interrupt);
  return g_test_run ();
}
