/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-cell-grid-header.h"
#include "cyt-cell-grid-layout.h"
#include "cyt-cell-grid-view.h"
#include "cyt-cell-section.h"
#include "cyt-cell-tile.h"

#define PADDING 8
#define GAP 4
#define BLOCK_GAP 16
#define STRIP_SCALE 0.62
#define STRIP_SIZE_MIN 64

#define NO_CELL G_MAXUINT

struct _CytCellGridView
{
  CytCellScroll parent_instance;

  CytSession *session;
  GListModel *sections;
  GListModel *cells;
  GtkMultiSelection *selection;
  int width, height;            /* as allocated last */
  gboolean patients;            /* whether any cell has one: all tiles have room for it */

  CytCellGridLayout *layout;    /* NULL when it has to be made anew */
  GPtrArray *headers;           /* (n_sections) CytCellGridHeader */
  GPtrArray *rests;             /* (n_sections) GtkLabel */
  GPtrArray *tiles;             /* (n_cells) CytCellTile, NULL where it is out of sight */
  GPtrArray *spare;             /* CytCellTile that show nothing */
  CytCellTile *measure[2];      /* one of each size, that never shows: top cell, strip */

  guint cursor, anchor;         /* NO_CELL: none */
  guint kept;                   /* cell whose place on the screen outlives the next layout, or NO_CELL */
  double kept_offset;

  gboolean rubber;
  double rubber_x, rubber_y;    /* where it began, in the scrolled content */
  double rubber_to_x, rubber_to_y;
  GtkBitset *rubber_base;       /* what was selected before */
  GtkWidget *menu;
};

G_DEFINE_FINAL_TYPE (CytCellGridView, cyt_cell_grid_view, CYT_TYPE_CELL_SCROLL)

static double
get_top (CytCellGridView *self)
{
  return cyt_cell_scroll_get_top (CYT_CELL_SCROLL (self));
}

/* ---- Layout ---- */

static gboolean
has_patients (CytCellGridView *self)
{
  guint n = g_list_model_get_n_items (self->cells);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CytCellItem) item = g_list_model_get_item (self->cells, i);
      const char *patient = cyt_cell_item_get_cell (item)->patient;

      if (patient != NULL && patient[0] != '\0')
        return TRUE;
    }
  return FALSE;
}

static int
get_strip_size (CytCellGridView *self)
{
  return MAX (STRIP_SIZE_MIN, (int) lround (STRIP_SCALE * cyt_session_get_tile_size (self->session)));
}

static void
measure_tile (CytCellGridView *self, gboolean strip, int *width, int *height)
{
  CytCellTile *tile = self->measure[strip];
  int size = strip ? get_strip_size (self) : (int) cyt_session_get_tile_size (self->session);

  cyt_cell_tile_set_size (tile, size, cyt_cell_tile_get_n_lines (size, self->patients));
  gtk_widget_measure (GTK_WIDGET (tile), GTK_ORIENTATION_HORIZONTAL, -1, width, NULL, NULL, NULL);
  gtk_widget_measure (GTK_WIDGET (tile), GTK_ORIENTATION_VERTICAL, -1, height, NULL, NULL, NULL);
}

static int
measure_height (GtkWidget *widget, int width)
{
  int minimum, height;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, MAX (width, minimum), &height, NULL, NULL, NULL);
  return height;
}

