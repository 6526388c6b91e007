/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-format.h"
#include "cyt-map-legend.h"

#define BAR_WIDTH 16.0
#define BAR_HEIGHT 180
#define SWATCH 14

struct _CytMapLegend
{
  GtkWidget parent_instance;

  CytMapColors colors;
  CytAxis axis;

  GtkLabel *title;
  GtkLabel *explanation;
  GtkDrawingArea *bar;
  GtkWidget *scroller;
  GtkBox *kinds;
  gboolean choosing;      /* a button is being switched by the others */
};

G_DEFINE_FINAL_TYPE (CytMapLegend, cyt_map_legend, GTK_TYPE_WIDGET)

enum
{
  KIND_CHOSEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

void
cyt_map_kind_free (CytMapKind *self)
{
  g_free (self->name);
  g_free (self);
}

/* ---- Colour bar ---- */

static void
draw_bar_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  CytMapLegend *self = user_data;
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (area)) == GTK_TEXT_DIR_RTL;
  CytAxesStyle style = { .grid = 0, .font_size = 12, .form = CYT_NUMBERS_LOCALE };
  const cairo_rectangle_t outer = { 0, 0, width - BAR_WIDTH, height - 8 };
  cairo_rectangle_t plot;
  GdkRGBA ink;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (area)), &ink);
  style.ink[0] = ink.red;
  style.ink[1] = ink.green;
  style.ink[2] = ink.blue;
  cyt_axes_measure (cr, NULL, NULL, &self->axis, NULL, &style, &outer, &plot);
  if (rtl)
    plot.x = width - BAR_WIDTH;
  plot.width = BAR_WIDTH;
  for (int i = 0; i < (int) plot.height; i++)
    {
      guint8 rgb[3];

      cyt_map_colors_lookup (&self->colors, 1 - (i + 0.5) / plot.height, rgb);
      cairo_set_source_rgb (cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
      cairo_rectangle (cr, plot.x, plot.y + i, plot.width, 1);
      cairo_fill (cr);
    }
  cyt_axes_draw (cr, NULL, NULL, &self->axis, NULL, &style, &plot);
}

/* ---- Kinds ---- */

static void
draw_swatch_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  const CytMapKind *kind = user_data;

  cyt_palette_draw_marker (cr, kind->marker, kind->rgb, width / 2.0, height / 2.0, 4.5);
}

static void
toggled_cb (GtkToggleButton *button, gpointer user_data)
{
  CytMapLegend *self = user_data;
  int index = 0, chosen = -1;

  if (self->choosing)
    return;
  self->choosing = TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->kinds)); child != NULL;
       child = gtk_widget_get_next_sibling (child), index++)
    {
      if (child != GTK_WIDGET (button))
        gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (child), FALSE);
      else if (gtk_toggle_button_get_active (button))
        chosen = index;
    }
  self->choosing = FALSE;
  g_signal_emit (self, signals[KIND_CHOSEN], 0, chosen);
}

static GtkWidget *
make_row (CytMapLegend *self, const CytMapKind *kind)
{
  GtkWidget *button = gtk_toggle_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *swatch = gtk_drawing_area_new (), *name = gtk_label_new (kind->name);
  g_autofree char *count = cyt_format_count (kind->n);
  GtkWidget *number = gtk_label_new (count);
  CytMapKind *copy = g_new (CytMapKind, 1);

  *copy = *kind;
  copy->name = NULL;
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (swatch), SWATCH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (swatch), SWATCH);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (swatch), draw_swatch_cb, copy, (GDestroyNotify) cyt_map_kind_free);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_widget_add_css_class (number, "dim-label");
  gtk_widget_add_css_class (number, "numeric");
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), number);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _("Single these out on the map"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, kind->name, -1);
  g_signal_connect (button, "toggled", G_CALLBACK (toggled_cb), self);
  return button;
}

static void
set_words (CytMapLegend *self, const char *title, const char *explanation, gboolean scale)
{
  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->explanation, explanation);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), scale);
  gtk_widget_set_visible (self->scroller, !scale);
}

/* ---- Public ---- */

void
cyt_map_colors_lookup (const CytMapColors *self, double t, guint8 *out)
{
  cyt_colormap_lookup (self->map, self->from + (self->to - self->from) * CLAMP (t, 0, 1), out);
}

void
cyt_map_legend_show_scale (CytMapLegend *self, const char *title, const char *explanation, const CytMapColors *colors,
                           const CytAxis *axis)
{
  g_return_if_fail (CYT_IS_MAP_LEGEND (self));

  self->colors = *colors;
  self->axis = *axis;
  set_words (self, title, explanation, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self->bar));
}

void
cyt_map_legend_show_kinds (CytMapLegend *self, const char *title, const char *explanation, GPtrArray *kinds)
{
  GtkWidget *child;

  g_return_if_fail (CYT_IS_MAP_LEGEND (self));

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->kinds))) != NULL)
    gtk_box_remove (self->kinds, child);
  for (guint i = 0; i < kinds->len; i++)
    gtk_box_append (self->kinds, make_row (self, kinds->pdata[i]));
  set_words (self, title, explanation, FALSE);
}

static void
cyt_map_legend_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_map_legend_parent_class)->dispose (object);
}

static void
cyt_map_legend_class_init (CytMapLegendClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_map_legend_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-map-legend.ui");
  gtk_widget_class_bind_template_child (widget_class, CytMapLegend, title);
  gtk_widget_class_bind_template_child (widget_class, CytMapLegend, explanation);
  gtk_widget_class_bind_template_child (widget_class, CytMapLegend, bar);
  gtk_widget_class_bind_template_child (widget_class, CytMapLegend, scroller);
  gtk_widget_class_bind_template_child (widget_class, CytMapLegend, kinds);
  signals[KIND_CHOSEN] = g_signal_new ("kind-chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
cyt_map_legend_init (CytMapLegend *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_axis_init (&self->axis, CYT_AXIS_LINEAR, FALSE, 0, 1);
  gtk_drawing_area_set_content_height (self->bar, BAR_HEIGHT);
  gtk_drawing_area_set_content_width (self->bar, 80);
  gtk_drawing_area_set_draw_func (self->bar, draw_bar_cb, self, NULL);
}
