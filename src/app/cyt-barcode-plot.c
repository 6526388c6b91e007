/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "figures/cyt-axes.h"

#include "cyt-barcode-plot.h"
#include "cyt-format.h"

#define MARGIN_START 52.0
#define MARGIN_END 14.0
#define MARGIN_TOP 20.0
#define MARGIN_BOTTOM 24.0
#define MIN_SPAN 20.0           /* latents that can be zoomed into */
#define PICK_DISTANCE 5.0       /* the tallest bar so near is meant */
#define N_LABELS 7
#define DOWN_SHARE 0.5          /* of the height, for what it is compared with: both to one scale */

struct _CytBarcodePlot
{
  CytPlot parent_instance;

  CytBarcodeNameFunc name;
  gpointer name_data;
  gsize d_sae, n;
  guint32 *latents;
  double *up, *down;            /* (n); down NULL: nothing to compare with */
  guint8 rgb[3];
  double low, high;             /* latents that show */
  gint64 current, hovered;      /* latents, -1: none */
  double pointer_x, pointer_y;
  double move_low, move_high;   /* what showed when a move began */
};

G_DEFINE_FINAL_TYPE (CytBarcodePlot, cyt_barcode_plot, CYT_TYPE_PLOT)

enum
{
  PICKED,
  ACTIVATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

void
cyt_barcode_plot_set_name_func (CytBarcodePlot *self, CytBarcodeNameFunc func, gpointer user_data)
{
  g_return_if_fail (CYT_IS_BARCODE_PLOT (self));
  self->name = func;
  self->name_data = user_data;
}

void
cyt_barcode_plot_set_values (CytBarcodePlot *self, gsize d_sae, gsize n, const guint32 *latents, const double *up,
                             const double *down, const guint8 *rgb)
{
  g_return_if_fail (CYT_IS_BARCODE_PLOT (self));

  g_free (self->latents);
  g_free (self->up);
  g_free (self->down);
  self->latents = g_memdup2 (latents, n * sizeof *latents);
  self->up = g_memdup2 (up, n * sizeof *up);
  self->down = down != NULL ? g_memdup2 (down, n * sizeof *down) : NULL;
  self->n = n;
  memcpy (self->rgb, rgb, sizeof self->rgb);
  if (self->d_sae != d_sae)
    {
      self->d_sae = d_sae;
      self->low = -0.5;
      self->high = (double) d_sae - 0.5;
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
cyt_barcode_plot_set_current (CytBarcodePlot *self, gint64 latent)
{
  g_return_if_fail (CYT_IS_BARCODE_PLOT (self));

  if (self->current == latent)
    return;
  self->current = latent;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- Where things are ---- */

static cairo_rectangle_t
get_plot (CytBarcodePlot *self)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));

  return (cairo_rectangle_t) { MARGIN_START, MARGIN_TOP, MAX (1, width - MARGIN_START - MARGIN_END),
                               MAX (1, height - MARGIN_TOP - MARGIN_BOTTOM) };
}

static double
latent_to_x (CytBarcodePlot *self, const cairo_rectangle_t *plot, double latent)
{
  return plot->x + (latent - self->low) / (self->high - self->low) * plot->width;
}

static double
x_to_latent (CytBarcodePlot *self, const cairo_rectangle_t *plot, double x)
{
  return self->low + (x - plot->x) / plot->width * (self->high - self->low);
}

static double
get_base (CytBarcodePlot *self, const cairo_rectangle_t *plot)
{
  return plot->y + plot->height * (self->down != NULL ? 1 - DOWN_SHARE : 1);
}

/* First place with a latent >= @latent. */
static gsize
find_place (CytBarcodePlot *self, double latent)
{
  gsize low = 0, high = self->n;

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;

      if (self->latents[middle] < latent)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static double
get_largest (CytBarcodePlot *self)
{
  gsize first = find_place (self, self->low), end = find_place (self, self->high);
  double largest = 0;

  for (gsize i = first; i < end; i++)
    largest = MAX (largest, MAX (self->up[i], self->down != NULL ? self->down[i] : 0));
  return largest > 0 ? largest : 1;
}

/* How notable a place is: beside controls the difference, else the height. */
static double
get_weight (CytBarcodePlot *self, gsize i)
{
  return self->down != NULL ? fabs (self->up[i] - self->down[i]) : self->up[i];
}

/* The place that is meant at @x: the tallest bar nearby, -1: none. */
static gssize
pick (CytBarcodePlot *self, double x)
{
  cairo_rectangle_t plot = get_plot (self);
  gsize first = find_place (self, x_to_latent (self, &plot, x - PICK_DISTANCE));
  gsize end = find_place (self, x_to_latent (self, &plot, x + PICK_DISTANCE));
  gssize best = -1;

  for (gsize i = first; i < end && i < self->n; i++)
    if (self->latents[i] >= self->low && self->latents[i] <= self->high
        && (best < 0 || MAX (self->up[i], self->down ? self->down[i] : 0)
                          > MAX (self->up[best], self->down ? self->down[best] : 0)))
      best = i;
  return best;
}

static void
set_range (CytBarcodePlot *self, double low, double high)
{
  double all = (double) self->d_sae, span = CLAMP (high - low, MIN (MIN_SPAN, all), all);
  double middle = (low + high) / 2;

  middle = CLAMP (middle, -0.5 + span / 2, all - 0.5 - span / 2);
  self->low = middle - span / 2;
  self->high = middle + span / 2;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- Drawing ---- */

static PangoLayout *
make_layout (CytBarcodePlot *self, const char *text, double size)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  PangoFontDescription *font = pango_font_description_copy (
      pango_context_get_font_description (gtk_widget_get_pango_context (GTK_WIDGET (self))));

  pango_font_description_set_size (font, (int) (pango_font_description_get_size (font) * size));
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);
  return layout;
}

static void
draw_text (CytBarcodePlot *self, cairo_t *cr, const char *text, double x, double y, double align_x, double align_y)
{
  g_autoptr (PangoLayout) layout = make_layout (self, text, 0.85);
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  cairo_move_to (cr, x - width * align_x, y - height * align_y);
  pango_cairo_show_layout (cr, layout);
}

/* Ticks of tokens per image from the base line upward (@direction −1) or downward (1). */
static void
draw_value_axis (CytBarcodePlot *self, cairo_t *cr, const cairo_rectangle_t *plot, const GdkRGBA *ink, double base,
                 double length, int direction, double largest)
{
  CytAxis axis;
  g_autoptr (GArray) ticks = NULL;

  if (length < 20)
    return;
  cyt_axis_init (&axis, CYT_AXIS_LINEAR, FALSE, 0, largest);
  ticks = cyt_axis_list_ticks (&axis, MAX (2, (guint) (length / 34)));
  for (guint i = 0; i < ticks->len; i++)
    {
      const CytTick *tick = &g_array_index (ticks, CytTick, i);
      double y = round (base + direction * length * tick->value / largest) + 0.5;
      g_autofree char *text = NULL;

      if (!tick->labelled || (direction > 0 && tick->value == 0))
        continue;
      text = cyt_axis_format_tick (&axis, ticks, i, CYT_NUMBERS_LOCALE);
      cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, 0.1);
      cairo_move_to (cr, plot->x, y);
      cairo_line_to (cr, plot->x + plot->width, y);
      cairo_stroke (cr);
      cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, 0.65);
      draw_text (self, cr, text, plot->x - 7, y, 1, 0.5);
    }
}

