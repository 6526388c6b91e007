/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/cyt-csv.h"
#include "io/cyt-error.h"
#include "io/cyt-json.h"
#include "project/cyt-labels-file.h"
#include "project/cyt-project-private.h"

#define FORMAT "cytosae-labels"
#define VERSION 1
#define MAX_JSON_BYTES ((goffset) 1 << 28)

static const char *const columns[] = { "latent", "name", "category", "status", "confidence", "tags", "note", "rater",
                                       "edited_at", NULL };

/* TRUE: JSON, FALSE: CSV; an error for any other suffix. */
static gboolean
get_kind (const char *path, const char *display, gboolean *json, GError **error)
{
  gsize n = strlen (path);

  *json = n >= 5 && g_ascii_strcasecmp (path + n - 5, ".json") == 0;
  if (*json || (n >= 4 && g_ascii_strcasecmp (path + n - 4, ".csv") == 0))
    return TRUE;
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "%s: a file of labels is named .csv or .json", display);
  return FALSE;
}

/* ---- Export ---- */

/* ISO 8601 in UTC, to the microsecond (transfer full). */
static char *
format_time (gint64 at)
{
  g_autoptr (GDateTime) second = g_date_time_new_from_unix_utc (at / G_USEC_PER_SEC);
  g_autoptr (GDateTime) time = second ? g_date_time_add (second, at % G_USEC_PER_SEC) : NULL;

  return time ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%S.%fZ") : g_strdup ("");
}

static void
append_csv_row (GString *out, const CytConcept *concept)
{
  g_autofree char *latent = g_strdup_printf ("%u", concept->latent);
  g_autofree char *time = format_time (concept->edited_at);

  cyt_csv_append_field (out, TRUE, latent);
  cyt_csv_append_field (out, FALSE, concept->name);
  cyt_csv_append_field (out, FALSE, concept->category);
  cyt_csv_append_field (out, FALSE, cyt_concept_status_get_nick (concept->status));
  cyt_csv_append_field (out, FALSE, cyt_concept_confidence_get_nick (concept->confidence));
  cyt_csv_append_field (out, FALSE, concept->tags);
  cyt_csv_append_field (out, FALSE, concept->note);
  cyt_csv_append_field (out, FALSE, concept->rater);
  cyt_csv_append_field (out, FALSE, time);
  g_string_append_c (out, '\n');
}

static char *
make_csv (GPtrArray *concepts)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; columns[i]; i++)
    cyt_csv_append_field (out, i == 0, columns[i]);
  g_string_append_c (out, '\n');
  for (guint i = 0; i < concepts->len; i++)
    append_csv_row (out, concepts->pdata[i]);
  return g_string_free (out, FALSE);
}

static void
add_string (JsonBuilder *b, const char *key, const char *value)
{
  json_builder_set_member_name (b, key);
  json_builder_add_string_value (b, value);
}

static void
add_int (JsonBuilder *b, const char *key, gint64 value)
{
  json_builder_set_member_name (b, key);
  json_builder_add_int_value (b, value);
}

static void
add_concept (JsonBuilder *b, const CytConcept *concept)
{
  g_autofree char *time = format_time (concept->edited_at);

  json_builder_begin_object (b);
  add_int (b, "latent", concept->latent);
  add_string (b, "name", concept->name);
  add_string (b, "category", concept->category);
  add_string (b, "status", cyt_concept_status_get_nick (concept->status));
  add_string (b, "confidence", cyt_concept_confidence_get_nick (concept->confidence));
  add_string (b, "tags", concept->tags);
  add_string (b, "note", concept->note);
  add_string (b, "rater", concept->rater);
  add_string (b, "edited_at", time);
  json_builder_end_object (b);
}

static void
add_change (JsonBuilder *b, const CytConceptChange *change)
{
  g_autofree char *time = format_time (change->at);

  json_builder_begin_object (b);
  add_int (b, "edit", change->edit);
  add_int (b, "latent", change->latent);
  add_string (b, "at", time);
  add_string (b, "rater", change->rater);
  add_string (b, "what", change->what);
  add_string (b, "field", change->field);
  add_string (b, "old_value", change->old_value);
  add_string (b, "new_value", change->new_value);
  json_builder_end_object (b);
}

