/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers and times as people read them, in the user's locale. All (transfer full). */

/* Three significant digits; "–" for NaN. */
char *cyt_format_number (double value);
/* A share 0…1 as a percentage with three significant digits; "–" for NaN. */
char *cyt_format_percent (double share);
/* A whole number with the locale's thousands separators. */
char *cyt_format_count (guint64 value);
/* A message of an error as a sentence: a capital letter, unless it begins with the name of a file, and a full stop. */
char *cyt_format_sentence (const char *text);
/* "40 s", "15 min", "2 h 5 min". */
char *cyt_format_duration (double seconds);
/* A Unix time in µs as a local date and time; times of today without the date. */
char *cyt_format_time (gint64 unix_us);

G_END_DECLS
