/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "index/cyt-measures-data.h"

#include "cyt-session.h"

G_BEGIN_DECLS

/* Tables of what was measured, a column for each dictionary, the SAE first. @measures: of CytMeasures, at least one. */

/* A row for each measure, each with a sentence that says what it means. (transfer floating) */
GtkWidget *cyt_measure_table_new (const GPtrArray *measures);
/* A row for each class, or structure: how well its best latent tells it. The SAE's leads to that latent in the window of
 * @session. (transfer floating) */
GtkWidget *cyt_measure_table_new_best (const GPtrArray *measures, gboolean structures, CytSession *session);

G_END_DECLS
