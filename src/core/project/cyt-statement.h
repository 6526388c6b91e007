/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* A prepared statement of a project that distrusts what it reads: each getter checks type and range
 * and remembers the first column that failed; cyt_statement_check_row() turns that into
 * CYT_PROJECT_ERROR_CORRUPT naming file, table and key. Private to this folder. */
typedef struct
{
  CytProject *project;
  sqlite3_stmt *stmt;
  int bind_rc;      /* first failure of a bind; reported by the next step */
  int bad_column;   /* first bad column of the current row, -1: none */
} CytStatement;

gboolean cyt_statement_init (CytStatement *self, CytProject *project, const char *sql, GError **error);
void cyt_statement_clear (CytStatement *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CytStatement, cyt_statement_clear)
#define CYT_STATEMENT_INIT { NULL, NULL, SQLITE_OK, -1 }

/* Parameters count from 1. Text and blobs are borrowed: they have to live until the statement has
 * run. A NULL text binds NULL. */
void cyt_statement_bind_int (CytStatement *self, int i, gint64 value);
void cyt_statement_bind_double (CytStatement *self, int i, double value);
void cyt_statement_bind_text (CytStatement *self, int i, const char *value);
void cyt_statement_bind_blob (CytStatement *self, int i, gconstpointer data, gsize size);
void cyt_statement_bind_null (CytStatement *self, int i);

/* @row: whether there is a row to read. At the end, and on failure, the statement is reset, so that
 * it never holds a lock longer than it has to. */
gboolean cyt_statement_step (CytStatement *self, gboolean *row, GError **error);
/* Runs a statement without rows. */
gboolean cyt_statement_run (CytStatement *self, GError **error);
void cyt_statement_reset (CytStatement *self);

/* Columns count from 0. What does not fit reads as min, "" or an empty blob. */
gint64 cyt_statement_get_int (CytStatement *self, int column, gint64 min, gint64 max);
double cyt_statement_get_double (CytStatement *self, int column, double min, double max);
const char *cyt_statement_get_text (CytStatement *self, int column);  /* UTF-8 without NUL */
const char *cyt_statement_get_path (CytStatement *self, int column);  /* any bytes but NUL */
char *cyt_statement_dup_text_or_null (CytStatement *self, int column);
gconstpointer cyt_statement_get_blob (CytStatement *self, int column, gsize *size);
gboolean cyt_statement_is_null (CytStatement *self, int column);

/* FALSE when a getter refused a column of this row. @key: which row, such as "latent 17". */
gboolean cyt_statement_check_row (CytStatement *self, GError **error, const char *table, const char *key, ...)
    G_GNUC_PRINTF (4, 5);

G_END_DECLS
