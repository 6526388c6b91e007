/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

/* The schema of user_version 2, described in src/DESIGN.md. A project is only opened when it holds
 * these very texts, so a change here is a new user_version. */
static const struct
{
  const char *type;
  const char *name;
  const char *sql;
} schema[] = {
  { "table", "project",
    "CREATE TABLE project (\n"
    "  id INTEGER PRIMARY KEY CHECK (id = 1),\n"
    "  d_sae INTEGER NOT NULL,\n"
    "  block INTEGER NOT NULL,\n"
    "  published INTEGER NOT NULL DEFAULT 0 CHECK (published IN (0, 1))\n"
    ") STRICT" },
  { "table", "model",
    "CREATE TABLE model (\n"
    "  role TEXT NOT NULL PRIMARY KEY CHECK (role IN ('encoder', 'sae')),\n"
    "  path TEXT NOT NULL,\n"
    "  sha256 TEXT NOT NULL,\n"
    "  config TEXT NOT NULL\n"
    ") STRICT, WITHOUT ROWID" },
  { "table", "setting",
    "CREATE TABLE setting (\n"
    "  key TEXT NOT NULL PRIMARY KEY,\n"
    "  value TEXT NOT NULL\n"
    ") STRICT, WITHOUT ROWID" },
  { "table", "dataset",
    "CREATE TABLE dataset (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  name TEXT NOT NULL UNIQUE,\n"
    "  domain TEXT NOT NULL,\n"
    "  root TEXT NOT NULL,\n"
    "  threshold REAL,\n"
    "  pixel_size REAL,\n"
    "  n_top INTEGER NOT NULL,\n"
    "  first_cell INTEGER NOT NULL,\n"
    "  n_cells INTEGER NOT NULL,\n"
    "  n_indexed INTEGER NOT NULL DEFAULT 0,\n"
    "  n_failed INTEGER NOT NULL DEFAULT 0\n"
    ") STRICT" },
  { "table", "label",
    "CREATE TABLE label (\n"
    "  dataset INTEGER NOT NULL REFERENCES dataset (id),\n"
    "  number INTEGER NOT NULL,\n"
    "  name TEXT NOT NULL,\n"
    "  PRIMARY KEY (dataset, number)\n"
    ") STRICT, WITHOUT ROWID" },
  { "table", "cell",
    "CREATE TABLE cell (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  dataset INTEGER NOT NULL REFERENCES dataset (id),\n"
    "  position INTEGER NOT NULL,\n"
    "  path TEXT NOT NULL,\n"
    "  label INTEGER,\n"
    "  patient TEXT,\n"
    "  disease TEXT,\n"
    "  sha256 TEXT,\n"
    "  width INTEGER,\n"
    "  height INTEGER,\n"
    "  red REAL,\n"
    "  green REAL,\n"
    "  blue REAL,\n"
    "  failure TEXT,\n"
    "  FOREIGN KEY (dataset, label) REFERENCES label (dataset, number)\n"
    ") STRICT" },
  { "table", "cell_latents",
    "CREATE TABLE cell_latents (\n"
    "  cell INTEGER PRIMARY KEY REFERENCES cell (id),\n"
    "  latents BLOB NOT NULL,\n"
    "  scores BLOB NOT NULL,\n"
    "  counts BLOB NOT NULL,\n"
    "  cls_latents BLOB NOT NULL,\n"
    "  cls_values BLOB NOT NULL\n"
    ") STRICT" },
  { "table", "threshold",
    "CREATE TABLE threshold (\n"
    "  dataset INTEGER NOT NULL REFERENCES dataset (id),\n"
    "  value REAL NOT NULL,\n"
    "  n_indexed INTEGER NOT NULL,\n"
    "  PRIMARY KEY (dataset, value)\n"
    ") STRICT, WITHOUT ROWID" },
  { "table", "threshold_counts",
    "CREATE TABLE threshold_counts (\n"
    "  dataset INTEGER NOT NULL,\n"
    "  value REAL NOT NULL,\n"
    "  cell INTEGER NOT NULL REFERENCES cell (id),\n"
    "  latents BLOB NOT NULL,\n"
    "  counts BLOB NOT NULL,\n"
    "  PRIMARY KEY (dataset, value, cell),\n"
    "  FOREIGN KEY (dataset, value) REFERENCES threshold (dataset, value)\n"
    ") STRICT, WITHOUT ROWID" },
  { "table", "latent_chunk",
    "CREATE TABLE latent_chunk (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  dataset INTEGER NOT NULL REFERENCES dataset (id),\n"
    "  first INTEGER NOT NULL,\n"
    "  n_cells INTEGER NOT NULL\n"
    ") STRICT" },
  { "table", "latent_cells",
    "CREATE TABLE latent_cells (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  offsets BLOB NOT NULL,\n"
    "  scores BLOB NOT NULL,\n"
    "  counts BLOB NOT NULL\n"
    ") STRICT" },
  { "table", "thumbnail",
    "CREATE TABLE thumbnail (\n"
    "  cell INTEGER PRIMARY KEY REFERENCES cell (id),\n"
    "  jpeg BLOB NOT NULL\n"
    ") STRICT" },
  { "table", "latent_stats",
    "CREATE TABLE latent_stats (\n"
    "  dataset INTEGER NOT NULL REFERENCES dataset (id),\n"
    "  latent INTEGER NOT NULL,\n"
    "  n_active INTEGER NOT NULL,\n"
    "  sum_score REAL NOT NULL,\n"
    "  sum_square REAL,\n"
    "  sum_cls REAL,\n"
    "  sum_count REAL,\n"
    "  max_act REAL,\n"
    "  frequency REAL,\n"
    "  entropy REAL,\n"
    "  purity REAL,\n"
    "  majority INTEGER,\n"
    "  PRIMARY KEY (dataset, latent)\n"
    ") STRICT, WITHOUT ROWID" },
  { "table", "top_cell",
    "CREATE TABLE top_cell (\n"
    "  dataset INTEGER NOT NULL,\n"
    "  latent INTEGER NOT NULL,\n"
    "  cell INTEGER NOT NULL REFERENCES cell (id),\n"
    "  score REAL NOT NULL,\n"
    "  map BLOB,\n"
    "  rank INTEGER,\n"
    "  PRIMARY KEY (dataset, latent, cell)\n"
    ") STRICT, WITHOUT ROWID" },
  { "table", "projection",
    "CREATE TABLE projection (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  method TEXT NOT NULL UNIQUE,\n"
    "  coordinates BLOB NOT NULL,\n"
    "  share_x REAL,\n"
    "  share_y REAL\n"
    ") STRICT" },
  { "table", "concept",
    "CREATE TABLE concept (\n"
    "  latent INTEGER PRIMARY KEY,\n"
    "  name TEXT NOT NULL,\n"
    "  category TEXT NOT NULL,\n"
    "  status TEXT NOT NULL,\n"
    "  confidence INTEGER NOT NULL,\n"
    "  tags TEXT NOT NULL,\n"
    "  note TEXT NOT NULL,\n"
    "  rater TEXT NOT NULL,\n"
    "  edited_at INTEGER NOT NULL\n"
    ") STRICT" },
  { "table", "concept_change",
    "CREATE TABLE concept_change (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  edit INTEGER NOT NULL,\n"
    "  latent INTEGER NOT NULL,\n"
    "  at INTEGER NOT NULL,\n"
    "  rater TEXT NOT NULL,\n"
    "  what TEXT NOT NULL,\n"
    "  field TEXT NOT NULL,\n"
    "  old_value TEXT NOT NULL,\n"
    "  new_value TEXT NOT NULL\n"
    ") STRICT" },
  { "table", "attribute",
    "CREATE TABLE attribute (\n"
    "  dataset INTEGER NOT NULL REFERENCES dataset (id),\n"
    "  number INTEGER NOT NULL,\n"
    "  name TEXT NOT NULL,\n"
    "  codes BLOB NOT NULL,\n"
    "  PRIMARY KEY (dataset, number)\n"
    ") STRICT" },
  { "table", "attribute_value",
    "CREATE TABLE attribute_value (\n"
    "  dataset INTEGER NOT NULL,\n"
    "  attribute INTEGER NOT NULL,\n"
    "  number INTEGER NOT NULL,\n"
    "  name TEXT NOT NULL,\n"
    "  PRIMARY KEY (dataset, attribute, number),\n"
    "  FOREIGN KEY (dataset, attribute) REFERENCES attribute (dataset, number)\n"
    ") STRICT, WITHOUT ROWID" },
  { "table", "suggestion",
    "CREATE TABLE suggestion (\n"
    "  dataset INTEGER NOT NULL,\n"
    "  latent INTEGER NOT NULL,\n"
    "  rank INTEGER NOT NULL,\n"
    "  attribute INTEGER NOT NULL,\n"
    "  value INTEGER NOT NULL,\n"
    "  auprc REAL NOT NULL,\n"
    "  prevalence REAL NOT NULL,\n"
    "  bound REAL NOT NULL,\n"
    "  n_cells INTEGER NOT NULL,\n"
    "  n_positive INTEGER NOT NULL,\n"
    "  PRIMARY KEY (dataset, latent, rank),\n"
    "  FOREIGN KEY (dataset, attribute, value) REFERENCES attribute_value (dataset, attribute, number)\n"
    ") STRICT, WITHOUT ROWID" },
  { "table", "measure",
    "CREATE TABLE measure (\n"
    "  dataset INTEGER NOT NULL REFERENCES dataset (id),\n"
    "  number INTEGER NOT NULL,\n"
    "  name TEXT NOT NULL,\n"
    "  at INTEGER NOT NULL,\n"
    "  embedding TEXT NOT NULL,\n"
    "  n_latents INTEGER NOT NULL,\n"
    "  n_alive INTEGER NOT NULL,\n"
    "  n_images INTEGER NOT NULL,\n"
    "  n_failed INTEGER NOT NULL,\n"
    "  n_labelled INTEGER NOT NULL,\n"
    "  n_masked INTEGER NOT NULL,\n"
    "  l0 REAL NOT NULL,\n"
    "  explained REAL,\n"
    "  monosemanticity REAL,\n"
    "  monosemanticity_chance REAL,\n"
    "  entropy REAL,\n"
    "  purity REAL,\n"
    "  cosine REAL,\n"
    "  jaccard REAL,\n"
    "  PRIMARY KEY (dataset, number)\n"
    ") STRICT, WITHOUT ROWID" },
  { "table", "measure_best",
    "CREATE TABLE measure_best (\n"
    "  dataset INTEGER NOT NULL,\n"
    "  measure INTEGER NOT NULL,\n"
    "  kind TEXT NOT NULL CHECK (kind IN ('ceiling', 'class', 'structure')),\n"
    "  number INTEGER NOT NULL,\n"
    "  name TEXT NOT NULL,\n"
    "  latent INTEGER,\n"
    "  chosen REAL,\n"
    "  scored REAL,\n"
    "  chance REAL,\n"
    "  overlap REAL,\n"
    "  PRIMARY KEY (dataset, measure, kind, number),\n"
    "  FOREIGN KEY (dataset, measure) REFERENCES measure (dataset, number)\n"
    ") STRICT, WITHOUT ROWID" },
  { "table", "latent_measure",
    "CREATE TABLE latent_measure (\n"
    "  dataset INTEGER NOT NULL REFERENCES dataset (id),\n"
    "  latent INTEGER NOT NULL,\n"
    "  n_active INTEGER NOT NULL,\n"
    "  frequency REAL NOT NULL,\n"
    "  token_frequency REAL NOT NULL,\n"
    "  explained REAL,\n"
    "  entropy REAL,\n"
    "  purity REAL,\n"
    "  majority INTEGER,\n"
    "  best_class INTEGER,\n"
    "  auprc REAL,\n"
    "  prevalence REAL,\n"
    "  monosemanticity REAL,\n"
    "  nearest INTEGER,\n"
    "  cosine REAL,\n"
    "  twin INTEGER,\n"
    "  jaccard REAL,\n"
    "  structure INTEGER,\n"
    "  map_precision REAL,\n"
    "  map_chance REAL,\n"
    "  map_overlap REAL,\n"
    "  PRIMARY KEY (dataset, latent)\n"
    ") STRICT, WITHOUT ROWID" },
  { "index", "concept_change_latent", "CREATE INDEX concept_change_latent ON concept_change (latent)" },
};

