/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "figures/cyt-figure-provenance.h"
#include "io/cyt-embedded-text.h"
#include "io/cyt-error.h"
#include "io/cyt-json.h"

#define PROGRAM "CytoSAE Explorer"
#define N_HEAD 3  /* "figure", project, kind */

static void
dataset_clear (gpointer data)
{
  g_free (((CytFigureDataset *) data)->name);
}

static CytFigureProvenance *
create (void)
{
  CytFigureProvenance *self = g_new0 (CytFigureProvenance, 1);

  self->datasets = g_array_new (FALSE, FALSE, sizeof (CytFigureDataset));
  g_array_set_clear_func (self->datasets, dataset_clear);
  self->latents = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->command = g_ptr_array_new_with_free_func (g_free);
  self->paths = g_array_new (FALSE, FALSE, sizeof (guint));
  self->threshold = NAN;
  self->seed = -1;
  return self;
}

CytFigureProvenance *
cyt_figure_provenance_new (CytProject *project, const char *kind, GError **error)
{
  g_autoptr (CytFigureProvenance) self = create ();
  const CytProjectModel *encoder = cyt_project_get_encoder (project);

  if (!cyt_project_is_simulated (project, &self->simulated, error) || !cyt_project_get_last_edit (project, &self->edit, error))
    return NULL;
  self->version = g_strdup (CYT_VERSION);
  self->encoder_sha256 = encoder != NULL ? g_strdup (encoder->sha256) : NULL;
  self->sae_sha256 = g_strdup (cyt_project_get_sae (project)->sha256);
  cyt_figure_provenance_add_argument (self, "figure", NULL);
  cyt_figure_provenance_add_path (self, NULL, cyt_project_get_path (project));
  cyt_figure_provenance_add_argument (self, kind, NULL);
  return g_steal_pointer (&self);
}

void
cyt_figure_provenance_free (CytFigureProvenance *self)
{
  g_array_unref (self->datasets);
  g_array_unref (self->latents);
  g_array_unref (self->paths);
  g_ptr_array_unref (self->command);
  g_free (self->version);
  g_free (self->encoder_sha256);
  g_free (self->sae_sha256);
  g_free (self->project);
  g_free (self);
}

void
cyt_figure_provenance_add_dataset (CytFigureProvenance *self, const CytDataset *dataset)
{
  CytFigureDataset entry = { g_strdup (dataset->name), (gint64) dataset->n_indexed };

  g_array_append_val (self->datasets, entry);
}

void
cyt_figure_provenance_add_latent (CytFigureProvenance *self, guint32 latent)
{
  g_array_append_val (self->latents, latent);
}

/* ---- The command ---- */

void
cyt_figure_provenance_add_argument (CytFigureProvenance *self, const char *option, const char *value)
{
  if (option != NULL)
    g_ptr_array_add (self->command, g_strdup (option));
  if (value != NULL)
    g_ptr_array_add (self->command, g_strdup (value));
}

void
cyt_figure_provenance_add_int (CytFigureProvenance *self, const char *option, gint64 value)
{
  char text[32];

  g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, value);
  cyt_figure_provenance_add_argument (self, option, text);
}

void
cyt_figure_provenance_add_double (CytFigureProvenance *self, const char *option, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (int digits = 6; digits <= 17; digits++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }
  cyt_figure_provenance_add_argument (self, option, text);
}

void
cyt_figure_provenance_add_latents (CytFigureProvenance *self, const char *option, const guint32 *latents, gsize n)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? "," : "", latents[i]);
  if (n > 0)
    cyt_figure_provenance_add_argument (self, option, text->str);
}

void
cyt_figure_provenance_add_path (CytFigureProvenance *self, const char *option, const char *path)
{
  guint number;

  cyt_figure_provenance_add_argument (self, option, NULL);
  number = self->command->len;
  g_array_append_val (self->paths, number);
  g_ptr_array_add (self->command, g_canonicalize_filename (path, NULL));
}

/* The way from @folder to @path, both absolute: "../cells/p.cytosae". (transfer full) */
static char *
make_relative (const char *path, const char *folder)
{
  g_auto (GStrv) from = g_strsplit (folder + 1, G_DIR_SEPARATOR_S, -1), to = g_strsplit (path + 1, G_DIR_SEPARATOR_S, -1);
  g_autoptr (GString) way = g_string_new (NULL);
  gsize n = 0;

  while (from[n] != NULL && to[n] != NULL && to[n + 1] != NULL && g_str_equal (from[n], to[n]))
    n++;
  for (gsize i = n; from[i] != NULL; i++)
    if (from[i][0] != '\0')
      g_string_append (way, "../");
  for (gsize i = n; to[i] != NULL; i++)
    g_string_append_printf (way, "%s%s", i > n ? "/" : "", to[i]);
  if (way->str[0] == '-') /* not to be taken for an option */
    g_string_prepend (way, "./");
  return g_string_free (g_steal_pointer (&way), FALSE);
}

