/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-missing-banner.h"
#include "cyt-session-share.h"

struct _CytMissingBanner
{
  GtkWidget parent_instance;
  CytSession *session;
  GCancellable *cancellable;   /* of the search under way */
  char *dismissed;             /* root of the data set whose banner was closed */

  GtkRevealer *revealer;
  GtkLabel *text;
};

G_DEFINE_FINAL_TYPE (CytMissingBanner, cyt_missing_banner, GTK_TYPE_WIDGET)

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytMissingBanner) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  const CytDataset *dataset;
  gboolean missing;

  if (self->session == NULL)
    return;
  if (!cyt_session_find_images_finish (self->session, result, &missing, &error))
    {
      /* what cannot be read is told by whoever needs it */
      return;
    }
  dataset = cyt_session_get_dataset (self->session);
  missing = missing && dataset != NULL && g_strcmp0 (self->dismissed, dataset->root) != 0;
  if (missing && dataset->root[0] == '\0')
    text = g_strdup_printf (_("The images of “%s” were not packed with the project; thumbnails stand in for them."),
                            dataset->name);
  else if (missing)
    {
      g_autofree char *root = g_filename_display_name (dataset->root);

      /* Translators: name of a data set, folder */
      text = g_strdup_printf (_("The images of “%s” are no longer in %s; thumbnails stand in for them."), dataset->name,
                              root);
    }
  if (missing)
    gtk_label_set_label (self->text, text);
  gtk_revealer_set_reveal_child (self->revealer, missing);
}

static void
look (CytMissingBanner *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (cyt_session_get_state (self->session) != CYT_SESSION_OPEN || cyt_session_is_indexing (self->session)
      || cyt_session_get_dataset (self->session) == NULL)
    {
      gtk_revealer_set_reveal_child (self->revealer, FALSE);
      return;
    }
  self->cancellable = g_cancellable_new ();
  cyt_session_find_images_async (self->session, self->cancellable, found_cb, g_object_ref (self));
}

static void
close_cb (CytMissingBanner *self)
{
  const CytDataset *dataset = cyt_session_get_dataset (self->session);

  g_free (self->dismissed);
  self->dismissed = dataset != NULL ? g_strdup (dataset->root) : NULL;
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
}

void
cyt_missing_banner_set_session (CytMissingBanner *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_MISSING_BANNER (self) && self->session == NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::dataset", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::indexing", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
}

static void
cyt_missing_banner_dispose (GObject *object)
{
  CytMissingBanner *self = CYT_MISSING_BANNER (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_missing_banner_parent_class)->dispose (object);
}

static void
cyt_missing_banner_finalize (GObject *object)
{
  g_free (CYT_MISSING_BANNER (object)->dismissed);
  G_OBJECT_CLASS (cyt_missing_banner_parent_class)->finalize (object);
}

static void
cyt_missing_banner_class_init (CytMissingBannerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_missing_banner_dispose;
  G_OBJECT_CLASS (klass)->finalize = cyt_missing_banner_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-missing-banner.ui");
  gtk_widget_class_bind_template_child (widget_class, CytMissingBanner, revealer);
  gtk_widget_class_bind_template_child (widget_class, CytMissingBanner, text);
  gtk_widget_class_bind_template_callback (widget_class, close_cb);
}

static void
cyt_missing_banner_init (CytMissingBanner *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
