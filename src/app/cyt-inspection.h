/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-cell-table.h"

#include "cyt-cell-analysis.h"

G_BEGIN_DECLS

/* One cell that is looked at closely: what is known of it, and what is selected on it. The session fills it bit by
 * bit; views show what there is. Main thread only.
 *
 * Signals: "changed": something arrived; "selection-changed": another latent or place; "standing-changed":
 * scores to compare with; "similar-changed". */
#define CYT_TYPE_INSPECTION (cyt_inspection_get_type ())
G_DECLARE_FINAL_TYPE (CytInspection, cyt_inspection, CYT, INSPECTION, GObject)

/* What is ranked: a token (0 CLS, 1 + 16 · row + column a patch), or the whole cell. */
#define CYT_PLACE_CELL (-1)
#define CYT_PLACE_CLS 0

/* What the project holds of the cell. */
typedef struct
{
  CytCell *cell;
  char *path;               /* absolute */
  GBytes *thumbnail;        /* or NULL */
  CytDataset *dataset;
  CytCellLatents latents;   /* as indexed; n = 0 where there are none */
  CytCellLatents top;       /* where published: latents that have it among their top cells */
} CytCellFacts;
void cyt_cell_facts_free (CytCellFacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytCellFacts, cyt_cell_facts_free)

/* The scores of one latent over all cells of the cell's data set. */
typedef struct
{
  guint latent;
  CytCellTable *table;
  float *scores;            /* (table->n) */
} CytLatentScores;
void cyt_latent_scores_free (CytLatentScores *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytLatentScores, cyt_latent_scores_free)

/* A cell of the project by its id, or (@cell 0) the image file at @path. @latent: whose map shows first, -1: the
 * strongest of the cell. */
CytInspection *cyt_inspection_new (gint64 cell, const char *path, gint64 latent);

gint64 cyt_inspection_get_id (CytInspection *self);                  /* 0: a file that is not known as a cell */
const char *cyt_inspection_get_path (CytInspection *self);           /* NULL until known */
const CytCellFacts *cyt_inspection_get_facts (CytInspection *self);  /* NULL until known, and for a file */
CytCellAnalysis *cyt_inspection_get_analysis (CytInspection *self);  /* (transfer none), NULL: not there */
/* Why there is no analysis; NULL while it is on its way. */
const GError *cyt_inspection_get_error (CytInspection *self);
/* The file is not the one that was indexed. */
gboolean cyt_inspection_is_changed (CytInspection *self);

gint64 cyt_inspection_get_latent (CytInspection *self);              /* -1: none */
void cyt_inspection_set_latent (CytInspection *self, gint64 latent);
int cyt_inspection_get_place (CytInspection *self);
void cyt_inspection_set_place (CytInspection *self, int place);

/* Where the selected latent fires. FALSE when that is not known. */
gboolean cyt_inspection_get_map (CytInspection *self, CytSparseMap *map);
/* f of the selected latent at a token; NAN when that is not known. */
float cyt_inspection_get_value (CytInspection *self, guint token);
/* Whether the ranking is only of latents that have the cell among their top cells: all that was published. */
gboolean cyt_inspection_is_top_only (CytInspection *self);
/* The latents of the selected place, of CytRankedLatent, or NULL when they are not known. (transfer full) */
GArray *cyt_inspection_rank (CytInspection *self);
/* The cells most like it, of CytCellItem whose score is the cosine; NULL until they are known. (transfer none) */
GPtrArray *cyt_inspection_get_similar (CytInspection *self);
/* All its latents, as computed or else as indexed; NULL when neither is there. (transfer none) */
const CytCellLatents *cyt_inspection_get_latents (CytInspection *self);
/* Scores to compare with; NULL until they are there. (transfer none) */
const CytLatentScores *cyt_inspection_get_scores (CytInspection *self);

/* ---- For the session ---- */
/* Of a file: it is that cell of the project. */
void cyt_inspection_take_facts (CytInspection *self, CytCellFacts *facts);
/* Where the cell is of @dataset. */
void cyt_inspection_set_pixel_size (CytInspection *self, gint64 dataset, double pixel_size);
void cyt_inspection_take_analysis (CytInspection *self, CytCellAnalysis *analysis);
void cyt_inspection_take_error (CytInspection *self, GError *error);
/* The map that the project holds, where there is no analysis; NULL: none. */
void cyt_inspection_take_stored_map (CytInspection *self, guint latent, CytTopCell *top);
void cyt_inspection_take_scores (CytInspection *self, CytLatentScores *scores);
void cyt_inspection_take_similar (CytInspection *self, GPtrArray *similar);

G_END_DECLS