/* A table that is there once somebody has asked for it: files without it are as good. */
#define LEVELS_TABLE "activation_levels"
#define LEVELS_SQL                                     \
  "CREATE TABLE " LEVELS_TABLE " (\n"                  \
  "  cell INTEGER PRIMARY KEY REFERENCES cell (id),\n" \
  "  latents BLOB NOT NULL,\n"                         \
  "  counts BLOB NOT NULL,\n"                          \
  "  levels BLOB NOT NULL\n"                           \
  ") STRICT"

gboolean
cyt_project_schema_has_levels (CytProject *self, gboolean *has, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;

  return cyt_statement_init (&s, self, "SELECT 1 FROM sqlite_schema WHERE name = '" LEVELS_TABLE "'", error)
         && cyt_statement_step (&s, has, error);
}

gboolean
cyt_project_schema_add_levels (CytProject *self, GError **error)
{
  gboolean has;

  return cyt_project_schema_has_levels (self, &has, error) && (has || cyt_project_exec (self, LEVELS_SQL, error));
}

gboolean
cyt_project_schema_create (CytProject *self, GError **error)
{
  g_autofree char *ids = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d",
                                          CYT_PROJECT_APPLICATION_ID, CYT_PROJECT_USER_VERSION);

  if (!cyt_project_exec (self, ids, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (schema); i++)
    if (!cyt_project_exec (self, schema[i].sql, error))
      return FALSE;
  return TRUE;
}

