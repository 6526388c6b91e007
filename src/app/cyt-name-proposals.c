/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cyt-format.h"
#include "cyt-name-proposals.h"
#include "cyt-wrap-layout.h"

struct _CytNameProposals
{
  GtkWidget parent_instance;
  CytSession *session;
};

G_DEFINE_FINAL_TYPE (CytNameProposals, cyt_name_proposals, GTK_TYPE_WIDGET)

static CytLatentModel *
get_model (CytNameProposals *self)
{
  return cyt_session_get_latents (self->session);
}

/* A name where there is none, else a tag; one edit like any other. */
static void
accept_cb (GtkButton *button, gpointer user_data)
{
  CytNameProposals *self = user_data;
  const char *name = g_object_get_data (G_OBJECT (button), "name");
  guint latent = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "latent"));
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_label_free);
  g_autoptr (CytConcept) before = cyt_session_dup_concept (self->session, latent);
  CytLabel *label = cyt_label_new (latent);
  g_autofree char *what = g_strdup_printf ("accept suggestion %s", name);

  cyt_concept_copy_fields (label->concept, before, CYT_CONCEPT_ALL_FIELDS);
  if (*before->name == '\0')
    {
      g_free (label->concept->name);
      label->concept->name = g_strdup (name);
      label->fields = CYT_CONCEPT_FIELD_NAME;
      if (before->status == CYT_CONCEPT_UNREVIEWED)
        {
          label->concept->status = CYT_CONCEPT_PROPOSED;
          label->fields |= CYT_CONCEPT_FIELD_STATUS;
        }
    }
  else
    {
      g_autofree char *tags = g_strjoin (";", before->tags, name, NULL);

      g_free (label->concept->tags);
      label->concept->tags = cyt_concept_normalize_tags (tags);
      label->fields = CYT_CONCEPT_FIELD_TAGS;
    }
  g_ptr_array_add (labels, label);
  cyt_session_end_edit (self->session);
  cyt_session_edit_labels (self->session, labels, what, NULL);
}

/* A long name gives way to the numbers. The key that accepts the best one stands beside it. */
static GtkWidget *
make_content (const char *name, const char *numbers, gboolean has_key)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *label = gtk_label_new (name), *found = gtk_label_new (numbers);
  GtkWidget *key;

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (label), 6); /* what is shorter than its ellipsis has no width of its own */
  gtk_widget_add_css_class (found, "numeric");
  gtk_widget_add_css_class (found, "dim-label");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), found);
  if (has_key)
    {
      key = gtk_label_new ("P");
      gtk_widget_add_css_class (key, "key-hint");
      gtk_box_append (GTK_BOX (box), key);
    }
  return box;
}

static void
show_suggestions (CytNameProposals *self, const CytLatentMeasured *measured, guint latent)
{
  guint n;
  const CytSuggestion *suggestions = cyt_latent_measured_get_suggestions (measured, latent, &n);

  for (guint i = 0; i < n; i++)
    {
      const CytSuggestion *s = &suggestions[i];
      GtkWidget *button = gtk_button_new ();
      char *name = cyt_latent_measured_dup_suggested_name (measured, s);
      g_autofree char *auprc = cyt_format_number (s->auprc), *prevalence = cyt_format_number (s->prevalence);
      g_autofree char *bound = cyt_format_number (s->bound), *n_cells = cyt_format_count (s->n_cells);
      /* Translators: a name, the average precision with which it is told, and what chance would give */
      g_autofree char *text = g_strdup_printf (_("%s · %s (chance %s)"), name, auprc, prevalence);
      g_autofree char *numbers = g_strdup_printf ("%s (%s)", auprc, prevalence);
      g_autofree char *hint
        = g_strdup_printf (_("Proposed by the program: the score tells this value with an average precision of %s on %s cells that had "
                             "no part in the choice (prevalence %s; on shuffled cells no latent got more than %s). Click to "
                             "accept it as a name, or as a tag where there is a name."), auprc, n_cells, prevalence, bound);

      gtk_button_set_child (GTK_BUTTON (button), make_content (name, numbers, i == 0));
      gtk_widget_set_tooltip_text (button, hint);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, hint, -1);
      gtk_widget_add_css_class (button, "measure-badge");
      g_object_set_data_full (G_OBJECT (button), "name", name, g_free);
      g_object_set_data (G_OBJECT (button), "latent", GUINT_TO_POINTER (latent));
      g_signal_connect_object (button, "clicked", G_CALLBACK (accept_cb), self, 0);
      gtk_widget_set_sensitive (button, !cyt_session_is_read_only (self->session));
      gtk_widget_set_parent (button, GTK_WIDGET (self));
    }
}

static void
update (CytNameProposals *self)
{
  const CytLatentTable *table = cyt_latent_model_get_current_table (get_model (self));
  const CytLatentMeasured *measured = table != NULL ? table->measured : NULL;
  gint64 latent = cyt_latent_model_get_selected (get_model (self));
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  if (measured != NULL && latent >= 0 && (gsize) latent < measured->n_latents)
    show_suggestions (self, measured, latent);
  gtk_widget_set_visible (GTK_WIDGET (self), gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL);
}

gboolean
cyt_name_proposals_accept_best (CytNameProposals *self)
{
  GtkWidget *best;

  g_return_val_if_fail (CYT_IS_NAME_PROPOSALS (self), FALSE);

  best = gtk_widget_get_first_child (GTK_WIDGET (self));
  if (best == NULL || !gtk_widget_is_sensitive (best))
    return FALSE;
  g_signal_emit_by_name (best, "clicked");
  return TRUE;
}

void
cyt_name_proposals_set_session (CytNameProposals *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_NAME_PROPOSALS (self) && self->session == NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (get_model (self), "notify::selected", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_model (self), "values-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::dataset", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::read-only", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
cyt_name_proposals_dispose (GObject *object)
{
  CytNameProposals *self = CYT_NAME_PROPOSALS (object);
  GtkWidget *child;

  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_name_proposals_parent_class)->dispose (object);
}

static void
cyt_name_proposals_class_init (CytNameProposalsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cyt_name_proposals_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), CYT_TYPE_WRAP_LAYOUT);
}

static void
cyt_name_proposals_init (CytNameProposals *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
