/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Everything written here is UTF-8 whatever the locale; nothing goes through g_print(), which would
 * convert to the locale's character set. */

/* @text with control characters, line separators, direction overrides and invalid bytes spelled out
 * ("\n", "\x1b", "\u202e"), so that a hostile file name stays on its line and leaves the terminal alone.
 * NULL gives "". (transfer full) */
char *cli_escape (const char *text);

/* "cytosae: MESSAGE" on standard error, on a line of its own. */
void cli_print_error (const char *message);

/* Prints the value that @builder holds, indented, with a line break. */
void cli_print_json (JsonBuilder *builder);
void cli_print_node (JsonNode *node);
/* A member of the object being built. A double that is not finite, and a NULL string, become null;
 * invalid UTF-8 is replaced. */
void cli_json_add_string (JsonBuilder *builder, const char *name, const char *value);
void cli_json_add_int (JsonBuilder *builder, const char *name, gint64 value);
void cli_json_add_double (JsonBuilder *builder, const char *name, double value);
void cli_json_add_boolean (JsonBuilder *builder, const char *name, gboolean value);
/* @json: a value in JSON. What cannot be parsed becomes null. */
void cli_json_add_json (JsonBuilder *builder, const char *name, const char *json);

/* A number for people (four significant digits) or for programs (%.9g: any float survives); NaN is
 * "" or "–" for people. (transfer full) */
char *cli_format_double (double value);
char *cli_format_exact (double value);

/* A table of text with aligned columns; cells are escaped. */
typedef struct _CliTable CliTable;
/* @headers: NULL-terminated; one that starts with '>' stands for a right-aligned column. */
CliTable *cli_table_new (const char *const *headers);
void cli_table_free (CliTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliTable, cli_table_free)
/* The next cell, left to right, row by row. */
void cli_table_add (CliTable *self, const char *text);
void cli_table_add_int (CliTable *self, gint64 value);
void cli_table_add_double (CliTable *self, double value);
void cli_table_print (CliTable *self, const char *indent);

G_END_DECLS
