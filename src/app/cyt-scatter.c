/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "cyt-point-raster.h"
#include "cyt-scatter.h"

#define PADDING 12.0
#define HISTOGRAM 44.0         /* height of the bars beside the plot */
#define HISTOGRAM_GAP 6.0
#define BIN_WIDTH 8.0
#define CLICK_DISTANCE 5.0     /* a shorter drag is a click */
#define PICK_DISTANCE 14.0     /* farther points are not meant */
#define LEAP 60.0              /* of Shift and an arrow key */
#define WHEEL_STEP 1.25
#define MIN_SPAN 1e-4          /* of the whole, that can be zoomed into */
#define MAX_SPAN 2.0
#define ALPHA 205
#define ALPHA_MANY 150         /* where points cover each other, let those beneath through */
#define MANY 20000
#define ALPHA_FADED 60

struct _CytScatter
{
  GtkWidget parent_instance;

  CytAxis x, y;                /* over everything */
  char *x_title, *y_title;
  gboolean equal;
  gboolean diagonal;           /* a line at y = x */
  CytScatterPoint *points;     /* (n) */
  gsize n;
  double *u, *v;               /* (n) place on the whole axes, 0…1; NAN without one */
  gint64 current, hovered;     /* -1: none */
  double diameter;
  CytScatterTool tool;
  CytScatterDescribeFunc describe;
  gpointer describe_data;

  /* the part that shows, in units of the whole axes */
  double u0, u1, v0, v1;
  gboolean everything;         /* not zoomed: fitted again when the size changes */

  /* what is kept between frames */
  cairo_rectangle_t plot;      /* application pixels, whole numbers */
  cairo_t *scratch;            /* to measure text */
  GskRenderNode *axes;
  GdkTexture *texture;
  int texture_scale;
  gint64 raster_time;

  /* a drag under way */
  gboolean dragging;
  CytScatterTool drag_tool;
  double drag_x, drag_y, last_x, last_y;
  GArray *lasso;               /* of graphene_point_t */
  gboolean has_region;
};

G_DEFINE_FINAL_TYPE (CytScatter, cyt_scatter, GTK_TYPE_WIDGET)

