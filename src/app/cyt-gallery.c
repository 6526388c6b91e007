/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "figures/cyt-palette.h"

#include "cyt-format.h"
#include "cyt-gallery.h"
#include "cyt-keys.h"
#include "cyt-texture-cache.h"

#define PADDING 12
#define GAP 10
#define CAPTION_GAP 3
#define CORNER_RADIUS 6
#define MARK 11          /* room for the mark of a class */
#define MARK_GAP 4
#define NO_CELL G_MAXUINT

/* A cell that can be seen. */
typedef struct
{
  CytGallery *gallery;
  guint index;
  CytCellItem *item;
  CytTextureRequest *request;
  GCancellable *cancellable;    /* of the thumbnail's job */
  GdkTexture *texture;
  gboolean loaded;
  gboolean missing;
  PangoLayout *caption[2];      /* class and score, patient */
  PangoLayout *score;
  int class;                    /* number for the palette, -1: none */
} Tile;

struct _CytGallery
{
  CytCellScroll parent_instance;

  CytSession *session;
  CytGalleryModel *model;
  GHashTable *tiles;            /* index → Tile */
  int line_height;
  guint cursor;                 /* NO_CELL: none */
};

G_DEFINE_FINAL_TYPE (CytGallery, cyt_gallery, CYT_TYPE_CELL_SCROLL)

/* ---- Where cells stand ---- */

typedef struct
{
  int size;          /* of a picture */
  int row_height;
  guint n_columns;
  int start;         /* left of the first column */
  int step;          /* from column to column */
} Metrics;

static int
get_line_height (CytGallery *self)
{
  if (self->line_height == 0)
    {
      g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), "Ag1");

      pango_layout_get_pixel_size (layout, NULL, &self->line_height);
    }
  return self->line_height;
}

static Metrics
get_metrics (CytGallery *self)
{
  int width = MAX (1, gtk_widget_get_width (GTK_WIDGET (self)) - 2 * PADDING);
  Metrics m = { .size = cyt_session_get_tile_size (self->session) };

  m.row_height = m.size + CAPTION_GAP + 2 * get_line_height (self) + GAP;
  m.n_columns = MAX (1, (width + GAP) / (m.size + GAP));
  m.step = m.size + GAP;
  m.start = PADDING + MAX (0, (width + GAP - (int) m.n_columns * m.step) / 2);
  return m;
}

static guint
get_n_cells (CytGallery *self)
{
  return self->model != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->model)) : 0;
}

static double
get_top (CytGallery *self)
{
  return cyt_cell_scroll_get_top (CYT_CELL_SCROLL (self));
}

static graphene_rect_t
get_cell_rect (CytGallery *self, const Metrics *m, guint index)
{
  int column = index % m->n_columns;
  float x = m->start + column * m->step;

  if (cyt_cell_scroll_is_rtl (CYT_CELL_SCROLL (self)))
    x = gtk_widget_get_width (GTK_WIDGET (self)) - x - m->size;
  return GRAPHENE_RECT_INIT (x, PADDING + (double) (index / m->n_columns) * m->row_height - round (get_top (self)),
                             m->size, m->size);
}

static guint
find_cell (CytGallery *self, double x, double y)
{
  Metrics m = get_metrics (self);
  double row = floor ((y + get_top (self) - PADDING) / m.row_height), column;
  guint index;

  if (cyt_cell_scroll_is_rtl (CYT_CELL_SCROLL (self)))
    x = gtk_widget_get_width (GTK_WIDGET (self)) - x;
  column = floor ((x - m.start) / m.step);
  if (row < 0 || column < 0 || column >= m.n_columns)
    return NO_CELL;
  index = row * m.n_columns + column;
  return index < get_n_cells (self) ? index : NO_CELL;
}

/* ---- Tiles ---- */

static void
tile_free (gpointer data)
{
  Tile *tile = data;

  g_clear_pointer (&tile->request, cyt_texture_request_cancel);
  g_cancellable_cancel (tile->cancellable);
  g_clear_object (&tile->cancellable);
  g_clear_object (&tile->item);
  g_clear_object (&tile->texture);
  g_clear_object (&tile->caption[0]);
  g_clear_object (&tile->caption[1]);
  g_clear_object (&tile->score);
  g_free (tile);
}

