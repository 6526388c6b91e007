/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli-commands.h"
#include "cli-project.h"
#include "io/cyt-checkpoint.h"
#include "model/cyt-encoder.h"
#include "model/cyt-sae.h"

/* Every fact is gathered as JSON; the text is made from it, so that both always say the same. */

/* ---- Checkpoints ---- */

static gboolean
holds_tensor (const CytValue *value)
{
  if (cyt_value_get_type_of (value) == CYT_VALUE_TENSOR)
    return TRUE;
  for (gsize i = 0; i < cyt_value_get_n_entries (value); i++)
    if (holds_tensor (cyt_value_get_entry (value, i)))
      return TRUE;
  return FALSE;
}

static char *
join_path (const char *path, const CytValue *key, gsize i)
{
  g_autofree char *name = NULL;

  if (key == NULL)
    name = g_strdup_printf ("%" G_GSIZE_FORMAT, i);
  else if (cyt_value_get_type_of (key) == CYT_VALUE_STRING)
    name = g_strdup (cyt_value_get_string (key));
  else
    name = cyt_value_to_json (key);
  return *path != '\0' ? g_strconcat (path, ".", name, NULL) : g_steal_pointer (&name);
}

/* The plain values that stand beside the weights, each under its path: configurations, metadata. */
static void
add_values (const CytValue *value, const char *path, JsonBuilder *builder)
{
  gsize n;

  if (cyt_value_get_type_of (value) == CYT_VALUE_TENSOR)
    return;
  if (*path != '\0' && !holds_tensor (value))
    {
      g_autofree char *json = cyt_value_to_json (value);

      cli_json_add_json (builder, path, json);
      return;
    }
  n = cyt_value_get_n_entries (value);
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *child = join_path (path, cyt_value_get_key (value, i), i);

      add_values (cyt_value_get_entry (value, i), child, builder);
    }
}

