/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-concept-history.h"
#include "cyt-format.h"
#include "cyt-settings.h"
#include "cyt-status.h"

#define KEY_EXPANDED "card-history"

struct _CytConceptHistory
{
  GtkWidget parent_instance;

  CytSession *session;
  GCancellable *cancellable;
  GtkExpander *expander;
  GtkListBox *changes;
};

G_DEFINE_FINAL_TYPE (CytConceptHistory, cyt_concept_history, GTK_TYPE_WIDGET)

static const char *
label_confidence (const char *nick)
{
  CytConceptConfidence confidence;

  return cyt_concept_confidence_from_nick (nick, &confidence) ? cyt_status_get_confidence_label (confidence) : nick;
}

static char *
describe_change (const CytConceptChange *change)
{
  const char *old_value = change->old_value, *new_value = change->new_value;
  CytConceptStatus status;
  const char *field = change->field;

  if (g_str_equal (field, "status"))
    {
      if (cyt_concept_status_from_nick (old_value, &status))
        old_value = cyt_status_get_label (status);
      if (cyt_concept_status_from_nick (new_value, &status))
        new_value = cyt_status_get_label (status);
      field = cyt_status_get_field_label (CYT_CONCEPT_FIELD_STATUS);
    }
  else if (g_str_equal (field, "name"))
    field = cyt_status_get_field_label (CYT_CONCEPT_FIELD_NAME);
  else if (g_str_equal (field, "category"))
    field = cyt_status_get_field_label (CYT_CONCEPT_FIELD_CATEGORY);
  else if (g_str_equal (field, "note"))
    field = cyt_status_get_field_label (CYT_CONCEPT_FIELD_NOTE);
  else if (g_str_equal (field, "tags"))
    field = cyt_status_get_field_label (CYT_CONCEPT_FIELD_TAGS);
  else if (g_str_equal (field, "confidence"))
    {
      old_value = label_confidence (old_value);
      new_value = label_confidence (new_value);
      field = cyt_status_get_field_label (CYT_CONCEPT_FIELD_CONFIDENCE);
    }
  if (old_value[0] == '\0')
    /* Translators: in a history: field, new value */
    return g_strdup_printf (_("%s: %s"), field, new_value);
  if (new_value[0] == '\0')
    /* Translators: in a history: field, value that was removed */
    return g_strdup_printf (_("%s: “%s” removed"), field, old_value);
  /* Translators: in a history: field, old value, new value */
  return g_strdup_printf (_("%s: %s → %s"), field, old_value, new_value);
}

static GtkWidget *
make_change_row (const CytConceptChange *change)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *row = gtk_list_box_row_new ();
  g_autofree char *what = describe_change (change);
  g_autofree char *when = cyt_format_time (change->at);
  const char *rater = change->rater[0] != '\0' ? change->rater : _("not signed");
  g_autofree char *who = NULL;
  GtkWidget *label;

  label = gtk_label_new (what);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (label), 3);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "caption");
  gtk_box_append (GTK_BOX (box), label);

  if (g_str_equal (change->what, "undo"))
    who = g_strdup_printf (_("%s, %s, by undo"), rater, when);
  else if (g_str_equal (change->what, "redo"))
    who = g_strdup_printf (_("%s, %s, by redo"), rater, when);
  else if (g_str_equal (change->what, "edit"))
    /* Translators: in a history: who, when */
    who = g_strdup_printf (_("%s, %s"), rater, when);
  else
    /* Translators: in a history: who, when, by what, such as "import labels.csv" */
    who = g_strdup_printf (_("%s, %s: %s"), rater, when, change->what);
  label = gtk_label_new (who);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, what,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, who, -1);
  return row;
}

static void
show_changes (CytConceptHistory *self, GPtrArray *changes)
{
  guint n = changes != NULL ? changes->len : 0;
  GtkWidget *child;
  g_autofree char *label = NULL;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->changes))) != NULL)
    gtk_list_box_remove (self->changes, child);
  for (guint i = n; i > 0; i--)
    gtk_list_box_append (self->changes, make_change_row (changes->pdata[i - 1]));
  label = n > 0 ? g_strdup_printf (_("History (%u)"), n) : g_strdup (_("History"));
  gtk_expander_set_label (self->expander, label);
  gtk_widget_set_sensitive (GTK_WIDGET (self->expander), n > 0);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CytConceptHistory) self = user_data;
  g_autoptr (GPtrArray) changes = NULL;

  if (self->session == NULL)
    return;
  changes = cyt_session_load_changes_finish (self->session, result, NULL);
  if (changes != NULL)
    show_changes (self, changes);
}

void
cyt_concept_history_show (CytConceptHistory *self, gint64 latent)
{
  g_return_if_fail (CYT_IS_CONCEPT_HISTORY (self) && self->session != NULL);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (latent < 0 || cyt_session_get_state (self->session) != CYT_SESSION_OPEN)
    {
      show_changes (self, NULL);
      return;
    }
  self->cancellable = g_cancellable_new ();
  cyt_session_load_changes_async (self->session, latent, self->cancellable, loaded_cb, g_object_ref (self));
}

void
cyt_concept_history_set_session (CytConceptHistory *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_CONCEPT_HISTORY (self) && self->session == NULL);

  self->session = g_object_ref (session);
}

static void
expanded_cb (CytConceptHistory *self)
{
  cyt_settings_set_int (KEY_EXPANDED, gtk_expander_get_expanded (self->expander));
}

static void
cyt_concept_history_dispose (GObject *object)
{
  CytConceptHistory *self = CYT_CONCEPT_HISTORY (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_concept_history_parent_class)->dispose (object);
}

static void
cyt_concept_history_class_init (CytConceptHistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cyt_concept_history_dispose;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "concepthistory");
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
cyt_concept_history_init (CytConceptHistory *self)
{
  GtkWidget *list = gtk_list_box_new ();

  self->changes = GTK_LIST_BOX (list);
  gtk_list_box_set_selection_mode (self->changes, GTK_SELECTION_NONE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("History"), -1);
  gtk_widget_add_css_class (list, "changes");
  self->expander = GTK_EXPANDER (gtk_expander_new (_("History")));
  gtk_expander_set_child (self->expander, list);
  gtk_expander_set_expanded (self->expander, cyt_settings_get_int (KEY_EXPANDED, 0));
  gtk_widget_set_sensitive (GTK_WIDGET (self->expander), FALSE);
  g_signal_connect_swapped (self->expander, "notify::expanded", G_CALLBACK (expanded_cb), self);
  gtk_widget_set_parent (GTK_WIDGET (self->expander), GTK_WIDGET (self));
}
