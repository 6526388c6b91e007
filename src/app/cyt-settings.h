/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the explorer remembers between runs, in a key file of the user's configuration folder: the
 * rater's name, the recent projects, the window's size. Main thread only; changes are written
 * asynchronously. */

#define CYT_SETTINGS_N_RECENT 8

/* NULL when unset. (transfer full) */
char *cyt_settings_dup_string (const char *key);
void cyt_settings_set_string (const char *key, const char *value);
int cyt_settings_get_int (const char *key, int fallback);
void cyt_settings_set_int (const char *key, int value);

/* Most recent first; files that are gone are left out. (transfer full) */
GStrv cyt_settings_list_recent (void);
void cyt_settings_add_recent (const char *path);

/* Waits until what was changed is on disk; for the end of the program. */
void cyt_settings_flush (void);

G_END_DECLS
