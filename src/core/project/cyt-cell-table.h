/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

G_BEGIN_DECLS

/* All cells of a data set in a compact form, for galleries and comparisons of 100,000 of them: read in one go,
 * read-only, shared. Cell i has the id first_cell + i. Strings are "" where not given. */
typedef struct
{
  gint64 dataset;
  gint64 first_cell;
  gsize n;
  char *root;              /* absolute folder of the images, as last seen */
  GStrv labels;            /* classes, sorted */
  const char **path;       /* (n) relative to root, bytes */
  gint32 *label;           /* (n) index into labels, -1: none */
  const char **patient;    /* (n) equal ones are the same pointer; likewise: */
  const char **disease;    /* (n) */
  guint8 *failed;          /* (n) 1: could not be read, or is not there */
  GStringChunk *strings;
} CytCellTable;

CytCellTable *cyt_cell_table_load (CytProject *project, gint64 dataset, GCancellable *cancellable, GError **error);
CytCellTable *cyt_cell_table_ref (CytCellTable *self);
void cyt_cell_table_unref (CytCellTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytCellTable, cyt_cell_table_unref)
/* Absolute path of cell @i (transfer full). */
char *cyt_cell_table_dup_path (const CytCellTable *self, gsize i);

/* Scores of one latent over all cells of a data set: (n) f32, 0 where it does not fire, NAN where the cell has no
 * latents (not indexed yet, unreadable, published). Takes about a millisecond; while the data set is being indexed every
 * cell's list is read once. (transfer full) */
float *cyt_project_load_scores (CytProject *project, gint64 dataset, guint latent, gsize *n, GCancellable *cancellable,
                                GError **error);

/* The latents in whose top lists a cell is, with its scores there: ascending, counts, CLS and maxima 0. What published
 * statistics tell of a cell. Goes through all top lists: some 0.1 s for 500,000 entries. */
gboolean cyt_project_get_top_latents (CytProject *project, gint64 dataset, gint64 cell, CytCellLatents *latents,
                                      GError **error);

/* Where a value stands among others. */
typedef struct
{
  gsize n;          /* values known, this one included */
  gsize n_above;    /* larger than it: it is the (n_above + 1)-th */
  double share_below; /* of the others, how many are smaller, ties half: 0…1; NAN where there are none */
} CytStanding;
/* Of scores[i] among the scores that are not NAN and for which @member is TRUE (NULL: all). */
CytStanding cyt_standing_compute (const float *scores, gsize n, gsize i,
                                  gboolean (*member) (gsize j, gpointer user_data), gpointer user_data);

G_END_DECLS