static char *
make_json (CytProject *project, GPtrArray *concepts, GPtrArray *changes)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (b);
  add_string (b, "format", FORMAT);
  add_int (b, "version", VERSION);
  add_string (b, "sae_sha256", project->sae->sha256);
  json_builder_set_member_name (b, "labels");
  json_builder_begin_array (b);
  for (guint i = 0; i < concepts->len; i++)
    add_concept (b, concepts->pdata[i]);
  json_builder_end_array (b);
  json_builder_set_member_name (b, "history");
  json_builder_begin_array (b);
  for (guint i = 0; i < changes->len; i++)
    add_change (b, changes->pdata[i]);
  json_builder_end_array (b);
  json_builder_end_object (b);
  root = json_builder_get_root (b);
  text = json_to_string (root, TRUE);
  return g_strconcat (text, "\n", NULL);
}

gboolean
cyt_labels_file_export (CytProject *project, const char *path, gsize *n_labels, GError **error)
{
  g_autofree char *display = g_filename_display_name (path);
  g_autoptr (GPtrArray) concepts = NULL;
  g_autoptr (GPtrArray) changes = NULL;
  g_autofree char *text = NULL;
  struct stat st;
  gboolean json, ok;

  if (!get_kind (path, display, &json, error))
    return FALSE;
  /* the new file takes the name of the old: a device or pipe would be replaced */
  if (stat (path, &st) == 0 && !S_ISREG (st.st_mode))
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "%s: not a regular file", display);
      return FALSE;
    }
  if (!cyt_project_begin_read (project, error))
    return FALSE;
  ok = (concepts = cyt_project_list_concepts (project, error)) != NULL
       && (!json || (changes = cyt_project_list_changes (project, -1, error)) != NULL);
  if (!cyt_project_end (project, ok, error))
    return FALSE;
  text = json ? make_json (project, concepts, changes) : make_csv (concepts);
  if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0666,
                                 error))
    return FALSE;
  if (n_labels)
    *n_labels = concepts->len;
  return TRUE;
}

/* ---- Reading ---- */

typedef struct
{
  CytProject *project;
  const char *display;
  GPtrArray *labels;       /* of CytLabel */
  GHashTable *seen;        /* latents */
} Import;

static gboolean
set_value_error (const Import *im, const char *where, GError **error, const char *format, ...) G_GNUC_PRINTF (4, 5);

static gboolean
set_value_error (const Import *im, const char *where, GError **error, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s: %s: %s", im->display, where, what);
  return FALSE;
}

/* The fields of a label as columns[1…] of a file name them. */
enum
{
  WORD_NAME,
  WORD_CATEGORY,
  WORD_STATUS,
  WORD_CONFIDENCE,
  WORD_TAGS,
  WORD_NOTE,
  WORD_RATER,
  N_WORDS,
};

typedef struct
{
  char *words[N_WORDS];    /* in the file's words; NULL: not given */
} Words;