static void
draw_latent_axis (CytBarcodePlot *self, cairo_t *cr, const cairo_rectangle_t *plot, const GdkRGBA *ink)
{
  CytAxis axis;
  g_autoptr (GArray) ticks = NULL;

  cyt_axis_init (&axis, CYT_AXIS_LINEAR, FALSE, self->low, self->high);
  ticks = cyt_axis_list_ticks (&axis, MAX (2, (guint) (plot->width / 110)));
  cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, 0.65);
  for (guint i = 0; i < ticks->len; i++)
    {
      const CytTick *tick = &g_array_index (ticks, CytTick, i);
      g_autofree char *text = NULL;

      if (!tick->labelled || tick->value != floor (tick->value))
        continue;
      text = cyt_axis_format_tick (&axis, ticks, i, CYT_NUMBERS_LOCALE);
      draw_text (self, cr, text, latent_to_x (self, plot, tick->value), plot->y + plot->height + 5, 0.5, 0);
    }
}

/* Bars of one pixel, or wider where there is room: of the latents in a column the tallest shows. */
static void
draw_bars (CytBarcodePlot *self, cairo_t *cr, const cairo_rectangle_t *plot, const double *values, double base,
           double length, int direction, double largest)
{
  double per_latent = plot->width / (self->high - self->low);
  double width = MAX (1, per_latent * 0.7);
  gsize first = find_place (self, self->low), end = MIN (self->n, find_place (self, self->high + 1));
  double column = -1, tallest = 0;

  for (gsize i = first; i <= end; i++)
    {
      double x = i < end ? latent_to_x (self, plot, self->latents[i]) : INFINITY;
      double place = per_latent >= 1 ? x - width / 2 : floor (x);

      if (place != column)
        {
          if (tallest > 0)
            cairo_rectangle (cr, column, direction < 0 ? base - tallest : base, width, tallest);
          column = place;
          tallest = 0;
        }
      if (i < end)
        tallest = MAX (tallest, values[i] / largest * length);
    }
  cairo_fill (cr);
}