enum
{
  PICKED,
  ACTIVATED,
  REGION,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ---- What has to be drawn again ---- */

static void
invalidate (CytScatter *self)
{
  g_clear_pointer (&self->axes, gsk_render_node_unref);
  g_clear_object (&self->texture);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Everything, with the shape of the plot where one unit has to be as long on both axes. */
static void
fit (CytScatter *self)
{
  self->everything = TRUE;
  self->u0 = self->v0 = 0;
  self->u1 = self->v1 = 1;
  if (self->equal && self->plot.width > 1 && self->plot.height > 1)
    {
      double width = self->x.max - self->x.min, height = self->y.max - self->y.min;
      double excess = self->plot.width / self->plot.height * height / width;

      if (excess > 1)
        {
          self->u0 = 0.5 - excess / 2;
          self->u1 = 0.5 + excess / 2;
        }
      else
        {
          self->v0 = 0.5 - 0.5 / excess;
          self->v1 = 0.5 + 0.5 / excess;
        }
    }
  invalidate (self);
}

static void
get_visible_axes (CytScatter *self, CytAxis *x, CytAxis *y)
{
  cyt_axis_init (x, self->x.scale, self->x.percent, cyt_axis_from_unit (&self->x, self->u0),
                 cyt_axis_from_unit (&self->x, self->u1));
  cyt_axis_init (y, self->y.scale, self->y.percent, cyt_axis_from_unit (&self->y, self->v0),
                 cyt_axis_from_unit (&self->y, self->v1));
}

static void
get_style (CytScatter *self, CytAxesStyle *style)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  const PangoFontDescription *font = pango_context_get_font_description (context);
  double size = (double) pango_font_description_get_size (font) / PANGO_SCALE;
  GdkRGBA color;

  if (!pango_font_description_get_size_is_absolute (font))
    size *= pango_cairo_context_get_resolution (context) > 0 ? pango_cairo_context_get_resolution (context) / 72 : 96.0 / 72;
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  *style = (CytAxesStyle){ { color.red, color.green, color.blue }, 0.08, CLAMP (0.85 * size, 8, 40), CYT_NUMBERS_LOCALE, NULL, 0 };
}

/* ---- Places ---- */

/* In the widget; NAN for what has no place. */
static double
get_x (CytScatter *self, gsize i)
{
  return self->plot.x + (self->u[i] - self->u0) / (self->u1 - self->u0) * self->plot.width;
}

static double
get_y (CytScatter *self, gsize i)
{
  return self->plot.y + (self->v1 - self->v[i]) / (self->v1 - self->v0) * self->plot.height;
}

static gboolean
is_in_plot (CytScatter *self, double x, double y)
{
  return x >= self->plot.x && x <= self->plot.x + self->plot.width && y >= self->plot.y
         && y <= self->plot.y + self->plot.height;
}

/* The pickable point nearest to a place in the widget, no farther than @distance; -1: none. */
static gint64
find_nearest (CytScatter *self, double x, double y, double distance)
{
  double best = distance * distance;
  gint64 found = -1;

  for (gsize i = 0; i < self->n; i++)
    {
      double dx = get_x (self, i) - x, dy = get_y (self, i) - y;

      if (dx * dx + dy * dy <= best && !self->points[i].locked && is_in_plot (self, x + dx, y + dy))
        {
          best = dx * dx + dy * dy;
          found = i;
        }
    }
  return found;
}

/* The nearest point from the current one in a direction (pixels, y down), within 45° of it; with a leap the one
 * nearest to where the leap would end. */
static gint64
find_towards (CytScatter *self, int dx, int dy, gboolean leap)
{
  double x, y, best = INFINITY;
  gint64 found = -1;

  if (self->current < 0 || isnan (self->u[self->current]) || isnan (self->v[self->current]))
    return find_nearest (self, self->plot.x + self->plot.width / 2, self->plot.y + self->plot.height / 2, INFINITY);
  x = get_x (self, self->current);
  y = get_y (self, self->current);
  for (gsize i = 0; i < self->n; i++)
    {
      double along = (get_x (self, i) - x) * dx + (get_y (self, i) - y) * dy;
      double across = fabs ((get_x (self, i) - x) * dy - (get_y (self, i) - y) * dx);
      double cost = leap ? hypot (along - LEAP, across) : along + 2 * across;

      if (!self->points[i].locked && along > (leap ? LEAP / 4 : 1e-6) && across <= along && cost < best)
        {
          best = cost;
          found = i;
        }
    }
  return found;
}

/* Within the polygon (even-odd). */
static gboolean
is_in_lasso (const GArray *lasso, double x, double y)
{
  const graphene_point_t *p = (const graphene_point_t *) lasso->data;
  gboolean inside = FALSE;

  for (guint i = 0, j = lasso->len - 1; i < lasso->len; j = i++)
    if ((p[i].y > y) != (p[j].y > y) && x < (p[j].x - p[i].x) * (y - p[i].y) / (p[j].y - p[i].y) + p[i].x)
      inside = !inside;
  return inside;
}

/* Points within the box or lasso that was drawn; of guint32. */
static GArray *
list_region (CytScatter *self)
{
  GArray *result = g_array_new (FALSE, FALSE, sizeof (guint32));
  double x1 = MIN (self->drag_x, self->last_x), x2 = MAX (self->drag_x, self->last_x);
  double y1 = MIN (self->drag_y, self->last_y), y2 = MAX (self->drag_y, self->last_y);

  for (gsize i = 0; i < self->n; i++)
    {
      double x = get_x (self, i), y = get_y (self, i);
      guint32 index = i;

      if (self->points[i].locked || !is_in_plot (self, x, y))
        continue;
      if (self->drag_tool == CYT_SCATTER_BOX ? x >= x1 && x <= x2 && y >= y1 && y <= y2
                                             : is_in_lasso (self->lasso, x, y))
        g_array_append_val (result, index);
    }
  return result;
}

/* ---- Moving about ---- */

static void
set_view (CytScatter *self, double u0, double u1, double v0, double v1)
{
  double spans[2] = { u1 - u0, v1 - v0 };

  if (!(spans[0] >= MIN_SPAN && spans[1] >= MIN_SPAN && spans[0] <= 4 * MAX_SPAN && spans[1] <= 4 * MAX_SPAN)
      || u1 < -0.5 || u0 > 1.5 || v1 < -0.5 || v0 > 1.5)
    return;
  self->everything = FALSE;
  self->u0 = u0;
  self->u1 = u1;
  self->v0 = v0;
  self->v1 = v1;
  invalidate (self);
}

/* @x, @y: what stays in place, in the widget. */
static void
zoom_about (CytScatter *self, double factor, double x, double y)
{
  double u = self->u0 + (x - self->plot.x) / self->plot.width * (self->u1 - self->u0);
  double v = self->v1 - (y - self->plot.y) / self->plot.height * (self->v1 - self->v0);

  if (factor < 1 && (self->u1 - self->u0) / factor > MAX_SPAN && (self->v1 - self->v0) / factor > MAX_SPAN)
    return;
  set_view (self, u + (self->u0 - u) / factor, u + (self->u1 - u) / factor, v + (self->v0 - v) / factor,
            v + (self->v1 - v) / factor);
}

static void
move_by (CytScatter *self, double dx, double dy)
{
  double du = dx / self->plot.width * (self->u1 - self->u0), dv = dy / self->plot.height * (self->v1 - self->v0);

  set_view (self, self->u0 - du, self->u1 - du, self->v0 + dv, self->v1 + dv);
}

void
cyt_scatter_zoom (CytScatter *self, double factor)
{
  g_return_if_fail (CYT_IS_SCATTER (self));

  if (factor == 0)
    fit (self);
  else
    zoom_about (self, factor, self->plot.x + self->plot.width / 2, self->plot.y + self->plot.height / 2);
}

/* ---- Drawing ---- */

static void
measure (CytScatter *self)
{
  CytAxesStyle style;
  CytAxis x, y;
  cairo_rectangle_t plot, outer
    = { PADDING, PADDING + HISTOGRAM + HISTOGRAM_GAP,
        MAX (1, gtk_widget_get_width (GTK_WIDGET (self)) - 2 * PADDING - HISTOGRAM - HISTOGRAM_GAP),
        MAX (1, gtk_widget_get_height (GTK_WIDGET (self)) - 2 * PADDING - HISTOGRAM - HISTOGRAM_GAP) };

  get_style (self, &style);
  get_visible_axes (self, &x, &y);
  cyt_axes_measure (self->scratch, &x, self->x_title, &y, self->y_title, &style, &outer, &plot);
  plot.x = floor (plot.x);
  plot.y = floor (plot.y);
  plot.width = MAX (1, floor (plot.width));
  plot.height = MAX (1, floor (plot.height));
  if (memcmp (&plot, &self->plot, sizeof plot) == 0)
    return;
  self->plot = plot;
  if (self->everything)
    fit (self);
  else
    invalidate (self);
}

static void
add_spots (CytScatter *self, CytSpot *spots, gsize *n_spots, gboolean faded, gboolean raised, guint8 alpha)
{
  double scale = self->texture_scale;

  for (gsize i = 0; i < self->n; i++)
    {
      const CytScatterPoint *p = &self->points[i];
      CytSpot *spot = &spots[*n_spots];

      if (p->faded != faded || (!faded && p->raised != raised) || isnan (self->u[i]) || isnan (self->v[i]))
        continue;
      spot->x = (float) ((get_x (self, i) - self->plot.x) * scale);
      spot->y = (float) ((get_y (self, i) - self->plot.y) * scale);
      for (guint c = 0; c < 3; c++)
        spot->rgb[c] = faded ? 128 : p->rgb[c];
      spot->marker = p->marker;
      spot->alpha = alpha;
      (*n_spots)++;
    }
}

static void
draw_points (CytScatter *self)
{
  gsize width = (gsize) (self->plot.width * self->texture_scale), height = (gsize) (self->plot.height * self->texture_scale);
  g_autofree CytSpot *spots = g_new (CytSpot, MAX (1, self->n));
  guint32 *pixels = g_new0 (guint32, width * height);
  g_autoptr (GBytes) bytes = g_bytes_new_take (pixels, width * height * 4);
  gint64 start = g_get_monotonic_time ();
  gsize n = 0;

  add_spots (self, spots, &n, TRUE, FALSE, ALPHA_FADED);
  add_spots (self, spots, &n, FALSE, FALSE, self->n > MANY ? ALPHA_MANY : ALPHA);
  add_spots (self, spots, &n, FALSE, TRUE, ALPHA);
  cyt_point_raster_draw (pixels, width, height, spots, n, self->diameter / 2 * self->texture_scale);
  self->texture = gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, width * 4);
  self->raster_time = g_get_monotonic_time () - start;
}