static void
words_clear (Words *self)
{
  for (guint i = 0; i < N_WORDS; i++)
    g_free (self->words[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Words, words_clear)

/* Lays the words that stand for a field over the label. */
static gboolean
apply_words (const Import *im, Words *words, CytLabel *label, const char *where, GError **error)
{
  static const struct
  {
    guint word;
    CytConceptFields field;
    gsize offset;
  } texts[] = {
    { WORD_NAME, CYT_CONCEPT_FIELD_NAME, G_STRUCT_OFFSET (CytConcept, name) },
    { WORD_CATEGORY, CYT_CONCEPT_FIELD_CATEGORY, G_STRUCT_OFFSET (CytConcept, category) },
    { WORD_TAGS, CYT_CONCEPT_FIELD_TAGS, G_STRUCT_OFFSET (CytConcept, tags) },
    { WORD_NOTE, CYT_CONCEPT_FIELD_NOTE, G_STRUCT_OFFSET (CytConcept, note) },
    { WORD_RATER, 0, G_STRUCT_OFFSET (CytConcept, rater) },
  };
  const char *status = words->words[WORD_STATUS], *confidence = words->words[WORD_CONFIDENCE];

  if (words->words[WORD_TAGS])
    {
      char *tags = cyt_concept_normalize_tags (words->words[WORD_TAGS]);

      g_free (words->words[WORD_TAGS]);
      words->words[WORD_TAGS] = tags;
    }
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (words->words[texts[i].word])
      {
        char **text = G_STRUCT_MEMBER_P (label->concept, texts[i].offset);

        g_free (*text);
        *text = g_steal_pointer (&words->words[texts[i].word]);
        label->fields |= texts[i].field;
      }
  if (status)
    {
      if (!cyt_concept_status_from_nick (status, &label->concept->status))
        return set_value_error (im, where, error, "status \"%s\", expected unreviewed, proposed, confirmed, rejected or "
                                "artefact", status);
      label->fields |= CYT_CONCEPT_FIELD_STATUS;
    }
  if (confidence)
    {
      if (!cyt_concept_confidence_from_nick (confidence, &label->concept->confidence))
        return set_value_error (im, where, error, "confidence \"%s\", expected low, medium, high or nothing", confidence);
      label->fields |= CYT_CONCEPT_FIELD_CONFIDENCE;
    }
  return TRUE;
}

/* Adds the label of @latent that the words make, after checking all of it. */
static gboolean
add_label (Import *im, Words *words, gint64 latent, const char *where, GError **error)
{
  g_autoptr (CytLabel) label = NULL;

  if (latent < 0 || latent >= (gint64) im->project->d_sae)
    return set_value_error (im, where, error, "latent %" G_GINT64_FORMAT ", expected 0 to %" G_GSIZE_FORMAT, latent,
                            im->project->d_sae - 1);
  if (!g_hash_table_add (im->seen, GUINT_TO_POINTER ((guint) latent + 1)))
    return set_value_error (im, where, error, "latent %" G_GINT64_FORMAT " stands there for the second time", latent);
  label = cyt_label_new (latent);
  if (!apply_words (im, words, label, where, error))
    return FALSE;
  if (!cyt_concept_check (label->concept, error))
    {
      g_prefix_error (error, "%s: %s: ", im->display, where);
      return FALSE;
    }
  g_ptr_array_add (im->labels, g_steal_pointer (&label));
  return TRUE;
}

/* NULL where the file has no such column, or the row ends before it. */
static char *
dup_field (const CytCsv *csv, gsize row, int column)
{
  return column >= 0 && (guint) column < cyt_csv_get_n_fields (csv, row) ? g_strdup (cyt_csv_get (csv, row, column))
                                                                         : NULL;
}

static gboolean
read_csv (Import *im, const char *path, GError **error)
{
  g_autoptr (CytCsv) csv = cyt_csv_read (path, error);
  int at[G_N_ELEMENTS (columns)];

  if (csv == NULL || !cyt_csv_check_unique (csv, columns, error))
    return FALSE;
  for (guint c = 0; columns[c]; c++)
    at[c] = cyt_csv_find_column (csv, columns[c]);
  if (at[0] < 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_COLUMN, "%s: there is no column \"latent\"", im->display);
      return FALSE;
    }
  for (gsize row = 0; row < cyt_csv_get_n_rows (csv); row++)
    {
      g_autofree char *where = g_strdup_printf ("line %u", cyt_csv_get_line (csv, row));
      g_autofree char *latent = g_strstrip (g_strdup (cyt_csv_get (csv, row, at[0])));
      g_auto (Words) words = { { NULL } };
      guint64 number;

      if (!g_ascii_string_to_unsigned (latent, 10, 0, G_MAXINT64, &number, NULL))
        return set_value_error (im, where, error, "latent \"%s\", expected a number", latent);
      for (guint w = 0; w < N_WORDS; w++)
        words.words[w] = dup_field (csv, row, at[1 + w]);
      if (words.words[WORD_CONFIDENCE])
        g_strstrip (words.words[WORD_CONFIDENCE]);
      /* no status is called "": a field left empty is a field not given */
      if (words.words[WORD_STATUS] && *g_strstrip (words.words[WORD_STATUS]) == '\0')
        g_clear_pointer (&words.words[WORD_STATUS], g_free);
      if (!add_label (im, &words, number, where, error))
        return FALSE;
    }
  return TRUE;
}

static JsonParser *
parse_json (const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  struct stat st;
  gsize size;

  if (stat (path, &st) == 0 && (!S_ISREG (st.st_mode) || st.st_size > MAX_JSON_BYTES))
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "not a regular file of at most %d MiB",
                   (int) (MAX_JSON_BYTES >> 20));
      return NULL;
    }
  if (!g_file_get_contents (path, &text, &size, error))
    return NULL;
  if (!g_utf8_validate_len (text, size, NULL))
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "not UTF-8");
      return NULL;
    }
  if (!cyt_json_check (text, size, error))
    return NULL;
  if (!json_parser_load_from_data (parser, text, size, &local))
    {
      /* its messages begin with the name of the data, which is not a file, and may end in a newline */
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "not JSON: %s", g_strstrip (local->message));
      return NULL;
    }
  return g_steal_pointer (&parser);
}

