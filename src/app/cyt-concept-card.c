/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cyt-completion.h"
#include "cyt-concept-card.h"
#include "cyt-concept-history.h"
#include "cyt-latent-facts.h"
#include "cyt-name-proposals.h"
#include "cyt-status.h"
#include "cyt-suggestions.h"
#include "cyt-tag-editor.h"

#define SAVE_DELAY_MS 600

/* WBCAtt's attributes (Tsutsui et al. 2023) as a start; experts add their own. */
static const char *const vocabulary[] = {
  N_ ("cell size"),         N_ ("cell shape"),        N_ ("nucleus shape"),
  N_ ("nuclear-cytoplasmic ratio"), N_ ("chromatin density"), N_ ("cytoplasm vacuole"),
  N_ ("cytoplasm texture"), N_ ("cytoplasm colour"),  N_ ("granule type"),
  N_ ("granule colour"),    N_ ("granularity"),
};

struct _CytConceptCard
{
  GtkWidget parent_instance;

  CytSession *session;
  gint64 latent;               /* the one shown; -1 for none */
  CytConceptFields dirty;      /* typed and not handed to the session yet */
  gboolean loading;            /* the widgets change by program */
  guint save_source;

  CytCompletion *names;
  CytCompletion *kinds;

  GtkStack *stack;
  GtkWidget *editors;
  GtkEntry *name;
  CytNameProposals *proposals;
  GtkEntry *category;
  GtkMenuButton *categories;
  GtkBox *statuses;
  GtkToggleButton *status[CYT_N_STATUSES];
  GtkBox *confidences;
  GtkToggleButton *confidence[CYT_CONCEPT_CONFIDENCE_HIGH + 1]; /* without NONE */
  CytTagEditor *tags;
  GtkTextView *note;
  GtkWidget *note_hint;
  GtkStack *saved;
  CytLatentFacts *facts;
  CytConceptHistory *history;
};

enum
{
  DONE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CytConceptCard, cyt_concept_card, GTK_TYPE_WIDGET)

static CytLatentModel *
get_model (CytConceptCard *self)
{
  return cyt_session_get_latents (self->session);
}

/* What is typed and not saved yet is not called saved. */
static void
show_save_state (CytConceptCard *self)
{
  static const char *const pages[] = { "idle", "busy", "done", "failed" };
  CytSaveState state = cyt_session_get_save_state (self->session);

  if (self->dirty != 0 && state != CYT_SAVE_FAILED)
    state = CYT_SAVE_BUSY;
  gtk_stack_set_visible_child_name (self->saved, pages[state]);
}

/* ---- From the widgets to the session ---- */

/* Whoever names a latent proposes that name; without it nothing is proposed. */
static void
follow_name (CytConceptCard *self, const char *name)
{
  CytConceptStatus from = name[0] != '\0' ? CYT_CONCEPT_UNREVIEWED : CYT_CONCEPT_PROPOSED;
  CytConceptStatus to = name[0] != '\0' ? CYT_CONCEPT_PROPOSED : CYT_CONCEPT_UNREVIEWED;

  if (!(self->dirty & CYT_CONCEPT_FIELD_NAME) || !gtk_toggle_button_get_active (self->status[from]))
    return;
  self->dirty |= CYT_CONCEPT_FIELD_STATUS;
  self->loading = TRUE;
  gtk_toggle_button_set_active (self->status[to], TRUE);
  self->loading = FALSE;
}

void
cyt_concept_card_commit (CytConceptCard *self)
{
  g_autoptr (CytConcept) concept = NULL;
  GtkTextBuffer *buffer;
  GtkTextIter start, end;
  CytConceptFields fields;

  g_return_if_fail (CYT_IS_CONCEPT_CARD (self));

  g_clear_handle_id (&self->save_source, g_source_remove);
  cyt_tag_editor_commit (self->tags);
  if (self->latent < 0 || self->dirty == 0)
    return;
  buffer = gtk_text_view_get_buffer (self->note);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  concept = cyt_concept_new (self->latent);
  g_free (concept->name);
  concept->name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));
  follow_name (self, concept->name);
  g_free (concept->category);
  concept->category = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->category))));
  g_free (concept->note);
  concept->note = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  for (guint i = 0; i < CYT_N_STATUSES; i++)
    if (gtk_toggle_button_get_active (self->status[i]))
      concept->status = i;
  for (guint i = CYT_CONCEPT_CONFIDENCE_LOW; i <= CYT_CONCEPT_CONFIDENCE_HIGH; i++)
    if (gtk_toggle_button_get_active (self->confidence[i]))
      concept->confidence = i;
  g_free (concept->tags);
  concept->tags = g_strdup (cyt_tag_editor_get_tags (self->tags));
  fields = self->dirty;
  self->dirty = 0;
  cyt_session_edit_concept (self->session, concept, fields);
  show_save_state (self);
}

