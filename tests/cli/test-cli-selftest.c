/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "cli-util.h"

static void
test_options (void)
{
  cli_run_fails (2, "--cells", "selftest", "--cells", "0", NULL);
  cli_run_fails (2, "--threads", "selftest", "--threads", "x", NULL);
  cli_run_fails (2, "argument", "selftest", "x", NULL);
}

static void
test_json (void)
{
  g_autoptr (JsonNode) json = cli_run_json ("selftest", "--cells", "200", "--json", NULL);
  JsonObject *root = json_node_get_object (json), *large;
  JsonArray *models = json_object_get_array_member (root, "models");

  g_assert_cmpint (json_object_get_int_member (root, "n_cells"), ==, 200);
  g_assert_cmpuint (json_array_get_length (models), ==, 5);
  large = json_array_get_object_element (models, 2);
  g_assert_cmpstr (json_object_get_string_member (large, "encoder"), ==, "DinoBloom-B");
  g_assert_cmpint (json_object_get_int_member (large, "d_sae"), ==, 49152);
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (large, "seconds"),
                                  200 * json_object_get_double_member (large, "seconds_per_cell"), 1e-6);
  g_assert_cmpfloat (json_object_get_double_member (large, "disk"), >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/selftest/options", test_options);
  g_test_add_func ("/cli/selftest/json", test_json);
  return g_test_run ();
}
