/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-measuring.h"

#include "cyt-session.h"

G_BEGIN_DECLS

/* Measuring the SAE of the project (cyt-session-measure.c): cyt_measuring_run() on a thread and a connection of its own. */

/* What is known of one data set. */
typedef struct
{
  GPtrArray *measures;   /* of CytMeasures: the SAE, with rows, then the baselines; empty: never measured */
  char *embedding;       /* what monosemanticity rests on, in words */
  gint64 at;             /* Unix time, µs; 0: never measured */
  gboolean interrupted;  /* some measurement of the project was, and can go on */
} CytMeasureView;
void cyt_measure_view_free (CytMeasureView *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytMeasureView, cyt_measure_view_free)

/* What the project holds of the data set @dataset. Errors: those of cyt_project_open(). (transfer full) */
void cyt_session_load_measures_async (CytSession *self, const char *dataset, GAsyncReadyCallback callback, gpointer user_data);
CytMeasureView *cyt_session_load_measures_finish (CytSession *self, GAsyncResult *result, GError **error);

/* As in CytMeasuringOptions. */
typedef struct
{
  char *dataset;
  gboolean baselines;
  char *masks;           /* NULL: none */
  char *mask_names;      /* NULL: as the files are called */
} CytMeasurePlan;

/* Measures, keeps it in the project, and makes the session read its numbers again. In the result every dictionary has rows.
 * @progress: (transfer full) lives as long as the work, until @callback has returned. Errors: those of cyt_measuring_run();
 * after one, and when cancelled, the same plan goes on where it stopped. */
void cyt_session_measure_async (CytSession *self, const CytMeasurePlan *plan, CytProgress *progress, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
CytMeasureView *cyt_session_measure_finish (CytSession *self, GAsyncResult *result, GError **error);
/* cyt_measures_write_csv() on a thread. */
void cyt_session_write_measures_async (CytSession *self, GPtrArray *measures, const char *path,
                                       GAsyncReadyCallback callback, gpointer user_data);
gboolean cyt_session_write_measures_finish (CytSession *self, GAsyncResult *result, GError **error);

G_END_DECLS
