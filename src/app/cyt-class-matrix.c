/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "figures/cyt-colormap.h"
#include "figures/cyt-palette.h"

#include "cyt-class-matrix.h"
#include "cyt-format.h"

#define PADDING 14.0
#define GAP 6.0
#define MARK 14.0               /* room for the mark of a class */
#define MAX_CLASS_LABEL 170     /* pixels */
#define MAX_NAME 170            /* pixels, of a column's name, which stands upright */
#define MIN_LABEL_STEP 13.0     /* narrower columns and rows are not all named */
#define WHEEL_STEP 1.25
#define MAX_FIELD 160.0         /* pixels: fields do not get larger by zooming */
#define DRAG_DISTANCE 5.0

struct _CytClassMatrix
{
  GtkWidget parent_instance;

  const CytClassScores *scores;   /* NULL: nothing to show */
  GArray *picks;                  /* of CytClassPick */
  gboolean shared;
  CytClassMatrixNameFunc name;
  gpointer name_data;
  CytClassMatrixClassFunc class_func;
  gpointer class_data;

  int row, column;                /* the field of the keyboard, -1: none */
  int hovered_row, hovered_column;
  gint64 current;

  double u0, u1, v0, v1;          /* the part that shows, of the whole */
  graphene_rect_t plot;
  GskRenderNode *fields;          /* kept between frames */

  gboolean dragging;
  double last_x, last_y;
};

G_DEFINE_FINAL_TYPE (CytClassMatrix, cyt_class_matrix, GTK_TYPE_WIDGET)

