/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "figures/cyt-cell-figure.h"
#include "figures/cyt-figure-picture.h"
#include "figures/cyt-figure-plot.h"
#include "figures/cyt-figure-words.h"
#include "io/cyt-error.h"
#include "model/cyt-token-latents.h"
#include "project/cyt-cell-table.h"

/* One latent on the cell. */
typedef struct
{
  guint32 latent;
  char *name;       /* "" where it has none */
  CytSparseMap map;
  float score;
  float max;        /* largest activation of a patch; 0: none */
} Map;

typedef struct
{
  cairo_surface_t *picture;
  CytOverlayStyle overlay;
  GArray *maps;     /* of Map */
  double width_um, bar_um;
} Sheet;

static void
map_clear (gpointer data)
{
  g_free (((Map *) data)->name);
}

static void
sheet_free (gpointer data)
{
  Sheet *self = data;

  g_clear_pointer (&self->picture, cairo_surface_destroy);
  g_array_unref (self->maps);
  g_free (self);
}

/* ---- Drawing ---- */

/* Below a map: number and name, then its largest activation. */
static void
draw_words (cairo_t *cr, const CytFigureStyle *style, const Map *map, double x, double y, double width)
{
  const CytFigureFont bold = cyt_figure_style_get_font (style, style->small_size, TRUE), font = CYT_FIGURE_SMALL (style);
  g_autofree char *number = g_strdup_printf ("%u", map->latent), *max = cyt_figure_format_number (map->max);
  g_autofree char *second = map->max > 0 ? g_strdup_printf ("max %s", max) : g_strdup (map->score > 0 ? "CLS only" : "silent");
  double advance;

  y += 1.1 * font.size;
  cyt_figure_set_color (cr, style->accent);
  advance = cyt_figure_text_draw (cr, &bold, x, y, 0, width, number) + 0.5 * font.size;
  cyt_figure_set_color (cr, style->ink);
  cyt_figure_text_draw (cr, &font, x + advance, y, 0, width - advance, map->name);
  cyt_figure_set_color (cr, style->faint);
  cyt_figure_text_draw (cr, &font, x, y + 1.15 * font.size, 0, width, second);
}

static double
draw_sheet (cairo_t *cr, const CytFigureStyle *style, double width, gpointer data)
{
  const Sheet *self = data;
  gboolean has_bar = self->overlay.mode == CYT_OVERLAY_HEAT;
  double bar = has_bar ? style->gap + cyt_figure_get_color_bar_width (style) : 0;
  CytFigureTiles tiles;
  cairo_rectangle_t place;

  cyt_figure_tiles_init (&tiles, style, self->maps->len + 1, width - bar);
  cyt_figure_picture_draw (cr, self->picture, NULL, &self->overlay, 0, 0, tiles.size);
  if (self->bar_um > 0)
    {
      cyt_figure_picture_place (self->picture, 0, 0, tiles.size, &place);
      cyt_figure_draw_scale_bar (cr, style, &place, self->width_um, self->bar_um);
    }
  for (guint i = 0; i < self->maps->len; i++)
    {
      const Map *map = &g_array_index (self->maps, Map, i);
      double x = (i + 1) % tiles.per_line * tiles.step, y = (i + 1) / tiles.per_line * (tiles.size + tiles.below);

      cyt_figure_picture_draw (cr, self->picture, &map->map, &self->overlay, x, y, tiles.size);
      draw_words (cr, style, map, x, y + tiles.size, tiles.size);
    }
  if (has_bar)
    cyt_figure_draw_color_bar (cr, style, &self->overlay, MIN (self->maps->len + 1, tiles.per_line) * tiles.step, 0, tiles.size);
  return (self->maps->len + tiles.per_line) / tiles.per_line * (tiles.size + tiles.below);
}

/* ---- What is drawn ---- */

/* Where the cell's picture is, and how wide it is in µm. (transfer full) */
static char *
find_picture (CytProject *project, const CytDataset *dataset, const CytCellFigureRequest *request, char **label, double *width_um,
              GCancellable *cancellable, GError **error)
{
  g_autoptr (CytCellTable) table = NULL;

  *width_um = NAN;
  if (request->cell == NULL)
    return g_strdup (request->image);
  table = cyt_cell_table_load (project, dataset->id, cancellable, error);
  for (gsize i = 0; table != NULL && i < table->n; i++)
    if (g_str_equal (table->path[i], request->cell))
      {
        g_autoptr (CytCell) cell = cyt_project_get_cell (project, table->first_cell + (gint64) i, error);

        if (cell == NULL)
          return NULL;
        *label = g_strdup (cell->label);
        *width_um = cell->width > 0 ? cell->width * dataset->pixel_size : NAN;
        return cyt_cell_table_dup_path (table, i);
      }
  if (table != NULL)
    g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: data set \"%s\" has no cell \"%s\"",
                 cyt_project_get_path (project), dataset->name, request->cell);
  return NULL;
}

