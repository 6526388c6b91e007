/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The concept card on a display: what it lets in, when it asks, what it hides. */
#include "config.h"

#include <adwaita.h>
#include <string.h>

#include "app-test-util.h"
#include "test-project-util.h"

#include "cyt-class-chart.h"
#include "cyt-concept-card.h"
#include "cyt-histogram-chart.h"
#include "cyt-neighbour-list.h"
#include "cyt-resources.h"
#include "cyt-tag-editor.h"
#include "project/cyt-project-attributes.h"

#define D_SAE 2000
#define N_CELLS 90

typedef struct
{
  char *path;
  CytSession *session;
  GtkWidget *window;
  CytConceptCard *card;
  guint n_asked;
} Fixture;

static char *home;

static GtkWidget *
find (GtkWidget *widget, GType type)
{
  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* The first toggle button of that word. */
static GtkWidget *
find_toggle (GtkWidget *widget, const char *label)
{
  if (GTK_IS_TOGGLE_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_toggle (child, label);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
has_class_shown (GtkWidget *widget, const char *style)
{
  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  if (gtk_widget_has_css_class (widget, style))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (has_class_shown (child, style))
      return TRUE;
  return FALSE;
}

static void
asked_cb (Fixture *f)
{
  f->n_asked++;
}

#define SUGGESTED 7 /* the latent for which names are proposed */

static void
add_suggestions (CytProject *project, gint64 dataset)
{
  g_autoptr (GPtrArray) attributes = g_ptr_array_new_with_free_func ((GDestroyNotify) cyt_image_attribute_free);
  g_autoptr (GArray) suggestions = g_array_new (FALSE, FALSE, sizeof (CytSuggestion));
  const CytSuggestion both[] = { { SUGGESTED, 0, 0, 0.9, 0.25, 0.5, 40, 10 }, { SUGGESTED, 0, 1, 0.8, 0.25, 0.5, 40, 10 } };
  CytImageAttribute *attribute = cyt_image_attribute_new ("granule_type");
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (attribute->values, g_strdup ("coarse"));
  g_ptr_array_add (attribute->values, g_strdup ("round"));
  g_ptr_array_add (attributes, attribute);
  cyt_image_attributes_fill (attributes, N_CELLS);
  g_array_append_vals (suggestions, both, G_N_ELEMENTS (both));
  g_assert_true (cyt_project_set_attributes (project, dataset, attributes, &error));
  g_assert_true (cyt_project_set_suggestions (project, dataset, suggestions, &error));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (CytImageList) list = cyt_test_make_image_list ("/data", N_CELLS);
  g_autoptr (CytTestIndexer) indexer = NULL;
  g_autoptr (CytProject) project = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = cyt_test_make_tmpdir ();

  f->path = g_build_filename (folder, "p.cytosae", NULL);
  project = cyt_test_create_project (f->path, D_SAE);
  cyt_dataset_free (cyt_project_add_dataset (project, "cells", "", 0.2, 5, list, &error));
  indexer = cyt_test_indexer_new (project, "cells", 30);
  g_assert_true (cyt_test_indexer_commit (indexer, N_CELLS, &error));
  g_assert_true (cyt_project_finish_index (project, indexer->dataset->id, NULL, &error));
  add_suggestions (project, indexer->dataset->id);
  f->session = cyt_session_new ();
  g_signal_connect_swapped (f->session, "rater-needed", G_CALLBACK (asked_cb), f);
  cyt_session_open (f->session, f->path);
  cyt_app_test_wait (cyt_session_get_state (f->session) == CYT_SESSION_OPEN);
  f->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 300, 1800);
  f->card = g_object_new (CYT_TYPE_CONCEPT_CARD, NULL);
  gtk_window_set_child (GTK_WINDOW (f->window), GTK_WIDGET (f->card));
  cyt_concept_card_set_session (f->card, f->session);
  gtk_window_present (GTK_WINDOW (f->window));
  cyt_app_test_wait (gtk_widget_get_mapped (GTK_WIDGET (f->card)));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_path_get_dirname (f->path);
  CytSession *session = f->session;

  gtk_window_destroy (GTK_WINDOW (f->window));
  g_object_add_weak_pointer (G_OBJECT (session), (gpointer *) &session);
  g_object_unref (session);
  cyt_app_test_wait (session == NULL); /* the card, and what it asked for, let it go */
  cyt_test_remove_tree (folder);
  g_free (f->path);
}

static void
select_latent (Fixture *f, guint latent)
{
  cyt_latent_model_set_selected (cyt_session_get_latents (f->session), latent);
}

static guint
find_silent (Fixture *f)
{
  for (guint k = 0; k < D_SAE; k++)
    if (cyt_latent_model_get_row (cyt_session_get_latents (f->session), k)->n_active == 0)
      return k;
  g_assert_not_reached ();
}

static guint
find_active (Fixture *f)
{
  guint k = 0;

  while (cyt_latent_model_get_row (cyt_session_get_latents (f->session), k)->n_active < 2)
    k++;
  return k;
}

static CytConcept *
read_concept (Fixture *f, guint latent)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CytProject) project = cyt_project_open (f->path, CYT_PROJECT_READ_ONLY, &error);

  g_assert_no_error (error);
  return cyt_project_get_concept (project, latent, &error);
}