static void
thumbnail_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytGallery) self = ((gpointer *) user_data)[0];
  guint index = GPOINTER_TO_UINT (((gpointer *) user_data)[1]);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = cyt_worker_run_finish (CYT_WORKER (source), result, &error);
  Tile *tile;

  g_free (user_data);
  if (found == NULL || found->len == 0)
    return;
  tile = g_hash_table_lookup (self->tiles, GUINT_TO_POINTER (index));
  if (tile == NULL || tile->texture != NULL)
    return;
  tile->texture = gdk_texture_new_from_bytes (found->pdata[0], NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
texture_cb (GdkTexture *texture, gboolean missing, gpointer user_data)
{
  Tile *tile = user_data;

  tile->request = NULL;
  tile->loaded = TRUE;
  tile->missing = missing;
  g_set_object (&tile->texture, texture);
  if (texture == NULL)
    {
      gpointer *data = g_new (gpointer, 2);

      data[0] = g_object_ref (tile->gallery);
      data[1] = GUINT_TO_POINTER (tile->index);
      tile->cancellable = g_cancellable_new ();
      cyt_session_load_cell_thumbnail_async (tile->gallery->session, cyt_cell_item_get_cell (tile->item)->id,
                                             tile->cancellable, thumbnail_cb, data);
    }
  gtk_widget_queue_draw (GTK_WIDGET (tile->gallery));
}

static PangoLayout *
make_layout (CytGallery *self, const char *text, int width)
{
  PangoLayout *layout;
  int used;

  if (text == NULL || text[0] == '\0')
    return NULL;
  layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_get_pixel_size (layout, &used, NULL);
  if (used > width)
    {
      pango_layout_set_width (layout, MAX (1, width) * PANGO_SCALE);
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
    }
  return layout;
}

static Tile *
tile_new (CytGallery *self, guint index, int size)
{
  Tile *tile = g_new0 (Tile, 1);
  const CytCell *cell;
  float score;
  int score_width = 0;

  tile->gallery = self;
  tile->index = index;
  tile->item = g_list_model_get_item (G_LIST_MODEL (self->model), index);
  cell = cyt_cell_item_get_cell (tile->item);
  score = cyt_cell_item_get_top (tile->item)->score;
  if (!isnan (score))
    {
      g_autofree char *text = cyt_format_number (score);

      tile->score = make_layout (self, text, size);
      pango_layout_get_pixel_size (tile->score, &score_width, NULL);
    }
  tile->class = cyt_latent_model_find_class (cyt_session_get_latents (self->session), cell->label);
  tile->caption[0] = make_layout (self, cell->label, size - score_width - 6 - (tile->class >= 0 ? MARK + MARK_GAP : 0));
  tile->caption[1] = make_layout (self, cell->patient, size);
  tile->request = cyt_texture_cache_request (cyt_texture_cache_get_default (), cyt_cell_item_get_path (tile->item), NULL,
                                             size * gtk_widget_get_scale_factor (GTK_WIDGET (self)), texture_cb, tile);
  return tile;
}

/* Tiles for the rows that can be seen, and for one above and below. */
static void
update_tiles (CytGallery *self)
{
  Metrics m = get_metrics (self);
  double top = get_top (self) - PADDING, height = gtk_widget_get_height (GTK_WIDGET (self));
  guint n = get_n_cells (self);
  guint first = MAX (0, floor (top / m.row_height) - 1) * m.n_columns;
  guint end = MIN (n, (MAX (0, floor ((top + height) / m.row_height)) + 2) * m.n_columns);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->tiles);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (GPOINTER_TO_UINT (key) < first || GPOINTER_TO_UINT (key) >= end)
      g_hash_table_iter_remove (&iter);
  for (guint i = first; i < end; i++)
    if (!g_hash_table_contains (self->tiles, GUINT_TO_POINTER (i)))
      {
        Tile *tile = tile_new (self, i, m.size);

        g_hash_table_insert (self->tiles, GUINT_TO_POINTER (i), tile);
      }
}

/* ---- Scrolling ---- */

static void
cyt_gallery_scrolled (CytCellScroll *scroll)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (scroll)))
    update_tiles (CYT_GALLERY (scroll));
  gtk_widget_queue_draw (GTK_WIDGET (scroll));
}

static void
update_content (CytGallery *self, int width, int height)
{
  Metrics m = get_metrics (self);
  guint n_rows = (get_n_cells (self) + m.n_columns - 1) / m.n_columns;

  cyt_cell_scroll_set_content (CYT_CELL_SCROLL (self), width, height, 2.0 * PADDING + (double) n_rows * m.row_height,
                               get_top (self), m.row_height / 2.0);
}