enum
{
  PICKED,
  ACTIVATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static int
get_n_columns (CytClassMatrix *self)
{
  return self->picks != NULL ? (int) self->picks->len : 0;
}

static int
get_n_rows (CytClassMatrix *self)
{
  return self->scores != NULL ? (int) self->scores->n_classes : 0;
}

static const CytClassPick *
get_pick (CytClassMatrix *self, int column)
{
  return &g_array_index (self->picks, CytClassPick, column);
}

static double
get_mean (CytClassMatrix *self, int row, int column)
{
  return self->scores->mean[row * self->scores->n_latents + get_pick (self, column)->latent];
}

static void
invalidate (CytClassMatrix *self)
{
  g_clear_pointer (&self->fields, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- Places ---- */

static void
get_field (CytClassMatrix *self, int row, int column, graphene_rect_t *rect)
{
  double width = self->plot.size.width / (self->u1 - self->u0), height = self->plot.size.height / (self->v1 - self->v0);
  double x = self->plot.origin.x + ((double) column / get_n_columns (self) - self->u0) * width;
  double y = self->plot.origin.y + ((double) row / get_n_rows (self) - self->v0) * height;

  /* Whole pixels, so that neighbours touch. */
  graphene_rect_init (rect, floor (x), floor (y), floor (x + width / get_n_columns (self)) - floor (x),
                      floor (y + height / get_n_rows (self)) - floor (y));
}

static gboolean
find_field (CytClassMatrix *self, double x, double y, int *row, int *column)
{
  double u, v;

  if (get_n_columns (self) == 0 || !graphene_rect_contains_point (&self->plot, &GRAPHENE_POINT_INIT (x, y)))
    return FALSE;
  u = self->u0 + (x - self->plot.origin.x) / self->plot.size.width * (self->u1 - self->u0);
  v = self->v0 + (y - self->plot.origin.y) / self->plot.size.height * (self->v1 - self->v0);
  *column = CLAMP ((int) floor (u * get_n_columns (self)), 0, get_n_columns (self) - 1);
  *row = CLAMP ((int) floor (v * get_n_rows (self)), 0, get_n_rows (self) - 1);
  return TRUE;
}

/* Keeps the part within the whole. */
static void
set_view (CytClassMatrix *self, double u0, double v0, double u_span, double v_span)
{
  u_span = MIN (u_span, 1);
  v_span = MIN (v_span, 1);
  self->u0 = CLAMP (u0, 0, 1 - u_span);
  self->v0 = CLAMP (v0, 0, 1 - v_span);
  self->u1 = self->u0 + u_span;
  self->v1 = self->v0 + v_span;
  invalidate (self);
}

static void
zoom_about (CytClassMatrix *self, double factor, double x, double y)
{
  double fu = (x - self->plot.origin.x) / self->plot.size.width, fv = (y - self->plot.origin.y) / self->plot.size.height;
  double u = self->u0 + fu * (self->u1 - self->u0), v = self->v0 + fv * (self->v1 - self->v0);
  double least_u, least_v, u_span, v_span;

  if (get_n_columns (self) == 0)
    return;
  least_u = MIN (1, self->plot.size.width / MAX_FIELD / get_n_columns (self));
  least_v = MIN (1, self->plot.size.height / MAX_FIELD / get_n_rows (self));
  u_span = CLAMP ((self->u1 - self->u0) / factor, least_u, 1);
  v_span = CLAMP ((self->v1 - self->v0) / factor, least_v, 1);
  set_view (self, u - fu * u_span, v - fv * v_span, u_span, v_span);
}

/* Brings a field that a key went to into sight. */
static void
show_field (CytClassMatrix *self)
{
  double u = (self->column + 0.5) / get_n_columns (self), v = (self->row + 0.5) / get_n_rows (self);
  double u_span = self->u1 - self->u0, v_span = self->v1 - self->v0;

  if (u < self->u0 || u > self->u1 || v < self->v0 || v > self->v1)
    set_view (self, u - u_span / 2, v - v_span / 2, u_span, v_span);
}

void
cyt_class_matrix_zoom (CytClassMatrix *self, double factor)
{
  g_return_if_fail (CYT_IS_CLASS_MATRIX (self));

  if (factor == 0)
    set_view (self, 0, 0, 1, 1);
  else
    zoom_about (self, factor, self->plot.origin.x + self->plot.size.width / 2,
                self->plot.origin.y + self->plot.size.height / 2);
}

/* ---- Drawing ---- */

static PangoLayout *
make_layout (CytClassMatrix *self, const char *text, int width)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);

  pango_layout_set_width (layout, width * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  return layout;
}

static char *
get_name (CytClassMatrix *self, int column)
{
  guint latent = get_pick (self, column)->latent;

  return self->name != NULL ? self->name (latent, self->name_data) : g_strdup_printf ("#%u", latent);
}

static void
measure (CytClassMatrix *self)
{
  double left = 0, top = 0;
  graphene_rect_t plot;

  for (int row = 0; row < get_n_rows (self); row++)
    {
      g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), self->scores->classes[row]);
      int width;

      pango_layout_get_pixel_size (layout, &width, NULL);
      left = MAX (left, MIN (width, MAX_CLASS_LABEL));
    }
  for (int column = 0; column < get_n_columns (self); column++)
    {
      g_autofree char *name = get_name (self, column);
      g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), name);
      int width;

      pango_layout_get_pixel_size (layout, &width, NULL);
      top = MAX (top, MIN (width, MAX_NAME));
    }
  left += MARK;
  graphene_rect_init (&plot, PADDING + left + GAP, PADDING + top + GAP,
                      MAX (1, gtk_widget_get_width (GTK_WIDGET (self)) - left - GAP - 2 * PADDING),
                      MAX (1, gtk_widget_get_height (GTK_WIDGET (self)) - top - GAP - 2 * PADDING));
  self->plot = plot;
}

static double
get_largest (CytClassMatrix *self, int column)
{
  double largest = 0;

  for (int row = 0; row < get_n_rows (self); row++)
    largest = MAX (largest, get_mean (self, row, column));
  return largest;
}

double
cyt_class_matrix_get_max (CytClassMatrix *self)
{
  double largest = 0;

  g_return_val_if_fail (CYT_IS_CLASS_MATRIX (self), 0);

  for (int column = 0; column < get_n_columns (self); column++)
    largest = MAX (largest, get_largest (self, column));
  return largest;
}