/* The question for the rater keeps nothing waiting: what was typed is saved, and signed by the answer. */
static void
test_rater (Fixture *f, gconstpointer data)
{
  GtkWidget *name = find (GTK_WIDGET (f->card), GTK_TYPE_ENTRY);
  g_autoptr (CytConcept) shown = NULL;
  g_autoptr (CytConcept) stored = NULL;
  GtkStack *saved;

  select_latent (f, 7);
  cyt_concept_card_focus_name (f->card);
  gtk_editable_set_text (GTK_EDITABLE (name), "Granules");
  g_assert_cmpuint (f->n_asked, ==, 0);
  cyt_app_test_wait (f->n_asked == 1 && cyt_session_get_save_state (f->session) == CYT_SAVE_DONE);
  shown = read_concept (f, 7);
  g_assert_cmpstr (shown->name, ==, "Granules");
  g_assert_cmpstr (shown->rater, ==, "");
  cyt_session_set_rater (f->session, "Anna");
  cyt_app_test_wait (g_str_equal (cyt_latent_model_get_concept (cyt_session_get_latents (f->session), 7)->rater, "Anna"));
  stored = read_concept (f, 7);
  g_assert_cmpstr (stored->name, ==, "Granules");
  g_assert_cmpstr (stored->rater, ==, "Anna");

  /* What is typed on is not called saved before it is; typed back, it is as saved as before. */
  saved = GTK_STACK (gtk_widget_get_template_child (GTK_WIDGET (f->card), CYT_TYPE_CONCEPT_CARD, "saved"));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (saved), ==, "done");
  gtk_editable_set_text (GTK_EDITABLE (name), "Granules, coarse");
  g_assert_cmpint (cyt_session_get_save_state (f->session), ==, CYT_SAVE_DONE);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (saved), ==, "busy");
  gtk_editable_set_text (GTK_EDITABLE (name), "Granules");
  cyt_concept_card_commit (f->card);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (saved), ==, "done");
}

static CytConceptStatus
name_latent (Fixture *f, const char *name)
{
  g_autoptr (CytConcept) concept = NULL;

  gtk_editable_set_text (GTK_EDITABLE (find (GTK_WIDGET (f->card), GTK_TYPE_ENTRY)), name);
  cyt_concept_card_commit (f->card);
  concept = cyt_session_dup_concept (f->session, 7);
  g_assert_cmpstr (concept->name, ==, name);
  return concept->status;
}