static void
make_layout (CytCellGridView *self)
{
  guint n_sections = g_list_model_get_n_items (self->sections), n_blocks = 0, n_strips = 0, n_strip_cells = 0;
  g_autofree CytCellGridSection *sections = g_new0 (CytCellGridSection, n_sections + 1);
  CytCellGridMetrics metrics = { .width = MAX (1, self->width - 2 * PADDING), .gap = GAP, .block_gap = BLOCK_GAP };
  gint64 dataset = -1;
  int block_width, strip_width;

  self->patients = has_patients (self);
  measure_tile (self, FALSE, &metrics.tile_width, &metrics.tile_height);
  measure_tile (self, TRUE, &metrics.strip_tile_width, &metrics.strip_tile_height);
  for (guint i = 0; i < n_sections; i++)
    {
      g_autoptr (CytCellSection) section = g_list_model_get_item (self->sections, i);

      n_blocks += cyt_cell_section_get_dataset (section) != dataset;
      dataset = cyt_cell_section_get_dataset (section);
      sections[i].block = n_blocks;
      sections[i].strip = cyt_cell_section_get_kind (section) != CYT_CELL_SECTION_TOP;
      sections[i].n_cells = g_list_model_get_n_items (G_LIST_MODEL (section));
      n_strips += n_blocks == 1 && sections[i].strip;
      if (sections[i].strip)
        n_strip_cells = MAX (n_strip_cells, sections[i].n_cells);
    }
  cyt_cell_grid_layout_get_n_across (&metrics, n_blocks, &block_width);
  if (n_sections > 0)
    metrics.rest_height = measure_height (self->rests->pdata[0], block_width);
  strip_width = cyt_cell_grid_layout_get_strip_width (&metrics, block_width, MAX (n_strips, 1), n_strip_cells);
  for (guint i = 0; i < n_sections; i++)
    sections[i].header_height
      = measure_height (self->headers->pdata[i], sections[i].strip ? strip_width : block_width);

  g_clear_pointer (&self->layout, cyt_cell_grid_layout_free);
  self->layout = cyt_cell_grid_layout_new (&metrics, sections, n_sections);
}

/* ---- Tiles ---- */

static CytCellTile *
get_tile (CytCellGridView *self, guint cell)
{
  return cell < self->tiles->len ? self->tiles->pdata[cell] : NULL;
}

static void
drop_tile (CytCellGridView *self, guint cell)
{
  CytCellTile *tile = get_tile (self, cell);

  if (tile == NULL)
    return;
  cyt_cell_tile_set_item (tile, NULL, FALSE);
  gtk_widget_set_child_visible (GTK_WIDGET (tile), FALSE);
  gtk_widget_unset_state_flags (GTK_WIDGET (tile), GTK_STATE_FLAG_PRELIGHT);
  g_ptr_array_add (self->spare, tile);
  self->tiles->pdata[cell] = NULL;
}

static CytCellTile *
take_tile (CytCellGridView *self)
{
  CytCellTile *tile;

  if (self->spare->len > 0)
    return g_ptr_array_steal_index_fast (self->spare, self->spare->len - 1);
  tile = cyt_cell_tile_new (self->session);
  gtk_widget_insert_before (GTK_WIDGET (tile), GTK_WIDGET (self), self->menu);
  return tile;
}

static void
update_state (CytCellGridView *self, guint cell)
{
  CytCellTile *tile = get_tile (self, cell);
  gboolean selected;

  if (tile == NULL)
    return;
  selected = gtk_selection_model_is_selected (GTK_SELECTION_MODEL (self->selection), cell);
  if (selected)
    gtk_widget_set_state_flags (GTK_WIDGET (tile), GTK_STATE_FLAG_SELECTED, FALSE);
  else
    gtk_widget_unset_state_flags (GTK_WIDGET (tile), GTK_STATE_FLAG_SELECTED);
  gtk_accessible_update_state (GTK_ACCESSIBLE (tile), GTK_ACCESSIBLE_STATE_SELECTED, selected, -1);
  if (cell == self->cursor)
    {
      gtk_widget_add_css_class (GTK_WIDGET (tile), "cursor");
      gtk_accessible_update_relation (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_RELATION_ACTIVE_DESCENDANT, tile, -1);
    }
  else
    gtk_widget_remove_css_class (GTK_WIDGET (tile), "cursor");
}

/* Whether @cell stands in a strip, with smaller tiles and without a rank. */
static gboolean
is_strip (CytCellGridView *self, guint cell)
{
  for (guint i = 0; i < g_list_model_get_n_items (self->sections); i++)
    {
      g_autoptr (CytCellSection) section = g_list_model_get_item (self->sections, i);
      guint n = g_list_model_get_n_items (G_LIST_MODEL (section));

      if (cell < n)
        return cyt_cell_section_get_kind (section) != CYT_CELL_SECTION_TOP;
      cell -= n;
    }
  return FALSE;
}