static gboolean
save_cb (gpointer user_data)
{
  CytConceptCard *self = user_data;

  self->save_source = 0;
  cyt_concept_card_commit (self);
  return G_SOURCE_REMOVE;
}

static void
touch (CytConceptCard *self, CytConceptFields field)
{
  if (self->loading || self->latent < 0)
    return;
  self->dirty |= field;
  show_save_state (self);
  g_clear_handle_id (&self->save_source, g_source_remove);
  self->save_source = g_timeout_add (SAVE_DELAY_MS, save_cb, self);
}

static void
name_changed_cb (CytConceptCard *self)
{
  touch (self, CYT_CONCEPT_FIELD_NAME);
}

static void
category_changed_cb (CytConceptCard *self)
{
  touch (self, CYT_CONCEPT_FIELD_CATEGORY);
}

static void
note_changed_cb (CytConceptCard *self)
{
  touch (self, CYT_CONCEPT_FIELD_NOTE);
}

/* What does not fit any more is left out, and the user is told: the project would refuse the whole of it. */
static void
note_insert_cb (GtkTextBuffer *buffer, GtkTextIter *location, const char *text, int size, gpointer user_data)
{
  CytConceptCard *self = user_data;
  GtkTextIter start, end;
  g_autofree char *note = NULL;
  gsize room;
  const char *cut;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  note = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  room = CYT_CONCEPT_MAX_NOTE - MIN (strlen (note), CYT_CONCEPT_MAX_NOTE);
  gtk_widget_set_visible (self->note_hint, (gsize) size > room);
  if ((gsize) size <= room)
    return;
  cut = g_utf8_find_prev_char (text, text + room + 1);
  g_signal_stop_emission_by_name (buffer, "insert-text");
  if (cut != NULL && cut > text)
    gtk_text_buffer_insert (buffer, location, text, cut - text);
  gtk_widget_set_visible (self->note_hint, TRUE);
}

static void
tags_changed_cb (CytConceptCard *self)
{
  if (self->loading || self->latent < 0)
    return;
  self->dirty |= CYT_CONCEPT_FIELD_TAGS;
  cyt_concept_card_commit (self);
  cyt_session_end_edit (self->session);
}

static void
end_edit (CytConceptCard *self)
{
  cyt_concept_card_commit (self);
  if (self->session != NULL)
    cyt_session_end_edit (self->session);
}

static void
name_activate_cb (CytConceptCard *self)
{
  end_edit (self);
  g_signal_emit (self, signals[DONE], 0);
}

static void
status_toggled_cb (CytConceptCard *self, GtkToggleButton *button)
{
  if (self->loading || !gtk_toggle_button_get_active (button))
    return;
  end_edit (self);
  self->dirty |= CYT_CONCEPT_FIELD_STATUS;
  end_edit (self);
}

/* At most one is pressed; pressed once more it is taken back. */
static void
confidence_toggled_cb (CytConceptCard *self, GtkToggleButton *button)
{
  if (self->loading)
    return;
  self->loading = TRUE;
  for (guint i = CYT_CONCEPT_CONFIDENCE_LOW; i <= CYT_CONCEPT_CONFIDENCE_HIGH; i++)
    if (self->confidence[i] != button)
      gtk_toggle_button_set_active (self->confidence[i], FALSE);
  self->loading = FALSE;
  end_edit (self);
  self->dirty |= CYT_CONCEPT_FIELD_CONFIDENCE;
  end_edit (self);
}

void
cyt_concept_card_set_status (CytConceptCard *self, CytConceptStatus status)
{
  g_return_if_fail (CYT_IS_CONCEPT_CARD (self));

  if (self->latent >= 0 && gtk_widget_get_sensitive (self->editors))
    gtk_toggle_button_set_active (self->status[status], TRUE);
}

void
cyt_concept_card_focus_name (CytConceptCard *self)
{
  g_return_if_fail (CYT_IS_CONCEPT_CARD (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->name));
}

void
cyt_concept_card_accept_proposal (CytConceptCard *self)
{
  g_return_if_fail (CYT_IS_CONCEPT_CARD (self));
  cyt_concept_card_commit (self);
  cyt_name_proposals_accept_best (self->proposals);
}

/* ---- From the session to the widgets ---- */

