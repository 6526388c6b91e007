/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define CYT_JSON_MAX_DEPTH 32

/* Whether @text (@size bytes of UTF-8) may be given to json-glib, which descends without a limit, skips comments and cuts
 * strings at a NUL. Errors are CYT_TABLE_ERROR_FORMAT and name the line. */
gboolean cyt_json_check (const char *text, gsize size, GError **error);

G_END_DECLS
