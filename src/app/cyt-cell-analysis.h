/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cyt-token-latents.h"

G_BEGIN_DECLS

/* What the models say of one image file, whatever its name: read-only, shared by whoever shows it. */
typedef struct
{
  char sha256[65];           /* of the file */
  guint width, height;       /* of its picture */
  CytTokenLatents *latents;  /* its counts are of tokens with f > 0 */
} CytCellAnalysis;

/* Takes @latents. */
CytCellAnalysis *cyt_cell_analysis_new (const char *sha256, guint width, guint height, CytTokenLatents *latents);
CytCellAnalysis *cyt_cell_analysis_ref (CytCellAnalysis *self);
void cyt_cell_analysis_unref (CytCellAnalysis *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytCellAnalysis, cyt_cell_analysis_unref)

/* The latest of them, within a budget of bytes, known by SHA-256. Belongs to one thread. */
typedef struct _CytAnalysisCache CytAnalysisCache;

CytAnalysisCache *cyt_analysis_cache_new (gsize max_bytes);
void cyt_analysis_cache_free (CytAnalysisCache *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytAnalysisCache, cyt_analysis_cache_free)
/* (transfer full), NULL when it is not there. */
CytCellAnalysis *cyt_analysis_cache_lookup (CytAnalysisCache *self, const char *sha256);
/* Also one that is larger than the budget is kept until the next. */
void cyt_analysis_cache_insert (CytAnalysisCache *self, CytCellAnalysis *analysis);
void cyt_analysis_cache_clear (CytAnalysisCache *self);
gsize cyt_analysis_cache_get_n_bytes (const CytAnalysisCache *self);

G_END_DECLS