/* Gives every cell that is to be seen, or will be in a moment, its tile, and takes it from the others. */
static void
update_tiles (CytCellGridView *self)
{
  double from = get_top (self) - PADDING - self->height / 2, to = from + 2 * self->height;

  for (guint i = 0; i < self->layout->n_cells; i++)
    if (self->layout->cells[i].y + self->layout->cells[i].height < from || self->layout->cells[i].y > to)
      drop_tile (self, i);
  for (guint place = 0; place < self->layout->n_cells; place++)
    {
      guint cell = self->layout->order[place];
      const GdkRectangle *rect = &self->layout->cells[cell];
      g_autoptr (CytCellItem) item = NULL;
      gboolean strip;
      CytCellTile *tile;
      int size;

      if (rect->y + rect->height < from || rect->y > to)
        continue;
      strip = is_strip (self, cell);
      size = strip ? get_strip_size (self) : (int) cyt_session_get_tile_size (self->session);
      item = g_list_model_get_item (self->cells, cell);
      tile = get_tile (self, cell);
      if (tile == NULL)
        {
          tile = take_tile (self);
          self->tiles->pdata[cell] = tile;
          gtk_widget_set_child_visible (GTK_WIDGET (tile), TRUE);
        }
      cyt_cell_tile_set_size (tile, size, cyt_cell_tile_get_n_lines (size, self->patients));
      cyt_cell_tile_set_item (tile, item, !strip);
      update_state (self, cell);
    }
}

/* ---- Scrolling ---- */

static void
keep_place (CytCellGridView *self)
{
  double top = get_top (self);

  if (self->layout == NULL || self->kept != NO_CELL)
    return;
  for (guint place = 0; place < self->layout->n_cells; place++)
    {
      const GdkRectangle *rect = &self->layout->cells[self->layout->order[place]];

      if (rect->y + PADDING + rect->height / 2 >= top)
        {
          self->kept = top > 0 ? self->layout->order[place] : NO_CELL;
          self->kept_offset = (rect->y - top) / MAX (1, rect->height);
          return;
        }
    }
}

static void
update_content (CytCellGridView *self)
{
  double top = get_top (self);

  if (self->kept != NO_CELL && self->kept < self->layout->n_cells)
    top = self->layout->cells[self->kept].y - self->kept_offset * self->layout->cells[self->kept].height;
  self->kept = NO_CELL;
  cyt_cell_scroll_set_content (CYT_CELL_SCROLL (self), self->width, self->height, self->layout->height + 2 * PADDING, top,
                               self->height * 0.1);
}

static void
scroll_to (CytCellGridView *self, guint cell)
{
  const GdkRectangle *rect;
  double top = get_top (self);
  guint section = 0;

  if (self->layout == NULL || cell >= self->layout->n_cells)
    return;
  rect = &self->layout->cells[cell];
  if (rect->y < top)
    {
      /* With the first row comes its heading. */
      double y = rect->y;

      for (; section < self->layout->n_sections; section++)
        {
          const GdkRectangle *header = &self->layout->headers[section];

          if (header->height > 0 && header->y + header->height == rect->y && header->y < y)
            y = header->y;
        }
      cyt_cell_scroll_set_top (CYT_CELL_SCROLL (self), y);
    }
  else if (rect->y + rect->height + 2 * PADDING > top + self->height)
    cyt_cell_scroll_set_top (CYT_CELL_SCROLL (self), rect->y + rect->height + 2 * PADDING - self->height);
}

void
cyt_cell_grid_view_scroll_to_top (CytCellGridView *self)
{
  g_return_if_fail (CYT_IS_CELL_GRID_VIEW (self));

  self->kept = NO_CELL;
  self->cursor = self->anchor = NO_CELL;
  gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (self->selection));
  cyt_cell_scroll_set_top (CYT_CELL_SCROLL (self), 0);
}

