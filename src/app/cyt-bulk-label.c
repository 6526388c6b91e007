/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-bulk-label.h"
#include "cyt-accessible.h"
#include "cyt-format.h"
#include "cyt-status.h"
#include "cyt-suggestions.h"

struct _CytBulkLabel
{
  AdwMessageDialog parent_instance;

  CytSession *session;
  GArray *latents;

  GtkDropDown *status;         /* the first choice: leave as it is */
  GtkDropDown *confidence;
  GtkEditable *name;
  GtkEditable *category;
  GtkMenuButton *categories;
  GtkEditable *tags;
  GtkMenuButton *known_tags;
};

G_DEFINE_FINAL_TYPE (CytBulkLabel, cyt_bulk_label, ADW_TYPE_MESSAGE_DIALOG)

static char *
dup_text (GtkEditable *entry)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (entry)));
}

static CytConceptFields
get_fields (CytBulkLabel *self)
{
  g_autofree char *name = dup_text (self->name), *category = dup_text (self->category), *tags = dup_text (self->tags);
  CytConceptFields fields = 0;

  if (gtk_drop_down_get_selected (self->status) > 0)
    fields |= CYT_CONCEPT_FIELD_STATUS;
  if (gtk_drop_down_get_selected (self->confidence) > 0)
    fields |= CYT_CONCEPT_FIELD_CONFIDENCE;
  if (name[0] != '\0')
    fields |= CYT_CONCEPT_FIELD_NAME;
  if (category[0] != '\0')
    fields |= CYT_CONCEPT_FIELD_CATEGORY;
  if (tags[0] != '\0')
    fields |= CYT_CONCEPT_FIELD_TAGS;
  return fields;
}

static void
changed_cb (CytBulkLabel *self)
{
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (self), "label", get_fields (self) != 0);
}

static void
replace (char **string, char *with)
{
  g_free (*string);
  *string = with;
}

static CytLabel *
make_label (CytBulkLabel *self, guint latent, CytConceptFields fields)
{
  CytLabel *label = cyt_label_new (latent);
  g_autoptr (CytConcept) old = cyt_session_dup_concept (self->session, latent);
  g_autofree char *tags = g_strjoin (";", old->tags, gtk_editable_get_text (self->tags), NULL);

  label->fields = fields;
  if (fields & CYT_CONCEPT_FIELD_STATUS)
    label->concept->status = gtk_drop_down_get_selected (self->status) - 1;
  if (fields & CYT_CONCEPT_FIELD_CONFIDENCE)
    label->concept->confidence = gtk_drop_down_get_selected (self->confidence) - 1;
  if (fields & CYT_CONCEPT_FIELD_NAME)
    replace (&label->concept->name, dup_text (self->name));
  if (fields & CYT_CONCEPT_FIELD_CATEGORY)
    replace (&label->concept->category, dup_text (self->category));
  if (fields & CYT_CONCEPT_FIELD_TAGS)
    replace (&label->concept->tags, cyt_concept_normalize_tags (tags));
  return label;
}

static void
response_cb (CytBulkLabel *self, const char *response)
{
  g_autoptr (GPtrArray) labels = NULL;
  CytConceptFields fields = get_fields (self);

  if (!g_str_equal (response, "label") || fields == 0)
    return;
  labels = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_label_free);
  for (guint i = 0; i < self->latents->len; i++)
    g_ptr_array_add (labels, make_label (self, g_array_index (self->latents, guint32, i), fields));
  cyt_session_edit_labels (self->session, labels, "bulk edit", NULL);
}

CytBulkLabel *
cyt_bulk_label_new (GtkWindow *parent, CytSession *session, GArray *latents)
{
  CytBulkLabel *self = g_object_new (CYT_TYPE_BULK_LABEL, "transient-for", parent, NULL);
  CytLatentModel *model = cyt_session_get_latents (session);
  g_autofree char *count = cyt_format_count (latents->len), *heading = NULL;
  g_auto (GStrv) categories = cyt_latent_model_list_categories (model);
  g_auto (GStrv) tags = cyt_latent_model_list_tags (model);

  self->session = g_object_ref (session);
  self->latents = g_array_ref (latents);
  heading = g_strdup_printf (ngettext ("Label %s Latent", "Label %s Latents", latents->len), count);
  adw_message_dialog_set_heading (ADW_MESSAGE_DIALOG (self), heading);
  cyt_suggestions_fill (self->categories, self->category, (const char *const *) categories);
  cyt_suggestions_fill (self->known_tags, self->tags, (const char *const *) tags);
  gtk_widget_set_sensitive (GTK_WIDGET (self->categories), categories[0] != NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->known_tags), tags[0] != NULL);
  return self;
}

/* A number sets the status, as in the window, and Enter labels. */
static gboolean
status_key_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  CytBulkLabel *self = CYT_BULK_LABEL (widget);

  gtk_drop_down_set_selected (self->status, 1 + (guint) g_variant_get_int32 (args));
  gtk_widget_grab_focus (gtk_window_get_default_widget (GTK_WINDOW (self)));
  return GDK_EVENT_STOP;
}

static void
cyt_bulk_label_dispose (GObject *object)
{
  CytBulkLabel *self = CYT_BULK_LABEL (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->latents, g_array_unref);
  G_OBJECT_CLASS (cyt_bulk_label_parent_class)->dispose (object);
}

static void
cyt_bulk_label_class_init (CytBulkLabelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_bulk_label_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-bulk-label.ui");
  gtk_widget_class_bind_template_child (widget_class, CytBulkLabel, status);
  gtk_widget_class_bind_template_child (widget_class, CytBulkLabel, confidence);
  gtk_widget_class_bind_template_child (widget_class, CytBulkLabel, name);
  gtk_widget_class_bind_template_child (widget_class, CytBulkLabel, category);
  gtk_widget_class_bind_template_child (widget_class, CytBulkLabel, categories);
  gtk_widget_class_bind_template_child (widget_class, CytBulkLabel, tags);
  gtk_widget_class_bind_template_child (widget_class, CytBulkLabel, known_tags);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, response_cb);
  for (int i = CYT_CONCEPT_UNREVIEWED; i <= CYT_CONCEPT_ARTEFACT; i++)
    {
      gtk_widget_class_add_binding (widget_class, GDK_KEY_1 + (guint) i, 0, status_key_cb, "i", i);
      gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_1 + (guint) i, 0, status_key_cb, "i", i);
    }
}

static void
cyt_bulk_label_init (CytBulkLabel *self)
{
  const char *const confidences[] = { _("Leave as It Is"), _("Not given"), _("Low"), _("Medium"), _("High"), NULL };
  g_autoptr (GtkStringList) statuses = gtk_string_list_new (NULL);
  g_autoptr (GtkStringList) levels = gtk_string_list_new (confidences);

  gtk_widget_init_template (GTK_WIDGET (self));
  cyt_accessible_complete (GTK_WIDGET (self));
  gtk_string_list_append (statuses, _("Leave as It Is"));
  for (guint i = 0; i <= CYT_CONCEPT_ARTEFACT; i++)
    gtk_string_list_append (statuses, cyt_status_get_label (i));
  gtk_drop_down_set_model (self->status, G_LIST_MODEL (statuses));
  gtk_drop_down_set_model (self->confidence, G_LIST_MODEL (levels));
  changed_cb (self);
}
