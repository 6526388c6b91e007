/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "figures/cyt-concepts-figure.h"
#include "figures/cyt-figure-picture.h"
#include "figures/cyt-figure-plot.h"
#include "figures/cyt-figure-words.h"
#include "io/cyt-error.h"

#define MAX_PIXELS (1u << 28)     /* of all pictures together: they are in memory at once */

typedef struct
{
  cairo_surface_t *picture;   /* NULL: neither file nor thumbnail */
  CytSparseMap map;
  char *label;                /* class, or "" */
  float score;
  double width_um;            /* of the picture; NAN where unknown */
} Tile;

/* One latent with its best cells. */
typedef struct
{
  guint32 latent;
  char *name;                 /* "" where it has none */
  char *facts;                /* the statistics in a line */
  float scale_max;            /* activation at the top of the colours; 0: nothing to colour */
  GArray *tiles;              /* of Tile */
} Row;

typedef struct
{
  CytOverlayStyle overlay;
  GArray *rows;               /* of Row */
  guint n_cells;              /* the most in a row */
  double bar_um;              /* length of the scale bars; 0: none */
} Grid;

static void
tile_clear (gpointer data)
{
  Tile *self = data;

  g_clear_pointer (&self->picture, cairo_surface_destroy);
  g_free (self->label);
}

static void
row_clear (gpointer data)
{
  Row *self = data;

  g_free (self->name);
  g_free (self->facts);
  g_array_unref (self->tiles);
}

static void
grid_free (gpointer data)
{
  Grid *self = data;

  g_array_unref (self->rows);
  g_free (self);
}

/* ---- Drawing ---- */

/* Whether some row has colours to explain. */
static gboolean
has_bar (const Grid *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (self->overlay.mode == CYT_OVERLAY_HEAT && g_array_index (self->rows, Row, i).scale_max > 0)
      return TRUE;
  return FALSE;
}

static void
draw_tile (cairo_t *cr, const CytFigureStyle *style, const Grid *grid, const Row *row, const Tile *tile, gboolean is_first,
           const CytFigureTiles *tiles, double x, double y)
{
  const CytFigureFont font = CYT_FIGURE_SMALL (style);
  g_autofree char *score = cyt_figure_format_number (tile->score);
  CytOverlayStyle overlay = grid->overlay;
  double baseline = y + tiles->size + 1.1 * font.size;

  overlay.scale_max = row->scale_max;
  if (tile->picture == NULL)
    cyt_figure_picture_draw_missing (cr, style, x, y, tiles->size);
  else
    {
      cyt_figure_picture_draw (cr, tile->picture, &tile->map, &overlay, x, y, tiles->size);
      if (is_first && grid->bar_um > 0 && !isnan (tile->width_um))
        {
          cairo_rectangle_t place;

          cyt_figure_picture_place (tile->picture, x, y, tiles->size, &place);
          cyt_figure_draw_scale_bar (cr, style, &place, tile->width_um, grid->bar_um);
        }
    }
  if (tile->label[0] != '\0')
    {
      cyt_figure_set_color (cr, style->ink);
      cyt_figure_text_draw (cr, &font, x + tiles->size / 2, baseline, 0.5, tiles->size, tile->label);
      baseline += 1.15 * font.size;
    }
  cyt_figure_set_color (cr, style->faint);
  cyt_figure_text_draw (cr, &font, x + tiles->size / 2, baseline, 0.5, tiles->size, score);
}