static void
cyt_cell_grid_view_scrolled (CytCellScroll *scroll)
{
  CytCellGridView *self = CYT_CELL_GRID_VIEW (scroll);

  if (self->layout != NULL)
    update_tiles (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

/* ---- What is shown changes ---- */

static void
queue_layout (CytCellGridView *self)
{
  keep_place (self);
  g_clear_pointer (&self->layout, cyt_cell_grid_layout_free);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
cells_changed_cb (CytCellGridView *self, guint position, guint n_removed, guint n_added)
{
  GPtrArray *tiles = g_ptr_array_new ();

  for (guint i = position; i < position + n_removed; i++)
    drop_tile (self, i);
  for (guint i = 0; i < position; i++)
    g_ptr_array_add (tiles, self->tiles->pdata[i]);
  for (guint i = 0; i < n_added; i++)
    g_ptr_array_add (tiles, NULL);
  for (guint i = position + n_removed; i < self->tiles->len; i++)
    g_ptr_array_add (tiles, self->tiles->pdata[i]);
  g_ptr_array_unref (self->tiles);
  self->tiles = tiles;
  if (self->cursor != NO_CELL && self->cursor >= position)
    self->cursor = self->anchor = NO_CELL;
  queue_layout (self);
}

static void
sections_changed_cb (CytCellGridView *self)
{
  for (guint i = 0; i < self->headers->len; i++)
    {
      gtk_widget_unparent (self->headers->pdata[i]);
      gtk_widget_unparent (self->rests->pdata[i]);
    }
  g_ptr_array_set_size (self->headers, 0);
  g_ptr_array_set_size (self->rests, 0);
  for (guint i = 0; i < g_list_model_get_n_items (self->sections); i++)
    {
      g_autoptr (CytCellSection) section = g_list_model_get_item (self->sections, i);
      GtkWidget *header = GTK_WIDGET (cyt_cell_grid_header_new (section));
      GtkWidget *rest = gtk_label_new (_("More top cells"));

      gtk_label_set_xalign (GTK_LABEL (rest), 0);
      gtk_widget_add_css_class (rest, "rest");
      gtk_widget_insert_before (header, GTK_WIDGET (self), self->menu);
      gtk_widget_insert_before (rest, GTK_WIDGET (self), self->menu);
      g_ptr_array_add (self->headers, header);
      g_ptr_array_add (self->rests, rest);
    }
  queue_layout (self);
}

static void
selection_changed_cb (CytCellGridView *self, guint position, guint n)
{
  for (guint i = position; i < position + n; i++)
    update_state (self, i);
}

void
cyt_cell_grid_view_set_session (CytCellGridView *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_CELL_GRID_VIEW (self) && self->session == NULL);

  self->session = g_object_ref (session);
  self->sections = g_object_ref (cyt_session_get_sections (session));
  self->cells = g_object_ref (cyt_session_get_cells (session));
  self->selection = gtk_multi_selection_new (g_object_ref (self->cells));
  for (guint i = 0; i < G_N_ELEMENTS (self->measure); i++)
    {
      self->measure[i] = cyt_cell_tile_new (session);
      gtk_widget_set_child_visible (GTK_WIDGET (self->measure[i]), FALSE);
      gtk_widget_insert_before (GTK_WIDGET (self->measure[i]), GTK_WIDGET (self), self->menu);
    }
  g_signal_connect_object (self->cells, "items-changed", G_CALLBACK (cells_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->sections, "items-changed", G_CALLBACK (sections_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "selection-changed", G_CALLBACK (selection_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::tile-size", G_CALLBACK (queue_layout), self, G_CONNECT_SWAPPED);
  cells_changed_cb (self, 0, 0, g_list_model_get_n_items (self->cells));
  sections_changed_cb (self);
}

GtkSelectionModel *
cyt_cell_grid_view_get_selection (CytCellGridView *self)
{
  return GTK_SELECTION_MODEL (self->selection);
}

GPtrArray *
cyt_cell_grid_view_list_selected (CytCellGridView *self)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  GtkBitsetIter iter;
  guint cell;

  for (gboolean more = gtk_bitset_iter_init_first (&iter, selected, &cell); more;
       more = gtk_bitset_iter_next (&iter, &cell))
    g_ptr_array_add (items, g_list_model_get_item (self->cells, cell));
  return items;
}

/* ---- Cursor and selection ---- */

static void
set_cursor (CytCellGridView *self, guint cell)
{
  guint old = self->cursor;

  self->cursor = cell;
  update_state (self, old);
  update_state (self, cell);
  scroll_to (self, cell);
  update_state (self, cell); /* its tile may be a new one */
}

/* All cells between two, in the order of the eye. */
static GtkBitset *
make_range (CytCellGridView *self, guint a, guint b)
{
  GtkBitset *range = gtk_bitset_new_empty ();
  guint from = MIN (self->layout->place[a], self->layout->place[b]);
  guint to = MAX (self->layout->place[a], self->layout->place[b]);

  for (guint place = from; place <= to; place++)
    gtk_bitset_add (range, self->layout->order[place]);
  return range;
}

static void
select_only (CytCellGridView *self, GtkBitset *cells)
{
  g_autoptr (GtkBitset) all = gtk_bitset_new_range (0, g_list_model_get_n_items (self->cells));

  gtk_selection_model_set_selection (GTK_SELECTION_MODEL (self->selection), cells, all);
}

/* Goes to @cell as a click or an arrow does. */
static void
go_to (CytCellGridView *self, guint cell, gboolean extend, gboolean modify)
{
  if (self->layout == NULL || cell >= self->layout->n_cells)
    return;
  if (extend && self->anchor < self->layout->n_cells)
    {
      g_autoptr (GtkBitset) range = make_range (self, self->anchor, cell);

      select_only (self, range);
    }
  else
    {
      self->anchor = cell;
      if (!modify)
        gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), cell, TRUE);
    }
  set_cursor (self, cell);
}

static void
toggle (CytCellGridView *self, guint cell)
{
  GtkSelectionModel *selection = GTK_SELECTION_MODEL (self->selection);

  if (gtk_selection_model_is_selected (selection, cell))
    gtk_selection_model_unselect_item (selection, cell);
  else
    gtk_selection_model_select_item (selection, cell, FALSE);
}

static void
activate (CytCellGridView *self, guint cell)
{
  g_autoptr (CytCellItem) item = g_list_model_get_item (self->cells, cell);

  cyt_cell_scroll_activate (CYT_CELL_SCROLL (self), item);
}

static guint
step (CytCellGridView *self, int direction)
{
  guint place = self->layout->place[self->cursor];

  if ((direction < 0 && place == 0) || (direction > 0 && place + 1 >= self->layout->n_cells))
    return self->cursor;
  return self->layout->order[place + direction];
}

void
cyt_cell_grid_view_focus_cells (CytCellGridView *self)
{
  g_return_if_fail (CYT_IS_CELL_GRID_VIEW (self));

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->layout != NULL && self->layout->n_cells > 0 && self->cursor >= self->layout->n_cells)
    go_to (self, self->layout->order[0], FALSE, FALSE);
}

static guint
step_page (CytCellGridView *self, int direction)
{
  guint cell = self->cursor;
  int start = self->layout->cells[cell].y;

  while (TRUE)
    {
      guint next = cyt_cell_grid_layout_step_row (self->layout, cell, direction);

      if (next == cell || ABS (self->layout->cells[next].y - start) > self->height * 9 / 10)
        return cell;
      cell = next;
    }
}

static void
popup_menu (CytCellGridView *self, double x, double y)
{
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static gboolean
cyt_cell_grid_view_step (CytCellScroll *scroll, CytCellStep where, GdkModifierType state)
{
  CytCellGridView *self = CYT_CELL_GRID_VIEW (scroll);
  gboolean shift = (state & GDK_SHIFT_MASK) != 0, control = (state & GDK_CONTROL_MASK) != 0, none;
  guint cell;

  if (self->layout == NULL || self->layout->n_cells == 0)
    return FALSE;
  none = self->cursor >= self->layout->n_cells;
  cell = none ? self->layout->order[0] : self->cursor;
  switch (where)
    {
    case CYT_CELL_STEP_BACK:
    case CYT_CELL_STEP_FORWARD:
      cell = none ? cell : step (self, where == CYT_CELL_STEP_FORWARD ? 1 : -1);
      break;
    case CYT_CELL_STEP_UP:
    case CYT_CELL_STEP_DOWN:
      cell = none ? cell : cyt_cell_grid_layout_step_row (self->layout, cell, where == CYT_CELL_STEP_DOWN ? 1 : -1);
      break;
    case CYT_CELL_STEP_PAGE_UP:
    case CYT_CELL_STEP_PAGE_DOWN:
      cell = none ? cell : step_page (self, where == CYT_CELL_STEP_PAGE_DOWN ? 1 : -1);
      break;
    case CYT_CELL_STEP_FIRST:
      cell = self->layout->order[0];
      break;
    case CYT_CELL_STEP_LAST:
      cell = self->layout->order[self->layout->n_cells - 1];
      break;
    case CYT_CELL_STEP_OPEN:
      if (none || control)
        return FALSE;
      activate (self, cell);
      return TRUE;
    default:
      g_return_val_if_reached (FALSE);
    }
  go_to (self, cell, shift, control);
  return TRUE;
}

/* The keys that do not move the cursor. */
static gboolean
key_cb (CytCellGridView *self, guint key, guint code, GdkModifierType state)
{
  gboolean shift = (state & GDK_SHIFT_MASK) != 0, control = (state & GDK_CONTROL_MASK) != 0, none;

  if (self->layout == NULL || self->layout->n_cells == 0 || (state & (GDK_ALT_MASK | GDK_SUPER_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  none = self->cursor >= self->layout->n_cells;
  switch (key)
    {
    case GDK_KEY_space:
      if (none || !control)
        return GDK_EVENT_PROPAGATE;
      toggle (self, self->cursor);
      return GDK_EVENT_STOP;
    case GDK_KEY_a:
      if (!control)
        return GDK_EVENT_PROPAGATE;
      gtk_selection_model_select_all (GTK_SELECTION_MODEL (self->selection));
      return GDK_EVENT_STOP;
    case GDK_KEY_Escape:
      {
        g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));

        if (gtk_bitset_is_empty (selected))
          return GDK_EVENT_PROPAGATE;
        gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (self->selection));
        return GDK_EVENT_STOP;
      }
    case GDK_KEY_Menu:
    case GDK_KEY_F10:
      if (none || (key == GDK_KEY_F10 && !shift))
        return GDK_EVENT_PROPAGATE;
      {
        CytCellTile *tile = get_tile (self, self->cursor);
        graphene_rect_t bounds;

        if (tile != NULL && gtk_widget_compute_bounds (GTK_WIDGET (tile), GTK_WIDGET (self), &bounds))
          popup_menu (self, bounds.origin.x + bounds.size.width / 2, bounds.origin.y + bounds.size.height / 2);
        return GDK_EVENT_STOP;
      }
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* ---- Pointer ---- */

/* From the widget's coordinates to the layout's. */
static void
to_content (CytCellGridView *self, double *x, double *y)
{
  *x = (cyt_cell_scroll_is_rtl (CYT_CELL_SCROLL (self)) ? self->width - *x : *x) - PADDING;
  *y += get_top (self) - PADDING;
}

static int
pick (CytCellGridView *self, double x, double y)
{
  if (self->layout == NULL)
    return -1;
  to_content (self, &x, &y);
  return cyt_cell_grid_layout_pick (self->layout, x, y);
}

static void
pressed_cb (CytCellGridView *self, int n_press, double x, double y, GtkGesture *gesture)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));
  gboolean shift = (state & GDK_SHIFT_MASK) != 0, control = (state & GDK_CONTROL_MASK) != 0;
  int cell = pick (self, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (cell < 0)
    {
      if (button == GDK_BUTTON_PRIMARY && !shift && !control)
        gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (self->selection));
      return;
    }
  if (button == GDK_BUTTON_SECONDARY)
    {
      if (!gtk_selection_model_is_selected (GTK_SELECTION_MODEL (self->selection), cell))
        go_to (self, cell, FALSE, FALSE);
      popup_menu (self, x, y);
    }
  else if (button == GDK_BUTTON_PRIMARY)
    {
      go_to (self, cell, shift, control);
      if (control && !shift)
        toggle (self, cell);
      if (n_press == 2 && !shift && !control)
        activate (self, cell);
    }
}

static void
drag_begin_cb (CytCellGridView *self, double x, double y, GtkGesture *gesture)
{
  to_content (self, &x, &y);
  self->rubber_x = x;
  self->rubber_y = y;
}

static void
drag_update_cb (CytCellGridView *self, double dx, double dy, GtkGesture *gesture)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  double x, y;

  if (self->layout == NULL)
    return;
  if (!self->rubber)
    {
      if (!gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, (int) dx, (int) dy))
        return;
      self->rubber = TRUE;
      self->rubber_base = (state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK)) != 0
                            ? gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection))
                            : gtk_bitset_new_empty ();
    }
  gtk_gesture_drag_get_start_point (GTK_GESTURE_DRAG (gesture), &x, &y);
  x += dx;
  y += dy;
  to_content (self, &x, &y);
  self->rubber_to_x = x;
  self->rubber_to_y = y;

  {
    GdkRectangle band = { (int) MIN (x, self->rubber_x), (int) MIN (y, self->rubber_y),
                          MAX (1, (int) fabs (x - self->rubber_x)), MAX (1, (int) fabs (y - self->rubber_y)) };
    g_autoptr (GtkBitset) cells = gtk_bitset_copy (self->rubber_base);

    for (guint i = 0; i < self->layout->n_cells; i++)
      if (gdk_rectangle_intersect (&band, &self->layout->cells[i], NULL))
        gtk_bitset_add (cells, i);
    select_only (self, cells);
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_end_cb (CytCellGridView *self)
{
  self->rubber = FALSE;
  g_clear_pointer (&self->rubber_base, gtk_bitset_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- GtkWidget ---- */

static void
cyt_cell_grid_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                            int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = CYT_TILE_SIZE_MIN + 2 * PADDING;
}

static void
allocate (CytCellGridView *self, GtkWidget *child, const GdkRectangle *rect)
{
  int x = rect->x + PADDING;

  if (cyt_cell_scroll_is_rtl (CYT_CELL_SCROLL (self)))
    x = self->width - x - rect->width;
  gtk_widget_size_allocate (child,
                            &(GtkAllocation) { x, rect->y + PADDING - (int) get_top (self), rect->width, rect->height },
                            -1);
}

static void
allocate_heading (CytCellGridView *self, GtkWidget *child, const GdkRectangle *rect)
{
  gtk_widget_set_child_visible (child, rect->height > 0);
  if (rect->height > 0)
    allocate (self, child, rect);
}

static void
cyt_cell_grid_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  CytCellGridView *self = CYT_CELL_GRID_VIEW (widget);

  if (self->session == NULL)
    return;
  if (width != self->width || height != self->height)
    {
      keep_place (self);
      g_clear_pointer (&self->layout, cyt_cell_grid_layout_free);
      self->width = width;
      self->height = height;
    }
  if (self->layout == NULL)
    {
      make_layout (self);
      update_content (self);
      update_tiles (self);
    }
  for (guint i = 0; i < self->layout->n_sections; i++)
    {
      allocate_heading (self, self->headers->pdata[i], &self->layout->headers[i]);
      allocate_heading (self, self->rests->pdata[i], &self->layout->rests[i]);
    }
  for (guint i = 0; i < self->layout->n_cells; i++)
    if (self->tiles->pdata[i] != NULL)
      allocate (self, self->tiles->pdata[i], &self->layout->cells[i]);
  gtk_popover_present (GTK_POPOVER (self->menu));
}

static void
cyt_cell_grid_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytCellGridView *self = CYT_CELL_GRID_VIEW (widget);

  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, self->width, self->height));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (child != self->menu)
      gtk_widget_snapshot_child (widget, child, snapshot);
  if (self->rubber)
    {
      float x = MIN (self->rubber_x, self->rubber_to_x) + PADDING;
      float y = MIN (self->rubber_y, self->rubber_to_y) + PADDING - get_top (self);
      float w = fabs (self->rubber_to_x - self->rubber_x), h = fabs (self->rubber_to_y - self->rubber_y);
      GdkRGBA color, faint;
      GskRoundedRect outline;

      gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
      faint = color;
      faint.alpha *= 0.1;
      color.alpha *= 0.5;
      if (cyt_cell_scroll_is_rtl (CYT_CELL_SCROLL (self)))
        x = self->width - x - w;
      gtk_snapshot_append_color (snapshot, &faint, &GRAPHENE_RECT_INIT (x, y, w, h));
      gsk_rounded_rect_init_from_rect (&outline, &GRAPHENE_RECT_INIT (x, y, w, h), 0);
      gtk_snapshot_append_border (snapshot, &outline, (float[]) { 1, 1, 1, 1 },
                                  (GdkRGBA[]) { color, color, color, color });
    }
  gtk_snapshot_pop (snapshot);
}