/* Bars over the points that show, beside the axis. */
static void
draw_histogram (CytScatter *self, cairo_t *cr, const CytAxesStyle *style, gboolean along_x)
{
  double length = along_x ? self->plot.width : self->plot.height;
  guint n_bins = MAX (1, (guint) (length / BIN_WIDTH)), largest = 0;
  g_autofree guint *bins = g_new0 (guint, n_bins);

  for (gsize i = 0; i < self->n; i++)
    {
      double x = get_x (self, i), y = get_y (self, i);
      double place = along_x ? x - self->plot.x : self->plot.y + self->plot.height - y;

      if (!self->points[i].faded && is_in_plot (self, x, y))
        bins[MIN ((guint) (place / length * n_bins), n_bins - 1)]++;
    }
  for (guint i = 0; i < n_bins; i++)
    largest = MAX (largest, bins[i]);
  cairo_set_source_rgba (cr, style->ink[0], style->ink[1], style->ink[2], 0.35);
  for (guint i = 0; i < n_bins && largest > 0; i++)
    {
      double bar = HISTOGRAM * bins[i] / largest, from = i * length / n_bins, width = length / n_bins - 1;

      if (along_x)
        cairo_rectangle (cr, self->plot.x + from, self->plot.y - HISTOGRAM_GAP - bar, width, bar);
      else
        cairo_rectangle (cr, self->plot.x + self->plot.width + HISTOGRAM_GAP, self->plot.y + length - from - width, bar,
                         width);
    }
  cairo_fill (cr);
}