static double
draw_row (cairo_t *cr, const CytFigureStyle *style, const Grid *grid, const Row *row, const CytFigureTiles *tiles, double y,
          double width)
{
  const CytFigureFont title = CYT_FIGURE_TITLE (style), small = CYT_FIGURE_SMALL (style);
  g_autofree char *number = g_strdup_printf ("%u", row->latent);
  double x, height;
  guint n_lines = (row->tiles->len + tiles->per_line - 1) / tiles->per_line;

  cyt_figure_set_color (cr, style->accent);
  x = cyt_figure_text_draw (cr, &title, 0, y + title.size, 0, width, number) + 0.6 * title.size;
  cyt_figure_set_color (cr, style->ink);
  cyt_figure_text_draw (cr, &title, x, y + title.size, 0, width - x, row->name);
  y += 1.35 * title.size;
  cyt_figure_set_color (cr, style->faint);
  y += cyt_figure_text_draw_paragraph (cr, &small, 0, y, width, row->facts) + 0.5 * style->gap;
  for (guint i = 0; i < row->tiles->len; i++)
    draw_tile (cr, style, grid, row, &g_array_index (row->tiles, Tile, i), i == 0, tiles, i % tiles->per_line * tiles->step,
               y + i / tiles->per_line * (tiles->size + tiles->below));
  if (grid->overlay.mode == CYT_OVERLAY_HEAT && row->scale_max > 0)
    {
      CytOverlayStyle overlay = grid->overlay;

      overlay.scale_max = row->scale_max;
      cyt_figure_draw_color_bar (cr, style, &overlay, MIN (row->tiles->len, tiles->per_line) * tiles->step, y, tiles->size);
    }
  height = n_lines * (tiles->size + tiles->below);
  return y + height;
}

static double
draw_grid (cairo_t *cr, const CytFigureStyle *style, double width, gpointer data)
{
  const Grid *self = data;
  double y = 0, bar = has_bar (self) ? style->gap + cyt_figure_get_color_bar_width (style) : 0;
  CytFigureTiles tiles;

  cyt_figure_tiles_init (&tiles, style, self->n_cells, width - bar);
  for (guint i = 0; i < self->rows->len; i++)
    y = draw_row (cr, style, self, &g_array_index (self->rows, Row, i), &tiles, y + (i > 0 ? 2 * style->gap : 0), width);
  return y;
}

/* ---- What is drawn ---- */

typedef struct
{
  CytProject *project;
  const CytDataset *dataset;
  const CytConceptsFigureRequest *request;
  GStrv labels;
  guint64 n_pixels;
  guint n_missing, n_thumbnails;
  double widest_um;           /* of the first cells' pictures */
} Load;

static gboolean
load_tile (Load *self, const CytTopCell *top, Row *row, GError **error)
{
  g_autoptr (CytCell) cell = cyt_project_get_cell (self->project, top->cell, error);
  Tile tile = { .map = top->map, .score = top->score, .width_um = NAN };
  gboolean is_thumbnail;

  if (cell == NULL)
    return FALSE;
  tile.picture = cyt_figure_picture_load_cell (self->project, top->cell, &is_thumbnail);
  tile.label = g_strdup (cell->label != NULL ? cell->label : "");
  if (cell->width > 0)
    tile.width_um = cell->width * self->dataset->pixel_size;
  g_array_append_val (row->tiles, tile);
  if (tile.picture == NULL)
    {
      self->n_missing++;
      return TRUE;
    }
  self->n_thumbnails += is_thumbnail;
  self->n_pixels += (guint64) cairo_image_surface_get_width (tile.picture) * (guint64) cairo_image_surface_get_height (tile.picture);
  if (self->n_pixels > MAX_PIXELS)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "%s: the pictures of these cells have more than %u million pixels: fewer latents or cells fit on a sheet",
                   cyt_project_get_path (self->project), MAX_PIXELS >> 20);
      return FALSE;
    }
  return TRUE;
}

