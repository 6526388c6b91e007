/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-format.h"
#include "cyt-histogram-chart.h"

#define BARS_HEIGHT 56
#define GAP 1
#define TEXT_SCALE 0.85

struct _CytHistogramChart
{
  GtkWidget parent_instance;
  guint n_bins;
  guint *counts;        /* (n_bins) */
  double *edges;        /* (n_bins + 1) */
  guint highest;        /* count of the highest bar */
  int hover;            /* bin under the pointer, -1: none */
};

G_DEFINE_FINAL_TYPE (CytHistogramChart, cyt_histogram_chart, GTK_TYPE_WIDGET)

static PangoLayout *
make_layout (CytHistogramChart *self, const char *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (TEXT_SCALE));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum"));
  pango_layout_set_attributes (layout, attributes);
  return layout;
}

static char *
describe_bin (CytHistogramChart *self, guint bin)
{
  g_autofree char *low = cyt_format_number (self->edges[bin]);
  g_autofree char *high = cyt_format_number (self->edges[bin + 1]);
  g_autofree char *count = cyt_format_count (self->counts[bin]);

  if (self->n_bins == 1)
    return g_strdup_printf (ngettext ("%s cell with score %s", "%s cells with score %s", self->counts[bin]), count, low);
  /* Translators: number of cells, lowest and highest score of a bar */
  return g_strdup_printf (ngettext ("%s cell with a score of %s to %s", "%s cells with a score of %s to %s",
                                    self->counts[bin]), count, low, high);
}

static void
describe (CytHistogramChart *self)
{
  g_autofree char *text = NULL;
  guint best = 0;

  for (guint b = 0; b < self->n_bins; b++)
    if (self->counts[b] > self->counts[best])
      best = b;
  if (self->highest > 0)
    {
      g_autofree char *low = cyt_format_number (self->edges[0]);
      g_autofree char *high = cyt_format_number (self->edges[self->n_bins]);
      g_autofree char *bar = describe_bin (self, best);

      /* Translators: for screen readers; lowest and highest score, then the highest bar in words */
      text = g_strdup_printf (_("Scores from %s to %s; highest bar: %s"), low, high, bar);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Histogram of scores"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text != NULL ? text : "", -1);
}

void
cyt_histogram_chart_set_histogram (CytHistogramChart *self, const CytHistogram *histogram)
{
  g_return_if_fail (CYT_IS_HISTOGRAM_CHART (self));

  g_clear_pointer (&self->counts, g_free);
  g_clear_pointer (&self->edges, g_free);
  self->n_bins = histogram != NULL ? histogram->n_bins : 0;
  self->highest = 0;
  self->hover = -1;
  if (histogram != NULL)
    {
      self->counts = g_memdup2 (histogram->counts, self->n_bins * sizeof *self->counts);
      self->edges = g_new (double, self->n_bins + 1);
      for (guint b = 0; b <= self->n_bins; b++)
        self->edges[b] = cyt_histogram_get_edge (histogram, b);
      for (guint b = 0; b < self->n_bins; b++)
        self->highest = MAX (self->highest, self->counts[b]);
    }
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- Drawing ---- */

/* Left end of a bar; bins run from the start of a line, as the language is read. */
static void
get_bar (CytHistogramChart *self, guint bin, double *x, double *width)
{
  double step = (double) gtk_widget_get_width (GTK_WIDGET (self)) / self->n_bins;
  guint place = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? self->n_bins - 1 - bin : bin;

  *x = place * step;
  *width = MAX (step - GAP, 1);
}

static void
draw_text (CytHistogramChart *self, GtkSnapshot *snapshot, const char *text, double place, const GdkRGBA *color)
{
  g_autoptr (PangoLayout) layout = make_layout (self, text);
  int width = gtk_widget_get_width (GTK_WIDGET (self)), text_width;

  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    place = 1 - place;
  pango_layout_get_pixel_size (layout, &text_width, NULL);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (place * (width - text_width)), BARS_HEIGHT + 3));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static void
cyt_histogram_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytHistogramChart *self = CYT_HISTOGRAM_CHART (widget);
  GdkRGBA ink, bar, line;
  g_autofree char *low = NULL;
  g_autofree char *high = NULL;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  line = ink;
  line.alpha *= 0.2f;
  gtk_snapshot_append_color (snapshot, &line, &GRAPHENE_RECT_INIT (0, BARS_HEIGHT, gtk_widget_get_width (widget), 1));
  if (self->highest == 0)
    return;
  for (guint b = 0; b < self->n_bins; b++)
    {
      double x, width, height = (double) self->counts[b] / self->highest * BARS_HEIGHT;

      if (self->counts[b] == 0)
        continue;
      get_bar (self, b, &x, &width);
      bar = ink;
      bar.alpha *= (int) b == self->hover ? 0.85f : 0.5f;
      height = MAX (height, 1.5); /* a single cell is to be seen */
      gtk_snapshot_append_color (snapshot, &bar, &GRAPHENE_RECT_INIT ((float) x, (float) (BARS_HEIGHT - height),
                                                                     (float) width, (float) height));
    }
  ink.alpha *= 0.65f;
  low = cyt_format_number (self->edges[0]);
  high = cyt_format_number (self->edges[self->n_bins]);
  draw_text (self, snapshot, low, 0, &ink);
  if (self->n_bins > 1)
    {
      draw_text (self, snapshot, high, 1, &ink);
      draw_text (self, snapshot, _("score, log scale"), 0.5, &ink);
    }
}

static void
cyt_histogram_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                             int *minimum_baseline, int *natural_baseline)
{
  g_autoptr (PangoLayout) layout = make_layout (CYT_HISTOGRAM_CHART (widget), "0");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : BARS_HEIGHT + 3 + height;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 240 : BARS_HEIGHT + 3 + height;
}

/* ---- Pointer ---- */

static int
find_bin (CytHistogramChart *self, double x)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)), bin;

  if (self->n_bins == 0 || width <= 0 || x < 0 || x >= width)
    return -1;
  bin = MIN ((int) (x / width * self->n_bins), (int) self->n_bins - 1);
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? (int) self->n_bins - 1 - bin : bin;
}

static void
set_hover (CytHistogramChart *self, int bin)
{
  if (bin == self->hover)
    return;
  self->hover = bin;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (CytHistogramChart *self, double x, double y)
{
  set_hover (self, find_bin (self, x));
}

static void
leave_cb (CytHistogramChart *self)
{
  set_hover (self, -1);
}

static gboolean
cyt_histogram_chart_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  CytHistogramChart *self = CYT_HISTOGRAM_CHART (widget);
  int bin = keyboard ? -1 : find_bin (self, x);
  g_autofree char *text = NULL;

  if (bin < 0)
    return FALSE;
  text = describe_bin (self, bin);
  gtk_tooltip_set_text (tooltip, text);
  gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle){ x, 0, 1, BARS_HEIGHT }); /* moves with the bar */
  return TRUE;
}

static void
cyt_histogram_chart_finalize (GObject *object)
{
  CytHistogramChart *self = CYT_HISTOGRAM_CHART (object);

  g_free (self->counts);
  g_free (self->edges);
  G_OBJECT_CLASS (cyt_histogram_chart_parent_class)->finalize (object);
}

static void
cyt_histogram_chart_class_init (CytHistogramChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = cyt_histogram_chart_finalize;
  widget_class->snapshot = cyt_histogram_chart_snapshot;
  widget_class->measure = cyt_histogram_chart_measure;
  widget_class->query_tooltip = cyt_histogram_chart_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "histogramchart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
cyt_histogram_chart_init (CytHistogramChart *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->hover = -1;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
}
