/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "figures/cyt-palette.h"

#include "cyt-class-chart.h"
#include "cyt-format.h"

#define NAME_SHARE 0.46   /* of the width, at most */
#define BAR_HEIGHT 8
#define GAP 6
#define ROW_GAP 3
#define TEXT_SCALE 0.9

typedef struct
{
  guint number;           /* of the class, for its colour */
  char *name;
  CytClassActivation activation;
} Bar;

struct _CytClassChart
{
  GtkWidget parent_instance;
  GArray *bars;           /* of Bar, highest mean first */
};

G_DEFINE_FINAL_TYPE (CytClassChart, cyt_class_chart, GTK_TYPE_WIDGET)

static void
bar_clear (gpointer bar)
{
  g_free (((Bar *) bar)->name);
}

static int
compare_bars (gconstpointer a, gconstpointer b)
{
  const Bar *x = a, *y = b;

  if (x->activation.mean != y->activation.mean)
    return x->activation.mean > y->activation.mean ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

static char *
describe_bar (const Bar *bar)
{
  const CytClassActivation *a = &bar->activation;
  g_autofree char *mean = cyt_format_number (a->mean);
  g_autofree char *active = cyt_format_count (a->n_active);
  g_autofree char *cells = cyt_format_count (a->n_cells);
  g_autofree char *share = cyt_format_percent ((double) a->n_active / a->n_cells);

  /* Translators: class of cells, mean score, number of cells in which it fires, all cells of the class, that share */
  return g_strdup_printf (_("%s: mean score %s; fires in %s of %s cells (%s)"), bar->name, mean, active, cells, share);
}

static void
describe (CytClassChart *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->bars->len; i++)
    {
      g_autofree char *line = describe_bar (&g_array_index (self->bars, Bar, i));

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", line);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Mean score of each class"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->str, -1);
}

void
cyt_class_chart_set_classes (CytClassChart *self, const char *const *labels, const guint *numbers,
                             const CytClassActivation *classes)
{
  g_return_if_fail (CYT_IS_CLASS_CHART (self));

  g_array_set_size (self->bars, 0);
  for (guint i = 0; labels != NULL && labels[i] != NULL; i++)
    {
      Bar bar = { 0, NULL, classes[i] };

      if (classes[i].n_cells == 0)
        continue;
      bar.number = numbers[i];
      bar.name = g_strdup (labels[i]);
      g_array_append_val (self->bars, bar);
    }
  g_array_sort (self->bars, compare_bars);
  describe (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/* ---- Drawing ---- */

static PangoLayout *
make_layout (CytClassChart *self, const char *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (TEXT_SCALE));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum"));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  return layout;
}

static int
get_row_height (CytClassChart *self)
{
  g_autoptr (PangoLayout) layout = make_layout (self, "0");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height + ROW_GAP;
}

/* Widths of the names and of the numbers. */
static void
measure_texts (CytClassChart *self, int *names, int *numbers)
{
  *names = *numbers = 0;
  for (guint i = 0; i < self->bars->len; i++)
    {
      const Bar *bar = &g_array_index (self->bars, Bar, i);
      g_autofree char *mean = cyt_format_number (bar->activation.mean);
      g_autoptr (PangoLayout) name = make_layout (self, bar->name);
      g_autoptr (PangoLayout) number = make_layout (self, mean);
      int width;

      pango_layout_get_pixel_size (name, &width, NULL);
      *names = MAX (*names, width);
      pango_layout_get_pixel_size (number, &width, NULL);
      *numbers = MAX (*numbers, width);
    }
}

/* @x: from the start of the line. */
static void
append_layout (CytClassChart *self, GtkSnapshot *snapshot, PangoLayout *layout, double x, double y, const GdkRGBA *ink)
{
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    x = gtk_widget_get_width (GTK_WIDGET (self)) - x - width;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) y));
  gtk_snapshot_append_layout (snapshot, layout, ink);
  gtk_snapshot_restore (snapshot);
}

