/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Text that this program puts into its figures, read back from files of any origin. Where it stands:
 * PNG: a tEXt chunk of the keyword @key. PDF: the Keywords of the document information, which begin with "KEY ".
 * SVG: <metadata id="KEY">. What is read is ASCII, at most @max bytes (transfer full). Errors: G_FILE_ERROR,
 * CYT_TABLE_ERROR (another kind of file, none of that text, damaged); they name the file. */
char *cyt_embedded_text_read (const char *path, const char *key, gsize max, GError **error);

G_END_DECLS
