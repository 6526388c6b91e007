/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "project/cyt-project-private.h"
#include "project/cyt-statement.h"

gboolean
cyt_statement_init (CytStatement *self, CytProject *project, const char *sql, GError **error)
{
  int rc;

  *self = (CytStatement) CYT_STATEMENT_INIT;
  self->project = project;
  rc = sqlite3_prepare_v2 (project->db, sql, -1, &self->stmt, NULL);
  if (rc != SQLITE_OK)
    return cyt_project_set_sqlite_error (project, rc, error);
  return TRUE;
}

void
cyt_statement_clear (CytStatement *self)
{
  sqlite3_finalize (self->stmt);
  self->stmt = NULL;
}

static void
note_bind (CytStatement *self, int rc)
{
  if (self->bind_rc == SQLITE_OK)
    self->bind_rc = rc;
}

void
cyt_statement_bind_int (CytStatement *self, int i, gint64 value)
{
  note_bind (self, sqlite3_bind_int64 (self->stmt, i, value));
}

void
cyt_statement_bind_double (CytStatement *self, int i, double value)
{
  note_bind (self, sqlite3_bind_double (self->stmt, i, value));
}

void
cyt_statement_bind_text (CytStatement *self, int i, const char *value)
{
  note_bind (self, sqlite3_bind_text (self->stmt, i, value, -1, SQLITE_STATIC));
}

void
cyt_statement_bind_blob (CytStatement *self, int i, gconstpointer data, gsize size)
{
  /* a NULL pointer would bind NULL instead of an empty blob */
  note_bind (self, sqlite3_bind_blob64 (self->stmt, i, size > 0 ? data : "", size, SQLITE_STATIC));
}

void
cyt_statement_bind_null (CytStatement *self, int i)
{
  note_bind (self, sqlite3_bind_null (self->stmt, i));
}

gboolean
cyt_statement_step (CytStatement *self, gboolean *row, GError **error)
{
  int rc = self->bind_rc;

  self->bad_column = -1;
  if (rc == SQLITE_OK)
    rc = sqlite3_step (self->stmt);
  *row = rc == SQLITE_ROW;
  if (rc == SQLITE_ROW)
    return TRUE;
  if (rc != SQLITE_DONE)
    cyt_project_set_sqlite_error (self->project, rc, error);
  cyt_statement_reset (self);
  return rc == SQLITE_DONE;
}

gboolean
cyt_statement_run (CytStatement *self, GError **error)
{
  gboolean row;

  if (!cyt_statement_step (self, &row, error))
    return FALSE;
  g_assert (!row);
  return TRUE;
}

void
cyt_statement_reset (CytStatement *self)
{
  sqlite3_reset (self->stmt);
  self->bind_rc = SQLITE_OK;
}

static void
note_bad (CytStatement *self, int column)
{
  if (self->bad_column < 0)
    self->bad_column = column;
}

gint64
cyt_statement_get_int (CytStatement *self, int column, gint64 min, gint64 max)
{
  gint64 value;

  if (sqlite3_column_type (self->stmt, column) == SQLITE_INTEGER
      && (value = sqlite3_column_int64 (self->stmt, column)) >= min && value <= max)
    return value;
  note_bad (self, column);
  return min;
}

double
cyt_statement_get_double (CytStatement *self, int column, double min, double max)
{
  double value;

  if (sqlite3_column_type (self->stmt, column) == SQLITE_FLOAT
      && (value = sqlite3_column_double (self->stmt, column)) >= min && value <= max)
    return value;
  note_bad (self, column);
  return min;
}

static const char *
get_text (CytStatement *self, int column, gboolean any_bytes)
{
  const char *text;
  int size;

  if (sqlite3_column_type (self->stmt, column) == SQLITE_TEXT
      && (text = (const char *) sqlite3_column_text (self->stmt, column)) != NULL)
    {
      size = sqlite3_column_bytes (self->stmt, column);
      if (any_bytes ? strlen (text) == (gsize) size : g_utf8_validate (text, size, NULL))
        return text;
    }
  note_bad (self, column);
  return "";
}

const char *
cyt_statement_get_text (CytStatement *self, int column)
{
  return get_text (self, column, FALSE);
}

const char *
cyt_statement_get_path (CytStatement *self, int column)
{
  return get_text (self, column, TRUE);
}

char *
cyt_statement_dup_text_or_null (CytStatement *self, int column)
{
  return cyt_statement_is_null (self, column) ? NULL : g_strdup (cyt_statement_get_text (self, column));
}

gconstpointer
cyt_statement_get_blob (CytStatement *self, int column, gsize *size)
{
  gconstpointer data;

  *size = 0;
  if (sqlite3_column_type (self->stmt, column) != SQLITE_BLOB)
    {
      note_bad (self, column);
      return "";
    }
  data = sqlite3_column_blob (self->stmt, column);
  if (data == NULL) /* an empty one */
    return "";
  *size = sqlite3_column_bytes (self->stmt, column);
  return data;
}

gboolean
cyt_statement_is_null (CytStatement *self, int column)
{
  return sqlite3_column_type (self->stmt, column) == SQLITE_NULL;
}

gboolean
cyt_statement_check_row (CytStatement *self, GError **error, const char *table, const char *key, ...)
{
  g_autofree char *which = NULL;
  va_list args;

  if (self->bad_column < 0)
    return TRUE;
  va_start (args, key);
  which = g_strdup_vprintf (key, args);
  va_end (args);
  cyt_project_set_corrupt (self->project, error, "table %s, %s: column %s has a value that cannot be right", table,
                           which, sqlite3_column_name (self->stmt, self->bad_column));
  cyt_statement_reset (self);
  return FALSE;
}