typedef struct
{
  gsize place;
  double weight;
} Peak;

static int
compare_peaks (gconstpointer a, gconstpointer b)
{
  const Peak *x = a, *y = b;

  if (x->weight != y->weight)
    return x->weight > y->weight ? -1 : 1;
  return (x->place > y->place) - (x->place < y->place);
}

static GArray *
list_peaks (CytBarcodePlot *self)
{
  GArray *peaks = g_array_new (FALSE, FALSE, sizeof (Peak));
  gsize first = find_place (self, self->low), end = MIN (self->n, find_place (self, self->high + 1));

  for (gsize i = first; i < end; i++)
    {
      Peak peak = { i, get_weight (self, i) };

      if (peak.weight > 0)
        g_array_append_val (peaks, peak);
    }
  g_array_sort (peaks, compare_peaks);
  return peaks;
}

static char *
dup_label (CytBarcodePlot *self, guint latent)
{
  g_autofree char *name = self->name != NULL ? self->name (latent, self->name_data) : g_strdup ("");

  return *name != '\0' ? g_steal_pointer (&name) : g_strdup_printf ("#%u", latent);
}

static void
draw_labels (CytBarcodePlot *self, cairo_t *cr, const cairo_rectangle_t *plot, const GdkRGBA *ink, double base,
             double up_length, double down_length, double largest)
{
  g_autoptr (GArray) peaks = list_peaks (self);
  graphene_rect_t taken[N_LABELS];
  guint n_taken = 0;

  for (guint p = 0; p < peaks->len && p < 40 && n_taken < N_LABELS; p++)
    {
      gsize i = g_array_index (peaks, Peak, p).place;
      gboolean below = self->down != NULL && self->down[i] > self->up[i];
      g_autofree char *text = dup_label (self, self->latents[i]);
      g_autoptr (PangoLayout) layout = make_layout (self, text, 0.85);
      double x = latent_to_x (self, plot, self->latents[i]), y;
      gboolean free_space = TRUE;
      graphene_rect_t rect;
      int width, height;

      pango_layout_set_width (layout, 150 * PANGO_SCALE);
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      pango_layout_get_pixel_size (layout, &width, &height);
      y = below ? base + self->down[i] / largest * down_length + 1 : base - self->up[i] / largest * up_length - height - 1;
      x = CLAMP (x - width / 2.0, plot->x, MAX (plot->x, plot->x + plot->width - width));
      y = CLAMP (y, 0, MAX (0, plot->y + plot->height - height));
      graphene_rect_init (&rect, x - 4, y, width + 8, height);
      for (guint t = 0; t < n_taken; t++)
        free_space &= !graphene_rect_intersection (&taken[t], &rect, NULL);
      if (!free_space)
        continue;
      taken[n_taken++] = rect;
      cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, 0.9);
      cairo_move_to (cr, x, y);
      pango_cairo_show_layout (cr, layout);
    }
}

static void
mark (CytBarcodePlot *self, cairo_t *cr, const cairo_rectangle_t *plot, gint64 latent, const GdkRGBA *ink, double alpha)
{
  double x = round (latent_to_x (self, plot, latent)) + 0.5;

  if (latent < 0 || x < plot->x || x > plot->x + plot->width)
    return;
  cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, alpha);
  cairo_move_to (cr, x, plot->y);
  cairo_line_to (cr, x, plot->y + plot->height);
  cairo_stroke (cr);
}