/* ---- JSON ---- */

/* json-glib's UTF-8 with \u for all that is not ASCII: some places in files hold nothing else. (transfer full) */
static char *
to_ascii (const char *json)
{
  GString *out = g_string_new (NULL);

  for (const char *p = json; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c < 128 && c != 127)
        g_string_append_c (out, (char) c);
      else if (c < 0x10000)
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_printf (out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
    }
  return g_string_free (out, FALSE);
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  if (name != NULL)
    json_builder_set_member_name (builder, name);
  if (value == NULL)
    json_builder_add_null_value (builder);
  else
    {
      g_autofree char *valid = g_utf8_make_valid (value, -1);

      json_builder_add_string_value (builder, valid);
    }
}

static void
add_command (const CytFigureProvenance *self, JsonBuilder *builder, const char *folder, const char *const *more)
{
  guint path = 0;

  json_builder_set_member_name (builder, "command");
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "cytosae");
  for (guint i = 0; i < self->command->len; i++)
    {
      const char *argument = g_ptr_array_index (self->command, i);

      if (path < self->paths->len && g_array_index (self->paths, guint, path) == i)
        {
          g_autofree char *way = path == 0 && self->project != NULL ? g_strdup (self->project)
                                                                    : make_relative (argument, folder);

          add_string (builder, NULL, way);
          path++;
        }
      else
        add_string (builder, NULL, argument);
    }
  for (gsize i = 0; more != NULL && more[i] != NULL; i++)
    add_string (builder, NULL, more[i]);
  json_builder_end_array (builder);
}

char *
cyt_figure_provenance_to_json (const CytFigureProvenance *self, const char *folder, const char *const *more)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *absolute = g_canonicalize_filename (folder, NULL), *json = NULL;

  json_builder_begin_object (builder);
  add_string (builder, "program", PROGRAM);
  add_string (builder, "version", self->version);
  add_command (self, builder, absolute, more);
  add_string (builder, "encoder", self->encoder_sha256);
  add_string (builder, "sae", self->sae_sha256);
  json_builder_set_member_name (builder, "datasets");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->datasets->len; i++)
    {
      const CytFigureDataset *dataset = &g_array_index (self->datasets, CytFigureDataset, i);

      json_builder_begin_object (builder);
      add_string (builder, "name", dataset->name);
      json_builder_set_member_name (builder, "indexed");
      json_builder_add_int_value (builder, dataset->n_indexed);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "edit");
  json_builder_add_int_value (builder, self->edit);
  json_builder_set_member_name (builder, "latents");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->latents->len; i++)
    json_builder_add_int_value (builder, g_array_index (self->latents, guint32, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "threshold");
  if (isnan (self->threshold))
    json_builder_add_null_value (builder);
  else
    json_builder_add_double_value (builder, self->threshold);
  json_builder_set_member_name (builder, "simulated");
  json_builder_add_boolean_value (builder, self->simulated);
  json_builder_set_member_name (builder, "research_use_only");
  json_builder_add_boolean_value (builder, self->patients);
  json_builder_set_member_name (builder, "seed");
  if (self->seed < 0)
    json_builder_add_null_value (builder);
  else
    json_builder_add_int_value (builder, self->seed);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  json = json_to_string (root, FALSE);
  return to_ascii (json);
}

/* ---- Reading ---- */

static gboolean
refuse (GError **error, const char *name, const char *what)
{
  g_autofree char *display = g_filename_display_name (name);

  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "%s: %s", display, what);
  return FALSE;
}

/* The member's string; NULL where there is none. */
static const char *
get_string (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
    ? json_node_get_string (node) : NULL;
}

static gint64
get_int (JsonObject *object, const char *member, gint64 fallback)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
    ? json_node_get_int (node) : fallback;
}

static JsonArray *
get_array (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static gboolean
parse_command (CytFigureProvenance *self, JsonArray *array, const char *name, GError **error)
{
  guint n = array != NULL ? json_array_get_length (array) : 0;

  if (n < 1 + N_HEAD || n > CYT_FIGURE_MAX_ARGUMENTS)
    return refuse (error, name, "holds no command that makes it again");
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        return refuse (error, name, "its command is not a list of texts");
      if (i > 0)
        g_ptr_array_add (self->command, g_strdup (json_node_get_string (node)));
      else if (!g_str_equal (json_node_get_string (node), "cytosae"))
        return refuse (error, name, "its command is not one of this program");
    }
  if (!g_str_equal (self->command->pdata[0], "figure") || ((const char *) self->command->pdata[1])[0] == '-'
      || ((const char *) self->command->pdata[2])[0] == '-')
    return refuse (error, name, "its command does not make a figure");
  return TRUE;
}

