/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "figures/cyt-palette.h"

#include "cyt-format.h"
#include "cyt-training-chart.h"

#define PADDING 8
#define HEAD_GAP 6
#define NAME_GAP 14
#define TEXT_SCALE 0.85
#define LINE_WIDTH 1.75

struct _CytTrainingChart
{
  GtkWidget parent_instance;
  char *title;
  CytAxisScale scale;
  gboolean percent;
  CytTrainingSeries series[CYT_TRAINING_CHART_MAX_SERIES];
  char *names[CYT_TRAINING_CHART_MAX_SERIES];
  guint n_series;

  const CytTrainingCurve *curve;
  double last_step;
  CytAxis x, y;
  cairo_rectangle_t plot;
  int hover;             /* point under the pointer, -1: none */
};

G_DEFINE_FINAL_TYPE (CytTrainingChart, cyt_training_chart, GTK_TYPE_WIDGET)

static char *
format_value (CytTrainingChart *self, double value)
{
  return self->percent ? cyt_format_percent (value) : cyt_format_number (value);
}

/* "Squared error 0.0123" */
static char *
name_value (CytTrainingChart *self, guint s, double value)
{
  g_autofree char *number = format_value (self, value);

  return self->n_series > 1 ? g_strdup_printf ("%s %s", self->names[s], number) : g_strdup (number);
}

static void
describe (CytTrainingChart *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint s = 0; self->curve != NULL && s < self->n_series; s++)
    {
      g_autofree char *value = name_value (self, s, cyt_training_curve_get_last (self->curve, self->series[s].column));

      g_string_append_printf (text, "%s%s", s > 0 ? ", " : "", value);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, self->title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->str, -1);
}

void
cyt_training_chart_set_up (CytTrainingChart *self, const char *title, CytAxisScale scale, gboolean percent,
                           const CytTrainingSeries *series, guint n_series)
{
  g_return_if_fail (CYT_IS_TRAINING_CHART (self) && n_series <= CYT_TRAINING_CHART_MAX_SERIES && self->n_series == 0);

  self->title = g_strdup (title);
  self->scale = scale;
  self->percent = percent;
  self->n_series = n_series;
  for (guint s = 0; s < n_series; s++)
    {
      self->series[s] = series[s];
      self->names[s] = g_strdup (series[s].name);
    }
  describe (self);
}

static void
fit_axes (CytTrainingChart *self)
{
  guint n = self->curve != NULL ? cyt_training_curve_get_n_points (self->curve) : 0;
  g_autofree double *values = g_new (double, MAX (1, n * self->n_series));

  for (guint s = 0; s < self->n_series; s++)
    for (guint i = 0; i < n; i++)
      values[s * n + i] = cyt_training_curve_get (self->curve, i, self->series[s].column);
  cyt_axis_init (&self->x, CYT_AXIS_LINEAR, FALSE, 0, MAX (1, self->last_step));
  if (self->percent)
    cyt_axis_init (&self->y, self->scale, TRUE, 0, 1);
  else
    cyt_axis_init_values (&self->y, self->scale, FALSE, values, n * self->n_series, 0.05);
}

void
cyt_training_chart_show (CytTrainingChart *self, const CytTrainingCurve *curve, double last_step)
{
  g_return_if_fail (CYT_IS_TRAINING_CHART (self));

  self->curve = curve;
  self->last_step = last_step;
  self->hover = -1;
  fit_axes (self);
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- Drawing ---- */

static PangoLayout *
make_layout (CytTrainingChart *self, const char *text, gboolean bold)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum"));
  if (bold)
    pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_layout_set_attributes (layout, attributes);
  return layout;
}

/* Title at one end, what the last step gave at the other. Returns the height. */
static double
draw_head (CytTrainingChart *self, GtkSnapshot *snapshot, const GdkRGBA *ink)
{
  g_autoptr (PangoLayout) title = make_layout (self, self->title, TRUE);
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  double width = gtk_widget_get_width (GTK_WIDGET (self)), at = PADDING;
  int w, h;

  pango_layout_get_pixel_size (title, &w, &h);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (rtl ? width - PADDING - w : PADDING), PADDING));
  gtk_snapshot_append_layout (snapshot, title, ink);
  gtk_snapshot_restore (snapshot);
  for (guint s = self->n_series; self->curve != NULL && s-- > 0;)
    {
      g_autofree char *text = name_value (self, s, cyt_training_curve_get_last (self->curve, self->series[s].column));
      g_autoptr (PangoLayout) layout = make_layout (self, text, FALSE);
      guint8 rgb[3];
      GdkRGBA color = *ink;

      if (self->n_series > 1)
        {
          cyt_palette_lookup (s, rgb);
          color = (GdkRGBA){ rgb[0] / 255.0f, rgb[1] / 255.0f, rgb[2] / 255.0f, 1 };
        }
      pango_layout_get_pixel_size (layout, &w, NULL);
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (rtl ? at : width - at - w), PADDING));
      gtk_snapshot_append_layout (snapshot, layout, ink);
      if (self->n_series > 1) /* the colour under the words, which stay readable */
        gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (0, (float) h, (float) w, 2));
      gtk_snapshot_restore (snapshot);
      at += w + NAME_GAP;
    }
  return PADDING + h;
}

static double
get_x (CytTrainingChart *self, guint point)
{
  return self->plot.x + self->plot.width * cyt_axis_to_unit (&self->x, cyt_training_curve_get_step (self->curve, point));
}