gboolean
cyt_project_schema_check (CytProject *self, GError **error)
{
  g_auto (CytStatement) s = CYT_STATEMENT_INIT;
  gboolean found[G_N_ELEMENTS (schema)] = { FALSE };
  gboolean row;

  if (!cyt_statement_init (&s, self, "SELECT type, name, ifnull (sql, '') FROM sqlite_schema", error))
    return FALSE;
  while (TRUE)
    {
      const char *type, *name, *sql;
      guint i;

      if (!cyt_statement_step (&s, &row, error))
        return FALSE;
      if (!row)
        break;
      type = cyt_statement_get_text (&s, 0);
      name = cyt_statement_get_text (&s, 1);
      sql = cyt_statement_get_text (&s, 2);
      if (!cyt_statement_check_row (&s, error, "sqlite_schema", "one of its rows"))
        return FALSE;
      for (i = 0; i < G_N_ELEMENTS (schema) && strcmp (schema[i].name, name) != 0; i++)
        ;
      if (i < G_N_ELEMENTS (schema))
        {
          if (found[i] || strcmp (schema[i].type, type) != 0 || strcmp (schema[i].sql, sql) != 0)
            return cyt_project_set_corrupt (self, error, "%s %s is not as this program makes it", type, name);
          found[i] = TRUE;
        }
      else if (strcmp (name, LEVELS_TABLE) == 0)
        {
          if (strcmp (type, "table") != 0 || strcmp (sql, LEVELS_SQL) != 0)
            return cyt_project_set_corrupt (self, error, "%s %s is not as this program makes it", type, name);
        }
      /* SQLite's own helpers, and a table that somebody added, do no harm: nothing ever runs them.
       * Views, triggers, virtual tables and indices on expressions could. */
      else if (!(strcmp (type, "table") == 0 && g_ascii_strncasecmp (sql, "CREATE TABLE ", 13) == 0)
               && !(strcmp (type, "index") == 0 && g_str_has_prefix (name, "sqlite_") && *sql == '\0'))
        return cyt_project_set_corrupt (self, error, "%s %s does not belong into a project", type, name);
    }
  for (guint i = 0; i < G_N_ELEMENTS (schema); i++)
    if (!found[i])
      return cyt_project_set_corrupt (self, error, "%s %s is missing", schema[i].type, schema[i].name);
  return TRUE;
}
