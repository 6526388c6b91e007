/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-cell-picture.h"
#include "cyt-texture-cache.h"

#define CORNER_RADIUS 6

struct _CytCellPicture
{
  GtkWidget parent_instance;

  CytSession *session;
  CytCellItem *item;
  CytTextureRequest *request;
  GdkTexture *texture;
  gboolean missing;

  GdkTexture *overlay;         /* of the style below, NULL when not drawn yet */
  CytOverlayStyle style;
};

enum
{
  PROP_0,
  PROP_MISSING,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (CytCellPicture, cyt_cell_picture, GTK_TYPE_WIDGET)

static void
set_missing (CytCellPicture *self, gboolean missing)
{
  if (missing == self->missing)
    return;
  self->missing = missing;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MISSING]);
}

static void
texture_cb (GdkTexture *texture, gboolean missing, gpointer user_data)
{
  CytCellPicture *self = user_data;

  self->request = NULL;
  g_set_object (&self->texture, texture);
  set_missing (self, missing);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
load_texture (CytCellPicture *self)
{
  g_clear_pointer (&self->request, cyt_texture_request_cancel);
  if (self->item == NULL)
    return;
  self->request = cyt_texture_cache_request (
    cyt_texture_cache_get_default (), cyt_cell_item_get_path (self->item),
    cyt_cell_item_get_thumbnail (self->item),
    CYT_CELL_PICTURE_SIZE * gtk_widget_get_scale_factor (GTK_WIDGET (self)), texture_cb, self);
}

static void
scale_factor_cb (CytCellPicture *self)
{
  g_clear_object (&self->overlay);
  load_texture (self);
}

void
cyt_cell_picture_set_item (CytCellPicture *self, CytCellItem *item)
{
  g_return_if_fail (CYT_IS_CELL_PICTURE (self));

  if (!g_set_object (&self->item, item))
    return;
  g_clear_object (&self->texture);
  g_clear_object (&self->overlay);
  set_missing (self, FALSE);
  load_texture (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
overlay_changed_cb (CytCellPicture *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
cyt_cell_picture_set_session (CytCellPicture *self, CytSession *session)
{
  static const char *const properties[] = { "notify::overlay-mode", "notify::opacity", "notify::shared-scale",
                                            "notify::scale-max" };

  g_return_if_fail (CYT_IS_CELL_PICTURE (self));

  if (session == self->session)
    return;
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_set_object (&self->session, session);
  for (gsize i = 0; session != NULL && i < G_N_ELEMENTS (properties); i++)
    g_signal_connect_swapped (session, properties[i], G_CALLBACK (overlay_changed_cb), self);
}

gboolean
cyt_cell_picture_is_missing (CytCellPicture *self)
{
  g_return_val_if_fail (CYT_IS_CELL_PICTURE (self), FALSE);
  return self->missing;
}

/* The overlay is rendered opaque and once; opacity is applied while drawing, so the slider is live. */
static void
update_overlay (CytCellPicture *self, const CytSparseMap *map)
{
  CytOverlayStyle style = CYT_OVERLAY_STYLE_INIT;
  guint s = CYT_CELL_PICTURE_SIZE / CYT_N_PATCH_SIDE * gtk_widget_get_scale_factor (GTK_WIDGET (self));
  cairo_surface_t *surface;
  g_autoptr (GBytes) bytes = NULL;

  style.mode = cyt_session_get_overlay_mode (self->session);
  style.colormap = cyt_session_get_colormap (self->session);
  style.opacity = 1;
  style.scale_max = cyt_session_get_shared_scale (self->session) ? cyt_session_get_scale_max (self->session) : 0;
  if (self->overlay != NULL && style.mode == self->style.mode && style.colormap == self->style.colormap
      && style.scale_max == self->style.scale_max)
    return;
  g_clear_object (&self->overlay);
  self->style = style;
  if (map->n == 0 || style.mode == CYT_OVERLAY_OFF)
    return;

  surface = cyt_overlay_create_surface (map, &style, s);
  cairo_surface_flush (surface);
  bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface),
                                      (gsize) cairo_image_surface_get_stride (surface)
                                        * cairo_image_surface_get_height (surface),
                                      (GDestroyNotify) cairo_surface_destroy, surface);
  self->overlay = gdk_memory_texture_new (cairo_image_surface_get_width (surface),
                                          cairo_image_surface_get_height (surface), GDK_MEMORY_DEFAULT, bytes,
                                          cairo_image_surface_get_stride (surface));
}

static void
cyt_cell_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytCellPicture *self = CYT_CELL_PICTURE (widget);
  float side = MIN (gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  float x0 = (gtk_widget_get_width (widget) - side) / 2, y0 = (gtk_widget_get_height (widget) - side) / 2;
  float width = side, height = side;
  graphene_rect_t rect;
  GskRoundedRect clip;

  if (self->texture != NULL)
    {
      float w = gdk_texture_get_width (self->texture), h = gdk_texture_get_height (self->texture);
      float scale = side / MAX (w, h);

      width = w * scale;
      height = h * scale;
    }
  rect = GRAPHENE_RECT_INIT (x0 + (side - width) / 2, y0 + (side - height) / 2, width, height);
  gsk_rounded_rect_init_from_rect (&clip, &rect, CORNER_RADIUS);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  if (self->texture != NULL)
    gtk_snapshot_append_texture (snapshot, self->texture, &rect);
  else
    {
      const GdkRGBA grey = { 0.5, 0.5, 0.5, 0.15 };

      gtk_snapshot_append_color (snapshot, &grey, &rect);
    }
  if (self->texture != NULL && self->session != NULL && self->item != NULL)
    {
      update_overlay (self, &cyt_cell_item_get_top (self->item)->map);
      if (self->overlay != NULL)
        {
          gtk_snapshot_push_opacity (snapshot, cyt_session_get_opacity (self->session));
          gtk_snapshot_append_texture (snapshot, self->overlay, &rect);
          gtk_snapshot_pop (snapshot);
        }
    }
  gtk_snapshot_pop (snapshot);
}

static void
cyt_cell_picture_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = CYT_CELL_PICTURE_SIZE;
}

static void
cyt_cell_picture_dispose (GObject *object)
{
  CytCellPicture *self = CYT_CELL_PICTURE (object);

  g_clear_pointer (&self->request, cyt_texture_request_cancel);
  cyt_cell_picture_set_session (self, NULL);
  g_clear_object (&self->item);
  g_clear_object (&self->texture);
  g_clear_object (&self->overlay);
  G_OBJECT_CLASS (cyt_cell_picture_parent_class)->dispose (object);
}

static void
cyt_cell_picture_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_MISSING:
      g_value_set_boolean (value, CYT_CELL_PICTURE (object)->missing);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cyt_cell_picture_class_init (CytCellPictureClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cyt_cell_picture_dispose;
  object_class->get_property = cyt_cell_picture_get_property;
  widget_class->snapshot = cyt_cell_picture_snapshot;
  widget_class->measure = cyt_cell_picture_measure;
  props[PROP_MISSING] = g_param_spec_boolean ("missing", NULL, NULL, FALSE,
                                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY
                                                | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gtk_widget_class_set_css_name (widget_class, "cellpicture");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
cyt_cell_picture_init (CytCellPicture *self)
{
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (scale_factor_cb), NULL);
}
