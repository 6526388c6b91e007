/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cyt-cell-view.h"
#include "cyt-format.h"
#include "cyt-keys.h"
#include "cyt-texture-cache.h"

#define N CYT_N_PATCH_SIDE
#define MARGIN 16
/* Larger pictures are shrunk to this, in device pixels: a cell's own pixels are far fewer. */
#define TEXTURE_SIZE 2048
/* The longest a scale bar gets, as a share of the picture. */
#define SCALE_BAR_SHARE 0.28

struct _CytCellView
{
  GtkWidget parent_instance;

  CytSession *session;
  CytInspection *inspection;
  CytTextureRequest *request;
  char *path;               /* of the texture, or of its request */
  GdkTexture *texture;
  gboolean missing;

  GdkTexture *overlay;      /* NULL: to be drawn anew, or nothing to draw */
  gboolean overlay_known;
  guint overlay_patch;      /* device pixels a patch */
  int hovered;              /* token, -1: none */
};

enum
{
  PROP_0,
  PROP_HOVERED,
  PROP_MISSING,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (CytCellView, cyt_cell_view, GTK_TYPE_WIDGET)

int
cyt_cell_view_get_hovered (CytCellView *self)
{
  g_return_val_if_fail (CYT_IS_CELL_VIEW (self), -1);
  return self->hovered;
}

gboolean
cyt_cell_view_is_missing (CytCellView *self)
{
  g_return_val_if_fail (CYT_IS_CELL_VIEW (self), FALSE);
  return self->missing;
}

static void
set_hovered (CytCellView *self, int hovered)
{
  if (hovered == self->hovered)
    return;
  self->hovered = hovered;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_HOVERED]);
}

/* ---- Where things lie ---- */

/* The picture's rectangle: as large as fits, aspect kept, on whole device pixels. */
static graphene_rect_t
get_rect (CytCellView *self)
{
  float width = MAX (1, gtk_widget_get_width (GTK_WIDGET (self)) - 2 * MARGIN);
  float height = MAX (1, gtk_widget_get_height (GTK_WIDGET (self)) - 2 * MARGIN);
  float w = 1, h = 1, scale;

  if (self->texture != NULL)
    {
      w = gdk_texture_get_width (self->texture);
      h = gdk_texture_get_height (self->texture);
    }
  scale = MIN (width / w, height / h);
  w = roundf (w * scale);
  h = roundf (h * scale);
  return GRAPHENE_RECT_INIT (MARGIN + roundf ((width - w) / 2), MARGIN + roundf ((height - h) / 2), w, h);
}

static int
find_token (CytCellView *self, double x, double y)
{
  graphene_rect_t rect = get_rect (self);
  int column = (int) floor ((x - rect.origin.x) / rect.size.width * N);
  int row = (int) floor ((y - rect.origin.y) / rect.size.height * N);

  if (self->texture == NULL || row < 0 || row >= N || column < 0 || column >= N)
    return -1;
  return 1 + N * row + column;
}

static graphene_rect_t
get_patch_rect (const graphene_rect_t *rect, int token)
{
  int row = (token - 1) / N, column = (token - 1) % N;

  return GRAPHENE_RECT_INIT (rect->origin.x + rect->size.width * column / N, rect->origin.y + rect->size.height * row / N,
                             rect->size.width / N, rect->size.height / N);
}

/* ---- What shows ---- */