/* Who names a latent proposes the name, in the same step of undo; what was decided stays. */
static void
test_named (Fixture *f, gconstpointer data)
{
  g_autoptr (CytConcept) undone = NULL;
  g_autoptr (CytConcept) again = NULL;
  g_autoptr (CytConcept) stored = NULL;

  cyt_session_set_rater (f->session, "Anna");
  select_latent (f, 7);
  g_assert_cmpint (name_latent (f, "Gran"), ==, CYT_CONCEPT_PROPOSED);
  g_assert_cmpint (name_latent (f, "Granules"), ==, CYT_CONCEPT_PROPOSED);
  cyt_session_undo (f->session);
  undone = cyt_session_dup_concept (f->session, 7);
  g_assert_cmpstr (undone->name, ==, "");
  g_assert_cmpint (undone->status, ==, CYT_CONCEPT_UNREVIEWED);
  cyt_session_redo (f->session);
  again = cyt_session_dup_concept (f->session, 7);
  g_assert_cmpstr (again->name, ==, "Granules");
  g_assert_cmpint (again->status, ==, CYT_CONCEPT_PROPOSED);
  cyt_app_test_wait (cyt_session_get_save_state (f->session) == CYT_SAVE_DONE);
  stored = read_concept (f, 7);
  g_assert_cmpint (stored->status, ==, CYT_CONCEPT_PROPOSED);

  g_assert_cmpint (name_latent (f, ""), ==, CYT_CONCEPT_UNREVIEWED);
  g_assert_cmpint (name_latent (f, "Smudge"), ==, CYT_CONCEPT_PROPOSED);
  cyt_concept_card_set_status (f->card, CYT_CONCEPT_CONFIRMED);
  g_assert_cmpint (name_latent (f, "Smudge cell"), ==, CYT_CONCEPT_CONFIRMED);
  g_assert_cmpint (name_latent (f, ""), ==, CYT_CONCEPT_CONFIRMED);
}

/* Notes take what the project takes; not a byte more, and no half letter. */
static void
test_note (Fixture *f, gconstpointer data)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (find (GTK_WIDGET (f->card), GTK_TYPE_TEXT_VIEW)));
  g_autofree char *text = g_strnfill (CYT_CONCEPT_MAX_NOTE - 1, 'a');
  g_autoptr (CytConcept) stored = NULL;
  GtkTextIter end;

  for (guint i = 60; i < CYT_CONCEPT_MAX_NOTE - 1; i += 60) /* one long line takes a text view seconds */
    text[i] = '\n';
  cyt_session_set_rater (f->session, "Anna");
  select_latent (f, 7);
  gtk_text_buffer_insert_at_cursor (buffer, text, -1);
  g_assert_cmpint (gtk_text_buffer_get_char_count (buffer), ==, CYT_CONCEPT_MAX_NOTE - 1);
  g_assert_false (has_class_shown (GTK_WIDGET (f->card), "error"));
  gtk_text_buffer_insert_at_cursor (buffer, "ä", -1);
  g_assert_cmpint (gtk_text_buffer_get_char_count (buffer), ==, CYT_CONCEPT_MAX_NOTE - 1);
  cyt_app_test_wait (has_class_shown (GTK_WIDGET (f->card), "error"));
  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_insert (buffer, &end, "bä", -1);
  g_assert_cmpint (gtk_text_buffer_get_char_count (buffer), ==, CYT_CONCEPT_MAX_NOTE);
  g_assert_true (gtk_text_iter_is_end (&end));
  cyt_concept_card_commit (f->card);
  cyt_app_test_wait (cyt_session_get_save_state (f->session) == CYT_SAVE_DONE);
  stored = read_concept (f, 7);
  g_assert_cmpuint (strlen (stored->note), ==, CYT_CONCEPT_MAX_NOTE);
  select_latent (f, 8);
  g_assert_cmpint (gtk_text_buffer_get_char_count (buffer), ==, 0);
  cyt_app_test_wait (!has_class_shown (GTK_WIDGET (f->card), "error"));
}

static CytConceptConfidence
get_confidence (Fixture *f, guint latent)
{
  g_autoptr (CytConcept) concept = cyt_session_dup_concept (f->session, latent);

  return concept->confidence;
}