static void
draw_series (CytTrainingChart *self, cairo_t *cr, guint s, const GdkRGBA *ink)
{
  guint8 rgb[3];
  gboolean open = FALSE;

  cyt_palette_lookup (s, rgb);
  if (self->n_series > 1)
    cairo_set_source_rgb (cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
  else
    cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, ink->alpha);
  for (guint i = 0; i < cyt_training_curve_get_n_points (self->curve); i++)
    {
      double u = cyt_axis_to_unit (&self->y, cyt_training_curve_get (self->curve, i, self->series[s].column));
      double x = get_x (self, i), y = self->plot.y + self->plot.height * (1 - u);

      if (isnan (u)) /* no place on a log axis, such as a ghost term of 0 */
        {
          open = FALSE;
          continue;
        }
      if (open)
        cairo_line_to (cr, x, y);
      else
        cairo_move_to (cr, x, y);
      open = TRUE;
    }
  cairo_stroke (cr);
}

static void
cyt_training_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytTrainingChart *self = CYT_TRAINING_CHART (widget);
  PangoContext *context = gtk_widget_get_pango_context (widget);
  double font = pango_font_description_get_size (pango_context_get_font_description (context)) / (double) PANGO_SCALE;
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget), top;
  cairo_rectangle_t outer;
  CytAxesStyle style;
  GdkRGBA ink;
  cairo_t *cr;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  top = draw_head (self, snapshot, &ink) + HEAD_GAP;
  outer = (cairo_rectangle_t){ PADDING, top, MAX (1, width - 2 * PADDING), MAX (1, height - top - PADDING) };
  if (!pango_font_description_get_size_is_absolute (pango_context_get_font_description (context)))
    font *= pango_cairo_context_get_resolution (context) / 72;
  style = (CytAxesStyle){ { ink.red, ink.green, ink.blue }, 0.1, CLAMP (TEXT_SCALE * font, 8, 40), CYT_NUMBERS_LOCALE };
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  cyt_axes_measure (cr, &self->x, _("step"), &self->y, NULL, &style, &outer, &self->plot);
  cyt_axes_draw (cr, &self->x, _("step"), &self->y, NULL, &style, &self->plot);
  if (self->curve != NULL && cyt_training_curve_get_n_points (self->curve) > 0)
    {
      cairo_rectangle (cr, self->plot.x, self->plot.y, self->plot.width, self->plot.height);
      cairo_clip (cr);
      cairo_set_line_width (cr, LINE_WIDTH);
      cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
      for (guint s = self->n_series; s-- > 0;)
        draw_series (self, cr, s, &ink);
      if (self->hover >= 0)
        {
          cairo_set_source_rgba (cr, ink.red, ink.green, ink.blue, 0.4);
          cairo_set_line_width (cr, 1);
          cairo_move_to (cr, get_x (self, (guint) self->hover), self->plot.y);
          cairo_rel_line_to (cr, 0, self->plot.height);
          cairo_stroke (cr);
        }
    }
  cairo_destroy (cr);
}

static void
cyt_training_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                            int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 260 : 150;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 420 : 220;
}

/* ---- Pointer ---- */

static int
find_point (CytTrainingChart *self, double x)
{
  guint n = self->curve != NULL ? cyt_training_curve_get_n_points (self->curve) : 0;
  int best = -1;

  if (x < self->plot.x || x > self->plot.x + self->plot.width)
    return -1;
  for (guint i = 0; i < n; i++)
    if (best < 0 || fabs (get_x (self, i) - x) < fabs (get_x (self, (guint) best) - x))
      best = (int) i;
  return best;
}

static void
set_hover (CytTrainingChart *self, int point)
{
  if (point == self->hover)
    return;
  self->hover = point;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (CytTrainingChart *self, double x, double y)
{
  set_hover (self, find_point (self, x));
}

static void
leave_cb (CytTrainingChart *self)
{
  set_hover (self, -1);
}

static gboolean
cyt_training_chart_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  CytTrainingChart *self = CYT_TRAINING_CHART (widget);
  int point = keyboard ? -1 : find_point (self, x);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *step = NULL;

  if (point < 0)
    return FALSE;
  step = cyt_format_count ((guint64) cyt_training_curve_get_step (self->curve, (guint) point));
  /* Translators: number of a step of training */
  g_string_append_printf (text, _("Step %s"), step);
  for (guint s = 0; s < self->n_series; s++)
    {
      g_autofree char *value
        = name_value (self, s, cyt_training_curve_get (self->curve, (guint) point, self->series[s].column));

      g_string_append_printf (text, "\n%s", value);
    }
  gtk_tooltip_set_text (tooltip, text->str);
  gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle){ x, y, 1, 1 });
  return TRUE;
}

static void
cyt_training_chart_finalize (GObject *object)
{
  CytTrainingChart *self = CYT_TRAINING_CHART (object);

  g_free (self->title);
  for (guint s = 0; s < self->n_series; s++)
    g_free (self->names[s]);
  G_OBJECT_CLASS (cyt_training_chart_parent_class)->finalize (object);
}

static void
cyt_training_chart_class_init (CytTrainingChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = cyt_training_chart_finalize;
  widget_class->snapshot = cyt_training_chart_snapshot;
  widget_class->measure = cyt_training_chart_measure;
  widget_class->query_tooltip = cyt_training_chart_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "trainingchart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
cyt_training_chart_init (CytTrainingChart *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->hover = -1;
  cyt_axis_init (&self->x, CYT_AXIS_LINEAR, FALSE, 0, 1);
  cyt_axis_init (&self->y, CYT_AXIS_LINEAR, FALSE, 0, 1);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
}
