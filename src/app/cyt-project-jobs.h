/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "analysis/cyt-level-barcodes.h"
#include "model/cyt-worker.h"
#include "project/cyt-model-store.h"

#include "cyt-latent-table.h"

G_BEGIN_DECLS

/* What the window asks of its database connection: functions for the project worker. Nothing here
 * touches a widget, and nothing else in the app touches the database. */

/* The worker's state: the connection, NULL until opened. */
typedef struct
{
  CytProject *project;
  gint64 data_version;   /* as of the last view that was loaded */
  CytLevelBarcodes *levels; /* of the data set that was asked for last, NULL: none */
  gint64 levels_dataset;
  gsize levels_n_indexed; /* cells that it had by then */
} CytProjectState;

CytProjectState *cyt_project_state_new (void);
void cyt_project_state_free (CytProjectState *self);

/* Everything the window needs of a project, read in one go. */
typedef struct
{
  char *path;
  gboolean read_only;
  gboolean simulated;
  CytModelFiles *model_files; /* NULL: published */
  GPtrArray *datasets;     /* of CytDataset */
  GPtrArray *tables;       /* of CytLatentTable, by data set; where there is none yet, one in which nothing fires */
  GPtrArray *concepts;     /* of CytConcept */
  GHashTable *filters;     /* saved ones: name → text of cyt_latent_filter_to_text() */
} CytProjectView;
void cyt_project_view_free (CytProjectView *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytProjectView, cyt_project_view_free)

/* @path: opens it first when not NULL. @only_if_changed: the result's tables
 * are NULL when no other connection has changed the file since the last view. */
typedef struct
{
  char *path;
  gboolean only_if_changed;
} CytViewRequest;
CytViewRequest *cyt_view_request_new (const char *path, gboolean only_if_changed);
void cyt_view_request_free (CytViewRequest *self);
gpointer cyt_project_job_load_view (gpointer state, gpointer data, GCancellable *cancellable,
                                    GError **error); /* → CytProjectView */

typedef struct
{
  gint64 dataset;
  guint latent;
} CytLatentRequest;
CytLatentRequest *cyt_latent_request_new (gint64 dataset, guint latent);
gpointer cyt_project_job_load_changes (gpointer state, gpointer data, GCancellable *cancellable,
                                       GError **error); /* → GPtrArray of CytConceptChange */
gpointer cyt_project_job_load_failures (gpointer state, gpointer data, GCancellable *cancellable,
                                        GError **error); /* → GPtrArray of CytCell */

/* Edits of labels, in one transaction (cyt_project_set_labels()). */
typedef struct
{
  GPtrArray *labels;       /* of CytLabel, each latent once */
  char *rater;             /* where a label names none; NULL while nobody has said: "" is written */
  char *what;
} CytSaveRequest;
CytSaveRequest *cyt_save_request_new (const char *what);
void cyt_save_request_free (CytSaveRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytSaveRequest, cyt_save_request_free)
gpointer cyt_project_job_save (gpointer state, gpointer data, GCancellable *cancellable,
                               GError **error); /* → GPtrArray of CytConcept as they now stand */

/* cyt_project_sign_labels(). */
typedef struct
{
  char *rater;
  gint64 since;
} CytSignRequest;
void cyt_sign_request_free (CytSignRequest *self);
gpointer cyt_project_job_sign (gpointer state, gpointer data, GCancellable *cancellable, GError **error); /* → TRUE */

G_END_DECLS