static CytTokenLatents *
compute (CytProject *project, CytModelStore *store, const CytDataset *dataset, const char *path, GCancellable *cancellable,
         GError **error)
{
  g_autoptr (CytModelFiles) files = cyt_model_files_new_for_project (project);
  g_autoptr (CytSharedModels) models = NULL;
  g_autoptr (CytImage) image = NULL;

  if (files == NULL)
    {
      g_set_error (error, CYT_MODELS_ERROR, CYT_MODELS_ERROR_PUBLISHED,
                   "%s: holds published statistics, without the models that a cell's maps are computed with",
                   cyt_project_get_path (project));
      return NULL;
    }
  image = cyt_image_load (path, error);
  models = image != NULL ? cyt_model_store_get (store, files, cancellable, error) : NULL;
  return models != NULL ? cyt_token_latents_compute (models->models->encoder, models->models->sae, cyt_project_get_block (project),
                                                     (float) dataset->threshold, image, error) : NULL;
}

/* The strongest latents that say something about this cell. (transfer full) */
static GArray *
choose_latents (CytProject *project, const CytDataset *dataset, const CytTokenLatents *tokens, guint n, GError **error)
{
  g_autoptr (GArray) ranked = cyt_token_latents_rank_cell (tokens), chosen = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autofree CytLatentRow *rows = g_new0 (CytLatentRow, cyt_project_get_d_sae (project));

  if (!cyt_project_load_latent_rows (project, dataset->id, rows, error))
    return NULL;
  for (guint i = 0; i < ranked->len && chosen->len < n; i++)
    {
      guint32 latent = g_array_index (ranked, CytRankedLatent, i).latent;

      if (!(rows[latent].mean_act > CYT_UBIQUITOUS_MEAN_ACT))
        g_array_append_val (chosen, latent);
    }
  return g_steal_pointer (&chosen);
}

static float
get_score (const CytTokenLatents *tokens, guint32 latent)
{
  for (guint i = 0; i < tokens->cell.n; i++)
    if (tokens->cell.latent[i] == latent)
      return tokens->cell.score[i];
  return 0;
}

static gboolean
add_map (Sheet *self, CytProject *project, const CytTokenLatents *tokens, guint32 latent, GError **error)
{
  g_autoptr (CytConcept) concept = cyt_project_get_concept (project, latent, error);
  Map map = { .latent = latent, .score = get_score (tokens, latent) };

  if (concept == NULL)
    return FALSE;
  map.name = g_strdup (concept->name);
  cyt_token_latents_get_map (tokens, latent, &map.map);
  for (guint i = 0; i < map.map.n; i++)
    map.max = MAX (map.max, map.map.value[i]);
  g_array_append_val (self->maps, map);
  return TRUE;
}

/* ---- What is said ---- */

static char *
write_caption (CytProject *project, const CytDataset *dataset, const CytCellFigureRequest *request, const char *label,
               const Sheet *sheet)
{
  g_autofree char *models = cyt_figure_describe_models (project);
  g_autofree char *base = g_filename_display_basename (request->cell != NULL ? request->cell : request->image);
  g_autofree char *bar = cyt_figure_format ("%g", sheet->bar_um);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "Cell %s", base);
  if (request->cell != NULL)
    g_string_append_printf (text, " of data set \"%s\"%s%s", dataset->name, label != NULL ? ", class " : "",
                            label != NULL ? label : "");
  g_string_append_printf (text, ", and where %u latents%s are active on it.", sheet->maps->len,
                          request->n_latents == 0 ? ", its strongest without those that are on everywhere," : "");
  if (request->overlay.mode == CYT_OVERLAY_HEAT)
    g_string_append_printf (text, " Colours (%s): activation of a patch, %s.", cyt_colormap_get_name (request->overlay.colormap),
                            request->overlay.scale_max > 0 ? "on one scale" : "up to each latent's largest");
  if (sheet->bar_um > 0)
    g_string_append_printf (text, " Scale bar, %s µm.", bar);
  for (guint i = 0; i < sheet->maps->len; i++)
    {
      const Map *map = &g_array_index (sheet->maps, Map, i);
      g_autofree char *score = cyt_figure_format_number (map->score), *max = cyt_figure_format_number (map->max);

      g_string_append_printf (text, " %u%s%s: score %s, largest activation %s, %u of %d patches.", map->latent,
                              map->name[0] != '\0' ? ", " : "", map->name, score, max, map->map.n, CYT_N_PATCHES);
    }
  g_string_append_printf (text, " %s", models);
  return g_string_free (text, FALSE);
}