static void
append_fields (CytClassMatrix *self, GtkSnapshot *snapshot)
{
  double max = cyt_class_matrix_get_max (self);

  gtk_snapshot_push_clip (snapshot, &self->plot);
  for (int column = 0; column < get_n_columns (self); column++)
    {
      double top = self->shared ? max : get_largest (self, column);
      graphene_rect_t rect;

      for (int row = 0; row < get_n_rows (self); row++)
        {
          guint8 rgb[3];

          get_field (self, row, column, &rect);
          cyt_colormap_lookup (CYT_COLORMAP_VIRIDIS, top > 0 ? get_mean (self, row, column) / top : 0, rgb);
          gtk_snapshot_append_color (snapshot, &(GdkRGBA){ rgb[0] / 255.f, rgb[1] / 255.f, rgb[2] / 255.f, 1 }, &rect);
        }
      /* A line where the latents of the next class begin. */
      if (column > 0 && get_pick (self, column)->class != get_pick (self, column - 1)->class)
        gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 1, 1, 1, 0.9f },
                                   &GRAPHENE_RECT_INIT (rect.origin.x, self->plot.origin.y, 1, self->plot.size.height));
    }
  gtk_snapshot_pop (snapshot);
}

static void
append_mark (CytClassMatrix *self, GtkSnapshot *snapshot, int row, double x, double y)
{
  int number = self->class_func != NULL ? self->class_func (self->scores->classes[row], self->class_data) : -1;
  cairo_t *cr;

  if (number < 0)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (x - MARK / 2, y - MARK / 2, MARK, MARK));
  cyt_palette_draw_mark (cr, number, x, y, 0.3 * MARK);
  cairo_destroy (cr);
}

static void
append_class_labels (CytClassMatrix *self, GtkSnapshot *snapshot, const GdkRGBA *ink)
{
  double end = -INFINITY;

  for (int row = 0; row < get_n_rows (self); row++)
    {
      g_autoptr (PangoLayout) layout = make_layout (self, self->scores->classes[row], MAX_CLASS_LABEL);
      graphene_rect_t rect;
      int height;
      double y;

      get_field (self, row, 0, &rect);
      pango_layout_get_pixel_size (layout, NULL, &height);
      y = rect.origin.y + rect.size.height / 2;
      if (y < self->plot.origin.y || y > self->plot.origin.y + self->plot.size.height || y - end < MIN_LABEL_STEP)
        continue;
      end = y;
      pango_layout_set_width (layout, (int) (self->plot.origin.x - GAP - PADDING - MARK) * PANGO_SCALE);
      pango_layout_set_alignment (layout, PANGO_ALIGN_RIGHT);
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (PADDING, floor (y - height / 2.0)));
      gtk_snapshot_append_layout (snapshot, layout, ink);
      gtk_snapshot_restore (snapshot);
      append_mark (self, snapshot, row, self->plot.origin.x - GAP - MARK / 2, y);
    }
}

/* Upright, from the foot of the column's head upwards. */
static void
append_names (CytClassMatrix *self, GtkSnapshot *snapshot, const GdkRGBA *ink)
{
  double end = -INFINITY;

  for (int column = 0; column < get_n_columns (self); column++)
    {
      g_autofree char *name = get_name (self, column);
      g_autoptr (PangoLayout) layout = make_layout (self, name, MAX_NAME);
      graphene_rect_t rect;
      int height;
      double x;

      get_field (self, 0, column, &rect);
      pango_layout_get_pixel_size (layout, NULL, &height);
      x = rect.origin.x + rect.size.width / 2;
      if (x < self->plot.origin.x || x > self->plot.origin.x + self->plot.size.width || x - end < MIN_LABEL_STEP)
        continue;
      end = x;
      pango_layout_set_alignment (layout, PANGO_ALIGN_LEFT);
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (floor (x - height / 2.0), self->plot.origin.y - GAP));
      gtk_snapshot_rotate (snapshot, -90);
      gtk_snapshot_append_layout (snapshot, layout, ink);
      gtk_snapshot_restore (snapshot);
    }
}

