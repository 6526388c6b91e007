/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "io/cyt-image-list.h"
#include "project/cyt-published.h"

G_BEGIN_DECLS

/* ---- cyt-published-stats.c: the six files ---- */

#define CYT_PUBLISHED_MAX_IMAGES (1u << 24) /* from here on a float32 cannot tell two image numbers apart */
#define CYT_PUBLISHED_MAX_CLASSES (1u << 16)

/* Checked: sizes agree, numbers are whole and in range, what fires has images and what does not has none. */
typedef struct
{
  CytProjectModel model;  /* folder; SHA-256 of the files; their SHA-256 each as JSON */
  gsize d_sae;
  guint n_top;            /* m */
  guint *n_entries;       /* (d_sae) the first so many of the m are images */
  guint32 *image;         /* (d_sae, m) */
  guint32 *class;         /* (d_sae, m) */
  float *score;           /* (d_sae, m) > 0 */
  float *mean_act;        /* (d_sae) 0 where it never fires */
  float *frequency;       /* (d_sae) 0…1 */
  float *entropy;         /* (d_sae) nats; NAN where none was published */
  gsize n_referenced;     /* the highest image number + 1 */
} CytPublishedStats;

CytPublishedStats *cyt_published_stats_load (const char *folder, GCancellable *cancellable, GError **error);
void cyt_published_stats_free (CytPublishedStats *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytPublishedStats, cyt_published_stats_free)

/* Whether the frequencies can be shares of @n images. */
gboolean cyt_published_stats_fit (const CytPublishedStats *self, gsize n);

/* ---- cyt-published-cells.c: which image is which number ---- */

typedef struct
{
  CytImageList *list;     /* (N) in the order of the published numbers; placeholders for what is lacking */
  guint8 *present;        /* (N) whether an image is given */
  guint8 *used;           /* (N) whether it is in a top list */
} CytPublishedCells;

CytPublishedCells *cyt_published_cells_load (const char *images, const CytPublishedStats *stats, GError **error);
void cyt_published_cells_free (CytPublishedCells *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytPublishedCells, cyt_published_cells_free)

G_END_DECLS
