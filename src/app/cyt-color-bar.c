/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-color-bar.h"

#define N_STOPS 17

struct _CytColorBar
{
  GtkWidget parent_instance;
  CytColormap colormap;
};

G_DEFINE_FINAL_TYPE (CytColorBar, cyt_color_bar, GTK_TYPE_WIDGET)

void
cyt_color_bar_set_colormap (CytColorBar *self, CytColormap colormap)
{
  g_return_if_fail (CYT_IS_COLOR_BAR (self));

  if (colormap == self->colormap)
    return;
  self->colormap = colormap;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
cyt_color_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytColorBar *self = CYT_COLOR_BAR (widget);
  graphene_rect_t rect
    = GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GskColorStop stops[N_STOPS];
  GskRoundedRect clip;

  for (int i = 0; i < N_STOPS; i++)
    {
      double t = (double) i / (N_STOPS - 1);
      guint8 rgb[3];

      cyt_colormap_lookup (self->colormap, rtl ? 1 - t : t, rgb);
      stops[i].offset = t;
      stops[i].color = (GdkRGBA){ rgb[0] / 255.f, rgb[1] / 255.f, rgb[2] / 255.f, 1 };
    }
  gsk_rounded_rect_init_from_rect (&clip, &rect, 3);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  gtk_snapshot_append_linear_gradient (snapshot, &rect, &GRAPHENE_POINT_INIT (0, 0),
                                       &GRAPHENE_POINT_INIT (rect.size.width, 0), stops, N_STOPS);
  gtk_snapshot_pop (snapshot);
}

static void
cyt_color_bar_class_init (CytColorBarClass *klass)
{
  GTK_WIDGET_CLASS (klass)->snapshot = cyt_color_bar_snapshot;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "colorbar");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
cyt_color_bar_init (CytColorBar *self)
{
}
