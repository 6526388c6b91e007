/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* RFC 4180 tables, UTF-8 (a byte-order mark is skipped), LF or CRLF, comma; a header row is needed.
 * Empty lines are passed over; rows may be short; fields beyond the header's must be empty. Errors name the file and the line. Caps: CYT_CSV_MAX_BYTES, CYT_CSV_MAX_COLUMNS. */
#define CYT_CSV_MAX_BYTES (1u << 30)
#define CYT_CSV_MAX_COLUMNS 4096

typedef struct _CytCsv CytCsv;

CytCsv *cyt_csv_read (const char *path, GError **error);
void cyt_csv_free (CytCsv *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytCsv, cyt_csv_free)

gsize cyt_csv_get_n_rows (const CytCsv *self); /* without the header */
guint cyt_csv_get_n_columns (const CytCsv *self);
/* What heads a column, as it stands there; (transfer none). @column < n_columns. */
const char *cyt_csv_get_header (const CytCsv *self, guint column);
/* Column whose header is @name (case-insensitive), or -1. */
int cyt_csv_find_column (const CytCsv *self, const char *name);
/* FALSE with CYT_TABLE_ERROR_COLUMN when one of @names (NULL-terminated) heads several columns: a
 * reader checks the names it looks for. */
gboolean cyt_csv_check_unique (const CytCsv *self, const char *const *names, GError **error);
guint cyt_csv_get_n_fields (const CytCsv *self, gsize row); /* of this row, which may be short */
/* Cell, "" where the row is short; (transfer none). @column >= 0. */
const char *cyt_csv_get (const CytCsv *self, gsize row, int column);
guint cyt_csv_get_line (const CytCsv *self, gsize row); /* 1-based line in the file, for messages */

/* Appends one field, quoted where needed, and the comma before it unless it is the row's first. */
void cyt_csv_append_field (GString *out, gboolean first, const char *value);

G_END_DECLS