/* "fires in 412 of 855 cells (48.2 %) · mean 0.213 · …" (transfer full) */
static char *
describe (const Load *self, const CytLatentRow *stats, const Row *row)
{
  g_autofree char *mean = cyt_figure_format_number (stats->mean_act), *max = cyt_figure_format_number (stats->max_act);
  g_autofree char *share = cyt_figure_format (stats->frequency < 0.0995 ? "%.2f" : "%.1f", 100 * stats->frequency);
  gboolean is_cls = row->tiles->len > 0 && !cyt_project_is_published (self->project);
  GString *text = g_string_new (NULL);

  if (stats->n_active == 0)
    return g_string_free (g_string_append (text, "never fires in this data set"), FALSE);
  for (guint i = 0; i < row->tiles->len; i++)
    is_cls = is_cls && g_array_index (row->tiles, Tile, i).map.n == 0;
  g_string_printf (text, "fires in %u of %" G_GSIZE_FORMAT " cells (%s %%), mean %s", stats->n_active,
                   self->dataset->n_images, share, mean);
  if (!isnan (stats->max_act))
    g_string_append_printf (text, ", maximum %s", max);
  if (stats->majority >= 0 && stats->majority < (gint32) g_strv_length (self->labels) && !isnan (stats->purity))
    g_string_append_printf (text, "; mostly %s (purity %.0f %%)", self->labels[stats->majority], 100 * stats->purity);
  if (is_cls)
    g_string_append (text, "; fires on the CLS token alone: a whole-cell concept without a map");
  else if (stats->cls_share >= 0.005)
    g_string_append_printf (text, "; %.0f %% of it on the CLS token", 100 * stats->cls_share);
  return g_string_free (text, FALSE);
}

static gboolean
load_row (Load *self, guint32 latent, Row *row, GError **error)
{
  g_autoptr (CytConcept) concept = cyt_project_get_concept (self->project, latent, error);
  g_autoptr (GPtrArray) top = concept != NULL
    ? cyt_project_get_top_cells (self->project, self->dataset->id, latent, error) : NULL;
  CytLatentRow stats;

  if (top == NULL || !cyt_project_load_latent_row (self->project, self->dataset->id, latent, &stats, error))
    return FALSE;
  row->latent = latent;
  row->name = g_strdup (concept->name);
  row->scale_max = MAX (self->request->overlay.scale_max, 0);
  for (guint i = 0; i < MIN (top->len, self->request->n_cells); i++)
    {
      const CytTopCell *cell = g_ptr_array_index (top, i);

      if (!load_tile (self, cell, row, error))
        return FALSE;
      for (guint j = 0; j < cell->map.n && self->request->overlay.scale_max <= 0; j++)
        row->scale_max = MAX (row->scale_max, cell->map.value[j]);
    }
  if (row->tiles->len > 0 && g_array_index (row->tiles, Tile, 0).width_um > self->widest_um)
    self->widest_um = g_array_index (row->tiles, Tile, 0).width_um;
  row->facts = describe (self, &stats, row);
  return TRUE;
}

static gboolean
load_rows (Load *self, Grid *grid, GCancellable *cancellable, GError **error)
{
  for (gsize i = 0; i < self->request->n_latents; i++)
    {
      Row row = { .tiles = g_array_new (FALSE, TRUE, sizeof (Tile)) };
      gboolean ok;

      g_array_set_clear_func (row.tiles, tile_clear);
      ok = !g_cancellable_set_error_if_cancelled (cancellable, error)
           && load_row (self, self->request->latents[i], &row, error);
      grid->n_cells = MAX (grid->n_cells, row.tiles->len);
      g_array_append_val (grid->rows, row);
      if (!ok)
        return FALSE;
    }
  return TRUE;
}

/* ---- What is said ---- */

