/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the explorer remembers between runs: GSettings of the keys in data/org.cytosae.Explorer.gschema.xml (a key that
 * is not there is a bug and ends the program), kept in a key file of the user's configuration folder. Main thread only. */

#define CYT_SETTINGS_N_RECENT 8

/* NULL when empty. (transfer full) */
char *cyt_settings_dup_string (const char *key);
void cyt_settings_set_string (const char *key, const char *value);
/* @fallback: while the user has not set it. */
int cyt_settings_get_int (const char *key, int fallback);
void cyt_settings_set_int (const char *key, int value);

/* Most recent first; files that are gone are left out. (transfer full) */
GStrv cyt_settings_list_recent (void);
void cyt_settings_add_recent (const char *path);

/* Waits until what was changed is on disk; for the end of the program. */
void cyt_settings_flush (void);

G_END_DECLS