static void
append_frame (GtkSnapshot *snapshot, const graphene_rect_t *rect, const GdkRGBA *color, float width)
{
  GskRoundedRect outline;
  graphene_rect_t outer = *rect;

  graphene_rect_inset (&outer, -width, -width);
  gsk_rounded_rect_init_from_rect (&outline, &outer, 0);
  gtk_snapshot_append_border (snapshot, &outline, (float[]){ width, width, width, width },
                              (GdkRGBA[]){ *color, *color, *color, *color });
}

static char *
describe_field (CytClassMatrix *self, int row, int column)
{
  const CytClassPick *pick = get_pick (self, column);
  g_autofree char *name = get_name (self, column);
  g_autofree char *mean = cyt_format_number (get_mean (self, row, column));
  g_autofree char *share = cyt_format_percent (self->scores->share[row * self->scores->n_latents + pick->latent]);
  g_autofree char *selectivity = cyt_format_number (cyt_class_scores_get_selectivity (self->scores, row, pick->latent));

  /* Translators: a class and a latent, then what is known of the latent on the cells of the class */
  return g_strdup_printf (_("%s × %s\nmean activation %s\nfires on %s of the cells\nselectivity %s"),
                          self->scores->classes[row], name, mean, share, selectivity);
}

static void
append_label (CytClassMatrix *self, GtkSnapshot *snapshot, int row, int column)
{
  g_autofree char *text = describe_field (self, row, column);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  graphene_rect_t field, rect;
  GskRoundedRect clip;
  int width, height;
  double x, y;

  get_field (self, row, column, &field);
  pango_layout_get_pixel_size (layout, &width, &height);
  x = field.origin.x + field.size.width + 8;
  if (x + width + 18 > gtk_widget_get_width (GTK_WIDGET (self)))
    x = MAX (2, field.origin.x - width - 24);
  y = CLAMP (field.origin.y + field.size.height / 2 - height / 2.0 - 6, 2,
             MAX (2, gtk_widget_get_height (GTK_WIDGET (self)) - height - 14));
  graphene_rect_init (&rect, floor (x), floor (y), width + 16, height + 12);
  gsk_rounded_rect_init_from_rect (&clip, &rect, 7);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0.1f, 0.1f, 0.1f, 0.9f }, &rect);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (rect.origin.x + 8, rect.origin.y + 6));
  gtk_snapshot_append_layout (snapshot, layout, &(GdkRGBA){ 1, 1, 1, 1 });
  gtk_snapshot_restore (snapshot);
}

static int
find_column (CytClassMatrix *self, gint64 latent)
{
  for (int column = 0; column < get_n_columns (self); column++)
    if (get_pick (self, column)->latent == latent)
      return column;
  return -1;
}

static void
cyt_class_matrix_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytClassMatrix *self = CYT_CLASS_MATRIX (widget);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  GdkRGBA ink, accent;
  graphene_rect_t rect;
  int column;

  if (get_n_columns (self) == 0)
    return;
  gtk_style_context_get_color (style, &ink);
  if (!gtk_style_context_lookup_color (style, "accent_color", &accent))
    accent = ink;
  if (self->fields == NULL)
    {
      g_autoptr (GtkSnapshot) own = gtk_snapshot_new ();

      measure (self);
      append_fields (self, own);
      append_class_labels (self, own, &ink);
      append_names (self, own, &ink);
      self->fields = gtk_snapshot_to_node (own);
    }
  if (self->fields != NULL)
    gtk_snapshot_append_node (snapshot, self->fields);

  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (self->plot.origin.x - 3, self->plot.origin.y - 3,
                                                         self->plot.size.width + 6, self->plot.size.height + 6));
  column = find_column (self, self->current);
  if (column >= 0)
    {
      get_field (self, 0, column, &rect);
      rect.origin.y = self->plot.origin.y;
      rect.size.height = self->plot.size.height;
      append_frame (snapshot, &rect, &accent, 2);
    }
  if (self->row >= 0 && gtk_widget_has_visible_focus (widget))
    {
      get_field (self, self->row, self->column, &rect);
      append_frame (snapshot, &rect, &(GdkRGBA){ 1, 1, 1, 1 }, 2);
    }
  if (self->hovered_row >= 0 && !self->dragging)
    {
      get_field (self, self->hovered_row, self->hovered_column, &rect);
      append_frame (snapshot, &rect, &ink, 1);
    }
  gtk_snapshot_pop (snapshot);
  if (self->dragging)
    return;
  if (self->hovered_row >= 0)
    append_label (self, snapshot, self->hovered_row, self->hovered_column);
  else if (self->row >= 0 && gtk_widget_has_visible_focus (widget))
    append_label (self, snapshot, self->row, self->column);
}