static gboolean
parse_facts (CytFigureProvenance *self, JsonObject *object, const char *name, GError **error)
{
  JsonArray *datasets = get_array (object, "datasets");

  self->version = g_strdup (get_string (object, "version"));
  self->encoder_sha256 = g_strdup (get_string (object, "encoder"));
  self->sae_sha256 = g_strdup (get_string (object, "sae"));
  self->edit = get_int (object, "edit", 0);
  self->seed = get_int (object, "seed", -1);
  if (self->version == NULL || self->sae_sha256 == NULL || datasets == NULL)
    return refuse (error, name, "does not say with which program, models and cells it was made");
  for (guint i = 0; i < json_array_get_length (datasets); i++)
    {
      JsonNode *node = json_array_get_element (datasets, i);
      CytFigureDataset dataset = { 0 };

      if (!JSON_NODE_HOLDS_OBJECT (node) || get_string (json_node_get_object (node), "name") == NULL)
        return refuse (error, name, "its data sets cannot be read");
      dataset.name = g_strdup (get_string (json_node_get_object (node), "name"));
      dataset.n_indexed = get_int (json_node_get_object (node), "indexed", -1);
      g_array_append_val (self->datasets, dataset);
    }
  return TRUE;
}

CytFigureProvenance *
cyt_figure_provenance_parse (const char *json, const char *name, GError **error)
{
  g_autoptr (CytFigureProvenance) self = create ();
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonNode *root;

  if (strlen (json) > CYT_FIGURE_MAX_METADATA || !cyt_json_check (json, strlen (json), NULL)
      || !json_parser_load_from_data (parser, json, -1, NULL))
    {
      refuse (error, name, "what it says about itself is damaged");
      return NULL;
    }
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)
      || g_strcmp0 (get_string (json_node_get_object (root), "program"), PROGRAM) != 0)
    {
      refuse (error, name, "was not made by this program");
      return NULL;
    }
  if (!parse_command (self, get_array (json_node_get_object (root), "command"), name, error)
      || !parse_facts (self, json_node_get_object (root), name, error))
    return NULL;
  return g_steal_pointer (&self);
}

CytFigureProvenance *
cyt_figure_provenance_load (const char *path, GError **error)
{
  g_autofree char *json = cyt_embedded_text_read (path, CYT_FIGURE_METADATA_KEY, CYT_FIGURE_MAX_METADATA, error);

  return json != NULL ? cyt_figure_provenance_parse (json, path, error) : NULL;
}

/* ---- Then and now ---- */

GStrv
cyt_figure_provenance_compare (const CytFigureProvenance *before, const CytFigureProvenance *now)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();

  if (g_strcmp0 (before->encoder_sha256, now->encoder_sha256) != 0)
    g_strv_builder_add (lines, "the project was made with another encoder");
  if (g_strcmp0 (before->sae_sha256, now->sae_sha256) != 0)
    g_strv_builder_add (lines, "the project was made with another SAE");
  for (guint i = 0; i < MIN (before->datasets->len, now->datasets->len); i++)
    {
      const CytFigureDataset *then = &g_array_index (before->datasets, CytFigureDataset, i);
      const CytFigureDataset *today = &g_array_index (now->datasets, CytFigureDataset, i);
      g_autofree char *line = NULL;

      if (!g_str_equal (then->name, today->name))
        line = g_strdup_printf ("data set \"%s\" instead of \"%s\"", today->name, then->name);
      else if (then->n_indexed != today->n_indexed)
        line = g_strdup_printf ("data set \"%s\" has %" G_GINT64_FORMAT " cells indexed, it had %" G_GINT64_FORMAT,
                                then->name, today->n_indexed, then->n_indexed);
      if (line != NULL)
        g_strv_builder_add (lines, line);
    }
  if (before->datasets->len != now->datasets->len)
    g_strv_builder_add (lines, "the project has other data sets");
  if (before->edit != now->edit)
    g_strv_builder_add (lines, "labels have been edited since");
  if (!g_str_equal (before->version, now->version))
    {
      g_autofree char *line = g_strdup_printf ("version %s of the program made it, this is %s", before->version, now->version);

      g_strv_builder_add (lines, line);
    }
  return g_strv_builder_end (lines);
}
