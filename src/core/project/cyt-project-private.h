/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sqlite3.h>
#include "project/cyt-project.h"
#include "project/cyt-statement.h"

G_BEGIN_DECLS

/* What the files of this folder share. */

#define CYT_PROJECT_MAX_LATENTS (1u << 22)  /* d_sae */
#define CYT_PROJECT_MAX_TOP 1000            /* m of the top lists */
#define CYT_PROJECT_MAX_NAME 1000           /* bytes of a data set's name or domain */

/* Where the images of a data set without a root lie: nothing is ever found below a file. */
#define CYT_PROJECT_NOWHERE "/dev/null"

struct _CytProject
{
  sqlite3 *db;
  char *path;             /* absolute */
  char *display;          /* path for messages, UTF-8 */
  gboolean read_only;
  gsize d_sae;
  int block;
  gboolean published;
  gint64 data_version;    /* as last read */
  CytProjectModel *encoder;
  CytProjectModel *sae;
  /* Class numbers of the cells of the data set that was committed to last: they never change. */
  gint64 labels_dataset;  /* 0: none */
  GArray *labels;         /* of gint32, (n_cells), -1: none */
};

/* ---- cyt-project.c ---- */

/* Sets the error that fits SQLite's (extended) code and returns FALSE. */
gboolean cyt_project_set_sqlite_error (CytProject *self, int rc, GError **error);
/* CYT_PROJECT_ERROR_CORRUPT naming the file; returns FALSE. */
gboolean cyt_project_set_corrupt (CytProject *self, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* A snapshot for several reads, or a write. A write takes the lock at once, so that it can wait for
 * it; later it could only fail. end() commits when @ok, else rolls back; returns whether it committed. */
gboolean cyt_project_begin_read (CytProject *self, GError **error);
gboolean cyt_project_begin_write (CytProject *self, GError **error);
gboolean cyt_project_end (CytProject *self, gboolean ok, GError **error);
gboolean cyt_project_exec (CytProject *self, const char *sql, GError **error);

/* Whether cyt_project_create() may make @path: there is nothing of that name. */
gboolean cyt_project_check_new (const char *path, GError **error);

/* cyt_project_create() of a project that @fill completes before the file gets its name; where that
 * fails there is no file. @encoder NULL: of published statistics. */
typedef gboolean (*CytProjectFillFunc) (CytProject *project, gpointer user_data, GError **error);
CytProject *cyt_project_create_filled (const char *path, const CytProjectModel *encoder, const CytProjectModel *sae,
                                       gsize d_sae, int block, CytProjectFillFunc fill, gpointer user_data,
                                       GError **error);

/* ---- cyt-project-schema.c ---- */

/* Writes an empty project of ours, all but the models and facts, into a new database. */
gboolean cyt_project_schema_create (CytProject *self, GError **error);
/* Checks that the file holds our tables as we make them, and nothing that SQLite would run. */
gboolean cyt_project_schema_check (CytProject *self, GError **error);
/* Whether the file has the table of levels, which is made when it is first needed. */
gboolean cyt_project_schema_has_levels (CytProject *self, gboolean *has, GError **error);
gboolean cyt_project_schema_add_levels (CytProject *self, GError **error);

/* ---- cyt-project-datasets.c ---- */

/* The data set with this id; CYT_PROJECT_ERROR_NOT_FOUND. @first_cell: id of its first cell, the others
 * follow without a gap. */
CytDataset *cyt_project_load_dataset (CytProject *self, gint64 dataset, gint64 *first_cell, GError **error);

/* ---- cyt-project-thresholds.c ---- */

/* Where counts at a threshold are. */
typedef enum
{
  CYT_COUNTS_OWN,    /* cell_latents: the data set's own */
  CYT_COUNTS_STORED, /* threshold_counts */
  CYT_COUNTS_LEVELS, /* activation_levels */
} CytCountsSource;
/* Whether the counts at @threshold (NAN: the data set's own) can be read, and where: CYT_PROJECT_ERROR_NOT_FOUND. */
gboolean cyt_project_check_threshold (CytProject *self, const CytDataset *dataset, double threshold, CytCountsSource *source,
                                      GError **error);

/* ---- cyt-project-levels.c ---- */

/* Reads a row of latents, counts, levels from @column on into @levels, emptied first; @cell is for messages. */
gboolean cyt_project_read_cell_levels (CytStatement *s, int column, gint64 cell, CytCellLevels *levels, GError **error);

/* ---- cyt-project-cells.c ---- */

/* Reads a row of latents, scores, counts, cls_latents, cls_values from @column on into @latents, emptied first;
 * @cell is for messages. */
gboolean cyt_project_read_cell_latents (CytStatement *s, int column, gint64 cell, CytCellLatents *latents,
                                        GError **error);

/* ---- cyt-project-latent-cells.c ---- */

/* Writes latent_cells from cell_latents, chunk by chunk, and goes on where an earlier call was cut off. Does
 * nothing while cells are still to be indexed. At most some 80 MB of memory. */
gboolean cyt_project_transpose_latents (CytProject *self, gint64 dataset, GCancellable *cancellable, GError **error);

/* ---- cyt-project-concepts.c ---- */

/* Checks lengths and UTF-8 (CYT_TABLE_ERROR_VALUE). */
gboolean cyt_concept_check (const CytConcept *concept, GError **error);

G_END_DECLS