/* ---- Input ---- */

static void
set_hovered (CytClassMatrix *self, int row, int column)
{
  if (row == self->hovered_row && column == self->hovered_column)
    return;
  self->hovered_row = row;
  self->hovered_column = column;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
pick (CytClassMatrix *self, int row, int column)
{
  guint latent = get_pick (self, column)->latent;
  g_autofree char *text = describe_field (self, row, column);

  self->row = row;
  self->column = column;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  cyt_class_matrix_set_current (self, latent);
  g_signal_emit (self, signals[PICKED], 0, latent);
}

static void
motion_cb (CytClassMatrix *self, double x, double y)
{
  int row, column;

  if (self->dragging)
    return;
  if (find_field (self, x, y, &row, &column))
    set_hovered (self, row, column);
  else
    set_hovered (self, -1, -1);
}

static void
leave_cb (CytClassMatrix *self)
{
  set_hovered (self, -1, -1);
}

static void
click_cb (CytClassMatrix *self, int n_press, double x, double y)
{
  int row, column;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (!find_field (self, x, y, &row, &column))
    return;
  if (n_press == 1)
    pick (self, row, column);
  else if (n_press == 2)
    g_signal_emit (self, signals[ACTIVATED], 0, get_pick (self, column)->latent);
}

static void
drag_begin_cb (CytClassMatrix *self, double x, double y)
{
  self->last_x = self->last_y = 0;
}

static void
drag_update_cb (CytClassMatrix *self, double dx, double dy, GtkGesture *gesture)
{
  double u_span = self->u1 - self->u0, v_span = self->v1 - self->v0;

  if (!self->dragging)
    {
      if (hypot (dx, dy) < DRAG_DISTANCE)
        return;
      self->dragging = TRUE;
      gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
    }
  set_view (self, self->u0 - (dx - self->last_x) / self->plot.size.width * u_span,
            self->v0 - (dy - self->last_y) / self->plot.size.height * v_span, u_span, v_span);
  self->last_x = dx;
  self->last_y = dy;
}

static void
drag_end_cb (CytClassMatrix *self)
{
  self->dragging = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
scroll_cb (CytClassMatrix *self, double dx, double dy)
{
  double x = self->plot.origin.x + self->plot.size.width / 2, y = self->plot.origin.y + self->plot.size.height / 2;
  graphene_rect_t rect;

  if (self->hovered_row >= 0)
    {
      get_field (self, self->hovered_row, self->hovered_column, &rect);
      x = rect.origin.x + rect.size.width / 2;
      y = rect.origin.y + rect.size.height / 2;
    }
  zoom_about (self, pow (WHEEL_STEP, -dy), x, y);
  return GDK_EVENT_STOP;
}

static gboolean
key_cb (CytClassMatrix *self, guint key, guint code, GdkModifierType state)
{
  int row = MAX (self->row, 0), column = MAX (self->column, 0);

  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) || get_n_columns (self) == 0)
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left:
      column--;
      break;
    case GDK_KEY_Right:
      column += self->row >= 0;
      break;
    case GDK_KEY_Up:
      row--;
      break;
    case GDK_KEY_Down:
      row += self->row >= 0;
      break;
    case GDK_KEY_Home:
      column = 0;
      break;
    case GDK_KEY_End:
      column = get_n_columns (self) - 1;
      break;
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      cyt_class_matrix_zoom (self, WHEEL_STEP);
      return GDK_EVENT_STOP;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      cyt_class_matrix_zoom (self, 1 / WHEEL_STEP);
      return GDK_EVENT_STOP;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      cyt_class_matrix_zoom (self, 0);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if (self->row < 0)
        return GDK_EVENT_PROPAGATE;
      g_signal_emit (self, signals[ACTIVATED], 0, get_pick (self, self->column)->latent);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  set_hovered (self, -1, -1);
  pick (self, CLAMP (row, 0, get_n_rows (self) - 1), CLAMP (column, 0, get_n_columns (self) - 1));
  show_field (self);
  return GDK_EVENT_STOP;
}