static void
draw_diagonal (CytScatter *self, cairo_t *cr, const CytAxis *x, const CytAxis *y, const CytAxesStyle *style)
{
  double from = MAX (x->min, y->min), to = MIN (x->max, y->max);
  const double ends[] = { from, to };

  if (!(from < to))
    return;
  for (guint i = 0; i < 2; i++)
    cairo_line_to (cr, self->plot.x + self->plot.width * cyt_axis_to_unit (x, ends[i]),
                   self->plot.y + self->plot.height * (1 - cyt_axis_to_unit (y, ends[i])));
  cairo_set_source_rgba (cr, style->ink[0], style->ink[1], style->ink[2], 0.4);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static void
draw_axes (CytScatter *self)
{
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                                               gtk_widget_get_height (GTK_WIDGET (self)));
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  CytAxesStyle style;
  CytAxis x, y;

  get_style (self, &style);
  get_visible_axes (self, &x, &y);
  cyt_axes_draw (cr, &x, self->x_title, &y, self->y_title, &style, &self->plot);
  if (self->diagonal)
    draw_diagonal (self, cr, &x, &y, &style);
  draw_histogram (self, cr, &style, TRUE);
  draw_histogram (self, cr, &style, FALSE);
  cairo_destroy (cr);
  self->axes = gtk_snapshot_to_node (snapshot);
}