static void
update_accessible (CytCellView *self)
{
  g_autofree char *name = NULL, *text = NULL, *value = NULL;
  int place;

  if (self->inspection == NULL)
    return;
  name = self->path != NULL ? g_filename_display_basename (self->path) : g_strdup ("");
  place = cyt_inspection_get_place (self->inspection);
  if (place > CYT_PLACE_CLS)
    {
      value = cyt_format_number (cyt_inspection_get_value (self->inspection, place));
      /* Translators: for screen readers: file name, row, column, activation */
      text = g_strdup_printf (_("Cell %s, row %d, column %d, activation %s"), name, 1 + (place - 1) / N,
                              1 + (place - 1) % N, value);
    }
  else
    /* Translators: for screen readers: file name */
    text = g_strdup_printf (_("Cell %s; arrow keys choose a patch"), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
texture_cb (GdkTexture *texture, gboolean missing, gpointer user_data)
{
  CytCellView *self = user_data;

  self->request = NULL;
  g_set_object (&self->texture, texture);
  self->missing = missing;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MISSING]);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
load_texture (CytCellView *self)
{
  const char *path = self->inspection != NULL ? cyt_inspection_get_path (self->inspection) : NULL;
  const CytCellFacts *facts = self->inspection != NULL ? cyt_inspection_get_facts (self->inspection) : NULL;

  if (g_strcmp0 (path, self->path) == 0)
    return;
  g_clear_pointer (&self->request, cyt_texture_request_cancel);
  g_clear_object (&self->texture);
  g_free (self->path);
  self->path = g_strdup (path);
  self->missing = FALSE;
  if (path != NULL)
    self->request = cyt_texture_cache_request (cyt_texture_cache_get_default (), path,
                                               facts != NULL ? facts->thumbnail : NULL, TEXTURE_SIZE, texture_cb, self);
}

static void
changed_cb (CytCellView *self)
{
  g_clear_object (&self->overlay);
  self->overlay_known = FALSE;
  load_texture (self);
  update_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
inspection_cb (CytCellView *self)
{
  g_set_object (&self->inspection, cyt_session_get_inspection (self->session));
  set_hovered (self, -1);
  changed_cb (self);
}

void
cyt_cell_view_set_session (CytCellView *self, CytSession *session)
{
  static const char *const properties[] = { "notify::overlay-mode", "notify::shared-scale", "notify::scale-max",
                                            "notify::colormap" };

  g_return_if_fail (CYT_IS_CELL_VIEW (self) && self->session == NULL);

  self->session = g_object_ref (session);
  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++)
    g_signal_connect_object (session, properties[i], G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::opacity", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::overlay-hidden", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  cyt_session_watch_inspection (session, "changed", G_CALLBACK (changed_cb), self);
  cyt_session_watch_inspection (session, "selection-changed", G_CALLBACK (changed_cb), self);
  g_signal_connect_object (session, "notify::inspection", G_CALLBACK (inspection_cb), self, G_CONNECT_SWAPPED);
  inspection_cb (self);
}

/* ---- Drawing ---- */

/* Rendered opaque and once; opacity is applied while drawing, so the slider is live. */
static void
update_overlay (CytCellView *self, const graphene_rect_t *rect)
{
  CytOverlayStyle style = CYT_OVERLAY_STYLE_INIT;
  guint patch = MAX (1, ceil (MAX (rect->size.width, rect->size.height) / N
                              * gtk_widget_get_scale_factor (GTK_WIDGET (self))));
  CytLatentModel *latents = cyt_session_get_latents (self->session);
  cairo_surface_t *surface;
  g_autoptr (GBytes) bytes = NULL;
  CytSparseMap map;

  if (self->overlay_known && self->overlay_patch == patch)
    return;
  g_clear_object (&self->overlay);
  self->overlay_known = TRUE;
  self->overlay_patch = patch;
  style.mode = cyt_session_get_overlay_mode (self->session);
  style.colormap = cyt_session_get_colormap (self->session);
  style.opacity = 1;
  /* The shared scale is that of the concept from which one came. */
  if (cyt_session_get_shared_scale (self->session)
      && cyt_inspection_get_latent (self->inspection) == cyt_latent_model_get_selected (latents))
    style.scale_max = cyt_session_get_scale_max (self->session);
  if (style.mode == CYT_OVERLAY_OFF || !cyt_inspection_get_map (self->inspection, &map) || map.n == 0)
    return;

  surface = cyt_overlay_create_surface (&map, &style, patch);
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
append_frame (GtkSnapshot *snapshot, const graphene_rect_t *rect, float grow, float width, const GdkRGBA *color)
{
  graphene_rect_t outer = *rect;
  GskRoundedRect rounded;

  graphene_rect_inset (&outer, -grow, -grow);
  gsk_rounded_rect_init_from_rect (&rounded, &outer, 1);
  gtk_snapshot_append_border (snapshot, &rounded, (float[4]) { width, width, width, width },
                              (GdkRGBA[4]) { *color, *color, *color, *color });
}

/* Light on dark on light: to be seen on any stain. */
static void
append_patch (GtkSnapshot *snapshot, const graphene_rect_t *rect, int token, gboolean chosen)
{
  const GdkRGBA light = { 1, 1, 1, 1 }, dark = { 0, 0, 0, 0.75 };
  graphene_rect_t patch = get_patch_rect (rect, token);

  append_frame (snapshot, &patch, chosen ? 3 : 2, 1, &dark);
  append_frame (snapshot, &patch, chosen ? 2 : 1, chosen ? 2 : 1, &light);
  if (chosen)
    append_frame (snapshot, &patch, 0, 1, &dark);
}

static void
append_grid (GtkSnapshot *snapshot, const graphene_rect_t *rect)
{
  const GdkRGBA light = { 1, 1, 1, 0.28 }, dark = { 0, 0, 0, 0.2 };

  for (int i = 1; i < N; i++)
    {
      float x = roundf (rect->origin.x + rect->size.width * i / N), y = roundf (rect->origin.y + rect->size.height * i / N);

      gtk_snapshot_append_color (snapshot, &light, &GRAPHENE_RECT_INIT (x, rect->origin.y, 1, rect->size.height));
      gtk_snapshot_append_color (snapshot, &dark, &GRAPHENE_RECT_INIT (x + 1, rect->origin.y, 1, rect->size.height));
      gtk_snapshot_append_color (snapshot, &light, &GRAPHENE_RECT_INIT (rect->origin.x, y, rect->size.width, 1));
      gtk_snapshot_append_color (snapshot, &dark, &GRAPHENE_RECT_INIT (rect->origin.x, y + 1, rect->size.width, 1));
    }
}

/* 1, 2 or 5 times a power of ten µm, as long as it may get. */
static double
choose_length (double most)
{
  double power = pow (10, floor (log10 (most)));

  return most >= 5 * power ? 5 * power : most >= 2 * power ? 2 * power : power;
}

static void
append_scale_bar (CytCellView *self, GtkSnapshot *snapshot, const graphene_rect_t *rect)
{
  const CytCellFacts *facts = cyt_inspection_get_facts (self->inspection);
  const GdkRGBA light = { 1, 1, 1, 0.95 }, dark = { 0, 0, 0, 0.7 };
  double um_per_px, length;
  float width, x, y;
  g_autofree char *number = NULL, *text = NULL;
  g_autoptr (PangoLayout) layout = NULL;
  int text_width, text_height;

  if (facts == NULL || isnan (facts->dataset->pixel_size) || facts->cell->width == 0 || self->texture == NULL)
    return;
  um_per_px = facts->dataset->pixel_size * facts->cell->width / rect->size.width;
  length = choose_length (um_per_px * rect->size.width * SCALE_BAR_SHARE);
  width = length / um_per_px;
  x = rect->origin.x + 14;
  y = rect->origin.y + rect->size.height - 18;
  number = g_strdup_printf ("%g", length); /* a round one */
  text = g_strdup_printf (_("%s µm"), number);
  layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  gtk_snapshot_append_color (snapshot, &dark,
                             &GRAPHENE_RECT_INIT (x - 8, y - text_height - 8, MAX (width, text_width) + 16, text_height + 20));
  gtk_snapshot_append_color (snapshot, &light, &GRAPHENE_RECT_INIT (x, y, width, 4));
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y - text_height - 3));
  gtk_snapshot_append_layout (snapshot, layout, &light);
  gtk_snapshot_restore (snapshot);
}

static void
cyt_cell_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CytCellView *self = CYT_CELL_VIEW (widget);
  graphene_rect_t rect = get_rect (self);
  int place;

  if (self->inspection == NULL)
    return;
  if (self->texture == NULL)
    {
      const GdkRGBA grey = { 0.5, 0.5, 0.5, 0.12 };

      gtk_snapshot_append_color (snapshot, &grey, &rect);
      return;
    }
  gtk_snapshot_append_texture (snapshot, self->texture, &rect);
  update_overlay (self, &rect);
  if (self->overlay != NULL && !cyt_session_get_overlay_hidden (self->session))
    {
      gtk_snapshot_push_opacity (snapshot, cyt_session_get_opacity (self->session));
      gtk_snapshot_append_texture (snapshot, self->overlay, &rect);
      gtk_snapshot_pop (snapshot);
    }
  place = cyt_inspection_get_place (self->inspection);
  if (self->hovered > 0)
    append_grid (snapshot, &rect);
  if (self->hovered > 0 && self->hovered != place)
    append_patch (snapshot, &rect, self->hovered, FALSE);
  if (place > CYT_PLACE_CLS)
    append_patch (snapshot, &rect, place, TRUE);
  append_scale_bar (self, snapshot, &rect);
}