static void
test_confidence (Fixture *f, gconstpointer data)
{
  GtkToggleButton *low = GTK_TOGGLE_BUTTON (find_toggle (GTK_WIDGET (f->card), "Low"));
  GtkToggleButton *high = GTK_TOGGLE_BUTTON (find_toggle (GTK_WIDGET (f->card), "High"));

  cyt_session_set_rater (f->session, "Anna");
  select_latent (f, 7);
  gtk_toggle_button_set_active (low, TRUE);
  g_assert_cmpint (get_confidence (f, 7), ==, CYT_CONCEPT_CONFIDENCE_LOW);
  gtk_toggle_button_set_active (high, TRUE);
  g_assert_cmpint (get_confidence (f, 7), ==, CYT_CONCEPT_CONFIDENCE_HIGH);
  g_assert_false (gtk_toggle_button_get_active (low));
  select_latent (f, 8);
  g_assert_false (gtk_toggle_button_get_active (high));
  select_latent (f, 7);
  g_assert_true (gtk_toggle_button_get_active (high));
  gtk_toggle_button_set_active (high, FALSE);
  g_assert_cmpint (get_confidence (f, 7), ==, CYT_CONCEPT_CONFIDENCE_NONE);
  cyt_session_undo (f->session);
  g_assert_true (gtk_toggle_button_get_active (high));
}

static void
test_tags (Fixture *f, gconstpointer data)
{
  GtkWidget *editor = find (GTK_WIDGET (f->card), CYT_TYPE_TAG_EDITOR);
  GtkWidget *entry = find (editor, GTK_TYPE_ENTRY);
  g_autofree char *long_text = g_strnfill (250, 'x');

  cyt_session_set_rater (f->session, "Anna");
  select_latent (f, 7);
  gtk_editable_set_text (GTK_EDITABLE (entry), "granules;blast");
  cyt_concept_card_commit (f->card);
  g_assert_cmpstr (cyt_tag_editor_get_tags (CYT_TAG_EDITOR (editor)), ==, "blast;granules");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "");
  gtk_editable_set_text (GTK_EDITABLE (entry), "left");
  select_latent (f, 8); /* what was typed belongs to the latent it was typed for */
  g_assert_cmpstr (cyt_tag_editor_get_tags (CYT_TAG_EDITOR (editor)), ==, "");
  select_latent (f, 7);
  g_assert_cmpstr (cyt_tag_editor_get_tags (CYT_TAG_EDITOR (editor)), ==, "blast;granules;left");
  g_signal_emit_by_name (find (editor, GTK_TYPE_BUTTON), "clicked");
  g_assert_cmpstr (cyt_tag_editor_get_tags (CYT_TAG_EDITOR (editor)), ==, "granules;left");
  for (guint i = 0; i < 4; i++)
    {
      long_text[0] = 'a' + i;
      gtk_editable_set_text (GTK_EDITABLE (entry), long_text);
      cyt_tag_editor_commit (CYT_TAG_EDITOR (editor));
    }
  g_assert_cmpuint (strlen (cyt_tag_editor_get_tags (CYT_TAG_EDITOR (editor))), <=, CYT_CONCEPT_MAX_NAME);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, long_text); /* kept, and said */
  cyt_app_test_wait (has_class_shown (editor, "error"));
}

