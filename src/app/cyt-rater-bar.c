/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cyt-rater-bar.h"

struct _CytRaterBar
{
  GtkWidget parent_instance;
  CytSession *session;
  gboolean closed;

  GtkRevealer *revealer;
  GtkEditable *name;
  GtkWidget *use;
};

G_DEFINE_FINAL_TYPE (CytRaterBar, cyt_rater_bar, GTK_TYPE_WIDGET)

enum
{
  DONE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static char *
dup_name (CytRaterBar *self)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (self->name)));
}

/* The name that the system knows; a login name would be nobody's. */
static const char *
get_suggestion (void)
{
  const char *name = g_get_real_name ();

  return g_str_equal (name, "Unknown") || g_str_equal (name, g_get_user_name ()) ? "" : name;
}

static void
needed_cb (CytRaterBar *self)
{
  if (self->closed || gtk_revealer_get_reveal_child (self->revealer))
    return;
  gtk_editable_set_text (self->name, get_suggestion ());
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
}

static void
finish (CytRaterBar *self)
{
  gboolean had_focus = gtk_widget_get_focus_child (GTK_WIDGET (self)) != NULL;

  gtk_revealer_set_reveal_child (self->revealer, FALSE);
  if (had_focus)
    g_signal_emit (self, signals[DONE], 0);
}

static void
name_changed_cb (CytRaterBar *self)
{
  g_autofree char *name = dup_name (self);

  gtk_widget_set_sensitive (self->use, name[0] != '\0');
}

static void
use_cb (CytRaterBar *self)
{
  g_autofree char *name = dup_name (self);

  if (name[0] == '\0')
    return;
  cyt_session_set_rater (self->session, name);
  finish (self);
}

static void
close_cb (CytRaterBar *self)
{
  self->closed = TRUE;
  finish (self);
}

static gboolean
key_cb (CytRaterBar *self, guint key)
{
  if (key != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  close_cb (self);
  return GDK_EVENT_STOP;
}

void
cyt_rater_bar_set_session (CytRaterBar *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_RATER_BAR (self) && self->session == NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "rater-needed", G_CALLBACK (needed_cb), self, G_CONNECT_SWAPPED);
}

static void
cyt_rater_bar_dispose (GObject *object)
{
  CytRaterBar *self = CYT_RATER_BAR (object);
  GtkWidget *child;

  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_rater_bar_parent_class)->dispose (object);
}

static void
cyt_rater_bar_class_init (CytRaterBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_rater_bar_dispose;
  signals[DONE] = g_signal_new ("done", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-rater-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, CytRaterBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, CytRaterBar, name);
  gtk_widget_class_bind_template_child (widget_class, CytRaterBar, use);
  gtk_widget_class_bind_template_callback (widget_class, name_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, use_cb);
  gtk_widget_class_bind_template_callback (widget_class, close_cb);
}

static void
cyt_rater_bar_init (CytRaterBar *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}