/* ---- Pointer and keys ---- */

static void
motion_cb (CytCellView *self, double x, double y)
{
  set_hovered (self, self->inspection != NULL ? find_token (self, x, y) : -1);
}

static void
leave_cb (CytCellView *self)
{
  set_hovered (self, -1);
}

static void
pressed_cb (CytCellView *self, int n_press, double x, double y)
{
  int token = self->inspection != NULL ? find_token (self, x, y) : -1;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (token > 0)
    cyt_inspection_set_place (self->inspection, token);
}

static gboolean
key_cb (CytCellView *self, guint key, guint code, GdkModifierType state)
{
  int place, row, column;

  if (self->inspection == NULL || cyt_keys_has_modifier (state))
    return GDK_EVENT_PROPAGATE;
  place = cyt_inspection_get_place (self->inspection);
  row = place > 0 ? (place - 1) / N : N / 2;
  column = place > 0 ? (place - 1) % N : N / 2;
  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      column--;
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      column++;
      break;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      row--;
      break;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      row++;
      break;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  if (place <= 0)
    row = column = N / 2;
  set_hovered (self, -1); /* what the keys say counts now */
  cyt_inspection_set_place (self->inspection, 1 + N * CLAMP (row, 0, N - 1) + CLAMP (column, 0, N - 1));
  return GDK_EVENT_STOP;
}