static void
describe_cursor (CytGallery *self)
{
  g_autoptr (CytCellItem) item = NULL;
  g_autofree char *spoken = NULL, *count = NULL, *name = NULL;
  const CytCell *cell;

  if (self->cursor == NO_CELL)
    return;
  item = g_list_model_get_item (G_LIST_MODEL (self->model), self->cursor);
  cell = cyt_cell_item_get_cell (item);
  name = g_filename_display_basename (cell->path);
  count = cyt_format_count (get_n_cells (self));
  /* Translators: for screen readers: number of the cell, of how many, file, class, patient */
  spoken = g_strdup_printf (_("Cell %u of %s: %s, %s, %s"), self->cursor + 1, count, name,
                            cell->label != NULL ? cell->label : "", cell->patient != NULL ? cell->patient : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
set_cursor (CytGallery *self, guint cursor)
{
  Metrics m = get_metrics (self);
  double top = get_top (self), height = gtk_widget_get_height (GTK_WIDGET (self));
  double y = PADDING + (double) (cursor / m.n_columns) * m.row_height;

  self->cursor = cursor;
  if (y - PADDING < top)
    cyt_cell_scroll_set_top (CYT_CELL_SCROLL (self), y - PADDING);
  else if (y + m.row_height > top + height)
    cyt_cell_scroll_set_top (CYT_CELL_SCROLL (self), y + m.row_height - height);
  describe_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- What is shown changes ---- */

static void
items_changed_cb (CytGallery *self)
{
  g_hash_table_remove_all (self->tiles);
  self->cursor = NO_CELL;
  cyt_cell_scroll_set_top (CYT_CELL_SCROLL (self), 0);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Other sizes: the first cell that can be seen stays. */
static void
size_changed_cb (CytGallery *self)
{
  guint first = find_cell (self, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0, PADDING);
  Metrics m = get_metrics (self);

  g_hash_table_remove_all (self->tiles);
  update_content (self, gtk_widget_get_width (GTK_WIDGET (self)), gtk_widget_get_height (GTK_WIDGET (self)));
  if (first != NO_CELL)
    cyt_cell_scroll_set_top (CYT_CELL_SCROLL (self), (double) (first / m.n_columns) * m.row_height);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
cyt_gallery_set_model (CytGallery *self, CytSession *session, CytGalleryModel *model)
{
  g_return_if_fail (CYT_IS_GALLERY (self) && self->session == NULL);

  self->session = g_object_ref (session);
  self->model = g_object_ref (model);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::tile-size", G_CALLBACK (size_changed_cb), self, G_CONNECT_SWAPPED);
}

/* ---- Drawing ---- */

static void
append_text (GtkSnapshot *snapshot, PangoLayout *layout, float x, float y, const GdkRGBA *color, float alpha)
{
  GdkRGBA shade = *color;

  shade.alpha *= alpha;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_layout (snapshot, layout, &shade);
  gtk_snapshot_restore (snapshot);
}

static void
draw_tile (CytGallery *self, GtkSnapshot *snapshot, Tile *tile, const graphene_rect_t *rect, const GdkRGBA *color)
{
  gboolean rtl = cyt_cell_scroll_is_rtl (CYT_CELL_SCROLL (self));
  float y = rect->origin.y + rect->size.height + CAPTION_GAP;
  int width;

  if (tile->texture != NULL)
    {
      float w = gdk_texture_get_width (tile->texture), h = gdk_texture_get_height (tile->texture);
      float scale = rect->size.width / MAX (w, h);

      gtk_snapshot_append_texture (snapshot, tile->texture,
                                   &GRAPHENE_RECT_INIT (rect->origin.x + roundf ((rect->size.width - w * scale) / 2),
                                                        rect->origin.y + roundf ((rect->size.height - h * scale) / 2),
                                                        roundf (w * scale), roundf (h * scale)));
    }
  else
    {
      GdkRGBA grey = { 0.5, 0.5, 0.5, 0.15 };

      gtk_snapshot_append_color (snapshot, &grey, rect);
    }
  if (tile->loaded && tile->missing)
    {
      g_autoptr (PangoLayout) layout = make_layout (self, tile->texture != NULL ? _("Thumbnail") : _("No image"),
                                                    rect->size.width - 8);
      const GdkRGBA light = { 1, 1, 1, 1 }, dark = { 0, 0, 0, 0.6 };

      pango_layout_get_pixel_size (layout, &width, NULL);
      gtk_snapshot_append_color (snapshot, &dark,
                                 &GRAPHENE_RECT_INIT (rect->origin.x, rect->origin.y, width + 8, get_line_height (self) + 2));
      append_text (snapshot, layout, rect->origin.x + 4, rect->origin.y + 1, &light, 1);
    }
  if (tile->class >= 0)
    {
      float x = rtl ? rect->origin.x + rect->size.width - MARK : rect->origin.x;
      cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (x, y, MARK, get_line_height (self)));

      cyt_palette_draw_mark (cr, tile->class, x + MARK / 2.0, y + get_line_height (self) / 2.0, 0.36 * MARK);
      cairo_destroy (cr);
    }
  for (int line = 0; line < 2; line++)
    if (tile->caption[line] != NULL)
      {
        int start = line == 0 && tile->class >= 0 ? MARK + MARK_GAP : 0;

        pango_layout_get_pixel_size (tile->caption[line], &width, NULL);
        append_text (snapshot, tile->caption[line],
                     rtl ? rect->origin.x + rect->size.width - width - start : rect->origin.x + start, y + line * get_line_height (self), color, line == 0 ? 1 : 0.6);
      }
  if (tile->score != NULL)
    {
      pango_layout_get_pixel_size (tile->score, &width, NULL);
      append_text (snapshot, tile->score, rtl ? rect->origin.x : rect->origin.x + rect->size.width - width, y, color, 1);
    }
}

static void
cyt_gallery_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytGallery *self = CYT_GALLERY (widget);
  graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  Metrics m;
  GdkRGBA color;
  GHashTableIter iter;
  gpointer tile;

  if (self->session == NULL)
    return;
  m = get_metrics (self);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  gtk_snapshot_push_clip (snapshot, &all);
  g_hash_table_iter_init (&iter, self->tiles);
  while (g_hash_table_iter_next (&iter, NULL, &tile))
    {
      graphene_rect_t rect = get_cell_rect (self, &m, ((Tile *) tile)->index);

      if (rect.origin.y < all.size.height && rect.origin.y + m.row_height > 0)
        draw_tile (self, snapshot, tile, &rect, &color);
    }
  if (self->cursor != NO_CELL)
    {
      graphene_rect_t rect = get_cell_rect (self, &m, self->cursor);
      GdkRGBA accent = { 0.21, 0.52, 0.89, 1 };
      GskRoundedRect frame;

      gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), "accent_color", &accent);
      graphene_rect_inset (&rect, -3, -3);
      gsk_rounded_rect_init_from_rect (&frame, &rect, CORNER_RADIUS);
      gtk_snapshot_append_border (snapshot, &frame, (float[4]) { 3, 3, 3, 3 }, (GdkRGBA[4]) { accent, accent, accent, accent });
    }
  gtk_snapshot_pop (snapshot);
}

static void
cyt_gallery_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  CytGallery *self = CYT_GALLERY (widget);

  if (self->session == NULL)
    return;
  update_content (self, width, height);
  update_tiles (self);
}