static void
draw_ring (CytScatter *self, cairo_t *cr, gint64 index, const GdkRGBA *color, double width)
{
  double x, y, radius = self->diameter / 2 + 3.5;

  if (index < 0)
    return;
  x = get_x (self, index);
  y = get_y (self, index);
  if (!is_in_plot (self, x, y))
    return;
  cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  cairo_set_line_width (cr, width + 2.5);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.85);
  cairo_stroke_preserve (cr);
  cairo_set_line_width (cr, width);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_stroke (cr);
}

static void
draw_drag (CytScatter *self, cairo_t *cr, const GdkRGBA *color)
{
  if (self->drag_tool == CYT_SCATTER_BOX)
    cairo_rectangle (cr, floor (self->drag_x) + 0.5, floor (self->drag_y) + 0.5, floor (self->last_x - self->drag_x),
                     floor (self->last_y - self->drag_y));
  else
    for (guint i = 0; i < self->lasso->len; i++)
      {
        const graphene_point_t *p = &g_array_index (self->lasso, graphene_point_t, i);

        cairo_line_to (cr, p->x, p->y);
      }
  cairo_set_fill_rule (cr, CAIRO_FILL_RULE_EVEN_ODD);
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, 0.15);
  cairo_fill_preserve (cr);
  cairo_set_line_width (cr, 1);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_stroke (cr);
}

/* What is known of a point, beside it. */
static void
draw_label (CytScatter *self, GtkSnapshot *snapshot, gint64 index)
{
  g_autofree char *text = self->describe != NULL ? self->describe (index, self->describe_data) : NULL;
  g_autoptr (PangoLayout) layout = NULL;
  double x = get_x (self, index), y = get_y (self, index);
  graphene_rect_t rect;
  GskRoundedRect clip;
  int width, height;

  if (text == NULL || !is_in_plot (self, x, y))
    return;
  layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  pango_layout_set_width (layout, 320 * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_get_pixel_size (layout, &width, &height);
  x += x + 24 + width < gtk_widget_get_width (GTK_WIDGET (self)) ? 14 : -30 - width;
  y = CLAMP (y - height / 2.0 - 6, 2, MAX (2, gtk_widget_get_height (GTK_WIDGET (self)) - height - 14));
  x = MAX (2, floor (x));
  y = floor (y);
  rect = GRAPHENE_RECT_INIT (x, y, width + 16, height + 12);
  gsk_rounded_rect_init_from_rect (&clip, &rect, 7);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0.1f, 0.1f, 0.1f, 0.9f }, &rect);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_save (snapshot);
  /* A layout in a right-to-left window is as wide as its wrapping width allows; it starts where the text does. */
  pango_layout_set_width (layout, width * PANGO_SCALE);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x + 8, y + 6));
  gtk_snapshot_append_layout (snapshot, layout, &(GdkRGBA){ 1, 1, 1, 1 });
  gtk_snapshot_restore (snapshot);
}

static void
cyt_scatter_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytScatter *self = CYT_SCATTER (widget);
  int scale = gtk_widget_get_scale_factor (widget);
  graphene_rect_t plot;
  GdkRGBA ink, accent, background;
  cairo_t *cr;

  measure (self);
  if (self->texture_scale != scale)
    {
      self->texture_scale = scale;
      g_clear_object (&self->texture);
    }
  if (self->axes == NULL)
    draw_axes (self);
  if (self->texture == NULL)
    draw_points (self);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  if (!gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), "accent_color", &accent))
    accent = ink;
  if (!gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), "view_bg_color", &background))
    background = (GdkRGBA){ 0.5f, 0.5f, 0.5f, 0 };
  plot = GRAPHENE_RECT_INIT (self->plot.x, self->plot.y, self->plot.width, self->plot.height);
  gtk_snapshot_append_color (snapshot, &background, &plot);
  if (self->axes != NULL)
    gtk_snapshot_append_node (snapshot, self->axes);
  gtk_snapshot_append_texture (snapshot, self->texture, &plot);

  cr = gtk_snapshot_append_cairo (snapshot, &plot);
  if (self->hovered != self->current)
    draw_ring (self, cr, self->hovered, &ink, 1.5);
  draw_ring (self, cr, self->current, &accent, 2.5);
  if (self->dragging && self->drag_tool != CYT_SCATTER_MOVE)
    draw_drag (self, cr, &accent);
  cairo_destroy (cr);

  if (self->dragging)
    return;
  if (self->hovered >= 0)
    draw_label (self, snapshot, self->hovered);
  else if (self->current >= 0 && gtk_widget_has_visible_focus (widget))
    draw_label (self, snapshot, self->current);
}

