/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "project/cyt-cell-table.h"

#include "cyt-cell-item.h"

G_BEGIN_DECLS

typedef enum
{
  CYT_GALLERY_BY_POSITION,
  CYT_GALLERY_BY_NAME,      /* of the file */
  CYT_GALLERY_BY_SCORE,     /* of a latent, highest first; cells without one last */
} CytGalleryOrder;

/* Which cells show. */
typedef struct
{
  int label;                /* place in the table's labels, -1: all */
  const char *patient;      /* NULL: all; likewise: */
  const char *disease;
  gboolean failed;          /* only those that could not be read */
  const char *text;         /* found, case-insensitively, in path, class, patient or disease; "": all */
} CytGalleryFilter;
#define CYT_GALLERY_FILTER_INIT { -1, NULL, NULL, FALSE, "" }

/* The cells of a data set, filtered and ordered on plain arrays: a GListModel of CytCellItem that are made when
 * somebody looks at them. Their rank is the position in the list, their score that of the latent, NAN without. */
#define CYT_TYPE_GALLERY_MODEL (cyt_gallery_model_get_type ())
G_DECLARE_FINAL_TYPE (CytGalleryModel, cyt_gallery_model, CYT, GALLERY_MODEL, GObject)

CytGalleryModel *cyt_gallery_model_new (void);
/* NULL: no cells. */
void cyt_gallery_model_set_table (CytGalleryModel *self, CytCellTable *table);
CytCellTable *cyt_gallery_model_get_table (CytGalleryModel *self); /* (transfer none) */
/* (n of the table), copied; NULL: none are known. */
void cyt_gallery_model_set_scores (CytGalleryModel *self, const float *scores);
void cyt_gallery_model_set_filter (CytGalleryModel *self, const CytGalleryFilter *filter);
void cyt_gallery_model_set_order (CytGalleryModel *self, CytGalleryOrder order);
/* Place in the list of a cell, by its id; G_MAXUINT when it does not show. */
guint cyt_gallery_model_find (CytGalleryModel *self, gint64 cell);

G_END_DECLS