static void
cyt_cell_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                       int *minimum_baseline, int *natural_baseline)
{
  *minimum = 160;
  *natural = 600;
}

/* ---- GObject ---- */

static void
cyt_cell_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CytCellView *self = CYT_CELL_VIEW (object);

  switch (id)
    {
    case PROP_HOVERED:
      g_value_set_int (value, self->hovered);
      break;
    case PROP_MISSING:
      g_value_set_boolean (value, self->missing);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cyt_cell_view_dispose (GObject *object)
{
  CytCellView *self = CYT_CELL_VIEW (object);

  g_clear_pointer (&self->request, cyt_texture_request_cancel);
  g_clear_object (&self->inspection);
  g_clear_object (&self->texture);
  g_clear_object (&self->overlay);
  g_clear_object (&self->session);
  g_clear_pointer (&self->path, g_free);
  G_OBJECT_CLASS (cyt_cell_view_parent_class)->dispose (object);
}

static void
cyt_cell_view_class_init (CytCellViewClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cyt_cell_view_dispose;
  object_class->get_property = cyt_cell_view_get_property;
  widget_class->snapshot = cyt_cell_view_snapshot;
  widget_class->measure = cyt_cell_view_measure;
  props[PROP_HOVERED] = g_param_spec_int ("hovered", NULL, NULL, -1, CYT_N_TOKENS - 1, -1, flags);
  props[PROP_MISSING] = g_param_spec_boolean ("missing", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gtk_widget_class_set_css_name (widget_class, "cellview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
cyt_cell_view_init (CytCellView *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new (), *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->hovered = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}