static void
test_facts (Fixture *f, gconstpointer data)
{
  GtkWidget *histogram = find (GTK_WIDGET (f->card), CYT_TYPE_HISTOGRAM_CHART);
  GtkWidget *classes = find (GTK_WIDGET (f->card), CYT_TYPE_CLASS_CHART);
  GtkWidget *coactive = find (GTK_WIDGET (f->card), CYT_TYPE_NEIGHBOUR_LIST);
  guint active = find_active (f), silent = find_silent (f);
  GtkWidget *list = find (coactive, GTK_TYPE_LIST_BOX);
  gint64 other;

  select_latent (f, active);
  cyt_app_test_wait (gtk_widget_get_mapped (histogram) && gtk_widget_get_mapped (classes)
                     && gtk_widget_get_mapped (list));
  g_assert_false (has_class_shown (GTK_WIDGET (f->card), "notice"));
  /* a row leads to its latent */
  g_signal_emit_by_name (list, "row-activated", gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0));
  other = cyt_latent_model_get_selected (cyt_session_get_latents (f->session));
  g_assert_cmpint (other, !=, active);
  cyt_app_test_wait (gtk_widget_get_mapped (list));
  select_latent (f, silent);
  cyt_app_test_wait (has_class_shown (GTK_WIDGET (f->card), "notice"));
  g_assert_false (gtk_widget_get_mapped (histogram));
  g_assert_false (gtk_widget_get_mapped (classes));
  g_assert_false (gtk_widget_get_mapped (list));
}

static GtkWidget *
find_suggestion (GtkWidget *widget, const char *name)
{
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (g_object_get_data (G_OBJECT (widget), "name"), name) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_suggestion (child, name);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* The first that is accepted is the name, the next a tag; both are undone like any edit. The key accepts the first. */
static void
test_suggestions (Fixture *f, gconstpointer data)
{
  g_autoptr (CytConcept) first = NULL, second = NULL, third = NULL, fourth = NULL;

  cyt_session_set_rater (f->session, "Anna");
  select_latent (f, SUGGESTED + 1);
  g_assert_null (find_suggestion (GTK_WIDGET (f->card), "granule type: coarse"));
  select_latent (f, SUGGESTED);
  g_signal_emit_by_name (find_suggestion (GTK_WIDGET (f->card), "granule type: coarse"), "clicked");
  cyt_app_test_wait (cyt_session_get_save_state (f->session) == CYT_SAVE_DONE);
  first = read_concept (f, SUGGESTED);
  g_assert_cmpstr (first->name, ==, "granule type: coarse");
  g_assert_cmpint (first->status, ==, CYT_CONCEPT_PROPOSED);
  g_assert_cmpstr (first->rater, ==, "Anna");
  g_signal_emit_by_name (find_suggestion (GTK_WIDGET (f->card), "granule type: round"), "clicked");
  cyt_app_test_wait (cyt_session_get_save_state (f->session) == CYT_SAVE_DONE);
  second = read_concept (f, SUGGESTED);
  g_assert_cmpstr (second->name, ==, "granule type: coarse");
  g_assert_cmpstr (second->tags, ==, "granule type: round");
  cyt_session_undo (f->session);
  cyt_session_undo (f->session);
  cyt_app_test_wait (cyt_session_get_save_state (f->session) == CYT_SAVE_DONE);
  third = read_concept (f, SUGGESTED);
  g_assert_cmpstr (third->name, ==, "");
  g_assert_cmpstr (third->tags, ==, "");
  g_assert_cmpint (third->status, ==, CYT_CONCEPT_UNREVIEWED);
  cyt_concept_card_accept_proposal (f->card);
  cyt_app_test_wait (cyt_session_get_save_state (f->session) == CYT_SAVE_DONE);
  fourth = read_concept (f, SUGGESTED);
  g_assert_cmpstr (fourth->name, ==, "granule type: coarse");
}

int
main (int argc, char *argv[])
{
  int status;

  home = cyt_test_make_tmpdir ();
  cyt_app_test_use_home (home);
  g_test_init (&argc, &argv, NULL);
  g_resources_register (cyt_get_resource ());
  adw_init ();
#define ADD(name, func) g_test_add ("/concept-card/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("rater", test_rater);
  ADD ("named", test_named);
  ADD ("note", test_note);
  ADD ("confidence", test_confidence);
  ADD ("tags", test_tags);
  ADD ("facts", test_facts);
  ADD ("suggestions", test_suggestions);
  status = g_test_run ();
  cyt_test_remove_tree (home);
  g_free (home);
  return status;
}
