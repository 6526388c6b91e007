/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "figures/cyt-barcodes-figure.h"
#include "figures/cyt-cell-figure.h"
#include "figures/cyt-compare-figure.h"
#include "figures/cyt-concepts-figure.h"
#include "figures/cyt-confusion-figure.h"
#include "figures/cyt-correlation-figure.h"
#include "figures/cyt-map-figure.h"

#include "cyt-figure-choice.h"

CytFigureChoice *
cyt_figure_choice_new (CytFigureKind kind)
{
  CytFigureChoice *self = g_new0 (CytFigureChoice, 1);

  self->kind = kind;
  self->dataset = -1;
  self->pixel_size = NAN;
  self->overlay = (CytOverlayStyle) CYT_OVERLAY_STYLE_INIT;
  self->latents = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->n_cells = CYT_CONCEPTS_FIGURE_CELLS;
  self->n_maps = CYT_CELL_FIGURE_MAPS;
  self->threshold = NAN;
  return self;
}

CytFigureChoice *
cyt_figure_choice_copy (const CytFigureChoice *self)
{
  CytFigureChoice *copy = g_memdup2 (self, sizeof *self);

  copy->dataset_name = g_strdup (self->dataset_name);
  copy->latents = g_array_copy (self->latents);
  copy->cell = g_strdup (self->cell);
  copy->image = g_strdup (self->image);
  copy->rows = g_strdupv (self->rows);
  copy->a = g_strdup (self->a);
  copy->b = g_strdup (self->b);
  return copy;
}

void
cyt_figure_choice_free (CytFigureChoice *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->latents);
  g_strfreev (self->rows);
  g_free (self->dataset_name);
  g_free (self->cell);
  g_free (self->image);
  g_free (self->a);
  g_free (self->b);
  g_free (self);
}

const char *
cyt_figure_choice_get_title (const CytFigureChoice *self)
{
  switch (self->kind)
    {
    case CYT_FIGURE_CONCEPTS: return _("Concept grid");
    case CYT_FIGURE_CELL: return _("Cell with maps");
    case CYT_FIGURE_MAP: return _("Map of latents");
    case CYT_FIGURE_BARCODES: return _("Barcodes");
    case CYT_FIGURE_CORRELATION: return _("Likeness of patients");
    case CYT_FIGURE_COMPARE: return _("Disease against disease");
    case CYT_FIGURE_CONFUSION: return _("Confusion matrix");
    }
  g_return_val_if_reached ("");
}

static gboolean
is_same_number (double a, double b)
{
  return a == b || (isnan (a) && isnan (b));
}

gboolean
cyt_figure_choice_equal (const CytFigureChoice *a, const CytFigureChoice *b)
{
  return a->kind == b->kind && a->opened == b->opened && a->dataset == b->dataset
         && a->overlay.mode == b->overlay.mode && a->overlay.colormap == b->overlay.colormap
         && a->overlay.opacity == b->overlay.opacity && a->overlay.scale_max == b->overlay.scale_max
         && a->scale_bar == b->scale_bar && a->n_cells == b->n_cells && a->n_maps == b->n_maps
         && a->latents->len == b->latents->len
         && memcmp (a->latents->data, b->latents->data, a->latents->len * sizeof (guint32)) == 0
         && g_strcmp0 (a->cell, b->cell) == 0 && g_strcmp0 (a->image, b->image) == 0
         && is_same_number (a->threshold, b->threshold) && a->skip_marked == b->skip_marked
         && (a->rows == NULL ? b->rows == NULL
                             : b->rows != NULL && g_strv_equal ((const char *const *) a->rows, (const char *const *) b->rows))
         && g_strcmp0 (a->a, b->a) == 0 && g_strcmp0 (a->b, b->b) == 0;
}

static CytFigure *
make_concepts (const CytFigureChoice *self, CytProject *project, GCancellable *cancellable, GError **error)
{
  CytConceptsFigureRequest request = CYT_CONCEPTS_FIGURE_REQUEST_INIT;

  request.dataset = self->dataset_name;
  request.latents = (const guint32 *) (gpointer) self->latents->data;
  request.n_latents = self->latents->len;
  request.n_cells = self->n_cells;
  request.overlay = self->overlay;
  request.scale_bar = self->scale_bar;
  return cyt_concepts_figure_new (project, &request, cancellable, error);
}

static CytFigure *
make_cell (const CytFigureChoice *self, CytProject *project, CytModelStore *store, GCancellable *cancellable, GError **error)
{
  CytCellFigureRequest request = CYT_CELL_FIGURE_REQUEST_INIT;

  request.dataset = self->dataset_name;
  request.cell = self->cell;
  request.image = self->image;
  request.n_maps = self->n_maps;
  request.overlay = self->overlay;
  request.scale_bar = self->scale_bar;
  return cyt_cell_figure_new (project, store, &request, cancellable, error);
}

CytFigure *
cyt_figure_choice_make (const CytFigureChoice *self, CytProject *project, CytModelStore *store, GCancellable *cancellable,
                        GError **error)
{
  CytBarcodesOptions options = CYT_BARCODES_OPTIONS_INIT;
  CytBarcodesFigureRequest barcodes = CYT_BARCODES_FIGURE_REQUEST_INIT;
  CytCompareFigureRequest compare = CYT_COMPARE_FIGURE_REQUEST_INIT;
  CytConfusionFigureRequest confusion = CYT_CONFUSION_FIGURE_REQUEST_INIT;
  CytMapFigureRequest map = CYT_MAP_FIGURE_REQUEST_INIT;

  options.dataset = self->dataset;
  options.threshold = self->threshold;
  options.skip_marked = self->skip_marked;
  switch (self->kind)
    {
    case CYT_FIGURE_CONCEPTS:
      return make_concepts (self, project, cancellable, error);
    case CYT_FIGURE_CELL:
      return make_cell (self, project, store, cancellable, error);
    case CYT_FIGURE_MAP:
      map.dataset = self->dataset;
      return cyt_map_figure_new (project, &map, error);
    case CYT_FIGURE_BARCODES:
      barcodes.barcodes = options;
      barcodes.rows = (const char *const *) self->rows;
      return cyt_barcodes_figure_new (project, &barcodes, cancellable, error);
    case CYT_FIGURE_CORRELATION:
      return cyt_correlation_figure_new (project, &options, cancellable, error);
    case CYT_FIGURE_COMPARE:
      compare.barcodes = options;
      compare.a = self->a;
      compare.b = self->b;
      return cyt_compare_figure_new (project, &compare, cancellable, error);
    case CYT_FIGURE_CONFUSION:
      confusion.barcodes = options;
      return cyt_confusion_figure_new (project, &confusion, NULL, cancellable, error);
    }
  g_return_val_if_reached (NULL);
}