static void
cyt_cell_grid_view_dispose (GObject *object)
{
  CytCellGridView *self = CYT_CELL_GRID_VIEW (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_object (&self->sections);
  g_clear_object (&self->cells);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (cyt_cell_grid_view_parent_class)->dispose (object);
}

static void
cyt_cell_grid_view_finalize (GObject *object)
{
  CytCellGridView *self = CYT_CELL_GRID_VIEW (object);

  g_clear_pointer (&self->layout, cyt_cell_grid_layout_free);
  g_clear_pointer (&self->rubber_base, gtk_bitset_unref);
  g_ptr_array_unref (self->headers);
  g_ptr_array_unref (self->rests);
  g_ptr_array_unref (self->tiles);
  g_ptr_array_unref (self->spare);
  G_OBJECT_CLASS (cyt_cell_grid_view_parent_class)->finalize (object);
}

static void
cyt_cell_grid_view_class_init (CytCellGridViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  CytCellScrollClass *scroll_class = CYT_CELL_SCROLL_CLASS (klass);

  object_class->dispose = cyt_cell_grid_view_dispose;
  object_class->finalize = cyt_cell_grid_view_finalize;
  widget_class->measure = cyt_cell_grid_view_measure;
  widget_class->size_allocate = cyt_cell_grid_view_size_allocate;
  widget_class->snapshot = cyt_cell_grid_view_snapshot;
  scroll_class->scrolled = cyt_cell_grid_view_scrolled;
  scroll_class->step = cyt_cell_grid_view_step;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-cell-grid-view.ui");
  gtk_widget_class_bind_template_child (widget_class, CytCellGridView, menu);
  gtk_widget_class_bind_template_callback (widget_class, key_cb);
  gtk_widget_class_bind_template_callback (widget_class, pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, drag_begin_cb);
  gtk_widget_class_bind_template_callback (widget_class, drag_update_cb);
  gtk_widget_class_bind_template_callback (widget_class, drag_end_cb);
  gtk_widget_class_set_css_name (widget_class, "cellgridview");
}

static void
cyt_cell_grid_view_init (CytCellGridView *self)
{
  self->cursor = self->anchor = self->kept = NO_CELL;
  self->headers = g_ptr_array_new ();
  self->rests = g_ptr_array_new ();
  self->tiles = g_ptr_array_new ();
  self->spare = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