static void
cyt_gallery_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                     int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = 100;
}

static void
cyt_gallery_unmap (GtkWidget *widget)
{
  g_hash_table_remove_all (CYT_GALLERY (widget)->tiles);
  GTK_WIDGET_CLASS (cyt_gallery_parent_class)->unmap (widget);
}

static void
cyt_gallery_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (cyt_gallery_parent_class)->map (widget);
  if (CYT_GALLERY (widget)->session != NULL)
    update_tiles (CYT_GALLERY (widget));
}

static gboolean
cyt_gallery_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  CytGallery *self = CYT_GALLERY (widget);
  guint index = keyboard ? self->cursor : self->session != NULL ? find_cell (self, x, y) : NO_CELL;
  g_autoptr (CytCellItem) item = NULL;
  g_autofree char *text = NULL;
  const CytCell *cell;

  if (index == NO_CELL || !(keyboard || cyt_keys_is_pointing (widget)))
    return FALSE;
  item = g_list_model_get_item (G_LIST_MODEL (self->model), index);
  cell = cyt_cell_item_get_cell (item);
  text = g_filename_display_name (cell->path);
  if (cell->disease != NULL)
    {
      g_autofree char *path = g_steal_pointer (&text);

      text = g_strdup_printf ("%s\n%s", path, cell->disease);
    }
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* ---- Pointer and keys ---- */

