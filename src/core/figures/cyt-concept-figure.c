/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "figures/cyt-concept-figure.h"
#include "figures/cyt-png.h"
#include "io/cyt-error.h"
#include "phantom/cyt-phantom.h"

/* Everything is laid out in points; the picture has SCALE pixels to each. */
#define SCALE 2
#define MAX_PIXELS 30000 /* on a side: cairo's surfaces end at 32,767 */

#define MARGIN 28.0
#define CELL 112.0
#define GAP 8.0
#define CAPTION 30.0          /* two lines below a cell */
#define HEADER 56.0           /* from the top margin to the first latent */
#define FOOTER 48.0
#define ROW_HEADER 42.0       /* name and statistics above the cells */
#define ROW_GAP 26.0
#define BAR_SPACE 74.0        /* right of the cells, for the colour bar */
#define BAR_WIDTH 12.0
#define CELLS_PER_LINE 10u
#define MIN_WIDTH 640.0

typedef struct
{
  double r, g, b;
} Color;

static const Color ink = { 0.11, 0.12, 0.15 };
static const Color faint = { 0.42, 0.44, 0.48 };
static const Color rule = { 0.85, 0.86, 0.88 };
static const Color accent = { 0.13, 0.37, 0.55 };
static const Color warning = { 0.70, 0.12, 0.10 };

typedef struct
{
  CytProject *project;
  const CytDataset *dataset;
  const CytOverlayStyle *style;
  gboolean simulated;
  CytLatentRow *rows;         /* (d_sae) */
  GStrv labels;
  guint n_cells;              /* wanted per latent */
  guint per_line;
  cairo_t *cr;
  double width;               /* points */
} Sheet;

/* One latent with its best cells. */
typedef struct
{
  guint latent;
  CytConcept *concept;
  GPtrArray *top;             /* of CytTopCell */
  guint n_shown;
} Entry;

static void
entry_free (gpointer data)
{
  Entry *self = data;

  g_clear_pointer (&self->concept, cyt_concept_free);
  g_clear_pointer (&self->top, g_ptr_array_unref);
  g_free (self);
}

static void
set_color (cairo_t *cr, Color color)
{
  cairo_set_source_rgb (cr, color.r, color.g, color.b);
}

static void
set_font (cairo_t *cr, double size, gboolean bold)
{
  cairo_select_font_face (cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                          bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size (cr, size);
}

static double
measure (cairo_t *cr, const char *text)
{
  cairo_text_extents_t extents;

  cairo_text_extents (cr, text, &extents);
  return extents.x_advance;
}

/* @text in one line no wider than @width, its end left out for "…" where needed. (transfer full) */
static char *
fit_text (cairo_t *cr, const char *text, double width)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  glong n = g_utf8_strlen (valid, -1);

  g_strdelimit (valid, "\n\r\t", ' ');
  if (measure (cr, valid) <= width)
    return g_steal_pointer (&valid);
  for (n = MIN (n, 400); n > 0; n--)
    {
      g_autofree char *part = g_utf8_substring (valid, 0, n);
      g_autofree char *shortened = g_strconcat (g_strchomp (part), "…", NULL);

      if (measure (cr, shortened) <= width)
        return g_steal_pointer (&shortened);
    }
  return g_strdup ("");
}

/* Draws @text with its baseline at @y from @x (or ending there, or centred about it); returns the width. */
static double
draw_text (cairo_t *cr, double x, double y, double align, double width, const char *text)
{
  g_autofree char *fitted = fit_text (cr, text, width);
  double advance = measure (cr, fitted);

  cairo_move_to (cr, x - align * advance, y);
  cairo_show_text (cr, fitted);
  return advance;
}

/* Three digits that matter. (transfer full) */
static char *
format_number (double value)
{
  int digits;

  if (isnan (value))
    return g_strdup ("–");
  digits = value == 0 ? 1 : CLAMP (2 - (int) floor (log10 (fabs (value))), 0, 6);
  return g_strdup_printf ("%.*f", digits, value);
}