/* ---- Choosing ---- */

static void
set_hovered (CytScatter *self, gint64 index)
{
  if (index == self->hovered)
    return;
  self->hovered = index;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
pick (CytScatter *self, gint64 index)
{
  if (index < 0)
    return;
  cyt_scatter_set_current (self, index);
  g_signal_emit (self, signals[PICKED], 0, (guint) index);
}

/* Brings a point that a key went to into sight. */
static void
show_point (CytScatter *self, gint64 index)
{
  double x, y;

  if (index < 0)
    return;
  x = get_x (self, index);
  y = get_y (self, index);
  if (!is_in_plot (self, x, y))
    move_by (self, self->plot.x + self->plot.width / 2 - x, self->plot.y + self->plot.height / 2 - y);
}

static void
emit_region (CytScatter *self, const GArray *region)
{
  self->has_region = region->len > 0;
  g_signal_emit (self, signals[REGION], 0, region);
}

static void
clear_region (CytScatter *self)
{
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (guint32));

  emit_region (self, none);
}

static void
update_cursor (CytScatter *self)
{
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), self->tool == CYT_SCATTER_MOVE ? "grab" : "crosshair");
}

/* ---- Input ---- */

static void
motion_cb (CytScatter *self, double x, double y)
{
  if (!self->dragging)
    set_hovered (self, is_in_plot (self, x, y) ? find_nearest (self, x, y, PICK_DISTANCE) : -1);
}

static void
leave_cb (CytScatter *self)
{
  set_hovered (self, -1);
}

static void
click_cb (CytScatter *self, int n_press, double x, double y)
{
  gint64 index = find_nearest (self, x, y, PICK_DISTANCE);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (index < 0)
    return;
  if (n_press == 1)
    pick (self, index);
  else if (n_press == 2)
    g_signal_emit (self, signals[ACTIVATED], 0, (guint) index);
}

static void
drag_begin_cb (CytScatter *self, double x, double y, GtkGesture *gesture)
{
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));

  if (!is_in_plot (self, x, y) || (button != GDK_BUTTON_PRIMARY && button != GDK_BUTTON_MIDDLE))
    {
      gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  self->drag_tool = button == GDK_BUTTON_MIDDLE ? CYT_SCATTER_MOVE : self->tool;
  self->drag_x = self->last_x = x;
  self->drag_y = self->last_y = y;
}

static void
drag_update_cb (CytScatter *self, double dx, double dy, GtkGesture *gesture)
{
  double x = CLAMP (self->drag_x + dx, self->plot.x, self->plot.x + self->plot.width);
  double y = CLAMP (self->drag_y + dy, self->plot.y, self->plot.y + self->plot.height);

  if (!self->dragging)
    {
      if (hypot (dx, dy) < CLICK_DISTANCE)
        return;
      self->dragging = TRUE;
      gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
      g_array_set_size (self->lasso, 0);
      g_array_append_val (self->lasso, GRAPHENE_POINT_INIT (self->drag_x, self->drag_y));
      gtk_widget_grab_focus (GTK_WIDGET (self));
    }
  if (self->drag_tool == CYT_SCATTER_MOVE)
    move_by (self, self->drag_x + dx - self->last_x, self->drag_y + dy - self->last_y);
  else
    g_array_append_val (self->lasso, GRAPHENE_POINT_INIT (x, y));
  self->last_x = self->drag_tool == CYT_SCATTER_MOVE ? self->drag_x + dx : x;
  self->last_y = self->drag_tool == CYT_SCATTER_MOVE ? self->drag_y + dy : y;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_end_cb (CytScatter *self, double dx, double dy, GtkGesture *gesture)
{
  g_autoptr (GArray) region = NULL;

  if (!self->dragging)
    return;
  self->dragging = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->drag_tool == CYT_SCATTER_MOVE)
    return;
  region = list_region (self);
  if (region->len > 0 || self->has_region)
    emit_region (self, region);
}

