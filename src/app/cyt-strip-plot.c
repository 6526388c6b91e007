/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cyt-strip-plot.h"

#define HEIGHT 22
/* So many bins are as good as 100,000 ticks. */
#define N_BINS 512

struct _CytStripPlot
{
  GtkWidget parent_instance;
  float bins[N_BINS];   /* share of the fullest bin, on a root scale, so that single cells show too */
  float value;          /* 0…1 along the line; NAN: none */
};

G_DEFINE_FINAL_TYPE (CytStripPlot, cyt_strip_plot, GTK_TYPE_WIDGET)

void
cyt_strip_plot_set_values (CytStripPlot *self, const float *values, gsize n, float value, float max)
{
  guint counts[N_BINS] = { 0 }, most = 1;

  g_return_if_fail (CYT_IS_STRIP_PLOT (self));

  for (gsize i = 0; i < n; i++)
    if (!isnan (values[i]) && max > 0)
      counts[(guint) CLAMP (values[i] / max * (N_BINS - 1), 0, N_BINS - 1)]++;
  /* the cells in which it does not fire would leave nothing of the others */
  for (guint i = 1; i < N_BINS; i++)
    most = MAX (most, counts[i]);
  for (guint i = 0; i < N_BINS; i++)
    self->bins[i] = counts[i] == 0 ? 0 : 0.3f + 0.7f * MIN (1, sqrtf ((float) counts[i] / most));
  self->value = max > 0 ? CLAMP (value / max, 0, 1) : NAN;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
cyt_strip_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytStripPlot *self = CYT_STRIP_PLOT (widget);
  float width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GdkRGBA color, accent = { 0.21, 0.52, 0.89, 1 };

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), "accent_color", &accent);
  color.alpha = 0.18f;
  gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (0, height - 1, width, 1));
  for (guint i = 0; i < N_BINS; i++)
    if (self->bins[i] > 0)
      {
        float x = (width - 2) * i / (N_BINS - 1), h = (height - 6) * self->bins[i];

        color.alpha = 0.25f + 0.4f * self->bins[i];
        gtk_snapshot_append_color (snapshot, &color,
                                   &GRAPHENE_RECT_INIT (rtl ? width - 2 - x : x, height - h, 1.5f, h));
      }
  if (!isnan (self->value))
    {
      float x = (width - 3) * self->value;

      gtk_snapshot_append_color (snapshot, &accent, &GRAPHENE_RECT_INIT (rtl ? width - 3 - x : x, 0, 3, height));
    }
}

static void
cyt_strip_plot_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                        int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 60;
}

static void
cyt_strip_plot_class_init (CytStripPlotClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = cyt_strip_plot_snapshot;
  widget_class->measure = cyt_strip_plot_measure;
  gtk_widget_class_set_css_name (widget_class, "stripplot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
cyt_strip_plot_init (CytStripPlot *self)
{
  self->value = NAN;
}
