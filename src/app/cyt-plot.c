/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cyt-keys.h"
#include "cyt-plot.h"

#define WHEEL_STEP 1.25
#define KEY_STEP 1.5
#define SIDEWAYS_STEP 60.0      /* pixels that a wheel's step to the side moves */
#define CLICK_DISTANCE 5.0      /* a drag not longer than that is a click */

typedef struct
{
  gboolean dragging;            /* the button is down */
  gboolean moved;
} CytPlotPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (CytPlot, cyt_plot, GTK_TYPE_WIDGET)

static void
motion_cb (CytPlot *self, double x, double y)
{
  CYT_PLOT_GET_CLASS (self)->point (self, &GRAPHENE_POINT_INIT (x, y));
}

static void
leave_cb (CytPlot *self)
{
  CYT_PLOT_GET_CLASS (self)->point (self, NULL);
}

static gboolean
scroll_cb (CytPlot *self, double dx, double dy)
{
  CytPlotPrivate *priv = cyt_plot_get_instance_private (self);
  CytPlotClass *klass = CYT_PLOT_GET_CLASS (self);

  if (klass->is_empty (self) || priv->dragging)
    return GDK_EVENT_PROPAGATE;
  if (dy != 0)
    return klass->zoom (self, pow (WHEEL_STEP, -dy), FALSE);
  klass->begin_move (self);
  klass->move (self, -dx * SIDEWAYS_STEP, 0);
  return GDK_EVENT_STOP;
}

static void
drag_begin_cb (CytPlot *self)
{
  CytPlotPrivate *priv = cyt_plot_get_instance_private (self);

  priv->dragging = TRUE;
  priv->moved = FALSE;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (!CYT_PLOT_GET_CLASS (self)->is_empty (self))
    CYT_PLOT_GET_CLASS (self)->begin_move (self);
}

static void
drag_update_cb (CytPlot *self, double dx, double dy)
{
  CytPlotPrivate *priv = cyt_plot_get_instance_private (self);

  priv->moved |= hypot (dx, dy) > CLICK_DISTANCE;
  if (priv->moved && !CYT_PLOT_GET_CLASS (self)->is_empty (self))
    CYT_PLOT_GET_CLASS (self)->move (self, dx, dy);
}

static void
drag_end_cb (CytPlot *self)
{
  CytPlotPrivate *priv = cyt_plot_get_instance_private (self);

  priv->dragging = FALSE;
}

static void
released_cb (CytPlot *self, int n_press, double x, double y)
{
  CytPlotPrivate *priv = cyt_plot_get_instance_private (self);

  if (!priv->moved && !CYT_PLOT_GET_CLASS (self)->is_empty (self))
    CYT_PLOT_GET_CLASS (self)->click (self, n_press, x, y);
}

static gboolean
key_cb (CytPlot *self, guint key, guint code, GdkModifierType state)
{
  CytPlotClass *klass = CYT_PLOT_GET_CLASS (self);

  if (klass->is_empty (self) || cyt_keys_has_modifier (state))
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      return klass->step (self, -1, 0);
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      return klass->step (self, 1, 0);
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      return klass->step (self, 0, -1);
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      return klass->step (self, 0, 1);
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      klass->zoom (self, KEY_STEP, TRUE);
      return GDK_EVENT_STOP;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      klass->zoom (self, 1 / KEY_STEP, TRUE);
      return GDK_EVENT_STOP;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      klass->zoom (self, 0, TRUE);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      klass->activate (self);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
cyt_plot_class_init (CytPlotClass *klass)
{
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
cyt_plot_init (CytPlot *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new (), *keys = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *drag = gtk_gesture_drag_new (), *click = gtk_gesture_click_new ();

  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect_swapped (drag, "cancel", G_CALLBACK (drag_end_cb), self);
  g_signal_connect_swapped (click, "released", G_CALLBACK (released_cb), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, keys);
}