static void
drag_cancel_cb (CytScatter *self)
{
  self->dragging = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
scroll_cb (CytScatter *self, double dx, double dy, GtkEventControllerScroll *controller)
{
  double x = self->plot.x + self->plot.width / 2, y = self->plot.y + self->plot.height / 2;
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (controller));
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  double ex, ey, sx, sy, px, py;

  if (event != NULL && native != NULL && gdk_event_get_position (event, &ex, &ey))
    {
      gtk_native_get_surface_transform (native, &sx, &sy);
      if (gtk_widget_translate_coordinates (GTK_WIDGET (native), GTK_WIDGET (self), ex - sx, ey - sy, &px, &py)
          && is_in_plot (self, px, py))
        {
          x = px;
          y = py;
        }
    }
  zoom_about (self, pow (WHEEL_STEP, -dy), x, y);
  return GDK_EVENT_STOP;
}

static gboolean
key_cb (CytScatter *self, guint key, guint code, GdkModifierType state)
{
  gboolean leap = (state & GDK_SHIFT_MASK) != 0;
  gint64 next = -1;

  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK))
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left:
      next = find_towards (self, -1, 0, leap);
      break;
    case GDK_KEY_Right:
      next = find_towards (self, 1, 0, leap);
      break;
    case GDK_KEY_Up:
      next = find_towards (self, 0, -1, leap);
      break;
    case GDK_KEY_Down:
      next = find_towards (self, 0, 1, leap);
      break;
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      cyt_scatter_zoom (self, WHEEL_STEP);
      return GDK_EVENT_STOP;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      cyt_scatter_zoom (self, 1 / WHEEL_STEP);
      return GDK_EVENT_STOP;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      cyt_scatter_zoom (self, 0);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if (self->current < 0)
        return GDK_EVENT_PROPAGATE;
      g_signal_emit (self, signals[ACTIVATED], 0, (guint) self->current);
      return GDK_EVENT_STOP;
    case GDK_KEY_Escape:
      if (!self->has_region)
        return GDK_EVENT_PROPAGATE;
      clear_region (self);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  set_hovered (self, -1);
  show_point (self, next);
  pick (self, next);
  return GDK_EVENT_STOP;
}

/* ---- Public ---- */

void
cyt_scatter_set_axes (CytScatter *self, const CytAxis *x, const char *x_title, const CytAxis *y, const char *y_title,
                      gboolean equal)
{
  g_return_if_fail (CYT_IS_SCATTER (self));

  self->x = *x;
  self->y = *y;
  g_free (self->x_title);
  g_free (self->y_title);
  self->x_title = g_strdup (x_title);
  self->y_title = g_strdup (y_title);
  self->equal = equal;
  cyt_scatter_take_points (self, NULL, 0);
  fit (self);
}

void
cyt_scatter_take_points (CytScatter *self, CytScatterPoint *points, gsize n)
{
  g_return_if_fail (CYT_IS_SCATTER (self));

  g_free (self->points);
  self->points = points;
  self->u = g_renew (double, self->u, MAX (1, n));
  self->v = g_renew (double, self->v, MAX (1, n));
  for (gsize i = 0; i < n; i++)
    {
      self->u[i] = cyt_axis_to_unit (&self->x, points[i].x);
      self->v[i] = cyt_axis_to_unit (&self->y, points[i].y);
    }
  self->n = n;
  self->hovered = -1;
  if (self->current >= (gint64) n)
    self->current = -1;
  invalidate (self);
}

void
cyt_scatter_set_describe_func (CytScatter *self, CytScatterDescribeFunc func, gpointer user_data)
{
  g_return_if_fail (CYT_IS_SCATTER (self));
  self->describe = func;
  self->describe_data = user_data;
}

