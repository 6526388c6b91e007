/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-format.h"
#include "cyt-status-bar.h"

struct _CytStatusBar
{
  GtkWidget parent_instance;
  CytSession *session;
  GtkLabel *text;
  GtkProgressBar *progress;
  GtkMenuButton *failed;
  GtkListBox *failures;
  GtkWidget *cancel;
  GtkWidget *resume;
  GtkWidget *buttons;
};

G_DEFINE_FINAL_TYPE (CytStatusBar, cyt_status_bar, GTK_TYPE_WIDGET)

static void
update (CytStatusBar *self)
{
  gboolean indexing = cyt_session_is_indexing (self->session), can_continue;
  g_autofree char *text = NULL, *n = NULL, *failed = NULL;
  guint n_failed;
  double progress;

  g_object_get (self->session, "status-text", &text, "progress", &progress, "n-failed", &n_failed,
                "can-continue", &can_continue, NULL);
  gtk_label_set_label (self->text, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->progress), indexing || can_continue);
  gtk_widget_set_hexpand (self->buttons, !(indexing || can_continue));
  if (progress < 0)
    gtk_progress_bar_pulse (self->progress);
  else
    gtk_progress_bar_set_fraction (self->progress, progress);
  gtk_widget_set_visible (self->cancel, indexing);
  gtk_widget_set_visible (self->resume, can_continue);

  gtk_widget_set_visible (GTK_WIDGET (self->failed), n_failed > 0);
  n = cyt_format_count (n_failed);
  if (cyt_session_is_published (self->session))
    failed = g_strdup_printf (ngettext ("%s image is missing", "%s images are missing", n_failed), n);
  else
    failed = g_strdup_printf (ngettext ("%s image could not be read", "%s images could not be read", n_failed), n);
  gtk_menu_button_set_label (self->failed, failed);
}

static void
cancel_cb (CytStatusBar *self)
{
  cyt_session_cancel_index (self->session);
}

static void
resume_cb (CytStatusBar *self)
{
  cyt_session_continue_index (self->session);
}

static GtkWidget *
make_failure_row (const char *title, const char *reason)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *path = gtk_label_new (title), *label = gtk_label_new (reason);

  gtk_label_set_xalign (GTK_LABEL (path), 0);
  gtk_label_set_ellipsize (GTK_LABEL (path), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (GTK_BOX (box), path);
  gtk_box_append (GTK_BOX (box), label);
  return box;
}

static void
failures_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytStatusBar) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) failures = NULL;
  GtkWidget *child;

  if (self->session == NULL)
    return;
  failures = cyt_session_load_failures_finish (self->session, result, &error);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->failures))) != NULL)
    gtk_list_box_remove (self->failures, child);
  if (failures == NULL)
    {
      gtk_list_box_append (self->failures, make_failure_row (_("The list could not be read"), error->message));
      return;
    }
  for (guint i = 0; i < failures->len; i++)
    {
      const CytCell *cell = failures->pdata[i];

      gtk_list_box_append (self->failures, make_failure_row (cell->path, cell->failure));
    }
}

static void
show_failures_cb (CytStatusBar *self)
{
  if (cyt_session_get_dataset (self->session) != NULL)
    cyt_session_load_failures_async (self->session, failures_loaded_cb, g_object_ref (self));
}

void
cyt_status_bar_set_session (CytStatusBar *self, CytSession *session)
{
  static const char *const properties[] = { "notify::indexing", "notify::progress", "notify::status-text",
                                            "notify::can-continue", "notify::n-failed" };

  g_return_if_fail (CYT_IS_STATUS_BAR (self) && self->session == NULL);

  self->session = g_object_ref (session);
  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++)
    g_signal_connect_object (session, properties[i], G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
cyt_status_bar_dispose (GObject *object)
{
  CytStatusBar *self = CYT_STATUS_BAR (object);
  GtkWidget *child;

  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_status_bar_parent_class)->dispose (object);
}

static void
cyt_status_bar_class_init (CytStatusBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_status_bar_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-status-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, CytStatusBar, text);
  gtk_widget_class_bind_template_child (widget_class, CytStatusBar, progress);
  gtk_widget_class_bind_template_child (widget_class, CytStatusBar, failed);
  gtk_widget_class_bind_template_child (widget_class, CytStatusBar, failures);
  gtk_widget_class_bind_template_child (widget_class, CytStatusBar, cancel);
  gtk_widget_class_bind_template_child (widget_class, CytStatusBar, resume);
  gtk_widget_class_bind_template_child (widget_class, CytStatusBar, buttons);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, resume_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_failures_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
cyt_status_bar_init (CytStatusBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
