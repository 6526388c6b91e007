/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-inspection.h"
#include "cyt-project-jobs.h"

G_BEGIN_DECLS

/* What the inspector and the gallery ask of the project's connection. */

typedef struct
{
  gint64 dataset;
  gint64 cell;
  guint latent;
  CytCellTable *table;   /* one that is known already, or NULL */
} CytCellRequest;
CytCellRequest *cyt_cell_request_new (gint64 dataset, gint64 cell, guint latent, CytCellTable *table);
void cyt_cell_request_free (CytCellRequest *self);

gpointer cyt_project_job_load_facts (gpointer state, gpointer data, GCancellable *cancellable,
                                     GError **error); /* cell → CytCellFacts */
/* SHA-256 of a file, hexadecimal → CytCellFacts of the cell it is; CYT_PROJECT_ERROR_NOT_FOUND. */
gpointer cyt_project_job_find_facts (gpointer state, gpointer data, GCancellable *cancellable, GError **error);
/* The entry of the cell in the latent's top list; an empty answer is GINT_TO_POINTER (TRUE). */
gpointer cyt_project_job_load_top_entry (gpointer state, gpointer data, GCancellable *cancellable,
                                         GError **error); /* → GPtrArray with one CytTopCell, or none */
gpointer cyt_project_job_load_cell_thumbnail (gpointer state, gpointer data, GCancellable *cancellable,
                                              GError **error); /* → GPtrArray with one GBytes, or none */
/* Where a model lies now. */
typedef struct
{
  char *role;                /* "encoder" or "sae" */
  char *path;
} CytModelPathRequest;
CytModelPathRequest *cyt_model_path_request_new (const char *role, const char *path);
void cyt_model_path_request_free (CytModelPathRequest *self);
gpointer cyt_project_job_set_model_path (gpointer state, gpointer data, GCancellable *cancellable,
                                         GError **error); /* → TRUE */

/* For a worker with a connection of its own, a CytProjectReader: these read every cell. */
gpointer cyt_project_job_load_scores (gpointer state, gpointer data, GCancellable *cancellable,
                                      GError **error); /* dataset, latent → CytLatentScores */
gpointer cyt_project_job_load_table (gpointer state, gpointer data, GCancellable *cancellable,
                                     GError **error); /* dataset → CytCellTable */

/* Cells of the data set whose latents are most like @latents. */
typedef struct
{
  gint64 dataset;
  gint64 except;             /* id of the cell itself, 0: none */
  guint n;
  CytCellLatents latents;
} CytSimilarRequest;
/* Copies @latents. */
CytSimilarRequest *cyt_similar_request_new (gint64 dataset, gint64 except, guint n, const CytCellLatents *latents);
void cyt_similar_request_free (CytSimilarRequest *self);
gpointer cyt_project_job_load_similar (gpointer state, gpointer data, GCancellable *cancellable,
                                       GError **error); /* → GPtrArray of CytCellItem, score: the cosine */

/* The state of that worker: opens @path, for reading, when it is first needed. */
typedef struct _CytProjectReader CytProjectReader;
CytProjectReader *cyt_project_reader_new (const char *path);
void cyt_project_reader_free (CytProjectReader *self);

G_END_DECLS
