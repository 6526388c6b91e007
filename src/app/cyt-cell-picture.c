/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-cell-picture.h"
#include "cyt-texture-cache.h"

#define CORNER_RADIUS 6

/* While somebody zooms, the picture there is gets stretched; a sharp one is asked for when he rests. */
#define RESIZE_MS 120

struct _CytCellPicture
{
  GtkWidget parent_instance;

  CytSession *session;
  CytCellItem *item;
  CytTextureRequest *request;
  GdkTexture *texture;
  gboolean missing;
  gboolean loaded;             /* an answer was there, if only that nothing is */
  int size;
  guint resize_source;

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
  self->loaded = TRUE;
  g_set_object (&self->texture, texture);
  set_missing (self, missing);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
load_texture (CytCellPicture *self)
{
  g_clear_handle_id (&self->resize_source, g_source_remove);
  g_clear_pointer (&self->request, cyt_texture_request_cancel);
  if (self->item == NULL)
    return;
  self->request = cyt_texture_cache_request (cyt_texture_cache_get_default (), cyt_cell_item_get_path (self->item),
                                             cyt_cell_item_get_thumbnail (self->item),
                                             self->size * gtk_widget_get_scale_factor (GTK_WIDGET (self)),
                                             texture_cb, self);
}

static gboolean
resize_cb (gpointer user_data)
{
  CytCellPicture *self = user_data;

  self->resize_source = 0;
  load_texture (self);
  return G_SOURCE_REMOVE;
}

static void
scale_factor_cb (CytCellPicture *self)
{
  g_clear_object (&self->overlay);
  load_texture (self);
}

void
cyt_cell_picture_set_size (CytCellPicture *self, int size)
{
  g_return_if_fail (CYT_IS_CELL_PICTURE (self) && size > 0);

  if (size == self->size)
    return;
  self->size = size;
  g_clear_object (&self->overlay);
  if (self->texture == NULL)
    load_texture (self);
  else if (self->resize_source == 0)
    self->resize_source = g_timeout_add (RESIZE_MS, resize_cb, self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
map_changed_cb (CytCellPicture *self)
{
  g_clear_object (&self->overlay);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
cyt_cell_picture_set_item (CytCellPicture *self, CytCellItem *item)
{
  g_return_if_fail (CYT_IS_CELL_PICTURE (self));

  if (item == self->item)
    return;
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_func (self->item, map_changed_cb, self);
  g_set_object (&self->item, item);
  if (item != NULL)
    g_signal_connect_swapped (item, "map-changed", G_CALLBACK (map_changed_cb), self);
  g_clear_object (&self->texture);
  g_clear_object (&self->overlay);
  self->loaded = FALSE;
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
  static const char *const properties[] = { "notify::overlay-mode", "notify::overlay-hidden", "notify::opacity",
                                            "notify::shared-scale", "notify::scale-max",   "notify::colormap" };

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
cyt_cell_picture_is_loaded (CytCellPicture *self)
{
  g_return_val_if_fail (CYT_IS_CELL_PICTURE (self), FALSE);
  return self->loaded;
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
  guint pixels = (guint) (self->size * gtk_widget_get_scale_factor (GTK_WIDGET (self)));
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

  surface = cyt_overlay_create_surface (map, &style, (pixels + CYT_N_PATCH_SIDE - 1) / CYT_N_PATCH_SIDE);
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
draw_overlay (CytCellPicture *self, GtkSnapshot *snapshot, const graphene_rect_t *rect)
{
  if (self->session == NULL || self->item == NULL || cyt_session_get_overlay_hidden (self->session))
    return;
  update_overlay (self, &cyt_cell_item_get_top (self->item)->map);
  if (self->overlay == NULL)
    return;
  gtk_snapshot_push_opacity (snapshot, cyt_session_get_opacity (self->session));
  gtk_snapshot_append_texture (snapshot, self->overlay, rect);
  gtk_snapshot_pop (snapshot);
}

/* In place of a picture: grey while it is on its way, words where there is none to come. */
static void
draw_nothing (CytCellPicture *self, GtkSnapshot *snapshot, const graphene_rect_t *rect)
{
  const GdkRGBA grey = { 0.5, 0.5, 0.5, 0.15 };
  g_autoptr (PangoLayout) layout = NULL;
  GdkRGBA color;
  int height;

  gtk_snapshot_append_color (snapshot, &grey, rect);
  if (!self->loaded)
    return;
  layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), _("Image missing"));
  pango_layout_set_width (layout, (int) (rect->size.width - 8) * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  pango_layout_get_pixel_size (layout, NULL, &height);
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= 0.7;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (rect->origin.x + 4,
                                                          rect->origin.y + (int) (rect->size.height - height) / 2));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

/* On whole pixels of the device, so that a picture of its very size is copied and not resampled. */
static graphene_rect_t
fit (CytCellPicture *self)
{
  float scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  float width = gtk_widget_get_width (GTK_WIDGET (self)) * scale;
  float height = gtk_widget_get_height (GTK_WIDGET (self)) * scale;
  float side = MIN (width, height), w = side, h = side;

  if (self->texture != NULL)
    {
      float longer = MAX (gdk_texture_get_width (self->texture), gdk_texture_get_height (self->texture));

      w = MAX (1, roundf (side * gdk_texture_get_width (self->texture) / longer));
      h = MAX (1, roundf (side * gdk_texture_get_height (self->texture) / longer));
    }
  return GRAPHENE_RECT_INIT (floorf ((width - w) / 2) / scale, floorf ((height - h) / 2) / scale, w / scale, h / scale);
}

static void
cyt_cell_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytCellPicture *self = CYT_CELL_PICTURE (widget);
  graphene_rect_t rect = fit (self);
  GskRoundedRect clip;

  gsk_rounded_rect_init_from_rect (&clip, &rect, CORNER_RADIUS);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  if (self->texture == NULL)
    draw_nothing (self, snapshot, &rect);
  else
    {
      gtk_snapshot_append_texture (snapshot, self->texture, &rect);
      draw_overlay (self, snapshot, &rect);
    }
  gtk_snapshot_pop (snapshot);
}

static void
cyt_cell_picture_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = CYT_CELL_PICTURE (widget)->size;
}

static void
cyt_cell_picture_dispose (GObject *object)
{
  CytCellPicture *self = CYT_CELL_PICTURE (object);

  g_clear_handle_id (&self->resize_source, g_source_remove);
  g_clear_pointer (&self->request, cyt_texture_request_cancel);
  cyt_cell_picture_set_session (self, NULL);
  cyt_cell_picture_set_item (self, NULL);
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
  self->size = CYT_CELL_PICTURE_SIZE;
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (scale_factor_cb), NULL);
}
