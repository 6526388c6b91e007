/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "figures/cyt-palette.h"

#include "cyt-column.h"

#define SWATCH 12

typedef struct
{
  gboolean numeric;
  CytColumnTextFunc text;
  CytColumnColorFunc color;
  gpointer user_data;
} Column;

static void
draw_swatch_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  int color = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (area), "color")) - 1;

  if (color >= 0)
    cyt_palette_draw_mark (cr, color, width / 2.0, height / 2.0, 4);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  const Column *column = user_data;
  GtkWidget *label = gtk_label_new (NULL), *box, *swatch;

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), column->numeric ? 1 : 0);
  if (column->numeric)
    gtk_widget_add_css_class (label, "numeric");
  if (column->color == NULL)
    {
      gtk_list_item_set_child (item, label);
      return;
    }
  box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  swatch = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (swatch), SWATCH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (swatch), SWATCH);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (swatch), draw_swatch_cb, NULL, NULL);
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_item_set_child (item, box);
}

void
cyt_column_name_row (GtkWidget *child, const char *text)
{
  GtkWidget *cell = gtk_widget_get_parent (child), *row = cell != NULL ? gtk_widget_get_parent (cell) : NULL;

  if (row != NULL && gtk_widget_get_prev_sibling (cell) == NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  const Column *column = user_data;
  GtkWidget *child = gtk_list_item_get_child (item);
  gpointer object = gtk_list_item_get_item (item);
  g_autofree char *text = column->text (object, column->user_data);
  GtkWidget *label = column->color != NULL ? gtk_widget_get_last_child (child) : child;

  gtk_label_set_label (GTK_LABEL (label), text);
  gtk_widget_set_tooltip_text (label, column->numeric ? NULL : text);
  cyt_column_name_row (child, text);
  if (column->color != NULL)
    {
      GtkWidget *swatch = gtk_widget_get_first_child (child);

      g_object_set_data (G_OBJECT (swatch), "color", GINT_TO_POINTER (column->color (object, column->user_data) + 1));
      gtk_widget_queue_draw (swatch);
    }
}

static GtkColumnViewColumn *
make_column (const char *title, const Column *facts, GCompareDataFunc compare)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  Column *column = g_memdup2 (facts, sizeof *facts);
  GtkColumnViewColumn *result;

  g_object_set_data_full (G_OBJECT (factory), "column", column, g_free);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), column);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), column);
  result = gtk_column_view_column_new (title, factory);
  gtk_column_view_column_set_resizable (result, TRUE);
  if (compare != NULL)
    {
      g_autoptr (GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (compare, facts->user_data, NULL));

      gtk_column_view_column_set_sorter (result, sorter);
    }
  return result;
}

GtkColumnViewColumn *
cyt_column_new (const char *title, gboolean numeric, CytColumnTextFunc text, GCompareDataFunc compare, gpointer user_data)
{
  const Column column = { numeric, text, NULL, user_data };

  return make_column (title, &column, compare);
}

GtkColumnViewColumn *
cyt_column_new_colored (const char *title, CytColumnTextFunc text, CytColumnColorFunc color, GCompareDataFunc compare,
                        gpointer user_data)
{
  const Column column = { FALSE, text, color, user_data };

  return make_column (title, &column, compare);
}

int
cyt_column_compare_doubles (double a, double b)
{
  if (isnan (a) || isnan (b))
    return isnan (a) - isnan (b);
  return (a < b) - (a > b);
}
