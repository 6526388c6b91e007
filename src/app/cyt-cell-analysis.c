/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-cell-analysis.h"

struct _CytAnalysisCache
{
  GQueue used;         /* of CytCellAnalysis, most recently used first: few enough to be looked through */
  gsize n_bytes;
  gsize max_bytes;
};

CytCellAnalysis *
cyt_cell_analysis_new (const char *sha256, guint width, guint height, CytTokenLatents *latents)
{
  CytCellAnalysis *self = g_atomic_rc_box_new0 (CytCellAnalysis);

  g_strlcpy (self->sha256, sha256, sizeof self->sha256);
  self->width = width;
  self->height = height;
  self->latents = latents;
  return self;
}

CytCellAnalysis *
cyt_cell_analysis_ref (CytCellAnalysis *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
analysis_clear (gpointer data)
{
  cyt_token_latents_free (((CytCellAnalysis *) data)->latents);
}

void
cyt_cell_analysis_unref (CytCellAnalysis *self)
{
  g_atomic_rc_box_release_full (self, analysis_clear);
}

CytAnalysisCache *
cyt_analysis_cache_new (gsize max_bytes)
{
  CytAnalysisCache *self = g_new0 (CytAnalysisCache, 1);

  g_queue_init (&self->used);
  self->max_bytes = max_bytes;
  return self;
}

void
cyt_analysis_cache_clear (CytAnalysisCache *self)
{
  g_queue_clear_full (&self->used, (GDestroyNotify) cyt_cell_analysis_unref);
  self->n_bytes = 0;
}

void
cyt_analysis_cache_free (CytAnalysisCache *self)
{
  cyt_analysis_cache_clear (self);
  g_free (self);
}

CytCellAnalysis *
cyt_analysis_cache_lookup (CytAnalysisCache *self, const char *sha256)
{
  for (GList *l = self->used.head; l != NULL; l = l->next)
    {
      CytCellAnalysis *analysis = l->data;

      if (!g_str_equal (analysis->sha256, sha256))
        continue;
      g_queue_unlink (&self->used, l);
      g_queue_push_head_link (&self->used, l);
      return cyt_cell_analysis_ref (analysis);
    }
  return NULL;
}

void
cyt_analysis_cache_insert (CytAnalysisCache *self, CytCellAnalysis *analysis)
{
  g_queue_push_head (&self->used, cyt_cell_analysis_ref (analysis));
  self->n_bytes += cyt_token_latents_get_n_bytes (analysis->latents);
  while (self->n_bytes > self->max_bytes && self->used.length > 1)
    {
      CytCellAnalysis *last = g_queue_pop_tail (&self->used);

      self->n_bytes -= cyt_token_latents_get_n_bytes (last->latents);
      cyt_cell_analysis_unref (last);
    }
}

gsize
cyt_analysis_cache_get_n_bytes (const CytAnalysisCache *self)
{
  return self->n_bytes;
}
