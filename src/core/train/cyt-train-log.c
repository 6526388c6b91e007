/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "io/cyt-csv.h"
#include "io/cyt-error.h"
#include "train/cyt-train-log.h"

#define MAX_CFG_BYTES (1 << 20)
#define LOG_SUFFIX ".safetensors.csv"

static const char *const columns[CYT_TRAIN_LOG_N_COLUMNS + 1] = {
  [CYT_TRAIN_LOG_MSE] = "mse",
  [CYT_TRAIN_LOG_NESTED] = "nested",
  [CYT_TRAIN_LOG_L1] = "l1",
  [CYT_TRAIN_LOG_L0_PENALTY] = "l0_penalty",
  [CYT_TRAIN_LOG_GHOST] = "ghost",
  [CYT_TRAIN_LOG_AUX] = "aux",
  [CYT_TRAIN_LOG_L0] = "l0",
  [CYT_TRAIN_LOG_EXPLAINED] = "explained_variance",
  [CYT_TRAIN_LOG_N_DEAD] = "n_dead",
};

/* Those that a log of an older version has, too; the others are 0 without them. */
static gboolean
is_needed (guint column)
{
  return column != CYT_TRAIN_LOG_NESTED && column != CYT_TRAIN_LOG_L0_PENALTY && column != CYT_TRAIN_LOG_AUX;
}

void
cyt_train_log_free (CytTrainLog *self)
{
  if (self == NULL)
    return;
  for (guint c = 0; c < CYT_TRAIN_LOG_N_COLUMNS; c++)
    g_free (self->values[c]);
  g_free (self->name);
  g_free (self->csv);
  g_free (self->variant);
  g_free (self);
}

/* The one log in a folder (transfer full). */
static char *
find_csv (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  g_autofree char *found = NULL, *display = g_filename_display_name (folder);
  const char *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      if (!g_str_has_suffix (name, LOG_SUFFIX) && !g_str_has_suffix (name, ".pt.csv"))
        continue;
      if (found != NULL)
        {
          g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s: has logs of several trainings: name one of them", display);
          return NULL;
        }
      found = g_build_filename (folder, name, NULL);
    }
  if (found == NULL)
    g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY,
                 "%s: has no log of a training (FILE.safetensors.csv or FILE.pt.csv)", display);
  return g_steal_pointer (&found);
}

static gint64
get_int (JsonObject *object, const char *name, gint64 otherwise)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
             && json_node_get_int (node) >= 0
           ? json_node_get_int (node) : otherwise;
}

/* What cannot be read stays unknown. */
static void
read_cfg (CytTrainLog *self, const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "cfg.json", NULL), *text = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *cfg, *training;
  JsonNode *node;
  gsize n;

  if (!g_file_get_contents (path, &text, &n, NULL) || n > MAX_CFG_BYTES || !json_parser_load_from_data (parser, text, n, NULL)
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    return;
  cfg = json_node_get_object (json_parser_get_root (parser));
  node = json_object_get_member (cfg, "training");
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return;
  training = json_node_get_object (node);
  self->d_sae = (gsize) get_int (cfg, "d_sae", 0);
  self->batch = (gsize) get_int (training, "batch", 0);
  self->seed = get_int (training, "seed", -1);
  node = json_object_get_member (training, "variant");
  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    self->variant = g_strndup (json_node_get_string (node), 40);
  node = json_object_get_member (training, "simulated");
  self->simulated = node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN
                    && json_node_get_boolean (node);
}

static gboolean
read_rows (CytTrainLog *self, const CytCsv *csv, const char *display, GError **error)
{
  int step = cyt_csv_find_column (csv, "step");

  for (guint c = 0; c < CYT_TRAIN_LOG_N_COLUMNS; c++)
    if (step < 0 || (is_needed (c) && cyt_csv_find_column (csv, columns[c]) < 0))
      {
        g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_COLUMN, "%s: is no log of a training: there is no column \"%s\"",
                     display, step < 0 ? "step" : columns[c]);
        return FALSE;
      }
  self->n_steps = cyt_csv_get_n_rows (csv);
  if (self->n_steps == 0)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_EMPTY, "%s: the log has no step", display);
      return FALSE;
    }
  for (guint c = 0; c < CYT_TRAIN_LOG_N_COLUMNS; c++)
    {
      int column = cyt_csv_find_column (csv, columns[c]);

      self->values[c] = g_new0 (double, self->n_steps);
      for (gsize r = 0; column >= 0 && r < self->n_steps; r++)
        {
          const char *text = cyt_csv_get (csv, r, column);
          char *end;

          self->values[c][r] = g_ascii_strtod (text, &end);
          if (text[0] == '\0' || *end != '\0' || !isfinite (self->values[c][r]))
            {
              g_autofree char *shown = g_strescape (text, NULL);

              g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s: line %u: %s is a number, not \"%.40s\"", display,
                           cyt_csv_get_line (csv, r), columns[c], shown);
              return FALSE;
            }
        }
    }
  for (gsize r = 0; r < self->n_steps; r++)
    if (g_ascii_strtoull (cyt_csv_get (csv, r, step), NULL, 10) != r + 1)
      {
        g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s: line %u: expected step %" G_GSIZE_FORMAT, display,
                     cyt_csv_get_line (csv, r), r + 1);
        return FALSE;
      }
  return TRUE;
}

CytTrainLog *
cyt_train_log_read (const char *path, GError **error)
{
  g_autoptr (CytTrainLog) self = g_new0 (CytTrainLog, 1);
  g_autoptr (CytCsv) csv = NULL;
  g_autofree char *folder = NULL, *full = NULL, *display = NULL;

  self->seed = -1;
  self->csv = g_file_test (path, G_FILE_TEST_IS_DIR) ? find_csv (path, error) : g_strdup (path);
  if (self->csv == NULL || (csv = cyt_csv_read (self->csv, error)) == NULL || !cyt_csv_check_unique (csv, columns, error))
    return NULL;
  display = g_filename_display_name (self->csv);
  full = g_canonicalize_filename (self->csv, NULL);
  folder = g_path_get_dirname (full);
  if (!read_rows (self, csv, display, error))
    return NULL;
  if (g_str_has_suffix (self->csv, LOG_SUFFIX))
    read_cfg (self, folder);
  self->name = g_filename_display_basename (self->batch > 0 ? folder : full);
  return g_steal_pointer (&self);
}
