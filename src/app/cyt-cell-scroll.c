/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-cell-scroll.h"

typedef struct
{
  GtkAdjustment *hadjustment, *vadjustment;
  GtkScrollablePolicy hpolicy, vpolicy;
} CytCellScrollPrivate;

enum
{
  PROP_0,
  PROP_HADJUSTMENT,
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY,
};

enum
{
  ACTIVATE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (CytCellScroll, cyt_cell_scroll, GTK_TYPE_WIDGET,
                                  G_ADD_PRIVATE (CytCellScroll)
                                  G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

gboolean
cyt_cell_scroll_is_rtl (CytCellScroll *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

void
cyt_cell_scroll_activate (CytCellScroll *self, CytCellItem *item)
{
  if (item != NULL)
    g_signal_emit (self, signals[ACTIVATE], 0, item);
}

/* ---- Scrolling ---- */

double
cyt_cell_scroll_get_top (CytCellScroll *self)
{
  CytCellScrollPrivate *priv = cyt_cell_scroll_get_instance_private (self);

  return priv->vadjustment != NULL ? gtk_adjustment_get_value (priv->vadjustment) : 0;
}

void
cyt_cell_scroll_set_top (CytCellScroll *self, double top)
{
  CytCellScrollPrivate *priv = cyt_cell_scroll_get_instance_private (self);

  if (priv->vadjustment != NULL)
    gtk_adjustment_set_value (priv->vadjustment, top);
}

void
cyt_cell_scroll_set_content (CytCellScroll *self, int width, int height, double content_height, double top, double step)
{
  CytCellScrollPrivate *priv = cyt_cell_scroll_get_instance_private (self);
  double upper = MAX (height, content_height);

  if (priv->vadjustment != NULL)
    gtk_adjustment_configure (priv->vadjustment, CLAMP (top, 0, upper - height), 0, upper, step, MAX (step, height - step),
                              height);
  if (priv->hadjustment != NULL)
    gtk_adjustment_configure (priv->hadjustment, 0, 0, width, 1, 1, width);
}

static void
scrolled_cb (CytCellScroll *self)
{
  CYT_CELL_SCROLL_GET_CLASS (self)->scrolled (self);
}

static void
set_adjustment (CytCellScroll *self, GtkAdjustment **place, GtkAdjustment *adjustment)
{
  if (*place == adjustment)
    return;
  if (*place != NULL)
    g_signal_handlers_disconnect_by_func (*place, scrolled_cb, self);
  g_set_object (place, adjustment);
  if (adjustment != NULL)
    g_signal_connect_swapped (adjustment, "value-changed", G_CALLBACK (scrolled_cb), self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

/* ---- Keys ---- */

static gboolean
key_cb (CytCellScroll *self, guint key, guint code, GdkModifierType state)
{
  CytCellStep left = cyt_cell_scroll_is_rtl (self) ? CYT_CELL_STEP_FORWARD : CYT_CELL_STEP_BACK;
  CytCellStep right = cyt_cell_scroll_is_rtl (self) ? CYT_CELL_STEP_BACK : CYT_CELL_STEP_FORWARD, step;

  if ((state & (GDK_ALT_MASK | GDK_SUPER_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      step = left;
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      step = right;
      break;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      step = CYT_CELL_STEP_UP;
      break;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      step = CYT_CELL_STEP_DOWN;
      break;
    case GDK_KEY_Page_Up:
    case GDK_KEY_KP_Page_Up:
      step = CYT_CELL_STEP_PAGE_UP;
      break;
    case GDK_KEY_Page_Down:
    case GDK_KEY_KP_Page_Down:
      step = CYT_CELL_STEP_PAGE_DOWN;
      break;
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      step = CYT_CELL_STEP_FIRST;
      break;
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      step = CYT_CELL_STEP_LAST;
      break;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
      step = CYT_CELL_STEP_OPEN;
      break;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  return CYT_CELL_SCROLL_GET_CLASS (self)->step (self, step, state);
}

/* ---- GObject ---- */

static void
cyt_cell_scroll_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CytCellScrollPrivate *priv = cyt_cell_scroll_get_instance_private (CYT_CELL_SCROLL (object));

  switch (id)
    {
    case PROP_HADJUSTMENT:
      g_value_set_object (value, priv->hadjustment);
      break;
    case PROP_VADJUSTMENT:
      g_value_set_object (value, priv->vadjustment);
      break;
    case PROP_HSCROLL_POLICY:
      g_value_set_enum (value, priv->hpolicy);
      break;
    case PROP_VSCROLL_POLICY:
      g_value_set_enum (value, priv->vpolicy);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cyt_cell_scroll_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CytCellScroll *self = CYT_CELL_SCROLL (object);
  CytCellScrollPrivate *priv = cyt_cell_scroll_get_instance_private (self);

  switch (id)
    {
    case PROP_HADJUSTMENT:
      set_adjustment (self, &priv->hadjustment, g_value_get_object (value));
      break;
    case PROP_VADJUSTMENT:
      set_adjustment (self, &priv->vadjustment, g_value_get_object (value));
      break;
    case PROP_HSCROLL_POLICY:
      priv->hpolicy = g_value_get_enum (value);
      break;
    case PROP_VSCROLL_POLICY:
      priv->vpolicy = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cyt_cell_scroll_dispose (GObject *object)
{
  CytCellScroll *self = CYT_CELL_SCROLL (object);
  CytCellScrollPrivate *priv = cyt_cell_scroll_get_instance_private (self);

  set_adjustment (self, &priv->hadjustment, NULL);
  set_adjustment (self, &priv->vadjustment, NULL);
  G_OBJECT_CLASS (cyt_cell_scroll_parent_class)->dispose (object);
}

static void
cyt_cell_scroll_class_init (CytCellScrollClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = cyt_cell_scroll_get_property;
  object_class->set_property = cyt_cell_scroll_set_property;
  object_class->dispose = cyt_cell_scroll_dispose;
  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");
  signals[ACTIVATE] = g_signal_new ("activate", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, CYT_TYPE_CELL_ITEM);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GRID);
}

static void
cyt_cell_scroll_init (CytCellScroll *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}
