/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "figures/cyt-palette.h"

#include "cyt-cell-picture.h"
#include "cyt-cell-tile.h"
#include "cyt-format.h"
#include "cyt-keys.h"

/* Below this there is no room for rank, class and score in one line. */
#define NARROW 116

#define CAPTION_GAP 3
#define CHIP_PADDING 4
#define MARK 11          /* room for the mark of a class */
#define MARK_GAP 4

struct _CytCellTile
{
  GtkWidget parent_instance;
  CytLatentModel *latents;   /* knows the numbers of classes */
  CytCellItem *item;
  gboolean ranked;
  guint n_lines;
  int size;
  int line_height;       /* 0 while unknown */
  CytCellPicture *picture;
  GtkWidget *badge;
};

G_DEFINE_FINAL_TYPE (CytCellTile, cyt_cell_tile, GTK_TYPE_WIDGET)

CytCellTile *
cyt_cell_tile_new (CytSession *session)
{
  CytCellTile *self = g_object_new (CYT_TYPE_CELL_TILE, NULL);

  self->latents = g_object_ref (cyt_session_get_latents (session));
  cyt_cell_picture_set_session (self->picture, session);
  return self;
}

guint
cyt_cell_tile_get_n_lines (int size, gboolean has_patient)
{
  return size < NARROW || has_patient ? 2 : 1;
}

CytCellItem *
cyt_cell_tile_get_item (CytCellTile *self)
{
  return self->item;
}

gboolean
cyt_cell_tile_is_loaded (CytCellTile *self)
{
  return cyt_cell_picture_is_loaded (self->picture);
}

static char *
describe (CytCellItem *item, gboolean missing)
{
  const CytCell *cell = cyt_cell_item_get_cell (item);
  const CytTopCell *top = cyt_cell_item_get_top (item);
  g_autofree char *score = cyt_format_number (top->score);
  g_autofree char *max = cyt_format_number (cyt_cell_item_get_max (item));
  GString *text = g_string_new (cell->path);

  if (cell->label != NULL && cell->label[0] != '\0')
    g_string_append_printf (text, "\n%s", cell->label);
  if (cell->patient != NULL && cell->patient[0] != '\0')
    g_string_append_printf (text, " · %s", cell->patient);
  if (cell->disease != NULL && cell->disease[0] != '\0')
    g_string_append_printf (text, " · %s", cell->disease);
  if (cell->width > 0)
    g_string_append_printf (text, _("\n%u × %u px"), cell->width, cell->height);
  g_string_append_c (text, '\n');
  g_string_append_printf (text, _("Score %s (mean activation over all 257 tokens)"), score);
  g_string_append_c (text, '\n');
  if (cyt_cell_item_get_map_state (item) == CYT_CELL_MAP_UNPUBLISHED)
    g_string_append (text, _("No patch map was published"));
  else if (cyt_cell_item_get_map_state (item) == CYT_CELL_MAP_WANTED)
    g_string_append (text, _("Its patch map is not computed yet"));
  else if (cyt_cell_item_get_map_state (item) == CYT_CELL_MAP_FAILED)
    g_string_append_printf (text, _("No patch map: %s"), cyt_cell_item_get_map_failure (item));
  else if (top->map.n > 0)
    g_string_append_printf (text, _("Fires on %u of 256 patches, at most %s"), top->map.n, max);
  else
    g_string_append (text, _("Fires on the CLS token only"));
  if (cell->failure != NULL)
    g_string_append_printf (text, "\n\n%s", cell->failure);
  else if (missing && cyt_cell_item_get_thumbnail (item) != NULL)
    g_string_append_printf (text, _("\n\nThe image is not there; this is the stored thumbnail.\n%s"),
                            cyt_cell_item_get_path (item));
  else if (missing)
    g_string_append_printf (text, _("\n\nThe image is not there.\n%s"), cyt_cell_item_get_path (item));
  return g_string_free (text, FALSE);
}

