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
  GtkListView *failures;
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

static void
setup_failure_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_list_item_set_activatable (item, FALSE);
  gtk_list_item_set_child (item, label);
}

static void
bind_failure_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_list_item_get_child (item);

  gtk_label_set_markup (GTK_LABEL (label), gtk_string_object_get_string (gtk_list_item_get_item (item)));
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (label)), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_text (GTK_LABEL (label)), -1);
}

static void
failures_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytStatusBar) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) failures = NULL;
  g_autoptr (GtkStringList) rows = gtk_string_list_new (NULL);
  g_autoptr (GtkNoSelection) model = NULL;

  if (self->session == NULL)
    return;
  failures = cyt_session_load_failures_finish (self->session, result, &error);
  if (failures == NULL)
    gtk_string_list_take (rows, g_markup_printf_escaped ("%s\n<small>%s</small>", _("The list could not be read"),
                                                         error->message));
  for (guint i = 0; failures != NULL && i < failures->len; i++)
    {
      const CytCell *cell = failures->pdata[i];
      g_autofree char *path = g_filename_display_name (cell->path);

      gtk_string_list_take (rows, g_markup_printf_escaped ("%s\n<small>%s</small>", path, cell->failure));
    }
  model = gtk_no_selection_new (G_LIST_MODEL (g_steal_pointer (&rows)));
  gtk_list_view_set_model (self->failures, GTK_SELECTION_MODEL (model));
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
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_failure_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_failure_cb), NULL);
  gtk_list_view_set_factory (self->failures, factory);
}
