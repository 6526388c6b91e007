/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "index/cyt-measures-data.h"
#include "project/cyt-project.h"

G_BEGIN_DECLS

/* The measures of a data set (METHODS §7), as they were last taken. */

/* Replaces those of a data set. @measures: of CytMeasures, the project's SAE first, of which also each latent's are kept,
 * then the baselines. @embedding: a line that tells which embedding monosemanticity rests on. */
gboolean cyt_project_set_measures (CytProject *self, gint64 dataset, const GPtrArray *measures, const char *embedding,
                                   GError **error);
/* Of CytMeasures, the SAE first, without rows; empty where nothing was measured. Either may be NULL: @at: Unix time, µs, when
 * it was; @embedding: (transfer full), "" where nothing was measured. */
GPtrArray *cyt_project_list_measures (CytProject *self, gint64 dataset, gint64 *at, char **embedding, GError **error);
/* All d_sae rows, into @rows (d_sae, caller's): one that never fires is all NAN and −1 but for its zeros. @measured: whether
 * there are any; else all are like that. */
gboolean cyt_project_load_measures_rows (CytProject *self, gint64 dataset, CytMeasuresRow *rows, gboolean *measured,
                                         GError **error);

G_END_DECLS