static void
draw_hover (CytBarcodePlot *self, GtkSnapshot *snapshot, const cairo_rectangle_t *plot)
{
  gsize i = find_place (self, self->hovered);
  g_autofree char *label = NULL, *up = NULL, *down = NULL, *text = NULL;
  g_autoptr (PangoLayout) layout = NULL;
  GskRoundedRect frame;
  graphene_rect_t rect;
  int width, height;

  if (self->hovered < 0 || i >= self->n || self->latents[i] != self->hovered)
    return;
  label = dup_label (self, self->hovered);
  up = cyt_format_number (self->up[i]);
  down = cyt_format_number (self->down != NULL ? self->down[i] : NAN);
  /* Translators: a latent (number, name): mean number of active tokens per image of the patient and of the controls */
  text = self->down != NULL ? g_strdup_printf (_("#%u  %s\n%s tokens per image · controls %s"), (guint) self->hovered,
                                               label[0] == '#' ? "" : label, up, down)
                            : g_strdup_printf (_("#%u  %s\n%s tokens per image"), (guint) self->hovered,
                                               label[0] == '#' ? "" : label, up);
  layout = make_layout (self, text, 0.9);
  pango_layout_get_pixel_size (layout, &width, &height);
  graphene_rect_init (&rect, CLAMP (self->pointer_x + 14, 0, MAX (0, plot->x + plot->width - width - 16)),
                      CLAMP (self->pointer_y - height - 18, 0, 1e6), width + 16, height + 10);
  gsk_rounded_rect_init_from_rect (&frame, &rect, 6);
  gtk_snapshot_push_rounded_clip (snapshot, &frame);
  gtk_snapshot_append_color (snapshot, &(GdkRGBA) { 0.1f, 0.1f, 0.1f, 0.9f }, &rect);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (rect.origin.x + 8, rect.origin.y + 5));
  gtk_snapshot_append_layout (snapshot, layout, &(GdkRGBA) { 1, 1, 1, 1 });
  gtk_snapshot_restore (snapshot);
}

static void
cyt_barcode_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytBarcodePlot *self = CYT_BARCODE_PLOT (widget);
  graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  cairo_rectangle_t plot = get_plot (self);
  double base = round (get_base (self, &plot)), largest;
  cairo_t *cr;
  GdkRGBA ink;

  if (self->n == 0)
    return;
  largest = get_largest (self);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  cr = gtk_snapshot_append_cairo (snapshot, &all);
  cairo_set_line_width (cr, 1);
  draw_value_axis (self, cr, &plot, &ink, base, base - plot.y, -1, largest);
  if (self->down != NULL)
    draw_value_axis (self, cr, &plot, &ink, base, plot.y + plot.height - base, 1, largest);
  draw_latent_axis (self, cr, &plot, &ink);
  mark (self, cr, &plot, self->hovered, &ink, 0.3);
  mark (self, cr, &plot, self->current, &ink, 0.7);

  cairo_save (cr);
  cairo_rectangle (cr, plot.x, plot.y, plot.width, plot.height);
  cairo_clip (cr);
  cairo_set_source_rgb (cr, self->rgb[0] / 255.0, self->rgb[1] / 255.0, self->rgb[2] / 255.0);
  draw_bars (self, cr, &plot, self->up, base, base - plot.y, -1, largest);
  if (self->down != NULL)
    {
      cairo_set_source_rgba (cr, ink.red, ink.green, ink.blue, 0.45);
      draw_bars (self, cr, &plot, self->down, base, plot.y + plot.height - base, 1, largest);
    }
  cairo_restore (cr);
  cairo_set_source_rgba (cr, ink.red, ink.green, ink.blue, 0.5);
  cairo_move_to (cr, plot.x, base + 0.5);
  cairo_line_to (cr, plot.x + plot.width, base + 0.5);
  cairo_stroke (cr);
  draw_labels (self, cr, &plot, &ink, base, base - plot.y, plot.y + plot.height - base, largest);
  cairo_destroy (cr);
  if (gtk_widget_has_focus (widget))
    gtk_snapshot_render_focus (snapshot, gtk_widget_get_style_context (widget), 0, 0, all.size.width, all.size.height);
  draw_hover (self, snapshot, &plot);
}

/* ---- What the user does ---- */

static gboolean
cyt_barcode_plot_is_empty (CytPlot *plot)
{
  return CYT_BARCODE_PLOT (plot)->n == 0;
}