static gboolean
is_cls_only (const Sheet *self, const Entry *entry)
{
  for (guint i = 0; i < entry->n_shown; i++)
    {
      const CytTopCell *top = g_ptr_array_index (entry->top, i);

      if (!top->has_map || top->map.n > 0)
        return FALSE;
    }
  return entry->n_shown > 0;
}

/* The row's common scale, so that its cells can be compared. */
static CytOverlayStyle
get_row_style (const Sheet *self, const Entry *entry)
{
  CytOverlayStyle style = *self->style;

  if (style.scale_max > 0)
    return style;
  style.scale_max = 0;
  for (guint i = 0; i < entry->n_shown; i++)
    {
      const CytSparseMap *map = &((const CytTopCell *) g_ptr_array_index (entry->top, i))->map;

      for (guint j = 0; j < map->n; j++)
        style.scale_max = MAX (style.scale_max, map->value[j]);
    }
  return style;
}

static guint
count_lines (const Sheet *self, const Entry *entry)
{
  return (entry->n_shown + self->per_line - 1) / self->per_line;
}

static double
get_entry_height (const Sheet *self, const Entry *entry)
{
  return ROW_HEADER + count_lines (self, entry) * (CELL + CAPTION) + ROW_GAP;
}

/* The statistics in a line. (transfer full) */
static char *
describe (const Sheet *self, const Entry *entry)
{
  const CytLatentRow *row = &self->rows[entry->latent];
  g_autofree char *mean = format_number (row->mean_act);
  g_autofree char *max = format_number (row->max_act);
  GString *text = g_string_new (NULL);

  if (row->n_active == 0)
    return g_string_free (g_string_append (text, "never fires in this data set"), FALSE);
  g_string_printf (text, "fires in %u cells (%.*f %%)   ·   mean %s", row->n_active,
                   row->frequency < 0.0995 ? 2 : 1, 100 * row->frequency, mean);
  if (!isnan (row->max_act))
    g_string_append_printf (text, "   ·   max %s", max);
  if (row->majority >= 0 && row->majority < (gint32) g_strv_length (self->labels) && !isnan (row->purity))
    g_string_append_printf (text, "   ·   mostly %s (purity %.0f %%)", self->labels[row->majority], 100 * row->purity);
  if (is_cls_only (self, entry))
    g_string_append (text, "   ·   whole-cell latent (fires on CLS): no patch map");
  else if (row->cls_share >= 0.005)
    g_string_append_printf (text, "   ·   %.0f %% on CLS", 100 * row->cls_share);
  return g_string_free (text, FALSE);
}

/* The picture of a cell: from its file, else its thumbnail, else NULL. */
static CytImage *
load_cell (const Sheet *self, gint64 cell)
{
  g_autofree char *path = cyt_project_dup_cell_path (self->project, cell, NULL);
  CytImage *image = path != NULL ? cyt_image_load (path, NULL) : NULL;

  if (image == NULL)
    {
      g_autoptr (GBytes) thumbnail = cyt_project_get_thumbnail (self->project, cell, NULL);

      if (thumbnail != NULL)
        image = cyt_image_load_bytes (thumbnail, "thumbnail", NULL);
    }
  return image;
}