static void
set_text (GtkEntry *entry, const char *text)
{
  if (!g_str_equal (gtk_editable_get_text (GTK_EDITABLE (entry)), text))
    gtk_editable_set_text (GTK_EDITABLE (entry), text);
}

static GStrv
list_names (gpointer user_data)
{
  return cyt_latent_model_list_names (get_model (user_data));
}

static GStrv
list_tags (gpointer user_data)
{
  return cyt_latent_model_list_tags (get_model (user_data));
}

/* Those in use, then the vocabulary. */
static GStrv
list_categories (gpointer user_data)
{
  g_auto (GStrv) used = cyt_latent_model_list_categories (get_model (user_data));
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  g_strv_builder_addv (words, (const char **) used);
  for (gsize i = 0; i < G_N_ELEMENTS (vocabulary); i++)
    if (!g_strv_contains ((const char *const *) used, _(vocabulary[i])))
      g_strv_builder_add (words, _(vocabulary[i]));
  return g_strv_builder_end (words);
}

static void
load_categories (CytConceptCard *self)
{
  g_auto (GStrv) words = list_categories (self);

  cyt_suggestions_fill (self->categories, GTK_EDITABLE (self->category), (const char *const *) words);
}

/* Shows the session's label, except for what is being typed. */
static void
load_concept (CytConceptCard *self)
{
  g_autoptr (CytConcept) concept = NULL;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->note);
  GtkTextIter start, end;
  g_autofree char *note = NULL;

  if (self->latent < 0)
    return;
  concept = cyt_session_dup_concept (self->session, self->latent);
  self->loading = TRUE;
  if (!(self->dirty & CYT_CONCEPT_FIELD_NAME))
    {
      g_autofree char *typed = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));

      /* A space at the end, on the way to the next word, stays. */
      if (!g_str_equal (typed, concept->name))
        set_text (self->name, concept->name);
    }
  if (!(self->dirty & CYT_CONCEPT_FIELD_CATEGORY))
    {
      g_autofree char *typed = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->category))));

      if (!g_str_equal (typed, concept->category))
        set_text (self->category, concept->category);
    }
  gtk_toggle_button_set_active (self->status[concept->status], TRUE);
  for (guint i = CYT_CONCEPT_CONFIDENCE_LOW; i <= CYT_CONCEPT_CONFIDENCE_HIGH; i++)
    gtk_toggle_button_set_active (self->confidence[i], i == (guint) concept->confidence);
  cyt_tag_editor_set_tags (self->tags, concept->tags);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  note = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  if (!(self->dirty & CYT_CONCEPT_FIELD_NOTE) && !g_str_equal (note, concept->note))
    gtk_text_buffer_set_text (buffer, concept->note, -1);
  self->loading = FALSE;
}

static void
selected_cb (CytConceptCard *self)
{
  end_edit (self);
  self->latent = cyt_latent_model_get_selected (get_model (self));
  gtk_stack_set_visible_child_name (self->stack, self->latent >= 0 ? "card" : "none");
  gtk_widget_set_visible (self->note_hint, FALSE);
  load_concept (self);
  cyt_concept_history_show (self->history, self->latent);
}

static void
concept_changed_cb (CytConceptCard *self, guint latent)
{
  if (latent == self->latent)
    {
      load_concept (self);
      cyt_concept_history_show (self->history, self->latent);
    }
}

static void
save_state_cb (CytConceptCard *self)
{
  show_save_state (self);
  if (cyt_session_get_save_state (self->session) == CYT_SAVE_DONE)
    load_categories (self);
}

static void
read_only_cb (CytConceptCard *self)
{
  gtk_widget_set_sensitive (self->editors, !cyt_session_is_read_only (self->session));
}