static void
activate (CytGallery *self, guint index)
{
  g_autoptr (CytCellItem) item = g_list_model_get_item (G_LIST_MODEL (self->model), index);

  cyt_cell_scroll_activate (CYT_CELL_SCROLL (self), item);
}

static void
pressed_cb (CytGallery *self, int n_press, double x, double y)
{
  guint index = find_cell (self, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (index == NO_CELL)
    return;
  set_cursor (self, index);
  if (n_press == 2)
    activate (self, index);
}

static gboolean
cyt_gallery_step (CytCellScroll *scroll, CytCellStep step, GdkModifierType state)
{
  CytGallery *self = CYT_GALLERY (scroll);
  gboolean none = self->cursor == NO_CELL;
  Metrics m;
  guint n = get_n_cells (self), page;
  gint64 to;

  if (n == 0 || cyt_keys_has_modifier (state))
    return FALSE;
  m = get_metrics (self);
  page = m.n_columns * MAX (1, gtk_widget_get_height (GTK_WIDGET (self)) / m.row_height);
  to = none ? 0 : self->cursor;
  switch (step)
    {
    case CYT_CELL_STEP_BACK:
      to -= none ? 0 : 1;
      break;
    case CYT_CELL_STEP_FORWARD:
      to += none ? 0 : 1;
      break;
    case CYT_CELL_STEP_UP:
      to -= to >= m.n_columns ? m.n_columns : 0;
      break;
    case CYT_CELL_STEP_DOWN:
      to += !none && to + m.n_columns < n ? m.n_columns : 0;
      break;
    case CYT_CELL_STEP_PAGE_UP:
      to -= MIN (to / m.n_columns * m.n_columns, page);
      break;
    case CYT_CELL_STEP_PAGE_DOWN:
      to += MIN ((n - 1 - to) / m.n_columns * m.n_columns, page);
      break;
    case CYT_CELL_STEP_FIRST:
      to = 0;
      break;
    case CYT_CELL_STEP_LAST:
      to = n - 1;
      break;
    case CYT_CELL_STEP_OPEN:
      if (none)
        return FALSE;
      activate (self, self->cursor);
      return TRUE;
    default:
      g_return_val_if_reached (FALSE);
    }
  set_cursor (self, CLAMP (to, 0, (gint64) n - 1));
  return TRUE;
}

static gboolean
scroll_cb (CytGallery *self, double dx, double dy, GtkEventController *controller)
{
  if ((gtk_event_controller_get_current_event_state (controller) & GDK_CONTROL_MASK) == 0 || dy == 0)
    return GDK_EVENT_PROPAGATE;
  cyt_session_zoom (self->session, dy < 0 ? 1 : -1);
  return GDK_EVENT_STOP;
}

/* ---- GObject ---- */

static void
cyt_gallery_dispose (GObject *object)
{
  CytGallery *self = CYT_GALLERY (object);

  g_hash_table_remove_all (self->tiles);
  g_clear_object (&self->model);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_gallery_parent_class)->dispose (object);
}

static void
cyt_gallery_finalize (GObject *object)
{
  g_hash_table_unref (CYT_GALLERY (object)->tiles);
  G_OBJECT_CLASS (cyt_gallery_parent_class)->finalize (object);
}

static void
cyt_gallery_class_init (CytGalleryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  CytCellScrollClass *scroll_class = CYT_CELL_SCROLL_CLASS (klass);

  object_class->dispose = cyt_gallery_dispose;
  object_class->finalize = cyt_gallery_finalize;
  widget_class->snapshot = cyt_gallery_snapshot;
  widget_class->size_allocate = cyt_gallery_size_allocate;
  widget_class->measure = cyt_gallery_measure;
  widget_class->map = cyt_gallery_map;
  widget_class->unmap = cyt_gallery_unmap;
  widget_class->query_tooltip = cyt_gallery_query_tooltip;
  scroll_class->scrolled = cyt_gallery_scrolled;
  scroll_class->step = cyt_gallery_step;
  gtk_widget_class_set_css_name (widget_class, "gallery");
}

static void
cyt_gallery_init (CytGallery *self)
{
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL
                                                                | GTK_EVENT_CONTROLLER_SCROLL_DISCRETE);
  GtkGesture *click = gtk_gesture_click_new ();

  self->tiles = g_hash_table_new_full (NULL, NULL, NULL, tile_free);
  self->cursor = NO_CELL;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_event_controller_set_propagation_phase (scroll, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}
