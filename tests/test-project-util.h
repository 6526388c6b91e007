/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "project/cyt-project.h"

/* A list of @n cells "class-C/cell-N.jpg" under @root in three classes, some cells without a label. */
CytImageList *cyt_test_make_image_list (const char *root, gsize n);

/* A new project of invented models; fails the test on error. */
CytProject *cyt_test_create_project (const char *path, gsize d_sae);

/* What an indexer holds between two commits, and its loop on invented cells, always the same for a
 * position: scores of few values (many ties), some unreadable cells, some latents on CLS alone. */
typedef struct
{
  CytProject *project;
  CytDataset *dataset;
  CytLatentStats *stats;
  CytTopLists *lists;
  gsize n_active;         /* latents that fire per cell, about */
  gsize position;         /* next */
} CytTestIndexer;

CytTestIndexer *cyt_test_indexer_new (CytProject *project, const char *dataset, gsize n_active);
void cyt_test_indexer_free (CytTestIndexer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytTestIndexer, cyt_test_indexer_free)
/* Indexes up to @n more cells in one commit. */
gboolean cyt_test_indexer_commit (CytTestIndexer *self, gsize n, GError **error);

/* The cell that the indexer gives @position. */
CytIndexedCell *cyt_test_make_cell (gsize d_sae, gsize n_active, gsize position);

/* Every value of every table as text, exact, in key order. */
char *cyt_test_dump_project (const char *path);