static void
draw_cell (Sheet *self, const CytTopCell *top, const CytOverlayStyle *style, double x, double y)
{
  g_autoptr (CytCell) cell = cyt_project_get_cell (self->project, top->cell, NULL);
  g_autoptr (CytImage) image = load_cell (self, top->cell);
  g_autofree char *score = format_number (top->score);
  g_autofree char *second = g_strdup_printf ("%u.  score %s", top->rank + 1, score);

  if (image != NULL)
    cyt_overlay_draw_cell (self->cr, image, &top->map, style, x, y, CELL);
  else
    {
      cairo_rectangle (self->cr, x, y, CELL, CELL);
      set_color (self->cr, rule);
      cairo_fill (self->cr);
      set_color (self->cr, faint);
      set_font (self->cr, 9, FALSE);
      draw_text (self->cr, x + CELL / 2, y + CELL / 2 + 3, 0.5, CELL, "image not found");
    }
  set_font (self->cr, 9.5, FALSE);
  set_color (self->cr, ink);
  draw_text (self->cr, x + CELL / 2, y + CELL + 12.5, 0.5, CELL, cell != NULL && cell->label != NULL ? cell->label : "–");
  set_font (self->cr, 8, FALSE);
  set_color (self->cr, faint);
  draw_text (self->cr, x + CELL / 2, y + CELL + 23, 0.5, CELL, second);
}

