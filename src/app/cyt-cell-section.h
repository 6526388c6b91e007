/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cyt-cell-item.h"

G_BEGIN_DECLS

/* Which of the cells in which a latent fires. */
typedef enum
{
  CYT_CELL_SECTION_TOP,      /* highest scores, best first */
  CYT_CELL_SECTION_UPPER,    /* about the 75th percentile of the scores */
  CYT_CELL_SECTION_MEDIAN,   /* about the 50th */
  CYT_CELL_SECTION_WEAKEST,  /* lowest scores above zero, weakest last */
} CytCellSectionKind;
#define CYT_CELL_SECTION_N_KINDS (CYT_CELL_SECTION_WEAKEST + 1)

/* A GListModel of CytCellItem: cells of one latent in one data set, that the grid shows under a heading.
 * Lives as long as the data set is open; its cells and facts are those of the selected latent.
 *
 * Signal "changed": its facts are others. */
#define CYT_TYPE_CELL_SECTION (cyt_cell_section_get_type ())
G_DECLARE_FINAL_TYPE (CytCellSection, cyt_cell_section, CYT, CELL_SECTION, GObject)

CytCellSection *cyt_cell_section_new (gint64 dataset, CytCellSectionKind kind);

gint64 cyt_cell_section_get_dataset (CytCellSection *self);
CytCellSectionKind cyt_cell_section_get_kind (CytCellSection *self);

/* Of @facts: name, domain, n_images, whether published (its threshold is NAN). @row: the latent there.
 * Both are copied. */
void cyt_cell_section_set_facts (CytCellSection *self, const CytDataset *facts, const CytLatentRow *row);
const char *cyt_cell_section_get_name (CytCellSection *self);     /* of the data set */
const char *cyt_cell_section_get_domain (CytCellSection *self);   /* "" when unknown */
gsize cyt_cell_section_get_n_images (CytCellSection *self);
const CytLatentRow *cyt_cell_section_get_row (CytCellSection *self);

/* Of CytCellItem; NULL for none. Items that show what the old ones in their place showed are dropped
 * for these, so that a live reload does not disturb who looks. */
void cyt_cell_section_set_cells (CytCellSection *self, GPtrArray *cells);

G_END_DECLS
