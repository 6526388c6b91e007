/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-latent-filter.h"

G_BEGIN_DECLS

/* What a filter says, in the user's language: "unlabelled · eosinophil · frequency 1 % – 20 %"; "" when nothing is
 * set (transfer full). */
char *cyt_filter_text_describe (const CytLatentFilter *filter);
/* How many criteria are set. */
guint cyt_filter_text_count (const CytLatentFilter *filter);

/* A number as the user typed it, in his locale or in C's: TRUE and @value, which is @fallback when empty. */
gboolean cyt_filter_text_parse_number (const char *text, double fallback, double *value);

G_END_DECLS