/* The colours of the overlay over white, as it is mixed, with activations beside it. */
static void
draw_color_bar (Sheet *self, const CytOverlayStyle *style, double x, double y, double height)
{
  cairo_t *cr = self->cr;
  const int n = (int) height * SCALE;

  for (int i = 0; i < n; i++)
    {
      double t = 1 - (i + 0.5) / n;
      guint8 rgb[3];

      cyt_colormap_lookup (style->colormap, t, rgb);
      cairo_rectangle (cr, x, y + (double) i / SCALE, BAR_WIDTH, 1.0 / SCALE);
      cairo_set_source_rgb (cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
      cairo_fill (cr);
    }
  set_font (cr, 8, FALSE);
  set_color (cr, ink);
  for (int i = 0; i <= 2; i++)
    {
      g_autofree char *text = i == 0 ? g_strdup ("0") : format_number (style->scale_max * i / 2.0);
      double at = y + height * (1 - i / 2.0);

      cairo_rectangle (cr, x + BAR_WIDTH, at - (i == 2 ? 0 : i == 1 ? 0.25 : 0.5), 3, 0.5);
      cairo_fill (cr);
      draw_text (cr, x + BAR_WIDTH + 6, CLAMP (at + 3, y + 6, y + height), 0, BAR_SPACE, text);
    }
  set_color (cr, faint);
  draw_text (cr, x, y + height + 12.5, 0, BAR_SPACE, "activation");
}

static void
draw_entry (Sheet *self, const Entry *entry, double y)
{
  cairo_t *cr = self->cr;
  g_autofree char *number = g_strdup_printf ("#%u", entry->latent);
  g_autofree char *line = describe (self, entry);
  CytOverlayStyle style = get_row_style (self, entry);
  gboolean named = entry->concept->name[0] != '\0';
  double x = MARGIN, right = self->width - MARGIN;

  set_font (cr, 14, TRUE);
  set_color (cr, accent);
  x += draw_text (cr, x, y + 13, 0, right - x, number) + 9;
  set_font (cr, 14, named);
  set_color (cr, named ? ink : faint);
  x += draw_text (cr, x, y + 13, 0, right - x - 120, named ? entry->concept->name : "unnamed") + 10;
  if (entry->concept->edited_at != 0)
    {
      g_autofree char *state = entry->concept->category[0] != '\0'
        ? g_strdup_printf ("%s, %s", entry->concept->category, cyt_concept_status_get_nick (entry->concept->status))
        : g_strdup (cyt_concept_status_get_nick (entry->concept->status));

      set_font (cr, 9.5, FALSE);
      set_color (cr, faint);
      draw_text (cr, x, y + 13, 0, right - x, state);
    }
  set_font (cr, 9.5, FALSE);
  set_color (cr, faint);
  draw_text (cr, MARGIN, y + 29, 0, right - MARGIN, line);

  for (guint i = 0; i < entry->n_shown; i++)
    draw_cell (self, g_ptr_array_index (entry->top, i), &style, MARGIN + i % self->per_line * (CELL + GAP),
               y + ROW_HEADER + i / self->per_line * (CELL + CAPTION));
  if (style.mode == CYT_OVERLAY_HEAT && style.scale_max > 0 && !is_cls_only (self, entry))
    draw_color_bar (self, &style, MARGIN + MIN (entry->n_shown, self->per_line) * (CELL + GAP) + 6, y + ROW_HEADER, CELL);
}

static void
draw_rule (Sheet *self, double y)
{
  cairo_rectangle (self->cr, MARGIN, y, self->width - 2 * MARGIN, 0.5);
  set_color (self->cr, rule);
  cairo_fill (self->cr);
}

static void
draw_header (Sheet *self)
{
  g_autofree char *source = cyt_project_is_published (self->project)
    ? g_strdup_printf ("published statistics of %" G_GSIZE_FORMAT " cells, without patch maps", self->dataset->n_cells)
    : g_strdup_printf ("%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " cells indexed   ·   τ = %g", self->dataset->n_indexed,
                       self->dataset->n_cells, self->dataset->threshold);
  g_autofree char *line = g_strdup_printf ("%s%s%s   ·   best cells by mean activation over all tokens%s",
                                           self->dataset->domain, self->dataset->domain[0] != '\0' ? "   ·   " : "",
                                           source,
                                           self->style->mode == CYT_OVERLAY_OUTLINE ? "   ·   outlined: active patches" : "");

  double notice = 0;

  if (self->simulated)
    {
      set_font (self->cr, 12, TRUE);
      set_color (self->cr, warning);
      notice = draw_text (self->cr, self->width - MARGIN, MARGIN + 11, 1, self->width - 2 * MARGIN, CYT_PHANTOM_NOTICE)
               + GAP;
    }
  set_font (self->cr, 19, TRUE);
  set_color (self->cr, ink);
  draw_text (self->cr, MARGIN, MARGIN + 11, 0, self->width - 2 * MARGIN - notice, self->dataset->name);
  set_font (self->cr, 9.5, FALSE);
  set_color (self->cr, faint);
  draw_text (self->cr, MARGIN, MARGIN + 28, 0, self->width - 2 * MARGIN, line);
}

/* "folder/vit.pth (0123456789ab)": the file's own name often says little. (transfer full) */
static char *
describe_model (const CytProjectModel *model)
{
  g_autofree char *name = g_path_get_basename (model->path);
  g_autofree char *parent = g_path_get_dirname (model->path);
  g_autofree char *folder = g_path_get_basename (parent);

  return g_strdup_printf ("%s/%s (%.12s)", folder, name, model->sha256);
}

static void
draw_footer (Sheet *self, double y)
{
  gboolean published = cyt_project_is_published (self->project);
  g_autofree char *encoder = published ? NULL : describe_model (cyt_project_get_encoder (self->project));
  g_autofree char *sae = describe_model (cyt_project_get_sae (self->project));
  g_autofree char *models = published
    ? g_strdup_printf ("Published statistics %s   ·   CytoSAE Explorer %s", sae, CYT_VERSION)
    : g_strdup_printf ("Encoder %s, block %d   ·   SAE %s   ·   CytoSAE Explorer %s", encoder,
                       cyt_project_get_block (self->project), sae, CYT_VERSION);

  draw_rule (self, y);
  set_font (self->cr, 8, FALSE);
  set_color (self->cr, faint);
  draw_text (self->cr, MARGIN, y + 15, 0, self->width - 2 * MARGIN - 130, models);
  set_font (self->cr, 8, TRUE);
  draw_text (self->cr, self->width - MARGIN, y + 15, 1, 120, "Research use only");
}

/* The latents with their cells (transfer full), or NULL. */
static GPtrArray *
load_entries (Sheet *self, const guint *latents, guint n_latents, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);
  gsize d_sae = cyt_project_get_d_sae (self->project);

  for (guint i = 0; i < n_latents; i++)
    {
      Entry *entry = g_new0 (Entry, 1);

      g_ptr_array_add (entries, entry);
      entry->latent = latents[i];
      if (latents[i] >= d_sae)
        {
          g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: latent %u, the SAE has %" G_GSIZE_FORMAT,
                       cyt_project_get_path (self->project), latents[i], d_sae);
          return NULL;
        }
      entry->concept = cyt_project_get_concept (self->project, latents[i], error);
      if (entry->concept == NULL)
        return NULL;
      entry->top = cyt_project_get_top_cells (self->project, self->dataset->id, latents[i], error);
      if (entry->top == NULL)
        return NULL;
      entry->n_shown = MIN (entry->top->len, self->n_cells);
    }
  return g_steal_pointer (&entries);
}

