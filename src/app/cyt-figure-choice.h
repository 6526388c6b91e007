/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "figures/cyt-figure.h"
#include "figures/cyt-overlay.h"
#include "project/cyt-model-store.h"

G_BEGIN_DECLS

/* Which figure a page offers: a kind, and what shows there. Plain data, handed to the thread that makes the figure. */
typedef enum
{
  CYT_FIGURE_CONCEPTS,
  CYT_FIGURE_CELL,
  CYT_FIGURE_MAP,
  CYT_FIGURE_BARCODES,
  CYT_FIGURE_CORRELATION,
  CYT_FIGURE_COMPARE,
  CYT_FIGURE_CONFUSION,
} CytFigureKind;

typedef struct
{
  CytFigureKind kind;
  gint64 opened;            /* µs: what was made for an earlier dialog may be out of date */
  gint64 dataset;           /* id */
  char *dataset_name;
  double pixel_size;        /* µm of that data set; NAN: unknown */
  CytOverlayStyle overlay;
  gboolean scale_bar;

  GArray *latents;          /* concepts: of guint32 */
  guint n_cells;            /* concepts: of each */
  char *cell;               /* cell: path in the data set, or NULL: */
  char *image;              /* cell: a file */
  guint n_maps;             /* cell */

  double threshold;         /* patients: NAN: the index's */
  gboolean skip_marked;
  GStrv rows;               /* barcodes */
  char *a, *b;              /* compare: diseases; b NULL: all others */
} CytFigureChoice;

CytFigureChoice *cyt_figure_choice_new (CytFigureKind kind);
CytFigureChoice *cyt_figure_choice_copy (const CytFigureChoice *self);
void cyt_figure_choice_free (CytFigureChoice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CytFigureChoice, cyt_figure_choice_free)

/* "Concept grid", as users read it (transfer none). */
const char *cyt_figure_choice_get_title (const CytFigureChoice *self);
/* Whether both make the same figure. */
gboolean cyt_figure_choice_equal (const CytFigureChoice *a, const CytFigureChoice *b);
/* Reads what is needed, which may take seconds. */
CytFigure *cyt_figure_choice_make (const CytFigureChoice *self, CytProject *project, CytModelStore *store,
                                   GCancellable *cancellable, GError **error);

G_END_DECLS