static void
append_bar (CytClassChart *self, GtkSnapshot *snapshot, double x, double y, double width, guint number)
{
  graphene_rect_t rect;
  GskRoundedRect clip;
  cairo_t *cr;

  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    x = gtk_widget_get_width (GTK_WIDGET (self)) - x - width;
  rect = GRAPHENE_RECT_INIT ((float) x, (float) y, (float) width, BAR_HEIGHT);
  gsk_rounded_rect_init_from_rect (&clip, &rect, 2);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  cr = gtk_snapshot_append_cairo (snapshot, &rect);
  cyt_palette_draw_bar (cr, number, x, y, width, BAR_HEIGHT);
  cairo_destroy (cr);
  gtk_snapshot_pop (snapshot);
}

static void
cyt_class_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytClassChart *self = CYT_CLASS_CHART (widget);
  int names, numbers, row_height = get_row_height (self), width = gtk_widget_get_width (widget);
  double longest = 0, room;
  GdkRGBA ink;

  measure_texts (self, &names, &numbers);
  names = MIN (names, (int) (width * NAME_SHARE));
  room = width - names - numbers - 2 * GAP;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  for (guint i = 0; i < self->bars->len; i++)
    {
      const Bar *bar = &g_array_index (self->bars, Bar, i);
      g_autofree char *mean = cyt_format_number (bar->activation.mean);
      g_autoptr (PangoLayout) name = make_layout (self, bar->name);
      g_autoptr (PangoLayout) number = make_layout (self, mean);
      int number_width;

      longest = MAX (longest, bar->activation.mean);
      pango_layout_set_width (name, names * PANGO_SCALE);
      pango_layout_set_ellipsize (name, PANGO_ELLIPSIZE_END);
      pango_layout_set_auto_dir (name, FALSE);
      append_layout (self, snapshot, name, 0, (double) i * row_height, &ink);
      pango_layout_get_pixel_size (number, &number_width, NULL);
      append_layout (self, snapshot, number, width - number_width, (double) i * row_height, &ink);
      if (room <= 0 || longest <= 0)
        continue;
      append_bar (self, snapshot, names + GAP, (double) i * row_height + (row_height - ROW_GAP - BAR_HEIGHT) / 2.0,
                  MAX (bar->activation.mean / longest * room, bar->activation.mean > 0 ? 1 : 0), bar->number);
    }
}

static void
cyt_class_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                         int *minimum_baseline, int *natural_baseline)
{
  CytClassChart *self = CYT_CLASS_CHART (widget);
  int height = (int) self->bars->len * get_row_height (self);

  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 140 : height;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 240 : height;
}

static gboolean
cyt_class_chart_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  CytClassChart *self = CYT_CLASS_CHART (widget);
  int row_height = get_row_height (self);
  g_autofree char *text = NULL;

  if (keyboard || y < 0 || y / row_height >= (int) self->bars->len)
    return FALSE;
  text = describe_bar (&g_array_index (self->bars, Bar, y / row_height));
  gtk_tooltip_set_text (tooltip, text);
  gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle){ 0, y / row_height * row_height,
                                                       gtk_widget_get_width (widget), row_height });
  return TRUE;
}

static void
cyt_class_chart_finalize (GObject *object)
{
  g_array_unref (CYT_CLASS_CHART (object)->bars);
  G_OBJECT_CLASS (cyt_class_chart_parent_class)->finalize (object);
}

static void
cyt_class_chart_class_init (CytClassChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = cyt_class_chart_finalize;
  widget_class->snapshot = cyt_class_chart_snapshot;
  widget_class->measure = cyt_class_chart_measure;
  widget_class->query_tooltip = cyt_class_chart_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "classchart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
cyt_class_chart_init (CytClassChart *self)
{
  self->bars = g_array_new (FALSE, FALSE, sizeof (Bar));
  g_array_set_clear_func (self->bars, bar_clear);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
}