static void
add_tensors (CytCheckpoint *checkpoint, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "tensors");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < cyt_checkpoint_get_n_tensors (checkpoint); i++)
    {
      const CytTensorInfo *info = cyt_checkpoint_get_tensor (checkpoint, i);

      json_builder_begin_object (builder);
      cli_json_add_string (builder, "name", info->name);
      cli_json_add_string (builder, "dtype", cyt_dtype_get_name (info->dtype));
      json_builder_set_member_name (builder, "shape");
      json_builder_begin_array (builder);
      for (guint k = 0; k < info->n_dims; k++)
        json_builder_add_int_value (builder, info->shape[k]);
      json_builder_end_array (builder);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static gboolean
describe_checkpoint (const char *path, JsonBuilder *builder, GError **error)
{
  gboolean is_folder = g_file_test (path, G_FILE_TEST_IS_DIR);
  g_autofree char *weights = is_folder ? g_build_filename (path, "sae_weights.safetensors", NULL) : g_strdup (path);
  g_autoptr (CytCheckpoint) checkpoint = NULL;
  CytEncoderConfig encoder;
  CytSaeConfig sae = { 0 };

  if (is_folder && !g_file_test (weights, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                   "%s: is a folder without sae_weights.safetensors, so it is no SAELens autoencoder", path);
      return FALSE;
    }
  checkpoint = cyt_checkpoint_open (weights, error);
  if (checkpoint == NULL)
    return FALSE;

  if (cyt_checkpoint_get_kind (checkpoint) == CYT_CHECKPOINT_NPY)
    cli_json_add_string (builder, "kind", "npy");
  else if (cyt_encoder_probe (checkpoint, &encoder, NULL))
    {
      g_autofree char *config = cyt_encoder_config_to_json (&encoder);

      cli_json_add_string (builder, "kind", "encoder");
      cli_json_add_string (builder, "size", cyt_encoder_config_get_size_name (&encoder));
      cli_json_add_json (builder, "encoder", config);
    }
  else if (cyt_sae_probe (path, &sae, is_folder ? error : NULL))
    {
      g_autofree char *config = cyt_sae_config_to_json (&sae);

      cli_json_add_string (builder, "kind", "sae");
      cli_json_add_json (builder, "sae", config);
      cyt_sae_config_clear (&sae);
    }
  else if (is_folder)
    return FALSE;
  else
    cli_json_add_string (builder, "kind", "checkpoint");

  cli_json_add_string (builder, "format", cyt_checkpoint_kind_get_name (cyt_checkpoint_get_kind (checkpoint)));
  json_builder_set_member_name (builder, "values");
  json_builder_begin_object (builder);
  add_values (cyt_checkpoint_get_root (checkpoint), "", builder);
  json_builder_end_object (builder);
  add_tensors (checkpoint, builder);
  return TRUE;
}

/* ---- Projects ---- */

static gboolean
is_database (const char *path)
{
  static const char magic[] = "SQLite format 3";
  char head[sizeof magic] = { 0 };
  FILE *file = fopen (path, "rb");
  gboolean matches;

  if (file == NULL)
    return FALSE;
  matches = fread (head, 1, sizeof head, file) == sizeof head && memcmp (head, magic, sizeof magic) == 0;
  fclose (file);
  return matches;
}

static void
add_model (JsonBuilder *builder, const char *name, const CytProjectModel *model)
{
  json_builder_set_member_name (builder, name);
  if (model == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  cli_json_add_string (builder, "path", model->path);
  cli_json_add_string (builder, "sha256", model->sha256);
  cli_json_add_json (builder, "config", model->config);
  json_builder_end_object (builder);
}

static gboolean
describe_project (const char *path, JsonBuilder *builder, GError **error)
{
  g_autoptr (CytProject) project = cyt_project_open (path, CYT_PROJECT_READ_ONLY, error);
  g_autoptr (GPtrArray) datasets = NULL, concepts = NULL;
  gboolean simulated;

  if (project == NULL || !cyt_project_is_simulated (project, &simulated, error) || (datasets = cyt_project_list_datasets (project, error)) == NULL
      || (concepts = cyt_project_list_concepts (project, error)) == NULL)
    return FALSE;
  cli_json_add_string (builder, "kind", "project");
  cli_json_add_int (builder, "d_sae", (gint64) cyt_project_get_d_sae (project));
  cli_json_add_int (builder, "block", cyt_project_get_block (project));
  cli_json_add_boolean (builder, "published", cyt_project_is_published (project));
  cli_json_add_boolean (builder, "simulated", simulated);
  add_model (builder, "encoder", cyt_project_get_encoder (project));
  add_model (builder, "sae", cyt_project_get_sae (project));
  json_builder_set_member_name (builder, "datasets");
  json_builder_begin_array (builder);
  for (guint i = 0; i < datasets->len; i++)
    {
      const CytDataset *dataset = g_ptr_array_index (datasets, i);

      json_builder_begin_object (builder);
      cli_json_add_string (builder, "name", dataset->name);
      cli_json_add_string (builder, "domain", dataset->domain);
      cli_json_add_string (builder, "root", dataset->root);
      cli_json_add_double (builder, "threshold", dataset->threshold);
      cli_json_add_double (builder, "pixel_size", dataset->pixel_size);
      cli_json_add_int (builder, "n_top", dataset->n_top);
      cli_json_add_int (builder, "n_cells", (gint64) dataset->n_cells);
      cli_json_add_int (builder, "n_indexed", (gint64) dataset->n_indexed);
      cli_json_add_int (builder, "n_failed", (gint64) dataset->n_failed);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  cli_json_add_int (builder, "n_concepts", concepts->len);
  return TRUE;
}

/* ---- Text ---- */

static void
print_node (const char *name, JsonNode *node, const char *indent)
{
  g_autofree char *key = cli_escape (name), *value = NULL;

  if (JSON_NODE_HOLDS_OBJECT (node) && *indent == '\0')
    {
      JsonObjectIter iter;
      const char *member;
      JsonNode *child;

      printf ("  %s\n", key);
      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &member, &child))
        print_node (member, child, "  ");
      return;
    }
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    value = cli_escape (json_node_get_string (node));
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_DOUBLE)
    value = cli_format_double (json_node_get_double (node));
  else
    {
      g_autofree char *json = json_to_string (node, FALSE);
      value = cli_escape (json);
    }
  printf ("  %s%-16s %s\n", indent, key, value);
}