void
cyt_concept_card_set_session (CytConceptCard *self, CytSession *session)
{
  g_return_if_fail (CYT_IS_CONCEPT_CARD (self) && self->session == NULL);

  self->session = g_object_ref (session);
  cyt_latent_facts_set_session (self->facts, session);
  cyt_name_proposals_set_session (self->proposals, session);
  cyt_concept_history_set_session (self->history, session);
  self->names = cyt_completion_new (GTK_WIDGET (self), GTK_EDITABLE (self->name), list_names, self);
  self->kinds = cyt_completion_new (GTK_WIDGET (self), GTK_EDITABLE (self->category), list_categories, self);
  cyt_tag_editor_set_words (self->tags, list_tags, self);
  g_signal_connect_object (get_model (self), "notify::selected", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "concept-changed", G_CALLBACK (concept_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::save-state", G_CALLBACK (save_state_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::read-only", G_CALLBACK (read_only_cb), self, G_CONNECT_SWAPPED);
  load_categories (self);
  selected_cb (self);
}

/* ---- Widget ---- */

/* One under the other: side by side, the words of longer languages do not fit the card. */
static void
make_statuses (CytConceptCard *self)
{
  for (guint i = 0; i < CYT_N_STATUSES; i++)
    {
      GtkWidget *button = gtk_toggle_button_new ();
      GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
      GtkWidget *image = gtk_image_new_from_icon_name (cyt_status_get_icon_name (i));
      GtkWidget *label = gtk_label_new (cyt_status_get_label (i));
      g_autofree char *key = g_strdup_printf ("%u", i + 1);
      g_autofree char *hint = g_strdup_printf (_("%s (key %s)"), cyt_status_get_label (i), key);
      GtkWidget *shortcut = gtk_label_new (key);

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_widget_set_hexpand (label, TRUE);
      gtk_widget_add_css_class (shortcut, "key-hint");
      gtk_box_append (GTK_BOX (content), image);
      gtk_box_append (GTK_BOX (content), label);
      gtk_box_append (GTK_BOX (content), shortcut);
      gtk_button_set_child (GTK_BUTTON (button), content);
      gtk_widget_set_tooltip_text (button, hint);
      gtk_widget_add_css_class (button, "status-button");
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      cyt_status_get_label (i), -1);
      self->status[i] = GTK_TOGGLE_BUTTON (button);
      if (i > 0)
        gtk_toggle_button_set_group (self->status[i], self->status[0]);
      gtk_box_append (self->statuses, button);
      g_signal_connect_swapped (button, "toggled", G_CALLBACK (status_toggled_cb), self);
    }
}

static void
make_confidences (CytConceptCard *self)
{
  for (guint i = CYT_CONCEPT_CONFIDENCE_LOW; i <= CYT_CONCEPT_CONFIDENCE_HIGH; i++)
    {
      GtkWidget *button = gtk_toggle_button_new_with_label (cyt_status_get_confidence_label (i));
      g_autofree char *spoken = g_strdup_printf (_("Confidence: %s"), cyt_status_get_confidence_label (i));

      gtk_label_set_ellipsize (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button))), PANGO_ELLIPSIZE_END);
      gtk_widget_add_css_class (button, "status-button");
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
      self->confidence[i] = GTK_TOGGLE_BUTTON (button);
      gtk_box_append (self->confidences, button);
      g_signal_connect_swapped (button, "toggled", G_CALLBACK (confidence_toggled_cb), self);
    }
}

static void
cyt_concept_card_dispose (GObject *object)
{
  CytConceptCard *self = CYT_CONCEPT_CARD (object);
  GtkWidget *child;

  g_clear_handle_id (&self->save_source, g_source_remove);
  if (self->names != NULL)
    g_object_run_dispose (G_OBJECT (self->names));
  g_clear_object (&self->names);
  if (self->kinds != NULL)
    g_object_run_dispose (G_OBJECT (self->kinds));
  g_clear_object (&self->kinds);
  g_clear_object (&self->session);
  self->latent = -1;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (cyt_concept_card_parent_class)->dispose (object);
}

static void
cyt_concept_card_class_init (CytConceptCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cyt_concept_card_dispose;
  signals[DONE] = g_signal_new ("done", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/cytosae/Explorer/ui/cyt-concept-card.ui");
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, stack);
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, editors);
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, name);
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, proposals);
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, category);
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, categories);
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, statuses);
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, note);
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, confidences);
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, tags);
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, note_hint);
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, saved);
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, facts);
  gtk_widget_class_bind_template_child (widget_class, CytConceptCard, history);
  gtk_widget_class_bind_template_callback (widget_class, name_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, name_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, category_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, note_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, end_edit);
  gtk_widget_class_bind_template_callback (widget_class, tags_changed_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
cyt_concept_card_init (CytConceptCard *self)
{
  self->latent = -1;
  g_type_ensure (CYT_TYPE_CONCEPT_HISTORY);
  g_type_ensure (CYT_TYPE_LATENT_FACTS);
  g_type_ensure (CYT_TYPE_NAME_PROPOSALS);
  g_type_ensure (CYT_TYPE_TAG_EDITOR);
  gtk_widget_init_template (GTK_WIDGET (self));
  make_statuses (self);
  make_confidences (self);
  g_signal_connect_object (gtk_text_view_get_buffer (self->note), "insert-text", G_CALLBACK (note_insert_cb), self, 0);
}