/* ---- Public ---- */

void
cyt_class_matrix_set_name_func (CytClassMatrix *self, CytClassMatrixNameFunc func, gpointer user_data)
{
  g_return_if_fail (CYT_IS_CLASS_MATRIX (self));
  self->name = func;
  self->name_data = user_data;
}

void
cyt_class_matrix_set_class_func (CytClassMatrix *self, CytClassMatrixClassFunc func, gpointer user_data)
{
  g_return_if_fail (CYT_IS_CLASS_MATRIX (self));
  self->class_func = func;
  self->class_data = user_data;
}

void
cyt_class_matrix_set_scores (CytClassMatrix *self, const CytClassScores *scores, GArray *picks)
{
  g_return_if_fail (CYT_IS_CLASS_MATRIX (self));

  self->scores = scores;
  g_clear_pointer (&self->picks, g_array_unref);
  self->picks = picks != NULL ? g_array_ref (picks) : NULL;
  self->row = self->column = self->hovered_row = self->hovered_column = -1;
  set_view (self, 0, 0, 1, 1);
}

void
cyt_class_matrix_set_shared (CytClassMatrix *self, gboolean shared)
{
  g_return_if_fail (CYT_IS_CLASS_MATRIX (self));
  self->shared = shared;
  invalidate (self);
}

void
cyt_class_matrix_set_current (CytClassMatrix *self, gint64 latent)
{
  g_return_if_fail (CYT_IS_CLASS_MATRIX (self));
  self->current = latent;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- GObject ---- */

static void
cyt_class_matrix_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  invalidate (CYT_CLASS_MATRIX (widget));
}

static void
cyt_class_matrix_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (cyt_class_matrix_parent_class)->css_changed (widget, change);
  invalidate (CYT_CLASS_MATRIX (widget));
}

static void
cyt_class_matrix_finalize (GObject *object)
{
  CytClassMatrix *self = CYT_CLASS_MATRIX (object);

  g_clear_pointer (&self->picks, g_array_unref);
  g_clear_pointer (&self->fields, gsk_render_node_unref);
  G_OBJECT_CLASS (cyt_class_matrix_parent_class)->finalize (object);
}

static void
cyt_class_matrix_class_init (CytClassMatrixClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = cyt_class_matrix_finalize;
  widget_class->snapshot = cyt_class_matrix_snapshot;
  widget_class->size_allocate = cyt_class_matrix_size_allocate;
  widget_class->css_changed = cyt_class_matrix_css_changed;
  gtk_widget_class_set_css_name (widget_class, "classmatrix");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  signals[PICKED] = g_signal_new ("picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[ACTIVATED] = g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
cyt_class_matrix_init (CytClassMatrix *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new (), *keys = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new ();

  self->row = self->column = self->hovered_row = self->hovered_column = -1;
  self->current = -1;
  self->u1 = self->v1 = 1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  g_signal_connect_swapped (click, "released", G_CALLBACK (click_cb), self);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect_swapped (drag, "cancel", G_CALLBACK (drag_end_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}