static void
add_command (CytFigureProvenance *provenance, const CytDataset *dataset, const CytCellFigureRequest *request, const Sheet *sheet)
{
  g_autofree guint32 *latents = g_new (guint32, sheet->maps->len + 1);

  for (guint i = 0; i < sheet->maps->len; i++)
    {
      latents[i] = g_array_index (sheet->maps, Map, i).latent;
      cyt_figure_provenance_add_latent (provenance, latents[i]);
    }
  cyt_figure_provenance_add_dataset (provenance, dataset);
  provenance->threshold = dataset->threshold;
  cyt_figure_provenance_add_argument (provenance, "--dataset", dataset->name);
  if (request->cell != NULL)
    cyt_figure_provenance_add_argument (provenance, "--cell", request->cell);
  else
    cyt_figure_provenance_add_path (provenance, "--image", request->image);
  if (request->n_latents > 0)
    cyt_figure_provenance_add_latents (provenance, "--latents", latents, sheet->maps->len);
  else
    cyt_figure_provenance_add_int (provenance, "--maps", request->n_maps);
  cyt_figure_provenance_add_overlay (provenance, &request->overlay);
  if (request->scale_bar)
    cyt_figure_provenance_add_argument (provenance, "--scale-bar", NULL);
}

static Sheet *
load_sheet (CytProject *project, CytModelStore *store, const CytDataset *dataset, const CytCellFigureRequest *request,
            const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (CytTokenLatents) tokens = compute (project, store, dataset, path, cancellable, error);
  g_autoptr (GArray) latents = NULL;
  Sheet *self;
  gboolean ok;

  if (tokens == NULL)
    return NULL;
  if (request->n_latents > 0)
    {
      latents = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_array_append_vals (latents, request->latents, (guint) request->n_latents);
    }
  else if ((latents = choose_latents (project, dataset, tokens, request->n_maps, error)) == NULL)
    return NULL;
  self = g_new0 (Sheet, 1);
  self->overlay = request->overlay;
  self->maps = g_array_new (FALSE, TRUE, sizeof (Map));
  g_array_set_clear_func (self->maps, map_clear);
  self->picture = cyt_figure_picture_load (path, error);
  ok = self->picture != NULL;
  for (guint i = 0; i < latents->len && ok; i++)
    ok = add_map (self, project, tokens, g_array_index (latents, guint32, i), error);
  if (!ok)
    g_clear_pointer (&self, sheet_free);
  return self;
}

CytFigure *
cyt_cell_figure_new (CytProject *project, CytModelStore *store, const CytCellFigureRequest *request, GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (CytDataset) dataset = cyt_figure_find_dataset (project, request->dataset, error);
  g_autoptr (CytFigureProvenance) provenance = dataset != NULL ? cyt_figure_provenance_new (project, "cell", error) : NULL;
  g_autofree char *path = NULL, *label = NULL;
  CytFigure *figure;
  double width_um;
  Sheet *sheet;

  if (provenance == NULL
      || (path = find_picture (project, dataset, request, &label, &width_um, cancellable, error)) == NULL)
    return NULL;
  if (request->scale_bar && isnan (width_um))
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s: no scale bar: how wide a pixel is, is not known", path);
      return NULL;
    }
  sheet = load_sheet (project, store, dataset, request, path, cancellable, error);
  if (sheet == NULL)
    return NULL;
  sheet->width_um = width_um;
  sheet->bar_um = request->scale_bar ? cyt_figure_get_scale_bar_length (width_um) : 0;
  add_command (provenance, dataset, request, sheet);
  figure = cyt_figure_new (draw_sheet, sheet, sheet_free, g_steal_pointer (&provenance));
  figure->title = g_strdup ("A cell with the maps of its latents");
  figure->caption = write_caption (project, dataset, request, label, sheet);
  return figure;
}