static CytDataset *
find_dataset (CytProject *project, gint64 id, GError **error)
{
  g_autoptr (GPtrArray) datasets = cyt_project_list_datasets (project, error);

  if (datasets == NULL)
    return NULL;
  for (guint i = 0; i < datasets->len; i++)
    {
      const CytDataset *dataset = g_ptr_array_index (datasets, i);

      if (dataset->id == id)
        return cyt_project_find_dataset (project, dataset->name, error);
    }
  g_set_error (error, CYT_PROJECT_ERROR, CYT_PROJECT_ERROR_NOT_FOUND, "%s: no data set %" G_GINT64_FORMAT,
               cyt_project_get_path (project), id);
  return NULL;
}

static gboolean
draw_sheet (Sheet *self, const char *path, GPtrArray *entries, GError **error)
{
  double height = MARGIN + HEADER;
  cairo_surface_t *surface;
  gboolean ok;

  for (guint i = 0; i < entries->len; i++)
    height += get_entry_height (self, g_ptr_array_index (entries, i));
  height += FOOTER;
  if (height * SCALE > MAX_PIXELS)
    {
      g_set_error (error, CYT_TABLE_ERROR, CYT_TABLE_ERROR_VALUE, "%s: %u latents do not fit on one sheet", path,
                   entries->len);
      return FALSE;
    }
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) ceil (self->width * SCALE), (int) ceil (height * SCALE));
  self->cr = cairo_create (surface);
  cairo_scale (self->cr, SCALE, SCALE);
  cairo_set_source_rgb (self->cr, 1, 1, 1);
  cairo_paint (self->cr);
  draw_header (self);
  height = MARGIN + HEADER;
  for (guint i = 0; i < entries->len; i++)
    {
      draw_rule (self, height - 13);
      draw_entry (self, g_ptr_array_index (entries, i), height);
      height += get_entry_height (self, g_ptr_array_index (entries, i));
    }
  draw_footer (self, height);
  cairo_destroy (self->cr);
  ok = cyt_png_write (path, surface, error);
  cairo_surface_destroy (surface);
  return ok;
}

gboolean
cyt_concept_figure_write_png (const char *path, CytProject *project, gint64 dataset, const guint *latents,
                              guint n_latents, guint n_cells, const CytOverlayStyle *style, GError **error)
{
  g_autoptr (CytDataset) set = find_dataset (project, dataset, error);
  g_autofree CytLatentRow *rows = NULL;
  g_auto (GStrv) labels = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  Sheet self = { .project = project, .dataset = set, .style = style, .n_cells = n_cells };

  if (set == NULL || !cyt_project_is_simulated (project, &self.simulated, error))
    return FALSE;
  self.rows = rows = g_new0 (CytLatentRow, cyt_project_get_d_sae (project));
  if (!cyt_project_load_latent_rows (project, dataset, rows, error))
    return FALSE;
  self.labels = labels = cyt_project_list_labels (project, dataset, error);
  if (labels == NULL)
    return FALSE;
  entries = load_entries (&self, latents, n_latents, error);
  if (entries == NULL)
    return FALSE;

  self.per_line = MIN (MAX (n_cells, 1), CELLS_PER_LINE);
  self.width = MAX (MIN_WIDTH, 2 * MARGIN + self.per_line * (CELL + GAP) + BAR_SPACE);
  return draw_sheet (&self, path, entries, error);
}