static void
print_tensors (JsonArray *tensors)
{
  const char *headers[] = { "tensor", "dtype", "shape", NULL };
  g_autoptr (CliTable) table = cli_table_new (headers);

  for (guint i = 0; i < json_array_get_length (tensors); i++)
    {
      JsonObject *tensor = json_array_get_object_element (tensors, i);
      JsonArray *shape = json_object_get_array_member (tensor, "shape");
      g_autoptr (GString) text = g_string_new ("(");

      for (guint k = 0; k < json_array_get_length (shape); k++)
        g_string_append_printf (text, "%s%" G_GINT64_FORMAT, k > 0 ? ", " : "",
                                json_array_get_int_element (shape, k));
      g_string_append (text, json_array_get_length (shape) == 1 ? ",)" : ")");
      cli_table_add (table, json_object_get_string_member (tensor, "name"));
      cli_table_add (table, json_object_get_string_member (tensor, "dtype"));
      cli_table_add (table, text->str);
    }
  cli_table_print (table, "  ");
}

static void
print_text (JsonObject *facts)
{
  g_autofree char *path = cli_escape (json_object_get_string_member (facts, "path"));
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  printf ("%s: %s\n", path, json_object_get_string_member (facts, "kind"));
  json_object_iter_init_ordered (&iter, facts);
  while (json_object_iter_next_ordered (&iter, &member, &node))
    {
      if (g_str_equal (member, "path") || g_str_equal (member, "kind"))
        continue;
      if (g_str_equal (member, "tensors"))
        print_tensors (json_node_get_array (node));
      else if (g_str_equal (member, "datasets"))
        {
          JsonArray *datasets = json_node_get_array (node);

          for (guint i = 0; i < json_array_get_length (datasets); i++)
            print_node ("data set", json_array_get_element (datasets, i), "");
        }
      else if (!JSON_NODE_HOLDS_OBJECT (node) || json_object_get_size (json_node_get_object (node)) > 0)
        print_node (member, node, "");
    }
}

/* ---- The command ---- */

/* The facts about one file; "path" and "error" when it cannot be read. */
static JsonNode *
describe (const char *path, gboolean *ok)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) error = NULL;

  json_builder_begin_object (builder);
  cli_json_add_string (builder, "path", path);
  if (is_database (path) ? describe_project (path, builder, &error) : describe_checkpoint (path, builder, &error))
    {
      json_builder_end_object (builder);
      return json_builder_get_root (builder);
    }

  cli_print_error (error->message);
  *ok = FALSE;
  json_builder_reset (builder);
  json_builder_begin_object (builder);
  cli_json_add_string (builder, "path", path);
  cli_json_add_string (builder, "error", error->message);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static gboolean
run (const CliCommand *self, char **argv, GError **error)
{
  gboolean json = FALSE, ok = TRUE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
    { NULL },
  };
  g_auto (GStrv) args = cli_options_parse (self, entries, argv, 1, G_MAXUINT, error);
  g_autoptr (JsonArray) all = json_array_new ();

  if (args == NULL)
    return FALSE;
  for (gsize i = 0; args[i] != NULL; i++)
    {
      JsonNode *facts = describe (args[i], &ok);

      if (!json && json_object_has_member (json_node_get_object (facts), "kind"))
        print_text (json_node_get_object (facts));
      json_array_add_element (all, facts);
    }
  if (json)
    {
      g_autoptr (JsonNode) array = json_node_init_array (json_node_alloc (), all);

      cli_print_node (args[1] != NULL ? array : json_array_get_element (all, 0));
    }

  if (!ok)
    g_set_error_literal (error, CLI_ERROR, CLI_ERROR_REPORTED, "reported");
  return ok;
}

const CliCommand cmd_info = {
  .name = "info",
  .arguments = "FILE…",
  .summary = "Tell what a checkpoint, autoencoder, project or .npy is",
  .description
  = "FILE is a PyTorch or safetensors checkpoint, a SAELens folder, a project or an .npy. No weights are read.\n"
    "JSON, an object (of several files an array of them): path; kind (encoder, sae, checkpoint, npy, project) or\n"
    "error; format; size and encoder, or sae (its configuration); values (what stands beside the tensors, by\n"
    "path); tensors [name, dtype, shape]. Of a project: d_sae, block, published (imported from published\n"
    "statistics: encoder is null, sae are the statistics), simulated (its cells are drawn, not real), encoder and sae\n"
    "(path, sha256, config), datasets [name, domain, root, threshold, pixel_size, n_top, n_cells, n_indexed, n_failed],\n"
    "n_concepts.\n\n"
    "Example:\n  cytosae info dinobloom-b.pth cytosae.pt blood.cytosae\n",
  .run = run,
};