static gboolean
query_tooltip_cb (CytCellTile *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  g_autofree char *text = NULL;

  if (self->item == NULL || !(keyboard || cyt_keys_is_pointing (GTK_WIDGET (self))))
    return FALSE;
  text = describe (self->item, cyt_cell_picture_is_missing (self->picture));
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
update_label (CytCellTile *self)
{
  const CytCell *cell = cyt_cell_item_get_cell (self->item);
  const CytTopCell *top = cyt_cell_item_get_top (self->item);
  g_autofree char *rank = g_strdup_printf ("%u", top->rank + 1);
  g_autofree char *score = cyt_format_number (top->score);
  g_autofree char *spoken = NULL;
  GtkWidget *parent;

  /* Translators: for screen readers: rank, class, patient, score of a cell */
  spoken = g_strdup_printf (_("Cell %s, %s, %s, score %s"), rank, cell->label != NULL ? cell->label : "",
                            cell->patient != NULL ? cell->patient : "", score);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  /* In a GtkGridView the focus is on the grid's own item, which GTK 4.8 leaves without a name. */
  parent = gtk_widget_get_parent (GTK_WIDGET (self));
  if (parent != NULL && GTK_IS_GRID_VIEW (gtk_widget_get_parent (parent)))
    gtk_accessible_update_property (GTK_ACCESSIBLE (parent), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

void
cyt_cell_tile_set_item (CytCellTile *self, CytCellItem *item, gboolean ranked)
{
  g_return_if_fail (CYT_IS_CELL_TILE (self));

  if (self->item == item && self->ranked == ranked)
    return;
  g_set_object (&self->item, item);
  self->ranked = ranked;
  cyt_cell_picture_set_item (self->picture, item);
  if (item != NULL)
    update_label (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
cyt_cell_tile_set_size (CytCellTile *self, int size, guint n_lines)
{
  g_return_if_fail (CYT_IS_CELL_TILE (self));

  if (self->size == size && self->n_lines == n_lines)
    return;
  self->size = size;
  self->n_lines = n_lines;
  cyt_cell_picture_set_size (self->picture, size);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/* ---- Drawing ---- */

static PangoLayout *
make_layout (CytCellTile *self, const char *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);

  pango_layout_set_single_paragraph_mode (layout, TRUE);
  return layout;
}

static int
get_line_height (CytCellTile *self)
{
  if (self->line_height == 0)
    {
      g_autoptr (PangoLayout) layout = make_layout (self, "Ag1");

      pango_layout_get_pixel_size (layout, NULL, &self->line_height);
    }
  return self->line_height;
}

static void
append_layout (CytCellTile *self, GtkSnapshot *snapshot, PangoLayout *layout, float x, float y, float alpha)
{
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= alpha;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

/* Draws @text within (@x, @width), cut where it is longer, mirrored where text runs from the right. Returns the
 * width that it took. */
static int
draw_text (CytCellTile *self, GtkSnapshot *snapshot, const char *text, int x, int y, int width, float alpha)
{
  g_autoptr (PangoLayout) layout = make_layout (self, text);
  int used;

  if (width <= 0)
    return 0;
  pango_layout_get_pixel_size (layout, &used, NULL);
  if (used > width)
    {
      pango_layout_set_width (layout, width * PANGO_SCALE);
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      used = width;
    }
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    x = self->size - x - used;
  append_layout (self, snapshot, layout, x, y, alpha);
  return used;
}

/* The mark of the cell's class, with a gap behind it. Returns the width that it took. */
static int
draw_mark (CytCellTile *self, GtkSnapshot *snapshot, int x, int y)
{
  int number = cyt_latent_model_find_class (self->latents, cyt_cell_item_get_cell (self->item)->label);
  cairo_t *cr;

  if (number < 0)
    return 0;
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    x = self->size - x - MARK;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (x, y, MARK, get_line_height (self)));
  cyt_palette_draw_mark (cr, number, x + MARK / 2.0, y + get_line_height (self) / 2.0, 0.36 * MARK);
  cairo_destroy (cr);
  return MARK + MARK_GAP;
}

static int
draw_rank (CytCellTile *self, GtkSnapshot *snapshot, int y)
{
  g_autofree char *text = g_strdup_printf ("%u", cyt_cell_item_get_top (self->item)->rank + 1);
  g_autoptr (PangoLayout) layout = make_layout (self, text);
  GskRoundedRect chip;
  GdkRGBA color;
  int used, x, width;

  pango_layout_get_pixel_size (layout, &used, NULL);
  width = MAX (used + 2 * CHIP_PADDING, get_line_height (self));
  x = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? self->size - width : 0;
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= 0.1;
  gsk_rounded_rect_init_from_rect (&chip, &GRAPHENE_RECT_INIT (x, y, width, get_line_height (self)), 5);
  gtk_snapshot_push_rounded_clip (snapshot, &chip);
  gtk_snapshot_append_color (snapshot, &color, &chip.bounds);
  gtk_snapshot_pop (snapshot);
  append_layout (self, snapshot, layout, x + (width - used) / 2, y, 0.8);
  return width;
}

/* Rank and class lead, the patient follows; the score ends the line that has room for it. */
static void
cyt_cell_tile_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytCellTile *self = CYT_CELL_TILE (widget);
  gboolean narrow = self->size < NARROW;
  int y = self->size + CAPTION_GAP, line_height, start = 0, score_width, score_x;
  g_autofree char *score = NULL;
  g_autoptr (PangoLayout) layout = NULL;
  const CytCell *cell;

  GTK_WIDGET_CLASS (cyt_cell_tile_parent_class)->snapshot (widget, snapshot);
  if (self->item == NULL)
    return;
  line_height = get_line_height (self);
  cell = cyt_cell_item_get_cell (self->item);
  score = cyt_format_number (cyt_cell_item_get_top (self->item)->score);
  layout = make_layout (self, score);
  pango_layout_get_pixel_size (layout, &score_width, NULL);
  score_x = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL ? 0 : self->size - score_width;
  if (self->ranked)
    start = draw_rank (self, snapshot, y) + 6;
  if (cell->label != NULL)
    {
      start += draw_mark (self, snapshot, start, y);
      draw_text (self, snapshot, cell->label, start, y, self->size - start - (narrow ? 0 : score_width + 6), 1);
    }
  append_layout (self, snapshot, layout, score_x, narrow ? y + line_height : y, 1);
  if (self->n_lines > 1 && cell->patient != NULL)
    draw_text (self, snapshot, cell->patient, 0, y + line_height, self->size - (narrow ? score_width + 6 : 0), 0.6);
}

static void
cyt_cell_tile_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                       int *minimum_baseline, int *natural_baseline)
{
  CytCellTile *self = CYT_CELL_TILE (widget);

  *minimum = *natural
    = orientation == GTK_ORIENTATION_HORIZONTAL ? self->size
                                                : self->size + CAPTION_GAP + (int) self->n_lines * get_line_height (self);
}

static void
cyt_cell_tile_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  CytCellTile *self = CYT_CELL_TILE (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GtkRequisition badge;

  gtk_widget_size_allocate (GTK_WIDGET (self->picture), &(GtkAllocation) { 0, 0, self->size, self->size }, -1);
  if (!gtk_widget_should_layout (self->badge))
    return;
  gtk_widget_get_preferred_size (self->badge, &badge, NULL);
  gtk_widget_size_allocate (self->badge,
                            &(GtkAllocation) { rtl ? 5 : self->size - badge.width - 5, 5, badge.width, badge.height },
                            -1);
}

static void
cyt_cell_tile_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  CYT_CELL_TILE (widget)->line_height = 0;
  GTK_WIDGET_CLASS (cyt_cell_tile_parent_class)->css_changed (widget, change);
}

static void
cyt_cell_tile_dispose (GObject *object)
{
  CytCellTile *self = CYT_CELL_TILE (object);
  GtkWidget *child;

  g_clear_object (&self->item);
  g_clear_object (&self->latents);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_cell_tile_parent_class)->dispose (object);
}

static void
cyt_cell_tile_class_init (CytCellTileClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_cell_tile_dispose;
  widget_class->snapshot = cyt_cell_tile_snapshot;
  widget_class->measure = cyt_cell_tile_measure;
  widget_class->size_allocate = cyt_cell_tile_size_allocate;
  widget_class->css_changed = cyt_cell_tile_css_changed;
  g_type_ensure (CYT_TYPE_CELL_PICTURE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-cell-tile.ui");
  gtk_widget_class_bind_template_child (widget_class, CytCellTile, picture);
  gtk_widget_class_bind_template_child (widget_class, CytCellTile, badge);
  gtk_widget_class_bind_template_callback (widget_class, query_tooltip_cb);
  gtk_widget_class_set_css_name (widget_class, "celltile");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GRID_CELL);
}

static void
cyt_cell_tile_init (CytCellTile *self)
{
  self->size = CYT_CELL_PICTURE_SIZE;
  self->n_lines = 1;
  gtk_widget_init_template (GTK_WIDGET (self));
  g_object_bind_property (self->picture, "missing", self->badge, "visible", G_BINDING_SYNC_CREATE);
}