static char *
write_caption (const Load *self, const Grid *grid)
{
  const CytConceptsFigureRequest *request = self->request;
  g_autofree char *cells = cyt_figure_describe_dataset (self->project, self->dataset);
  g_autofree char *models = cyt_figure_describe_models (self->project), *bar = cyt_figure_format ("%g", grid->bar_um);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "Latents of the sparse autoencoder and the %s on which each is strongest, %s. "
                          "Below each cell its %sscore, the mean activation over all tokens.",
                          grid->n_cells == 1 ? "cell" : "cells", cells,
                          g_strv_length (self->labels) > 0 ? "class and its " : "");
  if (cyt_project_is_published (self->project))
    g_string_append (text, " No maps were published.");
  else if (request->overlay.mode == CYT_OVERLAY_HEAT)
    g_string_append_printf (text, " Colours (%s): activation of a patch, %s.", cyt_colormap_get_name (request->overlay.colormap),
                            request->overlay.scale_max > 0 ? "on one scale for all latents" : "on a scale for each latent");
  else if (request->overlay.mode == CYT_OVERLAY_OUTLINE)
    g_string_append (text, " Outlined: patches on which the latent is active.");
  if (grid->bar_um > 0)
    g_string_append_printf (text, " Scale bars, %s µm.", bar);
  for (guint i = 0; i < grid->rows->len; i++)
    {
      const Row *row = &g_array_index (grid->rows, Row, i);

      g_string_append_printf (text, " %u%s%s: %s.", row->latent, row->name[0] != '\0' ? ", " : "", row->name, row->facts);
    }
  if (self->n_thumbnails + self->n_missing > 0)
    g_string_append_printf (text, " The images of %u cells were not found: %u are shown by thumbnails, %u not at all.",
                            self->n_thumbnails + self->n_missing, self->n_thumbnails, self->n_missing);
  g_string_append_printf (text, " %s", models);
  return g_string_free (text, FALSE);
}

static void
add_command (CytFigureProvenance *provenance, const Load *self)
{
  const CytConceptsFigureRequest *request = self->request;

  cyt_figure_provenance_add_dataset (provenance, self->dataset);
  provenance->threshold = self->dataset->threshold;
  for (gsize i = 0; i < request->n_latents; i++)
    cyt_figure_provenance_add_latent (provenance, request->latents[i]);
  cyt_figure_provenance_add_argument (provenance, "--dataset", self->dataset->name);
  cyt_figure_provenance_add_latents (provenance, "--latents", request->latents, request->n_latents);
  cyt_figure_provenance_add_int (provenance, "--cells", request->n_cells);
  cyt_figure_provenance_add_overlay (provenance, &request->overlay);
  if (request->scale_bar)
    cyt_figure_provenance_add_argument (provenance, "--scale-bar", NULL);
}

CytFigure *
cyt_concepts_figure_new (CytProject *project, const CytConceptsFigureRequest *request, GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (CytDataset) dataset = cyt_figure_find_dataset (project, request->dataset, error);
  g_autoptr (CytFigureProvenance) provenance = dataset != NULL ? cyt_figure_provenance_new (project, "concepts", error) : NULL;
  g_auto (GStrv) labels = provenance != NULL ? cyt_project_list_labels (project, dataset->id, error) : NULL;
  Load load = { project, dataset, request, labels, 0, 0, 0, 0 };
  CytFigure *figure;
  Grid *grid;

  if (labels == NULL)
    return NULL;
  if (request->scale_bar && isnan (dataset->pixel_size))
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE,
                   "%s: data set \"%s\": no scale bar: how wide a pixel is, is not known", cyt_project_get_path (project),
                   dataset->name);
      return NULL;
    }
  grid = g_new0 (Grid, 1);
  grid->overlay = request->overlay;
  grid->rows = g_array_new (FALSE, TRUE, sizeof (Row));
  g_array_set_clear_func (grid->rows, row_clear);
  if (!load_rows (&load, grid, cancellable, error))
    {
      grid_free (grid);
      return NULL;
    }
  if (request->scale_bar && load.widest_um > 0)
    grid->bar_um = cyt_figure_get_scale_bar_length (load.widest_um);
  add_command (provenance, &load);
  figure = cyt_figure_new (draw_grid, grid, grid_free, g_steal_pointer (&provenance));
  figure->title = g_strdup_printf ("Concept grid of %s", dataset->name);
  figure->caption = write_caption (&load, grid);
  return figure;
}
