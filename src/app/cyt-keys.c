/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "cyt-keys.h"

static GtkWidget *
get_focus (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);

  return root != NULL ? gtk_root_get_focus (root) : NULL;
}

gboolean
cyt_keys_is_typing (GtkWidget *widget)
{
  GtkWidget *focus = get_focus (widget);

  return focus != NULL && (GTK_IS_EDITABLE (focus) || GTK_IS_TEXT_VIEW (focus));
}

gboolean
cyt_keys_is_on_control (GtkWidget *widget)
{
  GtkWidget *focus = get_focus (widget);

  return focus != NULL
         && (GTK_IS_BUTTON (focus) || GTK_IS_DROP_DOWN (focus) || GTK_IS_CHECK_BUTTON (focus) || GTK_IS_SWITCH (focus)
             || GTK_IS_EXPANDER (focus) || GTK_IS_MENU_BUTTON (focus));
}

gboolean
cyt_keys_has_modifier (GdkModifierType state)
{
  return (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) != 0;
}

/* ---- The pointer ---- */

#define POINTER "cyt-pointer"

typedef struct
{
  double x, y;        /* where it was last; NAN: nowhere yet */
  gboolean pointing;
} Pointer;

static void
motion_cb (Pointer *pointer, double x, double y)
{
  /* GTK tells of a motion as well when something appears under a pointer that rests. */
  pointer->pointing |= !isnan (pointer->x) && (x != pointer->x || y != pointer->y);
  pointer->x = x;
  pointer->y = y;
}

static gboolean
pressed_cb (Pointer *pointer)
{
  pointer->pointing = FALSE;
  return GDK_EVENT_PROPAGATE;
}

void
cyt_keys_watch (GtkWindow *window)
{
  GtkEventController *motion = gtk_event_controller_motion_new (), *keys = gtk_event_controller_key_new ();
  Pointer *pointer = g_new0 (Pointer, 1);

  g_return_if_fail (GTK_IS_WINDOW (window));

  pointer->x = pointer->y = NAN;
  g_object_set_data_full (G_OBJECT (window), POINTER, pointer, g_free);
  gtk_event_controller_set_propagation_phase (motion, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (motion, "enter", G_CALLBACK (motion_cb), pointer);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), pointer);
  gtk_widget_add_controller (GTK_WIDGET (window), motion);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (pressed_cb), pointer);
  gtk_widget_add_controller (GTK_WIDGET (window), keys);
}

gboolean
cyt_keys_is_pointing (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  const Pointer *pointer = root != NULL ? g_object_get_data (G_OBJECT (root), POINTER) : NULL;

  return pointer == NULL || pointer->pointing;
}