void
cyt_scatter_set_point_size (CytScatter *self, double diameter)
{
  g_return_if_fail (CYT_IS_SCATTER (self));

  if (diameter == self->diameter)
    return;
  self->diameter = diameter;
  invalidate (self);
}

void
cyt_scatter_set_diagonal (CytScatter *self, gboolean diagonal)
{
  g_return_if_fail (CYT_IS_SCATTER (self));

  self->diagonal = diagonal;
  invalidate (self);
}

void
cyt_scatter_set_tool (CytScatter *self, CytScatterTool tool)
{
  g_return_if_fail (CYT_IS_SCATTER (self));
  self->tool = tool;
  update_cursor (self);
}

void
cyt_scatter_set_current (CytScatter *self, gint64 index)
{
  g_return_if_fail (CYT_IS_SCATTER (self));

  if (index >= (gint64) self->n)
    index = -1;
  if (index == self->current)
    return;
  self->current = index;
  if (index >= 0 && self->describe != NULL)
    {
      g_autofree char *text = self->describe (index, self->describe_data);

      gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gint64
cyt_scatter_get_current (CytScatter *self)
{
  g_return_val_if_fail (CYT_IS_SCATTER (self), -1);
  return self->current;
}

gint64
cyt_scatter_get_raster_time (CytScatter *self)
{
  g_return_val_if_fail (CYT_IS_SCATTER (self), 0);
  return self->raster_time;
}

gboolean
cyt_scatter_locate (CytScatter *self, guint index, graphene_point_t *place)
{
  g_return_val_if_fail (CYT_IS_SCATTER (self), FALSE);

  if (index >= self->n || !is_in_plot (self, get_x (self, index), get_y (self, index)))
    return FALSE;
  *place = GRAPHENE_POINT_INIT (get_x (self, index), get_y (self, index));
  return TRUE;
}

/* ---- GObject ---- */

static void
cyt_scatter_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (cyt_scatter_parent_class)->css_changed (widget, change);
  invalidate (CYT_SCATTER (widget));
}

static void
cyt_scatter_finalize (GObject *object)
{
  CytScatter *self = CYT_SCATTER (object);

  g_free (self->x_title);
  g_free (self->y_title);
  g_free (self->points);
  g_free (self->u);
  g_free (self->v);
  cairo_destroy (self->scratch);
  g_clear_pointer (&self->axes, gsk_render_node_unref);
  g_clear_object (&self->texture);
  g_array_unref (self->lasso);
  G_OBJECT_CLASS (cyt_scatter_parent_class)->finalize (object);
}

static void
cyt_scatter_class_init (CytScatterClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = cyt_scatter_finalize;
  widget_class->snapshot = cyt_scatter_snapshot;
  widget_class->css_changed = cyt_scatter_css_changed;
  gtk_widget_class_set_css_name (widget_class, "scatter");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  signals[PICKED] = g_signal_new ("picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[ACTIVATED] = g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[REGION] = g_signal_new ("region", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_ARRAY);
}

static void
add_controller (CytScatter *self, gpointer controller)
{
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (controller));
}

static void
cyt_scatter_init (CytScatter *self)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, 1, 1);
  GtkEventController *motion = gtk_event_controller_motion_new (), *keys = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new ();

  self->scratch = cairo_create (surface);
  cairo_surface_destroy (surface);
  self->lasso = g_array_new (FALSE, FALSE, sizeof (graphene_point_t));
  self->current = self->hovered = -1;
  self->diameter = 5;
  cyt_axis_init (&self->x, CYT_AXIS_LINEAR, FALSE, 0, 1);
  cyt_axis_init (&self->y, CYT_AXIS_LINEAR, FALSE, 0, 1);
  fit (self);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  update_cursor (self);

  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  g_signal_connect_swapped (click, "released", G_CALLBACK (click_cb), self);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect_swapped (drag, "cancel", G_CALLBACK (drag_cancel_cb), self);
  add_controller (self, motion);
  add_controller (self, scroll);
  add_controller (self, keys);
  add_controller (self, drag);
  add_controller (self, click);
}