static void
cyt_barcode_plot_point (CytPlot *plot, const graphene_point_t *place)
{
  CytBarcodePlot *self = CYT_BARCODE_PLOT (plot);
  gssize picked = place != NULL && self->n > 0 ? pick (self, place->x) : -1;

  if (place != NULL)
    {
      self->pointer_x = place->x;
      self->pointer_y = place->y;
    }
  self->hovered = picked >= 0 ? (gint64) self->latents[picked] : -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
cyt_barcode_plot_zoom (CytPlot *plot, double factor, gboolean from_key)
{
  CytBarcodePlot *self = CYT_BARCODE_PLOT (plot);
  cairo_rectangle_t area = get_plot (self);
  double about = (self->low + self->high) / 2;

  if (!from_key)
    about = x_to_latent (self, &area, self->pointer_x);
  else if (factor > 1 && self->current >= self->low && self->current <= self->high)
    about = (double) self->current;
  if (factor == 0)
    set_range (self, -0.5, (double) self->d_sae - 0.5);
  else
    set_range (self, about - (about - self->low) / factor, about + (self->high - about) / factor);
  return TRUE;
}

static void
cyt_barcode_plot_begin_move (CytPlot *plot)
{
  CytBarcodePlot *self = CYT_BARCODE_PLOT (plot);

  self->move_low = self->low;
  self->move_high = self->high;
}

static void
cyt_barcode_plot_move (CytPlot *plot, double dx, double dy)
{
  CytBarcodePlot *self = CYT_BARCODE_PLOT (plot);
  double step = dx / get_plot (self).width * (self->move_high - self->move_low);

  set_range (self, self->move_low - step, self->move_high - step);
}

static void
go_to (CytBarcodePlot *self, gsize place)
{
  double latent = self->latents[place], span = self->high - self->low;

  cyt_barcode_plot_set_current (self, self->latents[place]);
  if (latent < self->low || latent > self->high)
    set_range (self, latent - span / 2, latent + span / 2);
  g_signal_emit (self, signals[PICKED], 0, self->latents[place]);
}

static void
cyt_barcode_plot_click (CytPlot *plot, int n_press, double x, double y)
{
  CytBarcodePlot *self = CYT_BARCODE_PLOT (plot);
  gssize place = pick (self, x);

  if (place < 0)
    return;
  if (n_press == 1)
    go_to (self, place);
  else if (n_press == 2)
    g_signal_emit (self, signals[ACTIVATED], 0, self->latents[place]);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const Peak *x = a, *y = b;

  return (x->place > y->place) - (x->place < y->place);
}

/* Peaks worth a stop: the most notable ones of what shows. */
static gboolean
cyt_barcode_plot_step (CytPlot *plot, int dx, int dy)
{
  CytBarcodePlot *self = CYT_BARCODE_PLOT (plot);
  g_autoptr (GArray) peaks = NULL;
  gssize best = -1;

  if (dx == 0)
    return FALSE;
  peaks = list_peaks (self);
  g_array_set_size (peaks, MIN (peaks->len, 40));
  g_array_sort (peaks, compare_places);
  for (guint p = 0; p < peaks->len; p++)
    {
      gsize place = g_array_index (peaks, Peak, dx > 0 ? p : peaks->len - 1 - p).place;

      if (self->current < 0 || (dx > 0 ? self->latents[place] > self->current : self->latents[place] < self->current))
        {
          best = place;
          break;
        }
    }
  if (best >= 0)
    go_to (self, best);
  return TRUE;
}

static void
cyt_barcode_plot_activate (CytPlot *plot)
{
  CytBarcodePlot *self = CYT_BARCODE_PLOT (plot);

  if (self->current >= 0)
    g_signal_emit (self, signals[ACTIVATED], 0, (guint) self->current);
}

/* ---- GObject ---- */

static void
cyt_barcode_plot_finalize (GObject *object)
{
  CytBarcodePlot *self = CYT_BARCODE_PLOT (object);

  g_free (self->latents);
  g_free (self->up);
  g_free (self->down);
  G_OBJECT_CLASS (cyt_barcode_plot_parent_class)->finalize (object);
}

static void
cyt_barcode_plot_class_init (CytBarcodePlotClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  CytPlotClass *plot_class = CYT_PLOT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = cyt_barcode_plot_finalize;
  widget_class->snapshot = cyt_barcode_plot_snapshot;
  plot_class->is_empty = cyt_barcode_plot_is_empty;
  plot_class->point = cyt_barcode_plot_point;
  plot_class->click = cyt_barcode_plot_click;
  plot_class->zoom = cyt_barcode_plot_zoom;
  plot_class->begin_move = cyt_barcode_plot_begin_move;
  plot_class->move = cyt_barcode_plot_move;
  plot_class->step = cyt_barcode_plot_step;
  plot_class->activate = cyt_barcode_plot_activate;
  signals[PICKED] = g_signal_new ("picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[ACTIVATED] = g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_css_name (widget_class, "barcodeplot");
}

static void
cyt_barcode_plot_init (CytBarcodePlot *self)
{
  self->current = self->hovered = -1;
}
