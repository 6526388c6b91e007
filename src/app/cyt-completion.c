/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "cyt-completion.h"

#define N_WORDS 8

struct _CytCompletion
{
  GObject parent_instance;

  GtkWidget *parent;
  GtkEditable *entry;
  CytCompletionFunc list_words;
  gpointer user_data;
  GtkWidget *popover;       /* a child of parent */
  GtkListBox *list;
  gboolean choosing;        /* the entry changes by us */
};

enum
{
  CHOSEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CytCompletion, cyt_completion, G_TYPE_OBJECT)

/* ---- Which words ---- */

static gboolean
begins_a_word (char *const *folded, const char *start)
{
  for (guint i = 0; folded[i] != NULL; i++)
    if (g_str_has_prefix (folded[i], start))
      return TRUE;
  return FALSE;
}

static gboolean
matches (const char *word, char *const *starts)
{
  g_auto (GStrv) folded = g_str_tokenize_and_fold (word, NULL, NULL);

  for (guint i = 0; starts[i] != NULL; i++)
    if (!begins_a_word (folded, starts[i]))
      return FALSE;
  return TRUE;
}

GStrv
cyt_completion_match (const char *const *words, const char *typed, guint n)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) starts = g_str_tokenize_and_fold (typed, NULL, NULL);
  guint n_found = 0;

  for (guint i = 0; starts[0] != NULL && words[i] != NULL && n_found < n; i++)
    if (strcmp (words[i], typed) != 0 && matches (words[i], starts))
      {
        g_strv_builder_add (builder, words[i]);
        n_found++;
      }
  return g_strv_builder_end (builder);
}

/* ---- Popover ---- */

static gboolean
is_open (CytCompletion *self)
{
  return gtk_widget_get_visible (self->popover);
}

static void
fill (CytCompletion *self, char *const *words)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, child);
  for (guint i = 0; words[i] != NULL; i++)
    {
      GtkWidget *label = gtk_label_new (words[i]);

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_list_box_append (self->list, label);
      gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (label)), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      words[i], -1);
    }
}

static void
open_popover (CytCompletion *self)
{
  graphene_rect_t bounds;

  if (!gtk_widget_compute_bounds (GTK_WIDGET (self->entry), self->parent, &bounds))
    return;
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover),
                               &(GdkRectangle){ (int) bounds.origin.x, (int) bounds.origin.y,
                                                (int) bounds.size.width, (int) bounds.size.height });
  gtk_widget_set_size_request (self->popover, (int) bounds.size.width, -1);
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

static gboolean
has_focus (CytCompletion *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self->entry));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  return focus != NULL && (focus == GTK_WIDGET (self->entry) || gtk_widget_is_ancestor (focus, GTK_WIDGET (self->entry)));
}

static void
changed_cb (CytCompletion *self)
{
  g_auto (GStrv) words = NULL;
  g_auto (GStrv) fitting = NULL;

  if (self->choosing)
    return;
  if (!has_focus (self)) /* it changes by program */
    {
      gtk_popover_popdown (GTK_POPOVER (self->popover));
      return;
    }
  words = self->list_words (self->user_data);
  fitting = cyt_completion_match ((const char *const *) words, gtk_editable_get_text (self->entry), N_WORDS);
  fill (self, fitting);
  if (fitting[0] != NULL)
    open_popover (self);
  else
    gtk_popover_popdown (GTK_POPOVER (self->popover));
}

static void
choose (CytCompletion *self, GtkListBoxRow *row)
{
  self->choosing = TRUE;
  gtk_editable_set_text (self->entry, gtk_label_get_label (GTK_LABEL (gtk_list_box_row_get_child (row))));
  gtk_editable_set_position (self->entry, -1);
  self->choosing = FALSE;
  gtk_popover_popdown (GTK_POPOVER (self->popover));
  g_signal_emit (self, signals[CHOSEN], 0);
}

static void
row_activated_cb (CytCompletion *self, GtkListBoxRow *row)
{
  choose (self, row);
}

static void
step (CytCompletion *self, int direction)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);
  int i = row != NULL ? gtk_list_box_row_get_index (row) + direction : direction > 0 ? 0 : -1;

  /* before the first one, nothing is chosen again */
  row = i >= 0 ? gtk_list_box_get_row_at_index (self->list, i) : NULL;
  if (row != NULL || i < 0)
    gtk_list_box_select_row (self->list, row);
}

static gboolean
key_cb (CytCompletion *self, guint key, guint code, GdkModifierType state)
{
  GtkListBoxRow *row;

  if (!is_open (self))
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      step (self, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      step (self, -1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      row = gtk_list_box_get_selected_row (self->list);
      if (row == NULL)
        {
          gtk_popover_popdown (GTK_POPOVER (self->popover));
          return GDK_EVENT_PROPAGATE;
        }
      choose (self, row);
      return GDK_EVENT_PROPAGATE; /* the entry ends with it: what comes next is not text */
    case GDK_KEY_Escape:
      gtk_popover_popdown (GTK_POPOVER (self->popover));
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
leave_cb (CytCompletion *self)
{
  gtk_popover_popdown (GTK_POPOVER (self->popover));
}

CytCompletion *
cyt_completion_new (GtkWidget *parent, GtkEditable *entry, CytCompletionFunc list_words, gpointer user_data)
{
  CytCompletion *self = g_object_new (CYT_TYPE_COMPLETION, NULL);
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->parent = parent;
  self->entry = entry;
  self->list_words = list_words;
  self->user_data = user_data;
  gtk_widget_set_parent (self->popover, parent);
  g_signal_connect_object (entry, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (entry), keys);
  g_signal_connect_object (focus, "leave", G_CALLBACK (leave_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (entry), focus);
  return self;
}

static void
cyt_completion_dispose (GObject *object)
{
  CytCompletion *self = CYT_COMPLETION (object);

  g_clear_pointer (&self->popover, gtk_widget_unparent);
  G_OBJECT_CLASS (cyt_completion_parent_class)->dispose (object);
}

static void
cyt_completion_class_init (CytCompletionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cyt_completion_dispose;
  signals[CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
}

static void
cyt_completion_init (CytCompletion *self)
{
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_widget_set_focusable (GTK_WIDGET (self->list), FALSE);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (row_activated_cb), self, G_CONNECT_SWAPPED);
  self->popover = gtk_popover_new ();
  gtk_popover_set_autohide (GTK_POPOVER (self->popover), FALSE);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->popover), FALSE);
  gtk_popover_set_position (GTK_POPOVER (self->popover), GTK_POS_BOTTOM);
  gtk_widget_add_css_class (self->popover, "completion");
  gtk_popover_set_child (GTK_POPOVER (self->popover), GTK_WIDGET (self->list));
}