static gboolean
is_string (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

static gboolean
is_int (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64;
}

/* A member of type text; NULL where there is none. */
static gboolean
dup_member (const Import *im, JsonObject *object, const char *key, const char *where, char **value, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);

  if (node == NULL)
    return TRUE;
  if (!is_string (node))
    return set_value_error (im, where, error, "\"%s\" is not a text", key);
  *value = g_strdup (json_node_get_string (node));
  return TRUE;
}

static gboolean
read_json_label (Import *im, JsonNode *node, const char *where, GError **error)
{
  g_auto (Words) words = { { NULL } };
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *latent = object ? json_object_get_member (object, "latent") : NULL;

  if (latent == NULL || !is_int (latent))
    return set_value_error (im, where, error, "expected an object with a whole number \"latent\"");
  for (guint w = 0; w < N_WORDS; w++)
    if (!dup_member (im, object, columns[1 + w], where, &words.words[w], error))
      return FALSE;
  return add_label (im, &words, json_node_get_int (latent), where, error);
}

static gboolean
check_json_head (const Import *im, JsonObject *object, GError **error)
{
  JsonNode *format = json_object_get_member (object, "format");
  JsonNode *version = json_object_get_member (object, "version");
  JsonNode *labels = json_object_get_member (object, "labels");
  JsonNode *sae = json_object_get_member (object, "sae_sha256");

  if (format == NULL || !is_string (format) || strcmp (json_node_get_string (format), FORMAT) != 0 || version == NULL
      || !is_int (version) || labels == NULL || !JSON_NODE_HOLDS_ARRAY (labels))
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT,
                   "%s: not a file of labels: expected \"format\": \"" FORMAT "\", \"version\" and \"labels\"",
                   im->display);
      return FALSE;
    }
  if (json_node_get_int (version) != VERSION)
    return set_value_error (im, "version", error, "%" G_GINT64_FORMAT ", this program reads %d",
                            json_node_get_int (version), VERSION);
  if (sae == NULL)
    return TRUE;
  if (!is_string (sae))
    return set_value_error (im, "sae_sha256", error, "not a text");
  if (g_ascii_strcasecmp (json_node_get_string (sae), im->project->sae->sha256) == 0)
    return TRUE;
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_MISMATCH,
               "%s: the labels were made for another SAE (SHA-256 %.12s…), the project's is %.12s…", im->display,
               json_node_get_string (sae), im->project->sae->sha256);
  return FALSE;
}

static gboolean
read_json (Import *im, const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = parse_json (path, error);
  JsonNode *root;
  JsonObject *object;
  JsonArray *labels;

  if (parser == NULL)
    {
      g_prefix_error (error, "%s: ", im->display);
      return FALSE;
    }
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_FORMAT, "%s: not a file of labels", im->display);
      return FALSE;
    }
  object = json_node_get_object (root);
  if (!check_json_head (im, object, error))
    return FALSE;
  labels = json_object_get_array_member (object, "labels");
  for (guint i = 0; i < json_array_get_length (labels); i++)
    {
      g_autofree char *where = g_strdup_printf ("labels[%u]", i);

      if (!read_json_label (im, json_array_get_element (labels, i), where, error))
        return FALSE;
    }
  return TRUE;
}

GPtrArray *
cyt_labels_file_read (CytProject *project, const char *path, GError **error)
{
  g_autofree char *display = g_filename_display_name (path);
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_label_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  Import im = { .project = project, .display = display, .labels = labels, .seen = seen };
  gboolean json;

  if (!get_kind (path, display, &json, error)
      || !(json ? read_json (&im, path, error) : read_csv (&im, path, error)))
    return NULL;
  return g_steal_pointer (&labels);
}

/* ---- Import ---- */

gboolean
cyt_labels_file_import (CytProject *project, const char *path, const char *rater, gsize *n_read, gsize *n_changed,
                        GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *what = g_strconcat ("import ", name, NULL);
  g_autoptr (GPtrArray) labels = cyt_labels_file_read (project, path, error);

  if (labels == NULL)
    return FALSE;
  if (rater)
    for (guint i = 0; i < labels->len; i++)
      {
        CytLabel *label = labels->pdata[i];

        g_free (label->concept->rater);
        label->concept->rater = g_strdup (rater);
      }
  if (!cyt_project_set_labels (project, labels, "", what, n_changed, NULL, error))
    return FALSE;
  if (n_read)
    *n_read = labels->len;
  return TRUE;
}
